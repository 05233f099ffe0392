"""What becomes of each step of a special inspection (art. 4, 5; docs/semantics.md §14)?"""

from __future__ import annotations

import pytest
from special_world import (
    CITY,
    CITY_TOO,
    FAR,
    HEXI,
    NANKAI,
    OBJECTS,
    STREET,
    Special,
    said,
)

from schemas.enums import Standing
from schemas.special_words import ClaimStatus, Platform
from streams.rules.state import EMPTY, decode_state, encode_state


def standing(special: Special) -> dict[str, str]:
    """Where each department stands."""
    return {dept: party.status.value for dept, party in special.state.parties.items()}


class TestJointPlan:
    """Art. 5: two or more departments plan together, each in its own name."""

    def test_it_is_filed_when_all_have_agreed(self) -> None:
        special = Special()
        special.file(departments=[CITY_TOO, HEXI])

        assert said(special.dispatch(NANKAI)) == "REFUSED, NOT_AGREED_YET"
        assert said(special.claim(by=CITY)) == "REFUSED, NOT_AGREED_YET"
        assert said(special.publish()) == "REFUSED, NOT_AGREED_YET"
        assert said(special.agree()) == "AGREED PROPOSED"
        assert said(special.agree()) == "REPEATED"
        assert said(special.agree(by=HEXI)) == "AGREED FILED"
        assert said(special.dispatch(NANKAI, by=CITY_TOO)) == "DISPATCHED FILED"

    def test_nobody_agrees_for_another_or_to_another_plan(self) -> None:
        special = Special()
        special.file(departments=[CITY_TOO])
        digest = special.state.digest.hex()

        assert said(special.agree(by=CITY)) == "REFUSED, NOT_A_PARTY"
        assert said(special.agree(by=NANKAI)) == "REFUSED, NOT_A_PARTY"
        assert said(special.agree(plan_digest="0" * 32)) == "REFUSED, PLAN_DIFFERS"
        assert said(special.agree(plan_digest=digest)) == "AGREED FILED"

    def test_a_plan_that_was_given_up_is_agreed_to_no_more(self) -> None:
        special = Special()
        special.file(departments=[CITY_TOO])

        assert said(special.close()) == "CLOSED CLOSED"
        assert said(special.agree()) == "REFUSED, SPECIAL_CLOSED"


class TestDispatch:
    """Art. 5: from the city to districts; to all that are named, or to none."""

    @pytest.fixture
    def special(self) -> Special:
        special = Special()
        special.file()
        return special

    def test_each_is_given_a_day(self, special: Special) -> None:
        assert said(special.dispatch(HEXI, STREET)) == "DISPATCHED FILED"
        assert standing(special) == {HEXI: "WAITING", STREET: "WAITING"}

    @pytest.mark.parametrize(
        ("to", "expected"),
        [
            ([HEXI, FAR], f"REFUSED, UNKNOWN_DEPARTMENT {FAR}"),
            ([HEXI, CITY_TOO], f"REFUSED, NOT_A_DISTRICT {CITY_TOO}"),
            ([FAR, CITY], f"REFUSED, UNKNOWN_DEPARTMENT {FAR}, NOT_A_DISTRICT {CITY}"),
        ],
    )
    def test_one_that_cannot_be_given_it_keeps_it_from_all(
        self, special: Special, to: list[str], expected: str
    ) -> None:
        before = special.state

        assert said(special.dispatch(*to)) == expected
        assert special.state == before

    def test_a_department_off_the_list_is_given_nothing(self, special: Special) -> None:
        fact = special.dispatch(HEXI, WJW_120103=Standing.EXPIRED)

        assert said(fact) == f"REFUSED, DEPARTMENT_EXPIRED {HEXI}"

    def test_only_a_city_department_of_the_plan_dispatches(self) -> None:
        special = Special()
        special.file(by=HEXI, objects=[OBJECTS[0]])

        assert said(special.dispatch(NANKAI, by=HEXI)) == "REFUSED, NOT_CITY_LEVEL"
        assert said(special.dispatch(NANKAI, by=CITY_TOO)) == "REFUSED, NOT_A_PARTY"

    def test_a_last_day_before_the_dispatch_is_none(self, special: Special) -> None:
        assert said(special.dispatch(due_on="2026-03-09")) == "REFUSED, DUE_BEFORE 2026-03-09"
        assert said(special.dispatch(due_on="2026-03-10")) == "DISPATCHED FILED"

    def test_a_late_copy_changes_nothing(self, special: Special) -> None:
        special.dispatch(HEXI)
        special.refuse()

        assert said(special.dispatch(HEXI)) == "REPEATED"
        assert standing(special) == {HEXI: "REFUSED"}
        special.dispatch(HEXI, at="2026-03-22T09:00:00+08:00", due_on="2026-03-30")
        assert said(special.refuse()) == "REPEATED"
        assert standing(special) == {HEXI: "WAITING"}

    def test_who_refused_or_was_late_is_given_it_again_but_not_who_claimed(
        self, special: Special
    ) -> None:
        special.dispatch(HEXI, NANKAI, STREET)
        special.refuse()
        special.overdue(NANKAI)
        special.claim(STREET)
        later = {"at": "2026-03-22T09:00:00+08:00", "due_on": "2026-03-30"}

        refused = f"REFUSED, ALREADY_CLAIMED {STREET}"
        assert said(special.dispatch(HEXI, STREET, **later)) == refused
        assert said(special.dispatch(HEXI, NANKAI, **later)) == "DISPATCHED FILED"
        assert standing(special) == {HEXI: "WAITING", NANKAI: "WAITING", STREET: "CLAIMED"}


class TestAnswers:
    """Art. 5, 6: a department claims it or refuses it; nobody's silence is lost."""

    @pytest.fixture
    def special(self) -> Special:
        special = Special()
        special.file()
        special.dispatch(HEXI, NANKAI)
        return special

    @pytest.mark.parametrize("platform", list(Platform))
    def test_a_claim_says_with_which_platform(self, special: Special, platform: Platform) -> None:
        assert said(special.claim(platform=platform)) == "CLAIMED FILED"
        assert special.state.parties[HEXI].platform is platform
        assert said(special.claim(platform=platform)) == "REPEATED"

    def test_a_claim_stands(self, special: Special) -> None:
        special.claim()

        assert said(special.claim(platform="OWN")) == "REFUSED, ALREADY_CLAIMED"
        assert said(special.refuse()) == "REFUSED, ALREADY_CLAIMED"
        assert said(special.overdue()) == "REPEATED, NOT_OPEN"

    def test_a_refusal_gives_its_reason_and_stands(self, special: Special) -> None:
        assert said(special.refuse(reason="  ")) == "REFUSED, REASON_MISSING"
        assert said(special.refuse()) == "REFUSED FILED"
        assert said(special.refuse()) == "REPEATED"
        assert said(special.claim()) == "REFUSED, ALREADY_REFUSED"

    def test_only_who_was_given_it_refuses_it(self, special: Special) -> None:
        assert said(special.refuse(by=CITY)) == "REFUSED, NOT_A_PARTY"
        assert said(special.claim(by=CITY)) == "CLAIMED FILED"
        assert said(special.refuse(by=CITY)) == "REFUSED, NOT_A_PARTY"
        assert said(special.claim(by=STREET)) == "REFUSED, NOT_A_PARTY"

    def test_a_department_struck_off_meanwhile_claims_nothing(self, special: Special) -> None:
        fact = special.claim(WJW_120103=Standing.NOT_LISTED)

        assert said(fact) == "REFUSED, DEPARTMENT_NOT_LISTED"

    @pytest.mark.parametrize(
        ("on", "expected"),
        [("2026-03-20", "REPEATED, NOT_OPEN"), ("2026-03-21", "OVERDUE FILED")],
    )
    def test_silence_is_marked_after_the_last_day(
        self, special: Special, on: str, expected: str
    ) -> None:
        assert said(special.overdue(on=on)) == expected

    def test_it_is_marked_once_and_may_still_be_claimed(self, special: Special) -> None:
        special.overdue()

        assert said(special.overdue()) == "REPEATED, NOT_OPEN"
        late = special.claim(at="2026-03-21T09:00:00+08:00")
        assert said(late) == "CLAIMED FILED LATE_CLAIM"
        assert special.state.parties[HEXI].status is ClaimStatus.CLAIMED

    def test_a_mark_on_what_nobody_filed_or_gave_is_nothing(self, special: Special) -> None:
        assert said(Special().overdue()) == "REPEATED, NOT_OPEN"
        assert said(special.overdue(FAR)) == "REPEATED, NOT_OPEN"


class TestEnd:
    """Art. 6: it ends once, and who never answered is named."""

    def test_who_never_answered_is_named(self) -> None:
        special = Special()
        special.file()
        special.dispatch(HEXI, NANKAI, STREET)
        special.claim(HEXI)
        special.overdue(STREET)

        closed = special.close()
        assert said(closed) == f"CLOSED CLOSED NOT_CLAIMED {NANKAI} NOT_CLAIMED {STREET}"
        assert said(special.close()) == "REPEATED"

    def test_after_the_end_nothing_follows(self) -> None:
        special = Special()
        special.file()
        special.dispatch(HEXI)
        special.close()

        later = {"at": "2026-04-01T09:00:00+08:00", "due_on": "2026-04-30"}
        assert said(special.dispatch(NANKAI, **later)) == "REFUSED, SPECIAL_CLOSED"
        assert said(special.claim()) == "REFUSED, SPECIAL_CLOSED"
        assert said(special.refuse()) == "REFUSED, SPECIAL_CLOSED"
        assert said(special.publish()) == "REFUSED, SPECIAL_CLOSED"
        assert said(special.overdue()) == "REPEATED, NOT_OPEN"

    def test_only_who_filed_it_publishes_and_closes_it(self) -> None:
        special = Special()
        special.file(departments=[CITY_TOO])
        special.agree()

        assert said(special.publish(by=CITY_TOO)) == "REFUSED, OTHER_DEPARTMENT"
        assert said(special.close(by=CITY_TOO)) == "REFUSED, OTHER_DEPARTMENT"
        assert said(special.publish()) == "PUBLISHED FILED"
        assert said(special.publish()) == "REPEATED"

    def test_what_is_confidential_is_never_published(self) -> None:
        special = Special()
        special.file(confidential=True, objects=None)

        assert said(special.publish()) == "REFUSED, CONFIDENTIAL"


@pytest.mark.parametrize(
    "step", ["agree", "publish", "dispatch", "claim", "refuse", "close"]
)  # fmt: skip
def test_nothing_follows_of_what_nobody_filed(step: str) -> None:
    special = Special()

    assert said(getattr(special, step)()) == "REFUSED, UNKNOWN_SPECIAL"
    assert special.hub.state == EMPTY


def test_a_state_survives_its_bytes() -> None:
    special = Special()
    special.file(departments=[CITY_TOO])
    special.agree()
    special.dispatch(HEXI)
    special.claim(platform="OWN")

    assert decode_state(encode_state(special.hub.state)) == special.hub.state
