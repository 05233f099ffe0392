"""The bill of materials names every package of the lock, with its hashes, and no registry."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import pytest

from connectors.console.installation.sbom import LOCK
from connectors.sbom import bill_of_materials, packages_of

LINES = """\
Faust_Streaming[rocksdb]==0.15.3 \\
    --hash=sha256:{one} \\
    --hash=sha256:{two}
anyio==4.9.0 \\
    --hash=sha256:{two}
""".format(one="a" * 64, two="b" * 64)


def test_packages_are_read_from_the_lock():
    first, second = packages_of(LINES)

    assert (first.purl, first.hashes) == ("pkg:pypi/faust-streaming@0.15.3", ["a" * 64, "b" * 64])
    assert (second.purl, second.hashes) == ("pkg:pypi/anyio@4.9.0", ["b" * 64])


def test_a_package_without_a_hash_is_refused():
    with pytest.raises(ValueError, match="anyio"):
        packages_of("anyio==4.9.0\n")


def test_the_document_names_the_whole_lock():
    lock = LOCK.read_text(encoding="utf-8")
    document = bill_of_materials(lock, "inspection-hub", "0.1.0")
    pinned = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", lock, re.M)

    assert document["bomFormat"] == "CycloneDX"
    assert [(one["name"], one["version"]) for one in document["components"]] == pinned
    assert {"prometheus-client", "faust-streaming"} <= {name for name, _ in pinned}
    for one in document["components"]:
        assert one["bom-ref"] == one["purl"]
        assert one["hashes"]
        assert all(re.fullmatch(r"[0-9a-f]{64}", digest["content"]) for digest in one["hashes"])
    assert len({one["bom-ref"] for one in document["components"]}) == len(pinned)
    assert uuid.UUID(document["serialNumber"].removeprefix("urn:uuid:"))
    (dependencies,) = document["dependencies"]
    assert len(dependencies["dependsOn"]) == len(pinned)


def test_the_same_lock_gives_the_same_document_and_another_lock_another():
    made = bill_of_materials(LINES, "hub", "1")

    assert made == bill_of_materials(LINES, "hub", "1")
    assert made["serialNumber"] != bill_of_materials(LINES + "\n", "hub", "1")["serialNumber"]


def test_no_address_of_a_registry_is_in_it():
    text = json.dumps(bill_of_materials(LOCK.read_text(encoding="utf-8"), "hub", "1"))

    assert "://" not in text


def test_the_lock_is_the_images():
    assert Path(__file__).parents[2] / "deploy" / "image.lock" == LOCK
