"""Which department leads a joint inspection, and why?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joint_world import RULES_OF_LEAD, a_joint_policy

from schemas.enums import LeadGround
from streams.rules.joint.lead import GROUNDS, group_of, lead_of
from streams.rules.joint.state import PartState

POLICY = a_joint_policy(lead=RULES_OF_LEAD)


def part(dept: str, *items: str, system: str = "") -> PartState:
    return PartState(dept, system or dept, items)


TABLE = [
    # industry, members with their items -> lead, ground
    ("8401", [part("WJW", "i-1"), part("XFJ", "i-1", "i-2")], "WJW", LeadGround.COMPETENT),
    ("5101", [part("WJW", "i-1"), part("XFJ", "i-1", "i-2")], "XFJ", LeadGround.MOST_ITEMS),
    ("5101", [part("SCJG", "i-1"), part("XFJ", "i-2")], "SCJG", LeadGround.INITIATOR),
    # The entry is not matched: only one of them brings items of it.
    ("5101", [part("SCJG", "i-1"), part("XFJ", "i-5", "i-6")], "XFJ", LeadGround.MOST_ITEMS),
    # Competence comes before the initiative.
    ("8401", [part("SCJG", "i-1"), part("WJW", "i-2")], "WJW", LeadGround.COMPETENT),
    # Two of one line of business: both are competent, the next ground decides between them.
    (
        "8401",
        [
            part("W-1", "i-4", system="WJW"),
            part("W-2", "i-4", "i-5", system="WJW"),
            part("A", "i-6", "i-7", "i-5"),
        ],
        "W-2",
        LeadGround.MOST_ITEMS,
    ),
    ("", [part("B", "i-5"), part("A", "i-6")], "A", LeadGround.CODE_ORDER),
    ("", [part("A", "i-5")], "A", LeadGround.ONLY),
    # Nobody knows the industry: nobody is competent for it.
    ("", [part("WJW", "i-4"), part("XFJ", "i-4", "i-5")], "XFJ", LeadGround.MOST_ITEMS),
]


@pytest.mark.parametrize(("industry", "parts", "lead", "ground"), TABLE)
def test_the_first_ground_that_leaves_one_decides(
    industry: str, parts: list[PartState], lead: str, ground: LeadGround
) -> None:
    assert lead_of(parts, industry, POLICY) == (lead, ground)


def test_the_grounds_are_asked_in_the_order_of_the_contract() -> None:
    assert [ground for ground, _ in GROUNDS] == [g for g in LeadGround if g is not LeadGround.ONLY]


parts_of_some = st.lists(
    st.builds(
        lambda dept, system, items: PartState(dept, system, tuple(items)),
        st.sampled_from("ABCDEFGH"),
        st.sampled_from(["WJW", "XFJ", "SCJG", "HBJ", ""]),
        st.lists(st.sampled_from([f"i-{n}" for n in range(1, 10)]), max_size=4, unique=True),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda part: part.dept,
)


@given(parts_of_some, st.sampled_from(["", "8401", "5101"]), st.randoms(use_true_random=False))
def test_there_is_one_lead_among_the_members_whatever_their_order(
    parts: list[PartState], industry: str, rng: object
) -> None:
    lead, ground = lead_of(parts, industry, POLICY)
    shuffled = list(parts)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random

    assert lead in {one.dept for one in parts}
    assert lead_of(shuffled, industry, POLICY) == (lead, ground)


@given(parts_of_some, st.sampled_from(["", "8401", "5101"]))
def test_who_does_not_lead_may_leave_without_moving_the_lead_by_items_or_code(
    parts: list[PartState], industry: str
) -> None:
    lead, ground = lead_of(parts, industry, POLICY)
    if ground is LeadGround.COMPETENT:
        for gone in parts:
            left = [one for one in parts if one is not gone]
            if gone.dept != lead and left:
                assert lead_of(left, industry, POLICY)[0] == lead


def test_a_group_is_one_quarter_lead_members_and_district() -> None:
    name = group_of("2026Q2", "A", ["A", "B"], "120116")

    assert name.startswith("2026Q2-A-")
    assert group_of("2026Q2", "A", ["B", "A"], "120116001") == name
    assert len({
        name,
        group_of("2026Q3", "A", ["A", "B"], "120116"),
        group_of("2026Q2", "B", ["A", "B"], "120116"),
        group_of("2026Q2", "A", ["A", "B", "C"], "120116"),
        group_of("2026Q2", "A", ["A", "B"], "120101"),
        group_of("2026Q2", "A", ["A", "B"], ""),
    }) == 6  # fmt: skip
