"""Which tasks follow from a special inspection's list for one department (art. 5, 6)?

Each object gets one task whose id follows from special inspection, department and object. So asking
twice makes nothing twice: what was asked before is answered as a repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from schemas.enums import Decision, Kind, Mode, SubjectStatus, Trigger
from schemas.inbound import Approval, TaskSubmitted
from schemas.regions import covers, region
from schemas.registry import RegistrySpecial
from schemas.special_words import ClaimStatus, SpecialStatus, task_for_object

_ADMITTED = frozenset({Decision.ISSUED, Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL})


class NoTasksError(Exception):
    """That no task is made, and what is to be done."""


@dataclass(frozen=True, slots=True)
class Share:
    """Who goes, and for what, in one part of a department's territory.

    `place`: code of a district or a smaller place. What is empty is that of the whole wish.
    """

    place: str
    officers: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What only the department can say: who goes, when, and for what.

    Attributes:
        days: The objects are spread evenly over them, in the order of the list.
        approval: Of the department's own plan; None: that of the special inspection.
        again: Whether an object whose task was refused or cancelled gets another one.
        shares: Officers and items by place; of those that hold an object the smallest counts.
    """

    dept: str
    items: tuple[str, ...]
    officers: tuple[str, ...]
    days: tuple[date, ...]
    mode: Mode = Mode.ONSITE
    approval: Approval | None = None
    again: bool = False
    shares: tuple[Share, ...] = ()


class Made(NamedTuple):
    """A task that is on record with the special inspection already."""

    uscc: str
    task_id: str
    dept: str
    decision: Decision | None
    cancelled: bool


class Listed(NamedTuple):
    """A special inspection with a list, as it was filed, and the tasks on record with it.

    `superior`: deployed by a superior department. `made`: in the order in which they came.
    """

    special_id: str
    objects: Sequence[str]
    superior: bool
    starts_on: date
    ends_on: date
    approval: Approval | None
    made: Iterable[Made]


class Subject(Protocol):
    """What the object list says of an enterprise."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def region(self) -> str:
        """Where it is."""

    @property
    def status(self) -> SubjectStatus:
        """Whether it is there still."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object of the list: the task to be submitted, or why there is none."""

    uscc: str
    task: TaskSubmitted | None = None
    why: str = ""


def check_standing(special: RegistrySpecial | None, special_id: str, dept: str) -> None:
    """Check that the department may submit tasks, by the entry that intake will judge them by.

    A task that comes before its claim is refused for good, under an id that is then taken.

    Raises:
        NoTasksError: it may not; what is to be done.

    Source: art. 4, 5; docs/semantics.md §15.
    """
    if special is None:
        raise NoTasksError(f"special inspection {special_id} was never filed: see `hub case`")
    if special.status is SpecialStatus.PROPOSED:
        raise NoTasksError(f"{special_id} waits until all departments of the plan have agreed")
    if special.status is SpecialStatus.CLOSED:
        raise NoTasksError(f"{special_id} is closed: no task is made from its list any more")
    status = {one.dept: one.status for one in special.parties}.get(dept)
    if status is None and dept not in special.planners:
        raise NoTasksError(f"{special_id} was not dispatched to {dept}: see `hub case`")
    if status not in (None, ClaimStatus.CLAIMED):
        raise NoTasksError(
            f"{dept} has not claimed {special_id} ({status}): send special.claimed first"
        )


def share_faults(shares: Sequence[Share]) -> list[str]:
    """What is wrong with officers and items by place; empty: nothing."""
    places = [one.place for one in shares]
    faults = [
        f"{place!a} is no region's code" for place in dict.fromkeys(places) if region(place) is None
    ]
    return faults + [
        f"{place!a} stands there twice"
        for place in sorted({one for one in places if places.count(one) > 1})
    ]


def rows(listed: Listed, wish: Wish, territory: str, subjects: Mapping[str, Subject]) -> list[Row]:
    """Each object of the list with its task, or why there is none.

    Args:
        listed: The special inspection.
        wish: What the department wants.
        territory: Code of the region in which the department inspects.
        subjects: The objects that the object list knows, by credit code.

    Raises:
        NoTasksError: it has no list, or a day lies outside its days, or places are wrong.

    Source: art. 5 (dispatched to districts), 6 (officers take their tasks from it).
    """
    _check(listed, wish)
    made, place = [], 0
    for uscc in listed.objects:
        subject = subjects.get(uscc)
        why = _why_not(subject, territory)
        if subject is None or why:
            made.append(Row(uscc, why=why))
            continue
        # The day follows from the place on the list, whatever was made of it before.
        day, place = wish.days[place % len(wish.days)], place + 1
        known = [one for one in listed.made if (one.uscc, one.dept) == (uscc, wish.dept)]
        share = _share(wish, subject.region)
        why = _made_before(known, wish) or _missing(wish, share)
        if why:
            made.append(Row(uscc, why=why))
            continue
        made.append(Row(uscc, _task(listed, wish, share, (uscc, subject, day), len(known))))
    return made


def _check(listed: Listed, wish: Wish) -> None:
    if not listed.objects:
        raise NoTasksError(
            f"{listed.special_id} has no list of objects: tasks are submitted singly"
        )
    for day in wish.days:
        if not listed.starts_on <= day <= listed.ends_on:
            raise NoTasksError(
                f"{day} lies outside {listed.special_id}, which lasts from {listed.starts_on} to "
                f"{listed.ends_on}"
            )
    faults = share_faults(wish.shares)
    if faults:
        raise NoTasksError(f"officers and items by place: {'; '.join(faults)}")


def _task(
    listed: Listed, wish: Wish, share: Share, of: tuple[str, Subject, date], made: int
) -> TaskSubmitted:
    uscc, subject, day = of
    return TaskSubmitted(
        task_id=task_for_object(listed.special_id, wish.dept, uscc, made),
        uscc=uscc,
        entity_name=subject.name,
        mode=wish.mode,
        kind=Kind.SPECIAL,
        trigger=Trigger.SUPERIOR_SPECIAL if listed.superior else Trigger.PLAN,
        items=share.items,
        planned_on=day,
        premises_region=subject.region,
        officers=share.officers,
        approval=wish.approval or listed.approval,
        special_id=listed.special_id,
    )


def _share(wish: Wish, place: str) -> Share:
    """Who goes to a place, and for what: the smallest part that holds it, else the whole wish."""
    around = [one for one in wish.shares if covers(one.place, place)]
    # A smaller place is held by the larger one, and not the other way round.
    least = next(
        (one for one in around if all(covers(other.place, one.place) for other in around)), None
    )
    named = least or Share(place)
    return Share(place, named.officers or wish.officers, named.items or wish.items)


def _missing(wish: Wish, share: Share) -> str:
    """What nobody said of a place; empty: nothing. Off-site tasks may have no officers."""
    if not share.items:
        return "NO_ITEMS"
    needs_officers = wish.shares and wish.mode is Mode.ONSITE
    return "NO_OFFICERS" if needs_officers and not share.officers else ""


def _why_not(subject: Subject | None, territory: str) -> str:
    """Why an object is nothing for this department; empty: it is.

    Source: art. 7, 15 (each department in its own territory).
    """
    if subject is None:
        return "UNKNOWN_SUBJECT"
    if not covers(territory, subject.region):
        return "OUT_OF_TERRITORY"
    return "" if subject.status is SubjectStatus.ACTIVE else f"SUBJECT_{subject.status}"


def _made_before(known: Sequence[Made], wish: Wish) -> str:
    """The task that the department has for the object already; empty: none that still stands."""
    standing = [one for one in known if one.decision in _ADMITTED and not one.cancelled]
    named = standing or ([] if wish.again else known)
    return f"MADE {named[-1].task_id}" if named else ""
