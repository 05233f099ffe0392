"""Reading whole logs and following control topics, on brokers that really run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from confluent_kafka import Producer
from engine_parts import Remembering, committed_comes_to, running, settings, write
from structlog.testing import capture_logs
from waiting import until_async

from connectors import kafka_log
from connectors.control_topics import LEVEL_AGAIN_S, ControlFollower
from connectors.kafka_log import CHUNK_RECORDS_MAX, KafkaLog
from connectors.local_kafka import KafkaNode
from streams.engine import Engine

REAL = pytest.param("real", marks=pytest.mark.kafka)


async def test_a_log_is_read_from_one_offset_to_another(
    bootstrap: str, new_topic: Callable[[], str]
):
    topic, log = new_topic(), KafkaLog(bootstrap)
    write(bootstrap, topic, 100, partition=2)

    async def read(start: int, end: int) -> list[int]:
        return [r.offset async for chunk in log.scan(topic, 2, start, end) for r in chunk]

    assert await log.span(topic, 2) == (0, 100)
    assert await log.span(topic, 0) == (0, 0)
    assert await log.partitions(topic) == 4
    assert await read(0, 100) == list(range(100))
    assert await read(40, 43) == [40, 41, 42]
    assert await read(50, 50) == []
    assert await read(99, 100) == [99]


class AlreadyFetching(AIOKafkaConsumer):
    """As on a slow machine: what is assigned is being fetched before anything is asked.

    Nothing comes for two minutes, and until then the broker answers nothing else on the connection.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, fetch_max_wait_ms=120_000, request_timeout_ms=180_000)

    async def beginning_offsets(self, partitions: Any) -> Any:
        if self.assignment():
            await until_async(lambda: self._fetcher._pending_tasks, "the fetch is on its way")
        return await super().beginning_offsets(partitions)


@pytest.mark.parametrize("bootstrap", [REAL], indirect=True)
async def test_where_an_idle_log_begins_and_ends_is_told_without_waiting_for_records(
    bootstrap: str, new_topic: Callable[[], str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kafka_log, "AIOKafkaConsumer", AlreadyFetching)
    topic = new_topic()

    async with asyncio.timeout(30):
        assert await KafkaLog(bootstrap).span(topic, 1) == (0, 0)


async def test_a_long_log_comes_in_chunks(bootstrap: str, new_topic: Callable[[], str]):
    topic, count = new_topic(), 2 * CHUNK_RECORDS_MAX + 7
    write(bootstrap, topic, count, partition=0)

    sizes = [len(chunk) async for chunk in KafkaLog(bootstrap).scan(topic, 0, 0, count)]

    assert sum(sizes) == count
    assert max(sizes) <= CHUNK_RECORDS_MAX


@pytest.mark.parametrize("bootstrap", [REAL], indirect=True)
async def test_a_log_whose_end_has_no_record_is_read_to_its_end(
    bootstrap: str, new_topic: Callable[[], str]
):
    """A transaction ends with a record that nobody ever sees."""
    topic, log = new_topic(), KafkaLog(bootstrap)
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": topic})
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(topic, b"seen", partition=0)
    producer.commit_transaction(10)
    # The record that ends a transaction is written a moment after the commit is answered.
    end = 0
    async with asyncio.timeout(20):
        while end < 2:
            _, end = await log.span(topic, 0)

    async with asyncio.timeout(20):
        found = [r.value async for chunk in log.scan(topic, 0, 0, end) for r in chunk]

    assert (found, end) == ([b"seen"], 2)


async def test_what_a_group_has_committed(bootstrap: str, new_topic: Callable[[], str]):
    topic, handler, log = new_topic(), Remembering(), KafkaLog(bootstrap)
    write(bootstrap, topic, 9, partition=1)
    assert await log.committed(f"g-{topic}", topic) == dict.fromkeys(range(4))

    async with running(Engine(settings(bootstrap, f"g-{topic}"), [topic], handler)):
        await committed_comes_to(bootstrap, f"g-{topic}", topic, {1: 9})

    assert await log.committed(f"g-{topic}", topic) == {0: None, 1: 9, 2: None, 3: None}


@contextlib.asynccontextmanager
async def following(
    bootstrap: str, topics: list[str], take: Callable[[bytes, bytes], None]
) -> AsyncIterator[ControlFollower]:
    """A started follower."""
    follower = ControlFollower(bootstrap, topics, take)
    await follower.start()
    try:
        yield follower
    finally:
        await follower.stop()


def put(bootstrap: str, topic: str, *entries: tuple[bytes | None, bytes | None]) -> None:
    """Entries of a control topic."""
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "log_level": 0})
    for key, value in entries:
        producer.produce(topic, value, key, partition=0)
    assert producer.flush(20) == 0


async def test_everything_there_is_taken_in_before_the_start_is_over(
    bootstrap: str, new_topic: Callable[[], str]
):
    one, two, found = new_topic(), new_topic(), list[tuple[bytes, bytes]]()
    put(bootstrap, one, *((b"%d" % n, b"one") for n in range(500)))
    put(bootstrap, two, (b"x", b"two"), (None, b"no key"), (b"gone", None))

    async with following(bootstrap, [one, two], lambda k, v: found.append((k, v))):
        assert [k for k, v in found if v == b"one"] == [b"%d" % n for n in range(500)]
        assert (b"x", b"two") in found
        assert len(found) == 501


async def test_level_means_that_what_was_published_has_arrived(
    bootstrap: str, new_topic: Callable[[], str]
):
    topic, found = new_topic(), list[bytes]()
    async with following(bootstrap, [topic], lambda k, v: found.append(v)) as follower:
        for number in range(5):
            await asyncio.sleep(LEVEL_AGAIN_S)
            put(bootstrap, topic, (b"k", b"%d" % number))
            async with asyncio.timeout(20):
                await follower.level()
            assert found == [b"%d" % n for n in range(number + 1)]


async def test_an_entry_that_nobody_can_read_is_named_and_passed_over(
    bootstrap: str, new_topic: Callable[[], str]
):
    topic, found = new_topic(), list[bytes]()

    def take(key: bytes, value: bytes) -> None:
        found.append(key + b"=%d" % int(value))

    put(bootstrap, topic, (b"a", b"1"), (b"b", b"not a number"), (b"c", b"3"))
    with capture_logs() as logs:
        async with following(bootstrap, [topic], take):
            assert found == [b"a=1", b"c=3"]

    (told,) = [line for line in logs if line["log_level"] == "error"]
    assert (told["topic"], told["offset"]) == (topic, 1)


async def test_a_reader_that_breaks_is_heard_of_by_whoever_waits(
    bootstrap: str, new_topic: Callable[[], str]
):
    topic = new_topic()

    def take(key: bytes, value: bytes) -> None:
        raise ZeroDivisionError

    async with following(bootstrap, [topic], take) as follower:
        put(bootstrap, topic, (b"a", b"1"))
        await asyncio.sleep(LEVEL_AGAIN_S)
        async with asyncio.timeout(20):
            with pytest.raises(ZeroDivisionError):
                await follower.level()


@pytest.mark.parametrize("bootstrap", [REAL], indirect=True)
async def test_a_restart_of_the_broker_is_survived(
    kafka_node: KafkaNode, bootstrap: str, new_topic: Callable[[], str]
):
    topic, found = new_topic(), list[bytes]()
    async with following(bootstrap, [topic], lambda k, v: found.append(v)):
        put(bootstrap, topic, (b"a", b"before"))
        await until_async(lambda: found == [b"before"], "the first")
        kafka_node.kill()
        await asyncio.to_thread(kafka_node.start)
        put(bootstrap, topic, (b"a", b"after"))
        await until_async(lambda: found == [b"before", b"after"], "the second")
