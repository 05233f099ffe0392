"""A hub to be watched: readers that do as they are told, and looks that follow one another."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis.asyncio as aioredis
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
)
from waiting import until

from connectors.watch.departments import DepartmentWatch
from connectors.watch.watcher import Watcher
from schemas.access import DECIDE_GROUP, deliver_group
from schemas.topics import JOURNAL, REGISTRY, feed_topic, in_topic
from schemas.watch import Departments, Snapshot, Stage, Verdict
from streams import watching

EVERY_MS = 15_000
SITE = "GSXT-TJ"
SET = AlterConfigOpType.SET


class Reader:
    """A member of a group that takes and commits only what it is told to."""

    def __init__(self, bootstrap: str, group: str, topic: str) -> None:
        self.topic = topic
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group,
                "enable.auto.commit": False,
                "session.timeout.ms": 6000,
                "auto.offset.reset": "earliest",
                "log_level": 0,
            }
        )
        self._consumer.subscribe([topic])
        until(self._has_share, f"{group} has its share of {topic}")

    def commit(self, partition: int, offset: int) -> None:
        """Say how far it is."""
        place = TopicPartition(self.topic, partition, offset)
        self._consumer.commit(offsets=[place], asynchronous=False)

    def leave(self) -> None:
        """End in order: the group knows at once."""
        self._consumer.close()

    def _has_share(self) -> bool:
        self._consumer.poll(0.05)
        return bool(self._consumer.assignment())


class WatchedHub:
    """A broker, a Redis, and a clock that goes on by one polling interval with every look."""

    def __init__(self, bootstrap: str, redis_url: str, folder: Path) -> None:
        self.bootstrap, self.redis_url, self.folder = bootstrap, redis_url, folder
        self.now_ms, self.every_ms = time.time_ns() // 1_000_000, EVERY_MS
        self.readers: list[Reader] = []
        self._producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
        self.topic(JOURNAL)
        self.topic(in_topic(REGISTRY))

    def topic(self, name: str, partitions: int = 1, retention_ms: int = -1) -> None:
        """A topic whose records keep the times that they are given, for ever if not told."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        config = {"retention.ms": str(retention_ms), "message.timestamp.type": "CreateTime"}
        new = NewTopic(name, partitions, 1, config=config)
        for future in admin.create_topics([new]).values():
            future.result(10)
        until(lambda: admin.list_topics(name, 10).topics[name].partitions, name)

    def write(self, topic: str, count: int = 1, at: datetime | None = None) -> None:
        """So many records."""
        extra: dict[str, Any] = {"timestamp": int(at.timestamp() * 1000)} if at else {}
        for _ in range(count):
            self._producer.produce(topic, b"{}", partition=0, **extra)
        assert self._producer.flush(20) == 0

    def keep_for(self, topic: str, retention_ms: int) -> None:
        """Change how long a topic keeps its records."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        entry = ConfigEntry("retention.ms", str(retention_ms), incremental_operation=SET)
        change = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
        for future in admin.incremental_alter_configs([change]).values():
            future.result(10)

    def delete(self, topic: str, before: int) -> None:
        """Delete what lies before an offset, as retention does."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        admin.delete_records([TopicPartition(topic, 0, before)])[
            TopicPartition(topic, 0, before)
        ].result(10)

    def reader(self, group: str = DECIDE_GROUP, topic: str = JOURNAL) -> Reader:
        """A member that has its share."""
        one = Reader(self.bootstrap, group, topic)
        self.readers.append(one)
        return one

    def deliverer(self) -> Reader:
        """A deliver worker of the site, with its feed."""
        self.topic(feed_topic(SITE))
        return self.reader(deliver_group(SITE), feed_topic(SITE))

    def look(self) -> Snapshot:
        """One look, by a process that has just been started."""
        self.now_ms += self.every_ms
        return asyncio.run(self._look())

    def looks_until(self, verdict: str, stage: Stage = Stage.DECIDE) -> int:
        """Look until a stage is judged so; how many looks that took, four for ever."""
        for number in range(1, 5):
            if self.row(self.look(), stage).verdict is Verdict(verdict):
                return number
        raise AssertionError(f"{stage} is not {verdict} within four looks")

    def row(self, picture: Snapshot, stage: Stage = Stage.DECIDE) -> Any:
        """The row of a stage."""
        return next(one for one in picture.stages if one.stage is stage)

    def departments(self) -> Departments:
        """One look at the departments, by a process that has just been started."""
        return asyncio.run(self._departments())

    def event(self, dept: str, at: datetime) -> None:
        """An event of a department, of that moment."""
        self.write(in_topic(dept), at=at.astimezone(UTC))

    async def _look(self) -> Snapshot:
        async with aioredis.from_url(self.redis_url) as client:
            watcher = self._watcher(client)
            try:
                return await watcher.look()
            finally:
                watcher.positions.close()

    async def _departments(self) -> Departments:
        async with aioredis.from_url(self.redis_url) as client:
            watcher = self._watcher(client)
            try:
                await watcher.look()
                watch = DepartmentWatch(
                    bootstrap=self.bootstrap,
                    redis=(client, self.redis_url),
                    positions=watcher.positions,
                    rules=watching,
                    clock=lambda: self.now_ms,
                )
                return await watch.look(watcher.positions.ends, watcher.ledgers.calendar)
            finally:
                watcher.positions.close()

    def _watcher(self, client: aioredis.Redis) -> Watcher:
        return Watcher(
            bootstrap=self.bootstrap,
            redis=(client, self.redis_url),
            rules=watching,
            sites=(SITE,),
            every_s=self.every_ms / 1000,
            clock=lambda: self.now_ms,
        )
