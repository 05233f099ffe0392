"""Which figures does one enterprise add to the statistics?

Every figure is a sum over enterprises of what is said here, so that it can be kept up to date by
taking away what an enterprise added before a record and adding what it adds after it.

Source: art. 6 (number and frequency by department), art. 19 (the five indicators).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from schemas.canary import is_canary
from schemas.enums import Choice, Decision, EntryHow, Mode, Prompt
from schemas.regions import district_of
from schemas.statistics import (
    ITEM_MEASURES,
    MEASURE_NAMES,
    PRAISED_FROM_STARS,
    TASK_MEASURES,
)
from streams.rules.figures.counted import (
    NOTHING_COUNTED,
    SubjectCount,
    VisitCount,
    is_live,
    was_inspected,
)

Cell = tuple[str | int, ...]
"""The name of a table of `schemas.statistics.TABLES`, then what its row is told apart by."""

_REJECTED = frozenset(
    {
        Decision.REJECTED_UNQUALIFIED,
        Decision.REJECTED_NO_APPROVAL,
        Decision.REJECTED_OUT_OF_TERRITORY,
    }
)
_RECORDED = frozenset({Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL})


def was_made(visit: VisitCount) -> bool:
    """Whether the inspection took place.

    Source: art. 6; design §3.4 rows 8, 9 (off-site tasks and back-fills count when recorded).
    """
    return was_inspected(visit) or (visit.decision in _RECORDED and is_live(visit))


def was_made_on_site(visit: VisitCount) -> bool:
    """Whether officers were there.

    Source: art. 7.
    """
    return visit.mode != Mode.OFFSITE and was_made(visit)


def joint_visit_of(visit: VisitCount) -> str | None:
    """The joint visit that an inspection is part of; None: of none.

    What went along with a joint task that the hub formed is one visit by that task's name, on
    whatever day each member finished. Any other name is the departments' own: under it they come
    together on one day, and another day under the same name is another visit.

    Source: art. 2, 19; docs/semantics.md §12.
    """
    if visit.joint_id is None or visit.along:
        return visit.joint_id
    return f"{visit.joint_id}\x1f{visit.day}"


def joint_visits(visits: Iterable[VisitCount]) -> frozenset[str]:
    """Joint visits in which two or more departments made an inspection of this enterprise.

    What was agreed or claimed is not enough: a member that did not come did not inspect jointly.

    Source: art. 2, 19.
    """
    depts: dict[str, set[str]] = defaultdict(set)
    for visit in visits:
        name = joint_visit_of(visit)
        if name is not None and was_made_on_site(visit):
            depts[name].add(visit.dept)
    return frozenset(name for name, those in depts.items() if len(those) > 1)


_Holds = Callable[[VisitCount], bool]


def _decided(*decisions: Decision) -> _Holds:
    return lambda visit: visit.decision in decisions


def _on_site(holds: _Holds) -> _Holds:
    return lambda visit: was_made_on_site(visit) and holds(visit)


def _prompted(prompt: Prompt) -> _Holds:
    return lambda visit: prompt in visit.prompts


def _stands(standing: str) -> _Holds:
    return lambda visit: visit.decision != "" and visit.standing == standing


def _entered(how: EntryHow) -> _Holds:
    return _on_site(lambda visit: visit.how == how)


def _back_filled(visit: VisitCount) -> bool:
    return visit.decision == Decision.RECORDED_BACKFILL and was_made(visit)


HOLDS: Mapping[str, _Holds] = {
    "tasks": lambda visit: visit.decision != "",
    "issued": _decided(Decision.ISSUED),
    "intercepted": _decided(Decision.INTERCEPTED_OVER_CAP),
    "refused_whitelisted": _decided(Decision.REFUSED_WHITELISTED),
    "refused_joint": _decided(Decision.REFUSED_JOINT_MEMBER),
    "rejected": _decided(*_REJECTED),
    "out_of_scope": _decided(Decision.RECORDED_OUT_OF_SCOPE),
    "cancelled": _stands("C"),
    "expired": _stands("E"),
    "stopped": lambda visit: visit.choice == Choice.STOP,
    "continued": lambda visit: visit.choice == Choice.CONTINUE,
    "made": was_made,
    "onsite": was_made_on_site,
    "offsite": lambda visit: visit.mode == Mode.OFFSITE and was_made(visit),
    "results": lambda visit: visit.result_id is not None,
    "problems": lambda visit: visit.found_problem,
    "scanned": _entered(EntryHow.SCANNED),
    "scan_refused": _entered(EntryHow.REFUSED),
    "licence_failed": _entered(EntryHow.LICENCE_FAILED),
    "rated": lambda visit: visit.stars > 0,
    "praised": lambda visit: visit.stars >= PRAISED_FROM_STARS,
    "exempt": lambda visit: visit.exempt and was_made(visit),
    "backfilled": _back_filled,
    "over_cap": lambda v: _back_filled(v) and Prompt.OVER_CAP_BACKFILL in v.prompts,
    "moved_over": lambda visit: bool(visit.over),
    "no_code": _on_site(lambda visit: not visit.has_code),
    "repeated": _on_site(_prompted(Prompt.REPEAT_INSPECTION)),
    "unreasonable": _on_site(_prompted(Prompt.UNREASONABLE_FREQUENCY)),
}
"""Which inspections each measure of the table counts; `joint` needs the others of the enterprise.

Source: schemas/data/statistics.toml, by name.
"""

_TESTS = tuple(HOLDS.get(name) for name in MEASURE_NAMES)
_JOINT_AT = MEASURE_NAMES.index("joint")
_OF_TASKS = len(TASK_MEASURES)
_ITEM_AT = tuple(MEASURE_NAMES.index(name) for name in ITEM_MEASURES)


def measured(visit: VisitCount, joint: frozenset[str]) -> tuple[int, ...]:
    """What an inspection adds to each measure, in their order: 0 or 1.

    Source: art. 6, 19.
    """
    values = [int(holds is not None and holds(visit)) for holds in _TESTS]
    values[_JOINT_AT] = int(joint_visit_of(visit) in joint and was_made_on_site(visit))
    return tuple(values)


def counted_visits(subject: SubjectCount) -> Iterator[tuple[str, VisitCount]]:
    """The inspections that enter the statistics.

    A cancellation of a task that never came says nothing of an inspection; made-up departments are
    left out.

    Source: art. 6.
    """
    for task_id, visit in subject.visits.items():
        if visit.dept and visit.day and not is_canary(visit.dept):
            yield task_id, visit


def contributions(key: str, subject: SubjectCount) -> dict[Cell, tuple[int, ...]]:
    """What one enterprise adds to every table.

    Args:
        key: The journal's key: the credit code, or `survey:…` and the like where there is none.
        subject: All that is known of it.

    Source: art. 6, 19.
    """
    return changes(key, NOTHING_COUNTED, subject)


def changes(key: str, before: SubjectCount, after: SubjectCount) -> dict[Cell, tuple[int, ...]]:
    """How the tables change when an enterprise adds `after` instead of `before`.

    Only inspections that are told anew are looked at, and those made jointly with them: an
    enterprise may have hundreds.

    Source: art. 6, 19.
    """
    told = {
        task_id
        for task_id in before.visits.keys() | after.visits.keys()
        if before.visits.get(task_id) is not after.visits.get(task_id)
    }
    told |= _joined_with(told, before) | _joined_with(told, after)
    sums: dict[Cell, list[int]] = {}
    for subject, sign in ((before, -1), (after, 1)):
        visits = dict(counted_visits(subject))
        joint = joint_visits(visits.values())
        for task_id in told & visits.keys():
            values = measured(visits[task_id], joint)
            if not is_enterprise(key):
                values = values[:_OF_TASKS] + (0,) * (len(values) - _OF_TASKS)
            _add_visit(sums, visits[task_id], [sign * value for value in values])
        if is_enterprise(key):
            for (year, dept, kind), number in frequencies(visits.values()).items():
                _add(sums, ("frequency", year, dept, kind, number), (sign,))
    return {cell: tuple(values) for cell, values in sums.items() if any(values)}


def _joined_with(told: set[str], subject: SubjectCount) -> set[str]:
    """The tasks that share a joint task with these."""
    visits = subject.visits
    named = {visits[one].joint_id for one in told & visits.keys()} - {None}
    if not named:
        return set()
    return {task_id for task_id, visit in visits.items() if visit.joint_id in named}


def _add_visit(sums: dict[Cell, list[int]], visit: VisitCount, values: Sequence[int]) -> None:
    month, nature = visit.day[:7], (visit.mode, visit.kind, visit.trigger)
    district = district_of(visit.region) or visit.region
    _add(sums, ("visit", month, visit.dept, district, *nature), values)
    of_item = [values[at] for at in _ITEM_AT]
    for item in visit.items:
        _add(sums, ("item", month, visit.dept, item), of_item)


def frequencies(visits: Iterable[VisitCount]) -> Counter[tuple[int, str, str]]:
    """On-site inspections of one enterprise by year, department and kind.

    Under department "" those of all departments, where a joint visit is one; under kind "" those
    of all kinds.

    Source: art. 6 (frequency), art. 10 (high-frequency inspection).
    """
    numbers: Counter[tuple[int, str, str]] = Counter()
    seen: set[tuple[int, str, str]] = set()
    for visit in visits:
        if not was_made_on_site(visit):
            continue
        year, name = int(visit.day[:4]), joint_visit_of(visit)
        for kind in dict.fromkeys(("", visit.kind)):
            numbers[year, visit.dept, kind] += 1
            together = (year, kind, name or "")
            if name is None or together not in seen:
                numbers[year, "", kind] += 1
            if name is not None:
                seen.add(together)
    return numbers


def is_enterprise(key: str) -> bool:
    """Whether a journal key is that of an enterprise."""
    return ":" not in key


def _add(sums: dict[Cell, list[int]], cell: Cell, values: Sequence[int]) -> None:
    there = sums.get(cell)
    if there is None:
        sums[cell] = list(values)
    else:
        for at, value in enumerate(values):
            there[at] += value
