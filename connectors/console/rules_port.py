"""What do the commands that watch over deadlines need of the rules? Handed in at the top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Protocol

from schemas.calendar_file import CalendarTable
from schemas.draw_frame import Drawable
from schemas.enums import Standing
from schemas.oversight import CaseView, DeliveryView, Forecast
from schemas.registry import RegistryDepartment, RegistryOfficer


class DeliveryReader(Protocol):
    """Reads entries of ledgers, by one calendar."""

    def read(self, entry: bytes, attempt: bytes | None, now_ms: int) -> DeliveryView:
        """One entry of a site's ledger, and what was tried for it, as people see it."""
        ...


class OversightRules(Protocol):
    """Pure readers and reckoners (the module streams.desks.oversight fits)."""

    def Deliveries(self, calendar: CalendarTable) -> DeliveryReader:  # noqa: N802 - a class there
        """A reader of entries, by this calendar."""
        ...

    def repair_cases(self, uscc: str, state: bytes, calendar: CalendarTable) -> Iterator[CaseView]:
        """The repair cases of an enterprise that are open, or of which a step is held."""
        ...

    def calendar_ends(self, now_ms: int, calendar: CalendarTable) -> date | None:
        """The last day that the calendar covers, if it ends within 40 working days."""
        ...

    def forecast(
        self,
        owed: Sequence[tuple[int, int]],
        rate_per_s: float,
        *,
        now_ms: int,
        from_ms: int | None = None,
    ) -> Forecast:
        """What becomes of a backlog that is worked off at a rate from a moment on."""
        ...

    def owed_again(
        self,
        site: str,
        last: bytes | None,
        entries: Sequence[tuple[bytes, bytes | None, str]],
        why: str,
        now_ms: int,
    ) -> Sequence[Any]:
        """The records by which entries are owed anew; `last` is the hub's last receipt.

        With each entry go the value of its feed record, if that is to be published again, and what
        was found.
        """
        ...


class ConsoleRules(OversightRules, Protocol):
    """What draws and open tasks ask besides (the module streams.desks.oversight fits)."""

    def department_standing(self, dept: RegistryDepartment | None, day: date) -> Standing:
        """Whether a department may inspect on a day."""
        ...

    def officer_standing(self, officer: RegistryOfficer | None, dept: str, day: date) -> Standing:
        """Whether an officer of this department holds a valid certificate on a day."""
        ...

    def drawable(self, state: bytes | None, *, dept: str, scheme: str, on: date) -> Drawable:
        """What an enterprise's state says of drawing it; None: it has none."""
        ...
