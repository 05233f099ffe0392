"""How does a site's ledger follow its feed and its receipts?

A batch of either topic is folded into entries and written with its position in one atomic script.
The ledger is a pure fold of the two topics: it may be thrown away and is made again from them
before anything is sent. Dying anywhere in between loses nothing:

- before the publication: the batch is read again;
- after it, before the script: the same dead letters and countersignatures may stand twice;
- after the script, before the commit: the position in the ledger says what is done.

The topics have one partition each, so Faust gives both to the same worker.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence

import orjson
import structlog

from schemas.feed import Receipt, Stage
from schemas.reasons import Refusal
from streams.delivery.feed_fold import FeedFold
from streams.delivery.pauses import restore_pause
from streams.delivery.receipt_fold import ReceiptFold, Signature, own_records
from streams.delivery.receipts import Head, ReceiptBook, dead_letter, head_of
from streams.delivery.site_desk import FEED, RECEIPT, SiteDesk
from streams.lanes import CLOSE_WAIT_S, Partition
from streams.ports import AtPoint, Publisher, Record, passed
from streams.recovery import RefusedStartError
from streams.rules.delivery.attempts import Doubt
from streams.rules.delivery.ledger import Waits

log = structlog.get_logger()

ONLY = 0
"""Feeds and receipts lie in this partition. The embedded broker makes others, which stay empty."""
WINDOW = 500
"""Receipts read at first, backwards from the end, to find the last one of the chain."""


class DeliverHandler:
    """Keeps one site's ledger (fits streams.lanes.BatchHandler)."""

    eager = True

    def __init__(
        self,
        *,
        desk: SiteDesk,
        book: ReceiptBook,
        publisher: Publisher,
        waits: Waits,
        at_point: AtPoint = passed,
    ) -> None:
        self._desk = desk
        self._book = book
        self._publisher = publisher
        self._feed = FeedFold(desk, waits)
        self._receipts = ReceiptFold(desk, waits, book)
        self._at = at_point
        self._stored: dict[str, int | None] = {}
        self._done_before: dict[str, int] = {}
        self._feed_is_level = asyncio.Event()

    async def open(self, tp: Partition, committed: int | None) -> int | None:
        """Make the ledger level with the topic; returns the next offset to take in.

        Raises:
            RefusedStartError: the topic and the ledger contradict each other.
        """
        if tp.partition != ONLY:
            return None
        topic, desk = self._name(tp), self._desk
        if topic == FEED:
            await self._claim()
        else:
            await self._feed_is_level.wait()
        self._at("recover")
        first, end = await desk.logs.span(tp.topic, 0)
        start = _start(tp.topic, self._stored[topic], committed, (first, end))
        self._done_before[topic] = max(start, committed or 0)
        await self._note_doubt(topic, committed, end)
        if topic == RECEIPT:
            await self._read_ahead(start, end)
        desk.next[topic] = start
        async for records in desk.logs.scan(tp.topic, 0, start, end):
            self._at("in recovery")
            await self.handle(tp, records)
        (self._feed_is_level if topic == FEED else desk.ready).set()
        log.info("ledger is level", topic=tp.topic, next_offset=desk.next[topic])
        return desk.next[topic]

    async def handle(self, tp: Partition, records: Sequence[Record]) -> None:
        """Fold a batch and make it durable."""
        if tp.partition != ONLY:
            await self._park(tp, records)
        elif self._name(tp) == FEED:
            await self._take_feed(records)
        else:
            await self._take_receipts(records)

    async def _park(self, tp: Partition, records: Sequence[Record]) -> None:
        """Park what lies where it has no order; a system writes where it likes, and stops nobody.

        After a death before the commit a letter may come twice.
        """
        log.error("records in a partition nobody reads", tp=tp, count=len(records))
        message = f"found in partition {tp.partition}: {ONLY} expected"
        await self._publisher.publish(
            [dead_letter(one, Refusal.WRONG_PARTITION, "partition", message) for one in records]
        )

    async def idle(self, tp: Partition) -> None:
        """End if the ledger is not where we left it: wiped at night, it must not stay empty."""
        topic, desk = self._name(tp), self._desk
        if tp.partition != ONLY:
            return
        async with desk.lock:
            await desk.ledger.check(desk.fence, topic, self._stored[topic])

    async def close(self, tp: Partition) -> None:
        """Give the ledger away: what is being written is written, and nothing after it.

        Whatever is under way finds that the ledger is not its own any more, also if it comes back
        to this process.
        """
        if tp.partition != ONLY:
            return
        self._feed_is_level.clear()
        await self._desk.close(CLOSE_WAIT_S)

    def _name(self, tp: Partition) -> str:
        return FEED if tp.topic == self._desk.topics[FEED] else RECEIPT

    async def _claim(self) -> None:
        desk, fence = self._desk, uuid.uuid4().hex
        found = await desk.ledger.claim(fence)
        desk.fence = fence
        self._stored = {FEED: found.feed_next, RECEIPT: found.receipt_next}
        desk.doubt = Doubt(found.doubt_before, found.doubt_since_ms)
        self._book.head = Head(*orjson.loads(found.head)) if found.head else Head()
        await restore_pause(desk.site, desk.ledger, desk.logs, desk.fence)

    async def _note_doubt(self, topic: str, committed: int | None, end: int) -> None:
        """Note it if the ledger lacks what was in it once: attempts are known only there.

        A new installation has no commits and no receipts; there nothing was ever sent.
        """
        desk, at = self._desk, self._stored[topic]
        behind = at is not None and at < (committed or 0)
        if at is None:
            _, receipts = await desk.logs.span(desk.topics[RECEIPT], 0)
            behind = committed is not None or receipts > 0
        if behind:
            before = end if topic == FEED else desk.next[FEED]
            desk.doubt = Doubt(before, desk.clock())
            log.warning("the ledger was made again: systems are asked before anything is sent")
            await desk.ledger.doubt(desk.fence, before, desk.doubt.since_ms)

    async def _read_ahead(self, start: int, end: int) -> None:
        """Find the chain's end, and what was countersigned but is not in the ledger yet."""
        last: Receipt | None = None
        ahead: set[Signature] = set()
        async for own in self._own(self._done_before[RECEIPT], end):
            # Not the receipts themselves: without a commit that is everything there ever was. What
            # was seen is nobody's to countersign.
            last = own[-1]
            ahead.update((one.key, one.stage) for one in own if one.stage is not Stage.OBSERVED)
        self._receipts.start(ahead)
        upper, size = self._done_before[RECEIPT], WINDOW
        while last is None and upper > start:
            lower = max(start, upper - size)
            async for own in self._own(lower, upper):
                last = own[-1]
            upper, size = lower, 4 * size
        if last is not None:
            self._book.head = head_of(last, self._desk.clock())

    async def _own(self, start: int, end: int) -> AsyncIterator[list[Receipt]]:
        """The hub's own receipts in a stretch of the topic, as they come."""
        async for records in self._desk.logs.scan(self._desk.topics[RECEIPT], 0, start, end):
            if own := own_records(records, self._desk.site):
                yield own

    async def _take_feed(self, records: Sequence[Record]) -> None:
        desk = self._desk
        async with desk.lock:
            batch, outgoing = await self._feed.fold(records, self._done_before[FEED])
            self._at("before publish")
            await self._publisher.publish(outgoing)
            self._at("before script")
            await desk.ledger.apply(desk.fence, FEED, self._stored[FEED], batch)
            self._stored[FEED] = batch.next_offset
            desk.moved(FEED, batch.next_offset, batch.placed)

    async def _take_receipts(self, records: Sequence[Record]) -> None:
        desk = self._desk
        read = await self._receipts.read(records)
        async with desk.lock:
            folded = await self._receipts.fold(records, read, self._done_before[RECEIPT])
            self._at("before publish")
            await self._publisher.publish(folded.letters)
            await self._book.write(folded.drafts)
            self._at("before script")
            await desk.ledger.apply(desk.fence, RECEIPT, self._stored[RECEIPT], folded.batch)
            self._stored[RECEIPT] = folded.batch.next_offset
            desk.moved(RECEIPT, folded.batch.next_offset, folded.names)


def _start(topic: str, at: int | None, committed: int | None, span: tuple[int, int]) -> int:
    """Where taking in goes on.

    Raises:
        RefusedStartError: going on would be guessing.
    """
    first, end = span
    if max(at or 0, committed or 0) > end:
        raise RefusedStartError(
            f"{topic} ends at {end}, but records up to {max(at or 0, committed or 0)} were taken "
            "in: it was cut or recreated. Restore it; never start on another with this ledger"
        )
    if at is not None and first > at:
        raise RefusedStartError(
            f"{topic} begins at {first}, but the ledger has taken in records up to {at}: some were "
            "deleted before that. Restore the topic from a backup"
        )
    return first if at is None else at
