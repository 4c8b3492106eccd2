"""Searches all that the functions of a stack have logged for secrets, for everyone in `People`, and for suppliers' links: after
the tests, so that it is about whatever they did. Runs beside the stack that ONWARD_STACK names."""

import base64
import json
import os
import re
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

HERE = Path(__file__).resolve().parent
# What is shorter is in some line by chance.
LENGTH_MIN = 8
GROUPS = ["Logs", "AccessLogs"]

# What it is, by the text that nobody may read in a log.
Private = dict[str, str]


def main() -> int:
    stack = json.loads(Path(os.environ["ONWARD_STACK"]).read_text())
    private = secrets() | people(stack["resources"]["People"]) | links(stack["endpoint"])
    lines = list(logged(stack))
    everything = "\n".join(lines)
    spoken = {text: what for text, what in private.items() if holding([everything], text)}
    found = {(what, line) for text, what in spoken.items() for line in holding(lines, text)}
    for what, line in sorted(found):
        print(f"a log line holds {what}: {line}", file=sys.stderr)
    if found:
        return 1
    # Silence proves something only where there was something to say.
    unknown = {"a name", "a street", "an e-mail address", "a supplier's link"} - set(private.values())
    if unknown or not lines:
        print(f"nothing is proved: of {len(lines)} log lines, and without {unknown}", file=sys.stderr)
        return 1
    print(f"{len(lines)} log lines hold none of {len(private)} private texts")
    return 0


def secrets() -> Private:
    """Every secret as it is stored, and as the key that it stands for."""
    private: Private = {}
    for name, secret in json.loads((HERE / "secrets.json").read_text()).items():
        what = f"the secret `{name}`"
        private[secret] = what
        if bare := secret.removeprefix("whsec_"):
            private[bare] = what
        if bare != secret:
            private[base64.b64decode(bare).decode()] = what
    return private


def people(table: str) -> Private:
    """Whatever is in a contact, but for what an address shares with a place of the settings: cities, regions, countries."""
    private: Private = {}
    for item in items(table):
        if "text" in item:
            private[item["text"]["S"]] = "what a customer wrote"
        if "contact" not in item:
            continue  # That somebody was told something, and whom nobody writes to any more: hashes.
        contact = json.loads(item["contact"]["S"])
        addresses = [contact[kind] for kind in ("shipping", "billing") if contact.get(kind)]
        for address in addresses:
            private |= {text: "a name" for text in (address["name"], address.get("company"))}
            private |= {line: "a street" for line in address["lines"]}
        private |= {contact.get("email"): "an e-mail address", contact.get("phone"): "a phone number"}
        private |= {contact.get("gift_note"): "a note"}
        private |= {words["value"]: "an engraving" for words in contact.get("personalisation", [])}
    return {text: what for text, what in private.items() if text and len(text) >= LENGTH_MIN and is_telling(text)}


def is_telling(text: str) -> bool:
    """Whether it is somebody's, and not a word that property tests made up of two or three characters."""
    return len(set(text)) > 4


def items(table: str) -> Iterator[dict[str, Any]]:
    for page in boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        yield from page["Items"]


def links(endpoint: str) -> Private:
    """The token of every link that went out in a mail."""
    with urllib.request.urlopen(f"{endpoint}/_ministack/ses/messages") as answer:
        mails = json.dumps(json.load(answer)).replace("=\\r\\n", "")
    return {token: "a supplier's link" for token in re.findall(r"/answers/([A-Za-z0-9_-]+\.[0-9a-f]{64})", mails)}


def logged(stack: dict[str, Any]) -> Iterator[str]:
    """What went to CloudWatch, and what functions said as they died."""
    for group in GROUPS:
        pages = boto3.client("logs").get_paginator("filter_log_events").paginate(logGroupName=stack["resources"][group])
        for page in pages:
            yield from (event["message"] for event in page["events"])
    yield from Path(stack["log"]).read_text(errors="replace").splitlines()


def holding(lines: list[str], text: str) -> list[str]:
    """The lines that hold a text, in whatever form programs write one."""
    forms = {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], urllib.parse.quote(text, safe="")}
    forms |= {urllib.parse.quote_plus(text), text.encode().hex()} | in_base64(text.encode())
    return [line for line in lines if any(form in line for form in forms)]


def in_base64(text: bytes) -> set[str]:
    """What is always there of a text in base64, wherever in other bytes it stands."""
    forms = set()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + text).rstrip(b"=")
        # The characters at either end depend on what stands there.
        core = encoded[[0, 2, 3][shift] : -1 if (shift + len(text)) % 3 else None].decode()
        if len(core) >= LENGTH_MIN:
            forms |= {core, core.replace("+", "-").replace("/", "_")}
    return forms


if __name__ == "__main__":
    sys.exit(main())
