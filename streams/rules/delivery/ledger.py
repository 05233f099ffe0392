"""What is owed to a publicity system, and what is proven of it?

A pure fold of a feed and of the receipts about it. Every step is a maximum: the highest version
wins, the latest mark of each stage counts. So order, repeats and interleaving change nothing.

Source: art. 13 (three working days, everywhere), docs/delivery.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import msgspec

from schemas.calendar_file import WorkingDays
from schemas.delivery import Observed
from schemas.feed import (
    FORM_FAULT,
    Disclosure,
    DisclosureState,
    Stage,
    StopReason,
    delivery_key,
    feed_key,
)
from streams.rules.calendar import day_of_text
from streams.rules.deadlines import stop_due_from

REAPPEARED = "REAPPEARED"
"""Status of a receipt record: the system shows again what it had stopped showing."""

HOUR_MS = 3_600_000


class Lane(StrEnum):
    """Where an entry waits for what has to be done next."""

    STOP = "stop"
    DISCLOSE = "disclose"
    PROVE = "prove"
    SEEN = "seen"
    REJECTED = "rejected"


class Standing(StrEnum):
    """How far an entry is. Everything before PROCESSED is owed."""

    OWED = "OWED"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    PROCESSED = "PROCESSED"
    OBSERVED = "OBSERVED"
    REJECTED = "REJECTED"


class Turn(StrEnum):
    """What a feed record does to the ledger."""

    NEW = "NEW"
    SAME = "SAME"
    STALE = "STALE"
    OTHER_BYTES = "OTHER_BYTES"


class Verdict(StrEnum):
    """What a receipt is worth."""

    PROOF = "PROOF"
    OVERTAKEN = "OVERTAKEN"
    AHEAD = "AHEAD"
    UNASKED = "UNASKED"


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """The newest version of one result's disclosure, and what is proven of it.

    Attributes:
        offset: of the feed record that asked for it.
        said_on: day of the approval or order; None while disclosed.
        accepted_first: of the first technical answer; all marks are Unix milliseconds, 0 for never.
        reappeared: the system was seen showing it again; earlier marks no longer count.
        errors: what the system refused, from its last refusal.
        fault: why the site's columns could not be made; nothing is sent then. Empty: they could.
    """

    uscc: str
    result_id: str
    version: int
    state: DisclosureState
    key: str
    body_sha256: str
    offset: int
    stop_reason: StopReason | None = None
    said_on: date | None = None
    due_on: date | None = None
    provisional: bool = False
    accepted_first: int = 0
    accepted: int = 0
    processed: int = 0
    observed: int = 0
    rejected: int = 0
    reappeared: int = 0
    errors: tuple[str, ...] = ()
    fault: str = ""

    @property
    def name(self) -> str:
        """What the entry is known by: `credit code US result id`."""
        return f"{self.uscc}\x1f{self.result_id}"

    @property
    def feed_key(self) -> str:
        """What its records on the feed are keyed by."""
        return feed_key(self.uscc, self.result_id)

    @property
    def stops(self) -> bool:
        """Whether the system must show nothing."""
        return self.state is not DisclosureState.DISCLOSED


@dataclass(frozen=True, slots=True)
class Waits:
    """How long is waited before one looks again, milliseconds.

    Attributes:
        confirm: for a business receipt, before the system is asked.
        recheck: before the public page of what was seen stopped is looked at again.
    """

    confirm: int = 600_000
    recheck: int = 86_400_000


encode_entry = msgspec.json.Encoder().encode
decode_entry = msgspec.json.Decoder(Entry).decode


def entry_of(disclosure: Disclosure, value: bytes, offset: int) -> Entry:
    """The entry that a feed record asks for; nothing is proven of it yet."""
    due_at, said_at = disclosure.due_at, disclosure.approved_at
    return Entry(
        uscc=disclosure.uscc,
        result_id=disclosure.result_id,
        version=disclosure.version,
        state=disclosure.state,
        key=delivery_key(
            disclosure.site, disclosure.uscc, disclosure.result_id, disclosure.version
        ),
        body_sha256=hashlib.sha256(value).hexdigest(),
        offset=offset,
        stop_reason=disclosure.stop_reason,
        said_on=day_of_text(said_at) if said_at else None,
        due_on=day_of_text(due_at) if due_at else None,
        provisional=disclosure.provisional,
        fault=str(disclosure.body.get(FORM_FAULT) or ""),
    )


def want(known: Entry | None, wanted: Entry) -> tuple[Entry, Turn]:
    """The entry after a feed record, and what the record was.

    Source: docs/delivery.md (the highest version wins; what is overtaken is not owed any more).
    """
    if known is None or wanted.version > known.version:
        return wanted, Turn.NEW
    if wanted.version < known.version:
        return known, Turn.STALE
    if wanted.body_sha256 != known.body_sha256:
        return known, Turn.OTHER_BYTES
    return known, Turn.SAME


def judge(entry: Entry | None, key: str, version: int, body_sha256: str) -> Verdict:
    """What a receipt with this key, version and body hash is worth for an entry.

    AHEAD: the ledger does not know of it yet, or nobody asked; once the feed has been read to its
    end it is UNASKED. Source: docs/delivery.md (a receipt nobody asked for changes nothing).
    """
    if entry is None or version > entry.version:
        return Verdict.AHEAD
    if version < entry.version:
        return Verdict.OVERTAKEN
    if (key, body_sha256) != (entry.key, entry.body_sha256):
        return Verdict.UNASKED
    return Verdict.PROOF


def prove(
    entry: Entry, stage: Stage, at_ms: int, *, status: str = "", errors: tuple[str, ...] = ()
) -> Entry:
    """The entry after a receipt that is proof for it."""
    if stage is Stage.REJECTED and status == REAPPEARED:
        return _marked(entry, reappeared=max(entry.reappeared, at_ms))
    if stage is Stage.REJECTED:
        last = max((entry.rejected, entry.errors), (at_ms, errors))
        return _marked(entry, rejected=last[0], errors=last[1])
    if stage is Stage.ACCEPTED:
        first = min(entry.accepted_first or at_ms, at_ms)
        return _marked(entry, accepted=max(entry.accepted, at_ms), accepted_first=first)
    if stage is Stage.PROCESSED:
        return _marked(entry, processed=max(entry.processed, at_ms))
    return _marked(entry, observed=max(entry.observed, at_ms))


def standing(entry: Entry, attempts: int = 0) -> Standing:
    """How far an entry is. The best proof counts, and none from before it reappeared."""
    since = max(entry.reappeared, 1)
    if entry.observed >= since:
        return Standing.OBSERVED
    if entry.processed >= since:
        return Standing.PROCESSED
    if entry.rejected >= max(since, entry.accepted):
        return Standing.REJECTED
    if entry.accepted >= since:
        return Standing.ACCEPTED
    return Standing.SENT if attempts else Standing.OWED


def has_mark(entry: Entry, stage: Stage) -> bool:
    """Whether the hub's own record of this stage is in the ledger and still counts."""
    mark = {
        Stage.ACCEPTED: entry.accepted,
        Stage.PROCESSED: entry.processed,
        Stage.OBSERVED: entry.observed,
        Stage.REJECTED: entry.rejected,
    }[stage]
    return mark >= max(entry.reappeared, 1)


def place(entry: Entry, now_ms: int, waits: Waits) -> tuple[Lane | None, int]:
    """Where the entry waits from now on, and until when (Unix milliseconds).

    What was accepted waits for its business receipt: at first as long as `confirm` says, then
    as long again as it has waited, hourly at most.
    """
    lane = Lane.STOP if entry.stops else Lane.DISCLOSE
    at = standing(entry)
    if at is Standing.OBSERVED:
        return (Lane.SEEN, entry.observed + waits.recheck) if entry.stops else (None, 0)
    if at is Standing.PROCESSED:
        return Lane.PROVE, entry.processed
    if at is Standing.REJECTED:
        return Lane.REJECTED, entry.rejected
    if at is Standing.ACCEPTED:
        waited = entry.accepted - max(entry.accepted_first, entry.reappeared)
        return lane, entry.accepted + max(waits.confirm, min(waited, HOUR_MS))
    return lane, now_ms


def proves(entry: Entry, seen: Observed) -> bool:
    """Whether what a public page shows is as it must be, by this very version.

    A page that shows nothing and names no version proves a stop only where the system has said
    that it processed it: it may simply not have read the disclosure yet.
    """
    if seen.shown is entry.stops:
        return False
    if seen.version == entry.version:
        return True
    processed = standing(entry) in (Standing.PROCESSED, Standing.OBSERVED)
    return processed and (entry.stops or seen.version is None)


def due_day(entry: Entry, calendar: WorkingDays) -> date | None:
    """The last day on which the entry must be carried out; None: there is no such day.

    Computed again by the calendar at hand, from the day of the approval or order: an entry of the
    administrators may have moved it, and a provisional day may have been too early.

    Source: art. 13 (three working days), semantics §9 (CASCADE the day itself, OBJECTION_UPHELD 5).
    """
    if entry.said_on is None or entry.stop_reason is None:
        return entry.due_on
    return stop_due_from(entry.stop_reason, entry.said_on, calendar)[0]


def shown_name(entry: Entry) -> str | None:
    """The entry's place in the sorted list of what is disclosed; None if it is not."""
    return None if entry.stops else f"{entry.result_id}\x1f{entry.version}\x1f{entry.uscc}"


def _marked(entry: Entry, **marks: int | tuple[str, ...]) -> Entry:
    return msgspec.structs.replace(entry, **marks)
