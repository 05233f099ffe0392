"""How does a page stay up to date? Server-sent events: each block is sent when it has changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from connectors.dashboard.board import VIEWS, Board
from connectors.dashboard.sheets import Asked, drawn
from connectors.departments.gateway.people.pages import Pages

EVERY_S = 2.0
QUIET_BEATS = 8
"""So many beats without news, and a line is sent that says nothing: proxies cut silent lines."""
GONE = "gone"


async def stream(
    board: Board,
    pages: Pages,
    view: str,
    asked: Asked,
    *,
    still: Callable[[], Awaitable[bool]],
    now_ms: Callable[[], int],
    stopping: asyncio.Event,
    every_s: float = EVERY_S,
) -> AsyncIterator[bytes]:
    """The blocks of a page as events, until whoever looks may look no longer, or the process ends.

    Args:
        board: What is looked at.
        pages: Fills templates in.
        view: Which page.
        asked: By whom it was opened.
        still: Whether he is still signed in.
        now_ms: Unix milliseconds.
        stopping: Set when the process is about to end.
        every_s: How often it is looked.
    """
    sent: dict[str, str] = {}
    quiet = 0
    while not stopping.is_set():
        if not await still():
            yield _event(GONE, "-")
            return
        news = await _news(board, pages, view, replace(asked, now_ms=now_ms()), sent)
        quiet = 0 if news else quiet + 1
        if news:
            yield news
        elif quiet >= QUIET_BEATS:
            quiet = 0
            yield b": still here\n\n"
        try:
            async with asyncio.timeout(every_s):
                await stopping.wait()
        except TimeoutError:
            continue


async def _news(board: Board, pages: Pages, view: str, asked: Asked, sent: dict[str, str]) -> bytes:
    """The blocks that are no longer as they were sent."""
    sheet = await VIEWS[view](board, asked)
    blocks = [await board.state()]
    stamp = repr(sheet.stamp)
    if sent.get("") != stamp:
        blocks += [block for block in sheet.blocks if block.live]
        sent[""] = stamp
    news = b""
    for block in blocks:
        html = drawn(pages, block, asked)
        if sent.get(block.name) != html:
            sent[block.name] = html
            news += _event(block.name, html)
    return news


def _event(name: str, text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.splitlines() if line.strip())
    return f"event: {name}\n{lines}\n".encode()
