"""What is counted of departments from look to look, and what single records tell of them."""

import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from connectors.watch.department_memory import (
    Day,
    DepartmentMemory,
    Ledger,
    decode_ledger,
    encode_ledger,
    top_reason,
)
from connectors.watch.department_reading import ahead_ms, schema_of, take_answer, take_letter
from schemas import avro_schemas
from schemas.dead_letter import DeadLetter, to_headers
from schemas.messages import TASK_SUBMITTED
from schemas.reasons import Refusal

TODAY = date(2026, 3, 10)
NOON_MS = 1_773_115_200_000
DEPT = "WJW-120116"


def test_what_came_between_two_looks_is_counted():
    one = DepartmentMemory()

    assert one.take_ends({0: 100, 1: 50}) == 150
    assert one.take_ends({0: 130, 1: 50}) == 30
    assert one.take_ends({0: 131, 1: 50, 2: 4}) == 5
    assert one.take_ends({0: 131, 1: 50, 2: 4}) == 0


def test_a_topic_that_was_made_anew_takes_nothing_away():
    one = DepartmentMemory()
    one.take_ends({0: 100})

    assert one.take_ends({0: 3}) == 0
    assert one.take_ends({0: 5}) == 2


def test_a_week_is_today_and_six_days_and_older_days_are_dropped():
    one = DepartmentMemory()
    for ago in (0, 6, 7, 34, 36):
        one.day(TODAY - timedelta(days=ago)).events = ago

    assert sorted(day.events for day in one.week(TODAY)) == [0, 6]
    one.forget(TODAY)
    assert sorted(day.events for day in one.days.values()) == [0, 6, 7, 34]


def test_the_top_reason_is_the_most_frequent_then_the_first_by_name():
    days = [Day(refused={"B": 2, "C": 1}), Day(refused={"A": 2})]

    assert top_reason(days) == (5, "A")
    assert top_reason([]) == (0, "")


def test_the_memory_comes_back_and_another_versions_is_none():
    ledger = Ledger(departments={DEPT: DepartmentMemory(ends={0: 7}, last_ms=9)}, read={"t 0": 3})

    assert decode_ledger(encode_ledger(ledger)) == ledger
    assert decode_ledger(None) == decode_ledger(b"\xc1 what is this") == Ledger()


def a_letter(dept=DEPT, replays=0, reason=Refusal.CREDIT_CODE):
    letter = DeadLetter(
        stage="intake", reason=reason, message="m", topic="t", partition=0, offset=1,
        timestamp_ms=NOON_MS, dept=dept, first_failed_at_ms=NOON_MS, replay_count=replays,
    )  # fmt: skip
    return SimpleNamespace(headers=to_headers(letter), value=b"", timestamp=NOON_MS)


def test_a_dead_letter_counts_once_for_its_department():
    ledger = Ledger(departments={DEPT: DepartmentMemory()})

    take_letter(ledger, a_letter())
    take_letter(ledger, a_letter(replays=1))
    take_letter(ledger, a_letter(dept="NOBODY-1"))
    take_letter(ledger, SimpleNamespace(headers=[], value=b"?", timestamp=NOON_MS))

    assert ledger.departments[DEPT].day(TODAY).refused == {"CREDIT_CODE": 1}
    assert list(ledger.departments) == [DEPT]


def test_an_answer_that_repeats_an_earlier_one_is_a_duplicate():
    ledger = Ledger(departments={DEPT: DepartmentMemory()})
    for kind in ("DECIDED", "REPEATED", "ENTERED"):
        fact = {"fact": kind, "task_id": "T"}
        answer = {"dept": DEPT, "at": NOON_MS, "facts": [fact], "key": "k"}
        take_answer(ledger, json.dumps(answer).encode())
    take_answer(ledger, b"\xff")
    take_answer(ledger, None)

    day = ledger.departments[DEPT].day(TODAY)
    assert (day.answered, day.duplicates) == (3, 1)


@pytest.mark.parametrize(
    ("said", "ahead"),
    [
        ("2026-03-10T12:00:00+08:00", 0),
        ("2026-03-10T04:01:30.500Z", 90_500),
        ("2026-03-10T11:00:00+08:00", -3_600_000),
        ("2026-03-10T12:00:00", None),
        ("yesterday", None),
    ],
)
def test_how_far_a_clock_is_ahead(said, ahead):
    record = SimpleNamespace(headers=[("ce_time", said.encode())], timestamp=NOON_MS)

    assert ahead_ms(record) == ahead


def test_a_record_without_a_time_says_nothing_of_a_clock():
    assert ahead_ms(SimpleNamespace(headers=[], timestamp=NOON_MS)) is None


def test_a_schema_is_told_by_its_id_and_is_behind_if_there_is_a_newer_one():
    newest = avro_schemas.newest(TASK_SUBMITTED)
    journal = next(
        one for one in avro_schemas.by_id().values() if one != avro_schemas.newest(one.subject)
    )

    def value(schema_id):
        return b"\0" + schema_id.to_bytes(4) + b"rest"

    assert schema_of(value(newest.schema_id)) == (f"{TASK_SUBMITTED} v{newest.version}", False)
    assert schema_of(value(journal.schema_id)) == (f"{journal.subject} v{journal.version}", True)
    assert schema_of(b'{"a":1}') == schema_of(None) == schema_of(value(2**31)) == ("", False)
