"""Where does a repair stand, and until when must it be decided?

Source: semantics §10, §11; art. 11, 12.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from connectors.audit.days import NOTHING_SAID, ByHand, day_of_ms, deadline

APPLIED, ACCEPTED, SUPPLEMENT = "APPLIED", "ACCEPTED", "SUPPLEMENT"
APPROVED, REFUSED, WITHDRAWN, REVOKED = "APPROVED", "REFUSED", "WITHDRAWN", "REVOKED"
OPEN = frozenset({APPLIED, ACCEPTED, SUPPLEMENT})
SUPPLEMENT_ASKED, SUPPLEMENT_RECEIVED = "SUPPLEMENT_ASKED", "SUPPLEMENT_RECEIVED"
DECIDED = "DECIDED"
REQUIRED = ("APPLICATION", "IDENTITY", "PLEDGE", "CORRECTION")
"""The documents without which nothing is accepted (art. 11), in the order of the answer."""
_KINDS = (*REQUIRED, "OTHER")
HELD_MAX = 20
_DECISION_DAYS = 7


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case after its application, as somebody sent it.

    Attributes:
        kind: which step, as facts name it.
        by: who sent it.
        at_ms: when it was taken, as the sender says, Unix milliseconds.
        documents: kinds that came with it.
        reason: the decision's, or what supplement is asked for.
        is_held: whether it waited until now.
        calendar: what the record by which it is judged carries of the administrators' calendar.
    """

    kind: str
    by: str
    at_ms: int
    result_ids: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    decision: str | None = None
    decision_no: str | None = None
    reason: str = ""
    is_held: bool = False
    calendar: ByHand = NOTHING_SAID

    @property
    def name(self) -> str:
        """What tells it from the other held steps of its case."""
        if self.kind == DECIDED:
            return f"{self.by} {self.kind} {self.decision} {self.decision_no or ''}"
        return f"{self.by} {self.kind} {self.at_ms}"

    @property
    def held(self) -> str | None:
        """Its name, if it was held until now."""
        return self.name if self.is_held else None

    def content(self) -> dict[str, Any]:
        """What a fact about a held step says of it."""
        return {
            "step": self.kind,
            "at": self.at_ms,
            "result_ids": list(self.result_ids),
            "documents": list(self.documents),
            "decision": self.decision,
            "decision_no": self.decision_no,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class RepairCase:
    """One repair case.

    Attributes:
        digest: of the application, by which it is known again.
        documents: kinds that were handed in.
        asked: the instants at which a supplement was asked for.
        received: the instants at which documents came later.
        decisions: each decision that was taken, with its number.
        due: the day that was told last, and whether it is provisional.
    """

    repair_id: str
    dept: str
    status: str
    results: tuple[str, ...]
    digest: str
    documents: frozenset[str] = frozenset()
    accepted_ms: int | None = None
    asked: tuple[int, ...] = ()
    received: tuple[int, ...] = ()
    decisions: tuple[tuple[str, str | None], ...] = ()
    due: tuple[str | None, bool | None] = (None, None)

    @property
    def missing(self) -> list[str]:
        """Kinds of documents that are required and not there."""
        return missing_from(self.documents)

    def due_by(self, calendar: ByHand) -> tuple[str | None, bool | None]:
        """The day until which the case must be decided, and whether it is provisional.

        None before acceptance, while a supplement is awaited, and after the end.

        Source: art. 12 (seven working days from acceptance, supplements not counted).
        """
        if self.status != ACCEPTED or self.accepted_ms is None:
            return None, None
        closed = [(first, last) for first, last in self.pauses() if last is not None]
        due, provisional = deadline(day_of_ms(self.accepted_ms), _DECISION_DAYS, closed, calendar)
        return due.isoformat(), provisional

    def after(self, step: Step) -> RepairCase:
        """The case when a step after its application was taken."""
        fresh = replace(self, documents=self.documents | set(step.documents))
        if step.decision is not None:
            decisions = (*self.decisions, (step.decision, step.decision_no))
            return replace(fresh, status=step.decision, decisions=decisions)
        if step.kind == ACCEPTED:
            fresh = replace(fresh, accepted_ms=step.at_ms)
        elif step.kind == SUPPLEMENT_ASKED:
            fresh = replace(fresh, asked=(*self.asked, step.at_ms))
        elif step.kind == SUPPLEMENT_RECEIVED:
            fresh = replace(fresh, received=(*self.received, step.at_ms))
        if fresh.accepted_ms is None:
            return fresh
        is_open = any(last is None for _, last in fresh.pauses())
        return replace(fresh, status=SUPPLEMENT if is_open else ACCEPTED)

    def pauses(self) -> list[tuple[date, date | None]]:
        """From the day of each `asked` to that of the first `received` not before it."""
        found: list[tuple[date, date | None]] = []
        for asked in self.asked:
            came = min((at for at in self.received if at >= asked), default=None)
            found.append((day_of_ms(asked), None if came is None else day_of_ms(came)))
        return found


def missing_from(documents: Iterable[str]) -> list[str]:
    """The required kinds that are not among these."""
    there = set(documents)
    return [kind for kind in REQUIRED if kind not in there]


def kinds_of(rows: Iterable[Mapping[str, Any]] | None) -> tuple[str, ...]:
    """The kinds of the documents of an event, each once, in the order of the contract."""
    there = {row["kind"] for row in rows or ()}
    return tuple(kind for kind in _KINDS if kind in there)


def application_digest(data: Mapping[str, Any]) -> str:
    """What makes an application this one: its results and documents, whatever their order."""
    rows = {(row["kind"], row["name"], row["sha256"]) for row in data.get("documents") or ()}
    content = [sorted(set(data["result_ids"])), sorted(rows)]
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:32]


def chosen(case: RepairCase, step: Step) -> tuple[str, ...]:
    """The results that a decision is about, in the order of the case's list."""
    if step.decision is None:
        return ()
    return tuple(name for name in case.results if not step.result_ids or name in step.result_ids)
