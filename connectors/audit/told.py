"""What must be told after an event about a repair or a disclosure, and to whom?

Source: semantics §10, §11, `repair.updated` and `disclosure.updated`; art. 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from connectors.audit.days import as_day, day_of_ms, moment
from connectors.audit.decode import Entry
from connectors.audit.ladder import Reasons, reason
from connectors.audit.repairs import STEP
from connectors.audit.state import Enterprise
from connectors.audit.wire import (
    ABOUT_DISCLOSURES,
    ABOUT_REPAIRS,
    DISCLOSURE_UPDATED,
    HUB,
    JOURNAL,
    REGISTRY,
    REPAIR_UPDATED,
)

LATE_UPSTREAM, UNKNOWN_RESULT = "LATE_UPSTREAM", "UNKNOWN_RESULT"
_TYPE = {step: kind for kind, step in STEP.items()}
_ABOUT_CASES = frozenset({"REPAIR", "HELD", "NOTED"})
_PUTS_A_GROUND = frozenset({"ORDERED", "REPAIRED"})
Fact = Mapping[str, Any]
Facts = Sequence[Fact]


class Told(NamedTuple):
    """One owed answer."""

    to: str
    kind: str
    body: dict[str, Any]


def owed_answers(entry: Entry, facts: Facts, state: Enterprise) -> Iterator[Told]:
    """The answers that an event about a repair or a disclosure leads to; none for any other.

    Args:
        entry: The event.
        facts: What was recorded as decided on it.
        state: The enterprise after it.
    """
    if entry.type in ABOUT_REPAIRS:
        for number, fact in enumerate(facts):
            if fact["fact"] in _ABOUT_CASES:
                body = _repair_updated(entry, fact, facts[number + 1 :], state)
                for to in _addressees(entry, body["dept"]):
                    yield Told(to, REPAIR_UPDATED, body)
    elif entry.type in ABOUT_DISCLOSURES and facts[0]["fact"] != "FAULTED":
        body = _disclosure_updated(entry, facts[0], state)
        for to in _addressees(entry, body["dept"]):
            yield Told(to, DISCLOSURE_UPDATED, body)


def source_of(entry: Entry) -> dict[str, Any]:
    """Where an answer comes from, and when it was decided."""
    source = {"topic": JOURNAL, "partition": entry.partition, "offset": entry.offset}
    decided_at = moment(entry.at_ms).isoformat(timespec="milliseconds")
    return {"source": source, "decided_at": decided_at}


def _addressees(entry: Entry, owner: str) -> list[str]:
    """The sender; for the administrators and the hub itself the owning department as well."""
    to = [entry.dept, owner] if entry.dept in (HUB, REGISTRY) else [entry.dept]
    return [dept for dept in dict.fromkeys(to) if dept != HUB]


def _repair_updated(entry: Entry, fact: Fact, later: Facts, state: Enterprise) -> dict[str, Any]:
    case = state.cases.get(fact["repair_id"])
    body: dict[str, Any] = {
        "repair_id": fact["repair_id"],
        "uscc": entry.key,
        "results": list(case.results) if case else [],
        "reasons": list(fact["reasons"]),
        **source_of(entry),
    }
    if fact["fact"] == "REPAIR":
        put = takewhile(lambda one: one["fact"] != "REPAIR", later)
        return body | {
            **{name: fact[name] for name in ("dept", "status", "missing", "due_on")},
            "about": _TYPE[fact["step"]],
            "outcome": "APPLIED",
            "results": list(fact["result_ids"]) or body["results"],
            "reasons": body["reasons"] + _late(entry, list(put)),
            "provisional": bool(fact["provisional"]),
            "decision_no": fact["decision_no"],
        }
    due_on, provisional = case.due if case else (None, False)
    is_held = fact["fact"] == "HELD"
    # The name of a held step: its sender, which step, and what tells it from others.
    dropped = fact.get("dropped")
    return body | {
        "dept": case.dept if case else fact.get("dept") or entry.dept,
        "about": _TYPE[dropped.split(" ")[1]] if dropped else entry.type,
        "outcome": "HELD" if is_held else fact["outcome"],
        "status": case.status if case else None,
        "missing": case.missing if case else [],
        "due_on": due_on,
        "provisional": bool(provisional),
        "decision_no": fact["step"]["decision_no"] if is_held else None,
    }


def _disclosure_updated(entry: Entry, fact: Fact, state: Enterprise) -> dict[str, Any]:
    result_id = entry.data["result_id"]
    known = state.result(result_id)
    result = known.disclosed if known else None
    body: dict[str, Any] = {
        "result_id": result_id,
        "uscc": entry.key,
        "dept": known.dept if known else entry.dept,
        "about": entry.type,
        "outcome": "APPLIED",
        "state": None,
        "version": None,
        **source_of(entry),
    }
    if fact["fact"] == "NOTED":
        leading = result.leading if result else None
        return body | {
            "outcome": fact["outcome"],
            "state": result.state if result else None,
            "version": result.version if result else None,
            "stop_reason": leading.reason if leading else None,
            "reasons": list(fact["reasons"]),
            "due_on": leading.due_on if leading else None,
            "provisional": bool(leading and leading.provisional),
        }
    ground: Fact = fact
    reasons: Reasons = []
    if fact["fact"] == "STOP_KEPT":
        ground = fact["ground"] or {}
        if ground:
            body["outcome"] = "HELD"
            reasons = [reason(UNKNOWN_RESULT)]
    else:
        body |= {"state": fact["state"], "version": fact["version"]}
    return body | {
        "stop_reason": ground.get("reason"),
        "reasons": reasons + _late(entry, [fact]),
        "due_on": ground.get("due_on"),
        "provisional": bool(ground.get("provisional")),
    }


def _late(entry: Entry, facts: Facts) -> Reasons:
    """Whether the due day of a stop was over when the hub was told.

    Source: art. 13 (three working days from the approval at the authority).
    """
    today = day_of_ms(entry.at_ms)
    is_late = any(as_day(ground["due_on"]) < today for fact in facts for ground in _put(fact))
    return [reason(LATE_UPSTREAM)] if is_late else []


def _put(fact: Fact) -> list[Fact]:
    """The ground that a fact puts, if it puts one."""
    if fact["fact"] == "DISCLOSURE" and fact["cause"] in _PUTS_A_GROUND:
        return [ground for ground in fact["grounds"] if ground["name"] == fact["changed"]]
    is_kept = fact["fact"] == "STOP_KEPT" and fact["ground"] is not None
    return [fact["ground"]] if is_kept else []
