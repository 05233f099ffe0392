"""How do administrators' entries on working days travel?

As rows of a file, as entries of the registry topic, in a journal record, and in Redis.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import date

from pydantic import TypeAdapter, ValidationError

from schemas.base import Message
from schemas.calendar_file import CalendarTable, read_calendar, shipped_calendar
from schemas.enums import DayKind
from schemas.journal import CalendarDay, CalendarFinding
from schemas.registry import RegistryCalendar

WARN_WORKING_DAYS = 40
"""A calendar that ends within so many working days is warned of: next year's must be entered."""


class KeptCalendar(Message):
    """The entries in force as every process may read them.

    Attributes:
        entries: of the registry topic, sorted by what they speak of.
        ends: the last day that is covered, if that is soon; None if it is not.
    """

    entries: tuple[RegistryCalendar, ...] = ()
    ends: date | None = None


_KEPT = TypeAdapter(KeptCalendar)


def finding_of(entries: Iterable[RegistryCalendar]) -> CalendarFinding | None:
    """Entries as a journal record carries them; None if there are none."""
    there = sorted(entries, key=lambda entry: entry.about)
    if not there:
        return None
    return CalendarFinding(
        days=tuple(
            CalendarDay(day=entry.day, works=entry.kind is DayKind.WORK)
            for entry in there
            if entry.day is not None
        ),
        years=tuple(entry.year for entry in there if entry.year is not None),
    )


def with_entries(
    entries: CalendarFinding | None, table: CalendarTable | None = None
) -> CalendarTable:
    """A table of working days with the administrators' entries, which win over it.

    Args:
        entries: As a journal record carries them.
        table: What they win over; None: the table that ships with the hub.
    """
    below = shipped_calendar() if table is None else table
    if entries is None:
        return below
    days = {entry.day: entry.works for entry in entries.days}
    return CalendarTable({**below.days, **days}, below.years | set(entries.years))


def entries_of_file(text: str) -> list[RegistryCalendar]:
    """The rows of a file in the form of the shipped table, as entries.

    Raises:
        ValueError: with every row that is wrong, all in one message.
    """
    read_calendar(text)
    table = tomllib.loads(text)
    found = [
        RegistryCalendar(year=row["year"], source=row["source"]) for row in table.get("year", ())
    ]
    for row in table.get("day", ()):
        kind = DayKind(row["kind"])
        found.append(RegistryCalendar(day=row["date"], kind=kind, source=row["source"]))
    return found


def pack(entries: Iterable[RegistryCalendar], ends: date | None) -> bytes:
    """Entries as they are kept for all processes."""
    there = tuple(sorted(entries, key=lambda entry: entry.about))
    return _KEPT.dump_json(KeptCalendar(entries=there, ends=ends))


def unpack(kept: bytes | None) -> KeptCalendar:
    """What is kept for all processes; no entries if nothing is, or if it cannot be read."""
    try:
        return _KEPT.validate_json(kept) if kept else KeptCalendar()
    except ValidationError:
        return KeptCalendar()


def table_of(kept: Sequence[RegistryCalendar]) -> CalendarTable:
    """The table in force: the shipped one, and the entries, which win over it."""
    return with_entries(finding_of(kept))
