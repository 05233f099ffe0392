"""Does every journal record find its rule?"""

from __future__ import annotations

import pytest
from builders import Hub, a_cap, a_policy, a_task, an_event

from schemas.facts import FaultedFact
from schemas.messages import INBOUND, TASK_SUBMITTED, Place
from streams.rules.apply import apply
from streams.rules.decide import RULES, decide


def test_every_type_that_the_journal_holds_has_a_rule() -> None:
    assert set(RULES) == {row.type for row in INBOUND.values() if row.place is Place.JOURNAL}


def test_a_record_is_judged_by_its_own_policy_only() -> None:
    hub = Hub()
    event = an_event(TASK_SUBMITTED, a_task(), policy=a_policy(a_cap(1)))

    with pytest.raises(ValueError, match="fetch the document that the record names"):
        hub.take(event)


def test_a_type_without_a_rule_is_an_error_of_ours() -> None:
    hub = Hub()
    event = an_event("registry.department", _a_department(), policy=hub.policy)

    with pytest.raises(ValueError, match=r"no rule answers 'registry\.department'"):
        decide(hub.state, event, hub.policy, hub.mint)


def test_a_fault_changes_nothing() -> None:
    hub = Hub()
    hub.submit()

    assert apply(hub.state, FaultedFact(error="KeyError"), 7) is hub.state


def _a_department() -> dict[str, object]:
    return {
        "dept": "A", "name": "A", "region": "120116", "level": "CITY", "system": "A",
        "listed": True, "valid_from": "2026-01-01",
    }  # fmt: skip
