"""Is the Kafka cluster one that loses nothing? Its nodes, their settings, the copies in sync."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from confluent_kafka import admin as _untyped

from connectors.kafka_login import librdkafka_options
from connectors.preflight.finding import Check, Finding, fail, fine, warn
from schemas.settings import Settings
from schemas.topics import BROKER_BYTES_MAX

_admin: Any = _untyped
WAIT_S = 20.0
GOOD_COPIES = 3
GOOD_IN_SYNC = 2
OFFSETS_KEPT_MINUTES = 7 * 24 * 60
"""A stage that stands still for a long holiday must find its position again."""
HUB_TOPICS = ("insp.", "__consumer_offsets")


class PartitionFacts(NamedTuple):
    """One partition: how many copies there must be, how many are in sync, who leads."""

    topic: str
    partition: int
    copies: int
    in_sync: int
    leader: int


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """A cluster as it says that it is; `settings` by node, as texts."""

    settings: Mapping[int, Mapping[str, str]]
    partitions: Sequence[PartitionFacts] = ()


def read_cluster(bootstrap: str) -> ClusterFacts:
    """Ask a cluster.

    Raises:
        KafkaException: it does not answer, or does not tell this user.
    """
    return cluster_of(
        _admin.AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, **librdkafka_options()})
    )


def cluster_of(client: Any) -> ClusterFacts:  # noqa: ANN401 - the library has no types
    """What a connected client is told of its cluster.

    Raises:
        KafkaException: it does not answer, or does not tell this user.
    """
    seen = client.list_topics(timeout=WAIT_S)
    # One question a node: librdkafka refuses two nodes in one call.
    answers = {
        node: client.describe_configs(
            [_admin.ConfigResource(_admin.ResourceType.BROKER, str(node))], request_timeout=WAIT_S
        )
        for node in seen.brokers
    }
    settings = {
        node: {name: str(entry.value) for name, entry in future.result().items()}
        for node, asked in answers.items()
        for future in asked.values()
    }
    partitions = [
        PartitionFacts(topic.topic, number, len(one.replicas), len(one.isrs), one.leader)
        for topic in seen.topics.values()
        for number, one in topic.partitions.items()
    ]
    return ClusterFacts(settings, partitions)


def judge_cluster(facts: ClusterFacts, settings: Settings) -> Iterator[Finding]:
    """What is wrong with a cluster for this installation."""
    yield from _judge_copies(len(facts.settings), settings)
    for node, told in sorted(facts.settings.items()):
        wrong = list(_judge_node(f"node {node}", told, min(GOOD_COPIES, len(facts.settings))))
        yield from wrong or [fine(Check.BROKER, f"node {node}", "is set so that it loses nothing")]
    yield from _judge_partitions(facts.partitions, settings.min_insync_replicas)


def _judge_copies(nodes: int, settings: Settings) -> Iterator[Finding]:
    about = "copies"
    if settings.replication_factor > nodes:
        yield fail(
            Check.BROKER, about,
            f"{settings.replication_factor} are asked for, but there are {nodes} nodes",
            "add nodes, or lower HUB_REPLICATION_FACTOR: no topic can be created",
        )  # fmt: skip
    elif settings.replication_factor < GOOD_COPIES:
        yield warn(
            Check.BROKER, about,
            f"{settings.replication_factor} of each record on {nodes} nodes",
            f"for the real thing run {GOOD_COPIES} nodes and set HUB_REPLICATION_FACTOR="
            f"{GOOD_COPIES}, HUB_MIN_INSYNC_REPLICAS={GOOD_IN_SYNC}",
        )  # fmt: skip
    elif settings.min_insync_replicas < GOOD_IN_SYNC:
        yield fail(
            Check.BROKER, about,
            f"a record counts as kept when {settings.min_insync_replicas} node has it",
            f"set HUB_MIN_INSYNC_REPLICAS={GOOD_IN_SYNC} and run `hub topics check`",
        )  # fmt: skip
    elif settings.min_insync_replicas == settings.replication_factor:
        yield warn(
            Check.BROKER, about,
            "every node must have a record before it counts",
            "one node away stops all work: lower HUB_MIN_INSYNC_REPLICAS by one",
        )  # fmt: skip
    else:
        found = f"{settings.replication_factor}, of which {settings.min_insync_replicas} must agree"
        yield fine(Check.BROKER, about, found)


def _judge_node(about: str, told: Mapping[str, str], copies: int) -> Iterator[Finding]:
    if told.get("unclean.leader.election.enable") == "true":
        yield fail(
            Check.BROKER, about, "may make a node leader that lacks records",
            "set unclean.leader.election.enable=false",
        )  # fmt: skip
    if told.get("auto.create.topics.enable") == "true":
        yield warn(
            Check.BROKER, about, "creates any topic that somebody asks for",
            "set auto.create.topics.enable=false: a mistyped name gets the wrong settings",
        )  # fmt: skip
    if (largest := _number(told, "message.max.bytes")) < BROKER_BYTES_MAX:
        yield fail(
            Check.BROKER, about, f"takes records of {largest:,} bytes at most",
            f"set message.max.bytes={BROKER_BYTES_MAX}: a large dead letter would stop its stage",
        )  # fmt: skip
    if (kept := _number(told, "offsets.retention.minutes")) < OFFSETS_KEPT_MINUTES:
        yield warn(
            Check.BROKER, about, f"forgets positions after {kept:,} minutes",
            f"set offsets.retention.minutes={OFFSETS_KEPT_MINUTES} or more",
        )  # fmt: skip
    if (there := _number(told, "offsets.topic.replication.factor")) < copies:
        yield warn(
            Check.BROKER, about, f"keeps {there} copies of the positions",
            f"set offsets.topic.replication.factor={copies} before the first start",
        )  # fmt: skip


def _judge_partitions(partitions: Sequence[PartitionFacts], least: int) -> Iterator[Finding]:
    ours = [one for one in partitions if one.topic.startswith(HUB_TOPICS)]
    headless = [one for one in ours if one.leader < 0]
    short = [one for one in ours if one not in headless and one.in_sync < least]
    behind = [one for one in ours if least <= one.in_sync < one.copies and one.leader >= 0]
    if headless:
        yield fail(
            Check.BROKER, "partitions", f"{_some(headless)} have no leader",
            "start the nodes that are away: nothing can be read or written there",
        )  # fmt: skip
    if short:
        yield fail(
            Check.BROKER, "partitions", f"{_some(short)} have fewer copies in sync than {least}",
            "start the nodes that are away: nothing can be written there",
        )  # fmt: skip
    if behind:
        yield warn(
            Check.BROKER, "partitions", f"{_some(behind)} have copies that are behind",
            "see whether a node is away or slow; another loss would stop work",
        )  # fmt: skip
    if not (headless or short or behind):
        yield fine(Check.BROKER, "partitions", f"all copies of {len(ours):,} are in sync")


def _some(some: Sequence[PartitionFacts]) -> str:
    first = some[0]
    more = f" and {len(some) - 1:,} more" if len(some) > 1 else ""
    return f"{first.topic}/{first.partition}{more}"


def _number(told: Mapping[str, str], name: str) -> int:
    """A setting as a number; 0 for one that the node does not tell."""
    text = told.get(name, "")
    return int(text) if text.isdigit() else 0
