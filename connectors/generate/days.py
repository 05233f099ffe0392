"""On which days do tasks arrive, and on which do officers visit?

Source: art. 2 (draws in the first five working days of a quarter).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from connectors.generate.spec import CitySpec

BURST_WORKING_DAYS = 5
_VISITS_AHEAD_DAYS = 100
_SATURDAY = 5
_KNOWN_YEARS = frozenset(day.year for day in chinese_calendar.holidays)


@dataclass(frozen=True, slots=True)
class DayLoad:
    """What is submitted on one day: `drawn` tasks come from the quarterly draw, `other` do not."""

    day: date
    drawn: int
    other: int


def is_working_day(day: date) -> bool:
    """Say whether departments work on a day; in years without a calendar: Monday to Friday.

    Only invented inspections hang on it, never a deadline, so a plain guess does no harm.
    """
    if day.year in _KNOWN_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < _SATURDAY


def burst_days(year: int, quarter: int) -> list[date]:
    """List the first five working days of a quarter."""
    day = date(year, 3 * quarter - 2, 1)
    found: list[date] = []
    while len(found) < BURST_WORKING_DAYS:
        if is_working_day(day):
            found.append(day)
        day += timedelta(days=1)
    return found


def visit_days(spec: CitySpec) -> list[int]:
    """List the ordinals of the days on which a visit may be planned, in the window and after."""
    first = spec.first_day
    span = spec.day_count + _VISITS_AHEAD_DAYS
    return [
        (first + timedelta(days=number)).toordinal()
        for number in range(span)
        if spec.any_day or is_working_day(first + timedelta(days=number))
    ]


def day_loads(spec: CitySpec) -> Iterator[DayLoad]:
    """Spread the tasks over the days: draws in the bursts, the rest evenly over working days.

    A window without a burst day spreads its draws like the rest.
    """
    days = [spec.first_day + timedelta(days=number) for number in range(spec.day_count)]
    working = [day for day in days if spec.any_day or is_working_day(day)] or days
    bursts = [day for quarter in range(1, 5) for day in burst_days(spec.year, quarter)]
    drawing = sorted(set(bursts) & set(working)) or working
    drawn = _shares(round(spec.tasks * spec.planned_share), drawing)
    other = _shares(spec.tasks - sum(drawn.values()), working)
    for day in days:
        yield DayLoad(day, drawn.get(day, 0), other.get(day, 0))


def _shares(total: int, days: list[date]) -> dict[date, int]:
    """Divide a total among days so that no rounding is lost."""
    count = len(days)
    return {
        day: total * (number + 1) // count - total * number // count
        for number, day in enumerate(days)
    }
