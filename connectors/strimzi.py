"""How do topics and users look as Strimzi's resources? Made of the tables of topics and of access.

A resource's name is in small letters. A user is known to Kafka by its resource's name, so only the
hub's own users can be resources; departments and publicity systems, whose registry codes are in
capitals, get theirs by `hub topics apply` (the User Operator is told to leave them alone).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from schemas.access import Grant
from schemas.topics import Topic
from schemas.yaml_text import yaml_text

API = "kafka.strimzi.io/v1"
CLUSTER = "hub-kafka"
OPERATOR_USER = "hub-operator"
"""Kafka's super user: for `hub topics apply` and for operators."""
NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_STRANGE = re.compile(r"[^a-z0-9.-]")
_LABELS = {"strimzi.io/cluster": CLUSTER}


def topic_resources(topics: Iterable[Topic]) -> Iterator[dict[str, Any]]:
    """A `KafkaTopic` for each topic.

    Raises:
        ValueError: two topics would have one name in small letters.
    """
    named: dict[str, str] = {}
    for topic in topics:
        name = resource_name(topic.name)
        if named.setdefault(name, topic.name) != topic.name:
            raise ValueError(f"{topic.name} and {named[name]}: one name in Kubernetes, {name}")
        yield {
            "apiVersion": API,
            "kind": "KafkaTopic",
            "metadata": {"name": name, "labels": _LABELS},
            "spec": {
                "topicName": topic.name,
                "partitions": topic.partitions,
                "replicas": topic.replication_factor,
                "config": dict(topic.configs),
            },
        }


def user_resources(granted: Sequence[Grant]) -> Iterator[dict[str, Any]]:
    """A `KafkaUser` for each user that can be one, and for the operators' own."""
    by_user = groupby(sorted(granted), key=lambda grant: grant.user)
    for user, grants in by_user:
        if NAME.fullmatch(user):
            yield _user(user, [_acl(grant) for grant in grants])
    yield _user(OPERATOR_USER, [])


def not_resources(granted: Iterable[Grant]) -> list[str]:
    """Users that cannot be resources, sorted."""
    return sorted({one.user for one in granted if not NAME.fullmatch(one.user)})


def resource_name(topic: str) -> str:
    """A topic's name as one of Kubernetes.

    >>> resource_name("insp.in.WJW_120116")
    'insp.in.wjw-120116'
    """
    return _STRANGE.sub("-", topic.lower())


def documents(resources: Iterable[dict[str, Any]]) -> str:
    """Resources as one file of YAML."""
    return "---\n".join(yaml_text(one) for one in resources)


def _user(name: str, acls: list[dict[str, Any]]) -> dict[str, Any]:
    rights = {"authorization": {"type": "simple", "acls": acls}} if acls else {}
    return {
        "apiVersion": API,
        "kind": "KafkaUser",
        "metadata": {"name": name, "labels": _LABELS},
        "spec": {"authentication": {"type": "scram-sha-512"}, **rights},
    }


def _acl(grant: Grant) -> dict[str, Any]:
    # Unlike Kafka's own, Strimzi's lists say each operation: to read is not yet to be told of it.
    operation = "".join(part.capitalize() for part in grant.operation.value.split("_"))
    return {
        "resource": {
            "type": grant.kind.value.lower(), "name": grant.name, "patternType": "literal",
        },
        "operations": list(dict.fromkeys([operation, "Describe"])),
        "host": "*",
    }  # fmt: skip
