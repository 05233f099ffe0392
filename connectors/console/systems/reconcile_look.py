"""What does a system show that it must not, and what not that it must? Ledger against public page.

Both move while they are compared: every difference is looked at a second time, at the ledger and on
the result's own page, before it counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from connectors.console.due.ledgers import Ledgers
from connectors.console.rules_port import OversightRules
from connectors.console.systems.probe import delivery_of
from connectors.console.terminal.moments import now_ms
from schemas.calendar_file import CalendarTable
from schemas.delivery import Delivery, Observed, Unavailable
from schemas.feed import DisclosureState
from schemas.oversight import DeliveryView

PAGES_AT_ONCE = 200


class Kind(StrEnum):
    """How ledger and system differ."""

    MISSING_STOP = "MISSING_STOP"
    """The ledger has proof that it was stopped; it is shown."""
    MISSING_DISCLOSURE = "MISSING_DISCLOSURE"
    """The ledger has proof that it was disclosed; it is not shown."""
    WRONG_VERSION = "WRONG_VERSION"
    """It is shown, but at another version."""
    UNKNOWN = "UNKNOWN"
    """It is shown; the ledger has no such result."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One result about which ledger and system differ. `ours` None: the ledger has no entry."""

    kind: Kind
    uscc: str
    result_id: str
    ours: DeliveryView | None
    version: int | None = None

    @property
    def name(self) -> str:
        """What the entry is known by."""
        return f"{self.uscc}\x1f{self.result_id}"

    @property
    def found(self) -> str:
        """What the system shows, in words."""
        if self.kind is Kind.MISSING_DISCLOSURE:
            return "not shown"
        return "shown" if self.version is None else f"shown at version {self.version}"


@dataclass(slots=True)
class Comparison:
    """What came of it.

    Attributes:
        list_fault: why the system's list could not be read; then nothing unknown was found.
        compared: results of which the ledger has proof, unclear ones included.
        owed: results on their way: they may still differ.
        owed_shown: owed stops that are still shown.
        unclear: results whose page did not answer.
    """

    list_fault: str = ""
    compared: int = 0
    owed: int = 0
    owed_shown: int = 0
    unclear: int = 0
    differences: list[Difference] = field(default_factory=list)


class Observer(Protocol):
    """Reads public pages."""

    async def observe(self, deliveries: Sequence[Delivery]) -> Sequence[Observed | Unavailable]:
        """What is shown of these."""
        ...


class Reconciler:
    """Compares one site's ledger with what its system shows."""

    def __init__(
        self,
        ledgers: Ledgers,
        site: str,
        system: Observer,
        rules: OversightRules,
        *,
        each: bool,
        calendar: CalendarTable,
    ) -> None:
        self._ledgers = ledgers
        self._site = site
        self._system = system
        self._reader = rules.Deliveries(calendar)
        self._each = each
        self._gone: Unavailable | None = None

    async def compare(self, listed: set[tuple[str, str]] | Unavailable) -> Comparison:
        """Compare; `listed` is everything on the system's public list."""
        fault = listed.reason if isinstance(listed, Unavailable) else ""
        found = Comparison(fault)
        names = None if isinstance(listed, Unavailable) else {f"{u}\x1f{r}" for u, r in listed}
        unknown = set(names or ())
        seen: set[str] = set()
        async for page in self._ledgers.of[self._site].scan():
            views = [self._view(value) for name, value in page if name not in seen]
            seen.update(name for name, _ in page)
            unknown.difference_update(name for name, _ in page)
            suspects = [one for one in views if self._is_suspect(found, one, names)]
            await self._look(found, suspects)
        await self._look_at_unknown(found, unknown)
        found.differences.sort(key=lambda one: (list(Kind).index(one.kind), one.result_id))
        return found

    def _is_suspect(
        self, found: Comparison, one: DeliveryView, names: Collection[str] | None
    ) -> bool:
        listed = names is not None and _name(one) in names
        if not one.done:
            found.owed += 1
            found.owed_shown += one.stops and listed
            return False
        found.compared += 1
        return self._each or names is None or listed is one.stops

    async def _look(self, found: Comparison, suspects: Sequence[DeliveryView]) -> None:
        """Read the results' own pages; what is as it must be, or has moved on, is no difference."""
        for at in range(0, len(suspects), PAGES_AT_ONCE):
            some = suspects[at : at + PAGES_AT_ONCE]
            answers = await self._observe([delivery_of(one) for one in some])
            again = await self._ledgers.of[self._site].entries([_name(one) for one in some])
            for before, value, seen in zip(some, again, answers, strict=True):
                one = None if value is None else self._view(value)
                if one is None or not one.done or one.version != before.version:
                    continue
                if isinstance(seen, Unavailable):
                    found.unclear += 1
                elif kind := _kind(one, seen):
                    found.differences.append(
                        Difference(kind, one.uscc, one.result_id, one, seen.version)
                    )

    async def _look_at_unknown(self, found: Comparison, names: Iterable[str]) -> None:
        ordered = sorted(names)
        for at in range(0, len(ordered), PAGES_AT_ONCE):
            some = ordered[at : at + PAGES_AT_ONCE]
            pairs = [tuple(name.split("\x1f", 1)) for name in some]
            answers = await self._observe([_nothing(u, r) for u, r in pairs])
            again = await self._ledgers.of[self._site].entries(some)
            for (uscc, result), value, seen in zip(pairs, again, answers, strict=True):
                if value is None and isinstance(seen, Observed) and seen.shown:
                    found.differences.append(
                        Difference(Kind.UNKNOWN, uscc, result, None, seen.version)
                    )
                found.unclear += isinstance(seen, Unavailable)

    async def _observe(self, wanted: Sequence[Delivery]) -> Sequence[Observed | Unavailable]:
        """Read these pages; none any more once a whole lot of them did not answer."""
        if self._gone is None:
            answers = await self._system.observe(wanted)
            faults = [one for one in answers if isinstance(one, Unavailable)]
            if len(faults) == len(answers):
                self._gone = faults[0]
            return answers
        return [self._gone] * len(wanted)

    def _view(self, value: bytes) -> DeliveryView:
        return self._reader.read(value, None, now_ms())


def _kind(one: DeliveryView, seen: Observed) -> Kind | None:
    if one.stops:
        return Kind.MISSING_STOP if seen.shown else None
    if not seen.shown:
        return Kind.MISSING_DISCLOSURE
    wrong = seen.version is not None and seen.version != one.version
    return Kind.WRONG_VERSION if wrong else None


def _name(one: DeliveryView) -> str:
    return f"{one.uscc}\x1f{one.result_id}"


def _nothing(uscc: str, result: str) -> Delivery:
    return Delivery("", uscc, result, 0, DisclosureState.STOPPED, b"", "", 0, None)
