"""What administrators enter of working days: which entry wins, and how far do they reach?"""

from __future__ import annotations

from datetime import date

import pytest
from builders import Hub, a_document
from public_builders import DECIDED, Desk
from pydantic import ValidationError

from schemas.calendar_entries import entries_of_file, finding_of, pack, table_of, unpack
from schemas.calendar_file import CalendarTable
from schemas.enums import DayKind
from schemas.journal import CalendarDay, CalendarFinding
from schemas.messages import POLICY_PUBLISHED, REGISTRY_CALENDAR
from schemas.public_facts import DisclosureFact, RepairFact, StopKeptFact
from schemas.registry import RegistryCalendar
from streams.registry import Registry, ctl_key
from streams.rules.calendar import ends_on, is_working_day

SOURCE = "国办发明电〔2026〕7号"
MONDAY = date(2026, 10, 12)


def entry(about: str | int, kind: str | None = "REST") -> RegistryCalendar:
    if isinstance(about, int):
        return RegistryCalendar(year=about, kind=kind and DayKind(kind), source=SOURCE)
    return RegistryCalendar(day=date.fromisoformat(about), kind=DayKind(kind), source=SOURCE)


def off(*days: date) -> CalendarFinding:
    return CalendarFinding(days=tuple(CalendarDay(day=day, works=False) for day in days))


def test_an_entry_wins_over_the_library():
    table = table_of([entry("2026-10-12"), entry("2026-10-11", "WORK")])

    assert is_working_day(MONDAY, table) is False
    assert is_working_day(date(2026, 10, 11), table) is True
    assert is_working_day(date(2026, 10, 13), table) is True


def test_a_year_that_the_library_does_not_have_is_described_by_entries():
    table = table_of([entry(2031, None), entry("2031-01-01")])

    assert is_working_day(date(2031, 1, 1), table) is False
    assert is_working_day(date(2031, 1, 2), table) is True
    assert is_working_day(date(2031, 1, 4), table) is False
    assert is_working_day(date(2032, 1, 1), table) is None


def test_the_registry_adds_entries_replaces_the_same_day_and_takes_one_back():
    registry = Registry()
    assert registry.calendar_finding() is None

    for one in (entry("2026-10-12"), entry(2031, None), entry("2026-10-11", "WORK")):
        registry.put(REGISTRY_CALENDAR, one)
    assert registry.calendar_finding() == CalendarFinding(
        days=(
            CalendarDay(day=date(2026, 10, 11), works=True),
            CalendarDay(day=MONDAY, works=False),
        ),
        years=(2031,),
    )
    registry.put(REGISTRY_CALENDAR, entry("2026-10-11", "AS_SHIPPED"))
    registry.put(REGISTRY_CALENDAR, entry(2031, "AS_SHIPPED"))

    assert registry.calendar_finding() == off(MONDAY)
    assert ctl_key(REGISTRY_CALENDAR, entry("2026-10-12")) == "registry.calendar:2026-10-12"
    assert ctl_key(REGISTRY_CALENDAR, entry(2031, None)) == "registry.calendar:2031"


def test_a_registry_of_some_types_keeps_no_others():
    registry = Registry(only=(REGISTRY_CALENDAR, POLICY_PUBLISHED))
    registry.take(b"registry.officer:TJ1", b"not even read")
    registry.take(b"registry.calendar:2026-10-12", entry("2026-10-12").model_dump_json().encode())
    document = a_document()
    registry.take(document.full_version.encode(), document.canonical())

    assert dict(registry.officers) == {}
    assert registry.calendar_finding() == off(MONDAY)
    assert registry.policy_version == document.full_version


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"day": MONDAY},
        {"day": MONDAY, "year": 2026, "kind": DayKind.REST},
        {"year": 2031, "kind": DayKind.WORK},
        {"day": MONDAY, "kind": DayKind.REST, "source": ""},
    ],
)
def test_an_entry_that_says_nothing_clear_is_refused(wrong):
    with pytest.raises(ValidationError):
        RegistryCalendar(**{"source": SOURCE, **wrong})


def test_a_file_in_the_shipped_form_becomes_entries_and_its_faults_are_named():
    rows = """
        [[year]]
        year = 2031
        source = "notice"
        [[day]]
        date = 2031-01-01
        kind = "REST"
        source = "notice"
    """

    assert [one.about for one in entries_of_file(rows)] == ["2031", "2031-01-01"]
    with pytest.raises(ValueError, match="source is missing"):
        entries_of_file("[[year]]\nyear = 2031")


def test_what_is_kept_for_all_processes_is_read_back_and_what_is_lost_or_broken_is_nothing():
    there = [entry("2026-10-12"), entry(2031, None)]

    kept = unpack(pack(there, date(2031, 12, 31)))

    assert (list(kept.entries), kept.ends) == (there, date(2031, 12, 31))
    assert unpack(None) == unpack(b"{") == unpack(b'{"entries":[{}]}')
    assert finding_of(()) is None


@pytest.mark.parametrize(
    ("today", "ends"),
    [
        pytest.param("2031-11-04", None, id="forty working days are covered"),
        pytest.param("2031-11-05", "2031-12-31", id="thirty-nine are not"),
        pytest.param("2032-01-05", "2032-01-04", id="it ended already"),
    ],
)
def test_a_calendar_that_ends_within_forty_working_days_is_told(today, ends):
    table = CalendarTable(years=frozenset({2031}))
    last = ends_on(date.fromisoformat(today), table, 42)

    assert (last and last.isoformat()) == ends


class TestDecisionsCountTheDaysThatIntakeFound:
    """The record carries the entries: the same record always gives the same facts."""

    def test_a_stop_is_due_a_day_later(self):
        assert self.due_of(None) == date(2026, 10, 10)
        assert self.due_of(off(date(2026, 10, 8))) == MONDAY

    def due_of(self, calendar):
        desk = Desk(calendar=calendar)
        (kept,) = desk.stop(at=DECIDED)
        assert isinstance(kept, StopKeptFact)
        return kept.ground.due_on

    def test_a_decision_on_a_repair_is_due_a_day_later(self):
        desk = Desk(calendar=off(date(2026, 9, 23)))
        desk.publish()
        desk.apply_for()
        (accepted,) = desk.accept()

        assert isinstance(accepted, RepairFact)
        assert accepted.due_on == date(2026, 10, 10)

    def test_a_held_approval_counts_by_the_record_that_lets_it_act(self):
        desk = Desk(calendar=off(date(2026, 10, 8), date(2026, 10, 9)))
        desk.publish()
        desk.apply_for()
        desk.decide()
        desk.calendar = off(date(2026, 10, 8))
        facts = desk.accept()

        (stop,) = [fact for fact in facts if isinstance(fact, DisclosureFact)]
        assert stop.due_on == MONDAY

    def test_a_withdrawal_counts_them_too(self):
        desk = Desk(calendar=off(date(2026, 10, 8)))
        desk.publish()
        (fact,) = desk.correct(publish=False, at=DECIDED)

        assert fact.due_on == MONDAY

    @pytest.mark.parametrize(
        ("days", "decision"), [((), "REJECTED_NO_APPROVAL"), ((17,), "ISSUED")]
    )
    def test_an_urgent_approval_is_late_or_not_by_them(self, days, decision):
        approval = {
            "no": "A", "by": "B", "at": "2026-03-24T09:00:00+08:00", "mode": "RETROACTIVE_URGENT",
        }  # fmt: skip
        found = {"calendar": off(*(date(2026, 3, day) for day in days))}
        made = Hub().submit(trigger="URGENT", clue_no="1", approval=approval, findings=found)

        assert made.decision == decision
