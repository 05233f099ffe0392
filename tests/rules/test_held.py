"""What becomes of a step that came before the one it follows?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT
from public_builders import Desk, said

from streams.rules.held import HELD_MAX

Setting = Callable[[Desk], Any]
TAKEN = "ACCEPTED -> ACCEPTED due 2026-10-09"
STOP = "R-1 v2 STOPPED REPAIR_APPROVED (REPAIRED)"


def nothing(_desk: Desk) -> None:
    pass


def applied(desk: Desk) -> None:
    desk.publish()
    desk.apply_for()


def accepted(desk: Desk) -> None:
    applied(desk)
    desk.accept()


def held_approval(desk: Desk) -> None:
    desk.publish()
    desk.decide()


def all_before_the_application(desk: Desk) -> None:
    desk.publish()
    desk.decide("REVOKED", "V-1")
    desk.decide()
    desk.ask()
    desk.accept()


@pytest.mark.parametrize(
    ("before", "happens", "facts"),
    [
        (nothing, lambda d: d.accept(), "HELD NOT_APPLIED_YET"),
        (nothing, lambda d: d.ask(), "HELD NOT_APPLIED_YET"),
        (nothing, lambda d: d.receive(), "HELD NOT_APPLIED_YET"),
        (nothing, lambda d: d.decide(), "HELD NOT_APPLIED_YET"),
        (nothing, lambda d: d.decide("WITHDRAWN", None), "HELD NOT_APPLIED_YET"),
        (nothing, lambda d: d.decide("REVOKED", "V-1"), "HELD NOT_APPLIED_YET"),
        (applied, lambda d: d.ask(), "HELD NOT_ACCEPTED_YET"),
        (applied, lambda d: d.decide(), "HELD NOT_ACCEPTED_YET"),
        (applied, lambda d: d.decide("REFUSED", None), "HELD NOT_ACCEPTED_YET"),
        (applied, lambda d: d.decide("REVOKED", "V-1"), "HELD NOT_APPROVED_YET"),
        (accepted, lambda d: d.decide("REVOKED", "V-1"), "HELD NOT_APPROVED_YET"),
        (held_approval, lambda d: d.decide(at="2026-10-01T09:00:00+08:00"), "REPEATED"),
        (held_approval, lambda d: d.decide(number="D-2"), "HELD NOT_APPLIED_YET"),
        (held_approval, lambda d: d.decide(dept=OTHER_DEPT), "HELD NOT_APPLIED_YET"),
        (held_approval, lambda d: d.apply_for(), "APPLIED -> APPLIED"),
        (
            lambda d: (held_approval(d), d.apply_for()),
            lambda d: d.accept(),
            f"{TAKEN}; DECIDED -> APPROVED; {STOP}",
        ),
        (
            lambda d: (d.decide(), d.apply_for()),
            lambda d: d.accept(),
            f"{TAKEN}; DECIDED -> APPROVED; R-1 keeps repair:C-1",
        ),
        (
            lambda d: (d.decide("REVOKED", "V-1"), accepted(d)),
            lambda d: d.decide(),
            f"DECIDED -> APPROVED; {STOP}; DECIDED -> REVOKED; R-1 v3 DISCLOSED (REVOKED)",
        ),
        (
            all_before_the_application,
            lambda d: d.apply_for(),
            f"APPLIED -> APPLIED; {TAKEN}; DECIDED -> APPROVED; {STOP}; DECIDED -> REVOKED; "
            "R-1 v3 DISCLOSED (REVOKED); REFUSED ALREADY_DECIDED "
            f"(drops {DEPT} SUPPLEMENT_ASKED 1790211600000)",
        ),
        (
            lambda d: (d.publish(), d.accept(dept=OTHER_DEPT), d.accept()),
            lambda d: d.apply_for(),
            "APPLIED -> APPLIED; REFUSED OTHER_DEPARTMENT "
            f"(drops {OTHER_DEPT} ACCEPTED 1790038800000); {TAKEN}",
        ),
        (
            lambda d: (d.publish(), d.accept(), d.accept(at="2026-09-23T09:00:00+08:00")),
            lambda d: d.apply_for(),
            f"APPLIED -> APPLIED; {TAKEN}; REPEATED (drops {DEPT} ACCEPTED 1790125200000)",
        ),
        (
            lambda d: (d.publish(), d.accept()),
            lambda d: d.apply_for(documents=["PLEDGE"]),
            "APPLIED -> APPLIED DOCUMENT_MISSING:APPLICATION DOCUMENT_MISSING:IDENTITY"
            " DOCUMENT_MISSING:CORRECTION; REFUSED DOCUMENT_MISSING:APPLICATION"
            " DOCUMENT_MISSING:IDENTITY DOCUMENT_MISSING:CORRECTION"
            f" (drops {DEPT} ACCEPTED 1790038800000)",
        ),
        (
            lambda d: (d.publish(), d.decide("REVOKED", "D-1"), d.apply_for(), d.accept()),
            lambda d: d.decide(),
            f"DECIDED -> APPROVED; {STOP}; REFUSED DECISION_NO_REUSED"
            f" (drops {DEPT} DECIDED REVOKED D-1)",
        ),
    ],
)
def test_steps_out_of_order(before: Setting, happens: Setting, facts: str) -> None:
    desk = Desk()
    before(desk)

    assert said(happens(desk)) == facts


def test_a_held_step_changes_nothing_else() -> None:
    desk = Desk()
    desk.publish()
    before = desk.public
    desk.decide()

    assert (desk.public.results, desk.public.repairs) == (before.results, before.repairs)
    assert [one.name for one in desk.public.held["C-1"]] == [f"{DEPT} DECIDED APPROVED D-1"]


def test_nothing_waits_any_more_once_it_was_taken_or_dropped() -> None:
    desk = Desk()
    all_before_the_application(desk)
    desk.apply_for()

    assert desk.public.held == {}


def test_no_more_than_so_many_steps_of_a_case_are_held() -> None:
    desk = Desk()
    for number in range(HELD_MAX):
        assert said(desk.decide(number=f"D-{number}")) == "HELD NOT_APPLIED_YET"

    assert said(desk.decide(number="D-more")) == "REFUSED TOO_MANY_HELD"
    assert said(desk.decide(number="D-0")) == "REPEATED"
    assert said(desk.accept(repair_id="C-2")) == "HELD NOT_APPLIED_YET"


def test_a_held_step_keeps_all_it_said() -> None:
    straight, turned = Desk(), Desk()
    for desk in (straight, turned):
        desk.publish("R-1")
        desk.publish("R-2")
    straight.apply_for("R-1", "R-2")
    straight.accept()
    straight.decide(result_ids=["R-2"], reason="已整改完毕")
    turned.decide(result_ids=["R-2"], reason="已整改完毕")
    turned.accept()
    turned.apply_for("R-1", "R-2")

    assert turned.public == straight.public
