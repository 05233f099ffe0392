"""Which moment do people mean? `18:00`, `2026-03-17T18:00`, `6h`; and how long is it until then?"""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta

from connectors.console.context import CommandError, Exit
from connectors.console.terminal.screen import SHANGHAI

_LENGTH = re.compile(r"(\d{1,4})([mhd])")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DAY_MS = 86_400_000
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000


def read_moment(text: str, now: int) -> int:
    """A moment in Unix milliseconds: a time of day (the next such), a date and time, or from now.

    Without an offset it is in Asia/Shanghai.

    Raises:
        CommandError: it is none, or lies behind us.
    """
    if length := _LENGTH.fullmatch(text):
        return now + int(length[1]) * _UNITS_MS[length[2]]
    at = _clock(text, now) if _CLOCK.fullmatch(text) else _instant(text)
    if at is None:
        raise CommandError(
            f"{text!r} is no moment: HH:MM, YYYY-MM-DDTHH:MM, or 30m, 6h, 2d from now expected",
            Exit.USAGE,
        )
    if at < now:
        raise CommandError(f"{text} is over", Exit.USAGE)
    return at


def left(span_ms: int) -> str:
    """A stretch of time as people say it: `2 d 3 h`, `4 h 05 min`, `12 min`, `35 s`."""
    days, rest = divmod(abs(span_ms), _DAY_MS)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min" if minutes else f"{rest // 1000} s"


def day_text(day: date | None, *, provisional: bool = False) -> str:
    """A day with its weekday; a question mark where it may still move."""
    if day is None:
        return "no day"
    return f"{day} {_WEEKDAYS[day.weekday()]}" + ("?" if provisional else "")


def end_of_day_ms(day: date) -> int:
    """The last millisecond of a day in Asia/Shanghai."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    return int(midnight.timestamp() * 1000) + _DAY_MS - 1


def short(at_ms: int) -> str | None:
    """An instant without its year: `03-10 09:00:00`; None for never."""
    if not at_ms:
        return None
    return datetime.fromtimestamp(at_ms / 1000, SHANGHAI).strftime("%m-%d %H:%M:%S")


def brief(at_ms: int, now: int) -> str | None:
    """An instant in few letters: of today its time, else day, hour and minute; None for never."""
    if not at_ms:
        return None
    at, today = (datetime.fromtimestamp(ms / 1000, SHANGHAI) for ms in (at_ms, now))
    return at.strftime("%H:%M:%S" if at.date() == today.date() else "%m-%d %H:%M")


def _clock(text: str, now: int) -> int | None:
    hour, minute = map(int, text.split(":"))
    if hour > 23 or minute > 59:
        return None
    today = datetime.fromtimestamp(now / 1000, SHANGHAI)
    at = today.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if at < today:
        at += timedelta(days=1)
    return int(at.timestamp() * 1000)


def _instant(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
