"""What must another log hear of what was decided in this one?

An object that a survey came upon goes to the enterprise's own log; what was drawn for a special
inspection, and what became of a task under it, goes to that one's log. Each follows from recorded
facts alone, so that it can be sent again, byte for byte, whenever its delivery is in doubt; the log
that hears it twice knows it.

Source: design §2; art. 5, 6; docs/decisions/0031-special.md.
"""

from __future__ import annotations

import msgspec
from pydantic import BaseModel

from schemas.facts import CancelledFact, CompletedFact, Decided, DecidedFact, ExpiredFact
from schemas.inbound_special import SpecialObjectReported, SurveyObjectEntered
from schemas.joint_facts import DrawnFact
from schemas.journal import SubjectFinding
from schemas.messages import SPECIAL_OBJECT_REPORTED, SURVEY_OBJECT_ENTERED
from schemas.registry import RegistrySpecial, SpecialParty
from schemas.special_facts import SpecialFact
from schemas.special_words import SPECIAL_PREFIX, ObjectStage
from schemas.survey_facts import SurveyFact
from streams.rules.calendar import day_at
from streams.rules.state import SubjectState


class Relay(msgspec.Struct, frozen=True):
    """A record that another log must have.

    Attributes:
        key: Of that log.
        type: Of the event.
        dept: In whose name.
        subject: What the object list says of the enterprise.
        earlier: How many records of that log follow from the same answer before this one.
    """

    key: str
    type: str
    dept: str
    data: BaseModel
    subject: SubjectFinding | None = None
    check_digit_ok: bool = True
    earlier: int = 0


def relays(decided: Decided, after: SubjectState) -> list[Relay]:
    """The records that follow for other logs from the answer to one record: at most one a fact.

    Args:
        decided: The answer.
        after: The state of this log after it.

    Source: art. 5, 6.
    """
    found: list[Relay] = []
    for fact in decided.facts:
        told: Relay | None = None
        if isinstance(fact, DecidedFact):
            if fact.task.special_id is not None:
                told = _task(decided, fact)
        elif isinstance(fact, CompletedFact | CancelledFact | ExpiredFact):
            told = _about_task(decided, fact, after)
        elif isinstance(fact, SurveyFact):
            told = _object(fact)
        elif isinstance(fact, DrawnFact) and fact.special_id is not None:
            told = _drawn(decided, fact, fact.special_id)
        if told is not None:
            earlier = sum(one.key == told.key for one in found)
            found.append(msgspec.structs.replace(told, earlier=earlier) if earlier else told)
    return found


def special_entry(decided: Decided, after: SubjectState, base: int = 0) -> RegistrySpecial | None:
    """How a special inspection stands after this record, for intake to judge tasks by.

    `base` is what the journal's generation adds to its offset: a later version has a higher number.

    Source: art. 4, 5.
    """
    special = after.special
    if special is None or not isinstance(decided.facts[0], SpecialFact):
        return None
    return RegistrySpecial(
        special_id=decided.facts[0].special_id,
        version=decided.src.offset + base,
        status=special.status,
        planners=(special.dept, *special.departments),
        parties=tuple(
            SpecialParty(dept=dept, status=party.status) for dept, party in special.parties.items()
        ),
        confidential=special.confidential,
    )


def _task(decided: Decided, fact: DecidedFact) -> Relay:
    """A task under a special inspection was decided."""
    made, special_id = fact.decision, fact.task.special_id or ""
    data = SpecialObjectReported(
        special_id=special_id,
        uscc=decided.key,
        task_id=made.task_id,
        stage=ObjectStage.TASK,
        decision=made.decision,
        on=fact.task.day,
    )
    return Relay(SPECIAL_PREFIX + special_id, SPECIAL_OBJECT_REPORTED, made.dept, data)


def _about_task(
    decided: Decided, fact: CompletedFact | CancelledFact | ExpiredFact, after: SubjectState
) -> Relay | None:
    """What became of such a task: its result, or that its visit will not take place."""
    task = after.tasks[fact.task_id]
    if task.special_id is None:
        return None
    result = fact if isinstance(fact, CompletedFact) else None
    data = SpecialObjectReported(
        special_id=task.special_id,
        uscc=decided.key,
        task_id=fact.task_id,
        stage=ObjectStage.CANCELLED if result is None else ObjectStage.RESULT,
        result_id=None if result is None else result.result_id,
        on=day_at(task.day),
    )
    return Relay(SPECIAL_PREFIX + task.special_id, SPECIAL_OBJECT_REPORTED, task.dept, data)


def _drawn(decided: Decided, fact: DrawnFact, special_id: str) -> Relay:
    """The enterprise was drawn at random for a special inspection."""
    data = SpecialObjectReported(
        special_id=special_id, uscc=decided.key, task_id=fact.draw_id, stage=ObjectStage.DRAWN
    )
    return Relay(SPECIAL_PREFIX + special_id, SPECIAL_OBJECT_REPORTED, fact.dept, data)


def _object(fact: SurveyFact) -> Relay | None:
    """An enterprise that a survey came upon."""
    found = fact.object
    if found is None or fact.uscc is None:
        return None
    data = SurveyObjectEntered(
        task_id=fact.task_id,
        uscc=fact.uscc,
        mode=found.mode,
        kind=found.kind,
        trigger=found.trigger,
        evidence=found.evidence,
        items=found.items,
        special_id=found.special_id,
        result=found.result,
        premises_region=found.premises_region,
    )
    subject, passes = found.subject, found.check_digit_ok
    return Relay(fact.uscc, SURVEY_OBJECT_ENTERED, fact.by, data, subject, passes)
