"""Joint inspections on a terminal: what is to be planned together, and the course of one."""

from __future__ import annotations

import io
from datetime import date

import pytest
import redis
from joint_world import (
    JOINT_ID,
    QUARTER,
    RULES_OF_LEAD,
    SCJG,
    WJW,
    XFJ,
    JointHub,
    a_joint_policy,
)
from rich.console import Console

from connectors.console.context import Exit
from connectors.console.stories.story import SubjectStory, tell
from connectors.console.together.joints import groups_of, joint_cards
from connectors.redis_view import key as view_key
from streams.rules.joint.rows import joint_row


def a_hub() -> JointHub:
    """A joint inspection that a member left, and of which one task was issued."""
    hub = JointHub(policy=a_joint_policy(lead=RULES_OF_LEAD))
    hub.draw(WJW, draw_id="D-1", items=("i-1",))
    hub.draw(XFJ, draw_id="D-2", items=("i-2", "i-3"))
    hub.draw(SCJG, draw_id="D-3", items=("i-9",))
    hub.close()
    hub.ask("T-1", XFJ)
    hub.withdraw(SCJG)
    hub.withdraw(SCJG)
    return hub


def story_of(hub: JointHub) -> SubjectStory:
    return tell(hub.decided(number) for number in range(len(hub.events)))


def test_its_story_is_that_of_the_rules() -> None:
    hub = a_hub()

    joint = story_of(hub).joints[JOINT_ID]

    kept = hub.joint
    assert (joint.members, joint.lead, tuple(joint.left)) == (kept.members, kept.lead, kept.left)
    assert joint.group == kept.group
    assert [what.split()[0] for _, what in joint.events] == [
        "DRAWN", "DRAWN", "DRAWN", "window", "JOINT", "WITHDRAWN", f"{SCJG}:",
    ]  # fmt: skip


def test_who_joins_lines_of_one_department_is_told_and_what_lapses_with_a_later_quarter() -> None:
    hub = JointHub(policy=a_joint_policy(late_draws="take"))
    for line in ("食品", "药品"):
        hub.draw(WJW, draw_id=line, line=line)
    hub.draw(XFJ, draw_id="Q-1", quarter="2026Q1", on=date(2026, 1, 4))
    hub.close()
    hub.draw(XFJ, draw_id="L-1", sent=date(2026, 4, 15))

    joint = story_of(hub).joints[JOINT_ID]
    assert (joint.kind, joint.as_dict()["kind"]) == ("CROSS", "CROSS")
    said = [what for _, what in joint.events]
    assert f"draw of {XFJ} for 2026Q1 lapses" in said[3]
    assert said[-1] == f"JOINED {XFJ}, now across departments"


def test_it_is_shown_with_members_tasks_code_and_course() -> None:
    hub = a_hub()
    story = story_of(hub)
    shown = Console(width=80, record=True, file=io.StringIO())

    for part in joint_cards(story, story.joints[JOINT_ID], hub.uscc):
        shown.print(part)
    text = shown.export_text()

    assert all(len(line) <= 80 for line in text.splitlines())
    said = " ".join(text.split())
    for word in (WJW, XFJ, "i-2, i-3", "T-1", "ISSUED", "MOST_ITEMS", "滨海新区", "人手不足",
                 hub.state.tasks["T-1"].code):  # fmt: skip
        assert word in said, word


def rows(count: int) -> list[dict[str, object]]:
    row = {"quarter": QUARTER, "lead": WJW, "members": [WJW, XFJ], "region": "120116001"}
    return [
        {**row, "group": f"G-{number % 2}", "day": f"2026-05-{number + 10}", "uscc": str(number)}
        for number in range(count)
    ]


def test_what_is_planned_together_is_one_group() -> None:
    assert groups_of(rows(5)) == [
        {
            "quarter": QUARTER, "lead": WJW, "members": [WJW, XFJ], "group": f"G-{number}",
            "district": "120116", "enterprises": count, "first_day": first, "last_day": last,
        }
        for number, count, first, last in ((0, 3, "2026-05-10", "2026-05-14"),
                                           (1, 2, "2026-05-11", "2026-05-13"))
    ]  # fmt: skip


@pytest.fixture
def listed(console, broker, redis_url):
    """The row of one joint inspection, in a Redis."""
    console.set(HUB_REDIS_URL=redis_url)
    console("topics", "apply")
    hub = a_hub()
    with redis.Redis.from_url(redis_url) as client:
        name = f"{hub.uscc}\x1f{JOINT_ID}"
        client.hset(view_key(0, "joint"), name, joint_row(hub.uscc, JOINT_ID, hub.state))
    return hub


def test_groups_are_listed_and_then_their_enterprises(console, listed) -> None:
    groups = console("joints", QUARTER, "--json").json["groups"]
    group = groups[0]["group"]
    enterprises = console("joints", "--group", group, "--json").json["joints"]

    assert [(one["lead"], one["enterprises"], one["district"]) for one in groups] == [
        (XFJ, 1, "120116")
    ]
    assert [one["joint_id"] for one in enterprises] == [JOINT_ID]
    listing = console("joints")
    assert listing.fits(80)
    assert "滨海新区" in listing.out
    assert JOINT_ID in "".join(console("joints", "--group", group).out.split())
    assert console("joints", "--dept", SCJG).status == Exit.FOUND
    assert console("joints", "2026Q1").status == Exit.FOUND
