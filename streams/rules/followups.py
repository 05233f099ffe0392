"""What follows from what happens to a task after, or before, it was decided?

Source: art. 8, 9, 10; docs/semantics.md §7.
"""

from __future__ import annotations

from datetime import date
from typing import cast

from msgspec.structs import replace

from schemas.enums import Choice, CodeState, EntryHow
from schemas.facts import (
    CancelledFact,
    ChoiceFact,
    CompletedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
)
from schemas.inbound import (
    ChoiceRecorded,
    CodeExpired,
    EntryRecorded,
    ResultRecorded,
    TaskCancelled,
)
from schemas.journal import JournalEvent
from streams.rules.built import builder
from streams.rules.calendar import day_at, day_of
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.counters import judge_caps, overfilled
from streams.rules.entry.rejudge import doubts_of_entry, doubts_of_result
from streams.rules.letters import CODE_STATE, CODE_STATE_OF
from streams.rules.notes import refused, repeated
from streams.rules.state import OPEN, SubjectState, TaskState, is_live, was_inspected
from streams.rules.visits import Visit, history_of, subject_of

HUB = "HUB"
"""The hub itself as a sender: its timers act on any task."""

_STATE_OF_ENTRY = {
    EntryHow.SCANNED: CodeState.SCANNED,
    EntryHow.REFUSED: CodeState.SCAN_REFUSED,
    EntryHow.LICENCE_FAILED: CodeState.LICENCE_FAILED,
    EntryHow.SHOWN_ONLY: CodeState.SHOWN,
}
_COMPLETED = CODE_STATE[CodeState.COMPLETED]
_CANCELLED = CODE_STATE[CodeState.CANCELLED]
_EXPIRED = CODE_STATE[CodeState.EXPIRED]

_entered_fact, _completed_fact = builder(EnteredFact), builder(CompletedFact)


def cancelled(state: SubjectState, event: JournalEvent) -> tuple[Fact, ...]:
    """A cancellation gives a reservation back, once; one that overtook its task is remembered.

    Source: art. 10 (only visits are counted); a visit that took place cannot be cancelled.
    """
    data = cast("TaskCancelled", event.record.data)
    known = state.tasks.get(data.task_id)
    return _foreign(event, data.task_id, known) or _cancel(data.task_id, known)


def chosen(state: SubjectState, event: JournalEvent) -> tuple[Fact, ...]:
    """The officer's choice after a prompt is recorded; STOP cancels as well.

    Source: art. 10 (the officer may stop on a prompt).
    """
    data = cast("ChoiceRecorded", event.record.data)
    known = state.tasks.get(data.task_id)
    if known is None or not known.digest:
        return refused(data.task_id, "UNKNOWN_TASK")
    foreign = _foreign(event, data.task_id, known)
    if foreign:
        return foreign
    choice = ChoiceFact(
        task_id=data.task_id, choice=data.choice, prompts=data.prompts, reason=data.reason
    )
    return (choice, *_cancel(data.task_id, known)) if data.choice is Choice.STOP else (choice,)


def expired(state: SubjectState, event: JournalEvent) -> tuple[Fact, ...]:
    """A code that passed its last day unused is void, and its reservation given back.

    Source: art. 7, 10; the policy's `code_valid_days`.
    """
    data = cast("CodeExpired", event.record.data)
    known = state.tasks.get(data.task_id)
    if known is None or known.state not in OPEN or data.on.toordinal() <= known.valid_until:
        return repeated(data.task_id, "NOT_OPEN")
    return (ExpiredFact(task_id=data.task_id),)


def entered(state: SubjectState, event: JournalEvent, policy: CompiledPolicy) -> tuple[Fact, ...]:
    """Officers entered. A code not scanned never stops them; the visit counts on its actual day.

    Source: art. 8 (a refusal to scan is recorded and the inspection goes on).
    """
    data = cast("EntryRecorded", event.record.data)
    known = state.tasks.get(data.task_id)
    code_state = _STATE_OF_ENTRY[data.how]
    without_effect = _foreign(event, data.task_id, known) or _no_entry(
        data.task_id, known, code_state
    )
    if without_effect:
        return without_effect
    day = day_of(data.at)
    if known is not None and code_state is CodeState.SHOWN:
        day = day_at(known.day)
    fields = {
        "fact": "ENTERED",
        "task_id": data.task_id,
        "dept": event.record.dept,
        "how": data.how,
        "code_state": code_state,
        "day": day,
        "known": known is not None and known.digest != b"",
        "over": _overfilled(state, event, policy, (data.task_id, day, ())),
        "doubts": doubts_of_entry(state, known, data, event.record.findings, policy),
    }
    return (_entered_fact(fields),)


def completed(state: SubjectState, event: JournalEvent, policy: CompiledPolicy) -> tuple[Fact, ...]:
    """A result is on record: the visit took place, with a code or without.

    Source: art. 5, 6, 9 (results of self-built platforms are taken in; a missing code is recorded).
    """
    data = cast("ResultRecorded", event.record.data)
    known = state.tasks.get(data.task_id)
    without_effect = _foreign(event, data.task_id, known) or _no_result(data, known)
    if without_effect:
        return without_effect
    items = tuple(row.item for row in data.items)
    day = data.inspected_on
    fields = {
        "fact": "COMPLETED",
        "task_id": data.task_id,
        "result_id": data.result_id,
        "dept": event.record.dept,
        "day": day,
        "items": items,
        "known": known is not None and known.digest != b"",
        "no_code": known is None or known.code is None,
        "over": _overfilled(state, event, policy, (data.task_id, day, items)),
        "survey": None,
        "doubts": doubts_of_result(event.record.findings),
    }
    return (_completed_fact(fields),)


def _cancel(task_id: str, known: TaskState | None) -> tuple[Fact, ...]:
    """The facts of a cancellation.

    Source: art. 10; released exactly once, and never after the inspection.
    """
    if known is None:
        return (CancelledFact(task_id=task_id, known=False, released=False),)
    if known.state == _CANCELLED:
        return repeated(task_id)
    if was_inspected(known):
        return refused(task_id, "ALREADY_INSPECTED")
    if known.state == _EXPIRED:
        return refused(task_id, "EXPIRED")
    return (CancelledFact(task_id=task_id, known=True, released=is_live(known)),)


def _foreign(event: JournalEvent, task_id: str, known: TaskState | None) -> tuple[Fact, ...]:
    """The answer to a department that speaks of another one's task; empty if it is its own.

    Source: art. 12, 14 (each department answers for its own inspections).
    """
    dept = event.record.dept
    if known is None or known.dept in ("", dept) or dept == HUB:
        return ()
    return refused(task_id, "OTHER_DEPARTMENT")


def _no_entry(task_id: str, known: TaskState | None, after: CodeState) -> tuple[Fact, ...]:
    """The answer to an entry that changes nothing; empty if it does.

    Showing a code confirms no visit, so it cannot bring a void code back to life.

    Source: art. 8.
    """
    shown = after is CodeState.SHOWN
    if known is None:
        return refused(task_id, "UNKNOWN_TASK") if shown else ()
    if known.state == _COMPLETED:
        return refused(task_id, "ALREADY_COMPLETED")
    if known.state == CODE_STATE[after] or (shown and was_inspected(known)):
        return repeated(task_id)
    return refused(task_id, _why_not_shown(known)) if shown and known.state not in OPEN else ()


def _why_not_shown(known: TaskState) -> str:
    """Why there is no code to be shown.

    Source: art. 8.
    """
    if not known.digest:
        return "UNKNOWN_TASK"
    if known.state in (_CANCELLED, _EXPIRED):
        return f"WAS_{CODE_STATE_OF[known.state]}"
    return "NO_CODE"


def _no_result(data: ResultRecorded, known: TaskState | None) -> tuple[Fact, ...]:
    """The answer to a result for a task that has one; empty if it has none.

    Source: art. 9.
    """
    if known is None or known.state != _COMPLETED:
        return ()
    if known.result_id == data.result_id:
        return repeated(data.task_id)
    return refused(data.task_id, "ALREADY_COMPLETED")


def _overfilled(
    state: SubjectState,
    event: JournalEvent,
    policy: CompiledPolicy,
    visited: tuple[str, date, tuple[str, ...]],
) -> tuple[str, ...]:
    """Labels of the rules that a task overfills by being visited in another year than its own.

    `visited`: which task, on which day, and the items that only the result names.

    Source: art. 10 (the year is that of the actual inspection).
    """
    task_id, day, items = visited
    task = state.tasks.get(task_id)
    if task is None or task.day == 0 or day_at(task.day).year == day.year:
        return ()
    moved = replace(task, day=day.toordinal(), items=(*task.items, *items))
    visit = Visit(task_id, moved, day.year, subject_of(event.key, event.record.findings))
    return tuple(overfilled(judge_caps(policy, visit, history_of(state, visit), state)))
