"""The view in Redis and the one in memory keep the same promises; faults in scripts are seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from fakes import FakeView
from structlog.testing import capture_logs
from view_parts import NOT_OURS, a_batch, a_redis_view
from waiting import until_async

from connectors.redis_server import RedisServer
from connectors.redis_view import ViewMovedError

LUA = Path(__file__).parents[2] / "connectors" / "lua"


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

    def test_a_view_that_is_begun_is_empty_and_of_its_generation_until_it_has_a_position(self):
        async def test(view: Any) -> None:
            await view.claim(0, "a")
            await view.apply(0, "a", None, a_batch(7, states={"x": b"s"}, outbox=b"out"))
            assert (await view.claim(0, "a")).generation == 1
            await view.begin(0, "a", 2)
            await view.apply(0, "a", -1, a_batch(-1, states={"y": b"t"}))
            found = await view.claim(0, "a")
            assert (found.next_offset, found.generation, found.outbox) == (-1, 2, b"")
            assert await view.states(0, ["x", "y"]) == [None, b"t"]
            await view.apply(0, "a", -1, a_batch(0))
            await view.check(0, "a", 0)
            assert (await view.claim(0, "b")).generation == 2

        self.run(test)

    def test_only_the_owner_may_begin(self):
        async def test(view: Any) -> None:
            await view.claim(0, "a")
            await view.apply(0, "a", None, a_batch(1, states={"x": b"s"}))
            await view.claim(0, "b")
            with pytest.raises(NOT_OURS):
                await view.begin(0, "a", 2)
            assert await view.states(0, ["x"]) == [b"s"]

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
