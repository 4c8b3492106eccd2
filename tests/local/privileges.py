"""Compares what each function did, while the tests ran on a stack, with what its role allows: nothing is missing, and
nothing is there that no test needs.

usage: stack.py run sh -c 'COMMAND && python tests/local/privileges.py'
"""

import fnmatch
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3

import gaps
import stack

# Those that SAM gives a function so that it can log, and be called by its queue or its stream. They are AWS's own.
OF_SAM = ("AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole", "AWSLambdaDynamoDBExecutionRole")


class Permission(NamedTuple):
    """What a statement allows a function: one action on one resource, each possibly a pattern."""

    function: str
    action: str
    resource: str


class Call(NamedTuple):
    """What a function did, or tried to do."""

    function: str
    action: str
    resource: str
    decision: str

    def is_by(self, permission: Permission) -> bool:
        return (
            self.function == permission.function
            and fnmatch.fnmatchcase(self.action.lower(), permission.action.lower())
            and fnmatch.fnmatchcase(self.resource, permission.resource)
        )


def main() -> int:
    file = Path(os.environ["ONWARD_STACK"])
    deployed = gaps.Deployed(stack.STACK)
    functions = {physical: logical for logical, physical in deployed.names.items() if logical.endswith("Function")}
    permissions = [permission for name in functions.values() for permission in permissions_of(deployed, name)]
    calls = [call for line in file.with_name(stack.CALLS).open() if (call := read(json.loads(line), functions))]

    problems = [f"{call.function} may not {call.action} on {call.resource}, and tried to" for call in calls if call.decision != "allowed"]
    problems += [
        f"{function} may {action} on {resource}, and no test needs it"
        for function, action, resource in permissions
        if not any(call.is_by(Permission(function, action, resource)) for call in calls)
    ]
    problems += [f"{name} called nothing: nobody checked what it may do" for name in sorted(functions.values()) if name not in {call.function for call in calls}]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(functions)} functions have {len(permissions)} permissions")
    return 1 if problems else 0


def read(line: dict[str, str], functions: dict[str, str]) -> Call | None:
    """A call, if it is of a function: its name is that of its role's session."""
    session = line["principal"].rsplit("/", 1)[-1]
    function = functions.get(session)
    return Call(function, line["action"], line["resource"], line["decision"]) if function else None


def permissions_of(deployed: gaps.Deployed, function: str) -> Iterator[Permission]:
    for statement in statements_of(deployed.names[f"{function}Role"]):
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                yield Permission(function, action, resource)


def statements_of(role: str) -> Iterator[dict[str, Any]]:
    iam = boto3.client("iam")
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield from listed(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"])
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        if policy["PolicyName"] in OF_SAM:
            continue
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)["PolicyVersion"]["Document"]
        yield from listed(document["Statement"])


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    sys.exit(main())
