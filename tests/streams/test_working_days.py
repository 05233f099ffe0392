"""Does every process come to know what administrators entered, and is the end of days told?"""

import asyncio
from datetime import date

import pytest
from structlog.testing import capture_logs

from schemas.calendar_entries import unpack
from schemas.calendar_file import shipped_calendar
from schemas.enums import DayKind
from schemas.messages import REGISTRY_CALENDAR
from schemas.registry import RegistryCalendar
from streams.registry import Registry
from streams.rules.calendar import is_working_day
from streams.working_days import AGAIN_EVERY_TURNS, CalendarKeeper, LiveCalendar

MONDAY = date(2026, 3, 16)


def on_monday():
    return MONDAY


class Store:
    """Keeps one thing, as Redis does."""

    def __init__(self):
        self.content = None
        self.kept = 0

    async def keep(self, content):
        self.content = content
        self.kept += 1

    async def read(self):
        return self.content


def a_registry(*days):
    registry = Registry()
    for day in days:
        entry = RegistryCalendar(day=day, kind=DayKind.REST, source="notice")
        registry.put(REGISTRY_CALENDAR, entry)
    return registry


def run(coroutine):
    return asyncio.run(coroutine)


def test_an_entry_reaches_processes_that_have_long_been_running():
    store, registry = Store(), a_registry()
    keeper, live = CalendarKeeper(registry, store, on_monday), LiveCalendar(store, on_monday)
    run(live.refresh())
    assert is_working_day(MONDAY, live) is True

    registry.put(
        REGISTRY_CALENDAR, RegistryCalendar(day=MONDAY, kind=DayKind.REST, source="notice")
    )
    run(keeper.turn())
    run(live.refresh())

    assert is_working_day(MONDAY, live) is False
    assert live.years == shipped_calendar().years


def test_what_does_not_change_is_kept_once_and_again_after_a_while_for_a_wiped_store():
    store = Store()
    keeper = CalendarKeeper(a_registry(MONDAY), store, lambda: MONDAY)
    for _ in range(AGAIN_EVERY_TURNS):
        run(keeper.turn())
    assert store.kept == 1

    store.content = None
    run(keeper.turn())

    assert store.kept == 2
    assert [one.day for one in unpack(store.content).entries] == [MONDAY]


def test_a_process_keeps_what_it_knows_while_the_store_has_nothing():
    store = Store()
    live = LiveCalendar(store, on_monday)
    run(CalendarKeeper(a_registry(MONDAY), store, lambda: MONDAY).turn())
    run(live.refresh())
    store.content = None
    run(live.refresh())

    assert is_working_day(MONDAY, live) is False


def test_that_the_calendar_ends_soon_is_said_once_a_day():
    days, store = [date(2040, 1, 2)], Store()
    keeper = CalendarKeeper(a_registry(), store, lambda: days[0])
    with capture_logs() as logs:
        run(keeper.turn())
        run(keeper.turn())
        days[0] = date(2040, 1, 3)
        run(keeper.turn())

    assert [one["ends_on"] for one in logs] == ["2040-01-01", "2040-01-02"]
    assert unpack(store.content).ends == date(2040, 1, 2)


@pytest.mark.parametrize(
    ("day", "told"), [(date(2040, 1, 2), ["2040-01-01"]), (MONDAY, [])], ids=["ends", "reaches far"]
)
def test_a_delivery_that_starts_says_that_the_calendar_ends_soon(day, told):
    stop = asyncio.Event()
    stop.set()
    with capture_logs() as logs:
        run(LiveCalendar(Store(), lambda: day).follow(stop))

    assert [one["ends_on"] for one in logs] == told


def test_a_calendar_that_reaches_far_is_not_spoken_of():
    store = Store()
    with capture_logs() as logs:
        run(CalendarKeeper(a_registry(), store, lambda: MONDAY).turn())

    assert logs == []
    assert unpack(store.content).ends is None
