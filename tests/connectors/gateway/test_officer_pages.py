"""An officer sees the tasks of his own department, while his certificate is valid, no others."""

from __future__ import annotations

import json
from typing import Any

import pytest
import structlog.testing
from browser import Browser
from gateway_registry import DEPT, ITEM, OTHER, USCC
from gateway_world import World, an_event
from own_world import ON_THE_DAY, RESULT, a_visit, a_world, officer

from schemas.messages import INBOUND, REGISTRY_ITEM, REGISTRY_OFFICER

TASK = f"uscc={USCC}&task=T-1"
PAGES = (f"/o/task?{TASK}", f"/o/result?{TASK}", f"/o/print?{TASK}")


@pytest.fixture
def world(tmp_path) -> World:
    return a_world(tmp_path)


async def a_task(world: World) -> None:
    """A task of the department for today."""
    await world.post(an_event())
    world.clock = ON_THE_DAY


def change_officer(world: World, **fields: Any) -> None:
    """Publish an officer's certificate anew."""
    entry = {"cert_no": "TJ0001", "name": "王小明", "dept": DEPT, "valid_from": "2020-01-01",
             "valid_to": None, "status": "VALID", **fields}  # fmt: skip
    model = INBOUND[REGISTRY_OFFICER].model
    world.registry.put(REGISTRY_OFFICER, model.model_validate_json(json.dumps(entry)))


@pytest.mark.parametrize("path", [*PAGES, "/o/backfill"])
async def test_whoever_is_not_signed_in_is_led_to_the_way_in(world: World, path: str):
    await a_task(world)

    page = await Browser(world).get(path)

    assert (page.status, page.headers["location"]) == (303, "/o")


@pytest.mark.parametrize("path", PAGES)
async def test_another_departments_task_is_not_found(world: World, path: str):
    await a_task(world)
    stranger = await officer(world, OTHER, "TJ0101")
    own = await officer(world)

    assert (await stranger.get(path)).status == 404
    assert (await own.get(path)).status == 200


async def test_another_departments_agenda_is_empty(world: World):
    await a_task(world)

    assert "这一天没有任务" in (await (await officer(world, OTHER, "TJ0101")).get("/o")).text
    assert "天津甲有限公司" in (await (await officer(world)).get("/o")).text


@pytest.mark.parametrize(
    "fields",
    [{"status": "SUSPENDED"}, {"status": "REVOKED"}, {"valid_to": "2026-03-15"}, {"dept": OTHER}],
)
async def test_a_certificate_that_is_no_longer_valid_closes_the_pages_at_once(
    world: World, fields: dict[str, str]
):
    await a_task(world)
    browser = await officer(world)
    assert "天津甲有限公司" in (await browser.get("/o")).text

    change_officer(world, **fields)

    assert "登录凭证" in (await browser.get("/o")).text
    assert (await browser.get(PAGES[0])).status == 303


@pytest.mark.parametrize(
    ("token", "allowed"),
    [("officer", True), ("department", False), ("nobody", False), ("no certificate", False)],
)
async def test_only_an_officers_own_token_opens_the_pages(world: World, token: str, allowed: bool):
    tokens = {
        "officer": world.issue(DEPT, officer="TJ0001"), "department": world.tokens[DEPT],
        "nobody": "insp1.0.0", "no certificate": world.issue(DEPT, officer="TJ9999"),
    }  # fmt: skip
    browser = Browser(world)
    page = await browser.get("/o")

    after = await browser.follow(await browser.press(page, "/o/sign-in", token=tokens[token]))

    assert ("当日任务" in after.text) is allowed


async def test_an_officers_token_opens_pages_and_nothing_else(world: World):
    token = world.issue(DEPT, officer="TJ0001")

    answer = await world.ask(
        "GET", f"/v1/tasks/T-1?uscc={USCC}", headers={"authorization": f"Bearer {token}"}
    )

    assert answer.status == 401


async def test_certificates_are_read_by_nobody_unseen_and_names_are_not_shown(world: World):
    await a_task(world)
    browser = await officer(world)

    with structlog.testing.capture_logs() as lines:
        page = await browser.get(PAGES[0])

    reads = [one for one in lines if one["event"] == "personal field read"]
    assert [(one["field"], one["count"]) for one in reads] == [("officer.cert_no", 2)]
    assert not [one for one in ("王小明", "李大力") if one in page.text]


async def test_a_form_of_no_page_of_ours_does_nothing(world: World):
    await a_task(world)
    browser = await officer(world)

    for path in (f"/o/task?{TASK}", f"/o/result?{TASK}", "/o/backfill", "/o/sign-in"):
        assert (await browser.post(path, {"form": "0" * 32, "how": "REFUSED"})).status == 403

    assert len(world.produced()) == 1


async def test_a_result_that_contradicts_itself_is_refused(world: World):
    await a_task(world)
    browser = await officer(world)
    page = await browser.get(f"/o/result?{TASK}")
    points = {"point-0-0": "ok", "point-0-1": "bad", "inspected_on": "2026-03-16"}

    wrong = await browser.press(page, "/o/result", outcome="NO_PROBLEM", **points)
    without = await browser.press(page, "/o/result", outcome="PROBLEM_PENDING",
                                  inspected_on="2026-03-16")  # fmt: skip
    right = await browser.press(page, "/o/result", outcome="PROBLEM_PENDING", **points)

    assert [one.status for one in (wrong, without, right)] == [422, 422, 303]
    assert len(world.produced()) == 2


def publish_standard(world: World, version: int, *points: str, **fields: Any) -> None:
    """Publish a version of the item's standard."""
    listed = [{"point": one, "title": f"{one}如何"} for one in points]
    entry = {**ITEM, "version": version, "points": listed, **fields}
    model = INBOUND[REGISTRY_ITEM].model
    world.registry.put(REGISTRY_ITEM, model.model_validate_json(json.dumps(entry)))


def found_of(world: World) -> dict[str, Any]:
    """What the last result says of its first item."""
    data: dict[str, Any] = json.loads(world.produced()[-1].value)["items"][0]
    return data


async def test_a_form_is_read_by_the_version_of_the_standard_that_it_showed(world: World):
    await a_task(world)
    browser = await officer(world)
    page = await browser.get(f"/o/result?{TASK}")
    publish_standard(world, 2, "P2", "P9")

    await browser.press(page, "/o/result", outcome="PROBLEM_PENDING", inspected_on="2026-03-16",
                        **{"point-0-0": "ok", "point-0-1": "bad"})  # fmt: skip

    found = found_of(world)
    assert found["version"] == 1
    assert [(one["point"], one["ok"]) for one in found["points"]] == [("P1", True), ("P2", False)]


async def test_a_form_shows_the_standard_that_is_in_force_and_not_the_last_published(world: World):
    await a_task(world)
    publish_standard(world, 3, "P8", valid_from="2026-03-17")
    publish_standard(world, 2, "P7", valid_from="2026-03-16")
    publish_standard(world, 1, "P1")
    browser = await officer(world)

    page = await browser.get(f"/o/result?{TASK}")

    assert "P7如何" in page.text
    assert not [one for one in ("P8如何", "P1如何") if one in page.text]


@pytest.mark.parametrize("version", ["", "7", "x", "９", "9" * 5000])
async def test_a_form_of_a_standard_that_is_not_known_is_to_be_opened_again(world: World, version):
    await a_task(world)
    browser = await officer(world)
    page = await browser.get(f"/o/result?{TASK}")

    answer = await browser.press(
        page, "/o/result", outcome="PROBLEM_PENDING", inspected_on="2026-03-16",
        **{"version-0": version, "point-0-0": "ok", "point-0-1": "bad"},
    )  # fmt: skip

    assert answer.status == 422
    assert len(world.produced()) == 1


async def test_a_task_above_the_cap_shows_that_there_is_no_code(world: World):
    for number in (1, 2):
        await a_visit(world, number)
    await world.post(an_event("E-3", task_id="T-3"))
    browser = await officer(world)

    page = await browser.get(f"/o/task?uscc={USCC}&task=T-3")

    assert "已拦截：频次用尽" in page.text
    assert "没有检查码，不得进入" in page.text
    assert "data:image/png" not in page.text
    assert RESULT["follow_up"] not in page.text
