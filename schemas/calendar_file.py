"""Which days differ from the published calendar library? The operator's table, which wins over it.

[[year]]                      # a year the library does not cover, fully described here:
year = 2027                   # Monday to Friday are working days, except for the rows below
source = "…notice no. …"

[[day]]
date = 2027-02-07
kind = "WORK"                 # or "REST"
source = "…notice no. …"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

_KINDS = {"WORK": True, "REST": False}
_FILE = Path(__file__).parent / "data" / "calendar.toml"


class WorkingDays(Protocol):
    """What is said of days by hand: those that work, those that do not, whole years.

    May be read at any time: where one process lives long, what it says may change.
    """

    @property
    def days(self) -> Mapping[date, bool]:
        """True for a working day."""

    @property
    def years(self) -> Set[int]:
        """Years in which Monday to Friday work but for the days given."""


@dataclass(frozen=True, slots=True)
class CalendarTable:
    """Days set by hand: True for a working day; and the years that are fully described by hand."""

    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()


NO_OVERRIDES = CalendarTable()


def read_calendar(text: str) -> CalendarTable:
    """Read the operator's table.

    Raises:
        ValueError: With every row that is wrong, all in one message.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise ValueError(f"calendar: not TOML: {cause}") from cause
    wrong = [f"{name}: unknown table; day and year expected" for name in table.keys() - _TABLES]
    days: dict[date, bool] = {}
    years: set[int] = set()
    for place, row in enumerate(table.get("day", ()), 1):
        wrong += _day_faults(f"day {place}", row, days)
    for place, row in enumerate(table.get("year", ()), 1):
        wrong += _year_faults(f"year {place}", row, years)
    if wrong:
        raise ValueError("calendar: " + "; ".join(wrong))
    return CalendarTable(days, frozenset(years))


@cache
def shipped_calendar() -> CalendarTable:
    """The table that lies beside the schemas."""
    return read_calendar(_FILE.read_text(encoding="utf-8"))


_TABLES = frozenset({"day", "year"})


def _day_faults(place: str, row: dict[str, Any], days: dict[date, bool]) -> list[str]:
    """What is wrong with a day's row; a good one is added to the days."""
    faults = _field_faults(place, row, {"date", "kind", "source"})
    day, kind = row.get("date"), row.get("kind")
    if not isinstance(day, date) or isinstance(day, datetime):
        faults.append(f"{place}: date is {day!r}, a TOML date without quotes expected")
    elif day in days:
        faults.append(f"{place}: {day} was given before")
    if kind not in _KINDS:
        faults.append(f"{place}: kind is {kind!r}, WORK or REST expected")
    if not faults:
        days[row["date"]] = _KINDS[row["kind"]]
    return faults


def _year_faults(place: str, row: dict[str, Any], years: set[int]) -> list[str]:
    """What is wrong with a year's row; a good one is added to the years."""
    faults = _field_faults(place, row, {"year", "source"})
    year = row.get("year")
    if not isinstance(year, int):
        faults.append(f"{place}: year is {year!r}, a number expected")
    elif year in years:
        faults.append(f"{place}: {year} was given before")
    if not faults:
        years.add(row["year"])
    return faults


def _field_faults(place: str, row: dict[str, Any], fields: set[str]) -> list[str]:
    faults = [f"{place}: {name} is unknown" for name in sorted(row.keys() - fields)]
    if not row.get("source"):
        faults.append(f"{place}: source is missing: name the notice it comes from")
    return faults
