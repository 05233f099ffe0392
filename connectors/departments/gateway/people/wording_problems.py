"""What do pages say when something cannot be done? What happened, and what to do now."""

from __future__ import annotations

from connectors.departments.gateway.people.wording_enterprise import DOCUMENTS
from connectors.departments.gateway.problems import Problem, Why
from schemas.enums import DocumentKind
from schemas.reasons import Refusal

# For each reason: what happened and what to do, in Chinese, then in English.
PROBLEMS: dict[Why | Refusal, tuple[str, str, str, str]] = {
    Why.NOT_FOUND: (
        "查无此页", "该内容不存在，或者不属于您。", "There is no such page",
        "It does not exist, or is not yours to see.",
    ),
    Why.FORM_EXPIRED: (
        "页面已失效", "请返回上一页，刷新后重新提交。", "This page is too old",
        "Go back, reload the page and send it again.",
    ),
    Why.ROLE: (
        "您的角色不能办理", "请由有权限的人员办理。", "Your role may not do this",
        "Ask somebody whose role may.",
    ),
    Why.UPLOAD_KIND: (
        "文件类型不收", "只收 PDF、PNG、JPEG 文件，按内容识别。请返回更换。",
        "This kind of file is not taken", "PDF, PNG or JPEG by content: go back and change it.",
    ),
    Why.UPLOAD_MISSING: (
        "材料不齐", "请返回补齐后重新提交：", "Documents are missing", "Go back and add: ",
    ),
    Why.NOT_NOW: (
        "目前不能办理", "情况可能已有变化，请返回查看最新状态。", "Not possible as things stand",
        "Things may have changed: go back and look again.",
    ),
    Why.CONTRADICTION: (
        "填写内容自相矛盾", "检查要点有“不符合”，结论却是“未发现问题”，请返回修改。",
        "What you filled in contradicts itself",
        "A point is not met, yet no problem is said to be found: go back and put it right.",
    ),
    Why.PARAMETER: (
        "填写有误", "请返回检查所填内容。", "Something was filled in wrongly",
        "Go back and check what you filled in.",
    ),
    Why.TOO_MANY: ("操作太频繁", "请稍后再试。", "Too many requests", "Try again in a while."),
    Refusal.TOO_LARGE: (
        "内容过大", "请返回，减小文件后重新提交。",
        "Too large", "Go back and hand in smaller files.",
    ),
}  # fmt: skip
_ELSE = ("暂时无法办理", "请重新扫码，或稍后再试。", "This cannot be done now",
         "Scan again, or try again later.")  # fmt: skip


def problem_text(problem: Problem, *, english: bool) -> tuple[str, str]:
    """What happened, and what to do."""
    texts = PROBLEMS.get(problem.reason, _ELSE)
    heading, advice = texts[2:] if english else texts[:2]
    if problem.reason is Why.UPLOAD_MISSING:
        known = [DOCUMENTS[DocumentKind(kind)][english] for kind in _kinds(problem.detail)]
        advice += ("; " if english else "、").join(known)
    return heading, advice


def _kinds(detail: str) -> list[str]:
    return [kind for kind in detail.split(", ") if kind in DocumentKind.__members__]
