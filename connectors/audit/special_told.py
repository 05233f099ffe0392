"""Who must be told of what became of a special inspection?

Source: semantics §14.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.audit.decode import Entry
from connectors.audit.special_state import Special, Survey
from connectors.audit.state import Enterprise
from connectors.audit.told import Told, source_of
from connectors.audit.wire import (
    ABOUT_SPECIALS,
    ABOUT_SURVEYS,
    HUB,
    SPECIAL_UPDATED,
    SURVEY_UPDATED,
)

OF_SPECIALS = ABOUT_SPECIALS | ABOUT_SURVEYS


def owed_on_specials(
    entry: Entry, facts: Sequence[Mapping[str, Any]], state: Enterprise
) -> Iterator[Told]:
    """The answers that are owed on an event about a special inspection or a survey."""
    if entry.type in ABOUT_SURVEYS:
        yield _of_survey(entry, facts, state)
    else:
        yield from _of_special(entry, facts, state)


def _of_special(
    entry: Entry, facts: Sequence[Mapping[str, Any]], state: Enterprise
) -> Iterator[Told]:
    """The answers that are owed on such an event: the same to everybody."""
    fact, special = facts[0], state.special
    taken = fact["fact"] == "SPECIAL"
    parties = special.parties if special else {}
    body = {
        "special_id": entry.data["special_id"],
        "dept": special.filer if special else entry.dept,
        "about": entry.type,
        "by": entry.dept,
        "outcome": "APPLIED" if taken else fact["outcome"],
        "status": special.status if special else None,
        "named": list(fact["named"]) if taken else [],
        "due_on": fact["due_on"] if taken else None,
        "parties": [
            {
                "dept": name,
                "status": party.status,
                "due_on": party.due.isoformat() if party.due else None,
                "platform": party.platform,
            }
            for name, party in parties.items()
        ],
        "plan_digest": special.digest if special else None,
        "reasons": list(fact["reasons"]),
        **source_of(entry),
    }
    to = [entry.dept, *(_concerned(special, fact) if taken and special else ())]
    for dept in dict.fromkeys(to):
        if dept != HUB:
            yield Told(dept, SPECIAL_UPDATED, body)


def _concerned(special: Special, fact: Mapping[str, Any]) -> list[str]:
    step, named = fact["step"], list(fact["named"])
    if step in ("FILED", "AGREED", "PUBLISHED"):
        return special.planners
    if step == "DISPATCHED":
        return [special.filer, *named]
    if step == "CLOSED":
        return [*special.planners, *special.parties]
    about = named or [fact["by"]]
    gave = [special.parties[name].dispatched_by or special.filer for name in about]
    return [special.filer, *gave, *about]


def _of_survey(entry: Entry, facts: Sequence[Mapping[str, Any]], state: Enterprise) -> Told:
    """The answer that is owed to the sender of an object that was found, or of a survey's end."""
    fact, task_id = facts[0], entry.data["survey_task_id"]
    task, survey = state.tasks.get(task_id), state.survey or Survey()
    taken = fact["fact"] == "SURVEY"
    body = {
        "survey_task_id": task_id,
        "dept": task.dept if task and task.dept else entry.dept,
        "about": entry.type,
        "outcome": "APPLIED" if taken else fact["outcome"],
        "uscc": fact["uscc"] if taken else None,
        "result_id": fact.get("result_id"),
        "found": len(survey.found),
        "closed": survey.is_closed,
        "reasons": [] if taken else list(fact["reasons"]),
        **source_of(entry),
    }
    return Told(entry.dept, SURVEY_UPDATED, body)
