"""What deliver relies on, whatever system it is. Every connector and the fake pass this."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from deliveries import a_result, delivery, disclosed, stopped
from worlds import World, until_true

from schemas.delivery import Accepted, Observed, Unavailable
from schemas.feed import DisclosureState
from schemas.sites import SITES

OpenWorld = Callable[[], AbstractAsyncContextManager[World]]


class PublicitySystemContract:
    """A subclass gives the fixture `open_world`."""

    @pytest.fixture
    def open_world(self) -> OpenWorld:
        """How the system and what lies behind it are opened."""
        raise AssertionError("say which system")

    async def test_says_what_it_is(self, open_world: OpenWorld):
        async with open_world() as world:
            system = world.system

            assert system.site in SITES
            assert system.batch_max >= 1
            assert system.key_memory_s > 0

    async def test_answers_each_delivery_in_order_and_receipts_it(self, open_world: OpenWorld):
        async with open_world() as world:
            owed = [delivery(world.system.site, disclosed(a_result())) for _ in range(3)]

            answers = await world.bring(*owed)
            receipts = [await world.receipt_of(one) for one in owed]

            if world.system.pushes:
                assert [type(answer) for answer in answers] == [Accepted] * 3
            assert [(one.result_id, one.version, one.uscc) for one in receipts] == [
                (one.result_id, one.version, one.uscc) for one in owed
            ]
            assert [one.body_sha256 for one in receipts] == [one.body_sha256 for one in owed]
            assert all(one.ok and one.site_receipt_id and not one.errors for one in receipts)

    async def test_a_retry_is_one_effect(self, open_world: OpenWorld):
        async with open_world() as world:
            owed = delivery(world.system.site, disclosed(a_result()))

            first = await world.bring(owed)
            receipt = await world.receipt_of(owed)
            second = await world.bring(owed)

            assert second == first
            again = delivery(world.system.site, disclosed(a_result()))
            await world.bring(again)
            await world.receipt_of(again)
            ids = {one.site_receipt_id for one in world.receipts if one.key == owed.key}
            assert receipt.site_receipt_id in ids
            if world.folder is not None:
                changed = "SELECT sum(changed) FROM effect WHERE key = ?"
                assert world.rows(changed, owed.key) == [(1,)]

    async def test_is_asked_by_business_id(self, open_world: OpenWorld):
        async with open_world() as world:
            owed = delivery(world.system.site, disclosed(a_result()))
            unknown = delivery(world.system.site, disclosed(a_result()))
            assert await world.system.ask([owed, unknown]) == [None, None]

            await world.bring(owed)
            await world.receipt_of(owed)
            known, nothing = await world.system.ask([owed, unknown])

            assert (known.version, known.state) == (1, DisclosureState.DISCLOSED)
            assert nothing is None

    async def test_shows_what_is_disclosed_and_nothing_that_is_stopped(self, open_world: OpenWorld):
        async with open_world() as world:
            site, result = world.system.site, a_result()
            first = delivery(site, disclosed(result))
            second = delivery(site, stopped(result))
            assert await world.system.observe([first]) == [Observed(shown=False)]

            await world.bring(first)
            await world.receipt_of(first)
            shown = await world.system.observe([first])
            await world.bring(second)
            await world.receipt_of(second)
            gone = await world.system.observe([second])

            assert shown == [Observed(shown=True, version=1)]
            assert gone == [Observed(shown=False)]

    async def test_a_late_disclosure_brings_nothing_back(self, open_world: OpenWorld):
        async with open_world() as world:
            site, result = world.system.site, a_result()
            stop, late = delivery(site, stopped(result)), delivery(site, disclosed(result))

            await world.bring(stop)
            await world.receipt_of(stop)
            await world.bring(late)
            await world.receipt_of(late)

            assert await world.system.observe([late]) == [Observed(shown=False)]

    async def test_an_outage_is_a_value_and_passes(self, open_world: OpenWorld):
        async with open_world() as world:
            system, owed = world.system, delivery(world.system.site, disclosed(a_result()))
            world.fault(mode="out")

            async def shut() -> bool:
                sent = await system.send([owed]) if system.pushes else []
                seen = [*sent, *await system.observe([owed]), *await system.ask([owed])]
                return all(isinstance(one, Unavailable) for one in seen)

            await until_true(shut, "the outage")
            world.fault(mode="clear")

            async def back() -> bool:
                return await system.observe([owed]) != [Unavailable] and not any(
                    isinstance(one, Unavailable) for one in await world.bring(owed)
                )

            await until_true(back, "the end of the outage")
            assert (await world.receipt_of(owed)).ok

    async def test_closed_it_answers_nothing_more(self, open_world: OpenWorld):
        async with open_world() as world:
            owed = delivery(world.system.site, disclosed(a_result()))

            await world.system.close()
            await world.system.close()

            answers = [*await world.system.observe([owed]), *await world.system.ask([owed])]
            assert all(isinstance(one, Unavailable) for one in answers)
