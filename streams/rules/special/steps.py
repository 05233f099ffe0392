"""Which step may a special inspection take next, and who may take it?

Source: art. 4 (approval, record, content), 5 (joint plan, dispatch, platforms);
docs/semantics.md §14.
"""

from __future__ import annotations

from typing import Any, cast

from schemas.decision import Reason
from schemas.enums import Level
from schemas.facts import Fact
from schemas.inbound_special import (
    SpecialAgreed,
    SpecialClaimed,
    SpecialClosed,
    SpecialDispatched,
    SpecialOverdue,
    SpecialPublished,
    SpecialRefused,
)
from schemas.journal import JournalEvent
from schemas.special_facts import SpecialFact
from schemas.special_words import ClaimStatus, SpecialStatus, SpecialStep
from streams.rules.calendar import day_at, day_of, instant_ms, ms_of
from streams.rules.special.filing import standing_fault
from streams.rules.special.notes import special_barred, special_refused, special_repeated
from streams.rules.special.objects import owing
from streams.rules.special.state import SpecialState
from streams.rules.state import SubjectState

Facts = tuple[Fact, ...]

STEPS_MAX = 1000
"""So many dispatches, and so many refusals, of one special inspection are remembered."""
TOO_MANY_DISPATCHED = "TOO_MANY_DISPATCHED"
TOO_MANY_REFUSED = "TOO_MANY_REFUSED"

_BELOW_CITY = frozenset({Level.DISTRICT, Level.STREET})
_OPEN = frozenset({ClaimStatus.WAITING, ClaimStatus.OVERDUE})


def agreed(state: SubjectState, event: JournalEvent) -> Facts:
    """A department of a joint plan agrees; when all have, the plan is filed.

    Source: art. 5 (two or more departments plan and deploy together).
    """
    data, by = cast("SpecialAgreed", event.record.data), event.record.dept
    special = state.special
    if special is None:
        return special_refused(data.special_id, "UNKNOWN_SPECIAL")
    if by not in special.departments:
        return special_refused(data.special_id, "NOT_A_PARTY")
    if by in special.agreed:
        return special_repeated(data.special_id)
    if special.status is SpecialStatus.CLOSED:
        return special_refused(data.special_id, "SPECIAL_CLOSED")
    if data.plan_digest not in (None, special.digest.hex()):
        return special_refused(data.special_id, "PLAN_DIFFERS")
    is_last = set(special.departments) == {*special.agreed, by}
    status = SpecialStatus.FILED if is_last else SpecialStatus.PROPOSED
    return _step(event, SpecialStep.AGREED, status, ms_of(data.at))


def published(state: SubjectState, event: JournalEvent) -> Facts:
    """The plan was made public; what is confidential never is.

    Source: art. 4 (record and publication).
    """
    data = cast("SpecialPublished", event.record.data)
    special = state.special
    if special is None or special.dept != event.record.dept:
        return _not_the_filer(data.special_id, special)
    if special.is_published:
        return special_repeated(data.special_id)
    barred = _not_open(special)
    if special.confidential:
        barred = "CONFIDENTIAL"
    if barred is not None:
        return special_refused(data.special_id, barred)
    return _step(event, SpecialStep.PUBLISHED, special.status, ms_of(data.at))


def dispatched(state: SubjectState, event: JournalEvent) -> Facts:
    """A city department gives it to departments of districts: to all of them, or to none.

    Source: art. 5 (city departments deploy to districts through the platform).
    """
    data, by = cast("SpecialDispatched", event.record.data), event.record.dept
    special, at = state.special, ms_of(data.at)
    if special is None:
        return special_refused(data.special_id, "UNKNOWN_SPECIAL")
    if not _plans(special, by):
        return special_refused(data.special_id, "NOT_A_PARTY")
    if (by, at) in special.dispatched:
        return special_repeated(data.special_id)
    barred = _not_open(special)
    if barred is None and len(special.dispatched) >= STEPS_MAX:
        barred = TOO_MANY_DISPATCHED
    if barred is not None:
        return special_refused(data.special_id, barred)
    to = tuple(dict.fromkeys(data.to))
    reasons = _faults_of_dispatch(special, event, to)
    if data.due_on < day_of(data.at):
        reasons.append(Reason(code="DUE_BEFORE", about=data.due_on.isoformat()))
    if reasons:
        return special_barred(data.special_id, tuple(reasons))
    more = {"named": to, "due_on": data.due_on}
    return _step(event, SpecialStep.DISPATCHED, special.status, at, **more)


def claimed(state: SubjectState, event: JournalEvent) -> Facts:
    """A department takes it on; being late for that is on record and stops nothing.

    Source: art. 5, 6 (officers take their tasks from the platform).
    """
    data, by = cast("SpecialClaimed", event.record.data), event.record.dept
    special = state.special
    if special is None:
        return special_refused(data.special_id, "UNKNOWN_SPECIAL")
    party = special.parties.get(by)
    if party is None and not _plans(special, by):
        return special_refused(data.special_id, "NOT_A_PARTY")
    if party is not None and (party.status, party.platform) == (ClaimStatus.CLAIMED, data.platform):
        return special_repeated(data.special_id)
    barred = _not_open(special)
    if barred is None and party is not None and party.status not in _OPEN:
        barred = f"ALREADY_{party.status}"
    barred = barred or standing_fault(event, by)
    if barred is not None:
        return special_refused(data.special_id, barred)
    is_late = party is not None and 0 < party.due < day_of(data.at).toordinal()
    more = {"platform": data.platform, "reasons": (Reason(code="LATE_CLAIM"),) if is_late else ()}
    return _step(event, SpecialStep.CLAIMED, special.status, ms_of(data.at), **more)


def refused(state: SubjectState, event: JournalEvent) -> Facts:
    """A department that was given it does not take it on, and says why.

    Source: art. 5.
    """
    data, by = cast("SpecialRefused", event.record.data), event.record.dept
    special = state.special
    if special is None:
        return special_refused(data.special_id, "UNKNOWN_SPECIAL")
    party = special.parties.get(by)
    if party is None or not party.by:
        return special_refused(data.special_id, "NOT_A_PARTY")
    if party.status is ClaimStatus.REFUSED or (by, ms_of(data.at)) in special.refusals:
        return special_repeated(data.special_id)
    barred = _not_open(special)
    if barred is None and party.status is ClaimStatus.CLAIMED:
        barred = "ALREADY_CLAIMED"
    if barred is None and not data.reason.strip():
        barred = "REASON_MISSING"
    if barred is None and len(special.refusals) >= STEPS_MAX:
        barred = TOO_MANY_REFUSED
    if barred is not None:
        return special_refused(data.special_id, barred)
    return _step(event, SpecialStep.REFUSED, special.status, ms_of(data.at), reason=data.reason)


def overdue(state: SubjectState, event: JournalEvent) -> Facts:
    """Nobody claimed or refused it in time; it stays open and is marked.

    Source: art. 5 (the whole course is on record).
    """
    data = cast("SpecialOverdue", event.record.data)
    special = state.special
    party = None if special is None else special.parties.get(data.dept)
    if special is None or party is None or not _is_late(special, party.due, data, party.status):
        return special_repeated(data.special_id, "NOT_OPEN")
    more = {"named": (data.dept,), "due_on": day_at(party.due)}
    at = instant_ms(event.record.time)
    return _step(event, SpecialStep.OVERDUE, special.status, at, **more)


def closed(state: SubjectState, event: JournalEvent) -> Facts:
    """It is over; who never claimed it is named, and who still owes results.

    Source: art. 6 (what was done can be counted).
    """
    data = cast("SpecialClosed", event.record.data)
    special = state.special
    if special is None or special.dept != event.record.dept:
        return _not_the_filer(data.special_id, special)
    if special.status is SpecialStatus.CLOSED:
        return special_repeated(data.special_id)
    silent = (dept for dept, party in special.parties.items() if party.status in _OPEN)
    reasons = [Reason(code="NOT_CLAIMED", about=dept) for dept in silent]
    reasons += [Reason(code="RESULTS_OWED", about=dept) for dept in owing(special)]
    more = {"reason": data.summary, "reasons": tuple(reasons)}
    return _step(event, SpecialStep.CLOSED, SpecialStatus.CLOSED, ms_of(data.at), **more)


def _step(
    event: JournalEvent,
    step: SpecialStep,
    status: SpecialStatus,
    at: int,
    **more: Any,  # noqa: ANN401 - fields of the fact
) -> Facts:
    special_id = getattr(event.record.data, "special_id", "")
    by = event.record.dept
    fact = SpecialFact(special_id=special_id, step=step, by=by, status=status, at=at, **more)
    return (fact,)


def _not_the_filer(special_id: str, special: SpecialState | None) -> Facts:
    reason = "UNKNOWN_SPECIAL" if special is None else "OTHER_DEPARTMENT"
    return special_refused(special_id, reason)


def _plans(special: SpecialState, dept: str) -> bool:
    """Whether a department is one of those whose plan it is."""
    return dept == special.dept or dept in special.departments


def _not_open(special: SpecialState) -> str | None:
    """Why nothing may be done with it; None if it is filed, agreed and not over."""
    if special.status is SpecialStatus.CLOSED:
        return "SPECIAL_CLOSED"
    return "NOT_AGREED_YET" if special.status is SpecialStatus.PROPOSED else None


def _faults_of_dispatch(
    special: SpecialState, event: JournalEvent, to: tuple[str, ...]
) -> list[Reason]:
    """What stands against a dispatch, about each department in order.

    Source: art. 5 (from the city to districts).
    """
    found = {one.dept: one for one in event.record.findings.departments}
    sender = found.get(event.record.dept)
    reasons = []
    if sender is None or sender.level is not Level.CITY:
        reasons.append(Reason(code="NOT_CITY_LEVEL"))
    for dept in to:
        party, known = special.parties.get(dept), found.get(dept)
        fault = standing_fault(event, dept)
        if fault is None and (known is None or known.level not in _BELOW_CITY):
            fault = "NOT_A_DISTRICT"
        if fault is None and party is not None and party.status is ClaimStatus.CLAIMED:
            fault = "ALREADY_CLAIMED"
        if fault is not None:
            reasons.append(Reason(code=fault, about=dept))
    return reasons


def _is_late(special: SpecialState, due: int, data: SpecialOverdue, status: ClaimStatus) -> bool:
    """Whether a dispatch still waits for an answer after its last day."""
    if special.status is SpecialStatus.CLOSED or status is not ClaimStatus.WAITING:
        return False
    return 0 < due < data.on.toordinal()
