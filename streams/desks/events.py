"""What would intake and decide say of this event? Asked by the gateway before, and without, them.

The same functions as in the stream, against the registries as they stand and a state of the view.
Nothing here waits, reads or writes; the gateway fetches, asks, and carries out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from schemas.codec import encode_json
from schemas.desk import (
    Admitted,
    CodeRead,
    Declined,
    Foreseen,
    OfficerShown,
    Posted,
    ScanVerdict,
    TaskStanding,
)
from schemas.enums import EntryHow
from schemas.envelope import read_record
from schemas.facts import FaultedFact
from schemas.generations import Generations
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.inbound import EntryRecorded, TaskSubmitted
from schemas.journal import Findings, JournalEvent, Source
from schemas.malformed import Malformed
from schemas.messages import DECISION_MADE, ENTRY_RECORDED
from schemas.reasons import Refusal
from schemas.signing import Verifier
from schemas.topics import JOURNAL
from streams.accept import ForJournal, Refused, accept, pass_judgement
from streams.answer import answer
from streams.desks.draws import DrawDesk
from streams.desks.enterprise import EnterpriseDesk
from streams.desks.page_records import SCAN_PAGE, page_record
from streams.desks.registry import DeskRegistry as DeskRegistry
from streams.desks.special import SpecialDesk
from streams.policies import PolicyBook
from streams.ports import Outgoing
from streams.rules.calendar import day_at
from streams.rules.entry.codes import CodeFault, parse_code
from streams.rules.entry.content import content_digest
from streams.rules.entry.scans import judge_scan
from streams.rules.entry.standing import officer_standing
from streams.rules.entry.tokens import ReadToken, read_token
from streams.rules.letters import is_onsite
from streams.rules.outward import StoredDecision, outward
from streams.rules.state import (
    EMPTY,
    SubjectState,
    TaskState,
    code_state_of,
    decode_state,
    is_live,
)
from streams.rules.visits import Visit, history_of, subject_of

_NOT_IN_THE_JOURNAL = {"source", "decided_at", "code", "qr_text"}


class _NoMint:
    """Foreseeing makes no code: one that was never issued must not exist anywhere."""

    def code(self, uscc: str, task_id: str, year: int, shard: int) -> str:
        return ""

    def qr_text(self, code: str, valid_until: date) -> str:
        return ""


class Desk(EnterpriseDesk, DrawDesk, SpecialDesk):
    """Answers the gateway's questions (fits connectors.departments.gateway.ports.Desk)."""

    def __init__(
        self,
        registry: DeskRegistry,
        policies: PolicyBook,
        verifiers: Mapping[str, Verifier],
        generations: Generations,
    ) -> None:
        super().__init__(registry, policies, generations.partitions)
        self._verifiers = verifiers
        self._generations = generations
        self._mint = _NoMint()

    def is_registered(self, dept: str) -> bool:
        """Whether the registry has the department."""
        return dept in self._registry.departments

    def department_name(self, dept: str) -> str:
        """The department's name; its code while the registry has none."""
        known = self._registry.departments.get(dept)
        return known.name if known is not None else dept

    def subject_name(self, uscc: str) -> str:
        """The enterprise's name on the object list; empty if it is not there."""
        known = self._registry.subject(uscc)
        return known.name if known is not None else ""

    def item_title(self, item: str) -> str:
        """An item's title; its code while the registry has none."""
        return self._registry.item_title(item)

    def partition(self, key: str) -> int:
        """The journal partition of a key."""
        return self._generations.partition(key)

    def partitions_of(self, read: CodeRead) -> Sequence[int]:
        """Where a code may lie in the view: the first generation's partition stands in it."""
        return (read.shard,) if self._generations.is_first else range(self.partitions)

    def credit_code(self, text: str) -> str | None:
        """A credit code as it keys the journal; None if the text is none."""
        reading = read_credit_code(text)
        readable = (CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT)
        return reading.code if reading.outcome in readable else None

    def judge(self, posted: Posted) -> Admitted | Declined:
        """Whether intake would accept this event, by intake's own judgement."""
        try:
            envelope, content = posted.event or read_record(posted.headers, posted.value)
        except Malformed as cause:
            return Declined(cause.reason, cause.field, cause.message)
        passed = pass_judgement(posted, envelope, content, self._registry)
        if isinstance(passed, Refused):
            return Declined(passed.reason, passed.field, passed.message, envelope.id)
        data, dept = passed.data, envelope.source
        content_said = (passed.type.encode(), envelope.time.encode(), encode_json(data))
        return Admitted(
            event_id=envelope.id,
            type=passed.type,
            dept=dept,
            key=passed.key,
            digest=sha256(b"\x1f".join(content_said)).hexdigest()[:32],
            task_id=getattr(data, "task_id", None),
            task_digest=content_digest(dept, data) if isinstance(data, TaskSubmitted) else "",
            accepted=posted,
        )

    def foresee(
        self, admitted: Admitted, at_ms: int, state: bytes | None, first: bytes | None
    ) -> Foreseen | Declined:
        """What would be answered to an admitted event now. Changes nothing and makes no code.

        Args:
            admitted: What `judge` gave.
            at_ms: Now.
            state: The enterprise's state in the view.
            first: The first decision on the event's task, as it was published.
        """
        accepted = accept(admitted.accepted, self._registry)
        if isinstance(accepted, Refused):
            found = (accepted.reason, accepted.field, accepted.message)
            return Declined(*found, admitted.event_id)
        if not isinstance(accepted, ForJournal):
            return Foreseen(None, None)
        source = Source(JOURNAL, self.partition(accepted.key), 0)
        event = JournalEvent(accepted.record, source, at_ms, "", accepted.key)
        policy = self._policies.at_once(accepted.record.policy_version)
        after, decided = answer(_read(state), event, policy, self._mint)
        if isinstance(decided.facts[-1], FaultedFact):
            return Declined(Refusal.FAULTED, "", decided.facts[-1].error, admitted.event_id)
        messages = outward(decided, after)
        if not messages:
            return Foreseen(None, None)
        body = messages[0].body
        if isinstance(body, StoredDecision):
            return Foreseen(DECISION_MADE, _json(first))
        return Foreseen(messages[0].type, body.model_dump(mode="json", exclude=_NOT_IN_THE_JOURNAL))

    def settles(self, task_id: str, task_digest: str, state: bytes | None) -> bool:
        """Whether the first decision on a task is the answer to this content of it."""
        task = _read(state).tasks.get(task_id)
        return task is not None and task.digest.hex() == task_digest

    def standing(self, task_id: str, state: bytes | None, key: str) -> TaskStanding | None:
        """Where a task stands; None if the state does not know it."""
        subject = _read(state)
        task = subject.tasks.get(task_id)
        if task is None:
            return None
        return TaskStanding(
            task_id=task_id,
            dept=task.dept,
            code_state=code_state_of(task),
            day=day_at(task.day) if task.day else None,
            code=task.code,
            valid_until=day_at(task.valid_until) if task.valid_until else None,
            items=task.items,
            joint_id=task.joint_id,
            result_id=task.result_id,
            visits=_visits(subject, task_id, task, key),
        )

    def tasks_of_code(self, code: str, state: bytes | None) -> tuple[str, ...]:
        """The tasks that have this code: one, or those of a joint visit, live ones first."""
        tasks = _read(state).tasks
        holding = [name for name, task in tasks.items() if task.code == code]
        return tuple(sorted(holding, key=lambda name: not is_live(tasks[name])))

    def read_code(self, text: str) -> CodeRead | None:
        """The code that somebody wrote, and where its task lies; None if it is none."""
        parsed = parse_code(text)
        return None if isinstance(parsed, CodeFault) else CodeRead(parsed.code, parsed.shard)

    def read_token(self, token: str) -> CodeRead | None:
        """The code that a genuine token names; None if the hub did not sign it."""
        found = read_token(self._verifiers, token)
        return self.read_code(found.code) if isinstance(found, ReadToken) else None

    def scan(self, token: str, task_id: str, state: bytes | None, today: date) -> ScanVerdict:
        """What to tell whoever scanned this token (art. 8)."""
        task = _read(state).tasks.get(task_id)
        return judge_scan(read_token(self._verifiers, token), task, today)

    def officers(self, cert_nos: tuple[str, ...], dept: str, day: date) -> tuple[OfficerShown, ...]:
        """These officers as the registry has them on a day (art. 14)."""
        found = [(number, self._registry.officers.get(number)) for number in cert_nos]
        return tuple(
            OfficerShown(
                number,
                officer.name if officer is not None else "",
                officer_standing(officer, dept, day),
                officer.valid_to if officer is not None else None,
            )
            for number, officer in found
        )

    def entry(self, uscc: str, task_id: str, how: EntryHow, at: datetime) -> Outgoing:
        """The journal record by which the hub's own page says how officers entered (art. 8).

        The same entry said again has the same id, and the fold notes it as a repeat.

        Raises:
            LookupError: there is no policy yet, so there is no code either.
        """
        event = (f"scan:{uscc}:{task_id}:{how.value}:{at.date()}", ENTRY_RECORDED, at)
        data = EntryRecorded(task_id=task_id, uscc=uscc, how=how, at=at, note="")
        return page_record(self._registry, SCAN_PAGE, uscc, event, data)


def _read(state: bytes | None) -> SubjectState:
    return EMPTY if state is None else decode_state(state)


def _visits(subject: SubjectState, task_id: str, task: TaskState, key: str) -> int:
    """How many on-site visits of the department that year, up to and with this one."""
    if not task.day:
        return 0
    visit = Visit(task_id, task, day_at(task.day).year, subject_of(key, Findings()))
    order = list(subject.tasks)
    earlier = set(order[: order.index(task_id)])
    own = history_of(subject, visit).own
    return 1 + sum(name in earlier and is_onsite(other.nature) for name, other in own)


def _json(value: bytes | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = None if value is None else json.loads(value)
    return found
