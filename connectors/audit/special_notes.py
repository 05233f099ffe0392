"""How is it said what became of a step of a special inspection, and what stands against one?

Source: semantics §14.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.audit.days import instant_ms
from connectors.audit.decode import Entry
from connectors.audit.ladder import Reasons, reason
from connectors.audit.special_state import CLOSED, PROPOSED, Special
from connectors.audit.state import Fact

Answer = list[Fact]


def taken(
    entry: Entry,
    step: str,
    status: str,
    at: int | None = None,
    **said: Any,  # noqa: ANN401 - fields of the fact
) -> Answer:
    """The fact of a step; `at` None: the instant that the event gives."""
    fact: Fact = {
        "fact": "SPECIAL",
        "special_id": entry.data["special_id"],
        "step": step,
        "by": entry.dept,
        "status": status,
        "at": instant_ms(entry.data["at"]) if at is None else at,
        "plan": None,
        "named": [],
        "due_on": None,
        "platform": None,
        "reason": "",
        "reasons": [],
    }
    return [{**fact, **said}]


def refused(entry: Entry, code: str) -> Answer:
    """The fact that it is not allowed, and why."""
    return barred(entry, [reason(code)])


def repeated(entry: Entry, *codes: str) -> Answer:
    """The fact that it says nothing new."""
    return _noted(entry, "REPEATED", [reason(code) for code in codes])


def barred(entry: Entry, reasons: Reasons) -> Answer:
    """The fact that nothing of it is done, and all that stands against it."""
    return _noted(entry, "REFUSED", reasons)


def _noted(entry: Entry, outcome: str, reasons: Reasons) -> Answer:
    special_id = entry.data["special_id"]
    return [
        {
            "fact": "NOTED",
            "task_id": None,
            "outcome": outcome,
            "reasons": reasons,
            "special_id": special_id,
        }
    ]


def not_open(special: Special) -> str:
    """Why nothing may be done with it; empty if something may."""
    if special.status == CLOSED:
        return "SPECIAL_CLOSED"
    return "NOT_AGREED_YET" if special.status == PROPOSED else ""


def _finding(entry: Entry, name: str) -> Mapping[str, Any]:
    rows = entry.findings.get("departments") or ()
    return next((row for row in rows if row["dept"] == name), {})


def level_of(entry: Entry, name: str) -> str | None:
    """The level of a department, as intake found it."""
    return _finding(entry, name).get("level")


def fault_of(entry: Entry, name: str) -> str:
    """Why a department may not inspect, as intake found it; empty if it may (art. 14)."""
    standing = _finding(entry, name).get("standing", "UNKNOWN")
    if standing == "UNKNOWN":
        return "UNKNOWN_DEPARTMENT"
    return "" if standing == "VALID" else f"DEPARTMENT_{standing}"
