"""Do the rules and the auditor, written apart from one page, come to the same facts?"""

from __future__ import annotations

import json
from typing import Any

from builders import answered
from hypothesis import given
from random_logs import logs, many, play, policies

from connectors.audit.compare import fact_differences
from connectors.audit.decode import Entry
from connectors.audit.fold import decide
from connectors.audit.policies import read_policy
from connectors.audit.state import Enterprise, apply
from schemas.journal import JournalEvent
from schemas.policy import PolicyDocument


def an_entry(event: JournalEvent) -> Entry:
    """The record as the auditor reads it."""
    record, source = event.record, event.source
    plain = record.model_dump(mode="json", by_alias=True)
    origin = record.origin
    return Entry(
        key=event.key,
        partition=source.partition,
        offset=source.offset,
        at_ms=event.at_ms,
        digest=event.digest,
        id=record.id,
        type=record.type,
        time=record.time,
        dept=record.dept,
        policy_version=record.policy_version,
        origin=(origin.topic, origin.partition, origin.offset),
        findings=plain["findings"],
        data=plain["data"],
    )


@many
@given(policies, logs)
def test_the_auditor_comes_to_the_same_facts(
    document: PolicyDocument, log: list[dict[str, Any]]
) -> None:
    hub = play(document, log)
    policy = read_policy(document.model_dump(mode="json", by_alias=True))
    state = Enterprise()

    for event, facts in zip(hub.events, hub.answers, strict=True):
        recorded = json.loads(answered(event, facts).model_dump_json(by_alias=True))["facts"]
        own = decide(an_entry(event), state, policy)
        assert fact_differences(own, recorded) == []
        for fact in recorded:
            apply(state, fact, event.source.offset)
