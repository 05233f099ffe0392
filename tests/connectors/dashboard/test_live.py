"""A page that somebody looks at is told what changed, and nothing else, while he may look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from dashboard_world import A, OpsWorld, an_entry

from connectors.dashboard.board import VIEWS
from connectors.dashboard.door import Operator
from connectors.dashboard.live import stream
from connectors.dashboard.sheets import Asked
from schemas.operator import OperatorRole

WHO = Operator("ann", OperatorRole.VIEWER, "t")
WAIT_S = 30.0


class Line:
    """A live line to one page."""

    def __init__(self, ops: OpsWorld, view: str, **query: str) -> None:
        self.stopping, self.allowed = asyncio.Event(), True
        desk = ops.desk
        asked = Asked(WHO, "zh", desk.now_ms(), query)
        self._events: AsyncIterator[bytes] = stream(
            desk.board, desk.pages, view, asked, still=self._still, now_ms=desk.now_ms,
            stopping=self.stopping, every_s=0.01,
        )  # fmt: skip

    async def _still(self) -> bool:
        return self.allowed

    async def next(self) -> dict[str, str]:
        """The next news: text by block; silence between is passed over."""
        async with asyncio.timeout(WAIT_S):
            while True:
                chunk = (await anext(self._events)).decode()
                if not chunk.startswith(":"):
                    return dict(self._event(one) for one in chunk.split("\n\n") if one)

    async def ends(self) -> bool:
        try:
            await asyncio.wait_for(anext(self._events), WAIT_S)
        except StopAsyncIteration:
            return True
        return False

    def _event(self, text: str) -> tuple[str, str]:
        first, *lines = text.splitlines()
        assert first.startswith("event: ")
        assert all(line.startswith("data: ") for line in lines)
        return first.removeprefix("event: "), "\n".join(line[6:] for line in lines)


@pytest.mark.parametrize("view", VIEWS)
async def test_every_page_begins_whole(ops: OpsWorld, view: str):
    ops.picture()
    line = Line(ops, view, site=A)

    news = await line.next()

    sheet = await VIEWS[view](ops.desk.board, Asked(WHO, "zh", 1, {"site": A}))
    assert set(news) == {"state"} | {one.name for one in sheet.blocks if one.live}


async def test_only_what_changed_is_sent(ops: OpsWorld):
    ops.picture()
    line = Line(ops, "overview")
    await line.next()
    await ops.put(A, an_entry(A, "R-1"))
    ops.later()

    news = await line.next()
    while "sites" not in news:  # the state is looked at too, and is done first
        news = await line.next()

    assert set(news) <= {"state", "sites"}
    assert f'id="stops-{A}">1<' in news["sites"].replace(" zero", "")


async def test_whoever_may_look_no_longer_is_told_so_and_cut_off(ops: OpsWorld):
    line = Line(ops, "bare")
    await line.next()
    line.allowed = False

    assert await line.next() == {"gone": "-"}
    assert await line.ends()


async def test_a_process_that_ends_lets_go_of_all_lines(ops: OpsWorld):
    line = Line(ops, "bare")
    await line.next()
    line.stopping.set()

    assert await line.ends()


async def test_a_silent_line_is_kept_open(ops: OpsWorld):
    line = Line(ops, "bare")
    await line.next()

    chunk: Any = await asyncio.wait_for(anext(line._events), WAIT_S)

    assert chunk.startswith(b":")
