"""One code for a joint visit: whose it is, what it shows, and for whom a scan is on record."""

from __future__ import annotations

import pytest
from browser import Browser, FakeLicence
from gateway_registry import DEPT, OTHER, USCC
from gateway_world import World, an_event
from scans import ON_THE_DAY, state_of

from connectors.departments.gateway.ways_in.licence import Identified
from schemas.inbound import JointFormed
from schemas.messages import JOINT_FORMED
from streams.desks.page_records import page_record


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path, licence=FakeLicence(Identified(USCC, "天津甲有限公司")))


async def joint_codes(world: World) -> list[dict]:
    """Both members' decisions on their tasks of one joint visit."""
    data = JointFormed(
        joint_id="J-1", uscc=USCC, quarter="2026Q1", members=tuple(sorted((DEPT, OTHER))), lead=DEPT
    )
    event = ("form:J-1", JOINT_FORMED, world.clock)
    await world.publish([page_record(world.registry, "hub.schedule", USCC, event, data)])
    made = []
    for number, (dept, officer) in enumerate(((DEPT, "TJ0001"), (OTHER, "TJ0101")), 1):
        event = an_event(f"E-{number}", task_id=f"T-{number}", joint_id="J-1", officers=[officer])
        answer = await world.post({**event, "source": dept}, dept=dept, prefer="wait=1")
        made.append(answer.json["decision"])
    world.clock = ON_THE_DAY
    return made


async def test_both_members_have_the_same_code(world: World):
    one, other = await joint_codes(world)

    assert one["decision"] == other["decision"] == "ISSUED"
    assert one["code"] == other["code"]
    assert one["qr_text"] == other["qr_text"]
    assert one["code_kind"] == "JOINT"


async def test_a_scan_shows_every_member_with_its_items_and_officers(world: World):
    one, _ = await joint_codes(world)
    browser = Browser(world)
    page = await browser.get(one["qr_text"].removeprefix("https://hub.test"))

    for name in ("滨海新区卫生健康委", "滨海新区消防救援支队", "2 名"):
        assert name in page.text


async def test_one_scan_is_on_record_for_every_member(world: World):
    one, _ = await joint_codes(world)
    browser = Browser(world)
    page = await browser.get(one["qr_text"].removeprefix("https://hub.test"))

    await browser.verify(page)

    assert [state_of(world, task) for task in ("T-1", "T-2")] == ["SCANNED", "SCANNED"]


@pytest.mark.parametrize(("dept", "task_id"), [(DEPT, "T-1"), (OTHER, "T-2")])
async def test_each_member_finds_its_own_task_under_the_code(world: World, dept, task_id):
    one, _ = await joint_codes(world)

    answer = await world.ask("GET", f"/v1/codes/{one['code']}", dept=dept)

    assert answer.status == 200
    assert answer.json["task_id"] == task_id
    assert sorted(answer.json["members"]) == sorted((DEPT, OTHER))
    assert len(answer.json["officers"]) == 1


async def test_when_one_member_cancels_the_code_stays_good_for_the_other(world: World):
    one, _ = await joint_codes(world)
    data = {"task_id": "T-2", "uscc": USCC, "reason": "不去了"}
    event = an_event("E-3", "inspection.task.cancelled", data=data)
    await world.post({**event, "source": OTHER}, dept=OTHER, prefer="wait=1")

    page = await Browser(world).get(one["qr_text"].removeprefix("https://hub.test"))

    assert "检查码有效" in page.text
    assert "滨海新区消防救援支队" not in page.text
