"""What does the fast view show after a record?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import USCC, Hub

from schemas.decision import DecisionMade
from streams.rules.views import ViewOps, view_ops


def shown(hub: Hub) -> ViewOps:
    return view_ops(hub.decided(), hub.state)


def about_codes(hub: Hub) -> tuple[Any, ...]:
    """What changes but for the officers' day."""
    ops = shown(hub)
    return ops.decisions, ops.codes, ops.opened, ops.closed


def test_an_issued_code_can_be_found_and_shown_until_its_last_day() -> None:
    hub = Hub()
    made = hub.submit(planned_on="2026-03-16")

    ops = shown(hub)

    assert ops.codes == [(made.code, USCC, "T-1")]
    assert ops.opened == [(USCC, "T-1", date(2026, 3, 23).toordinal())]
    assert ops.closed == []


def test_a_decision_is_kept_as_the_bytes_that_are_sent() -> None:
    hub = Hub()
    made = hub.submit()

    ((task_id, value),) = shown(hub).decisions

    assert task_id == "T-1"
    assert value == made.model_dump_json().encode()
    assert DecisionMade.model_validate_json(value) == made


def test_a_decision_without_code_opens_nothing() -> None:
    hub = Hub()
    hub.submit(approval=None)

    ops = shown(hub)

    assert len(ops.decisions) == 1
    assert (ops.codes, ops.opened, ops.closed) == ([], [], [])


@pytest.mark.parametrize(
    "closes",
    [
        lambda hub: hub.cancel(),
        lambda hub: hub.expire(),
        lambda hub: hub.enter(),
        lambda hub: hub.complete(),
        lambda hub: hub.choose("STOP"),
    ],
)
def test_a_code_that_was_used_or_is_void_is_closed(closes: Any) -> None:
    hub = Hub()
    hub.submit()
    closes(hub)

    assert about_codes(hub) == ([], [], [], [(USCC, "T-1")])


@pytest.mark.parametrize(
    "happens",
    [
        lambda hub: hub.enter(how="SHOWN_ONLY"),
        lambda hub: hub.choose("CONTINUE"),
        lambda hub: hub.take(hub.events[0]),
        lambda hub: hub.submit(planned_on="2026-03-17"),
        lambda hub: hub.enter("unknown"),
        lambda hub: hub.cancel("unknown"),
        lambda hub: hub.classify("A"),
        lambda hub: [hub.enter(), hub.cancel()],
    ],
)
def test_nothing_else_changes_decisions_or_codes(happens: Any) -> None:
    hub = Hub()
    hub.submit()
    happens(hub)

    assert about_codes(hub) == ([], [], [], [])
