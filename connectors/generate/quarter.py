"""What does a quarter of the whole city look like, from the draws to the joint visits?

Every department draws in the first five working days, some too late, some twice, some what is not
theirs. After the window members ask for the joint code, and some try to go alone.

Source: art. 2; docs/semantics.md §13.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any, NamedTuple

import orjson

from connectors.generate.city import City, Department, build_city, item_code
from connectors.generate.days import burst_days, is_working_day
from connectors.generate.draft import Drafter
from connectors.generate.envelope import Clock, Line, write
from connectors.generate.policy import policy_document
from connectors.generate.registry import registry_lines
from connectors.generate.spec import DAY_MS, DISTRICTS_MAX, SYSTEMS_MAX, CitySpec
from schemas.messages import (
    DRAW_SUBMITTED,
    JOINT_WITHDRAWN,
    POLICY_PUBLISHED,
    TASK_SUBMITTED,
)
from schemas.registry import REGISTRY_SOURCE

_DRAWN_A_SUBJECT = 3.2
_OFFICERS_A_DEPARTMENT = 8
_OBJECTS_A_DRAW = 2_000
_OPENS_MS, _OPEN_MS = 9 * 3_600_000, 8 * 3_600_000
_REPEATED, _LATE, _STRANGE, _SECOND_LINE = 0.05, 0.02, 0.01, 0.2
_ALONE, _WITHDRAWN = 0.1, 0.03
_VISIT_AFTER_DAYS = 20
_COMPETENT = (("84", "WJW"), ("62", "SCJ"), ("26", "YJJ"), ("54", "JTW"), ("47", "ZJW"))
_JOINT_LIST = (("LH-01", "SCJ"), ("LH-02", "XFJ"), ("LH-03", "STJ"))
_ITEMS_A_LISTED_SYSTEM = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterSpec:
    """How large the quarter is. Equal specs and seeds give equal bytes.

    Attributes:
        draws: Objects drawn by all departments together, about.
        visits: Enterprises whose members ask for the joint code after the window, at most.
    """

    year: int = 2026
    quarter: int = 2
    districts: int = DISTRICTS_MAX
    systems: int = SYSTEMS_MAX
    draws: int = 200_000
    visits: int = 2_000
    late_draws: str = "refuse"

    @property
    def name(self) -> str:
        """The quarter as messages write it."""
        return f"{self.year}Q{self.quarter}"

    def city(self) -> CitySpec:
        """The city that draws."""
        places = self.districts + 1
        return CitySpec(
            year=self.year,
            start_day=burst_days(self.year, self.quarter)[0],
            days=60,
            districts=self.districts,
            systems=self.systems,
            subjects=max(40 * self.districts, round(self.draws / _DRAWN_A_SUBJECT)),
            officers=_OFFICERS_A_DEPARTMENT * places * self.systems,
            tasks=max(1, self.visits),
        )


class Drawn(NamedTuple):
    """One draw as it is sent: whose, its line of business, when, and which enterprises."""

    department: Department
    draw_id: str
    line: str | None
    at_ms: int
    items: tuple[str, ...]
    objects: tuple[int, ...]


@dataclass(slots=True)
class _Quarter:
    """The quarter while it is written."""

    spec: QuarterSpec
    city: City
    rng: Random
    clock: Clock = field(default_factory=Clock)

    def lines(self) -> Iterator[bytes]:
        for at_ms, line in sorted(self._events(), key=lambda event: (event[0], event[1].id)):
            yield write(line, self.clock.instant(at_ms), annotate=False)

    def _events(self) -> Iterator[tuple[int, Line]]:
        members: dict[int, list[Department]] = defaultdict(list)
        for drawn in self._draws():
            line = self._draw_line(drawn)
            yield drawn.at_ms, line
            if self.rng.random() < _REPEATED:
                yield drawn.at_ms + 60_000, line._replace(id=f"{line.id}-again")
            for number in drawn.objects:
                if drawn.department not in members[number]:
                    members[number].append(drawn.department)
        yield from self._visits(members)

    def _draws(self) -> Iterator[Drawn]:
        """Each department's draws: usually one, of a second line in some of them."""
        departments = [one for one in self.city.departments if one.listed and not one.expired]
        share = max(1, round(self.spec.draws / len(departments) / (1 + _SECOND_LINE)))
        for one in departments:
            first = list(self._of_line(one, None, share))
            yield from first
            if self.rng.random() < _SECOND_LINE:
                both = [number for drawn in first for number in drawn.objects]
                again = self.rng.sample(both, len(both) // 2)
                yield from self._of_line(one, "第二监管条线", share - len(again), again)

    def _of_line(
        self, one: Department, line: str | None, share: int, again: Sequence[int] = ()
    ) -> Iterator[Drawn]:
        """One line's draws: objects of the department's territory, some strange ones, and these."""
        subjects, rng = self.city.subjects, self.rng
        own = (
            range(subjects.ordinary) if one.district is None else subjects.of_district(one.district)
        )
        objects = rng.sample(own, min(max(share, 0), len(own)))
        strange = rng.sample(range(subjects.ordinary), round(len(objects) * _STRANGE))
        objects = list(dict.fromkeys((*objects, *strange, *again)))
        for number in range(0, len(objects), _OBJECTS_A_DRAW):
            yield Drawn(
                one,
                f"CQ-{one.code}-{self.spec.name}-{'B' if line else 'A'}{number // _OBJECTS_A_DRAW}",
                line,
                self._moment(),
                rng.choice(one.item_sets),
                tuple(objects[number : number + _OBJECTS_A_DRAW]),
            )

    def _moment(self) -> int:
        """A moment of the window, of a working day; now and then one after it."""
        days = burst_days(self.spec.year, self.spec.quarter)
        day = self.rng.choice(days).toordinal()
        if self.rng.random() < _LATE:
            day = days[-1].toordinal() + self.rng.randrange(1, 10)
        return day * DAY_MS + _OPENS_MS + self.rng.randrange(_OPEN_MS)

    def _draw_line(self, drawn: Drawn) -> Line:
        data = {
            "draw_id": drawn.draw_id,
            "quarter": self.spec.name,
            "plan_code": f"JH-{drawn.department.code}-{self.spec.year}",
            "drawn_at": self.clock.instant(drawn.at_ms - 60_000),
            "items": drawn.items,
            "objects": [self.city.subjects.codes[number] for number in drawn.objects],
            "line": drawn.line,
        }
        return self._line(drawn.draw_id, drawn.department, DRAW_SUBMITTED, data)

    def _visits(self, members: dict[int, list[Department]]) -> Iterator[tuple[int, Line]]:
        """After the window: joint codes are asked for, and some try to go alone."""
        drafter = Drafter(self.city, self.rng, self.clock)
        last = burst_days(self.spec.year, self.spec.quarter)[-1].toordinal()
        shared = sorted(number for number, depts in members.items() if len(depts) > 1)
        some = self.rng.sample(shared, min(self.spec.visits, len(shared)))
        for number in sorted(some):
            planned = self._visit_day(last)
            joint_id = f"LHJC-{self.spec.name}-{self.city.subjects.codes[number]}"
            # Members find out one after the other, on the two weeks after the window.
            for department in members[number]:
                at_ms = (last + self.rng.randrange(11, 16)) * DAY_MS + _OPENS_MS
                at_ms += self.rng.randrange(_OPEN_MS)
                if self.rng.random() < _WITHDRAWN:
                    yield at_ms, self._withdrawn(department, number, joint_id)
                    continue
                alone = self.rng.random() < _ALONE
                draft = drafter.draft(department, number, at_ms, planned, drawn=True)
                content = {**draft.content, "joint_id": None if alone else joint_id}
                yield at_ms, self._line(content["task_id"], department, TASK_SUBMITTED, content)

    def _visit_day(self, last: int) -> int:
        """The ordinal of a working day a few weeks after the window."""
        ordinal = last + _VISIT_AFTER_DAYS + self.rng.randrange(30)
        while not is_working_day(date.fromordinal(ordinal)):
            ordinal += 1
        return ordinal

    def _withdrawn(self, department: Department, number: int, joint_id: str) -> Line:
        uscc = self.city.subjects.codes[number]
        data = {"joint_id": joint_id, "uscc": uscc, "reason": "人手不足,本季度无法参加"}
        return self._line(f"TC-{department.code}-{uscc}", department, JOINT_WITHDRAWN, data)

    def _line(self, name: str, department: Department, kind: str, data: dict[str, Any]) -> Line:
        return Line(f"{name}-{kind}", department.code, kind, orjson.dumps(data))


def generate_quarter(spec: QuarterSpec, seed: int) -> Iterator[bytes]:
    """Give the lines of a quarter's file: registries, draws, then joint visits, in order of time.

    Nothing is read but the arguments: equal specs and seeds give equal bytes.

    Source: art. 2.
    """
    city = build_city(replace(spec.city()), seed)
    clock = Clock()
    time = clock.instant((city.spec.first_day.toordinal() - 1) * DAY_MS)
    for line in registry_lines(city):
        shown = _policy(line, city, spec) if line.type == POLICY_PUBLISHED else line
        yield write(shown, time, annotate=False)
    yield from _Quarter(spec, city, Random(f"quarter {seed}")).lines()


def _policy(line: Line, city: City, spec: QuarterSpec) -> Line:
    """The city's policy, with who is competent for what and the list of joint inspections."""
    document = policy_document(city)
    joint_policy(document, late_draws=spec.late_draws, systems=spec.systems)
    return Line(line.id, REGISTRY_SOURCE, POLICY_PUBLISHED, orjson.dumps(document))


def joint_policy(document: dict[str, Any], *, late_draws: str, systems: int) -> None:
    """Put into a policy who is competent for what, and the list of joint inspections."""
    document["policy"]["late_draws"] = late_draws
    document["competent"] = [
        {"industry": [industry], "system": system} for industry, system in _COMPETENT
    ]
    listed = [
        item_code(system, number)
        for system in range(min(8, systems))
        for number in range(1, _ITEMS_A_LISTED_SYSTEM)
    ]
    document["joint_item"] = [
        {"id": name, "title": "示例联合抽查事项", "initiator": system, "items": listed[place::3]}
        for place, (name, system) in enumerate(_JOINT_LIST)
    ]
