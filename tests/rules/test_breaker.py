"""A breaker that holds: what is not let through waits, and is let through in the end."""

from __future__ import annotations

from random import Random

import pytest

from streams.rules.delivery.breaker import (
    CLOSED,
    FAILURES_MAX,
    LONGEST_PAUSE_MS,
    Breaker,
    BreakerState,
    failed,
    may_call,
    probing,
    succeeded,
    unprobed,
)


def opened(at_ms: int = 0) -> Breaker:
    breaker = CLOSED
    for _ in range(FAILURES_MAX):
        breaker = failed(breaker, at_ms)
    return breaker


def test_it_opens_after_failures_in_a_row():
    breaker = CLOSED
    for _ in range(FAILURES_MAX - 1):
        breaker = failed(breaker, 0)

    assert may_call(breaker, 0) is None
    assert may_call(failed(breaker, 0), 0) == 0


def test_a_success_in_between_begins_the_count_anew():
    breaker = CLOSED
    for _ in range(10):
        breaker = succeeded(failed(breaker, 0))

    assert breaker == CLOSED


def test_after_its_pause_one_probe_passes_and_no_second():
    breaker = opened()

    assert [may_call(breaker, at) for at in (999, 1000)] == [0, 1]
    assert may_call(probing(breaker), 5000) == 0


def test_a_probe_that_succeeds_closes_it():
    assert succeeded(probing(opened())) == CLOSED


def test_a_probe_that_fails_makes_the_pause_longer_up_to_a_minute():
    breaker, pauses = opened(at_ms=7), []
    for _ in range(9):
        pauses.append(breaker.pause_ms)
        breaker = failed(probing(breaker), breaker.until_ms)

    assert pauses == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]
    assert breaker.since_ms == 7


def test_a_probe_that_never_left_lets_another_pass():
    breaker = unprobed(probing(opened()), 7000)

    assert (may_call(breaker, 7000), breaker.pause_ms) == (1, opened().pause_ms)
    assert unprobed(CLOSED, 7000) == CLOSED
    assert unprobed(opened(), 7000) == opened()


def test_calls_that_were_under_way_do_not_make_the_pause_longer():
    breaker = opened()

    assert failed(breaker, 500).until_ms == breaker.until_ms


@pytest.mark.parametrize(
    ("asked_s", "pause_ms"), [(30.0, 30_000), (0.1, 1000), (1e9, LONGEST_PAUSE_MS)]
)
def test_a_retry_after_opens_it_at_once_for_a_minute_at_most(asked_s: float, pause_ms: int):
    breaker = failed(CLOSED, 0, asked_s)

    assert (breaker.state, breaker.pause_ms) == (BreakerState.OPEN, pause_ms)


@pytest.mark.parametrize("seed", range(50))
def test_whatever_happens_everything_passes_in_the_end(seed: int):
    rng, breaker, now, waiting = Random(seed), CLOSED, 0, 100
    for _ in range(5000):
        now += rng.randrange(5000)
        room = may_call(breaker, now)
        if not waiting:
            break
        if room == 0:
            continue
        breaker = probing(breaker)
        if rng.random() < 0.7:
            breaker = failed(breaker, now, rng.choice((None, 20.0)))
        else:
            waiting -= 1
            breaker = succeeded(breaker)

    assert waiting == 0
