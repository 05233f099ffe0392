"""What if the visit falls in another year than its task was planned for?"""

from __future__ import annotations

from typing import Any

import pytest
from builders import Hub, a_cap, a_group, a_policy

from schemas.facts import (
    CompletedFact,
    EnteredFact,
)

NEXT_YEAR = "2027-01-03T09:00:00+08:00"


def tombstone(hub: Hub) -> None:
    hub.cancel()


def nothing(_hub: Hub) -> None:
    pass


class TestMovingToAnotherYear:
    """A code issued in December, used in January: the place moves with the visit."""

    def hub(self) -> Hub:
        hub = Hub(policy=a_policy(a_cap(1, id="Z"), a_cap(1, id="A"), a_cap(9, id="M")))
        hub.submit("T-1", planned_on="2026-12-31")
        hub.submit("T-2", planned_on="2027-01-02")
        return hub

    def test_the_old_year_gets_its_place_back_and_the_new_one_is_overfilled(self) -> None:
        hub = self.hub()

        fact = hub.enter("T-1", at=NEXT_YEAR)

        assert isinstance(fact, EnteredFact)
        assert fact.over == ("A@1", "Z@1")
        assert hub.submit("T-3", planned_on="2026-12-30").used == 1
        assert hub.submit("T-4", planned_on="2027-06-30").counted == ("T-1", "T-2")

    def test_a_result_moves_it_too(self) -> None:
        hub = self.hub()

        fact = hub.complete("T-1", on="2027-01-03")

        assert isinstance(fact, CompletedFact)
        assert fact.over == ("A@1", "Z@1")

    def test_within_a_year_nothing_is_overfilled_whatever_the_count(self) -> None:
        hub = self.hub()
        hub.submit("T-9", planned_on="2027-01-05", backfill=True)

        fact = hub.enter("T-9", at=NEXT_YEAR)

        assert isinstance(fact, EnteredFact)
        assert fact.over == ()

    @pytest.mark.parametrize("before", [nothing, tombstone])
    def test_a_visit_that_was_never_planned_moves_from_nowhere(self, before: Any) -> None:
        hub = Hub(policy=a_policy(a_cap(0)))
        before(hub)

        facts = [hub.enter(at=NEXT_YEAR), hub.complete(on="2027-01-03")]

        assert [getattr(fact, "over", None) for fact in facts] == [(), ()]

    def test_only_rules_that_count_the_visit_are_overfilled(self) -> None:
        rules = [
            a_cap(0, id="EXEMPT-NOT"),
            a_cap(0, id="OTHER-ITEM", match={"items": ["x"]}),
            a_cap(0, id="NEXT-ITEM", match={"items": ["y"]}),
            a_cap(0, id="OTHER-INDUSTRY", match={"industry": ["52"]}),
            a_cap(0, id="OTHERS", scope=a_group("X", "Y")),
            a_cap(0, id="ENDED", to="2026-12-31"),
            a_cap(0, id="FLOOR", exempt_triggers=["MEDIA"]),
        ]
        hub = Hub(policy=a_policy(*rules))
        hub.submit(planned_on="2026-12-31", trigger="COMPLAINT", clue_no="12345-7")

        fact = hub.complete(on="2027-01-03", items=["y"])

        assert isinstance(fact, CompletedFact)
        assert fact.over == ("FLOOR@1",)
