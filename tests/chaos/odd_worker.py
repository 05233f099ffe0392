"""A worker with a fault planted in it, for tests alone: `python odd_worker.py ROLE`.

The environment variable ODD names the faults. The product has no such options: they are put into
its classes from here. ODD_ONCE is a file by which a fault remembers that it has happened.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from faust.transport.drivers import aiokafka as driver
from odd_delivery import DELIVERY_FAULTS

import hub
from connectors import process
from connectors.publisher import KafkaPublisher
from connectors.redis_view import RedisView
from streams.faust_consumer import BatchConsumer
from streams.lanes import Lane
from streams.ports import AtPoint, Record

FENCE = "if now[1] ~= ARGV[1] then return {'FENCED', now[1] or ''} end"
LUA = Path(hub.__file__).parent / "connectors" / "lua" / "apply.lua"
COMMITTED_BY_THEN_S = 1.5


def stale_fetch() -> None:
    """The first batch of a partition after each assignment is one from further on."""
    fetch, given = BatchConsumer._fetch, set[tuple[int, Any]]()

    async def stale(self: Any, wait_s: float) -> dict[Any, Any]:
        batches = await fetch(self, wait_s)
        generation = self.app.consumer_generation_id
        for tp, records in batches.items():
            if len(records) > 1 and (generation, tp) not in given:
                given.add((generation, tp))
                batches[tp] = records[len(records) // 2 :]
        return batches

    BatchConsumer._fetch = stale  # type: ignore[method-assign]  # the planted fault


def no_guard() -> None:
    """Any batch that brings something new is taken, as by the unguarded engine of the design."""

    async def unguarded(self: Any, records: Sequence[Record]) -> Sequence[Record]:
        fresh = [record for record in records if record.offset >= self._want]
        self._want = fresh[-1].offset + 1 if fresh else self._want
        return fresh

    Lane._contiguous = unguarded  # type: ignore[method-assign]  # the planted fault


def early_watermark() -> None:
    """The offset may be committed before the publication is awaited."""
    contiguous = Lane._contiguous

    async def early(self: Any, records: Sequence[Record]) -> Sequence[Record]:
        todo = await contiguous(self, records)
        if todo:
            self._consumer.durable(self.tp, todo[-1].offset + 1)
        return todo

    Lane._contiguous = early  # type: ignore[method-assign]  # the planted fault


def faust_acks() -> None:
    """What Faust acknowledges is committed."""
    for name in ("_filter_tps_with_pending_acks", "_filter_committable_offsets", "_add_gap"):
        setattr(BatchConsumer, name, getattr(driver.Consumer, name))


def no_fence() -> None:
    """A worker that lost its partition may still write to the view."""
    make, script = RedisView.__init__, LUA.read_text()
    assert script.count(FENCE) == 1

    def without(self: Any, client: Any, address: str) -> None:
        make(self, client, address)
        self._apply = client.register_script(script.replace(FENCE, ""))

    RedisView.__init__ = without  # type: ignore[method-assign]  # the planted fault


def once() -> bool:
    """True the first time anybody asks, also across processes."""
    try:
        Path(os.environ["ODD_ONCE"]).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def die_publishing() -> None:
    """The first large batch is never published; what may be committed by then is."""
    publish = KafkaPublisher.publish

    async def dying(self: Any, records: Sequence[Any]) -> Mapping[tuple[str, int], int]:
        if len(records) > 5 and once():
            await asyncio.sleep(COMMITTED_BY_THEN_S)
            os.kill(os.getpid(), signal.SIGKILL)
        return await publish(self, records)

    KafkaPublisher.publish = dying  # type: ignore[method-assign]  # the planted fault


def stop_at() -> None:
    """At the crash point it stands still instead, until somebody lets it go on (SIGCONT)."""

    def standing(spec: str) -> AtPoint:
        def at(point: str) -> None:
            if point == spec and once():
                os.kill(os.getpid(), signal.SIGSTOP)

        return at

    process.crash_point = standing


FAULTS: Mapping[str, Callable[[], None]] = {
    "stale fetch": stale_fetch,
    "no guard": no_guard,
    "early watermark": early_watermark,
    "faust acks": faust_acks,
    "no fence": no_fence,
    "die publishing": die_publishing,
    "stop at": stop_at,
    **DELIVERY_FAULTS,
}


def main() -> None:
    """Plant what ODD names, then be the hub."""
    for name in filter(None, os.environ["ODD"].split(",")):
        FAULTS[name]()
    sys.argv = ["hub", "worker", *sys.argv[1:]]
    hub.main()


if __name__ == "__main__":
    main()
