"""What follows from an enterprise's rating of a visit?

Source: semantics §7; art. 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from connectors.audit.days import instant_ms, shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.events import noted
from connectors.audit.policies import Policy
from connectors.audit.report import Book
from connectors.audit.state import COMPLETED, Enterprise, Fact
from connectors.audit.wire import JOURNAL, RATING_SUBMITTED


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


def judge_rating(book: Book, entry: Entry, facts: Sequence[Fact], before: Enterprise) -> None:
    """Check and count what a rating came to, from its own words and not by the fold."""
    if entry.type != RATING_SUBMITTED:
        return
    book.ask("I3.ratings")
    wrong = [
        fault for fact in facts if fact["fact"] == "RATED" if (fault := _fault(fact, entry, before))
    ]
    book.expect("I3.ratings", f"{JOURNAL}/{entry.partition}/{entry.offset}", "; ".join(wrong))


def _fault(fact: Fact, entry: Entry, before: Enterprise) -> str:
    said, names = entry.data, ("task_id", "dept", "stars")
    if [fact.get(name) for name in names] != [said.get(name) for name in names]:
        return f"the enterprise said {said}, on record is {fact}"
    if (fact.get("comment") or "") != (said.get("comment") or ""):
        return "the comment is not the enterprise's"
    if fact["stars"] not in range(1, 6):
        return f"{fact['stars']} stars"
    task = before.tasks.get(fact["task_id"])
    return "" if task is not None and task.status == COMPLETED else "a visit without a result"
