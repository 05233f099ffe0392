"""Codes that are not good say so plainly; forms of strangers and of other browsers do nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from browser import Browser
from gateway_world import SECRET, USCC, World, an_event
from scans import a_code, state_of

from connectors.departments.gateway.assembly import SECRET_FILE, read_secret
from connectors.departments.gateway.people.wording import VERDICTS
from connectors.departments.gateway.ways_in.sessions import COOKIE, Session, Sessions
from connectors.signer import make_signer
from schemas.desk import ScanVerdict
from schemas.topics import JOURNAL
from streams.rules.entry.codes import write_code
from streams.rules.entry.tokens import make_token


def forged(path: str) -> str:
    code = write_code(0, "A0", 12345)
    return "/c/" + make_token(make_signer("ed25519", "S0", b"\1" * 32), code, date(2026, 3, 20))


def unknown(path: str) -> str:
    code = write_code(0, "A0", 12345)
    return "/c/" + make_token(make_signer("ed25519", "S0", SECRET), code, date(2026, 3, 20))


async def cancelled(world: World) -> None:
    data = {"task_id": "T-1", "uscc": USCC, "reason": ""}
    await world.post(an_event("E-9", "inspection.task.cancelled", data=data))


async def completed(world: World) -> None:
    data = {
        "task_id": "T-1", "result_id": "R-1", "uscc": USCC, "inspected_on": "2026-03-16",
        "outcomes": ["1"], "found_problem": False, "negative": False, "publish": False,
    }  # fmt: skip
    await world.post(an_event("E-9", "inspection.result.recorded", data=data))


async def a_week_later(world: World) -> None:
    world.clock += timedelta(days=8)


async def a_year_later(world: World) -> None:
    world.clock += timedelta(days=365)


VOID = [
    # which address, what happened, verdict, status
    pytest.param(forged, None, ScanVerdict.FORGED, 404, id="forged"),
    pytest.param(lambda p: p[:-3] + "AAA", None, ScanVerdict.FORGED, 404, id="changed"),
    pytest.param(lambda _: "/c/x", None, ScanVerdict.FORGED, 404, id="no token"),
    pytest.param(unknown, None, ScanVerdict.UNKNOWN, 404, id="signed, but never issued"),
    pytest.param(None, cancelled, ScanVerdict.CANCELLED, 200, id="cancelled"),
    pytest.param(None, completed, ScanVerdict.USED, 200, id="used"),
    pytest.param(None, a_week_later, ScanVerdict.EXPIRED, 200, id="expired"),
    pytest.param(None, a_year_later, ScanVerdict.LAST_YEAR, 200, id="last year's"),
]


@pytest.mark.parametrize(("address", "happened", "verdict", "status"), VOID)
async def test_a_code_that_is_not_good_says_so_plainly_and_records_nothing(
    world: World, address, happened, verdict, status
):
    path = await a_code(world)
    if happened:
        await happened(world)
    path = address(path) if address else path
    browser, before = Browser(world), len(world.kafka.all(JOURNAL))

    page = await browser.get(path)
    english = await browser.get(f"{path}?lang=en")
    form = {"form": form_token(world, browser, path), "how": "REFUSED"}
    pressed = await browser.post(f"{path}/entry", form)

    assert page.status == status
    assert VERDICTS[verdict][0] in page.text
    assert VERDICTS[verdict][2] in english.text
    assert "检查码有效" not in page.text
    assert "<form" not in page.text
    assert pressed.status == 303
    assert len(world.kafka.all(JOURNAL)) == before


def form_token(world: World, browser: Browser, path: str) -> str:
    """What our own page would put into its form in this browser."""
    sessions = Sessions(world.redis, read_secret(world.settings.gateway / SECRET_FILE), https=True)
    return sessions.form_token(Session(browser.cookies[COOKIE], fresh=False), path[3:])


async def test_a_form_of_another_browser_or_site_is_refused(world: World):
    path = await a_code(world)
    page = await Browser(world).get(path)
    thief = Browser(world)
    await thief.get(path)

    answers = [
        await thief.press(page, "/entry", how="REFUSED"),
        await Browser(world).post(f"{path}/entry", {"how": "REFUSED", "form": ""}),
        await Browser(world).post(f"{path}/verify", {}),
    ]

    assert [one.status for one in answers] == [403, 403, 403]
    assert all(one.headers["content-type"].startswith("text/html") for one in answers)
    assert state_of(world) == "ISSUED"
