"""What do departments of a generated day do together? A small draw, and a special inspection.

Three departments draw the same enterprise for the quarter and visit it together (art. 1, 2); the
city's department of a line of business has a district carry out a special inspection (art. 4, 5).
Only enterprises that nobody else names that day take part, so that the day itself stays the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import orjson

from connectors.generate.city import Department, build_city
from connectors.generate.days import burst_days
from connectors.generate.draft import Drafter
from connectors.generate.envelope import Clock, Line, write
from connectors.generate.quarter import joint_policy
from connectors.generate.registry import department_entry
from connectors.generate.spec import DAY_MS, CitySpec
from connectors.generate.words import CITY_NAME, CITY_REGION, OUTCOMES_CLEAN, SYSTEMS
from schemas.messages import (
    DRAW_SUBMITTED,
    ENTRY_RECORDED,
    POLICY_PUBLISHED,
    REGISTRY_DEPARTMENT,
    RESULT_RECORDED,
    SPECIAL_CLAIMED,
    SPECIAL_CLOSED,
    SPECIAL_DISPATCHED,
    SPECIAL_FILED,
    TASK_SUBMITTED,
)
from schemas.registry import REGISTRY_SOURCE

MEMBERS = 3
OBJECTS = 3
_TASKS_FROM = 900_000
"""Numbers of these tasks, far above those of the day."""
_CLAIM_DAYS = 3
_TITLE = "安全专项检查"

Task = tuple[str, dict[str, Any]]
"""Whose it is, and its content."""


class Together:
    """The lines of both, step by step: each step follows once the one before it is decided."""

    def __init__(self, spec: CitySpec, seed: int, at_ms: int, named: Iterable[bytes]) -> None:
        """Choose who takes part.

        Args:
            spec: Of the generated day.
            seed: Of the same.
            at_ms: When all of it is sent, milliseconds of the generator's clock.
            named: Lines of the day: the enterprises in them are left alone.
        """
        self.city = build_city(replace(spec), seed)
        self._at_ms, self._clock = at_ms, Clock()
        self._day = at_ms // DAY_MS
        self._drafter = Drafter(self.city, Random(f"together {seed}"), self._clock)
        self._number = 0
        taken = b"".join(line for line in named if b'"source":"REGISTRY"' not in line)
        free = [one for one in self._ordinary() if self._code(one).encode() not in taken]
        self._drawn, self._listed = free[0], free[1 : 1 + OBJECTS]
        able = [one for one in self.city.departments if one.listed and not one.expired]
        self.members = sorted(able[:MEMBERS], key=lambda one: one.code)
        self._doing = able[MEMBERS]
        self.filer = f"{SYSTEMS[self._doing.system][0]}-{CITY_REGION}"
        for one in able:
            one.tasks_sent = _TASKS_FROM

    @property
    def quarter(self) -> str:
        """The quarter of the day."""
        return f"{self.city.spec.year}Q{self._quarter}"

    @property
    def uscc(self) -> str:
        """The enterprise that is drawn."""
        return self._code(self._drawn)

    @property
    def joint_id(self) -> str:
        """What the hub will call the joint inspection (docs/semantics.md §13)."""
        return f"LHJC-{self.quarter}-{self.uscc}"

    @property
    def special_id(self) -> str:
        """The special inspection."""
        return f"ZX-{self.city.spec.year}-D01"

    @property
    def can_be_formed(self) -> bool:
        """Whether the quarter's window can be over: not on its first working day, nor before."""
        return date.fromordinal(self._day) > burst_days(self.city.spec.year, self._quarter)[0]

    def with_draws(self, line: bytes) -> bytes:
        """A line of the day; the one that publishes the policy lets draws in after the window.

        In the first days of a quarter its window is cut to one day, so that it is over.
        """
        if f'"type":"{POLICY_PUBLISHED}"'.encode() not in line:
            return line
        event = orjson.loads(line)
        joint_policy(event["data"], late_draws="take", systems=self.city.spec.systems)
        days = burst_days(self.city.spec.year, self._quarter)
        if date.fromordinal(self._day) <= days[-1]:
            event["data"]["policy"]["draw_days"] = 1
        return orjson.dumps(event) + b"\n"

    def opening(self) -> list[bytes]:
        """Each member draws the same enterprise; the special inspection is filed."""
        filed = self._step(self.filer, SPECIAL_FILED, self._filing())
        return [*self._city_department(), *map(self._draw, self.members), filed]

    def onwards(self, *, joint: bool) -> Iterator[list[bytes]]:
        """What follows. `joint`: the joint inspection is formed, and visits the enterprise."""
        doing, named = self._doing.code, {"special_id": self.special_id}
        said = {**named, "at": self._clock.instant(self._at_ms)}
        until = {"due_on": self._clock.day(self._day + _CLAIM_DAYS), "note": ""}
        members = self.members if joint else []
        visits = [self._task(one, self._drawn, joint_id=self.joint_id) for one in members]
        own = [self._task(self._doing, one, **named, kind="SPECIAL") for one in self._listed]
        yield [self._step(self.filer, SPECIAL_DISPATCHED, {**said, **until, "to": [doing]})]
        claimed = self._step(doing, SPECIAL_CLAIMED, {**said, "platform": "CITY"})
        yield [claimed, *map(self._submitted, visits)]
        yield [*map(self._scanned, visits[:1]), *map(self._submitted, own)]
        yield [self._result(task) for task in (*visits, *own)]
        yield [self._step(self.filer, SPECIAL_CLOSED, {**said, "summary": "完成"})]

    @property
    def _quarter(self) -> int:
        return (date.fromordinal(self._day).month + 2) // 3

    def _ordinary(self) -> list[int]:
        subjects = self.city.subjects
        return [
            one for one in range(subjects.ordinary)
            if subjects.is_registered(one) and not subjects.fails_check_digit(one)
        ]  # fmt: skip

    def _code(self, number: int) -> str:
        return self.city.subjects.codes[number]

    def _city_department(self) -> list[bytes]:
        """The city's department, which plans and does not inspect."""
        model = replace(
            self._doing, code=self.filer, district=None, region=CITY_REGION,
            name=f"{CITY_NAME}{SYSTEMS[self._doing.system][1]}主管部门",
        )  # fmt: skip
        entry = department_entry(self.city, model)
        return [self._line(f"reg-dept-{self.filer}", REGISTRY_SOURCE, REGISTRY_DEPARTMENT, entry)]

    def _filing(self) -> dict[str, Any]:
        return {
            "special_id": self.special_id,
            "title": _TITLE,
            "basis_docs": [{"title": f"关于开展{_TITLE}的通知", "reference": "示例",
                            "sha256": hashlib.sha256(_TITLE.encode()).hexdigest()}],
            "approval": {"no": "ZP-D01", "by": "主要负责人", "mode": "PRIOR",
                         "at": self._clock.instant(self._at_ms - DAY_MS)},
            "content": "重点事项", "scope": "名单所列对象", "requirements": "按期完成并回填结果",
            "objects": [self._code(one) for one in self._listed],
            "starts_on": self._clock.day(self._day), "ends_on": self._clock.day(self._day + 30),
        }  # fmt: skip

    def _task(self, one: Department, subject: int, **more: Any) -> Task:  # noqa: ANN401
        draft = self._drafter.draft(one, subject, self._at_ms, self._day, drawn=True)
        return one.code, {**draft.content, "mode": "ONSITE", **more}

    def _draw(self, one: Department) -> bytes:
        draw_id = f"CQ-{one.code}-{self.quarter}"
        data = {
            "draw_id": draw_id, "quarter": self.quarter,
            "plan_code": f"JH-{one.code}-{self.city.spec.year}",
            "drawn_at": self._clock.instant(self._at_ms - 60_000),
            "items": one.item_sets[0], "objects": [self.uscc], "line": None,
        }  # fmt: skip
        return self._line(draw_id, one.code, DRAW_SUBMITTED, data)

    def _scanned(self, task: Task) -> bytes:
        """One code for all: whoever is there first has it scanned (art. 7, 8)."""
        dept, content = task
        data = {
            "task_id": content["task_id"], "uscc": content["uscc"], "how": "SCANNED", "note": "",
            "at": self._clock.instant(self._at_ms),
        }  # fmt: skip
        return self._line(content["task_id"], dept, ENTRY_RECORDED, data)

    def _submitted(self, task: Task) -> bytes:
        dept, content = task
        return self._line(content["task_id"], dept, TASK_SUBMITTED, content)

    def _result(self, task: Task) -> bytes:
        dept, content = task
        data = {
            "task_id": content["task_id"], "result_id": f"{content['task_id']}-JG",
            "uscc": content["uscc"],
            "inspected_on": self._clock.day(self._day), "outcomes": [OUTCOMES_CLEAN[0]],
            "found_problem": False, "negative": False, "publish": True,
            "items": [{"item": item} for item in content["items"]],
        }  # fmt: skip
        return self._line(data["result_id"], dept, RESULT_RECORDED, data)

    def _step(self, source: str, kind: str, data: dict[str, Any]) -> bytes:
        self._number += 1
        return self._line(f"{self.special_id}-{self._number}", source, kind, data)

    def _line(self, name: str, source: str, kind: str, data: dict[str, Any]) -> bytes:
        line = Line(f"{name}-{kind}", source, kind, orjson.dumps(data))
        return write(line, self._clock.instant(self._at_ms), annotate=False)
