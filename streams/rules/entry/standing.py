"""May this department and these officers inspect, on this day and in this place?

Judged when a record is taken in; the findings go into the journal, so that a registry that changes
tomorrow cannot change yesterday's decision.
"""

from __future__ import annotations

from datetime import date

from schemas.enums import CertificateStatus, Standing
from schemas.regions import covers
from schemas.registry import RegistryDepartment, RegistryOfficer

_STANDING_OF = {
    CertificateStatus.VALID: Standing.VALID,
    CertificateStatus.SUSPENDED: Standing.SUSPENDED,
    CertificateStatus.REVOKED: Standing.REVOKED,
}


def department_standing(dept: RegistryDepartment | None, day: date) -> Standing:
    """Whether a department is on the list of inspecting bodies on a day.

    Source: art. 14.
    """
    if dept is None:
        return Standing.UNKNOWN
    if not dept.listed:
        return Standing.NOT_LISTED
    return _in_time(dept.valid_from, dept.valid_to, day)


def officer_standing(officer: RegistryOfficer | None, dept: str, day: date) -> Standing:
    """Whether an officer holds a certificate of this department that is valid on a day.

    Source: art. 14 (accounts without a certificate are disabled).
    """
    if officer is None:
        return Standing.UNKNOWN
    standing = _in_time(officer.valid_from, officer.valid_to, day)
    if standing is Standing.VALID:
        standing = _STANDING_OF[officer.status]
    if standing is Standing.VALID and officer.dept != dept:
        return Standing.OTHER_DEPARTMENT
    return standing


def in_territory(dept_region: str, premises_region: str) -> bool:
    """Whether premises lie where a department may inspect without an assist letter.

    Source: art. 15.
    """
    return covers(dept_region, premises_region)


def _in_time(first: date, last: date | None, day: date) -> Standing:
    if day < first:
        return Standing.NOT_YET_VALID
    if last is not None and day > last:
        return Standing.EXPIRED
    return Standing.VALID
