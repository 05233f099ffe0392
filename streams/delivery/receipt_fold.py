"""What does a batch of receipts change in a site's ledger?

Only the hub's own records are proof. What a system wrote itself is judged, and countersigned by a
chained record that carries its receipt id; what nobody asked for changes nothing and is parked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
import structlog

from schemas.feed import Receipt
from schemas.malformed import Malformed
from schemas.reasons import Refusal
from streams.delivery.ports import LedgerBatch
from streams.delivery.receipts import Draft, Head, ReceiptBook, dead_letter, head_of, read_receipt
from streams.delivery.site_desk import RECEIPT, SiteDesk
from streams.ports import Outgoing, Record
from streams.rules.delivery.ledger import (
    Entry,
    Verdict,
    Waits,
    encode_entry,
    has_mark,
    judge,
    place,
    prove,
)

log = structlog.get_logger()

Signature = tuple[str, str]
"""Delivery key and stage of one of the hub's own records."""


@dataclass(slots=True)
class Folded:
    """What a batch of receipts comes to.

    Attributes:
        drafts: countersignatures to be written before the batch is.
        letters: what is parked, to be published before the batch is written.
        names: the entries that were changed.
        head: the chain's head after the batch; None if it has none of the hub's records.
    """

    batch: LedgerBatch
    drafts: list[Draft] = field(default_factory=list)
    letters: list[Outgoing] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    head: Head | None = None


class ReceiptFold:
    """Takes receipts into the ledger (docs/delivery.md, Receipt record and Ledger)."""

    def __init__(self, desk: SiteDesk, waits: Waits, book: ReceiptBook) -> None:
        self._desk = desk
        self._book = book
        self._waits = waits
        self._signed: set[Signature] = set()

    def start(self, ahead: set[Signature]) -> None:
        """Begin after an assignment.

        `ahead` are the hub's records on the topic that are not in the ledger yet.
        """
        self._signed = ahead

    async def read(self, records: Sequence[Record]) -> list[Receipt | Malformed]:
        """What the records say; returns when the feed is far enough to judge them."""
        ours = [self._book.read_back(one.value) for one in records]
        read = [own or _read(one, self._desk.site) for own, one in zip(ours, records, strict=True)]
        # What this process wrote it wrote of an entry in the ledger: the feed is far enough.
        others = [
            said
            for own, said in zip(ours, read, strict=True)
            if own is None and isinstance(said, Receipt)
        ]
        if others:
            known = await self._desk.entries({name_of(one) for one in others})
            if any(_verdict(known, one) is Verdict.AHEAD for one in others):
                await self._desk.level()
        return read

    async def fold(
        self, records: Sequence[Record], read: Sequence[Receipt | Malformed], done_before: int
    ) -> Folded:
        """What the batch comes to; nothing is answered that lies before `done_before`."""
        entries = await self._desk.entries(
            {name_of(one) for one in read if isinstance(one, Receipt)}
        )
        folded = Folded(LedgerBatch(records[-1].offset + 1))
        for record, one in zip(records, read, strict=True):
            answer = record.offset >= done_before
            if isinstance(one, Malformed):
                if answer:
                    self._park(folded, record, one.reason, one.field, one.message)
            elif one.by == "HUB":
                self._take(folded, entries, one)
            elif answer:
                self._countersign(folded, entries, record, one)
        now = self._desk.clock()
        for name in sorted(folded.names):
            folded.batch.entries[name] = encode_entry(entries[name])
            folded.batch.placed[name] = place(entries[name], now, self._waits)
        if folded.head is not None:
            folded.batch.head = orjson.dumps(list(folded.head))
        return folded

    def _take(self, folded: Folded, entries: dict[str, Entry], receipt: Receipt) -> None:
        """One of the hub's own records: it counts for the newest version or for nothing."""
        folded.head = head_of(receipt, self._desk.clock())
        self._signed.discard((receipt.key, receipt.stage))
        if _verdict(entries, receipt) is not Verdict.PROOF:
            return
        name = name_of(receipt)
        before = entries[name]
        after = prove(
            before, receipt.stage, receipt.at, status=receipt.status, errors=receipt.errors
        )
        if after != before:
            entries[name] = after
            folded.names.add(name)

    def _countersign(
        self, folded: Folded, entries: dict[str, Entry], record: Record, receipt: Receipt
    ) -> None:
        verdict = _verdict(entries, receipt)
        if verdict is Verdict.OVERTAKEN:
            log.debug("receipt of an overtaken version", offset=record.offset)
            return
        if verdict is not Verdict.PROOF:
            self._park(folded, record, Refusal.UNASKED, "", unasked(receipt.version, verdict))
            return
        entry = entries[name_of(receipt)]
        signature = (receipt.key, receipt.stage)
        if has_mark(entry, receipt.stage) or signature in self._signed:
            return
        self._signed.add(signature)
        folded.drafts.append(
            Draft(
                entry, receipt.stage, receipt.attempt, receipt.status or "by the system",
                receipt.site_receipt_id, receipt.errors,
            )
        )  # fmt: skip

    def _park(
        self, folded: Folded, record: Record, reason: Refusal, field: str, message: str
    ) -> None:
        log.warning(
            "receipt parked", topic=self._desk.topics[RECEIPT],
            offset=record.offset, reason=reason.value,
        )  # fmt: skip
        folded.letters.append(dead_letter(record, reason, field, message))


def name_of(receipt: Receipt) -> str:
    """The entry a receipt speaks of."""
    return f"{receipt.uscc}\x1f{receipt.result_id}"


def unasked(version: int, verdict: Verdict) -> str:
    """Why a receipt counts for nothing, in words."""
    if verdict is Verdict.AHEAD:
        return f"nobody asked for version {version} of this result"
    return f"key, state or body hash are not those of version {version}"


def own_records(records: Sequence[Record], site: str) -> list[Receipt]:
    """Those of the records that are the hub's own."""
    read = [_read(record, site) for record in records]
    return [one for one in read if isinstance(one, Receipt) and one.by == "HUB"]


def _read(record: Record, site: str) -> Receipt | Malformed:
    try:
        return read_receipt(record, site)
    except Malformed as fault:
        return fault


def _verdict(entries: dict[str, Entry], receipt: Receipt) -> Verdict:
    entry = entries.get(name_of(receipt))
    verdict = judge(entry, receipt.key, receipt.version, receipt.body_sha256)
    if verdict is Verdict.PROOF and entry is not None and receipt.state is not entry.state:
        return Verdict.UNASKED
    return verdict
