"""A role that waits for what it needs is alive, and ends when it is told to."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from waiting import until

from connectors.child import Child, free_port
from connectors.metrics.serving import Pulse
from connectors.process import until_told
from connectors.readiness import ToldToEnd, wait_for_broker, wait_for_topics

HUB = Path(__file__).parents[2] / "hub.py"


def nobody() -> str:
    """An address where nothing answers."""
    return f"127.0.0.1:{free_port()}"


def test_a_role_whose_broker_is_away_ends_in_order_when_it_is_told_to(tmp_path: Path):
    log = tmp_path / "log"
    told = {"HUB_BROKER": nobody(), "HUB_REDIS_URL": f"redis://{nobody()}/0"}
    role = Child(
        "schedule", [sys.executable, str(HUB), "worker", "schedule"], log=log,
        env={**os.environ, **told},
    )  # fmt: skip
    role.start()
    try:
        until(lambda: "waiting" in log.read_text(), "the role waits for the broker")
        role.terminate()
        until(lambda: not role.alive, "it has ended")

        # As the first process of a container it would not die of a signal that nobody handles.
        assert role.returncode == 0
    finally:
        role.kill()


async def test_waiting_ends_when_the_role_is_told_to():
    stop = asyncio.Event()
    waiting = [
        asyncio.ensure_future(wait_for_broker(nobody(), stop)),
        asyncio.ensure_future(wait_for_broker(nobody(), stop)),
    ]
    await asyncio.sleep(0)
    stop.set()

    for one in waiting:
        with pytest.raises(ToldToEnd):
            await one


async def test_a_role_waits_for_its_topics_no_longer_than_it_is_told_to(embedded_broker):
    stop = asyncio.Event()
    stop.set()

    with pytest.raises(ToldToEnd):
        await wait_for_topics(embedded_broker.bootstrap, "insp.none.of.this.name", stop)


async def test_the_loop_is_heard_to_turn_while_a_role_waits():
    now, stop = [0.0], asyncio.Event()
    pulse = Pulse(lambda: now[0])

    async def waits() -> None:
        now[0] = 100.0
        for _ in range(10):
            await asyncio.sleep(0)

    await asyncio.wait_for(until_told(waits(), stop, pulse.run()), 10)

    assert pulse.age_s() == 0


async def test_a_signal_is_an_order_from_the_first_moment():
    stop = asyncio.Event()

    async def waits() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await wait_for_broker(nobody(), stop)

    await asyncio.wait_for(until_told(waits(), stop, Pulse().run()), 10)

    assert stop.is_set()
