"""Compares what each function did, while tests ran on a stack, with what its role allows: nothing is missing, and nothing
is there that no test needs. Then tries with each function's own credentials to change and to delete facts.

usage: stack.py run sh -c 'COMMAND && python tests/local/privileges.py'

Where a statement names several resources and tests need not come to each, `Metadata: ExercisedInPart` of its resource in
the template says why, by action. What a function needs only after somebody died at the right moment, which no run does for certain,
`Metadata: ExercisedByChance` of the function says, by action.
"""

import fnmatch
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import botocore.exceptions

import gaps
import stack

# Those that SAM gives a function so that it can log, and so that its queue or its stream can call it and tell of failures.
OF_SAM = (
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "SQSPolicy",
)


class Permission(NamedTuple):
    """What a statement allows a function: an action on resources, each possibly a pattern, or on all but these."""

    function: str
    action: str
    resources: list[str]
    is_all_but: bool
    needs_all: bool


class Call(NamedTuple):
    """What a function did, or tried to do."""

    function: str
    action: str
    resource: str
    is_allowed: bool


def main() -> int:
    described = json.loads(Path(os.environ["ONWARD_STACK"]).read_text())
    deployed = gaps.Deployed(stack.STACK)
    functions = {deployed.names[name]: name for name in deployed.names if name.endswith("Function")}
    permissions = [permission for name in functions.values() for permission in permissions_of(deployed, name)]
    calls = list(read_calls(Path(os.environ["ONWARD_STACK"]).with_name(stack.CALLS), functions))

    problems = [f"{call.function} may not {call.action} on {call.resource}, and tried" for call in calls if not call.is_allowed]
    for permission in permissions:
        problems += unneeded(permission, calls)
    for physical, name in functions.items():
        problems += changes_of_facts(described, deployed, physical, name)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(functions)} functions have {len(permissions)} permissions; {len(problems)} problems")
    return 1 if problems else 0


def read_calls(file: Path, functions: dict[str, str]) -> Iterator[Call]:
    """The calls of functions: each is named by its role's session."""
    for line in file.open():
        call = json.loads(line)
        if function := functions.get(call["principal"].rsplit("/", 1)[-1]):
            yield Call(function, call["action"], call["resource"], call["decision"] == "allowed")


def unneeded(permission: Permission, calls: list[Call]) -> list[str]:
    function, action, resources, is_all_but, needs_all = permission
    done = [call.resource for call in calls if (call.function, call.action.lower()) == (function, action.lower())]
    if is_all_but:
        others = [resource for resource in done if not any(fnmatch.fnmatch(resource, known) for known in resources)]
        return [] if others else [f"{function} may {action} on all but {', '.join(resources)}, and no test needs it"]
    idle = [resource for resource in resources if not fnmatch.filter(done, resource)]
    is_enough = not idle if needs_all else len(idle) < len(resources)
    return [] if is_enough else [f"{function} may {action} on {resource}, and no test needs it" for resource in idle]


def permissions_of(deployed: gaps.Deployed, function: str) -> Iterator[Permission]:
    by_chance = deployed.template["Resources"][function].get("Metadata", {}).get("ExercisedByChance", {})
    for owner, statement in statements_of(deployed, function):
        in_part = deployed.template["Resources"][owner].get("Metadata", {}).get("ExercisedInPart", {})
        for action in listed(statement["Action"]):
            is_all_but = "NotResource" in statement
            resources = listed(statement["NotResource" if is_all_but else "Resource"])
            if action not in by_chance:
                yield Permission(function, action, resources, is_all_but, action not in in_part)


def statements_of(deployed: gaps.Deployed, function: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement that holds for a function, and the resource of the template that it stands at."""
    iam = boto3.client("iam")
    role = deployed.names[f"{function}Role"]
    logical = {physical: name for name, physical in deployed.names.items()}
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        if name.endswith(OF_SAM):
            continue
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        yield from ((function, statement) for statement in listed(document["Statement"]))
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        if policy["PolicyName"] in OF_SAM:
            continue
        arn = policy["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        yield from ((logical[arn], statement) for statement in listed(document["Statement"]))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# ── Facts are only ever added ────────────────────────────────────────────────────────────────────────────────────


def changes_of_facts(described: stack.Description, deployed: gaps.Deployed, physical: str, function: str) -> list[str]:
    """What the function could do to a fact. If IAM were not enforced it could do it all, and so that would be noticed."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "-", function.removesuffix("Function")).lower()
    event = (stack.ROOT / "events" / f"{name}.json").read_bytes()
    boto3.client("lambda").invoke(FunctionName=physical, Payload=event)  # So that there is a process with its credentials.
    dynamodb = boto3.client("dynamodb", **credentials(described, physical))
    table = deployed.names["Events"]
    key = {"pk": {"S": "nobody/0"}, "sk": {"N": "1"}}
    attempts: dict[str, Callable[[], Any]] = {
        "update a fact": lambda: dynamodb.update_item(TableName=table, Key=key),
        "delete a fact": lambda: dynamodb.delete_item(TableName=table, Key=key),
        "delete a fact in a batch": lambda: dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key}}]}),
        "delete a fact in a transaction": lambda: dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": key}}]),
        "update a fact in a transaction": lambda: dynamodb.transact_write_items(
            TransactItems=[{"Update": {"TableName": table, "Key": key, "UpdateExpression": "REMOVE f"}}]
        ),
        "delete a fact in PartiQL": lambda: dynamodb.execute_statement(Statement=f"DELETE FROM \"{table}\" WHERE pk='nobody/0' AND sk=1"),
        "delete the table of facts": lambda: dynamodb.delete_table(TableName=table),
    }
    return [f"{function} may {what}" for what, attempt in attempts.items() if not is_denied(attempt)]


def is_denied(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    return False


def credentials(described: stack.Description, physical: str) -> dict[str, str]:
    """What a running process of the function has in its environment."""
    emulator = next(pid for pid, program in described["pids"].items() if program == "emulator.py")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            variables = dict(
                variable.split("=", 1) for variable in (folder / "environ").read_text().split("\0") if "=" in variable
            )
        except OSError:
            continue  # It has ended meanwhile, or is another user's.
        if parent == emulator and variables.get("AWS_LAMBDA_FUNCTION_NAME") == physical:
            return {
                "aws_access_key_id": variables["AWS_ACCESS_KEY_ID"],
                "aws_secret_access_key": variables["AWS_SECRET_ACCESS_KEY"],
                "aws_session_token": variables["AWS_SESSION_TOKEN"],
            }
    raise SystemExit(f"no process runs {physical}")


if __name__ == "__main__":
    sys.exit(main())
