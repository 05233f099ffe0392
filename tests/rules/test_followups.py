"""What follows from what happens to a task after, or before, it was decided?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from builders import OTHER_DEPT, Hub, a_cap, a_policy

from schemas.facts import (
    CancelledFact,
    ChoiceFact,
    CompletedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
    NotedFact,
)
from streams.rules.state import code_state_of

NEXT_YEAR = "2027-01-03T09:00:00+08:00"


def said(fact: Fact) -> str:
    """A fact in a few words."""
    match fact:
        case NotedFact():
            codes = " ".join(reason.code for reason in fact.reasons)
            return f"{fact.outcome} {codes}".strip()
        case CancelledFact():
            words = ["CANCELLED"] + ["known"] * fact.known + ["released"] * fact.released
            return " ".join(words)
        case EnteredFact():
            return f"ENTERED {fact.code_state}" + " known" * fact.known
        case CompletedFact():
            return "COMPLETED" + " known" * fact.known + " no_code" * fact.no_code
        case _:
            return fact.fact


def issued(hub: Hub) -> None:
    hub.submit()


def shown(hub: Hub) -> None:
    issued(hub)
    hub.enter(how="SHOWN_ONLY")


def scanned(hub: Hub) -> None:
    issued(hub)
    hub.enter()


def completed(hub: Hub) -> None:
    scanned(hub)
    hub.complete()


def cancelled(hub: Hub) -> None:
    issued(hub)
    hub.cancel()


def tombstone(hub: Hub) -> None:
    hub.cancel()


def expired(hub: Hub) -> None:
    issued(hub)
    hub.expire()


def intercepted(hub: Hub) -> None:
    hub.submit("T-0", backfill=True)
    hub.submit("T-00", backfill=True)
    issued(hub)


def offsite(hub: Hub) -> None:
    hub.submit(mode="OFFSITE")


def backfilled(hub: Hub) -> None:
    hub.submit(backfill=True)


def entered_only(hub: Hub) -> None:
    hub.enter()


def nothing(_hub: Hub) -> None:
    pass


def cancel(hub: Hub, **fields: Any) -> Fact:
    return hub.cancel(**fields)


def expire(hub: Hub, **fields: Any) -> Fact:
    return hub.expire(**fields)


def scan(hub: Hub, **fields: Any) -> Fact:
    return hub.enter(**fields)


def refuse_scan(hub: Hub, **fields: Any) -> Fact:
    return hub.enter(how="REFUSED", **fields)


def fail_licence(hub: Hub, **fields: Any) -> Fact:
    return hub.enter(how="LICENCE_FAILED", **fields)


def show(hub: Hub, **fields: Any) -> Fact:
    return hub.enter(how="SHOWN_ONLY", **fields)


def complete(hub: Hub, **fields: Any) -> Fact:
    return hub.complete(**fields)


def complete_again(hub: Hub, **fields: Any) -> Fact:
    return hub.complete(result_id="R-2", **fields)


def stop(hub: Hub, **fields: Any) -> Fact:
    return hub.choose("STOP", **fields)[-1]


def go_on(hub: Hub, **fields: Any) -> Fact:
    return hub.choose("CONTINUE", **fields)[-1]


# what was, what happens, what follows, code state after
ROWS: list[Any] = [
    (nothing, cancel, "CANCELLED", "CANCELLED"),
    (issued, cancel, "CANCELLED known released", "CANCELLED"),
    (shown, cancel, "CANCELLED known released", "CANCELLED"),
    (offsite, cancel, "CANCELLED known released", "CANCELLED"),
    (backfilled, cancel, "CANCELLED known released", "CANCELLED"),
    (intercepted, cancel, "CANCELLED known", "CANCELLED"),
    (cancelled, cancel, "REPEATED", "CANCELLED"),
    (tombstone, cancel, "REPEATED", "CANCELLED"),
    (scanned, cancel, "REFUSED ALREADY_INSPECTED", "SCANNED"),
    (completed, cancel, "REFUSED ALREADY_INSPECTED", "COMPLETED"),
    (entered_only, cancel, "REFUSED ALREADY_INSPECTED", "SCANNED"),
    (expired, cancel, "REFUSED EXPIRED", "EXPIRED"),
    (nothing, expire, "REPEATED NOT_OPEN", "NONE"),
    (issued, expire, "EXPIRED", "EXPIRED"),
    (shown, expire, "EXPIRED", "EXPIRED"),
    (expired, expire, "REPEATED NOT_OPEN", "EXPIRED"),
    (scanned, expire, "REPEATED NOT_OPEN", "SCANNED"),
    (cancelled, expire, "REPEATED NOT_OPEN", "CANCELLED"),
    (offsite, expire, "REPEATED NOT_OPEN", "NONE"),
    (nothing, scan, "ENTERED SCANNED", "SCANNED"),
    (nothing, refuse_scan, "ENTERED SCAN_REFUSED", "SCAN_REFUSED"),
    (nothing, fail_licence, "ENTERED LICENCE_FAILED", "LICENCE_FAILED"),
    (nothing, show, "REFUSED UNKNOWN_TASK", "NONE"),
    (issued, scan, "ENTERED SCANNED known", "SCANNED"),
    (issued, refuse_scan, "ENTERED SCAN_REFUSED known", "SCAN_REFUSED"),
    (issued, fail_licence, "ENTERED LICENCE_FAILED known", "LICENCE_FAILED"),
    (issued, show, "ENTERED SHOWN known", "SHOWN"),
    (shown, show, "REPEATED", "SHOWN"),
    (shown, scan, "ENTERED SCANNED known", "SCANNED"),
    (scanned, scan, "REPEATED", "SCANNED"),
    (scanned, show, "REPEATED", "SCANNED"),
    (scanned, refuse_scan, "ENTERED SCAN_REFUSED known", "SCAN_REFUSED"),
    (completed, scan, "REFUSED ALREADY_COMPLETED", "COMPLETED"),
    (completed, show, "REFUSED ALREADY_COMPLETED", "COMPLETED"),
    (cancelled, scan, "ENTERED SCANNED known", "SCANNED"),
    (tombstone, scan, "ENTERED SCANNED", "SCANNED"),
    (expired, scan, "ENTERED SCANNED known", "SCANNED"),
    (intercepted, scan, "ENTERED SCANNED known", "SCANNED"),
    (cancelled, show, "REFUSED WAS_CANCELLED", "CANCELLED"),
    (tombstone, show, "REFUSED UNKNOWN_TASK", "CANCELLED"),
    (expired, show, "REFUSED WAS_EXPIRED", "EXPIRED"),
    (intercepted, show, "REFUSED NO_CODE", "NONE"),
    (offsite, show, "REFUSED NO_CODE", "NONE"),
    (nothing, complete, "COMPLETED no_code", "COMPLETED"),
    (issued, complete, "COMPLETED known", "COMPLETED"),
    (scanned, complete, "COMPLETED known", "COMPLETED"),
    (intercepted, complete, "COMPLETED known no_code", "COMPLETED"),
    (cancelled, complete, "COMPLETED known", "COMPLETED"),
    (tombstone, complete, "COMPLETED no_code", "COMPLETED"),
    (completed, complete, "REPEATED", "COMPLETED"),
    (completed, complete_again, "REFUSED ALREADY_COMPLETED", "COMPLETED"),
    (nothing, stop, "REFUSED UNKNOWN_TASK", "NONE"),
    (nothing, go_on, "REFUSED UNKNOWN_TASK", "NONE"),
    (tombstone, stop, "REFUSED UNKNOWN_TASK", "CANCELLED"),
    (entered_only, go_on, "REFUSED UNKNOWN_TASK", "SCANNED"),
    (entered_only, complete, "COMPLETED no_code", "COMPLETED"),
    (issued, stop, "CANCELLED known released", "CANCELLED"),
    (issued, go_on, "CHOICE", "ISSUED"),
    (cancelled, stop, "REPEATED", "CANCELLED"),
    (scanned, stop, "REFUSED ALREADY_INSPECTED", "SCANNED"),
]


@pytest.mark.parametrize(
    ("before", "happens", "follows", "after"), ROWS, ids=lambda v: getattr(v, "__name__", "")
)
def test_what_follows(before: Any, happens: Any, follows: str, after: str) -> None:
    hub = Hub(policy=a_policy(a_cap(2)))
    before(hub)
    state = hub.state

    fact = happens(hub)

    assert said(fact) == follows
    assert code_state_of(hub.state.tasks.get("T-1")) == after
    if follows.startswith(("REPEATED", "REFUSED")):
        assert hub.state == state


@pytest.mark.parametrize("happens", [cancel, scan, show, complete, stop, go_on])
def test_another_departments_task_is_left_alone(happens: Any) -> None:
    hub = Hub()
    hub.submit()
    before = hub.state

    fact = happens(hub, dept=OTHER_DEPT)

    assert said(fact) == "REFUSED OTHER_DEPARTMENT"
    assert len(hub.answers[-1]) == 1
    assert hub.state == before


def test_the_hub_may_act_on_any_task() -> None:
    hub = Hub()
    hub.submit()

    assert said(hub.cancel(dept="HUB")) == "CANCELLED known released"


def test_a_choice_to_stop_is_recorded_and_cancels() -> None:
    hub = Hub()
    hub.submit()

    choice, cancellation = hub.choose("STOP")

    assert isinstance(choice, ChoiceFact)
    assert choice.choice == "STOP"
    assert said(cancellation) == "CANCELLED known released"


@pytest.mark.parametrize(("on", "follows"), [("2026-03-23", "REPEATED"), ("2026-03-24", "EXPIRED")])
def test_a_code_expires_on_the_day_after_its_last(on: str, follows: str) -> None:
    hub = Hub(policy=a_policy(code_valid_days=7))
    hub.submit(planned_on="2026-03-16")

    assert hub.expire(on=on).fact == ("NOTED" if follows == "REPEATED" else "EXPIRED")
    assert isinstance(hub.answers[-1][0], NotedFact if follows == "REPEATED" else ExpiredFact)


def test_an_entry_counts_on_its_day_in_shanghai() -> None:
    hub = Hub()
    hub.submit(planned_on="2026-12-31")

    fact = hub.enter(at="2026-12-31T16:00:00Z")

    assert isinstance(fact, EnteredFact)
    assert fact.day == date(2027, 1, 1)


def test_showing_the_code_confirms_no_visit() -> None:
    hub = Hub()
    hub.submit(planned_on="2026-03-16")

    fact = hub.enter(how="SHOWN_ONLY", at="2026-03-18T10:00:00+08:00")

    assert isinstance(fact, EnteredFact)
    assert fact.day == date(2026, 3, 16)
    assert hub.state.tasks["T-1"].day == date(2026, 3, 16).toordinal()
