"""Which day, quarter or deadline is it?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendar_file import NO_OVERRIDES, CalendarTable, read_calendar, shipped_calendar
from streams.rules.calendar import (
    add_working_days,
    day_at,
    day_of,
    day_of_text,
    is_working_day,
    quarter_of,
)


def d(text: str) -> date:
    return date.fromisoformat(text)


# Vectors of the domain notes, computed with chinesecalendar 1.11.0.
DEADLINES = [
    ("2026-02-13", 3, "2026-02-25"),
    ("2026-09-30", 3, "2026-10-10"),
    ("2025-12-30", 3, "2026-01-05"),
    ("2026-04-30", 3, "2026-05-08"),
    ("2026-09-22", 7, "2026-10-09"),
    ("2026-03-16", 0, "2026-03-16"),
    ("2026-03-20", 1, "2026-03-23"),
]


@pytest.mark.parametrize(("start", "count", "due"), DEADLINES)
def test_a_period_of_working_days_ends(start: str, count: int, due: str) -> None:
    assert add_working_days(d(start), count, NO_OVERRIDES) == (d(due), False)


def test_a_pause_takes_in_its_first_day_and_not_its_last() -> None:
    pauses = [(d("2026-09-24"), d("2026-09-29"))]

    assert add_working_days(d("2026-09-22"), 7, NO_OVERRIDES, pauses=pauses) == (
        d("2026-10-12"),
        False,
    )


def test_overlapping_pauses_are_not_counted_twice() -> None:
    pauses = [(d("2026-09-24"), d("2026-09-29")), (d("2026-09-25"), d("2026-09-28"))]

    due, _ = add_working_days(d("2026-09-22"), 7, NO_OVERRIDES, pauses=pauses)

    assert due == d("2026-10-12")


def test_days_that_no_calendar_covers_all_count_and_the_result_is_provisional() -> None:
    assert add_working_days(d("2026-12-30"), 3, NO_OVERRIDES) == (d("2027-01-02"), True)
    assert add_working_days(d("2026-12-29"), 2, NO_OVERRIDES) == (d("2026-12-31"), False)


def test_the_operators_rows_win_over_the_library() -> None:
    rest = CalendarTable({d("2026-03-17"): False, d("2026-03-21"): True})

    assert add_working_days(d("2026-03-16"), 4, rest) == (d("2026-03-21"), False)


def test_a_year_described_by_hand_is_covered() -> None:
    table = CalendarTable({d("2031-01-01"): False}, frozenset({2031}))

    assert add_working_days(d("2030-12-31"), 3, table) == (d("2031-01-06"), False)
    assert is_working_day(d("2032-01-05"), table) is None


def test_a_period_does_not_run_past_the_end_of_the_calendar() -> None:
    assert add_working_days(date.max - timedelta(days=1), 5, NO_OVERRIDES) == (date.max, True)


DAYS = [
    ("2026-12-31T15:59:59.999+00:00", "2026-12-31"),
    ("2026-12-31T16:00:00+00:00", "2027-01-01"),
    ("2027-01-01T00:00:00+08:00", "2027-01-01"),
    ("2026-12-31T20:00:00-05:00", "2027-01-01"),
    ("0001-01-01T00:00:00+14:00", "0001-01-01"),
    ("9999-12-31T23:59:59-12:00", "9999-12-31"),
]


@pytest.mark.parametrize(("instant", "day"), DAYS)
def test_a_day_is_a_day_in_shanghai(instant: str, day: str) -> None:
    assert day_of(datetime.fromisoformat(instant)) == d(day)


@given(st.datetimes(min_value=datetime(1992, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_the_fixed_offset_is_that_of_shanghai(naive: datetime) -> None:
    instant = naive.replace(tzinfo=UTC)

    assert day_of(instant) == instant.astimezone(ZoneInfo("Asia/Shanghai")).date()


@pytest.mark.parametrize("text", ["2026-12-31T16:00:00Z", "2026-12-31t16:00:00.123456789z"])
def test_an_instant_is_read_as_it_was_sent(text: str) -> None:
    assert day_of_text(text) == d("2027-01-01")


@pytest.mark.parametrize("text", ["2026-12-31T16:00:00", "yesterday", ""])
def test_an_instant_without_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|isoformat"):
        day_of_text(text)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2026-01-01", "2026Q1"), ("2026-03-31", "2026Q1"), ("2026-04-01", "2026Q2"),
     ("2026-09-30", "2026Q3"), ("2026-12-31", "2026Q4")],
)  # fmt: skip
def test_quarters(day: str, quarter: str) -> None:
    assert quarter_of(d(day)) == quarter


def test_an_ordinal_past_the_calendar_is_its_last_day() -> None:
    assert day_at(date.max.toordinal() + 7) == date.max
    assert day_at(d("2026-03-16").toordinal()) == d("2026-03-16")


def test_the_calendar_that_is_shipped_can_be_read() -> None:
    assert isinstance(shipped_calendar(), CalendarTable)


def test_an_operators_table_is_read() -> None:
    table = read_calendar(
        """
        [[year]]
        year = 2027
        source = "notice"
        [[day]]
        date = 2027-02-07
        kind = "WORK"
        source = "notice"
        [[day]]
        date = 2027-01-01
        kind = "REST"
        source = "notice"
        """
    )

    assert table == CalendarTable(
        {d("2027-02-07"): True, d("2027-01-01"): False}, frozenset({2027})
    )


def test_all_faults_of_an_operators_table_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"^calendar: ") as caught:
        read_calendar(
            """
            [[holiday]]
            [[day]]
            date = "2027-02-07"
            kind = "PARTY"
            [[day]]
            date = 2027-02-08
            kind = "REST"
            source = "notice"
            colour = "red"
            [[day]]
            date = 2027-02-09
            kind = "REST"
            source = "notice"
            [[day]]
            date = 2027-02-09
            kind = "WORK"
            source = "notice"
            [[year]]
            year = "2027"
            source = "notice"
            [[year]]
            year = 2028
            source = "notice"
            [[year]]
            year = 2028
            source = "notice"
            """
        )

    assert str(caught.value).removeprefix("calendar: ").split("; ") == [
        "holiday: unknown table",
        "day and year expected",
        "day 1: source is missing: name the notice it comes from",
        "day 1: date is '2027-02-07', a TOML date without quotes expected",
        "day 1: kind is 'PARTY', WORK or REST expected",
        "day 2: colour is unknown",
        "day 4: 2027-02-09 was given before",
        "year 1: year is '2027', a number expected",
        "year 3: 2028 was given before",
    ]


def test_what_is_not_toml_is_told() -> None:
    with pytest.raises(ValueError, match=r"^calendar: not TOML"):
        read_calendar("[[day")
