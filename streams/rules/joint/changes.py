"""What follows when somebody joins a joint task, leaves it, stays away or is over its cap?

Whoever leaves may still not inspect on its own in that quarter; if it led, the lead passes on.

Source: art. 2; docs/semantics.md §13.
"""

from __future__ import annotations

from typing import cast

from msgspec.structs import replace

from schemas.decision import Reason
from schemas.enums import CodeState, JointChange, JointKind, LeadGround
from schemas.facts import CancelledFact, Fact
from schemas.inbound_joint import JointAbsent, JointWithdrawn
from schemas.joint_facts import DrawnFact, JointChangedFact
from schemas.journal import JournalEvent
from streams.rules.calendar import day_at
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.joint.forming import shown
from streams.rules.joint.lead import group_of, lead_of
from streams.rules.joint.state import JointState, PartState
from streams.rules.joint.visit import (
    JointPlan,
    bars,
    given_up,
    joint_of,
    live_tasks_of,
    without,
)
from streams.rules.letters import CODE_STATE
from streams.rules.notes import Outcome, draw_noted, joint_noted
from streams.rules.state import SubjectState, was_inspected
from streams.rules.visits import Subject

_COMPLETED = CODE_STATE[CodeState.COMPLETED]


def joined(
    state: SubjectState, event: JournalEvent, policy: CompiledPolicy, draw: DrawnFact
) -> tuple[Fact, ...]:
    """A draw that comes after a joint task was formed joins it, if the policy takes late draws.

    The lead stays. Too late is who comes after the visit; over its cap is who may not come at all.
    What was of several lines of one department is of several departments from then on.

    Source: art. 2.
    """
    name = joint_of(state, draw.quarter)
    if name is None:
        return (draw,)
    joint = state.joints[name]
    if any(was_inspected(task) for _, task in live_tasks_of(state, name)):
        return draw_noted(draw.draw_id, "REFUSED", Reason(code="JOINT_VISITED", about=name))
    part = _with(joint, draw)
    others = tuple(one for one in joint.parts if one.dept != draw.dept)
    members = tuple(sorted({*joint.members, draw.dept}))
    after = replace(joint, members=members, parts=(*others, part))
    gone = given_up(state, draw.dept, draw.quarter) if policy.joint_refuses else ()
    subject = Subject(event.key, draw.industry, draw.object_type)
    if draw.dept not in joint.members:
        plan = JointPlan(name, after, day_at(joint.day) if joint.day else None)
        why = bars(without(state, gone), policy, subject, part, plan)
        if why:
            return draw_noted(draw.draw_id, "REFUSED", *why)
    lead, ground = joint.lead, None
    if not lead:
        lead, ground = lead_of((*others, part), joint.industry, policy)
    change = JointChangedFact(
        joint_id=name,
        change=JointChange.JOINED,
        dept=draw.dept,
        members=members,
        lead=lead,
        ground=ground,
        part=shown(part),
        group=group_of(joint.quarter, lead, members, joint.region),
        kind=JointKind.CROSS if joint.is_internal and len(members) > 1 else None,
    )
    return (draw, change, *gone)


def withdrawn(state: SubjectState, event: JournalEvent, policy: CompiledPolicy) -> tuple[Fact, ...]:
    """A member cannot come, and says why; what it reserved is given back.

    Source: art. 2.
    """
    data, dept = cast("JointWithdrawn", event.record.data), event.record.dept
    joint = state.joints.get(data.joint_id)
    fault = _not_a_member(joint, dept)
    if joint is None or fault is not None:
        return _noted(data.joint_id, joint, dept, fault)
    if not data.reason.strip():
        return joint_noted(data.joint_id, "REFUSED", Reason(code="REASON_MISSING"))
    own = [(name, task) for name, task in live_tasks_of(state, data.joint_id) if task.dept == dept]
    for name, task in own:
        if was_inspected(task):
            return joint_noted(
                data.joint_id, "REFUSED", Reason(code="ALREADY_INSPECTED", about=name)
            )
    why = (Reason(code="WITHDRAWN", about=data.reason.strip()),)
    change = left((data.joint_id, joint), JointChange.WITHDRAWN, dept, why, policy)
    return (change, *_released([name for name, _ in own]))


def absent(state: SubjectState, event: JournalEvent, policy: CompiledPolicy) -> tuple[Fact, ...]:
    """A member that was there says who did not come; what that one reserved is given back.

    Source: art. 2, 8 (the whole course is recorded).
    """
    data, sender = cast("JointAbsent", event.record.data), event.record.dept
    joint = state.joints.get(data.joint_id)
    if joint is None:
        return _noted(data.joint_id, joint, data.dept, "UNKNOWN_JOINT")
    tasks = list(live_tasks_of(state, data.joint_id))
    if data.dept == sender or not any(
        task.dept == sender and was_inspected(task) for _, task in tasks
    ):
        return joint_noted(data.joint_id, "REFUSED", Reason(code="NOT_THERE", about=sender))
    fault = _not_a_member(joint, data.dept)
    if fault is not None:
        return _noted(data.joint_id, joint, data.dept, fault)
    theirs = [(name, task) for name, task in tasks if task.dept == data.dept]
    for name, task in theirs:
        if task.state == _COMPLETED:
            return joint_noted(
                data.joint_id, "REFUSED", Reason(code="ALREADY_INSPECTED", about=name)
            )
    why = (Reason(code="ABSENT", about=sender),)
    change = left((data.joint_id, joint), JointChange.ABSENT, data.dept, why, policy)
    return (change, *_released([name for name, _ in theirs]))


def left(
    named: tuple[str, JointState],
    change: JointChange,
    dept: str,
    reasons: tuple[Reason, ...],
    policy: CompiledPolicy,
) -> JointChangedFact:
    """A joint task without one of its members; if that one led, the lead passes on.

    Source: art. 2 (the platform names the lead), by the rule by which the first one was named.
    """
    joint_id, joint = named
    members = tuple(member for member in joint.members if member != dept)
    parts = [part for part in _parts(joint) if part.dept != dept]
    lead: str = joint.lead
    ground: LeadGround | None = None
    if lead == dept:
        lead, ground = lead_of(parts, joint.industry, policy) if parts else ("", None)
    return JointChangedFact(
        joint_id=joint_id,
        change=change,
        dept=dept,
        reasons=reasons,
        members=members,
        lead=lead,
        ground=ground,
        group=group_of(joint.quarter, lead, members, joint.region),
    )


def _parts(joint: JointState) -> list[PartState]:
    """What the members bring; of those of whom nothing is known, nothing."""
    known = {part.dept: part for part in joint.parts}
    return [known.get(member, PartState(member)) for member in joint.members]


def _with(joint: JointState, draw: DrawnFact) -> PartState:
    """What a department brings, with one draw more."""
    known = next((part for part in joint.parts if part.dept == draw.dept), PartState(draw.dept))
    return PartState(
        draw.dept,
        draw.system or known.system,
        tuple(dict.fromkeys((*known.items, *draw.items))),
        (*known.draws, draw.draw_id),
    )


def _not_a_member(joint: JointState | None, dept: str) -> str | None:
    """Why a department takes no part in a joint task; None if it does."""
    if joint is None:
        return "UNKNOWN_JOINT"
    if dept in joint.members:
        return None
    return "LEFT_BEFORE" if dept in joint.left else "NOT_A_MEMBER"


def _noted(
    joint_id: str, joint: JointState | None, dept: str, fault: str | None
) -> tuple[Fact, ...]:
    """A step that changes nothing: whoever has left already leaves once."""
    is_repeat = joint is not None and dept in joint.left
    outcome: Outcome = "REPEATED" if is_repeat else "REFUSED"
    return joint_noted(joint_id, outcome, Reason(code=fault or "", about=dept))


def _released(names: list[str]) -> tuple[CancelledFact, ...]:
    return tuple(CancelledFact(task_id=name, known=True, released=True) for name in names)
