"""What stands at these places of the log? Records of many partitions, read over one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from connectors.kafka_admin import Position
from connectors.kafka_login import python_options

PATIENCE_S = 5.0
FETCH_BYTES = 16_384
"""Enough for most records; the broker sends a whole batch however large it is."""
_WAIT_MS = 200


async def peek(bootstrap: str, places: Mapping[Position, int]) -> dict[Position, Any]:
    """The first record at or after each offset; partitions that give none in time are absent."""
    found: dict[Position, Any] = {}

    def take(record: Any) -> bool:  # noqa: ANN401 - a record
        found.setdefault((record.topic, record.partition), record)
        return True

    await _read(bootstrap, places, take, FETCH_BYTES)
    return found


async def stretch(bootstrap: str, spans: Mapping[Position, tuple[int, int]]) -> list[Any]:
    """All records from a first offset up to, not including, an end, as far as they come in time."""
    wanted = {at: span for at, span in spans.items() if span[0] < span[1]}
    found: list[Any] = []

    def take(record: Any) -> bool:  # noqa: ANN401 - a record
        end = wanted[record.topic, record.partition][1]
        if record.offset < end:
            found.append(record)
        return bool(record.offset >= end - 1)

    await _read(bootstrap, {at: span[0] for at, span in wanted.items()}, take, 1 << 20)
    return found


async def _read(bootstrap: str, starts: Mapping[Position, int], take: Any, size: int) -> None:  # noqa: ANN401 - a callback
    """Hand records on until `take` has said of each partition that it has enough, or time is up."""
    if not starts:
        return
    left = set(starts)
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        **python_options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=size,
    ) as consumer:
        consumer.assign([TopicPartition(*at) for at in starts])
        for at, offset in starts.items():
            consumer.seek(TopicPartition(*at), offset)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while left:
                    for there, records in (await consumer.getmany(timeout_ms=_WAIT_MS)).items():
                        if any(take(record) for record in records):
                            left.discard((there.topic, there.partition))
                            # What has enough is not read on, or it would fill the connection.
                            consumer.pause(there)
        except TimeoutError:
            # A log may end in records that nobody ever sees: what came is all there is.
            return
