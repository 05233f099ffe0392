"""Which day, quarter or deadline is it?

Days are days in Asia/Shanghai; instants are converted here and nowhere else. The offset is fixed at
eight hours, which it has been since 1991; no journal is older.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

import chinese_calendar

from schemas.calendar_file import WorkingDays

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_LAST_DAY = date.max.toordinal()
_SATURDAY = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def day_of(instant: datetime) -> date:
    """The day of an instant in Asia/Shanghai.

    >>> day_of(datetime.fromisoformat("2026-12-31T16:00:00+00:00"))
    datetime.date(2027, 1, 1)
    """
    try:
        return instant.astimezone(SHANGHAI).date()
    except OverflowError:
        # The first and last hours of the calendar have no day in Shanghai; theirs is the next best.
        return instant.date()


def day_of_text(rfc3339: str) -> date:
    """The day, in Asia/Shanghai, of an instant written as RFC 3339.

    Raises:
        ValueError: If it is not one, or has no offset.
    """
    instant = datetime.fromisoformat(rfc3339.upper())
    if instant.tzinfo is None:
        raise ValueError(f"instant {rfc3339!r} has no offset: Z or +08:00 expected at its end")
    return day_of(instant)


def instant_ms(rfc3339: str) -> int:
    """An instant written as RFC 3339, in Unix milliseconds, cut down.

    >>> instant_ms("1970-01-01T08:00:01.5+08:00")
    1500

    Raises:
        ValueError: If it is not one.
    """
    return ms_of(datetime.fromisoformat(rfc3339.upper()))


def ms_of(instant: datetime) -> int:
    """An instant in Unix milliseconds, cut down."""
    return (instant - _EPOCH) // _MILLISECOND


def quarter_of(day: date) -> str:
    """The quarter of a day.

    >>> quarter_of(date(2026, 3, 31))
    '2026Q1'
    """
    return f"{day.year}Q{(day.month + 2) // 3}"


@lru_cache(maxsize=4096)
def day_at(ordinal: int) -> date:
    """The day of a proleptic ordinal; days past the end of the calendar become its last one."""
    return date.fromordinal(min(ordinal, _LAST_DAY))


def is_working_day(day: date, calendar: WorkingDays) -> bool | None:
    """Whether a day is a working day; None when no calendar covers it.

    Source: plan art. 12, 13 (periods in working days); days off as the State Council arranges them.
    """
    by_hand = calendar.days.get(day)
    if by_hand is not None:
        return by_hand
    if day.year in calendar.years:
        return day.weekday() < _SATURDAY
    return _arranged(day)


@lru_cache(maxsize=4096)
def _arranged(day: date) -> bool | None:
    """What the State Council's arrangement says of a day. The library asks for it every time."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def add_working_days(
    day: date, count: int, calendar: WorkingDays, *, pauses: Sequence[tuple[date, date]] = ()
) -> tuple[date, bool]:
    """The last day of a period of working days, and whether it is provisional.

    The day itself is not counted. A pause takes in its first day and not its last. A day that no
    calendar covers is counted, because an ordinary Sunday may turn out to be a working day: the
    result comes too early, never too late, and is provisional.

    Source: art. 12 (seven days, supplements not counted), art. 13 (three days).
    """
    provisional = False
    left = count
    while left > 0 and day < date.max:
        day += timedelta(days=1)
        if any(first <= day < last for first, last in pauses):
            continue
        works = is_working_day(day, calendar)
        provisional = provisional or works is None
        left -= works is not False
    return day, provisional


def ends_on(today: date, calendar: WorkingDays, within: int) -> date | None:
    """The last day that a calendar covers, if it covers less than so many working days from today.

    Today is counted. None: it covers more.

    Source: art. 12, 13 (periods in working days need a calendar that reaches their end).
    """
    day, left = today, within
    while left > 0:
        works = is_working_day(day, calendar)
        if works is None:
            return day - timedelta(days=1)
        left -= works
        day += timedelta(days=1)
    return None
