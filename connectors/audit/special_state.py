"""What is known of a special inspection? The facts of its log so far, applied in order.

Source: semantics §14; art. 4-6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.audit.days import as_day

WAITING, OVERDUE, CLAIMED, REFUSED = "WAITING", "OVERDUE", "CLAIMED", "REFUSED"
PROPOSED, FILED, CLOSED = "PROPOSED", "FILED", "CLOSED"
STATE_COUNCIL = "STATE_COUNCIL"
_VISITS = frozenset({"ISSUED", "RECORDED_OFFSITE", "RECORDED_BACKFILL"})


@dataclass(slots=True)
class Party:
    """A department that it was dispatched to, or that claimed it."""

    status: str
    due: date | None = None
    dispatched_by: str | None = None
    platform: str | None = None


@dataclass(slots=True)
class ObjectTask:
    """What became of a task for an object. `is_visit`: its decision leads to a visit."""

    dept: str
    is_visit: bool = False
    result_id: str | None = None
    is_cancelled: bool = False


@dataclass(slots=True)
class Survey:
    """What a survey came upon: credit code -> the result that stands."""

    found: dict[str, str] = field(default_factory=dict)
    is_closed: bool = False


@dataclass(slots=True)
class Special:
    """A filed special inspection. `others` plan it together with the one that filed it."""

    filer: str
    digest: str
    status: str
    others: list[str]
    is_confidential: bool
    agreed: set[str] = field(default_factory=set)
    published: bool = False
    dispatches: set[tuple[str, int]] = field(default_factory=set)
    parties: dict[str, Party] = field(default_factory=dict)
    objects: dict[tuple[str, str], ObjectTask] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    refusals: set[tuple[str, int]] = field(default_factory=set)

    @property
    def planners(self) -> list[str]:
        """All whose plan it is."""
        return [self.filer, *self.others]

    def owing(self) -> list[str]:
        """Who still owes results: whoever pushes them, and has a visit without one."""
        owed = (
            task.dept
            for task in self.objects.values()
            if task.is_visit and not task.result_id and not task.is_cancelled
        )
        return [name for name in dict.fromkeys(owed) if not self._is_exempt(name)]

    def _is_exempt(self, name: str) -> bool:
        return name in self.parties and self.parties[name].platform == STATE_COUNCIL

    def waiting(self) -> dict[str, int]:
        """Who must still answer a dispatch, and until when, as an ordinal."""
        if self.status != FILED:
            return {}
        return {
            name: party.due.toordinal()
            for name, party in self.parties.items()
            if party.status == WAITING and party.due
        }


def take_step(special: Special | None, fact: Mapping[str, Any]) -> Special:
    """The special inspection after one step; a filing makes it.

    Raises:
        KeyError, TypeError, ValueError: The fact is incomplete, or of what nobody filed.
    """
    if fact["step"] == FILED:
        plan = fact["plan"]
        others, secret = list(plan["departments"]), bool(plan["confidential"])
        made = Special(plan["dept"], plan["digest"], fact["status"], others, secret)
        made.listed = frozenset(plan["listed"])
        return made
    if special is None:
        raise ValueError(f"{fact['step']} of a special inspection that nobody filed")
    special.status = fact["status"]
    change = _CHANGES.get(fact["step"])
    if change is not None:
        change(special, fact)
    return special


def take_object(special: Special | None, fact: Mapping[str, Any]) -> None:
    """Note what became of a task for one of its objects.

    Raises:
        KeyError, TypeError, ValueError: The fact is incomplete, or of what nobody filed.
    """
    if special is None:
        raise ValueError(f"an object of {fact['special_id']}, which nobody filed")
    if fact["stage"] == "DRAWN":
        return
    name = (fact["uscc"], fact["task_id"])
    task = special.objects.setdefault(name, ObjectTask(fact["dept"]))
    if fact["stage"] == "RESULT":
        task.result_id, task.is_cancelled = fact["result_id"], False
    elif fact["stage"] == "CANCELLED":
        task.is_cancelled = True
    else:
        task.is_visit = fact["decision"] in _VISITS


def take_found(survey: Survey | None, fact: Mapping[str, Any]) -> Survey:
    """The survey after it came upon an object, or ended."""
    survey = survey or Survey()
    if fact["step"] == "CLOSED":
        survey.is_closed = True
    else:
        survey.found[fact["uscc"]] = fact["result_id"]
    return survey


def _agreed(special: Special, fact: Mapping[str, Any]) -> None:
    special.agreed.add(fact["by"])


def _published(special: Special, _fact: Mapping[str, Any]) -> None:
    special.published = True


def _dispatched(special: Special, fact: Mapping[str, Any]) -> None:
    special.dispatches.add((fact["by"], fact["at"]))
    for name in fact["named"]:
        special.parties[name] = Party(WAITING, as_day(fact["due_on"]), fact["by"])


def _claimed(special: Special, fact: Mapping[str, Any]) -> None:
    party = special.parties.setdefault(fact["by"], Party(CLAIMED))
    party.status, party.platform = CLAIMED, fact["platform"]


def _refused(special: Special, fact: Mapping[str, Any]) -> None:
    special.parties[fact["by"]].status = REFUSED
    special.refusals.add((fact["by"], fact["at"]))


def _overdue(special: Special, fact: Mapping[str, Any]) -> None:
    for name in fact["named"]:
        special.parties[name].status = OVERDUE


_CHANGES: Mapping[str, Callable[[Special, Mapping[str, Any]], None]] = {
    "AGREED": _agreed,
    "PUBLISHED": _published,
    "DISPATCHED": _dispatched,
    "CLAIMED": _claimed,
    "REFUSED": _refused,
    "OVERDUE": _overdue,
}
