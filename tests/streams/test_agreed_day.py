"""A clock that jumped lets nothing lapse: the day is the one that two clocks have reached."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from structlog.testing import capture_logs

from streams.agreed_day import AgreedDay

NOON = int(datetime.fromisoformat("2026-04-08T12:00:00+08:00").timestamp() * 1000)
DAY = 86_400_000


@dataclass
class Clock:
    at_ms: int

    async def now_ms(self) -> int:
        return self.at_ms


@pytest.mark.parametrize(
    ("ours", "others", "day", "told"),
    [
        (NOON, NOON + 900, date(2026, 4, 8), 0),
        (NOON + 30 * DAY, NOON, date(2026, 4, 8), 1),
        (NOON, NOON + 30 * DAY, date(2026, 4, 8), 1),
        (NOON - DAY, NOON, date(2026, 4, 7), 1),
    ],
)
def test_the_earlier_day_counts_and_a_difference_is_told(ours, others, day, told):
    with capture_logs() as logs:
        found = asyncio.run(AgreedDay(lambda: ours, Clock(others)).today())

    assert found == day
    assert len(logs) == told
