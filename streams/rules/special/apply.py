"""What does a fact about a special inspection change?

Source: docs/semantics.md §14.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from schemas.special_facts import SpecialFact
from schemas.special_words import ClaimStatus, ObjectStage, SpecialStep, SurveyStep
from schemas.survey_facts import SpecialObjectFact, SurveyFact
from streams.rules.special.state import ObjectState, PartyState, SpecialState, SurveyState


def stepped(before: SpecialState | None, fact: SpecialFact) -> SpecialState:
    """A step was taken.

    Raises:
        ValueError: if it is a step of a special inspection that nobody filed.
    """
    if before is None:
        return _filed(fact)
    after = replace(before, status=fact.status)
    change = _CHANGES.get(fact.step)
    return after if change is None else change(after, fact)


def reported(special: SpecialState | None, fact: SpecialObjectFact) -> SpecialState:
    """Something became of one of its objects.

    Raises:
        ValueError: if nobody filed it.
    """
    if special is None:
        raise ValueError(f"special {fact.special_id}: an object of it, but it was never filed")
    if fact.stage is ObjectStage.DRAWN:
        return special  # on record; a task for it tells what becomes of it
    name = object_name(fact.uscc, fact.task_id)
    before = special.objects.get(name) or ObjectState(fact.dept)
    if fact.stage is ObjectStage.RESULT:
        after = replace(before, result_id=fact.result_id or "", cancelled=False)
    elif fact.stage is ObjectStage.CANCELLED:
        after = replace(before, cancelled=True)
    else:
        after = replace(before, decision=fact.decision)
    return replace(special, objects={**special.objects, name: after})


def surveyed(survey: SurveyState | None, fact: SurveyFact) -> SurveyState:
    """A survey came upon an object, or is over."""
    before = survey or SurveyState()
    if fact.step is SurveyStep.CLOSED:
        return replace(before, closed_at=fact.at, was_closed=True)
    return replace(before, found={**before.found, fact.uscc or "": fact.result_id or ""})


def object_name(uscc: str, task_id: str) -> str:
    """What a task for an object is known by. Neither part can hold the separator."""
    return f"{uscc}\x1f{task_id}"


def _filed(fact: SpecialFact) -> SpecialState:
    plan = fact.plan
    if plan is None:
        raise ValueError(f"special {fact.special_id}: {fact.step}, but it was never filed")
    return SpecialState(
        dept=plan.dept,
        status=fact.status,
        digest=bytes.fromhex(plan.digest),
        departments=plan.departments,
        listed=plan.listed,
        confidential=plan.confidential,
        survey=plan.survey,
        ends=plan.ends_on.toordinal(),
    )


def _agreed(special: SpecialState, fact: SpecialFact) -> SpecialState:
    return replace(special, agreed=(*special.agreed, fact.by))


def _published(special: SpecialState, fact: SpecialFact) -> SpecialState:
    return replace(special, published_at=fact.at, was_published=True)


def _dispatched(special: SpecialState, fact: SpecialFact) -> SpecialState:
    due = 0 if fact.due_on is None else fact.due_on.toordinal()
    given = dict.fromkeys(fact.named, PartyState(ClaimStatus.WAITING, due, fact.by))
    return replace(
        special,
        dispatched=(*special.dispatched, (fact.by, fact.at)),
        parties={**special.parties, **given},
    )


def _claimed(special: SpecialState, fact: SpecialFact) -> SpecialState:
    before = special.parties.get(fact.by) or PartyState(ClaimStatus.WAITING)
    after = replace(before, status=ClaimStatus.CLAIMED, platform=fact.platform)
    return replace(special, parties={**special.parties, fact.by: after})


def _refused(special: SpecialState, fact: SpecialFact) -> SpecialState:
    after = replace(special.parties[fact.by], status=ClaimStatus.REFUSED)
    return replace(
        special,
        parties={**special.parties, fact.by: after},
        refusals=(*special.refusals, (fact.by, fact.at)),
    )


def _overdue(special: SpecialState, fact: SpecialFact) -> SpecialState:
    late = {dept: replace(special.parties[dept], status=ClaimStatus.OVERDUE) for dept in fact.named}
    return replace(special, parties={**special.parties, **late})


_CHANGES: Mapping[SpecialStep, Callable[[SpecialState, SpecialFact], SpecialState]] = {
    SpecialStep.AGREED: _agreed,
    SpecialStep.PUBLISHED: _published,
    SpecialStep.DISPATCHED: _dispatched,
    SpecialStep.CLAIMED: _claimed,
    SpecialStep.REFUSED: _refused,
    SpecialStep.OVERDUE: _overdue,
}
