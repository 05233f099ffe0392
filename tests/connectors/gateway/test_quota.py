"""How much may a client send, and when is it told to come again?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import redis.asyncio as aioredis
from gateway_world import DEPT, World, an_event

from connectors.departments.gateway.intake.gather import Gatherer
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.ways_in.quota import InHand, Rate, RememberedRate
from connectors.departments.gateway.ways_in.quota_report import PEAK, QuotaReport, Use, read_quotas


@dataclass
class Clock:
    """Seconds, as a test sets them."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_rate_lets_a_burst_through_then_its_average():
    clock = Clock()
    rate = Rate(per_s=2, burst=3, clock=clock)
    for _ in range(3):
        rate.take("A")

    with pytest.raises(Problem) as told:
        rate.take("A")
    rate.take("B")
    clock.now += 0.5
    rate.take("A")

    assert (told.value.status, told.value.retry_after_s) == (429, 1)


def test_retry_after_is_when_there_will_be_enough():
    clock = Clock()
    rate = Rate(per_s=10, burst=100, clock=clock)
    rate.take("A", 100)

    with pytest.raises(Problem) as told:
        rate.take("A", 50)
    clock.now += told.value.retry_after_s or 0
    rate.take("A", 50)

    assert told.value.retry_after_s == 5


def test_a_batch_above_the_burst_passes_once_and_is_paid_for():
    clock = Clock()
    rate = Rate(per_s=10, burst=100, clock=clock)
    rate.take("A", 500)

    with pytest.raises(Problem):
        rate.take("A")
    clock.now += 40.2
    rate.take("A")


def test_a_department_may_hold_half_of_what_is_in_hand():
    hand = InHand(10, 1000, Clock())

    with hand.hold("A", 5, 5):
        with pytest.raises(Problem) as own:
            hand.hold("A", 1, 1).__enter__()
        with hand.hold("B", 5, 5), pytest.raises(Problem) as all_of_it:
            hand.hold("C", 1, 1).__enter__()

    assert (own.value.reason, all_of_it.value.reason) == (Why.TOO_MANY, Why.BUSY)
    assert (own.value.status, all_of_it.value.status) == (429, 503)
    assert hand.records == 0


def test_bytes_count_as_well_as_records():
    hand = InHand(10, 1000, Clock())

    with hand.hold("A", 1, 900), pytest.raises(Problem):
        hand.hold("B", 1, 200).__enter__()


def test_the_wait_is_measured_from_how_fast_records_were_stored():
    clock = Clock()
    hand = InHand(4, 1000, clock)
    for _ in range(100):
        with hand.hold("A", 1, 1):
            clock.now += 7.0

    with hand.hold("A", 1, 1), hand.hold("B", 2, 1), pytest.raises(Problem) as told:
        hand.hold("C", 2, 1).__enter__()

    assert 20 <= (told.value.retry_after_s or 0) <= 21


def test_a_rate_remembers_how_near_to_its_limit_a_client_came_until_it_is_asked():
    clock = Clock()
    rate = RememberedRate(per_s=10, burst=100, clock=clock)
    rate.take("A", 60)
    clock.now += 3.0
    rate.take("A", 20)
    rate.take("B")
    with pytest.raises(Problem):
        rate.take("A", 90)

    assert rate.uses() == {"A": Use(100, 90), "B": Use(1, 0)}
    assert rate.uses() == {}
    clock.now += 60
    rate.take("A", 500)
    assert rate.uses() == {"A": Use(500, 0)}, "a batch above the burst passes, and is told"


TODAY = date(2026, 3, 10)


async def test_what_gateways_tell_adds_up_to_the_worst_of_a_day(redis_url: str):
    uses = [{"A": Use(60, 0)}, {"A": Use(40, 7), "B": Use(3, 0)}, {"A": Use(10, 1)}]
    async with aioredis.from_url(redis_url) as client:
        for one in uses:
            await QuotaReport(client, (500, 5000), lambda one=one: one, lambda: TODAY).tell()
        found = await read_quotas(client, TODAY)
        tomorrow = await read_quotas(client, TODAY + timedelta(days=1))
        kept_s = await client.ttl(f"{PEAK}{TODAY}")

    assert (found.per_s, found.burst) == (500, 5000)
    assert found.uses == {"A": Use(60, 8), "B": Use(3, 0)}
    assert (tomorrow.burst, tomorrow.uses) == (5000, {})
    assert 86_400 < kept_s <= 2 * 86_400, "longer than its day, not for ever"


async def test_what_redis_did_not_take_is_told_the_next_time(redis_url: str):
    uses = iter([{"A": Use(60, 2)}, {"A": Use(4, 1)}])
    async with aioredis.from_url(redis_url) as good:
        away = aioredis.from_url("redis://127.0.0.1:1")
        report = QuotaReport(away, (1, 100), lambda: next(uses), lambda: TODAY)
        await report.tell()
        report.client = good
        await report.tell()

        assert (await read_quotas(good, TODAY)).uses == {"A": Use(60, 3)}


async def test_a_department_above_its_rate_is_told_when_to_come_again(tmp_path):
    world = World(tmp_path, {"gateway_events_burst": 2, "gateway_events_per_s": 0.1})

    answers = [await world.post(an_event(f"E-{n}", task_id=f"T-{n}")) for n in range(3)]

    assert [one.status for one in answers] == [202, 202, 429]
    assert answers[-1].headers["retry-after"] == "10"
    assert len(world.produced(DEPT)) == 2


async def test_questions_that_come_together_go_out_together():
    batches: list[list[int]] = []
    gate = asyncio.Event()

    async def carry(questions):
        batches.append(list(questions))
        await gate.wait()
        return [2 * one for one in questions]

    gatherer = Gatherer(carry)
    asked = [asyncio.ensure_future(gatherer.ask(n)) for n in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gate.set()

    assert await asyncio.gather(*asked) == [0, 2, 4, 6, 8]
    assert batches == [[0, 1, 2, 3, 4]]


async def test_a_failed_batch_fails_for_all_who_asked_and_the_next_goes_on():
    async def carry(questions):
        if 0 in questions:
            raise ConnectionError("gone")
        return list(questions)

    gatherer = Gatherer(carry)
    failed = await asyncio.gather(gatherer.ask(0), gatherer.ask(1), return_exceptions=True)

    assert [type(one) for one in failed] == [ConnectionError, ConnectionError]
    assert await gatherer.ask(2) == 2


async def test_who_goes_away_leaves_the_others_their_answers():
    async def carry(questions):
        await asyncio.sleep(0.01)
        return list(questions)

    gatherer = Gatherer(carry)
    gone, stays = (asyncio.ensure_future(gatherer.ask(n)) for n in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()

    assert await stays == 2
