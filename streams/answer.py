"""What does one journal record change, and what is answered?

The pure step shared by stream, replay and rebuild.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass

from schemas.decision import SourceRef
from schemas.facts import Decided, DecidedFact, Fact, FaultedFact
from schemas.journal import JournalEvent, Source
from schemas.malformed import Malformed
from schemas.plain_json import encode_around, encode_plain
from streams.rules.built import builder
from streams.rules.decide import Mint, fold
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.state import SubjectState
from streams.rules.version import RULES_VERSION

_build_decided, _build_source = builder(Decided), builder(SourceRef)


def answer(
    state: SubjectState, event: JournalEvent, policy: CompiledPolicy, mint: Mint
) -> tuple[SubjectState, Decided]:
    """Decide one record. A rule that fails changes nothing and becomes the fact FAULTED.

    One bad record must never block an enterprise's neighbours; what failed is in the dead letters.
    """
    try:
        after, facts = fold(state, event, policy, mint)
    except Exception as cause:  # noqa: BLE001 - see above; I/O never happens in here
        return state, faulted(event, cause)
    return after, _decided(event, facts)


def faulted(event: JournalEvent, cause: BaseException) -> Decided:
    """The answer to a record on which a rule failed."""
    where = traceback.extract_tb(cause.__traceback__)[-1:]
    place = f" in {where[0].name}" if where else ""
    return _decided(event, (FaultedFact(error=f"{type(cause).__name__}{place}"),))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a journal record lies that nobody can read."""

    source: Source
    at_ms: int
    digest: str
    key: str


def unreadable(place: Place, cause: Malformed) -> Decided:
    """The answer to a record that is no journal record of ours: nobody of the hub wrote it."""
    source = place.source
    return Decided(
        src=SourceRef(topic=source.topic, partition=source.partition, offset=source.offset),
        key=place.key,
        digest=place.digest,
        type="",
        dept="",
        at=place.at_ms,
        rules_version=RULES_VERSION,
        policy_version="",
        facts=(FaultedFact(error=str(cause)),),
    )


def encode_decided(decided: Decided, made: bytes | None = None) -> bytes:
    """The bytes that stand in `insp.decided`.

    `made`: what the decision of its first fact was written as; the record holds these very bytes.
    """
    first = decided.facts[0] if made is not None else None
    if made is not None and isinstance(first, DecidedFact):
        return encode_around(decided, first.decision, made)
    return encode_plain(decided)


def decode_decided(value: bytes) -> Decided:
    """Read a record of `insp.decided`; raises pydantic's ValidationError if it is none."""
    return Decided.model_validate_json(value)


def _decided(event: JournalEvent, facts: tuple[Fact, ...]) -> Decided:
    record, source = event.record, event.source
    place = {"topic": source.topic, "partition": source.partition, "offset": source.offset}
    return _build_decided(
        {
            "src": _build_source(place),
            "key": event.key,
            "digest": event.digest,
            "type": record.type,
            "dept": record.dept,
            "at": event.at_ms,
            "rules_version": RULES_VERSION,
            "policy_version": record.policy_version,
            "facts": facts,
        }
    )
