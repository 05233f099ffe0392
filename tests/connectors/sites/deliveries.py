"""Notices and deliveries, valid by default."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from itertools import count
from typing import Any

from connectors.sites.columns import SHANGHAI
from connectors.sites.table import FORMS
from schemas.codec import encode_json
from schemas.decision import SourceRef
from schemas.delivery import Delivery
from schemas.feed import (
    FORM_FAULT,
    Cause,
    Content,
    Disclosure,
    DisclosureState,
    Notice,
    StopReason,
    StopScope,
    delivery_key,
)

USCC = "91120116MA0000003U"
APPROVED_AT = datetime(2026, 9, 30, 16, 30, tzinfo=SHANGHAI)

_numbers = count(1)


def a_result() -> str:
    """The id of a result that no other test has."""
    return f"R-{next(_numbers):06d}"


def content(**fields: Any) -> Content:
    """A result with a problem."""
    return Content(
        **{
            "task_id": "WJW-2026-000123",
            "dept": "WJW-120116",
            "inspected_on": date(2026, 3, 16),
            "outcomes": ("PROBLEM_PENDING",),
            "found_problem": True,
            "negative": True,
            "entity_name": "天津海河试剂有限公司",
            "follow_up": "责令十日内改正",
            **fields,
        }
    )


def disclosed(result_id: str = "R-1", version: int = 1, **fields: Any) -> Notice:
    """What makes a result public."""
    return Notice(
        uscc=USCC,
        result_id=result_id,
        version=version,
        state=DisclosureState.DISCLOSED,
        cause=Cause.RESULT,
        content=content(**fields),
    )


def stopped(
    result_id: str = "R-1",
    version: int = 2,
    reason: StopReason = StopReason.REPAIR_APPROVED,
    scope: StopScope = StopScope.PUBLIC_AND_SHARING,
    **fields: Any,
) -> Notice:
    """What takes it from the public again."""
    withdrawn = reason in {StopReason.RESULT_WITHDRAWN, StopReason.ENTITY_ERROR}
    return Notice(
        uscc=USCC,
        result_id=result_id,
        version=version,
        state=DisclosureState.WITHDRAWN if withdrawn else DisclosureState.STOPPED,
        cause=Cause.REPAIRED if reason is StopReason.REPAIR_APPROVED else Cause.ORDERED,
        content=content(**fields),
        stop_reason=reason,
        scope=scope,
        decision_no="津卫信修〔2026〕7号",
        said_at=int(APPROVED_AT.timestamp() * 1000),
        due_on=date(2026, 10, 10),
    )


def delivery(site: str, notice: Notice, **fields: Any) -> Delivery:
    """A notice on its way to a site."""
    return _on_its_way(site, notice, {**FORMS[site](notice), **fields})


def without_columns(site: str, notice: Notice) -> Delivery:
    """A notice whose columns the site's form could not make."""
    return _on_its_way(site, notice, {FORM_FAULT: f"the form of {site} failed on this result"})


def _on_its_way(site: str, notice: Notice, body: dict[str, Any]) -> Delivery:
    record = Disclosure(
        site=site,
        result_id=notice.result_id,
        uscc=notice.uscc,
        dept=notice.content.dept,
        version=notice.version,
        state=notice.state,
        cause=notice.cause,
        stop_reason=notice.stop_reason,
        scope=notice.scope,
        decision_no=notice.decision_no,
        entity_name=notice.content.entity_name,
        body=body,
        source=SourceRef(topic="insp.journal", partition=0, offset=1),
    )
    value = encode_json(record)
    return Delivery(
        key=delivery_key(site, notice.uscc, notice.result_id, notice.version),
        uscc=notice.uscc,
        result_id=notice.result_id,
        version=notice.version,
        state=notice.state,
        value=value,
        body_sha256=hashlib.sha256(value).hexdigest(),
        attempt=1,
        due_on=notice.due_on,
    )
