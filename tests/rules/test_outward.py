"""Who hears of what was decided?"""

from __future__ import annotations

from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, USCC, Hub, a_cap, a_policy

from schemas.decision import DecisionMade, TaskUpdated
from schemas.facts import Decided, FaultedFact
from streams.rules.outward import Outward, StoredDecision, outward


def told(hub: Hub) -> list[Outward]:
    """What goes out for the last event."""
    return outward(hub.decided(), hub.state)


def update(hub: Hub) -> TaskUpdated:
    """The one update that goes out for the last event."""
    (message,) = told(hub)
    assert message.type == "task.updated"
    assert isinstance(message.body, TaskUpdated)
    assert (message.dept, message.key) == (message.body.dept, USCC)
    return message.body


def test_a_decision_goes_to_the_department_that_asked() -> None:
    hub = Hub()
    made = hub.submit()

    assert told(hub) == [Outward(DEPT, "decision.made", USCC, made)]


def test_a_conflict_goes_to_the_department_that_caused_it() -> None:
    hub = Hub()
    hub.submit()
    made = hub.submit(dept=OTHER_DEPT)

    assert made.decision == "CONFLICT"
    assert told(hub) == [Outward(OTHER_DEPT, "decision.made", USCC, made)]


def test_a_repeat_is_answered_with_the_stored_decision() -> None:
    hub = Hub()
    hub.submit()
    hub.take(hub.events[0])

    assert told(hub) == [Outward(DEPT, "decision.made", USCC, StoredDecision("T-1"))]


def about_the_enterprise(hub: Hub) -> None:
    hub.classify("A")


def older_class(hub: Hub) -> None:
    hub.classify("A", as_of="2026-02-01")
    hub.classify("B", as_of="2026-01-01")


@pytest.mark.parametrize(
    "happens",
    [
        about_the_enterprise,
        older_class,
        lambda hub: hub.whitelist(),
        lambda hub: hub.form_joint(),
        lambda hub: [hub.form_joint(), hub.form_joint()],
    ],
)
def test_what_is_said_about_an_enterprise_is_answered_with_nothing(happens: Any) -> None:
    hub = Hub()
    happens(hub)

    assert told(hub) == []


def test_a_fault_is_told_by_the_shell_not_here() -> None:
    hub = Hub()
    hub.submit()
    line = hub.decided()
    faulted = Decided(**{**dict(line), "facts": (FaultedFact(error="KeyError"),)})

    assert outward(faulted, hub.state) == []


UPDATES: list[Any] = [
    # what happens after the task was issued, outcome, code state, reasons
    (lambda hub: hub.cancel(), "APPLIED", "CANCELLED", []),
    (lambda hub: hub.enter(), "APPLIED", "SCANNED", []),
    (lambda hub: hub.complete(), "APPLIED", "COMPLETED", []),
    (lambda hub: hub.choose("CONTINUE"), "APPLIED", "ISSUED", []),
    (lambda hub: hub.choose("STOP"), "APPLIED", "CANCELLED", []),
    (lambda hub: [hub.enter(), hub.enter()], "REPEATED", "SCANNED", []),
    (lambda hub: [hub.enter(), hub.cancel()], "REFUSED", "SCANNED", [("ALREADY_INSPECTED", "")]),
    (lambda hub: [hub.enter(), hub.choose("STOP")], "REFUSED", "SCANNED",
     [("ALREADY_INSPECTED", "")]),
    (lambda hub: [hub.cancel(), hub.enter()], "APPLIED", "SCANNED", [("WAS_CANCELLED", "")]),
    (lambda hub: [hub.cancel(), hub.enter(), hub.complete()], "APPLIED", "COMPLETED", []),
    (lambda hub: [hub.expire(), hub.complete()], "APPLIED", "COMPLETED", [("WAS_EXPIRED", "")]),
    (lambda hub: hub.complete("unknown"), "APPLIED", "COMPLETED", [("NO_CODE", "")]),
    (lambda hub: [hub.submit("T-2", planned_on="2027-01-05"),
                  hub.enter(at="2027-01-03T09:00:00+08:00")], "APPLIED", "SCANNED",
     [("OVER_CAP", "R@1")]),
]  # fmt: skip


@pytest.mark.parametrize(("happens", "outcome", "code_state", "reasons"), UPDATES)
def test_every_other_event_is_answered_with_what_became_of_the_task(
    happens: Any, outcome: str, code_state: str, reasons: list[tuple[str, str]]
) -> None:
    hub = Hub(policy=a_policy(a_cap(1)))
    hub.submit()
    happens(hub)

    body = update(hub)

    assert (body.outcome, body.code_state) == (outcome, code_state)
    assert [(reason.code, reason.about) for reason in body.reasons] == reasons
    assert body.about == hub.events[-1].record.type
    assert body.source.offset == hub.events[-1].source.offset
    assert body.decided_at == "2026-03-10T09:00:00.000+08:00"


@pytest.mark.parametrize(
    ("happens", "year"),
    [
        (lambda hub: hub.cancel(), None),
        (lambda hub: hub.choose("STOP"), None),
        (lambda hub: hub.enter(at="2026-12-31T16:00:00Z"), 2027),
    ],
)
def test_the_year_is_told_when_it_is_known(happens: Any, year: int | None) -> None:
    hub = Hub()
    happens(hub)

    assert update(hub).year == year


def test_a_code_that_expired_is_told_to_the_department_whose_task_it_is() -> None:
    hub = Hub()
    hub.submit()
    hub.expire()

    body = update(hub)

    assert (body.dept, body.outcome, body.code_state) == (DEPT, "APPLIED", "EXPIRED")


@pytest.mark.parametrize("task_id", ["T-1", "unknown"])
def test_the_hubs_own_timers_are_silent_when_nothing_changed(task_id: str) -> None:
    hub = Hub()
    hub.submit()
    hub.expire(task_id, on="2026-03-17")

    assert told(hub) == []


def test_a_tombstone_of_the_hub_is_told_to_nobody() -> None:
    hub = Hub()
    hub.cancel(dept="HUB")

    assert told(hub) == []


def test_bodies_are_messages() -> None:
    hub = Hub()
    hub.submit()

    assert isinstance(told(hub)[0].body, DecisionMade)
