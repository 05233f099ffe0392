"""What is decided on one journal partition, and how does it become durable?

For each fetched batch: read the states, fold, write states, views, outbox and position in one
atomic script, publish, and only then let the offset be committed. Dying anywhere in between loses
nothing:

- before the script: the batch is read and decided again, from the same state, to the same bytes;
- after the script, before the publication: the outbox is published again, byte for byte;
- after the publication, before the commit: the position in the view says what is done.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from schemas.codec import Malformed, decode_journal
from schemas.facts import Decided, FaultedFact
from schemas.generations import UNGROWN, Generations
from schemas.journal import JournalEvent, Source
from schemas.reasons import Refusal
from schemas.topics import DECIDED
from streams.answer import Place, answer, faulted, unreadable
from streams.changes import Changes, Parked, parked
from streams.lanes import Partition
from streams.policies import PolicyBook
from streams.ports import AtPoint, Fenced, Log, Publisher, Record, View, passed
from streams.publicity import NO_SITES
from streams.recovery import Recovery
from streams.rules.decide import Mint
from streams.rules.publicity.feeds import Forms
from streams.rules.state import EMPTY, SubjectState, decode_state

log = structlog.get_logger()

# The loop must answer heartbeats and other lanes while a long batch is folded.
_YIELD_EVERY_RECORDS = 200


@dataclass(slots=True)
class _Owned:
    """What we know of a partition while we own it."""

    fence: str
    next_offset: int
    decided_next: int
    at: int | None
    states: dict[str, SubjectState] = field(default_factory=dict)


class DecideHandler:
    """Decides the journal's partitions (fits streams.lanes.BatchHandler)."""

    eager = True

    def __init__(
        self,
        *,
        view: View,
        logs: Log,
        publisher: Publisher,
        policies: PolicyBook,
        mint: Mint,
        states_cached_max: int,
        forms: Forms = NO_SITES,
        at_point: AtPoint = passed,
        generations: Generations = UNGROWN,
    ) -> None:
        self._view = view
        self._generations = generations
        self._publisher = publisher
        self._policies = policies
        self._mint = mint
        self._cached_max = states_cached_max
        self._forms = forms
        self._recovery = Recovery(view, logs, publisher, forms, passed, generations)
        self._owned: dict[int, _Owned] = {}
        self._at = at_point

    async def open(self, tp: Partition, committed: int | None) -> int:
        """Make the view level with the logs; returns the next offset to decide."""
        fence = uuid.uuid4().hex
        self._at("recover")
        opened = await self._recovery.open(
            tp.partition, fence, committed, lambda done, total: self._at("in recovery")
        )
        self._owned[tp.partition] = _Owned(
            fence, opened.next_offset, opened.decided_next, opened.at
        )
        log.info("partition is ours", partition=tp.partition, next_offset=opened.next_offset)
        return opened.next_offset

    async def idle(self, tp: Partition) -> None:
        """End if the view is not where we left it: wiped at night, it must not stay empty."""
        owned = self._owned[tp.partition]
        await self._view.check(tp.partition, owned.fence, owned.at)

    async def close(self, tp: Partition) -> None:
        """Forget it."""
        self._owned.pop(tp.partition, None)

    async def handle(self, tp: Partition, records: Sequence[Record]) -> None:
        """Decide a batch and make it durable."""
        owned = self._owned[tp.partition]
        changes = Changes(tp.partition, self._forms, self._generations)
        await self._fetch_states(tp.partition, owned, records)
        for number, record in enumerate(records, 1):
            await self._decide(record, owned, changes)
            if number % _YIELD_EVERY_RECORDS == 0:
                await asyncio.sleep(0)
        await self._make_durable(tp.partition, owned, changes, records)

    async def _fetch_states(self, partition: int, owned: _Owned, records: Sequence[Record]) -> None:
        keys = {key_of(record) for record in records}
        states = owned.states
        if len(states) + len(keys) > self._cached_max:
            # The newest entries stay: dictionaries keep their order, used ones are moved to the
            # end.
            keep = self._cached_max - len(keys)
            for key in list(states)[: max(len(states) - max(keep, 0), 0)]:
                if key not in keys:
                    del states[key]
        missing = [key for key in keys if key not in states]
        found = await self._view.states(partition, missing)
        for key in keys.difference(missing):
            states[key] = states.pop(key)
        for key, value in zip(missing, found, strict=True):
            states[key] = EMPTY if value is None else decode_state(value)

    async def _decide(self, record: Record, owned: _Owned, changes: Changes) -> None:
        try:
            event = read_event(record, self._generations)
        except Malformed as cause:
            self._park(record, owned, changes, unreadable(_place(record), cause))
            return
        if not self._generations.belongs(event.key, record.partition, record.offset):
            # Its enterprise is decided elsewhere: from here its past could not be seen.
            self._park(record, owned, changes, faulted(event, ForeignPartitionError()))
            return
        version = event.record.policy_version
        policy = self._policies.known(version) or await self._policies.get(version)
        after, decided = answer(owned.states[event.key], event, policy, self._mint)
        owned.states[event.key] = after
        if isinstance(decided.facts[0], FaultedFact):
            self._park(record, owned, changes, decided)
            return
        why = parked(decided)
        if why is not None:
            changes.park(record, why)
        changes.decide(decided, after)

    def _park(self, record: Record, owned: _Owned, changes: Changes, decided: Decided) -> None:
        """Answer FAULTED: the state stays as it is, the record goes to the dead letters."""
        (fact,) = decided.facts
        error = fact.error if isinstance(fact, FaultedFact) else ""
        log.error(
            "a record could not be decided",
            partition=record.partition, offset=record.offset, error=error,
            event_id=dict(record.headers).get("ce_id"), key=decided.key,
        )  # fmt: skip
        changes.park(record, Parked(Refusal.FAULTED, error))
        changes.decide(decided, owned.states[decided.key])

    async def _make_durable(
        self, partition: int, owned: _Owned, changes: Changes, records: Sequence[Record]
    ) -> None:
        missing = changes.missing()
        stored = await self._view.decisions(partition, missing)
        outbox = changes.publications(dict(zip(missing, stored, strict=True)))
        next_offset = records[-1].offset + 1
        batch = changes.view_batch(next_offset, owned.decided_next, outbox, records[0].offset)
        self._at("before script")
        await self._view.apply(partition, owned.fence, owned.at, batch)
        self._at("before publish")
        ends = await self._publisher.publish(outbox)
        self._at("after publish")
        owned.at = owned.next_offset = next_offset
        await self._move_decided_next(partition, owned, len(records), ends[DECIDED, partition])

    async def _move_decided_next(
        self, partition: int, owned: _Owned, published: int, end: int
    ) -> None:
        """Everything in `insp.decided` before `end` is in the view, if all of it is of our past.

        A worker that was frozen may publish what it had applied long after we took over. And one to
        whom an old copy of the view gave its fence back may find the answers of its successor.

        Raises:
            Fenced: somebody else decided further than we did.
        """
        if end - published != owned.decided_next:
            last = await self._recovery.last_decided(partition, owned.decided_next, end)
            if last >= owned.next_offset:
                raise Fenced(
                    f"journal partition {partition} was decided up to {last} by another worker, "
                    f"by this one up to {owned.next_offset - 1}: this worker must start over"
                )
        owned.decided_next = end


class ForeignPartitionError(Exception):
    """A record lies where its key does not belong: its writer did not know that the journal grew.

    Sent again from the dead letters it goes where it belongs.
    """


def read_event(record: Record, generations: Generations = UNGROWN) -> JournalEvent:
    """A journal record as the rules take it."""
    value, key = record.value or b"", key_of(record)
    return JournalEvent(
        record=decode_journal(value),
        source=generations.source(record.topic, record.partition, record.offset, key),
        at_ms=record.timestamp,
        digest=digest_of(value),
        key=key,
    )


def key_of(record: Record) -> str:
    """The enterprise a journal record belongs to."""
    return (record.key or b"").decode("utf-8", "backslashreplace")


def digest_of(value: bytes) -> str:
    """What tells one journal record's bytes from any other's."""
    return hashlib.sha256(value).hexdigest()[:16]


def _place(record: Record) -> Place:
    return Place(
        source=Source(record.topic, record.partition, record.offset),
        at_ms=record.timestamp,
        digest=digest_of(record.value or b""),
        key=key_of(record),
    )
