"""Who may have a delivery already is asked; what it tells decides whether anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from virtual_time import run_virtual

from schemas.delivery import Accepted, Delivery, Standing, Unavailable
from schemas.feed import DisclosureState
from streams.delivery.exchange import NO_ANSWER, WRONG_COUNT, Job, exchange
from streams.rules.delivery.attempts import Attempt
from streams.rules.delivery.ledger import Entry

STOPPED, DISCLOSED = DisclosureState.STOPPED, DisclosureState.DISCLOSED
TAKEN = Accepted("202", "S-1")
AWAY = Unavailable("HTTP 503", 7.0)
NOW_MS = 1_800_000_000_000


def a_job(result_id: str, *, ask: bool) -> Job:
    """A stop at version 2."""
    entry = Entry("91120116MA05AAAA1A", result_id, 2, STOPPED, f"k-{result_id}", "hash", 0)
    delivery = Delivery(
        entry.key, entry.uscc, result_id, 2, STOPPED, b"{}", entry.body_sha256, 1, None
    )
    return Job(entry, Attempt(2, 1), "stop", "f", ask, delivery)


class Telling:
    """A system that tells how a result stands, and notes what it was asked and sent."""

    def __init__(self, told: Any) -> None:
        self.told = told
        self.asked: list[str] = []
        self.sent: list[str] = []

    async def ask(self, deliveries: Sequence[Delivery]) -> Any:
        """What it was made to tell, or nothing for ever."""
        self.asked += [one.result_id for one in deliveries]
        if self.told == "hangs":
            await asyncio.get_running_loop().create_future()
        return self.told if isinstance(self.told, list) else [self.told] * len(deliveries)

    async def send(self, deliveries: Sequence[Delivery]) -> list[Accepted]:
        """Taken."""
        self.sent += [one.result_id for one in deliveries]
        return [TAKEN] * len(deliveries)


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        pytest.param(None, TAKEN, id="it knows nothing of it: sent"),
        pytest.param(Standing(1, DISCLOSED, "S"), TAKEN, id="it has an older version: sent"),
        pytest.param(Standing(1, STOPPED, "S"), TAKEN, id="and an older stop: sent"),
        pytest.param(Standing(2, STOPPED, "S"), Standing(2, STOPPED, "S"), id="it has it"),
        pytest.param(
            Standing(2, DISCLOSED, "S"), Unavailable("stands at version 2 DISCLOSED"),
            id="it has our version in another state",
        ),
        pytest.param(
            Standing(3, STOPPED, "S"), Unavailable("stands at version 3 STOPPED"),
            id="it has a version that nobody made",
        ),
        pytest.param(AWAY, AWAY, id="it does not tell"),
        pytest.param([], WRONG_COUNT, id="it tells of less than was asked"),
        pytest.param("hangs", NO_ANSWER, id="it hangs"),
    ],
)  # fmt: skip
def test_what_is_told_decides_whether_anything_is_sent(told: Any, answer: Any):
    system, job = Telling(told), a_job("R-1", ask=True)

    ((settled, found),) = run_virtual(exchange(system, [job], lambda: NOW_MS))

    assert (settled, found) == (job, answer)
    assert system.asked == ["R-1"]
    assert system.sent == (["R-1"] if answer == TAKEN else [])
    assert job.asked_ms == (0 if isinstance(told, Unavailable | list | str) else NOW_MS)


def test_only_what_is_in_doubt_is_asked_about():
    system = Telling(Standing(2, STOPPED, "S"))
    jobs = [a_job(f"R-{number}", ask=number % 2 == 0) for number in range(6)]

    found = run_virtual(exchange(system, jobs, lambda: NOW_MS))

    assert system.asked == ["R-0", "R-2", "R-4"]
    assert system.sent == ["R-1", "R-3", "R-5"]
    answers = {job.entry.result_id: type(answer) for job, answer in found}
    assert answers == {f"R-{n}": Accepted if n % 2 else Standing for n in range(6)}
