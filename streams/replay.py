"""What would be decided on a file of events?

The same judgement and the same fold, without broker or Redis.

A record of the file stands for one on the department's topic; its time is its own, and its place in
the journal is counted here, so that codes come out as they would in the hub.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.facts import Decided
from schemas.journal import JournalEvent, Source
from schemas.policy import PolicyDocument
from schemas.topics import JOURNAL, in_topic
from streams.accept import ForControl, Refused, accept
from streams.answer import answer
from streams.policies import PolicyBook
from streams.ports import Headers
from streams.registry import Registry
from streams.rules.caps import CompiledPolicy
from streams.rules.decide import Mint
from streams.rules.state import EMPTY, SubjectState


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One line of a file as a record of its department's topic (fits streams.ports.Record)."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Line(Protocol):
    """A line of a file of events, read: on whose topic it belongs, and what would stand there."""

    @property
    def dept(self) -> str: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...
    @property
    def key(self) -> bytes | None: ...


def file_record(line: Line, number: int) -> FileRecord:
    """A line of a file, told apart by its number.

    It lies at its own time; without one, at the epoch.
    """
    time = dict(line.headers).get("ce_time", b"").decode("utf-8", "replace")
    try:
        at_ms = int(datetime.fromisoformat(time).timestamp() * 1000)
    except ValueError:
        at_ms = 0
    return FileRecord(in_topic(line.dept), 0, number, at_ms, line.key, line.value, line.headers)


class Replay:
    """The fold over a file, with its own registries and states."""

    def __init__(
        self,
        mint: Mint,
        partition_of: Callable[[bytes], int],
        policy: PolicyDocument | None = None,
    ) -> None:
        """Begin with nothing.

        Args:
            mint: Makes codes.
            partition_of: The journal partition of a key.
            policy: Judge by this document instead of those in the file (what-if).
        """
        self.registry = Registry()
        self._policies = PolicyBook(self.registry)
        self._mint = mint
        self._partition_of = partition_of
        self._instead = policy
        self._states: dict[str, SubjectState] = {}
        self._ends: dict[int, int] = defaultdict(int)
        if policy is not None:
            self._take_policy(policy)

    def feed(self, record: FileRecord) -> Decided | Refused | None:
        """The answer to one line; None for an entry of the registries."""
        placed = self.place(record)
        if not isinstance(placed, JournalEvent):
            return placed
        before = self._states.get(placed.key, EMPTY)
        after, decided = answer(before, placed, self.policy_of(placed), self._mint)
        self._states[placed.key] = after
        return decided

    def place(self, record: FileRecord) -> JournalEvent | Refused | None:
        """The journal record that one line would become; None for an entry of the registries."""
        accepted = accept(record, self.registry)
        if isinstance(accepted, Refused):
            return accepted
        if isinstance(accepted, ForControl):
            if self._instead is None or not isinstance(accepted.entry, PolicyDocument):
                self.registry.put(accepted.type, accepted.entry)
            return None
        partition = self._partition_of(accepted.key.encode())
        offset = self._ends[partition]
        self._ends[partition] = offset + 1
        return JournalEvent(
            record=accepted.record,
            source=Source(JOURNAL, partition, offset),
            at_ms=record.timestamp,
            digest="",
            key=accepted.key,
        )

    def policy_of(self, event: JournalEvent) -> CompiledPolicy:
        """The policy that the record was taken in under."""
        return self._policies.at_once(event.record.policy_version)

    def judge(self, line: Line, number: int) -> Decided | str | None:
        """The same of a line of a file; of a refusal only the reason code."""
        answered = self.feed(file_record(line, number))
        return answered.reason if isinstance(answered, Refused) else answered

    def _take_policy(self, policy: PolicyDocument) -> None:
        self.registry.policies[policy.full_version] = policy
        self.registry.policy_version = policy.full_version
