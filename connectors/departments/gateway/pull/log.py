"""How is a site's feed read from an offset on, and how long is more of it waited for?

Readers are kept and lent out, one a request: to connect takes longer than to read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from connectors.kafka_login import python_options
from schemas.topics import feed_topic

FEED_PARTITION = 0
"""One partition holds the whole: a site sees the versions of a result in order."""

READ_WAIT_S = 5.0
LOOK_EVERY_MS = 200
_IDLE_MAX = 8
_POLL_MS = 100
"""A broker answers one request of a connection at a time: whoever borrows a reader waits at most so
long for the poll that its last borrower left behind."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a feed.

    Attributes:
        records: in order; none of those that compaction took away.
        next_offset: where to go on.
        end: the offset after the feed's last record.
    """

    records: Sequence[Any]
    next_offset: int
    end: int


class KafkaFeeds:
    """Reads feeds of one cluster (fits gateway.ports.Feeds)."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._idle: list[AIOKafkaConsumer] = []

    async def stop(self) -> None:
        """Disconnect."""
        while self._idle:
            await self._idle.pop().stop()

    async def read(
        self, site: str, start: int, limit: int, wait_s: float, ended: Callable[[], bool]
    ) -> Stretch:
        """At most `limit` records from `start` on.

        If there are none it waits for some, for `wait_s` seconds at most or until `ended` says so.

        Raises:
            TimeoutError: the broker does not answer.
        """
        consumer = self._idle.pop() if self._idle else await self._connect()
        try:
            found = await self._read(consumer, site, start, limit, wait_s, ended)
        except BaseException:
            await consumer.stop()  # nobody knows what still comes on it
            raise
        consumer.assign([])
        if len(self._idle) < _IDLE_MAX:
            self._idle.append(consumer)
        else:
            await consumer.stop()
        return found

    async def _read(
        self,
        consumer: AIOKafkaConsumer,
        site: str,
        start: int,
        limit: int,
        wait_s: float,
        ended: Callable[[], bool],
    ) -> Stretch:
        loop = asyncio.get_running_loop()
        there = TopicPartition(feed_topic(site), FEED_PARTITION)
        # Before it is assigned: a reader that is given up while it still looks for its position
        # does not stop any more (aiokafka 0.14 loses the cancellation).
        async with asyncio.timeout(READ_WAIT_S):
            end = (await consumer.end_offsets([there]))[there]
        if start > end:
            return Stretch((), start, end)
        consumer.assign([there])
        consumer.seek(there, start)
        position, until = start, loop.time() + wait_s
        must_move_by = loop.time() + READ_WAIT_S
        while True:
            got = await consumer.getmany(there, timeout_ms=LOOK_EVERY_MS, max_records=limit)
            records = got.get(there, ())
            # The position counts, not the last record: the log may end in records nobody sees.
            position = await consumer.position(there)
            if records:
                return Stretch(records, position, max(end, position))
            if position < end:
                if loop.time() > must_move_by:
                    raise TimeoutError(f"{there.topic} cannot be read")
            elif ended() or loop.time() >= until:
                return Stretch((), position, max(end, position))

    async def _connect(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            **python_options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
            fetch_max_wait_ms=_POLL_MS,
        )
        try:
            async with asyncio.timeout(READ_WAIT_S):
                await consumer.start()
        except BaseException:
            await consumer.stop()
            raise
        return consumer
