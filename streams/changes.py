"""What must a stretch of one partition write and publish?

Gathered record by record, then written at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from schemas.codec import JSON
from schemas.dead_letter import DeadLetter, key_text, to_headers
from schemas.decision import DecisionMade
from schemas.enums import Decision
from schemas.envelope import Envelope, write_headers
from schemas.facts import Decided, FaultedFact, NotedFact
from schemas.generations import UNGROWN, Generations
from schemas.plain_json import encode_plain
from schemas.reasons import Refusal
from schemas.topics import DECIDED, dlq_topic, out_topic
from streams.answer import encode_decided
from streams.journaling import Relayed, journal_record, special_record
from streams.ports import Outgoing, Record, ViewBatch, view_name
from streams.publicity import NO_SITES, Publicity, feed_messages
from streams.rules.held import TOO_MANY_HELD
from streams.rules.outward import Outward, StoredDecision, outward
from streams.rules.publicity.feeds import Forms
from streams.rules.publicity.grounds import TOO_MANY_KEPT
from streams.rules.relays import relays, special_entry
from streams.rules.special.objects import TOO_MANY_REPORTED
from streams.rules.special.steps import TOO_MANY_DISPATCHED, TOO_MANY_REFUSED
from streams.rules.special.surveys import TOO_MANY_FOUND
from streams.rules.state import SubjectState, encode_state
from streams.rules.views import ViewOps, view_ops
from streams.rules.wording import instant_text

HUB_SOURCE = "HUB"
SEPARATOR = "\x1f"
STAGE: Literal["decide"] = "decide"
_NO_ROOM = frozenset(
    {
        TOO_MANY_KEPT, TOO_MANY_HELD, TOO_MANY_FOUND, TOO_MANY_REPORTED, TOO_MANY_DISPATCHED,
        TOO_MANY_REFUSED,
    }
)  # fmt: skip
_JSON_HEADERS: tuple[tuple[str, bytes], ...] = (("content-type", JSON.encode()),)

_encode_outbox = msgspec.msgpack.Encoder().encode
_decode_outbox = msgspec.msgpack.Decoder(
    list[tuple[str, int | None, bytes | None, bytes | None, list[tuple[str, bytes | None]]]]
).decode


class _Repeat(NamedTuple):
    """A first decision to be sent again; its bytes are in the view or in this very batch."""

    message: Outgoing
    name: str


class Changes:
    """What the records folded so far change in the view, and what is to be published for them."""

    def __init__(
        self, partition: int, forms: Forms = NO_SITES, generations: Generations = UNGROWN
    ) -> None:
        self._partition = partition
        self._generations = generations
        self._forms = forms
        self._publicity = Publicity()
        self._states: dict[str, SubjectState] = {}
        self._decided: list[Outgoing] = []
        self._outward: list[Outgoing | _Repeat] = []
        self._decisions: dict[str, bytes] = {}
        self._codes: dict[str, str] = {}
        self._opened: dict[str, int] = {}
        self._closed: set[str] = set()
        self._agenda: set[str] = set()
        self._joints: dict[str, bytes] = {}
        self._drawn: set[str] = set()
        self._compared: set[str] = set()

    def decide(self, decided: Decided, after: SubjectState) -> None:
        """Take in a fresh answer: it is to be published and shown."""
        made = self.show(decided, after)
        value = encode_decided(decided, made)
        self._decided.append(
            Outgoing(DECIDED, self._partition, decided.key.encode(), value, _JSON_HEADERS)
        )
        self.tell(decided, after)

    def show(self, decided: Decided, after: SubjectState) -> bytes | None:
        """Change the view only. Returns the first decision, as it is sent, if one was made."""
        if not all(isinstance(fact, FaultedFact) for fact in decided.facts):
            self._states[decided.key] = after
        ops = view_ops(decided, after)
        for task_id, value in ops.decisions:
            self._decisions[view_name(decided.key, task_id)] = value
        self._show_codes(decided.key, ops)
        self._agenda.update(map(SEPARATOR.join, ops.agenda))
        self._show_joints(ops)
        if after.public is not None:
            self._publicity.show(decided)
        return ops.decisions[0][1] if ops.decisions else None

    def tell(self, decided: Decided, after: SubjectState) -> None:
        """Publish what goes out only: to departments, to the sites' feeds, to other logs."""
        written: dict[int, bytes] = {}
        base = self._base(decided)
        for number, message in enumerate(outward(decided, after, base)):
            self._outward.append(self._out(decided, message, number, written))
        if after.public is not None:
            self._outward += feed_messages(decided, self._forms)
        self._outward += [journal_record(Relayed(decided, one)) for one in relays(decided, after)]
        if after.special is not None and (entry := special_entry(decided, after, base)) is not None:
            self._outward.append(special_record(decided, entry))

    def _base(self, decided: Decided) -> int:
        return self._generations.base(decided.src.partition, decided.src.offset)

    def park(self, record: Record, why: Parked) -> None:
        """Publish a journal record as a dead letter, along with the rest."""
        self._outward.append(_dead_letter(record, why))

    def missing(self) -> list[str]:
        """First decisions that must be sent again but were not made in this stretch."""
        return [
            m.name
            for m in self._outward
            if isinstance(m, _Repeat) and m.name not in self._decisions
        ]

    def publications(self, stored: Mapping[str, bytes | None]) -> list[Outgoing]:
        """Everything to be published, facts first. `stored` has what `missing` named.

        Raises:
            LookupError: the view lacks a decision that was made: it is not the journal's view.
        """
        return [*self._decided, *(self._resolved(message, stored) for message in self._outward)]

    def view_batch(
        self, next_offset: int, decided_next: int, outbox: Sequence[Outgoing], outbox_from: int
    ) -> ViewBatch:
        """What the view must write."""
        return ViewBatch(
            next_offset=next_offset,
            decided_next=decided_next,
            outbox=pack(outbox),
            outbox_from=outbox_from,
            states={key: encode_state(state) for key, state in self._states.items()},
            decisions=self._decisions,
            codes=self._codes,
            opened=self._opened,
            closed=self._closed,
            agenda=self._agenda,
            joints=self._joints,
            drawn=self._drawn,
            compared=self._compared,
            **self._publicity.parts(),
        )

    def _show_codes(self, key: str, ops: ViewOps) -> None:
        for code, _, task_id in ops.codes:
            self._codes[code] = view_name(key, task_id)
        for _, task_id, last_day in ops.opened:
            name = view_name(key, task_id)
            self._opened[name] = last_day
            self._closed.discard(name)
        for _, task_id in ops.closed:
            name = view_name(key, task_id)
            self._opened.pop(name, None)
            self._closed.add(name)

    def _show_joints(self, ops: ViewOps) -> None:
        self._joints.update((view_name(key, name), row) for key, name, row in ops.joints)
        for name in map(SEPARATOR.join, ops.drawn):
            self._drawn.add(name)
            self._compared.discard(name)
        for name in map(SEPARATOR.join, ops.compared):
            self._drawn.discard(name)
            self._compared.add(name)

    def _out(
        self, decided: Decided, message: Outward, number: int, written: dict[int, bytes]
    ) -> Outgoing | _Repeat:
        """A message as it leaves. What several are told is written once, for all of them."""
        source = decided.src
        envelope = Envelope(
            id=f"{source.partition}-{source.offset}-{number}",
            source=HUB_SOURCE,
            type=message.type,
            time=instant_text(decided.at),
        )
        body, topic, key = message.body, out_topic(message.dept), message.key.encode()
        headers = write_headers(envelope)
        if isinstance(body, StoredDecision):
            name = view_name(decided.key, body.task_id)
            return _Repeat(Outgoing(topic, None, key, None, headers), name)
        if isinstance(body, DecisionMade) and body.decision is not Decision.CONFLICT:
            # The view keeps the very bytes that are sent: a repeat sends them again.
            value = self._decisions[view_name(decided.key, body.task_id)]
        else:
            value = written.get(id(body)) or written.setdefault(id(body), encode_plain(body))
        return Outgoing(topic, None, key, value, headers)

    def _resolved(
        self, message: Outgoing | _Repeat, stored: Mapping[str, bytes | None]
    ) -> Outgoing:
        if isinstance(message, Outgoing):
            return message
        value = self._decisions.get(message.name) or stored.get(message.name)
        if value is None:
            credit_code, task_id = message.name.split(SEPARATOR)
            raise LookupError(
                f"the view has no decision on task {task_id} of {credit_code}, which was decided "
                "before: run `hub rebuild`"
            )
        return message.message._replace(value=value)


class Parked(NamedTuple):
    """Why a journal record goes to the dead letters of decide."""

    reason: Refusal
    message: str


def parked(decided: Decided) -> Parked | None:
    """Why an operator must see this record: a rule failed, or what should wait cannot.

    Source: design §2 (FAULTED); docs/semantics.md §9, §10 (bounds).
    """
    for fact in decided.facts:
        if isinstance(fact, FaultedFact):
            return Parked(Refusal.FAULTED, fact.error)
        if isinstance(fact, NotedFact) and (codes := {one.code for one in fact.reasons} & _NO_ROOM):
            about = fact.result_id or fact.repair_id or fact.task_id or fact.special_id
            return Parked(Refusal.TOO_MANY, f"{min(codes)} about {about}")
    return None


def _dead_letter(record: Record, why: Parked) -> Outgoing:
    letter = DeadLetter(
        stage=STAGE,
        reason=why.reason,
        field="",
        message=why.message,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=key_text(record.key),
        first_failed_at_ms=record.timestamp,
    )
    return Outgoing(
        dlq_topic(STAGE), 0, record.key, record.value, to_headers(letter, record.headers)
    )


def pack(records: Sequence[Outgoing]) -> bytes:
    """Publications as bytes, to be kept until they are delivered."""
    return _encode_outbox(records) if records else b""


def unpack(outbox: bytes) -> list[Outgoing]:
    """The publications that `pack` kept."""
    return [Outgoing(*one) for one in _decode_outbox(outbox)] if outbox else []
