"""Was every stop carried out everywhere, and does each side bear out what the other says?

Two-sided: the hub's receipts on one side, the systems' own journals on the other.

Source: docs/delivery.md; art. 13.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.audit.days import day_of_ms
from connectors.audit.disclosed import Disclosed, Name, Stop
from connectors.audit.dump import Dump
from connectors.audit.receipts import ACCEPTED, PROCESSED, REJECTED, Receipts, delivery_key
from connectors.audit.report import Book
from connectors.audit.results import DISCLOSED
from connectors.audit.sitejournal import Effect, SiteJournal, SiteJournals
from connectors.audit.wire import SITES

_BY_JOURNALS = ("I7.journals", "I8.journals", "I9.journals", "I9.once")


@dataclass(slots=True, kw_only=True)
class Proof:
    """The stops of a dump, and what proves them.

    Attributes:
        journals: site -> its own journal, of the sites whose journal is at hand.
        is_settled: nothing may be owed any more.
        today: the day on which the audit is made.
    """

    book: Book
    disclosed: Disclosed
    receipts: Receipts
    journals: SiteJournals
    is_settled: bool
    today: date

    def run(self) -> None:
        """Check every stop at every site, and every receipt and effect."""
        stops = [stop for stop in self.disclosed.stops() if stop.newest.version]
        if self.disclosed.stops():
            self.book.ask("I9.facts")
        if stops:
            self.book.ask("I7.receipts")
        for stop in stops:
            for site in SITES:
                done = self.receipts.done.get((site, stop.name), set())
                self.judge_stop("I7.receipts", site, stop, done)
        missing = [site for site in SITES if site not in self.journals]
        for name in _BY_JOURNALS if missing else ():
            self.book.note(name, f"no journal of {', '.join(missing)}")
        for site, journal in self.journals.items():
            _SiteProof(self, site, journal).run(stops)

    def judge_stop(self, check: str, site: str, stop: Stop, done: set[int]) -> None:
        """Check that a stop is among the versions that a site carried out, or not late yet.

        Source: art. 13 (a stop not yet due is owed; one that is overdue is a violation).
        """
        self.book.saw(check)
        needed = stop.newest.version if self.is_settled else max(stop.first.version, 1)
        if any(version >= needed for version in done):
            return
        uscc, result_id = stop.name
        due = stop.first.last_day
        where = f"{site} {uscc} {result_id}"
        what = f"version {stop.newest.version} ({stop.newest.state})"
        if self.today > due:
            self.book.fail(check, where, f"{what} was due on {due} and is not proven")
        elif self.is_settled:
            self.book.fail(check, where, f"{what}, due on {due}, is not proven")
        else:
            self.book.owe(check, where, f"{what} is due on {due}")


class _SiteProof:
    """One site's journal beside what was decided and receipted."""

    def __init__(self, proof: Proof, site: str, journal: SiteJournal) -> None:
        self._proof = proof
        self._book = proof.book
        self._site = site
        self._journal = journal
        self._rows: dict[Name, list[Effect]] = {}
        for effect in journal.effects:
            self._rows.setdefault(effect.name, []).append(effect)

    def run(self, stops: list[Stop]) -> None:
        if stops:
            self._book.ask("I7.journals")
        for stop in stops:
            self._proof.judge_stop("I7.journals", self._site, stop, set(self._stopped(stop)))
            self._judge_day(stop)
        self._judge_receipts()
        for effect in self._journal.effects:
            self._judge_effect(effect)
        for name, rows in self._rows.items():
            self._judge_once(name, rows)

    def _judge_day(self, stop: Stop) -> None:
        """Check on which day the public first saw the stop.

        Source: art. 13 (three working days). What was told on its last day or later could not be
        done before midnight: it has the next day, too.
        """
        taken = [
            effect.effective_ms
            for effect in self._rows.get(stop.name, ())
            if effect.version >= max(stop.first.version, 1) and effect.state != DISCLOSED
            if effect.effective_ms is not None
        ]
        if not taken:
            return
        done, due = day_of_ms(min(taken)), stop.first.last_day
        if done > due + timedelta(days=due <= day_of_ms(stop.first.at_ms)):
            where = f"{self._site} {stop.name[0]} {stop.name[1]}"
            self._book.fail("I7.journals", where, f"took effect on {done}, was due on {due}")

    def _stopped(self, stop: Stop) -> Iterator[int]:
        """Versions of a stop that are in effect here, if nothing is shown after them."""
        rows = [e for e in self._rows.get(stop.name, ()) if e.effective_ms is not None]
        shown = [e.id for e in rows if e.changed and e.state == DISCLOSED]
        last_shown = max(shown, default=0)
        for effect in rows:
            key = delivery_key(self._site, stop.name, effect.version)
            if effect.state != DISCLOSED and effect.id > last_shown and effect.key == key:
                yield effect.version

    def _judge_receipts(self) -> None:
        """A receipt exists only if the site has it."""
        effects = {(e.key, e.body_sha256) for e in self._journal.effects}
        numbers = {(e.key, e.body_sha256, e.receipt_id) for e in self._journal.effects}
        arrived = {(a.key, a.body_sha256) for a in self._journal.arrivals} | effects
        for receipt in self._proof.receipts.kept:
            body = receipt.body
            if receipt.site != self._site or body["stage"] == REJECTED:
                continue
            self._book.ask("I8.journals")
            what = (body["key"], body["body_sha256"])
            there = what in (arrived if body["stage"] == ACCEPTED else effects)
            wrong = "" if there else f"{body['stage']}, but {self._site} has no such delivery"
            number = body.get("site_receipt_id")
            if there and body["stage"] == PROCESSED and (*what, number) not in numbers:
                wrong = f"site receipt {number} is none that {self._site} gave for it"
            self._book.expect("I8.journals", receipt.where, wrong)

    def _judge_effect(self, effect: Effect) -> None:
        """Source: art. 12, 13 (no stop without an approved repair or an order)."""
        where = f"{self._site} effect {effect.id} ({effect.uscc}, {effect.result_id})"
        self._book.ask("I9.journals", "I9.once")
        disclosed = self._proof.disclosed
        change = disclosed.by_version(effect.name).get(effect.version)
        sent = self._proof.receipts.feeds.sha256(self._site, effect.name, effect.version)
        wrong = ""
        if change is None or change.state != effect.state:
            decided = change.state if change else "never decided"
            wrong = f"version {effect.version} is {effect.state} there, {decided} here"
        elif effect.key != delivery_key(self._site, effect.name, effect.version):
            wrong = f"key {effect.key} is not that of version {effect.version}"
        elif sent is not None and effect.body_sha256 != sent:
            wrong = f"body hash {effect.body_sha256}, on the feed {sent}"
        elif change.stops and not disclosed.lawful_stop(effect.name, effect.version):
            wrong = f"{effect.state} without an approval or an order"
        self._book.expect("I9.journals", where, wrong)

    def _judge_once(self, name: Name, rows: list[Effect]) -> None:
        """Source: art. 13 (a stop takes effect once, and nothing older comes back)."""
        seen: set[int] = set()
        highest = 0
        for effect in rows:
            if not effect.changed:
                continue
            wrong = ""
            if effect.version in seen:
                wrong = f"version {effect.version} of {name[1]} took effect before"
            elif effect.version < highest:
                wrong = f"version {effect.version} of {name[1]} took effect after {highest}"
            self._book.expect("I9.once", f"{self._site} effect {effect.id}", wrong)
            seen.add(effect.version)
            highest = max(highest, effect.version)


def day_of_audit(dump: Dump, now_ms: int | None) -> date:
    """The day on which an audit is made: that of the newest record, if nobody says a later one."""
    newest = max(
        (record.timestamp_ms for _, _, records in dump.walk("") for record in records), default=0
    )
    return day_of_ms(max(newest, now_ms or 0))
