"""What does a fact about disclosed results or repairs change?

Source: docs/semantics.md §9, §10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from msgspec.structs import replace

from schemas.enums import RepairStep
from schemas.facts import NotedFact
from schemas.feed import Cause
from schemas.public_facts import DisclosureFact, HeldFact, RepairFact, StopKeptFact
from streams.rules.publicity.grounds import ground_state
from streams.rules.publicity.state import HeldState, PublicState, RepairState, ResultState

ValueT = TypeVar("ValueT")


def disclosed(public: PublicState, fact: DisclosureFact) -> PublicState:
    """A result has a new version; grounds kept for it are now among its own, or void."""
    content, before = fact.content, public.results.get(fact.result_id)
    result = ResultState(
        dept=content.dept,
        task_id=content.task_id,
        inspected_on=content.inspected_on.toordinal(),
        outcomes=content.outcomes,
        found_problem=content.found_problem,
        negative=content.negative,
        entity_name=content.entity_name,
        follow_up=content.follow_up,
        version=fact.version,
        grounds=tuple(ground_state(ground) for ground in fact.grounds),
        corrected_at=None if before is None else before.corrected_at,
    )
    if fact.cause is Cause.CORRECTED:
        result = replace(result, corrected_at=fact.at)
        # None is older than what was remembered: it is the last one now.
        corrected = {name: at for name, at in public.corrected.items() if name != fact.result_id}
        public = replace(public, corrected=corrected)
    elif fact.cause is Cause.RESUMED:
        public = _resumed(public, fact.result_id, content.dept, fact.at)
    return replace(
        public,
        results={**public.results, fact.result_id: result},
        kept=_with(public.kept, fact.result_id, ()) if public.kept else public.kept,
    )


def kept(public: PublicState, fact: StopKeptFact) -> PublicState:
    """A ground is kept for a result without disclosure, or no longer."""
    grounds = tuple(
        ground
        for ground in public.kept.get(fact.result_id, ())
        if (ground.name, ground.dept) != (fact.name, fact.dept)
    )
    if fact.ground is not None:
        grounds = (*grounds, ground_state(fact.ground))
    public = _resumed(public, fact.result_id, fact.dept, fact.at)
    return replace(public, kept=_with(public.kept, fact.result_id, grounds))


def repaired(public: PublicState, fact: RepairFact) -> PublicState:
    """A step of a case was taken; if it was held, it is no longer."""
    if fact.held is not None:
        public = _let_go(public, fact.repair_id, fact.held)
    repair = _after(public.repairs.get(fact.repair_id), fact)
    return replace(public, repairs={**public.repairs, fact.repair_id: repair})


def held(public: PublicState, fact: HeldFact) -> PublicState:
    """A step waits, behind those that wait already."""
    step = fact.step
    waiting = HeldState(
        name=fact.name,
        dept=fact.dept,
        step=step.step,
        at=step.at,
        result_ids=step.result_ids,
        documents=step.documents,
        decision=step.decision,
        decision_no=step.decision_no,
        reason=step.reason,
    )
    behind = (*public.held.get(fact.repair_id, ()), waiting)
    return replace(public, held={**public.held, fact.repair_id: behind})


def noted(public: PublicState, fact: NotedFact) -> PublicState:
    """A held step is dropped, or a correction is remembered, if the fact says so."""
    if fact.at is not None and fact.result_id is not None:
        return replace(public, corrected={**public.corrected, fact.result_id: fact.at})
    if fact.dropped is None or fact.repair_id is None:
        return public
    return _let_go(public, fact.repair_id, fact.dropped)


def _after(before: RepairState | None, fact: RepairFact) -> RepairState:
    if before is None:
        if fact.digest is None or fact.channel is None:
            raise ValueError(f"repair {fact.repair_id}: {fact.step} of a case that nobody opened")
        before = RepairState(
            dept=fact.dept,
            status=fact.status,
            channel=fact.channel,
            digest=bytes.fromhex(fact.digest),
            result_ids=fact.result_ids,
            applied_at=fact.at,
        )
    after = replace(
        before,
        status=fact.status,
        documents=tuple(dict.fromkeys((*before.documents, *fact.documents))),
        due_on=0 if fact.due_on is None else fact.due_on.toordinal(),
        provisional=bool(fact.provisional),
    )
    if fact.step is RepairStep.ACCEPTED:
        return replace(after, accepted_at=fact.at)
    if fact.step is RepairStep.SUPPLEMENT_ASKED:
        return replace(after, asked=(*before.asked, fact.at), asked_for=fact.reason)
    if fact.step is RepairStep.SUPPLEMENT_RECEIVED:
        return replace(after, received=(*before.received, fact.at))
    if fact.decision is not None:
        taken = (*before.decisions, (fact.decision, fact.decision_no))
        return replace(after, decisions=taken, reason=fact.reason)
    return after


def _resumed(public: PublicState, result_id: str, dept: str, at: int | None) -> PublicState:
    if at is None:
        return public
    resumed = {**public.resumed.get(result_id, {}), dept: at}
    return replace(public, resumed={**public.resumed, result_id: resumed})


def _let_go(public: PublicState, repair_id: str, name: str) -> PublicState:
    rest = tuple(one for one in public.held.get(repair_id, ()) if one.name != name)
    return replace(public, held=_with(public.held, repair_id, rest))


def _with(
    before: Mapping[str, tuple[ValueT, ...]], key: str, values: tuple[ValueT, ...]
) -> Mapping[str, tuple[ValueT, ...]]:
    """The mapping with other values of a key; without it if there are none."""
    if values:
        return {**before, key: values}
    return {name: kept for name, kept in before.items() if name != key}
