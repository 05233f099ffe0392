"""What became of the objects of a special inspection, and who still owes results?

Source: art. 5, 6; docs/semantics.md §15.
"""

from __future__ import annotations

from typing import cast

from schemas.enums import Decision
from schemas.facts import Fact
from schemas.inbound_special import SpecialObjectReported
from schemas.journal import JournalEvent
from schemas.special_words import ObjectStage, Platform
from schemas.survey_facts import SpecialObjectFact
from streams.rules.special.apply import object_name
from streams.rules.special.notes import special_refused
from streams.rules.special.state import SpecialState
from streams.rules.state import SubjectState

Facts = tuple[Fact, ...]

REPORTED_MAX = 20_000
"""So many tasks for its objects one special inspection keeps; a larger one is split."""
TOO_MANY_REPORTED = "TOO_MANY_REPORTED"
VISITS = frozenset({Decision.ISSUED, Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL})
"""Decisions after which there is a visit, and so a result to come."""


def reported(state: SubjectState, event: JournalEvent) -> Facts:
    """An enterprise's own log tells what became of a task for it; after the end as well.

    Source: art. 5, 6 (the whole course on record, in one place).
    """
    data = cast("SpecialObjectReported", event.record.data)
    special = state.special
    if special is None:
        return special_refused(data.special_id, "UNKNOWN_SPECIAL")
    name = object_name(data.uscc, data.task_id)
    known = special.objects.get(name)
    is_task = data.stage is not ObjectStage.DRAWN
    if is_task and known is None and len(special.objects) >= REPORTED_MAX:
        return special_refused(data.special_id, TOO_MANY_REPORTED)
    fact = SpecialObjectFact(
        special_id=data.special_id,
        uscc=data.uscc,
        dept=event.record.dept,
        task_id=data.task_id,
        stage=data.stage,
        decision=data.decision,
        result_id=data.result_id,
        on=data.on,
        listed=data.uscc in special.listed,
    )
    return (fact,)


def owing(special: SpecialState) -> list[str]:
    """Who still owes a result for a visit, in the order of the objects.

    With a State Council department's platform nothing is pushed, so nothing is owed.

    Source: art. 5.
    """
    owing = dict[str, None]()
    for one in special.objects.values():
        party = special.parties.get(one.dept)
        is_exempt = party is not None and party.platform is Platform.STATE_COUNCIL
        if one.decision in VISITS and not (one.result_id or one.cancelled or is_exempt):
            owing[one.dept] = None
    return list(owing)
