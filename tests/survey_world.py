"""A survey without a list, and the enterprises that it comes upon, in memory."""

from __future__ import annotations

from typing import Any

from builders import DEPT, USCC, Hub, a_policy, an_event, some_findings

from schemas import messages
from schemas.facts import Fact
from schemas.journal import JournalEvent
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.relays import relays

SURVEY = "survey:S-1"
OTHER_USCC = "91120103MA0000001C"


def a_result(result_id: str = "R-1", **fields: Any) -> dict[str, Any]:
    plain = {
        "result_id": result_id,
        "inspected_on": "2026-03-17",
        "outcomes": ["1"],
        "found_problem": True,
        "negative": True,
        "publish": True,
        "items": [{"item": "1101-002"}],
    }
    return {**plain, **fields}


class Survey(Hub):
    """The log of a survey."""

    def find(self, uscc: str = USCC, *, dept: str = DEPT, **result: Any) -> Fact:
        data = {
            "survey_task_id": "S-1",
            "entity_name": "天津测试有限公司",
            "premises_region": "120116",
            "result": a_result(**result),
        }
        fields = {"policy": self.policy, "offset": len(self.events) + 100, "dept": dept}
        event = {**data, "uscc": uscc}
        (fact,) = self.take(an_object(event, **fields))
        return fact

    def close(self, dept: str = DEPT) -> Fact:
        data = {"survey_task_id": "S-1", "at": "2026-03-30T09:00:00+08:00"}
        (fact,) = self.send(messages.SURVEY_CLOSED, data, dept=dept)
        return fact


def an_object(data: dict[str, Any], **fields: Any) -> JournalEvent:
    found = some_findings(None)
    return an_event(messages.SURVEY_OBJECT_FOUND, data, uscc=SURVEY, findings=found, **fields)


def a_survey(*caps: dict[str, Any], **fields: Any) -> Survey:
    """A survey with its code."""
    hub = Survey(policy=a_policy(*caps), uscc=SURVEY)
    hub.submit("S-1", survey=True, kind="SPECIAL", findings={"subject": None}, **fields)
    return hub


def entered(hub: Survey, policy: CompiledPolicy | None = None, known: Hub | None = None) -> Hub:
    """The enterprise's log after what the survey's log told it last."""
    (relay,) = relays(hub.decided(), hub.state)
    enterprise = known or Hub(policy=policy or a_policy())
    data = relay.data.model_dump(mode="json")
    enterprise.send(relay.type, data, dept=relay.dept, findings=some_findings())
    return enterprise
