"""What did the audit find? Each check with how much it looked at: one that saw nothing fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

TITLES: dict[str, str] = {
    "I1": "no code above a cap in force at its offset",
    "I1'": "no interception without a used-up cap",
    "I2.codes": "one code a task, one task a code, derived from the task",
    "I2.joint": "a joint visit has one lead, one code, one task a member; whom it binds goes along",
    "I2.qr": "QR texts are signed and say their code",
    "I3": "one decision a task, repeats byte-identical",
    "I4.inputs": "every input offset journaled, registered or a dead letter",
    "I4.draws": "every object of a draw is journaled, once, and no other",
    "I4.journal": "every journal offset decided, none missing",
    "I4.out": "every owed answer was sent",
    "I4.refusals": "every dead letter was told to its department",
    "I4.relayed": "what one log owes another is in the journal, and on the registry topic",
    "I5.relayed": "what one log has from another was owed, and says what was decided",
    "I5.journal": "journal records say what their inputs said",
    "I5.ctl": "control records come from inputs; policies carry their hash",
    "I5.dlq": "dead letters hold the original bytes",
    "I5.decided": "decided records name an existing journal record and its digest",
    "I5.out": "answers name an existing source and say what was decided",
    "I6.journal": "one enterprise, one partition, in the order of its inputs",
    "I6.decided": "decided in journal order, without holes",
    "I6.generations": "every generation of the journal begins where the one before it ends",
    "I6.out": "answers of one enterprise in the order of their sources",
    "I3.ratings": "what counts of a rating is what its enterprise said, of a visit with a result",
    "I3.versions": "versions of a result rise by one; a stop ends only by revocation or resume",
    "I4.feed": "every decided version is on the feed of every site",
    "I5.feed": "feed records say what was decided, none invented, copies byte-identical",
    "I5.digest": "digests of the feeds recompute",
    "I6.feed": "the newest record of a result on a feed is its newest version",
    "I7.receipts": "every stop is receipted as processed by every site in time",
    "I7.journals": "every stop is in effect in every site's own journal in time",
    "I7.public": "no stopped result is on the hub's own public list",
    "I8.keys": "receipts carry the key, version, state and body hash of what was decided",
    "I8.chain": "the hash chain of the hub's receipts recomputes",
    "I8.journals": "a receipt exists only if the site's journal has it",
    "I9.facts": "every stop has an approved repair or an order of the right department",
    "I9.journals": "every stop in a site's journal has an approval or an order behind it",
    "I9.once": "what the public sees changes once a version, and versions never fall",
    "I10": "own fold of the journal = insp.decided, record by record",
    "I11.position": "Redis positions are at the end of the logs",
    "I11.tasks": "Redis decisions = first decisions, byte for byte",
    "I11.codes": "Redis codes = codes issued",
    "I11.open": "Redis open codes = codes issued or shown",
    "I11.agenda": "every task stands on its department's agenda in Redis, under its day",
    "I11.joints": "joint tasks in Redis = those of insp.decided",
    "I11.drawn": "draws that wait in Redis = those whose window is not closed",
    "I11.states": "Redis has a state for every enterprise with facts, and no other",
    "I11.public": "the public list in Redis = what is disclosed by insp.decided",
    "I11.results": "Redis knows the enterprise of every result",
    "I11.cases": "Redis knows the enterprise of every repair",
    "I11.case_due": "due days in Redis = those of the open repairs",
    "I12": "department = owner of the topic; key = enterprise",
}

ASKED_BY_JOINTS = frozenset({"I2.joint", "I4.draws", "I11.joints", "I11.drawn"})
ASKED_BY_CONTENT = ASKED_BY_JOINTS | frozenset(
    {
        *("I3.ratings", "I3.versions", "I4.feed", "I5.feed", "I5.digest", "I6.feed"),
        *("I7.receipts", "I7.journals", "I7.public", "I8.keys", "I8.chain", "I8.journals"),
        *("I6.generations", "I9.facts", "I9.journals", "I9.once", "I4.relayed", "I5.relayed"),
        *("I11.public", "I11.results", "I11.cases", "I11.case_due"),
    }
)
"""Checks that need to look at something only if the logs have something of their kind."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: where it was seen, and what is wrong there."""

    check: str
    where: str
    what: str


@dataclass(slots=True)
class Check:
    """One check. `violations` holds the first ones, `violations_total` counts them all.

    Attributes:
        owed: the first of what is still to be done, and not late: no violation.
        is_asked: whether the logs have anything of its kind, so that it must look at something.
    """

    name: str
    title: str
    looked_at: int = 0
    violations_total: int = 0
    violations: list[Violation] = field(default_factory=list)
    may_be_empty: bool = False
    note: str = ""
    owed_total: int = 0
    owed: list[Violation] = field(default_factory=list)
    is_asked: bool = True

    @property
    def ok(self) -> bool:
        """Whether it looked at something, or need not, and found nothing wrong."""
        return not self.violations_total and not self.saw_nothing

    @property
    def saw_nothing(self) -> bool:
        """Whether it fails for having looked at nothing."""
        return not self.looked_at and not self.may_be_empty and self.is_asked


class Book:
    """Where the checks write down what they looked at and what they found."""

    def __init__(self, *, kept_max: int = 20, may_be_empty: Iterable[str] = ()) -> None:
        """Keep the first `kept_max` violations of each check.

        Raises:
            ValueError: A check that may be empty does not exist.
        """
        allowed = set(may_be_empty)
        if unknown := allowed - TITLES.keys():
            raise ValueError(f"no such check: {', '.join(sorted(unknown))}")
        self._kept_max = kept_max
        self.checks = {
            name: Check(
                name, title, may_be_empty=name in allowed, is_asked=name not in ASKED_BY_CONTENT
            )
            for name, title in TITLES.items()
        }

    def saw(self, name: str, count: int = 1) -> None:
        """Note that a check looked at something."""
        self.checks[name].looked_at += count

    def ask(self, *names: str) -> None:
        """Note that the logs have something that these checks must look at."""
        for name in names:
            self.checks[name].is_asked = True

    def owe(self, name: str, where: str, what: str) -> None:
        """Note something that is still to be done, and not late."""
        check = self.checks[name]
        check.owed_total += 1
        if len(check.owed) < self._kept_max:
            check.owed.append(Violation(name, where, what))

    def fail(self, name: str, where: str, what: str) -> None:
        """Note a violation."""
        check = self.checks[name]
        check.violations_total += 1
        if len(check.violations) < self._kept_max:
            check.violations.append(Violation(name, where, what))

    def expect(self, name: str, where: str, wrong: str) -> None:
        """Note that a check looked at something, and a violation unless `wrong` is empty."""
        self.saw(name)
        if wrong:
            self.fail(name, where, wrong)

    def note(self, name: str, text: str) -> None:
        """Add a remark to a check."""
        self.checks[name].note = text


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The outcome of one audit. `records` is how many Kafka records were read."""

    checks: tuple[Check, ...]
    records: int

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)

    @property
    def violations_total(self) -> int:
        """How many violations there are, those not kept included."""
        return sum(check.violations_total for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0 when every check holds, else 1."""
        return 0 if self.ok else 1

    @property
    def last_line(self) -> str:
        """The one line that scripts look for."""
        blind = [check.name for check in self.checks if check.saw_nothing]
        text = (
            f"audit: {len(self.checks)} checks, {self.records} records, "
            f"{self.violations_total} violations"
        )
        return f"{text}, looked at nothing: {', '.join(blind)}" if blind else text

    def check(self, name: str) -> Check:
        """The check of this name.

        Raises:
            KeyError: There is none.
        """
        return next((c for c in self.checks if c.name == name), None) or _no_check(name)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        return {
            "ok": self.ok,
            "records": self.records,
            "violations": self.violations_total,
            "checks": [_check_dict(check) for check in self.checks],
        }


def _check_dict(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "title": check.title,
        "ok": check.ok,
        "looked_at": check.looked_at,
        "violations_total": check.violations_total,
        "note": check.note,
        "owed_total": check.owed_total,
        "owed": [{"where": o.where, "what": o.what} for o in check.owed],
        "violations": [{"where": v.where, "what": v.what} for v in check.violations],
    }


def _no_check(name: str) -> Check:
    raise KeyError(name)
