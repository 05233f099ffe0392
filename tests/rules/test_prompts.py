"""Of what is the officer warned? Prompts never block, and come in the order of the enum."""

from __future__ import annotations

from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, Hub, a_cap, a_policy

from schemas.enums import Decision, Prompt
from streams.rules.entry.prompts import PROMPTS

WINDOWS = [{"days": 1, "max": 1}, {"days": 7, "max": 2}]
BARE = {"repeat_from": 99, "same_item": False, "unreasonable_from": 99}
EXEMPT = {"trigger": "COMPLAINT", "clue_no": "12345-7"}


def visited(hub: Hub, *days: str, **fields: Any) -> None:
    """Earlier visits of the department, each of its own item."""
    for number, day in enumerate(days):
        hub.submit(f"V-{number}", planned_on=day, items=[f"v-{number}"], **fields)


def once(hub: Hub) -> None:
    visited(hub, "2026-01-05")


def five_exempt(hub: Hub) -> None:
    visited(hub, *[f"2026-01-{day:02}" for day in range(5, 10)], **EXEMPT)


def once_that_day_by_others(hub: Hub) -> None:
    visited(hub, "2026-03-16", dept=OTHER_DEPT)


def same_item_offsite(hub: Hub) -> None:
    hub.submit("V-0", mode="OFFSITE", planned_on="2026-01-05")


def a_joint_task(hub: Hub) -> None:
    hub.form_joint()


def cap_used_up(hub: Hub) -> None:
    visited(hub, "2026-01-05", "2026-01-06")


def whitelisted(hub: Hub) -> None:
    hub.whitelist()


def nothing(_hub: Hub) -> None:
    pass


# prompt, policy, before, fields, findings, with which decision
HOLDS: list[Any] = [
    (Prompt.REPEAT_INSPECTION, {"repeat_from": 2}, once, {}, {}, Decision.ISSUED),
    (Prompt.REPEAT_INSPECTION, {"repeat_from": 2}, once, {"backfill": True}, {},
     Decision.RECORDED_BACKFILL),
    (Prompt.SAME_ITEM, {"same_item": True}, same_item_offsite, {}, {}, Decision.ISSUED),
    (Prompt.SAME_ITEM, {"same_item": True}, same_item_offsite, {"mode": "OFFSITE"}, {},
     Decision.RECORDED_OFFSITE),
    (Prompt.EXEMPTION_EVIDENCE_MISSING, {}, nothing, {"trigger": "URGENT"}, {}, Decision.ISSUED),
    (Prompt.EXEMPTION_EVIDENCE_MISSING, {}, nothing, {"trigger": "URGENT", "mode": "OFFSITE"}, {},
     Decision.RECORDED_OFFSITE),
    (Prompt.UNREASONABLE_FREQUENCY, {"unreasonable_from": 6}, five_exempt, EXEMPT, {},
     Decision.ISSUED),
    (Prompt.SHORT_WINDOW, {"windows": WINDOWS}, once_that_day_by_others, {}, {}, Decision.ISSUED),
    (Prompt.OFFSITE_PREFERRED, {}, nothing, {}, {"offsite_items": ("1101-001",)}, Decision.ISSUED),
    (Prompt.JOINT_MEMBER, {"joint_member": "warn"}, a_joint_task, {}, {}, Decision.ISSUED),
    (Prompt.OVER_CAP_BACKFILL, {}, cap_used_up, {"backfill": True}, {}, Decision.RECORDED_BACKFILL),
    (Prompt.LATE_BACKFILL, {"backfill_max_days": 10}, nothing,
     {"backfill": True, "time": "2026-03-26T16:00:00Z"}, {}, Decision.RECORDED_BACKFILL),
    (Prompt.APPROVAL_OUTSTANDING, {}, nothing,
     {"trigger": "URGENT", "clue_no": "1", "approval": {"mode": "RETROACTIVE_URGENT"}}, {},
     Decision.ISSUED),
    (Prompt.CHECK_DIGIT, {}, nothing, {}, {"check_digit_ok": False}, Decision.ISSUED),
    (Prompt.UNKNOWN_FIELD, {}, nothing, {}, {"unknown_fields": ("colour",)}, Decision.ISSUED),
    (Prompt.OFFSITE_PREFERRED, {}, whitelisted, {}, {}, Decision.REFUSED_WHITELISTED),
    (Prompt.WHITELISTED, {}, whitelisted, EXEMPT, {}, Decision.ISSUED),
    (Prompt.WHITELISTED, {}, whitelisted, {"backfill": True}, {}, Decision.RECORDED_BACKFILL),
    (Prompt.WHITELISTED, {}, nothing, EXEMPT, {"whitelisted_items": ("1101-001",)},
     Decision.ISSUED),
    (Prompt.UNKNOWN_JOINT, {}, nothing, {"joint_id": "J-1"}, {}, Decision.ISSUED),
    (Prompt.UNKNOWN_JOINT, {}, nothing, {"joint_id": "J-1", "mode": "OFFSITE"}, {},
     Decision.RECORDED_OFFSITE),
    (Prompt.UNKNOWN_JOINT, {}, nothing, {"joint_id": "J-1", "backfill": True}, {},
     Decision.RECORDED_BACKFILL),
    (Prompt.UNKNOWN_JOINT, {}, cap_used_up, {"joint_id": "J-1"}, {},
     Decision.INTERCEPTED_OVER_CAP),
]  # fmt: skip

# the same, just below the threshold, or with a decision that it does not go with
HOLDS_NOT: list[Any] = [
    (Prompt.REPEAT_INSPECTION, {"repeat_from": 2}, nothing, {}, {}, Decision.ISSUED),
    (Prompt.REPEAT_INSPECTION, {"repeat_from": 2}, once, {"planned_on": "2027-01-05"}, {},
     Decision.ISSUED),
    (Prompt.REPEAT_INSPECTION, {"repeat_from": 2}, once, {"mode": "OFFSITE"}, {},
     Decision.RECORDED_OFFSITE),
    (Prompt.REPEAT_INSPECTION, {"repeat_from": 2}, same_item_offsite, {}, {}, Decision.ISSUED),
    (Prompt.REPEAT_INSPECTION, {"repeat_from": 2}, once_that_day_by_others, {}, {},
     Decision.ISSUED),
    (Prompt.SAME_ITEM, {"same_item": False}, same_item_offsite, {}, {}, Decision.ISSUED),
    (Prompt.SAME_ITEM, {"same_item": True}, same_item_offsite, {"items": ["x"]}, {},
     Decision.ISSUED),
    (Prompt.SAME_ITEM, {"same_item": True}, same_item_offsite, {"dept": OTHER_DEPT}, {},
     Decision.ISSUED),
    (Prompt.SAME_ITEM, {"same_item": True}, same_item_offsite, {"planned_on": "2027-01-05"}, {},
     Decision.ISSUED),
    (Prompt.EXEMPTION_EVIDENCE_MISSING, {}, nothing, EXEMPT, {}, Decision.ISSUED),
    (Prompt.EXEMPTION_EVIDENCE_MISSING, {}, nothing, {"trigger": "MEDIA"}, {}, Decision.ISSUED),
    (Prompt.EXEMPTION_EVIDENCE_MISSING, {}, nothing, {"trigger": "URGENT"}, {"in_scope": False},
     Decision.RECORDED_OUT_OF_SCOPE),
    (Prompt.UNREASONABLE_FREQUENCY, {"unreasonable_from": 7}, five_exempt, EXEMPT, {},
     Decision.ISSUED),
    (Prompt.SHORT_WINDOW, {}, once_that_day_by_others, {}, {}, Decision.ISSUED),
    (Prompt.SHORT_WINDOW, {"windows": WINDOWS}, nothing, {}, {}, Decision.ISSUED),
    (Prompt.SHORT_WINDOW, {"windows": WINDOWS}, once_that_day_by_others,
     {"planned_on": "2026-03-17"}, {}, Decision.ISSUED),
    (Prompt.OFFSITE_PREFERRED, {}, nothing, {"backfill": True}, {"offsite_items": ("1101-001",)},
     Decision.RECORDED_BACKFILL),
    (Prompt.JOINT_MEMBER, {"joint_member": "warn"}, a_joint_task, {"joint_id": "J-1"}, {},
     Decision.ISSUED),
    (Prompt.OVER_CAP_BACKFILL, {}, once, {"backfill": True}, {}, Decision.RECORDED_BACKFILL),
    (Prompt.LATE_BACKFILL, {"backfill_max_days": 10}, nothing,
     {"backfill": True, "time": "2026-03-26T15:59:59Z"}, {}, Decision.RECORDED_BACKFILL),
    (Prompt.LATE_BACKFILL, {"backfill_max_days": 10}, nothing,
     {"time": "2026-12-26T15:59:59Z"}, {}, Decision.ISSUED),
    (Prompt.APPROVAL_OUTSTANDING, {}, nothing, {}, {}, Decision.ISSUED),
    (Prompt.APPROVAL_OUTSTANDING, {}, nothing, {"approval": None}, {},
     Decision.REJECTED_NO_APPROVAL),
    (Prompt.CHECK_DIGIT, {}, nothing, {}, {}, Decision.ISSUED),
    (Prompt.UNKNOWN_FIELD, {}, nothing, {}, {}, Decision.ISSUED),
    (Prompt.WHITELISTED, {}, nothing, EXEMPT, {}, Decision.ISSUED),
    (Prompt.WHITELISTED, {}, whitelisted, {"mode": "OFFSITE"}, {}, Decision.RECORDED_OFFSITE),
    (Prompt.OFFSITE_PREFERRED, {}, whitelisted, EXEMPT, {}, Decision.ISSUED),
    (Prompt.UNKNOWN_JOINT, {}, nothing, {}, {}, Decision.ISSUED),
    (Prompt.UNKNOWN_JOINT, {}, a_joint_task, {"joint_id": "J-1"}, {}, Decision.ISSUED),
    (Prompt.UNKNOWN_JOINT, {}, whitelisted, {"joint_id": "J-1"}, {}, Decision.REFUSED_WHITELISTED),
]  # fmt: skip


def prompts(
    numbers: dict[str, Any], before: Any, fields: dict[str, Any], findings: dict[str, Any]
) -> tuple[Decision, tuple[Prompt, ...]]:
    hub = Hub(policy=a_policy(a_cap(2), **{**BARE, **numbers}))
    before(hub)
    made = hub.submit("X", findings=findings, **fields)
    return made.decision, made.warnings


@pytest.mark.parametrize(("prompt", "numbers", "before", "fields", "findings", "decision"), HOLDS)
def test_a_prompt_that_holds_stands_alone(
    prompt: Prompt, numbers: Any, before: Any, fields: Any, findings: Any, decision: Decision
) -> None:
    assert prompts(numbers, before, fields, findings) == (decision, (prompt,))


@pytest.mark.parametrize(
    ("prompt", "numbers", "before", "fields", "findings", "decision"), HOLDS_NOT
)
def test_a_prompt_that_does_not_hold_is_silent(
    prompt: Prompt, numbers: Any, before: Any, fields: Any, findings: Any, decision: Decision
) -> None:
    found, warnings = prompts(numbers, before, fields, findings)

    assert found is decision
    assert prompt not in warnings


def test_every_prompt_has_a_row_and_a_counter_example() -> None:
    assert {row[0] for row in HOLDS} == set(Prompt) == {row[0] for row in HOLDS_NOT}
    assert [prompt for prompt, _, _ in PROMPTS] == list(Prompt)


@pytest.mark.parametrize(
    ("fields", "findings", "decision"),
    [
        ({}, {"dept_standing": "UNKNOWN"}, Decision.REJECTED_UNQUALIFIED),
        ({"approval": None}, {}, Decision.REJECTED_NO_APPROVAL),
        ({}, {"in_territory": False}, Decision.REJECTED_OUT_OF_TERRITORY),
        ({}, {"in_scope": False}, Decision.RECORDED_OUT_OF_SCOPE),
        ({"mode": "OFFSITE"}, {}, Decision.RECORDED_OFFSITE),
        ({}, {"whitelisted_items": ("1101-001",)}, Decision.REFUSED_WHITELISTED),
    ],
)
def test_what_intake_doubted_is_told_with_every_first_decision(
    fields: Any, findings: Any, decision: Decision
) -> None:
    from schemas.enums import Standing

    if "dept_standing" in findings:
        findings = {"dept_standing": Standing.UNKNOWN}
    doubts = {"check_digit_ok": False, "unknown_fields": ("colour",)}

    made = Hub().submit(findings={**findings, **doubts}, **fields)

    assert made.decision is decision
    offsite = (Prompt.OFFSITE_PREFERRED,) if decision is Decision.REFUSED_WHITELISTED else ()
    assert made.warnings == (*offsite, Prompt.CHECK_DIGIT, Prompt.UNKNOWN_FIELD)


def test_prompts_come_together_in_the_order_of_the_enum() -> None:
    numbers = {"repeat_from": 1, "same_item": True, "unreasonable_from": 2, "windows": WINDOWS}
    hub = Hub(policy=a_policy(joint_member="warn", **numbers))
    hub.form_joint()
    hub.submit("V-0")

    made = hub.submit(
        trigger="URGENT",
        joint_id="J-9",
        approval={"mode": "RETROACTIVE_URGENT"},
        findings={
            "offsite_items": ("1101-001",),
            "check_digit_ok": False,
            "unknown_fields": ("x",),
        },
    )

    never_together = {Prompt.OVER_CAP_BACKFILL, Prompt.LATE_BACKFILL, Prompt.WHITELISTED}
    assert made.warnings == tuple(prompt for prompt in Prompt if prompt not in never_together)


WINDOW_ROWS: list[Any] = [
    # days and joint ids of other visits, prompt expected; the visit itself is on 2026-03-16, and
    # the hub formed J alone: what others name is a visit each
    ([("2026-03-10", None), ("2026-03-12", None)], True),
    ([("2026-03-09", None), ("2026-03-12", None)], False),
    ([("2026-03-12", None), ("2026-03-17", None)], False),
    ([("2026-03-12", "J"), ("2026-03-12", "J")], False),
    ([("2026-03-12", "J"), ("2026-03-12", "K")], True),
    ([("2026-03-12", "K"), ("2026-03-12", "K")], True),
    ([("2026-03-12", "X"), ("2026-03-13", None)], True),
    ([("2026-03-13", "V-2"), ("2026-03-14", None)], True),
]


@pytest.mark.parametrize(("visits", "expected"), WINDOW_ROWS)
def test_a_window_takes_in_the_days_that_end_with_the_visit_and_a_joint_visit_once(
    visits: list[tuple[str, str | None]], expected: bool
) -> None:
    hub = Hub(policy=a_policy(**BARE, windows=[{"days": 7, "max": 2}], joint_member="warn"))
    hub.form_joint("J", members=("D-0", "D-1"), lead="D-0")
    for number, (day, joint_id) in enumerate(visits):
        dept = f"D-{number}"
        hub.submit(f"V-{number}", dept=dept, planned_on=day, joint_id=joint_id)

    made = hub.submit("T-1", joint_id="X", dept=DEPT)

    assert (Prompt.SHORT_WINDOW in made.warnings) is expected


def test_cancelled_and_expired_visits_are_not_repeated() -> None:
    hub = Hub(policy=a_policy(repeat_from=2))
    hub.submit("V-0", items=["x"])
    hub.submit("V-1", items=["x"])
    hub.cancel("V-0")
    hub.expire("V-1")

    assert hub.submit().warnings == ()
