"""A claim that was given up never takes a ledger or a view away from the claim that followed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from connectors.redis_ledger import LedgerMovedError, RedisLedger
from connectors.redis_retry import OneAfterAnother
from connectors.redis_view import RedisView, ViewMovedError


class SlowRedis:
    """Commands stand on their ways until they are let through, each on its own way.

    A command goes on when the task that sent it has been cancelled: it has left.
    """

    def __init__(self) -> None:
        self.fence = b""
        self.sent: list[tuple[str, asyncio.Event]] = []
        self.under_way: set[asyncio.Task[None]] = set()

    def register_script(self, text: str) -> Callable[..., Awaitable[Any]]:
        assert text

        async def run(keys: list[str], args: list[str]) -> Any:
            assert keys
            through, there = asyncio.Event(), asyncio.Event()
            self.sent.append((args[0], through))

            async def travel() -> None:
                await through.wait()
                self.fence = args[0].encode()
                there.set()

            task = asyncio.create_task(travel())
            self.under_way.add(task)
            await there.wait()
            return [None] * 5

        return run

    async def hmget(self, _key: str, _fields: list[str]) -> list[bytes | None]:
        return [self.fence, None]

    def let_through(self, fence: str) -> None:
        """The network is slow, and not in order."""
        for sender, through in self.sent:
            if sender == fence:
                through.set()


async def rest() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


Claim = Callable[[Any, str], Awaitable[Any]]
KEPT = [
    pytest.param(lambda client: RedisLedger(client, "there", "GSXT-TJ"),
                 lambda kept, fence: kept.claim(fence),
                 lambda kept, fence: kept.check(fence, "feed", None), LedgerMovedError,
                 id="ledger"),
    pytest.param(lambda client: RedisView(client, "there"),
                 lambda kept, fence: kept.claim(0, fence),
                 lambda kept, fence: kept.check(0, fence, None), ViewMovedError, id="view"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "claim", "check", "moved"), KEPT)
async def test_who_claims_last_owns_it_though_an_earlier_claim_was_given_up(
    make: Callable[[Any], Any], claim: Claim, check: Claim, moved: type[Exception]
):
    redis = SlowRedis()
    kept = make(redis)
    given_up = asyncio.create_task(claim(kept, "a"))
    await rest()
    given_up.cancel()
    await rest()
    last = asyncio.create_task(claim(kept, "b"))
    await rest()

    redis.let_through("b")
    await rest()
    redis.let_through("a")
    await rest()
    redis.let_through("b")
    await last

    await check(kept, "b")
    with pytest.raises(moved):
        await check(kept, "a")


async def test_what_goes_wrong_is_told_to_whoever_asked_and_the_next_may_ask():
    async def fails() -> int:
        raise ValueError("no")

    async def works() -> int:
        return 7

    line = OneAfterAnother()

    with pytest.raises(ValueError, match="no"):
        await line.ask(fails)
    assert await line.ask(works) == 7
