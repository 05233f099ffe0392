"""Is a cluster of several brokers asked in a way that it answers?"""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaException, admin

from connectors.preflight.cluster import cluster_of

TOLD = {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}


class Client:
    """A librdkafka admin client of a cluster: it takes one node a question, and no more."""

    def __init__(self, nodes: int) -> None:
        self._nodes = range(1, nodes + 1)

    def list_topics(self, timeout: float) -> SimpleNamespace:
        return SimpleNamespace(brokers=dict.fromkeys(self._nodes), topics={})

    def describe_configs(self, resources: list[Any], **_: object) -> dict[Any, Future[Any]]:
        if len(resources) > 1:
            raise KafkaException("Only one ConfigResource of type BROKER is allowed per call")
        answer: Future[Any] = Future()
        told = {name: SimpleNamespace(value=value) for name, value in TOLD.items()}
        answer.set_result({**told, "node.id": SimpleNamespace(value=resources[0].name)})
        return {resources[0]: answer}


def test_each_node_of_a_cluster_is_asked_by_itself():
    found = cluster_of(Client(3)).settings

    assert {node: told["node.id"] for node, told in found.items()} == {1: "1", 2: "2", 3: "3"}
    assert found[2] == {**TOLD, "node.id": "2"}


def test_librdkafka_takes_one_node_a_question():
    """Why each is asked by itself; seen with three nodes only."""
    client = admin.AdminClient({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 2})
    both = [admin.ConfigResource(admin.ResourceType.BROKER, str(node)) for node in (1, 2)]

    for answer in client.describe_configs(both).values():
        with pytest.raises(KafkaException, match="Only one ConfigResource of type BROKER"):
            answer.result(timeout=20)
