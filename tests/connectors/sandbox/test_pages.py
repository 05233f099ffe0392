"""What people see: what is disclosed, in Chinese; of what is stopped, nothing."""

from pathlib import Path

import aiohttp
from deliveries import a_result, delivery, disclosed, stopped
from worlds import World, credit_tianjin

SITE = "CREDIT-TJ"


async def page(world: World, path: str = "/public") -> tuple[int, str, str]:
    """Status, content type and text of a page."""
    address = world.system._page._address.removesuffix("/public")
    async with aiohttp.ClientSession() as session, session.get(address + path) as answer:
        return answer.status, answer.content_type, await answer.text()


async def test_the_list_names_what_is_disclosed(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        empty = (await page(world))[2]
        owed = delivery(SITE, disclosed(a_result()))
        await world.bring(owed)
        await world.receipt_of(owed)
        status, kind, text = await page(world)

        assert (status, kind) == (200, "text/html")
        assert "暂无公示信息" in empty
        for words in (
            "信用中国（天津）",
            "天津海河试剂有限公司",
            "发现问题待后续处理",
            "2026-03-16",
        ):
            assert words in text
        assert "共 1 条" in text
        assert owed.result_id in text


async def test_a_stopped_result_leaves_no_trace(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        before = (await page(world))[2]
        result = a_result()
        await world.bring(delivery(SITE, disclosed(result)))
        stop = delivery(SITE, stopped(result))
        await world.bring(stop)
        await world.receipt_of(stop)
        known = await page(world, f"/public/{result}?uscc={stop.uscc}")
        never = await page(world, f"/public/R-none?uscc={stop.uscc}")

        assert (await page(world))[2] == before
        assert known[2].replace(result, "R-none") == never[2]


async def test_names_cannot_write_the_page(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        owed = delivery(SITE, disclosed(a_result(), entity_name="<script>alert(1)</script>"))
        await world.bring(owed)
        await world.receipt_of(owed)
        text = (await page(world))[2]

        assert "<script>" not in text
        assert "&lt;script&gt;" in text


async def test_a_question_without_a_credit_code_is_refused(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        assert (await page(world, "/public/R-1"))[0] == 400
        assert (await page(world, "/public?page=-3"))[0] == 200
        assert (await page(world, "/public?page=x"))[0] == 200
