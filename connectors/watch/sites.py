"""What is owed at every publicity system, by when, and how fast is it carried out?

Read beside the workers that own the ledgers, as `hub deadlines` does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import redis.asyncio as aioredis
from pydantic import ValidationError

from connectors.console.due.ledgers import Ledgers, SiteLedger
from connectors.console.due.stops import Stop, owed_at, stops_of
from connectors.kafka_admin import Position
from connectors.redis_calendar import KEY as CALENDAR_KEY
from connectors.redis_retry import patient
from connectors.watch.memory import Memory
from connectors.watch.peek import stretch
from connectors.watch.ports import WatchRules
from schemas.calendar_entries import table_of, unpack
from schemas.calendar_file import CalendarTable, shipped_calendar
from schemas.feed import Receipt, Stage
from schemas.topics import feed_topic, receipt_topic

SHARE = 100
"""Reading every owed delivery takes at most one part in so many of the time."""


@dataclass(slots=True)
class SiteFound:
    """One system as it was found.

    Attributes:
        owed: how many stops are owed by which moment.
        last_day: of some of them the last working day has begun.
        done: how many deliveries were carried out since they are counted.
        unseen: how many are done and not seen on the public page; the oldest since `unseen_ms`.
        unseen_overdue: of these, stops whose last day is over.
        oldest: offset of the feed record of the oldest owed stop; None: none is owed.
    """

    ledger: SiteLedger
    owed: list[tuple[int, int]] = field(default_factory=list)
    last_day: bool = False
    done: int = 0
    unseen: int = 0
    unseen_ms: int = 0
    unseen_overdue: int = 0
    oldest: int | None = None

    @property
    def waiting(self) -> int:
        """Deliveries that its ledger has yet to make."""
        lanes = self.ledger.lanes
        return lanes.get("stop", 0) + lanes.get("disclose", 0)


class Sites:
    """Looks at the ledgers of some sites."""

    def __init__(self, client: aioredis.Redis, url: str, bootstrap: str, rules: WatchRules) -> None:
        self._client, self._url, self._rules = client, url, rules
        self._bootstrap = bootstrap
        self._next = 0.0
        self._stops: list[Stop] = []
        self._unseen: dict[str, tuple[int, int]] = {}
        self._oldest: dict[str, int] = {}
        self.calendar: CalendarTable = shipped_calendar()

    async def look(
        self, sites: Sequence[str], ends: Mapping[Position, int], memory: Memory, now_ms: int
    ) -> dict[str, SiteFound]:
        """Every site's ledger.

        Args:
            sites: Their codes.
            ends: Where feeds and topics of receipts end.
            memory: What was counted so far; what is counted now is added.
            now_ms: The moment.
        """
        await self._take_calendar()
        ledgers = Ledgers(self._client, self._url, sites)
        heads = await ledgers.heads({site: ends.get((feed_topic(site), 0), 0) for site in sites})
        began = time.monotonic()
        if began >= self._next:
            await self._read(ledgers, heads, now_ms)
            ended = time.monotonic()
            self._next = ended + SHARE * (ended - began)
        found = {}
        for site, head in heads.items():
            memory.done[site] = await self._count(
                site, ends.get((receipt_topic(site), 0), 0), memory
            )
            found[site] = self._found(site, head, memory.done[site], now_ms)
        return found

    async def _take_calendar(self) -> None:
        kept = await patient(lambda: self._client.get(CALENDAR_KEY), self._url)
        self.calendar = (
            table_of(unpack(kept).entries) if isinstance(kept, bytes) else shipped_calendar()
        )

    async def _read(self, ledgers: Ledgers, heads: dict[str, SiteLedger], now_ms: int) -> None:
        names = await ledgers.unproven(complete=not any(one.behind for one in heads.values()))
        await ledgers.fill(heads, names, self._rules, self.calendar, now_ms)
        self._stops = stops_of(heads, ())
        for site, head in heads.items():
            done = [one for one in head.entries.values() if one.standing == "PROCESSED"]
            late = sum(1 for one in done if one.stops and 0 < one.due_ms < now_ms)
            self._unseen[site] = min((one.processed_ms for one in done), default=0), late
            waiting = [one.offset for one in head.entries.values() if one.stops and not one.done]
            self._oldest.pop(site, None)
            if waiting:
                self._oldest[site] = min(waiting)

    def _found(self, site: str, head: SiteLedger, done: int, now_ms: int) -> SiteFound:
        unseen_ms, overdue = self._unseen.get(site, (0, 0))
        here = [stop for stop in self._stops if site in stop.waits_on]
        return SiteFound(
            head,
            owed=owed_at(here, site),
            last_day=any(stop.newest.last_day for stop in here),
            done=done,
            unseen=head.lanes.get("prove", 0),
            unseen_ms=unseen_ms if head.lanes.get("prove", 0) else 0,
            unseen_overdue=overdue if head.lanes.get("prove", 0) else 0,
            oldest=self._oldest.get(site),
        )

    async def _count(self, site: str, end: int, memory: Memory) -> int:
        """How many deliveries were carried out, by the hub's own receipts."""
        at = receipt_topic(site), 0
        came = await stretch(self._bootstrap, {at: (memory.receipts.get(site, end), end)})
        done = memory.done.get(site, 0) + sum(1 for record in came if _is_done(record.value))
        memory.receipts[site] = end
        return done


def _is_done(value: bytes | None) -> bool:
    try:
        receipt = Receipt.model_validate_json(value or b"")
    except ValidationError:
        return False
    return receipt.by == "HUB" and receipt.stage is Stage.PROCESSED
