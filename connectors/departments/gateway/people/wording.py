"""What do the pages say? Chinese first, English beside it; one table each."""

from __future__ import annotations

from typing import Literal

from connectors.departments.gateway.people.wording_enterprise import ENTERPRISE_LABELS
from connectors.departments.gateway.people.wording_officer import OFFICER_LABELS
from schemas.desk import ScanVerdict
from schemas.enums import CodeState, Standing

Lang = Literal["zh", "en"]

# verdict: (Chinese heading, Chinese advice, English heading, English advice)
VERDICTS: dict[ScanVerdict, tuple[str, str, str, str]] = {
    ScanVerdict.GOOD: (
        "检查码有效", "请核对以下信息后，用电子营业执照核验。",
        "This code is good", "Compare what stands below, then verify with your e-licence.",
    ),
    ScanVerdict.SCANNED: (
        "检查码已核验", "本次检查已扫码登记。",
        "This code was scanned", "The visit has been registered.",
    ),
    ScanVerdict.FORGED: (
        "假码：不是本系统签发", "请勿据此接受检查，可向市场监管部门或司法行政部门反映。",
        "Forged: not issued by the hub", "Do not accept an inspection on it; report it.",
    ),
    ScanVerdict.UNKNOWN: (
        "查不到此码", "请要求执法人员重新出示；仍查不到的，可向司法行政部门反映。",
        "No such code is on record", "Ask for it again; if it is still unknown, report it.",
    ),
    ScanVerdict.REVOKED: (
        "检查码已撤销", "此码不得再用。", "This code was revoked", "It may not be used any more.",
    ),
    ScanVerdict.CANCELLED: (
        "检查已取消", "此码不得再用。", "The inspection was cancelled", "The code is void.",
    ),
    ScanVerdict.USED: (
        "检查码已使用", "本次检查已完成，一码一查，不得重复使用。",
        "This code was used", "The inspection is complete; one code serves one inspection.",
    ),
    ScanVerdict.LAST_YEAR: (
        "往年的检查码", "此码属于以前年度，已经失效。",
        "A code of an earlier year", "It is no longer valid.",
    ),
    ScanVerdict.EXPIRED: (
        "检查码已过期", "请要求执法人员出示有效的检查码。",
        "This code has expired", "Ask for a valid one.",
    ),
}  # fmt: skip

FOREIGN = (
    "此码不属于贵单位", "检查码对应的是另一家经营主体，请勿据此接受检查。",
    "This code is for another enterprise", "Do not accept an inspection on it.",
)  # fmt: skip

STATES: dict[CodeState, tuple[str, str]] = {
    CodeState.NONE: ("无码", "no code"),
    CodeState.ISSUED: ("已赋码", "issued"),
    CodeState.SHOWN: ("已出示", "shown"),
    CodeState.SCANNED: ("已扫码", "scanned"),
    CodeState.SCAN_REFUSED: ("拒绝扫码", "scan refused"),
    CodeState.LICENCE_FAILED: ("核验未通过", "licence check failed"),
    CodeState.COMPLETED: ("已完成", "completed"),
    CodeState.CANCELLED: ("已取消", "cancelled"),
    CodeState.EXPIRED: ("已过期", "expired"),
    CodeState.REVOKED: ("已撤销", "revoked"),
}
STANDINGS: dict[Standing, tuple[str, str]] = {
    Standing.VALID: ("有效", "valid"),
    Standing.UNKNOWN: ("查无此证", "not on record"),
    Standing.NOT_LISTED: ("不在名录", "not listed"),
    Standing.NOT_YET_VALID: ("尚未生效", "not valid yet"),
    Standing.EXPIRED: ("已过期", "expired"),
    Standing.SUSPENDED: ("已暂停", "suspended"),
    Standing.REVOKED: ("已吊销", "revoked"),
    Standing.OTHER_DEPARTMENT: ("属于其他部门", "of another department"),
}
LABELS: dict[str, tuple[str, str]] = {
    "title": ("涉企行政检查码", "Inspection code"),
    "enterprise": ("检查对象", "Enterprise"),
    "department": ("检查部门", "Department"),
    "items": ("检查事项", "Items"),
    "day": ("检查日期", "Day"),
    "valid_until": ("有效期至", "Valid until"),
    "state": ("状态", "State"),
    "code": ("检查码", "Code"),
    "officers": ("执法人员", "Officers"),
    "cert_no": ("执法证号", "Certificate"),
    "name": ("姓名", "Name"),
    "officers_ok": ("{n} 名，执法证均有效", "{n}, all certificates valid"),
    "officers_bad": (
        "{n} 名，其中 {bad} 名执法证无效", "{n}, of whom {bad} without valid certificate",
    ),
    "officers_unknown": ("暂时无法查询", "cannot be looked up now"),
    "count": ("本年度第 {n} 次 / 上限 {m} 次", "Visit {n} of at most {m} this year"),
    "count_no_cap": ("本年度第 {n} 次（无上限规定）", "Visit {n} this year (no cap applies)"),
    "verify": ("电子营业执照核验", "Verify with e-licence"),
    "refuse": ("拒绝扫码核验", "I refuse to scan"),
    "failed": ("核验未通过，继续检查", "Check failed, go on"),
    "verified": ("身份已核验", "Verified"),
    "not_verified": (
        "核验未完成。检查不因此停止，可以重试，或登记为“核验未通过”。",
        "The check was not completed. The inspection goes on; try again or record the failure.",
    ),
    "no_licence_service": ("核验服务暂不可用", "The verification service cannot be reached now"),
    "recorded": ("已登记", "Recorded"),
    "recorded_scanned": ("已扫码登记，检查可以开始。", "The visit is recorded; it may begin."),
    "recorded_refused": (
        "已登记拒绝扫码，检查照常进行。", "The refusal is recorded; the inspection goes on.",
    ),
    "recorded_failed": (
        "已登记核验未通过，检查照常进行。", "The failure is recorded; the inspection goes on.",
    ),
    "not_blocking": (
        "拒绝扫码或核验未通过不影响检查依法进行，但会如实记录。",
        "Neither stops a lawful inspection; both are recorded as they are.",
    ),
    "other_day": ("注意：今天不是计划的检查日", "Note: today is not the planned day"),
    "print_hint": ("请经营主体扫描此码核验", "Scan to verify this inspection"),
    "back": ("返回", "Back"),
    "register_scan": ("登记本次扫码", "Register this visit"),
    "other_lang": ("English", "中文"),
}  # fmt: skip


def label(name: str, lang: Lang, **values: object) -> str:
    """A label in a language."""
    return _ALL[name][_INDEX[lang]].format(**values)


def pick(texts: tuple[str, str], lang: Lang) -> str:
    """Of a Chinese and an English text the one that is asked for."""
    return texts[_INDEX[lang]]


def verdict_text(verdict: ScanVerdict | None, lang: Lang) -> tuple[str, str]:
    """Heading and advice of a verdict; None: the code is another enterprise's."""
    chinese, advice, english, english_advice = VERDICTS[verdict] if verdict else FOREIGN
    return (english, english_advice) if lang == "en" else (chinese, advice)


def state_text(state: CodeState, lang: Lang) -> str:
    """A code's state in a language."""
    return STATES[state][_INDEX[lang]]


def standing_text(standing: Standing, lang: Lang) -> str:
    """A certificate's standing in a language."""
    return STANDINGS[standing][_INDEX[lang]]


_ALL = {**LABELS, **ENTERPRISE_LABELS, **OFFICER_LABELS}
_INDEX: dict[Lang, int] = {"zh": 0, "en": 1}
