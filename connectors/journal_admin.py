"""Who works on the journal, and how is it given partitions? Asked of the broker."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from connectors.kafka_login import current

_WAIT_S = 30.0
_AGAIN_S = 0.1
# While the broker has just been started, or somebody else takes a group over.
_FOR_A_MOMENT = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
)


class JournalAdmin:
    """Blocking, for one thread."""

    def __init__(self, bootstrap: str) -> None:
        options = {"bootstrap.servers": bootstrap, "log_level": 0, **current().librdkafka_options()}
        self._client = AdminClient(options)

    def members(self, groups: Iterable[str]) -> dict[str, int]:
        """How many members each of these groups has; those without are left out.

        Raises:
            KafkaException: the broker does not say.
        """
        deadline = time.monotonic() + _WAIT_S
        found = {group: self._members(group, deadline) for group in groups}
        return {group: count for group, count in found.items() if count}

    def _members(self, group: str, deadline: float) -> int:
        while True:
            asked: dict[str, Any] = self._client.describe_consumer_groups(
                [group], request_timeout=_WAIT_S
            )
            try:
                return len(asked[group].result(_WAIT_S).members)
            except KafkaException as cause:
                code = cause.args[0].code()
                if code == KafkaError.GROUP_ID_NOT_FOUND:
                    return 0
                if code not in _FOR_A_MOMENT or time.monotonic() > deadline:
                    raise
                time.sleep(_AGAIN_S)

    def add_partitions(self, topics: Iterable[str], partitions: int) -> None:
        """Give each of these topics so many partitions, where it has fewer; wait until they stand.

        Raises:
            KafkaException: the broker refuses.
            TimeoutError: they do not appear.
        """
        names = list(topics)
        fewer = [name for name in names if self._count(name) < partitions]
        if fewer:
            wanted = [NewPartitions(name, partitions) for name in fewer]
            for done in self._client.create_partitions(wanted, request_timeout=_WAIT_S).values():
                done.result(_WAIT_S)
        deadline = time.monotonic() + _WAIT_S
        while any(self._count(name) != partitions for name in names):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{', '.join(names)} did not get {partitions} partitions")
            time.sleep(_AGAIN_S)

    def _count(self, topic: str) -> int:
        found = self._client.list_topics(topic, timeout=_WAIT_S).topics[topic].partitions
        return sum(one.leader >= 0 for one in found.values())
