"""How do special inspections and surveys go? A few of each, from the filing to the end (art. 4-6).

They have chances of their own: a city without them is otherwise the same to the byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from random import Random
from typing import Any

import orjson

from connectors.generate.agenda import Agenda
from connectors.generate.city import City, Department
from connectors.generate.envelope import Clock, Line
from connectors.generate.spec import DAY_MS
from connectors.generate.special_draws import DRAWN, SAID_AT, SpecialDraws
from connectors.generate.words import OUTCOMES_CLEAN, OUTCOMES_PROBLEM
from schemas.messages import (
    RESULT_RECORDED,
    SPECIAL_CLAIMED,
    SPECIAL_CLOSED,
    SPECIAL_DISPATCHED,
    SPECIAL_FILED,
    SPECIAL_PUBLISHED,
    SPECIAL_REFUSED,
    SURVEY_CLOSED,
    SURVEY_OBJECT_FOUND,
    TASK_SUBMITTED,
)
from schemas.special_words import task_for_object

OBJECTS = 6
FOUND = 3
_STEP_MS = 120_000
_ANSWER_DAYS = 3
_PLATFORMS = ("CITY", "OWN", "STATE_COUNCIL")

Event = tuple[str, str, dict[str, Any]]
"""Sender, event type and data."""


class Specials:
    """Sends the special inspections of a city, all on its first day of work."""

    def __init__(self, city: City, agenda: Agenda, clock: Clock, seed: int) -> None:
        self._city = city
        self._agenda = agenda
        self._clock = clock
        self._seed = seed
        self._rng = Random(f"specials {seed}")
        self._first = city.spec.first_day.toordinal()
        self._quarter = f"{city.spec.year}Q{(city.spec.first_day.month + 2) // 3}"

    def open_year(self) -> None:
        """Have every step of every special inspection sent, each some minutes after the last."""
        opens_ms = int(self._city.spec.opens_s * 1000)
        for number in range(self._city.spec.specials):
            at_ms = self._first * DAY_MS + opens_ms + (number + 1) * _STEP_MS // 7
            for step, (source, kind, data) in enumerate(self._steps(number), 1):
                at_ms += _STEP_MS
                data = {**data, **self._said_at(kind, at_ms)}
                line = Line(f"ZX{number:03d}-{step:02d}", source, kind, orjson.dumps(data))
                self._agenda.put_once(at_ms, line)

    def _steps(self, number: int) -> Iterator[Event]:
        """One special inspection: with a list, or every second one a survey."""
        is_survey = number % 2 == 1
        doing = self._rng.choice(
            [
                one
                for one in self._city.departments
                if one.portfolio and one.district is not None and one.listed and not one.expired
            ]
        )
        filer = self._filer(doing)
        special_id = f"ZX-{self._city.spec.year}-S{number:02d}"
        objects = [self._city.subjects.codes[one] for one in doing.portfolio[:OBJECTS]]
        filing = self._filing(special_id, number, None if is_survey else objects)
        yield filer.code, SPECIAL_FILED, {**filing, "approval": None}
        yield filer.code, SPECIAL_FILED, filing
        named = {"special_id": special_id}
        yield filer.code, SPECIAL_PUBLISHED, {**named, "address": "https://example.cn/zx"}
        draws = SpecialDraws(special_id, self._quarter, self._seed)
        # Some that are on no list, and the last of the list: what is drawn waits with its task.
        picked = [*self._beside(doing)[: DRAWN - 1], objects[-1]]
        if filer is not doing:
            yield from self._dispatch(filer, doing, named)
            yield draws.drawn(doing, picked, "EARLY")
            platform = _PLATFORMS[number % len(_PLATFORMS)]
            yield doing.code, SPECIAL_CLAIMED, {**named, "platform": platform}
        if is_survey:
            yield from self._survey(doing, special_id, objects)
        else:
            yield from draws.checkable(doing, picked)
            yield draws.drawn(doing, picked, "UNKNOWN", f"{special_id}-NONE")
            yield from (draws.drawn(one, picked, "OTHER") for one in self._strangers(doing)[:1])
            yield from self._visits(doing, special_id, objects)
        yield filer.code, SPECIAL_CLOSED, {**named, "summary": "完成"}
        yield draws.drawn(doing, picked, "LATE")

    def _beside(self, doing: Department) -> list[str]:
        """What the department has in hand beside the list."""
        return [self._city.subjects.codes[one] for one in doing.portfolio[OBJECTS:]]

    def _strangers(self, doing: Department) -> list[Department]:
        """Departments of the same district that have no part in it."""
        return [
            one
            for one in self._city.departments
            if one.district == doing.district and one.system != doing.system and one.listed
        ]

    def _filer(self, doing: Department) -> Department:
        """Who plans it: the city's department of the same line of business, if there is one."""
        for one in self._city.departments:
            if one.district is None and one.system == doing.system and one.listed:
                return one
        return doing

    def _filing(self, special_id: str, number: int, objects: list[str] | None) -> dict[str, Any]:
        day = self._clock.day
        title = f"专项检查{number + 1}"
        return {
            "special_id": special_id,
            "title": title,
            "basis_docs": [
                {
                    "title": f"关于开展{title}的通知",
                    "reference": f"津专〔{self._city.spec.year}〕{number + 1}号",
                    "sha256": hashlib.sha256(title.encode()).hexdigest(),
                }
            ],
            "approval": self._approval(number),
            "content": "重点事项",
            "scope": "名单所列对象" if objects else "辖区内排查到的对象",
            "requirements": "按期完成并回填结果",
            "objects": objects,
            "survey": objects is None,
            "deployed_by_superior": number % 3 == 2,
            "starts_on": day(self._first),
            "ends_on": day(self._first + 60),
        }

    def _approval(self, number: int) -> dict[str, Any]:
        at = self._clock.instant((self._first - 2) * DAY_MS + 9 * 3_600_000)
        return {"no": f"ZP-{number + 1}", "by": "主要负责人", "at": at, "mode": "PRIOR"}

    def _dispatch(
        self, filer: Department, doing: Department, named: dict[str, Any]
    ) -> Iterator[Event]:
        """To the one that does it and to two others: one refuses, one never answers."""
        others = [
            one.code
            for one in self._city.departments
            if one.system == doing.system
            and one.district is not None
            and one is not doing
            and one.listed
            and not one.expired
        ][:2]
        due_on = self._clock.day(self._first + _ANSWER_DAYS)
        to = {**named, "due_on": due_on, "note": ""}
        yield filer.code, SPECIAL_DISPATCHED, {**to, "to": [doing.code, f"{filer.code}-NONE"]}
        yield filer.code, SPECIAL_DISPATCHED, {**to, "to": [doing.code, *others]}
        if others:
            yield others[0], SPECIAL_REFUSED, {**named, "reason": "本辖区无此类对象"}

    def _visits(self, doing: Department, special_id: str, objects: list[str]) -> Iterator[Event]:
        """From the list to tasks and results; every third one is left without."""
        for place, uscc in enumerate(objects):
            task_id = task_for_object(special_id, doing.code, uscc, 0)
            task = self._task(doing, task_id, special_id, uscc)
            yield doing.code, TASK_SUBMITTED, task
            if place % 3 != 2:
                result = {"task_id": task["task_id"], "uscc": uscc, **self._result(task, place)}
                yield doing.code, RESULT_RECORDED, result

    def _survey(self, doing: Department, special_id: str, objects: list[str]) -> Iterator[Event]:
        """A code without an object; what is found, once or twice; its end; one found too late."""
        task_id = f"{special_id}-M"
        task = self._task(doing, task_id, special_id, f"survey:{task_id}")
        yield doing.code, TASK_SUBMITTED, {**task, "survey": True, "entity_name": "摸底排查"}
        for place, uscc in enumerate(objects[:FOUND]):
            found = self._found(task, uscc, place)
            yield doing.code, SURVEY_OBJECT_FOUND, found
            if place == 0:
                yield doing.code, SURVEY_OBJECT_FOUND, self._found(task, uscc, FOUND)
        yield doing.code, SURVEY_CLOSED, {"survey_task_id": task_id, "summary": ""}
        if len(objects) > FOUND:
            yield doing.code, SURVEY_OBJECT_FOUND, self._found(task, objects[FOUND], FOUND)

    def _task(self, doing: Department, task_id: str, special_id: str, uscc: str) -> dict[str, Any]:
        return {
            "task_id": task_id,
            "uscc": uscc,
            "entity_name": "名录所列企业",
            "mode": "ONSITE",
            "kind": "SPECIAL",
            "trigger": "PLAN",
            "items": list(doing.item_sets[0]),
            "planned_on": self._clock.day(self._first),
            "premises_region": doing.region,
            "officers": list(doing.crews[0]),
            "approval": self._approval(0),
            "special_id": special_id,
        }

    def _found(self, task: dict[str, Any], uscc: str, place: int) -> dict[str, Any]:
        return {
            "survey_task_id": task["task_id"],
            "uscc": uscc,
            "entity_name": "排查到的企业",
            "premises_region": task["premises_region"],
            "result": self._result(task, place),
        }

    def _result(self, task: dict[str, Any], place: int) -> dict[str, Any]:
        is_bad = self._rng.random() < 0.3
        return {
            "result_id": f"{task['task_id']}-r{place}",
            "inspected_on": task["planned_on"],
            "outcomes": [(OUTCOMES_PROBLEM if is_bad else OUTCOMES_CLEAN)[0]],
            "found_problem": is_bad,
            "negative": is_bad,
            "publish": True,
            "items": [{"item": item} for item in task["items"]],
        }

    def _said_at(self, kind: str, at_ms: int) -> dict[str, str]:
        if kind in SAID_AT:
            return {SAID_AT[kind]: self._clock.instant(at_ms)}
        has_instant = kind.startswith("special.") or kind == SURVEY_CLOSED
        if not has_instant or kind == SPECIAL_FILED:
            return {}
        return {"at": self._clock.instant(at_ms)}
