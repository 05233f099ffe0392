"""What is done once a night: for a site, and for all of them?

The digest of what is disclosed goes to the feed at 00:10 in Shanghai, so that the site can compare.
Tombstones go to the feeds every night: for what every site has proven and the retention is over.

Source: docs/delivery.md (digest, tombstones).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from schemas.codec import JSON, encode_json
from schemas.envelope import Envelope, write_headers
from schemas.feed import DIGEST_KEY_PREFIX, DISCLOSURE, DISCLOSURE_DIGEST, Digest
from schemas.feed_digest import DigestSum
from schemas.topics import DAY_MS, feed_topic
from streams.changes import HUB_SOURCE
from streams.delivery.feed_fold import VERSION_HEADER
from streams.delivery.ports import Ledger
from streams.delivery.site_desk import FEED, SiteDesk
from streams.ports import Outgoing, Publisher
from streams.rules.calendar import SHANGHAI
from streams.rules.delivery.ledger import Entry, Standing, decode_entry, standing
from streams.rules.wording import instant_text

log = structlog.get_logger()

DIGEST = "digest"
"""Field of the ledger's control part: the day of the last nightly digest."""
NIGHT = timedelta(minutes=10)
PAGE = 5000


class Nightly:
    """Publishes the digest of one site."""

    def __init__(self, *, desk: SiteDesk, publisher: Publisher) -> None:
        self._desk = desk
        self._publisher = publisher

    async def turn(self) -> bool:
        """Publish tonight's digest if it is time and it was not done yet. Never asks for more."""
        desk, fence = self._desk, self._desk.fence
        night = night_of(desk.clock())
        done = (await desk.ledger.control()).get(DIGEST, b"").decode()
        if done == "":
            await desk.keep(fence, DIGEST, night.encode())
        elif done < night:
            await self.publish()
            await desk.keep(fence, DIGEST, night.encode())
        return False

    async def publish(self) -> Digest:
        """Publish the digest now."""
        digest = await self.digest()
        now = self._desk.clock()
        envelope = Envelope(
            id=f"digest:{self._desk.site}:{now}", source=HUB_SOURCE, type=DISCLOSURE_DIGEST,
            time=instant_text(now),
        )  # fmt: skip
        record = Outgoing(
            self._desk.topics[FEED], 0, f"{DIGEST_KEY_PREFIX}0".encode(), encode_json(digest),
            write_headers(envelope, JSON),
        )  # fmt: skip
        await self._publisher.publish([record])
        log.info("digest published", site=self._desk.site, count=digest.count, as_of=digest.as_of)
        return digest

    async def digest(self) -> Digest:
        """Count and hash of what is disclosed by now, read page by page from the ledger.

        The feed waits meanwhile: the digest is of one moment.
        """
        total, after = DigestSum(), ""
        async with self._desk.lock:
            while page := await self._desk.ledger.shown(after, PAGE):
                for name in page:
                    result_id, version, uscc = name.split("\x1f")
                    total.add(result_id, int(version), uscc)
                after = page[-1]
            return total.digest(self._desk.site, self._desk.next[FEED])


def night_of(now_ms: int) -> str:
    """The day whose digest was due last: a new one begins at 00:10 in Shanghai.

    >>> night_of(0)
    '1970-01-01'
    """
    return (
        (datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(SHANGHAI) - NIGHT).date().isoformat()
    )


class Retirement:
    """Buries, once a night, what no site needs on its feed any more; twice does no harm."""

    def __init__(
        self,
        ledgers: Mapping[str, Ledger],
        publisher: Publisher,
        *,
        retention_days: int,
        clock: Callable[[], int],
    ) -> None:
        self._ledgers = ledgers
        self._publisher = publisher
        self._retention_days = retention_days
        self._clock = clock
        self._night = ""

    async def turn(self) -> int:
        """Retire if a new night has begun; returns how many results were."""
        now = self._clock()
        night = night_of(now)
        if night == self._night:
            return 0
        retired = await retire(
            self._ledgers, self._publisher, now_ms=now, retention_days=self._retention_days
        )
        self._night = night
        if retired:
            log.info("results retired from the feeds", results=retired, night=night)
        return retired

    async def run(self, stop: asyncio.Event, every_s: float) -> None:
        """Look every `every_s` seconds until `stop` is set."""
        while not stop.is_set():
            await self.turn()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_s)


async def retire(
    ledgers: Mapping[str, Ledger],
    publisher: Publisher,
    *,
    now_ms: int,
    retention_days: int,
    tell: Callable[[int], None] = lambda _: None,
) -> int:
    """Publish tombstones for what is stopped and proven at every site, and past the retention.

    Returns how many results were retired. A result that one of the ledgers lacks stays.
    """
    before = now_ms - retention_days * DAY_MS
    first, *others = ledgers
    retired = 0
    async for page in ledgers[first].scan():
        ripe = {name: entry for name, value in page if _ripe(entry := decode_entry(value), before)}
        for site in others:
            found = await ledgers[site].entries(list(ripe))
            ripe = {
                name: entry
                for (name, entry), value in zip(ripe.items(), found, strict=True)
                if value is not None and _same_and_ripe(entry, decode_entry(value), before)
            }
        await publisher.publish(
            [tombstone(site, entry, now_ms) for entry in ripe.values() for site in ledgers]
        )
        retired += len(ripe)
        tell(retired)
    return retired


def tombstone(site: str, entry: Entry, now_ms: int) -> Outgoing:
    """The record that lets compaction forget a result, naming whose it is and its last version."""
    envelope = Envelope(
        id=f"retire:{entry.key}", source=HUB_SOURCE, type=DISCLOSURE, time=instant_text(now_ms)
    )
    headers: Sequence[tuple[str, bytes]] = [
        *write_headers(envelope, JSON),
        (VERSION_HEADER, str(entry.version).encode()),
    ]
    return Outgoing(feed_topic(site), 0, entry.feed_key.encode(), None, headers)


def _ripe(entry: Entry, before_ms: int) -> bool:
    proven = standing(entry) in (Standing.PROCESSED, Standing.OBSERVED)
    return entry.stops and proven and max(entry.processed, entry.observed) < before_ms


def _same_and_ripe(one: Entry, other: Entry, before_ms: int) -> bool:
    return one.version == other.version and _ripe(other, before_ms)
