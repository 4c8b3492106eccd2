"""What is in the functions: a bill of materials (CycloneDX 1.6) of every crate that is compiled into one of them.

usage: sbom.py ARCHITECTURE    arm64 or x86_64; writes to standard output
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}


def main(arguments: list[str]) -> int:
    match arguments:
        case [architecture] if architecture in TARGETS:
            print(written(bill(metadata(TARGETS[architecture]))))
            return 0
    print(__doc__, file=sys.stderr)
    return 2


def metadata(target: str) -> dict[str, Any]:
    cargo = ["cargo", "metadata", "--format-version=1", "--locked", f"--filter-platform={target}"]
    return json.loads(subprocess.run(cargo, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def bill(known: dict[str, Any]) -> Bom:
    packages = {package["id"]: package for package in known["packages"]}
    nodes = {node["id"]: compiled_in(node) for node in known["resolve"]["nodes"]}
    functions = [id for id in known["workspace_members"] if "/functions/" in packages[id]["manifest_path"]]
    checksums = {
        (package["name"], package["version"]): package.get("checksum")
        for package in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    }
    onward = Component(name="onward", type=ComponentType.APPLICATION, version=packages[functions[0]]["version"])
    bom = Bom()
    bom.metadata.component = onward
    components: dict[str, Component] = {}
    waiting = list(functions)
    while waiting:
        id = waiting.pop()
        if id not in components:
            components[id] = component(packages[id], checksums)
            waiting += nodes[id]
    bom.components.update(components.values())
    for id, its in components.items():
        bom.register_dependency(its, [components[other] for other in nodes[id]])
    bom.register_dependency(onward, [components[id] for id in functions])
    return bom


def compiled_in(node: dict[str, Any]) -> list[str]:
    """What a crate needs at run time: not what builds it, and not what tests it."""
    return [its["pkg"] for its in node["deps"] if any(kind["kind"] is None for kind in its["dep_kinds"])]


def component(package: dict[str, Any], checksums: dict[tuple[str, str], str | None]) -> Component:
    name, version = package["name"], package["version"]
    checksum = checksums[name, version]
    repository = package["repository"]
    purl = PackageURL("cargo", name=name, version=version)
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        description=package["description"],
        licenses=[LicenseFactory().make_with_expression(package["license"].replace("/", " OR "))],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
        external_references=[ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(repository))] if repository else [],
    )


def written(bom: Bom) -> str:
    """The bill, which is valid."""
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"the bill of materials is not valid: {wrong}")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
