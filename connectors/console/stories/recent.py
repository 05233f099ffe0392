"""What was written last? The newest records of topics, as many as one asks for and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from connectors.console.context import Context
from connectors.console.traffic.logs import LogRecord, Span, scan, spans_of
from connectors.kafka_admin import Position

NEWEST_DEFAULT = 2000


def newest_spans(spans: Mapping[Position, Span], newest: int) -> dict[Position, Span]:
    """The ends of these stretches, at most `newest` records a topic, shared among its partitions.

    What a short partition leaves over goes to the longer ones.
    """
    kept: dict[Position, Span] = {}
    for topic in sorted({topic for topic, _ in spans}):
        parts = [(end - first, at) for at, (first, end) in spans.items() if at[0] == topic]
        left = newest
        for number, (length, at) in enumerate(sorted(parts)):
            share = min(length, -(-left // (len(parts) - number)))
            left -= share
            kept[at] = (spans[at][1] - share, spans[at][1])
    return kept


def scan_newest(
    hub: Context, topics: Iterable[str], newest: int, take: Callable[[LogRecord], None]
) -> int:
    """Hand the newest records of each topic to `take`; returns how many were read."""
    with hub.admin() as admin:
        spans = spans_of(admin, topics)
    return scan(hub, newest_spans(spans, newest), take, "reading what was sent last")
