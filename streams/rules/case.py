"""What is known when a submitted task is judged? Gathered once, read by every rule."""

from __future__ import annotations

from datetime import date
from typing import cast

import msgspec
from msgspec.structs import replace

from schemas.inbound import TaskSubmitted
from schemas.journal import Findings, JournalEvent
from schemas.special_words import SURVEY_PREFIX
from streams.rules.calendar import day_at
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.counters import Counter, judge_caps
from streams.rules.joint.visit import comes_along
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
        claims_exemption: The trigger is on the policy's list.
        has_clue: A clue number is given, without which no trigger is exempt.
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
    claims_exemption: bool
    has_clue: bool
    visit: Visit
    history: History
    counters: tuple[Counter, ...]

    @property
    def is_exempt(self) -> bool:
        """Whether the trigger is on the policy's list and proven.

        Source: art. 3, 10.
        """
        return self.claims_exemption and self.has_clue


def open_case(
    event: JournalEvent, digest: str, state: SubjectState, policy: CompiledPolicy
) -> Case:
    """Gather what the rules ask for about the task that an event submits.

    Source: art. 10 (what the department already did here this year).
    """
    record = event.record
    data, findings, dept = cast("TaskSubmitted", record.data), record.findings, record.dept
    task_id, trigger, planned_on = data.task_id, data.trigger, data.planned_on
    has_clue = bool(data.clue_no)
    known = state.tasks.get(task_id)
    # The content replaces what an entry or a result left in its place, but the actual day stays,
    # and so do the items that were inspected: which record came first must not matter.
    items, day = data.items, planned_on
    if known is not None and was_inspected(known):
        day = day_at(known.day)
        items = (*items, *(item for item in known.items if item not in items))
    task = TaskState(
        dept=dept,
        nature=nature(data.mode, data.kind, trigger, has_clue),
        items=items,
        day=day.toordinal(),
        joint_id=data.joint_id,
    )
    if data.joint_id is not None and comes_along(state, task_id, task):
        task = replace(task, along=True)
    visit = Visit(task_id, task, day.year, subject_of(event.key, findings))
    history = history_of(state, visit)
    return Case(
        uscc=event.key,
        dept=dept,
        sent_at=record.time,
        data=data,
        findings=findings,
        policy=policy,
        state=state,
        known=known,
        digest=digest,
        day=day,
        claims_exemption=trigger in policy.exempt_triggers,
        has_clue=has_clue,
        visit=visit,
        history=history,
        # A survey has no object whose visits could be counted; those it comes upon are (art. 6).
        counters=()
        if event.key.startswith(SURVEY_PREFIX)
        else judge_caps(policy, visit, history, state),
    )
