"""When may an entry simply be sent, and when must the system be asked first?

Attempts are no part of the ledger's fold: they are known only where they were written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from schemas.calendar_file import WorkingDays
from schemas.feed import StopReason
from streams.rules.delivery.ledger import Entry, Standing, due_day, standing


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """What was tried for one version of an entry. Instants are Unix milliseconds, 0 for never.

    Attributes:
        asked_ms: when the system last told, by business id, how the result stands there.
        error: why the last attempt brought nothing.
    """

    version: int
    count: int = 0
    first_ms: int = 0
    last_ms: int = 0
    next_ms: int = 0
    asked_ms: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What was tried before is not known for entries of this part of the feed.

    The ledger was made again, or an older copy of it restored: entries from before the offset
    `before` may have been sent, until the system was asked after `since_ms`.
    """

    before: int = 0
    since_ms: int = 0


encode_attempt = msgspec.json.Encoder().encode
decode_attempt = msgspec.json.Decoder(Attempt).decode


def so_far(entry: Entry, known: Attempt | None) -> Attempt:
    """What was tried for the entry's version; what was tried for an earlier one does not count."""
    if known is None or known.version != entry.version:
        return Attempt(entry.version)
    return known


def uncertain(entry: Entry, attempt: Attempt, doubt: Doubt) -> bool:
    """Whether the entry may have been sent without our knowing."""
    return entry.offset < doubt.before and attempt.asked_ms < doubt.since_ms


def must_ask(
    entry: Entry, attempt: Attempt, *, now_ms: int, key_memory_ms: int, doubt: Doubt
) -> bool:
    """Whether the system must be asked by business id before anything is sent.

    The system recognises a repeat by its key for a limited time only; within the first half of it
    a repeat is harmless. What is shown again although it was stopped is not asked about: the
    system would say that it stands where it should.

    Source: art. 13 (stopped once, and proven); docs/delivery.md.
    """
    if entry.reappeared and standing(entry) is Standing.OWED:
        return False
    if standing(entry) is Standing.ACCEPTED or uncertain(entry, attempt, doubt):
        return True
    began = max(attempt.first_ms, attempt.asked_ms)
    return attempt.count > 0 and now_ms - began > key_memory_ms // 2


def begun(attempt: Attempt, now_ms: int, next_ms: int) -> Attempt:
    """The attempts with one more, as it is written before it is made."""
    return msgspec.structs.replace(
        attempt,
        count=attempt.count + 1,
        first_ms=attempt.first_ms or now_ms,
        last_ms=now_ms,
        next_ms=next_ms,
    )


class DueDays:
    """Due days of many entries by one calendar as it is now: each is reckoned once.

    Source: see `due_day`.
    """

    def __init__(self, calendar: WorkingDays) -> None:
        self._calendar = calendar
        self._known: dict[tuple[StopReason | None, date | None, date | None], date | None] = {}

    def of(self, entry: Entry) -> date | None:
        """What `due_day` says of an entry."""
        key = entry.stop_reason, entry.said_on, entry.due_on
        if key not in self._known:
            self._known[key] = due_day(entry, self._calendar)
        return self._known[key]
