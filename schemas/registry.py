"""What do the platform's administrators publish?

Departments, officers, items, enterprises (art. 14, 16).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.base import Day, DeptCode, Id, Inbound, Message, Name, RegionCode, Text
from schemas.enums import CertificateStatus, Level, SubjectStatus
from schemas.inbound import CreditCodeText

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
    """`registry.item`: an inspection item, whether it can be checked off-site.

    And its check points.
    """

    item: Id
    title: Name
    system: Id
    offsite_possible: bool
    points: Annotated[tuple[CheckPoint, ...], Field(max_length=200)] = ()
    version: int


class RegistrySubject(Inbound):
    """`registry.subject`: an enterprise in the object list (检查对象名录库)."""

    uscc: CreditCodeText
    name: Name
    object_type: Id
    industry: Id
    region: RegionCode
    status: SubjectStatus
    successor: CreditCodeText | None = None
