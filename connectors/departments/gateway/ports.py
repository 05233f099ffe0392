"""What does the gateway need from the rest of the hub? Protocols only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from connectors.departments.gateway.people.page_ports import DrawDesk, EnterpriseDesk, SpecialDesk
from schemas.desk import (
    Admitted,
    CodeRead,
    Declined,
    Foreseen,
    OfficerShown,
    Posted,
    ScanVerdict,
    TaskStanding,
)
from schemas.enums import EntryHow


class Desk(EnterpriseDesk, DrawDesk, SpecialDesk, Protocol):
    """Answers questions of the rules: pure, and never waiting."""

    def is_registered(self, dept: str) -> bool:
        """Whether the registry has the department."""

    def department_name(self, dept: str) -> str:
        """The department's name; its code while the registry has none."""

    def subject_name(self, uscc: str) -> str:
        """The enterprise's name on the object list; empty if it is not there."""

    def item_title(self, item: str) -> str:
        """An item's title; its code while the registry has none."""

    def partition(self, key: str) -> int:
        """The journal partition of a key."""

    def partitions_of(self, read: CodeRead) -> Sequence[int]:
        """The partitions of the view in which a code may lie."""

    def credit_code(self, text: str) -> str | None:
        """A credit code as it keys the journal; None if the text is none."""

    def judge(self, posted: Posted) -> Admitted | Declined:
        """Whether intake would accept this event."""

    def foresee(
        self, admitted: Admitted, at_ms: int, state: bytes | None, first: bytes | None
    ) -> Foreseen | Declined:
        """What would be answered to an admitted event now."""

    def settles(self, task_id: str, task_digest: str, state: bytes | None) -> bool:
        """Whether the first decision on a task is the answer to this content of it."""

    def standing(self, task_id: str, state: bytes | None, key: str) -> TaskStanding | None:
        """Where a task stands; None if the state does not know it."""

    def tasks_of_code(self, code: str, state: bytes | None) -> tuple[str, ...]:
        """The tasks that have this code: one, or those of a joint visit, live ones first."""

    def read_code(self, text: str) -> CodeRead | None:
        """The code that somebody wrote; None if it is none."""

    def read_token(self, token: str) -> CodeRead | None:
        """The code that a genuine token names; None if the hub did not sign it."""

    def scan(self, token: str, task_id: str, state: bytes | None, today: date) -> ScanVerdict:
        """What to tell whoever scanned this token."""

    def officers(self, cert_nos: tuple[str, ...], dept: str, day: date) -> tuple[OfficerShown, ...]:
        """These officers as the registry has them on a day."""

    def entry(self, uscc: str, task_id: str, how: EntryHow, at: datetime) -> Any:  # noqa: ANN401
        """The journal record by which the hub's page says how officers entered; for `publish`."""


class Publisher(Protocol):
    """Publishes records."""

    async def publish(self, records: Sequence[Any]) -> Mapping[tuple[str, int], int]:
        """Return when the broker has all of them (acks=all), in order per partition."""


class Control(Protocol):
    """Follows the registries."""

    async def level(self, *, now: bool = False) -> None:
        """Return once everything published so far has been taken in.

        What held a moment ago will do, unless it must be known `now`.
        """


class Stretch(Protocol):
    """A stretch of a feed: its records, where to go on, and the offset after the feed's last."""

    @property
    def records(self) -> Sequence[Any]:
        """In order."""

    @property
    def next_offset(self) -> int:
        """Where to go on."""

    @property
    def end(self) -> int:
        """The offset after the feed's last record."""


class Feeds(Protocol):
    """Reads the feeds of publicity systems."""

    async def read(
        self, site: str, start: int, limit: int, wait_s: float, ended: Callable[[], bool]
    ) -> Stretch:
        """At most `limit` records from `start` on; waits for the first until `ended` says so."""


class Journal(Protocol):
    """Reads single records of the journal."""

    async def value(self, partition: int, offset: int) -> tuple[bytes, str | None] | None:
        """A record's value and content type; None if the log no longer has it."""
