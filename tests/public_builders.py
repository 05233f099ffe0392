"""Valid by default, override what matters: results published, corrected, stopped and repaired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from builders import DEPT, Hub, some_findings

from schemas import messages
from schemas.facts import Fact, NotedFact
from schemas.journal import CalendarFinding
from schemas.public_facts import DisclosureFact, HeldFact, RepairFact, StopKeptFact
from streams.rules.publicity.state import PublicState
from streams.rules.state import public_of

REQUIRED = ("APPLICATION", "IDENTITY", "PLEDGE", "CORRECTION")
APPLIED, ACCEPTED = "2026-09-21T09:00:00+08:00", "2026-09-22T09:00:00+08:00"
ASKED, RECEIVED = "2026-09-24T09:00:00+08:00", "2026-09-29T09:00:00+08:00"
DECIDED = "2026-09-30T09:00:00+08:00"
ORDERED = "2026-09-30T10:00:00+08:00"

Facts = tuple[Fact, ...]


def a_document(kind: str, number: int = 0) -> dict[str, Any]:
    """A document of a kind."""
    return {"kind": kind, "name": f"{kind}.pdf", "sha256": f"{number:064x}"}


def some_documents(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """A document of each kind."""
    return [a_document(kind) for kind in kinds]


def a_result(result_id: str = "R-1", **fields: Any) -> dict[str, Any]:
    """A published negative result of a task of its own."""
    plain = {
        "task_id": f"T-{result_id}",
        "result_id": result_id,
        "inspected_on": "2026-03-16",
        "outcomes": ["7", "1"],
        "found_problem": True,
        "negative": True,
        "publish": True,
    }
    return {**plain, **fields}


@dataclass
class Desk(Hub):
    """The fold over one enterprise's log, with short words for what concerns its results.

    `calendar`: what intake finds that administrators entered.
    """

    calendar: CalendarFinding | None = None

    def send(self, kind: str, data: dict[str, Any], **fields: Any) -> Facts:
        findings = some_findings(calendar=self.calendar)
        return super().send(kind, data, **{"findings": findings, **fields})

    def publish(self, result_id: str = "R-1", *, dept: str = DEPT, **fields: Any) -> Facts:
        return self.send(messages.RESULT_RECORDED, a_result(result_id, **fields), dept=dept)

    def correct(
        self,
        result_id: str = "R-1",
        *,
        at: str = "2026-04-01T09:00:00+08:00",
        dept: str = DEPT,
        **fields: Any,
    ) -> Facts:
        data = {**a_result(result_id, **fields), "corrected_at": at, "reason": "更正"}
        return self.send(messages.RESULT_CORRECTED, data, dept=dept)

    def stop(
        self,
        reason: str = "EXPIRED",
        result_id: str = "R-1",
        *,
        at: str | None = ORDERED,
        dept: str = DEPT,
        **fields: Any,
    ) -> Facts:
        data = {"result_id": result_id, "stop_reason": reason, "scope": "PUBLIC_ONLY"}
        return self.send(messages.STOP_ORDERED, {**data, "ordered_at": at}, dept=dept, **fields)

    def resume(
        self,
        reason: str = "BANKRUPTCY_TEMP_MASK",
        result_id: str = "R-1",
        *,
        at: str = "2026-10-20T10:00:00+08:00",
        dept: str = DEPT,
    ) -> Facts:
        data = {"result_id": result_id, "stop_reason": reason, "ordered_at": at}
        return self.send(messages.RESUME_ORDERED, data, dept=dept)

    def apply_for(
        self,
        *result_ids: str,
        repair_id: str = "C-1",
        documents: Sequence[str] = REQUIRED,
        dept: str = DEPT,
        **fields: Any,
    ) -> Facts:
        data = {
            "repair_id": repair_id,
            "result_ids": result_ids or ["R-1"],
            "channel": "PLATFORM",
            "documents": some_documents(documents),
            "applied_at": APPLIED,
            **{name.removesuffix("_"): value for name, value in fields.items()},
        }
        return self.send(messages.REPAIR_APPLIED, data, dept=dept)

    def accept(self, *, at: str = ACCEPTED, dept: str = DEPT, repair_id: str = "C-1") -> Facts:
        data = {"repair_id": repair_id, "accepted_at": at}
        return self.send(messages.REPAIR_ACCEPTED, data, dept=dept)

    def ask(self, *, at: str = ASKED, dept: str = DEPT, repair_id: str = "C-1") -> Facts:
        data = {"repair_id": repair_id, "at": at, "what": "整改照片"}
        return self.send(messages.SUPPLEMENT_ASKED, data, dept=dept)

    def receive(
        self,
        *kinds: str,
        at: str = RECEIVED,
        dept: str = DEPT,
        repair_id: str = "C-1",
    ) -> Facts:
        data = {"repair_id": repair_id, "at": at, "documents": some_documents(kinds)}
        return self.send(messages.SUPPLEMENT_RECEIVED, data, dept=dept)

    def decide(
        self,
        decision: str = "APPROVED",
        number: str | None = "D-1",
        *,
        repair_id: str = "C-1",
        at: str = DECIDED,
        reason: str = "已整改",
        dept: str = DEPT,
        result_ids: Sequence[str] = (),
        **fields: Any,
    ) -> Facts:
        data = {
            "repair_id": repair_id,
            "result_ids": result_ids,
            "decision": decision,
            "decision_no": number,
            "reason": reason,
            "decided_at": at,
        }
        return self.send(messages.REPAIR_DECIDED, data, dept=dept, **fields)

    @property
    def public(self) -> PublicState:
        """What is remembered of results and repairs."""
        return public_of(self.state)


def said(facts: Facts) -> str:
    """Facts in a few words."""
    return "; ".join(_said(fact) for fact in facts)


def _said(fact: Fact) -> str:
    match fact:
        case DisclosureFact():
            reason = f" {fact.reason}" * (fact.reason is not None)
            return f"{fact.result_id} v{fact.version} {fact.state}{reason} ({fact.cause})"
        case StopKeptFact():
            return f"{fact.result_id} keeps {fact.name}" + " no longer" * (fact.ground is None)
        case RepairFact():
            day = "" if fact.due_on is None else f" due {fact.due_on}"
            return f"{fact.step} -> {fact.status}{day}{_about(fact.reasons)}"
        case HeldFact():
            return f"HELD{_about(fact.reasons)}"
        case NotedFact():
            dropped = f" (drops {fact.dropped})" * (fact.dropped is not None)
            return f"{fact.outcome}{_about(fact.reasons)}{dropped}"
        case _:
            return fact.fact


def _about(reasons: Iterable[Any]) -> str:
    return "".join(
        f" {reason.code}" + f":{reason.about}" * bool(reason.about) for reason in reasons
    )
