"""What did the audit find? Each check with how much it looked at: one that saw nothing fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

TITLES: dict[str, str] = {
    "I1": "no code above a cap in force at its offset",
    "I1'": "no interception without a used-up cap",
    "I2.codes": "one code a task, one task a code, derived from the task",
    "I2.qr": "QR texts are signed and say their code",
    "I3": "one decision a task, repeats byte-identical",
    "I4.inputs": "every input offset journaled, registered or a dead letter",
    "I4.journal": "every journal offset decided, none missing",
    "I4.out": "every owed answer was sent",
    "I4.refusals": "every dead letter was told to its department",
    "I5.journal": "journal records say what their inputs said",
    "I5.ctl": "control records come from inputs; policies carry their hash",
    "I5.dlq": "dead letters hold the original bytes",
    "I5.decided": "decided records name an existing journal record and its digest",
    "I5.out": "answers name an existing source and say what was decided",
    "I6.journal": "one enterprise, one partition, in the order of its inputs",
    "I6.decided": "decided in journal order, without holes",
    "I6.out": "answers of one enterprise in the order of their sources",
    "I10": "own fold of the journal = insp.decided, record by record",
    "I11.position": "Redis positions are at the end of the logs",
    "I11.tasks": "Redis decisions = first decisions, byte for byte",
    "I11.codes": "Redis codes = codes issued",
    "I11.open": "Redis open codes = codes issued or shown",
    "I11.states": "Redis has a state for every enterprise with facts, and no other",
    "I12": "department = owner of the topic; key = enterprise",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise: where it was seen, and what is wrong there."""

    check: str
    where: str
    what: str


@dataclass(slots=True)
class Check:
    """One check. `violations` holds the first ones, `violations_total` counts them all."""

    name: str
    title: str
    looked_at: int = 0
    violations_total: int = 0
    violations: list[Violation] = field(default_factory=list)
    may_be_empty: bool = False
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether it looked at something, or need not, and found nothing wrong."""
        return not self.violations_total and (self.looked_at > 0 or self.may_be_empty)

    @property
    def saw_nothing(self) -> bool:
        """Whether it fails for having looked at nothing."""
        return not self.looked_at and not self.may_be_empty


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
            name: Check(name, title, may_be_empty=name in allowed) for name, title in TITLES.items()
        }

    def saw(self, name: str, count: int = 1) -> None:
        """Note that a check looked at something."""
        self.checks[name].looked_at += count

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
        "violations": [{"where": v.where, "what": v.what} for v in check.violations],
    }


def _no_check(name: str) -> Check:
    raise KeyError(name)
