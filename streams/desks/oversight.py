"""What do people who watch over deadlines see? Ledger entries and repair cases, read for them.

Pure: bytes of the ledger and of the view in, values out. Due days are computed again from the day
of the approval, by the calendar at hand; what was recorded stays as it is.

Source: art. 12, 13; docs/semantics.md §9, §10; docs/delivery.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec
import orjson

from schemas.calendar_entries import WARN_WORKING_DAYS
from schemas.calendar_file import WorkingDays
from schemas.codec import JSON
from schemas.enums import CaseStatus, RepairDecision, RepairStep
from schemas.envelope import Envelope, write_headers
from schemas.feed import DISCLOSURE, DISCLOSURE_RECEIPT, Stage, StopReason
from schemas.oversight import CaseView, DeliveryView, HeldView
from schemas.topics import feed_topic, receipt_topic
from streams.changes import HUB_SOURCE
from streams.delivery.receipts import Draft, Head, encode_receipt
from streams.desks.drawable import drawable
from streams.ports import Outgoing
from streams.rules.calendar import ends_on
from streams.rules.deadlines import day_of_ms, decision_due, pauses_of, stop_due_from
from streams.rules.delivery.attempts import decode_attempt, so_far
from streams.rules.delivery.drain import forecast
from streams.rules.delivery.ledger import REAPPEARED, Entry, decode_entry, standing
from streams.rules.delivery.retry import Phase, end_of_ms, phase
from streams.rules.entry.standing import department_standing, officer_standing
from streams.rules.publicity.state import HeldState, PublicState, RepairState
from streams.rules.wording import instant_text

__all__ = [
    "Deliveries",
    "calendar_ends",
    "department_standing",
    "drawable",
    "forecast",
    "officer_standing",
    "owed_again",
    "repair_cases",
]

OwedAgain = tuple[bytes, bytes | None, str]
"""An entry, the value of its feed record if that is to be published again, and what was found."""

_OPEN = (CaseStatus.APPLIED, CaseStatus.ACCEPTED, CaseStatus.SUPPLEMENT)


class _PublicPart(msgspec.Struct, frozen=True, array_like=True):
    """An enterprise's state, of which only the last part is read."""

    tasks: msgspec.Raw
    classes: msgspec.Raw
    whitelist: msgspec.Raw
    joints: msgspec.Raw
    public: PublicState | None = None


_decode_public = msgspec.msgpack.Decoder(_PublicPart).decode


class Deliveries:
    """Reads entries of ledgers. Days are reckoned once for all entries that share them."""

    def __init__(self, calendar: WorkingDays) -> None:
        self._calendar = calendar
        self._due: dict[tuple[StopReason, date], tuple[date, bool]] = {}
        self._phases: dict[tuple[date, date], Phase] = {}

    def read(self, entry: bytes, attempt: bytes | None, now_ms: int) -> DeliveryView:
        """One entry of a site's ledger, and what was tried for it, as people see it."""
        one = decode_entry(entry)
        tried = so_far(one, decode_attempt(attempt) if attempt else None)
        due_on, provisional = self._due_day(one)
        return DeliveryView(
            uscc=one.uscc, result_id=one.result_id, version=one.version, state=one.state,
            standing=standing(one, tried.count).value, stops=one.stops, reason=one.stop_reason,
            due_on=due_on, due_ms=0 if due_on is None else end_of_ms(due_on),
            provisional=provisional, last_day=self._is_last_day(due_on, now_ms),
            accepted_ms=one.accepted, processed_ms=one.processed, observed_ms=one.observed,
            rejected_ms=one.rejected, reappeared_ms=one.reappeared, errors=one.errors,
            tried=tried.count, first_ms=tried.first_ms, last_ms=tried.last_ms,
            next_ms=tried.next_ms, error=tried.error, offset=one.offset,
        )  # fmt: skip

    def _due_day(self, entry: Entry) -> tuple[date | None, bool]:
        if entry.said_on is None or entry.stop_reason is None:
            return entry.due_on, entry.provisional
        key = entry.stop_reason, entry.said_on
        if key not in self._due:
            self._due[key] = stop_due_from(*key, self._calendar)
        return self._due[key]

    def _is_last_day(self, due_on: date | None, now_ms: int) -> bool:
        if due_on is None:
            return False
        key = due_on, day_of_ms(now_ms)
        if key not in self._phases:
            self._phases[key] = phase(now_ms, due_on, self._calendar)
        return self._phases[key] is Phase.CLOSE


def calendar_ends(now_ms: int, calendar: WorkingDays) -> date | None:
    """The last day that a calendar covers, if it ends within 40 working days; else None."""
    return ends_on(day_of_ms(now_ms), calendar, WARN_WORKING_DAYS)


def repair_cases(uscc: str, state: bytes, calendar: WorkingDays) -> Iterator[CaseView]:
    """The repair cases of an enterprise that are open, or of which a step is held."""
    public = _decode_public(state).public
    if public is None:
        return
    for repair_id in dict.fromkeys([*public.repairs, *public.held]):
        case, held = public.repairs.get(repair_id), public.held.get(repair_id, ())
        if held or (case is not None and case.status in _OPEN):
            yield _case(uscc, repair_id, case, held, calendar)


def owed_again(
    site: str, last: bytes | None, entries: Sequence[OwedAgain], why: str, now_ms: int
) -> list[Outgoing]:
    """The records by which entries are owed anew, though the system had said that it was done.

    A receipt each, as after a look at a page that shows again what it had stopped showing; `last`
    is the last of the hub's receipts on the topic. Where the feed record's value is given, it is
    put on the feed again: for a system that takes from it itself.

    Source: art. 13; docs/delivery.md.
    """
    head = _head(last)
    receipts, again = [], []
    for value, feed_value, found in entries:
        entry, at_ms = decode_entry(value), max(now_ms, head.at)
        draft = Draft(entry, Stage.REJECTED, 0, REAPPEARED, None, (found, why))
        receipt, digest = encode_receipt(site, draft, head.seq + 1, head.hash, at_ms)
        receipts.append(
            _record(
                receipt_topic(site), entry.result_id, DISCLOSURE_RECEIPT, digest, receipt, at_ms
            )
        )
        if feed_value is not None:
            again.append(
                _record(feed_topic(site), entry.feed_key, DISCLOSURE, entry.key, feed_value, at_ms)
            )
        head = Head(head.seq + 1, digest, at_ms)
    return receipts + again


def _record(topic: str, key: str, kind: str, name: str, value: bytes, at_ms: int) -> Outgoing:
    envelope = Envelope(id=name, source=HUB_SOURCE, type=kind, time=instant_text(at_ms))
    return Outgoing(topic, 0, key.encode(), value, write_headers(envelope, JSON))


def _head(last: bytes | None) -> Head:
    if last is None:
        return Head()
    fields = orjson.loads(last)
    return Head(fields["seq"], fields["hash"], fields["at"])


def _case(
    uscc: str,
    repair_id: str,
    case: RepairState | None,
    held: Sequence[HeldState],
    calendar: WorkingDays,
) -> CaseView:
    waiting = tuple(_held(one, case) for one in held)
    if case is None:
        return CaseView(
            uscc=uscc, repair_id=repair_id, dept=held[0].dept, status=None, held=waiting
        )
    due = None
    if case.status is CaseStatus.ACCEPTED and case.accepted_at is not None:
        due = decision_due(case.accepted_at, pauses_of(case.asked, case.received), calendar)
    return CaseView(
        uscc=uscc, repair_id=repair_id, dept=case.dept, status=case.status,
        result_ids=case.result_ids, applied_ms=case.applied_at, accepted_ms=case.accepted_at or 0,
        due_on=due[0] if due else None, due_ms=end_of_ms(due[0]) if due else 0,
        provisional=bool(due and due[1]), held=waiting,
    )  # fmt: skip


def _held(one: HeldState, case: RepairState | None) -> HeldView:
    step = one.step.value if one.decision is None else f"{one.step} {one.decision}"
    if case is None:
        waits_for = RepairStep.APPLIED.value
    elif one.decision is RepairDecision.REVOKED:
        waits_for = CaseStatus.APPROVED.value
    else:
        waits_for = RepairStep.ACCEPTED.value
    return HeldView(step, one.dept, one.at, waits_for)
