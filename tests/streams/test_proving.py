"""How it is proven that a system acts: its receipts, its public page, and both again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from delivery_world import SITE, USCC, DeliveryWorld, Process, now_ms, until
from odd_parts import crash_at
from virtual_time import run_virtual

from schemas.dead_letter import from_headers
from schemas.delivery import Observed, Unavailable
from schemas.feed import Digest, Stage
from schemas.feed_digest import DigestSum
from schemas.reasons import Refusal
from schemas.topics import DAY_MS, feed_topic
from streams.delivery.nightly import retire
from streams.rules.delivery.ledger import REAPPEARED, Standing, Waits


def stages(world: DeliveryWorld, result_id: str) -> list[str]:
    return [r.status if r.status == REAPPEARED else r.stage.value
            for r in world.receipts() if r.result_id == result_id]  # fmt: skip


def test_a_business_receipt_proves_even_where_the_answer_was_lost():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-1")
        world.system.fault = lambda _: "no answer"
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        assert stages(world, "R-1") == ["PROCESSED", "OBSERVED"]

    run_virtual(main())


def test_a_business_refusal_waits_for_an_operator():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-1")
        take = world.system.take

        def refuse(delivery: Any) -> None:
            take(delivery)
            at, receipt = world.system.receipts[-1]
            world.system.receipts[-1] = at, replace(receipt, ok=False, errors=("UNISCID unknown",))

        world.system.take = refuse
        Process(world).start()
        await until(lambda: world.standings().get("R-1") is Standing.REJECTED)

        assert world.entry("R-1").errors == ("UNISCID unknown",)
        assert f"{USCC}\x1fR-1" in world.ledger.content.lanes["rejected"]

    run_virtual(main())


def test_polled_receipts_nobody_asked_for_are_parked_once():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-1")
        process = Process(world).start()
        await until(lambda: world.system.receipts)
        at, good = world.system.receipts[0]
        hostile = "\ud800" * 9000
        odd = [
            replace(good, result_id="R-9"),
            replace(good, version=10**30),
            replace(good, body_sha256="0" * 64),
            replace(good, key=hostile, uscc=hostile, errors=(hostile,) * 50),
        ]
        world.system.receipts += [(at, one) for one in odd]
        await until(lambda: world.all(Standing.OBSERVED))

        letters = [from_headers(one.headers, one.value) for one in world.letters()]
        assert [one.reason for one in letters] == [Refusal.UNASKED] * 4
        assert all(len(one.value or b"") < 200_000 for one in world.letters())
        assert not process.causes

    run_virtual(main())


def test_a_system_that_repeats_its_receipts_for_ever_is_not_asked_without_end():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-1")
        polls = 0

        async def endless(cursor: str) -> Any:
            nonlocal polls
            polls += 1
            junk = [replace(r, key="junk") for _, r in world.system.receipts]
            return junk, str(polls)

        world.system.poll_receipts = endless
        Process(world).start()
        await asyncio.sleep(3600)

        assert polls <= 61
        assert len(world.letters()) == 1

    run_virtual(main())


def test_a_death_before_the_receipts_are_written_polls_them_again():
    async def main() -> None:
        world = DeliveryWorld(waits=Waits(confirm=10**9))
        world.ask("R-1")
        first = Process(world, crash_at("before cursor", 2)).start()
        await until(lambda: first.causes)
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED), 2.0)

        statuses = {r.status for r in world.receipts() if r.stage is Stage.PROCESSED}
        assert statuses == {"processed"}

    run_virtual(main())


def test_receipts_are_polled_again_after_a_death_and_written_once():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-1")
        first = Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))
        first.kill()
        world.ledger.controls.pop("cursor")
        Process(world).start()
        await asyncio.sleep(600)

        assert stages(world, "R-1").count("PROCESSED") == 1

    run_virtual(main())


def test_a_page_that_still_shows_is_no_proof():
    async def main() -> None:
        world = DeliveryWorld()
        world.ask("R-1")
        world.system.reshown.add(f"{USCC}\x1fR-1")
        Process(world).start()
        await asyncio.sleep(6 * 3600)
        assert world.standings() == {"R-1": Standing.PROCESSED}
        world.system.reshown.clear()
        await until(lambda: world.all(Standing.OBSERVED), 2.0)

    run_virtual(main())


def test_what_is_shown_again_is_an_alarm_and_owed_anew():
    async def main() -> None:
        world = DeliveryWorld(waits=Waits(recheck=3_600_000))
        world.ask("R-1")
        world.ask("R-2", 1, "DISCLOSED")
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))
        world.system.reshown.add(f"{USCC}\x1fR-1")
        await until(lambda: REAPPEARED in stages(world, "R-1"), 2.0)
        assert world.entry("R-1").reappeared
        await until(lambda: len(world.system.arrivals) == 3, 1.0)
        world.system.reshown.clear()
        await until(lambda: world.all(Standing.OBSERVED), 3.0)

        assert len(world.system.effects) == 2, "the same key has no second effect"
        assert stages(world, "R-2") == ["ACCEPTED", "PROCESSED", "OBSERVED"]

    run_virtual(main())


def test_what_stays_stopped_is_looked_at_again_without_a_word():
    async def main() -> None:
        world = DeliveryWorld(waits=Waits(recheck=3_600_000))
        world.ask("R-1")
        looks: list[int] = []
        observe = world.system.observe

        async def counted(deliveries: Any) -> Any:
            looks.append(now_ms())
            return await observe(deliveries)

        world.system.observe = counted
        Process(world).start()
        await asyncio.sleep(12 * 3600)

        assert len(looks) >= 11
        assert stages(world, "R-1") == ["ACCEPTED", "PROCESSED", "OBSERVED"]

    run_virtual(main())


def test_a_system_that_takes_from_its_feed_is_never_sent_to_and_looked_at():
    async def main() -> None:
        world = DeliveryWorld()
        world.system.pushes = False
        world.ask("R-1")
        pages = iter((Unavailable("away"), Observed(False), Observed(False, 1)))

        async def observe(deliveries: Any) -> Any:
            return [next(pages)] * len(deliveries)

        world.system.observe = observe
        Process(world).start()
        await until(lambda: world.all(Standing.OBSERVED))

        assert stages(world, "R-1") == ["OBSERVED"], "a page without a version proved nothing"

    run_virtual(main())


def test_the_digest_is_published_at_night_and_only_once():
    async def main() -> None:
        world = DeliveryWorld(poll_every_s=3600.0)
        world.ask("R-b", 1, "DISCLOSED")
        world.ask("R-a", 3, "DISCLOSED")
        world.ask("R-c", 1, "DISCLOSED")
        world.ask("R-c", 2)
        first = Process(world).start()
        await asyncio.sleep(13 * 3600)
        assert len(world.kafka.all(feed_topic(SITE))) == 4, "it is 23:00"
        await asyncio.sleep(2 * 3600)
        first.kill()
        Process(world).start()
        await asyncio.sleep(4 * 3600)

        (record,) = world.kafka.all(feed_topic(SITE))[4:]
        total = DigestSum()
        total.add("R-a", 3, USCC)
        total.add("R-b", 1, USCC)
        assert record.key == b"digest:0"
        assert Digest.model_validate_json(record.value or b"") == total.digest(SITE, 4)

    run_virtual(main())


def test_only_what_every_site_has_proven_for_long_enough_is_retired():
    async def main() -> None:
        worlds = {site: DeliveryWorld(site=site) for site in ("CREDIT-TJ", "GSXT-TJ")}
        both, lagging = worlds["CREDIT-TJ"], worlds["GSXT-TJ"]
        lagging.kafka = both.kafka
        lagging.system.fault = lambda one: Unavailable("x") if one.result_id == "R-late" else None
        for world in worlds.values():
            for result_id in ("R-old", "R-late"):
                world.ask(result_id)
            world.ask("R-shown", 1, "DISCLOSED")
        both.ask("R-alone")
        processes = [Process(world).start() for world in worlds.values()]
        await until(lambda: both.all(Standing.OBSERVED))
        await asyncio.sleep(3600)
        ledgers = {site: world.ledger for site, world in worlds.items()}

        async def retired(days_later: int) -> int:
            later = now_ms() + days_later * DAY_MS
            return await retire(ledgers, both.kafka, now_ms=later, retention_days=30)

        assert await retired(29) == 0
        assert await retired(31) == 1
        await asyncio.sleep(60)
        assert set(both.standings()) == {"R-late", "R-shown", "R-alone"}
        assert set(lagging.standings()) == {"R-late", "R-shown"}
        assert not [cause for process in processes for cause in process.causes]

    run_virtual(main())
