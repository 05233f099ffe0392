"""What holds for each page of operators: signed in, plain, guarded, in two languages; it shows."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime

import pytest
from browser import Browser
from builders import a_cap, a_document
from console_fakes import write
from dashboard_world import DEPT, OTHER, A, B, OpsWorld, a_letter, an_entry, put, read
from ledger_world import USCC

from connectors.dashboard.routes import LIVE
from connectors.departments.gateway.ways_in.token_file import OPERATORS_FILE_NAME, revoke_token
from schemas.compared import Differs, Ours
from schemas.enums import DayKind
from schemas.operator import OperatorRole
from schemas.reasons import Refusal
from schemas.registry import RegistryCalendar
from schemas.topics import CTL_POLICY
from schemas.watch import DepartmentView, Stage, StageView, Verdict

VIEWER, OPERATOR, SUPERVISOR = OperatorRole
LIVE_PAGES = ("/ops", "/ops/deadlines", "/ops/deadlines?by=site", "/ops/deadlines?by=dept",
              "/ops/sites", "/ops/departments", "/ops/letters", "/ops/statistics", "/ops/policy",
              "/ops/log")  # fmt: skip
CAUSE = a_letter().fingerprint
PAGES = (*LIVE_PAGES, f"/ops/sites/{A}", f"/ops/letters/{CAUSE}", "/ops/case",
         f"/ops/what-if?down={A}&until=6h")  # fmt: skip
LATE = datetime(2026, 1, 5, 2, tzinfo=UTC)
_FORM = re.compile(r"<form [^>]*>.*?</form>", re.DOTALL)


@pytest.fixture
def busy(ops: OpsWorld) -> OpsWorld:
    """A hub with something of everything."""
    ops.picture()
    ops.departments(
        DepartmentView(dept=DEPT, verdict=Verdict.SILENT, notes=("SILENT",)),
        DepartmentView(dept=OTHER, verdict=Verdict.OK, events=10, refused=2, top_reason="TOO_DEEP"),
    )
    put(ops.bootstrap, a_letter(0), a_letter(1, dept=OTHER, reason=Refusal.TOO_DEEP))
    ops.ledgers.put(A, an_entry(A, "R-1", said=LATE), an_entry(A, "R-2", 2, "STOPPED", "REJECTED"))
    return ops


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_each_page_is_plain_guarded_and_in_its_language(busy: OpsWorld, lang: str):
    browser = await busy.browser(SUPERVISOR)
    for path in PAGES:
        page = await browser.get(path + ("&" if "?" in path else "?") + f"lang={lang}")

        assert page.status == 200, page.text
        policy = page.headers["content-security-policy"]
        assert policy.startswith(
            "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        )
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?! src=)| style=| on[a-z]+=|https?://", page.text)
        assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in page.text
        for form in _FORM.findall(page.text):
            post = 'method="post"' in form
            assert bool(re.search(r'name="form" value="[0-9a-f]{32}"', form)) is post, form


async def test_whoever_is_not_signed_in_is_led_to_the_way_in(busy: OpsWorld):
    for path in PAGES[1:]:
        page = await Browser(busy.gateway).get(path)

        assert (page.status, page.headers["location"]) == (303, "/ops?notice=signed_out"), path


async def test_a_live_line_is_for_whoever_is_signed_in(busy: OpsWorld):
    stranger = await Browser(busy.gateway).get(f"{LIVE}/overview")
    unknown = await (await busy.browser(VIEWER)).get(f"{LIVE}/unknown")

    assert (stranger.status, unknown.status) == (404, 404)


async def test_only_an_operators_own_token_opens_the_dashboard(ops: OpsWorld):
    ops.later(2)
    for token in (ops.gateway.tokens[DEPT], ops.gateway.tokens[A], "", "insp1.a.b"):
        browser = Browser(ops.gateway)
        page = await browser.get("/ops")
        back = await browser.press(page, "/ops/sign-in", token=token)
        assert back.headers["location"] == "/ops?notice=wrong_token"
        assert "登录凭证" in (await browser.get("/ops")).text


async def test_an_operators_token_opens_nothing_else(ops: OpsWorld):
    token = ops.token(SUPERVISOR)
    ops.later(2)

    answer = await ops.gateway.ask("GET", "/v1/tasks/T-1?uscc=" + USCC,
                                   headers={"authorization": f"Bearer {token}"})  # fmt: skip
    browser = Browser(ops.gateway)
    officer = await browser.press(await browser.get("/o"), "/o/sign-in", token=token)

    assert answer.status == 401
    assert officer.headers["location"] == "/o?notice=desk_wrong"


async def test_a_token_that_is_struck_off_closes_the_pages_at_once(ops: OpsWorld):
    browser = await ops.browser(VIEWER)
    token_id = re.search(
        r'"id":"([0-9a-f]+)"', (ops.gateway.settings.gateway / OPERATORS_FILE_NAME).read_text()
    )
    assert token_id is not None
    assert (await browser.get("/ops/sites")).status == 200

    revoke_token(ops.gateway.settings.gateway / OPERATORS_FILE_NAME, token_id[1])
    ops.later(2)

    assert (await browser.get("/ops/sites")).status == 303


async def test_signing_out_closes_the_pages(ops: OpsWorld):
    browser = await ops.browser(VIEWER)

    await browser.press(await browser.get("/ops"), "/ops/sign-out")

    assert (await browser.get("/ops/sites")).status == 303


async def test_the_overview_says_at_one_look_what_is_wrong(ops: OpsWorld):
    ops.picture()
    browser = await ops.browser(VIEWER)
    well = read(await browser.get("/ops"))
    doomed = StageView(stage=Stage.DELIVER, site=A, verdict=Verdict.DOOMED, lag=1234, will_miss=7)
    ops.picture(stages=(doomed,))
    put(ops.bootstrap, a_letter())
    ops.later()

    first = await browser.get("/ops")
    ops.later(1)  # what was slow to look at is there by now
    wrong = read(first) + read(await browser.get("/ops"))

    assert "✓ 正常 没有需要处理的事项" in well
    for said in ("✕ 异常", f"投递 {A}：按现速将逾期 7 件", "必将逾期", "1,234", "死信待处理 1 件"):
        assert said in wrong


async def test_without_a_watch_the_overview_says_so_and_shows_the_sites(ops: OpsWorld):
    page = read(await (await ops.browser(VIEWER)).get("/ops"))

    assert "hub watch 未运行" in page
    assert A in page


async def test_deadlines_are_shown_by_day_by_place_and_by_department(busy: OpsWorld):
    browser = await busy.browser(VIEWER)

    by_day, by_site, by_dept = [
        read(await browser.get(f"/ops/deadlines?by={by}&lang=en")) for by in ("day", "site", "dept")
    ]

    assert "01-08 Thu" in by_day
    assert "over by" in by_day
    assert "R-1" in by_day
    assert f"{A} 1; {A} 1 refused" in by_site
    assert DEPT in by_dept


async def test_what_if_reckons_and_refuses_what_is_no_moment(busy: OpsWorld):
    browser = await busy.browser(VIEWER)

    told = await browser.get(f"/ops/what-if?down={A}&until=6h&lang=en")
    wrong = await browser.get(f"/ops/what-if?down={A}&until=soon&lang=en")
    unknown = await browser.get("/ops/what-if?down=X&until=6h")

    assert f"Supposing that {A} is down until" in read(told)
    assert (wrong.status, "is no moment" in read(wrong)) == (422, True)
    assert unknown.status == 422


async def test_departments_are_shown_with_what_is_wrong(busy: OpsWorld):
    browser = await busy.browser(VIEWER)
    overview = await browser.get("/ops")
    page = read(await browser.get("/ops/departments"))

    assert "! 部门静默 1 个：滨海新区卫生健康委" in read(overview)
    for said in (DEPT, "滨海新区卫生健康委", "静默", OTHER, "20.0 %", "嵌套过深"):
        assert said in page


async def test_dead_letters_are_shown_by_cause_with_what_to_do(busy: OpsWorld):
    browser = await busy.browser(OPERATOR)

    page = read(await browser.get("/ops/letters"))
    one = read(await browser.get(f"/ops/letters/{CAUSE}"))

    for said in ("字段缺失或取值有误", "请改正所指字段后重新发送", "嵌套过深", DEPT, OTHER):
        assert said in page
    assert "将重发 1 件" in one
    assert "insp.dlq.intake/0/0" in one


async def test_what_a_sender_wrote_is_shown_to_whoever_may_act(busy: OpsWorld):
    for role in OperatorRole:
        page = await (await busy.browser(role)).get(f"/ops/letters/{CAUSE}")

        assert ("T-1" in page.text) is role.includes(OPERATOR)


async def test_policy_and_calendar_are_shown(ops: OpsWorld):
    before = read(await (await ops.browser(VIEWER)).get("/ops/policy"))
    document = a_document(a_cap(2, id="TJ-TEST"))
    write(ops.bootstrap, CTL_POLICY, [{"value": document.canonical(), "partition": 0}])
    entry = RegistryCalendar(day=date(2027, 1, 1), kind=DayKind.REST, source="国办发明电")
    ops.calendar(entry, ends=date(2027, 1, 31))
    ops.later()

    page = read(await (await ops.browser(VIEWER)).get("/ops/policy"))

    assert "尚未发布政策" in before
    assert "没有人工录入" in before
    for said in (
        document.full_version,
        "TJ-TEST@",
        "2027-01-01",
        "放假",
        "国办发明电",
        "只到 2027-01-31",
    ):
        assert said in page


async def test_what_is_not_there_is_said_so(ops: OpsWorld):
    browser = await ops.browser(VIEWER)
    for path in ("/ops/sites/NOWHERE", "/ops/letters/000000000000"):
        page = await browser.get(path)

        assert (page.status, "查无此页" in page.text) == (404, True)


async def test_a_case_is_told_from_the_task_to_the_stop_at_each_system(ops: OpsWorld):
    uscc = await asyncio.to_thread(ops.a_case)
    browser = await ops.browser(VIEWER)

    page = await browser.get("/ops/case?id=R-77")
    english = read(await browser.get(f"/ops/case?id={uscc}&lang=en"))

    assert page.status == 200
    for said in (
        uscc,
        "T-77",
        "R-77",
        "停止公示",
        "不在台账",
        "已准予",
        "时间线",
        "信用修复",
        "未公示",
    ):
        assert said in read(page)
    for said in ("v2 stopped", "not in ledger", "Timeline", "REPAIR", "approved"):
        assert said in english


async def test_what_the_night_compared_is_shown_without_anybody_asking(ops: OpsWorld):
    ops.picture()
    named = Differs(kind="MISSING_STOP", uscc=USCC, result_id="R-9", found="shown at version 1",
                    ours=Ours(2, "STOPPED"))  # fmt: skip
    ops.compared(A, compared=1234)
    ops.compared(B, compared=9, differing=102, differences=(named,))
    browser = await ops.browser(VIEWER)

    sites, one = read(await browser.get("/ops/sites")), read(await browser.get(f"/ops/sites/{B}"))
    english = read(await browser.get(f"/ops/sites/{B}?lang=en"))

    for said in ("✓ 一致", "核对 1,234 件", "✕ 不符 102 件", f"{B} 公示栏与台账不符 102 件"):
        assert said in sites
    for said in ("夜间自动核对", "应停未停", "v2 停止公示", "公示的是第 1 版", "另有 101 项"):
        assert said in one
    assert "nightly, by itself" in english
    assert "shown at version 1" in english


async def test_a_case_nobody_knows_is_said_so(busy: OpsWorld):
    page = await (await busy.browser(VIEWER)).get("/ops/case?id=R-99")

    assert page.status == 404
    assert "没有编号为 R-99 的检查结果、修复案件或任务" in page.text


async def test_what_is_served_beside_the_pages_is_ours_and_vendored(ops: OpsWorld):
    browser = await ops.browser(VIEWER)
    page = await browser.get("/ops")
    names = re.findall(r'(?:src|href)="(/ops/static/[^"]+)"', page.text)

    assert len(names) >= 5
    for name in names:
        assert (await browser.get(name)).status == 200
    assert B in page.text
