"""What holds for each page of people: no script, nothing from elsewhere, no trace left behind."""

from __future__ import annotations

import re

import pytest
from gateway_registry import USCC
from gateway_world import World
from own_world import a_visit, a_world, enterprise, officer

OWN = ("/e", "/e/visit?task=T-1", "/e/disclosed", "/e/repairs", "/e/repairs/new?result=R-1",
       "/e/visit?task=none")  # fmt: skip
DESK = ("/o", f"/o/task?uscc={USCC}&task=T-1", f"/o/result?uscc={USCC}&task=T-1",
        f"/o/print?uscc={USCC}&task=T-1", "/o/backfill", "/o?day=none")  # fmt: skip
_FORM = re.compile(r"<form [^>]*>.*?</form>", re.DOTALL)


@pytest.fixture
def world(tmp_path) -> World:
    return a_world(tmp_path)


@pytest.mark.parametrize("path", [*OWN, *DESK])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_each_page_is_plain_guarded_and_in_its_language(world: World, path: str, lang: str):
    await a_visit(world)
    browser = await (enterprise(world) if path in OWN else officer(world))

    page = await browser.get(path + ("&" if "?" in path else "?") + f"lang={lang}")

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == (
        "no-store", "no-referrer",
    )  # fmt: skip
    assert not re.search(r"<script| style=| on[a-z]+=|https?://", page.text)
    assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in page.text
    for form in _FORM.findall(page.text):
        assert re.search(r'name="form" value="[0-9a-f]{32}"', form), form
        assert 'method="post"' in form


async def test_an_english_page_leads_to_english_pages(world: World):
    await a_visit(world)
    browser = await enterprise(world)

    page = await browser.get("/e?lang=en")

    inner = re.findall(r'(?:href|action)="(/e[^"]*)"', page.text)
    assert len(inner) > 4
    assert all("lang=en" in one or "lang=zh" in one for one in inner)


async def test_a_session_of_an_enterprise_is_no_session_of_an_officer(world: World):
    await a_visit(world)

    as_officer = await (await enterprise(world)).get("/o")
    as_enterprise = await (await officer(world)).get("/e")

    assert "登录凭证" in as_officer.text
    assert "用电子营业执照登录" in as_enterprise.text
