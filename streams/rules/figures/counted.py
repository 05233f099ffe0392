"""What must the statistics remember of one enterprise, and what does a recorded answer change?

The facts say nearly all; the journal record says where the inspection was to be and what its result
found. Bytes of this are kept beside the figures; fields are only ever appended, with a default.

Source: art. 5, 6, 19.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace
from pydantic import BaseModel

from schemas.decision import DecisionMade
from schemas.enums import CodeState, Decision, EntryHow, Mode
from schemas.facts import (
    CancelledFact,
    ChoiceFact,
    CompletedFact,
    Decided,
    DecidedFact,
    EnteredFact,
    ExpiredFact,
    Fact,
    RatedFact,
)
from schemas.feed import Cause
from schemas.inbound import ResultRecorded, TaskSubmitted
from schemas.inbound_special import SurveyObjectEntered
from schemas.messages import RESULT_RECORDED, SURVEY_OBJECT_ENTERED, TASK_SUBMITTED
from schemas.public_facts import DisclosureFact
from schemas.special_facts import SpecialFact

ASKED_OF_JOURNAL = frozenset({TASK_SUBMITTED, RESULT_RECORDED, SURVEY_OBJECT_ENTERED})
"""Event types whose journal record says something that the facts do not."""


class VisitCount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is remembered of one department's inspection.

    Attributes:
        decision: The first decision; empty while only an entry, result or cancellation is known.
        standing: O open, I inspected (entry or result on record), C cancelled, E expired.
        kind: Empty like `trigger` and `region` for an inspection that was never announced. Of one
            that a survey found: the survey's, with the region where it was found.
        day: YYYY-MM-DD, the planned one, later the actual one.
        how: The last entry's, but not SHOWN_ONLY.
        over: Rules that the inspection overfills by being made in another year than planned.
        along: It is its department's part of the joint visit `joint_id` that the hub formed.
    """

    dept: str = ""
    decision: str = ""
    standing: str = "O"
    mode: str = Mode.ONSITE.value
    kind: str = ""
    trigger: str = ""
    items: tuple[str, ...] = ()
    day: str = ""
    region: str = ""
    special_id: str | None = None
    joint_id: str | None = None
    exempt: bool = False
    has_code: bool = False
    prompts: tuple[str, ...] = ()
    how: str = ""
    choice: str = ""
    result_id: str | None = None
    found_problem: bool = False
    stars: int = 0
    over: tuple[str, ...] = ()
    along: bool = False


class CapCount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the last decision said of a counter: its maximum, and the tasks in it."""

    cap: int
    used: int
    counted: tuple[str, ...]


class SubjectCount(msgspec.Struct, frozen=True, array_like=True):
    """All inspections of one enterprise by task id, and its counters by `dept US rule US year`.

    `is_confidential`: of a special inspection's own log: nobody outside may learn of its objects.
    """

    visits: Mapping[str, VisitCount] = {}
    caps: Mapping[str, CapCount] = {}
    is_confidential: bool = False


NOTHING_COUNTED = SubjectCount()
encode_count = msgspec.msgpack.Encoder().encode
decode_count = msgspec.msgpack.Decoder(SubjectCount).decode


def was_inspected(visit: VisitCount) -> bool:
    """Whether an entry or a result is on record."""
    return visit.standing == "I"


def is_live(visit: VisitCount) -> bool:
    """Whether the task is an inspection made or reserved, as caps count it.

    Source: art. 10; docs/semantics.md §2.
    """
    if visit.standing != "O":
        return visit.standing == "I"
    return visit.decision in _HOLDING


_HOLDING = frozenset({Decision.ISSUED, Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL})


def accumulate(subject: SubjectCount, told: BaseModel | None, decided: Decided) -> SubjectCount:
    """The enterprise after one answered journal record.

    Args:
        subject: The enterprise before; it is not changed.
        told: The data of the journal record, if its type is one of `ASKED_OF_JOURNAL`.
        decided: The recorded answer.

    Source: art. 6 (results are gathered and counted).
    """
    for fact in decided.facts:
        change = _CHANGES.get(type(fact))
        if change is not None:
            subject = change(subject, fact, told)
    return subject


def _decided(subject: SubjectCount, fact: DecidedFact, told: BaseModel | None) -> SubjectCount:
    made, seed = fact.decision, fact.task
    known = subject.visits.get(made.task_id, VisitCount())
    standing = known.standing
    if standing != "I":
        standing = "C" if made.decision is Decision.CANCELLED else "O"
    asked = told if isinstance(told, TaskSubmitted) else None
    visit = replace(
        known,
        dept=made.dept,
        decision=made.decision.value,
        standing=standing,
        mode=seed.mode.value,
        kind=seed.kind.value,
        trigger=seed.trigger.value,
        items=seed.items,
        day=seed.day.isoformat(),
        region=asked.premises_region if asked else "",
        special_id=asked.special_id if asked else None,
        joint_id=seed.joint_id,
        along=seed.along,
        exempt=made.exempt,
        has_code=made.code is not None,
        prompts=tuple(prompt.value for prompt in made.warnings),
    )
    return _with_caps(_with(subject, made.task_id, visit), made)


def _with_caps(subject: SubjectCount, made: DecisionMade) -> SubjectCount:
    if made.rule is None or made.cap is None or made.used is None:
        return subject
    name = f"{made.dept}\x1f{made.rule}\x1f{made.year}"
    return replace(
        subject, caps={**subject.caps, name: CapCount(made.cap, made.used, made.counted)}
    )


def _cancelled(subject: SubjectCount, fact: CancelledFact, _: BaseModel | None) -> SubjectCount:
    return _changed(subject, fact.task_id, standing="C")


def _expired(subject: SubjectCount, fact: ExpiredFact, _: BaseModel | None) -> SubjectCount:
    return _changed(subject, fact.task_id, standing="E")


def _entered(subject: SubjectCount, fact: EnteredFact, _: BaseModel | None) -> SubjectCount:
    known = subject.visits.get(fact.task_id, VisitCount())
    dept, day = known.dept or fact.dept, fact.day.isoformat()
    if fact.code_state is CodeState.SHOWN or fact.how is EntryHow.SHOWN_ONLY:
        return _changed(subject, fact.task_id, dept=dept, day=day)
    over = tuple(dict.fromkeys((*known.over, *fact.over)))
    return _changed(
        subject, fact.task_id, dept=dept, day=day, standing="I", how=fact.how.value, over=over
    )


def _completed(subject: SubjectCount, fact: CompletedFact, told: BaseModel | None) -> SubjectCount:
    known = subject.visits.get(fact.task_id, VisitCount())
    if fact.survey is not None:
        seed = fact.survey
        known = replace(
            known,
            mode=seed.mode.value,
            kind=seed.kind.value,
            trigger=seed.trigger.value,
            special_id=seed.special_id,
            has_code=not fact.no_code,
            region=_found_in(told),
        )
        subject = _with(subject, fact.task_id, known)
    return _changed(
        subject,
        fact.task_id,
        dept=known.dept or fact.dept,
        day=fact.day.isoformat(),
        standing="I",
        items=tuple(dict.fromkeys((*known.items, *fact.items))),
        result_id=fact.result_id,
        found_problem=_found_problem(told),
        over=tuple(dict.fromkeys((*known.over, *fact.over))),
    )


def _found_in(told: BaseModel | None) -> str:
    """Where a survey came upon the enterprise; empty in records of before rules version 8."""
    return (told.premises_region or "") if isinstance(told, SurveyObjectEntered) else ""


def _found_problem(told: BaseModel | None) -> bool:
    """What the result said, be it the department's own or of an object that a survey found."""
    if isinstance(told, SurveyObjectEntered):
        return told.result.found_problem
    return isinstance(told, ResultRecorded) and told.found_problem


def _chosen(subject: SubjectCount, fact: ChoiceFact, _: BaseModel | None) -> SubjectCount:
    return _changed(subject, fact.task_id, choice=fact.choice.value)


def _rated(subject: SubjectCount, fact: RatedFact, _: BaseModel | None) -> SubjectCount:
    return _changed(subject, fact.task_id, stars=fact.stars)


def _disclosed(subject: SubjectCount, fact: DisclosureFact, _: BaseModel | None) -> SubjectCount:
    """A correction says anew what the inspection found; that it took place never changes.

    Source: docs/semantics.md §9.
    """
    visit = subject.visits.get(fact.content.task_id)
    if fact.cause is not Cause.CORRECTED or visit is None or visit.result_id != fact.result_id:
        return subject
    return _changed(subject, fact.content.task_id, found_problem=fact.content.found_problem)


def _special(subject: SubjectCount, fact: SpecialFact, _: BaseModel | None) -> SubjectCount:
    """What is filed as confidential stays so.

    Source: art. 4 (what must be kept secret by law).
    """
    if fact.plan is None or not fact.plan.confidential:
        return subject
    return replace(subject, is_confidential=True)


_CHANGES: Mapping[type[Fact], Callable[[SubjectCount, Any, BaseModel | None], SubjectCount]] = {
    DecidedFact: _decided,
    CancelledFact: _cancelled,
    ExpiredFact: _expired,
    EnteredFact: _entered,
    CompletedFact: _completed,
    ChoiceFact: _chosen,
    RatedFact: _rated,
    DisclosureFact: _disclosed,
    SpecialFact: _special,
}
"""All others change no figure: repeats, conflicts, classes, lists, repairs, what was only noted."""


def _changed(subject: SubjectCount, task_id: str, **fields: Any) -> SubjectCount:  # noqa: ANN401 - any field
    known = subject.visits.get(task_id, VisitCount())
    return _with(subject, task_id, replace(known, **fields))


def _with(subject: SubjectCount, task_id: str, visit: VisitCount) -> SubjectCount:
    return replace(subject, visits={**subject.visits, task_id: visit})
