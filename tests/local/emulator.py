"""ministack with a few adjustments, none of which a function could tell from AWS.

usage: emulator.py CALLS [attached]    with `attached`, it ends when its standard input does

It writes to the file CALLS, once each, what the functions called and whether their roles allow it.
"""

import email.utils
import http.server
import json
import logging
import sys
from pathlib import Path
from typing import Any

from ministack.core import iam_actions, iam_evaluator, lambda_runtime

import lifeline


def answer_functions_at_once() -> None:
    """Takes out the waits that cost each invocation some 90 ms: delayed packets, and patience for log lines."""
    http.server.BaseHTTPRequestHandler.disable_nagle_algorithm = True
    for worker in (lambda_runtime.Worker, lambda_runtime.ProvidedWorker):
        if drain := worker.__dict__.get("_drain_stderr_bounded"):
            drain.__defaults__ = (0.005, 0.002, 0.250)


def authorize_what_is_named() -> None:
    """Reading secrets and sending mail would be checked against `*`; AWS checks what they name, as our policies do."""
    resource_of = iam_actions.extract_resource_arn

    def named_resource(*call: Any) -> str:
        service, _method, _path, _headers, body, _query, region, account = call
        resource = str(resource_of(*call))
        if resource == "*" and service in ("ses", "ssm") and body.startswith(b"{"):
            request = json.loads(body)
            if folder := request.get("Path"):
                return f"arn:aws:ssm:{region}:{account}:parameter{folder.rstrip('/')}"
            if sender := request.get("FromEmailAddress"):
                return f"arn:aws:ses:{region}:{account}:identity/{email.utils.parseaddr(sender)[1]}"
        return resource

    iam_actions.extract_resource_arn = named_resource


def authorize_batches_as_their_messages() -> None:
    """IAM knows no action for sending a batch: who may send a message may send ten."""
    action_of = iam_actions.extract_iam_action

    def known_action(*call: Any, **named: Any) -> Any:
        action = action_of(*call, **named)
        return "sqs:SendMessage" if action == "sqs:SendMessageBatch" else action

    iam_actions.extract_iam_action = known_action


def keep_recipients_out_of_the_log() -> None:
    """It would log to whom mails and texts go; tests search its log for what functions should not have said."""
    for service in ("ses", "ses-v2", "sns"):
        logging.getLogger(service).setLevel(logging.WARNING)


def write_down_what_roles_do(file: Path) -> None:
    """One line of JSON for each role session, action and resource, and whether it was allowed, when it is new."""
    enforce, identity_of = iam_evaluator.enforce, iam_evaluator.resolve_caller_identity
    known: set[tuple[str, ...]] = set()
    lines = file.open("w", buffering=1)

    def enforce_and_write(key: str, action: str, service: str, region: str, resource_arn: str = "*", **named: Any) -> Any:
        denied = enforce(key, action, service, region, resource_arn=resource_arn, **named)
        call = (key, action, resource_arn, "denied" if denied else "allowed")
        if call not in known:
            known.add(call)
            principal = (identity_of(key) or {}).get("userArn", "")
            if ":assumed-role/" in principal:
                lines.write(json.dumps(dict(zip(("principal", "action", "resource", "decision"), (principal, *call[1:])))) + "\n")
        return denied

    iam_evaluator.enforce = enforce_and_write


if __name__ == "__main__":
    answer_functions_at_once()
    authorize_what_is_named()
    authorize_batches_as_their_messages()
    keep_recipients_out_of_the_log()
    write_down_what_roles_do(Path(sys.argv[1]))
    if sys.argv[2:] == ["attached"]:
        lifeline.end_with_input()
    del sys.argv[1:]

    from ministack.app import main

    main()
