"""Who hears of what was decided on disclosed results and repairs?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, USCC, answered
from public_builders import Desk, a_result

from schemas.facts import FaultedFact
from schemas.messages import RESULT_RECORDED
from schemas.public_answers import DisclosureUpdated, RepairUpdated
from streams.rules.outward import outward

Setting = Callable[[Desk], Any]
MASK = "BANKRUPTCY_TEMP_MASK"
LATE_MS = 1_791_620_000_000  # 2026-10-10 in Shanghai


def told(desk: Desk) -> list[tuple[str, str, Any]]:
    """Receiver, type and body of what goes out for the last event."""
    messages = outward(desk.decided(), desk.state)
    assert all(message.key == USCC for message in messages)
    return [(message.dept, message.type, message.body) for message in messages]


def codes(body: RepairUpdated | DisclosureUpdated) -> list[str]:
    return [f"{one.code}:{one.about}".rstrip(":") for one in body.reasons]


def repair(desk: Desk) -> RepairUpdated:
    ((_, kind, body),) = told(desk)
    assert kind == "repair.updated"
    return body


def disclosure(desk: Desk) -> DisclosureUpdated:
    ((_, kind, body),) = told(desk)
    assert kind == "disclosure.updated"
    return body


def test_an_application_is_answered_with_what_is_missing() -> None:
    desk = Desk()
    desk.publish()
    desk.apply_for("R-1", "R-2", documents=["APPLICATION", "IDENTITY", "PLEDGE"])

    body = repair(desk)

    assert (body.dept, body.about, body.outcome, body.status) == (
        DEPT, "repair.applied", "APPLIED", "APPLIED",
    )  # fmt: skip
    assert [*body.missing] == ["CORRECTION"]
    assert codes(body) == ["DOCUMENT_MISSING:CORRECTION", "UNKNOWN_RESULT:R-2"]
    assert body.results == ("R-1", "R-2")


def test_an_acceptance_is_answered_with_the_day_by_which_to_decide() -> None:
    desk = Desk()
    desk.publish()
    desk.apply_for()
    desk.accept()

    body = repair(desk)

    assert (body.status, body.due_on, body.provisional) == ("ACCEPTED", date(2026, 10, 9), False)
    assert body.results == ("R-1",)


def test_a_repeat_says_where_the_case_stands() -> None:
    desk = Desk()
    desk.publish()
    desk.apply_for()
    desk.accept()
    desk.accept()

    body = repair(desk)

    assert (body.outcome, body.status, body.due_on) == ("REPEATED", "ACCEPTED", date(2026, 10, 9))


def test_a_decision_is_answered_with_its_number_and_results() -> None:
    desk = Desk()
    desk.publish()
    desk.apply_for()
    desk.accept()
    desk.decide()

    body = repair(desk)

    assert (body.status, body.decision_no, body.results) == ("APPROVED", "D-1", ("R-1",))
    assert (body.due_on, body.reasons) == (None, ())


def test_a_step_held_is_answered_at_once_and_when_it_is_taken() -> None:
    desk = Desk()
    desk.publish()
    desk.decide()

    held = repair(desk)

    assert (held.outcome, held.status, held.decision_no) == ("HELD", None, "D-1")
    assert codes(held) == ["NOT_APPLIED_YET"]

    desk.apply_for()
    desk.ask()
    desk.accept()

    assert [(body.about, body.outcome, body.status) for _, _, body in told(desk)] == [
        ("repair.accepted", "APPLIED", "ACCEPTED"),
        ("repair.decided", "APPLIED", "APPROVED"),
        ("repair.supplement.asked", "REFUSED", "APPROVED"),
    ]


def test_another_department_is_refused_and_hears_whose_case_it_is() -> None:
    desk = Desk()
    desk.publish()
    desk.apply_for()
    desk.accept(dept=OTHER_DEPT)

    ((receiver, _, body),) = told(desk)

    assert (receiver, body.dept, codes(body)) == (OTHER_DEPT, DEPT, ["OTHER_DEPARTMENT"])


def test_what_the_hub_sends_is_told_to_the_department_alone() -> None:
    desk = Desk()
    desk.publish()
    desk.apply_for()
    desk.decide("WITHDRAWN", None, dept="HUB")

    ((receiver, _, body),) = told(desk)

    assert (receiver, body.status) == (DEPT, "WITHDRAWN")


def test_what_the_hub_sends_of_a_case_nobody_knows_is_told_to_nobody() -> None:
    desk = Desk()
    desk.accept(dept="HUB")

    assert told(desk) == []


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [(LATE_MS, []), (LATE_MS + 86_400_000, ["LATE_UPSTREAM"])],
)
def test_a_stop_heard_of_when_its_last_day_is_over_says_so(at_ms: int, expected: list[str]) -> None:
    desk = Desk()
    desk.publish()
    desk.stop(at_ms=at_ms)
    assert codes(disclosure(desk)) == expected

    desk.apply_for()
    desk.accept()
    desk.decide(at_ms=at_ms)
    assert codes(repair(desk)) == expected


def test_only_the_ground_put_now_can_be_late() -> None:
    desk = Desk()
    desk.publish()
    desk.stop("CASCADE", at="2026-03-01T00:00:00+08:00")
    desk.stop("EXPIRED", at_ms=LATE_MS)

    body = disclosure(desk)

    assert (body.stop_reason, codes(body)) == ("CASCADE", [])


def test_a_stop_kept_is_held_and_may_be_late() -> None:
    desk = Desk()
    desk.stop(at_ms=LATE_MS + 86_400_000)

    body = disclosure(desk)

    assert (body.outcome, body.state, body.version) == ("HELD", None, None)
    assert (body.stop_reason, body.due_on) == ("EXPIRED", date(2026, 10, 10))
    assert codes(body) == ["UNKNOWN_RESULT", "LATE_UPSTREAM"]


def test_a_repair_of_an_unknown_result_may_be_late_too() -> None:
    desk = Desk()
    desk.apply_for()
    desk.accept()
    desk.decide(at_ms=LATE_MS + 86_400_000)

    assert codes(repair(desk)) == ["LATE_UPSTREAM"]


ABOUT_RESULTS: list[tuple[Setting, tuple[Any, ...], list[str]]] = [
    # what happens, outcome, state, version, leading reason; reasons
    (lambda d: d.correct(negative=False), ("APPLIED", "DISCLOSED", 2, None), []),
    (lambda d: d.correct(), ("REPEATED", "DISCLOSED", 1, None), []),
    (lambda d: d.stop(), ("APPLIED", "STOPPED", 2, "EXPIRED"), []),
    (lambda d: (d.stop(MASK), d.resume()), ("APPLIED", "DISCLOSED", 3, None), []),
    (lambda d: (d.stop(MASK), d.stop(MASK)), ("REPEATED", "STOPPED", 2, MASK), []),
    (lambda d: d.stop("REPAIR_APPROVED"), ("REFUSED", "DISCLOSED", 1, None), ["NEEDS_REPAIR"]),
    (lambda d: d.correct("R-9"), ("REFUSED", None, None, None), ["UNKNOWN_RESULT"]),
    (lambda d: (d.stop(MASK, "R-9"), d.resume(result_id="R-9")),
     ("APPLIED", None, None, None), []),
]  # fmt: skip


@pytest.mark.parametrize(("happens", "expected", "reasons"), ABOUT_RESULTS)
def test_corrections_and_orders_are_answered_once(
    happens: Setting, expected: tuple[Any, ...], reasons: list[str]
) -> None:
    desk = Desk()
    desk.publish()
    happens(desk)

    body = disclosure(desk)

    assert (body.outcome, body.state, body.version, body.stop_reason) == expected
    assert codes(body) == reasons
    assert (body.dept, body.uscc) == (DEPT, USCC)


def test_what_the_platform_orders_is_told_to_it_and_to_whose_result_it_is() -> None:
    desk = Desk()
    desk.publish()
    desk.stop(dept="REGISTRY")

    (first, _, body), (second, _, same) = told(desk)

    assert (first, second) == ("REGISTRY", DEPT)
    assert body == same


def test_a_result_is_answered_as_before_and_says_if_its_id_is_taken() -> None:
    desk = Desk()
    desk.publish(dept=OTHER_DEPT)
    ((_, kind, first),) = told(desk)
    desk.send(RESULT_RECORDED, a_result(task_id="T-2"))
    ((receiver, _, second),) = told(desk)

    assert (kind, codes(first)) == ("task.updated", ["NO_CODE"])
    assert (receiver, codes(second)) == (DEPT, ["NO_CODE", "RESULT_ID_TAKEN"])


@pytest.mark.parametrize("happens", [lambda d: d.accept(), lambda d: d.stop()])
def test_a_fault_is_told_by_the_shell_not_here(happens: Setting) -> None:
    desk = Desk()
    happens(desk)
    faulted = answered(desk.events[-1], (FaultedFact(error="KeyError"),))

    assert outward(faulted, desk.state) == []
