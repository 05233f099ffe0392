"""What would have been decided under another cap table? Two folds over one journal, side by side.

One follows the policies that the records were taken in under, the other judges tasks of the asked
days by the other table. What follows from an interception is followed through: an inspection that
would have been intercepted was not made, so its entry and result do not count in the other fold;
one that would have been let through keeps its place, as if it had been made as planned.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from msgspec.structs import replace

from schemas.codec import decode_journal
from schemas.decision import DecisionMade
from schemas.enums import Decision
from schemas.facts import Decided, DecidedFact, FaultedFact
from schemas.generations import UNGROWN
from schemas.inbound import TaskSubmitted
from schemas.journal import JournalEvent
from schemas.malformed import Malformed
from schemas.messages import POLICY_PUBLISHED
from schemas.simulation import Asked, Comparison, Effect
from streams.answer import answer
from streams.policies import PolicyBook, UnknownPolicyError
from streams.registry import Registry
from streams.replay import Line, Replay, file_record
from streams.rules.entry.caps import CompiledPolicy, compile_policy
from streams.rules.state import EMPTY, UNRATED, SubjectState

_BLOCKED = frozenset(
    {
        Decision.INTERCEPTED_OVER_CAP,
        Decision.REFUSED_WHITELISTED,
        Decision.REFUSED_JOINT_MEMBER,
    }
)


class JournalEntry(Protocol):
    """A record of the journal, as it was fetched."""

    @property
    def topic(self) -> str: ...  # noqa: D102 - of a record
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp(self) -> int: ...  # noqa: D102
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102


class NoCodes:
    """Stands for the maker of codes: which code a task would get does not matter here."""

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        """Any text."""
        return task_id

    def qr_text(self, code: str, valid_until: date) -> str:
        """Any text."""
        return code


class Simulation:
    """Compares; fed with the lines of a file, or with policies and then the journal."""

    def __init__(self, asked: Asked) -> None:
        """Nothing is judged yet."""
        self.comparison = Comparison()
        self._asked = asked
        self._instead = compile_policy(asked.judging)
        self._mint = NoCodes()
        self._file = Replay(self._mint, lambda _key: 0)
        self._registry = Registry(only=(POLICY_PUBLISHED,))
        self._policies = PolicyBook(self._registry)
        self._partition = -1
        self.generations = UNGROWN
        self._as_was: dict[str, SubjectState] = {}
        self._would_be: dict[str, SubjectState] = {}
        self._not_made: set[tuple[str, str]] = set()

    def line(self, line: Line, number: int) -> None:
        """Judge one line of a file."""
        for placed in self._file.place(file_record(line, number)):
            if isinstance(placed, JournalEvent):
                self._follow(placed)
            else:
                self.comparison.unjudged += 1

    def _follow(self, event: JournalEvent) -> None:
        """Judge a record, and what other logs hear of it."""
        decided = self._take(event, self._file.policy_of(event))
        for told in self._file.told(decided, self._as_was[event.key]):
            self._follow(told)

    def policy(self, key: bytes | None, value: bytes | None) -> None:
        """Take in one record of the policies' control topic; what cannot be read is left out."""
        if key and value:
            try:
                self._registry.take(key, value)
            except ValueError:
                self.comparison.unjudged += 1

    def record(self, record: JournalEntry) -> None:
        """Judge one record of the journal, partition after partition."""
        if record.partition != self._partition and self.generations.is_first:
            # An enterprise lies in one partition: what was remembered is not asked for again.
            self._partition = record.partition
            for held in (self._as_was, self._would_be, self._not_made):
                held.clear()
        try:
            content = decode_journal(record.value)
            policy = self._policies.at_once(content.policy_version)
        except (Malformed, UnknownPolicyError):
            self.comparison.unjudged += 1
            return
        key = (record.key or b"").decode()
        source = self.generations.source(record.topic, record.partition, record.offset, key)
        event = JournalEvent(content, source, record.timestamp, "", key)
        self._take(event, policy)

    def _take(self, event: JournalEvent, policy: CompiledPolicy) -> Decided:
        """Judge a record twice; returns how it was answered."""
        key, data = event.key, event.record.data
        was = self._as_was.get(key, EMPTY)
        self._as_was[key], before = answer(was, event, policy, self._mint)
        task = data if isinstance(data, TaskSubmitted) else None
        if task is None and (key, str(getattr(data, "task_id", ""))) in self._not_made:
            self.comparison.skipped += 1
            return before
        asked = task is not None and self._is_asked(task.planned_on)
        would = self._would_be.get(key, EMPTY)
        judged, judging = (self._moved(event), self._instead) if asked else (event, policy)
        self._would_be[key], after = answer(would, judged, judging, self._mint)
        if asked:
            self._compare(event, before, after, would)
        return before

    def _moved(self, event: JournalEvent) -> JournalEvent:
        """The record as if it had been taken in under the other table."""
        record = event.record.model_copy(update={"policy_version": self._instead.version})
        return replace(event, record=record)

    def _is_asked(self, day: date) -> bool:
        return self._asked.first_day <= day <= self._asked.last_day

    def _compare(
        self, event: JournalEvent, before: Decided, after: Decided, state: SubjectState
    ) -> None:
        old, new = _first_decision(before), _first_decision(after)
        if old is None or new is None:
            self.comparison.unjudged += any(
                isinstance(fact, FaultedFact) for fact in (*before.facts, *after.facts)
            )
            return
        found = self.comparison
        if old.decision not in _BLOCKED and new.decision in _BLOCKED:
            self._not_made.add((event.key, new.task_id))
        if old.decision in _BLOCKED and new.decision is Decision.ISSUED:
            found.assumed += 1
        rated = state.classes.get(self._asked.scheme)
        for effect in (
            found.total,
            found.departments.setdefault(new.dept, Effect()),
            found.classes.setdefault(UNRATED if rated is None else rated.class_, Effect()),
            found.months.setdefault(_month(event), Effect()),
        ):
            effect.add(old.decision, new.decision)
        found.decisions[old.decision, new.decision] += 1
        for made, rules in ((old, found.rules_before), (new, found.rules_after)):
            if made.decision is Decision.INTERCEPTED_OVER_CAP:
                rules[made.rule or ""] += 1


def _first_decision(decided: Decided) -> DecisionMade | None:
    """The decision of a task that was not known before; None for a repeat or a conflict."""
    fact = decided.facts[0] if decided.facts else None
    return fact.decision if isinstance(fact, DecidedFact) else None


def _month(event: JournalEvent) -> str:
    data = event.record.data
    return data.planned_on.isoformat()[:7] if isinstance(data, TaskSubmitted) else ""
