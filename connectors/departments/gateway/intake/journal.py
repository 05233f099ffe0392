"""How is one record of the journal read? With one consumer, one record at a time."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from connectors.kafka_login import python_options
from schemas.topics import JOURNAL

_READ_WAIT_MS = 3000
_POLL_MS = 10
"""A broker answers one request of a connection at a time: a long poll for what comes after a record
would hold up the reading of the next."""


class KafkaJournal:
    """Reads single records (fits gateway.ports.Journal)."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            **python_options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
            fetch_max_wait_ms=_POLL_MS,
        )
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Connect."""
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def value(self, partition: int, offset: int) -> tuple[bytes, str | None] | None:
        """A record's value and content type; None if the log no longer has it."""
        there = TopicPartition(JOURNAL, partition)
        async with self._one_at_a_time:
            self._consumer.assign([there])
            self._consumer.seek(there, offset)
            got = await self._consumer.getmany(there, timeout_ms=_READ_WAIT_MS, max_records=1)
            records = got.get(there, [])
            self._consumer.assign([])
        if not records or records[0].offset != offset or records[0].value is None:
            return None
        content_type = dict(records[0].headers).get("content-type")
        return records[0].value, content_type.decode() if content_type else None
