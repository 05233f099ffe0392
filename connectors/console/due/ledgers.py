"""What do the sites' delivery ledgers say? Read beside the workers that own them, never claimed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
import redis.asyncio as aioredis

from connectors.console.context import CommandError, Context, Exit, shown_url
from connectors.console.rules_port import OversightRules
from connectors.kafka_admin import KafkaAdmin
from connectors.redis_ledger import PAUSE, RedisLedger
from schemas.calendar_file import CalendarTable
from schemas.compared import COMPARED, SiteCompared, decode_compared
from schemas.oversight import DeliveryView
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import feed_topic

T = TypeVar("T")

PATIENCE_S = 60.0
FOR_EVER_MS = 1 << 53
AT_ONCE = 5000
_NAMED = 3
UNPROVEN = ("stop", "rejected", "prove")
"""Lanes of what is not seen stopped yet; of what is disclosed only what is refused or unseen."""


@dataclass(slots=True)
class SiteLedger:
    """One site's ledger as far as it was read.

    Attributes:
        entries: by `credit code US result id`.
        feed_next: the next feed record it will take in; None: it was never made.
        feed_end: where the feed ends, if that was asked.
        lanes: how many entries wait in each lane.
        pause: reason, who, since (Unix milliseconds); None: not paused.
        breaker: state, since_ms, until_ms …; None: it never opened.
        refused: names of the first entries that were refused.
        compared: what the last nightly comparison with its public list came to; None: none was.
    """

    site: str
    feed_next: int | None
    lanes: Mapping[str, int]
    pause: Mapping[str, Any] | None
    breaker: Mapping[str, Any] | None
    entries: dict[str, DeliveryView] = field(default_factory=dict)
    feed_end: int | None = None
    refused: Sequence[str] = ()
    compared: SiteCompared | None = None

    @property
    def behind(self) -> int:
        """How many records of its feed it has not taken in."""
        return max(0, (self.feed_end or 0) - (self.feed_next or 0))

    @property
    def holds(self) -> bool:
        """Nothing is sent now: an operator paused it, or the breaker is not closed."""
        return self.pause is not None or self.breaker_state != "CLOSED"

    @property
    def breaker_state(self) -> str:
        """CLOSED, OPEN or HALF_OPEN."""
        return "CLOSED" if self.breaker is None else str(self.breaker["state"])


class Ledgers:
    """The ledgers of some sites on one Redis."""

    def __init__(self, client: aioredis.Redis, url: str, sites: Sequence[str]) -> None:
        self.client = client
        self.of = {site: RedisLedger(client, url, site) for site in sites}

    async def heads(self, ends: Mapping[str, int] | None = None) -> dict[str, SiteLedger]:
        """Position, lanes, pause and breaker of each; no entries. `ends`: where the feeds end."""
        return {
            site: await _head(ledger, (ends or {}).get(site)) for site, ledger in self.of.items()
        }

    async def unproven(self, *, complete: bool) -> set[str]:
        """Names of everything that some site has not been seen to carry out.

        `complete` False: some ledger lacks a part of its feed; then stops that the others were seen
        to carry out are named too, for it may be what it lacks.
        """
        lanes = UNPROVEN if complete else (*UNPROVEN, "seen")
        names: set[str] = set()
        for ledger in self.of.values():
            for some in await ledger.due(lanes, FOR_EVER_MS, FOR_EVER_MS):
                names.update(some)
        return names

    async def fill(
        self,
        heads: Mapping[str, SiteLedger],
        names: Collection[str],
        rules: OversightRules,
        calendar: CalendarTable,
        now_ms: int,
    ) -> None:
        """Read these entries of every site, with what was tried for them."""
        wanted, reader = sorted(names), rules.Deliveries(calendar)
        for site, ledger in self.of.items():
            for at in range(0, len(wanted), AT_ONCE):
                some = wanted[at : at + AT_ONCE]
                entries, tried = await ledger.entries(some), await ledger.attempts(some)
                for name, entry, attempt in zip(some, entries, tried, strict=True):
                    if entry is not None:
                        heads[site].entries[name] = reader.read(entry, attempt, now_ms)

    async def departments(self, names: Collection[str]) -> dict[str, str]:
        """Whose results these are, as their feed records say."""
        found: dict[str, str] = {}
        for ledger in self.of.values():
            left = sorted(set(names) - found.keys())
            for at in range(0, len(left), AT_ONCE):
                some = left[at : at + AT_ONCE]
                for name, value in zip(some, await ledger.values(some), strict=True):
                    if value is not None:
                        found[name] = orjson.loads(value)["dept"]
        return found


def with_ledgers(
    hub: Context,
    sites: Sequence[str],
    work: Callable[[Ledgers], Awaitable[T]],
    *,
    patience_s: float = PATIENCE_S,
) -> T:
    """What `work` finds out from the ledgers of these sites.

    Raises:
        CommandError: Redis does not answer.
    """
    with hub.redis():  # says at once that it does not answer; the ledger's own way is to wait
        url = hub.redis_url()

    async def run() -> T:
        client = aioredis.from_url(url)
        try:
            async with asyncio.timeout(patience_s):
                return await work(Ledgers(client, url, sites))
        except TimeoutError:
            raise CommandError(
                f"Redis at {shown_url(url)} did not answer within {patience_s:g} s: is it running?",
                Exit.UNREACHABLE,
            ) from None
        finally:
            await client.aclose()

    return asyncio.run(run())


def feed_ends(admin: KafkaAdmin, sites: Sequence[str]) -> dict[str, int]:
    """Where each site's feed ends; a site without a feed is left out."""
    counts = admin.partition_counts()
    there = {(feed_topic(site), 0): site for site in sites if counts.get(feed_topic(site))}
    return {there[at]: end for at, end in admin.end_offsets(there).items()}


def watched_sites(settings: Settings) -> tuple[str, ...]:
    """The sites that are delivered to; all of them where the settings name none."""
    return settings.site_codes or tuple(SITES)


def known_site(code: str) -> str:
    """The code of a site, checked.

    Raises:
        CommandError: there is no such site.
    """
    if code not in SITES:
        raise CommandError(
            f"site {code!r} is not known: one of {', '.join(SITES)} expected", Exit.USAGE
        )
    return code


async def _head(ledger: RedisLedger, feed_end: int | None) -> SiteLedger:
    control = await ledger.control()
    pause, breaker = control.get(PAUSE), control.get("breaker")
    (refused,) = await ledger.due(["rejected"], FOR_EVER_MS, _NAMED)
    return SiteLedger(
        ledger.site,
        await ledger.feed_next(),
        await ledger.counts(),
        orjson.loads(pause) if pause else None,
        None if breaker is None else orjson.loads(breaker),
        feed_end=feed_end,
        refused=refused,
        compared=decode_compared(control.get(COMPARED)),
    )
