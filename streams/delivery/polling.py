"""Which business receipts has a system written? Polled by cursor, written as chained receipts.

The cursor moves only after the receipts are on the topic: dying in between polls them again, and
what the ledger has by then is left out.

Source: art. 13 (the duty is met at a business receipt); docs/delivery.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from schemas.delivery import SiteReceipt, Unavailable
from schemas.feed import Stage
from streams.delivery.exchange import CALL_S_MAX, NO_ANSWER
from streams.delivery.receipt_fold import unasked
from streams.delivery.receipts import Draft, ReceiptBook, clean, polled_letter
from streams.delivery.site_desk import SiteDesk
from streams.ports import AtPoint, PublicitySystem, Publisher, passed
from streams.rules.delivery.ledger import Entry, Verdict, has_mark, judge

log = structlog.get_logger()

CURSOR = "cursor"
LETTERS_REMEMBERED_MAX = 10_000


class Poller:
    """Collects the business receipts of one site."""

    def __init__(
        self,
        *,
        desk: SiteDesk,
        system: PublicitySystem,
        book: ReceiptBook,
        publisher: Publisher,
        at_point: AtPoint = passed,
    ) -> None:
        self._desk = desk
        self._system = system
        self._book = book
        self._publisher = publisher
        self._at = at_point
        self._parked: set[int] = set()
        self._is_away = False

    async def turn(self) -> bool:
        """Take the next receipts in. Returns whether it is worth asking again at once."""
        desk, fence = self._desk, self._desk.fence
        cursor = (await desk.ledger.control()).get(CURSOR, b"").decode()
        try:
            async with asyncio.timeout(CALL_S_MAX):
                answer = await self._system.poll_receipts(cursor)
        except TimeoutError:
            answer = NO_ANSWER
        if isinstance(answer, Unavailable):
            if not self._is_away:
                log.warning("no receipts to be had", site=desk.site, reason=clean(answer.reason))
            self._is_away = True
            return False
        self._is_away = False
        receipts, after = answer
        proofs = await self._take(receipts) if receipts else 0
        self._at("before cursor")
        if after != cursor:
            await desk.keep(fence, CURSOR, after.encode())
        return proofs > 0 and after != cursor

    async def _take(self, receipts: Sequence[SiteReceipt]) -> int:
        """Write what these prove, and park what nobody asked for; returns how many prove."""
        # Cleaned: a system's words may hold what is no text, and no ledger could be asked for it.
        names = [f"{clean(one.uscc)}\x1f{clean(one.result_id)}" for one in receipts]
        entries = await self._desk.entries(set(names))
        verdicts = self._verdicts(receipts, names, entries)
        if Verdict.AHEAD in verdicts:
            await self._desk.level()
            entries = await self._desk.entries(set(names))
            verdicts = self._verdicts(receipts, names, entries)
        drafts = []
        for receipt, name, verdict in zip(receipts, names, verdicts, strict=True):
            stage = Stage.PROCESSED if receipt.ok else Stage.REJECTED
            if verdict is Verdict.PROOF and not has_mark(entries[name], stage):
                drafts.append(_draft(entries[name], stage, receipt))
        await self._park(receipts, verdicts)
        self._at("before receipt")
        await self._book.write(drafts)
        self._at("after receipt")
        return verdicts.count(Verdict.PROOF)

    def _verdicts(
        self, receipts: Sequence[SiteReceipt], names: Sequence[str], entries: dict[str, Entry]
    ) -> list[Verdict]:
        return [
            judge(entries.get(name), one.key, one.version, one.body_sha256)
            for one, name in zip(receipts, names, strict=True)
        ]

    async def _park(self, receipts: Sequence[SiteReceipt], verdicts: Sequence[Verdict]) -> None:
        """Send what nobody asked for to the dead letters, once for as long as we live."""
        now, letters = self._desk.clock(), []
        for receipt, verdict in zip(receipts, verdicts, strict=True):
            mark = hash(receipt)
            if verdict not in (Verdict.AHEAD, Verdict.UNASKED) or mark in self._parked:
                continue
            if len(self._parked) >= LETTERS_REMEMBERED_MAX:
                self._parked.clear()
            self._parked.add(mark)
            message = unasked(receipt.version, verdict)
            letters.append(polled_letter(self._desk.site, receipt, message, now))
        if letters:
            log.warning("receipts that nobody asked for", site=self._desk.site, count=len(letters))
        await self._publisher.publish(letters)


def _draft(entry: Entry, stage: Stage, receipt: SiteReceipt) -> Draft:
    status = "processed" if receipt.ok else "refused"
    return Draft(entry, stage, 0, status, receipt.site_receipt_id, receipt.errors)
