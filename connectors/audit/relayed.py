"""Did every log hear what another one owed it, and nothing else? From recorded facts alone.

Source: semantics §15; design §2 (a survey's found object: one record for the survey, one for the
enterprise).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.compare import kept_fault
from connectors.audit.days import instant_text
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
_Name = tuple[Place, str, object, object]
"""What a record follows from, whose log it is in, and what it is about: a task, and its stage.

One record may give up several tasks under one special inspection.
"""
_OF_TASKS = {"COMPLETED": "RESULT", "CANCELLED": "CANCELLED", "EXPIRED": "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Owed:
    """A record that another log must have, taken in at the instant of what it follows from.

    Attributes:
        subject: What the object list says of the enterprise.
    """

    key: str
    type: str
    dept: str
    data: Mapping[str, Any]
    subject: Mapping[str, Any] | None = None
    check_digit_ok: bool = True


@dataclass(slots=True)
class Relayed:
    """What logs owed each other, and what they had from each other, over all partitions."""

    book: Book
    owed: dict[Place, tuple[Entry, list[Owed]]] = field(default_factory=dict)
    specials: dict[Place, dict[str, Any]] = field(default_factory=dict)
    _had: dict[_Name, Entry] = field(default_factory=dict)
    _listed: set[Place] = field(default_factory=set)

    def owe(self, entry: Entry, facts: Sequence[Mapping[str, Any]], state: Enterprise) -> None:
        """Note what follows for other logs from recorded facts; the state is that after them."""
        place = (entry.partition, entry.offset)
        found = [one for fact in facts for one in _owed(entry, fact, state)]
        if found:
            self.owed[place] = (entry, found)
        if facts[0]["fact"] == "SPECIAL" and state.special is not None:
            special = state.special
            self.specials[place] = {
                "special_id": facts[0]["special_id"],
                "version": entry.rank,
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
        self._had.setdefault(_name((partition, offset), entry.key, entry.data), entry)

    def registered(self, place: Place, where: str, body: Mapping[str, Any]) -> None:
        """Check an entry of the registry topic against the special inspection it speaks of."""
        self._listed.add(place)
        expected = self.specials.get(place)
        if expected is None:
            text = f"{_at(place)} took no step of a special inspection"
            self.book.fail("I5.relayed", where, text)
            return
        self.book.expect("I5.relayed", where, kept_fault(expected, body))

    def close(self) -> None:
        """Compare both sides."""
        missing = dict(self._had)
        for place, (cause, records) in self.owed.items():
            for one in records:
                had = missing.pop(_name(place, one.key, one.data), None)
                wrong = "" if had else f"{one.type} never reached {one.key}"
                self.book.expect("I4.relayed", _at(place), wrong)
                if had:
                    where = _at((had.partition, had.offset))
                    self.book.expect("I5.relayed", where, _fault(cause, one, had))
        for (place, key, *_), had in missing.items():
            text = f"{had.type} for {key} from {_at(place)}, which owes none"
            self.book.fail("I5.relayed", _at((had.partition, had.offset)), text)
        for place in self.specials:
            wrong = "" if place in self._listed else f"no entry of it on {CTL_REGISTRY}"
            self.book.expect("I4.relayed", _at(place), wrong)


def _name(place: Place, key: str, data: Mapping[str, Any]) -> _Name:
    return place, key, data.get("task_id"), data.get("stage")


def _at(place: Place) -> str:
    return f"{JOURNAL}/{place[0]}/{place[1]}"


def _fault(cause: Entry, owed: Owed, had: Entry) -> str:
    """What of a relayed record is not as it is owed: its attributes, content or findings."""
    names = ("type", "dept", "time", "policy_version")
    expected = (owed.type, owed.dept, instant_text(cause.at_ms), cause.policy_version)
    for name, due in zip(names, expected, strict=True):
        if (said := getattr(had, name)) != due:
            return f"{name} is {said}, owed is {due}"
    listed, passes = had.findings.get("subject"), had.findings.get("check_digit_ok", True)
    if passes is not owed.check_digit_ok:
        return f"check_digit_ok is {passes}, owed is {owed.check_digit_ok}"
    return kept_fault(owed.data, had.data) or kept_fault(owed.subject, listed, "subject")


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
        names = (
            "mode",
            "kind",
            "trigger",
            "evidence",
            "items",
            "special_id",
            "result",
            "premises_region",
        )
        data = {"task_id": fact["task_id"], "uscc": fact["uscc"]}
        data |= {name: found.get(name) for name in names}
        yield Owed(
            fact["uscc"], SURVEY_OBJECT_ENTERED, fact["by"], data,
            found.get("subject"), found.get("check_digit_ok", True),
        )  # fmt: skip


def _report(
    entry: Entry, special_id: str, task_id: str, dept: str, told: Mapping[str, Any]
) -> Owed:
    data = {"special_id": special_id, "uscc": entry.key, "task_id": task_id, **told}
    return Owed(SPECIAL + special_id, SPECIAL_OBJECT_REPORTED, dept, data)
