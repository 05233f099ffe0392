"""May a task name this special inspection, and what does its log hear of it (art. 4-6)?"""

from __future__ import annotations

from typing import Any

import pytest
from builders import DEPT, Hub, a_policy
from special_world import CITY, CITY_TOO, HEXI, NANKAI, STREET, Special, said

from schemas.registry import RegistrySpecial
from schemas.special_words import SpecialStanding
from schemas.survey_facts import SpecialObjectFact
from streams.rules.relays import Relay, relays, special_entry
from streams.rules.special import objects as special_objects
from streams.rules.special.standing import special_standing

ID = "ZX-2026-001"
DOUBTFUL = [one for one in SpecialStanding if one is not SpecialStanding.VALID]


def entry(special: Special) -> RegistrySpecial:
    """What decide puts on the registry topic after the last step."""
    found = special_entry(special.hub.decided(), special.hub.state)
    assert found is not None
    return found


def a_course() -> Special:
    """Planned by two, given to three."""
    special = Special()
    special.file(departments=[CITY_TOO])
    special.agree()
    special.dispatch(HEXI, NANKAI, STREET)
    special.claim(HEXI)
    special.refuse(NANKAI)
    return special


class TestStanding:
    """Art. 4, 5: filed, agreed, claimed, not over."""

    @pytest.mark.parametrize(
        ("dept", "expected"),
        [
            (CITY, "VALID"), (CITY_TOO, "VALID"), (HEXI, "VALID"), (NANKAI, "REFUSED"),
            (STREET, "NOT_CLAIMED"), (DEPT, "NOT_A_PARTY"),
        ],
    )  # fmt: skip
    def test_who_planned_it_and_who_claimed_it_may(self, dept: str, expected: str) -> None:
        assert special_standing(entry(a_course()), dept) == expected

    def test_an_overdue_claim_is_none(self) -> None:
        special = a_course()
        special.overdue(STREET)

        assert special_standing(entry(special), STREET) == "NOT_CLAIMED"

    def test_before_all_have_agreed_and_after_the_end_nobody_may(self) -> None:
        special = Special()
        special.file(departments=[CITY_TOO])
        assert special_standing(entry(special), CITY) == "NOT_AGREED"
        special.close()
        assert special_standing(entry(special), CITY) == "CLOSED"

    def test_what_nobody_filed_is_unknown(self) -> None:
        assert special_standing(None, CITY) == "UNKNOWN"

    def test_a_step_that_changed_nothing_makes_no_entry(self) -> None:
        special = a_course()
        special.claim(HEXI)

        assert special_entry(special.hub.decided(), special.hub.state) is None


class TestTasks:
    """The policy says whether a task is refused; its finding is on record either way."""

    @pytest.mark.parametrize("standing", DOUBTFUL)
    def test_what_does_not_stand_refuses_a_task(self, standing: SpecialStanding) -> None:
        hub = Hub(policy=a_policy(special_tasks="refuse"))
        made = hub.submit(special_id=ID, findings={"special": standing})

        assert made.decision == "REJECTED_NO_APPROVAL"
        assert [(one.code, one.about) for one in made.reasons] == [(f"SPECIAL_{standing}", ID)]

    @pytest.mark.parametrize(
        ("policy", "findings"),
        [
            pytest.param({"special_tasks": "refuse"}, {"special": "VALID"}, id="it stands"),
            pytest.param({"special_tasks": "refuse"}, {}, id="it names none"),
            pytest.param({"special_tasks": "record"}, {"special": "UNKNOWN"}, id="by policy"),
            pytest.param({}, {"special": "UNKNOWN"}, id="the policy says nothing"),
        ],
    )
    def test_else_it_is_issued(self, policy: dict[str, Any], findings: dict[str, Any]) -> None:
        found = {name: SpecialStanding(value) for name, value in findings.items()}
        hub = Hub(policy=a_policy(**policy))

        assert hub.submit(special_id=ID, findings=found).decision == "ISSUED"

    def test_a_missing_approval_comes_first(self) -> None:
        hub = Hub(policy=a_policy(special_tasks="refuse"))
        findings = {"special": SpecialStanding.UNKNOWN}
        made = hub.submit(special_id=ID, approval=None, findings=findings)

        assert [one.code for one in made.reasons] == ["NO_APPROVAL"]


def under_it(hub: Hub, task_id: str = "T-1", **fields: Any) -> None:
    """Submit a task under a special inspection that stands."""
    findings = {"special": SpecialStanding.VALID}
    hub.submit(task_id, special_id=ID, findings=findings, **fields)


def told(hub: Hub, number: int = -1) -> list[Relay]:
    """What follows for other logs from a record of an enterprise's log."""
    return relays(hub.decided(number), hub.state)


def stages(special: Special, *told_: Relay) -> list[str]:
    """What the special inspection's log makes of it."""
    found = []
    for relay in told_:
        data = relay.data.model_dump(mode="json")
        (fact,) = special.hub.send(relay.type, data | {"uscc": "x"}, dept=relay.dept)
        found.append(fact.fact if isinstance(fact, SpecialObjectFact) else said(fact))
    return found


class TestWhatItsLogHears:
    """Art. 5, 6: every task, result and cancellation, in one place."""

    def test_a_task_its_result_and_a_cancellation(self) -> None:
        hub = Hub()
        under_it(hub)
        (task,) = told(hub)
        hub.complete()
        (result,) = told(hub)
        under_it(hub, "T-2", planned_on="2026-03-18")
        hub.cancel("T-2")
        (cancelled,) = told(hub)

        heard = [one.data.model_dump(mode="json") for one in (task, result, cancelled)]
        assert [one["stage"] for one in heard] == ["TASK", "RESULT", "CANCELLED"]
        assert (heard[0]["decision"], heard[1]["result_id"]) == ("ISSUED", "R-1")
        assert {one.key for one in (task, result, cancelled)} == {f"special:{ID}"}
        assert {one.dept for one in (task, result, cancelled)} == {DEPT}

    def test_an_expiry_is_told_in_the_departments_name(self) -> None:
        hub = Hub()
        under_it(hub)
        hub.expire()
        (relay,) = told(hub)

        assert (relay.dept, relay.data.model_dump()["stage"]) == (DEPT, "CANCELLED")

    def test_a_task_whose_special_inspection_does_not_stand_tells_nothing(self) -> None:
        hub = Hub()
        hub.submit(special_id=ID, findings={"special": SpecialStanding.UNKNOWN})
        assert told(hub) == []
        hub.complete()
        assert told(hub) == []

    def test_it_is_on_record_after_the_end_as_well_and_not_before_the_filing(self) -> None:
        hub, special = Hub(), Special()
        under_it(hub)
        assert stages(special, *told(hub)) == ["REFUSED, UNKNOWN_SPECIAL"]
        special.file()
        special.close()

        assert stages(special, *told(hub)) == ["SPECIAL_OBJECT"]

    def test_it_keeps_so_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(special_objects, "REPORTED_MAX", 1)
        hub, special = Hub(), Special()
        special.file()
        under_it(hub)
        first = told(hub)
        under_it(hub, "T-2", planned_on="2026-03-18")
        second = told(hub)

        assert stages(special, *first, *second) == ["SPECIAL_OBJECT", "REFUSED, TOO_MANY_REPORTED"]
        assert stages(special, *first) == ["SPECIAL_OBJECT"]


class TestResultsOwed:
    """Art. 5: results are pushed, but not from a State Council department's platform."""

    def owed_at_the_end(self, platform: str, *steps: str) -> str:
        hub, special = Hub(), Special()
        special.file()
        special.dispatch(HEXI)
        special.claim(HEXI, platform=platform)
        under_it(hub, dept=HEXI)
        relayed = told(hub)
        for step in steps:
            getattr(hub, step)(dept=HEXI)
            relayed += told(hub)
        stages(special, *relayed)
        return said(special.close())

    @pytest.mark.parametrize(
        ("platform", "steps", "expected"),
        [
            ("CITY", [], f"CLOSED CLOSED RESULTS_OWED {HEXI}"),
            ("OWN", [], f"CLOSED CLOSED RESULTS_OWED {HEXI}"),
            ("STATE_COUNCIL", [], "CLOSED CLOSED"),
            ("OWN", ["complete"], "CLOSED CLOSED"),
            ("OWN", ["cancel"], "CLOSED CLOSED"),
            ("OWN", ["cancel", "complete"], "CLOSED CLOSED"),
        ],
    )
    def test_who_owes_them(self, platform: str, steps: list[str], expected: str) -> None:
        assert self.owed_at_the_end(platform, *steps) == expected

    def test_a_task_without_a_code_owes_none(self) -> None:
        hub, special = Hub(policy=a_policy()), Special()
        special.file()
        under_it(hub, dept=CITY, approval=None)
        stages(special, *told(hub))

        assert said(special.close()) == "CLOSED CLOSED"
