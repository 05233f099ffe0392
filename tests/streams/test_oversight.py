"""Entries and states as people see them, by the calendar at hand; what is owed anew."""

from datetime import UTC, date, datetime

import pytest
from delivery_world import BASE_MS, MONDAY, USCC, a_disclosure
from fakes import FakeRecord
from public_builders import Desk

from schemas.calendar_file import NO_OVERRIDES, CalendarTable
from schemas.enums import CaseStatus
from schemas.feed import Disclosure, Receipt, Stage
from streams.delivery.receipts import read_receipt
from streams.desks.oversight import Deliveries, owed_again, repair_cases
from streams.rules.delivery.attempts import Attempt, encode_attempt
from streams.rules.delivery.ledger import (
    Standing,
    decode_entry,
    encode_entry,
    entry_of,
    prove,
    standing,
)
from streams.rules.state import encode_state

SITE = "CREDIT-TJ"
HOUR = 3_600_000


def an_entry(version=2, state="STOPPED", **fields):
    value = a_disclosure(SITE, "R-1", version, state, USCC, **fields)
    return entry_of(Disclosure.model_validate_json(value), value, 7)


def seen(entry, attempt=None, calendar=NO_OVERRIDES, now_ms=BASE_MS):
    tried = encode_attempt(attempt) if attempt else None
    return Deliveries(calendar).read(encode_entry(entry), tried, now_ms)


def test_the_due_day_is_reckoned_again_from_the_day_of_the_approval():
    recorded = an_entry(days=30)

    by_the_book = seen(recorded)
    with_a_holiday = seen(recorded, calendar=CalendarTable({date(2026, 3, 17): False}))

    assert recorded.due_on == date(2026, 4, 15)
    assert by_the_book.due_on == date(2026, 3, 19)
    assert with_a_holiday.due_on == date(2026, 3, 20)
    end = datetime(2026, 3, 19, 15, 59, 59, 999_000, tzinfo=UTC)
    assert by_the_book.due_ms == int(end.timestamp() * 1000)


def test_a_day_no_calendar_covers_is_provisional():
    told = seen(an_entry(said=datetime(2031, 5, 5, 2, tzinfo=UTC)))

    assert told.provisional
    assert not seen(an_entry()).provisional


def test_what_is_disclosed_has_no_day():
    told = seen(an_entry(state="DISCLOSED"))

    assert (told.due_on, told.due_ms, told.stops) == (None, 0, False)


@pytest.mark.parametrize(
    ("days_later", "last"), [(0, False), (2, False), (3, True), (4, False)], ids=str
)
def test_the_last_working_day_is_said(days_later, last):
    assert seen(an_entry(), now_ms=BASE_MS + days_later * 24 * HOUR).last_day is last


def test_the_day_that_passed_while_one_watches_is_seen():
    reader, entry = Deliveries(NO_OVERRIDES), encode_entry(an_entry())

    told = [reader.read(entry, None, BASE_MS + day * 24 * HOUR).last_day for day in range(5)]

    assert told == [False, False, False, True, False]


def test_attempts_of_an_earlier_version_do_not_count():
    old, new = Attempt(1, count=4, error="gone"), Attempt(2, count=1, last_ms=5, error="busy")

    assert seen(an_entry(), old).tried == 0
    assert (seen(an_entry(), new).tried, seen(an_entry(), new).error) == (1, "busy")


def cases(desk, calendar=NO_OVERRIDES):
    return {
        one.repair_id: one for one in repair_cases(desk.uscc, encode_state(desk.state), calendar)
    }


def a_desk():
    desk = Desk()
    desk.publish()
    return desk


def test_an_accepted_case_is_due_and_a_supplement_stops_the_clock():
    desk = a_desk()
    desk.apply_for()
    assert (cases(desk)["C-1"].status, cases(desk)["C-1"].due_on) == (CaseStatus.APPLIED, None)
    desk.accept(at="2026-09-01T09:00:00+08:00")
    assert cases(desk)["C-1"].due_on == date(2026, 9, 10)
    holiday = CalendarTable({date(2026, 9, 3): False})
    assert cases(desk, holiday)["C-1"].due_on == date(2026, 9, 11)
    desk.ask(at="2026-09-02T09:00:00+08:00")
    assert (cases(desk)["C-1"].status, cases(desk)["C-1"].due_ms) == (CaseStatus.SUPPLEMENT, 0)
    desk.receive(at="2026-09-04T09:00:00+08:00")
    assert cases(desk)["C-1"].due_on == date(2026, 9, 14)
    desk.decide()
    assert cases(desk) == {}


@pytest.mark.parametrize(
    ("before", "step", "says", "waits_for"),
    [
        pytest.param([], "decide", "DECIDED APPROVED", "APPLIED", id="no application"),
        pytest.param(["apply_for"], "decide", "DECIDED APPROVED", "ACCEPTED", id="not accepted"),
        pytest.param(["apply_for"], "ask", "SUPPLEMENT_ASKED", "ACCEPTED", id="asked too early"),
        pytest.param([], "accept", "ACCEPTED", "APPLIED", id="accepted what nobody applied for"),
    ],
)
def test_a_held_step_says_what_it_waits_for(before, step, says, waits_for):
    desk = a_desk()
    for earlier in before:
        getattr(desk, earlier)()
    getattr(desk, step)()

    (held,) = cases(desk)["C-1"].held

    assert (held.step, held.waits_for) == (says, waits_for)


def test_an_enterprise_without_results_has_no_cases():
    desk = Desk()
    desk.submit()

    assert cases(desk) == {}


def test_what_is_owed_anew_is_a_receipt_of_the_chain_and_moves_the_entry():
    stopped = prove(an_entry(), Stage.PROCESSED, BASE_MS)
    first = owed_again(SITE, None, [(encode_entry(stopped), None, "shown")], "ann: why", BASE_MS)
    (second,) = owed_again(
        SITE, first[0].value, [(encode_entry(stopped), None, "shown")], "ann: why", BASE_MS - HOUR
    )

    told = [read_receipt(as_record(one), SITE) for one in (first[0], second)]

    assert [one.seq for one in told] == [0, 1]
    assert told[1].prev == told[0].hash
    assert told[1].at == BASE_MS, "the chain's time never goes back"
    assert told[0].errors == ("shown", "ann: why")
    after = prove(stopped, told[0].stage, told[0].at + 1, status=told[0].status)
    assert standing(stopped) is Standing.PROCESSED
    assert standing(after) is Standing.OWED


def test_a_system_that_reads_its_feed_gets_the_newest_value_again():
    value = a_disclosure(SITE, "R-1", 2, "STOPPED", USCC, said=MONDAY)
    entry = prove(entry_of(Disclosure.model_validate_json(value), value, 7), Stage.PROCESSED, 1)

    receipt, again = owed_again(SITE, None, [(encode_entry(entry), value, "shown")], "w", BASE_MS)

    assert (receipt.topic, again.topic) == ("insp.receipt.CREDIT-TJ", "insp.feed.CREDIT-TJ")
    assert (again.key, again.value) == (f"{USCC}|R-1".encode(), value)
    assert Receipt.model_validate_json(receipt.value).key == decode_entry(encode_entry(entry)).key


def as_record(message):
    return FakeRecord(message.topic, 0, 0, 0, message.key, message.value, message.headers)
