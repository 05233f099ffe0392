"""What are the codes called that stand within a sentence? Chinese; by group.

A group's name is what a field of a phrase is called that holds such codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.dashboard.wording_codes import BREAKERS, STAGES, STATES, STATUSES, VERDICTS
from connectors.dashboard.wording_letters import REFUSED
from connectors.departments.gateway.people import wording, wording_enterprise, wording_officer
from schemas.explain import explain_reason, explained

REASONS: dict[str, str] = {
    code: explain_reason(code).zh.rstrip("。") for code in sorted(explained("reason"))
}
_REPAIR_DECISIONS: dict[str, str] = {
    "APPROVED": "准予修复",
    "REFUSED": "不予修复",
    "WITHDRAWN": "申请人撤回",
    "REVOKED": "撤销修复决定",
}
_REPAIR_STEPS: dict[str, str] = {
    "APPLIED": "申请",
    "ACCEPTED": "受理",
    "SUPPLEMENT_ASKED": "要求补正",
    "SUPPLEMENT_RECEIVED": "收到补正",
    "DECIDED": "决定",
}
_SPECIAL_STEPS: dict[str, str] = {
    "FILED": "备案",
    "AGREED": "会签",
    "PUBLISHED": "公开",
    "DISPATCHED": "派发",
    "CLAIMED": "认领",
    "REFUSED": "拒绝认领",
    "OVERDUE": "逾期未认领",
    "CLOSED": "结束",
}
_OTHERS: dict[str, dict[str, str]] = {
    "outcome": {"REPEATED": "重复来件", "REFUSED": "未予受理"},
    "cause": {
        "RESULT": "检查结果", "CORRECTED": "更正", "ORDERED": "责令停止", "RESUMED": "恢复公示",
        "REPAIRED": "信用修复", "REVOKED": "撤销修复",
    },
    "platform": {"CITY": "市级平台", "OWN": "自建平台", "STATE_COUNCIL": "国务院部门平台"},
    "object_stage": {"TASK": "任务", "RESULT": "结果", "CANCELLED": "已取消", "DRAWN": "抽取"},
    "survey_step": {"FOUND": "摸底发现", "CLOSED": "摸底结束"},
    "lead_ground": {
        "ONLY": "仅此一家", "COMPETENT": "行业主管", "INITIATOR": "发起部门",
        "MOST_ITEMS": "事项最多", "CODE_ORDER": "按代码顺序",
    },
    "joint_change": {
        "FORMED": "组成", "JOINED": "加入", "WITHDRAWN": "退出", "ABSENT": "未到场",
        "OVER_CAP": "频次用尽退出",
    },
}  # fmt: skip


def _first(words: Mapping[Any, tuple[str, ...]], at: int = 0) -> dict[str, str]:
    return {str(code): texts[at] for code, texts in words.items()}


SAID_CODES: dict[str, dict[str, str]] = {
    **_OTHERS,
    "verdict": _first(VERDICTS),
    "stage": _first(STAGES),
    "breaker": _first(BREAKERS),
    "state": _first(STATES),
    "status": _first(STATUSES),
    "refusal": _first(REFUSED),
    "reason": REASONS,
    "repair_step": _REPAIR_STEPS,
    "repair_decision": _REPAIR_DECISIONS,
    "repair_move": _REPAIR_STEPS | _REPAIR_DECISIONS,
    "special_step": _SPECIAL_STEPS,
    "decision": _first(wording_officer.DECISIONS, 1),
    "choice": _first(wording_officer.CHOICES),
    "code_state": _first(wording.STATES),
    "stop_reason": _first(wording_enterprise.STOP_REASONS),
    "document": _first(wording_enterprise.DOCUMENTS),
}
