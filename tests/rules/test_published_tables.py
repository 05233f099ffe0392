"""The rules tried on cap tables that real agencies published."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from builders import Hub

import schemas.policy_file
from schemas.enums import Decision, Prompt
from schemas.policy_file import read_policy
from streams.rules.entry.caps import CompiledPolicy, compile_policy

ISSUED, INTERCEPTED = Decision.ISSUED, Decision.INTERCEPTED_OVER_CAP
FOLDER = Path(schemas.policy_file.__file__).parent / "data" / "policies"
EXEMPT = {"trigger": "COMPLAINT", "clue_no": "12345-7"}
NEVER_BLOCKED = 12


@cache
def published(name: str) -> CompiledPolicy:
    return compile_policy(read_policy((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


def issued_before_interception(hub: Hub, dept: str, **fields: object) -> int:
    """How many visits a department gets in a year before the first is intercepted."""
    start = len(hub.events)
    for number in range(NEVER_BLOCKED):
        made = hub.submit(f"T-{start}-{number}", dept=dept, planned_on="2026-06-15", **fields)
        if made.decision is INTERCEPTED:
            return number
        assert made.decision is ISSUED
    return NEVER_BLOCKED


@pytest.mark.parametrize(("class_", "cap"), [("A", 2), ("B", 4), ("C", 6), ("D", 4)])
def test_henan_coal_mines_by_class(class_: str, cap: int) -> None:
    hub = Hub(policy=published("henan-industry-2025"))
    hub.classify(class_, scheme="INDUSTRY:COALMINE")

    assert issued_before_interception(hub, "GXT-410000", items=["HN-GXT-COAL"]) == cap


@pytest.mark.parametrize(
    ("item", "cap"),
    [
        ("HN-GXT-RADIO-SALES", 4),
        ("HN-GXT-OTHER-1", 1),
        ("HN-GXT-THREE-YEARS", NEVER_BLOCKED),
    ],
)
def test_henan_caps_each_item_by_itself(item: str, cap: int) -> None:
    hub = Hub(policy=published("henan-industry-2025"))

    assert issued_before_interception(hub, "GXT-410000", items=[item]) == cap


def test_henan_items_do_not_use_up_each_others_counters() -> None:
    hub = Hub(policy=published("henan-industry-2025"))
    issued_before_interception(hub, "GXT-410000", items=["HN-GXT-OTHER-1"])

    assert issued_before_interception(hub, "GXT-410000", items=["HN-GXT-RADIO-SALES"]) == 4


def test_henan_gives_a_mine_that_changes_class_the_rest_of_its_new_cap() -> None:
    hub = Hub(policy=published("henan-industry-2025"))
    hub.classify("C", scheme="INDUSTRY:COALMINE", as_of="2026-01-01")
    assert issued_before_interception(hub, "GXT-410000", items=["HN-GXT-COAL"]) == 6
    hub.classify("A", scheme="INDUSTRY:COALMINE", as_of="2026-02-01")

    made = hub.submit("T", dept="GXT-410000", items=["HN-GXT-COAL"])

    assert (made.decision, made.rule, made.used, made.cap) == (
        INTERCEPTED, "HN-GXT-COAL-A@1", 6, 2,
    )  # fmt: skip


def test_health_each_level_twice_and_together_four_times() -> None:
    hub = Hub(policy=published("health-two-levels"))

    each = [issued_before_interception(hub, dept) for dept in ("WJW-CITY", "WJW-COUNTY-1")]
    third = hub.submit("T", dept="WJW-COUNTY-2", planned_on="2026-06-15")
    stranger = hub.submit("S", dept="XFJ", planned_on="2026-06-15")

    assert each == [2, 2]
    assert (third.decision, third.rule, third.used) == (INTERCEPTED, "HEALTH-TOGETHER@1", 4)
    assert (stranger.decision, stranger.rule) == (ISSUED, "HEALTH-EACH-LEVEL@1")


def test_health_cases_with_a_clue_are_exempt() -> None:
    hub = Hub(policy=published("health-two-levels"))

    assert issued_before_interception(hub, "WJW-CITY", kind="CASE", **EXEMPT) == NEVER_BLOCKED
    assert issued_before_interception(hub, "WJW-CITY", kind="CASE", trigger="COMPLAINT") == 2


@pytest.mark.parametrize(
    ("class_", "cap"), [("A", 2), ("C", 2), (None, 2), ("D", NEVER_BLOCKED), ("RED", NEVER_BLOCKED)]
)
def test_ankang_lets_class_d_and_red_be_inspected_more_often(class_: str | None, cap: int) -> None:
    hub = Hub(policy=published("ankang-environment-2025"))
    if class_ is not None:
        hub.classify(class_, scheme="INDUSTRY:ENVIRONMENT")

    assert issued_before_interception(hub, "HBJ-610900") == cap


@pytest.mark.parametrize("trigger", ["COMPLAINT", "TRANSFER", "MEDIA", "URGENT"])
def test_ankang_exempts_its_situations(trigger: str) -> None:
    hub = Hub(policy=published("ankang-environment-2025"))

    exempt = issued_before_interception(hub, "HBJ-610900", trigger=trigger, clue_no="1")

    assert exempt == NEVER_BLOCKED
    assert (
        issued_before_interception(hub, "HBJ-610900", trigger="OFFSITE_FINDING", clue_no="1") == 2
    )


def test_hengyang_never_visits_class_a_proactively() -> None:
    hub = Hub(policy=published("hengyang-2025"))
    hub.classify("A", scheme="INDUSTRY:HENGYANG")

    made = hub.submit("T")

    assert (made.decision, made.used, made.cap) == (INTERCEPTED, 0, 0)
    assert issued_before_interception(hub, "XFJ", **EXEMPT) == NEVER_BLOCKED


@pytest.mark.parametrize("class_", ["B", "D", None])
def test_hengyang_has_no_figure_for_the_others(class_: str | None) -> None:
    hub = Hub(policy=published("hengyang-2025"))
    if class_ is not None:
        hub.classify(class_, scheme="INDUSTRY:HENGYANG")

    assert issued_before_interception(hub, "XFJ") == NEVER_BLOCKED


@pytest.mark.parametrize(
    ("item", "kind", "cap"),
    [
        ("YX-NY-1", "DAILY", 1),
        ("YX-NY-2", "DAILY", NEVER_BLOCKED),
        ("YX-NY-3", "SPECIAL", NEVER_BLOCKED),
    ],
)
def test_yixing_floors_never_block(item: str, kind: str, cap: int) -> None:
    hub = Hub(policy=published("yixing-agriculture-2025"))

    assert issued_before_interception(hub, "NY-320282", items=[item], kind=kind) == cap


def test_the_default_caps_every_department_at_two_and_warns_at_the_second() -> None:
    hub = Hub(policy=published("default-2026"))

    made = [
        hub.submit(f"T-{day}", planned_on=f"2026-0{day}-15", items=[f"i-{day}"])
        for day in (1, 3, 5)
    ]

    assert [one.decision for one in made] == [ISSUED, ISSUED, INTERCEPTED]
    assert [one.warnings for one in made] == [(), (Prompt.REPEAT_INSPECTION,), ()]
    assert hub.submit("other", dept="XFJ", planned_on="2026-07-15").decision is ISSUED


def test_the_default_neither_counts_nor_blocks_what_is_ordered_from_above() -> None:
    hub = Hub(policy=published("default-2026"))
    special = {"kind": "SPECIAL", "trigger": "SUPERIOR_SPECIAL"}

    assert issued_before_interception(hub, "XFJ", **special) == NEVER_BLOCKED
    assert issued_before_interception(hub, "XFJ") == 2


@pytest.mark.parametrize(
    "trigger",
    ["COMPLAINT", "TRANSFER", "DATA_MONITORING", "ENTERPRISE_REQUEST", "OFFSITE_FINDING", "MEDIA",
     "RECTIFICATION_REVIEW", "LICENSING_VERIFY", "URGENT"],
)  # fmt: skip
def test_the_default_exempts_what_two_published_lists_exempt(trigger: str) -> None:
    hub = Hub(policy=published("default-2026"))

    assert issued_before_interception(hub, "XFJ", trigger=trigger, clue_no="1") == NEVER_BLOCKED
