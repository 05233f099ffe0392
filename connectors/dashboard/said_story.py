"""What does a case's timeline say on a Chinese screen? By the fact or the receipt that says it."""

from __future__ import annotations

Phrases = tuple[tuple[str, str], ...]

_ANSWER: Phrases = (
    ("receipt {id}", "回执 {id}"),
    ("in time", "按期"),
    ("TOO LATE", "逾期"),
    ("in the front table", "已写入前置库"),
    ("processed", "已处理"),
    ("refused", "拒收"),
    ("asked", "经查询得知"),
    ("shown", "公示中"),
    ("not shown", "未公示"),
    ("unreadable", "无法读取"),
    ("does not fit", "内容不合要求"),
    ("REAPPEARED", "重新出现"),
    ("shown again at version {n}", "又公示了第 {n} 版"),
)
# fact or stage of a receipt: (the group of codes that stand alone, its phrases)
FACT_PHRASES: dict[str, tuple[str, Phrases]] = {
    "DECIDED": ("decision", (("{n} of {cap}", "第 {n} 次/上限 {cap}"),)),
    "CONFLICT": ("", (("CONFLICT: same id, other content", "编号相同而内容不同"),)),
    "REPEATED": ("outcome", ()),
    "APPROVAL": ("reason", (("APPROVAL handed in", "补办批准手续"),)),
    "CANCELLED": (
        "",
        (("CANCELLED", "取消"), ("reservation released", "占用的次数已释放")),
    ),
    "EXPIRED": ("", (("EXPIRED", "检查码过期"),)),
    "ENTERED": ("", (("ENTERED {code_state} on {day}", "{day} 入场：{code_state}"),)),
    "COMPLETED": (
        "",
        (("COMPLETED on {day}", "{day} 检查完成"), ("without a code", "没有检查码")),
    ),
    "CHOICE": ("", (("CHOICE {choice}", "选择{choice}"),)),
    "RATED": ("", (("RATED {n} of 5", "{n} 星（满 5 星）"),)),
    "NOTED": (
        "outcome",
        (
            ("{outcome}: {reason}", "{outcome}：{reason}"),
            ("{outcome}", "{outcome}"),
            ("{reason}", "{reason}"),
        ),
    ),
    "FAULTED": ("", (("FAULTED: {error}", "处理出错：{error}"),)),
    "DISCLOSURE": (
        "stop_reason",
        (
            ("v{n} {state} ({cause})", "第 {n} 版 {state}（{cause}）"),
            ("due {day}", "期限 {day}"),
        ),
    ),
    "STOP_KEPT": (
        "",
        (
            ("order:{stop_reason} no longer kept", "责令（{stop_reason}）不再预留"),
            ("{name} no longer kept", "{name} 不再预留"),
            (
                "order:{stop_reason} kept until the result is disclosed",
                "责令（{stop_reason}）预留到结果公示时",
            ),
            ("{name} kept until the result is disclosed", "{name} 预留到结果公示时"),
        ),
    ),
    "HELD": (
        "reason",
        (
            ("{who} {repair_step} held: {reason}", "{who} {repair_step}暂存：{reason}"),
            (
                "{who} {repair_step} {repair_decision} held: {reason}",
                "{who} {repair_step}{repair_decision}暂存：{reason}",
            ),
            (
                "{who} {repair_step} {repair_decision} {no} held: {reason}",
                "{who} {repair_step}{repair_decision} {no} 暂存：{reason}",
            ),
            (
                "{who} {repair_step} {at} held: {reason}",
                "{who} {repair_step} {at} 暂存：{reason}",
            ),
        ),
    ),
    "REPAIR": (
        "document",
        (
            ("{repair_move} no. {no}", "{repair_move}，文号 {no}"),
            ("{repair_move}", "{repair_move}"),
            ("now {status}", "现为{status}"),
            ("decision due {day}", "决定期限 {day}"),
            ("missing {document}", "缺{document}"),
        ),
    ),
    "SURVEY": (
        "survey_step",
        (
            ("{survey_step} after {n} objects", "{survey_step}，共 {n} 个对象"),
            ("{survey_step} {uscc}", "{survey_step} {uscc}"),
            ("result {id}", "结果 {id}"),
            ("{n} so far", "至此 {n} 个"),
        ),
    ),
    "SPECIAL_OBJECT": (
        "",
        (
            ("{object_stage} {task}", "{object_stage} {task}"),
            ("{uscc}: {decision}", "{uscc}：{decision}"),
            ("{uscc}: result {id}", "{uscc}：结果 {id}"),
            ("{uscc}: no visit", "{uscc}：没有检查"),
        ),
    ),
    "SPECIAL": (
        "special_step",
        (
            ("{special_step} on platform {platform}", "{special_step}，用{platform}"),
            (
                "{special_step} {names} on platform {platform}",
                "{special_step} {names}，用{platform}",
            ),
            ("{special_step} {names}", "{special_step} {names}"),
            ("until {day}", "截至 {day}"),
            ("agreement outstanding", "会签未齐"),
        ),
    ),
    "DRAWN": (
        "",
        (
            ("DRAWN by {dept} ({id}): {items}", "{dept} 抽中（{id}）：{items}"),
            ("DRAWN by {dept} ({id}, late): {items}", "{dept} 逾期抽中（{id}）：{items}"),
            (
                "DRAWN by {dept} ({id}, line {line}): {items}",
                "{dept} 抽中（{id}，{line} 条线）：{items}",
            ),
            (
                "DRAWN by {dept} ({id}, line {line}, late): {items}",
                "{dept} 逾期抽中（{id}，{line} 条线）：{items}",
            ),
        ),
    ),
    "WINDOW_CLOSED": (
        "reason",
        (
            ("window of {quarter} closed", "{quarter} 集中抽取结束"),
            ("alone: {depts}", "单独检查：{depts}"),
            ("{dept} drops out: {reason}", "{dept} 不参加：{reason}"),
            ("draw of {dept} for {quarter} lapses", "{dept} 为 {quarter} 的抽取失效"),
        ),
    ),
    "JOINT": (
        "",
        (
            ("JOINT {members}", "组成联合检查：{members}"),
            ("lead {dept} ({lead_ground})", "牵头 {dept}（{lead_ground}）"),
            ("lead {dept}", "牵头 {dept}"),
        ),
    ),
    "JOINT_CHANGED": (
        "reason",
        (
            ("{joint_change} {dept}: {reason}", "{joint_change} {dept}：{reason}"),
            ("{joint_change} {dept}", "{joint_change} {dept}"),
            ("now across departments", "现为跨部门检查"),
            ("now led by nobody ({lead_ground})", "现无人牵头（{lead_ground}）"),
            ("now led by {dept} ({lead_ground})", "现由 {dept} 牵头（{lead_ground}）"),
        ),
    ),
    "ACCEPTED": ("", _ANSWER),
    "PROCESSED": ("", _ANSWER),
    "OBSERVED": ("", _ANSWER),
    "REJECTED": ("", _ANSWER),
}
STEP_PHRASES: Phrases = (
    ("v{n} {state}", "第 {n} 版 {state}"),
    ("{repair_move}", "{repair_move}"),
)
