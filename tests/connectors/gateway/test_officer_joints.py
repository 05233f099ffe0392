"""An officer sees which joint inspections are still to be planned: who leads, and that a day is."""

from __future__ import annotations

import pytest
from gateway_registry import DEPT, OTHER, USCC
from gateway_world import World, an_event
from own_world import a_world, officer

from schemas.inbound import JointFormed
from schemas.messages import JOINT_FORMED
from streams.desks.page_records import page_record

TO_PLAN, NEEDED, SET = "待安排的联合检查", "待定日期", "已定日期 2026-03-16"


@pytest.fixture
def world(tmp_path) -> World:
    return a_world(tmp_path)


async def formed(world: World, lead: str = DEPT) -> None:
    data = JointFormed(
        joint_id="J-1", uscc=USCC, quarter="2026Q1", members=tuple(sorted((DEPT, OTHER))), lead=lead
    )
    event = ("form:J-1", JOINT_FORMED, world.clock)
    await world.publish([page_record(world.registry, "hub.schedule", USCC, event, data)])


async def planned(world: World, dept: str, number: int) -> None:
    cert_no = "TJ0001" if dept == DEPT else "TJ0101"
    event = an_event(f"E-{number}", task_id=f"T-{number}", joint_id="J-1", officers=[cert_no])
    await world.post({**event, "source": dept}, dept=dept)


async def test_a_joint_task_is_shown_with_its_lead_and_that_a_day_is_needed(world: World):
    await formed(world)
    page = await (await officer(world)).get("/o")
    other = await (await officer(world, OTHER, "TJ0101")).get("/o?lang=en")

    for text in (
        TO_PLAN,
        "天津甲有限公司",
        "牵头部门：本单位",
        "滨海新区消防救援支队",
        NEEDED,
        "J-1",
    ):
        assert text in page.text, text
    for text in ("Joint inspections to be planned", "Lead: 滨海新区卫生健康委", "A day is needed"):
        assert text in other.text, text


async def test_once_a_member_has_planned_it_the_others_see_the_day(world: World):
    await formed(world)
    await planned(world, DEPT, 1)
    own = await (await officer(world)).get("/o")
    other = await (await officer(world, OTHER, "TJ0101")).get("/o")

    assert TO_PLAN not in own.text
    assert SET in other.text
    assert NEEDED not in other.text


async def test_what_all_have_planned_is_to_be_planned_by_nobody(world: World):
    await formed(world)
    await planned(world, DEPT, 1)
    await planned(world, OTHER, 2)

    assert TO_PLAN not in (await (await officer(world)).get("/o")).text
    assert TO_PLAN not in (await (await officer(world, OTHER, "TJ0101")).get("/o")).text


async def test_who_left_has_nothing_to_plan_and_the_lead_that_passed_on_is_told(world: World):
    await formed(world)
    data = {"joint_id": "J-1", "uscc": USCC, "reason": "人手不足"}
    await world.post(an_event("E-9", "joint.withdrawn", data=data))
    own = await (await officer(world)).get("/o")
    other = await (await officer(world, OTHER, "TJ0101")).get("/o")

    assert TO_PLAN not in own.text
    assert "牵头部门：本单位" in other.text


async def test_it_stands_on_every_day_of_its_quarter_and_on_no_other(world: World):
    await formed(world)
    browser = await officer(world)

    assert TO_PLAN in (await browser.get("/o?day=2026-01-01")).text
    assert TO_PLAN in (await browser.get("/o?day=2026-03-31")).text
    assert TO_PLAN not in (await browser.get("/o?day=2026-04-01")).text


async def test_a_department_that_is_no_member_sees_none(world: World):
    members = (OTHER, "SCJG-120000")
    data = JointFormed(joint_id="J-2", uscc=USCC, quarter="2026Q1", members=members, lead=OTHER)
    event = ("form:J-2", JOINT_FORMED, world.clock)
    await world.publish([page_record(world.registry, "hub.schedule", USCC, event, data)])

    assert TO_PLAN not in (await (await officer(world)).get("/o")).text
    assert TO_PLAN in (await (await officer(world, OTHER, "TJ0101")).get("/o")).text
