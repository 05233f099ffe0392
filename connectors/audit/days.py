"""Which day is meant? Days of Asia/Shanghai, which has kept one offset since 1991."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import chinese_calendar

CALENDAR = Path(__file__).parents[2] / "schemas" / "data" / "calendar.toml"
"""The calendar that the rules ship with: data, read as such."""

SHANGHAI = timezone(timedelta(hours=8))
_ONE_DAY = timedelta(days=1)


def as_day(value: date | str) -> date:
    """A day that came as Avro's logical date or as text.

    Raises:
        ValueError: The text is no day.
    """
    if isinstance(value, datetime):
        return shanghai_day(value)
    return value if isinstance(value, date) else date.fromisoformat(value)


def as_instant(value: datetime | str) -> datetime:
    """An instant that came as Avro's logical timestamp or as RFC 3339 text.

    Raises:
        ValueError: It is no instant, or has no offset.
    """
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(f"instant {value} has no offset")
    return instant


def shanghai_day(value: datetime | str) -> date:
    """The day of an instant in Asia/Shanghai."""
    return as_instant(value).astimezone(SHANGHAI).date()


def instant_ms(value: datetime | str) -> int:
    """Unix milliseconds of an instant, exactly: no rounding of floats."""
    since = as_instant(value) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(milliseconds=1)


def instant_text(at_ms: int) -> str:
    """An instant, Unix milliseconds, as the hub writes those of its own records."""
    at = datetime(1970, 1, 1, 8, tzinfo=SHANGHAI) + timedelta(milliseconds=at_ms)
    return at.isoformat(timespec="milliseconds")


def quarter(day: date) -> str:
    """The quarter of a day, as joint tasks name it: `2026Q1`."""
    return f"{day.year}Q{(day.month + 2) // 3}"


class ByHand(NamedTuple):
    """What administrators said of days and years, as it stood when a record was taken in."""

    days: Mapping[date, bool]
    years: frozenset[int]


NOTHING_SAID = ByHand({}, frozenset())


def said_of_days(findings: Mapping[str, Any]) -> ByHand:
    """What a journal record carries of the administrators' calendar.

    Source: semantics §9 (it wins over the shipped table, which wins over the library).

    Raises:
        KeyError, TypeError, ValueError: it is damaged.
    """
    found = findings.get("calendar")
    if not found:
        return NOTHING_SAID
    days = {as_day(row["day"]): bool(row["works"]) for row in found.get("days") or ()}
    return ByHand(days, frozenset(found.get("years") or ()))


def plus_working_days(day: date, count: int, said: ByHand = NOTHING_SAID) -> date | None:
    """The day on which `count` working days after `day` have come; 0 gives the day itself.

    None if no published calendar covers the days up to it: nothing is called late then.

    Source: art. 15 (an urgent inspection is approved afterwards within working days).
    """
    while count > 0:
        day += _ONE_DAY
        works = is_working_day(day, said)
        if works is None:
            return None
        count -= works
    return day


def deadline(
    day: date,
    count: int,
    pauses: Sequence[tuple[date, date]] = (),
    said: ByHand = NOTHING_SAID,
) -> tuple[date, bool]:
    """The last of `count` working days after `day`, and whether it is provisional.

    A pause takes in the day on which it opens, not the one on which it closes. A day that no
    calendar covers is counted: such a deadline can only be too early.

    Source: art. 12 (seven days for the decision), art. 13 (three days for the stop).
    """
    provisional = False
    while count > 0:
        day += _ONE_DAY
        if any(first <= day < last for first, last in pauses):
            continue
        works = is_working_day(day, said)
        provisional |= works is None
        count -= works is not False
    return day, provisional


def is_working_day(day: date, said: ByHand = NOTHING_SAID) -> bool | None:
    """Whether offices work; None beyond the published calendars."""
    if day in said.days:
        return said.days[day]
    by_hand, years = _shipped()
    if day in by_hand:
        return by_hand[day]
    if day.year in years or day.year in said.years:
        return day.weekday() < 5
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


@cache
def _shipped() -> tuple[dict[date, bool], frozenset[int]]:
    """Days set by hand, and years that are wholly described by hand."""
    table = tomllib.loads(CALENDAR.read_text("utf-8"))
    days = {row["date"]: row["kind"] == "WORK" for row in table.get("day", ())}
    return days, frozenset(row["year"] for row in table.get("year", ()))


def day_of_ms(at_ms: int) -> date:
    """The day of Unix milliseconds in Asia/Shanghai."""
    return moment(at_ms).date()


def moment(at_ms: int) -> datetime:
    """Unix milliseconds as an instant in Asia/Shanghai, exactly."""
    at = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    return at.astimezone(SHANGHAI)
