"""A night shift on the dashboard: numbers move, a site is resumed, dead letters go again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from console_fakes import read_all
from dashboard_world import DEPT, OTHER, A, B, OpsWorld, a_letter, an_entry, put
from listening import listeners, swap
from page_site import PageSite
from telephone import Telephone, a_browser
from waiting import until

from connectors.broker import EmbeddedBroker
from schemas.compared import Differs, Ours
from schemas.operator import OperatorRole
from schemas.reasons import Refusal
from schemas.topics import in_topic
from schemas.watch import DepartmentView, PartitionView, Stage, StageView, Verdict

WIDE = 1440, 900
LATE = datetime(2026, 1, 5, 2, tzinfo=UTC)
VIEWS = ("", "/deadlines", "/deadlines?by=site", "/deadlines?by=dept", "/sites", f"/sites/{A}",
         "/departments", "/letters", f"/letters/{a_letter().fingerprint}", "/case?id=R-77",
         "/policy", "/statistics?year=2026", "/log", f"/what-if?down={A}&until=6h")  # fmt: skip


class Night:
    """A hub with something of everything, and its dashboard on a port."""

    def __init__(self, folder: Path, bootstrap: str, redis_url: str) -> None:
        self.ops = OpsWorld(folder, bootstrap, redis_url)
        self.site = PageSite(folder, self.ops.operations)
        self.ops.gateway = self.site.world
        self.site.world.clock = datetime.now().astimezone()

    def fill(self) -> None:
        """Deadlines of which some are missed, dead letters, a silent department."""
        self.ops.picture(**a_bad_picture())
        self.ops.departments(
            DepartmentView(dept=DEPT, verdict=Verdict.SILENT,
                           notes=("SILENT", "CLOCK"), events=900, refused=90, usual_per_day=40,
                           top_reason="INVALID_FIELD", skew_ms=-94_000, schema="task v1"),
            DepartmentView(dept=OTHER, verdict=Verdict.OK, events=120),
        )  # fmt: skip
        for number in range(40):
            said = LATE if number < 3 else None
            self.ops.ledgers.put(A, an_entry(A, f"R-{number}", said=said))
        self.ops.ledgers.put(B, an_entry(B, "R-90", 2, "STOPPED", "REJECTED"))
        shown = Differs(kind="MISSING_STOP", uscc="91120116MA00000027", result_id="R-91",
                        found="shown at version 1", ours=Ours(2, "STOPPED"))  # fmt: skip
        self.ops.compared(A, compared=4, differing=1, differences=(shown,))
        self.ops.compared(B, compared=1200)
        asyncio.run(self.ops.count())
        self.ops.a_case()
        put(self.ops.bootstrap, *(a_letter(number) for number in range(3)),
            a_letter(9, dept=OTHER, reason=Refusal.TOO_DEEP))  # fmt: skip

    def pass_time(self) -> None:
        """What was looked at is old by now."""
        self.ops.later()

    def sign_in(self, person: Telephone, role: OperatorRole, name: str) -> None:
        """Sign an operator in."""
        token = self.ops.token(role, name)
        self.ops.later(2)
        person.open("/ops")
        person.type("#token", token)
        person.press("登录")


def a_bad_picture() -> dict[str, object]:
    """A picture in which one system dooms deadlines and one partition stands still."""
    stages = (
        StageView(stage=Stage.INTAKE, verdict=Verdict.OK, partitions=40, lag=3),
        StageView(stage=Stage.DECIDE, verdict=Verdict.STALL, partitions=4, behind=1, lag=1840,
                  oldest_ms=int(LATE.timestamp() * 1000), detail="insp.journal/2"),
        StageView(stage=Stage.DELIVER, site=A, verdict=Verdict.DOOMED, lag=40, drain_per_s=0.002,
                  need_per_s=0.01, headroom=0.2, will_miss=31, overdue=3,
                  next_due_ms=int(LATE.timestamp() * 1000)),
        StageView(stage=Stage.DELIVER, site=B, verdict=Verdict.PAUSED_BY_OPERATOR, lag=1),
    )  # fmt: skip
    partitions = (
        PartitionView(stage=Stage.DECIDE, group="insp-decide", topic="insp.journal", partition=2,
                      committed=10, end=1850, lag=1840, verdict=Verdict.STALL),
    )  # fmt: skip
    return {"stages": stages, "partitions": partitions, "verdict": Verdict.DOOMED}


@pytest.fixture
def night(tmp_path: Path, fresh_broker: EmbeddedBroker, redis_url: str) -> Iterator[Night]:
    """The dashboard of a hub."""
    made = Night(tmp_path, fresh_broker.bootstrap, redis_url)
    yield made
    made.site.loop.call_soon_threadsafe(made.site.world.stopping.set)
    made.site.close()


@pytest.fixture
def desk(night: Night, telephone: Callable[[PageSite], Telephone]) -> Telephone:
    """A wide screen on it."""
    screen = telephone(night.site)
    screen.resize(*WIDE)
    return screen


def test_numbers_move_by_themselves_and_the_screen_says_that_they_are_live(
    night: Night, desk: Telephone
):
    night.ops.picture()
    desk.open("/ops")
    desk.look("way in")
    night.sign_in(desk, OperatorRole.VIEWER, "ann")
    until(lambda: desk.read("#pulse") == "实时", "the figures are live")
    desk.look("all is well")
    assert "正常" in desk.read(".state")
    assert desk.read(f"#stops-{A}") == "0"

    night.ops.ledgers.put(A, an_entry(A, "R-1"), an_entry(A, "R-2"))
    night.ops.picture(**a_bad_picture())
    night.pass_time()

    until(lambda: desk.read(f"#stops-{A}") == "2", "the queue of stops moves")
    until(lambda: desk.read(f"#lag-deliver{A}") == "40", "the lag moves")
    until(lambda: "异常" in desk.read(".state"), "the alarm is raised")
    desk.look("something is wrong")


def test_where_one_is_stays_when_the_figures_are_drawn_again(night: Night, desk: Telephone):
    night.ops.picture()
    night.sign_in(desk, OperatorRole.VIEWER, "ann")
    until(lambda: desk.read("#pulse") == "实时", "the figures are live")
    desk.browser.execute_script(f"document.getElementById('site-{A}').focus()")

    night.ops.ledgers.put(A, an_entry(A, "R-1"))
    night.pass_time()
    until(lambda: desk.read(f"#stops-{A}") == "1", "the table is drawn again")

    assert desk.browser.execute_script("return document.activeElement.id") == f"site-{A}"


def test_a_connection_that_is_lost_is_said_so(night: Night, desk: Telephone):
    night.sign_in(desk, OperatorRole.VIEWER, "ann")
    until(lambda: desk.read("#pulse") == "实时", "the figures are live")

    night.site.loop.call_soon_threadsafe(night.site.world.stopping.set)

    until(lambda: "连接中断" in desk.read("#pulse"), "the screen says that it stands still")
    desk.look("connection lost")


def test_a_paused_site_is_resumed_with_a_reason(night: Night, desk: Telephone):
    night.ops.picture()
    night.ops.operations.pause(A, "their release night", "bob")
    night.sign_in(desk, OperatorRole.OPERATOR, "ann")
    until(lambda: "已由 bob 暂停" in desk.read(".state"), "the pause is told")

    desk.press(A)
    desk.look("a paused site")
    desk.type("#reason-resume", "对方升级完成")
    desk.press("恢复投递")
    desk.look("resumed")

    assert "已恢复，已记录" in desk.text
    assert "对方升级完成" in desk.read("#b-log")
    assert night.ops.ledgers.read(A, lambda ledger: ledger.paused()) is None
    assert [one.by for one in night.ops.operations.actions()] == ["ann", "bob"]


def test_dead_letters_are_replayed_after_a_dry_run(night: Night, desk: Telephone):
    night.fill()
    night.sign_in(desk, OperatorRole.OPERATOR, "ann")
    desk.press("死信")
    desk.look("dead letters")
    desk.press("字段缺失或取值有误")
    desk.look("dry run")
    assert "将重发 3 件" in desk.text

    desk.type("#reason", "部门已改正")
    desk.choose("input[name=confirm]")
    desk.press("重新发送")
    desk.look("sent again")

    assert "已重新发送，已记录" in desk.text
    assert len(read_all(night.ops.bootstrap, in_topic(DEPT))) == 3


def test_statistics_are_drawn_and_can_be_read_as_tables(night: Night, desk: Telephone):
    night.fill()
    night.sign_in(desk, OperatorRole.VIEWER, "ann")
    desk.open("/ops/statistics?year=2026")

    until(lambda: len(desk.all(".chart[data-drawn] canvas")) == 2, "both charts are drawn")
    desk.look("statistics")
    desk.choose("summary")
    assert "数据表" in desk.text
    assert desk.shows("details[open] tbody tr")


def test_figures_that_are_swapped_all_night_leave_nothing_behind(night: Night, desk: Telephone):
    night.fill()
    night.sign_in(desk, OperatorRole.VIEWER, "ann")
    desk.open("/ops/statistics?year=2026")
    until(lambda: len(desk.all(".chart[data-drawn] canvas")) == 2, "both charts are drawn")
    before = listeners(desk)

    for _ in range(5):
        swap(desk, ".chart")

    assert len(desk.all(".chart[data-drawn] canvas")) == 2
    assert listeners(desk) == before
    desk.resize(700, 900)
    until(lambda: desk.all(".chart canvas")[1].size["width"] < 700, "charts follow the window")


def test_the_way_to_an_act_goes_by_keyboard_alone(night: Night, desk: Telephone):
    night.ops.picture()
    night.sign_in(desk, OperatorRole.OPERATOR, "ann")
    desk.open(f"/ops/sites/{A}")
    assert desk.keys_reach("#reason-pause", 60)
    desk.keys("值班测试\n")

    until(lambda: "已暂停，已记录" in desk.text, "the form is sent with the enter key")


@pytest.mark.parametrize(
    ("size", "lang"), [(WIDE, "zh"), ((360, 800), "en")], ids=["wide", "telephone"]
)
def test_every_page_fits_its_screen_and_is_accessible(
    night: Night, desk: Telephone, size: tuple[int, int], lang: str
):
    night.fill()
    night.sign_in(desk, OperatorRole.SUPERVISOR, "sue")
    desk.resize(*size)
    for view in VIEWS:
        desk.open(f"/ops{view}{'&' if '?' in view else '?'}lang={lang}")
        desk.look(view.strip("/").replace("?", " ").replace("/", " ") or "overview")


def test_in_the_dark_it_is_accessible_too(night: Night, desk: Telephone):
    night.fill()
    night.sign_in(desk, OperatorRole.SUPERVISOR, "sue")
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    desk.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": dark})
    try:
        for view in ("", "/deadlines", f"/sites/{A}", "/letters", "/statistics?year=2026"):
            desk.open(f"/ops{view}")
            desk.look(f"dark {view.strip('/').split('?')[0].replace('/', ' ') or 'overview'}")
    finally:
        desk.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_without_scripts_it_can_be_read_and_acted_on(night: Night, tmp_path: Path):
    night.fill()
    with a_browser(scripts=False) as browser:
        person = Telephone(browser, night.site.address, tmp_path, "", lambda: browser)
        night.sign_in(person, OperatorRole.OPERATOR, "ann")
        for view in VIEWS:
            person.open(f"/ops{view}")
            person.glance(f"plain {view.strip('/').split('?')[0].replace('/', ' ')}")
        person.open(f"/ops/sites/{A}")
        person.type("#reason-pause", "无脚本")
        person.press("暂停投递")
        assert "已暂停，已记录" in person.text


def test_fifty_departments_and_ten_thousand_open_deadlines_are_shown(night: Night, desk: Telephone):
    """How long it takes is printed and kept beside the screenshots, never asserted."""
    night.ops.many_stops(departments=50, stops=10_000)
    night.ops.picture()
    night.sign_in(desk, OperatorRole.VIEWER, "ann")
    times = {}
    for view in ("/deadlines", "/deadlines?by=site", "/deadlines?by=dept", "/departments", ""):
        desk.open(f"/ops{view}")
        until(lambda: "正在读取" not in desk.text, "it was looked at")
        desk.open(f"/ops{view}")
        times[f"/ops{view}"] = desk.seconds_to_load()
        desk.look(f"many {view.strip('/').replace('?', ' ') or 'overview'}")
    desk.open("/ops/deadlines?by=dept")

    assert "共 10,000 件" in desk.text
    assert len(desk.all("#b-due tbody tr")) == 50
    desk.keep("times.json", times)
