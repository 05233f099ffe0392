"""Valid by default, override what matters: tasks, events, findings, policies, a hub in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import orjson
from pydantic import BaseModel

from schemas import messages
from schemas.decision import DecisionMade, SourceRef
from schemas.enums import Standing, SubjectStatus
from schemas.facts import ConflictFact, Decided, DecidedFact, Fact
from schemas.inbound import TaskSubmitted
from schemas.journal import (
    Findings,
    JournalEvent,
    JournalRecord,
    OfficerFinding,
    Origin,
    Source,
    SubjectFinding,
)
from schemas.policy import PolicyDocument
from streams.rules.decide import fold
from streams.rules.entry.caps import CompiledPolicy, compile_policy
from streams.rules.state import EMPTY, SubjectState
from streams.rules.version import RULES_VERSION

USCC = "91120116MA05ABCD0A"
DEPT = "WJW-120116"
OTHER_DEPT = "XFJ-120116"
DAY = date(2026, 3, 16)
AT_MS = int(datetime(2026, 3, 10, 1, 0, tzinfo=UTC).timestamp() * 1000)
JOURNAL = "insp.journal"

APPROVAL = {"no": "A-1", "by": "负责人", "at": "2025-01-05T09:00:00+08:00", "mode": "PRIOR"}


def a_policy(*caps: dict[str, Any], **numbers: Any) -> CompiledPolicy:
    """A compiled policy: no caps and no windows unless given."""
    return compile_policy(a_document(*caps, **numbers))


def a_document(*caps: dict[str, Any], **numbers: Any) -> PolicyDocument:
    """A policy document with the exempt triggers of the design."""
    policy = {"version": "test", "exempt_triggers": ["COMPLAINT", "URGENT"], **numbers}
    plain = {"policy": policy, "cap": list(caps)}
    return PolicyDocument.model_validate_json(orjson.dumps(plain))


def a_cap(maximum: int | None = 2, **fields: Any) -> dict[str, Any]:
    """A cap rule of each agency, in force for ever."""
    return {
        "id": "R",
        "version": 1,
        "source": "a test",
        "from": "2000-01-01",
        "scope": {"kind": "EACH_AGENCY"},
        "max": maximum,
        **fields,
    }


def a_group(*members: str) -> dict[str, Any]:
    """A scope of departments that share one counter."""
    return {"kind": "GROUP", "id": "G", "members": list(members)}


def a_task(task_id: str = "T-1", **fields: Any) -> dict[str, Any]:
    """A task that is issued a code when nothing stands against it. Approval None: none given."""
    plain = {
        "task_id": task_id,
        "uscc": USCC,
        "entity_name": "天津测试有限公司",
        "mode": "ONSITE",
        "kind": "DAILY",
        "trigger": "PLAN",
        "items": ["1101-001"],
        "planned_on": DAY.isoformat(),
        "premises_region": "120116",
        "officers": ["TJ0001", "TJ0002"],
        "approval": APPROVAL,
    }
    return {**plain, **fields}


def some_findings(data: dict[str, Any] | None = None, **fields: Any) -> Findings:
    """Findings with which a task passes; officers as the task names them."""
    certificates = (data or {}).get("officers", ())
    plain = {
        "officers": tuple(
            OfficerFinding(cert_no=name, standing=Standing.VALID) for name in certificates
        ),
        "subject": a_subject(),
    }
    return Findings(**{**plain, **fields})


def a_subject(**fields: Any) -> SubjectFinding:
    """The enterprise as the object list has it."""
    plain = {
        "status": SubjectStatus.ACTIVE,
        "object_type": "企业",
        "industry": "5199",
        "name": "天津测试有限公司",
    }
    return SubjectFinding(**{**plain, **fields})


@dataclass
class Mint:
    """Codes that can be told apart, without keys."""

    made: int = 0

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        self.made += 1
        mac = sha256(f"{uscc}|{task_id}|{year}".encode()).hexdigest()[:20].upper()
        return f"{shard:02}-{mac}"

    def qr_text(self, code: str, valid_until: date) -> str:
        return f"https://hub.example/c/{code}.{valid_until:%y%m%d}"


def an_event(
    kind: str,
    data: dict[str, Any],
    *,
    dept: str = DEPT,
    policy: CompiledPolicy | str = "test",
    offset: int = 0,
    findings: Findings | None = None,
    time: str = "2026-03-10T09:00:00+08:00",
    at_ms: int = AT_MS,
    uscc: str = USCC,
) -> JournalEvent:
    """One journal record where it lies in the log."""
    model: type[BaseModel] = messages.INBOUND[kind].model
    record = JournalRecord[model](  # type: ignore[valid-type]  # the model is known at run time
        id=f"E-{offset}",
        type=kind,
        time=time,
        dept=dept,
        policy_version=policy if isinstance(policy, str) else policy.version,
        origin=Origin(topic=f"insp.in.{dept}", partition=0, offset=offset),
        findings=findings or some_findings(data),
        data=model.model_validate_json(orjson.dumps(data)),
    )
    return JournalEvent(
        record=record,
        source=Source(JOURNAL, 0, offset),
        at_ms=at_ms,
        digest=f"{offset:016x}",
        key=uscc,
    )


@dataclass
class Hub:
    """The fold over the log of one enterprise, with short words for what departments send."""

    policy: CompiledPolicy = field(default_factory=a_policy)
    state: SubjectState = EMPTY
    mint: Mint = field(default_factory=Mint)
    events: list[JournalEvent] = field(default_factory=list)
    answers: list[tuple[Fact, ...]] = field(default_factory=list)
    uscc: str = USCC

    def take(self, event: JournalEvent) -> tuple[Fact, ...]:
        """Fold one event."""
        self.state, facts = fold(self.state, event, self.policy, self.mint)
        self.events.append(event)
        self.answers.append(facts)
        return facts

    def send(self, kind: str, data: dict[str, Any], **fields: Any) -> tuple[Fact, ...]:
        """Fold one event of a type, at the next offset."""
        fields = {"policy": self.policy, "offset": len(self.events) + 100, **fields}
        return self.take(an_event(kind, {**data, "uscc": self.uscc}, uscc=self.uscc, **fields))

    def submit(
        self,
        task_id: str = "T-1",
        *,
        dept: str = DEPT,
        findings: dict[str, Any] | None = None,
        time: str = "2026-03-10T09:00:00+08:00",
        **fields: Any,
    ) -> DecisionMade:
        """Submit a task and read the decision: the first one's, also when this is a repeat."""
        task = a_task(task_id, **fields)
        found = some_findings(task, **(findings or {}))
        fact, *_ = self.send(messages.TASK_SUBMITTED, task, dept=dept, findings=found, time=time)
        if isinstance(fact, DecidedFact | ConflictFact):
            return fact.decision
        raise AssertionError(f"{task_id} was decided before: {fact}")

    def cancel(self, task_id: str = "T-1", **fields: Any) -> Fact:
        (fact,) = self.send(messages.TASK_CANCELLED, {"task_id": task_id, "reason": ""}, **fields)
        return fact

    def enter(
        self,
        task_id: str = "T-1",
        how: str = "SCANNED",
        at: str = "2026-03-16T10:00:00+08:00",
        officers: Sequence[str] = (),
        **fields: Any,
    ) -> Fact:
        data = {"task_id": task_id, "how": how, "at": at, "officers": list(officers)}
        (fact,) = self.send(messages.ENTRY_RECORDED, data, **fields)
        return fact

    def complete(
        self,
        task_id: str = "T-1",
        result_id: str = "R-1",
        on: str = "2026-03-16",
        items: Sequence[str] = ("1101-001",),
        publish: bool = False,
        **fields: Any,
    ) -> Fact:
        data = {
            "task_id": task_id,
            "result_id": result_id,
            "inspected_on": on,
            "outcomes": ["1"],
            "found_problem": False,
            "negative": False,
            "publish": publish,
            "items": [{"item": item} for item in items],
        }
        return self.send(messages.RESULT_RECORDED, data, **fields)[0]

    def choose(self, choice: str, task_id: str = "T-1", **fields: Any) -> tuple[Fact, ...]:
        return self.send(messages.CHOICE_RECORDED, {"task_id": task_id, "choice": choice}, **fields)

    def expire(self, task_id: str = "T-1", on: str = "2026-03-24") -> Fact:
        (fact,) = self.send(messages.CODE_EXPIRED, {"task_id": task_id, "on": on}, dept="HUB")
        return fact

    def classify(
        self, class_: str, as_of: str = "2026-01-01", scheme: str = "CREDIT_EVALUATION"
    ) -> Fact:
        data = {"scheme": scheme, "class": class_, "as_of": as_of}
        (fact,) = self.send(messages.SUBJECT_CLASSIFIED, data, dept="SCJG-120000")
        return fact

    def whitelist(
        self,
        *,
        listed: bool = True,
        since: str = "2026-01-01",
        until: str | None = None,
        **fields: Any,
    ) -> Fact:
        data = {"listed": listed, "from": since, "until": until, "ground": "守法"}
        (fact,) = self.send(messages.WHITELIST_CHANGED, data, dept="SCJG-120000", **fields)
        return fact

    def form_joint(
        self,
        joint_id: str = "J-1",
        members: Iterable[str] = (DEPT, OTHER_DEPT),
        lead: str = OTHER_DEPT,
        quarter: str = "2026Q1",
    ) -> Fact:
        data = {"joint_id": joint_id, "quarter": quarter, "members": list(members), "lead": lead}
        (fact,) = self.send(messages.JOINT_FORMED, data, dept="HUB")
        return fact

    def decided(self, number: int = -1) -> Decided:
        """The line of `insp.decided` that answers an event, the last one by default."""
        return answered(self.events[number], self.answers[number])


def answered(event: JournalEvent, facts: tuple[Fact, ...]) -> Decided:
    """The line of `insp.decided` with these facts."""
    record, source = event.record, event.source
    return Decided(
        src=SourceRef(topic=source.topic, partition=source.partition, offset=source.offset),
        key=event.key,
        digest=event.digest,
        type=record.type,
        dept=record.dept,
        at=event.at_ms,
        rules_version=RULES_VERSION,
        policy_version=record.policy_version,
        facts=facts,
    )


def a_submission(**fields: Any) -> TaskSubmitted:
    """A submitted task as a message."""
    return TaskSubmitted.model_validate_json(orjson.dumps(a_task(**fields)))
