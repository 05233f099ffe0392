"""Does a submitted task go along with a joint visit, or past it?

Members of a joint task submit one task each, naming it, all for one day; the first to be issued
sets the day, and all get one code.

Source: art. 2, 7; docs/semantics.md §3 row 10, §6, §13.
"""

from __future__ import annotations

from schemas.decision import Reason
from schemas.enums import JointChange
from schemas.joint_facts import JointChangedFact
from streams.rules.calendar import quarter_of
from streams.rules.case import Case
from streams.rules.joint.changes import left
from streams.rules.joint.state import JointState
from streams.rules.joint.visit import (
    code_name,
    formed_for,
    is_claimed_elsewhere,
    out_of_step,
    pending_for,
)

Reasons = tuple[Reason, ...]


def against_joint(case: Case) -> Reasons:
    """What stands against this task because of joint tasks, formed or still to be formed.

    Source: art. 2 (各相关参与单位原则上不得单独实施检查).
    """
    state, task = case.state, case.visit.task
    joint = None if task.joint_id is None else state.joints.get(task.joint_id)
    is_member = joint is not None and case.dept in joint.members
    if joint is not None and is_member and not is_claimed_elsewhere(state, joint, task):
        against = out_of_step(state, case.visit.task_id, task)
        return () if against is None else (against,)
    quarter = quarter_of(case.day) if state.joints or state.draws else ""
    reasons = [
        Reason(code="JOINT_TASK", about=_with_lead(name, known))
        for name, known in formed_for(state, case.dept, quarter)
    ]
    if not reasons and joint is not None and task.joint_id is not None and not is_member:
        reasons = [Reason(code="NOT_A_MEMBER", about=_with_lead(task.joint_id, joint))]
    waiting = pending_for(state, task, quarter)
    return (*reasons, *(Reason(code="DRAW_PENDING", about=draw_id) for draw_id in waiting))


def unknown_joint(case: Case) -> str | None:
    """The joint inspection that the task names and that the hub never formed; None if it did.

    Departments may agree on a visit that nobody drew: its code says so. But it counts for each.

    Source: art. 2, 7, 10.
    """
    joint_id = case.visit.task.joint_id
    return None if joint_id in case.state.joints else joint_id


def goes_along(case: Case) -> bool:
    """Whether the task is its department's part of a joint visit.

    Source: art. 2, 7.
    """
    return case.visit.task.along


def named_by(case: Case) -> tuple[str, int]:
    """The name and year from which the task's code is derived: its own, or its joint visit's.

    Source: art. 7 (one code for a joint visit).
    """
    joint_id = case.visit.task.joint_id
    if joint_id is None or not goes_along(case):
        return case.visit.task_id, case.visit.year
    return code_name(joint_id), int(case.state.joints[joint_id].quarter[:4])


def dropped(case: Case, reasons: Reasons) -> tuple[JointChangedFact, ...]:
    """A member whose cap turns out to be used up drops out; if it led, the lead passes on.

    Source: art. 2, 10 (each member's cap is judged on its own).
    """
    joint_id = case.visit.task.joint_id
    if joint_id is None or not goes_along(case):
        return ()
    joint = case.state.joints[joint_id]
    change = left((joint_id, joint), JointChange.OVER_CAP, case.dept, reasons, case.policy)
    return (change,)


def _with_lead(joint_id: str, joint: JointState) -> str:
    return f"{joint_id} lead {joint.lead}"
