"""Which public pages are read first: every lane that waits has its share."""

from __future__ import annotations

from collections import Counter
from typing import Any

from delivery_world import DeliveryWorld, Process, now_ms, until
from virtual_time import run_virtual

from schemas.calendar_file import NO_OVERRIDES
from schemas.delivery import Unavailable
from streams.delivery.observing import Observer, ObserverSettings
from streams.delivery.receipts import ReceiptBook


def test_however_much_waits_in_one_lane_every_other_has_its_share_of_looks():
    async def main() -> None:
        world = DeliveryWorld()
        world.system.pushes, world.system.batch_max = False, 10
        for number in range(60):
            world.ask(f"R-{number:02}")
        process = Process(world)
        process.take()
        await until(lambda: len(world.standings()) == 60)
        lanes = world.ledger.content.lanes
        kept = {"prove": 30, "stop": 20, "disclose": 2, "seen": 8}
        names, lane_of = iter(sorted(lanes.pop("stop"))), {}
        for lane, count in kept.items():
            lanes[lane] = dict.fromkeys([next(names) for _ in range(count)], 0)
            lane_of |= dict.fromkeys(lanes[lane], lane)
        looked: Counter[str] = Counter()

        async def observe(deliveries: Any) -> Any:
            looked.update(lane_of[f"{one.uscc}\x1f{one.result_id}"] for one in deliveries)
            return [Unavailable("away")] * len(deliveries)

        world.system.observe = observe
        observer = Observer(
            desk=process.site.desk, system=world.system, rnd=lambda: 0.5,
            book=ReceiptBook(world.site, world.kafka, now_ms),
            calendar=NO_OVERRIDES, settings=ObserverSettings(looks_max=12, rechecks_max=3),
        )  # fmt: skip
        await observer.turn()

        assert looked == {"prove": 5, "stop": 5, "disclose": 2, "seen": 3}

    run_virtual(main())
