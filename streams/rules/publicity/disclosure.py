"""What follows for its disclosure from a result, its correction, and an order to stop or resume?

Source: art. 5, 9, 13; docs/semantics.md §9.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from schemas.calendar_entries import with_entries
from schemas.facts import CompletedFact, Fact
from schemas.feed import Cause, Content, StopReason
from schemas.inbound import ResultRecorded
from schemas.inbound_repair import ResultCorrected, ResumeOrdered, StopOrdered
from schemas.journal import JournalEvent
from schemas.public_facts import StopKeptFact
from streams.rules.calendar import instant_ms, ms_of
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.followups import completed
from streams.rules.notes import result_refused, result_remembered, result_repeated
from streams.rules.publicity.grounds import (
    PLATFORM,
    TOO_MANY_KEPT,
    ground_fact,
    named,
    new_ground,
    order_name,
    room_to_keep,
    taken_over,
)
from streams.rules.publicity.results import KnownResult, content_of, known_result, next_version
from streams.rules.publicity.state import GroundState, ResultState
from streams.rules.state import SubjectState, public_of

_REVERSIBLE = frozenset({StopReason.BANKRUPTCY_TEMP_MASK})
_WITHDRAWN = order_name(StopReason.RESULT_WITHDRAWN)

Facts = tuple[Fact, ...]


def recorded(state: SubjectState, event: JournalEvent, policy: CompiledPolicy) -> Facts:
    """A result is on record; if it is to be published, it is disclosed, or stopped already.

    Source: art. 5, 9 (results are published); art. 13 (a stop holds, whatever came first).
    """
    return disclosed(state, event, completed(state, event, policy))


def disclosed(state: SubjectState, event: JournalEvent, facts: Facts) -> Facts:
    """The facts of a result, and what it discloses, if it is to be published.

    Source: art. 5, 9, 13.
    """
    data, (fact, *_) = cast("ResultRecorded", event.record.data), facts
    if not data.publish or not isinstance(fact, CompletedFact):
        return facts
    public = public_of(state)
    before = public.results.get(data.result_id)
    if before is not None and before.dept != fact.dept:
        return facts
    grounds = (
        taken_over(public.kept.get(data.result_id, ()), fact.dept)
        if before is None
        else before.grounds
    )
    content = _content(data, event, fact.dept)
    return (*facts, next_version(data.result_id, before, Cause.RESULT, grounds, content=content))


def corrected(state: SubjectState, event: JournalEvent) -> Facts:
    """A result says something else from now on, or is taken back. Visits are counted as before.

    Source: art. 5, 9 (what is published must be right).
    """
    data = cast("ResultCorrected", event.record.data)
    result_id, sender = data.result_id, event.record.dept
    known = known_result(state, result_id)
    if known is None:
        return result_refused(result_id, "UNKNOWN_RESULT")
    if _is_foreign(known, sender):
        return result_refused(result_id, "OTHER_DEPARTMENT")
    before, at = known.disclosed, ms_of(data.corrected_at)
    grounds = () if before is None else before.grounds
    content = _content(data, event, known.dept)
    last = _last_correction(state, result_id, before)
    if _says_nothing_new(before, content if data.publish else None):
        if last is None or at > last:
            return result_remembered(result_id, at)
        return result_repeated(result_id)
    if last is not None and at < last:
        return result_repeated(result_id, "OLDER")
    if data.publish:
        if before is None:
            grounds = taken_over(public_of(state).kept.get(result_id, ()), known.dept)
        fact = next_version(result_id, before, Cause.CORRECTED, grounds, content=content, at=at)
        return (fact,)
    calendar = with_entries(event.record.findings.calendar)
    ground = new_ground(_WITHDRAWN, sender, at, calendar, reason=StopReason.RESULT_WITHDRAWN)
    stopped = (*grounds, ground)
    return (next_version(result_id, before, Cause.CORRECTED, stopped, changed=_WITHDRAWN, at=at),)


def _says_nothing_new(before: ResultState | None, content: Content | None) -> bool:
    """Whether a correction to this content (None: not published) changes nothing.

    Source: docs/semantics.md §9, §11.
    """
    if content is None:
        return before is None or named(before.grounds, _WITHDRAWN) is not None
    return before is not None and content_of(before) == content


def _last_correction(state: SubjectState, result_id: str, before: ResultState | None) -> int | None:
    """The instant of the newest correction on record, whether or not it said something new."""
    known = (
        None if before is None else before.corrected_at,
        public_of(state).corrected.get(result_id),
    )
    return max((at for at in known if at is not None), default=None)


def stopped(state: SubjectState, event: JournalEvent) -> Facts:
    """A result must no longer be shown, without a repair; one that is not known yet neither.

    Source: art. 13.
    """
    data = cast("StopOrdered", event.record.data)
    result_id, sender = data.result_id, event.record.dept
    if data.stop_reason is StopReason.REPAIR_APPROVED:
        return result_refused(result_id, "NEEDS_REPAIR")
    known = known_result(state, result_id)
    if known is not None and known.disclosed is None:
        return result_refused(result_id, "NOT_DISCLOSED")
    if _is_foreign(known, sender):
        return result_refused(result_id, "OTHER_DEPARTMENT")
    name, said_at = order_name(data.stop_reason), _said_at(data.ordered_at, event)
    ground = new_ground(
        name,
        sender,
        said_at,
        with_entries(event.record.findings.calendar),
        reason=data.stop_reason,
        scope=data.scope,
        decision_no=data.decision_no,
    )
    if known is None or known.disclosed is None:
        return _keep(state, result_id, ground)
    before = known.disclosed
    if named(before.grounds, name) is not None:
        return result_repeated(result_id)
    if _is_taken_back(state, result_id, ground, (known.dept, *PLATFORM)):
        return result_repeated(result_id, "OLDER")
    grounds = (*before.grounds, ground)
    return (next_version(result_id, before, Cause.ORDERED, grounds, changed=name),)


def resumed(state: SubjectState, event: JournalEvent) -> Facts:
    """A stop that may be taken back is taken back: a bankruptcy's mask, and no other.

    Source: art. 13; only a decision of its own brings a repaired result back.
    """
    data = cast("ResumeOrdered", event.record.data)
    result_id, sender = data.result_id, event.record.dept
    if data.stop_reason not in _REVERSIBLE:
        return result_refused(result_id, "NOT_REVERSIBLE")
    known = known_result(state, result_id)
    if _is_foreign(known, sender):
        return result_refused(result_id, "OTHER_DEPARTMENT")
    name, at = order_name(data.stop_reason), _said_at(data.ordered_at, event)
    if known is None or known.disclosed is None:
        return _no_longer_keep(state, result_id, name, sender, at)
    before = known.disclosed
    ground = named(before.grounds, name)
    if ground is None:
        return result_refused(result_id, "NOT_STOPPED")
    if at < ground.said_at:
        return result_repeated(result_id, "OLDER")
    grounds = tuple(one for one in before.grounds if one is not ground)
    return (next_version(result_id, before, Cause.RESUMED, grounds, changed=name, at=at),)


def _content(data: ResultRecorded | ResultCorrected, event: JournalEvent, dept: str) -> Content:
    """What is said of the result from now on; the enterprise's name is the object list's."""
    subject = event.record.findings.subject
    return Content(
        task_id=data.task_id,
        dept=dept,
        inspected_on=data.inspected_on,
        outcomes=tuple(sorted(set(data.outcomes))),
        found_problem=data.found_problem,
        negative=data.negative,
        entity_name="" if subject is None else subject.name,
        follow_up=data.follow_up,
    )


def _is_foreign(known: KnownResult | None, sender: str) -> bool:
    """Whether the result is another department's than the sender's.

    Source: art. 12 (who inspects, repairs).
    """
    return known is not None and sender not in (known.dept, *PLATFORM)


def _keep(state: SubjectState, result_id: str, ground: GroundState) -> Facts:
    """A ground for a result that is still to come, so that it is never disclosed.

    Source: art. 13.
    """
    kept = public_of(state).kept.get(result_id, ())
    if any((one.name, one.dept) == (ground.name, ground.dept) for one in kept):
        return result_repeated(result_id)
    if _is_taken_back(state, result_id, ground, (ground.dept,)):
        return result_repeated(result_id, "OLDER")
    if room_to_keep(public_of(state)) < 1:
        return result_refused(result_id, TOO_MANY_KEPT)
    fact = StopKeptFact(
        result_id=result_id, dept=ground.dept, name=ground.name, ground=ground_fact(ground)
    )
    return (fact,)


def _no_longer_keep(state: SubjectState, result_id: str, name: str, sender: str, at: int) -> Facts:
    """A kept ground taken back by who set it; the platform takes back anybody's."""
    kept = [
        one
        for one in public_of(state).kept.get(result_id, ())
        if one.name == name and (one.dept == sender or sender in PLATFORM)
    ]
    if not kept:
        return result_refused(result_id, "NOT_STOPPED")
    if any(at < one.said_at for one in kept):
        return result_repeated(result_id, "OLDER")
    return tuple(StopKeptFact(result_id=result_id, dept=one.dept, name=name, at=at) for one in kept)


def _is_taken_back(
    state: SubjectState, result_id: str, ground: GroundState, depts: tuple[str, ...]
) -> bool:
    """Whether a newer order to resume is on record, so that this one is a late copy."""
    if ground.reason not in _REVERSIBLE:
        return False
    resumed = public_of(state).resumed.get(result_id, {})
    return any(ground.said_at <= resumed[dept] for dept in depts if dept in resumed)


def _said_at(instant: datetime | None, event: JournalEvent) -> int:
    """When something was ordered; if that is left out, the event's own time."""
    return instant_ms(event.record.time) if instant is None else ms_of(instant)
