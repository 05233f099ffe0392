"""How near did each department come to its quota today? Told by every gateway, read by the watch.

    insp:gateway:quota:limits        hash: per_s, burst, as the gateways enforce them
    insp:gateway:quota:peak:DAY      sorted set: department -> most that was used of `burst` at once
    insp:gateway:quota:turned:DAY    hash: department -> events that were told to come again later

Each gateway has buckets of its own: the peak is that of the gateway that a department used most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import redis.asyncio as aioredis
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger()

LIMITS = "insp:gateway:quota:limits"
PEAK = "insp:gateway:quota:peak:"
TURNED = "insp:gateway:quota:turned:"
KEPT = timedelta(days=2)
TOLD_EVERY_S = 5.0


@dataclass(slots=True)
class Use:
    """Of one client's allowance: the most that was gone at once, and events turned away."""

    peak: float = 0.0
    turned_away: int = 0

    def add(self, other: Use) -> None:
        """Take in what was used besides."""
        self.peak = max(self.peak, other.peak)
        self.turned_away += other.turned_away


@dataclass(frozen=True, slots=True)
class Quotas:
    """What gateways told of a day. `per_s` and `burst` 0: none has told anything."""

    per_s: float = 0.0
    burst: float = 0.0
    uses: Mapping[str, Use] = field(default_factory=dict)


class QuotaReport:
    """Tells now and then what was used since it was last told."""

    def __init__(
        self,
        client: aioredis.Redis,
        limits: tuple[float, float],
        taken: Callable[[], Mapping[str, Use]],
        today: Callable[[], date],
    ) -> None:
        """Prepare.

        Args:
            client: Where it is told.
            limits: Events a second, and at once.
            taken: What was used since it was last asked.
            today: In Asia/Shanghai.
        """
        self.client, self._limits, self._taken, self._today = client, limits, taken, today
        self._untold: dict[str, Use] = {}

    async def run(self, stop: asyncio.Event, every_s: float = TOLD_EVERY_S) -> None:
        """Tell until `stop` is set, and once more then."""
        while not stop.is_set():
            await self.tell()
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue
        await self.tell()

    async def tell(self) -> None:
        """Tell; what Redis does not take is told the next time."""
        for dept, use in self._taken().items():
            self._untold.setdefault(dept, Use()).add(use)
        day = self._today().isoformat()
        peak, turned = f"{PEAK}{day}", f"{TURNED}{day}"
        per_s, burst = self._limits
        try:
            async with self.client.pipeline(transaction=True) as pipe:
                pipe.hset(LIMITS, mapping={"per_s": per_s, "burst": burst})
                for dept, use in self._untold.items():
                    pipe.zadd(peak, {dept: use.peak}, gt=True)
                    if use.turned_away:
                        pipe.hincrby(turned, dept, use.turned_away)
                pipe.expire(peak, KEPT)
                pipe.expire(turned, KEPT)
                await pipe.execute()
        except RedisError as cause:
            log.debug("what was used of quotas could not be told", error=str(cause))
        else:
            self._untold = {}


async def read_quotas(client: aioredis.Redis, day: date) -> Quotas:
    """What all gateways told of a day."""
    async with client.pipeline(transaction=True) as pipe:
        pipe.hgetall(LIMITS)
        pipe.zrange(f"{PEAK}{day.isoformat()}", 0, -1, withscores=True)
        pipe.hgetall(f"{TURNED}{day.isoformat()}")
        limits, peaks, turned = await pipe.execute()
    uses = {dept.decode(): Use(peak, int(turned.get(dept, 0))) for dept, peak in peaks}
    return Quotas(float(limits.get(b"per_s", 0)), float(limits.get(b"burst", 0)), uses)
