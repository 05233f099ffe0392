"""Commands for those who deploy the hub: resources for Kubernetes, packages, names in logs."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from connectors.console.context import Exit
from connectors.logs import code_hash
from connectors.stack import own_ports
from connectors.strimzi import CLUSTER
from schemas.settings import Settings

CODE = "91120116MA05ABCD0C"


def test_a_new_departments_topics_are_written_as_resources(console):
    console.set(HUB_REPLICATION_FACTOR="3", HUB_MIN_INSYNC_REPLICAS="2")
    answer = console("topics", "strimzi", "--dept", "WJW-120116")
    made = {
        one["spec"]["topicName"]: one
        for one in yaml.safe_load_all(answer.out)
        if one["kind"] == "KafkaTopic"
    }

    assert answer.status == Exit.DONE
    for name in ("insp.in.WJW-120116", "insp.out.WJW-120116"):
        assert made[name]["metadata"]["labels"] == {"strimzi.io/cluster": CLUSTER}
        assert made[name]["spec"]["config"]["min.insync.replicas"] == "2"


def test_a_department_whose_code_cannot_name_a_topic_is_refused(console):
    answer = console("topics", "strimzi", "--dept", "WJW.120116")

    assert answer.status == Exit.USAGE
    assert "cannot name a topic" in answer.said


def test_the_packages_are_written_to_a_file(console, tmp_path: Path):
    answer = console("sbom", "--out", str(tmp_path / "bom.json"))
    document = json.loads((tmp_path / "bom.json").read_text())

    assert answer.status == Exit.DONE
    assert document["bomFormat"] == "CycloneDX"
    assert f"{len(document['components'])} packages" in answer.said
    assert console("sbom").json == document


def test_a_lock_without_hashes_is_refused(console, tmp_path: Path):
    (tmp_path / "lock").write_text("anyio==4.9.0\n")
    answer = console("sbom", "--lock", str(tmp_path / "lock"))

    assert answer.status == Exit.USAGE
    assert "without a hash" in answer.said


def test_an_enterprises_name_in_the_logs_can_be_asked_for(console):
    assert console("code-hash", CODE.lower()).out.strip() == code_hash(CODE)
    assert console("code-hash", CODE, "--json").json["log_name"] == code_hash(CODE)
    assert console("code-hash", "nonsense").status == Exit.USAGE


def test_each_role_of_hub_up_gets_a_port_of_its_own():
    ports = own_ports(Settings(metrics_port=9464))

    assert [next(ports)["HUB_METRICS_PORT"] for _ in range(3)] == ["9464", "9465", "9466"]
    assert next(own_ports(Settings())) == {"HUB_METRICS_PORT": "0"}
