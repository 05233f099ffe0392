"""What do an enterprise's own pages say? Chinese first, English beside it; one table each."""

from __future__ import annotations

from schemas.enums import CaseStatus, DocumentKind
from schemas.feed import DisclosureState, StopReason

# For each state its colour, and what it is called in Chinese and English.
STATUSES: dict[CaseStatus, tuple[str, str, str]] = {
    CaseStatus.APPLIED: ("wait", "已提交，待受理", "handed in, not accepted yet"),
    CaseStatus.ACCEPTED: ("wait", "已受理，审核中", "accepted, under review"),
    CaseStatus.SUPPLEMENT: ("bad", "请补充材料", "more documents are asked for"),
    CaseStatus.APPROVED: ("good", "准予修复", "approved"),
    CaseStatus.REFUSED: ("bad", "不予修复", "refused"),
    CaseStatus.WITHDRAWN: ("calm", "申请已撤回", "withdrawn"),
    CaseStatus.REVOKED: ("bad", "修复决定已撤销", "approval revoked"),
}
DISCLOSURES: dict[DisclosureState, tuple[str, str, str]] = {
    DisclosureState.DISCLOSED: ("wait", "公示中", "disclosed"),
    DisclosureState.STOPPED: ("good", "已停止公示", "no longer disclosed"),
    DisclosureState.WITHDRAWN: ("good", "已撤回公示", "withdrawn"),
}
STOP_REASONS: dict[StopReason, tuple[str, str]] = {
    StopReason.RESULT_WITHDRAWN: ("结果已撤回", "the result was withdrawn"),
    StopReason.ENTITY_ERROR: ("主体信息有误", "it named the wrong enterprise"),
    StopReason.REPAIR_APPROVED: ("准予信用修复", "a repair was approved"),
    StopReason.OBJECTION_UPHELD: ("异议成立", "an objection was upheld"),
    StopReason.CASCADE: ("关联信息停止公示", "what it rests on is no longer disclosed"),
    StopReason.EXPIRED: ("公示期满", "its time is over"),
    StopReason.BANKRUPTCY_TEMP_MASK: ("破产程序暂停公示", "masked during bankruptcy"),
}
DOCUMENTS: dict[DocumentKind, tuple[str, str]] = {
    DocumentKind.APPLICATION: ("信用修复申请书", "Application"),
    DocumentKind.IDENTITY: ("申请人主体资格文件", "Proof of identity"),
    DocumentKind.PLEDGE: ("守信承诺书", "Pledge"),
    DocumentKind.CORRECTION: ("纠正违法行为的证明材料", "Proof of correction"),
    DocumentKind.OTHER: ("其他材料", "Other documents"),
}
STARS: dict[int, tuple[str, str]] = {
    5: ("非常满意", "very good"),
    4: ("满意", "good"),
    3: ("一般", "fair"),
    2: ("不满意", "poor"),
    1: ("非常不满意", "very poor"),
}
ENTERPRISE_LABELS: dict[str, tuple[str, str]] = {
    "own_title": ("涉企行政检查 · 我的企业", "Inspections of my enterprise"),
    "skip": ("跳到正文", "Skip to content"),
    "menu": ("栏目", "Menu"),
    "menu_visits": ("检查记录", "Visits"),
    "menu_disclosed": ("公示信息", "Disclosed"),
    "menu_repairs": ("信用修复", "Repair"),
    "sign_out": ("退出", "Sign out"),
    "sign_in_own": ("用电子营业执照登录", "Sign in with the e-licence"),
    "sign_in_why": (
        "登录后可以查看本单位的历次检查和结果、评价检查、申请信用修复。只能看到本单位的信息。",
        "See the visits to your enterprise, rate them, apply for repair. You see only yourself.",
    ),
    "no_visits": ("没有检查记录。", "No visits are on record."),
    "visit": ("检查", "Visit"),
    "joint_visit": ("联合检查", "Joint visit"),
    "joint_others": ("同一次联合检查的其他部门", "Other departments of this joint visit"),
    "result": ("检查结果", "Result"),
    "result_none": ("结果尚未登记。", "No result is on record yet."),
    "result_unread": (
        "结果已登记，详细内容暂时无法读取，请稍后再看。",
        "A result is on record; its details cannot be read now.",
    ),
    "found_problem": ("发现问题", "problems found"),
    "found_nothing": ("未发现问题", "no problems found"),
    "points": ("检查要点", "Check points"),
    "point_ok": ("符合", "met"),
    "point_bad": ("不符合", "not met"),
    "follow_up": ("后续处理", "Follow-up"),
    "rate": ("评价本次检查", "Rate this visit"),
    "rate_dept": ("评价对象：{dept}", "Of {dept}"),
    "rate_until": ("{day} 前可以评价或修改", "Open until {day}"),
    "rate_closed": ("评价期限已过（{day}）。", "Rating closed on {day}."),
    "rated": ("已评价", "Rated"),
    "not_rated": ("待评价", "Not rated"),
    "comment": ("意见（可不填，最多 500 字）", "Comment (optional, up to 500 characters)"),
    "send_rating": ("提交评价", "Send rating"),
    "change_rating": ("修改评价", "Change rating"),
    "done_rated": ("评价已登记。", "Your rating is recorded."),
    "done_applied": ("申请已提交。", "Your application was handed in."),
    "done_supplement": ("补充材料已提交。", "Your documents were handed in."),
    "pending": (
        "已收到，正在登记，请稍后刷新本页。", "Received; it is being recorded, reload in a moment.",
    ),
    "no_disclosed": ("没有公示过的检查结果。", "No result was ever disclosed."),
    "place_own": ("本平台公示栏", "The platform's own list"),
    "place": ("公示渠道", "Place"),
    "place_shown": ("公示中", "shown"),
    "place_gone": ("已停止，已核实", "stopped, seen"),
    "place_done": ("已停止", "stopped"),
    "place_waits": ("停止中", "being stopped"),
    "place_none": ("未推送", "never sent"),
    "stop_due": ("应于 {day} 前在各渠道停止公示", "Must be gone everywhere by {day}"),
    "stop_why": ("停止原因", "Why it stopped"),
    "apply": ("申请信用修复", "Apply for repair"),
    "apply_what": ("申请修复的结果", "Results to be repaired"),
    "apply_to": ("受理部门", "To"),
    "apply_hint": (
        "每个文件不超过 {size}，只收 PDF、PNG、JPEG，按内容识别。",
        "PDF, PNG or JPEG, told by content; at most {size} each.",
    ),
    "send_application": ("提交申请", "Hand in"),
    "send_supplement": ("提交补充材料", "Hand in documents"),
    "supplement": ("补充材料", "Further documents"),
    "repair": ("信用修复申请", "Application for repair"),
    "no_repairs": ("没有信用修复申请。", "No applications."),
    "repair_no": ("申请编号", "Number"),
    "applied_on": ("提交时间", "Handed in"),
    "accepted_on": ("受理时间", "Accepted"),
    "decide_by": ("应作出决定的期限", "To be decided by"),
    "provisional": ("（暂定）", " (provisional)"),
    "missing": ("尚缺材料", "Missing"),
    "decision": ("决定", "Decision"),
    "decision_no": ("文号", "No."),
    "reason": ("理由", "Reason"),
    "documents": ("已交材料", "Documents"),
    "history_link": ("登录查看检查结果、评价和历次检查", "Results, rating and history"),
}  # fmt: skip
