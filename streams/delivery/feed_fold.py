"""What does a batch of feed records change in a site's ledger?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError

from schemas.codec import JSON
from schemas.envelope import Envelope, write_headers
from schemas.feed import DIGEST_KEY_PREFIX, DISCLOSURE, Disclosure
from schemas.malformed import Malformed, from_validation
from schemas.reasons import Refusal
from streams.changes import HUB_SOURCE
from streams.delivery.ports import LedgerBatch
from streams.delivery.receipts import dead_letter
from streams.delivery.site_desk import FEED, SiteDesk
from streams.ports import Headers, Outgoing, Record
from streams.rules.delivery.ledger import (
    Entry,
    Turn,
    Waits,
    encode_entry,
    entry_of,
    place,
    shown_name,
    want,
)
from streams.rules.wording import instant_text

log = structlog.get_logger()

VERSION_HEADER = "hub-version"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A result that is not needed on the feed any more: proven everywhere, and past retention."""

    name: str
    version: int


@dataclass(slots=True)
class _Folded:
    """What a batch comes to, before it is written."""

    entries: dict[str, Entry] = field(default_factory=dict)
    values: dict[str, bytes] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    stale: dict[str, int] = field(default_factory=dict)


class FeedFold:
    """Takes feed records into the ledger (docs/delivery.md, Ledger)."""

    def __init__(self, desk: SiteDesk, waits: Waits) -> None:
        self._desk = desk
        self._waits = waits

    async def fold(
        self, records: Sequence[Record], done_before: int
    ) -> tuple[LedgerBatch, list[Outgoing]]:
        """The batch for the ledger, and what is to be published before it is written.

        What lies before `done_before` was answered for already: nothing is published for it.
        """
        wanted: list[tuple[Record, Entry | Tombstone]] = []
        letters: list[Outgoing] = []
        for record in records:
            try:
                read = read_feed(record, self._desk.site)
            except Malformed as fault:
                log.warning("unreadable feed record", offset=record.offset, field=fault.field)
                if record.offset >= done_before:
                    letters.append(dead_letter(record, fault.reason, fault.field, fault.message))
                continue
            if read is not None:
                wanted.append((record, read))
        known = await self._desk.entries({read.name for _, read in wanted})
        folded = _Folded(entries=dict(known))
        for record, read in wanted:
            if isinstance(read, Tombstone):
                _bury(folded, read, record.offset)
            else:
                _want(folded, read, record)
        batch = self._batch(folded, known, records[-1].offset + 1)
        return batch, letters + await self._put_right(folded, done_before)

    def _batch(self, folded: _Folded, known: dict[str, Entry], next_offset: int) -> LedgerBatch:
        now = self._desk.clock()
        batch = LedgerBatch(next_offset, removed=folded.removed)
        for name in sorted(folded.changed | folded.removed):
            old, new = known.get(name), folded.entries.get(name)
            if old is not None and (before := shown_name(old)) is not None:
                batch.hidden.add(before)
            if new is None:
                batch.placed[name] = None, 0
                continue
            batch.entries[name] = encode_entry(new)
            batch.values[name] = folded.values[name]
            batch.placed[name] = place(new, now, self._waits)
            if (after := shown_name(new)) is not None:
                batch.shown.add(after)
        return batch

    async def _put_right(self, folded: _Folded, done_before: int) -> list[Outgoing]:
        """The newest values again, where a record of the past lies behind them on the feed.

        A worker that was frozen wrote it; compaction would keep it and drop the newer one.
        """
        late = {
            name: offset
            for name, offset in folded.stale.items()
            if name in folded.entries
            and offset >= done_before
            and folded.offsets.get(name, -1) < offset
        }
        missing = [name for name in late if name not in folded.values]
        found = await self._desk.ledger.values(missing)
        stored = {n: v for n, v in zip(missing, found, strict=True) if v is not None}
        again = []
        for name, offset in late.items():
            entry = folded.entries[name]
            log.error(
                "an older version behind a newer one on the feed, the newer is published again",
                site=self._desk.site, offset=offset, version=entry.version,
            )  # fmt: skip
            value = folded.values.get(name) or stored[name]
            again.append(self._again(entry, value))
        return again

    def _again(self, entry: Entry, value: bytes) -> Outgoing:
        time = instant_text(self._desk.clock())
        envelope = Envelope(id=entry.key, source=HUB_SOURCE, type=DISCLOSURE, time=time)
        topic = self._desk.topics[FEED]
        return Outgoing(topic, 0, entry.feed_key.encode(), value, write_headers(envelope, JSON))


def read_feed(record: Record, site: str) -> Entry | Tombstone | None:
    """What a feed record wants; None for one that wants nothing of this ledger.

    Raises:
        Malformed: it is none of the records of a feed.
    """
    key = (record.key or b"").decode("utf-8", "backslashreplace")
    if key.startswith(DIGEST_KEY_PREFIX):
        return None
    if record.value is None:
        return _tombstone(record.headers, key)
    try:
        disclosure = Disclosure.model_validate_json(record.value)
        entry = entry_of(disclosure, record.value, record.offset)
    except ValidationError as error:
        raise from_validation(error) from None
    except ValueError as error:
        raise Malformed(Refusal.INVALID_FIELD, "approved_at", str(error)) from None
    if key != entry.feed_key:
        raise Malformed(Refusal.WRONG_KEY, "key", f"{key!r} found, {entry.feed_key!r} expected")
    if disclosure.site != site:
        raise Malformed(Refusal.FOREIGN_SOURCE, "site", f"{disclosure.site!r} found")
    return entry


def _tombstone(headers: Headers, key: str) -> Tombstone | None:
    """A tombstone says in its key whose result it buries, and in a header which version of it."""
    said = {name: value.decode("utf-8", "replace") for name, value in headers if value is not None}
    version, (uscc, bar, result_id) = said.get(VERSION_HEADER, ""), key.partition("|")
    if not bar or not version.isdigit():
        log.warning("a tombstone that is not the hub's own, ignored", key=key)
        return None
    return Tombstone(f"{uscc}\x1f{result_id}", int(version))


def _want(folded: _Folded, wanted: Entry, record: Record) -> None:
    name = wanted.name
    entry, turn = want(folded.entries.get(name), wanted)
    folded.entries[name] = entry
    if turn is Turn.NEW:
        folded.changed.add(name)
        folded.removed.discard(name)
        folded.values[name] = record.value or b""
        folded.offsets[name] = record.offset
    elif turn is Turn.SAME:
        folded.offsets[name] = record.offset
    else:
        folded.stale[name] = record.offset


def _bury(folded: _Folded, tombstone: Tombstone, offset: int) -> None:
    entry = folded.entries.get(tombstone.name)
    if entry is None:
        return
    if entry.version > tombstone.version:
        folded.stale[tombstone.name] = offset
        return
    del folded.entries[tombstone.name]
    folded.changed.discard(tombstone.name)
    folded.removed.add(tombstone.name)
