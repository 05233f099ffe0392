"""Is a cap used up? Scopes, matches, periods, joint visits, and which rule is the tightest."""

from __future__ import annotations

from typing import Any

import pytest
from builders import DEPT, OTHER_DEPT, Hub, a_cap, a_group, a_policy, a_subject

from schemas.enums import Decision

ISSUED, INTERCEPTED = Decision.ISSUED, Decision.INTERCEPTED_OVER_CAP
EXEMPT = {"trigger": "COMPLAINT", "clue_no": "12345-7"}


def hub_with(*caps: dict[str, Any], **numbers: Any) -> Hub:
    return Hub(policy=a_policy(*caps, **numbers))


@pytest.mark.parametrize("cap", [1, 2, 3])
def test_the_last_place_is_given_and_the_next_task_intercepted(cap: int) -> None:
    hub = hub_with(a_cap(cap))

    made = [hub.submit(f"T-{number}") for number in range(cap + 1)]

    assert [one.decision for one in made] == [ISSUED] * cap + [INTERCEPTED]
    assert [one.used for one in made] == [*range(1, cap + 1), cap]
    assert made[-1].counted == tuple(f"T-{number}" for number in range(cap))
    assert [(r.code, r.about) for r in made[-1].reasons] == [("CAP", "R@1")]
    assert made[-1].code is None


SCOPES: list[Any] = [
    # scope, department of the earlier visit, of the task, rule applies, earlier visit counts
    ({"kind": "AGENCY", "id": DEPT}, DEPT, DEPT, True, True),
    ({"kind": "AGENCY", "id": DEPT}, OTHER_DEPT, DEPT, True, False),
    ({"kind": "AGENCY", "id": DEPT}, DEPT, OTHER_DEPT, False, False),
    ({"kind": "EACH_AGENCY"}, DEPT, DEPT, True, True),
    ({"kind": "EACH_AGENCY"}, OTHER_DEPT, DEPT, True, False),
    (a_group(DEPT, OTHER_DEPT), OTHER_DEPT, DEPT, True, True),
    (a_group(DEPT, "X"), OTHER_DEPT, DEPT, True, False),
    (a_group("X", "Y"), DEPT, DEPT, False, False),
]


@pytest.mark.parametrize(("scope", "earlier", "dept", "applies", "counts"), SCOPES)
def test_a_rule_holds_for_its_scope_and_counts_in_it(
    scope: dict[str, Any], earlier: str, dept: str, applies: bool, counts: bool
) -> None:
    hub = hub_with(a_cap(5, scope=scope))
    hub.submit("V", dept=earlier)

    made = hub.submit(dept=dept)

    assert made.rule == ("R@1" if applies else None)
    assert made.cap == (5 if applies else None)
    assert made.used == ((2 if counts else 1) if applies else None)


def by_class(scheme: str, *classes: str) -> dict[str, Any]:
    return {"class": {"scheme": scheme, "in": list(classes)}}


MATCHES: list[Any] = [
    # match, task fields, findings, applies
    ({"industry": ["51"]}, {}, {}, True),
    ({"industry": ["52", "519"]}, {}, {}, True),
    ({"industry": ["52"]}, {}, {}, False),
    ({"industry": ["51"]}, {}, {"subject": None}, False),
    ({"items": ["1101-001", "x"]}, {}, {}, True),
    ({"items": ["x"]}, {}, {}, False),
    ({"items": ["x"]}, {"items": ["y", "x"]}, {}, True),
    ({"object_types": ["91"]}, {}, {}, True),
    ({"object_types": ["92", "93"]}, {}, {}, False),
    ({"object_types": ["养殖场"]}, {}, {"subject": a_subject(object_type="养殖场")}, True),
    ({"object_types": ["养殖场"]}, {}, {"subject": None}, False),
    (by_class("CREDIT_EVALUATION", "A", "B"), {}, {}, True),
    (by_class("CREDIT_EVALUATION", "B"), {}, {}, False),
    (by_class("GENERAL_RISK", "A"), {}, {}, False),
    (by_class("GENERAL_RISK", "A", "UNRATED"), {}, {}, True),
    ({"industry": ["51"], **by_class("CREDIT_EVALUATION", "B")}, {}, {}, False),
]


@pytest.mark.parametrize(("match", "fields", "findings", "applies"), MATCHES)
def test_every_match_that_is_given_must_hold(
    match: dict[str, Any], fields: dict[str, Any], findings: dict[str, Any], applies: bool
) -> None:
    hub = hub_with(a_cap(0, match=match))
    hub.classify("A")

    made = hub.submit(findings=findings, **fields)

    assert made.decision is (INTERCEPTED if applies else ISSUED)


def test_a_visit_counts_only_if_its_items_match() -> None:
    hub = hub_with(a_cap(1, match={"items": ["a"]}))

    decisions = [
        hub.submit("T-1", items=["b"]).decision,
        hub.submit("T-2", items=["a", "b"]).decision,
        hub.submit("T-3", items=["b"]).decision,
        hub.submit("T-4", items=["a"]).decision,
    ]

    assert decisions == [ISSUED, ISSUED, ISSUED, INTERCEPTED]


NATURES: list[Any] = [
    # rule fields, earlier visit, task, n of the counter before the task (None: does not apply)
    ({}, {}, {}, 1),
    ({}, {"kind": "SPECIAL"}, {"kind": "CASE"}, 1),
    ({"kinds": ["DAILY"]}, {"kind": "SPECIAL"}, {}, 0),
    ({"kinds": ["DAILY"]}, {}, {"kind": "SPECIAL"}, None),
    ({}, {"mode": "OFFSITE"}, {}, 0),
    ({"modes": ["ONSITE", "OFFSITE"]}, {"mode": "OFFSITE"}, {}, 1),
    ({"not_counted_triggers": ["SUPERIOR_SPECIAL"]}, {"trigger": "SUPERIOR_SPECIAL"}, {}, 0),
    ({"not_counted_triggers": ["SUPERIOR_SPECIAL"]}, {}, {"trigger": "SUPERIOR_SPECIAL"}, None),
    ({}, EXEMPT, {}, 0),
    ({}, {"trigger": "COMPLAINT"}, {}, 1),
    ({}, {}, EXEMPT, None),
    ({}, {}, {"trigger": "COMPLAINT"}, 1),
    ({"exempt_triggers": ["MEDIA"]}, {}, EXEMPT, 1),
    ({"exempt_triggers": ["MEDIA"]}, EXEMPT, {}, 1),
    ({"exempt_triggers": ["MEDIA"]}, {"trigger": "MEDIA", "clue_no": "1"}, {}, 0),
    ({"from": "2026-03-16", "to": "2026-03-16"}, {}, {}, 1),
    ({"from": "2026-03-17"}, {}, {}, None),
    ({"to": "2026-03-15"}, {}, {}, None),
    ({"from": "2026-03-16"}, {"planned_on": "2026-01-05"}, {}, 1),
    ({}, {"backfill": True}, {}, 1),
]


@pytest.mark.parametrize(("rule", "earlier", "task", "counted"), NATURES)
def test_a_rule_sees_only_its_modes_kinds_triggers_and_days(
    rule: dict[str, Any], earlier: dict[str, Any], task: dict[str, Any], counted: int | None
) -> None:
    hub = hub_with(a_cap(5, **rule))
    hub.submit("V", **earlier)

    made = hub.submit(**task)

    assert made.used == (None if counted is None else counted + 1)


YEARS: list[Any] = [
    # years of the rule, day of the earlier visit, counted
    (1, "2025-12-31", False),
    (1, "2026-01-01", True),
    (1, "2026-12-31", True),
    (1, "2027-01-01", False),
    (3, "2023-12-31", False),
    (3, "2024-01-01", True),
    (3, "2027-01-01", False),
]


@pytest.mark.parametrize("scope", [{"kind": "EACH_AGENCY"}, a_group(DEPT, OTHER_DEPT)])
@pytest.mark.parametrize(("years", "day", "counted"), YEARS)
def test_a_period_is_the_calendar_years_that_end_with_the_tasks_year(
    years: int, day: str, counted: bool, scope: dict[str, Any]
) -> None:
    approval = {"no": "A", "by": "负责人", "at": "2020-01-01T00:00:00+08:00", "mode": "PRIOR"}
    hub = hub_with(a_cap(5, years=years, scope=scope))
    hub.submit("V", planned_on=day, approval=approval)
    hub.submit("W", planned_on=day, approval=approval, dept="NO-MEMBER")

    made = hub.submit("T-1", planned_on="2026-06-30")

    assert made.used == (2 if counted else 1)


STATES: list[Any] = [
    # what happens to the visit, still counted
    (lambda hub: None, True),
    (lambda hub: hub.enter("V", how="SHOWN_ONLY"), True),
    (lambda hub: hub.enter("V"), True),
    (lambda hub: hub.complete("V"), True),
    (lambda hub: hub.cancel("V"), False),
    (lambda hub: hub.expire("V"), False),
    (lambda hub: (hub.cancel("V"), hub.enter("V")), True),
    (lambda hub: (hub.expire("V"), hub.complete("V")), True),
]


@pytest.mark.parametrize(("happens", "counted"), STATES)
def test_a_reservation_counts_until_it_is_released(happens: Any, counted: bool) -> None:
    hub = hub_with(a_cap(1))
    hub.submit("V")
    happens(hub)

    assert hub.submit().decision is (INTERCEPTED if counted else ISSUED)


def test_what_was_refused_is_not_counted_until_it_is_visited_all_the_same() -> None:
    hub = hub_with(a_cap(1))
    hub.submit("V", approval=None)
    first = hub.submit("T-1").decision
    hub.cancel("T-1")
    hub.enter("V")

    assert (first, hub.submit("T-2").decision) == (ISSUED, INTERCEPTED)


def test_offsite_tasks_take_their_place_where_a_rule_counts_them_and_are_never_blocked() -> None:
    hub = hub_with(a_cap(1, modes=["OFFSITE"]))

    made = [hub.submit(f"T-{number}", mode="OFFSITE") for number in (1, 2)]

    assert [one.decision for one in made] == [Decision.RECORDED_OFFSITE] * 2
    assert [one.used for one in made] == [1, 2]
    assert made[1].counted == ("T-1", "T-2")


def test_minima_inform_and_never_block() -> None:
    hub = hub_with(a_cap(None, min=1), a_cap(None, min=5, id="S"))

    made = [hub.submit(f"T-{number}") for number in range(3)]

    assert {(one.decision, one.rule) for one in made} == {(ISSUED, None)}


TIGHTEST: list[Any] = [
    # caps (id, max, earlier visits it does not see), rule named, used after
    ([("A", 3), ("B", 2)], "B@1", 2),
    ([("B", 2), ("A", 2)], "A@1", 2),
    ([("A", 9), ("B", 9)], "A@1", 2),
]


@pytest.mark.parametrize(("caps", "rule", "used"), TIGHTEST)
def test_the_rule_with_the_least_left_is_named_then_the_smallest_label(
    caps: list[tuple[str, int]], rule: str, used: int
) -> None:
    hub = hub_with(*[a_cap(maximum, id=name) for name, maximum in caps])
    hub.submit("V")

    made = hub.submit()

    assert (made.rule, made.used) == (rule, used)


def test_all_rules_that_are_used_up_are_reasons_the_tightest_first() -> None:
    group = a_cap(2, id="G", scope=a_group(DEPT, OTHER_DEPT))
    hub = hub_with(a_cap(1, id="Z"), a_cap(1, id="Y"), group, a_cap(9, id="A"))
    for number in range(3):
        hub.submit(f"V-{number}", dept=OTHER_DEPT, backfill=True)
    hub.submit("V-9", backfill=True)

    made = hub.submit()

    assert [reason.about for reason in made.reasons] == ["G@1", "Y@1", "Z@1"]
    assert (made.rule, made.used, made.cap) == ("G@1", 4, 2)
    assert made.counted == ("V-0", "V-1", "V-2", "V-9")


def test_two_versions_of_one_rule_follow_each_other_without_a_gap() -> None:
    old = a_cap(1, to="2026-06-30")
    new = a_cap(3, version=2, **{"from": "2026-07-01"})
    hub = hub_with(old, new)

    made = [
        hub.submit("T-1", planned_on="2026-06-30"),
        hub.submit("T-2", planned_on="2026-06-30"),
        hub.submit("T-3", planned_on="2026-07-01"),
    ]

    assert [one.decision for one in made] == [ISSUED, INTERCEPTED, ISSUED]
    assert (made[2].rule, made[2].used) == ("R@2", 2)


def test_counted_lists_tasks_in_the_order_in_which_the_journal_first_named_them() -> None:
    hub = hub_with(a_cap(9))
    hub.submit("a")
    hub.enter("b")
    hub.submit("c")

    made = hub.submit("b")

    assert made.decision is Decision.RECORDED_BACKFILL
    assert made.counted == ("a", "b", "c")
