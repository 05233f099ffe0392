"""An officer sees what he is warned of, stops, or goes and says why; his certificate goes along."""

import json

import orjson
import pytest
from gateway_registry import ITEM, USCC
from gateway_world import World, an_event
from own_world import ON_THE_DAY, a_world, officer

from schemas.messages import INBOUND, REGISTRY_ITEM

TASK = f"uscc={USCC}&task=T-1"


@pytest.fixture
def world(tmp_path) -> World:
    made = a_world(tmp_path)
    entry = {**ITEM, "offsite_possible": True, "offsite_way": "SHARED_DATA"}
    model = INBOUND[REGISTRY_ITEM].model
    made.registry.put(REGISTRY_ITEM, model.model_validate_json(json.dumps(entry)))
    return made


async def a_task(world: World) -> None:
    await world.post(an_event())
    world.clock = ON_THE_DAY


def sent(world: World) -> list[tuple[str, dict]]:
    """Types and contents of what officers sent."""
    return [
        (dict(one.headers)["ce_type"].decode(), orjson.loads(one.value))
        for one in world.produced()[1:]
    ]


async def test_the_way_to_check_it_without_a_visit_is_shown(world: World):
    await a_task(world)

    page = await (await officer(world)).get(f"/o/task?{TASK}")

    assert "能不入企则不入企" in page.text
    assert "公共场所卫生检查 · 信息共享" in page.text


async def test_to_go_all_the_same_wants_a_reason_which_is_recorded(world: World):
    await a_task(world)
    browser = await officer(world)
    page = await browser.get(f"/o/task?{TASK}")

    without = await browser.press(page, "/o/choice", choice="CONTINUE", reason=" ")
    given = await browser.press(page, "/o/choice", choice="CONTINUE", reason="需现场取样")

    assert (without.status, given.status) == (422, 303)
    ((type_, data),) = sent(world)
    assert type_ == "inspection.choice.recorded"
    assert (data["choice"], data["reason"]) == ("CONTINUE", "需现场取样")
    assert data["prompts"] == ["OFFSITE_PREFERRED"]
    assert "选择已登记" in (await browser.follow(given)).text


async def test_who_stops_gives_the_reservation_back(world: World):
    await a_task(world)
    browser = await officer(world)
    page = await browser.get(f"/o/task?{TASK}")

    answer = await browser.press(page, "/o/choice", choice="STOP")
    after = await browser.follow(answer)

    assert answer.status == 303
    assert "已取消" in after.text or "cancelled" in after.text
    assert "/o/choice" not in after.text


async def test_a_task_without_prompts_asks_for_no_choice(tmp_path):
    world = a_world(tmp_path)
    await a_task(world)

    page = await (await officer(world)).get(f"/o/task?{TASK}")

    assert "/o/choice" not in page.text


async def test_a_choice_from_no_page_of_ours_does_nothing(world: World):
    await a_task(world)
    browser = await officer(world)

    answer = await browser.post(f"/o/choice?{TASK}", {"form": "0" * 32, "choice": "STOP"})

    assert answer.status == 403
    assert sent(world) == []


async def test_an_entry_says_who_came(world: World):
    await a_task(world)
    browser = await officer(world)
    page = await browser.get(f"/o/task?{TASK}")

    await browser.press(page, "/o/task", how="SCANNED")

    ((type_, data),) = sent(world)
    assert (type_, data["officers"]) == ("inspection.entry.recorded", ["TJ0001"])
