"""What follows when a step of a repair case is taken: for the case, and for its results?

Source: art. 12, 13; docs/semantics.md §10.
"""

from __future__ import annotations

from datetime import date

import msgspec

from schemas.decision import Reason
from schemas.enums import CaseStatus, RepairDecision, RepairStep
from schemas.facts import Fact
from schemas.feed import Cause, StopReason
from schemas.public_facts import RepairFact, StopKeptFact
from streams.rules.deadlines import decision_due, pauses_of
from streams.rules.publicity.grounds import ground_fact, named, new_ground, repair_name
from streams.rules.publicity.repair_steps import Step, missing_from
from streams.rules.publicity.results import known_result, next_version
from streams.rules.publicity.state import RepairState
from streams.rules.state import SubjectState, public_of

Facts = tuple[Fact, ...]


class _Clock(msgspec.Struct, frozen=True):
    """Where an open case stands, and by when it must be decided."""

    status: CaseStatus
    due_on: date | None = None
    provisional: bool | None = None


def take(state: SubjectState, case: RepairState, step: Step) -> Facts:
    """The facts of a step that may be taken: the case's, then its results'.

    Source: art. 12, 13.
    """
    results: Facts = ()
    reasons: tuple[Reason, ...] = ()
    about: tuple[str, ...] = ()
    if step.decision is None:
        clock = _clock(case, step)
    else:
        clock = _Clock(CaseStatus(step.decision.value))
        about = concerned(case, step)
        if step.decision is RepairDecision.APPROVED:
            results, reasons = _approved(state, case, step, about)
        elif step.decision is RepairDecision.REVOKED:
            results = _revoked(state, step, about)
    fact = RepairFact(
        repair_id=step.repair_id,
        dept=case.dept,
        by=step.sender,
        step=step.kind,
        status=clock.status,
        at=step.at,
        due_on=clock.due_on,
        provisional=clock.provisional,
        result_ids=about,
        documents=step.documents,
        missing=missing_from((*case.documents, *step.documents)),
        decision=step.decision,
        decision_no=step.decision_no,
        reason=step.reason,
        reasons=reasons,
        held=step.held,
    )
    return (fact, *results)


def concerned(case: RepairState, step: Step) -> tuple[str, ...]:
    """The results that a decision is about, in the order of the case's list."""
    wanted = set(step.result_ids or case.result_ids)
    return tuple(one for one in case.result_ids if one in wanted)


def waits_for_result(state: SubjectState, case: RepairState, result_id: str) -> bool:
    """Whether an approval's ground must be kept until the result is disclosed.

    Source: art. 13.
    """
    known = known_result(state, result_id)
    return known is None or (known.dept == case.dept and known.disclosed is None)


def _clock(case: RepairState, step: Step) -> _Clock:
    """Where the case stands after a step that does not end it.

    Source: art. 12 (seven working days after acceptance, supplements not counted).
    """
    accepted_at = step.at if step.kind is RepairStep.ACCEPTED else case.accepted_at
    if accepted_at is None:
        return _Clock(CaseStatus.APPLIED)
    asked, received = case.asked, case.received
    if step.kind is RepairStep.SUPPLEMENT_ASKED:
        asked = (*asked, step.at)
    elif step.kind is RepairStep.SUPPLEMENT_RECEIVED:
        received = (*received, step.at)
    due = decision_due(accepted_at, pauses_of(asked, received), step.calendar)
    if due is None:
        return _Clock(CaseStatus.SUPPLEMENT)
    return _Clock(CaseStatus.ACCEPTED, *due)


def _approved(
    state: SubjectState, case: RepairState, step: Step, concerned: tuple[str, ...]
) -> tuple[Facts, tuple[Reason, ...]]:
    """Each result is stopped, or will be as soon as it comes; one of another department never.

    Source: art. 13 (a repair covers the department's own result, never the whole joint visit).
    """
    ground = new_ground(
        repair_name(step.repair_id),
        case.dept,
        step.at,
        step.calendar,
        reason=StopReason.REPAIR_APPROVED,
        decision_no=step.decision_no,
    )
    facts: list[Fact] = []
    reasons: list[Reason] = []
    for result_id in concerned:
        known = known_result(state, result_id)
        if known is not None and known.dept != case.dept:
            reasons.append(Reason(code="OTHER_DEPARTMENT", about=result_id))
        elif known is None or known.disclosed is None:
            facts.append(
                StopKeptFact(
                    result_id=result_id,
                    dept=case.dept,
                    name=ground.name,
                    ground=ground_fact(ground),
                )
            )
        else:
            before = known.disclosed
            grounds = (*before.grounds, ground)
            facts.append(
                next_version(result_id, before, Cause.REPAIRED, grounds, changed=ground.name)
            )
    return tuple(facts), tuple(reasons)


def _revoked(state: SubjectState, step: Step, concerned: tuple[str, ...]) -> Facts:
    """Each result loses the repair's ground, and shows again if no other stands.

    Source: art. 13 (only a decision of its own brings a repaired result back).
    """
    public, name = public_of(state), repair_name(step.repair_id)
    facts: list[Fact] = []
    for result_id in concerned:
        before = public.results.get(result_id)
        if before is not None and named(before.grounds, name) is not None:
            grounds = tuple(ground for ground in before.grounds if ground.name != name)
            facts.append(next_version(result_id, before, Cause.REVOKED, grounds, changed=name))
        kept = named(public.kept.get(result_id, ()), name)
        if kept is not None:
            facts.append(StopKeptFact(result_id=result_id, dept=kept.dept, name=name))
    return tuple(facts)
