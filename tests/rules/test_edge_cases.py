"""The edge cases of the domain that concern tasks, by their numbers (reference: domain, part 8)."""

from __future__ import annotations

import pytest
from builders import DEPT, OTHER_DEPT, Hub, a_cap, a_group, a_policy

from schemas.enums import Decision, Prompt
from schemas.facts import EnteredFact

ISSUED, INTERCEPTED = Decision.ISSUED, Decision.INTERCEPTED_OVER_CAP
EXEMPT = {"trigger": "COMPLAINT", "clue_no": "12345-7"}


def hub_with(maximum: int, **numbers: object) -> Hub:
    return Hub(policy=a_policy(a_cap(maximum), **numbers))


def test_01_the_last_place_is_issued_with_n_of_m() -> None:
    hub = hub_with(2)
    hub.submit("T-1")

    made = hub.submit("T-2")

    assert (made.decision, made.used, made.cap) == (ISSUED, 2, 2)


def test_02_over_the_cap_there_is_no_code_but_rule_version_and_what_was_counted() -> None:
    hub = hub_with(2)
    hub.submit("T-1")
    hub.submit("T-2")

    made = hub.submit("T-3")

    assert made.decision is INTERCEPTED
    assert (made.code, made.qr_text, made.valid_until) == (None, None, None)
    assert (made.rule, made.used, made.cap, made.counted) == ("R@1", 2, 2, ("T-1", "T-2"))
    assert made.policy_version.startswith("test+")


def test_03_of_two_tasks_for_the_last_place_the_first_in_the_log_gets_it() -> None:
    hub = hub_with(1)

    decisions = [hub.submit(name).decision for name in ("by-Kafka", "by-HTTP")]

    assert decisions == [ISSUED, INTERCEPTED]


def test_04_a_cap_of_zero_blocks_what_is_proactive_and_lets_the_exempt_pass() -> None:
    hub = hub_with(0)

    proactive, exempt = hub.submit("T-1"), hub.submit("T-2", **EXEMPT)

    assert proactive.decision is INTERCEPTED
    assert (proactive.used, proactive.cap, proactive.counted) == (0, 0, ())
    assert (exempt.decision, exempt.exempt) == (ISSUED, True)


def test_05_the_second_visit_is_issued_with_a_warning_and_the_choice_recorded() -> None:
    hub = hub_with(3)
    hub.submit("T-1", items=["a"])

    made = hub.submit("T-2", items=["b"])
    choice, _ = hub.choose("STOP", "T-2")

    assert (made.decision, made.warnings) == (ISSUED, (Prompt.REPEAT_INSPECTION,))
    assert choice.fact == "CHOICE"


def test_06_the_same_item_warns_whatever_the_kind_of_task() -> None:
    hub = hub_with(3, repeat_from=9)
    hub.submit("T-1", kind="DAILY")

    assert hub.submit("T-2", kind="SPECIAL").warnings == (Prompt.SAME_ITEM,)


def test_07_the_year_is_that_of_the_inspection_day_not_of_the_application() -> None:
    hub = hub_with(1)
    hub.submit("T-0", planned_on="2026-12-30")

    made = hub.submit("T-1", planned_on="2027-01-03", time="2026-12-31T23:59:59.9+08:00")

    assert (made.decision, made.year, made.used) == (ISSUED, 2027, 1)


def test_08_a_code_of_december_used_in_january_moves_its_place() -> None:
    hub = hub_with(1)
    hub.submit("T-1", planned_on="2026-12-31")
    hub.submit("T-2", planned_on="2027-01-02")

    fact = hub.enter("T-1", at="2027-01-03T09:00:00+08:00")

    assert isinstance(fact, EnteredFact)
    assert fact.over == ("R@1",)
    assert hub.submit("T-3", planned_on="2026-12-31").decision is ISSUED
    assert hub.submit("T-4", planned_on="2027-02-02").used == 2


def test_09_an_exempt_trigger_with_evidence_passes_the_cap_and_is_supervised() -> None:
    hub = hub_with(1, unreasonable_from=3)
    hub.submit("T-1")
    hub.submit("T-2", **EXEMPT)

    made = hub.submit("T-3", **EXEMPT)

    assert (made.decision, made.exempt) == (ISSUED, True)
    assert (made.used, made.cap, made.rule) == (None, None, None)
    assert Prompt.UNREASONABLE_FREQUENCY in made.warnings


def test_10_an_exempt_trigger_without_clue_falls_under_the_rule() -> None:
    hub = hub_with(1)
    hub.submit("T-1", items=["a"])

    made = hub.submit("T-2", trigger="COMPLAINT")

    assert (made.decision, made.exempt) == (INTERCEPTED, False)
    assert made.warnings == (Prompt.EXEMPTION_EVIDENCE_MISSING,)


def test_11_a_special_inspection_ordered_from_above_is_not_counted_but_recorded() -> None:
    hub = Hub(policy=a_policy(a_cap(1, not_counted_triggers=["SUPERIOR_SPECIAL"])))
    special = hub.submit("T-1", kind="SPECIAL", trigger="SUPERIOR_SPECIAL")

    made = hub.submit("T-2", items=["x"])

    assert (special.decision, special.used) == (ISSUED, None)
    assert "T-1" in hub.state.tasks
    assert (made.decision, made.used) == (ISSUED, 1)
    assert made.warnings == (Prompt.REPEAT_INSPECTION,)


def test_12_a_joint_visit_counts_once_for_each_department_and_once_for_the_enterprise() -> None:
    members = (DEPT, OTHER_DEPT, "HBJ-120116")
    hub = hub_with(1, windows=[{"days": 1, "max": 1}])
    hub.form_joint(members=members)

    made = [hub.submit(dept, dept=dept, joint_id="J-1") for dept in members]

    assert [(one.decision, one.code_kind, one.used) for one in made] == [(ISSUED, "JOINT", 1)] * 3
    assert all(Prompt.SHORT_WINDOW not in one.warnings for one in made)


def test_13_of_a_joint_visit_only_the_department_at_its_cap_is_intercepted() -> None:
    hub = hub_with(1)
    hub.form_joint()
    hub.submit("earlier", dept=OTHER_DEPT, planned_on="2026-04-01")

    lead = hub.submit("lead", dept=OTHER_DEPT, joint_id="J-1")
    member = hub.submit("member", joint_id="J-1")

    assert (lead.decision, member.decision) == (INTERCEPTED, ISSUED)


@pytest.mark.parametrize(
    ("mode", "decision", "warnings"),
    [
        ("refuse", Decision.REFUSED_JOINT_MEMBER, ()),
        ("warn", ISSUED, (Prompt.JOINT_MEMBER,)),
    ],
)
def test_14_a_member_that_comes_on_its_own_is_refused_or_warned(
    mode: str, decision: Decision, warnings: tuple[Prompt, ...]
) -> None:
    hub = hub_with(2, joint_member=mode)
    hub.form_joint()

    made = hub.submit()

    assert (made.decision, made.warnings) == (decision, warnings)


def test_a_group_and_an_agency_rule_are_asked_in_one_step() -> None:
    group = a_cap(3, id="G", scope=a_group(DEPT, OTHER_DEPT))
    hub = Hub(policy=a_policy(a_cap(2), group))
    hub.submit("T-1", dept=OTHER_DEPT)
    hub.submit("T-2", dept=OTHER_DEPT)
    hub.submit("T-3")

    made = hub.submit("T-4")

    assert (made.decision, made.rule, made.used) == (INTERCEPTED, "G@1", 3)
