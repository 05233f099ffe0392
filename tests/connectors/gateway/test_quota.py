"""How much may a client send, and when is it told to come again?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from gateway_world import DEPT, World, an_event

from connectors.departments.gateway.gather import Gatherer
from connectors.departments.gateway.problems import Problem, Why
from connectors.departments.gateway.quota import InHand, Rate


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
