"""What the gateway's tests have registered: departments, officers, an item, enterprises, a cap."""

from __future__ import annotations

import json
from typing import Any

from schemas.messages import (
    INBOUND,
    POLICY_PUBLISHED,
    REGISTRY_DEPARTMENT,
    REGISTRY_ITEM,
    REGISTRY_OFFICER,
    REGISTRY_SUBJECT,
)
from streams.desks.events import DeskRegistry

DEPT, OTHER, UNREGISTERED = "WJW-120116", "XFJ-120116", "GAJ-120116"
USCC, OTHER_USCC = "91120116MA0000003A", "91120116MA00000115"


DEPARTMENTS = ((DEPT, "滨海新区卫生健康委"), (OTHER, "滨海新区消防救援支队"))
OFFICERS = (
    ("TJ0001", "王小明", "2199-01-01", DEPT), ("TJ0002", "李大力", "2026-12-31", DEPT),
    ("TJ0101", "赵卫国", "2199-01-01", OTHER),
)  # fmt: skip
ENTERPRISES = ((USCC, "天津甲有限公司"), (OTHER_USCC, "天津乙有限公司"))
POLICY: dict[str, Any] = {
    "policy": {"version": "test", "exempt_triggers": ["COMPLAINT"]},
    "cap": [{
        "id": "R", "version": 1, "source": "a test", "from": "2000-01-01", "max": 2,
        "scope": {"kind": "EACH_AGENCY"},
    }],
}  # fmt: skip
ITEM: dict[str, Any] = {
    "item": "1101-001", "title": "公共场所卫生检查", "system": "WJ", "offsite_possible": False,
    "version": 1,
    "points": [
        {"point": "P1", "title": "卫生许可证在有效期内并公示"},
        {"point": "P2", "title": "从业人员持有效健康合格证明"},
    ],
}  # fmt: skip
REGISTERED: list[tuple[str, dict[str, Any]]] = [
    (POLICY_PUBLISHED, POLICY),
    (REGISTRY_ITEM, ITEM),
    *(
        (REGISTRY_DEPARTMENT, {
            "dept": dept, "name": name, "region": "120116", "level": "DISTRICT", "system": "WJ",
            "listed": True, "valid_from": "2020-01-01",
        })
        for dept, name in DEPARTMENTS
    ),
    *(
        (REGISTRY_OFFICER, {
            "cert_no": number, "name": name, "dept": dept, "valid_from": "2020-01-01",
            "valid_to": until, "status": "VALID",
        })
        for number, name, until, dept in OFFICERS
    ),
    *(
        (REGISTRY_SUBJECT, {
            "uscc": uscc, "name": name, "object_type": "企业", "industry": "5199",
            "region": "120116", "status": "ACTIVE",
        })
        for uscc, name in ENTERPRISES
    ),
]  # fmt: skip


def a_registry() -> DeskRegistry:
    """Two departments, their officers, an item, two enterprises, and a cap of two a year."""
    registry = DeskRegistry()
    for type_, content in REGISTERED:
        model = INBOUND[type_].model
        registry.put(type_, model.model_validate_json(json.dumps(content)))
    return registry
