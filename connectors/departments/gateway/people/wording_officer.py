"""What do the pages of officers say? Chinese first, English beside it; one table each."""

from __future__ import annotations

from schemas.enums import Choice, Decision, EntryHow, Kind, OffsiteWay, Trigger

DECISIONS: dict[Decision, tuple[str, str, str]] = {
    Decision.CONFLICT: ("bad", "内容冲突", "conflict"),
    Decision.CANCELLED: ("calm", "已取消", "cancelled"),
    Decision.REJECTED_UNQUALIFIED: ("bad", "主体或人员无资格", "not qualified"),
    Decision.REJECTED_NO_APPROVAL: ("bad", "方案未经批准", "no approval"),
    Decision.REJECTED_OUT_OF_TERRITORY: ("bad", "超出管辖范围", "out of territory"),
    Decision.RECORDED_OUT_OF_SCOPE: ("calm", "非经营主体，只记录", "out of scope, recorded"),
    Decision.RECORDED_OFFSITE: ("calm", "非现场检查", "off-site"),
    Decision.RECORDED_BACKFILL: ("good", "补录", "filled in afterwards"),
    Decision.REFUSED_JOINT_MEMBER: ("bad", "应参加联合检查", "part of a joint visit"),
    Decision.REFUSED_WHITELISTED: ("bad", "白名单，不主动检查", "whitelisted"),
    Decision.INTERCEPTED_OVER_CAP: ("bad", "已拦截：频次用尽", "intercepted: cap used up"),
    Decision.ISSUED: ("good", "已赋码", "code issued"),
}
ENTRIES: dict[EntryHow, tuple[str, str]] = {
    EntryHow.SHOWN_ONLY: ("已出示检查码", "Code shown"),
    EntryHow.SCANNED: ("企业已扫码核验", "Scanned and verified"),
    EntryHow.REFUSED: ("企业拒绝扫码", "Refused to scan"),
    EntryHow.LICENCE_FAILED: ("执照核验未通过", "Licence check failed"),
}
CHOICES: dict[Choice, tuple[str, str]] = {
    Choice.STOP: ("停止检查", "Stop"),
    Choice.CONTINUE: ("继续检查", "Go on"),
}
WAYS: dict[OffsiteWay, tuple[str, str]] = {
    OffsiteWay.WRITTEN: ("书面核查", "by documents"),
    OffsiteWay.ONLINE: ("网络平台核查", "online"),
    OffsiteWay.SHARED_DATA: ("信息共享", "by shared data"),
    OffsiteWay.REMOTE_MONITORING: ("远程监控", "by remote monitoring"),
    OffsiteWay.DATA_ANALYSIS: ("大数据监测", "by data analysis"),
}
TRIGGERS: dict[Trigger, str] = {
    Trigger.PLAN: "年度计划",
    Trigger.COMPLAINT: "投诉举报",
    Trigger.TRANSFER: "转办交办",
    Trigger.DATA_MONITORING: "数据监测",
    Trigger.ENTERPRISE_REQUEST: "企业申请",
    Trigger.OFFSITE_FINDING: "非现场发现问题",
    Trigger.MEDIA: "媒体曝光",
    Trigger.RECTIFICATION_REVIEW: "整改复查",
    Trigger.LICENSING_VERIFY: "许可核查",
    Trigger.SUPERIOR_SPECIAL: "上级专项",
    Trigger.URGENT: "突发紧急",
}
KINDS: dict[Kind, str] = {Kind.DAILY: "日常检查", Kind.SPECIAL: "专项检查", Kind.CASE: "个案检查"}
OFFICER_LABELS: dict[str, tuple[str, str]] = {
    "desk_title": ("执法人员工作台", "Officers' desk"),
    "desk_why": (
        "用本人登录凭证登录。执法证无效的账号立即停止使用。",
        "Sign in with your own token. Without a valid certificate there is no way in.",
    ),
    "desk_token": ("登录凭证", "Token"),
    "desk_sign_in": ("登录", "Sign in"),
    "desk_wrong": ("凭证无效，或执法证不在有效状态。", "No good token, or no valid certificate."),
    "menu_tasks": ("当日任务", "Tasks"),
    "menu_backfill": ("补录", "Fill in afterwards"),
    "day_before": ("前一天", "Day before"),
    "day_after": ("后一天", "Day after"),
    "no_tasks": ("这一天没有任务。", "Nothing to do on this day."),
    "joints_to_plan": ("待安排的联合检查", "Joint inspections to be planned"),
    "joints_why": (
        "本季度抽查比对形成，本单位尚未提交任务；请与牵头部门商定日期，任务写明联合任务编号。",
        "Formed from this quarter's draws, without a task of yours yet: agree on a day with the "
        "lead, and submit the task with the id of the joint inspection.",
    ),
    "joint_lead": ("牵头部门", "Lead"),
    "joint_you_lead": ("本单位", "you"),
    "joint_no_lead": ("未指定", "nobody"),
    "joint_others": ("参与部门", "With"),
    "joint_day_needed": ("待定日期", "A day is needed"),
    "joint_day_set": ("已定日期", "Day set"),
    "joint_proposed": ("建议日期", "Proposed"),
    "colon": ("：", ": "),
    "task": ("检查任务", "Task"),
    "show_code": ("请企业扫描此码核验", "Have this code scanned"),
    "no_code": ("没有检查码，不得进入。", "There is no code: do not enter."),
    "print": ("打印页（A4）", "Print (A4)"),
    "entry": ("入场记录", "Entry"),
    "entry_why": (
        "拒绝扫码或核验未通过的，可以继续检查，但应当如实记录。",
        "A refusal or a failed check never stops the inspection; it is recorded.",
    ),
    "prompts": ("提示", "Prompts"),
    "offsite": ("可非现场检查的事项", "Can be checked off-site"),
    "choice_why": (
        "可以停止检查；可非现场检查而继续入企的，应当说明理由。",
        "You may stop. To go although it can be checked off-site, say why.",
    ),
    "reason": ("理由", "Reason"),
    "done_choice": ("选择已登记。", "Your choice is recorded."),
    "note": ("情况说明（可不填）", "Note (optional)"),
    "fill_in": ("填写检查结果", "Fill in the result"),
    "inspected_on": ("检查日期", "Inspected on"),
    "outcomes": ("检查结论（可多选）", "Outcomes"),
    "point_note": ("说明", "Note"),
    "publish": ("依法公示", "Publish"),
    "send_result": ("提交结果", "Send result"),
    "done_entry": ("入场情况已登记。", "The entry is recorded."),
    "done_result": ("检查结果已登记。", "The result is recorded."),
    "done_backfill": ("补录已登记。", "Recorded afterwards."),
    "task_after": ("结果已登记", "A result is on record"),
    "rating": ("企业评价", "Rating"),
    "backfill_why": (
        "检查已经实施但未事先录入的，在此补录；补录只记录和计数，不予拦截。",
        "For inspections that took place without being entered before: recorded and counted.",
    ),
    "uscc": ("统一社会信用代码", "Credit code"),
    "entity_name": ("检查对象名称", "Name"),
    "item_codes": ("检查事项编码（多个用逗号隔开）", "Items (codes, commas between)"),
    "kind": ("检查类型", "Kind"),
    "trigger": ("检查来源", "Trigger"),
    "clue_no": ("线索编号（可不填）", "Clue number (optional)"),
    "region": ("检查地点行政区划代码", "Region of the premises"),
    "officer_nos": ("执法证号（多个用逗号隔开）", "Certificates (commas between)"),
    "approval_no": ("方案批准文号", "Approval number"),
    "approval_by": ("批准人", "Approved by"),
    "approval_on": ("批准日期", "Approved on"),
    "send_backfill": ("提交补录", "Send"),
}  # fmt: skip
