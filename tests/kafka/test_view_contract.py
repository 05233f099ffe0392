"""The view in Redis and the one in memory keep the same promises; faults in scripts are seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
import redis
from fakes import FakeView
from structlog.testing import capture_logs
from waiting import until_async

from connectors.redis_server import RedisServer
from connectors.redis_view import RedisView, ViewMovedError, connect
from streams.ports import Fenced, ViewBatch

LUA = Path(__file__).parents[2] / "connectors" / "lua"
NOT_OURS = (Fenced, ViewMovedError)


def a_batch(next_offset: int, **parts: Any) -> ViewBatch:
    return ViewBatch(**{"next_offset": next_offset, "decided_next": next_offset + 100, **parts})


class ViewContract:
    """What every view promises. A subclass says how one is made."""

    def run(self, test: Callable[[Any], Any]) -> None:
        """Run a coroutine on a fresh view."""
        raise AssertionError("a subclass makes the view")

    def test_an_empty_view_has_no_position(self):
        async def test(view: Any) -> None:
            found = await view.claim(0, "a")
            assert (found.next_offset, found.decided_next, found.outbox) == (None, 0, b"")
            assert await view.states(0, ["x"]) == [None]
            assert await view.decisions(0, []) == []

        self.run(test)

    def test_what_was_applied_is_there(self):
        async def test(view: Any) -> None:
            await view.claim(3, "a")
            batch = a_batch(
                7, outbox=b"\x00out", outbox_from=2, states={"x": b"s", "y": b""},
                decisions={"x\x1fT": b"\xff"}, codes={"03-A": "x\x1fT"}, opened={"x\x1fT": 700_000},
            )  # fmt: skip
            await view.apply(3, "a", None, batch)
            found = await view.claim(3, "b")
            assert (found.next_offset, found.decided_next) == (7, 107)
            assert (found.outbox, found.outbox_from) == (b"\x00out", 2)
            assert await view.states(3, ["y", "z", "x"]) == [b"", None, b"s"]
            assert await view.decisions(3, ["x\x1fT", "x"]) == [b"\xff", None]
            assert await view.states(0, ["x"]) == [None]

        self.run(test)

    def test_only_the_last_to_claim_may_write(self):
        async def test(view: Any) -> None:
            await view.claim(0, "a")
            await view.claim(0, "b")
            with pytest.raises(NOT_OURS):
                await view.apply(0, "a", None, a_batch(1, states={"x": b"zombie"}))
            await view.apply(0, "b", None, a_batch(1))
            assert await view.states(0, ["x"]) == [None]

        self.run(test)

    def test_nobody_may_write_without_a_claim(self):
        async def test(view: Any) -> None:
            with pytest.raises(NOT_OURS):
                await view.apply(0, "a", None, a_batch(1))

        self.run(test)

    @pytest.mark.parametrize("expect", [None, 4, 6])
    def test_a_write_from_another_position_changes_nothing(self, expect: int | None):
        async def test(view: Any) -> None:
            await view.claim(0, "a")
            await view.apply(0, "a", None, a_batch(5, states={"x": b"old"}))
            with pytest.raises(NOT_OURS):
                await view.apply(0, "a", expect, a_batch(9, states={"x": b"new"}))
            assert await view.states(0, ["x"]) == [b"old"]
            assert (await view.claim(0, "b")).next_offset == 5

        self.run(test)

    def test_repeating_a_write_is_harmless(self):
        async def test(view: Any) -> None:
            await view.claim(0, "a")
            for _ in range(3):
                await view.apply(0, "a", None, a_batch(5, outbox=b"o", states={"x": b"1"}))
            assert (await view.claim(0, "a")).outbox == b"o"

        self.run(test)

    def test_the_position_may_be_written_again_where_it_is(self):
        async def test(view: Any) -> None:
            await view.claim(0, "a")
            await view.apply(0, "a", None, a_batch(5, outbox=b"o"))
            await view.apply(0, "a", 5, a_batch(5, decided_next=6))
            found = await view.claim(0, "a")
            assert (found.next_offset, found.decided_next, found.outbox) == (5, 6, b"")

        self.run(test)

    def test_a_look_tells_owner_and_position(self):
        async def test(view: Any) -> None:
            await view.claim(0, "a")
            await view.check(0, "a", None)
            await view.apply(0, "a", None, a_batch(5))
            await view.check(0, "a", 5)
            for fence, at in (("a", None), ("a", 4), ("b", 5)):
                with pytest.raises(NOT_OURS):
                    await view.check(0, fence, at)
            await view.forget(0)
            with pytest.raises(NOT_OURS):
                await view.check(0, "a", 5)

        self.run(test)

    def test_a_partition_forgotten_is_empty_and_the_others_are_not(self):
        async def test(view: Any) -> None:
            for partition in (0, 1):
                await view.claim(partition, "a")
                await view.apply(partition, "a", None, a_batch(5, states={"x": b"1"}))
            await view.forget(0)
            assert (await view.claim(0, "b")).next_offset is None
            assert await view.states(0, ["x"]) == [None]
            assert await view.states(1, ["x"]) == [b"1"]

        self.run(test)


class TestFakeView(ViewContract):
    """The one in memory, on which simulation and recovery are tried."""

    def run(self, test: Callable[[Any], Any]) -> None:
        asyncio.run(test(FakeView()))


class TestRedisView(ViewContract):
    """The one in Redis."""

    @pytest.fixture(autouse=True)
    def _at(self, redis_url: str) -> None:
        self.url = redis_url

    def run(self, test: Callable[[Any], Any]) -> None:
        async def main() -> None:
            async for view in a_redis_view(self.url):
                await test(view)

        asyncio.run(main())


async def a_redis_view(url: str) -> AsyncIterator[RedisView]:
    async with connect(url) as client:
        yield RedisView(client, url)


@pytest.mark.parametrize("seed", range(5))
async def test_both_views_answer_alike_to_anything(redis_url: str, seed: int):
    rng = Random(seed)
    fake = FakeView()
    async for real in a_redis_view(redis_url):
        for _ in range(200):
            name, arguments = a_call(rng)
            answers = [await answer_of(view, name, arguments) for view in (fake, real)]
            assert answers[0] == answers[1], (name, arguments)
    with redis.Redis.from_url(redis_url) as client:
        for partition, part in fake.parts.items():
            where = f"insp:{{{partition}}}"
            codes = {k.decode(): v.decode() for k, v in client.hgetall(f"{where}:code").items()}
            opened = {
                k.decode(): int(v)
                for k, v in client.zrange(f"{where}:open", 0, -1, withscores=True)
            }
            assert (codes, opened) == (part.codes, part.open)


def a_call(rng: Random) -> tuple[str, tuple[Any, ...]]:
    """Any call of the port, of a small world so that calls meet."""
    partition, fence = rng.randrange(2), rng.choice("ab")
    names = rng.sample("uvwxyz", 3)
    position = rng.choice((None, 0, 1, 2, 3))
    batch = ViewBatch(
        next_offset=rng.randrange(4), decided_next=rng.randrange(9), outbox=rng.choice((b"", b"o")),
        outbox_from=rng.randrange(4), states={names[0]: rng.randbytes(3)},
        decisions={names[1]: rng.randbytes(3)}, codes={names[2]: names[0]},
        opened={names[0]: rng.randrange(9)}, closed={names[1]},
    )  # fmt: skip
    calls: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("claim", (partition, fence)),
        ("states", (partition, names)),
        ("decisions", (partition, names)),
        ("check", (partition, fence, position)),
    )
    if rng.random() < 0.02:
        return "forget", (partition,)
    if rng.random() < 0.7:
        return "apply", (partition, fence, position, batch)
    return rng.choice(calls)


async def answer_of(view: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    """What a view answers, comparable."""
    try:
        found = await getattr(view, name)(*arguments)
    except NOT_OURS:
        return "not ours"
    if name == "claim":
        return found.next_offset, found.decided_next, found.outbox, found.outbox_from
    return found


async def test_a_large_batch_is_written_whole(redis_url: str):
    """More arguments than Lua can unpack at once."""
    count = 25_000
    states = {f"s{n}": b"%d" % n for n in range(count)}
    codes = {f"c{n}": f"t{n}" for n in range(count)}
    opened = {f"o{n}": n for n in range(count)}
    async for view in a_redis_view(redis_url):
        await view.claim(0, "a")
        await view.apply(0, "a", None, a_batch(1, states=states, codes=codes, opened=opened))
        assert await view.states(0, list(states)) == list(states.values())
        assert await view.open_until(0, count, count + 1) == [name.encode() for name in opened]
        await view.apply(0, "a", 1, a_batch(2, closed=set(opened)))
        assert await view.open_until(0, count, 1) == []
    with redis.Redis.from_url(redis_url) as client:
        assert client.hlen("insp:{0}:code") == count


async def test_while_redis_is_away_the_view_waits_and_goes_on_by_itself(tmp_path: Path):
    with RedisServer(tmp_path, fsync="always") as server:
        async for view in a_redis_view(server.url):
            await view.claim(0, "a")
            server.kill()
            with capture_logs() as logs:
                writing = asyncio.ensure_future(view.apply(0, "a", None, a_batch(1)))
                await until_async(lambda: logs, "a warning")
                assert not writing.done()
                server.start()
                await writing
            assert logs[0]["event"] == "Redis does not answer, waiting"
            assert logs[0]["address"] == server.url
            assert (await view.claim(0, "b")).next_offset == 1


async def test_scripts_that_redis_forgot_are_loaded_again(redis_url: str):
    async for view in a_redis_view(redis_url):
        await view.claim(0, "a")
        with redis.Redis.from_url(redis_url) as client:
            client.script_flush()
        await view.apply(0, "a", None, a_batch(1))


# Planted faults ---------------------------------------------------------------------------------

FENCE = "if now[1] ~= ARGV[1] then return {'FENCED', now[1] or ''} end"
POSITION = "if at ~= ARGV[2] then return {'MOVED', at} end"
AGAIN = "if at == ARGV[3] and at ~= ARGV[2] then return {'AGAIN', at} end"


@pytest.mark.parametrize(
    ("line", "promise"),
    [
        (FENCE, "test_only_the_last_to_claim_may_write"),
        (FENCE, "test_nobody_may_write_without_a_claim"),
        (POSITION, "test_a_write_from_another_position_changes_nothing"),
        (AGAIN, "test_repeating_a_write_is_harmless"),
    ],
)
def test_a_check_taken_out_of_the_script_is_seen(redis_url: str, line: str, promise: str):
    script = (LUA / "apply.lua").read_text()
    assert script.count(line) == 1

    class Broken(TestRedisView):
        def run(self, test: Callable[[Any], Any]) -> None:
            async def main() -> None:
                async for view in a_redis_view(redis_url):
                    view._apply = view._redis.register_script(script.replace(line, ""))
                    await test(view)

            asyncio.run(main())

    arguments = (4,) if "another_position" in promise else ()
    with pytest.raises((pytest.fail.Exception, ViewMovedError)):
        getattr(Broken(), promise)(*arguments)
