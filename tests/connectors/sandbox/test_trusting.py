"""A stand-in that compares no versions: whatever the hub doubles or mixes up shows there."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from deliveries import a_result, delivery, disclosed, stopped
from worlds import credit_tianjin, until_true

CREDIT = "CREDIT-TJ"


async def test_one_that_compares_no_versions_does_everything_anew(tmp_path: Path):
    async with credit_tianjin(tmp_path) as world:
        assert world.sandbox is not None
        world.sandbox.trusting = True
        result = a_result()
        first = delivery(CREDIT, disclosed(result))
        second = delivery(CREDIT, stopped(result, version=2))
        for number, one in enumerate((first, second, first), 1):
            world.fault(mode="forget_keys", count=1)
            await world.sandbox.fault_asked()
            await world.bring(one)
            await until_true(partial(_has, world, number), "its effect")

        rows = world.rows("SELECT version, changed FROM effect ORDER BY id")
        assert rows == [(1, 1), (2, 1), (1, 1)]


async def _has(world: Any, count: int) -> bool:
    return len(world.rows("SELECT id FROM effect")) == count
