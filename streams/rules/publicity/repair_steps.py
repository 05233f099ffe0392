"""Which step of a repair case is this, and how is it told from the others?

Source: art. 11, 12; docs/semantics.md §10.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import msgspec
import orjson

from schemas.calendar_entries import with_entries
from schemas.calendar_file import WorkingDays
from schemas.enums import DocumentKind, RepairDecision, RepairStep
from schemas.inbound_repair import (
    Document,
    RepairAccepted,
    RepairApplied,
    RepairDecided,
    SupplementAsked,
    SupplementReceived,
)
from schemas.journal import JournalEvent
from schemas.messages import (
    REPAIR_ACCEPTED,
    REPAIR_APPLIED,
    REPAIR_DECIDED,
    SUPPLEMENT_ASKED,
    SUPPLEMENT_RECEIVED,
)
from streams.rules.calendar import ms_of
from streams.rules.publicity.state import HeldState

DIGEST_BYTES = 16
TYPE_OF = {
    RepairStep.APPLIED: REPAIR_APPLIED,
    RepairStep.ACCEPTED: REPAIR_ACCEPTED,
    RepairStep.SUPPLEMENT_ASKED: SUPPLEMENT_ASKED,
    RepairStep.SUPPLEMENT_RECEIVED: SUPPLEMENT_RECEIVED,
    RepairStep.DECIDED: REPAIR_DECIDED,
}
"""The event type that brings each step."""
REQUIRED = tuple(kind for kind in DocumentKind if kind is not DocumentKind.OTHER)
"""Kinds of documents without which no application is accepted (art. 11)."""

# Slots of an enum are slow to look up by value, and names of held steps begin with free text.
_KINDS = tuple(DocumentKind)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step after the application, as it came or as it was held. `held` is its name if so.

    `calendar` is that of the record by which it is judged now.
    """

    kind: RepairStep
    repair_id: str
    sender: str
    at: int
    calendar: WorkingDays
    result_ids: tuple[str, ...] = ()
    documents: tuple[DocumentKind, ...] = ()
    decision: RepairDecision | None = None
    decision_no: str | None = None
    reason: str = ""
    held: str | None = None

    @property
    def name(self) -> str:
        """What tells it from the other steps of its case."""
        if self.kind is RepairStep.DECIDED:
            return f"{self.sender} {self.kind} {self.decision} {self.decision_no or ''}"
        return f"{self.sender} {self.kind} {self.at}"


def step_of(event: JournalEvent) -> Step:
    """The step that an event brings.

    Source: art. 12.
    """
    fields = _READ[event.record.type](event.record.data)
    repair_id = cast("RepairDecided", event.record.data).repair_id
    calendar = with_entries(event.record.findings.calendar)
    return Step(repair_id=repair_id, sender=event.record.dept, calendar=calendar, **fields)


def held_step(repair_id: str, held: HeldState, calendar: WorkingDays) -> Step:
    """A step as it was held, to be judged now."""
    return Step(
        kind=held.step,
        repair_id=repair_id,
        sender=held.dept,
        at=held.at,
        calendar=calendar,
        result_ids=held.result_ids,
        documents=held.documents,
        decision=held.decision,
        decision_no=held.decision_no,
        reason=held.reason,
        held=held.name,
    )


def kind_in(name: str) -> RepairStep:
    """The kind of step that a name is of: its second word."""
    return RepairStep(name.split(" ", 2)[1])


def kinds_of(documents: Iterable[Document]) -> tuple[DocumentKind, ...]:
    """The kinds among documents, each once, in the order of the enum."""
    there = {document.kind for document in documents}
    return tuple(kind for kind in _KINDS if kind in there)


def missing_from(documents: Iterable[DocumentKind]) -> tuple[DocumentKind, ...]:
    """The required kinds that are not there.

    Source: art. 11 (application, identity, pledge, proof of correction).
    """
    there = set(documents)
    return tuple(kind for kind in REQUIRED if kind not in there)


def application_digest(data: RepairApplied) -> str:
    """The digest of all that makes an application this one, in 32 hex digits.

    Source: docs/semantics.md §11.
    """
    documents = {(one.kind.value, one.name, one.sha256) for one in data.documents}
    content = (sorted(set(data.result_ids)), sorted(documents))
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[: 2 * DIGEST_BYTES]


def _accepted(data: RepairAccepted) -> dict[str, Any]:
    return {"kind": RepairStep.ACCEPTED, "at": ms_of(data.accepted_at)}


def _asked(data: SupplementAsked) -> dict[str, Any]:
    return {"kind": RepairStep.SUPPLEMENT_ASKED, "at": ms_of(data.at), "reason": data.what}


def _received(data: SupplementReceived) -> dict[str, Any]:
    kinds = kinds_of(data.documents)
    return {"kind": RepairStep.SUPPLEMENT_RECEIVED, "at": ms_of(data.at), "documents": kinds}


def _decided(data: RepairDecided) -> dict[str, Any]:
    return {
        "kind": RepairStep.DECIDED,
        "at": ms_of(data.decided_at),
        "result_ids": data.result_ids,
        "decision": data.decision,
        "decision_no": data.decision_no,
        "reason": data.reason,
    }


_READ: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    REPAIR_ACCEPTED: _accepted,
    SUPPLEMENT_ASKED: _asked,
    SUPPLEMENT_RECEIVED: _received,
    REPAIR_DECIDED: _decided,
}
