"""What is so now? Facts are all that ever changes state.

`insp.decided` holds them, record by record.

A `Decided` line answers exactly one journal record. Rebuilding applies these facts and never
decides again.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Message
from schemas.decision import DecisionMade, Reason, SourceRef
from schemas.enums import Choice, CodeState, EntryHow, Kind, Mode, Trigger
from schemas.joint_facts import DrawnFact, JointChangedFact, JointFact, WindowClosedFact
from schemas.public_facts import DisclosureFact, HeldFact, RepairFact, StopKeptFact
from schemas.special_facts import SpecialFact
from schemas.survey_facts import SpecialObjectFact, SurveyFact, SurveySeed


class TaskSeed(Message):
    """What the state must remember of a task besides its decision.

    `digest` is that of the task's content; `evidence` says that a clue number was given; `along`,
    that the task is its department's part of the joint visit `joint_id`;
    `special_id` is kept only where that special inspection stands; `certified_until` is the first
    last day of its officers' certificates, `officers` their numbers; `awaits_approval`: that of
    an urgent inspection is still to follow, and not written where none is.
    """

    digest: str
    mode: Mode
    kind: Kind
    trigger: Trigger
    evidence: bool
    items: tuple[str, ...]
    day: date
    joint_id: str | None = None
    along: bool = False
    special_id: str | None = None
    certified_until: date | None = None
    officers: tuple[str, ...] = ()
    awaits_approval: Annotated[bool, Field(exclude_if=lambda awaits: not awaits)] = False


class DecidedFact(Message):
    """A task was decided for the first time."""

    fact: Literal["DECIDED"] = "DECIDED"
    decision: DecisionMade
    task: TaskSeed


class RepeatedFact(Message):
    """The same task with the same content again.

    The first decision is sent again, byte for byte.
    """

    fact: Literal["REPEATED"] = "REPEATED"
    task_id: str


class ConflictFact(Message):
    """The same task id with other content: nothing changes."""

    fact: Literal["CONFLICT"] = "CONFLICT"
    decision: DecisionMade


class ApprovalFact(Message):
    """The approval of an urgent inspection was handed in afterwards (art. 15).

    `digest` is that of the task's content with it; `at` is when it was approved, Unix milliseconds;
    `doubts` say that this was later than the policy allows.
    """

    fact: Literal["APPROVAL"] = "APPROVAL"
    task_id: str
    digest: str
    at: int
    doubts: tuple[Reason, ...] = ()


class CancelledFact(Message):
    """A task was cancelled. `known` False: the cancellation came before its task and is remembered.

    `released` True: a reservation was given back, which happens at most once a task.
    """

    fact: Literal["CANCELLED"] = "CANCELLED"
    task_id: str
    known: bool
    released: bool


class ExpiredFact(Message):
    """A code passed its last day unused; its reservation is released."""

    fact: Literal["EXPIRED"] = "EXPIRED"
    task_id: str


class EnteredFact(Message):
    """Officers entered.

    The reservation is confirmed and counts on the actual day, in the actual year.

    `known` False: no task was seen before. `over` lists labels of rules that the move to another
    year overfills. `doubts`: what has changed since the task was decided, so that it would be
    decided otherwise, or might be (art. 3, 14).
    """

    fact: Literal["ENTERED"] = "ENTERED"
    task_id: str
    dept: str
    how: EntryHow
    code_state: CodeState
    day: date
    known: bool
    over: tuple[str, ...] = ()
    doubts: tuple[Reason, ...] = ()


class CompletedFact(Message):
    """A result was recorded.

    `no_code` True: the visit took place without an issued code (counted all the same).
    `survey`: of a visit of which nothing was known before a survey came upon the enterprise.
    `doubts`: in what it was not filled in against the standards of its items (art. 16).
    """

    fact: Literal["COMPLETED"] = "COMPLETED"
    task_id: str
    result_id: str
    dept: str
    day: date
    items: tuple[str, ...]
    known: bool
    no_code: bool
    over: tuple[str, ...] = ()
    survey: SurveySeed | None = None
    doubts: tuple[Reason, ...] = ()


class ChoiceFact(Message):
    """The officer's choice after a prompt, which prompts he saw, and why (art. 10)."""

    fact: Literal["CHOICE"] = "CHOICE"
    task_id: str
    choice: Choice
    prompts: tuple[str, ...] = ()
    reason: str = ""


class RatedFact(Message):
    """The enterprise's rating of one department's visit from now on (art. 9).

    `at` is when it was given, Unix milliseconds.
    """

    fact: Literal["RATED"] = "RATED"
    task_id: str
    dept: str
    stars: int
    comment: str = ""
    at: int


class ClassifiedFact(Message):
    """The enterprise's class in one scheme from now on."""

    fact: Literal["CLASSIFIED"] = "CLASSIFIED"
    scheme: str
    class_: Annotated[str, Field(alias="class")]
    as_of: date


class WhitelistedFact(Message):
    """The enterprise's place on the whitelist from now on.

    `said_at_ms` is the event's own time, Unix milliseconds: the newest word counts, so that a
    record delivered late a second time cannot bring back what was taken back.
    """

    fact: Literal["WHITELISTED"] = "WHITELISTED"
    said_at_ms: int
    listed: bool
    from_: Annotated[date, Field(alias="from")]
    until: date | None


class NotedFact(Message):
    """Recorded without effect: a repeat, something too late, or something not allowed.

    It is about a task, a result, a repair case, a draw, a joint task or a special inspection.

    Attributes:
        dropped: a held step of the case that waits no longer.
        at: instant of a correction that says nothing new: older ones are void from now on.
        dept: whom a refused application concerns that the hub sent in for an enterprise.
        quarter: whose window was to be closed and is not open; not written where it is about none.
    """

    fact: Literal["NOTED"] = "NOTED"
    task_id: str | None = None
    outcome: Literal["REPEATED", "REFUSED"]
    reasons: tuple[Reason, ...]
    result_id: str | None = None
    repair_id: str | None = None
    dropped: str | None = None
    at: int | None = None
    dept: str | None = None
    draw_id: str | None = None
    joint_id: str | None = None
    special_id: str | None = None
    quarter: Annotated[str | None, Field(exclude_if=lambda name: name is None)] = None


class FaultedFact(Message):
    """A rule failed unexpectedly.

    State unchanged, the record waits in the dead letters of decide.
    """

    fact: Literal["FAULTED"] = "FAULTED"
    error: str


Fact = Annotated[
    DecidedFact
    | RepeatedFact
    | ConflictFact
    | ApprovalFact
    | CancelledFact
    | ExpiredFact
    | EnteredFact
    | CompletedFact
    | ChoiceFact
    | RatedFact
    | ClassifiedFact
    | WhitelistedFact
    | JointFact
    | JointChangedFact
    | DrawnFact
    | WindowClosedFact
    | DisclosureFact
    | StopKeptFact
    | RepairFact
    | HeldFact
    | SpecialFact
    | SpecialObjectFact
    | SurveyFact
    | NotedFact
    | FaultedFact,
    Field(discriminator="fact"),
]


class Decided(Message):
    """One record of `insp.decided`: all facts that follow from one journal record.

    Attributes:
        src: the journal record.
        key: its key: the credit code.
        digest: first 16 hex digits of the SHA-256 of its value, so that nothing can be swapped
            beneath it.
        type: its event type.
        dept: the department that sent it.
        at: its append time, Unix milliseconds.
    """

    src: SourceRef
    key: str
    digest: str
    type: str
    dept: str
    at: int
    rules_version: int
    policy_version: str
    facts: tuple[Fact, ...]
