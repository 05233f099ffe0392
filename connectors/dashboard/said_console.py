"""What do the console and the connectors answer on a Chinese screen when something is not so?"""

from __future__ import annotations

CONSOLE_PHRASES: tuple[tuple[str, str], ...] = (
    # where broker, Redis and topics are looked for
    (
        "the Kafka broker at {address} does not answer ({fault}): is it running, and is "
        "the address right?",
        "Kafka（{address}）没有应答（{fault}）：是否在运行，地址是否正确？",
    ),
    (
        "the Kafka broker at {address} refused ({fault}): is this user allowed to describe "
        "and create topics?",
        "Kafka（{address}）拒绝了请求（{fault}）：该用户是否有查看和建立主题的权限？",
    ),
    (
        "the broker at {address} refused {n} of {total} topics; compare the settings with "
        "what it offers: {fault}",
        "Kafka（{address}）拒绝建立 {total} 个主题中的 {n} 个，请核对设置：{fault}",
    ),
    (
        "{what} is not running: no address in {path}. Start `hub up` first (with the same "
        "HUB_DATA_DIR), or name an address in {variable}",
        "没有运行：{path} 中没有地址。请先运行 hub up（HUB_DATA_DIR 相同），或在 {variable}"
        " 中写明地址",
    ),
    (
        "Redis at {address} does not answer ({fault}): is it running, and is the address right?",
        "Redis（{address}）没有应答（{fault}）：是否在运行，地址是否正确？",
    ),
    (
        "Redis at {address} did not answer within {n} s: is it running?",
        "Redis（{address}）{n} 秒内没有应答：是否在运行？",
    ),
    ("HUB_REDIS_URL {address}: {fault}", "HUB_REDIS_URL {address}：{fault}"),
    (
        "there is no topic {topic} on {address}: create the topics with `hub topics "
        "apply`, or name the right broker in HUB_BROKER",
        "{address} 上没有主题 {topic}：请运行 hub topics apply，或在 HUB_BROKER 中写明正确地址",
    ),
    (
        "none of {topics} is on the broker at {address}: create the topics with `hub "
        "topics apply`, or name the right broker in HUB_BROKER",
        "{address} 上没有主题 {topics}：请运行 hub topics apply，或在 HUB_BROKER 中写明正确地址",
    ),
    # a case
    (
        "nothing is on record for {name}: {n} records read in partition {partition}",
        "没有关于 {name} 的记录：已读分区 {partition} 的 {n} 条",
    ),
    (
        "nothing is on record for {name} of {uscc}: {n} records read in partition {partition}",
        "{uscc} 没有关于 {name} 的记录：已读分区 {partition} 的 {n} 条",
    ),
    (
        "no result, repair or task {name} is known. If it was stopped or cancelled before "
        "it came, name its enterprise: --uscc CREDIT_CODE",
        "没有编号为 {name} 的检查结果、修复案件或任务。若停止或取消先于它到达，请同时填写统"
        "一社会信用代码",
    ),
    (
        "{n} enterprises have {name}: name one with --uscc: {codes}",
        "{n} 个主体都有 {name}，请填写其中一个统一社会信用代码：{codes}",
    ),
    (
        "{text} is a 15-digit registration number of before 2015, not a credit code",
        "{text} 是 2015 年以前的 15 位注册号，不是统一社会信用代码",
    ),
    (
        "{text} ends with {a}, its check character is {b}",
        "{text} 末位为 {a}，校验位应为 {b}",
    ),
    ("{text} has {n} characters, {m} expected", "{text} 有 {n} 位，应为 {m} 位"),
    (
        "{text} character {n} is {sign}, which no credit code has",
        "{text} 第 {n} 位是 {sign}，统一社会信用代码中没有",
    ),
    (
        "{text} character {n} is {sign}, which no credit code has; did you mean {code}?",
        "{text} 第 {n} 位是 {sign}，统一社会信用代码中没有；是否为 {code}？",
    ),
    ("{n} enterprises have {name}: --uscc {codes}", "{n} 个主体都有 {name}：{codes}"),
    # a moment
    (
        "{text} is no moment: HH:MM, YYYY-MM-DDTHH:MM, or 30m, 6h, 2d from now expected",
        "{text} 不是时刻：请写 HH:MM、YYYY-MM-DDTHH:MM，或从现在起 30m、6h、2d",
    ),
    ("{text} is over", "{text} 已经过去"),
    # acts
    ("{site} is not paused", "{site} 没有暂停"),
    ("{site} has refused nothing", "{site} 没有拒收"),
    ("{site} has refused nothing of {result}", "{site} 没有拒收 {result}"),
    ("site {site} is not known: one of {sites} expected", "没有系统 {site}：应为 {sites} 之一"),
    ("say why, it goes on record: --reason TEXT", "请写明理由，将记录在案"),
    (
        "{site} cannot be reached from here: {fault}. Set what its deliver worker is told "
        "(the stand-ins of `hub up --stand-ins` are found with the same HUB_DATA_DIR)",
        "从此处无法联系 {site}：{fault}。请设置与其投递进程相同的参数（hub up --stand-ins 的"
        "替身系统凭同一 HUB_DATA_DIR 找到）",
    ),
    (
        "no keys in {folder}: run: hub keys init --sites",
        "{folder} 中没有密钥：请运行 hub keys init --sites",
    ),
    ("{site} cannot be reached from here: {fault}", "从此处无法联系 {site}：{fault}"),
    ("not set: {names}", "没有设置：{names}"),
    (
        "HUB_SITE_NATIONAL_DATABASE: the driver of {driver} is not installed, or the "
        "address is none it can read: install the extra postgres",
        "HUB_SITE_NATIONAL_DATABASE：没有安装 {driver} 的驱动，或地址有误：请安装 postgres "
        "附加依赖",
    ),
    # a replay
    ("no dead letter of the hub: {fault}", "不是本系统的死信：{fault}"),
    ("its topic {topic} is not on the broker", "原主题 {topic} 已不存在"),
    ("came back {n} times; --force sends it all the same", "已退回 {n} 次；由主管强制才再发"),
    (
        "polled, not from a topic: deliver asks the system itself, see `hub case RESULT`",
        "来自轮询而非主题：投递会自行查询对方，见该案件",
    ),
    (
        "from a feed, where only the newest version may stand last",
        "来自订阅主题：那里只能以最新版本结尾",
    ),
    (
        "the same bytes would be refused again; --force sends them all the same",
        "原样重发仍会被退回；由主管强制才再发",
    ),
    ("{where} {refusal} {name}: {n}", "{refusal} {name}：{n} 件"),
    ("{n} more causes", "另有 {n} 种原因"),
    # statistics
    (
        "no statistics in {path}: count with `hub stats` first",
        "{path} 中没有统计：请先运行 hub stats",
    ),
    (
        "the statistics in {path} are of another release: make them anew with `hub stats`",
        "{path} 中的统计属于其他版本：请用 hub stats 重新生成",
    ),
    (
        "the statistics in {path} cannot be read ({fault}): try again; if that does not help, "
        "remove the file and count with `hub stats`",
        "无法读取 {path} 中的统计（{fault}）：请重试；仍不行则删除该文件，再运行 hub stats",
    ),
    # what a system's page or its connector answered
    ("not shown", "未公示"),
    ("shown", "公示中"),
    ("shown at version {n}", "公示的是第 {n} 版"),
    ("no answer within {n} s", "{n} 秒内没有应答"),
    ("the front database did not answer within {n} s", "前置库 {n} 秒内没有应答"),
    ("the list has more than {n} pages", "公示栏超过 {n} 页"),
    ("the list has more than {n} results", "公示栏超过 {n} 条结果"),
    ("HTTP {n} {kind} instead of a list", "HTTP {n}（{kind}），不是公示栏"),
    ("a page without the headings {uscc} and {result}", "页面没有 {uscc} 和 {result} 两栏"),
    ("HTTP {n} with content that is not JSON", "HTTP {n}，内容不是 JSON"),
    ("HTTP {n} with other content: {fault}", "HTTP {n}，内容不符：{fault}"),
    ("receipts after {cursor} are out of order", "{cursor} 之后的回执次序颠倒"),
    ("the answer names another key", "应答所指不是本次投递"),
    ("the page answered about another result", "页面所答不是该结果"),
    ("takes from its feed itself", "由对方自行读取订阅"),
    ("the connector did not answer for each delivery", "接口没有逐件应答"),
    ("stands at version {n} {state}", "对方停在第 {n} 版（{state}）"),
    ("answer longer than {n} KiB", "应答超过 {n} KiB"),
    ("closed", "连接已关闭"),
)
