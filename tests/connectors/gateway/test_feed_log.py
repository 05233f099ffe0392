"""A feed on a real node is read from a cursor's offset on, whatever compaction took away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)
from waiting import until

from connectors.departments.gateway.pull.log import KafkaFeeds, Stretch
from connectors.local_kafka import KafkaNode
from schemas.topics import feed_topic

pytestmark = pytest.mark.kafka

SITE = "SUBJECTS-TJ"
COMPACTED_AT_ONCE = {
    "cleanup.policy": "compact", "segment.ms": "50", "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "50", "delete.retention.ms": "0",
}  # fmt: skip


@pytest.fixture
def bootstrap(clean_kafka: KafkaNode) -> Iterator[str]:
    """A node that compacts the feed as soon as it can."""
    admin = AdminClient({"bootstrap.servers": clean_kafka.bootstrap, "log_level": 0})
    topic = NewTopic(feed_topic(SITE), 1, 1, config=COMPACTED_AT_ONCE)
    for future in admin.create_topics([topic]).values():
        future.result(10)
    set_cleaner(admin, AlterConfigOpType.SET)
    yield clean_kafka.bootstrap
    set_cleaner(admin, AlterConfigOpType.DELETE)


def set_cleaner(admin: AdminClient, operation: AlterConfigOpType) -> None:
    often = ConfigEntry("log.cleaner.backoff.ms", "50", incremental_operation=operation)
    broker = ConfigResource(ResourceType.BROKER, "1", incremental_configs=[often])
    for future in admin.incremental_alter_configs([broker]).values():
        future.result(10)


async def read(feeds: KafkaFeeds, start: int, limit: int = 100, wait_s: float = 0) -> Stretch:
    return await feeds.read(SITE, start, limit, wait_s, lambda: False)


def put(bootstrap: str, *keys: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for key in keys:
        producer.produce(feed_topic(SITE), b"{}", key.encode(), partition=0)
    assert producer.flush(10) == 0


async def test_a_cursor_outlives_compaction_and_misses_nothing(bootstrap: str):
    feeds = KafkaFeeds(bootstrap)
    put(bootstrap, "A", "B", "C")
    first = await read(feeds, 0, limit=2)
    put(bootstrap, *["A", "B"] * 20)

    def is_compacted() -> bool:
        put(bootstrap, "D")  # what is being written to is never compacted
        return asyncio.run(whole(bootstrap)).count(b"A") == 1

    await asyncio.to_thread(until, is_compacted, "the feed is compacted", 60)
    later = await rest(feeds, first.next_offset)
    await feeds.stop()

    assert [record.key for record in first.records] == [b"A", b"B"]
    assert [record.key for record in later[:3]] == [b"C", b"A", b"B"]
    assert later[0].offset == 2
    assert later[1].offset > 3


async def whole(bootstrap: str) -> list[bytes]:
    """The keys of all that the feed still has."""
    feeds = KafkaFeeds(bootstrap)
    found = await rest(feeds, 0)
    await feeds.stop()
    return [record.key for record in found]


async def rest(feeds: KafkaFeeds, start: int) -> list[Any]:
    """All records from an offset on, stretch by stretch."""
    found: list[Any] = []
    while True:
        stretch = await read(feeds, start)
        found += stretch.records
        start = stretch.next_offset
        if start >= stretch.end:
            return found


async def test_a_reader_waits_at_the_end_until_something_comes_or_it_is_let_go(bootstrap: str):
    feeds, ended = KafkaFeeds(bootstrap), asyncio.Event()
    put(bootstrap, "A")

    waiting = asyncio.create_task(read(feeds, 1, wait_s=30))
    let_go = asyncio.create_task(feeds.read(SITE, 1, 100, 30, ended.is_set))
    await read(feeds, 0)
    ended.set()
    nothing = await let_go
    assert not waiting.done()
    await asyncio.to_thread(put, bootstrap, "B")
    found = await waiting
    await feeds.stop()

    assert (list(nothing.records), nothing.next_offset) == ([], 1)
    assert [record.key for record in found.records] == [b"B"]


async def test_beyond_the_end_nothing_is_found_and_the_end_is_told(bootstrap: str):
    feeds = KafkaFeeds(bootstrap)
    put(bootstrap, "A")

    found = await read(feeds, 9)
    await feeds.stop()

    assert (list(found.records), found.end) == ([], 1)
