"""What do the control topics say?

Followed by assignment from their first record, by every worker that needs them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from connectors.kafka_login import python_options

log = structlog.get_logger()

_POLL_MS = 100
LEVEL_AGAIN_S = 0.1
ORIGIN_HEADER = "hub-origin"


class ControlFollower:
    """Hands every entry of some compacted topics to `take`, in order, and then whatever comes."""

    def __init__(
        self, bootstrap: str, topics: Sequence[str], take: Callable[[bytes, bytes], None]
    ) -> None:
        self._topics = topics
        self._take = take
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            **python_options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_POLL_MS,
        )
        # A broker answers one request of a connection at a time: asked on the follower's own, where
        # the logs end would be told only after its long poll.
        self._ends = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, **python_options(), enable_auto_commit=False
        )
        self._there: list[TopicPartition] = []
        self._next: dict[TopicPartition, int] = {}
        self._moved = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._level_at = float("-inf")
        self._look: asyncio.Task[None] | None = None
        self._origins: dict[tuple[str, str], int] = {}

    async def start(self) -> None:
        """Connect, take in everything that is there, then follow."""
        await asyncio.gather(self._consumer.start(), self._ends.start())
        for topic in self._topics:
            # A compacted control topic has one partition; a broker that made it with more is read
            # whole.
            await self._consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - aiokafka has no public way
            partitions = self._consumer.partitions_for_topic(topic) or {0}
            self._there += [TopicPartition(topic, partition) for partition in sorted(partitions)]
        self._consumer.assign(self._there)
        await self._consumer.seek_to_beginning(*self._there)
        self._task = asyncio.create_task(self._follow(), name="control topics")
        await self.level()

    async def stop(self) -> None:
        """Disconnect."""
        tasks = [task for task in (self._look, self._task) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await asyncio.gather(self._consumer.stop(), self._ends.stop())

    async def level(self, *, now: bool = False) -> None:
        """Return once everything published so far has been taken in.

        What is known to hold of a moment up to 0.1 s ago will do, unless it must be known `now`. So
        the broker is asked once for all who wait, and, while many ask, ahead of them.
        """
        asked_at = asyncio.get_running_loop().time()
        since = asked_at if now else asked_at - LEVEL_AGAIN_S
        while self._level_at < since:
            await asyncio.shield(self._looking())
        if asked_at - self._level_at > LEVEL_AGAIN_S / 2:
            self._looking()

    def _looking(self) -> asyncio.Task[None]:
        """The look under way, or a new one. It may have begun before whoever waits asked."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._look_once(), name="level with control topics")
            self._look.add_done_callback(_heard)
        return self._look

    async def _look_once(self) -> None:
        began_at = asyncio.get_running_loop().time()
        ends = await self._ends.end_offsets(self._there)
        async with self._moved:
            await self._moved.wait_for(lambda: self._died() or self._is_at(ends))
        if self._died() and self._task is not None:
            self._task.result()
        self._level_at = began_at

    def _is_at(self, ends: dict[TopicPartition, int]) -> bool:
        return all(self._next.get(there, 0) >= end for there, end in ends.items())

    def _died(self) -> bool:
        return self._task is not None and self._task.done()

    async def _follow(self) -> None:
        try:
            while True:
                got = await self._consumer.getmany(timeout_ms=_POLL_MS)
                for records in got.values():
                    self._take_all(records)
                async with self._moved:
                    for there in self._there:
                        self._next[there] = await self._consumer.position(there)
                    self._moved.notify_all()
        finally:
            async with self._moved:
                self._moved.notify_all()

    def _is_late(self, record: Any) -> bool:  # noqa: ANN401 - aiokafka has no types
        """Whether intake had put a later inbound record here before.

        A worker that was frozen may publish again what its successor published long ago.
        """
        origin = dict(record.headers).get(ORIGIN_HEADER)
        if origin is None:
            return False
        inbound, _, offset = origin.decode().rpartition("/")
        # Each control topic for itself: one may be read before the other.
        place = record.topic, inbound
        last = self._origins.get(place, -1)
        self._origins[place] = max(int(offset), last)
        return int(offset) <= last

    def _take_all(self, records: Sequence[Any]) -> None:
        for record in records:
            if record.key is None or record.value is None or self._is_late(record):
                continue
            try:
                self._take(record.key, record.value)
            except ValueError as cause:
                # Intake checked what it wrote; something else wrote this. The rest must go on.
                log.error(  # noqa: TRY400 - the trace says nothing that the text does not
                    "control record ignored: it cannot be read",
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                    error=str(cause),
                )


def _heard(look: asyncio.Task[None]) -> None:
    """A look that nobody waited for failed: the next who asks looks again, and hears of it."""
    if not look.cancelled():
        look.exception()
