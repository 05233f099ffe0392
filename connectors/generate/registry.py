"""Which lines lead the file? Departments, officers, items, enterprises and the policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson

from connectors.generate.city import (
    BAD_EARLY,
    BAD_EXPIRED,
    BAD_REVOKED,
    BAD_SUSPENDED,
    ITEMS_A_SYSTEM,
    POINTS_AN_ITEM,
    City,
    Department,
    item_code,
)
from connectors.generate.envelope import Line
from connectors.generate.policy import policy_document
from connectors.generate.subjects import Oddity
from connectors.generate.words import SYSTEMS
from schemas.enums import OffsiteWay
from schemas.messages import (
    POLICY_PUBLISHED,
    REGISTRY_DEPARTMENT,
    REGISTRY_ITEM,
    REGISTRY_OFFICER,
    REGISTRY_SUBJECT,
)
from schemas.registry import REGISTRY_SOURCE

_OFFSITE_EVERY = 3
_WAYS = (None, *OffsiteWay)
"""Some standards do not say how."""
_YEARS_VALID = 3
_STATUS = {
    None: "ACTIVE",
    Oddity.DEREGISTERED: "DEREGISTERED",
    Oddity.MOVED_OUT: "MOVED_OUT",
    Oddity.GOVERNMENT_BODY: "ACTIVE",
    Oddity.SOCIAL_ORGANISATION: "ACTIVE",
}


def registry_lines(city: City) -> Iterator[Line]:
    """Give the leading lines, in the order in which they build on each other."""
    for department in city.departments:
        entry = department_entry(city, department)
        yield _line(f"dept-{department.code}", REGISTRY_DEPARTMENT, entry)
    for department in city.departments:
        for officer in range(department.officers):
            entry = officer_entry(city, department, officer)
            yield _line(f"officer-{entry['cert_no']}", REGISTRY_OFFICER, entry)
    for system in range(city.spec.systems):
        for number in range(1, ITEMS_A_SYSTEM + 1):
            entry = _item(system, number)
            yield _line(f"item-{entry['item']}", REGISTRY_ITEM, entry)
    for number in range(city.subjects.count):
        if city.subjects.is_registered(number):
            entry = subject_entry(city, number)
            yield _line(f"subject-{number}", REGISTRY_SUBJECT, entry)
    yield policy_line(city)


def policy_line(city: City, *, relaxed: bool = False) -> Line:
    """Give the line that publishes the policy; `relaxed`: the one of mid-year."""
    document = policy_document(city, relaxed=relaxed)
    return _line(f"policy-{document['policy']['version']}", POLICY_PUBLISHED, document)


def subject_entry(city: City, number: int, status: str | None = None) -> dict[str, Any]:
    """Give an enterprise's entry in the object list."""
    subjects = city.subjects
    code = subjects.codes[number]
    return {
        "uscc": code,
        "name": subjects.name(number),
        "object_type": code[:2],
        "industry": subjects.industry(number),
        "region": subjects.region(number),
        "status": status or _STATUS[subjects.oddity(number)],
        "successor": None,
    }


def _line(event_id: str, event_type: str, entry: dict[str, Any]) -> Line:
    return Line(f"reg-{event_id}", REGISTRY_SOURCE, event_type, orjson.dumps(entry))


def department_entry(city: City, department: Department) -> dict[str, Any]:
    """Give a department's entry in the registry."""
    first = city.spec.first_day
    return {
        "dept": department.code,
        "name": department.name,
        "region": department.region,
        "level": "CITY" if department.district is None else "DISTRICT",
        "system": SYSTEMS[department.system][0],
        "listed": department.listed,
        "valid_from": f"{city.spec.year - _YEARS_VALID}-01-01",
        "valid_to": str(first - timedelta(days=30)) if department.expired else None,
    }


def officer_entry(city: City, department: Department, officer: int) -> dict[str, Any]:
    """Give an officer's entry in the registry of certificates (art. 14)."""
    spec = city.spec
    valid_from = f"{spec.year - _YEARS_VALID}-01-01"
    valid_to = f"{spec.year + _YEARS_VALID}-12-31"
    if officer == BAD_EXPIRED:
        valid_to = str(spec.first_day - timedelta(days=60))
    if officer == BAD_EARLY:
        valid_from = str(spec.last_day + timedelta(days=120))
    status = {BAD_SUSPENDED: "SUSPENDED", BAD_REVOKED: "REVOKED"}.get(officer, "VALID")
    return {
        "cert_no": department.cert_no(officer),
        "name": f"检查人员{department.index:03d}{officer:04d}",
        "dept": department.code,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "status": status,
    }


def _item(system: int, number: int) -> dict[str, Any]:
    item = item_code(system, number)
    return {
        "item": item,
        "title": f"{SYSTEMS[system][1]}检查事项第{number}项",
        "system": SYSTEMS[system][0],
        "offsite_possible": number % _OFFSITE_EVERY == 0,
        "offsite_way": _WAYS[number % len(_WAYS)] if number % _OFFSITE_EVERY == 0 else None,
        "points": [
            {"point": f"{item}-P{point}", "title": f"检查要点{point}"}
            for point in range(1, POINTS_AN_ITEM + 1)
        ],
        "version": 1,
    }
