"""What ministack leaves out of the template, made after the deploy through the same public APIs as on AWS."""

import json
import re
from pathlib import Path
from typing import Any

import boto3

METHOD_ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"


class Deployed:
    """The template as deployed, and the names that its resources were given."""

    def __init__(self, stack: str) -> None:
        cloudformation = boto3.client("cloudformation")
        template = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
        self.template: dict[str, Any] = json.loads(template) if isinstance(template, str) else template
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        self.names = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
        }
        parameters = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Parameters"]
        self.values = self.names | {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in parameters}
        self.values |= {
            "AWS::AccountId": boto3.client("sts").get_caller_identity()["Account"],
            "AWS::Partition": "aws",
            "AWS::Region": cloudformation.meta.region_name,
            "AWS::StackName": stack,
        }

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of a type, by their names."""
        return {
            self.names[logical]: resource.get("Properties", {})
            for logical, resource in self.template["Resources"].items()
            if resource["Type"] == kind and logical in self.names
        }

    def resolve(self, value: Any) -> Any:
        """The value with `Ref`, `Fn::Sub` and a function's `Fn::GetAtt Arn` worked out."""
        match value:
            case [*items]:
                return [self.resolve(item) for item in items]
            case {"Ref": name}:
                return self.values[name]
            case {"Fn::GetAtt": [name, "Arn"]}:
                return f"arn:aws:lambda:{self.values['AWS::Region']}:{self.values['AWS::AccountId']}:function:{self.names[name]}"
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self.substitute(found[1]), text)
            case dict():
                return {key: self.resolve(item) for key, item in value.items()}
        return value

    def substitute(self, name: str) -> str:
        return str(self.resolve({"Fn::GetAtt": name.split(".")} if "." in name else {"Ref": name}))


def make_routes(deployed: Deployed) -> None:
    """SAM writes the routes of its HttpApi events into the API's `Body`, which ministack does not read."""
    gateway = boto3.client("apigatewayv2")
    for api, properties in deployed.of_type("AWS::ApiGatewayV2::Api").items():
        for path, methods in properties["Body"]["paths"].items():
            for method, operation in methods.items():
                integration = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=deployed.resolve(operation[INTEGRATION]["uri"]),
                    PayloadFormatVersion=operation[INTEGRATION]["payloadFormatVersion"],
                )
                verb = "ANY" if method == METHOD_ANY else method.upper()
                target = f"integrations/{integration['IntegrationId']}"
                gateway.create_route(ApiId=api, RouteKey=f"{verb} {path}", Target=target)


def configure_buckets(deployed: Deployed) -> None:
    """ministack makes the buckets, without their object lock and their lifecycle."""
    s3 = boto3.client("s3")
    for bucket, properties in deployed.of_type("AWS::S3::Bucket").items():
        if lock := deployed.resolve(properties.get("ObjectLockConfiguration")):
            retention = lock["Rule"]["DefaultRetention"]
            retention["Years"] = int(retention["Years"])
            s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=lock)
        if lifecycle := deployed.resolve(properties.get("LifecycleConfiguration")):
            rules = [
                {
                    "Status": rule["Status"],
                    "Filter": {"Prefix": rule.get("Prefix", "")},
                    "Expiration": {"Days": int(rule["ExpirationInDays"])},
                }
                for rule in lifecycle["Rules"]
                if "ExpirationInDays" in rule
            ]
            s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def tell_where_things_are(deployed: Deployed, api: str, layer: Path) -> None:
    """The address that the emulator gives an API is none that a machine can resolve, and is not known before the deploy. And
    functions are processes of this machine, without a layer at `/opt`."""
    functions = boto3.client("lambda")
    for function, properties in deployed.of_type("AWS::Lambda::Function").items():
        variables = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        moved = {name: value.replace("/opt", str(layer), 1) for name, value in variables.items() if value.startswith("/opt/")}
        if "PUBLIC_URL" in properties["Environment"]["Variables"]:
            moved["PUBLIC_URL"] = api
        if moved:
            functions.update_function_configuration(FunctionName=function, Environment={"Variables": variables | moved})


def verify_sender(deployed: Deployed) -> None:
    """On AWS a person does this once, by answering a mail."""
    boto3.client("sesv2").create_email_identity(EmailIdentity=deployed.values["MailFrom"])


def put_secrets(stack: str, file: Path) -> None:
    """On AWS a person does this, for each shop and supplier."""
    parameters = boto3.client("ssm")
    for name, secret in json.loads(file.read_text()).items():
        parameters.put_parameter(Name=f"/onward/{stack}/{name}", Value=secret, Type="SecureString", Overwrite=True)
