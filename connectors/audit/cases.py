"""Where does a repair stand, and until when must it be decided?

Source: semantics §10; art. 11, 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from connectors.audit.days import day_of_ms, deadline

NOT_YET = ""
APPLIED, ACCEPTED, SUPPLEMENT = "APPLIED", "ACCEPTED", "SUPPLEMENT"
APPROVED, REFUSED, WITHDRAWN, REVOKED = "APPROVED", "REFUSED", "WITHDRAWN", "REVOKED"
OPEN = frozenset({APPLIED, ACCEPTED, SUPPLEMENT})
REQUIRED = ("APPLICATION", "IDENTITY", "PLEDGE", "CORRECTION")
"""The documents without which nothing is accepted (art. 11), in the order of the answer."""
HELD_MAX = 20
_DECISION_DAYS = 7

Document = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case as somebody sent it.

    Attributes:
        type: the event's type.
        dept: in whose name it was sent; HUB where the event names no department.
        at_ms: when it was taken, as the sender says, Unix milliseconds.
        data: the event.
    """

    type: str
    dept: str
    at_ms: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RepairCase:
    """One repair case. `status` NOT_YET: steps came before their application.

    Attributes:
        asked: the documents of the application, by which it is known again.
        pauses: days on which a supplement was asked and received; None while it is awaited.
        decisions: each decision that ended it, with its number.
        stopped: the results that its approval stopped.
        held: steps that wait for the one before them.
    """

    repair_id: str
    dept: str = ""
    status: str = NOT_YET
    results: tuple[str, ...] = ()
    asked: frozenset[Document] = frozenset()
    documents: frozenset[Document] = frozenset()
    accepted_ms: int | None = None
    pauses: tuple[tuple[date, date | None], ...] = ()
    decisions: tuple[tuple[str, str | None], ...] = ()
    stopped: tuple[str, ...] = ()
    held: tuple[Step, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Kinds of documents that are required and not there."""
        there = {kind for kind, _, _ in self.documents}
        return [kind for kind in REQUIRED if kind not in there]

    @property
    def due(self) -> tuple[str | None, bool]:
        """The day until which the case must be decided, and whether it is provisional.

        None before acceptance, while a supplement is awaited, and after the end.

        Source: art. 12 (seven working days from acceptance, supplements not counted).
        """
        if self.status != ACCEPTED or self.accepted_ms is None:
            return None, False
        closed = [(first, last) for first, last in self.pauses if last is not None]
        due, provisional = deadline(day_of_ms(self.accepted_ms), _DECISION_DAYS, closed)
        return due.isoformat(), provisional

    @property
    def decision_no(self) -> str | None:
        """The number of the last decision."""
        return self.decisions[-1][1] if self.decisions else None


def documents_of(rows: Iterable[Mapping[str, Any]] | None) -> frozenset[Document]:
    """The documents of an event."""
    return frozenset(
        (row["kind"], row.get("name") or "", row.get("sha256") or "") for row in rows or ()
    )


def paused(case: RepairCase, day: date) -> RepairCase:
    """The case with one more pause open."""
    return replace(case, status=SUPPLEMENT, pauses=(*case.pauses, (day, None)))


def supplied(case: RepairCase, day: date, documents: frozenset[Document]) -> RepairCase:
    """The case with every pause closed and these documents added."""
    pauses = tuple((first, day if last is None else last) for first, last in case.pauses)
    status = ACCEPTED if case.status == SUPPLEMENT else case.status
    return replace(case, status=status, pauses=pauses, documents=case.documents | documents)


def chosen(case: RepairCase, step: Step) -> tuple[str, ...]:
    """The results that a decision is about, in the order of the case's list."""
    named = step.data.get("result_ids") or ()
    return tuple(name for name in case.results if not named or name in named)
