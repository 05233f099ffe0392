"""What does one look at the hub find? Positions, ledgers and memory in, a picture out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import redis.asyncio as aioredis

from connectors.redis_retry import patient
from connectors.statistics.told import read_counted
from connectors.watch.ages import Ages, Place
from connectors.watch.counting import behind_counting, counting_found
from connectors.watch.memory import (
    Memory,
    pack,
    remember,
    unpack,
)
from connectors.watch.ports import WatchRules
from connectors.watch.positions import UNSEEN, Found, Positions
from connectors.watch.retention import Retentions
from connectors.watch.rows import flow_row, proof_row, site_row, site_view
from connectors.watch.sites import SiteFound, Sites
from connectors.watch.store import MEMORY, SNAPSHOT, WINDOWS
from connectors.watch.windows import Windows
from schemas.topics import feed_topic
from schemas.watch import (
    LISTED_MAX,
    CanaryView,
    PartitionView,
    Snapshot,
    Stage,
    StageView,
    Verdict,
    encode_snapshot,
    worst,
)
from schemas.watch_input import Progress

PEEKED_MAX = 64
"""Of so many partitions, those with most lag, the oldest waiting record is read at one look."""


class Watcher:
    """Looks at the hub whenever it is told to, and keeps what it found."""

    def __init__(
        self,
        *,
        bootstrap: str,
        redis: tuple[aioredis.Redis, str],
        rules: WatchRules,
        sites: Sequence[str],
        every_s: float,
        clock: Callable[[], int],
        canary: Callable[[], CanaryView | None] = lambda: None,
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            bootstrap: Of the broker.
            redis: A connection, and its address.
            rules: Judge and reckon.
            sites: Whose deliveries are watched.
            every_s: How often it will be told to look.
            clock: Unix milliseconds.
            canary: How the last probe went.
        """
        self._bootstrap, self._rules, self._sites = bootstrap, rules, tuple(sites)
        self._every_s, self._clock, self._canary = every_s, clock, canary
        self._redis, self._address = redis
        self.positions = Positions(bootstrap, sites)
        self.ledgers = Sites(*redis, bootstrap, rules)
        self._memory: Memory | None = None
        self._windows = Windows(rules, int(every_s * 1000))
        self._ages = Ages(bootstrap)
        self._counted_ms = 0
        self._retentions = Retentions(self.positions, rules)

    async def look(self) -> Snapshot:
        """Look once; what was found is kept for all screens."""
        memory = await self._remembered()
        try:
            picture = await self._measured(memory)
        except UNSEEN as cause:
            self.positions.close()
            picture = self._nothing(str(cause))
        await patient(lambda: self._keep(memory, picture), self._address)
        return picture

    async def _keep(self, memory: Memory, picture: Snapshot) -> None:
        windows, gone = self._windows.to_keep()
        news: dict[Any, Any] = dict(windows)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.mset({SNAPSHOT: encode_snapshot(picture), MEMORY: pack(memory)})
            if news:
                pipe.hset(WINDOWS, mapping=news)
            if gone:
                pipe.hdel(WINDOWS, *gone)
            await pipe.execute()

    async def _measured(self, memory: Memory) -> Snapshot:
        found = await asyncio.to_thread(self.positions.look)
        letters = await asyncio.to_thread(self.positions.dead_letters)
        ends = self.positions.ends
        now = self._clock()
        counted = await patient(lambda: read_counted(self._redis), self._address)
        uncounted = behind_counting(counted, ends)
        firsts = await asyncio.to_thread(self.positions.beginnings, uncounted)
        found += counting_found(counted, ends, firsts, now, self._counted_ms)
        self._counted_ms = counted.at_ms if counted is not None else 0
        sites = await self.ledgers.look(self._sites, ends, memory, now)
        return await self._picture(memory, found, sites, letters)

    async def _remembered(self) -> Memory:
        if self._memory is None:
            kept: Any = await patient(lambda: self._redis.get(MEMORY), self._address)
            windows: Any = await patient(lambda: self._redis.hgetall(WINDOWS), self._address)
            self._memory = unpack(kept)
            self._windows.load(windows)
        return self._memory

    def _nothing(self, fault: str) -> Snapshot:
        flows = (*_FLOWS, Stage.COUNT) if self._counted_ms else _FLOWS
        stages = [StageView(stage=one, verdict=Verdict.NO_DATA) for one in flows]
        for site in self._sites:
            stages += (
                StageView(stage=one, site=site, verdict=Verdict.NO_DATA)
                for one in (Stage.DELIVER, Stage.PROVE)
            )
        return Snapshot(
            at_ms=self._clock(), every_s=self._every_s, broker=self._bootstrap,
            verdict=Verdict.NO_DATA, stages=tuple(stages), canary=self._canary(), faults=(fault,),
        )  # fmt: skip

    async def _picture(
        self,
        memory: Memory,
        found: Sequence[Found],
        sites: Mapping[str, SiteFound],
        letters: Mapping[str, int],
    ) -> Snapshot:
        now = self._clock()
        oldest = await self._oldest(found, sites)
        parts = self._windows.take(found, oldest, now)
        kept_for = await self._retentions.of(parts, now - int(1000 * self._every_s))
        stages, listed = [], [part for part in parts if part.site]
        counts = any(one.reader.stage is Stage.COUNT for one in found)
        for stage in (*_FLOWS, Stage.COUNT) if counts else _FLOWS:
            some = [one for one in parts if one.stage is stage]
            tally = self._windows.tallies[stage]
            progress = Progress(now, sum(one.lag for one in some), tally.done)
            rate = self._drained(memory, stage.value, progress)
            some = self._retentions.judged(some, kept_for, rate, now)
            listed += some
            verdict = self._rules.judge_flow([one.verdict for one in some], tally.unattended_looks)
            stages.append(flow_row(stage, verdict, tally, some, rate))
        for site, one in sites.items():
            feed = [part for part in parts if part.site == site]
            stages += self._site_rows(memory, site, one, feed, oldest, now)
        canary = self._canary()
        told = [row.weighs for row in stages] + ([canary.verdict] if canary else [])
        listed = [one for one in listed if one.lag or one.verdict is not Verdict.OK]
        ends = self._rules.calendar_ends(now, self.ledgers.calendar)
        return Snapshot(
            at_ms=now, every_s=self._every_s, broker=self._bootstrap, verdict=worst(told),
            stages=tuple(stages), canary=canary, dead_letters=dict(letters),
            partitions=tuple(sorted(listed, key=_by_trouble)[:LISTED_MAX]),
            sites=tuple(site_view(one) for one in sites.values()),
            calendar_ends=ends.isoformat() if ends else None,
        )  # fmt: skip

    def _drained(self, memory: Memory, name: str, one: Progress) -> float | None:
        looks = memory.progress[name] = remember(memory.progress, name, one)
        return self._rules.drain_rate(looks)

    def _site_rows(
        self,
        memory: Memory,
        site: str,
        one: SiteFound,
        feed: Sequence[PartitionView],
        oldest: Mapping[Place, int],
        now: int,
    ) -> list[StageView]:
        owed = sum(count for _, count in one.owed)
        held = one.ledger.pause is not None
        rate = self._drained(memory, f"deliver {site}", Progress(now, owed, one.done, held))
        told = self._rules.forecast(one.owed, rate or 0.0, now_ms=now)
        known = one.ledger.feed_next is not None or not one.ledger.feed_end
        attended = not any(
            self._windows.unattended(part.group, (part.topic, part.partition)) for part in feed
        )
        verdict = self._rules.judge_delivery(
            feed=worst(part.verdict for part in feed), known=known, attended=attended,
            waiting=one.waiting, paused=held,
            held=one.ledger.breaker_state != "CLOSED", forecast=told, rate=rate,
            last_day=one.last_day,
        )  # fmt: skip
        at = feed_topic(site), 0
        since = [part.oldest_ms for part in feed if part.oldest_ms]
        if one.oldest is not None and (found := oldest.get((at, one.oldest))):
            since.append(found)
        seen = self._rules.judge_proof(
            known=known, oldest_ms=one.unseen_ms, overdue=one.unseen_overdue, now_ms=now
        )
        return [
            site_row(one, verdict, told, rate, feed, min(since, default=0), attended=attended),
            proof_row(one, seen),
        ]

    async def _oldest(
        self, found: Sequence[Found], sites: Mapping[str, SiteFound]
    ) -> dict[Place, int]:
        """When what waits longest in each partition was appended; of the worst partitions only."""
        behind = [(one, one.next) for one in found if one.end > one.next]
        behind.sort(key=lambda pair: pair[1] - pair[0].end)
        places = [((one.topic, one.partition), at) for one, at in behind[:PEEKED_MAX]]
        owed = [
            ((feed_topic(site), 0), one.oldest)
            for site, one in sites.items()
            if one.oldest is not None
        ]
        return await self._ages.of([*places, *owed])


_FLOWS = (Stage.INTAKE, Stage.DECIDE)


def _by_trouble(one: PartitionView) -> tuple[Any, ...]:
    return list(Verdict).index(one.verdict), -one.lag, one.topic, one.partition
