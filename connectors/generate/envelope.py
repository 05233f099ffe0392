"""What does one line look like? A structured CloudEvent (design §3.2), written fast."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import orjson

from connectors.generate.spec import DAY_MS

CASE_EXTENSION = "hubcase"
EXPECT_EXTENSION = "hubexpect"
RAW_EXTENSION = "hub_raw"
TOPIC_EXTENSION = "hub_topic"

_HOURS_AND_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60))
_SECONDS = tuple(f"{second:02d}." for second in range(60))
_MILLISECONDS = tuple(f"{ms:03d}+08:00" for ms in range(1000))
_MINUTE_MS = 60_000


class Line(NamedTuple):
    """An event before it has a time. `case` says what it tries out."""

    id: str
    source: str
    type: str
    data: bytes
    case: str = ""


class Clock:
    """Writes instants, given as milliseconds from the calendar's first day in Asia/Shanghai."""

    def __init__(self) -> None:
        self._ordinal = 0
        self._day = ""

    def day(self, ordinal: int) -> str:
        """Write a day: `2026-03-16`."""
        if ordinal != self._ordinal:
            self._ordinal, self._day = ordinal, str(date.fromordinal(ordinal))
        return self._day

    def instant(self, at_ms: int) -> str:
        """Write an instant with offset: `2026-03-16T09:00:00.000+08:00`."""
        ordinal, ms = divmod(at_ms, DAY_MS)
        minute, ms = divmod(ms, _MINUTE_MS)
        second, ms = divmod(ms, 1000)
        return self.day(ordinal) + _HOURS_AND_MINUTES[minute] + _SECONDS[second] + _MILLISECONDS[ms]

    def instant_utc(self, at_ms: int) -> str:
        """Write the same instant as some platforms do, in UTC."""
        return self.instant(at_ms - 8 * 3_600_000).replace("+08:00", "Z")


def write(line: Line, time: str, *, annotate: bool) -> bytes:
    """Write a line with its newline. All but its data is plain ASCII by construction."""
    mark = f'"{CASE_EXTENSION}":"{line.case}",' if annotate and line.case else ""
    head = (
        f'{{"specversion":"1.0","id":"{line.id}","source":"{line.source}","type":"{line.type}",'
        f'"time":"{time}",{mark}"data":'
    )
    return b"%b%b}\n" % (head.encode(), line.data)


def write_attributes(attributes: dict[str, Any]) -> bytes:
    """Write a line whose attributes are as given, right or wrong."""
    return orjson.dumps(attributes) + b"\n"
