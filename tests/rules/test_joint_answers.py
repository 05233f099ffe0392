"""Who hears of draws and joint inspections, and what?"""

from __future__ import annotations

from datetime import date
from typing import Any

from builders import a_cap
from joint_world import JOINT_ID, SCJG, WJW, XFJ, JointHub, a_joint_policy, draw_all

from schemas.enums import JointChange, JointKind
from streams.rules.outward import outward


def told(hub: JointHub) -> list[tuple[str, str, Any]]:
    """Who was told what after the last record: department, type, body."""
    return [(one.dept, one.type, one.body) for one in outward(hub.decided(), hub.state)]


def short(hub: JointHub) -> list[tuple[str, str]]:
    """The same in a few words."""
    found = []
    for dept, kind, body in told(hub):
        words = getattr(body, "change", None) or getattr(body, "decision", None) or body.outcome
        codes = " ".join(reason.code for reason in getattr(body, "reasons", ()))
        found.append((dept, f"{kind} {words} {codes}".strip()))
    return found


def test_every_object_of_a_draw_is_answered() -> None:
    hub = JointHub(policy=a_joint_policy(late_draws="take"))
    hub.draw(WJW, draw_id="D-1", sent=date(2026, 4, 15))
    ((dept, _, body),) = told(hub)

    assert (dept, body.draw_id, body.outcome, body.late) == (WJW, "D-1", "APPLIED", True)
    hub.draw(WJW, draw_id="D-1", sent=date(2026, 4, 15))
    assert short(hub) == [(WJW, "draw.updated REPEATED")]
    hub.draw(XFJ, subject=None)
    assert short(hub) == [(XFJ, "draw.updated REFUSED UNKNOWN_SUBJECT")]


def test_who_drew_alone_hears_that_it_may_go_and_who_may_not_come_hears_why() -> None:
    hub = JointHub(policy=a_joint_policy(a_cap(0, scope={"kind": "AGENCY", "id": XFJ})))
    draw_all(hub, WJW, XFJ)
    hub.close()

    assert short(hub) == [
        (WJW, "draw.updated APPLIED ALONE"),
        (XFJ, "draw.updated REFUSED CAP"),
    ]


def test_all_members_hear_the_same_of_a_joint_task() -> None:
    hub = JointHub()
    draw_all(hub, XFJ, WJW, SCJG, items=("i-1", "i-2"))
    hub.close()

    messages = told(hub)

    assert [dept for dept, _, _ in messages] == [SCJG, WJW, XFJ]
    (body,) = {body.model_dump_json() for _, _, body in messages}
    one = messages[0][2]
    assert body
    assert (one.change, one.kind, one.lead) == (JointChange.FORMED, JointKind.CROSS, SCJG)
    assert [part.dept for part in one.parts] == [SCJG, WJW, XFJ]
    assert one.group.startswith(f"2026Q2-{SCJG}-")
    assert (one.entity_name, one.code) == ("天津测试有限公司", None)


def test_who_dropped_out_hears_of_the_joint_task_as_well() -> None:
    hub = JointHub(policy=a_joint_policy(a_cap(0, scope={"kind": "AGENCY", "id": SCJG})))
    draw_all(hub, XFJ, WJW, SCJG)
    hub.close()

    assert short(hub) == [
        (SCJG, "draw.updated REFUSED CAP"),
        (SCJG, "joint.updated FORMED"),
        (WJW, "joint.updated FORMED"),
        (XFJ, "joint.updated FORMED"),
    ]


def test_a_task_that_is_given_up_is_told_to_its_department() -> None:
    hub = JointHub()
    hub.submit("mine", dept=WJW, planned_on="2026-05-20")
    draw_all(hub, WJW, XFJ)
    hub.close()

    dept, kind, body = told(hub)[-1]

    assert (dept, kind, body.task_id, body.code_state) == (WJW, "task.updated", "mine", "CANCELLED")
    assert [(one.code, one.about) for one in body.reasons] == [("JOINT_TASK", JOINT_ID)]


def test_members_and_whoever_left_hear_of_a_withdrawal() -> None:
    hub = JointHub()
    draw_all(hub, XFJ, WJW, SCJG)
    hub.close()
    hub.ask("T-1", WJW)
    hub.withdraw(SCJG)

    messages = told(hub)

    assert [dept for dept, _, _ in messages] == [SCJG, WJW, XFJ]
    body = messages[0][2]
    assert (body.change, body.dept, body.lead, body.left) == ("WITHDRAWN", SCJG, WJW, (SCJG,))
    assert body.code == hub.state.tasks["T-1"].code


def test_what_changes_nothing_is_told_to_whoever_asked() -> None:
    hub = JointHub()
    hub.withdraw(WJW)

    ((dept, kind, body),) = told(hub)

    assert (dept, kind, body.outcome, body.change) == (WJW, "joint.updated", "REFUSED", None)


def test_a_member_over_its_cap_gets_its_decision_and_all_hear_who_leads_now() -> None:
    hub = JointHub(policy=a_joint_policy(a_cap(1, scope={"kind": "AGENCY", "id": SCJG})))
    draw_all(hub, XFJ, WJW, SCJG)
    hub.close()
    hub.submit("other", dept=SCJG, planned_on="2026-08-20")
    hub.ask("T-1", SCJG)

    assert short(hub) == [
        (SCJG, "decision.made INTERCEPTED_OVER_CAP CAP"),
        (SCJG, "joint.updated OVER_CAP CAP"),
        (WJW, "joint.updated OVER_CAP CAP"),
        (XFJ, "joint.updated OVER_CAP CAP"),
    ]


def test_the_hub_tells_nobody_of_a_window_that_was_closed_before() -> None:
    hub = JointHub()
    draw_all(hub, WJW, XFJ)
    hub.close()
    hub.close()

    assert told(hub) == []
