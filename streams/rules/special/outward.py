"""Who hears of what was decided on a special inspection?

Source: art. 5 (departments plan, deploy and carry out together); docs/semantics.md §14.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from schemas.base import Message
from schemas.facts import Decided, NotedFact
from schemas.messages import (
    SPECIAL_AGREED,
    SPECIAL_CLAIMED,
    SPECIAL_CLOSED,
    SPECIAL_DISPATCHED,
    SPECIAL_FILED,
    SPECIAL_OVERDUE,
    SPECIAL_PUBLISHED,
    SPECIAL_REFUSED,
    SURVEY_CLOSED,
    SURVEY_OBJECT_FOUND,
)
from schemas.special_answers import PartyView, SpecialUpdated, SurveyUpdated
from schemas.special_facts import SpecialFact
from schemas.special_words import SpecialStep
from schemas.survey_facts import SurveyFact
from streams.rules.calendar import day_at
from streams.rules.publicity.grounds import HUB
from streams.rules.special.state import SpecialState, SurveyState
from streams.rules.state import SubjectState
from streams.rules.wording import instant_text

ABOUT_SPECIALS = frozenset(
    {
        SPECIAL_FILED, SPECIAL_AGREED, SPECIAL_PUBLISHED, SPECIAL_DISPATCHED, SPECIAL_CLAIMED,
        SPECIAL_REFUSED, SPECIAL_OVERDUE, SPECIAL_CLOSED,
    }
)  # fmt: skip


ABOUT_SURVEYS = frozenset({SURVEY_OBJECT_FOUND, SURVEY_CLOSED})


def special_answers(decided: Decided, after: SubjectState) -> list[tuple[str, Message]]:
    """The answer to a step: to its sender, and if it was taken to those whom it concerns.

    Source: art. 5.
    """
    fact, special = decided.facts[0], after.special
    if not isinstance(fact, SpecialFact | NotedFact):
        return []
    body = SpecialUpdated(
        special_id=fact.special_id or "",
        dept=decided.dept if special is None else special.dept,
        about=decided.type,
        by=decided.dept,
        outcome="APPLIED" if isinstance(fact, SpecialFact) else fact.outcome,
        status=None if special is None else special.status,
        named=fact.named if isinstance(fact, SpecialFact) else (),
        due_on=fact.due_on if isinstance(fact, SpecialFact) else None,
        parties=() if special is None else _parties(special),
        plan_digest=None if special is None else special.digest.hex(),
        reasons=fact.reasons,
        source=decided.src,
        decided_at=instant_text(decided.at),
    )
    told = [decided.dept]
    if special is not None and isinstance(fact, SpecialFact):
        told += _CONCERNED[fact.step](special, fact)
    return [(dept, body) for dept in dict.fromkeys(told) if dept != HUB]


def survey_answers(decided: Decided, after: SubjectState) -> list[tuple[str, Message]]:
    """The answer to an object that was found, or to a survey's end, to its sender.

    Source: art. 6.
    """
    fact, survey = decided.facts[0], after.survey or SurveyState()
    if not isinstance(fact, SurveyFact | NotedFact):
        return []
    task = after.tasks.get(fact.task_id or "")
    uscc = fact.uscc if isinstance(fact, SurveyFact) else None
    body = SurveyUpdated(
        survey_task_id=fact.task_id or "",
        dept=decided.dept if task is None or not task.dept else task.dept,
        about=decided.type,
        outcome="APPLIED" if isinstance(fact, SurveyFact) else fact.outcome,
        uscc=uscc,
        result_id=fact.result_id,
        found=len(survey.found),
        closed=survey.is_closed,
        reasons=fact.reasons if isinstance(fact, NotedFact) else (),
        source=decided.src,
        decided_at=instant_text(decided.at),
    )
    return [(decided.dept, body)]


def _parties(special: SpecialState) -> tuple[PartyView, ...]:
    return tuple(
        PartyView(
            dept=dept,
            status=party.status,
            due_on=day_at(party.due) if party.due else None,
            platform=party.platform,
        )
        for dept, party in special.parties.items()
    )


def _planners(special: SpecialState, _fact: SpecialFact) -> Iterable[str]:
    return (special.dept, *special.departments)


def _dispatchers(special: SpecialState, fact: SpecialFact) -> Iterable[str]:
    """Who filed it, who gave it to the department in question, and that department."""
    depts = fact.named or (fact.by,)
    given = [special.parties[dept].by for dept in depts]
    return (special.dept, *(dept for dept in given if dept), *depts)


def _everybody(special: SpecialState, fact: SpecialFact) -> Iterable[str]:
    return (*_planners(special, fact), *special.parties)


_CONCERNED: Mapping[SpecialStep, Callable[[SpecialState, SpecialFact], Iterable[str]]] = {
    SpecialStep.FILED: _planners,
    SpecialStep.AGREED: _planners,
    SpecialStep.PUBLISHED: _planners,
    SpecialStep.DISPATCHED: lambda special, fact: (special.dept, *fact.named),
    SpecialStep.CLAIMED: _dispatchers,
    SpecialStep.REFUSED: _dispatchers,
    SpecialStep.OVERDUE: _dispatchers,
    SpecialStep.CLOSED: _everybody,
}
"""Whom a step concerns besides its sender."""
