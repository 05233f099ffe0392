"""What must follow from an object that a survey came upon, here and in the object's own log?

And in a special inspection's from what became of a task. Source: semantics §15; art. 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.audit.caps import tallies
from connectors.audit.days import as_day, instant_ms
from connectors.audit.decode import Entry
from connectors.audit.events import Handler, completed
from connectors.audit.ladder import Reasons, reason
from connectors.audit.orders import followed_by_disclosure
from connectors.audit.policies import Policy
from connectors.audit.special_state import Survey
from connectors.audit.state import CANCELLED, Enterprise, Fact, Task
from connectors.audit.wire import (
    SPECIAL_OBJECT_REPORTED,
    SURVEY_CLOSED,
    SURVEY_OBJECT_ENTERED,
    SURVEY_OBJECT_FOUND,
)

FOUND_MAX, REPORTED_MAX = 5000, 20_000
_ADMITTED = frozenset({"ISSUED", "RECORDED_OFFSITE", "RECORDED_BACKFILL"})


def found(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`survey.object.found`: an object once, whoever found it how often."""
    data, result = entry.data, entry.data["result"]
    task_id, uscc, result_id = data["survey_task_id"], data["uscc"], result["result_id"]
    survey, task = state.survey or Survey(), state.tasks.get(task_id)
    why = _why_not(task, entry.dept)
    if not why and uscc in survey.found:
        first = survey.found[uscc]
        again = [] if first == result_id else [reason("FOUND_BEFORE", first)]
        return _noted(task_id, "REPEATED", again, result_id)
    if not why and survey.is_closed:
        why = "SURVEY_CLOSED"
    if not why and len(survey.found) >= FOUND_MAX:
        why = "TOO_MANY_FOUND"
    if why or task is None:
        return _noted(task_id, "REFUSED", [reason(why)], result_id)
    items = [row["item"] for row in result.get("items") or ()]
    reached = {
        **_nature(task),
        "items": list(dict.fromkeys([*items, *sorted(task.items)])),
        "special_id": task.special_id,
        "result": _whole(result),
        "subject": entry.findings.get("subject"),
        "check_digit_ok": entry.findings.get("check_digit_ok", True),
        "premises_region": data["premises_region"],
    }
    step = _step(entry, "FOUND", instant_ms(entry.time), len(survey.found) + 1)
    return [{**step, "uscc": uscc, "result_id": result_id, "object": reached}]


def closed(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`survey.closed`: it comes upon nothing more."""
    task_id, survey = entry.data["survey_task_id"], state.survey or Survey()
    if why := _why_not(state.tasks.get(task_id), entry.dept):
        return _noted(task_id, "REFUSED", [reason(why)])
    if survey.is_closed:
        return _noted(task_id, "REPEATED", [])
    return [_step(entry, "CLOSED", instant_ms(entry.data["at"]), len(survey.found))]


def entered(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`survey.object.entered`: a visit to this enterprise, counted and disclosed like any other."""
    data = entry.data
    said = {**data["result"], "task_id": data["task_id"], "uscc": data["uscc"]}
    as_result = replace(entry, data=said)
    (fact,) = completed(as_result, state, policy)
    if fact["fact"] != "COMPLETED":
        return [fact]
    if not fact["known"]:
        seed = {name: data[name] for name in ("mode", "kind", "trigger")}
        seed |= {"evidence": data["evidence"], "special_id": data.get("special_id")}
        over = _over(entry, state, policy)
        fact |= {"items": list(data["items"]), "no_code": False, "survey": seed, "over": over}
    return followed_by_disclosure(as_result, state, fact)


def reported(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`special.object.reported`: what became of a task for one of its objects."""
    data, special = entry.data, state.special
    why = "" if special else "UNKNOWN_SPECIAL"
    if special and data["stage"] != "DRAWN" and len(special.objects) >= REPORTED_MAX:
        is_known = (data["uscc"], data["task_id"]) in special.objects
        why = "" if is_known else "TOO_MANY_REPORTED"
    if why or special is None:
        (fact,) = _noted(None, "REFUSED", [reason(why)])
        return [{**fact, "special_id": data["special_id"]}]
    said = {name: data.get(name) for name in ("decision", "result_id", "on")}
    return [
        {
            "fact": "SPECIAL_OBJECT",
            **{name: data[name] for name in ("special_id", "uscc", "task_id", "stage")},
            **said,
            "on": as_day(said["on"]).isoformat() if said["on"] else None,
            "dept": entry.dept,
            "listed": data["uscc"] in special.listed,
        }
    ]


OF_SURVEYS: Mapping[str, Handler] = {
    SURVEY_OBJECT_FOUND: found,
    SURVEY_CLOSED: closed,
    SURVEY_OBJECT_ENTERED: entered,
    SPECIAL_OBJECT_REPORTED: reported,
}


def _why_not(task: Task | None, dept: str) -> str:
    """Why nothing can be entered for a survey; empty if something can."""
    if task is None or not task.digest:
        return "UNKNOWN_SURVEY"
    if task.dept != dept:
        return "OTHER_DEPARTMENT"
    if task.status == CANCELLED:
        return "SURVEY_CANCELLED"
    return "" if task.decision in _ADMITTED else "SURVEY_NOT_ADMITTED"


def _nature(task: Task) -> dict[str, Any]:
    names = ("mode", "kind", "trigger", "evidence")
    return {name: getattr(task, name) for name in names}


def _whole(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result as facts hold it: every field there, the day as text."""
    items = [
        {
            "item": row["item"],
            "points": [
                {"point": one["point"], "ok": one["ok"], "note": one.get("note") or ""}
                for one in row.get("points") or ()
            ],
            "version": row.get("version"),
        }
        for row in result.get("items") or ()
    ]
    names = ("result_id", "found_problem", "negative", "publish")
    return {
        **{name: result[name] for name in names},
        "inspected_on": as_day(result["inspected_on"]).isoformat(),
        "outcomes": list(result["outcomes"]),
        "items": items,
        "follow_up": result.get("follow_up"),
    }


def _over(entry: Entry, state: Enterprise, policy: Policy) -> list[str]:
    """Labels of the rules that the visit overfills, sorted."""
    data = entry.data
    day = as_day(data["result"]["inspected_on"])
    visit = Task(
        task_id=data["task_id"],
        named_at=entry.rank,
        dept=entry.dept,
        **{name: data[name] for name in ("mode", "kind", "trigger", "evidence")},
        items=frozenset(data["items"]),
        day=day,
        visited=True,
        is_found=True,
    )
    counted = tallies(policy, state, visit, entry.key, entry.findings, on=day)
    return sorted(one.rule.label for one in counted if one.after(added=True) > one.rule.max)


def _step(entry: Entry, step: str, at: int, count: int) -> Fact:
    task_id = entry.data["survey_task_id"]
    return {
        "fact": "SURVEY",
        "task_id": task_id,
        "step": step,
        "by": entry.dept,
        "at": at,
        "found": count,
        "uscc": None,
        "result_id": None,
        "object": None,
    }


def _noted(
    task_id: str | None, outcome: str, reasons: Reasons, result_id: str | None = None
) -> list[Fact]:
    said = {"task_id": task_id, "outcome": outcome, "reasons": reasons, "result_id": result_id}
    return [{"fact": "NOTED", **said}]
