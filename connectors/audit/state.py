"""What is known of one enterprise? The facts so far, applied in order (semantics §2).

Facts are plain dictionaries in the form in which `insp.decided` holds them, so that the auditor's
own facts and the recorded ones go through the same door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.audit.days import as_day
from connectors.audit.drawn import Joint, Quarter, change_joint, read_joint, take_draw
from connectors.audit.publicity import Publicity
from connectors.audit.results import Fact, Result
from connectors.audit.special_state import (
    Special,
    Survey,
    take_found,
    take_object,
    take_step,
)

__all__ = ["Enterprise", "Fact", "Joint", "Known", "Task", "apply"]

CANCELLED, EXPIRED, COMPLETED, REVOKED = "CANCELLED", "EXPIRED", "COMPLETED", "REVOKED"
ISSUED, SHOWN, NONE = "ISSUED", "SHOWN", "NONE"
_ON_THE_AGENDA = frozenset({"DECIDED", "ENTERED", "COMPLETED"})
_GONE = frozenset({CANCELLED, EXPIRED, REVOKED})
_VISIT_RECORDED = frozenset({"RECORDED_OFFSITE", "RECORDED_BACKFILL"})


@dataclass(slots=True)
class Task:
    """One task. `digest` empty: its content never came; then `dept` may be empty too (a tombstone).

    Attributes:
        named_at: the place in the order of its key of the record that first named it.
        decided_at: that of the record that decided it; None until decided.
        day: planned day, later the actual one.
        decision: None until decided.
        visited: an entry (more than showing the code) or a result is on record.
        special_id: the special inspection under which it stands.
        officers: the certificates that it names, where the fact that decided it says so.
        awaits_approval: that one is still to follow; `approved_as`: the digest with which it came.
        is_found: a survey came upon the enterprise, and nothing else is known of the task.
    """

    task_id: str
    named_at: int
    dept: str = ""
    digest: str = ""
    mode: str = "ONSITE"
    kind: str = "DAILY"
    trigger: str = "PLAN"
    evidence: bool = False
    items: frozenset[str] = frozenset()
    day: date = date.min
    joint_id: str | None = None
    along: bool = False
    decision: str | None = None
    decided_at: int | None = None
    status: str = NONE
    visited: bool = False
    result_id: str | None = None
    code: str | None = None
    valid_until: date | None = None
    special_id: str | None = None
    is_found: bool = False
    certified_until: date | None = None
    officers: tuple[str, ...] = ()
    awaits_approval: bool = False
    approved_as: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it counts at all: reserved or visited, and not given back."""
        if self.visited:
            return True
        if self.decision == ISSUED:
            return self.status not in _GONE
        return self.decision in _VISIT_RECORDED and self.status != CANCELLED


@dataclass(frozen=True, slots=True)
class Known:
    """A result on record: whose it is, and its disclosure; None if it was never published."""

    dept: str
    disclosed: Result | None


@dataclass(slots=True)
class Enterprise(Publicity):
    """One enterprise, as all facts so far leave it; `special`: of a log that is none's."""

    tasks: dict[str, Task] = field(default_factory=dict)
    classes: dict[str, tuple[str, date]] = field(default_factory=dict)
    whitelist: tuple[bool, date, date | None, int] | None = None
    joints: dict[str, Joint] = field(default_factory=dict)
    ratings: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    agenda: set[tuple[str, str, str]] = field(default_factory=set)
    draws: dict[str, Quarter] = field(default_factory=dict)
    special: Special | None = None
    survey: Survey | None = None

    def joint_of(self, quarter: str) -> str | None:
        """The first joint task of a quarter."""
        return next((name for name, one in self.joints.items() if one.quarter == quarter), None)

    def tasks_of_visit(self, joint_id: str) -> list[Task]:
        """The live tasks of the members of a joint task that name it."""
        joint = self.joints.get(joint_id)
        if joint is None:
            return []
        return [
            task
            for task in self.tasks.values()
            if (task.joint_id, task.along) == (joint_id, True)
            and task.dept in joint.members
            and task.is_live
        ]

    def visit_of(self, task: Task) -> str | None:
        """The joint visit of which a task is a part; None if it stands for itself (art. 2)."""
        joint = self.joints.get(task.joint_id or "") if task.along else None
        return task.joint_id if joint is not None and task.dept in joint.members else None

    def result(self, result_id: str) -> Known | None:
        """The disclosed result of an id, else that of the first task that has it (art. 9)."""
        disclosed = self.results.get(result_id)
        if disclosed is not None:
            return Known(disclosed.dept, disclosed)
        depts = (task.dept for task in self.tasks.values() if task.result_id == result_id)
        dept = next(depts, None)
        return None if dept is None else Known(dept, None)

    def is_whitelisted(self, day: date) -> bool:
        """Whether the enterprise is on the whitelist on a day (art. 3)."""
        if self.whitelist is None:
            return False
        listed, first, last, _ = self.whitelist
        return listed and first <= day and (last is None or day <= last)


def apply(state: Enterprise, fact: Mapping[str, Any], offset: int) -> None:
    """Change the state by one fact of the journal record at `offset`.

    Raises:
        KeyError, TypeError, ValueError: The fact is incomplete, or names a task nobody knows.
    """
    change = _CHANGES.get(fact["fact"])
    if change is not None:
        change(state, fact, offset)
    if fact["fact"] in _ON_THE_AGENDA:
        task = state.tasks[fact.get("task_id") or fact["decision"]["task_id"]]
        state.agenda.add((task.dept, task.day.isoformat(), task.task_id))
    if fact["fact"] in ("JOINT", "JOINT_CHANGED"):
        joint = state.joints[fact["joint_id"]]
        state.agenda |= {(dept, joint.quarter, fact["joint_id"]) for dept in joint.members}
    state.take(fact)


def _decided(state: Enterprise, fact: Mapping[str, Any], offset: int) -> None:
    decision, seed = fact["decision"], fact["task"]
    task = state.tasks.get(decision["task_id"])
    if task is None:
        task = Task(decision["task_id"], offset)
        task.status = ISSUED if decision["decision"] == ISSUED else NONE
        state.tasks[task.task_id] = task
    task.decided_at = offset
    task.dept = decision["dept"]
    task.decision = decision["decision"]
    task.digest = seed["digest"]
    task.mode, task.kind, task.trigger = seed["mode"], seed["kind"], seed["trigger"]
    task.evidence = bool(seed["evidence"])
    task.items = frozenset(seed["items"])
    task.day = as_day(seed["day"])
    task.joint_id = seed.get("joint_id")
    task.along = bool(seed.get("along"))
    task.special_id, task.is_found = seed.get("special_id"), False
    code = decision.get("code")
    task.code = code if isinstance(code, str) else None
    until, certified = decision.get("valid_until"), seed.get("certified_until")
    task.valid_until = as_day(until) if until else None
    task.certified_until = as_day(certified) if certified else None
    task.officers = tuple(seed.get("officers") or ())
    task.awaits_approval = bool(seed.get("awaits_approval"))


def _approved(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    task = state.tasks[fact["task_id"]]
    task.awaits_approval, task.approved_as = False, fact["digest"]


def _cancelled(state: Enterprise, fact: Mapping[str, Any], offset: int) -> None:
    task = state.tasks.setdefault(fact["task_id"], Task(fact["task_id"], offset))
    task.status = CANCELLED


def _expired(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    state.tasks[fact["task_id"]].status = EXPIRED


def _visited(state: Enterprise, fact: Mapping[str, Any], offset: int) -> Task:
    task = state.tasks.setdefault(fact["task_id"], Task(fact["task_id"], offset))
    if not task.digest:
        task.dept = fact["dept"]
    task.day = as_day(fact["day"])
    return task


def _entered(state: Enterprise, fact: Mapping[str, Any], offset: int) -> None:
    task = _visited(state, fact, offset)
    task.status = str(fact["code_state"])
    task.visited = task.visited or fact["how"] != "SHOWN_ONLY"


def _completed(state: Enterprise, fact: Mapping[str, Any], offset: int) -> None:
    task = _visited(state, fact, offset)
    task.status = COMPLETED
    task.visited = True
    task.result_id = fact["result_id"]
    task.items |= frozenset(fact["items"])
    seed = fact.get("survey")
    if seed:
        task.mode, task.kind, task.trigger = seed["mode"], seed["kind"], seed["trigger"]
        task.evidence, task.special_id = bool(seed["evidence"]), seed.get("special_id")
        task.is_found = True


def _classified(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    state.classes[fact["scheme"]] = (fact["class"], as_day(fact["as_of"]))


def _whitelisted(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    until = fact.get("until")
    state.whitelist = (
        bool(fact["listed"]),
        as_day(fact["from"]),
        as_day(until) if until else None,
        fact["said_at_ms"],
    )


def _joint(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    state.joints[fact["joint_id"]] = read_joint(fact)


def _joint_changed(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    change_joint(state.joints[fact["joint_id"]], fact)


def _drawn(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    quarter = state.draws.setdefault(fact["quarter"], Quarter())
    take_draw(quarter, fact, is_formed=state.joint_of(fact["quarter"]) is not None)


def _window_closed(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    state.draws.setdefault(fact["quarter"], Quarter()).closed = True
    state.draws = {name: kept for name, kept in state.draws.items() if name >= fact["quarter"]}


def _rated(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    state.ratings[fact["task_id"]] = (fact["at"], fact["stars"], fact.get("comment") or "")


def _special(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    state.special = take_step(state.special, fact)


def _special_object(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    take_object(state.special, fact)


def _survey(state: Enterprise, fact: Mapping[str, Any], _offset: int) -> None:
    state.survey = take_found(state.survey, fact)


# REPEATED, CONFLICT, CHOICE and FAULTED change nothing; publicity has its own.
_CHANGES = {
    "DECIDED": _decided,
    "APPROVAL": _approved,
    "CANCELLED": _cancelled,
    "EXPIRED": _expired,
    "ENTERED": _entered,
    "COMPLETED": _completed,
    "CLASSIFIED": _classified,
    "WHITELISTED": _whitelisted,
    "JOINT": _joint,
    "JOINT_CHANGED": _joint_changed,
    "DRAWN": _drawn,
    "WINDOW_CLOSED": _window_closed,
    "RATED": _rated,
    "SPECIAL": _special,
    "SPECIAL_OBJECT": _special_object,
    "SURVEY": _survey,
}
