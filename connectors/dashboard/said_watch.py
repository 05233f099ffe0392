"""What do the watch and its canary say on a Chinese screen? Their phrases, and the Chinese."""

from __future__ import annotations

from connectors.watch.rows import NO_LEDGER, NO_PROCESS, NO_TOPIC

WATCH_PHRASES: tuple[tuple[str, str], ...] = (
    (NO_TOPIC, "主题不存在：请运行 hub topics apply"),
    (NO_LEDGER, "没有投递台账：请运行 hub worker deliver --site {site}"),
    (NO_PROCESS, "没有进程在读取"),
    ("no process delivers", "没有进程在投递"),
    ("{verdict} {n}", "{verdict} {n} 个"),
    ("{verdict} {n} of {total} partitions", "{verdict} {n} 个（共 {total} 个分区）"),
    ("first {topic}", "首个为 {topic}"),
    ("{n} records were deleted unread", "{n} 条记录未读即被清除"),
    ("{n} of them are overdue", "其中 {n} 件已逾期"),
    ("{n} overdue", "{n} 件已逾期"),
    ("paused by {who}: {why}", "由 {who} 暂停：{why}"),
    ("breaker {breaker}", "熔断器{breaker}"),
    ("{n} refused", "拒收 {n} 件"),
    ("{n} of its feed unread", "订阅中 {n} 件未读入"),
    ("no answer within {n} s: it came as far as {where}", "{n} 秒内没有回答：最远到达{where}"),
    (
        "no answer within {n} s: it came as far as the department's topic",
        "{n} 秒内没有回答：只到部门主题",
    ),
    (
        "no answer within {n} s: it came as far as the journal",
        "{n} 秒内没有回答：只到 insp.journal",
    ),
    ("no answer within {n} s: it came as far as the answers", "{n} 秒内没有回答：只到答复主题"),
    ("no answer within {n} s: it came as far as nowhere", "{n} 秒内没有回答：哪里都没有到"),
    ("refused: {refusal} {message}", "被退回：{refusal}"),
)
