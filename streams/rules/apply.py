"""What does a fact change? The only way state changes; one small function a fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from schemas.enums import CodeState, Decision
from schemas.facts import (
    ApprovalFact,
    CancelledFact,
    ClassifiedFact,
    CompletedFact,
    DecidedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
    NotedFact,
    RatedFact,
    WhitelistedFact,
)
from schemas.joint_facts import DrawnFact, JointChangedFact, JointFact, WindowClosedFact
from schemas.public_facts import DisclosureFact, HeldFact, RepairFact, StopKeptFact
from schemas.special_facts import SpecialFact
from schemas.survey_facts import SpecialObjectFact, SurveyFact
from streams.rules.joint import apply as joint_apply
from streams.rules.letters import CODE_STATE, DECISION, nature, of_survey
from streams.rules.publicity import apply as public_apply
from streams.rules.publicity.state import PublicState
from streams.rules.special import apply as special_apply
from streams.rules.state import (
    INSPECTED,
    ClassState,
    RatingState,
    SubjectState,
    TaskState,
    WhitelistState,
    public_of,
)

_ISSUED = CODE_STATE[CodeState.ISSUED]
_SHOWN = CODE_STATE[CodeState.SHOWN]
_COMPLETED = CODE_STATE[CodeState.COMPLETED]
_CANCELLED = CODE_STATE[CodeState.CANCELLED]
_EXPIRED = CODE_STATE[CodeState.EXPIRED]
_NONE = CODE_STATE[CodeState.NONE]
_OVERTURNED = frozenset({_CANCELLED, _EXPIRED})
_STATE_AFTER = {
    **dict.fromkeys(Decision, _NONE),
    Decision.ISSUED: _ISSUED,
    Decision.CANCELLED: _CANCELLED,
}


# Rules walk over all tasks of an enterprise and ask for department and day. Tasks that share these
# values take a third less time than tasks with copies of their own all over the memory.
_ordinal = lru_cache(maxsize=4096)(date.toordinal)


@lru_cache(maxsize=8192)
def _shared(dept: str) -> str:
    """The same text, as one object."""
    return dept


def apply(state: SubjectState, fact: Fact, source_offset: int) -> SubjectState:
    """The state after a fact. Applying recorded facts in order rebuilds any state.

    Args:
        state: The state before; it is not changed.
        fact: What is so now.
        source_offset: Offset of the journal record that the fact answers.

    Source: design §2.
    """
    change = _CHANGES.get(type(fact))
    return state if change is None else change(state, fact, source_offset)


def _decided(state: SubjectState, fact: DecidedFact, offset: int) -> SubjectState:
    # Attributes of pydantic models are slow, and this is done for every task.
    made, seed = vars(fact.decision), vars(fact.task)
    task_id, decision, valid_until = made["task_id"], made["decision"], made["valid_until"]
    known, certified = state.tasks.get(task_id), seed["certified_until"]
    stands = _STATE_AFTER[decision]
    if known is not None:
        offset = known.offset
        if known.state in INSPECTED:
            stands = known.state
    task = TaskState(
        dept=_shared(made["dept"]),
        digest=bytes.fromhex(seed["digest"]),
        decision=DECISION[decision],
        state=stands,
        nature=nature(seed["mode"], seed["kind"], seed["trigger"], seed["evidence"]),
        items=seed["items"],
        day=_ordinal(seed["day"]),
        joint_id=seed["joint_id"],
        special_id=seed["special_id"],
        code=made["code"],
        valid_until=0 if valid_until is None else valid_until.toordinal(),
        offset=offset,
        along=seed["along"],
        certified_until=0 if certified is None else _ordinal(certified),
        officers=seed["officers"],
        approval=b"" if seed["awaits_approval"] else None,
    )
    if known is not None:
        task = replace(
            task,
            result_id=known.result_id,
            overturned=known.overturned,
            overturned_at=known.overturned_at,
            result_at=known.result_at,
        )
    return _with_task(state, task_id, task)


def _approved(state: SubjectState, fact: ApprovalFact, _offset: int) -> SubjectState:
    task = replace(state.tasks[fact.task_id], approval=bytes.fromhex(fact.digest))
    return _with_task(state, fact.task_id, task)


def _cancelled(state: SubjectState, fact: CancelledFact, offset: int) -> SubjectState:
    known = state.tasks.get(fact.task_id) or TaskState(offset=offset)
    return _with_task(state, fact.task_id, replace(known, state=_CANCELLED))


def _expired(state: SubjectState, fact: ExpiredFact, _offset: int) -> SubjectState:
    return _with_task(state, fact.task_id, replace(state.tasks[fact.task_id], state=_EXPIRED))


def _entered(state: SubjectState, fact: EnteredFact, offset: int) -> SubjectState:
    known = _visited(state, fact.task_id, offset)
    entered = replace(
        known,
        dept=known.dept or fact.dept,
        state=CODE_STATE[fact.code_state],
        day=fact.day.toordinal(),
    )
    return _with_task(state, fact.task_id, entered)


def _completed(state: SubjectState, fact: CompletedFact, offset: int) -> SubjectState:
    known = _visited(state, fact.task_id, offset)
    completed = replace(
        known,
        dept=known.dept or fact.dept,
        state=_COMPLETED,
        day=fact.day.toordinal(),
        items=tuple(dict.fromkeys((*known.items, *fact.items))),
        result_id=fact.result_id,
        result_at=offset,
    )
    seed = fact.survey
    if seed is not None:
        visit = of_survey(nature(seed.mode, seed.kind, seed.trigger, seed.evidence))
        completed = replace(completed, nature=visit, special_id=seed.special_id)
    return _with_task(state, fact.task_id, completed)


def _rated(state: SubjectState, fact: RatedFact, _offset: int) -> SubjectState:
    rating = RatingState(fact.stars, fact.comment, fact.at)
    return replace(state, ratings={**state.ratings, fact.task_id: rating})


def _classified(state: SubjectState, fact: ClassifiedFact, _offset: int) -> SubjectState:
    rated = ClassState(fact.class_, fact.as_of.toordinal())
    return replace(state, classes={**state.classes, fact.scheme: rated})


def _whitelisted(state: SubjectState, fact: WhitelistedFact, _offset: int) -> SubjectState:
    until = 0 if fact.until is None else fact.until.toordinal()
    place = WhitelistState(fact.listed, fact.from_.toordinal(), until, fact.said_at_ms)
    return replace(state, whitelist=place)


def _of_joints(
    change: Callable[[SubjectState, Any], SubjectState],
) -> Callable[[SubjectState, Any, int], SubjectState]:
    """A change of what is remembered of draws and joint tasks."""
    return lambda state, fact, _offset: change(state, fact)


def _public(
    change: Callable[[PublicState, Any], PublicState],
) -> Callable[[SubjectState, Any, int], SubjectState]:
    """A change of what is remembered of disclosed results and repairs."""
    return lambda state, fact, _offset: replace(state, public=change(public_of(state), fact))


def _noted(state: SubjectState, fact: NotedFact, _offset: int) -> SubjectState:
    if fact.dropped is None and fact.at is None:
        return state
    return replace(state, public=public_apply.noted(public_of(state), fact))


def _special(state: SubjectState, fact: SpecialFact, _offset: int) -> SubjectState:
    return replace(state, special=special_apply.stepped(state.special, fact))


def _reported(state: SubjectState, fact: SpecialObjectFact, _offset: int) -> SubjectState:
    return replace(state, special=special_apply.reported(state.special, fact))


def _survey(state: SubjectState, fact: SurveyFact, _offset: int) -> SubjectState:
    return replace(state, survey=special_apply.surveyed(state.survey, fact))


# REPEATED, CONFLICT, CHOICE and FAULTED change nothing; NOTED only what it drops or remembers.
_CHANGES: Mapping[type, Callable[[SubjectState, Any, int], SubjectState]] = {
    DecidedFact: _decided,
    ApprovalFact: _approved,
    CancelledFact: _cancelled,
    ExpiredFact: _expired,
    EnteredFact: _entered,
    CompletedFact: _completed,
    ClassifiedFact: _classified,
    WhitelistedFact: _whitelisted,
    JointFact: _of_joints(joint_apply.formed),
    JointChangedFact: _of_joints(joint_apply.changed),
    DrawnFact: _of_joints(joint_apply.drawn),
    WindowClosedFact: _of_joints(joint_apply.closed),
    RatedFact: _rated,
    DisclosureFact: _public(public_apply.disclosed),
    StopKeptFact: _public(public_apply.kept),
    RepairFact: _public(public_apply.repaired),
    HeldFact: _public(public_apply.held),
    SpecialFact: _special,
    SpecialObjectFact: _reported,
    SurveyFact: _survey,
    NotedFact: _noted,
}


def _visited(state: SubjectState, task_id: str, offset: int) -> TaskState:
    """The task that was visited, which overturns a cancellation or an expiry."""
    known = state.tasks.get(task_id) or TaskState(offset=offset)
    if known.state not in _OVERTURNED:
        return known
    return replace(known, overturned=known.state, overturned_at=offset)


def _with_task(state: SubjectState, task_id: str, task: TaskState) -> SubjectState:
    # Spelled out: `replace` takes four times as long, and this is done for every task.
    return SubjectState(
        {**state.tasks, task_id: task}, state.classes, state.whitelist, state.joints,
        state.public, state.ratings, state.draws, state.special, state.survey,
    )  # fmt: skip
