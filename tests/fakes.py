"""In-memory ports. They keep the promises of the real ones; the contract tests run on both."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.partitioner import murmur2

from connectors.redis_view import Position
from streams.ports import Fenced, Outgoing, ViewBatch


@dataclass(frozen=True, slots=True)
class FakeRecord:
    """A record as a broker would hand it out."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass
class FakeKafka:
    """Topics as lists. Append time goes up by a second a record.

    `counts`: how many partitions a topic has, if it is another number.
    """

    partitions: int = 1
    counts: dict[str, int] = field(default_factory=dict)
    logs: dict[tuple[str, int], list[FakeRecord]] = field(default_factory=lambda: defaultdict(list))
    starts: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    now_ms: int = 1_772_000_000_000

    def append(self, message: Outgoing) -> FakeRecord:
        """Store one record."""
        partition = message.partition
        if partition is None:
            key = message.key or b""
            count = self.counts.get(message.topic, self.partitions)
            partition = (murmur2(key) & 0x7FFFFFFF) % count
        log = self.logs[message.topic, partition]
        self.now_ms += 1000
        record = FakeRecord(
            message.topic, partition, self._end(message.topic, partition), self.now_ms,
            message.key, message.value, tuple(message.headers),
        )  # fmt: skip
        log.append(record)
        return record

    async def publish(self, records: Sequence[Outgoing]) -> Mapping[tuple[str, int], int]:
        """Deliver all (port Publisher)."""
        ends: dict[tuple[str, int], int] = {}
        for message in records:
            record = self.append(message)
            ends[record.topic, record.partition] = record.offset + 1
        return ends

    async def span(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset and the one after the last (port Log)."""
        return self.starts[topic, partition], self._end(topic, partition)

    def _end(self, topic: str, partition: int) -> int:
        log = self.logs[topic, partition]
        return log[-1].offset + 1 if log else self.starts[topic, partition]

    async def scan(
        self, topic: str, partition: int, start: int, end: int
    ) -> AsyncIterator[Sequence[FakeRecord]]:
        """Records of a stretch, in chunks of seven (port Log)."""
        found = [r for r in self.logs[topic, partition] if start <= r.offset < end]
        for at in range(0, len(found), 7):
            yield found[at : at + 7]

    def all(self, topic: str) -> list[FakeRecord]:
        """Every record of a topic, partition after partition."""
        return [r for (t, _), log in sorted(self.logs.items()) if t == topic for r in log]

    def cut_head(self, topic: str, partition: int, count: int) -> None:
        """Lose the first records, as retention does."""
        del self.logs[topic, partition][:count]
        self.starts[topic, partition] += count


@dataclass
class _Part:
    fence: str | None = None
    next_offset: int | None = None
    decided_next: int = 0
    outbox: bytes = b""
    outbox_from: int = 0
    states: dict[str, bytes] = field(default_factory=dict)
    decisions: dict[str, bytes] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    public: dict[str, bytes] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    cases: dict[str, str] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    agenda: set[str] = field(default_factory=set)
    joints: dict[str, bytes] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    generation: int = 1


class FakeView:
    """The view in memory (port View). It can be wiped and rolled back, as a real one can."""

    def __init__(self) -> None:
        self.parts: dict[int, _Part] = defaultdict(_Part)

    async def claim(self, partition: int, fence: str) -> Position:
        """Take over."""
        part = self.parts[partition]
        part.fence = fence
        return Position(
            part.next_offset, part.decided_next, part.outbox, part.outbox_from, part.generation
        )

    async def begin(self, partition: int, fence: str, generation: int) -> None:
        """Drop everything, to be filled."""
        if self.parts[partition].fence != fence:
            raise Fenced(f"fence is {self.parts[partition].fence}")
        self.parts[partition] = _Part(fence, next_offset=-1, generation=generation)

    async def states(self, partition: int, keys: Sequence[str]) -> list[bytes | None]:
        """Encoded states."""
        return [self.parts[partition].states.get(key) for key in keys]

    async def decisions(self, partition: int, names: Sequence[str]) -> list[bytes | None]:
        """First decisions."""
        return [self.parts[partition].decisions.get(name) for name in names]

    async def apply(self, partition: int, fence: str, expect: int | None, batch: ViewBatch) -> None:
        """Write everything or nothing."""
        part = self.parts[partition]
        if part.fence != fence:
            raise Fenced(f"fence is {part.fence}")
        if part.next_offset == batch.next_offset and part.next_offset != expect:
            return
        if part.next_offset != expect:
            raise Fenced(f"position is {part.next_offset}, expected {expect}")
        part.next_offset, part.decided_next = batch.next_offset, batch.decided_next
        part.outbox, part.outbox_from = batch.outbox, batch.outbox_from
        part.states |= batch.states
        part.decisions |= batch.decisions
        part.codes |= batch.codes
        part.open |= batch.opened
        part.public |= batch.public
        part.results |= batch.results
        part.cases |= batch.cases
        part.due |= batch.due
        part.agenda |= batch.agenda
        part.joints |= batch.joints
        part.drawn = (part.drawn | batch.drawn) - batch.compared
        for there, gone in (
            (part.open, batch.closed), (part.public, batch.hidden), (part.due, batch.settled)
        ):  # fmt: skip
            for name in gone:
                there.pop(name, None)

    async def decided_to(self, partition: int) -> int | None:
        """How far decide is."""
        return self.parts[partition].next_offset

    async def drawn_quarters(self, partition: int) -> list[str]:
        """Quarters for which draws wait."""
        return sorted({name.partition("\x1f")[0] for name in self.parts[partition].drawn})

    async def drawn(self, partition: int, quarter: str, after: str, limit: int) -> list[str]:
        """Enterprises whose draws wait, after this one, in order."""
        names = sorted(
            name.partition("\x1f")[2]
            for name in self.parts[partition].drawn
            if name.startswith(f"{quarter}\x1f")
        )
        return [name for name in names if name > after][:limit]

    async def check(self, partition: int, fence: str, expect: int | None) -> None:
        """Still ours, still there?"""
        part = self.parts[partition]
        if (part.fence, part.next_offset) != (fence, expect):
            raise Fenced(f"fence is {part.fence}, position {part.next_offset}, expected {expect}")

    async def forget(self, partition: int) -> None:
        """Drop the partition."""
        self.parts.pop(partition, None)

    def snapshot(self) -> Any:
        """What `restore` brings back."""
        return copy.deepcopy(self.parts)

    def restore(self, snapshot: Any) -> None:
        """Roll back to an older state, as a restored append-only file does."""
        self.parts = copy.deepcopy(snapshot)

    def content(self) -> Any:
        """Everything but fences and outboxes: what two equal views agree in."""
        return {
            number: (
                p.next_offset,
                p.states,
                p.decisions,
                p.codes,
                p.open,
                p.public,
                p.results,
                p.cases,
                p.due,
                p.agenda,
                p.joints,
                p.drawn,
            )
            for number, p in self.parts.items()
        }
