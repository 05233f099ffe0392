"""When does a system work? Its maintenance window and its daily import, in Asia/Shanghai."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """A system's hours. The default works at all times.

    Attributes:
        maintenance: from, to; over midnight if the end is before the beginning.
        daily: what arrived takes effect at this time of the day only.
    """

    maintenance: tuple[time, time] | None = None
    daily: time | None = None

    def closed_for_s(self, now_s: float) -> float | None:
        """Seconds until the maintenance ends; None if there is none now."""
        if self.maintenance is None:
            return None
        begin, end = self.maintenance
        now = datetime.fromtimestamp(now_s, SHANGHAI)
        clock = now.time()
        inside = begin <= clock < end if begin <= end else clock >= begin or clock < end
        if not inside:
            return None
        return (_next(now, end) - now).total_seconds()

    def due_ms(self, received_s: float, delay_s: float) -> int:
        """When something takes effect that arrived now."""
        at = received_s + delay_s
        if self.daily is not None:
            at = _next(datetime.fromtimestamp(at, SHANGHAI), self.daily).timestamp()
        return int(at * 1000)


def a_time(text: str) -> time:
    """`HH:MM`.

    Raises:
        ValueError: it is something else.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time HH:MM")
    return time(int(found[1]), int(found[2]))


def a_window(text: str) -> tuple[time, time]:
    """`HH:MM-HH:MM`.

    Raises:
        ValueError: it is something else.
    """
    begin, dash, end = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is not a window HH:MM-HH:MM")
    return a_time(begin), a_time(end)


def _next(now: datetime, clock: time) -> datetime:
    """The first such time of the day after now."""
    today = datetime.combine(now.date(), clock, SHANGHAI)
    return today if today > now else today + timedelta(days=1)
