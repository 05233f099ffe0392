"""How long did decisions take?

From the department's record on its topic to the answer on its own, in Kafka's time.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.audit.dump import Dump
from schemas.codec import decode_journal
from schemas.decision import DecisionMade
from schemas.messages import DECISION_MADE
from schemas.topics import JOURNAL, OUT_PREFIX


class Times(NamedTuple):
    """Milliseconds, and of how many decisions; None if there was none."""

    p50: int | None
    p99: int | None
    decisions: int


def decision_times(dump: Dump) -> Times:
    """The time from each task's inbound record to its first answer."""
    came_at = _came_at(dump)
    took_ms: dict[tuple[int, int], int] = {}
    for _, _, records in dump.walk(OUT_PREFIX):
        for record in records:
            if record.header("ce_type") != DECISION_MADE or record.value is None:
                continue
            source = DecisionMade.model_validate_json(record.value).source
            there = source.partition, source.offset
            if there in came_at:
                took_ms.setdefault(there, record.timestamp_ms - came_at[there])
    ordered = sorted(took_ms.values())
    if not ordered:
        return Times(None, None, 0)
    return Times(
        ordered[len(ordered) // 2], ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)],
        len(ordered),
    )  # fmt: skip


def _came_at(dump: Dump) -> dict[tuple[int, int], int]:
    """Kafka's time of the inbound record, by the partition and offset of the journal record."""
    times: dict[tuple[int, int], int] = {}
    arrivals = {
        (topic, partition, record.offset): record.timestamp_ms
        for topic, partition, records in dump.walk("insp.in.")
        for record in records
    }
    for _, partition, records in dump.walk(JOURNAL):
        for record in records:
            origin = decode_journal(record.value).origin
            arrived = arrivals.get((origin.topic, origin.partition, origin.offset))
            if arrived is not None:
                times[partition, record.offset] = arrived
    return times
