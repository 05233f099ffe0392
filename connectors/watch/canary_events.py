"""What does the canary publish? Its registration, and one task a day, again and again.

The task is the same all day, so that only the first of a day is decided anew and the others are
answered as repeats, by the same way: a task every few minutes would make the state of one
enterprise grow by a hundred thousand a year. The task of the day before is cancelled, so the
enterprise's own caps are never used up.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import orjson

from connectors.publisher import OutRecord
from schemas.canary import (
    CANARY_DEPT,
    CANARY_ITEM,
    CANARY_NAME,
    CANARY_OFFICER,
    CANARY_REGION,
    CANARY_SYSTEM,
    CANARY_USCC,
)
from schemas.codec import JSON
from schemas.envelope import Envelope, write_headers
from schemas.messages import (
    REGISTRY_DEPARTMENT,
    REGISTRY_ITEM,
    REGISTRY_OFFICER,
    REGISTRY_SUBJECT,
    TASK_CANCELLED,
    TASK_SUBMITTED,
)
from schemas.topics import REGISTRY, in_topic

_SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_FIRST_DAY = "2020-01-01"


def task_id(day: date) -> str:
    """The task of a day."""
    return f"{CANARY_DEPT}-{day.isoformat()}"


def day_of(at_ms: int) -> date:
    """The day in Asia/Shanghai."""
    return datetime.fromtimestamp(at_ms / 1000, _SHANGHAI).date()


def registration(at_ms: int) -> list[OutRecord]:
    """The entries by which the canary is a department with an officer, an item and an object."""
    entries: list[tuple[str, dict[str, Any]]] = [
        (
            REGISTRY_DEPARTMENT,
            {
                "dept": CANARY_DEPT,
                "name": CANARY_NAME,
                "region": CANARY_REGION,
                "level": "CITY",
                "system": CANARY_SYSTEM,
                "listed": True,
                "valid_from": _FIRST_DAY,
            },
        ),
        (
            REGISTRY_OFFICER,
            {
                "cert_no": CANARY_OFFICER,
                "name": CANARY_NAME,
                "dept": CANARY_DEPT,
                "valid_from": _FIRST_DAY,
                "status": "VALID",
            },
        ),
        (
            REGISTRY_ITEM,
            {
                "item": CANARY_ITEM,
                "title": CANARY_NAME,
                "system": CANARY_SYSTEM,
                "offsite_possible": False,
                "version": 1,
            },
        ),
        (
            REGISTRY_SUBJECT,
            {
                "uscc": CANARY_USCC,
                "name": CANARY_NAME,
                "object_type": "91",
                "industry": CANARY_SYSTEM,
                "region": CANARY_REGION,
                "status": "ACTIVE",
            },
        ),
    ]
    return [
        _record(REGISTRY, kind, f"canary-{at_ms}-{number}", entry, at_ms)
        for number, (kind, entry) in enumerate(entries)
    ]


def submission(day: date, event_id: str, at_ms: int) -> OutRecord:
    """The task of a day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=_SHANGHAI).isoformat()
    data = {
        "task_id": task_id(day),
        "uscc": CANARY_USCC,
        "entity_name": CANARY_NAME,
        "mode": "ONSITE",
        "kind": "DAILY",
        "trigger": "PLAN",
        "items": [CANARY_ITEM],
        "planned_on": day.isoformat(),
        "premises_region": CANARY_REGION,
        "officers": [CANARY_OFFICER],
        "plan_code": CANARY_DEPT,
        "approval": {"no": CANARY_DEPT, "by": CANARY_NAME, "at": midnight, "mode": "PRIOR"},
    }
    return _record(CANARY_DEPT, TASK_SUBMITTED, event_id, data, at_ms)


def cancellation(task: str, event_id: str, at_ms: int) -> OutRecord:
    """The end of an earlier day's task."""
    data = {"task_id": task, "uscc": CANARY_USCC, "reason": CANARY_NAME}
    return _record(CANARY_DEPT, TASK_CANCELLED, event_id, data, at_ms)


def _record(dept: str, kind: str, event_id: str, data: dict[str, Any], at_ms: int) -> OutRecord:
    time = datetime.fromtimestamp(at_ms / 1000, _SHANGHAI).isoformat(timespec="milliseconds")
    headers = write_headers(Envelope(id=event_id, source=dept, type=kind, time=time), JSON)
    return OutRecord(in_topic(dept), None, CANARY_USCC.encode(), orjson.dumps(data), headers)
