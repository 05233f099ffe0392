"""At which enterprises must a supervisor look?

Near or over a cap, inspected unreasonably often, back-filled over a cap, inspected without a code.

Source: art. 6, 8, 10, 15; exempt inspections are watched too (国办发〔2024〕54号).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.enums import Prompt
from schemas.statistics import SPECIALS_APART, WatchKind
from streams.rules.figures.counted import SubjectCount, VisitCount, is_live
from streams.rules.figures.indicators import HOLDS, counted_visits, is_enterprise, was_made_on_site


class Watched(NamedTuple):
    """One line of the lists, in the order of `schemas.statistics.WATCH_KEYS`.

    `rule`, `task_id` and `day` are empty where the line is not about one; `used` and `cap` are the
    counter's. For UNREASONABLE `used` is the number of inspections, `cap` how many were exempt.
    `special_id`: of each special inspection that the line tells of, `SPECIALS_APART` between them.
    """

    kind: WatchKind
    year: int
    uscc: str
    dept: str
    rule: str = ""
    task_id: str = ""
    day: str = ""
    used: int = 0
    cap: int = 0
    special_id: str = ""


def watched(key: str, subject: SubjectCount) -> list[Watched]:
    """All lines about one enterprise, sorted.

    Source: art. 6, 8, 10, 15.
    """
    if not is_enterprise(key):
        return []
    visits = dict(counted_visits(subject))
    return sorted(
        (*_caps(key, subject, visits), *_often(key, visits), *_single(key, visits)),
    )


def _caps(key: str, subject: SubjectCount, visits: dict[str, VisitCount]) -> Iterator[Watched]:
    """Counters with one place left, none, or less, as of their last decision.

    What was released since, or moved to a later year, is taken off.

    Source: art. 10, 15.
    """
    for name, count in subject.caps.items():
        dept, rule, year_text = name.split("\x1f")
        year = int(year_text)
        gone = sum(1 for task_id in count.counted if not _holds(visits.get(task_id), year))
        used = count.used - gone
        kind = _kind(used, count.cap)
        if kind is not None and any(visit.dept == dept for visit in visits.values()):
            special_id = _specials(visits.get(task_id) for task_id in count.counted)
            yield Watched(
                kind, year, key, dept, rule, used=used, cap=count.cap, special_id=special_id
            )


def _holds(visit: VisitCount | None, year: int) -> bool:
    return visit is not None and is_live(visit) and int(visit.day[:4]) <= year


def _specials(visits: Iterable[VisitCount | None]) -> str:
    """The special inspections under which these were made, by which a line may be kept secret.

    Source: art. 4 (what must be kept secret by law).
    """
    named = {visit.special_id for visit in visits if visit is not None and visit.special_id}
    return SPECIALS_APART.join(sorted(named))


def _kind(used: int, cap: int) -> WatchKind | None:
    if used > cap:
        return WatchKind.OVER_CAP
    if used == cap:
        return WatchKind.AT_CAP
    return WatchKind.NEAR_CAP if used == cap - 1 and used > 0 else None


def _often(key: str, visits: dict[str, VisitCount]) -> Iterator[Watched]:
    """Departments whose inspections in a year were called unreasonably frequent.

    Source: art. 10; exempt ones count.
    """
    asked = {
        (int(visit.day[:4]), visit.dept)
        for visit in visits.values()
        if Prompt.UNREASONABLE_FREQUENCY in visit.prompts and was_made_on_site(visit)
    }
    made: Counter[tuple[int, str]] = Counter()
    exempt: Counter[tuple[int, str]] = Counter()
    for visit in visits.values():
        if was_made_on_site(visit):
            place = int(visit.day[:4]), visit.dept
            made[place] += 1
            exempt[place] += visit.exempt
    for year, dept in asked:
        used, cap = made[year, dept], exempt[year, dept]
        special_id = _specials(
            visit
            for visit in visits.values()
            if was_made_on_site(visit) and (int(visit.day[:4]), visit.dept) == (year, dept)
        )
        yield Watched(
            WatchKind.UNREASONABLE, year, key, dept, used=used, cap=cap, special_id=special_id
        )


_SINGLE = {
    WatchKind.OVER_CAP_BACKFILL: "over_cap",
    WatchKind.MOVED_OVER_CAP: "moved_over",
    WatchKind.NO_CODE: "no_code",
}


def _single(key: str, visits: dict[str, VisitCount]) -> Iterator[Watched]:
    """Single inspections that somebody must look at.

    Source: art. 8 (no inspection without a code), art. 10.
    """
    for task_id, visit in visits.items():
        for kind, measure in _SINGLE.items():
            if HOLDS[measure](visit):
                yield Watched(
                    kind,
                    int(visit.day[:4]),
                    key,
                    visit.dept,
                    rule=", ".join(sorted(visit.over)) if kind is WatchKind.MOVED_OVER_CAP else "",
                    task_id=task_id,
                    day=visit.day,
                    special_id=visit.special_id or "",
                )
