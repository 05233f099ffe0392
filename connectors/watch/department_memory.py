"""What is counted of every department from look to look? Days, refusals, answers, its clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import msgspec

from connectors.kafka_admin import Position

DAYS_KEPT = 35
WEEK = 7


class Day(msgspec.Struct):
    """What came on one day. `refused`: how many, by reason."""

    events: int = 0
    refused: dict[str, int] = {}
    answered: int = 0
    duplicates: int = 0


class DepartmentMemory(msgspec.Struct, kw_only=True):
    """One department.

    Attributes:
        ends: where each partition of its topic ended at the last look.
        days: by day as ISO text.
        ahead_ms: how far its clock was ahead at its last event.
        schema: of its last event, `type v1`; empty: it came as JSON.
    """

    ends: dict[int, int] = {}
    days: dict[str, Day] = {}
    last_ms: int = 0
    ahead_ms: int | None = None
    schema: str = ""
    schema_behind: bool = False

    def day(self, day: date) -> Day:
        """What is counted of a day."""
        return self.days.setdefault(day.isoformat(), Day())

    def take_ends(self, ends: Mapping[int, int]) -> int:
        """Remember where its topic ends; returns how much came since the last look."""
        came = sum(max(0, end - self.ends.get(number, 0)) for number, end in ends.items())
        self.ends = dict(ends)
        return came

    def forget(self, today: date) -> None:
        """Drop the days that are too long ago."""
        first = (today - timedelta(days=DAYS_KEPT)).isoformat()
        self.days = {day: one for day, one in self.days.items() if day >= first}

    def week(self, today: date) -> list[Day]:
        """The last seven days, today among them."""
        first = (today - timedelta(days=WEEK - 1)).isoformat()
        return [one for day, one in self.days.items() if day >= first]


class Ledger(msgspec.Struct, kw_only=True):
    """All departments.

    Attributes:
        read: by topic and partition, up to where dead letters and answers were looked at.
        filled: the day on which former days were last read from the logs.
    """

    departments: dict[str, DepartmentMemory] = {}
    read: dict[str, int] = {}
    filled: str = ""


def top_reason(days: Iterable[Day]) -> tuple[int, str]:
    """How many were refused, and why most of them were."""
    reasons: Counter[str] = Counter()
    for one in days:
        reasons.update(one.refused)
    top = min(reasons, key=lambda reason: (-reasons[reason], reason), default="")
    return reasons.total(), top


def by_department(
    ends: Mapping[Position, int], dept_of: Mapping[str, str]
) -> dict[str, dict[int, int]]:
    """Where each partition of each department's topic ends."""
    found: dict[str, dict[int, int]] = {}
    for (topic, number), end in ends.items():
        if (dept := dept_of.get(topic)) is not None:
            found.setdefault(dept, {})[number] = end
    return found


encode_ledger = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Ledger).decode


def decode_ledger(value: bytes | None) -> Ledger:
    """What was kept; an empty one if there is nothing, or nothing that this version can read."""
    if value is None:
        return Ledger()
    try:
        return _decode(value)
    except msgspec.MsgspecError:
        return Ledger()
