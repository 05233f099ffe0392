"""What the engine's tests share: a handler that remembers, and a look at what was committed."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from waiting import until_async

from streams.engine import Engine, EngineSettings
from streams.lanes import Partition


class Remembering:
    """A handler that keeps what it was given, waits at a gate, and fails on demand."""

    def __init__(self, *, eager: bool = False) -> None:
        self.eager = eager
        self.gate = asyncio.Event()
        self.gate.set()
        self.fail_at: tuple[int, int] | None = None
        self.seen: dict[Partition, list[int]] = defaultdict(list)
        self.taken: dict[Partition, list[int]] = defaultdict(list)
        self.opened: list[tuple[Partition, int | None]] = []
        self.closed: list[Partition] = []
        self.start_at: dict[int, int] = {}

    async def open(self, tp: Partition, committed: int | None) -> int | None:
        self.opened.append((tp, committed))
        return self.start_at.get(tp.partition)

    async def idle(self, tp: Partition) -> None:
        """Nothing to look after."""

    async def handle(self, tp: Partition, records: Sequence[Any]) -> None:
        self.taken[tp] += [record.offset for record in records]
        await self.gate.wait()
        if self.fail_at in [(tp.partition, record.offset) for record in records]:
            raise RuntimeError("the handler broke")
        self.seen[tp] += [record.offset for record in records]

    async def close(self, tp: Partition) -> None:
        self.closed.append(tp)

    @property
    def count(self) -> int:
        """How many records it made durable."""
        return sum(len(offsets) for offsets in self.seen.values())


def settings(bootstrap: str, group: str, **others: Any) -> EngineSettings:
    """An engine that commits often and is missed soon."""
    quick = {"session_timeout_s": 6.0, "heartbeat_s": 1.0, "commit_interval_s": 0.1}
    return EngineSettings(bootstrap=bootstrap, group=group, **{**quick, **others})


@contextlib.asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[asyncio.Event]:
    """An engine at work; it leaves the group in order at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(engine.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


def write(bootstrap: str, topic: str, count: int, *, partition: int | None = None) -> None:
    """So many records; over all partitions in turn unless one is named."""
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "log_level": 0})
    partitions = len(producer.list_topics(topic, timeout=10).topics[topic].partitions)
    for number in range(count):
        to = number % partitions if partition is None else partition
        producer.produce(topic, b"%d" % number, partition=to)
    assert producer.flush(20) == 0


def committed(bootstrap: str, group: str, topic: str, partitions: int = 4) -> dict[int, int]:
    """What the group has committed, by partition; nothing where it has not."""
    there = [TopicPartition(topic, number) for number in range(partitions)]
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "log_level": 0})
    try:
        return {p.partition: p.offset for p in consumer.committed(there, 10) if p.offset >= 0}
    finally:
        consumer.close()


async def committed_comes_to(
    bootstrap: str, group: str, topic: str, expected: dict[int, int]
) -> None:
    """Wait until the group has committed just this."""
    found: dict[int, int] = {}

    def is_there() -> bool:
        found.update(committed(bootstrap, group, topic))
        return found == expected

    try:
        await until_async(is_there, "commits")
    except AssertionError as cause:
        raise AssertionError(f"committed is {found}, expected {expected}") from cause


def shares(bootstrap: str, group: str) -> list[int]:
    """How many partitions each member of the group has (real brokers only)."""
    return [len(held) for _, held in _members(bootstrap, group)]


def held(bootstrap: str, group: str) -> dict[str, set[int]]:
    """Which partitions each static member of the group has, by its name (real brokers only)."""
    return {name: held for name, held in _members(bootstrap, group) if name}


def knows_groups(bootstrap: str) -> bool:
    """Whether a node that was just started has its coordinator of groups."""
    try:
        _members(bootstrap, "nobody")
    except (KafkaException, TimeoutError):
        return False
    return True


def _members(bootstrap: str, group: str) -> list[tuple[str, set[int]]]:
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    (future,) = admin.describe_consumer_groups([group]).values()
    try:
        members = future.result(30).members
    except KafkaException as cause:
        if cause.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
            raise
        return []
    return [
        (one.group_instance_id or "", {tp.partition for tp in one.assignment.topic_partitions})
        for one in members
    ]
