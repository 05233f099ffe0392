"""While connections to a system are short, what is owed leaves first and proof keeps a quarter."""

from __future__ import annotations

import asyncio

import pytest
from hostile_servers import saying, serving

from connectors.sites.http import Http
from connectors.sites.public_page import PublicPage
from connectors.sites.turns import Turns
from schemas.delivery import Delivery
from schemas.feed import DisclosureState


class Queue:
    """Callers in a row, and in which order their turns came."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.order = ""

    async def call(self, letter: str) -> None:
        await self.turns.take(proof=letter == "p")
        self.order += letter
        await asyncio.sleep(0)
        self.turns.give_back()


@pytest.mark.parametrize(
    ("waiting", "order"),
    [
        pytest.param("pppoooooo", "pooopooop", id="whoever was there first has no right"),
        pytest.param("oppp", "oppp", id="proof alone waits for nobody"),
        pytest.param("oooo", "oooo", id="nor does what is owed"),
    ],
)
async def test_proof_has_every_fourth_turn_while_both_wait(waiting: str, order: str):
    queue = Queue(Turns(1))

    await asyncio.gather(*map(queue.call, waiting))

    assert queue.order == order


async def test_not_more_at_once_than_there_are_turns():
    turns, under_way, most = Turns(3), 0, 0

    async def call() -> None:
        nonlocal under_way, most
        await turns.take(proof=False)
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        turns.give_back()

    await asyncio.gather(*(call() for _ in range(10)))

    assert most == 3


@pytest.mark.parametrize("already_given", [False, True])
async def test_the_turn_of_one_that_gave_up_goes_to_the_next(already_given: bool):
    turns = Turns(1)
    await turns.take(proof=False)
    gone, there = (asyncio.create_task(turns.take(proof=False)) for _ in range(2))
    await asyncio.sleep(0)
    if already_given:
        turns.give_back()
    gone.cancel()
    await asyncio.sleep(0)
    if not already_given:
        turns.give_back()

    async with asyncio.timeout(5):
        await there
    turns.give_back()
    await turns.take(proof=True)


async def test_pages_that_wait_to_be_read_do_not_hold_up_what_is_sent():
    looks = [
        Delivery(f"k{n}", "91120116MA0000003U", f"R-{n}", 1, DisclosureState.STOPPED, b"", "", 1,
                 None)
        for n in range(20)
    ]  # fmt: skip
    async with serving(saying(200, "{}")) as served:
        http = Http(connections_max=1)
        page = PublicPage(http, f"{served.address}/page")
        reading = asyncio.create_task(page.observe(looks))
        await asyncio.sleep(0)
        await asyncio.gather(*(http.ask("POST", f"{served.address}/sent") for _ in range(3)))
        before = served.paths.count("/sent"), len(served.paths)
        await reading
        await http.close()

    assert before == (3, 4)
    assert len(served.paths) == 23
