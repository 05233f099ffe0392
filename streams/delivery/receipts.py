"""How is proof written? As records on the receipt topic, each chained to the one before.

Only the hub's own records are chained. Two processes that both believe to be the writer (one was
frozen) make a visible fork: both records name an earlier one; neither is lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import orjson
from pydantic import ValidationError

from schemas.codec import JSON
from schemas.dead_letter import DeadLetter, key_text, to_headers
from schemas.delivery import SiteReceipt
from schemas.envelope import Envelope, write_headers
from schemas.feed import DISCLOSURE_RECEIPT, Receipt, Stage
from schemas.malformed import Malformed, from_validation
from schemas.reasons import Refusal
from schemas.topics import dlq_topic, receipt_topic
from streams.changes import HUB_SOURCE
from streams.ports import Outgoing, Publisher, Record
from streams.rules.built import builder
from streams.rules.delivery.ledger import Entry
from streams.rules.wording import instant_text

STAGE: Literal["deliver"] = "deliver"
TEXT_MAX = 500
ERRORS_MAX = 20
INSTANT_MAX = 1 << 53
WRITTEN_MAX = 20_000
"""Receipts remembered until they come back from the topic; what is forgotten is read again."""
_build = builder(Receipt)
_SORTED = orjson.OPT_SORT_KEYS


class Head(NamedTuple):
    """The last record of the chain: its number, its hash, and its time."""

    seq: int = -1
    hash: str = ""
    at: int = 0


class Draft(NamedTuple):
    """A receipt that is to be written; the chain is added when it is."""

    entry: Entry
    stage: Stage
    attempt: int = 0
    status: str = ""
    site_receipt_id: str | None = None
    errors: tuple[str, ...] = ()


class _Waiting(NamedTuple):
    """Drafts of one caller, and what it waits for."""

    drafts: Sequence[Draft]
    written: asyncio.Future[int]


class ReceiptBook:
    """Writes chained receipts, in order, and returns when the broker has them."""

    def __init__(self, site: str, publisher: Publisher, clock: Callable[[], int]) -> None:
        self.site = site
        self.head = Head()
        self._topic = receipt_topic(site)
        self._publisher = publisher
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._written: dict[bytes, Receipt] = {}

    def read_back(self, value: bytes | None) -> Receipt | None:
        """The receipt whose bytes these are, if this book wrote it: it need not be read again.

        Once; whatever else comes with the same bytes is read and checked like any other record.
        """
        return self._written.pop(value, None) if value is not None else None

    async def write(self, drafts: Sequence[Draft]) -> int:
        """Publish these; returns an offset that lies behind all of them, 0 for none.

        What several callers write meanwhile is published together, in the order of their calls.
        """
        if not drafts:
            return 0
        written: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(drafts, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), name="receipts")
        return await written

    async def _write_all(self) -> None:
        """Publish whatever has gathered until nothing waits any more.

        In a task of its own: a caller that is cancelled takes nobody else along.
        """
        while self._waiting:
            now = [one for one in self._waiting if not one.written.done()]
            self._waiting.clear()
            try:
                end = await self._publish([draft for one in now for draft in one.drafts])
            except BaseException as cause:
                # Nothing is known of these now, and nothing may be chained to them.
                for one in (*now, *self._waiting):
                    if not one.written.done():
                        one.written.set_exception(cause)
                self._waiting.clear()
                if not isinstance(cause, Exception):
                    raise
                return
            for one in now:
                if not one.written.done():
                    one.written.set_result(end)

    async def _publish(self, drafts: Sequence[Draft]) -> int:
        if not drafts:
            return 0
        head, records = self.head, []
        at = max(self._clock(), head.at)
        time = instant_text(at)
        for draft in drafts:
            head, record = self._record(draft, head, (at, time))
            records.append(record)
        self.head = head
        ends = await self._publisher.publish(records)
        return ends[self._topic, 0]

    def _record(self, draft: Draft, head: Head, now: tuple[int, str]) -> tuple[Head, Outgoing]:
        at, time = now
        fields = _fields(self.site, draft, head.seq + 1, head.hash, at)
        value, digest = _encoded(fields)
        if len(self._written) >= WRITTEN_MAX:
            self._written.clear()
        self._written[value] = _receipt(fields, draft, digest)
        key = draft.entry.result_id.encode()
        envelope = Envelope(id=digest, source=HUB_SOURCE, type=DISCLOSURE_RECEIPT, time=time)
        record = Outgoing(self._topic, 0, key, value, write_headers(envelope, JSON))
        return Head(head.seq + 1, digest, at), record


def encode_receipt(site: str, draft: Draft, seq: int, prev: str, at: int) -> tuple[bytes, str]:
    """A chained receipt as it stands on the topic, and its hash."""
    return _encoded(_fields(site, draft, seq, prev, at))


def _receipt(fields: dict[str, Any], draft: Draft, digest: str) -> Receipt:
    """What reading these fields back would give."""
    return _build(
        {
            **fields, "state": draft.entry.state, "stage": draft.stage,
            "errors": tuple(fields["errors"]), "hash": digest,
        }
    )  # fmt: skip


def _encoded(fields: dict[str, Any]) -> tuple[bytes, str]:
    digest = hashlib.sha256(orjson.dumps(fields, option=_SORTED)).hexdigest()
    return orjson.dumps(fields | {"hash": digest}), digest


def _fields(site: str, draft: Draft, seq: int, prev: str, at: int) -> dict[str, Any]:
    entry = draft.entry
    return {
        "site": site,
        "uscc": entry.uscc,
        "result_id": entry.result_id,
        "version": entry.version,
        "state": entry.state.value,
        "stage": draft.stage.value,
        "by": "HUB",
        "key": entry.key,
        "body_sha256": entry.body_sha256,
        "attempt": draft.attempt,
        "status": clean(draft.status),
        "site_receipt_id": None if draft.site_receipt_id is None else clean(draft.site_receipt_id),
        "errors": [clean(text) for text in draft.errors[:ERRORS_MAX]],
        "at": at,
        "seq": seq,
        "prev": prev,
    }


def read_receipt(record: Record, site: str) -> Receipt:
    """A receipt record as it came, checked for what it says of itself.

    Raises:
        Malformed: it is no receipt, of another site, or its hash is not that of its content.
    """
    try:
        receipt = Receipt.model_validate_json(record.value or b"")
    except ValidationError as error:
        raise from_validation(error) from None
    if receipt.site != site:
        found = f"a receipt of {receipt.site!r} found"
        raise Malformed(Refusal.FOREIGN_SOURCE, "site", found)
    if receipt.by == "SITE" and receipt.stage is Stage.OBSERVED:
        found = "a system cannot observe itself: ACCEPTED, PROCESSED or REJECTED expected"
        raise Malformed(Refusal.INVALID_FIELD, "stage", found)
    if not 0 <= receipt.at <= INSTANT_MAX:
        raise Malformed(Refusal.INVALID_FIELD, "at", "an instant in Unix milliseconds expected")
    if receipt.by == "HUB" and receipt.hash != _hash_of(record.value or b""):
        raise Malformed(Refusal.INVALID_FIELD, "hash", "it is not the hash of the content")
    return receipt


def head_of(receipt: Receipt, now_ms: int) -> Head:
    """The chain's head after this record. Its time is not followed into the future."""
    return Head(receipt.seq or 0, receipt.hash, min(receipt.at, now_ms))


def _hash_of(value: bytes) -> str:
    try:
        fields = orjson.loads(value)
    except orjson.JSONDecodeError:
        return ""  # JSON all the same, but nothing the hub would have written
    fields.pop("hash", None)
    return hashlib.sha256(orjson.dumps(fields, option=_SORTED)).hexdigest()


def clean(text: str) -> str:
    """A system's words as they may be kept: short, and encodable."""
    return text[:TEXT_MAX].encode("utf-8", "replace").decode()


def dead_letter(record: Record, reason: Refusal, field: str, message: str) -> Outgoing:
    """A record of a feed or receipt topic, parked for an operator."""
    letter = DeadLetter(
        stage=STAGE, reason=reason, field=field, message=message,
        topic=record.topic, partition=record.partition, offset=record.offset,
        timestamp_ms=record.timestamp, key=key_text(record.key),
        first_failed_at_ms=record.timestamp,
    )  # fmt: skip
    headers = to_headers(letter, record.headers)
    return Outgoing(dlq_topic(STAGE), 0, record.key, record.value, headers)


def polled_letter(site: str, receipt: SiteReceipt, message: str, at_ms: int) -> Outgoing:
    """A business receipt that nobody asked for, parked for an operator."""
    key = clean(receipt.result_id).encode()
    fields = {name: getattr(receipt, name) for name in SiteReceipt.__slots__}
    texts = {name: clean(text) for name, text in fields.items() if isinstance(text, str)}
    errors = [clean(text) for text in receipt.errors[:ERRORS_MAX]]
    value = json.dumps(fields | texts | {"errors": errors}).encode()
    letter = DeadLetter(
        stage=STAGE, reason=Refusal.UNASKED, message=message, topic=f"poll.{site}",
        partition=0, offset=0, timestamp_ms=at_ms, key=key_text(key), first_failed_at_ms=at_ms,
    )  # fmt: skip
    return Outgoing(dlq_topic(STAGE), 0, key, value, to_headers(letter))
