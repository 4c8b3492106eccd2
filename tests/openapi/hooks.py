"""Gets schemathesis past the doors: names what exists, and signs as a shop, a supplier or an operator would. Now and then
it does not, so that both sides of each door are seen."""

import base64
import hashlib
import hmac
import itertools
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import requests
import schemathesis

# What `properties.py` found out before it started schemathesis.
KNOWN = json.loads(os.environ["ONWARD_KNOWN"])
SECRETS = KNOWN["secrets"]
SHOPS = {"shopify": "alpenshop", "woocommerce": "teahouse", "onward": "onward-direct"}
SUPPLIER = "nordwaren"
# What a customer's link is signed for, by the page that it opens.
PURPOSES = {"returns": "return", "track": "track"}

# How often each operation got this far, by its hook.
TURNS: dict[str, Iterator[int]] = defaultdict(itertools.count)


def is_spared(of: str) -> bool:
    """Whether it is left as it was generated: every fourth is, the same in each run."""
    return next(TURNS[of]) % 4 == 1


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Names things that exist."""
    if not path_parameters or is_spared(f"path of {context.operation.label}"):
        return path_parameters
    match context.operation.path.split("/")[1]:
        case "webhooks":
            # Two of three are ours, whose good body we know: other numbers than the body's turns, so that they meet.
            is_ours = path_parameters["kind"] not in SHOPS or next(TURNS["kind of webhook"]) % 3 > 0
            kind = "onward" if is_ours else path_parameters["kind"]
            return {"kind": kind, "shop": SHOPS[kind]}
        case "suppliers":
            return {"supplier": SUPPLIER}
        case "answers":
            return {"token": KNOWN["token"]}
        case "returns" | "track" as page if "token" in path_parameters:
            return {"token": customer_token(f"customer-{PURPOSES[page]}")}
        case "orders":
            shop, number = KNOWN["order"].split("/")
            return path_parameters | {"shop": shop, "number": number}
    return path_parameters


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Chance alone hardly makes an order: where we know a good body, all but one field of it are good."""
    good = KNOWN["bodies"].get(context.operation.path)
    if not good or not isinstance(body, dict) or is_spared(f"body of {context.operation.label}"):
        return body
    field = next(iter(body), None)
    is_whole = field is None or next(TURNS[f"good body of {context.operation.label}"]) % 2 == 0
    return good if is_whole else good | {field: body[field]}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Signs last, for a signature is over the bytes as they are sent."""
    if "auth" not in kwargs:
        kwargs["auth"] = Credentials(case.operation, case.path_parameters or {})


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Keeps what was answered, so that `properties.py` can tell whether each door was ever open."""
    with open(KNOWN["answers"], "a") as answers:
        answers.write(f"{response.status_code} {case.operation.label}\n")


class Credentials(requests.auth.AuthBase):
    """What proves that the caller may."""

    def __init__(self, operation: Any, parameters: dict[str, Any]) -> None:
        self.label, self.door, self.parameters = operation.label, operation.path.split("/")[1], parameters

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        if is_spared(f"credentials of {self.label}"):
            return request
        match self.door, self.parameters:
            case "order", _:
                request.headers["cookie"] = f"__Host-returns={customer_token('customer-session')}"
            case "orders", _:
                request.headers["authorization"] = f"Bearer {SECRETS['console']}"
            case "suppliers", _:
                request.headers.update(standard_webhooks(SECRETS[f"suppliers/{SUPPLIER}"], body))
            case "tracking", {"service": "seventeen_track"}:
                key = SECRETS["tracking/seventeen_track"].encode()
                request.headers["sign"] = hashlib.sha256(body + b"/" + key).hexdigest()
            case "tracking", {"service": "aftership"}:
                request.headers["aftership-hmac-sha256"] = signature(SECRETS["tracking/aftership"].encode(), body)
            case "webhooks", {"kind": "onward"}:
                request.headers.update(standard_webhooks(SECRETS["shops/onward-direct"], body))
            case "webhooks", {"kind": "shopify"}:
                request.headers["x-shopify-topic"] = "orders/updated"
                request.headers["x-shopify-hmac-sha256"] = signature(SECRETS["shops/alpenshop"].encode(), body)
            case "webhooks", {"kind": "woocommerce"}:
                request.headers["x-wc-webhook-topic"] = "order.updated"
                request.headers["x-wc-webhook-signature"] = signature(SECRETS["shops/teahouse"].encode(), body)
        return request


def customer_token(purpose: str) -> str:
    """What lets a customer in, to an order whose links no operator shuts meanwhile; see
    `shared/connectors/src/customer_link.rs`."""
    claim = f"{int(time.time()) + 3600}/0/{KNOWN['quiet_order']}".encode()
    signature = hmac.digest(SECRETS["links"].encode(), f"{purpose}\n".encode() + claim, "sha256").hex()
    return f"{base64.urlsafe_b64encode(claim).decode().rstrip('=')}.{signature}"


def standard_webhooks(secret: str, body: bytes) -> dict[str, str]:
    now = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = signature(key, b"msg_1." + now.encode() + b"." + body)
    return {"webhook-id": "msg_1", "webhook-timestamp": now, "webhook-signature": f"v1,{signed}"}


def signature(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()
