"""What is known when a submitted task is judged? Gathered once, read by every rule."""

from __future__ import annotations

from datetime import date

import msgspec

from schemas.inbound import TaskSubmitted
from schemas.journal import Findings
from streams.rules.calendar import day_at
from streams.rules.caps import CompiledPolicy
from streams.rules.counters import Counter, judge_caps
from streams.rules.letters import nature
from streams.rules.state import (
    SubjectState,
    TaskState,
    was_inspected,
)
from streams.rules.visits import History, Visit, history_of, subject_of


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A submitted task with all that its rules ask for.

    Attributes:
        uscc: The enterprise's credit code.
        dept: The department that submitted it.
        sent_at: The event's own time, as sent.
        data: The task as submitted.
        findings: What intake found out about it.
        policy: The policy in force.
        state: The enterprise before the decision.
        known: The task in that state; None if its id is new.
        digest: Of the task's content.
        day: The planned day, or the actual one if an entry or a result is on record.
        is_exempt: The trigger is on the policy's list and a clue number is given.
        visit: The task as it would stand in the state.
        history: The other live tasks.
        counters: Of the cap rules that apply.
    """

    uscc: str
    dept: str
    sent_at: str
    data: TaskSubmitted
    findings: Findings
    policy: CompiledPolicy
    state: SubjectState
    known: TaskState | None
    digest: str
    day: date
    is_exempt: bool
    visit: Visit
    history: History
    counters: tuple[Counter, ...]


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A task as it came in: for whom, who sent it, when by their own clock, what intake found."""

    uscc: str
    dept: str
    sent_at: str
    data: TaskSubmitted
    findings: Findings
    digest: str


def open_case(submission: Submission, state: SubjectState, policy: CompiledPolicy) -> Case:
    """Gather what the rules ask for.

    Source: art. 10 (what the department already did here this year).
    """
    data, dept = submission.data, submission.dept
    known = state.tasks.get(data.task_id)
    task = _as_it_would_stand(dept, data, known)
    day = data.planned_on if task.day == data.planned_on.toordinal() else day_at(task.day)
    visit = Visit(data.task_id, task, day.year, subject_of(submission.uscc, submission.findings))
    history = history_of(state, visit)
    return Case(
        uscc=submission.uscc,
        dept=dept,
        sent_at=submission.sent_at,
        data=data,
        findings=submission.findings,
        policy=policy,
        state=state,
        known=known,
        digest=submission.digest,
        day=day,
        is_exempt=bool(data.clue_no) and data.trigger in policy.exempt_triggers,
        visit=visit,
        history=history,
        counters=judge_caps(policy, visit, history, state),
    )


def _as_it_would_stand(dept: str, data: TaskSubmitted, known: TaskState | None) -> TaskState:
    """The task in the form in which rules compare it with others.

    Its content replaces what an entry or a result left in its place, but the actual day stays, and
    so do the items that were inspected: which record came first must not matter.
    """
    items, day = data.items, data.planned_on.toordinal()
    if known is not None and was_inspected(known):
        day = known.day
        items = (*items, *(item for item in known.items if item not in items))
    return TaskState(
        dept=dept,
        nature=nature(data.mode, data.kind, data.trigger, bool(data.clue_no)),
        items=items,
        day=day,
        joint_id=data.joint_id,
    )
