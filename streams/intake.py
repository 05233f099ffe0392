"""How does an inbound record enter the journal?

Judged, stamped, appended; what cannot be accepted is parked.

Nothing is dropped: a refused record lies in `insp.dlq.intake` with its original bytes, and its
department is told. Control entries (registries, policies) go to the control topics that every
worker follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal
from uuid import uuid4

import structlog

from schemas.codec import JSON, encode_json
from schemas.dead_letter import DeadLetter, key_text, refusal_message, replays_so_far, to_headers
from schemas.draws_known import Published
from schemas.envelope import Envelope, write_headers
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from schemas.messages import EVENT_REFUSED, Place
from schemas.policy import PolicyDocument
from schemas.topics import CTL_POLICY, CTL_REGISTRY, dlq_topic, out_topic
from streams.accept import Accepted, ForControl, ForJournal, ForJournals, Refused, accept
from streams.changes import HUB_SOURCE
from streams.journaling import journal_record as journal_record
from streams.lanes import Partition
from streams.ports import AtPoint, ControlTopics, Outgoing, Publisher, Record, passed
from streams.registry import Registry, ctl_key
from streams.rules.wording import instant_text

log = structlog.get_logger()

STAGE: Literal["intake"] = "intake"
_YIELD_EVERY_RECORDS = 200


class IntakeHandler:
    """Takes inbound records in (fits streams.lanes.BatchHandler).

    Has no state but the registries.
    """

    eager = False

    def __init__(
        self,
        *,
        registry: Registry,
        control: ControlTopics,
        publisher: Publisher,
        at_point: AtPoint = passed,
    ) -> None:
        self._registry = registry
        self._control = control
        self._publisher = publisher
        self._at = at_point
        self._name = uuid4().hex.encode()

    async def open(self, tp: Partition, committed: int | None) -> int | None:
        """Nothing to prepare: Kafka's committed offset is the position."""
        return None

    async def idle(self, tp: Partition) -> None:
        """Nothing is kept that could be lost."""

    async def close(self, tp: Partition) -> None:
        """Nothing is kept."""

    async def handle(self, tp: Partition, records: Sequence[Record]) -> None:
        """Judge a batch and append what follows; returns when the broker has all of it."""
        await self._control.level()
        outgoing: list[Outgoing] = []
        for number, record in enumerate(records, 1):
            accepted = accept(record, self._registry)
            drawn = _drawn(accepted)
            if drawn is None:
                outgoing += _published(record, accepted)
            elif self._registry.draws.standing(drawn) is None:
                await self._publish([*outgoing, self._draw_record(record, accepted)])
                outgoing = await self._read_back(record, drawn)
            if number % _YIELD_EVERY_RECORDS == 0:
                await asyncio.sleep(0)
        await self._publish(outgoing)

    async def _publish(self, outgoing: Sequence[Outgoing]) -> None:
        self._at("before publish")
        await self._publisher.publish(outgoing)
        self._at("after publish")

    def _draw_record(self, record: Record, accepted: Accepted) -> Outgoing:
        """The entry under a key that no other worker uses, nor this one for any other record.

        Of entries with one key compaction leaves the last, and what counts of a draw is the first.
        """
        (made,) = _published(record, accepted)
        key = b"%b@%b/%b" % (made.key or b"", _origin(record), self._name)
        return made._replace(key=key)

    async def _read_back(self, record: Record, drawn: Published) -> list[Outgoing]:
        """Refuse it if another worker was faster: the order on the control topic decides."""
        await self._control.level(now=True)
        if self._registry.draws.standing(drawn) is None:
            # A worker that was frozen: who follows the topic passes over what comes too late.
            self._registry.draws.put(drawn)
        found = accept(record, self._registry)
        return _published(record, found) if isinstance(found, Refused) else []


def judge(record: Record, registry: Registry) -> list[Outgoing]:
    """What is published for one inbound record, where one worker takes everything in.

    Never nothing, but for what stands of a draw already. What is published of a draw is in the
    registry at once: what comes right behind must meet it.
    """
    accepted = accept(record, registry)
    drawn = _drawn(accepted)
    if drawn is not None:
        if registry.draws.standing(drawn) is not None:
            return []
        registry.draws.put(drawn)
    return _published(record, accepted)


def _drawn(accepted: Accepted) -> Published | None:
    entry = accepted.entry if isinstance(accepted, ForControl) else None
    return entry if isinstance(entry, (DrawCommitted, DrawRevealed)) else None


def _published(record: Record, answer: Accepted) -> list[Outgoing]:
    if isinstance(answer, ForJournal):
        return [journal_record(answer)]
    if isinstance(answer, ForJournals):
        return [journal_record(one) for one in answer.records]
    if isinstance(answer, ForControl):
        return [_control_record(record, answer)]
    log.debug(
        "event refused", reason=answer.reason.value, field=answer.field,
        event_id=answer.envelope.id if answer.envelope else None,
        topic=record.topic, partition=record.partition, offset=record.offset,
    )  # fmt: skip
    return _refusal(record, answer)


def _origin(record: Record) -> bytes:
    return f"{record.topic}/{record.partition}/{record.offset}".encode()


def _control_record(record: Record, accepted: ForControl) -> Outgoing:
    topic = CTL_POLICY if accepted.place is Place.CTL_POLICY else CTL_REGISTRY
    entry = accepted.entry
    # A policy is known by the hash of its canonical form, so that is the form in which it is kept.
    value = entry.canonical() if isinstance(entry, PolicyDocument) else encode_json(entry)
    headers = [("content-type", JSON.encode()), ("hub-origin", _origin(record))]
    # One partition holds the whole: readers must see entries in the order they were accepted.
    return Outgoing(topic, 0, ctl_key(accepted.type, entry).encode(), value, headers)


def _refusal(record: Record, refused: Refused) -> list[Outgoing]:
    replays, first_failed_at_ms = replays_so_far(record.headers)
    letter = DeadLetter(
        stage=STAGE,
        reason=refused.reason,
        field=refused.field,
        message=refused.message,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=key_text(record.key),
        event_id=refused.envelope.id if refused.envelope else None,
        event_type=refused.envelope.type if refused.envelope else None,
        dept=refused.dept,
        first_failed_at_ms=first_failed_at_ms or record.timestamp,
        replay_count=replays,
    )
    dead = Outgoing(
        dlq_topic(STAGE), 0, record.key, record.value, to_headers(letter, record.headers)
    )
    if refused.dept is None:
        return [dead]
    body = refusal_message(letter)
    envelope = Envelope(
        id=f"{record.topic}-{record.partition}-{record.offset}",
        source=HUB_SOURCE,
        type=EVENT_REFUSED,
        time=instant_text(record.timestamp),
    )
    value = encode_json(body)
    told = Outgoing(out_topic(refused.dept), None, record.key, value, write_headers(envelope, JSON))
    return [dead, told]
