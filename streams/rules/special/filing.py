"""May this special inspection be put on record? Approved, with its basis, and whole, or not at all.

Source: art. 4, 5; docs/semantics.md §14.
"""

from __future__ import annotations

from hashlib import sha256
from typing import cast

import orjson

from schemas.decision import Reason
from schemas.enums import Standing
from schemas.facts import Fact
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.inbound_special import SpecialFiled
from schemas.journal import JournalEvent
from schemas.special_facts import SpecialFact, SpecialPlan
from schemas.special_words import SpecialStatus, SpecialStep
from streams.rules.calendar import day_of, instant_ms
from streams.rules.special.notes import special_barred, special_refused, special_repeated
from streams.rules.state import SubjectState

_NO_CODE = frozenset({CreditCodeOutcome.MALFORMED, CreditCodeOutcome.OLD_REGISTRATION_NUMBER})


def filed(state: SubjectState, event: JournalEvent) -> tuple[Fact, ...]:
    """A special inspection is filed once; all that stands against it is named, and none of it done.

    Source: art. 4 (after approval: approval, basis, objects, content, scope, requirements).
    """
    data, by = cast("SpecialFiled", event.record.data), event.record.dept
    known, digest = state.special, plan_digest(by, data)
    if known is not None:
        if known.dept != by:
            return special_refused(data.special_id, "OTHER_DEPARTMENT")
        if known.digest.hex() == digest:
            return special_repeated(data.special_id)
        return special_refused(data.special_id, "SPECIAL_EXISTS")
    others = tuple(dict.fromkeys(dept for dept in data.departments if dept != by))
    reasons = [*_about_departments(event, by, others), *_about_approval(data), *_about_list(data)]
    if reasons:
        return special_barred(data.special_id, tuple(reasons))
    plan = SpecialPlan(
        dept=by,
        departments=others,
        title="" if data.confidential else data.title,
        listed=_codes(data),
        basis=tuple(one.sha256 for one in data.basis_docs),
        confidential=data.confidential,
        superior=data.deployed_by_superior,
        survey=data.survey,
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        digest=digest,
    )
    fact = SpecialFact(
        special_id=data.special_id,
        step=SpecialStep.FILED,
        by=by,
        status=SpecialStatus.PROPOSED if others else SpecialStatus.FILED,
        at=instant_ms(event.record.time),
        plan=plan,
    )
    return (fact,)


def plan_digest(dept: str, data: SpecialFiled) -> str:
    """The digest of all that makes a plan this plan, in 32 hex digits.

    Source: docs/semantics.md §14.
    """
    approval = data.approval
    docs = [[one.title, one.reference, one.sha256, one.confidential] for one in data.basis_docs]
    content = (
        dept, data.title, sorted(docs),
        None if approval is None else (approval.no, approval.by, approval.mode),
        data.content, data.scope, data.requirements, data.confidential, sorted(_codes(data)),
        sorted({*data.departments}), data.deployed_by_superior, data.survey, data.starts_on,
        data.ends_on,
    )  # fmt: skip
    return sha256(orjson.dumps(content)).hexdigest()[:32]


def standing_fault(event: JournalEvent, dept: str) -> str | None:
    """Why a department may not inspect, as the registry had it; None if it may.

    Source: art. 14.
    """
    for one in event.record.findings.departments:
        if one.dept == dept and one.standing is not Standing.UNKNOWN:
            return None if one.standing is Standing.VALID else f"DEPARTMENT_{one.standing}"
    return "UNKNOWN_DEPARTMENT"


def _about_departments(event: JournalEvent, by: str, others: tuple[str, ...]) -> list[Reason]:
    faults = {dept: standing_fault(event, dept) for dept in (by, *others)}
    return [Reason(code=fault, about=dept) for dept, fault in faults.items() if fault is not None]


def _about_approval(data: SpecialFiled) -> list[Reason]:
    """What its approval and its basis lack.

    Source: art. 4 (approved first, then filed with approval and basis).
    """
    approval, reasons = data.approval, []
    if approval is None:
        reasons.append(Reason(code="NO_APPROVAL"))
    elif not (approval.no and approval.by and approval.at):
        reasons.append(Reason(code="APPROVAL_INCOMPLETE"))
    elif day_of(approval.at) > data.starts_on:
        reasons.append(Reason(code="APPROVED_AFTERWARDS"))
    if not data.basis_docs:
        reasons.append(Reason(code="NO_BASIS"))
    return reasons


def _about_list(data: SpecialFiled) -> list[Reason]:
    """What its list of objects lacks.

    Source: art. 4 (the list, unless it is confidential), 6 (a survey has none).
    """
    if not data.objects and not data.confidential and not data.survey:
        return [Reason(code="NO_OBJECTS")]
    codes = dict.fromkeys(data.objects or ())
    return [
        Reason(code="OBJECT_CODE", about=code)
        for code in codes
        if read_credit_code(code).outcome in _NO_CODE
    ]


def _codes(data: SpecialFiled) -> tuple[str, ...]:
    """The objects, normalised where they are credit codes, each once."""
    codes = (read_credit_code(code).code or code for code in data.objects or ())
    return tuple(dict.fromkeys(codes))
