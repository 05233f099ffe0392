"""A backlog by due moment, worked off at a rate: who misses, which rate is needed, how late."""

from fractions import Fraction
from itertools import accumulate
from math import ceil, inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.watch_input import Progress
from streams.rules.delivery.drain import drain_rate, forecast

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


@pytest.mark.parametrize(
    ("looks", "rate"),
    [
        pytest.param([], None, id="never looked"),
        pytest.param([(0, 9, 0)], None, id="looked once"),
        pytest.param([(0, 100, 0), (10, 80, 20), (20, 60, 40)], 2.0, id="at work all the time"),
        pytest.param([(0, 100, 0), (10, 80, 20), (20, 80, 20)], 1.0, id="half of the time"),
        pytest.param([(0, 9, 0), (10, 9, 0)], None, id="nothing was done"),
        pytest.param([(0, 0, 0), (10, 0, 0), (20, 0, 5)], None, id="never enough to do"),
        pytest.param([(0, 1, 0), (900, 1, 1), (1800, 1, 2)], None, id="one now and then"),
        pytest.param([(0, 5, 9), (10, 90, 0), (20, 80, 10)], 1.0, id="counted anew"),
        pytest.param(
            [(0, 0, 0), (3600, 50, 0), (3610, 40, 10)], 1.0, id="a quiet hour says nothing"
        ),
    ],
)
def test_how_fast_it_is_while_there_is_something_to_do(looks, rate):
    found = drain_rate([Progress(at_s * 1000, owed, done) for at_s, owed, done in looks])

    assert found == (None if rate is None else pytest.approx(rate))


def test_a_pause_is_not_taken_for_slowness():
    before = [Progress(0, 100, 0), Progress(10_000, 80, 20)]
    paused = [Progress(20_000, 80, 20, held=True), Progress(900_000, 80, 20, held=True)]
    after = [Progress(910_000, 79, 21), Progress(920_000, 59, 41)]

    assert drain_rate([*before, *paused]) == 2.0
    assert drain_rate([*before, *paused, *after]) == 2.0


EVERY_S = 15


def a_day(seed, fewest, most):
    """A backlog, a system that works it off evenly, and when it is away: what is seen, what comes.

    Seen is what looks find up to the moment of the prophecy; then what will have been missed.
    """
    rnd = Random(seed)
    dues = sorted(rnd.sample(range(60, 4000), rnd.randint(3, 8)))
    owed = [(due * 1000, rnd.randint(fewest, most)) for due in dues]
    total = sum(count for _, count in owed)
    rate = rnd.uniform(0.3, 2.5) * total / 4000
    told_at = EVERY_S * rnd.randint(40, 100)
    back_at = told_at + rnd.choice((0, 0, rnd.randint(0, 1500)))
    phase = rnd.random()

    def done_by(at_s):
        away = max(0, min(at_s, back_at) - told_at)
        return min(total, int(rate * (at_s - away) + phase))

    looks = [
        Progress(at * 1000, total - done_by(at), done_by(at))
        for at in range(0, told_at + 1, EVERY_S)
    ]
    return owed, looks, told_at, back_at, rate, done_by


def missed_after(owed, told_ms, done_by):
    """How many of those that are not over yet at the prophecy are not done when their day ends."""
    ends = accumulate(count for _, count in owed)
    return sum(
        min(count, max(0, upto - max(done_by(due / 1000), upto - count)))
        for (due, count), upto in zip(owed, ends, strict=True)
        if due >= told_ms
    )


def prophecy(seed, fewest, most):
    """What was foretold of a simulated day, what came, one interval's work, one delivery's share.

    The share: a count of whole deliveries is one more or less than was done, and is carried on.
    """
    owed, looks, told_at, back_at, rate, done_by = a_day(seed, fewest, most)
    left, done = [], looks[-1].done
    for due, count in owed:
        over = min(count, done)
        done -= over
        left.append((due, count - over))
    told = forecast(left, drain_rate(looks) or 0.0, now_ms=told_at * 1000, from_ms=back_at * 1000)
    share = max(0.0, (owed[-1][0] / 1000 - back_at) / told_at)
    came = missed_after(owed, told_at * 1000, done_by)
    return told.will_miss, came, ceil(rate * EVERY_S), ceil(share)


def test_what_will_be_missed_is_what_then_was_missed():
    """Over 200 simulated backlogs, within the work of one polling interval."""
    days = [prophecy(seed, 2000, 4000) for seed in range(200)]

    assert [
        seed for seed, (told, came, work, _) in enumerate(days) if abs(told - came) > work
    ] == []
    assert 40 < sum(came > 0 for _, came, _, _ in days) < 190, "days must be of both kinds"


def test_of_a_few_deliveries_it_is_told_as_well_as_they_can_be_counted():
    days = [prophecy(seed, 1, 40) for seed in range(200)]

    wrong = [
        seed
        for seed, (told, came, work, share) in enumerate(days)
        if abs(told - came) > work + share
    ]
    assert wrong == []
