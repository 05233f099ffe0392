"""The ledger in Redis and the one in memory keep the same promises; faults in scripts are seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import redis.asyncio as aioredis
from delivery_fakes import FakeLedger

from connectors.redis_ledger import LANES, LedgerMovedError, RedisLedger
from streams.delivery.ports import LedgerBatch, Wait
from streams.ports import Fenced

NOT_OURS = (Fenced, LedgerMovedError)
SITE = "CREDIT-TJ"


def a_batch(next_offset: int, **parts: Any) -> LedgerBatch:
    return LedgerBatch(**{"next_offset": next_offset, **parts})


class LedgerContract:
    """What every ledger promises. A subclass says how one is made."""

    def run(self, test: Callable[[Any], Any]) -> None:
        """Run a coroutine on a fresh ledger."""
        raise AssertionError("a subclass makes the ledger")

    def test_an_empty_ledger_knows_nothing(self):
        async def test(ledger: Any) -> None:
            found = await ledger.claim("a")
            assert (found.feed_next, found.receipt_next, found.head) == (None, None, b"")
            assert (found.doubt_before, found.doubt_since_ms) == (0, 0)
            assert await ledger.entries(["x"]) == [None]
            assert await ledger.attempts([]) == []
            assert await ledger.next_due(LANES) is None
            assert await ledger.shown("", 9) == []
            assert [page async for page in ledger.scan()] == []

        self.run(test)

    def test_what_was_written_is_there(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            batch = a_batch(
                7, head=b"[1]", entries={"x": b"\xff", "y": b""}, values={"x": b"v", "y": b"w"},
                placed={"x": ("stop", 50), "y": ("prove", 60)}, shown={"R-1\x1f1\x1fU"},
            )  # fmt: skip
            await ledger.apply("a", "feed", None, batch)
            await ledger.apply("a", "receipt", None, a_batch(3))
            found = await ledger.claim("b")
            assert (found.feed_next, found.receipt_next, found.head) == (7, 3, b"[1]")
            assert await ledger.entries(["y", "z", "x"]) == [b"", None, b"\xff"]
            assert await ledger.values(["x"]) == [b"v"]
            assert await ledger.due(["stop", "prove"], 50, 9) == [["x"], []]
            assert await ledger.due(["prove"], 60, 0) == [[]]
            assert await ledger.next_due(["stop", "prove"]) == 50
            pages = [pair async for page in ledger.scan() for pair in page]
            assert sorted(pages) == [("x", b"\xff"), ("y", b"")]

        self.run(test)

    def test_an_entry_waits_in_one_lane_only(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            for number, lane in enumerate((*LANES, None), 1):
                await ledger.apply(
                    "a", "feed", number - 1 or None, a_batch(number, placed={"x": (lane, number)})
                )
                found = await ledger.due(LANES, 99, 9)
                assert found == [["x"] if one == lane else [] for one in LANES]

        self.run(test)

    def test_what_was_removed_is_gone_from_everywhere(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            batch = a_batch(
                1, entries={"x": b"e"}, values={"x": b"v"}, placed={"x": ("stop", 5)},
                shown={"m"},
            )  # fmt: skip
            await ledger.apply("a", "feed", None, batch)
            await ledger.wait("a", [Wait("x", "stop", 6, b"t")])
            gone = a_batch(2, removed={"x"}, placed={"x": (None, 0)}, hidden={"m"})
            await ledger.apply("a", "feed", 1, gone)
            for read in (ledger.entries, ledger.values, ledger.attempts):
                assert await read(["x"]) == [None]
            assert await ledger.due(LANES, 99, 9) == [[], [], [], [], []]
            assert await ledger.shown("", 9) == []

        self.run(test)

    def test_only_the_last_to_claim_may_write(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            await ledger.claim("b")
            for write in (
                ledger.apply("a", "feed", None, a_batch(1, entries={"x": b"zombie"})),
                ledger.wait("a", [Wait("x", "stop", 1, b"zombie")]),
                ledger.keep("a", "cursor", b"zombie"),
                ledger.doubt("a", 9, 9),
            ):
                with pytest.raises(NOT_OURS):
                    await write
            assert await ledger.entries(["x"]) == [None]
            assert await ledger.attempts(["x"]) == [None]
            assert await ledger.control() == {}
            assert (await ledger.claim("c")).doubt_before == 0

        self.run(test)

    @pytest.mark.parametrize("expect", [None, 4, 6])
    def test_a_write_from_another_position_changes_nothing(self, expect: int | None):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            await ledger.apply("a", "feed", None, a_batch(5, entries={"x": b"old"}))
            with pytest.raises(NOT_OURS):
                await ledger.apply("a", "feed", expect, a_batch(9, entries={"x": b"new"}))
            assert await ledger.entries(["x"]) == [b"old"]
            await ledger.check("a", "feed", 5)
            await ledger.check("a", "receipt", None)
            for fence, topic, at in (("b", "feed", 5), ("a", "feed", 4), ("a", "receipt", 5)):
                with pytest.raises(NOT_OURS):
                    await ledger.check(fence, topic, at)

        self.run(test)

    def test_repeating_a_write_is_harmless(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            for _ in range(3):
                await ledger.apply("a", "feed", None, a_batch(5, entries={"x": b"1"}))
            assert (await ledger.claim("a")).feed_next == 5

        self.run(test)

    def test_waiting_longer_keeps_the_lane_and_brings_nobody_back(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            placed = {"x": ("stop", 5), "y": ("seen", 5)}
            await ledger.apply("a", "feed", None, a_batch(1, placed=placed))
            await ledger.wait(
                "a",
                [
                    Wait("x", "stop", 50, b"tried"),
                    Wait("y", "stop", 1, None),
                    Wait("z", "prove", 1, b"tried"),
                ],
            )
            assert await ledger.due(LANES, 49, 9) == [[], [], [], ["y"], []]
            assert await ledger.due(LANES, 50, 9) == [["x"], [], [], ["y"], []]
            assert await ledger.attempts(["x", "y"]) == [b"tried", None]

        self.run(test)

    def test_refused_entries_are_put_back_and_others_left_alone(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            placed = {"x": ("rejected", 5), "y": ("seen", 5)}
            await ledger.apply("a", "feed", None, a_batch(1, placed=placed))
            assert await ledger.try_again("stop", ["x", "y", "z"], 9) == 1
            assert await ledger.due(LANES, 9, 9) == [["x"], [], [], ["y"], []]

        self.run(test)

    def test_what_is_disclosed_is_read_in_the_order_of_its_bytes(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            names = {
                "R-1\x1f1\x1fU",
                "R-10\x1f1\x1fU",
                "R-2\x1f1\x1fU",
                "检\x1f1\x1fU",
                "é\x1f1\x1fU",
            }
            await ledger.apply("a", "feed", None, a_batch(1, shown=names))
            pages, after = [], ""
            while page := await ledger.shown(after, 2):
                pages += page
                after = page[-1]
            assert pages == sorted(names)

        self.run(test)

    def test_a_ledger_forgotten_keeps_what_operators_said(self):
        async def test(ledger: Any) -> None:
            await ledger.claim("a")
            await ledger.doubt("a", 4, 5)
            found = await ledger.claim("a")
            assert (found.doubt_before, found.doubt_since_ms) == (4, 5)
            await ledger.keep("a", "cursor", b"7")
            await ledger.apply("a", "feed", None, a_batch(5, entries={"x": b"1"}))
            await ledger.forget()
            assert await ledger.control() == {"cursor": b"7"}
            assert (await ledger.claim("a")).feed_next is None
            assert await ledger.entries(["x"]) == [None]

        self.run(test)


class TestFakeLedger(LedgerContract):
    """The one in memory, on which days are simulated."""

    def run(self, test: Callable[[Any], Any]) -> None:
        asyncio.run(test(FakeLedger()))


class TestRedisLedger(LedgerContract):
    """The one in Redis."""

    @pytest.fixture(autouse=True)
    def _at(self, redis_url: str) -> None:
        self.url = redis_url

    def run(self, test: Callable[[Any], Any]) -> None:
        async def main() -> None:
            async with aioredis.from_url(self.url) as client:
                await test(RedisLedger(client, self.url, SITE))

        asyncio.run(main())


@pytest.mark.parametrize("seed", range(4))
async def test_both_ledgers_answer_alike_to_anything(redis_url: str, seed: int):
    rng, fake = Random(seed), FakeLedger()
    async with aioredis.from_url(redis_url) as client:
        real = RedisLedger(client, redis_url, SITE)
        for _ in range(200):
            name, arguments = a_call(rng)
            answers = [await answer_of(ledger, name, arguments) for ledger in (fake, real)]
            assert answers[0] == answers[1], (name, arguments)
            assert await fake.due(LANES, 99, 99) == await real.due(LANES, 99, 99)


def a_call(rng: Random) -> tuple[str, tuple[Any, ...]]:
    """Any call of the port, of a small world so that calls meet."""
    fence, topic = rng.choice("aab"), rng.choice(("feed", "receipt"))
    names, expect = rng.sample("uvwxyz", 3), rng.choice((None, 0, 1, 2, 3))
    batch = LedgerBatch(
        next_offset=rng.randrange(4), head=rng.choice((b"", b"h")),
        entries={names[0]: rng.randbytes(3)}, values={names[0]: rng.randbytes(3)},
        removed={names[1]},
        placed={names[0]: (rng.choice((*LANES, None)), rng.randrange(9)), names[1]: (None, 0)},
        shown={names[2]}, hidden={names[1]},
    )  # fmt: skip
    waits = [Wait(name, rng.choice(LANES[:-1]), rng.randrange(9), rng.choice((None, b"t")))
             for name in names]  # fmt: skip
    calls: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("claim", (fence,)),
        ("check", (fence, topic, expect)),
        ("wait", (fence, waits)),
        ("doubt", (fence, rng.randrange(5), rng.randrange(5))),
        ("keep", (fence, "cursor", rng.randbytes(2))),
        ("entries", (names,)),
        ("attempts", (names,)),
        ("next_due", (LANES,)),
        ("shown", ("", 9)),
        ("control", ()),
        ("try_again", ("stop", names, 3)),
    )
    if rng.random() < 0.02:
        return "forget", ()
    if rng.random() < 0.6:
        return "apply", (fence, topic, expect, batch)
    return rng.choice(calls)


async def answer_of(ledger: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    try:
        return await getattr(ledger, name)(*arguments)
    except NOT_OURS:
        return "not ours"
