"""The ledger in Redis: faults in scripts are seen, and a site is delivered to by way of it."""

from __future__ import annotations

from typing import Any

import pytest
import redis
import redis.asyncio as aioredis
from delivery_world import DeliveryWorld, Process
from waiting import until_async

from connectors.redis_ledger import LANES, LedgerMovedError, RedisLedger
from schemas.feed import Stage
from schemas.topics import receipt_topic
from streams.delivery.courier import CourierSettings
from streams.delivery.ports import LedgerBatch
from streams.ports import Fenced

NOT_OURS = (Fenced, LedgerMovedError)
SITE = "CREDIT-TJ"


def a_batch(next_offset: int, **parts: Any) -> LedgerBatch:
    return LedgerBatch(**{"next_offset": next_offset, **parts})


@pytest.mark.parametrize("missing", ["insp:{site:CREDIT-TJ}:entry", "insp:{site:CREDIT-TJ}:stop"])
async def test_a_write_that_cannot_be_whole_is_not_taken_for_one(redis_url: str, missing: str):
    with redis.Redis.from_url(redis_url) as client:
        client.set(missing, "not what it should be")
    async with aioredis.from_url(redis_url) as client:
        ledger = RedisLedger(client, redis_url, SITE)
        await ledger.claim("a")
        with pytest.raises(redis.ResponseError):
            await ledger.apply(
                "a", "feed", None, a_batch(5, entries={"x": b"1"}, placed={"x": ("stop", 1)})
            )
        await ledger.check("a", "feed", None)


async def test_an_operator_pauses_and_resumes(redis_url: str):
    async with aioredis.from_url(redis_url) as client:
        ledger = RedisLedger(client, redis_url, SITE)
        assert await ledger.paused() is None
        assert not await ledger.resume()
        await ledger.pause("停机维护", "op-1", 5)
        assert await ledger.paused() == {"reason": "停机维护", "who": "op-1", "since": 5}
        assert await ledger.resume()
        assert await ledger.paused() is None
        assert await ledger.counts() == dict.fromkeys(LANES, 0)


async def test_a_site_is_delivered_to_by_way_of_redis(redis_url: str):
    async with aioredis.from_url(redis_url) as client:
        ledger = RedisLedger(client, redis_url, SITE)
        settings = CourierSettings(calls_max=8, taken_max=1000, idle_s=0.05)
        world = DeliveryWorld(ledger=ledger, courier=settings, poll_every_s=0.05)
        world.system.receipt_after_ms = 0
        for number in range(400):
            world.ask(f"R-{number}", 1, "STOPPED" if number % 3 else "DISCLOSED")
        process = Process(world).start()

        def observed() -> int:
            assert not process.causes
            return sum(receipt.stage is Stage.OBSERVED for receipt in world.receipts())

        await until_async(lambda: observed() == 400, "every result observed", 60.0)
        await until_async(
            lambda: (
                world.committed[receipt_topic(SITE)] == len(world.receipts())
                and not process.site.courier.taken
            ),
            "all of it is in the ledger",
        )
        process.kill()

        assert len(world.system.effects) == 400
        assert await ledger.counts() == {**dict.fromkeys(LANES, 0), "seen": 266}
        digest = await process.site.nightly.digest()
        assert (digest.count, digest.as_of) == (134, 400)
