"""When a delivery is tried again: bounded by its due day, never by a count, never given up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendar_file import CalendarTable
from streams.rules.calendar import SHANGHAI
from streams.rules.delivery.retry import (
    FAST_MAX_MS,
    FIRST_MS,
    SPREAD_MAX_MS,
    Phase,
    end_of_ms,
    next_try,
    phase,
)

HOUR_S = 3600


def at(text: str) -> int:
    """A moment in Shanghai, Unix milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp() * 1000)


PHASES = [
    # now, due, phase
    pytest.param("2026-03-16T10:00", "2026-03-19", Phase.EASY, id="three days left"),
    pytest.param("2026-03-18T23:59", "2026-03-19", Phase.EASY, id="this day and the next"),
    pytest.param("2026-03-19T00:00", "2026-03-19", Phase.CLOSE, id="the last day"),
    pytest.param("2026-03-19T23:59", "2026-03-19", Phase.CLOSE, id="its last minute"),
    pytest.param("2026-03-20T00:00", "2026-03-19", Phase.OVERDUE, id="after it"),
    pytest.param("2026-03-21T10:00", "2026-03-23", Phase.CLOSE, id="the weekend before Monday"),
    pytest.param("2026-09-30T10:00", "2026-10-10", Phase.EASY, id="before the holidays"),
    pytest.param("2026-10-04T10:00", "2026-10-08", Phase.CLOSE, id="within the holidays"),
    pytest.param("2027-03-10T10:00", "2027-03-12", Phase.CLOSE, id="no calendar: hurry"),
]


@pytest.mark.parametrize(("now", "due", "expected"), PHASES)
def test_how_pressing_a_delivery_is(now: str, due: str, expected: Phase):
    assert phase(at(now), date.fromisoformat(due)) is expected


def test_what_has_no_due_day_is_never_pressing():
    assert phase(at("2030-01-01T00:00"), None) is Phase.EASY


def test_the_operators_table_counts():
    closed = CalendarTable({date(2026, 3, 18): False})

    assert phase(at("2026-03-18T10:00"), date(2026, 3, 19), closed) is Phase.CLOSE


WAITS = [
    # now, due, attempts, rnd, retry after, seconds
    pytest.param("2026-03-16T10:00", 1, 0.0, None, 1, id="never under a second"),
    pytest.param("2026-03-16T10:00", 1, 0.999, None, 1, id="first"),
    pytest.param("2026-03-16T10:00", 4, 0.5, None, 4, id="doubles, full jitter"),
    pytest.param("2026-03-16T10:00", 9, 0.5, None, 128, id="fast: minutes"),
    pytest.param("2026-03-16T10:00", 99, 0.5, None, 1800, id="spread: hourly at most"),
    pytest.param("2026-03-19T10:00", 99, 0.5, None, 150, id="last day: every five minutes"),
    pytest.param("2026-04-19T10:00", 99, 0.5, None, 150, id="overdue: the same, for ever"),
    pytest.param("2026-03-16T10:00", 1, 0.5, 120, 120, id="Retry-After is obeyed"),
    pytest.param("2026-03-16T10:00", 99, 0.5, 5, 1800, id="but does not hurry us"),
    pytest.param("2026-03-19T22:00", 1, 0.5, 99_999, HOUR_S, id="nor past half of what is left"),
    pytest.param("2026-03-20T10:00", 1, 0.5, 99_999, 1, id="overdue: not at all"),
    pytest.param("2026-03-19T23:59:50", 99, 0.9, None, 10, id="once more before the end"),
]


@pytest.mark.parametrize(("now", "attempts", "rnd", "retry_after_s", "seconds"), WAITS)
def test_how_long_is_waited(
    now: str, attempts: int, rnd: float, retry_after_s: float | None, seconds: int
):
    again = next_try(at(now), date(2026, 3, 19), attempts, rnd=rnd, retry_after_s=retry_after_s)

    assert round((again - at(now)) / 1000) == seconds


def test_a_disclosure_waits_an_hour_at_most_for_a_busy_system():
    now = at("2026-03-16T10:00")

    assert next_try(now, None, 1, rnd=0.5, retry_after_s=1e9) == now + SPREAD_MAX_MS


@given(
    left_ms=st.integers(-(10**9), 10**9),
    attempts=st.integers(1, 10**6),
    rnd=st.floats(0, 1, exclude_max=True),
    retry_after_s=st.none() | st.floats(0, 1e12),
    due_on=st.dates(date(2026, 1, 5), date(2026, 12, 20)),
)
def test_it_is_always_tried_again_and_never_too_late(
    left_ms: int, attempts: int, rnd: float, retry_after_s: float | None, due_on: date
):
    now = end_of_ms(due_on) - left_ms

    wait = next_try(now, due_on, attempts, rnd=rnd, retry_after_s=retry_after_s) - now

    assert wait >= FIRST_MS
    if left_ms < 0:
        assert wait <= FAST_MAX_MS
    else:
        assert wait <= max(left_ms, FIRST_MS), "the due day has another try in it"
        longest = SPREAD_MAX_MS if phase(now, due_on) is Phase.EASY else FAST_MAX_MS
        asked = 0 if retry_after_s is None else left_ms // 2
        assert wait <= max(longest, asked)


def test_the_end_of_a_day_is_its_last_millisecond_in_shanghai():
    last = datetime.fromtimestamp(end_of_ms(date(2026, 3, 19)) / 1000, UTC)

    assert last + timedelta(milliseconds=1) == datetime(2026, 3, 19, 16, tzinfo=UTC)
