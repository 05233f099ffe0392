"""An enterprise sees itself and nobody else; what it presses is an event, whole or not at all."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from browser import Browser, form_fields
from gateway_registry import DEPT, ITEM, OTHER, OTHER_USCC, USCC
from gateway_world import World
from own_world import a_visit, a_world, enterprise, where

from schemas.codec import decode_journal
from schemas.messages import INBOUND, REGISTRY_ITEM
from schemas.topics import JOURNAL

PAGES = ("/e/disclosed", "/e/repairs", "/e/visit?task=T-1", "/e/repairs/new?result=R-1",
         "/e/repair?id=C-1")  # fmt: skip
FORMS = ("/e/sign-in", "/e/sign-out", "/e/visit?task=T-1", "/e/repairs/new",
         "/e/repair/supplement?id=C-1")  # fmt: skip


@pytest.fixture
def world(tmp_path) -> World:
    return a_world(tmp_path)


def ratings(world: World) -> list[tuple[str, str, int]]:
    """What of the journal are ratings: department, task, stars."""
    records = [decode_journal(r.value) for r in world.kafka.all(JOURNAL)]
    return [
        (r.data.dept, r.data.task_id, r.data.stars)
        for r in records
        if r.type == "inspection.rating.submitted"
    ]


@pytest.mark.parametrize("path", PAGES)
async def test_whoever_is_not_signed_in_is_led_to_the_way_in(world: World, path: str):
    await a_visit(world)
    page = await Browser(world).get(path)

    assert (page.status, page.headers["location"]) == (303, "/e")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/e/visit?task=T-1", 404), ("/e/repairs/new?result=R-1", 404), ("/e/repair?id=C-1", 404),
        ("/e/visit?task=T-unknown", 404), ("/e/visit?task=T-2", 200),
    ],
)  # fmt: skip
async def test_another_enterprises_ids_are_not_found(world: World, path: str, status: int):
    await a_visit(world, 1)
    await a_visit(world, 2, uscc=OTHER_USCC)
    other = await enterprise(world, OTHER_USCC)

    page = await other.get(path)

    assert page.status == status
    assert "天津甲有限公司" not in page.text


async def test_a_stranger_cannot_rate_with_a_form_of_his_own(world: World):
    await a_visit(world, 1)
    await a_visit(world, 2, uscc=OTHER_USCC)
    other = await enterprise(world, OTHER_USCC)
    page = await other.get("/e/visit?task=T-2")

    answer = await other.post(
        "/e/visit?task=T-1", {"form": form_fields(page)["form"], "stars": "1"}
    )

    assert answer.status == 403
    assert ratings(world) == []


@pytest.mark.parametrize("path", FORMS)
async def test_a_form_of_no_page_of_ours_does_nothing(world: World, path: str):
    await a_visit(world)
    browser = await enterprise(world)
    before = len(world.kafka.all(JOURNAL))

    answer = await browser.post(path, {"form": "0" * 32, "stars": "1"})

    assert answer.status in (403, 415)
    assert len(world.kafka.all(JOURNAL)) == before


async def test_a_result_shows_points_outcome_and_follow_up_and_no_officers_name(world: World):
    await a_visit(world)
    browser = await enterprise(world)

    page = await browser.get("/e/visit?task=T-1")

    for text in ("发现问题", "发现问题待后续处理", "卫生许可证在有效期内并公示", "不符合", "过期",
                 "限期整改", "公示中"):  # fmt: skip
        assert text in page.text
    assert not [one for one in ("王小明", "TJ0001") if one in page.text]


async def test_a_results_points_are_worded_by_the_standard_it_was_filled_in_against(world: World):
    await a_visit(world)
    entry = {**ITEM, "version": 2, "points": [{"point": "P1", "title": "另一件事"}]}
    model = INBOUND[REGISTRY_ITEM].model
    world.registry.put(
        REGISTRY_ITEM,
        model.model_validate_json(json.dumps({**entry, "valid_from": "2026-03-17"})),
    )
    browser = await enterprise(world)

    page = await browser.get("/e/visit?task=T-1")

    assert "卫生许可证在有效期内并公示" in page.text
    assert "另一件事" not in page.text


async def test_each_department_of_a_joint_visit_is_rated_on_its_own(world: World):
    await a_visit(world, 1, joint_id="J-1")
    await a_visit(world, 2, OTHER, joint_id="J-1")
    browser = await enterprise(world)
    first = await browser.get("/e/visit?task=T-1")
    assert "滨海新区消防救援支队" in first.text

    for task, stars in (("T-1", "5"), ("T-2", "2")):
        page = await browser.get(where("/e/visit", task=task))
        await browser.press(page, "/e/visit", stars=stars, comment="")

    assert ratings(world) == [(DEPT, "T-1", 5), (OTHER, "T-2", 2)]


async def test_a_rating_can_be_changed_until_the_policys_last_day_and_not_after(world: World):
    await a_visit(world)
    browser = await enterprise(world)
    page = await browser.get("/e/visit?task=T-1")
    await browser.press(page, "/e/visit", stars="2", comment="迟到")
    world.clock += timedelta(days=1)
    browser = await enterprise(world)
    page = await browser.get("/e/visit?task=T-1")
    assert "迟到" in page.text
    changed = await browser.follow(await browser.press(page, "/e/visit", stars="4", comment=""))
    assert "评价已登记" in changed.text
    world.clock += timedelta(days=60)
    browser = await enterprise(world)
    closed = await browser.get("/e/visit?task=T-1")
    late = await browser.post(
        "/e/visit?task=T-1", {"form": form_fields(page)["form"], "stars": "1"}
    )

    assert "评价期限已过" in closed.text
    assert late.status in (403, 409)
    assert [stars for _, _, stars in ratings(world)] == [2, 4]


@pytest.mark.parametrize(
    ("stars", "comment", "status"),
    [("0", "", 422), ("6", "", 422), ("", "", 422), ("5", "x" * 501, 422), ("5", "a\x07b", 422)],
)
async def test_what_is_no_rating_is_refused(world: World, stars: str, comment: str, status: int):
    await a_visit(world)
    browser = await enterprise(world)
    page = await browser.get("/e/visit?task=T-1")

    answer = await browser.press(page, "/e/visit", stars=stars, comment=comment)

    assert answer.status == status
    assert ratings(world) == []


async def test_a_comment_is_shown_as_text_whatever_is_written(world: World):
    await a_visit(world)
    browser = await enterprise(world)
    page = await browser.get("/e/visit?task=T-1")
    await browser.press(page, "/e/visit", stars="3", comment="<script>alert(1)</script>")

    page = await browser.get("/e/visit?task=T-1")

    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_who_signs_out_is_out(world: World):
    await a_visit(world)
    browser = await enterprise(world)
    page = await browser.get("/e")
    await browser.press(page, "/e/sign-out")

    assert "用电子营业执照登录" in (await browser.get("/e")).text
    assert USCC not in (await browser.get("/e")).text
