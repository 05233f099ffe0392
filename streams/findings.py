"""What do the registries say of an event? Judged when it is taken in, and written down for ever.

A registry that changes tomorrow cannot change yesterday's decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel

from schemas.base import Inbound
from schemas.enums import ApprovalMode
from schemas.identity import CreditCodeOutcome, CreditCodeReading
from schemas.inbound import ITEMS_MAX, EntryRecorded, ResultRecorded, TaskSubmitted
from schemas.inbound_repair import (
    RepairAccepted,
    RepairApplied,
    RepairDecided,
    ResultCorrected,
    StopOrdered,
    SupplementAsked,
    SupplementReceived,
)
from schemas.inbound_special import SurveyObjectFound
from schemas.journal import Findings, OfficerFinding, OffsiteFinding
from streams.registry import Registry
from streams.rules.built import builder
from streams.rules.calendar import day_of
from streams.rules.entry.standing import department_standing, in_territory, officer_standing
from streams.rules.special.standing import special_standing

_NAMED_BY_LIST = (ResultRecorded, ResultCorrected, SurveyObjectFound)
# Working days are counted by what follows from these: a due day (art. 12, 13).
_COUNTS_DAYS = (
    ResultCorrected, StopOrdered, RepairApplied, RepairAccepted, SupplementAsked,
    SupplementReceived, RepairDecided,
)  # fmt: skip

# What is put together here from checked parts is not checked again: that took a third of the time.
_build_findings, _build_officer = builder(Findings), builder(OfficerFinding)
_NOTHING_SPECIAL = vars(Findings())


def findings_with(found: dict[str, Any]) -> Findings:
    """Findings that say nothing special but this."""
    return _build_findings({**_NOTHING_SPECIAL, **found})


def findings_of(
    dept: str, data: BaseModel, reading: CreditCodeReading, registry: Registry
) -> Findings:
    """What the registries say of the event, judged now and written down for ever."""
    found: dict[str, Any] = {
        "in_scope": reading.in_scope,
        "check_digit_ok": reading.outcome is CreditCodeOutcome.VALID,
        "unknown_fields": data.unknown_fields() if isinstance(data, Inbound) else (),
    }
    if isinstance(data, TaskSubmitted):
        found |= _about_task(dept, data, registry)
        if data.special_id is not None:
            found["special"] = special_standing(registry.specials.get(data.special_id), dept)
    elif isinstance(data, EntryRecorded):
        found |= _about_entry(dept, data, registry)
    elif isinstance(data, ResultRecorded):
        unknown, missing = registry.standards.compare(data)
        found |= {"points_unknown": unknown, "points_missing": missing}
    # What is published of a result names the enterprise as the object list does.
    if isinstance(data, (TaskSubmitted, *_NAMED_BY_LIST)):
        found["subject"] = registry.subject(reading.code)
    if isinstance(data, _COUNTS_DAYS) or (isinstance(data, TaskSubmitted) and _is_urgent(data)):
        found["calendar"] = registry.calendar_finding()
    return findings_with(found)


def _about_task(dept: str, data: TaskSubmitted, registry: Registry) -> dict[str, object]:
    """What the registries say of department, officers, place and items on the planned day."""
    department, day = registry.departments.get(dept), data.planned_on
    offsite = registry.standards.offsite(data.items, day)
    return {
        "dept_standing": department_standing(department, day),
        "officers": _officers(dept, data.officers, day, registry),
        "in_territory": department is not None
        and in_territory(department.region, data.premises_region),
        "offsite_items": tuple(offsite),
        "offsite_ways": tuple(
            OffsiteFinding(item=item, way=way) for item, way in offsite.items() if way is not None
        ),
        "whitelisted_items": tuple(
            item for item in data.items if registry.is_item_whitelisted(item, day)
        ),
    }


def _about_entry(dept: str, data: EntryRecorded, registry: Registry) -> dict[str, object]:
    """What the registries say on the day of an entry.

    Which items and officers the task named is known to the fold alone. So the record holds what
    the fold needs to judge any task: the few items that are whitelisted, and marks of the few
    officers without a certificate (art. 3, 14). Both are bounded; what finds no room is counted.
    """
    day, department = day_of(data.at), registry.departments.get(dept)
    items = registry.whitelisted_items(day, "" if department is None else department.system)
    found: dict[str, object] = {"whitelisted_items": items[:ITEMS_MAX]}
    left_out = len(items[ITEMS_MAX:])
    if data.officers:
        found["officers"] = _officers(dept, data.officers, day, registry)
    else:
        found["lapsed"], officers_left_out = registry.officers.lapsed(dept, day)
        left_out += officers_left_out
    return {**found, "left_out": left_out}


def _officers(
    dept: str, numbers: Iterable[str], day: date, registry: Registry
) -> tuple[OfficerFinding, ...]:
    """What the registry says of these certificates on a day (art. 14)."""
    known = [(number, registry.officers.get(number)) for number in numbers]
    return tuple(
        _build_officer(
            {
                "cert_no": number,
                "standing": officer_standing(officer, dept, day),
                "valid_to": None if officer is None else officer.valid_to,
            }
        )
        for number, officer in known
    )


def _is_urgent(data: TaskSubmitted) -> bool:
    """Whether its approval may follow within some working days (art. 15)."""
    return data.approval is not None and data.approval.mode is ApprovalMode.RETROACTIVE_URGENT
