"""What must be told after an event about a repair or a disclosure, and to whom?

Source: semantics §10, `repair.updated` and `disclosure.updated`; art. 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from connectors.audit.cases import APPROVED, NOT_YET, RepairCase
from connectors.audit.days import as_day, day_of_ms, moment
from connectors.audit.decode import Entry
from connectors.audit.ladder import Reasons, reason
from connectors.audit.repairs import step_of
from connectors.audit.results import REPAIR_APPROVED, Result, make_ground
from connectors.audit.state import Enterprise
from connectors.audit.steps import judge
from connectors.audit.wire import (
    ABOUT_DISCLOSURES,
    ABOUT_REPAIRS,
    DISCLOSURE_UPDATED,
    HUB,
    JOURNAL,
    REGISTRY,
    REPAIR_APPLIED,
    REPAIR_UPDATED,
    STOP_ORDERED,
)

RESULT_ID_TAKEN = "RESULT_ID_TAKEN"
LATE_UPSTREAM, UNKNOWN_RESULT = "LATE_UPSTREAM", "UNKNOWN_RESULT"
Facts = Sequence[Mapping[str, Any]]


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
        case = state.cases.get(entry.data["repair_id"]) or RepairCase(entry.data["repair_id"])
        for to in _addressees(entry, case.dept):
            yield Told(
                to, REPAIR_UPDATED, _repair_updated(entry, facts, state, case) | {"dept": to}
            )
    elif entry.type in ABOUT_DISCLOSURES:
        result = state.results.get(entry.data["result_id"]) or Result(entry.data["result_id"])
        for to in _addressees(entry, result.dept):
            yield Told(
                to, DISCLOSURE_UPDATED, _disclosure_updated(entry, facts, result) | {"dept": to}
            )


def source_of(entry: Entry) -> dict[str, Any]:
    """Where an answer comes from, and when it was decided."""
    source = {"topic": JOURNAL, "partition": entry.partition, "offset": entry.offset}
    decided_at = moment(entry.at_ms).isoformat(timespec="milliseconds")
    return {"source": source, "decided_at": decided_at}


def _addressees(entry: Entry, owner: str) -> list[str]:
    """The sender; for the administrators and the hub itself the owning department as well."""
    to = [] if entry.dept == HUB else [entry.dept]
    if entry.dept in (HUB, REGISTRY) and owner and owner not in to:
        to.append(owner)
    return to


def _outcome(facts: Facts) -> str:
    first = facts[0]
    if first["fact"] == "NOTED":
        return str(first["outcome"])
    waits = first["fact"] == "HELD" or (first["fact"] == "STOP_KEPT" and first.get("ground"))
    return "HELD" if waits else "APPLIED"


def _repair_updated(
    entry: Entry, facts: Facts, state: Enterprise, case: RepairCase
) -> dict[str, Any]:
    due_on, provisional = case.due
    return {
        "repair_id": case.repair_id,
        "uscc": entry.key,
        "about": entry.type,
        "outcome": _outcome(facts),
        "status": case.status or None,
        "missing": case.missing if case.status != NOT_YET else [],
        "reasons": _repair_reasons(entry, facts, state, case),
        "results": list(case.results),
        "due_on": due_on,
        "provisional": provisional,
        "decision_no": case.decision_no,
        **source_of(entry),
    }


def _repair_reasons(entry: Entry, facts: Facts, state: Enterprise, case: RepairCase) -> Reasons:
    if facts[0]["fact"] == "NOTED":
        return list(facts[0]["reasons"])
    if facts[0]["fact"] == "HELD":
        return [reason(judge(case, step_of(entry), state).held)]
    found: Reasons = []
    if entry.type == REPAIR_APPLIED:
        found += [reason("DOCUMENT_MISSING", kind) for kind in case.missing]
        found += [reason(UNKNOWN_RESULT, name) for name in case.results if _is_unknown(state, name)]
    approvals = [fact for fact in facts if fact["fact"] == "REPAIR" and fact["status"] == APPROVED]
    return found + [
        reason(LATE_UPSTREAM) for fact in approvals if _is_late(entry, _stop_due(fact["at"]))
    ]


def _is_unknown(state: Enterprise, result_id: str) -> bool:
    known = state.results.get(result_id)
    return known is None or known.content is None


def _disclosure_updated(entry: Entry, facts: Facts, result: Result) -> dict[str, Any]:
    leading = result.leading
    is_known = result.is_public or (result.content is None and leading is not None)
    return {
        "result_id": result.result_id,
        "uscc": entry.key,
        "about": entry.type,
        "outcome": _outcome(facts),
        "state": result.state if is_known else None,
        "version": result.version,
        "stop_reason": leading.reason if leading else None,
        "reasons": _order_reasons(entry, facts, result),
        "due_on": leading.due_on if leading else None,
        "provisional": leading.provisional if leading else False,
        **source_of(entry),
    }


def _order_reasons(entry: Entry, facts: Facts, result: Result) -> Reasons:
    if facts[0]["fact"] == "NOTED":
        return list(facts[0]["reasons"])
    found = [reason(UNKNOWN_RESULT)] if _outcome(facts) == "HELD" else []
    if entry.type == STOP_ORDERED:
        ground = result.ground(f"order:{entry.data['stop_reason']}")
        if ground is not None and _is_late(entry, as_day(ground.due_on)):
            found.append(reason(LATE_UPSTREAM))
    return found


def _stop_due(said_at: int) -> date:
    """Source: art. 13 (three working days from the approval at the authority)."""
    ground = make_ground("", "", REPAIR_APPROVED, "", (None, said_at))
    return as_day(ground.due_on)


def _is_late(entry: Entry, due: date) -> bool:
    """Whether the due day was over when the hub was told."""
    return day_of_ms(entry.at_ms) > due
