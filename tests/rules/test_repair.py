"""Which step may a repair case take, and what follows from it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from builders import OTHER_DEPT
from public_builders import REQUIRED, Desk, a_document, said

from schemas.enums import CaseStatus, RepairDecision, RepairStep
from schemas.public_facts import RepairFact
from streams.rules.publicity.repair import TABLE, Cell

Setting = Callable[[Desk], Any]
Q2 = "2026-09-25T09:00:00+08:00"
Q3 = "2026-09-28T09:00:00+08:00"


def nothing(_desk: Desk) -> None:
    pass


def published(desk: Desk) -> None:
    desk.publish()


def applied(desk: Desk) -> None:
    published(desk)
    desk.apply_for()


def incomplete(desk: Desk) -> None:
    published(desk)
    desk.apply_for(documents=["APPLICATION", "OTHER", "PLEDGE"])


def accepted(desk: Desk) -> None:
    applied(desk)
    desk.accept()


def asked(desk: Desk) -> None:
    accepted(desk)
    desk.ask()


def received(desk: Desk) -> None:
    asked(desk)
    desk.receive()


def approved(desk: Desk) -> None:
    accepted(desk)
    desk.decide()


def refused(desk: Desk) -> None:
    accepted(desk)
    desk.decide("REFUSED", None)


def withdrawn(desk: Desk) -> None:
    applied(desk)
    desk.decide("WITHDRAWN", None)


def revoked(desk: Desk) -> None:
    approved(desk)
    desk.decide("REVOKED", "V-1")


def two_of_three(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.publish(f"R-{number}")
    desk.apply_for("R-3", "R-1", "R-3")
    desk.accept()


def foreign_later(desk: Desk) -> None:
    desk.apply_for("R-1", "R-2", "R-3")
    desk.publish("R-1")
    desk.publish("R-2", dept=OTHER_DEPT)
    desk.publish("R-3", publish=False)
    desk.accept()


STOP = "R-1 v2 STOPPED REPAIR_APPROVED (REPAIRED)"
APPLICATIONS: list[tuple[Setting, Setting, str]] = [
    (applied, lambda d: d.apply_for(dept=OTHER_DEPT), "REFUSED OTHER_DEPARTMENT"),
    (applied, lambda d: d.apply_for(), "REPEATED"),
    (approved, lambda d: d.apply_for("R-1", "R-1", documents=REQUIRED[::-1]), "REPEATED"),
    (applied, lambda d: d.apply_for("R-1", "R-2"), "REFUSED CASE_EXISTS"),
    (applied, lambda d: d.apply_for(documents=["IDENTITY"]), "REFUSED CASE_EXISTS"),
    (published, lambda d: d.apply_for(dept=OTHER_DEPT), "REFUSED OTHER_DEPARTMENT:R-1"),
    (lambda d: d.publish(publish=False), lambda d: d.apply_for(), "REFUSED NOT_DISCLOSED:R-1"),
    (lambda d: d.publish(negative=False), lambda d: d.apply_for(), "REFUSED NOT_NEGATIVE:R-1"),
    (lambda d: (d.publish("R-1", negative=False), d.publish("R-2", publish=False),
                d.publish("R-3", dept=OTHER_DEPT), d.publish("R-4")),
     lambda d: d.apply_for("R-3", "R-5", "R-4", "R-1", "R-2"),
     "REFUSED OTHER_DEPARTMENT:R-3 NOT_NEGATIVE:R-1 NOT_DISCLOSED:R-2"),
    (published, lambda d: d.apply_for("R-2", "R-1", documents=["PLEDGE", "OTHER"]),
     "APPLIED -> APPLIED DOCUMENT_MISSING:APPLICATION DOCUMENT_MISSING:IDENTITY"
     " DOCUMENT_MISSING:CORRECTION UNKNOWN_RESULT:R-2"),
    (published, lambda d: d.apply_for(), "APPLIED -> APPLIED"),
    (published, lambda d: d.apply_for(dept="HUB"), "REFUSED OTHER_DEPARTMENT:R-1"),
    (lambda d: d.publish(dept=OTHER_DEPT),
     lambda d: d.send("repair.applied", {
         "repair_id": "C-1", "result_ids": ["R-1"], "channel": "ONE_STOP", "dept": OTHER_DEPT,
         "documents": [a_document(kind) for kind in REQUIRED],
         "applied_at": "2026-09-21T09:00:00+08:00"}, dept="HUB"), "APPLIED -> APPLIED"),
    (approved, lambda d: d.apply_for(repair_id="C-2"), "APPLIED -> APPLIED"),
]  # fmt: skip
STEPS: list[tuple[Setting, Setting, str]] = [
    (applied, lambda d: d.accept(dept=OTHER_DEPT), "REFUSED OTHER_DEPARTMENT"),
    (incomplete, lambda d: d.accept(),
     "REFUSED DOCUMENT_MISSING:IDENTITY DOCUMENT_MISSING:CORRECTION"),
    (lambda d: (incomplete(d), d.receive("IDENTITY", "CORRECTION")), lambda d: d.accept(),
     "ACCEPTED -> ACCEPTED due 2026-10-09"),
    (applied, lambda d: d.accept(), "ACCEPTED -> ACCEPTED due 2026-10-09"),
    (applied, lambda d: d.accept(dept="HUB"), "ACCEPTED -> ACCEPTED due 2026-10-09"),
    (accepted, lambda d: d.accept(), "REPEATED"),
    (asked, lambda d: d.accept(), "REPEATED"),
    (approved, lambda d: d.accept(), "REFUSED ALREADY_DECIDED"),
    (accepted, lambda d: d.ask(dept=OTHER_DEPT), "REFUSED OTHER_DEPARTMENT"),
    (accepted, lambda d: d.ask(), "SUPPLEMENT_ASKED -> SUPPLEMENT"),
    (asked, lambda d: d.ask(), "REPEATED"),
    (asked, lambda d: d.ask(at=Q2), "SUPPLEMENT_ASKED -> SUPPLEMENT"),
    (received, lambda d: d.ask(), "REPEATED"),
    (refused, lambda d: d.ask(), "REFUSED ALREADY_DECIDED"),
    (lambda d: (accepted(d), d.receive()), lambda d: d.ask(),
     "SUPPLEMENT_ASKED -> ACCEPTED due 2026-10-12"),
    (incomplete, lambda d: d.receive("IDENTITY"), "SUPPLEMENT_RECEIVED -> APPLIED"),
    (accepted, lambda d: d.receive("OTHER"), "SUPPLEMENT_RECEIVED -> ACCEPTED due 2026-10-09"),
    (asked, lambda d: d.receive(), "SUPPLEMENT_RECEIVED -> ACCEPTED due 2026-10-12"),
    (lambda d: (asked(d), d.ask(at=Q2)), lambda d: d.receive(),
     "SUPPLEMENT_RECEIVED -> ACCEPTED due 2026-10-12"),
    (received, lambda d: d.receive(), "REPEATED"),
    (withdrawn, lambda d: d.receive(), "REFUSED ALREADY_DECIDED"),
]  # fmt: skip
DECISIONS: list[tuple[Setting, Setting, str]] = [
    (accepted, lambda d: d.decide(dept=OTHER_DEPT), "REFUSED OTHER_DEPARTMENT"),
    (approved, lambda d: d.decide(), "REPEATED"),
    (revoked, lambda d: d.decide(), "REPEATED"),
    (refused, lambda d: d.decide("REFUSED", None), "REPEATED"),
    (withdrawn, lambda d: d.decide("WITHDRAWN", None), "REPEATED"),
    (revoked, lambda d: d.decide("REVOKED", "V-1"), "REPEATED"),
    (approved, lambda d: d.decide(number="D-2"), "REFUSED ALREADY_DECIDED"),
    (approved, lambda d: d.decide("REFUSED", reason=" "), "REFUSED ALREADY_DECIDED"),
    (approved, lambda d: d.decide("WITHDRAWN"), "REFUSED ALREADY_DECIDED"),
    (refused, lambda d: d.decide("REVOKED"), "REFUSED ALREADY_DECIDED"),
    (revoked, lambda d: d.decide("REVOKED", "V-2"), "REFUSED ALREADY_DECIDED"),
    (applied, lambda d: d.decide(number=None), "REFUSED DECISION_NO_MISSING"),
    (nothing, lambda d: d.decide(number=None), "REFUSED DECISION_NO_MISSING"),
    (accepted, lambda d: d.decide("REFUSED", reason=" \n"), "REFUSED REASON_MISSING"),
    (approved, lambda d: d.decide("REVOKED", None), "REFUSED DECISION_NO_MISSING"),
    (approved, lambda d: d.decide("REVOKED", "D-1"), "REFUSED DECISION_NO_REUSED"),
    (accepted, lambda d: d.decide(result_ids=["R-9", "R-1", "R-8", "R-9"]),
     "REFUSED NOT_IN_CASE:R-9 NOT_IN_CASE:R-8"),
    (accepted, lambda d: d.decide(), f"DECIDED -> APPROVED; {STOP}"),
    (asked, lambda d: d.decide(), f"DECIDED -> APPROVED; {STOP}"),
    (accepted, lambda d: d.decide("REFUSED", None), "DECIDED -> REFUSED"),
    (applied, lambda d: d.decide("WITHDRAWN", None), "DECIDED -> WITHDRAWN"),
    (asked, lambda d: d.decide("WITHDRAWN", None, dept="HUB"), "DECIDED -> WITHDRAWN"),
    (two_of_three, lambda d: d.decide(), "DECIDED -> APPROVED; "
     "R-3 v2 STOPPED REPAIR_APPROVED (REPAIRED); R-1 v2 STOPPED REPAIR_APPROVED (REPAIRED)"),
    (two_of_three, lambda d: d.decide(result_ids=["R-1"]), f"DECIDED -> APPROVED; {STOP}"),
    (foreign_later, lambda d: d.decide(), "DECIDED -> APPROVED OTHER_DEPARTMENT:R-2; "
     f"{STOP}; R-3 keeps repair:C-1"),
    (approved, lambda d: d.decide("REVOKED", "V-1"),
     "DECIDED -> REVOKED; R-1 v3 DISCLOSED (REVOKED)"),
    (lambda d: (approved(d), d.stop()), lambda d: d.decide("REVOKED", "V-1"),
     "DECIDED -> REVOKED; R-1 v4 STOPPED EXPIRED (REVOKED)"),
    (lambda d: (foreign_later(d), d.decide()), lambda d: d.decide("REVOKED", "V-1"),
     "DECIDED -> REVOKED; R-1 v3 DISCLOSED (REVOKED); R-3 keeps repair:C-1 no longer"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "happens", "facts"), APPLICATIONS)
def test_applications_in_order_of_precedence(before: Setting, happens: Setting, facts: str) -> None:
    assert outcome(before, happens) == facts


@pytest.mark.parametrize(("before", "happens", "facts"), STEPS)
def test_steps_in_order_of_precedence(before: Setting, happens: Setting, facts: str) -> None:
    assert outcome(before, happens) == facts


@pytest.mark.parametrize(("before", "happens", "facts"), DECISIONS)
def test_decisions_in_order_of_precedence(before: Setting, happens: Setting, facts: str) -> None:
    assert outcome(before, happens) == facts


def outcome(before: Setting, happens: Setting) -> str:
    desk = Desk()
    before(desk)
    return said(happens(desk))


def test_the_table_has_a_cell_for_every_step_of_every_status() -> None:
    moves = {*RepairStep, *RepairDecision} - {RepairStep.APPLIED, RepairStep.DECIDED}

    assert set(TABLE) == {(status, move) for status in (None, *CaseStatus) for move in moves}
    assert set(TABLE.values()) == set(Cell)


def test_a_step_says_all_that_follows_for_the_case() -> None:
    desk = Desk()
    incomplete(desk)
    desk.receive("IDENTITY", "CORRECTION", "OTHER")
    (accept,) = desk.accept()

    fact = desk.answers[1][0]
    assert isinstance(fact, RepairFact)
    assert [*fact.documents] == ["APPLICATION", "PLEDGE", "OTHER"]
    assert [*fact.missing] == ["IDENTITY", "CORRECTION"]
    assert len(fact.digest or "") == 32
    assert isinstance(accept, RepairFact)
    assert (accept.missing, accept.provisional, accept.digest) == ((), False, None)


def test_an_approval_stops_the_sharing_too_and_names_its_number() -> None:
    desk = Desk()
    approved(desk)

    (ground,) = desk.public.results["R-1"].grounds
    assert (ground.name, ground.scope, ground.decision_no) == (
        "repair:C-1",
        "PUBLIC_AND_SHARING",
        "D-1",
    )


def test_only_a_decision_of_its_own_brings_a_repaired_result_back() -> None:
    desk = Desk()
    approved(desk)
    for reason in ("REPAIR_APPROVED", "BANKRUPTCY_TEMP_MASK"):
        desk.resume(reason)
    desk.correct(outcomes=["1"])
    desk.publish(task_id="T-2")
    desk.decide("WITHDRAWN")

    assert desk.public.results["R-1"].grounds

    desk.decide("REVOKED", "V-1")

    assert not desk.public.results["R-1"].grounds


def test_a_result_repaired_twice_needs_both_revoked() -> None:
    desk = Desk()
    approved(desk)
    desk.apply_for(repair_id="C-2")
    desk.accept(repair_id="C-2")
    desk.decide(number="D-2", repair_id="C-2")

    desk.decide("REVOKED", "V-1")

    assert [one.name for one in desk.public.results["R-1"].grounds] == ["repair:C-2"]
