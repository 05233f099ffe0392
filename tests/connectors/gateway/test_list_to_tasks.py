"""A department takes its tasks from a special inspection's list over HTTP: each once, ever."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from draw_requests import send
from gateway_registry import DEPT, OTHER, OTHER_USCC, USCC
from gateway_world import A_TASK, Answered, World, an_event

from schemas.messages import REGISTRY_SPECIAL, SPECIAL_FILED
from schemas.registry import RegistrySpecial, SpecialParty
from schemas.special_words import ClaimStatus, SpecialStatus
from schemas.topics import JOURNAL

ID = "ZX-1"
STRANGE = "91110000600037341L"
FILING: dict[str, Any] = {
    "special_id": ID, "title": "专项检查", "content": "c", "scope": "s", "requirements": "r",
    "basis_docs": [{"title": "t", "reference": "津专1号", "sha256": "ab" * 32}],
    "approval": {**A_TASK["approval"], "no": "ZP-1"}, "objects": [USCC, STRANGE, OTHER_USCC],
    "starts_on": "2026-03-01", "ends_on": "2026-04-30", "deployed_by_superior": True,
}  # fmt: skip
WISH: dict[str, Any] = {
    "days": ["2026-03-16", "2026-03-17"], "items": ["1101-001"], "officers": ["TJ0001", "TJ0002"],
}  # fmt: skip
NAMES = [f"{ID}:{DEPT}:{one}" for one in (USCC, OTHER_USCC)]


def stand(world: World, version: int, parties: tuple[SpecialParty, ...] = (), **fields: Any):
    """What decide puts on the registry topic: how the special inspection stands."""
    plain = {"special_id": ID, "version": version, "status": SpecialStatus.FILED,
             "planners": (DEPT,), "parties": parties}  # fmt: skip
    world.registry.put(REGISTRY_SPECIAL, RegistrySpecial(**{**plain, **fields}))


@pytest.fixture
def filed(world: World) -> World:
    """A special inspection of DEPT with a list, and its entries on the registry topic."""
    answer = asyncio.run(world.post(an_event("ZX-E", SPECIAL_FILED, data=FILING)))
    assert answer.status == 202
    stand(world, len(world.kafka.all(JOURNAL)) - 1)
    world.start()
    return world


async def ask(world: World, query: str = "", who: str = DEPT, **wish: Any) -> Answered:
    path = f"/v1/special-inspections/{ID}/tasks{query}"
    return await send(world, path, {**WISH, **wish}, who)


def tasks(world: World) -> list[dict[str, Any]]:
    """The tasks on the department's topic, in the order in which they came."""
    return [
        json.loads(one.value or b"")
        for one in world.produced()
        if dict(one.headers)["ce_type"] == b"inspection.task.submitted"
    ]


async def test_each_object_of_the_territory_gets_one_task_and_the_others_a_reason(filed: World):
    answer = await ask(filed)

    assert answer.status == 202
    assert answer.json["submitted"] == 2
    assert [one["not_submitted"] for one in answer.json["objects"]] == [
        None, "UNKNOWN_SUBJECT", None,
    ]  # fmt: skip
    first, second = tasks(filed)
    assert [first["task_id"], second["task_id"]] == NAMES
    assert (first["planned_on"], second["planned_on"]) == ("2026-03-16", "2026-03-17")
    assert (first["trigger"], first["kind"]) == ("SUPERIOR_SPECIAL", "SPECIAL")
    assert (first["approval"]["no"], first["special_id"]) == ("ZP-1", ID)
    decided = await filed.ask("GET", f"/v1/tasks/{NAMES[0]}?uscc={USCC}", dept=DEPT)
    assert decided.status == 200


async def test_asked_again_and_again_each_task_is_made_once(filed: World):
    first = await ask(filed)
    filed.clock += timedelta(minutes=5)
    filed.start()
    again = await ask(filed)
    other = await ask(filed, officers=["TJ0001"])

    assert (first.status, again.status) == (202, 200)
    assert again.json["submitted"] == 0
    assert [one["duplicate"] for one in again.json["objects"]] == [True, False, True]
    assert [one["not_submitted"] for one in other.json["objects"]] == [
        f"ASKED_OTHERWISE {NAMES[0]}", "UNKNOWN_SUBJECT", f"ASKED_OTHERWISE {NAMES[1]}",
    ]  # fmt: skip
    assert [one["task_id"] for one in tasks(filed)] == NAMES


async def test_two_who_ask_in_the_same_moment_make_each_task_once(filed: World):
    async def later() -> Answered:
        filed.clock += timedelta(milliseconds=7)
        return await ask(filed)

    answers = await asyncio.gather(ask(filed), later())

    assert {one.status for one in answers} <= {200, 202}
    assert {one["not_submitted"] for each in answers for one in each.json["objects"]} == {
        None, "UNKNOWN_SUBJECT",
    }  # fmt: skip
    # Both may have sent them before either was known to be stored: byte for byte the same events.
    sent = {(one.value, dict(one.headers)["ce_id"]) for one in filed.produced()[1:]}
    assert len(sent) == len({one["task_id"] for one in tasks(filed)}) == 2


async def test_what_the_broker_did_not_take_is_made_when_it_is_asked_for_again(filed: World):
    filed.broker_gone = True
    failed = await ask(filed)
    filed.broker_gone = False
    filed.clock += timedelta(minutes=5)
    again = await ask(filed)

    assert (failed.status, failed.json["reason"]) == (503, "BROKER_AWAY")
    assert (again.status, again.json["submitted"]) == (202, 2)
    assert [one["task_id"] for one in tasks(filed)] == NAMES


async def test_each_district_has_officers_and_items_of_its_own(filed: World):
    shares = [
        {"district": "120000", "officers": ["TJ0001"], "items": ["1101-009"]},
        {"district": "120116", "officers": ["TJ0002"]},
    ]
    dry = await ask(filed, "?dry_run=true", by_district=shares)
    wrong = await ask(filed, by_district=[*shares, {"district": "999999"}])
    await ask(filed, by_district=shares)

    assert (dry.status, dry.json["dry_run"], dry.json["submitted"]) == (200, True, 2)
    assert (wrong.status, wrong.json["reason"]) == (409, "NO_TASKS")
    assert "'999999' is no region's code" in wrong.json["detail"]
    assert [(one["officers"], one["items"]) for one in tasks(filed)] == [
        (["TJ0002"], ["1101-001"])
    ] * 2


async def test_nobody_else_makes_tasks_of_it(filed: World):
    stranger = await ask(filed, who=OTHER)
    nobody = await filed.ask("POST", f"/v1/special-inspections/{ID}/tasks")
    unknown = await send(filed, "/v1/special-inspections/ZX-9/tasks", WISH)
    waiting = (SpecialParty(dept=OTHER, status=ClaimStatus.WAITING),)
    stand(filed, 50, waiting)
    unclaimed = await ask(filed, who=OTHER)

    assert (stranger.status, nobody.status, unknown.status) == (404, 401, 404)
    assert (unclaimed.status, unclaimed.json["reason"]) == (409, "NO_TASKS")
    assert "send special.claimed first" in unclaimed.json["detail"]
    assert tasks(filed) == []


@pytest.mark.parametrize(
    ("wish", "status", "said"),
    [
        ({"days": ["2026-05-01"]}, 409, "lies outside ZX-1"),
        ({"days": []}, 422, "days"),
        ({"items": ["a b"]}, 422, "items"),
        ({"district": "120116"}, 422, "district"),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_nothing_is_sent(
    filed: World, wish: dict[str, Any], status: int, said: str
):
    answer = await ask(filed, **wish)

    assert answer.status == status
    assert said in answer.text
    assert tasks(filed) == []


async def test_of_one_that_is_closed_no_task_is_made(filed: World):
    stand(filed, 60, status=SpecialStatus.CLOSED)

    answer = await ask(filed)

    assert (answer.status, answer.json["reason"]) == (409, "NO_TASKS")
    assert "is closed" in answer.json["detail"]
