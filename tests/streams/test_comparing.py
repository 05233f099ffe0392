"""Each night, after its digest, a site is held against its ledger; what came of it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from delivery_fakes import FakeLedger
from fakes import FakeKafka

from schemas.compared import COMPARED, SiteCompared, decode_compared
from streams.delivery.comparing import BUSY_MS_MAX, EMPTY_AGAIN_MS, NightlyComparison
from streams.delivery.nightly import DIGEST, night_of
from streams.delivery.site_desk import SiteDesk
from streams.rules.delivery.ledger import HOUR_MS

SITE = "CREDIT-TJ"
EVENING = int(datetime(2026, 3, 16, 12, 0, tzinfo=UTC).timestamp() * 1000)
"""20:00 in Shanghai."""
DAY_MS = int(timedelta(days=1).total_seconds() * 1000)
GOOD = SiteCompared(compared=5)


class Comparing:
    """A site's desk, and a comparison that answers as it is told to."""

    def __init__(self) -> None:
        self.now, self.answer, self.asked = EVENING, GOOD, 0
        self.ledger = FakeLedger()
        self.desk = SiteDesk(SITE, self.ledger, FakeKafka(), lambda: self.now)
        self.busy = False
        self.nightly = NightlyComparison(
            desk=self.desk, compare=self._compare, is_busy=lambda: self.busy
        )

    async def own(self, fence: str = "ours") -> None:
        """Take the ledger over."""
        await self.ledger.claim(fence)
        self.desk.fence = fence
        self.desk.ready.set()

    async def turn(self, later_ms: int = 0, *, digest: bool = True) -> SiteCompared | None:
        """A turn so much later, with that night's digest published or not."""
        self.now += later_ms
        if digest:
            self.ledger.controls[DIGEST] = night_of(self.now).encode()
        assert not await self.nightly.turn()
        return self.kept

    @property
    def kept(self) -> SiteCompared | None:
        """What was kept last."""
        return decode_compared(self.ledger.controls.get(COMPARED))

    async def _compare(self) -> SiteCompared:
        self.asked += 1
        return self.answer


async def a_world(**fields: Any) -> Comparing:
    world = Comparing()
    await world.own()
    for name, value in fields.items():
        setattr(world, name, value)
    return world


async def test_it_waits_for_the_digest_of_the_night():
    world = await a_world()

    assert await world.turn(digest=False) is None
    found = await world.turn()

    assert (found, world.asked) == (
        SiteCompared(compared=5, night="2026-03-16", at_ms=EVENING), 1,
    )  # fmt: skip


async def test_it_is_done_once_a_night_and_again_the_next():
    world = await a_world()
    for _ in range(3):
        await world.turn(HOUR_MS // 4)
    assert world.asked == 1

    await world.turn(DAY_MS, digest=False)
    assert world.asked == 1, "the digest of that night is not out yet"
    found = await world.turn()

    assert world.asked == 2
    assert found is not None
    assert found.night == "2026-03-17"


@pytest.mark.parametrize("answer", [SiteCompared(fault="HTTP 503"), SiteCompared(unclear=2)])
async def test_what_could_not_be_read_is_kept_and_tried_again_an_hour_later(answer: SiteCompared):
    world = await a_world(answer=answer)
    first = await world.turn()
    await world.turn(HOUR_MS // 4)
    assert (world.asked, first is not None and first.settled) == (1, False)

    world.answer = GOOD
    found = await world.turn(3 * HOUR_MS // 4)

    assert world.asked == 2
    assert found is not None
    assert found.agrees


async def test_a_list_that_cannot_be_read_clears_no_difference_of_before():
    world = await a_world(answer=SiteCompared(compared=9, differing=2))
    await world.turn()

    world.answer = SiteCompared(fault="HTTP 503")
    await world.turn(DAY_MS)
    found = await world.turn(HOUR_MS)

    assert found is not None
    assert (found.known_differing, found.whole_ms) == (2, EVENING)
    world.answer = SiteCompared(compared=9)
    found = await world.turn(HOUR_MS)
    assert found is not None
    assert (found.known_differing, found.whole_ms) == (0, world.now)


async def test_a_ledger_that_has_proof_of_nothing_yet_is_compared_again_soon():
    world = await a_world(answer=SiteCompared())
    await world.turn()
    await world.turn(EMPTY_AGAIN_MS // 2)
    assert world.asked == 1

    await world.turn(EMPTY_AGAIN_MS)

    assert world.asked == 2


async def test_differences_are_kept_and_do_not_make_it_be_done_again():
    world = await a_world(answer=SiteCompared(compared=9, differing=2))
    found = await world.turn()
    await world.turn(2 * HOUR_MS - 1)

    assert found is not None
    assert (found.differing, found.agrees, world.asked) == (2, False, 1)


async def test_while_deliveries_queue_up_it_waits_an_hour_at_most():
    world = await a_world(busy=True)
    await world.turn()
    await world.turn(BUSY_MS_MAX - 1)
    assert world.asked == 0

    await world.turn(1)
    assert world.asked == 1

    await world.turn(DAY_MS)
    assert world.asked == 1, "the next night it waits anew"
    world.busy = False
    await world.turn()
    assert world.asked == 2


async def test_a_worker_that_lost_the_ledger_meanwhile_keeps_nothing():
    world = await a_world()

    async def lose() -> SiteCompared:
        await world.own("theirs")
        return GOOD

    world.nightly = NightlyComparison(desk=world.desk, compare=lose)

    assert await world.turn() is None


async def test_a_record_of_another_version_counts_as_none():
    world = await a_world()
    world.ledger.controls[COMPARED] = b'{"night": 5}'

    found = await world.turn()

    assert found is not None
    assert (found.compared, decode_compared(b"")) == (5, None)
