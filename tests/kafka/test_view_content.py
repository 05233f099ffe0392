"""Both views hold the same after anything that may be asked of them, however large."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import redis
from fakes import FakeView
from view_parts import NOT_OURS, a_batch, a_redis_view

from streams.ports import ViewBatch


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
            assert hash_at(client, f"{where}:code") == texts(part.codes)
            assert hash_at(client, f"{where}:public") == part.public
            assert hash_at(client, f"{where}:result") == texts(part.results)
            assert hash_at(client, f"{where}:case") == texts(part.cases)
            assert scores_at(client, f"{where}:open") == part.open
            assert scores_at(client, f"{where}:case_due") == part.due
            assert scores_at(client, f"{where}:agenda") == dict.fromkeys(part.agenda, 0)
            assert hash_at(client, f"{where}:joint") == part.joints
            assert scores_at(client, f"{where}:drawn") == dict.fromkeys(part.drawn, 0)


def hash_at(client: redis.Redis, key: str) -> dict[str, bytes]:
    return {name.decode(): value for name, value in client.hgetall(key).items()}


def scores_at(client: redis.Redis, key: str) -> dict[str, int]:
    found = client.zrange(key, 0, -1, withscores=True)
    return {name.decode(): int(score) for name, score in found}


def texts(there: dict[str, str]) -> dict[str, bytes]:
    return {name: value.encode() for name, value in there.items()}


def a_call(rng: Random) -> tuple[str, tuple[Any, ...]]:
    """Any call of the port, of a small world so that calls meet."""
    partition, fence = rng.randrange(2), rng.choice("ab")
    names = rng.sample("uvwxyz", 3)
    position = rng.choice((None, 0, 1, 2, 3))
    batch = ViewBatch(
        next_offset=rng.randrange(4), decided_next=rng.randrange(9), outbox=rng.choice((b"", b"o")),
        outbox_from=rng.randrange(4), states={names[0]: rng.randbytes(3)},
        decisions={names[1]: rng.randbytes(3)}, codes={names[2]: names[0]},
        opened={names[0]: rng.randrange(9)}, closed={names[1]}, public={names[0]: rng.randbytes(3)},
        hidden={names[2]}, results={names[1]: names[0]}, cases={names[2]: names[1]},
        due={names[1]: rng.randrange(9)}, settled={names[0]},
        agenda={names[1]}, joints={names[0]: rng.randbytes(3)}, drawn={names[1]},
        compared={names[2]},
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
    public = {f"p{n}": b"%d" % n for n in range(count)}
    async for view in a_redis_view(redis_url):
        await view.claim(0, "a")
        large = a_batch(1, states=states, codes=codes, opened=opened, public=public, due=opened)
        await view.apply(0, "a", None, large)
        assert await view.states(0, list(states)) == list(states.values())
        assert await view.open_until(0, count, count + 1) == [name.encode() for name in opened]
        assert await view.open_until(0, count, 2, skip=7) == [b"o7", b"o8"]
        gone = a_batch(2, closed=set(opened), hidden=set(public) - {"p7"}, settled=set(opened))
        await view.apply(0, "a", 1, gone)
        assert await view.open_until(0, count, 1) == []
    with redis.Redis.from_url(redis_url) as client:
        assert client.hlen("insp:{0}:code") == count
        assert client.hkeys("insp:{0}:public") == [b"p7"]
        assert client.zcard("insp:{0}:case_due") == 0
