"""Who hears of what was decided on disclosed results and repairs?

Source: art. 12, 13; docs/semantics.md §10, §11.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.base import Message
from schemas.decision import Reason
from schemas.facts import Decided, Fact, NotedFact
from schemas.feed import Cause
from schemas.messages import (
    RESULT_CORRECTED,
    RESUME_ORDERED,
    STOP_ORDERED,
)
from schemas.public_answers import DisclosureUpdated, RepairUpdated
from schemas.public_facts import DisclosureFact, Ground, HeldFact, RepairFact, StopKeptFact
from streams.rules.calendar import day_at
from streams.rules.deadlines import day_of_ms
from streams.rules.publicity.grounds import HUB, PLATFORM, state_of
from streams.rules.publicity.repair_steps import TYPE_OF, kind_in, missing_from
from streams.rules.publicity.results import known_result
from streams.rules.publicity.state import RepairState
from streams.rules.state import SubjectState, public_of
from streams.rules.wording import instant_text

ABOUT_RESULTS = frozenset({RESULT_CORRECTED, STOP_ORDERED, RESUME_ORDERED})
ABOUT_REPAIRS = frozenset(TYPE_OF.values())

_SET_BY = frozenset({Cause.ORDERED, Cause.REPAIRED})

Answer = tuple[str, Message]
"""A department, and what it is told."""


def repair_answers(decided: Decided, after: SubjectState) -> list[Answer]:
    """One answer for each step taken, held or refused, in order.

    Source: art. 12 (every step can be followed).
    """
    answers: list[Answer] = []
    for number, fact in enumerate(decided.facts):
        if isinstance(fact, RepairFact | HeldFact) or (
            isinstance(fact, NotedFact) and fact.repair_id is not None
        ):
            put = decided.facts[number + 1 :] if isinstance(fact, RepairFact) else ()
            body = _about_repair(decided, fact, put, after)
            answers += [(dept, body) for dept in _receivers(decided.dept, body.dept)]
    return answers


def result_answers(decided: Decided, after: SubjectState) -> list[Answer]:
    """The answer to a correction, or to an order to stop or resume.

    Source: art. 13.
    """
    fact = decided.facts[0]
    if isinstance(fact, DisclosureFact):
        body = _about_version(decided, fact)
    elif isinstance(fact, StopKeptFact):
        body = _about_kept(decided, fact)
    elif isinstance(fact, NotedFact) and fact.result_id is not None:
        body = _about_noted(decided, fact, fact.result_id, after)
    else:
        return []
    return [(dept, body) for dept in _receivers(decided.dept, body.dept)]


def _receivers(sender: str, owner: str) -> list[str]:
    """The sender; of what the platform or the hub sends, the owner too. HUB has no topic."""
    told = [sender, owner] if sender in PLATFORM else [sender]
    return [dept for dept in dict.fromkeys(told) if dept != HUB]


def _about_repair(
    decided: Decided,
    fact: RepairFact | HeldFact | NotedFact,
    put: Iterable[Fact],
    after: SubjectState,
) -> RepairUpdated:
    repair_id = fact.repair_id or ""
    case = public_of(after).repairs.get(repair_id)
    common: dict[str, Any] = {
        "repair_id": repair_id,
        "uscc": decided.key,
        "source": decided.src,
        "decided_at": instant_text(decided.at),
    }
    if isinstance(fact, RepairFact):
        late = _late(decided, _until_next_step(put))
        return RepairUpdated(
            **common,
            dept=fact.dept,
            about=TYPE_OF[fact.step],
            outcome="APPLIED",
            status=fact.status,
            missing=fact.missing,
            reasons=(*fact.reasons, *late),
            results=fact.result_ids or _results_of(case),
            due_on=fact.due_on,
            provisional=bool(fact.provisional),
            decision_no=fact.decision_no,
        )
    return RepairUpdated(
        **common,
        dept=_concerned(decided, fact) if case is None else case.dept,
        about=_type_of(decided, fact),
        outcome="HELD" if isinstance(fact, HeldFact) else fact.outcome,
        status=None if case is None else case.status,
        missing=() if case is None else missing_from(case.documents),
        reasons=fact.reasons,
        results=_results_of(case),
        due_on=day_at(case.due_on) if case is not None and case.due_on else None,
        provisional=case is not None and case.provisional,
        decision_no=fact.step.decision_no if isinstance(fact, HeldFact) else None,
    )


def _concerned(decided: Decided, fact: HeldFact | NotedFact) -> str:
    """Whose case it would be, where there is none."""
    owner = fact.dept if isinstance(fact, NotedFact) else None
    return decided.dept if owner is None else owner


def _type_of(decided: Decided, fact: HeldFact | NotedFact) -> str:
    dropped = fact.dropped if isinstance(fact, NotedFact) else None
    return decided.type if dropped is None else TYPE_OF[kind_in(dropped)]


def _results_of(case: RepairState | None) -> tuple[str, ...]:
    return () if case is None else case.result_ids


def _until_next_step(facts: Iterable[Fact]) -> list[Fact]:
    """The facts about results that belong to one step."""
    own: list[Fact] = []
    for fact in facts:
        if isinstance(fact, RepairFact):
            break
        own.append(fact)
    return own


def _about_version(decided: Decided, fact: DisclosureFact) -> DisclosureUpdated:
    return DisclosureUpdated(
        result_id=fact.result_id,
        uscc=decided.key,
        dept=fact.content.dept,
        about=decided.type,
        outcome="APPLIED",
        state=fact.state,
        version=fact.version,
        stop_reason=fact.reason,
        reasons=_late(decided, (fact,)),
        due_on=fact.due_on,
        provisional=bool(fact.provisional),
        source=decided.src,
        decided_at=instant_text(decided.at),
    )


def _about_kept(decided: Decided, fact: StopKeptFact) -> DisclosureUpdated:
    ground = fact.ground
    unknown = () if ground is None else (Reason(code="UNKNOWN_RESULT"),)
    return DisclosureUpdated(
        result_id=fact.result_id,
        uscc=decided.key,
        dept=decided.dept,
        about=decided.type,
        outcome="APPLIED" if ground is None else "HELD",
        stop_reason=None if ground is None else ground.reason,
        reasons=(*unknown, *_late(decided, (fact,))),
        due_on=None if ground is None else ground.due_on,
        provisional=ground is not None and ground.provisional,
        source=decided.src,
        decided_at=instant_text(decided.at),
    )


def _about_noted(
    decided: Decided, fact: NotedFact, result_id: str, after: SubjectState
) -> DisclosureUpdated:
    known = known_result(after, result_id)
    result = None if known is None else known.disclosed
    leading = result.grounds[0] if result is not None and result.grounds else None
    return DisclosureUpdated(
        result_id=result_id,
        uscc=decided.key,
        dept=decided.dept if known is None else known.dept,
        about=decided.type,
        outcome=fact.outcome,
        state=None if result is None else state_of(result.grounds),
        version=None if result is None else result.version,
        stop_reason=None if leading is None else leading.reason,
        reasons=fact.reasons,
        due_on=None if leading is None else day_at(leading.due_on),
        provisional=leading is not None and leading.provisional,
        source=decided.src,
        decided_at=instant_text(decided.at),
    )


def _late(decided: Decided, facts: Iterable[Fact]) -> tuple[Reason, ...]:
    """Whether a stop came to the hub when its last day was already over; it stops all the same.

    Source: art. 13 (the days run from the approval, not from when it is heard of).
    """
    today = day_of_ms(decided.at)
    is_late = any(ground.due_on < today for fact in facts for ground in _put_by(fact))
    return (Reason(code="LATE_UPSTREAM"),) if is_late else ()


def _put_by(fact: Fact) -> list[Ground]:
    """The ground that a fact puts, if it puts one."""
    if isinstance(fact, DisclosureFact) and fact.cause in _SET_BY:
        return [ground for ground in fact.grounds if ground.name == fact.changed]
    if isinstance(fact, StopKeptFact) and fact.ground is not None:
        return [fact.ground]
    return []
