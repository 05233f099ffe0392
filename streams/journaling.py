"""How does an accepted event, or what one log must tell another, become a record of the journal?"""

from __future__ import annotations

from typing import Any, Protocol

from pydantic import BaseModel

from schemas.codec import AVRO, JSON, encode_journal, encode_json
from schemas.envelope import Envelope, write_headers
from schemas.facts import Decided
from schemas.journal import Findings, JournalRecord, Origin
from schemas.messages import REGISTRY_SPECIAL
from schemas.registry import RegistrySpecial
from schemas.topics import CTL_REGISTRY, JOURNAL
from streams.ports import Outgoing
from streams.rules.relays import Relay
from streams.rules.wording import instant_text


class Accepted(Protocol):
    """An event on its way into the journal (streams.accept.ForJournal fits)."""

    @property
    def key(self) -> str:
        """Whose log it belongs to."""

    @property
    def record(self) -> JournalRecord[Any]:
        """What will stand there."""

    @property
    def traceparent(self) -> str | None:
        """The trace that it is part of (W3C)."""


def journal_record(accepted: Accepted) -> Outgoing:
    """An accepted event as it stands in the journal."""
    record = accepted.record
    envelope = Envelope(
        id=record.id, source=record.dept, type=record.type, time=record.time,
        traceparent=accepted.traceparent,
    )  # fmt: skip
    return Outgoing(
        JOURNAL, None, accepted.key.encode(), encode_journal(record), write_headers(envelope, AVRO)
    )


class Relayed:
    """What one log tells another, as it will stand in the journal (fits Accepted).

    Its origin is the journal record it follows from, and its id is derived from that one's place.
    """

    traceparent: str | None = None

    def __init__(self, decided: Decided, relay: Relay) -> None:
        source = decided.src
        self.key = relay.key
        nth = f"/{relay.earlier}" if relay.earlier else ""
        self.record = JournalRecord[BaseModel].model_construct(
            id=f"{source.partition}-{source.offset}/{relay.key}{nth}",
            type=relay.type,
            time=instant_text(decided.at),
            dept=relay.dept,
            policy_version=decided.policy_version,
            origin=Origin(topic=source.topic, partition=source.partition, offset=source.offset),
            findings=Findings(subject=relay.subject, check_digit_ok=relay.check_digit_ok),
            data=relay.data,
        )


def special_record(decided: Decided, entry: RegistrySpecial) -> Outgoing:
    """How a special inspection stands, for the registry topic.

    Each version lies under a key of its own: compaction keeps them all, and a worker that was
    frozen cannot put an old one in the place of a newer.
    """
    source = decided.src
    origin = f"{source.topic}/{source.partition}/{source.offset}".encode()
    headers = [("content-type", JSON.encode()), ("hub-origin", origin)]
    key = f"{REGISTRY_SPECIAL}:{entry.about}".encode()
    return Outgoing(CTL_REGISTRY, 0, key, encode_json(entry), headers)
