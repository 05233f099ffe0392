"""Did every log hear what another one owed it, and nothing else? From recorded facts alone.

Source: semantics §15; design §2 (a survey's found object: one record for the survey, one for the
enterprise).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.compare import kept_fault
from connectors.audit.decode import Entry
from connectors.audit.report import Book
from connectors.audit.state import Enterprise
from connectors.audit.wire import (
    CTL_REGISTRY,
    JOURNAL,
    RELAYED,
    SPECIAL,
    SPECIAL_OBJECT_REPORTED,
    SURVEY_OBJECT_ENTERED,
)

Place = tuple[int, int]
"""Partition and offset of a journal record."""
Name = tuple[str, object, object]
_OF_TASKS = {"COMPLETED": "RESULT", "CANCELLED": "CANCELLED", "EXPIRED": "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Owed:
    """A record that another log must have."""

    key: str
    type: str
    dept: str
    data: Mapping[str, Any]


@dataclass(slots=True)
class Relayed:
    """What logs owed each other, and what they had from each other, over all partitions."""

    book: Book
    owed: dict[Place, list[Owed]] = field(default_factory=dict)
    specials: dict[Place, dict[str, Any]] = field(default_factory=dict)
    _had: dict[tuple[Place, str, object, object], tuple[Any, ...]] = field(default_factory=dict)
    _listed: set[Place] = field(default_factory=set)

    def owe(self, entry: Entry, facts: Sequence[Mapping[str, Any]], state: Enterprise) -> None:
        """Note what follows for other logs from recorded facts; the state is that after them."""
        place = (entry.partition, entry.offset)
        found = [one for fact in facts for one in _owed(entry, fact, state)]
        if found:
            self.owed[place] = found
        if facts[0]["fact"] == "SPECIAL" and state.special is not None:
            special = state.special
            self.specials[place] = {
                "special_id": facts[0]["special_id"],
                "version": entry.offset,
                "status": special.status,
                "planners": special.planners,
                "parties": [
                    {"dept": name, "status": party.status}
                    for name, party in special.parties.items()
                ],
                "confidential": special.is_confidential,
            }

    def heard(self, entry: Entry) -> None:
        """Note a record that names another journal record as its origin."""
        topic, partition, offset = entry.origin
        if entry.type not in RELAYED or topic != JOURNAL:
            return
        said = (entry.type, entry.dept, dict(entry.data), f"{entry.partition}/{entry.offset}")
        self._had.setdefault(((partition, offset), *_name(entry.key, entry.data)), said)

    def registered(self, place: Place, where: str, body: Mapping[str, Any]) -> None:
        """Check an entry of the registry topic against the special inspection it speaks of."""
        self._listed.add(place)
        expected = self.specials.get(place)
        if expected is None:
            text = f"{JOURNAL}/{place[0]}/{place[1]} took no step of a special inspection"
            self.book.fail("I5.relayed", where, text)
            return
        self.book.expect("I5.relayed", where, kept_fault(expected, body))

    def close(self) -> None:
        """Compare both sides."""
        missing = dict(self._had)
        for place, records in self.owed.items():
            where = f"{JOURNAL}/{place[0]}/{place[1]}"
            for one in records:
                had = missing.pop((place, *_name(one.key, one.data)), None)
                wrong = "" if had else f"{one.type} never reached {one.key}"
                self.book.expect("I4.relayed", where, wrong)
                if had:
                    kind, dept, data, at = had
                    fault = kept_fault(one.data, data)
                    if (kind, dept) != (one.type, one.dept):
                        fault = f"{kind} of {dept}, owed is {one.type} of {one.dept}"
                    self.book.expect("I5.relayed", f"{JOURNAL}/{at}", fault)
        for (place, key, *_), (kind, *_, at) in missing.items():
            text = f"{kind} for {key} from {JOURNAL}/{place[0]}/{place[1]}, which owes none"
            self.book.fail("I5.relayed", f"{JOURNAL}/{at}", text)
        for place in self.specials:
            wrong = "" if place in self._listed else f"no entry of it on {CTL_REGISTRY}"
            self.book.expect("I4.relayed", f"{JOURNAL}/{place[0]}/{place[1]}", wrong)


def _name(key: str, data: Mapping[str, Any]) -> Name:
    """What tells two records apart that one log has of one record: what they are about."""
    return key, data.get("task_id"), data.get("stage")


def _owed(entry: Entry, fact: Mapping[str, Any], state: Enterprise) -> Iterator[Owed]:
    kind = fact["fact"]
    if kind == "DECIDED":
        made, special_id = fact["decision"], fact["task"].get("special_id")
        if special_id:
            told = {"stage": "TASK", "decision": made["decision"], "on": fact["task"]["day"]}
            yield _report(entry, special_id, made["task_id"], made["dept"], told)
    elif kind in _OF_TASKS:
        task = state.tasks[fact["task_id"]]
        if task.special_id:
            told = {"stage": _OF_TASKS[kind], "on": task.day.isoformat()}
            if kind == "COMPLETED":
                told["result_id"] = fact["result_id"]
            yield _report(entry, task.special_id, task.task_id, task.dept, told)
    elif kind == "DRAWN" and fact.get("special_id"):
        told = {"stage": "DRAWN"}
        yield _report(entry, fact["special_id"], fact["draw_id"], fact["dept"], told)
    elif kind == "SURVEY" and fact.get("object"):
        found = fact["object"]
        names = ("mode", "kind", "trigger", "evidence", "items", "special_id", "result")
        data = {"task_id": fact["task_id"], "uscc": fact["uscc"]}
        data |= {name: found.get(name) for name in names}
        yield Owed(fact["uscc"], SURVEY_OBJECT_ENTERED, fact["by"], data)


def _report(
    entry: Entry, special_id: str, task_id: str, dept: str, told: Mapping[str, Any]
) -> Owed:
    data = {"special_id": special_id, "uscc": entry.key, "task_id": task_id, **told}
    return Owed(SPECIAL + special_id, SPECIAL_OBJECT_REPORTED, dept, data)
