"""Property tests of the deployed API against openapi.yaml: whatever comes, no answer is a 5xx, and each is one that is
described. Runs beside the stack that ONWARD_STACK names."""

import base64
import json
import os
import re
import subprocess
import sys
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
    "unsupported_method",
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


def main() -> int:
    stack = json.loads(Path(os.environ["ONWARD_STACK"]).read_text())
    secrets = json.loads((ROOT / "tests" / "local" / "secrets.json").read_text())
    known = {"secrets": secrets, "order": f"onward-direct/{ORDER['id']}", "token": "none"}
    environment = os.environ | {"ONWARD_KNOWN": json.dumps(known), "PYTHONPATH": str(HERE)}
    os.environ |= environment
    sys.path.insert(0, str(HERE))
    import hooks

    body = json.dumps(ORDER).encode()
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
    environment |= {"ONWARD_KNOWN": json.dumps(known), "SCHEMATHESIS_HOOKS": "hooks"}
    return subprocess.run(schemathesis, cwd=ROOT, env=environment).returncode


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
