"""Where do the auditor's facts differ from those of the rules, on one log?"""

from __future__ import annotations

import json

from builders import Hub, answered

from connectors.audit.compare import fact_differences
from connectors.audit.decode import Entry
from connectors.audit.fold import decide
from connectors.audit.policies import Policy, read_policy
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


def differences(hub: Hub, policy: Policy) -> list[str]:
    """Where the auditor's facts are not the recorded ones."""
    state, found = Enterprise(), []
    for event, facts in zip(hub.events, hub.answers, strict=True):
        recorded = json.loads(answered(event, facts).model_dump_json(by_alias=True))["facts"]
        found += fact_differences(decide(an_entry(event), state, policy), recorded)
        for fact in recorded:
            apply(state, fact, event.source.offset)
    return found


def policy_of(document: PolicyDocument) -> Policy:
    """The document as the auditor reads it."""
    return read_policy(document.model_dump(mode="json", by_alias=True))
