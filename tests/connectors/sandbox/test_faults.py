"""Faults happen as often and as long as they were asked for."""

from typing import Any

import pytest

from connectors.sandbox.faults import Faults


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def faults(clock: list[float]) -> Faults:
    return Faults(lambda: clock[0])


def test_counted(faults: Faults):
    faults.ask({"mode": "500", "count": 2})

    assert [faults.take("500") for _ in range(3)] == [True, True, False]
    assert faults.active() == []


def test_for_a_time(faults: Faults, clock: list[float]):
    faults.ask({"mode": "out", "until_s": 5})
    during = faults.lasts("out")
    clock[0] = 5.0

    assert (during, faults.lasts("out")) == (True, False)


def test_until_cleared(faults: Faults):
    faults.ask({"mode": "hang"})
    faults.ask({"mode": "lost"})
    before = faults.active()
    faults.ask({"mode": "clear"})

    assert (before, faults.active()) == (["lost", "hang"], [])


def test_only_the_fault_that_happens_is_counted(faults: Faults):
    faults.ask({"mode": "500", "count": 1})
    faults.ask({"mode": "lost", "count": 1})

    assert [faults.first_of("500", "lost") for _ in range(3)] == ["500", "lost", None]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"mode": "explode"},
        {"mode": "500", "count": 0},
        {"mode": "500", "count": "two"},
        {"mode": "out", "until_s": -1},
        {"mode": "429", "retry_after_s": "soon"},
    ],
)
def test_what_nobody_knows_is_refused(faults: Faults, wish: dict[str, Any]):
    with pytest.raises(ValueError):
        faults.ask(wish)

    assert faults.active() == []
