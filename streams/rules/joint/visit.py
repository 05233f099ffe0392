"""Which tasks make up a joint visit, and could a department come along?

A joint visit is what the members' tasks of one joint task are together: one task a member, all on
one day, one inspection code.

Source: art. 2, 7; docs/semantics.md §13.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from schemas.decision import Reason
from schemas.enums import CodeState, Kind, Mode, Trigger
from schemas.facts import CancelledFact
from streams.rules.calendar import day_at, quarter_of
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.counters import judge_caps, used_up
from streams.rules.joint.state import JointState, PartState, binds
from streams.rules.letters import CODE_STATE, TRIGGER, is_onsite, nature
from streams.rules.state import OPEN, SubjectState, TaskState, is_live, was_inspected
from streams.rules.visits import Subject, Visit, history_of

Known = tuple[str, TaskState]

PLANNED = nature(Mode.ONSITE, Kind.DAILY, Trigger.PLAN, False)  # noqa: FBT003 - no clue
"""What an inspection that was drawn at random is: daily, on-site, by plan."""
_BY_PLAN = TRIGGER[Trigger.PLAN]
_CANCELLED = CODE_STATE[CodeState.CANCELLED]


def joint_id_of(quarter: str, uscc: str) -> str:
    """The name of the joint task that the hub forms for an enterprise and quarter."""
    return f"LHJC-{quarter}-{uscc}"


def code_name(joint_id: str) -> str:
    """The name from which a joint code is derived. No task can have it: ids have no such bar.

    Source: art. 7 (one code for the visit, 联合检查码).
    """
    return f"joint|{joint_id}"


def joint_of(state: SubjectState, quarter: str) -> str | None:
    """The joint task of a quarter; None if there is none."""
    return next((name for name, joint in state.joints.items() if joint.quarter == quarter), None)


def live_tasks_of(state: SubjectState, joint_id: str) -> Iterator[Known]:
    """The live tasks that belong to a joint visit, in the order of the journal."""
    members = state.joints[joint_id].members if joint_id in state.joints else ()
    for name, task in state.tasks.items():
        if task.along and task.joint_id == joint_id and task.dept in members and is_live(task):
            yield name, task


def out_of_step(state: SubjectState, task_id: str, task: TaskState) -> Reason | None:
    """Why a member's task is no part of the visit it names: it has one already, or another day.

    Source: art. 2, 7 (members come together, with one task each).
    """
    joint_id = task.joint_id or ""
    others = list(live_tasks_of(state, joint_id))
    for name, other in others:
        if other.dept == task.dept and name != task_id:
            return Reason(code="JOINT_TASK_EXISTS", about=name)
    for _, other in others:
        if is_onsite(other.nature) and other.day != task.day:
            day = day_at(other.day).isoformat()
            return Reason(code="JOINT_DAY", about=f"{joint_id} on {day}")
    return None


def formed_for(state: SubjectState, dept: str, quarter: str) -> list[tuple[str, JointState]]:
    """The joint tasks of a quarter that bind a department, by name."""
    return [
        (name, joint)
        for name, joint in state.joints.items()
        if joint.quarter == quarter and binds(joint, dept)
    ]


def pending_for(state: SubjectState, task: TaskState, quarter: str) -> list[str]:
    """The draws of a department that wait for the quarter's window, if the task is one by plan.

    Only inspections by plan wait: a complaint is looked into at once.

    Source: art. 2 (what was drawn is compared first).
    """
    drawn = state.draws.get(quarter)
    if drawn is None or drawn.closed or task.nature[2] != _BY_PLAN:
        return []
    return [draw.draw_id for draw in drawn.draws if draw.dept == task.dept]


def is_claimed_elsewhere(state: SubjectState, joint: JointState, task: TaskState) -> bool:
    """Whether the quarter of the task's day has joint work for its department, and not this.

    A visit of the last quarter may slip into this one. It is no way past what this quarter has
    formed, or still waits to form.

    Source: art. 2 (各相关参与单位原则上不得单独实施检查).
    """
    quarter = quarter_of(day_at(task.day))
    if joint.quarter == quarter:
        return False
    return bool(formed_for(state, task.dept, quarter) or pending_for(state, task, quarter))


def comes_along(state: SubjectState, task_id: str, task: TaskState) -> bool:
    """Whether a task would be its department's part of the joint visit that it names.

    Source: art. 2, 7.
    """
    joint = None if task.joint_id is None else state.joints.get(task.joint_id)
    if joint is None or task.dept not in joint.members:
        return False
    return not is_claimed_elsewhere(state, joint, task) and (
        out_of_step(state, task_id, task) is None
    )


def separate_tasks_of(state: SubjectState, dept: str, quarter: str) -> list[Known]:
    """A department's own live on-site tasks by plan in a quarter: what it would do alone."""
    return [
        (name, task)
        for name, task in state.tasks.items()
        if task.dept == dept
        and not task.along
        and task.nature[2] == _BY_PLAN
        and is_onsite(task.nature)
        and is_live(task)
        and quarter_of(day_at(task.day)) == quarter
    ]


def given_up(state: SubjectState, dept: str, quarter: str) -> tuple[CancelledFact, ...]:
    """Tasks that a member gives up for the joint visit: those it has not begun.

    Source: art. 2 (members do not inspect on their own).
    """
    return tuple(
        CancelledFact(task_id=name, known=True, released=True)
        for name, task in separate_tasks_of(state, dept, quarter)
        if task.state in OPEN
    )


def without(state: SubjectState, cancelled: tuple[CancelledFact, ...]) -> SubjectState:
    """The state as it would be without these tasks."""
    if not cancelled:
        return state
    gone = {
        fact.task_id: replace(state.tasks[fact.task_id], state=_CANCELLED) for fact in cancelled
    }
    return replace(state, tasks={**state.tasks, **gone})


def bars(
    state: SubjectState, policy: CompiledPolicy, subject: Subject, part: PartState, plan: JointPlan
) -> tuple[Reason, ...]:
    """Why a department cannot come along: it has inspected already, or its cap is used up.

    Each department's cap is judged on its own, as for a task of its own on the day proposed; where
    none is known (`joint.formed` says none) its tasks will be judged when they come.

    Source: art. 2, 10, 15.
    """
    done = [
        Reason(code="ALREADY_INSPECTED", about=name)
        for name, task in separate_tasks_of(state, part.dept, plan.joint.quarter)
        if was_inspected(task)
    ]
    if done or plan.day is None:
        return tuple(done)
    task = TaskState(
        dept=part.dept,
        nature=PLANNED,
        items=part.items,
        day=plan.day.toordinal(),
        joint_id=plan.joint_id,
        along=True,
    )
    visit = Visit("", task, plan.day.year, subject)
    with_joint = replace(state, joints={**state.joints, plan.joint_id: plan.joint})
    counters = judge_caps(policy, visit, history_of(with_joint, visit), with_joint)
    return tuple(Reason(code="CAP", about=counter.label) for counter in used_up(counters))


class JointPlan(NamedTuple):
    """A joint task as it would be formed."""

    joint_id: str
    joint: JointState
    day: date | None
