"""Does the broker have the topics it must have, and how far is everything?

Also on the embedded broker, which knows no administration: there topics appear when they are first
asked for, with four partitions, and have no settings that could drift.
"""

import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self

from confluent_kafka import Producer
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import (
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from connectors.kafka_login import KafkaLogin, current
from connectors.topic_drift import Drift, TopicReport, drift_of_configs, drift_of_shape
from schemas.topics import Topic, dept_of_in_topic

Position = tuple[str, int]
"""A topic and a partition of it."""

TOPICS_PER_REQUEST = 100
RETRY_S = 0.1
CONNECT_S = 1.0
HUB_TOPICS = "insp."

# The protocol versions of Kafka 2.3: the newest that the embedded broker answers to and that a
# Kafka 4 still knows. With them one can ask any broker which of the two it is.
_COMMON_VERSION = (2, 3)
_EMBEDDED_CLUSTER = "mockCluster"


class BrokerUnreachable(ConnectionError):  # noqa: N818 - reads as what it says, like TimeoutError
    """No broker answers at the address; the message names it."""


class AdminRefused(ValueError):  # noqa: N818 - a refusal is an answer
    """The broker, or the contract, refuses what was asked: what, why, and what to do."""


class KafkaAdmin:
    """Reads and arranges topics and positions; blocking, for one thread; usable with `with`."""

    def __init__(
        self, bootstrap: str, *, timeout_s: float = 10.0, login: KafkaLogin | None = None
    ) -> None:
        """Connect to the broker.

        Raises:
            BrokerUnreachable: it did not answer within `timeout_s` seconds.
        """
        self._bootstrap = bootstrap
        self._login = login or current()
        self._timeout_ms = int(timeout_s * 1000)
        self._wait_open()
        self._client = self._connect(_COMMON_VERSION)
        cluster = self._client.describe_cluster()["cluster_id"] or ""
        self.embedded = cluster.startswith(_EMBEDDED_CLUSTER)
        if not self.embedded:
            self._client.close()
            self._client = self._connect(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def plan(self, topics: Iterable[Topic]) -> tuple[Topic, ...]:
        """List the planned topics that `apply` would create."""
        existing = self.partition_counts()
        return tuple(topic for topic in topics if topic.name not in existing)

    def apply(self, topics: Iterable[Topic]) -> TopicReport:
        """Create the planned topics that are missing; leave the others alone, report their drift.

        Raises:
            AdminRefused: a topic whose partition count is fixed has another one (then nothing
                was created), or the broker refused to create one.
        """
        planned = tuple(topics)
        before = self.check(planned)
        fatal = [drift for drift in before.drift if drift.fatal]
        if fatal:
            raise AdminRefused(
                "nothing was created; another partition count would send the next event of an "
                "enterprise to another log than its last; set it back in the settings: "
                + "; ".join(map(str, fatal))
            )
        missing = [topic for topic in planned if topic.name in set(before.missing)]
        create = self._touch if self.embedded else self._create
        created: list[str] = []
        for first in range(0, len(missing), TOPICS_PER_REQUEST):
            created += create(missing[first : first + TOPICS_PER_REQUEST])
        deadline = time.monotonic() + self._timeout_ms / 1000
        # Each broker of a cluster hears of new topics in its own time.
        while (after := self.check(planned)).missing and time.monotonic() < deadline:
            time.sleep(RETRY_S)
        return TopicReport(
            missing=after.missing,
            created=tuple(created),
            drift=after.drift,
            unplanned=after.unplanned,
            as_planned=after.as_planned,
        )

    def check(self, topics: Iterable[Topic]) -> TopicReport:
        """Compare the topics on the broker with the plan, setting by setting; change nothing."""
        planned = {topic.name: topic for topic in topics}
        found = self._described()
        there = [topic for name, topic in planned.items() if name in found]
        configs = self._configs([topic.name for topic in there])
        drift = [
            change
            for topic in there
            for change in self._drift(topic, found[topic.name]["partitions"], configs)
        ]
        strange = (name for name in found if name.startswith(HUB_TOPICS) and name not in planned)
        return TopicReport(
            missing=tuple(name for name in planned if name not in found),
            drift=tuple(drift),
            unplanned=tuple(sorted(strange)),
            as_planned=len(there) - len({change.topic for change in drift}),
        )

    def partition_counts(self) -> dict[str, int]:
        """Say how many partitions each topic on the broker has."""
        return {name: len(found["partitions"]) for name, found in self._described().items()}

    def list_in_topics(self) -> tuple[str, ...]:
        """List the topics that departments publish to, as the broker knows them."""
        return tuple(sorted(name for name in self._described() if dept_of_in_topic(name)))

    def beginning_offsets(self, partitions: Iterable[Position]) -> dict[Position, int]:
        """Say for each partition which offset its oldest record has."""
        return self._offsets(partitions, OffsetSpec.EARLIEST)

    def end_offsets(self, partitions: Iterable[Position]) -> dict[Position, int]:
        """Say for each partition which offset its next record will have."""
        return self._offsets(partitions, OffsetSpec.LATEST)

    def newest_times(self, partitions: Iterable[Position]) -> dict[Position, int]:
        """The newest time of a record in each partition, in Unix milliseconds; none if empty."""
        wanted = {TopicPartition(*place): OffsetSpec.MAX_TIMESTAMP for place in partitions}
        found = self._ask(lambda: self._client.list_partition_offsets(wanted))
        return {
            (at.topic, at.partition): one.timestamp
            for at, one in found.items()
            if one.timestamp >= 0
        }

    def committed(self, group: str) -> dict[Position, int]:
        """Say where a consumer group will go on; partitions it never committed are absent."""
        # Named one by one: the embedded broker cannot be asked for all.
        partitions = [
            TopicPartition(name, number)
            for name, count in self.partition_counts().items()
            for number in range(count)
        ]
        if not partitions:
            return {}
        found = self._ask(lambda: self._client.list_group_offsets({group: partitions}))[group]
        return {(at.topic, at.partition): p.offset for at, p in found.items() if p.offset >= 0}

    def _wait_open(self) -> None:
        # Before the client is made: each one that finds nobody leaves a thread behind.
        deadline = time.monotonic() + self._timeout_ms / 1000
        while True:
            for address in self._bootstrap.split(","):
                host, _, port = address.rpartition(":")
                try:
                    socket.create_connection((host, int(port)), timeout=CONNECT_S).close()
                except OSError as error:
                    last = error
                else:
                    return
            if time.monotonic() >= deadline:
                raise self._unreachable(last) from last
            time.sleep(RETRY_S)

    def _connect(self, version: tuple[int, int] | None) -> Any:  # noqa: ANN401 - untyped library
        return self._ask(
            lambda: KafkaAdminClient(
                bootstrap_servers=self._bootstrap.split(","),
                **self._login.python_options(),
                api_version=version,
                bootstrap_timeout_ms=self._timeout_ms,
                request_timeout_ms=self._timeout_ms,
            )
        )

    def _unreachable(self, error: Exception) -> BrokerUnreachable:
        return BrokerUnreachable(
            f"the Kafka broker at {self._bootstrap} does not answer ({error}): is it running, and "
            "is the address right?"
        )

    def _ask(self, question: Callable[[], Any]) -> Any:  # noqa: ANN401 - untyped library
        deadline = time.monotonic() + self._timeout_ms / 1000
        while True:
            try:
                return question()
            except UnknownTopicOrPartitionError:
                # Retriable to Kafka, for it may be on its way; here nobody is creating it.
                raise
            except KafkaError as error:
                # As while the broker elects a leader, or makes room for a group's first commit.
                if not error.retriable:
                    raise AdminRefused(
                        f"the Kafka broker at {self._bootstrap} refused ({error}): is this user "
                        "allowed to describe and create topics?"
                    ) from error
                if time.monotonic() >= deadline:
                    raise self._unreachable(error) from error
                time.sleep(RETRY_S)

    def _described(self) -> dict[str, dict[str, Any]]:
        topics = self._ask(self._client.describe_topics)
        return {topic["name"]: topic for topic in topics if not topic["is_internal"]}

    def _configs(
        self, names: list[str], keys: list[str] | None = None
    ) -> dict[str, dict[str, str]]:
        """The settings of topics, or of each those that are named."""
        if self.embedded or not names:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name, keys) for name in names]
        answer = self._ask(lambda: self._client.describe_configs(resources, config_filter="all"))
        return {
            name: {key: str(config["value"]) for key, config in configs.items()}
            for name, configs in answer["topic"].items()
        }

    def _drift(
        self, topic: Topic, partitions: list[Mapping[str, Any]], configs: dict[str, dict[str, str]]
    ) -> Iterator[Drift]:
        if not self.embedded:
            yield from drift_of_shape(topic, partitions)
            yield from drift_of_configs(topic, configs.get(topic.name, {}))
        elif topic.spec.partitions_are_fixed:
            # It gives every topic four partitions; that matters only where the count is fixed.
            yield from drift_of_shape(topic, partitions)

    def _create(self, topics: list[Topic]) -> list[str]:
        wanted = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": topic.replication_factor,
                "configs": dict(topic.configs),
            }
            for topic in topics
        }
        answer = self._ask(lambda: self._client.create_topics(wanted, raise_errors=False))
        refused = [
            f"{topic['name']}: {topic['error_message'] or for_code(topic['error_code']).__name__}"
            for topic in answer["topics"]
            # Another `apply` may have been faster.
            if topic["error_code"] not in (0, TopicAlreadyExistsError.errno)
        ]
        if refused:
            raise AdminRefused(
                f"the broker at {self._bootstrap} refused {len(refused)} of {len(topics)} topics; "
                "compare the settings with what it offers: " + "; ".join(refused)
            )
        wait_ms = self._timeout_ms
        self._ask(lambda: self._client.wait_for_topics(list(wanted), timeout_ms=wait_ms))
        return [topic["name"] for topic in answer["topics"] if topic["error_code"] == 0]

    def _touch(self, topics: list[Topic]) -> list[str]:
        # It creates a topic when a producer asks for it; this client asks without writing.
        options = self._login.librdkafka_options()
        producer = Producer({"bootstrap.servers": self._bootstrap, "log_level": 0, **options})
        for topic in topics:
            producer.list_topics(topic.name, timeout=self._timeout_ms / 1000)
        return [topic.name for topic in topics]

    def _offsets(self, partitions: Iterable[Position], which: OffsetSpec) -> dict[Position, int]:
        wanted = {TopicPartition(topic, number): which for topic, number in partitions}
        if not wanted:
            return {}
        try:
            found = self._ask(lambda: self._client.list_partition_offsets(wanted))
        except UnknownTopicOrPartitionError as error:
            names = ", ".join(sorted({at.topic for at in wanted}))
            raise LookupError(
                f"not all partitions asked for of {names} exist on the broker at "
                f"{self._bootstrap} ({error}): create the topics first"
            ) from error
        return {(at.topic, at.partition): answer.offset for at, answer in found.items()}
