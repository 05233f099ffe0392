"""What was decided about the disclosure of every result, and was each stop lawful?

Recorded facts only, beside what the journal says was approved or ordered: no fold is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.audit.cases import APPROVED
from connectors.audit.days import as_day, day_of_ms
from connectors.audit.decode import Entry
from connectors.audit.generations import Generations
from connectors.audit.report import Book
from connectors.audit.results import DISCLOSED, REPAIR_APPROVED
from connectors.audit.wire import (
    HUB,
    REGISTRY,
    REPAIR_APPLIED,
    REPAIR_DECIDED,
    RESULT_CORRECTED,
    STOP_ORDERED,
)

Name = tuple[str, str]
"""Credit code and result id."""

_ANYBODYS = frozenset({REGISTRY, HUB})
_NAMES_A_RESULT = frozenset({"COMPLETED", "DISCLOSURE", "STOP_KEPT"})
_DISCLOSE_AGAIN = frozenset({"REVOKED", "RESUMED"})


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded change of one disclosure. `source`: journal partition and offset."""

    name: Name
    version: int
    state: str
    fact: Mapping[str, Any]
    source: tuple[int, int]
    at_ms: int
    is_lawful: bool

    @property
    def dept(self) -> str:
        """The department whose result it is."""
        return str(self.fact["content"]["dept"])

    @property
    def stops(self) -> bool:
        """Whether the result is not shown from here on."""
        return self.state != DISCLOSED

    @property
    def last_day(self) -> date:
        """The day on which it must be carried out: one told too late, on the day it was told.

        Source: art. 13 (three working days from the approval).
        """
        due = self.fact.get("due_on")
        told = day_of_ms(self.at_ms)
        return max(as_day(due), told) if due else told


@dataclass(slots=True)
class Stop:
    """A result that must not be shown now. `first`: the change with which that began."""

    name: Name
    first: Change
    newest: Change


@dataclass(slots=True)
class Disclosed:
    """Every recorded change of every disclosure, over all partitions, in order.

    Attributes:
        changes: credit code and result id -> its changes.
        cases: repair cases that an event opened: credit code and repair id -> its results.
        repairs: credit code and repair id -> the last recorded fact of the case, and its partition.
        waiting: repair cases of which steps were held.
        named: journal partition and result id -> enterprises that the facts name it for.
    """

    book: Book
    changes: dict[Name, list[Change]] = field(default_factory=dict)
    cases: dict[Name, set[str]] = field(default_factory=dict)
    repairs: dict[Name, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)
    waiting: set[Name] = field(default_factory=set)
    named: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    _approvals: dict[str, list[tuple[str, str, frozenset[str]]]] = field(default_factory=dict)
    _orders: dict[Name, set[str]] = field(default_factory=dict)
    _grown: Generations | None = None

    def settle(self, generations: Generations) -> None:
        """The journal has grown: everything is in the partition where its enterprise is now."""
        self._grown = generations
        for (uscc, name), (_, fact) in self.repairs.items():
            self.repairs[uscc, name] = (generations.partition(uscc), fact)
        before, self.named = self.named, {}
        for (_, result_id), owners in before.items():
            for uscc in owners:
                place = (generations.partition(uscc), result_id)
                self.named.setdefault(place, set()).add(uscc)

    def partition_now(self, change: Change) -> int:
        """The journal partition in which the enterprise of a change is now."""
        return self._grown.partition(change.name[0]) if self._grown else change.source[0]

    def hear(self, entry: Entry) -> None:
        """Note what a journal record approves or orders, before what was decided on it."""
        data = entry.data
        if entry.type == REPAIR_APPLIED:
            results = self.cases.setdefault((entry.key, data["repair_id"]), set())
            results.update(data["result_ids"])
        elif entry.type == REPAIR_DECIDED and data["decision"] == APPROVED:
            if data.get("decision_no"):
                row = (_acting(entry), frozenset(data.get("result_ids") or ()))
                self._approvals.setdefault(entry.key, []).append((data["repair_id"], *row))
        elif _is_order(entry):
            self._orders.setdefault((entry.key, data["result_id"]), set()).add(entry.dept)

    def take(self, entry: Entry, facts: Sequence[Mapping[str, Any]]) -> None:
        """Note what was recorded, and judge versions and stops.

        Raises:
            KeyError, TypeError, ValueError: A fact is incomplete.
        """
        for fact in facts:
            if fact["fact"] == "DISCLOSURE":
                self._take(entry, fact)
            elif fact["fact"] == "REPAIR":
                self.repairs[entry.key, fact["repair_id"]] = (entry.partition, fact)
            elif fact["fact"] == "HELD":
                self.waiting.add((entry.key, fact["repair_id"]))
            if fact["fact"] in _NAMES_A_RESULT:
                place = (entry.partition, str(fact["result_id"]))
                self.named.setdefault(place, set()).add(entry.key)

    def by_version(self, name: Name) -> dict[int, Change]:
        """The changes of a result that belong on the feeds."""
        return {change.version: change for change in self.changes.get(name, ()) if change.version}

    def stops(self) -> list[Stop]:
        """The results that must not be shown now, wherever they were shown or not."""
        found = []
        for name, rows in self.changes.items():
            if not rows[-1].stops:
                continue
            run = len(rows)
            while run and rows[run - 1].stops:
                run -= 1
            found.append(Stop(name, rows[run], rows[-1]))
        return found

    def lawful_stop(self, name: Name, version: int) -> bool:
        """Whether a lawful stop of this version or an earlier one was decided."""
        rows = self.changes.get(name, ())
        return any(c.stops and c.is_lawful and c.version <= version for c in rows)

    def _take(self, entry: Entry, fact: Mapping[str, Any]) -> None:
        name = (entry.key, str(fact["result_id"]))
        where = f"insp.journal/{entry.partition}/{entry.offset}"
        rows = self.changes.setdefault(name, [])
        source, dept = (entry.partition, entry.offset), fact["content"]["dept"]
        is_lawful = fact["state"] == DISCLOSED or self._has_cause(name, dept)
        change = Change(name, fact["version"], fact["state"], fact, source, entry.at_ms, is_lawful)
        self.book.expect("I3.versions", where, _version_fault(rows[-1] if rows else None, change))
        if change.stops:
            text = f"{name[1]} is {change.state}, but {dept} neither approved nor ordered that"
            self.book.expect("I9.facts", where, "" if is_lawful else text)
        rows.append(change)

    def _has_cause(self, name: Name, dept: str) -> bool:
        """Source: art. 12, 13 (the inspecting department approves; nobody else stops)."""
        uscc, result_id = name
        if self._orders.get(name, set()) & {dept, *_ANYBODYS}:
            return True
        return any(
            by in (dept, HUB) and result_id in (chosen or self.cases.get((uscc, case), set()))
            for case, by, chosen in self._approvals.get(uscc, ())
        )


def _is_order(entry: Entry) -> bool:
    """Whether an event orders a stop: outright, or by correcting a result to unpublished."""
    if entry.type == STOP_ORDERED:
        return bool(entry.data["stop_reason"] != REPAIR_APPROVED)
    return entry.type == RESULT_CORRECTED and not entry.data["publish"]


def _acting(entry: Entry) -> str:
    """In whose name an event was sent: the hub may act for a department."""
    return str(entry.data.get("dept") or HUB) if entry.dept == HUB else entry.dept


def _version_fault(last: Change | None, change: Change) -> str:
    """Why this change cannot follow the one before it; empty when it can."""
    version, before = change.version, last.version if last else 0
    rises = before > 0 or not change.stops
    if version != before + rises:
        return f"{change.name[1]} goes from version {before} to {version}"
    if last is not None and last.stops and not change.stops:
        cause = change.fact.get("cause")
        if cause not in _DISCLOSE_AGAIN:
            return f"{change.name[1]} is disclosed again because of {cause}"
    return ""
