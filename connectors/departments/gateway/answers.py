"""What do the gateway's answers look like? One model each; the OpenAPI document is made of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.decision import DecisionMade
from schemas.enums import CodeState
from schemas.inbound_draw import DrawCommitted, DrawRevealed


class Answer(BaseModel):
    """An answer of the gateway."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(Answer):
    """Problem details (RFC 9457)."""

    type: Annotated[str, Field(description="Stable name of the reason, `urn:insp:problem:…`.")]
    title: str
    status: int
    detail: str
    reason: Annotated[str, Field(description="Reason code, as dead letters carry it.")]
    field: Annotated[str, Field(description="Path to the field at fault; empty for the whole.")]
    advice: str
    event_id: str | None = None


class Receipt(Answer):
    """An event that is stored durably. The same event always gets the same receipt."""

    receipt_id: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    event_id: str
    duplicate: bool
    received_at: Annotated[str, Field(description="When it was first taken in, RFC 3339.")]
    decision: Annotated[
        DecisionMade | None,
        Field(description="decision.made, for a submitted task that is decided by now."),
    ] = None


class Foreseen(Answer):
    """What a department would be told."""

    type: Annotated[str, Field(description="`decision.made` or `task.updated`.")]
    data: Annotated[
        dict[str, Any] | None, Field(description="Its content, but for code, source and time.")
    ]


class DryRun(Answer):
    """What would be decided now. Nothing was stored, and no code was made."""

    dry_run: bool
    event_id: str
    would: Foreseen | None


class Outcome(Answer):
    """What became of one event of a batch: a receipt, a dry run, or a problem."""

    status: int
    receipt: Receipt | None = None
    dry_run: DryRun | None = None
    problem: Problem | None = None


class Batch(Answer):
    """One outcome an event, in the order of the events."""

    outcomes: list[Outcome]


class Task(Answer):
    """Where a task stands now."""

    task_id: str
    uscc: str
    dept: str
    code_state: CodeState
    day: date | None
    code: str | None
    valid_until: date | None
    items: list[str]
    joint_id: str | None
    result_id: str | None
    decision: DecisionMade | None


class Officer(Answer):
    """An officer's certificate and its standing today. Names are shown to the enterprise only."""

    cert_no: str
    standing: str


class Code(Answer):
    """An inspection code and what stands behind it."""

    code: str
    state: CodeState
    verdict: Annotated[str, Field(description="What a scan would find today.")]
    task_id: str
    uscc: str
    entity_name: str
    dept: str
    members: Annotated[
        list[str], Field(description="Departments that this code stands for; yours first.")
    ]
    items: list[str]
    day: date | None
    valid_until: date | None
    officers: list[Officer]
    visit: Annotated[int, Field(description="This is the n-th visit that counts this year.")]
    cap: Annotated[int | None, Field(description="At most so many; null: no cap applies.")]
    year: int
    qr_text: str | None


class Ready(Answer):
    """Whether the gateway can do its work."""

    ready: bool
    broker: bool
    redis: bool
    registry: bool


class Draw(Answer):
    """A random draw: what was fixed before it, and what was revealed after it."""

    committed: DrawCommitted
    revealed: Annotated[
        DrawRevealed | None, Field(description="null: nobody knows yet who is drawn.")
    ] = None
