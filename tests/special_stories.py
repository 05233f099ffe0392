"""Stories of special inspections and surveys, told to a whole hub over fakes (art. 4-6)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

from builders import a_cap, a_document, a_task
from running_hub import RunningHub
from special_world import CITY, HEXI, NANKAI, a_filing

from schemas.facts import Decided
from schemas.identity import check_character
from schemas.policy import PolicyDocument

ID, SURVEY = "ZX-2026-001", "survey:S-1"
AT = "2026-02-10T09:00:00+08:00"
OBJECTS = [code + check_character(code) for code in (f"91120103MA{n:07}" for n in range(3))]

Story = Callable[[RunningHub], Awaitable[None]]


def run(tmp_path: Path, story: Story, document: PolicyDocument | None = None) -> RunningHub:
    """A hub after a story."""

    async def play() -> RunningHub:
        hub = RunningHub(tmp_path, document)
        await hub.start()
        await story(hub)
        return hub

    return asyncio.run(play())


def a_visit(task_id: str, uscc: str, **fields: Any) -> dict[str, Any]:
    """A task of the district's department."""
    plain = {
        "uscc": uscc, "kind": "SPECIAL", "special_id": ID, "premises_region": "120103",
        "officers": [f"TJ-{HEXI}"], "planned_on": "2026-03-16",
    }  # fmt: skip
    return a_task(task_id, **{**plain, **fields})


def found(uscc: str, result_id: str, **fields: Any) -> dict[str, Any]:
    """An object that the survey came upon."""
    result = {
        "result_id": result_id, "inspected_on": "2026-03-17", "outcomes": ["1"],
        "found_problem": True, "negative": True, "publish": True, **fields,
    }  # fmt: skip
    return {
        "survey_task_id": "S-1", "uscc": uscc, "entity_name": "店", "premises_region": "120103",
        "result": result,
    }  # fmt: skip


async def file(hub: RunningHub, **fields: Any) -> list[Decided]:
    data = {"special_id": ID, **a_filing(objects=OBJECTS, **fields)}
    return await hub.send(CITY, "special.filed", data)


async def dispatch(hub: RunningHub, *to: str) -> list[Decided]:
    data = {"special_id": ID, "to": list(to), "due_on": "2026-02-20", "at": AT}
    return await hub.send(CITY, "special.dispatched", data, key=f"special:{ID}")


async def claim(hub: RunningHub, platform: str = "OWN") -> list[Decided]:
    data = {"special_id": ID, "platform": platform, "at": AT}
    return await hub.send(HEXI, "special.claimed", data, key=ID)


async def the_course(hub: RunningHub) -> None:
    """From the list to tasks and results; one is cancelled, one district never answers."""
    await file(hub)
    await dispatch(hub, HEXI, NANKAI)
    await hub.send(HEXI, "inspection.task.submitted", a_visit("T-0", OBJECTS[0]))
    await claim(hub)
    for number, uscc in enumerate(OBJECTS, 1):
        await hub.send(HEXI, "inspection.task.submitted", a_visit(f"T-{number}", uscc))
    result = {
        "task_id": "T-1", "result_id": "R-1", "uscc": OBJECTS[0], "inspected_on": "2026-03-16",
        "outcomes": ["1"], "found_problem": False, "negative": False, "publish": True,
    }  # fmt: skip
    await hub.send(HEXI, "inspection.result.recorded", result)
    await hub.send(HEXI, "inspection.task.cancelled", {"task_id": "T-2", "uscc": OBJECTS[1]})
    await hub.pass_days(date(2026, 2, 21))
    await hub.send(CITY, "special.closed", {"special_id": ID, "at": AT})


async def the_survey(hub: RunningHub) -> None:
    """A survey under the special inspection comes upon two enterprises, one of them twice."""
    data = {"special_id": ID, **a_filing(objects=None, survey=True)}
    await hub.send(CITY, "special.filed", data)
    await dispatch(hub, HEXI)
    await claim(hub)
    await hub.send(
        HEXI, "inspection.task.submitted", a_visit("S-1", SURVEY, survey=True), key=SURVEY
    )
    await hub.send(HEXI, "survey.object.found", found(OBJECTS[0], "R-1"), key=SURVEY)
    await hub.send(HEXI, "survey.object.found", found(OBJECTS[0], "R-9"), key="S-1")
    await hub.send(HEXI, "survey.object.found", found(OBJECTS[1], "R-2"), key=OBJECTS[1])
    await hub.send(HEXI, "survey.closed", {"survey_task_id": "S-1", "at": AT})
    await hub.send(HEXI, "survey.object.found", found(OBJECTS[2], "R-3"))


REFUSES = a_document(a_cap(2), special_tasks="refuse")
