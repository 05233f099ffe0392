"""What do the codes of ledgers, verdicts and refusals mean in words? Chinese, English; by group."""

from __future__ import annotations

from connectors.dashboard.wording_letters import REFUSED
from connectors.departments.gateway.people.wording_officer import KINDS, TRIGGERS

Words = dict[str, tuple[str, str]]

VERDICTS: Words = {
    "NO_DATA": ("无数据", "no data"),
    "DOOMED": ("必将逾期", "doomed"),
    "EXPIRING": ("将被清除", "expiring"),
    "STOP": ("已停止", "stopped"),
    "REWIND": ("位点回退", "rewound"),
    "STALL": ("停滞", "stalled"),
    "PAUSED_BY_BREAKER": ("熔断暂停", "held by breaker"),
    "PAUSED_BY_OPERATOR": ("人工暂停", "paused by hand"),
    "AT_RISK": ("可能逾期", "at risk"),
    "WARN": ("跟不上", "falling behind"),
    "SILENT": ("静默", "silent"),
    "OK": ("正常", "well"),
}
# Of a department WARN says that something is wrong with what it sends; the notes say what.
DEPT_VERDICTS: Words = {**VERDICTS, "WARN": ("数据有问题", "with poor data")}
STAGES: Words = {
    "intake": ("接收", "intake"),
    "decide": ("决定", "decide"),
    "deliver": ("投递", "deliver"),
    "prove": ("核见", "prove"),
    "count": ("统计", "count"),
}
BREAKERS: Words = {
    "CLOSED": ("闭合（通）", "closed"),
    "HALF_OPEN": ("试探", "half open"),
    "OPEN": ("断开（停）", "open"),
}
STANDINGS: Words = {
    "OWED": ("待发", "owed"),
    "SENT": ("已发", "sent"),
    "ACCEPTED": ("已受理", "accepted"),
    "PROCESSED": ("已处理", "processed"),
    "OBSERVED": ("已核见", "seen"),
    "REJECTED": ("被拒收", "refused"),
    "NOT_TAKEN_IN": ("未读入", "unread"),
    "SHOWN": ("仍在公示", "still shown"),
    "HIDDEN": ("已撤下", "hidden"),
}
# What a place is waited for, as the console says it behind the place's name.
WAITS: Words = {
    "unread": ("未读入", "unread"),
    "refused": ("被拒收", "refused"),
    "unconfirmed": ("未确认", "unconfirmed"),
}
EXCHANGES: Words = {
    "FRONT_TABLE": ("前置库", "front table"),
    "HTTP_PUSH": ("推送", "push"),
    "FEED": ("订阅", "feed"),
}
ACTIONS: Words = {
    "PAUSE": ("暂停", "pause"),
    "RESUME": ("恢复", "resume"),
    "REQUEUE": ("重试拒收", "requeue"),
    "RECONCILE": ("对账", "reconcile"),
    "PROBE": ("探查", "probe"),
    "REPLAY": ("重发死信", "replay"),
}
ROLES: Words = {
    "viewer": ("查看", "viewer"),
    "operator": ("值班", "operator"),
    "supervisor": ("主管", "supervisor"),
}
STATES: Words = {
    "DISCLOSED": ("公示", "disclosed"),
    "STOPPED": ("停止公示", "stopped"),
    "WITHDRAWN": ("撤回", "withdrawn"),
}
STATUSES: Words = {
    "APPLIED": ("已申请", "applied"),
    "ACCEPTED": ("已受理", "accepted"),
    "SUPPLEMENT": ("补正中", "supplement asked"),
    "APPROVED": ("已准予", "approved"),
    "REFUSED": ("不予修复", "refused"),
    "WITHDRAWN": ("已撤回", "withdrawn"),
    "REVOKED": ("已撤销", "revoked"),
}
DAY_KINDS: Words = {
    "WORK": ("上班", "work"),
    "REST": ("放假", "rest"),
    "AS_SHIPPED": ("以随附日历为准", "as shipped"),
}
NOTES: Words = {
    "SILENT": ("静默", "silent"),
    "REFUSED": ("退回多", "much is refused"),
    "DUPLICATES": ("重复多", "many repeats"),
    "CLOCK": ("时钟不准", "clock is off"),
    "SCHEMA_BEHIND": ("模式落后", "schema behind"),
    "QUOTA": ("接近配额", "near its quota"),
    "CREDENTIALS": ("令牌将到期", "token ends soon"),
    "CERTIFICATE": ("证书将到期", "certificate ends soon"),
}
SCOPES: Words = {
    "AGENCY": ("一个部门", "agency"),
    "EACH_AGENCY": ("每个部门各自", "each agency"),
    "GROUP": ("几个部门合计", "group"),
}
JOINT: Words = {
    "refuse": ("不予赋码", "refused"),
    "warn": ("只提示", "warned of"),
}
WATCHED: Words = {
    "OVER_CAP": ("超过频次上限", "over a cap"),
    "AT_CAP": ("频次已用尽，下一次将被拦截", "cap used up"),
    "NEAR_CAP": ("再查一次即用尽", "one below a cap"),
    "UNREASONABLE": ("同一部门检查过频", "inspected unreasonably often"),
    "OVER_CAP_BACKFILL": ("补录超过上限", "back-filled over a cap"),
    "MOVED_OVER_CAP": ("跨年实施致超上限", "moved over a cap"),
    "NO_CODE": ("无码现场检查", "on site without a code"),
}
DIFFERENCES: Words = {
    "MISSING_STOP": ("应停未停", "must not be shown"),
    "MISSING_DISCLOSURE": ("应公示未公示", "is not shown"),
    "WRONG_VERSION": ("版本不符", "wrong version"),
    "UNKNOWN": ("台账没有", "unknown to the ledger"),
}
STEPS: Words = {
    "DECIDED": ("决定", "DECIDED"),
    "REPEATED": ("重复来件", "REPEATED"),
    "CONFLICT": ("内容冲突", "CONFLICT"),
    "APPROVAL": ("补办批准", "APPROVAL"),
    "CANCELLED": ("取消", "CANCELLED"),
    "EXPIRED": ("过期", "EXPIRED"),
    "ENTERED": ("入场", "ENTERED"),
    "COMPLETED": ("检查完成", "COMPLETED"),
    "CHOICE": ("对提示的选择", "CHOICE"),
    "RATED": ("评价", "RATED"),
    "NOTED": ("记录", "NOTED"),
    "FAULTED": ("处理出错", "FAULTED"),
    "DISCLOSURE": ("公示", "DISCLOSURE"),
    "STOP_KEPT": ("预留停止", "STOP_KEPT"),
    "REPAIR": ("信用修复", "REPAIR"),
    "HELD": ("等待前一步骤", "HELD"),
    "ACCEPTED": ("对方受理", "ACCEPTED"),
    "PROCESSED": ("对方处理", "PROCESSED"),
    "OBSERVED": ("已核见", "OBSERVED"),
    "REJECTED": ("对方拒收", "REJECTED"),
}
PLACES: Words = {"PUBLIC": ("本系统公示栏", "the hub's own list")}
CODES: dict[str, Words] = {
    "place": PLACES,
    "watched": WATCHED,
    "difference": DIFFERENCES,
    "step": STEPS,
    "verdict": VERDICTS,
    "dept_verdict": DEPT_VERDICTS,
    "stage": STAGES,
    "breaker": BREAKERS,
    "standing": STANDINGS,
    "waits": WAITS,
    "exchange": EXCHANGES,
    "action": ACTIONS,
    "role": ROLES,
    "state": STATES,
    "status": STATUSES,
    "day_kind": DAY_KINDS,
    "note": NOTES,
    "scope": SCOPES,
    "joint": JOINT,
    "trigger": {code.value: (text, code.value) for code, text in TRIGGERS.items()},
    "kind": {code.value: (text, code.value) for code, text in KINDS.items()},
    "refused": {code: (what, english) for code, (what, _, english, _) in REFUSED.items()},
    "advice": {code: (todo, english) for code, (_, todo, _, english) in REFUSED.items()},
}
