"""Property tests of the deployed API against openapi.yaml: whatever comes, no answer is a 5xx, and each is one that is
described. Runs beside the stack that ONWARD_STACK names."""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WAIT_SECONDS_MAX = 60
# Of each operation. All of them together take about half a minute on two cores.
EXAMPLES_MAX = 40
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
]
ORDER = {
    "id": "properties",
    "placed_at": "2026-01-01T10:00:00Z",
    "updated_at": "2026-01-01T10:00:00Z",
    "payment": "paid",
    "currency": "EUR",
    "lines": [{"id": "1", "sku": "ONW-SCARF", "title": "Scarf", "quantity": 2, "unit_price": "79.00"}],
    "total": "158.00",
    "customer": {"email": "mara.beispiel@example.com", "phone": "+49 341 5550199"},
    "addresses": {
        "shipping": {
            "name": "Mara Beispiel",
            "lines": ["Testweg 12"],
            "city": "Leipzig",
            "postal_code": "04109",
            "country": "DE",
        }
    },
}

# What our own shops, suppliers and operators say.
BODIES = {
    "/webhooks/{kind}/{shop}": ORDER,
    "/suppliers/{supplier}/answers": {
        "type": "stock",
        "location": "hamburg",
        "lines": [{"sku": "NW-TEA-GREEN", "on_hand": 40}],
    },
    "/orders/{shop}/{number}/address": {
        "address": ORDER["addresses"]["shipping"] | {"lines": ["Testweg 14"]},
        "by": "an operator",
        "why": "The customer called.",
    },
}

# These open for customers to whom something was delivered, or who know an order: seen in a browser. Of the latter, who tries
# often is asked to wait. The last is never shut.
ELSEWHERE = (
    "POST /returns",
    "POST /order/returns",
    "GET /order/returns/{id}",
    "POST /order/returns/{id}/photos",
    "POST /order/returns/{id}/cancellations",
    "GET /returns",
)


def main() -> int:
    stack = json.loads(Path(os.environ["ONWARD_STACK"]).read_text())
    secrets = json.loads((ROOT / "tests" / "local" / "secrets.json").read_text())
    quiet = ORDER | {"id": "properties-quiet"}
    known = {"secrets": secrets, "token": "none", "bodies": BODIES}
    known |= {"order": f"onward-direct/{ORDER['id']}", "quiet_order": f"onward-direct/{quiet['id']}"}
    environment = os.environ | {"ONWARD_KNOWN": json.dumps(known), "PYTHONPATH": str(HERE)}
    os.environ |= environment
    sys.path.insert(0, str(HERE))
    import hooks

    for order in (ORDER, quiet):
        body = json.dumps(order).encode()
        headers = hooks.standard_webhooks(secrets["shops/onward-direct"], body)
        send(f"{stack['api']}/webhooks/onward/onward-direct", body, headers)
    known["token"] = mailed_token(stack["endpoint"])
    schemathesis = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        str(ROOT / "openapi.yaml"),
        f"--url={stack['api']}",
        f"--checks={','.join(CHECKS)}",
        "--phases=coverage,fuzzing",
        f"--max-examples={EXAMPLES_MAX}",
        "--seed=1",
        "--workers=1",
        "--continue-on-failure",
        "--suppress-health-check=all",
        "--warnings=off",
        "--no-color",
    ]
    with tempfile.NamedTemporaryFile("r") as answers:
        known["answers"] = answers.name
        environment |= {"ONWARD_KNOWN": json.dumps(known), "SCHEMATHESIS_HOOKS": "hooks"}
        code = subprocess.run(schemathesis, cwd=ROOT, env=environment).returncode
        return code or check_doors(answers.read())


def check_doors(answers: str) -> int:
    """Whether each operation was ever refused at the door, and ever let in: taken, or read and found not to fit the order
    as it is. Else what is proven of it is half of it."""
    statuses: dict[str, set[int]] = {}
    for answer in answers.splitlines():
        status, operation = answer.split(" ", 1)
        statuses.setdefault(operation, set()).add(int(status))
    unseen = [
        f"{operation}: only {sorted(seen)}"
        for operation, seen in sorted(statuses.items())
        if operation not in ELSEWHERE and (not seen & {200, 202, 303, 409} or not seen & {401, 403, 404, 422})
    ]
    print("\n".join(unseen) or f"{len(statuses)} operations, each let in and refused")
    return len(unseen)


def send(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Sends it again for as long as we are not able to take it, as shops do."""
    request = urllib.request.Request(url, body, {"content-type": "application/json"} | headers, method="POST")
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        try:
            return urllib.request.urlopen(request).close()
        except urllib.error.HTTPError as refusal:
            if refusal.code < 500 or time.monotonic() > deadline:
                raise


def mailed_token(endpoint: str) -> str:
    """The token of the link that our order's supplier got by mail."""
    reference = f"onward-direct/{ORDER['id']}/F1"
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages") as answer:
            mails = answer.read().decode().replace("=\\r\\n", "")
        for claim, signature in re.findall(r"/answers/([A-Za-z0-9_-]+)\.([0-9a-f]{64})", mails):
            if base64.urlsafe_b64decode(claim + "===").decode().endswith(reference):
                return f"{claim}.{signature}"
        time.sleep(0.5)
    raise SystemExit(f"no mail on `{reference}` came in {WAIT_SECONDS_MAX} seconds")


if __name__ == "__main__":
    sys.exit(main())
