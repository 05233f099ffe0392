"""Kafka on Kubernetes: topics, users and the cluster are as the tables say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from connectors.kafka_jars import kafka_version
from connectors.strimzi import API, CLUSTER, NAME, OPERATOR_USER, not_resources, topic_resources
from connectors.strimzi_file import FILE, FOLDER, render, told
from schemas.access import grants
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import BROKER_BYTES_MAX, Sizing, plan


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))


def test_topics_and_users_are_as_the_tables_say():
    assert FILE.read_text(encoding="utf-8") == render(), "run: make strimzi"


def test_every_planned_topic_is_a_resource_and_set_as_planned():
    settings = Settings(**told(), kafka_user="hub-decide")
    planned = {one.name: one for one in plan([], SITES, settings.sizing())}
    made = {
        one["spec"]["topicName"]: one
        for one in documents("strimzi/resources.yaml")
        if one["kind"] == "KafkaTopic"
    }

    assert made.keys() == planned.keys()
    for name, one in made.items():
        assert one["apiVersion"] == API
        assert one["metadata"]["labels"] == {"strimzi.io/cluster": CLUSTER}
        assert NAME.fullmatch(one["metadata"]["name"])
        spec, topic = one["spec"], planned[name]
        assert (spec["partitions"], spec["replicas"]) == (
            topic.partitions,
            topic.replication_factor,
        )
        assert spec["config"] == dict(topic.configs)


def test_every_permission_is_a_resources_or_left_to_topics_apply():
    granted = grants(["REGISTRY"], SITES)
    users = {
        one["metadata"]["name"]: one
        for one in documents("strimzi/resources.yaml")
        if one["kind"] == "KafkaUser"
    }
    left = set(not_resources(granted))
    (kafka,) = [one for one in documents("strimzi/kafka.yaml") if one["kind"] == "Kafka"]
    operator = kafka["spec"]["entityOperator"]["template"]["userOperatorContainer"]
    (ignored,) = [one["value"] for one in operator["env"]]

    assert users.keys() | left == {one.user for one in granted} | {OPERATOR_USER}
    assert all(re.fullmatch(ignored, user) for user in left), "the User Operator would delete them"
    assert not any(re.fullmatch(ignored, user) for user in users)
    for name, one in users.items():
        rights = {
            (acl["resource"]["type"].upper(), acl["resource"]["name"], operation.upper())
            for acl in one["spec"].get("authorization", {}).get("acls", ())
            for operation in acl["operations"]
            if operation != "Describe" or acl["operations"] == ["Describe"]
        }
        assert rights == {
            (grant.kind.value, grant.name, grant.operation.value.replace("_", ""))
            for grant in granted
            if grant.user == name
        }
    assert kafka["spec"]["kafka"]["authorization"]["superUsers"] == [OPERATOR_USER]


def test_two_topics_with_one_name_in_kubernetes_are_refused():
    sizing = Sizing(legal_retention_days=3650)

    with pytest.raises(ValueError, match="one name in Kubernetes"):
        list(topic_resources(plan(["AB-1", "ab-1"], [], sizing)))


def test_the_cluster_loses_nothing():
    (kafka,) = [one for one in documents("strimzi/kafka.yaml") if one["kind"] == "Kafka"]
    (pool,) = [one for one in documents("strimzi/kafka.yaml") if one["kind"] == "KafkaNodePool"]
    config = kafka["spec"]["kafka"]["config"]

    assert kafka["spec"]["kafka"]["version"] == kafka_version(), "else nobody has tried it"
    assert kafka["metadata"]["name"] == CLUSTER == pool["metadata"]["labels"]["strimzi.io/cluster"]
    assert pool["spec"]["replicas"] == config["offsets.topic.replication.factor"] == 3
    assert all(volume["deleteClaim"] is False for volume in pool["spec"]["storage"]["volumes"])
    assert config["min.insync.replicas"] == 2
    assert config["message.max.bytes"] == BROKER_BYTES_MAX
    assert config["unclean.leader.election.enable"] == "false"
    assert config["auto.create.topics.enable"] == "false"
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert listener["tls"] is True
    assert listener["authentication"] == {"type": "scram-sha-512"}
    assert told()["broker"] == f"{CLUSTER}-kafka-bootstrap:{listener['port']}"


# What Strimzi's definitions of the version v1 have, as far as it may be needed here
# (packaging/install/cluster-operator/043-Crd-kafkatopic.yaml and 044-Crd-kafkauser.yaml).
FIELDS = {
    "KafkaTopic": {"topicName", "partitions", "replicas", "config"},
    "KafkaUser": {
        "authentication.type", "authorization.type", "authorization.acls.operations",
        "authorization.acls.resource.type", "authorization.acls.resource.name",
        "authorization.acls.resource.patternType", "authorization.acls.host",
    },
}  # fmt: skip
WORDS = {
    "authentication.type": {"scram-sha-512", "tls", "tls-external"},
    "authorization.type": {"simple"},
    "authorization.acls.resource.type": {"topic", "group", "cluster", "transactionalId"},
    "authorization.acls.resource.patternType": {"literal", "prefix"},
    "authorization.acls.operations": {
        "Read", "Write", "Create", "Delete", "Alter", "Describe", "ClusterAction", "AlterConfigs",
        "DescribeConfigs", "IdempotentWrite", "All",
    },
}  # fmt: skip


def said(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every field of a resource with what it says; the settings of a topic are Kafka's own."""
    if isinstance(value, dict) and path != "config":
        for name, one in value.items():
            yield from said(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for one in value:
            yield from said(one, path)
    else:
        yield path, value


def test_strimzi_knows_every_field_and_every_word():
    for one in documents("strimzi/resources.yaml"):
        for path, value in said(one["spec"]):
            where = f"{one['kind']} {one['metadata']['name']}: {path}"
            assert path in FIELDS[one["kind"]], where
            assert path not in WORDS or value in WORDS[path], f"{where}: {value}"
