"""A backlog by due moment, worked off at a rate: who misses, which rate is needed, how late."""

from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rules.drain import forecast

HOUR = 3_600_000
BACKLOG = [(8 * HOUR, 1200), (32 * HOUR, 900), (56 * HOUR, 4000)]


@pytest.mark.parametrize(
    ("owed", "rate", "start_h", "need", "miss", "latest_h"),
    [
        pytest.param([], 1.0, 0, 0.0, 0, None, id="nothing is owed"),
        pytest.param(BACKLOG, 0.05, 0, 0.0416666, 0, 8 - 1200 / 180, id="in time"),
        pytest.param(BACKLOG, 0.02, 0, 0.0416666, 2692, None, id="too slow"),
        pytest.param(BACKLOG, 0.05, 6, 1200 / 7200, 840, 8 - 1200 / 180, id="away for 6 h"),
        pytest.param(BACKLOG, 0.0, 0, 0.0416666, 6100, None, id="it stands still"),
        pytest.param([(HOUR, 1)], 1.0, 1, None, 1, 1 - 1 / 3600, id="begins when all is over"),
        pytest.param([(-HOUR, 9), (HOUR, 1)], 1 / 360, 0, 10 / 3600, 0, 0.0, id="overdue first"),
        pytest.param([(-HOUR, 10), (HOUR, 1)], 1 / 360, 0, 11 / 3600, 1, None, id="and one more"),
        pytest.param([(0, 1)], 1.0, 0, None, 1, None, id="due at this very moment"),
        pytest.param([(-HOUR, 5)], 1.0, 0, 0.0, 0, None, id="only overdue"),
        pytest.param([(HOUR, 3), (HOUR, 4)], 1.0, 0, 7 / 3600, 0, 1 - 7 / 3600, id="one moment"),
    ],
)
def test_what_becomes_of_a_backlog(owed, rate, start_h, need, miss, latest_h):
    told = forecast(owed, rate, now_ms=0, from_ms=start_h * HOUR)

    assert told.will_miss == miss
    assert told.required_per_s == (None if need is None else pytest.approx(need, rel=1e-4))
    assert told.latest_ms == (None if latest_h is None else pytest.approx(latest_h * HOUR, abs=2))
    assert told.owed == sum(count for _, count in owed)


def test_headroom_is_rate_by_need():
    told = forecast(BACKLOG, 0.0625, now_ms=0)

    assert told.headroom == pytest.approx(1.5)
    assert forecast([], 1.0, now_ms=0).headroom is None
    assert forecast(BACKLOG, 1.0, now_ms=0, from_ms=9 * HOUR).headroom is None


def simulated(owed, rate, now_ms, start_ms):
    """Who misses, one by one: the i-th is done i/rate after the start."""
    start, number, missed = max(now_ms, start_ms), 0, 0
    for due_ms, count in sorted(owed):
        for _ in range(count):
            number += 1
            done_ms = start + Fraction(1000 * number) / Fraction(rate) if rate else inf
            missed += due_ms >= now_ms and done_ms > due_ms
    return missed


backlogs = st.lists(st.tuples(st.integers(-5_000, 50_000), st.integers(0, 12)), max_size=6)
rates = st.one_of(st.just(0.0), st.floats(0.01, 20.0))


@given(backlogs, rates, st.integers(0, 60_000))
def test_it_agrees_with_a_simulation_of_every_single_one(owed, rate, start_ms):
    told = forecast(owed, rate, now_ms=0, from_ms=start_ms)

    assert told.will_miss == simulated(owed, rate, 0, start_ms)
    assert told.overdue == sum(count for due_ms, count in owed if due_ms < 0)


@given(backlogs, st.floats(0.01, 20.0))
def test_the_latest_moment_is_the_last_without_a_miss(owed, rate):
    latest = forecast(owed, rate, now_ms=0).latest_ms

    if latest is None:
        anything = any(count for due_ms, count in owed if due_ms >= 0)
        assert not anything or simulated(owed, rate, 0, 0) > 0
    else:
        assert simulated(owed, rate, 0, latest) == 0
        assert simulated(owed, rate, 0, latest + 1) > 0


@given(backlogs, st.integers(0, 60_000))
def test_the_rate_that_is_needed_is_the_lowest_without_a_miss(owed, start_ms):
    need = forecast(owed, 1.0, now_ms=0, from_ms=start_ms).required_per_s

    if need is None:
        assert simulated(owed, 1e9, 0, start_ms) > 0
    elif need:
        assert simulated(owed, need * (1 + 1e-9), 0, start_ms) == 0
        assert simulated(owed, need * (1 - 1e-9), 0, start_ms) > 0
