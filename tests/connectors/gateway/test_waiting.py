"""A decision is told soon after it was made, and waiting for it costs ever less."""

from __future__ import annotations

import asyncio

import pytest
from virtual_time import run_virtual

from connectors.departments.gateway.waiting import LATE_SHARE, LOOK_EVERY_S, LOOK_RARELY_S, Waiting


class View:
    """Has a decision from an instant of the loop's clock on; counts the looks."""

    def __init__(self, made_at: float) -> None:
        self.made_at, self.looks = made_at, 0

    async def decision(self, partition: int, uscc: str, task_id: str) -> bytes | None:
        self.looks += 1
        return b"made" if asyncio.get_running_loop().time() >= self.made_at else None


@pytest.mark.parametrize(
    ("made_s", "looks_max"), [(0.0, 1), (0.02, 6), (0.2, 18), (2.0, 34), (8.0, 64)]
)
def test_it_is_told_soon_after_it_was_made_and_looked_for_few_times(made_s: float, looks_max: int):
    async def wait() -> tuple[bytes | None, float, int]:
        began = asyncio.get_running_loop().time()
        view = View(began + made_s)
        made = await Waiting(view).decision(0, "U", "T", 10.0)
        return made, asyncio.get_running_loop().time() - began, view.looks

    made, took_s, looks = run_virtual(wait())

    late_max = max(LOOK_EVERY_S, min(LATE_SHARE * took_s, LOOK_RARELY_S))
    assert made == b"made"
    assert took_s - made_s <= late_max + 1e-6
    assert looks <= looks_max


@pytest.mark.parametrize("wait_s", [0.0, 0.003, 1.0, 10.0])
def test_who_waits_in_vain_waits_no_longer_than_was_asked(wait_s: float):
    async def wait() -> tuple[bytes | None, float]:
        began = asyncio.get_running_loop().time()
        made = await Waiting(View(began + 99)).decision(0, "U", "T", wait_s)
        return made, asyncio.get_running_loop().time() - began

    made, took_s = run_virtual(wait())

    assert made is None
    assert wait_s <= took_s <= wait_s + LOOK_EVERY_S + 1e-6
