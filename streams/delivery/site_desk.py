"""What do the parts of one site's deliver process share?

Who owns the ledger, how far both topics are, and one lock: whoever reads the ledger to change it
holds it meanwhile, so that a new version, a receipt and an attempt never overwrite each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

import structlog

from schemas.topics import feed_topic, receipt_topic
from streams.delivery.ports import Ledger
from streams.ports import Log
from streams.rules.delivery.attempts import Doubt
from streams.rules.delivery.ledger import Entry, decode_entry

log = structlog.get_logger()

FEED = "feed"
RECEIPT = "receipt"
LOOK_AGAIN_S = 1.0


class SiteDesk:
    """One site's ledger while this process owns it."""

    def __init__(self, site: str, ledger: Ledger, logs: Log, clock: Callable[[], int]) -> None:
        self.site = site
        self.ledger = ledger
        self.logs = logs
        self.clock = clock
        self.topics = {FEED: feed_topic(site), RECEIPT: receipt_topic(site)}
        self.lock = asyncio.Lock()
        self.fence = ""
        self.next: dict[str, int] = {}
        self.doubt = Doubt()
        self.ready = asyncio.Event()
        self._moved = asyncio.Event()
        self._listeners: list[Callable[[frozenset[str]], None]] = []

    def on_change(self, tell: Callable[[frozenset[str]], None]) -> None:
        """Tell, after each batch, which entries it changed. Called while the lock is held."""
        self._listeners.append(tell)

    def moved(self, topic: str, next_offset: int, names: Iterable[str] = ()) -> None:
        """A batch of the topic is in the ledger."""
        self.next[topic] = next_offset
        self._moved.set()
        changed = frozenset(names)
        for tell in self._listeners:
            tell(changed)

    async def close(self, wait_s: float) -> None:
        """Give the ledger away: what is being written is written, and nothing after it."""
        self.ready.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s), self.lock:
                pass

    def owns(self, fence: str) -> bool:
        """Whether the ledger is still ours since this fence. Asked while the lock is held."""
        return fence == self.fence and self.ready.is_set()

    async def keep(self, fence: str, field: str, value: bytes) -> None:
        """Write a field of the ledger's control part, unless the ledger was given away."""
        async with self.lock:
            if self.owns(fence):
                await self.ledger.keep(fence, field, value)

    async def level(self) -> None:
        """Return once everything published to the feed so far is in the ledger.

        A receipt follows the feed record it is about. Who has read the feed to its end knows
        whether anybody asked for it.
        """
        topic = self.topics[FEED]
        _, end = await self.logs.span(topic, 0)
        while (at := self.next.get(FEED, 0)) < end:
            self._moved.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await self._moved.wait()
            if self.next.get(FEED, 0) == at and not await self._any(topic, at, end):
                return

    async def entries(self, names: Iterable[str]) -> dict[str, Entry]:
        """Those of the entries that the ledger has."""
        wanted = list(names)
        found = await self.ledger.entries(wanted)
        return {
            name: decode_entry(value)
            for name, value in zip(wanted, found, strict=True)
            if value is not None
        }

    async def _any(self, topic: str, start: int, end: int) -> bool:
        """Whether the log has a record in the stretch: it may end in some that nobody sees."""
        async for _ in self.logs.scan(topic, 0, start, end):
            return True
        return False
