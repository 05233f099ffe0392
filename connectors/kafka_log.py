"""How are whole logs read, from one offset to another? By assignment, never as part of a group."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from connectors.kafka_login import python_options

CHUNK_RECORDS_MAX = 2000
_FETCH_WAIT_MS = 500


class KafkaLog:
    """Reads partitions of one cluster from start to end."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    async def span(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset kept and the offset after the last."""
        there = TopicPartition(topic, partition)
        # Not assigned: it would begin to fetch, and a broker answers one request of a connection at
        # a time. The second question would be answered only after the long poll of an idle log.
        async with self._consumer() as consumer:
            await _ask_about(consumer, topic)
            first = await consumer.beginning_offsets([there])
            end = await consumer.end_offsets([there])
            return first[there], end[there]

    async def partitions(self, topic: str) -> int:
        """How many partitions the topic has.

        Raises:
            UnknownTopicOrPartitionError: nobody made it, for as long as a request may take.
        """
        async with self._consumer() as consumer:
            await _ask_about(consumer, topic)
            return len(consumer.partitions_for_topic(topic) or ())

    async def committed(self, group: str, topic: str) -> dict[int, int | None]:
        """What a consumer group has committed of each partition of a topic; None: nothing."""
        count = await self.partitions(topic)
        async with AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=group,
            enable_auto_commit=False,
            **python_options(),
        ) as consumer:
            there = [TopicPartition(topic, partition) for partition in range(count)]
            consumer.assign(there)
            return {one.partition: await consumer.committed(one) for one in there}

    async def scan(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncIterator[Sequence[Any]]:
        """All records from `start` up to, not including, `end`, in order, in chunks."""
        if start >= end:
            return
        there = TopicPartition(topic, partition)
        async with self._consumer() as consumer:
            consumer.assign([there])
            consumer.seek(there, start)
            # The position counts, not the last record: the log may end in records nobody sees.
            while await consumer.position(there) < end:
                got = await consumer.getmany(
                    there, timeout_ms=_FETCH_WAIT_MS, max_records=CHUNK_RECORDS_MAX
                )
                records = [r for r in got.get(there, ()) if r.offset < end]
                if records:
                    yield records

    def _consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            **python_options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
        )


async def _ask_about(consumer: AIOKafkaConsumer, topic: str) -> None:
    """Let the broker tell about a topic that nobody subscribed to."""
    await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - aiokafka has no public way
