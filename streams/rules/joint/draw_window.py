"""When may objects be drawn for a quarter, and on which day may a joint visit be proposed?

Source: art. 2 (in the first five working days of each quarter); docs/semantics.md §13.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from schemas.calendar_file import CalendarTable, WorkingDays
from streams.rules.calendar import is_working_day

_DAY = timedelta(days=1)
_SATURDAY = 5


@lru_cache(maxsize=256)
def quarter_span(quarter: str) -> tuple[date, date]:
    """First and last day of a quarter.

    >>> quarter_span("2026Q4")
    (datetime.date(2026, 10, 1), datetime.date(2026, 12, 31))
    """
    year, number = int(quarter[:4]), int(quarter[5])
    following = date(year + number // 4, number % 4 * 3 + 1, 1)
    return date(year, number * 3 - 2, 1), following - _DAY


def window_end(quarter: str, draw_days: int, calendar: WorkingDays) -> date | None:
    """The last of the quarter's first working days; None if no calendar covers them all.

    Source: art. 2.
    """
    day, last = quarter_span(quarter)
    left = draw_days
    while day <= last:
        works = is_working_day(day, calendar)
        if works is None:
            return None
        left -= works
        if left == 0:
            return day
        day += _DAY
    return last


def proposed_day(
    joint_id: str,
    quarter: str,
    on: date,
    days_off: int,
    table: CalendarTable,
    *,
    bars: Callable[[date], bool] = lambda _: False,
) -> date:
    """The day proposed for a joint visit, so that the many of a quarter spread over it.

    One of the quarter's working days that lie more than so many working days after a day, chosen
    by the joint task's name; the quarter's last day if none is left. Days that are barred are
    passed over: it is one of them only if all days of the quarter after `on` are.

    Source: art. 2 (the lead organises the visit; it may choose another day), 3 (the whitelist).
    """
    after = _days_after(quarter, on, days_off, frozenset(table.days.items()), table.years)
    days = [day for day in after if not bars(day)]
    if not days:
        last = quarter_span(quarter)[1]
        left = (last - _DAY * n for n in range(max((last - on).days, 0)))
        return next((day for day in left if not bars(day)), last)
    number = int.from_bytes(hashlib.sha256(joint_id.encode()).digest()[:4], "big")
    return days[number % len(days)]


@lru_cache(maxsize=64)
def _days_after(
    quarter: str,
    on: date,
    days_off: int,
    by_hand: frozenset[tuple[date, bool]],
    years: frozenset[int],
) -> tuple[date, ...]:
    """The quarter's working days after a day, but for the first ones."""
    first, last = quarter_span(quarter)
    calendar = CalendarTable(dict(by_hand), years)
    day = max(first, on + _DAY)
    span = [day + _DAY * n for n in range(max((last - day).days + 1, 0))]
    return tuple(one for one in span if _works(one, calendar))[days_off:]


def _works(day: date, calendar: WorkingDays) -> bool:
    """Whether a day works; where no calendar covers it, Monday to Friday do."""
    works = is_working_day(day, calendar)
    return day.weekday() < _SATURDAY if works is None else works
