"""Which tasks follow from a special inspection's list for one department (art. 5, 6)?

Each object gets one task whose id follows from special inspection, department and object. So asking
twice makes nothing twice: what was asked before is answered as a repeat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connectors.console.context import CommandError
from connectors.console.special_story import ObjectTask, SpecialStory
from schemas.enums import Decision, Kind, Mode, SubjectStatus, Trigger
from schemas.inbound import Approval, TaskSubmitted
from schemas.regions import covers
from schemas.registry import RegistryDepartment, RegistrySpecial, RegistrySubject
from schemas.special_words import ClaimStatus, SpecialStatus, task_for_object

_ADMITTED = frozenset({Decision.ISSUED, Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What only the department can say: who goes, when, and for what.

    Attributes:
        days: The objects are spread evenly over them, in the order of the list.
        approval: Of the department's own plan; None: that of the special inspection.
        again: Whether an object whose task was refused or cancelled gets another one.
    """

    dept: str
    items: tuple[str, ...]
    officers: tuple[str, ...]
    days: tuple[date, ...]
    mode: Mode = Mode.ONSITE
    approval: Approval | None = None
    again: bool = False


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
        CommandError: it may not; what is to be done.

    Source: art. 4, 5; docs/semantics.md §15.
    """
    if special is None:
        raise CommandError(f"special inspection {special_id} was never filed: see `hub case`")
    if special.status is SpecialStatus.PROPOSED:
        raise CommandError(f"{special_id} waits until all departments of the plan have agreed")
    if special.status is SpecialStatus.CLOSED:
        raise CommandError(f"{special_id} is closed: no task is made from its list any more")
    status = {one.dept: one.status for one in special.parties}.get(dept)
    if status is None and dept not in special.planners:
        raise CommandError(f"{special_id} was not dispatched to {dept}: see `hub case`")
    if status not in (None, ClaimStatus.CLAIMED):
        raise CommandError(
            f"{dept} has not claimed {special_id} ({status}): send special.claimed first"
        )


def rows(
    story: SpecialStory,
    wish: Wish,
    department: RegistryDepartment,
    subjects: Mapping[str, RegistrySubject],
) -> list[Row]:
    """Each object of the list with its task, or why there is none.

    Raises:
        CommandError: it has no list, or a day lies outside its days.

    Source: art. 5 (dispatched to districts), 6 (officers take their tasks from it).
    """
    plan, filed = story.plan, story.filed
    if plan is None or filed is None or not plan.listed:
        raise CommandError(f"{story.special_id} has no list of objects: tasks are submitted singly")
    for day in wish.days:
        if not plan.starts_on <= day <= plan.ends_on:
            raise CommandError(
                f"{day} lies outside {story.special_id}, which lasts from {plan.starts_on} to "
                f"{plan.ends_on}"
            )
    made, place = [], 0
    trigger = Trigger.SUPERIOR_SPECIAL if plan.superior else Trigger.PLAN
    for uscc in plan.listed:
        subject = subjects.get(uscc)
        why = _why_not(subject, department)
        if subject is None or why:
            made.append(Row(uscc, why=why))
            continue
        # The day follows from the place on the list, whatever was made of it before.
        day, place = wish.days[place % len(wish.days)], place + 1
        known = [one for one in story.objects.values() if (one.uscc, one.dept) == (uscc, wish.dept)]
        why = _made_before(known, wish)
        if why:
            made.append(Row(uscc, why=why))
            continue
        task = TaskSubmitted(
            task_id=task_for_object(story.special_id, wish.dept, uscc, len(known)),
            uscc=uscc,
            entity_name=subject.name,
            mode=wish.mode,
            kind=Kind.SPECIAL,
            trigger=trigger,
            items=wish.items,
            planned_on=day,
            premises_region=subject.region,
            officers=wish.officers,
            approval=wish.approval or filed.approval,
            special_id=story.special_id,
        )
        made.append(Row(uscc, task))
    return made


def _why_not(subject: RegistrySubject | None, department: RegistryDepartment) -> str:
    """Why an object is nothing for this department; empty: it is.

    Source: art. 7, 15 (each department in its own territory).
    """
    if subject is None:
        return "UNKNOWN_SUBJECT"
    if not covers(department.region, subject.region):
        return "OUT_OF_TERRITORY"
    return "" if subject.status is SubjectStatus.ACTIVE else f"SUBJECT_{subject.status}"


def _made_before(known: Sequence[ObjectTask], wish: Wish) -> str:
    """The task that the department has for the object already; empty: none that still stands."""
    standing = [one for one in known if one.decision in _ADMITTED and not one.cancelled]
    named = standing or ([] if wish.again else known)
    return f"MADE {named[-1].task_id}" if named else ""
