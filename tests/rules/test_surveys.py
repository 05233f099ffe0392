"""What becomes of a survey without a list, and of what it comes upon (art. 6, 7; semantics §15)?"""

from __future__ import annotations

from typing import Any

import pytest
from beside_the_auditor import differences, policy_of
from builders import OTHER_DEPT, USCC, Hub, a_cap, a_document, a_policy, a_subject
from special_world import said
from survey_world import OTHER_USCC, SURVEY, Survey, a_survey, entered

from schemas.enums import Standing
from schemas.facts import CompletedFact, NotedFact
from schemas.inbound_special import SurveyObjectEntered
from schemas.public_facts import DisclosureFact
from schemas.survey_facts import SurveyFact
from streams.rules.relays import relays
from streams.rules.special import surveys
from streams.rules.state import EMPTY, decode_state, encode_state


class TestTheSurvey:
    """Art. 7: a special code without an object."""

    def test_it_gets_a_code_of_its_own_kind(self) -> None:
        hub = Survey(uscc=SURVEY)
        made = hub.submit("S-1", survey=True, findings={"subject": None})

        assert (made.decision, made.code_kind, made.uscc) == ("ISSUED", "SURVEY", SURVEY)

    def test_no_cap_stops_it_for_it_has_no_object(self) -> None:
        hub = Survey(policy=a_policy(a_cap(0)), uscc=SURVEY)
        made = hub.submit("S-1", survey=True, findings={"subject": None})

        assert (made.decision, made.used, made.cap) == ("ISSUED", None, None)

    def test_who_may_not_inspect_gets_none(self) -> None:
        hub = Survey(uscc=SURVEY)
        made = hub.submit("S-1", survey=True, findings={"dept_standing": Standing.NOT_LISTED})

        assert made.decision == "REJECTED_UNQUALIFIED"
        assert said(hub.find()) == "REFUSED, SURVEY_NOT_ADMITTED"


class TestWhatItComesUpon:
    """Art. 6: objects found are entered with their results, each once."""

    def test_an_object_is_entered_with_its_result(self) -> None:
        hub = a_survey()
        fact = hub.find()

        assert isinstance(fact, SurveyFact)
        assert fact.object is not None
        assert (fact.uscc, fact.result_id, fact.found) == (USCC, "R-1", 1)
        assert fact.object.items == ("1101-002", "1101-001")
        assert (fact.object.kind, fact.object.trigger) == ("SPECIAL", "PLAN")

    def test_found_twice_it_is_one(self) -> None:
        hub = a_survey()
        hub.find()

        assert said(hub.find()) == "REPEATED"
        assert said(hub.find(result_id="R-2")) == "REPEATED, FOUND_BEFORE R-1"
        second = hub.find(OTHER_USCC, result_id="R-2")
        assert isinstance(second, SurveyFact)
        assert second.found == 2
        assert relays(hub.decided(1), hub.state)
        assert relays(hub.decided(2), hub.state) == []

    def test_where_it_was_found_goes_with_it_and_the_auditor_asks_for_it(self) -> None:
        hub = a_survey()
        fact = hub.find()

        assert isinstance(fact, SurveyFact)
        assert fact.object is not None
        assert fact.object.premises_region == "120116"
        (relay,) = relays(hub.decided(), hub.state)
        assert isinstance(relay.data, SurveyObjectEntered)
        assert relay.data.premises_region == "120116"
        assert differences(hub, policy_of(a_document())) == []
        nowhere = fact.object.model_copy(update={"premises_region": None})
        hub.answers[-1] = (fact.model_copy(update={"object": nowhere}),)
        assert differences(hub, policy_of(a_document())) != []

    def test_nothing_is_entered_after_its_end(self) -> None:
        hub = a_survey()
        hub.find()
        end = hub.close()

        assert isinstance(end, SurveyFact)
        assert end.found == 1
        assert said(hub.find(OTHER_USCC, result_id="R-2")) == "REFUSED, SURVEY_CLOSED"
        assert said(hub.find()) == "REPEATED"
        assert said(hub.close()) == "REPEATED"

    def test_nor_for_what_nobody_knows_or_another_department_or_a_cancelled_one(self) -> None:
        hub = Survey(uscc=SURVEY)
        assert said(hub.find()) == "REFUSED, UNKNOWN_SURVEY"
        assert said(hub.close()) == "REFUSED, UNKNOWN_SURVEY"
        assert hub.state == EMPTY

        hub = a_survey()
        assert said(hub.find(dept=OTHER_DEPT)) == "REFUSED, OTHER_DEPARTMENT"
        assert said(hub.close(dept=OTHER_DEPT)) == "REFUSED, OTHER_DEPARTMENT"
        hub.cancel("S-1")
        assert said(hub.find()) == "REFUSED, SURVEY_CANCELLED"
        assert said(hub.close()) == "REFUSED, SURVEY_CANCELLED"

    def test_a_code_that_expired_stops_nothing(self) -> None:
        hub = a_survey()
        hub.expire("S-1", "2026-04-30")

        assert isinstance(hub.find(), SurveyFact)

    def test_one_survey_comes_upon_so_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(surveys, "FOUND_MAX", 1)
        hub = a_survey()
        hub.find()

        refused = hub.find(OTHER_USCC, result_id="R-2")
        assert said(refused) == "REFUSED, TOO_MANY_FOUND"
        assert isinstance(refused, NotedFact)
        assert refused.result_id == "R-2"

    def test_a_state_survives_its_bytes(self) -> None:
        hub = a_survey()
        hub.find()
        hub.close()

        assert decode_state(encode_state(hub.state)) == hub.state


class TestTheEnterprise:
    """Art. 6, 9, 10: its log hears of it, counts the visit and discloses the result."""

    def test_the_visit_is_one_of_the_survey_and_is_disclosed(self) -> None:
        hub = a_survey()
        hub.find()
        enterprise = entered(hub)
        visit, shown = enterprise.answers[-1]

        assert isinstance(visit, CompletedFact)
        assert isinstance(shown, DisclosureFact)
        assert (visit.no_code, visit.known, visit.day.isoformat()) == (False, False, "2026-03-17")
        assert visit.survey is not None
        assert visit.survey.kind == "SPECIAL"
        assert enterprise.state.tasks["S-1"].nature == "OSPs"
        assert shown.content.task_id == "S-1"

    def test_told_twice_it_is_one(self) -> None:
        hub = a_survey()
        hub.find()
        enterprise = entered(hub, known=entered(hub))

        assert said(enterprise.answers[-1][0]) == "REPEATED"

    @pytest.mark.parametrize(
        ("numbers", "rule", "decision"),
        [
            pytest.param({}, {}, "INTERCEPTED_OVER_CAP", id="counted"),
            pytest.param({"survey_found": "count"}, {}, "INTERCEPTED_OVER_CAP", id="by policy"),
            pytest.param({"survey_found": "skip"}, {}, "ISSUED", id="not by policy"),
            pytest.param({}, {"kinds": ["DAILY"]}, "ISSUED", id="not by its rule"),
        ],
    )
    def test_it_is_counted_by_policy(
        self, numbers: dict[str, Any], rule: dict[str, Any], decision: str
    ) -> None:
        policy = a_policy(a_cap(1, **rule), **numbers)
        hub = a_survey()
        hub.find()
        enterprise = entered(hub, policy)

        assert enterprise.submit("T-9").decision == decision

    def test_over_the_cap_it_is_counted_all_the_same_and_said_so(self) -> None:
        policy = a_policy(a_cap(1))
        enterprise = Hub(policy=policy)
        enterprise.submit("T-1")
        hub = a_survey()
        hub.find()
        fact = entered(hub, known=enterprise).answers[-1][0]

        assert isinstance(fact, CompletedFact)
        assert fact.over == ("R@1",)

    def test_an_announced_visit_of_the_survey_is_completed_by_it(self) -> None:
        enterprise = Hub()
        enterprise.submit("S-1", survey=True, kind="SPECIAL")
        hub = a_survey()
        hub.find()
        fact = entered(hub, known=enterprise).answers[-1][0]

        assert isinstance(fact, CompletedFact)
        assert (fact.known, fact.survey) == (True, None)
        assert enterprise.state.tasks["S-1"].nature == "OSP-"

    def test_when_its_content_comes_later_it_is_a_visit_like_any_other(self) -> None:
        hub = a_survey()
        hub.find()
        enterprise = entered(hub)
        made = enterprise.submit("S-1", survey=True, kind="SPECIAL")

        assert made.decision == "RECORDED_BACKFILL"
        assert enterprise.state.tasks["S-1"].nature == "OSP-"

    def test_it_is_named_as_the_object_list_does(self) -> None:
        hub = a_survey()
        fact = hub.find()

        assert isinstance(fact, SurveyFact)
        assert fact.object is not None
        assert fact.object.subject == a_subject()
