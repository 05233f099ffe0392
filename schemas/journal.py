"""What stands in the journal?

The accepted event, what intake found out about it, and where it came from.

Intake judges everything that needs a registry and writes its findings down, so that deciding stays
a pure function of the journal: a registry that changes tomorrow cannot change yesterday's decision.
"""

from __future__ import annotations

from datetime import date
from typing import Generic, TypeVar

import msgspec
from pydantic import BaseModel

from schemas.base import DeptCode, Id, Message
from schemas.enums import Level, OffsiteWay, Standing, SubjectStatus
from schemas.special_words import SpecialStanding

DataT = TypeVar("DataT", bound=BaseModel)


class Origin(Message):
    """The inbound record this journal record answers."""

    topic: str
    partition: int
    offset: int


class OfficerFinding(Message):
    """What the registry says of one officer on the planned day.

    `cert_no` is never a key or a log field. `valid_to` is the certificate's last day, if any.
    """

    cert_no: Id
    standing: Standing
    valid_to: date | None = None


class LapsedFinding(Message):
    """An officer of the department whose certificate is not valid on the day of an entry.

    `mark` is all that a visit which names nobody needs to know its own officers by: the first 16
    hex digits of the SHA-256 of the certificate's number.
    """

    mark: str
    standing: Standing


class OffsiteFinding(Message):
    """How an item can be checked without a visit, as its standard says (art. 10)."""

    item: str
    way: OffsiteWay


class SubjectFinding(Message):
    """What the object list says of the enterprise."""

    status: SubjectStatus
    object_type: str
    industry: str
    name: str


class DepartmentFinding(Message):
    """What the registry says of a department that an event about a special inspection names.

    Not registered: standing UNKNOWN, and no level.
    """

    dept: DeptCode
    standing: Standing
    level: Level | None = None


class CalendarDay(Message):
    """A day that the operator's table says something of: whether it is a working day."""

    day: date
    works: bool


class CalendarFinding(Message):
    """The operator's entries on working days, as they stood: days, and wholly described years."""

    days: tuple[CalendarDay, ...] = ()
    years: tuple[int, ...] = ()


class Findings(Message):
    """What intake found in the registries. Absent subject: not on the object list.

    Attributes:
        dept_standing: whether the department may inspect on the planned day (art. 14).
        officers: one finding an officer of the task; of an entry: of those who entered (art. 14).
        in_territory: the premises lie in the department's region (art. 15).
        in_scope: the credit code is that of an enterprise, individual business or cooperative (art.
            7).
        check_digit_ok: the credit code passes its check character.
        subject: the object list's entry.
        offsite_items: items of the task that can be checked off-site (art. 10).
        whitelisted_items: items of the task on the whitelist on the planned day; of a draw: its
            items that are on it until the quarter is over; of an entry, which names no items: those
            on it on its day, as many as a task may have (art. 3).
        unknown_fields: fields of the event this version does not know.
        calendar: the operator's entries on working days; None: there are none, or the event's rule
            asks for no working days (art. 12, 13, 15).
        departments: of an event about a special inspection its sender, then those that it names
            (art. 5).
        special: whether the special inspection that a task names allows it (art. 4, 5); None: it
            names none.
        offsite_ways: how those of `offsite_items` can be checked of which it is said.
        points_unknown: `item/point` of a result that the item's standard does not have (art. 16).
        points_missing: `item/point` of a standard that the result lacks.
        lapsed: of an entry that names nobody: officers of the department without a valid
            certificate, sorted by mark (art. 14).
        left_out: how many such officers and items of an entry found no room in the findings.
    """

    dept_standing: Standing = Standing.VALID
    officers: tuple[OfficerFinding, ...] = ()
    in_territory: bool = True
    in_scope: bool = True
    check_digit_ok: bool = True
    subject: SubjectFinding | None = None
    offsite_items: tuple[str, ...] = ()
    whitelisted_items: tuple[str, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    calendar: CalendarFinding | None = None
    departments: tuple[DepartmentFinding, ...] = ()
    special: SpecialStanding | None = None
    offsite_ways: tuple[OffsiteFinding, ...] = ()
    points_unknown: tuple[str, ...] = ()
    points_missing: tuple[str, ...] = ()
    lapsed: tuple[LapsedFinding, ...] = ()
    left_out: int = 0


class JournalRecord(Message, Generic[DataT]):
    """One accepted event. `id` and `time` are the department's own; `dept` is the topic's owner."""

    id: str
    type: str
    time: str
    dept: DeptCode
    policy_version: str
    origin: Origin
    findings: Findings
    data: DataT


class Source(msgspec.Struct, frozen=True):
    """The journal record a decision answers.

    `base` is what the journal's generation adds to the offset, and `home` the partition that the
    key had in the first generation; None: this one (docs/semantics.md §17).
    """

    topic: str
    partition: int
    offset: int
    base: int = 0
    home: int | None = None

    @property
    def rank(self) -> int:
        """What puts the records of one enterprise in order, over all generations."""
        return self.offset + self.base

    @property
    def shard(self) -> int:
        """The number that codes begin with."""
        return self.partition if self.home is None else self.home


class JournalEvent(msgspec.Struct, frozen=True):
    """A journal record where it lies in the log.

    `at_ms` is the broker's append time, Unix milliseconds.

    `digest` is the first 16 hex digits of the SHA-256 of the record's value, `key` its credit code.
    """

    record: JournalRecord[BaseModel]
    source: Source
    at_ms: int
    digest: str
    key: str
