"""What becomes of a step that came before the one it follows? It waits, and is tried again.

Source: art. 12; docs/semantics.md §10 (order).
"""

from __future__ import annotations

from typing import cast

from schemas.calendar_entries import with_entries
from schemas.decision import Reason
from schemas.enums import CaseStatus, RepairStep
from schemas.facts import Fact
from schemas.inbound_repair import RepairApplied
from schemas.journal import JournalEvent
from schemas.public_facts import HeldFact, RepairFact, StepContent
from streams.rules.apply import apply
from streams.rules.calendar import ms_of
from streams.rules.notes import step_barred, step_refused, step_repeated
from streams.rules.publicity.grounds import HUB
from streams.rules.publicity.repair import Facts, Wait, judge
from streams.rules.publicity.repair_steps import (
    Step,
    application_digest,
    held_step,
    kinds_of,
    missing_from,
    step_of,
)
from streams.rules.publicity.results import known_result
from streams.rules.state import SubjectState, public_of

HELD_MAX = 20
TOO_MANY_HELD = "TOO_MANY_HELD"


def applied(state: SubjectState, event: JournalEvent) -> Facts:
    """An enterprise applies for repair; what came before the application is now tried.

    Source: art. 11 (where and with what an enterprise applies).
    """
    data = cast("RepairApplied", event.record.data)
    sender = event.record.dept
    dept = data.dept if sender == HUB and data.dept is not None else sender
    digest = application_digest(data)
    case = public_of(state).repairs.get(data.repair_id)
    if case is not None:
        if sender not in (case.dept, HUB):
            return step_refused(data.repair_id, None, "OTHER_DEPARTMENT")
        if case.digest.hex() == digest:
            return step_repeated(data.repair_id, None)
        return step_refused(data.repair_id, None, "CASE_EXISTS")
    result_ids = tuple(dict.fromkeys(data.result_ids))
    barred, unknown = _look_at(state, result_ids, dept)
    if barred:
        owner = _told_too(state, result_ids, data.dept) if sender == HUB else None
        return step_barred(data.repair_id, None, barred, owner)
    documents = kinds_of(data.documents)
    missing = missing_from(documents)
    fact = RepairFact(
        repair_id=data.repair_id,
        dept=dept,
        by=sender,
        step=RepairStep.APPLIED,
        status=CaseStatus.APPLIED,
        at=ms_of(data.applied_at),
        result_ids=result_ids,
        documents=documents,
        missing=missing,
        channel=data.channel,
        reasons=(*(Reason(code="DOCUMENT_MISSING", about=kind) for kind in missing), *unknown),
        digest=digest,
    )
    return _with_held(state, (fact,), data.repair_id, event)


def stepped(state: SubjectState, event: JournalEvent) -> Facts:
    """A step after the application: taken, refused, or held until the one before it has come.

    Source: art. 12.
    """
    step = step_of(event)
    verdict = judge(state, step)
    if isinstance(verdict, Wait):
        return _hold(state, step, verdict.reason)
    return _with_held(state, verdict, step.repair_id, event)


def _look_at(
    state: SubjectState, result_ids: tuple[str, ...], dept: str
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Why results cannot be repaired here, and which of them are unknown.

    Source: art. 12 (who inspects, repairs); art. 11 (what is repaired is what harms).
    """
    barred: list[Reason] = []
    unknown: list[Reason] = []
    for result_id in result_ids:
        known = known_result(state, result_id)
        if known is None:
            unknown.append(Reason(code="UNKNOWN_RESULT", about=result_id))
        elif known.dept != dept:
            barred.append(Reason(code="OTHER_DEPARTMENT", about=result_id))
        elif known.disclosed is None:
            barred.append(Reason(code="NOT_DISCLOSED", about=result_id))
        elif not known.disclosed.negative:
            barred.append(Reason(code="NOT_NEGATIVE", about=result_id))
    return tuple(barred), tuple(unknown)


def _told_too(state: SubjectState, result_ids: tuple[str, ...], dept: str | None) -> str | None:
    """Who hears that an application was refused which the hub sent in for an enterprise.

    The department it names, else the one whose result comes first; HUB itself reads no answers.

    Source: art. 12 (every step can be followed).
    """
    if dept is not None:
        return dept
    known = (known_result(state, one) for one in result_ids)
    return next((one.dept for one in known if one is not None), None)


def _hold(state: SubjectState, step: Step, reason: str) -> Facts:
    """The step waits, unless it does already or too many do.

    Source: docs/semantics.md §10.
    """
    waiting = public_of(state).held.get(step.repair_id, ())
    if any(one.name == step.name for one in waiting):
        return step_repeated(step.repair_id, None)
    if len(waiting) >= HELD_MAX:
        return step_refused(step.repair_id, None, TOO_MANY_HELD)
    content = StepContent(
        step=step.kind,
        at=step.at,
        result_ids=step.result_ids,
        documents=step.documents,
        decision=step.decision,
        decision_no=step.decision_no,
        reason=step.reason,
    )
    fact = HeldFact(
        repair_id=step.repair_id,
        dept=step.sender,
        name=step.name,
        step=content,
        reasons=(Reason(code=reason),),
    )
    return (fact,)


def _with_held(state: SubjectState, facts: Facts, repair_id: str, event: JournalEvent) -> Facts:
    """The facts of a step, and of the held ones that can now be taken or must be dropped.

    Source: docs/semantics.md §10 (the order of arrival does not matter).
    """
    found: list[Fact] = list(facts)
    fresh = facts
    while any(isinstance(fact, RepairFact) for fact in fresh):
        for fact in fresh:
            state = apply(state, fact, event.source.rank)
        state, fresh = _try_again(state, repair_id, event, found)
        found += fresh
    return tuple(found)


def _try_again(
    state: SubjectState, repair_id: str, event: JournalEvent, found: list[Fact]
) -> tuple[SubjectState, Facts]:
    """The facts of the first held step that can be taken; those dropped before it are found."""
    calendar = with_entries(event.record.findings.calendar)
    for waiting in public_of(state).held.get(repair_id, ()):
        verdict = judge(state, held_step(repair_id, waiting, calendar))
        if isinstance(verdict, Wait):
            continue
        if isinstance(verdict[0], RepairFact):
            return state, verdict
        found += verdict
        for fact in verdict:
            state = apply(state, fact, event.source.rank)
    return state, ()
