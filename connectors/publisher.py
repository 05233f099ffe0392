"""How do records leave so that none is lost?

In batches per partition, each delivery awaited, acks=all.

Callers share one writer per destination partition: while a batch is on its way the next one gathers
(group commit). Building batches ourselves is twice as fast as `send()` per record.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from connectors.kafka_login import python_options

log = structlog.get_logger()

BATCH_BYTES_MAX = 1 << 20
STOP_WAIT_S = 5.0
_KEYS_REMEMBERED_MAX = 200_000


class OutRecord(NamedTuple):
    """One record to be published (fits streams.ports.Outgoing)."""

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class _Waiting(NamedTuple):
    records: Sequence[Any]
    delivered: asyncio.Future[int]


class KafkaPublisher:
    """Publishes with an idempotent producer of its own."""

    def __init__(self, bootstrap: str, client_id: str = "inspection-hub") -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            **python_options(),
            client_id=client_id,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES_MAX,
            max_request_size=BATCH_BYTES_MAX + (1 << 16),
            request_timeout_ms=30_000,
        )
        self._waiting: dict[tuple[str, int], list[_Waiting]] = defaultdict(list)
        self._writers: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._partition_of: dict[tuple[bytes, int], int] = {}
        self._topics: set[str] = set()

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect. Whoever still waits for a delivery gets a cancellation, never a success."""
        for writer in self._writers.values():
            writer.cancel()
        # It would wait for what is under way for as long as the broker is gone.
        try:
            async with asyncio.timeout(STOP_WAIT_S):
                await self._producer.stop()
        except TimeoutError:
            log.warning("the broker is gone, what was under way to it is given up")

    async def publish(self, records: Sequence[Any]) -> Mapping[tuple[str, int], int]:
        """Deliver all. Returns per (topic, partition) the offset after the last record delivered.

        The order of `records` holds within each partition. Any failure raises, and then nothing is
        known.
        """
        topics = {record.topic for record in records}
        await self._learn_topics(topics)
        counts = {topic: len(await self._producer.partitions_for(topic)) for topic in topics}
        parted: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for record in records:
            partition = record.partition
            if partition is None:
                partition = self._partition_for(record.key, counts[record.topic])
            parted[record.topic, partition].append(record)
        futures = {there: self._enqueue(there, some) for there, some in parted.items()}
        await asyncio.gather(*futures.values())
        return {there: future.result() for there, future in futures.items()}

    def _partition_for(self, key: bytes | None, count: int) -> int:
        """The partition of `count` that every Kafka client would choose for this key."""
        if count == 1 or key is None:
            return 0
        known = self._partition_of.get((key, count))
        if known is None:
            if len(self._partition_of) >= _KEYS_REMEMBERED_MAX:
                self._partition_of.clear()
            known = self._partition_of[key, count] = (murmur2(key) & 0x7FFFFFFF) % count
        return known

    async def _learn_topics(self, topics: set[str]) -> None:
        """Ask about all new topics at once: one by one a burst of departments waits a minute."""
        new = topics - self._topics
        if new:
            self._topics |= new
            await self._producer.client.set_topics(self._topics)

    def _enqueue(self, there: tuple[str, int], records: Sequence[Any]) -> asyncio.Future[int]:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[there].append(_Waiting(records, future))
        if there not in self._writers:
            self._writers[there] = asyncio.create_task(self._write(there))
        return future

    async def _write(self, there: tuple[str, int]) -> None:
        """Send what has gathered until nothing waits any more."""
        waiting = self._waiting[there]
        now: list[_Waiting] = []
        try:
            while waiting:
                now = waiting[:]
                waiting.clear()
                ends = await self._send(there, [r for one in now for r in one.records])
                done = 0
                for one in now:
                    done += len(one.records)
                    if not one.delivered.done():
                        one.delivered.set_result(ends[done - 1])
        except BaseException as cause:
            # Whoever waits for a delivery hears of it; nobody waits for this task.
            for one in (*now, *waiting):
                if not one.delivered.done():
                    one.delivered.set_exception(cause)
            waiting.clear()
            if not isinstance(cause, Exception):
                raise
        finally:
            del self._writers[there]

    async def _send(self, there: tuple[str, int], records: Sequence[Any]) -> list[int]:
        """Offsets after each record."""
        sent: list[tuple[asyncio.Future[Any], int]] = []
        batch = self._producer.create_batch()
        for record in records:
            if not _append(batch, record):
                sent.append(await self._submit(batch, there))
                # The first record of a batch always fits; the broker says if it is too large.
                batch = self._producer.create_batch()
                _append(batch, record)
        sent.append(await self._submit(batch, there))
        ends: list[int] = []
        for future, count in sent:
            base = (await future).offset
            ends.extend(range(base + 1, base + count + 1))
        return ends

    async def _submit(self, batch: Any, there: tuple[str, int]) -> tuple[asyncio.Future[Any], int]:
        batch.close()
        future = await self._producer.send_batch(batch, there[0], partition=there[1])
        return future, batch.record_count()


def _append(batch: Any, record: Any) -> bool:
    appended = batch.append(
        timestamp=None, key=record.key, value=record.value, headers=list(record.headers)
    )
    return appended is not None
