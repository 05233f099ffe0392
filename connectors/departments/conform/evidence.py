"""What is judged? Events that a department sent, read as the hub reads them, and the registries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel

from schemas.base import Inbound
from schemas.codec import decode
from schemas.envelope import Envelope, Headers, read_record
from schemas.malformed import Malformed
from schemas.messages import INBOUND
from schemas.reasons import Refusal
from schemas.registry import RegistryDepartment, RegistryOfficer

EXAMPLES_MAX = 3

ModelT = TypeVar("ModelT", bound=BaseModel)


class Verdict(StrEnum):
    """How one check ended."""

    RIGHT = "RIGHT"
    ADVICE = "ADVICE"
    """It works, and could be better."""
    FIX = "FIX"
    """Must be put right: events are refused, or say what is not so."""
    NOT_SEEN = "NOT_SEEN"
    """Nothing was there to judge by."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One event as it was sent.

    Attributes:
        place: where it was read, `TOPIC/PARTITION/OFFSET` or `line N`.
        at_ms: when the broker took it in; None where that is not known.
        envelope: its attributes; None if they cannot be read.
        data: its message; None if it is none.
        fault: why it is not accepted.
        digest: of its value.
    """

    place: str
    at_ms: int | None
    key: bytes | None
    envelope: Envelope | None
    data: BaseModel | None
    fault: Malformed | None
    digest: str

    @property
    def unknown_fields(self) -> tuple[str, ...]:
        """Fields the hub does not know."""
        return self.data.unknown_fields() if isinstance(self.data, Inbound) else ()

    @property
    def instant(self) -> datetime | None:
        """When the department says it happened."""
        return datetime.fromisoformat(self.envelope.time) if self.envelope else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of one department's integration.

    Attributes:
        today: the day in Asia/Shanghai.
        registry_seen: whether the registries could be read at all.
        decisions: what was decided on which task, where that could be read.
        exempt: triggers that lift the cap, by the policy in force.
    """

    dept: str
    today: date
    events: Sequence[Sent]
    registry_seen: bool = False
    department: RegistryDepartment | None = None
    officers: Mapping[str, RegistryOfficer] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    exempt: frozenset[str] = frozenset()

    def readable(self) -> Iterator[tuple[Sent, Envelope]]:
        """Events whose attributes can be read."""
        for sent in self.events:
            if sent.envelope is not None:
                yield sent, sent.envelope

    def of(self, model: type[ModelT]) -> list[tuple[Sent, ModelT]]:
        """Messages of one kind, repetitions left out."""
        found: dict[str, tuple[Sent, ModelT]] = {}
        for sent, envelope in self.readable():
            if isinstance(sent.data, model):
                found.setdefault(envelope.id, (sent, sent.data))
        return list(found.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        looked_at: how many things were judged.
        wrong: how many of them are not as they should be.
        examples: the first of these, each with its place.
        to_do: what to do about it; empty if nothing.
    """

    check: str
    verdict: Verdict
    looked_at: int
    wrong: int = 0
    examples: tuple[str, ...] = ()
    to_do: str = ""


def finding(
    check: str,
    looked_at: int,
    wrong: Sequence[tuple[Sent, str]],
    to_do: str,
    *,
    verdict: Verdict = Verdict.FIX,
) -> Finding:
    """Put together what a check found: `verdict` if anything is wrong."""
    if not looked_at:
        return Finding(check, Verdict.NOT_SEEN, 0)
    if not wrong:
        return Finding(check, Verdict.RIGHT, looked_at)
    examples = tuple(f"{sent.place}: {text}" for sent, text in wrong[:EXAMPLES_MAX])
    return Finding(check, verdict, looked_at, len(wrong), examples, to_do)


def read_sent(
    place: str, headers: Headers, value: bytes | None, key: bytes | None, at_ms: int | None
) -> Sent:
    """Read one record as intake does, up to where it is no longer readable."""
    digest = hashlib.sha256(value or b"").hexdigest()
    envelope: Envelope | None = None
    try:
        envelope, content = read_record(headers, value)
        if envelope.type not in INBOUND:
            raise Malformed(Refusal.UNKNOWN_TYPE, "type", f"{envelope.type} is no type of the hub")
        data = decode(content.value, content.type, envelope.type)
    except Malformed as fault:
        return Sent(place, at_ms, key, envelope, None, fault, digest)
    return Sent(place, at_ms, key, envelope, data, None, digest)
