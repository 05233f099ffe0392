"""What a scan shows and what it puts on record; nothing on the page ever stops an inspection."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import structlog.testing
from browser import Browser, FakeLicence
from gateway_registry import OTHER_USCC
from gateway_world import (
    DEPT,
    USCC,
    Answered,
    World,
)
from scans import a_code, state_of

from connectors.departments.gateway.parts import SHANGHAI
from connectors.departments.gateway.ways_in.licence import Identified, NotIdentified

NAMES = ("王小明", "李大力")


@pytest.fixture
def world(tmp_path) -> World:
    """The gateway on the day of the inspection, with a licence service that vouches for USCC."""
    return World(tmp_path, licence=FakeLicence(Identified(USCC, "天津甲有限公司")))


async def test_a_good_code_tells_all_but_the_officers_names(world: World):
    page = await Browser(world).get(await a_code(world))

    assert page.status == 200
    assert "检查码有效" in page.text
    for text in ("天津甲有限公司", USCC, "滨海新区卫生健康委", "公共场所卫生检查", "2026-03-16",
                 "本年度第 1 次 / 上限 2 次", "2 名，执法证均有效"):  # fmt: skip
        assert text in page.text
    assert not [one for one in (*NAMES, "TJ0001") if one in page.text]


async def test_the_same_in_english(world: World):
    page = await Browser(world).get(f"{await a_code(world)}?lang=en")

    assert "This code is good" in page.text
    assert "Visit 1 of at most 2 this year" in page.text


async def test_the_page_needs_no_script_and_fits_a_telephone(world: World):
    page = await Browser(world).get(await a_code(world))

    assert "<script" not in page.text
    assert "style=" not in page.text
    assert 'content="width=device-width, initial-scale=1"' in page.text
    assert 'lang="zh-CN"' in page.text
    assert "https://licence.test" in page.headers["content-security-policy"]


async def test_after_the_licence_the_visit_is_recorded_and_the_officers_are_named(world: World):
    browser = Browser(world)
    page = await browser.get(await a_code(world))

    verified = await browser.verify(page)

    assert state_of(world) == "SCANNED"
    assert "已扫码登记" in verified.text
    for text in (*NAMES, "TJ0001", "TJ0002"):
        assert text in verified.text
    update = world.kafka.all(f"insp.in.{DEPT}")
    assert len(update) == 1, "the page speaks for itself, not in the department's name"


async def test_names_are_read_by_nobody_unseen(world: World):
    browser = Browser(world)
    page = await browser.get(await a_code(world))

    with structlog.testing.capture_logs() as lines:
        await browser.verify(page)

    reads = [one for one in lines if one["event"] == "personal field read"]
    assert {one["field"] for one in reads} == {"officer.name"}
    assert not [v for one in lines for v in one.values() if v in (*NAMES, "TJ0001", USCC)]


async def test_another_telephone_sees_that_it_was_scanned_and_no_names(world: World):
    path = await a_code(world)
    browser = Browser(world)
    await browser.verify(await browser.get(path))

    page = await Browser(world, "192.0.2.8").get(path)

    assert "检查码已核验" in page.text
    assert not [one for one in NAMES if one in page.text]


async def test_the_licence_of_another_enterprise_is_told_and_recorded_nowhere(world: World):
    world.licence.who = Identified(OTHER_USCC, "天津乙有限公司")
    browser = Browser(world)
    page = await browser.get(await a_code(world))

    foreign = await browser.verify(page)

    assert "此码不属于贵单位" in foreign.text
    assert state_of(world) == "ISSUED"
    assert not [one for one in (*NAMES, "天津甲有限公司") if one in foreign.text]


@pytest.mark.parametrize(
    "who", [NotIdentified("bad signature"), None], ids=["bad answer", "denied"]
)
async def test_a_failed_check_is_recorded_by_hand_and_stops_nothing(world: World, who):
    world.licence.who = who
    browser = Browser(world)
    page = await browser.get(await a_code(world))

    failed = await browser.verify(page, code="granted" if who else "")
    recorded = await browser.follow(await browser.press(failed, "/entry", how="LICENCE_FAILED"))

    assert "核验未完成" in failed.text
    assert state_of(world) == "LICENCE_FAILED"
    assert "检查照常进行" in recorded.text
    assert "检查码有效" in recorded.text, "it may still be put right"


async def test_a_refusal_is_recorded_and_may_be_taken_back_by_scanning(world: World):
    browser = Browser(world)
    page = await browser.get(await a_code(world))

    refused = await browser.follow(await browser.press(page, "/entry", how="REFUSED"))
    assert state_of(world) == "SCAN_REFUSED"
    await browser.verify(refused)

    assert state_of(world) == "SCANNED"


async def test_pressing_twice_changes_nothing_more(world: World):
    browser = Browser(world)
    page = await browser.get(await a_code(world))
    await browser.press(page, "/entry", how="REFUSED")
    before = world.redis.hashes["insp:{0}:state"][USCC]

    await browser.press(page, "/entry", how="REFUSED")

    assert world.redis.hashes["insp:{0}:state"][USCC] == before


async def test_a_second_code_of_the_verified_enterprise_is_registered_by_a_button(world: World):
    first, second = await a_code(world), None
    world.clock = datetime(2026, 3, 10, 9, 0, tzinfo=SHANGHAI)
    second = await a_code(world, event_id="E-2", task_id="T-2")
    browser = Browser(world)
    await browser.verify(await browser.get(first))

    page = await browser.get(second)
    assert state_of(world, "T-2") == "ISSUED", "opening a page records nothing"
    await browser.press(page, "/entry", how="SCANNED")

    assert state_of(world, "T-2") == "SCANNED"


async def test_a_scan_cannot_be_registered_without_a_licence(world: World):
    browser = Browser(world)
    page = await browser.get(await a_code(world))

    await browser.press(page, "/entry", how="SCANNED")

    assert state_of(world) == "ISSUED"


async def test_an_answer_of_the_licence_service_is_good_once_and_in_one_browser(world: World):
    browser = Browser(world)
    page = await browser.get(await a_code(world))
    await browser.press(page, "/verify")
    state = world.licence.logins[-1].state

    stolen = await Browser(world).get(f"/licence/callback?state={state}&code=granted")
    again = await browser.get(f"/licence/callback?state={state}&code=granted")

    assert (stolen.status, again.status) == (403, 403)
    assert state_of(world) == "ISSUED"


async def test_the_name_of_a_session_changes_when_the_licence_is_verified(world: World):
    browser = Browser(world)
    page = await browser.get(await a_code(world))
    before = dict(browser.cookies)

    await browser.verify(page)

    assert browser.cookies != before
    cookie = (await Browser(world).get("/c/x")).cookies[0]
    for attribute in ("HttpOnly", "SameSite=lax", "Secure"):
        assert attribute in cookie


async def test_without_a_licence_service_the_page_says_so(tmp_path):
    world = World(tmp_path)
    browser = Browser(world)
    page = await browser.get(await a_code(world))

    answer = await browser.follow(await browser.press(page, "/verify"))

    assert "核验服务暂不可用" in answer.text


async def test_an_officer_whose_certificate_ended_is_pointed_out(world: World):
    path = await a_code(world, planned_on="2026-12-30")
    world.clock = datetime(2027, 1, 2, 9, 0, tzinfo=SHANGHAI)
    world.clock = world.clock.replace(year=2026, month=12, day=31) + timedelta(days=1)

    page = await Browser(world).get(path)

    assert "2 名，其中 1 名执法证无效" in page.text


async def test_while_the_view_is_made_again_no_code_is_called_unknown(world: World):
    path = await a_code(world)
    world.redis.hashes.clear()

    page = await Browser(world).get(path)

    assert page.status == 503
    assert "暂时无法办理" in page.text


async def test_scans_are_limited_by_address(tmp_path):
    world = World(tmp_path, {"gateway_lookups_burst": 2})

    answers = [await Browser(world, "192.0.2.9").get("/c/x") for _ in range(3)]
    other = await Browser(world, "192.0.2.10").get("/c/x")

    assert [one.status for one in answers] == [404, 404, 429]
    assert other.status == 404


async def test_hostile_text_on_the_page_is_text(world: World):
    path = await a_code(world, entity_name='<script>alert("x")</script>')
    world.registry._subjects.clear()

    page: Answered = await Browser(world).get(path)

    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_any_enterprise_verifies_the_code_of_a_survey_and_uses_it_up_for_nobody(world: World):
    browser = Browser(world)
    fields = {"uscc": "survey:T-1", "survey": True, "entity_name": "摸底排查"}
    code = await a_code(world, **fields)
    page = await browser.get(code)
    verified = await browser.verify(page)
    again = await Browser(world).get(code)

    assert "检查码有效" in page.text
    assert "此码不属于贵单位" not in verified.text
    assert all(name in verified.text for name in NAMES)
    assert "检查码有效" in again.text
