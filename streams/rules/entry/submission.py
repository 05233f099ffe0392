"""What is answered to a submitted task?"""

from __future__ import annotations

from datetime import date
from typing import Protocol, cast

from schemas.decision import DecisionMade, Reason, SourceRef
from schemas.enums import CodeKind, Decision, Prompt
from schemas.facts import ConflictFact, DecidedFact, Fact, RepeatedFact, TaskSeed
from schemas.inbound import TaskSubmitted
from schemas.journal import JournalEvent
from schemas.special_words import SpecialStanding
from streams.rules.built import builder
from streams.rules.calendar import day_at
from streams.rules.case import Case, open_case
from streams.rules.entry.admission import Reasons, admit
from streams.rules.entry.approvals import handed_in
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.content import content_digest
from streams.rules.entry.counters import NO_CAP, report
from streams.rules.entry.pinned import certified_until, classes_of, offsite_choices
from streams.rules.entry.prompts import prompts_of
from streams.rules.joint.task import dropped, goes_along, named_by, unknown_joint
from streams.rules.state import SubjectState
from streams.rules.version import RULES_VERSION
from streams.rules.wording import instant_text

# An enum's member is looked up slowly by name, and these are asked for on every task.
_STANDS = SpecialStanding.VALID
_CONFLICT, _ISSUED = Decision.CONFLICT, Decision.ISSUED
_INTERCEPTED = Decision.INTERCEPTED_OVER_CAP
_REPORTS_CAPS = frozenset(
    {Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL, _INTERCEPTED, _ISSUED}
)

_decided_fact, _decision_made = builder(DecidedFact), builder(DecisionMade)
_task_seed, _source_ref = builder(TaskSeed), builder(SourceRef)


class Mint(Protocol):
    """Makes inspection codes. The same task always gets the same code; nothing is drawn."""

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        """The code of a task, by the key of a year; `shard` is the journal's partition."""

    def qr_text(self, code: str, valid_until: date) -> str:
        """What the QR code says: an address with a signed, opaque reference."""


def decide_submitted(
    state: SubjectState, event: JournalEvent, policy: CompiledPolicy, mint: Mint
) -> tuple[Fact, ...]:
    """The first decision on a task; its approval; a repeat; or a conflict, which changes nothing.

    Source: art. 7, 10, 15; design §3.4.
    """
    record = event.record
    data = cast("TaskSubmitted", record.data)
    digest = content_digest(record.dept, data)
    known = state.tasks.get(data.task_id)
    if known is not None and (approved := handed_in(known, event, digest, policy)):
        return approved
    if known is not None and known.digest.hex() == digest:
        return (RepeatedFact(task_id=data.task_id),)
    case = open_case(event, digest, state, policy)
    decision, reasons = admit(case)
    if decision is _CONFLICT:
        return (ConflictFact(decision=_conflict(case, event, reasons)),)
    made = _answer(case, event, (decision, reasons), mint)
    fields = {"fact": "DECIDED", "decision": made, "task": _seed(case, made)}
    decided = _decided_fact(fields)
    return (decided, *dropped(case, reasons)) if decision is _INTERCEPTED else (decided,)


def _answer(
    case: Case, event: JournalEvent, outcome: tuple[Decision, Reasons], mint: Mint
) -> DecisionMade:
    """The decision as the department reads it."""
    decision, reasons = outcome
    warnings = prompts_of(case, decision)
    if Prompt.UNKNOWN_JOINT in warnings:
        reasons = (*reasons, Reason(code="UNKNOWN_JOINT", about=unknown_joint(case) or ""))
    caps = NO_CAP
    if decision in _REPORTS_CAPS:
        is_added = decision is not _INTERCEPTED
        caps = report(case.counters, case.visit, case.state, is_added=is_added)
    code = code_kind = qr_text = valid_until = None
    if decision is _ISSUED:
        code = mint.code(case.uscc, *named_by(case), event.source.shard)
        valid_until = day_at(case.visit.task.day + case.policy.code_valid_days)
        qr_text = mint.qr_text(code, valid_until)
        code_kind = _code_kind(case)
    fields = {
        "task_id": case.visit.task_id,
        "uscc": case.uscc,
        "dept": case.dept,
        "decision": decision,
        "code": code,
        "code_kind": code_kind,
        "qr_text": qr_text,
        "warnings": warnings,
        "reasons": reasons,
        "exempt": case.is_exempt,
        "year": case.visit.year,
        "used": caps.used,
        "cap": caps.cap,
        "rule": caps.rule,
        "counted": caps.counted,
        "policy_version": case.policy.version,
        "rules_version": RULES_VERSION,
        "source": _source(event),
        "decided_at": instant_text(event.at_ms),
        "valid_until": valid_until,
        "digests": None,
        "classes": classes_of(case.state),
        "offsite": offsite_choices(case, warnings),
    }
    return _decision_made(fields)


def _conflict(case: Case, event: JournalEvent, reasons: Reasons) -> DecisionMade:
    """The answer to other content under a known id: both digests, and no prompts.

    Source: art. 7 (one task, one code).
    """
    return DecisionMade(
        task_id=case.data.task_id,
        uscc=case.uscc,
        dept=case.dept,
        decision=Decision.CONFLICT,
        reasons=reasons,
        exempt=case.is_exempt,
        year=case.data.planned_on.year,
        policy_version=case.policy.version,
        rules_version=RULES_VERSION,
        source=_source(event),
        decided_at=instant_text(event.at_ms),
        digests=("" if case.known is None else case.known.digest.hex(), case.digest),
    )


def _seed(case: Case, made: DecisionMade) -> TaskSeed:
    """What the state must remember of the task besides its decision."""
    data = case.data
    fields = {
        "digest": case.digest,
        "mode": data.mode,
        "kind": data.kind,
        "trigger": data.trigger,
        "evidence": case.has_clue,
        "items": case.visit.task.items,
        "day": case.day,
        "joint_id": case.visit.task.joint_id,
        "along": goes_along(case),
        "special_id": data.special_id if case.findings.special is _STANDS else None,
        "certified_until": certified_until(case.findings),
        "officers": tuple(dict.fromkeys(data.officers)),
        "awaits_approval": Prompt.APPROVAL_OUTSTANDING in made.warnings,
    }
    return _task_seed(fields)


def _source(event: JournalEvent) -> SourceRef:
    source = event.source
    fields = {"topic": source.topic, "partition": source.partition, "offset": source.offset}
    return _source_ref(fields)


def _code_kind(case: Case) -> CodeKind:
    """Which of the three codes it is.

    Source: art. 7 (检查码, 联合检查码, and the special one of a survey).
    """
    joint_id = case.visit.task.joint_id
    if joint_id is not None and (joint_id not in case.state.joints or goes_along(case)):
        return CodeKind.JOINT
    return CodeKind.SURVEY if case.data.survey else CodeKind.SINGLE
