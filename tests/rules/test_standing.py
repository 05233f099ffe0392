"""May this department and these officers inspect, on this day and in this place?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.enums import CertificateStatus, Level, Standing
from schemas.registry import RegistryDepartment, RegistryOfficer
from streams.rules.entry.standing import department_standing, in_territory, officer_standing

DAY = date(2026, 3, 16)


def a_department(**fields: Any) -> RegistryDepartment:
    plain = {
        "dept": "WJW-120116",
        "name": "滨海新区卫生健康委员会",
        "region": "120116",
        "level": Level.DISTRICT,
        "system": "WJW",
        "listed": True,
        "valid_from": date(2026, 1, 1),
    }
    return RegistryDepartment(**{**plain, **fields})


def an_officer(**fields: Any) -> RegistryOfficer:
    plain = {
        "cert_no": "TJ0001",
        "name": "执法人员",
        "dept": "WJW-120116",
        "valid_from": date(2026, 1, 1),
        "status": CertificateStatus.VALID,
    }
    return RegistryOfficer(**{**plain, **fields})


DEPARTMENTS = [
    (None, Standing.UNKNOWN),
    (a_department(), Standing.VALID),
    (a_department(listed=False), Standing.NOT_LISTED),
    (a_department(valid_from=DAY), Standing.VALID),
    (a_department(valid_from=date(2026, 3, 17)), Standing.NOT_YET_VALID),
    (a_department(valid_to=DAY), Standing.VALID),
    (a_department(valid_to=date(2026, 3, 15)), Standing.EXPIRED),
    (a_department(listed=False, valid_to=date(2026, 3, 15)), Standing.NOT_LISTED),
]


@pytest.mark.parametrize(("dept", "standing"), DEPARTMENTS)
def test_a_department_must_be_listed_on_the_day(
    dept: RegistryDepartment | None, standing: Standing
) -> None:
    assert department_standing(dept, DAY) is standing


OFFICERS = [
    (None, Standing.UNKNOWN),
    (an_officer(), Standing.VALID),
    (an_officer(valid_from=date(2026, 3, 17)), Standing.NOT_YET_VALID),
    (an_officer(valid_to=date(2026, 3, 15)), Standing.EXPIRED),
    (an_officer(valid_to=DAY), Standing.VALID),
    (an_officer(status=CertificateStatus.SUSPENDED), Standing.SUSPENDED),
    (an_officer(status=CertificateStatus.REVOKED), Standing.REVOKED),
    (an_officer(dept="XFJ-120116"), Standing.OTHER_DEPARTMENT),
    (an_officer(dept="XFJ-120116", status=CertificateStatus.REVOKED), Standing.REVOKED),
]


@pytest.mark.parametrize(("officer", "standing"), OFFICERS)
def test_an_officer_must_hold_a_valid_certificate_of_the_department(
    officer: RegistryOfficer | None, standing: Standing
) -> None:
    assert officer_standing(officer, "WJW-120116", DAY) is standing


def test_every_standing_is_given_to_somebody() -> None:
    assert {row[1] for row in (*DEPARTMENTS, *OFFICERS)} == set(Standing)


@pytest.mark.parametrize(
    ("dept_region", "premises_region", "covered"),
    [("120000", "120116", True), ("120116", "120116", True), ("120116", "120101", False)],
)
def test_a_department_inspects_in_its_own_region(
    dept_region: str, premises_region: str, covered: bool
) -> None:
    assert in_territory(dept_region, premises_region) is covered
