"""What follows from every event but the task itself?

Source: semantics §7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from connectors.audit.caps import tallies
from connectors.audit.days import as_day, instant_ms, shanghai_day
from connectors.audit.decode import Entry
from connectors.audit.doubts import doubts_of_entry, doubts_of_result
from connectors.audit.ladder import Reasons, reason
from connectors.audit.policies import Policy
from connectors.audit.state import (
    CANCELLED,
    COMPLETED,
    EXPIRED,
    ISSUED,
    SHOWN,
    Enterprise,
    Fact,
    Task,
)
from connectors.audit.wire import (
    CHOICE_RECORDED,
    CODE_EXPIRED,
    ENTRY_RECORDED,
    HUB,
    JOINT_FORMED,
    RESULT_RECORDED,
    SUBJECT_CLASSIFIED,
    TASK_CANCELLED,
    WHITELIST_CHANGED,
)

STATE_OF_ENTRY = {
    "SCANNED": "SCANNED",
    "REFUSED": "SCAN_REFUSED",
    "LICENCE_FAILED": "LICENCE_FAILED",
    "SHOWN_ONLY": SHOWN,
}
NO_CODE = "NO_CODE"
_CONFIRMED = frozenset({"SCANNED", "SCAN_REFUSED", "LICENCE_FAILED"})
_OPEN = frozenset({ISSUED, SHOWN})
WAS = {CANCELLED: "WAS_CANCELLED", EXPIRED: "WAS_EXPIRED"}


def noted(task_id: str | None, outcome: str, *codes: str) -> Fact:
    """The fact that nothing changed, and why."""
    reasons: Reasons = [reason(code) for code in codes]
    return {"fact": "NOTED", "task_id": task_id, "outcome": outcome, "reasons": reasons}


def cancelled(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`inspection.task.cancelled`: gives a reservation back, once."""
    task_id = entry.data["task_id"]
    task = state.tasks.get(task_id)
    if task is None:
        return [{"fact": "CANCELLED", "task_id": task_id, "known": False, "released": False}]
    if _is_foreign(entry, task):
        return [noted(task_id, "REFUSED", "OTHER_DEPARTMENT")]
    if task.status == CANCELLED:
        return [noted(task_id, "REPEATED")]
    if task.visited:
        return [noted(task_id, "REFUSED", "ALREADY_INSPECTED")]
    if task.status == EXPIRED:
        return [noted(task_id, "REFUSED", "EXPIRED")]
    return [
        {"fact": "CANCELLED", "task_id": task_id, "known": True, "released": task.is_live},
    ]


def chosen(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`inspection.choice.recorded`: what the officer did after a prompt (art. 10)."""
    task_id, choice = entry.data["task_id"], entry.data["choice"]
    task = state.tasks.get(task_id)
    if task is None or not task.digest:
        return [noted(task_id, "REFUSED", "UNKNOWN_TASK")]
    if _is_foreign(entry, task):
        return [noted(task_id, "REFUSED", "OTHER_DEPARTMENT")]
    told = {
        "prompts": list(entry.data.get("prompts") or ()),
        "reason": entry.data.get("reason") or "",
    }
    facts: list[Fact] = [{"fact": "CHOICE", "task_id": task_id, "choice": choice, **told}]
    return facts + cancelled(entry, state, policy) if choice == "STOP" else facts


def expired(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`inspection.code.expired`: a code's last day went by."""
    task_id = entry.data["task_id"]
    task = state.tasks.get(task_id)
    if (
        task is None
        or task.status not in _OPEN
        or task.visited
        or task.valid_until is None
        or as_day(entry.data["on"]) <= task.valid_until
    ):
        return [noted(task_id, "REPEATED", "NOT_OPEN")]
    return [{"fact": "EXPIRED", "task_id": task_id}]


def entered(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`inspection.entry.recorded`: a refusal to scan never stops the inspection (art. 8)."""
    task_id, how = entry.data["task_id"], entry.data["how"]
    task = state.tasks.get(task_id)
    if how == "SHOWN_ONLY" and (task is None or _is_tombstone(task)):
        return [noted(task_id, "REFUSED", "UNKNOWN_TASK")]
    if task is not None:
        without_effect = _entry_without_effect(entry, task)
        if without_effect is not None:
            return [without_effect]
    shown = task is not None and how == "SHOWN_ONLY"
    day = task.day if task is not None and shown else shanghai_day(entry.data["at"])
    return [
        {
            "fact": "ENTERED",
            "task_id": task_id,
            "dept": entry.dept,
            "how": how,
            "code_state": STATE_OF_ENTRY[how],
            "day": day.isoformat(),
            "known": task is not None and bool(task.digest),
            "over": [] if shown else _overfilled(entry, state, policy, day),
            "doubts": doubts_of_entry(entry, state, policy),
        }
    ]


def _entry_without_effect(entry: Entry, task: Task) -> Fact | None:
    task_id, how = task.task_id, entry.data["how"]
    if _is_foreign(entry, task):
        return noted(task_id, "REFUSED", "OTHER_DEPARTMENT")
    if task.status == COMPLETED:
        return noted(task_id, "REFUSED", "ALREADY_COMPLETED")
    if task.status == STATE_OF_ENTRY[how]:
        return noted(task_id, "REPEATED")
    if how != "SHOWN_ONLY":
        return None
    if task.status in _CONFIRMED:
        return noted(task_id, "REPEATED")
    # Showing a void code is no visit: nothing took place that could make it live again.
    return (
        None if task.status in _OPEN else noted(task_id, "REFUSED", WAS.get(task.status, NO_CODE))
    )


def completed(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """`inspection.result.recorded`: counted with or without a code (art. 9)."""
    data = entry.data
    task_id, result_id = data["task_id"], data["result_id"]
    task = state.tasks.get(task_id)
    if task is not None:
        if _is_foreign(entry, task):
            return [noted(task_id, "REFUSED", "OTHER_DEPARTMENT")]
        if task.status == COMPLETED:
            if task.result_id == result_id:
                return [noted(task_id, "REPEATED")]
            return [noted(task_id, "REFUSED", "ALREADY_COMPLETED")]
    day = as_day(data["inspected_on"])
    items = [row["item"] for row in data.get("items") or ()]
    return [
        {
            "fact": "COMPLETED",
            "task_id": task_id,
            "result_id": result_id,
            "dept": entry.dept,
            "day": day.isoformat(),
            "items": items,
            "known": task is not None and bool(task.digest),
            "no_code": task is None or task.decision != ISSUED,
            "over": _overfilled(entry, state, policy, day, frozenset(items)),
            "doubts": doubts_of_result(entry),
        }
    ]


def classified(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`subject.classified`: the newest day wins, on one day the later record (art. 3)."""
    data = entry.data
    as_of = as_day(data["as_of"])
    known = state.classes.get(data["scheme"])
    if known is not None and known[1] > as_of:
        return [noted(None, "REPEATED", "OLDER")]
    scheme, name = data["scheme"], data["class"]
    return [{"fact": "CLASSIFIED", "scheme": scheme, "class": name, "as_of": as_of.isoformat()}]


def whitelisted(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`whitelist.changed` of an enterprise: the newest event time wins (art. 3)."""
    data = entry.data
    said_at_ms = instant_ms(entry.time)
    if state.whitelist and said_at_ms < state.whitelist[3]:
        return [noted(None, "REPEATED", "OLDER")]
    until = data.get("until")
    return [
        {
            "fact": "WHITELISTED",
            "said_at_ms": said_at_ms,
            "listed": data["listed"],
            "from": as_day(data["from"]).isoformat(),
            "until": as_day(until).isoformat() if until else None,
        }
    ]


def joined(entry: Entry, state: Enterprise, _policy: Policy) -> list[Fact]:
    """`joint.formed`: one joint task for several departments (art. 2)."""
    data = entry.data
    if data["joint_id"] in state.joints:
        return [noted(None, "REPEATED")]
    return [
        {
            "fact": "JOINT",
            **{name: data[name] for name in ("joint_id", "quarter", "lead")},
            "members": list(data["members"]),
        }
    ]


def _is_foreign(entry: Entry, task: Task) -> bool:
    """Whether the event comes from another department than the task's; a tombstone has none."""
    return bool(task.dept) and entry.dept not in (task.dept, HUB)


def _is_tombstone(task: Task) -> bool:
    return not task.digest and not task.visited


def _overfilled(
    entry: Entry,
    state: Enterprise,
    policy: Policy,
    day: date,
    items: frozenset[str] = frozenset(),
) -> list[str]:
    """Labels of the rules that the move of a task to another year overfills, sorted."""
    task = state.tasks.get(entry.data["task_id"])
    if task is None or _is_tombstone(task) or task.day.year == day.year:
        return []
    moved = replace(task, day=day, items=task.items | items, visited=True)
    found = tallies(policy, state, moved, entry.key, entry.findings, on=day)
    return sorted(t.rule.label for t in found if t.after(added=True) > t.rule.max)


Handler = Callable[[Entry, Enterprise, Policy], list[Fact]]
HANDLERS: Mapping[str, Handler] = {
    TASK_CANCELLED: cancelled,
    CHOICE_RECORDED: chosen,
    CODE_EXPIRED: expired,
    ENTRY_RECORDED: entered,
    RESULT_RECORDED: completed,
    SUBJECT_CLASSIFIED: classified,
    WHITELIST_CHANGED: whitelisted,
    JOINT_FORMED: joined,
}


def handle(entry: Entry, state: Enterprise, policy: Policy) -> list[Fact]:
    """The facts of any event but a submitted task.

    Raises:
        KeyError: No such event type is known.
    """
    return HANDLERS[entry.type](entry, state, policy)


def data_task_id(data: Mapping[str, Any]) -> str:
    """The task an event is about; empty when it is about the enterprise."""
    return str(data.get("task_id") or "")
