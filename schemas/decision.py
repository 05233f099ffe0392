"""What does the hub answer to a department (design §3.4)?"""

from __future__ import annotations

from datetime import date

from schemas.base import Message
from schemas.enums import CodeKind, CodeState, Decision, OffsiteWay, Prompt


class SourceRef(Message):
    """The journal record that was decided."""

    topic: str
    partition: int
    offset: int


class Reason(Message):
    """Why, more exactly than the decision says.

    `about` is what it is about: an officer, an item, a rule.
    """

    code: str
    about: str = ""


class ClassPinned(Message):
    """The enterprise's class in one scheme when a task was decided, and its day (art. 3)."""

    scheme: str
    name: str
    as_of: date


class OffsiteChoice(Message):
    """An item that can be checked without a visit, and how; null: not said how (art. 10)."""

    item: str
    way: OffsiteWay | None = None


class DecisionMade(Message):
    """`decision.made`: the answer to one submitted task. Repeats are byte-identical.

    Attributes:
        used: the tightest rule's counter after this decision; None if no rule applied.
        cap: that rule's maximum.
        rule: that rule's label, `ID@VERSION`.
        counted: the tasks that fill that counter, in the order they were decided.
        year: the calendar year of the planned day in Asia/Shanghai.
        valid_until: the last day on which the code may be shown; None without a code.
        digests: for CONFLICT only: content digest of the first task and of the other one.
        decided_at: append time of the journal record, RFC 3339 in Asia/Shanghai.
        classes: the enterprise's classes by which it was decided, by scheme.
        offsite: with the prompt OFFSITE_PREFERRED: what can be checked without a visit, and how.
    """

    task_id: str
    uscc: str
    dept: str
    decision: Decision
    code: str | None = None
    code_kind: CodeKind | None = None
    qr_text: str | None = None
    warnings: tuple[Prompt, ...] = ()
    reasons: tuple[Reason, ...] = ()
    exempt: bool = False
    year: int
    used: int | None = None
    cap: int | None = None
    rule: str | None = None
    counted: tuple[str, ...] = ()
    policy_version: str
    rules_version: int
    source: SourceRef
    decided_at: str
    valid_until: date | None = None
    digests: tuple[str, str] | None = None
    classes: tuple[ClassPinned, ...] = ()
    offsite: tuple[OffsiteChoice, ...] = ()


class TaskUpdated(Message):
    """`task.updated`: what became of a task after its decision.

    Cancelled, entered, completed, expired.

    `outcome` is APPLIED, REPEATED (nothing new) or REFUSED; `reasons` say why.
    """

    task_id: str
    uscc: str
    dept: str
    about: str
    outcome: str
    code_state: CodeState
    reasons: tuple[Reason, ...] = ()
    year: int | None = None
    source: SourceRef
    decided_at: str


class EventRefused(Message):
    """`event.refused`: an event that could not be accepted, told to the department that sent it.

    `field` is the path to the offending field, empty when the whole is at fault. `origin_*` name
    the inbound record; its bytes wait in the dead letters.
    """

    event_id: str | None
    event_type: str | None
    reason: str
    field: str
    message: str
    advice: str
    origin_topic: str
    origin_partition: int
    origin_offset: int
