"""What follows from an enterprise's rating of a visit?

Source: semantics §7; art. 9.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.audit.days import instant_ms, shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.events import noted
from connectors.audit.policies import Policy
from connectors.audit.state import COMPLETED, Enterprise, Fact


def rated(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`inspection.rating.submitted`: one department's visit, after its result, for some days."""
    data = entry.data
    task_id, dept = data["task_id"], data["dept"]
    task = state.tasks.get(task_id)
    if task is None:
        return [noted(task_id, "REFUSED", "UNKNOWN_TASK")]
    if task.dept != dept:
        return [noted(task_id, "REFUSED", "OTHER_DEPARTMENT")]
    if task.status != COMPLETED:
        return [noted(task_id, "REFUSED", "NO_RESULT")]
    if shanghai_day(data["at"]) - task.day > timedelta(days=policy.rating_days):
        return [noted(task_id, "REFUSED", "RATING_CLOSED")]
    said = (instant_ms(data["at"]), data["stars"], data.get("comment") or "")
    before = state.ratings.get(task_id)
    if before is not None and said[0] < before[0]:
        return [noted(task_id, "REPEATED", "OLDER")]
    if before is not None and said[1:] == before[1:]:
        return [noted(task_id, "REPEATED")]
    at, stars, comment = said
    fact = {"fact": "RATED", "task_id": task_id, "dept": dept, "stars": stars}
    return [{**fact, "comment": comment, "at": at}]
