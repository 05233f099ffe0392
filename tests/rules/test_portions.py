"""A portion follows from how the last ones were answered; what others sent is not charged to it."""

from __future__ import annotations

import pytest

from streams.rules.portions import ALONE_EVERY, REST_MAX_S, SIZE_FIRST, SIZE_MAX, Pace, rest_s


def learned(alone_s: float) -> Pace:
    pace = Pace()
    pace.answered(pace.size(), 1, alone_s)
    return pace


@pytest.mark.parametrize(
    ("alone_s", "passed", "took_s", "busy_s", "size"),
    [
        (0.02, 5, 0.03, 0.01, 10),  # at most twice as many
        (0.02, 5, 0.045, 0.025, 4),
        (0.02, 5, 9.00, 8.98, 2),  # one slow answer halves it
        (0.25, 5, 0.50, 0.25, 5),  # as long as an answer takes anyway
        (0.02, 500, 1.00, 0.01, 10),  # a hundredth of what decide came past was ours
        (0.25, 5, 0.10, 0.0, 10),
    ],
)
def test_the_next_portion_and_for_how_long_decide_was_busy(alone_s, passed, took_s, busy_s, size):
    pace = learned(alone_s)

    assert pace.size() == SIZE_FIRST
    assert pace.answered(5, passed, took_s) == pytest.approx(busy_s)
    assert pace.size() == size


def test_an_answer_that_once_took_long_is_no_licence_for_large_portions():
    """The worker stood still for a moment: what an answer takes anyway is not that."""
    for pace in (learned(10.0), learned(0.02)):
        for took_s in (*[0.04] * (ALONE_EVERY - 1), 10.0):
            pace.answered(pace.size(), pace.size(), took_s)
        size = pace.size()

        assert pace.answered(size, size, 2.0) >= 1.5
        assert pace.size() == round(size / 2)


def test_a_short_portion_says_nothing_of_a_long_one_and_none_is_without_bound():
    pace = learned(0.02)
    pace.answered(1, 1, 0.021)
    assert pace.size() == SIZE_FIRST

    for _ in range(5 * ALONE_EVERY):
        pace.answered(pace.size(), pace.size(), 0.001)
    assert pace.size() in (1, SIZE_MAX)


def test_decide_rests_twice_as_long_as_it_was_busy_and_no_more_is_appended_than_allowed():
    assert rest_s(20, 0.05, 0.07, 1e9) == 0.1
    assert rest_s(20, 9.0, 9.0, 1e9) == REST_MAX_S
    assert rest_s(20, 0.05, 0.07, 100.0) == pytest.approx(0.13)
