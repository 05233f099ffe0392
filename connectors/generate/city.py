"""Who inspects whom? Departments with officers, items and the enterprises they look after."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from connectors.generate.spec import CitySpec
from connectors.generate.subjects import Subjects
from connectors.generate.words import (
    CITY_NAME,
    CITY_REGION,
    DISTRICTS,
    HEAVY_SYSTEMS,
    SYSTEMS,
)

ITEMS_A_SYSTEM = 20
POINTS_AN_ITEM = 3
HEAVY_WEIGHT = 3
_CREWS = 12
_ITEM_SETS = 40
_ITEM_SET_SIZES = (1, 1, 1, 2, 2, 3)
_HOT_SHARE = 0.2
_SUBJECTS_A_TASK = 0.34
_PLANNED_SHARE_USUAL = 0.5
"""Enterprises a department looks after for each task of its year: few enough to meet again."""
_SUBJECTS_MIN = 4
_OFFICERS_MIN = 8

BAD_EXPIRED, BAD_SUSPENDED, BAD_REVOKED, BAD_EARLY = range(4)
BAD_OFFICERS = 4
"""The first officers of every department have a certificate that does not count."""


@dataclass(slots=True)
class Department:
    """A department: what it needs to send an event.

    Attributes:
        district: Position of its district; None for a department of the city.
        crews: Pairs of certified officers that visit together.
        item_sets: What its inspections look at: one to three items of its system.
        portfolio: Numbers of the enterprises it looks after, the most visited first.
        tasks_sent: Counts up; the next task id takes it.
    """

    index: int
    code: str
    system: int
    district: int | None
    region: str
    name: str
    officers: int
    listed: bool = True
    expired: bool = False
    crews: tuple[tuple[str, str], ...] = ()
    item_sets: tuple[tuple[str, ...], ...] = ()
    portfolio: tuple[int, ...] = ()
    tasks_sent: int = 0
    siblings: tuple[int, ...] = ()

    def cert_no(self, officer: int) -> str:
        """Certificate number of its n-th officer."""
        return f"TJ{self.index:03d}{officer:04d}"


@dataclass(frozen=True, slots=True)
class City:
    """All that exists before the first event.

    Attributes:
        departments: The ordinary ones first; the last two may not inspect.
        wheel: Indexes of ordinary departments, each as often as its weight, to draw from.
        by_code: The departments by registry code.
    """

    spec: CitySpec
    subjects: Subjects
    departments: tuple[Department, ...]
    wheel: tuple[int, ...]
    by_code: dict[str, Department]
    unlisted: Department
    expired: Department

    def agency(self, system: str) -> str:
        """Registry code of a system's department of the city, or of the first district's."""
        region = CITY_REGION if self.spec.city_level else DISTRICTS[0][0]
        code = f"{system}-{region}"
        return code if code in self.by_code else self.departments[0].code

    def of_system(self, system: str) -> list[str]:
        """Registry codes of a system's departments in the city and all districts."""
        return [one.code for one in self.departments if one.code.startswith(f"{system}-")]


def item_code(system: int, number: int) -> str:
    """Code of an inspection item: `1101-001`."""
    return f"{1101 + system}-{number:03d}"


def build_city(spec: CitySpec, seed: int) -> City:
    """Build the city of a spec; the seed decides who works with whom and looks after whom."""
    rng = Random(f"city {seed}")
    regions = tuple(code for code, _ in DISTRICTS[: spec.districts])
    subjects = Subjects(regions, spec.subjects, seed)
    ordinary = _departments(spec)
    _staff(ordinary, rng)
    wheel = tuple(one.index for one in ordinary for _ in range(_weight(one)))
    for one in ordinary:
        one.portfolio = _portfolio(one, spec, subjects, spec.tasks * _weight(one) / len(wheel))
        one.siblings = tuple(
            other.index for other in ordinary if other.district == one.district and other is not one
        )
    unlisted, expired = _outsiders(ordinary, rng)
    everybody = (*ordinary, unlisted, expired)
    by_code = {one.code: one for one in everybody}
    return City(spec, subjects, everybody, wheel, by_code, unlisted, expired)


def _weight(department: Department) -> int:
    return HEAVY_WEIGHT if department.system < HEAVY_SYSTEMS else 1


def _departments(spec: CitySpec) -> list[Department]:
    """Every system in every district, and in the city."""
    places: list[tuple[int | None, str, str]] = [
        (number, *DISTRICTS[number]) for number in range(spec.districts)
    ]
    if spec.city_level:
        places.append((None, CITY_REGION, CITY_NAME))
    officers = max(_OFFICERS_MIN, spec.officers // (len(places) * spec.systems))
    return [
        Department(
            index=place * spec.systems + system,
            code=f"{SYSTEMS[system][0]}-{region}",
            system=system,
            district=district,
            region=region,
            name=f"{name}{SYSTEMS[system][1]}主管部门",
            officers=officers,
        )
        for place, (district, region, name) in enumerate(places)
        for system in range(spec.systems)
    ]


def _outsiders(ordinary: list[Department], rng: Random) -> tuple[Department, Department]:
    """One department that was never on the subject list, one that no longer exists (art. 14)."""
    unlisted = _outsider(ordinary[0], len(ordinary), "ZBX", "未列入清单的机构")
    unlisted.listed = False
    expired = _outsider(ordinary[0], len(ordinary) + 1, "CXJ", "已撤销的机构")
    expired.expired = True
    _staff([unlisted, expired], rng)
    return unlisted, expired


def _outsider(model: Department, index: int, system: str, name: str) -> Department:
    return Department(
        index=index,
        code=f"{system}-{model.region}",
        system=model.system,
        district=model.district,
        region=model.region,
        name=name,
        officers=model.officers,
        portfolio=model.portfolio,
    )


def _staff(departments: list[Department], rng: Random) -> None:
    """Form crews and choose what each department's inspections look at."""
    for one in departments:
        certified = range(BAD_OFFICERS, one.officers)
        one.crews = tuple(_crew(one, rng.sample(certified, 2)) for _ in range(_CREWS))
        one.item_sets = tuple(_item_set(one.system, rng) for _ in range(_ITEM_SETS))


def _crew(department: Department, officers: list[int]) -> tuple[str, str]:
    first, second = officers
    return department.cert_no(first), department.cert_no(second)


def _item_set(system: int, rng: Random) -> tuple[str, ...]:
    numbers = rng.sample(range(1, ITEMS_A_SYSTEM + 1), rng.choice(_ITEM_SET_SIZES))
    return tuple(item_code(system, number) for number in sorted(numbers))


def _portfolio(
    department: Department, spec: CitySpec, subjects: Subjects, tasks: float
) -> tuple[int, ...]:
    """Choose the enterprises a department looks after: some that all do, then some of its own."""
    if department.district is None:
        candidates = range(subjects.ordinary)
        turn = department.system * subjects.ordinary // spec.systems
    else:
        candidates = subjects.of_district(department.district)
        turn = department.system * len(candidates) // spec.systems
    # Drawn tasks nearly all consume a cap, the others half of the time: they need more enterprises.
    wanted = round(tasks * _SUBJECTS_A_TASK * (_PLANNED_SHARE_USUAL + spec.planned_share))
    size = min(len(candidates), max(_SUBJECTS_MIN, wanted))
    hot = max(1, round(size * _HOT_SHARE))
    own = [candidates[hot + (turn + step) % (len(candidates) - hot)] for step in range(size - hot)]
    shift = department.system % hot
    return (*candidates[shift:hot], *candidates[:shift], *own)
