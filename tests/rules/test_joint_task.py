"""Does a task go along with a joint visit? One code, one day, one task a member."""

from __future__ import annotations

from datetime import date

import pytest
from builders import DAY, USCC, Hub, a_cap, a_group
from joint_world import JOINT_ID, SCJG, WJW, XFJ, JointHub, a_joint_policy, draw_all, say

from schemas.enums import CodeKind, JointCounting, Prompt
from schemas.facts import DecidedFact, Fact
from streams.rules.entry.caps import CompiledPolicy

STRANGER = "HBJ-120116"
MAY_20, MAY_21 = date(2026, 5, 20), date(2026, 5, 21)


def formed(policy: CompiledPolicy | None = None) -> JointHub:
    hub = JointHub(policy=policy or a_joint_policy())
    draw_all(hub, WJW, XFJ, SCJG)
    hub.close()
    return hub


def made(facts: tuple[Fact, ...]):  # type: ignore[no-untyped-def]  # a decision
    assert isinstance(facts[0], DecidedFact)
    return facts[0].decision


def test_all_members_get_one_code_that_no_task_of_its_own_would_get() -> None:
    hub = formed()

    decisions = [made(hub.ask(f"T-{dept}", dept)) for dept in (WJW, XFJ, SCJG)]

    assert {one.decision for one in decisions} == {"ISSUED"}
    assert {one.code_kind for one in decisions} == {CodeKind.JOINT}
    (code,) = {one.code for one in decisions}
    assert {one.qr_text for one in decisions} == {f"https://hub.example/c/{code}.260527"}
    assert code == hub.mint.code(USCC, f"joint|{JOINT_ID}", 2026, 0)


def test_a_task_of_each_member_is_enough() -> None:
    hub = formed()
    hub.ask("T-1", WJW)

    assert say(hub.ask("T-2", WJW)) == ["REFUSED_JOINT_MEMBER JOINT_TASK_EXISTS T-1"]
    hub.cancel("T-1", dept=WJW)
    assert say(hub.ask("T-3", WJW)) == ["ISSUED"]


def test_the_first_task_sets_the_day() -> None:
    hub = formed()
    hub.ask("T-1", XFJ, MAY_20)

    assert say(hub.ask("T-2", WJW, MAY_21)) == [
        f"REFUSED_JOINT_MEMBER JOINT_DAY {JOINT_ID} on 2026-05-20"
    ]
    assert say(hub.ask("T-3", WJW, MAY_20)) == ["ISSUED"]


def test_if_nobody_is_left_on_that_day_another_may_be_chosen() -> None:
    hub = formed()
    hub.ask("T-1", XFJ, MAY_20)
    hub.cancel("T-1", dept=XFJ)

    assert say(hub.ask("T-2", WJW, MAY_21)) == ["ISSUED"]


def test_a_department_that_takes_no_part_cannot_name_the_joint_task() -> None:
    assert say(formed().ask("T-1", STRANGER)) == [
        f"REFUSED_JOINT_MEMBER NOT_A_MEMBER {JOINT_ID} lead {SCJG}"
    ]


@pytest.mark.parametrize("joint_id", [None, "J-9"])
def test_a_member_does_not_inspect_alone_in_that_quarter(joint_id: str | None) -> None:
    hub = formed()

    assert say(hub.ask("T-1", WJW, joint_id=joint_id)) == [
        f"REFUSED_JOINT_MEMBER JOINT_TASK {JOINT_ID} lead {SCJG}"
    ]
    unknown = "" if joint_id is None else f" UNKNOWN_JOINT {joint_id}"
    assert say(hub.ask("T-2", WJW, date(2026, 7, 20), joint_id=joint_id)) == [f"ISSUED{unknown}"]


class TestSlipped:
    """A visit may slip into the next quarter; it is no way past what that quarter has formed."""

    NEXT, JULY = "2026Q3", date(2026, 7, 20)
    NEXT_ID = f"LHJC-2026Q3-{USCC}"

    def drawn_again(self, *depts: str, **numbers: object) -> JointHub:
        hub = formed(a_joint_policy(**numbers))
        for dept in depts:
            hub.draw(dept, draw_id=f"N-{dept}", quarter=self.NEXT, on=date(2026, 7, 1))
        return hub

    def test_it_goes_along_where_the_next_quarter_has_nothing_for_the_department(self) -> None:
        decision = made(self.drawn_again(XFJ).ask("T-1", WJW, self.JULY))

        assert (decision.decision, decision.code_kind) == ("ISSUED", CodeKind.JOINT)

    def test_what_is_drawn_for_the_next_quarter_is_waited_for(self) -> None:
        hub = self.drawn_again(WJW)

        assert say(hub.ask("T-1", WJW, self.JULY)) == [f"REFUSED_JOINT_MEMBER DRAW_PENDING N-{WJW}"]
        clue = {"trigger": "COMPLAINT", "clue_no": "12345"}
        assert say(hub.ask("T-2", WJW, self.JULY, **clue)) == ["ISSUED"]

    def test_who_is_bound_in_the_next_quarter_goes_along_there_or_not_at_all(self) -> None:
        hub = self.drawn_again(WJW, XFJ)
        hub.close(date(2026, 7, 9), self.NEXT)

        assert say(hub.ask("T-1", WJW, self.JULY)) == [
            f"REFUSED_JOINT_MEMBER JOINT_TASK {self.NEXT_ID} lead {WJW}"
        ]
        assert say(hub.ask("T-2", WJW, self.JULY, joint_id=self.NEXT_ID)) == ["ISSUED"]
        assert say(hub.ask("T-3", WJW)) == ["ISSUED"], "in its own quarter it is as before"

    def test_where_the_policy_only_warns_it_has_a_code_of_its_own(self) -> None:
        decision = made(self.drawn_again(WJW, joint_member="warn").ask("T-1", WJW, self.JULY))

        assert decision.code_kind is CodeKind.SINGLE
        assert Prompt.JOINT_MEMBER in decision.warnings


class TestWaiting:
    """What was drawn waits until the window closes."""

    def drawn(self, **numbers: object) -> JointHub:
        hub = JointHub(policy=a_joint_policy(**numbers))
        hub.draw(WJW, draw_id="D-7")
        return hub

    def test_a_planned_inspection_waits(self) -> None:
        assert say(self.drawn().ask("T-1", WJW, joint_id=None)) == [
            "REFUSED_JOINT_MEMBER DRAW_PENDING D-7"
        ]

    def test_complaints_other_departments_and_other_quarters_do_not(self) -> None:
        hub = self.drawn()
        clue = {"joint_id": None, "trigger": "COMPLAINT", "clue_no": "12345"}

        assert say(hub.ask("T-1", WJW, **clue)) == ["ISSUED"]
        assert say(hub.ask("T-2", XFJ, joint_id=None)) == ["ISSUED"]
        assert say(hub.ask("T-3", WJW, date(2026, 7, 20), joint_id=None)) == ["ISSUED"]

    def test_where_the_policy_only_warns_it_is_a_prompt(self) -> None:
        decision = made(self.drawn(joint_member="warn").ask("T-1", WJW, joint_id=None))

        assert decision.decision == "ISSUED"
        assert Prompt.JOINT_MEMBER in decision.warnings


class TestWarning:
    """Where the policy only warns, a task beside the visit has a code of its own."""

    def test_a_second_task_is_no_part_of_the_visit(self) -> None:
        hub = formed(a_joint_policy(joint_member="warn"))

        along = made(hub.ask("T-1", WJW))
        beside = made(hub.ask("T-2", WJW))

        assert (along.code_kind, along.warnings) == (CodeKind.JOINT, ())
        assert beside.code_kind is CodeKind.SINGLE
        assert beside.code != along.code
        assert Prompt.JOINT_MEMBER in beside.warnings


class TestOverCap:
    """A member whose cap is used up by now drops out when it asks for its code."""

    def full(self) -> JointHub:
        hub = formed(a_joint_policy(a_cap(1, scope={"kind": "AGENCY", "id": SCJG})))
        hub.submit("other", dept=SCJG, planned_on="2026-08-20")
        return hub

    def test_it_is_intercepted_and_the_lead_passes_on(self) -> None:
        hub = self.full()

        assert say(hub.ask("T-1", SCJG)) == [
            "INTERCEPTED_OVER_CAP CAP R@1",
            "OVER_CAP SCJG-120000 -> WJW-120116 XFJ-120116 lead WJW-120116 CODE_ORDER",
        ]

    def test_it_does_not_go_alone_when_its_cap_is_free_again(self) -> None:
        hub = self.full()
        hub.ask("T-1", SCJG)
        hub.cancel("other", dept=SCJG)

        assert say(hub.ask("T-2", SCJG, joint_id=None)) == [
            f"REFUSED_JOINT_MEMBER JOINT_TASK {JOINT_ID} lead {WJW}"
        ]

    def test_an_interception_of_another_task_drops_nobody(self) -> None:
        hub = self.full()

        assert say(hub.ask("T-1", SCJG, date(2026, 9, 1), joint_id=None)) == [
            "INTERCEPTED_OVER_CAP CAP R@1"
        ]


@pytest.mark.parametrize(
    ("joint", "counted"),
    [
        (JointCounting.PER_DEPARTMENT, [1, 2, 3]),
        (JointCounting.ONCE_PER_VISIT, [1, 1, 1]),
        (JointCounting.LEAD_ONLY, [None, None, 1]),
    ],
)
def test_the_visit_counts_as_the_rule_says(joint: str, counted: list[int | None]) -> None:
    cap = a_cap(9, scope=a_group(WJW, XFJ, SCJG), joint=str(joint))
    hub = formed(a_joint_policy(cap))

    decisions = [made(hub.ask(f"T-{dept}", dept)) for dept in (WJW, XFJ, SCJG)]

    assert [one.used for one in decisions] == counted


def test_it_is_one_visit_of_the_enterprise_and_one_of_each_member() -> None:
    hub = formed(a_joint_policy(a_cap(1), windows=[{"days": 30, "max": 1}]))

    decisions = [made(hub.ask(f"T-{dept}", dept)) for dept in (WJW, XFJ, SCJG)]

    assert [one.used for one in decisions] == [1, 1, 1]
    assert not any(Prompt.SHORT_WINDOW in one.warnings for one in decisions)


def test_each_member_has_its_own_result_and_rating() -> None:
    hub = formed()
    for dept in (WJW, XFJ):
        hub.ask(f"T-{dept}", dept)
        hub.complete(f"T-{dept}", f"R-{dept}", dept=dept, on="2026-05-20")
    for dept, stars in ((WJW, 5), (XFJ, 1)):
        data = {
            "task_id": f"T-{dept}",
            "dept": dept,
            "stars": stars,
            "at": "2026-05-21T09:00:00+08:00",
        }
        hub.send("inspection.rating.submitted", data, dept="HUB")

    assert {name: one.stars for name, one in hub.state.ratings.items()} == {
        f"T-{WJW}": 5,
        f"T-{XFJ}": 1,
    }
    assert [hub.state.tasks[f"T-{dept}"].result_id for dept in (WJW, XFJ)] == [
        f"R-{WJW}", f"R-{XFJ}",
    ]  # fmt: skip


def test_a_joint_id_that_the_hub_does_not_know_joins_departments_as_before() -> None:
    hub = Hub()
    decisions = [hub.submit(dept, dept=dept, joint_id="J", planned_on=DAY.isoformat())
                 for dept in (WJW, XFJ)]  # fmt: skip

    assert {one.code_kind for one in decisions} == {CodeKind.JOINT}
    assert len({one.code for one in decisions}) == 2
