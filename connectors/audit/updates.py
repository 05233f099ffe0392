"""What must a department be told after an event that is no task?

Source: semantics §7, `task.updated`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.audit.decode import Entry
from connectors.audit.events import WAS, data_task_id
from connectors.audit.ladder import Reasons, reason
from connectors.audit.state import NONE, Enterprise
from connectors.audit.told import source_of
from connectors.audit.wire import (
    HUB,
    JOINT_FORMED,
    SPECIAL_OBJECT_REPORTED,
    SUBJECT_CLASSIFIED,
    WHITELIST_CHANGED,
)

APPLIED = "APPLIED"
RESULT_ID_TAKEN = "RESULT_ID_TAKEN"
_VISITS = frozenset({"ENTERED", "COMPLETED"})
_OF_NO_TASK = frozenset(
    {SUBJECT_CLASSIFIED, WHITELIST_CHANGED, JOINT_FORMED, SPECIAL_OBJECT_REPORTED}
)


def addressee(entry: Entry, facts: Sequence[Mapping[str, Any]], state: Enterprise) -> str | None:
    """The department to be told; None when nobody is.

    Departments are told of their own events about tasks; of what the hub's own timers changed, the
    department whose task it is.
    """
    if entry.type in _OF_NO_TASK:
        return None
    if entry.dept != HUB:
        return entry.dept
    if _last_of_task(facts)["fact"] == "NOTED":
        return None
    task = state.tasks.get(data_task_id(entry.data))
    return task.dept or None if task else None


def task_updated(
    entry: Entry,
    facts: Sequence[Mapping[str, Any]],
    status_before: str,
    state: Enterprise,
    to: str,
) -> dict[str, Any]:
    """The `task.updated` that an event leads to.

    Args:
        entry: The event.
        facts: What was recorded as decided on it.
        status_before: The task's state before it.
        state: The enterprise after it.
        to: The department to be told.
    """
    last = _last_of_task(facts)
    task = state.tasks.get(data_task_id(entry.data))
    has_day = task is not None and (task.digest or task.visited)
    return {
        "task_id": data_task_id(entry.data),
        "uscc": entry.key,
        "dept": to,
        "about": entry.type,
        "outcome": last["outcome"] if last["fact"] == "NOTED" else APPLIED,
        "code_state": task.status if task else NONE,
        "reasons": [
            *(_reasons(last, status_before) + _taken(last, state)),
            *(last.get("doubts") or ()),
        ],
        "year": task.day.year if task is not None and has_day else None,
        **source_of(entry),
    }


def _last_of_task(facts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The last fact about the task itself: disclosures follow it."""
    return [fact for fact in facts if fact["fact"] != "DISCLOSURE"][-1]


def _taken(last: Mapping[str, Any], state: Enterprise) -> Reasons:
    """Whether the result's id is that of another department's disclosure (art. 9)."""
    if last["fact"] != "COMPLETED":
        return []
    disclosed = state.results.get(last["result_id"])
    is_taken = disclosed is not None and disclosed.dept != last["dept"]
    return [reason(RESULT_ID_TAKEN)] if is_taken else []


def _reasons(last: Mapping[str, Any], status_before: str) -> Reasons:
    if last["fact"] == "NOTED":
        return list(last["reasons"])
    if last["fact"] == "CHOICE":
        return _of_choice(last)
    found: Reasons = []
    if last["fact"] in _VISITS and status_before in WAS:
        found.append(reason(WAS[status_before]))
    if last.get("no_code"):
        found.append(reason("NO_CODE"))
    return found + [reason("OVER_CAP", label) for label in last.get("over") or ()]


def _of_choice(fact: Mapping[str, Any]) -> Reasons:
    """To go although it could be checked off-site wants a reason (art. 10)."""
    goes = fact["choice"] == "CONTINUE" and "OFFSITE_PREFERRED" in (fact.get("prompts") or ())
    return [reason("REASON_NOT_GIVEN")] if goes and not (fact.get("reason") or "").strip() else []
