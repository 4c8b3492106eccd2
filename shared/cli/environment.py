"""What `onward` must know of a stack on AWS, and who calls: `make environment` prints it for a shell to evaluate.

usage: environment.py STACK
"""

import shlex
import sys

import boto3


def main(stack: str) -> None:
    session = boto3.Session()
    # Every function is told the same names.
    pages = session.client("lambda").get_paginator("list_functions").paginate()
    functions = [function for page in pages for function in page["Functions"]]
    ours = [function for function in functions if function["FunctionName"].startswith(f"{stack}-ConsoleFunction-")]
    if not ours:
        raise SystemExit(f"there is no stack `{stack}` in {session.region_name}")
    credentials = session.get_credentials().get_frozen_credentials()
    variables = ours[0]["Environment"]["Variables"] | {
        "AWS_LAMBDA_LOG_GROUP_NAME": ours[0]["LoggingConfig"]["LogGroup"],
        "AWS_REGION": session.region_name,
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token or "",
    }
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main(sys.argv[1])
