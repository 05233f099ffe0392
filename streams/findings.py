"""What do the registries say of an event? Judged when it is taken in, and written down for ever.

A registry that changes tomorrow cannot change yesterday's decision.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from schemas.base import Inbound
from schemas.enums import ApprovalMode
from schemas.identity import CreditCodeOutcome, CreditCodeReading
from schemas.inbound import ResultRecorded, TaskSubmitted
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
from schemas.journal import Findings, OfficerFinding
from streams.registry import Registry
from streams.rules.built import builder
from streams.rules.special_standing import special_standing
from streams.rules.standing import department_standing, in_territory, officer_standing

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
    # What is published of a result names the enterprise as the object list does.
    if isinstance(data, (TaskSubmitted, *_NAMED_BY_LIST)):
        found["subject"] = registry.subject(reading.code)
    if isinstance(data, _COUNTS_DAYS) or (isinstance(data, TaskSubmitted) and _is_urgent(data)):
        found["calendar"] = registry.calendar_finding()
    return findings_with(found)


def _about_task(dept: str, data: TaskSubmitted, registry: Registry) -> dict[str, object]:
    """What the registries say of department, officers, place and items on the planned day."""
    department, day = registry.departments.get(dept), data.planned_on
    return {
        "dept_standing": department_standing(department, day),
        "officers": tuple(
            _build_officer(
                {
                    "cert_no": number,
                    "standing": officer_standing(registry.officers.get(number), dept, day),
                }
            )
            for number in data.officers
        ),
        "in_territory": department is not None
        and in_territory(department.region, data.premises_region),
        "offsite_items": tuple(
            item for item in data.items if item in registry.standards.offsite(data.items, day)
        ),
        "whitelisted_items": tuple(
            item for item in data.items if registry.is_item_whitelisted(item, day)
        ),
    }


def _is_urgent(data: TaskSubmitted) -> bool:
    """Whether its approval may follow within some working days (art. 15)."""
    return data.approval is not None and data.approval.mode is ApprovalMode.RETROACTIVE_URGENT
