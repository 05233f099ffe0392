"""How does an enterprise rate a visit? Once for each department, changeable for a time.

Source: art. 9; docs/semantics.md §7.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

from schemas.enums import CodeState
from schemas.facts import Fact, RatedFact
from schemas.inbound import RatingSubmitted
from schemas.journal import JournalEvent
from streams.rules.calendar import day_at, day_of, ms_of
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.letters import CODE_STATE_OF
from streams.rules.notes import refused, repeated
from streams.rules.state import SubjectState, TaskState


def rated(state: SubjectState, event: JournalEvent, policy: CompiledPolicy) -> tuple[Fact, ...]:
    """A rating counts once there is a result, until the policy's last day; the newest word wins.

    Source: art. 9 (the enterprise sees the result, then rates; in a joint inspection each
    department on its own).
    """
    data = cast("RatingSubmitted", event.record.data)
    known = state.tasks.get(data.task_id)
    if known is None:
        return refused(data.task_id, "UNKNOWN_TASK")
    if known.dept != data.dept:
        return refused(data.task_id, "OTHER_DEPARTMENT")
    if CODE_STATE_OF[known.state] is not CodeState.COMPLETED:
        return refused(data.task_id, "NO_RESULT")
    if day_of(data.at) > last_rating_day(known, policy.rating_days):
        return refused(data.task_id, "RATING_CLOSED")
    at, before = ms_of(data.at), state.ratings.get(data.task_id)
    if before is not None and at < before.at:
        return repeated(data.task_id, "OLDER")
    if before is not None and (before.stars, before.comment) == (data.stars, data.comment):
        return repeated(data.task_id)
    fact = RatedFact(
        task_id=data.task_id, dept=data.dept, stars=data.stars, comment=data.comment, at=at
    )
    return (fact,)


def last_rating_day(task: TaskState, days: int) -> date:
    """The last day on which a visit may be rated, or its rating changed.

    Source: art. 9; the policy's `rating_days`.
    """
    return day_at(task.day) + timedelta(days=days)
