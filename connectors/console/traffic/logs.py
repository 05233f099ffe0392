"""What stands in the logs? Stretches of partitions, read with progress, record by record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from connectors.console.context import Context
from connectors.console.terminal.screen import progress
from connectors.kafka_admin import KafkaAdmin, Position
from connectors.kafka_log import KafkaLog

Headers = Sequence[tuple[str, bytes | None]]
Span = tuple[int, int]


class LogRecord(Protocol):
    """A record as it was fetched."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def spans_of(admin: KafkaAdmin, topics: Iterable[str]) -> dict[Position, Span]:
    """First offset kept and end of every partition of these topics; missing topics have none."""
    counts = admin.partition_counts()
    there = [(name, number) for name in topics for number in range(counts.get(name, 0))]
    first, end = admin.beginning_offsets(there), admin.end_offsets(there)
    return {at: (first[at], end[at]) for at in there}


def scan(
    hub: Context, spans: Mapping[Position, Span], take: Callable[[LogRecord], None], what: str
) -> int:
    """Hand every record of these stretches to `take`; returns how many were read."""
    total = sum(max(0, end - first) for first, end in spans.values())
    with progress(hub.err, what, total) as bar:
        return read(hub.bootstrap(), spans, take, bar.at)


def read(
    bootstrap: str,
    spans: Mapping[Position, Span],
    take: Callable[[LogRecord], None],
    heard: Callable[[int], None] = lambda _: None,
) -> int:
    """The same without a progress bar; `heard` hears how many were read so far."""
    return asyncio.run(_read(KafkaLog(bootstrap), spans, take, heard))


async def _read(
    log: KafkaLog,
    spans: Mapping[Position, Span],
    take: Callable[[LogRecord], None],
    heard: Callable[[int], None],
) -> int:
    count = 0
    for (topic, partition), (first, end) in spans.items():
        async for records in log.scan(topic, partition, first, end):
            for record in records:
                take(record)
            count += len(records)
            heard(count)
    return count


def headers_of(record: LogRecord) -> dict[str, Any]:
    """Headers by name, as text where they are text."""
    return {
        name: None if value is None else value.decode("utf-8", "backslashreplace")
        for name, value in record.headers
    }
