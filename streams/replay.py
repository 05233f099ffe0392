"""What would be decided on a file of events?

The same judgement and the same fold, without broker or Redis.

A record of the file stands for one on the department's topic; its time is its own, and its place in
the journal is counted here, so that codes come out as they would in the hub.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol, cast

from schemas.calendar_entries import with_entries
from schemas.facts import Decided
from schemas.inbound_joint import DrawObject
from schemas.journal import JournalEvent, Source
from schemas.messages import REGISTRY_SPECIAL
from schemas.policy import PolicyDocument
from schemas.topics import JOURNAL, in_topic
from streams.accept import ForControl, ForJournal, ForJournals, Refused, accept
from streams.answer import answer
from streams.journaling import Accepted, Relayed
from streams.policies import PolicyBook
from streams.ports import Headers
from streams.registry import Registry
from streams.rules.deadlines import day_of_ms
from streams.rules.decide import Mint
from streams.rules.delivery.retry import end_of_ms
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.joint.draw_window import window_end
from streams.rules.relays import relays, special_entry
from streams.rules.state import EMPTY, SubjectState
from streams.windows import closing_record


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
        self._drawn: dict[str, dict[str, None]] = {}
        self._looked_on = date.min
        if policy is not None:
            self._take_policy(policy)

    def line(self, line: Line, number: int) -> list[Decided | str]:
        """What comes of one line: answers, or the reason code of a refusal; nothing of an entry."""
        placed = self.place(file_record(line, number))
        found: list[Decided | str] = []
        for one in placed:
            found += [one.reason.value] if isinstance(one, Refused) else self._follow(one)
        return found

    def rest(self) -> list[Decided | str]:
        """What comes of draws that still wait where the file ends: their windows close there."""
        return [self._decide(event) for event in self.closings()]

    def place(self, record: FileRecord) -> list[JournalEvent | Refused]:
        """The journal records that one line would become: none for an entry of the registries.

        A draw becomes one for each object. A file has no scheduler: the first line after a
        quarter's window closes it for all that was drawn, and those records come first.
        """
        day = day_of_ms(record.timestamp)
        found: list[JournalEvent | Refused] = []
        if self._drawn and day != self._looked_on:
            self._looked_on = day
            found += self._closings(day, record.timestamp)
        accepted = accept(record, self.registry)
        if isinstance(accepted, Refused):
            found.append(accepted)
        elif isinstance(accepted, ForControl):
            if self._instead is None or not isinstance(accepted.entry, PolicyDocument):
                self.registry.put(accepted.type, accepted.entry)
        elif isinstance(accepted, ForJournals):
            for one in accepted.records:
                found.append(self._event(one, record.timestamp))
                quarter = cast("DrawObject", one.record.data).quarter
                self._drawn.setdefault(quarter, {})[one.key] = None
        else:
            found.append(self._event(accepted, record.timestamp))
        return found

    def closings(self) -> list[JournalEvent]:
        """The records that close what is still open where a file ends, a day after each end."""
        found = []
        for quarter in sorted(self._drawn):
            end = self._window_end(quarter)
            if end is not None:
                day = end + timedelta(days=1)
                found += self._closing(quarter, day, end_of_ms(day))
        return found

    def _closings(self, day: date, at_ms: int) -> list[JournalEvent]:
        """Those of the windows that are over on a day."""
        found = []
        for quarter in sorted(self._drawn):
            end = self._window_end(quarter)
            if end is not None and day > end:
                found += self._closing(quarter, day, at_ms)
        return found

    def _window_end(self, quarter: str) -> date | None:
        version = self.registry.policy_version
        if version is None:
            return None
        calendar = with_entries(self.registry.calendar_finding())
        return window_end(quarter, self._policies.at_once(version).draw_days, calendar)

    def _closing(self, quarter: str, day: date, at_ms: int) -> list[JournalEvent]:
        """Close one window for all enterprises that wait for it; a late draw waits anew."""
        version, entries = self.registry.policy_version or "", self.registry.calendar_finding()
        return [
            self._event(
                ForJournal(uscc, closing_record(uscc, quarter, day, version, entries)), at_ms
            )
            for uscc in self._drawn.pop(quarter)
        ]

    def _event(self, accepted: Accepted, at_ms: int) -> JournalEvent:
        partition = self._partition_of(accepted.key.encode())
        offset = self._ends[partition]
        self._ends[partition] = offset + 1
        return JournalEvent(
            record=accepted.record,
            source=Source(JOURNAL, partition, offset),
            at_ms=at_ms,
            digest="",
            key=accepted.key,
        )

    def _follow(self, event: JournalEvent) -> list[Decided]:
        """The answer to a record, then those to what other logs hear of it from decide."""
        decided = self._decide(event)
        found = [decided]
        for told in self.told(decided, self._states[event.key]):
            found += self._follow(told)
        return found

    def told(self, decided: Decided, after: SubjectState) -> list[JournalEvent]:
        """The records that other logs have of an answer; intake's registries hear of it as well."""
        entry = special_entry(decided, after)
        if entry is not None:
            self.registry.put(REGISTRY_SPECIAL, entry)
        return [
            self._event(Relayed(decided, relay), decided.at) for relay in relays(decided, after)
        ]

    def _decide(self, event: JournalEvent) -> Decided:
        before = self._states.get(event.key, EMPTY)
        after, decided = answer(before, event, self.policy_of(event), self._mint)
        self._states[event.key] = after
        return decided

    def policy_of(self, event: JournalEvent) -> CompiledPolicy:
        """The policy that the record was taken in under."""
        return self._policies.at_once(event.record.policy_version)

    def _take_policy(self, policy: PolicyDocument) -> None:
        self.registry.policies[policy.full_version] = policy
        self.registry.policy_version = policy.full_version
