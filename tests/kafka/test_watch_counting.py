"""The statistics are watched like any reader: their role runs, stands still, and is gone."""

from __future__ import annotations

import asyncio

import pytest
from watched_hub import EVERY_MS, WatchedHub

import hub as composition
from connectors.console.context import Exit
from connectors.role_parts import RoleParts
from connectors.statistics.told import telling
from schemas.settings import Settings
from schemas.topics import CTL_REGISTRY, DECIDED, GENERATIONS
from schemas.watch import Stage, Verdict

pytestmark = pytest.mark.kafka


@pytest.fixture
def counting(hub: WatchedHub, tmp_path):
    """The role, which counts once whatever there is, and tells; then only as it is told to."""
    for topic in (DECIDED, CTL_REGISTRY, GENERATIONS):
        hub.topic(topic)

    def once() -> None:
        settings = Settings(data_dir=tmp_path / "run", broker=hub.bootstrap)
        worker = RoleParts("statistics", settings, hub.bootstrap, hub.redis_url)
        worker.stop.set()
        asyncio.run(composition.statistics(worker))

    def tell(position: int) -> None:
        async def run() -> None:
            async with telling(hub.redis_url, EVERY_MS / 1000, lambda: hub.now_ms) as say:
                await say({0: position})

        asyncio.run(run())

    once.tell = tell
    return once


def test_there_is_no_row_where_nobody_ever_counted(hub, counting):
    assert Stage.COUNT not in {row.stage for row in hub.look().stages}


def test_the_real_role_is_a_stage_and_is_well(hub, counting, status):
    counting()

    row = hub.row(hub.look(), Stage.COUNT)
    assert (row.verdict, row.partitions, row.lag) == (Verdict.OK, 1, 0)
    assert status("count")[0] == "OK"


def test_a_role_that_gets_nowhere_is_stalled_and_nobody_is_woken(hub, counting, status):
    at_head = hub.reader()
    at_head.commit(0, 0)
    hub.write(DECIDED, 4)
    for _ in range(3):
        counting.tell(1)
        picture = hub.look()

    row = hub.row(picture, Stage.COUNT)
    assert (row.verdict, row.lag) == (Verdict.STALL, 3)
    assert row.oldest_ms > 0
    assert status("count") == ("STALL", Exit.FOUND)


def test_a_role_that_is_gone_has_stopped(hub, counting, status):
    hub.reader().commit(0, 0)
    hub.write(DECIDED, 4)
    counting.tell(4)
    assert hub.row(hub.look(), Stage.COUNT).verdict is Verdict.OK
    hub.now_ms += 60_000
    hub.write(DECIDED)

    assert hub.looks_until("STOP", Stage.COUNT) <= 3
    assert status("count") == ("STOP", Exit.FOUND)
