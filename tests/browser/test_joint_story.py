"""Two departments inspect together; the enterprise rates each of them."""

from __future__ import annotations

from collections.abc import Callable

from gateway_registry import DEPT, OTHER, USCC
from own_world import a_visit
from page_site import PageSite
from people import enter
from telephone import Telephone


def test_a_joint_visit_is_rated_department_by_department(
    site: PageSite, telephone: Callable[[PageSite], Telephone]
):
    for number, dept in enumerate((DEPT, OTHER), 1):
        site.run(a_visit(site.world, number, dept, joint_id="J-1"))
    phone = telephone(site)
    enter(phone, USCC)
    phone.look("two departments, one visit")

    for name, stars in (("滨海新区卫生健康委", 5), ("滨海新区消防救援支队", 2)):
        phone.open("/e")
        phone.press(name)
        phone.choose(f"input[name=stars][value='{stars}']")
        phone.press("提交评价")
        phone.look(f"{stars} stars")
    phone.press("检查记录")
    phone.look("both rated")

    cards = [card.text for card in phone.all(".card")]
    assert len(cards) == 2
    for card in cards:
        assert "联合检查" in card
        assert ("★★★★★ 已评价" if "卫生健康委" in card else "★★ 已评价") in card


def test_the_pages_speak_english_and_need_no_script(
    site: PageSite, plain_telephone: Callable[[PageSite], Telephone]
):
    site.run(a_visit(site.world))
    phone = plain_telephone(site)
    phone.open("/e?lang=en")
    phone.press("Sign in with the e-licence")
    phone.type("input[name=uscc]", USCC)
    phone.press("出示营业执照")
    phone.open("/e?lang=en")
    phone.press("滨海新区卫生健康委")
    phone.choose("input[name=stars][value='3']")
    phone.press("Send rating")
    phone.glance("rated in English")

    assert "Your rating is recorded" in phone.text
    assert "Open until" in phone.text
