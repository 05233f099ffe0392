"""What must a department be told after an event that is no task?

Source: semantics §7, `task.updated`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.audit.decode import Entry
from connectors.audit.events import WAS, data_task_id
from connectors.audit.fold import append_time
from connectors.audit.ladder import reason
from connectors.audit.state import NONE, Enterprise
from connectors.audit.wire import HUB, JOURNAL

APPLIED = "APPLIED"
_VISITS = frozenset({"ENTERED", "COMPLETED"})


def addressee(entry: Entry, state: Enterprise) -> str | None:
    """The department to be told; None when there is none.

    Departments are told of their own events; of the hub's own, the department whose task it is.
    """
    if entry.dept != HUB:
        return entry.dept
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
    last = facts[-1]
    refused = last["fact"] == "NOTED"
    reasons = list(last["reasons"]) if refused else []
    if last["fact"] in _VISITS and status_before in WAS:
        reasons = [reason(WAS[status_before])]
    task_id = data_task_id(entry.data)
    task = state.tasks.get(task_id)
    has_day = task is not None and (task.digest or task.visited)
    return {
        "task_id": task_id,
        "uscc": entry.key,
        "dept": to,
        "about": entry.type,
        "outcome": last["outcome"] if refused else APPLIED,
        "code_state": task.status if task else NONE,
        "reasons": reasons,
        "year": task.day.year if task is not None and has_day else None,
        "source": {"topic": JOURNAL, "partition": entry.partition, "offset": entry.offset},
        "decided_at": append_time(entry.at_ms),
    }
