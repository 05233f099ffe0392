"""What is the hub made of? A CycloneDX document of every package in the lock, with its hashes.

Made of the lock, so it names what is to be installed and nothing else. Licences are those that the
packages installed here say; where the whole lock is installed the same lock gives the same bytes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

SPEC_VERSION = "1.6"
_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:(?P<hash>[0-9a-f]{64})")
_NAMESPACE = uuid.UUID("6f6a1f5e-0d4b-5d0c-9b0e-1c3a5f2f7a11")


@dataclass(slots=True)
class Package:
    """One package of the lock; `hashes` are those of the files that it may be installed from."""

    name: str
    version: str
    hashes: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        """Its package URL: normalised as the specification of purl says."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version}"


def packages_of(lock: str) -> list[Package]:
    """The packages of a lock, in its order.

    Raises:
        ValueError: a package has no hash: what is installed would not be what is named.
    """
    found: list[Package] = []
    for line in lock.splitlines():
        if pin := _PIN.match(line):
            found.append(Package(pin["name"], pin["version"]))
        if given := _HASH.search(line):
            found[-1].hashes.append(given["hash"])
    bare = [one.name for one in found if not one.hashes]
    if bare:
        raise ValueError(f"without a hash in the lock: {', '.join(bare)}: run `make lock`")
    return found


def bill_of_materials(lock: str, name: str, version: str) -> dict[str, Any]:
    """The document.

    Args:
        lock: Content of `deploy/image.lock`.
        name: Of the application.
        version: Of the application.
    """
    root = f"pkg:generic/{name}@{version}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, sha256(lock.encode()).hexdigest())}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": root, "name": name, "version": version,
                "purl": root,
            },
        },
        "components": [_component(one) for one in packages_of(lock)],
        "dependencies": [{"ref": root, "dependsOn": [one.purl for one in packages_of(lock)]}],
    }  # fmt: skip


def _component(one: Package) -> dict[str, Any]:
    licences = list(_licences(one.name))
    return {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in sorted(one.hashes)],
        **({"licenses": licences} if licences else {}),
    }


def _licences(name: str) -> Iterator[dict[str, Any]]:
    """What an installed package says of its licence; nothing of one that is not installed here."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return
    for expression in said.get_all("License-Expression") or ():
        yield {"expression": expression}
        return
    for classifier in said.get_all("Classifier") or ():
        if classifier.startswith("License :: OSI Approved :: "):
            yield {"license": {"name": classifier.rpartition(" :: ")[2]}}
