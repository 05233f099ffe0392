"""Publishing on brokers that really run: all of it, in order, once; never a false success."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from waiting import until_async

from connectors.kafka_log import KafkaLog
from connectors.local_kafka import KafkaNode
from connectors.publisher import BATCH_BYTES_MAX, KafkaPublisher, OutRecord

REAL = pytest.param("real", marks=pytest.mark.kafka)


@contextlib.asynccontextmanager
async def publishing(bootstrap: str) -> AsyncIterator[KafkaPublisher]:
    """A started publisher."""
    publisher = KafkaPublisher(bootstrap)
    await publisher.start()
    try:
        yield publisher
    finally:
        await publisher.stop()


async def values(bootstrap: str, topic: str, partition: int) -> list[bytes | None]:
    """Everything that stands in a partition."""
    log = KafkaLog(bootstrap)
    start, end = await log.span(topic, partition)
    return [r.value async for chunk in log.scan(topic, partition, start, end) for r in chunk]


def some(topic: str, count: int, *, tag: bytes = b"", partition: int | None = 0) -> list[OutRecord]:
    """So many records, told apart by tag and number."""
    return [OutRecord(topic, partition, b"k", b"%b%d" % (tag, n)) for n in range(count)]


async def crowd(publisher: KafkaPublisher, topic: str) -> list[asyncio.Future[object]]:
    """One publication under way and four that wait for it."""
    first = asyncio.ensure_future(publisher.publish(some(topic, 10)))
    await until_async(lambda: publisher._writers, "the first is under way")
    await asyncio.sleep(0.05)
    others = [asyncio.ensure_future(publisher.publish(some(topic, 10))) for _ in range(4)]
    await until_async(lambda: len(publisher._waiting[topic, 0]) == 4, "four wait behind it")
    return [first, *others]


async def test_order_holds_and_the_end_is_told(bootstrap: str, new_topic: Callable[[], str]):
    topic = new_topic()
    async with publishing(bootstrap) as publisher:
        assert await publisher.publish([]) == {}
        assert await publisher.publish(some(topic, 100)) == {(topic, 0): 100}
        both = some(topic, 7, partition=0) + some(topic, 5, partition=3)
        assert await publisher.publish(both) == {(topic, 0): 107, (topic, 3): 5}

    assert await values(bootstrap, topic, 0) == [b"%d" % n for n in (*range(100), *range(7))]


async def test_callers_at_the_same_time_each_get_their_own_end(
    bootstrap: str, new_topic: Callable[[], str]
):
    topic, tags = new_topic(), [b"a", b"b", b"c", b"d"]
    async with publishing(bootstrap) as publisher:
        ends = await asyncio.gather(
            *(publisher.publish(some(topic, 50, tag=tag)) for tag in tags for _ in range(5))
        )

    found = await values(bootstrap, topic, 0)
    assert len(found) == 50 * 20
    assert sorted(end[topic, 0] for end in ends) == [50 * n for n in range(1, 21)]
    for end, tag in zip(ends, [tag for tag in tags for _ in range(5)], strict=True):
        last = end[topic, 0]
        assert found[last - 50 : last] == [b"%b%d" % (tag, n) for n in range(50)]


async def test_more_than_a_batch_holds_is_sent_as_several(
    bootstrap: str, new_topic: Callable[[], str]
):
    topic, size = new_topic(), BATCH_BYTES_MAX // 3
    large = [OutRecord(topic, 1, None, bytes([n]) * size) for n in range(10)]
    async with publishing(bootstrap) as publisher:
        assert await publisher.publish(large) == {(topic, 1): 10}

    assert await values(bootstrap, topic, 1) == [record.value for record in large]


@pytest.mark.parametrize("bootstrap", [REAL], indirect=True)
async def test_what_the_broker_refuses_is_an_error_and_the_publisher_goes_on(
    bootstrap: str, new_topic: Callable[[], str]
):
    topic = new_topic()
    async with publishing(bootstrap) as publisher:
        with pytest.raises(MessageSizeTooLargeError):
            await publisher.publish([OutRecord(topic, 0, None, bytes(8 * BATCH_BYTES_MAX))])

        assert (await publisher.publish(some(topic, 3)))[topic, 0] == 3


async def test_headers_and_missing_values_arrive(bootstrap: str, new_topic: Callable[[], str]):
    topic = new_topic()
    async with publishing(bootstrap) as publisher:
        await publisher.publish([OutRecord(topic, 2, None, None, [("a", b"1"), ("a", b"\xff")])])

    (record,) = [r async for chunk in KafkaLog(bootstrap).scan(topic, 2, 0, 1) for r in chunk]
    assert (record.key, record.value) == (None, None)
    assert list(record.headers) == [("a", b"1"), ("a", b"\xff")]


async def test_a_key_chooses_the_partition_that_every_client_would(
    bootstrap: str, new_topic: Callable[[], str]
):
    topic, keys = new_topic(), [f"91120116MA05{n:05}A".encode() for n in range(40)]
    async with publishing(bootstrap) as publisher:
        await publisher.publish([OutRecord(topic, None, key, key) for key in keys])
        for key in keys:
            await publisher._producer.send_and_wait(topic, b"by aiokafka", key=key)

    placed: dict[bytes, set[int]] = {key: set() for key in keys}
    for partition in range(4):
        log = KafkaLog(bootstrap)
        _, end = await log.span(topic, partition)
        async for chunk in log.scan(topic, partition, 0, end):
            for record in chunk:
                placed[record.key].add(partition)
    assert all(len(partitions) == 1 for partitions in placed.values())
    assert len(set.union(*placed.values())) == 4


@pytest.mark.kafka
async def test_a_topic_that_is_not_there_is_an_error(kafka_node: KafkaNode):
    kafka_node.start()
    async with publishing(kafka_node.bootstrap) as publisher:
        publisher._producer.client._request_timeout_ms = 1000  # usually half a minute
        async with asyncio.timeout(30):
            with pytest.raises(KafkaError):
                await publisher.publish(some("no-such-topic", 1))


@pytest.mark.parametrize("bootstrap", [REAL], indirect=True)
async def test_while_the_broker_is_away_it_waits_and_then_delivers_once(
    kafka_node: KafkaNode, bootstrap: str, new_topic: Callable[[], str]
):
    topic = new_topic()
    async with publishing(bootstrap) as publisher:
        await publisher.publish(some(topic, 10))
        kafka_node.kill()
        waiting = await crowd(publisher, topic)
        assert not any(one.done() for one in waiting)

        await asyncio.to_thread(kafka_node.start)
        async with asyncio.timeout(60):
            await asyncio.gather(*waiting)

    assert await values(bootstrap, topic, 0) == [b"%d" % n for _ in range(6) for n in range(10)]


@pytest.mark.parametrize("bootstrap", [REAL], indirect=True)
async def test_whoever_waits_when_it_is_stopped_hears_of_no_success(
    kafka_node: KafkaNode, bootstrap: str, new_topic: Callable[[], str]
):
    topic = new_topic()
    publisher = KafkaPublisher(bootstrap)
    await publisher.start()
    await publisher.publish(some(topic, 1))
    kafka_node.kill()
    try:
        waiting = await crowd(publisher, topic)
        stopping = asyncio.ensure_future(publisher.stop())
        done, _ = await asyncio.wait(waiting, timeout=30)
    finally:
        await asyncio.to_thread(kafka_node.start)
    async with asyncio.timeout(60):
        await stopping

    assert len(done) == len(waiting)
    assert all(one.cancelled() or one.exception() is not None for one in waiting)
