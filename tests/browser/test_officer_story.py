"""An officer shows a code; the enterprise scans it off the screen; the visit runs its course."""

from __future__ import annotations

from collections.abc import Callable

from gateway_registry import DEPT, USCC
from gateway_world import an_event
from page_site import PageSite
from people import NAME, ON_THE_DAY, at_the_desk, open_task, prove, sign_in
from telephone import Telephone


def test_a_visit_from_the_code_on_the_officers_screen_to_the_rating_in_the_history(
    site: PageSite, telephone: Callable[[PageSite], Telephone]
):
    site.run(site.world.post(an_event()))
    site.world.clock = ON_THE_DAY
    officer = telephone(site)
    officer.open("/o")
    officer.look("officer signs in")
    sign_in(officer, site, DEPT, "TJ0001")
    officer.look("tasks of the day")
    officer.press(NAME)
    officer.look("officer shows the code")
    link = officer.code_on_screen()
    assert link.startswith(f"{site.address}/c/")

    enterprise = officer.another()
    enterprise.open(link)
    enterprise.look("enterprise scans")
    assert "检查码有效" in enterprise.text
    enterprise.press("电子营业执照核验")
    prove(enterprise, USCC)
    enterprise.look("enterprise verified")

    open_task(officer)
    assert "已扫码" in officer.text
    officer.press("填写检查结果")
    officer.choose("input[name=point-0-0][value=ok]")
    officer.choose("input[name=point-0-1][value=bad]")
    officer.type("#note-0-1", "两人健康证过期")
    officer.choose("input[value=PROBLEM_PENDING]")
    officer.type("#follow_up", "限期十日内整改")
    officer.look("result against check points")
    officer.press("提交结果")
    officer.look("result recorded")
    assert "检查结果已登记" in officer.text

    enterprise.open("/e")
    enterprise.press("滨海新区卫生健康委")
    enterprise.look("result seen")
    assert "从业人员持有效健康合格证明" in enterprise.text
    enterprise.choose("input[name=stars][value='4']")
    enterprise.type("#comment", "检查人员态度好")
    enterprise.press("提交评价")
    enterprise.press("检查记录")
    enterprise.look("history")
    assert "★★★★ 已评价" in enterprise.text

    open_task(officer)
    officer.look("officer sees the rating")
    assert "检查人员态度好" in officer.text


def test_what_happened_to_the_code_is_recorded_and_never_blocks(
    site: PageSite, telephone: Callable[[PageSite], Telephone]
):
    site.run(site.world.post(an_event()))
    officer = at_the_desk(site, telephone)
    for press, state in (
        ("已出示检查码", "已出示"), ("企业拒绝扫码", "拒绝扫码"), ("执照核验未通过", "核验未通过"),
    ):  # fmt: skip
        open_task(officer)
        officer.press(press)
        assert "入场情况已登记" in officer.text
        assert state in officer.read(".top")
        assert "填写检查结果" in officer.text
    officer.look("entry recorded")


def test_an_inspection_that_was_not_entered_before_is_filled_in_afterwards(
    site: PageSite, telephone: Callable[[PageSite], Telephone]
):
    officer = at_the_desk(site, telephone)
    officer.press("补录")
    for name, text in (
        ("uscc", USCC), ("entity_name", NAME), ("items", "1101-001"),
        ("approval_no", "A-9"), ("approval_by", "负责人"),
    ):  # fmt: skip
        officer.type(f"#{name}", text)
    officer.day("#approval_on", "2026-03-01")
    officer.choose("input[value=NO_PROBLEM]")
    officer.look("fill in afterwards")
    officer.press("提交补录")
    officer.look("filled in afterwards")
    assert "补录已登记" in officer.text
    officer.press("当日任务")
    assert "补录" in officer.read(".card")
