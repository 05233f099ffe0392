"""Which calendar of working days is in force now? For processes that live long.

The shipped table with the administrators' entries. What was decided is not touched by it: each
journal record carries the entries that it was taken in with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Set
from datetime import date, datetime
from typing import Protocol

import structlog

from schemas.calendar_entries import WARN_WORKING_DAYS, pack, table_of, unpack
from schemas.calendar_file import CalendarTable, shipped_calendar
from streams.registry import Registry
from streams.rules.calendar import SHANGHAI, ends_on

log = structlog.get_logger()

EVERY_S = 1.0
AGAIN_EVERY_TURNS = 30
"""What did not change is kept again after so many turns: Redis may have been wiped."""

Today = Callable[[], date]


class CalendarStore(Protocol):
    """Keeps the entries in force for all processes."""

    async def keep(self, content: bytes) -> None:
        """Replace what is kept."""

    async def read(self) -> bytes | None:
        """What is kept; None: nothing."""


class LiveCalendar:
    """The calendar in force, as last read (fits schemas.calendar_file.WorkingDays)."""

    def __init__(self, store: CalendarStore, today: Today) -> None:
        self._store = store
        self._today = today
        self._table: CalendarTable = shipped_calendar()

    @property
    def days(self) -> Mapping[date, bool]:
        """Days set by hand: True for a working day."""
        return self._table.days

    @property
    def years(self) -> Set[int]:
        """Years that are wholly described by hand."""
        return self._table.years

    async def refresh(self) -> None:
        """Read what is kept; the last known stays if nothing is."""
        kept = await self._store.read()
        if kept is not None:
            self._table = table_of(unpack(kept).entries)

    async def follow(self, stop: asyncio.Event, every_s: float = EVERY_S) -> None:
        """Refresh until `stop` is set. Warns first if the calendar ends within 40 working days."""
        await self.refresh()
        _warn_if_soon(ends_on(self._today(), self, WARN_WORKING_DAYS))
        while not stop.is_set():
            await self.refresh()
            await _pause(stop, every_s)


class CalendarKeeper:
    """Keeps the registry's entries for all processes, and warns when the calendar ends soon."""

    def __init__(self, registry: Registry, store: CalendarStore, today: Today) -> None:
        self._registry = registry
        self._store = store
        self._today = today
        self._kept: tuple[bytes, int] = (b"", 0)
        self._warned: date | None = None

    async def turn(self) -> None:
        """Keep the entries if they changed, or have not been kept for a while."""
        day, entries = self._today(), self._registry.calendar.values()
        ends = ends_soon(day, self._registry)
        content, (last, turns) = pack(entries, ends), self._kept
        if content != last or turns >= AGAIN_EVERY_TURNS:
            await self._store.keep(content)
            turns = 0
        self._kept = content, turns + 1
        if ends is not None and self._warned != day:
            self._warned = day
            warn(ends)

    async def run(self, stop: asyncio.Event, every_s: float = EVERY_S) -> None:
        """Keep them until `stop` is set."""
        while not stop.is_set():
            await self.turn()
            await _pause(stop, every_s)


def today() -> date:
    """The day in Asia/Shanghai."""
    return datetime.now(SHANGHAI).date()


def ends_soon(day: date, registry: Registry) -> date | None:
    """The last day that the calendar covers, if it ends within 40 working days from a day."""
    return ends_on(day, table_of(tuple(registry.calendar.values())), WARN_WORKING_DAYS)


def warn_if_ending(registry: Registry) -> None:
    """Warn if the calendar ends within 40 working days from now."""
    _warn_if_soon(ends_soon(today(), registry))


def _warn_if_soon(ends: date | None) -> None:
    if ends is not None:
        warn(ends)


def warn(ends: date) -> None:
    """Say that next year's calendar is missing."""
    log.warning(
        "the calendar of working days ends soon: due days after it come too early",
        ends_on=ends.isoformat(),
        todo="enter the State Council's notice: `hub calendar publish FILE.toml`",
    )


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
