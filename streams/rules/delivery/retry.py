"""When is a delivery tried again? Bounded by its due day, never by a count.

Source: art. 13 (three working days); docs/delivery.md.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from schemas.calendar_file import WorkingDays, shipped_calendar
from streams.rules.calendar import SHANGHAI, is_working_day
from streams.rules.deadlines import day_of_ms

FIRST_MS = 1_000
FAST_MAX_MS = 300_000
SPREAD_MAX_MS = 3_600_000
_DOUBLINGS_MAX = 12
"""1 s doubled so often is over an hour: more attempts do not wait longer."""


class Phase(StrEnum):
    """How pressing a delivery is."""

    EASY = "EASY"
    CLOSE = "CLOSE"
    OVERDUE = "OVERDUE"


def phase(now_ms: int, due_on: date | None, calendar: WorkingDays | None = None) -> Phase:
    """How pressing a delivery is: more than one working day left, the last one, or none.

    A day that no calendar covers counts as a day off: then we hurry too early, never too late.
    """
    if due_on is None:
        return Phase.EASY
    if now_ms > end_of_ms(due_on):
        return Phase.OVERDUE
    today = day_of_ms(now_ms)
    if calendar is None:
        left = _shipped_working_days(today, due_on)
    else:
        left = _working_days(today, due_on, calendar)
    return Phase.EASY if left > 1 else Phase.CLOSE


def next_try(
    now_ms: int,
    due_on: date | None,
    attempts: int,
    *,
    rnd: float,
    retry_after_s: float | None = None,
    calendar: WorkingDays | None = None,
) -> int:
    """When to try again after so many attempts without success, Unix milliseconds.

    At first from 1 s to 5 min, doubling; then at most hourly while more than one working day is
    left; at most every 5 min on the last one, and after it for ever. Full jitter. What the system
    asks for by Retry-After is obeyed, but never past half of what is left.

    `attempts` is at least 1; `rnd` is a number from 0 up to 1, drawn by the caller.
    """
    doubled = FIRST_MS << min(max(attempts, 1) - 1, _DOUBLINGS_MAX)
    # Only a wait this long depends on how pressing it is; reckoning that takes its time.
    is_easy = doubled > FAST_MAX_MS and phase(now_ms, due_on, calendar) is Phase.EASY
    longest = SPREAD_MAX_MS if is_easy else FAST_MAX_MS
    wait = max(FIRST_MS, int(rnd * min(doubled, longest)))
    if retry_after_s is not None:
        wait = max(wait, min(int(retry_after_s * 1000), _patience_ms(now_ms, due_on)))
    if due_on is not None and now_ms <= end_of_ms(due_on):
        wait = min(wait, max(end_of_ms(due_on) - now_ms, FIRST_MS))
    return now_ms + wait


@lru_cache(maxsize=1024)
def end_of_ms(day: date) -> int:
    """The last millisecond of a day in Asia/Shanghai, Unix milliseconds.

    >>> end_of_ms(date(1970, 1, 1))
    57599999
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1)
    return int(midnight.timestamp() * 1000) - 1


def _patience_ms(now_ms: int, due_on: date | None) -> int:
    """For how long a system's wish to be left alone is obeyed."""
    if due_on is None:
        return SPREAD_MAX_MS
    return max((end_of_ms(due_on) - now_ms) // 2, 0)


@lru_cache(maxsize=1024)
def _shipped_working_days(today: date, due_on: date) -> int:
    return _working_days(today, due_on, shipped_calendar())


def _working_days(today: date, due_on: date, table: WorkingDays) -> int:
    """Working days from today to the due day, both included; two are as good as many."""
    found, day = 0, today
    while day <= due_on and found < 2:
        found += is_working_day(day, table) is True
        day += timedelta(days=1)
    return found
