"""What do the platform's administrators publish?

Departments, officers, items, enterprises (art. 14, 16).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from schemas.base import Day, DeptCode, Id, Inbound, Message, Name, RegionCode, Text
from schemas.enums import CertificateStatus, DayKind, Level, OffsiteWay, SubjectStatus
from schemas.inbound import CreditCodeText
from schemas.special_words import ClaimStatus, SpecialStatus

REGISTRY_SOURCE = "REGISTRY"


class RegistryDepartment(Inbound):
    """`registry.department`.

    `system` is its line of business, `listed` its place on the subject list (art. 14).

    `out_format` says how the hub writes to it: JSON or AVRO.
    """

    dept: DeptCode
    name: Name
    region: RegionCode
    level: Level
    system: Id
    listed: bool
    valid_from: Day
    valid_to: Day | None = None
    out_format: Annotated[str, Field(pattern="^(JSON|AVRO)$")] = "JSON"


class RegistryOfficer(Inbound):
    """`registry.officer`: an enforcement certificate and its holder (art. 14)."""

    cert_no: Id
    name: Name
    dept: DeptCode
    valid_from: Day
    valid_to: Day | None = None
    status: CertificateStatus


class CheckPoint(Message):
    """One point to check, as the item's standard words it (art. 16)."""

    point: Id
    title: Text


class RegistryItem(Inbound):
    """`registry.item`: one version of an inspection item's standard (art. 16).

    Attributes:
        offsite_possible: it can be checked without a visit (art. 10).
        points: what is to be checked.
        version: higher ones replace lower ones.
        offsite_way: how it is checked without a visit.
        valid_from: the version's first day; None: it has always held.
        harmonised_by: the line of business that initiates the joint inspections to which the item
            belongs, if it has brought this version in line with the others (art. 16).
    """

    item: Id
    title: Name
    system: Id
    offsite_possible: bool
    points: Annotated[tuple[CheckPoint, ...], Field(max_length=200)] = ()
    version: int
    offsite_way: OffsiteWay | None = None
    valid_from: Day | None = None
    harmonised_by: Id | None = None


class RegistrySubject(Inbound):
    """`registry.subject`: an enterprise in the object list (检查对象名录库)."""

    uscc: CreditCodeText
    name: Name
    object_type: Id
    industry: Id
    region: RegionCode
    status: SubjectStatus
    successor: CreditCodeText | None = None


class RegistryCalendar(Inbound):
    """`registry.calendar`: one row of the operator's table of working days (art. 12, 13).

    It wins over the table that ships with the hub and over the calendar library. A later entry of
    the same day or year replaces the earlier one; all others stay.

    Attributes:
        day: the day it speaks of; or
        year: a year that is wholly described: Monday to Friday work, but for the days given.
        kind: WORK or REST for a day; AS_SHIPPED takes an entry back; left out for a year.
        source: the notice it comes from.
    """

    day: Day | None = None
    year: Annotated[int, Field(ge=1900, le=2199)] | None = None
    kind: DayKind | None = None
    source: Name

    @model_validator(mode="after")
    def _one_thing(self) -> RegistryCalendar:
        if (self.day is None) == (self.year is None):
            msg = "either day or year must be given"
            raise ValueError(msg)
        if self.day is not None and self.kind is None:
            msg = "a day needs its kind: WORK, REST or AS_SHIPPED"
            raise ValueError(msg)
        if self.year is not None and self.kind not in (None, DayKind.AS_SHIPPED):
            msg = "a year has no kind, or AS_SHIPPED to take it back"
            raise ValueError(msg)
        return self

    @property
    def about(self) -> str:
        """The day or the year, as text: what it is known by."""
        return str(self.year) if self.day is None else self.day.isoformat()


class SpecialParty(Inbound):
    """Where one department stands with a special inspection."""

    dept: DeptCode
    status: ClaimStatus


class RegistrySpecial(Inbound):
    """`registry.special`: how a special inspection stands (art. 4, 5). The hub itself writes it.

    Each version has a key of its own: an old one that arrives late cannot take a newer one's place.

    Attributes:
        version: offset of the journal record that made it so; the highest counts.
        planners: who filed it, and who plans it together with that department.
    """

    special_id: Id
    version: int
    status: SpecialStatus
    planners: tuple[DeptCode, ...]
    parties: tuple[SpecialParty, ...] = ()
    confidential: bool = False

    @property
    def about(self) -> str:
        """What the entry is known by."""
        return f"{self.special_id}:{self.version}"
