"""What passes between the HTTP gateway and the rules it asks? Plain values, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from schemas.enums import CodeState, Decision, Standing, SubjectStatus
from schemas.envelope import Content, Envelope
from schemas.reasons import Refusal
from schemas.registry import RegistrySpecial


class Posted(msgspec.Struct, frozen=True):
    """An event as it would lie on its department's topic (fits streams.ports.Record).

    Attributes:
        timestamp: when it was taken in, Unix milliseconds.
        to_partition: None: as its key says.
        event: what reading it gives, where it was put together from just that; None: to be read.
    """

    topic: str
    timestamp: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    key: bytes | None = None
    partition: int = 0
    offset: int = 0
    to_partition: int | None = None
    event: tuple[Envelope, Content] | None = None


class Admitted(msgspec.Struct, frozen=True):
    """An event that intake will accept.

    Attributes:
        key: the key it bears on the journal; None for an entry of the registries.
        digest: of type, time and content: the same event sent again has the same.
        task_id: the task it is about, if it is about one.
        task_digest: of the content of a submitted task (docs/semantics.md §2); else empty.
        accepted: what the rules need to foresee what comes of it, handed back to them unread.
    """

    event_id: str
    type: str
    dept: str
    key: str | None
    digest: str
    task_id: str | None
    task_digest: str
    accepted: Any


@dataclass(frozen=True, slots=True)
class Declined:
    """An event that intake would put among the dead letters, and why."""

    reason: Refusal
    field: str
    message: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would be answered; `type` None: it would be taken in and answered with nothing."""

    type: str | None
    body: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class TaskStanding:
    """Where a task stands now.

    Attributes:
        day: the planned day, later the actual one; None while only a cancellation is known.
        valid_until: the code's last day.
        visits: this department's live on-site visits of the same year up to this one, it included.
    """

    task_id: str
    dept: str
    code_state: CodeState
    day: date | None
    code: str | None
    valid_until: date | None
    items: tuple[str, ...]
    joint_id: str | None
    result_id: str | None
    visits: int


@dataclass(frozen=True, slots=True)
class JointToPlan:
    """A joint task for which a department has still to plan its part (art. 2).

    Attributes:
        lead: who organises it; empty if nobody does.
        items: what the department is to inspect there.
        proposed: the day that the hub proposes; None where it was only told of the joint task.
        day: the day that another member has planned, which is then the visit's; None: none has.
    """

    joint_id: str
    lead: str
    members: tuple[str, ...]
    items: tuple[str, ...]
    proposed: date | None
    day: date | None


@dataclass(frozen=True, slots=True)
class OfficerShown:
    """An officer as the registry has them on a day. `name` is for the verified page only."""

    cert_no: str
    name: str
    standing: Standing
    valid_to: date | None


class ScanVerdict(StrEnum):
    """What a scan found, in order of precedence: the first that holds wins (art. 8)."""

    FORGED = "FORGED"
    UNKNOWN = "UNKNOWN"
    REVOKED = "REVOKED"
    CANCELLED = "CANCELLED"
    USED = "USED"
    LAST_YEAR = "LAST_YEAR"
    EXPIRED = "EXPIRED"
    SCANNED = "SCANNED"
    GOOD = "GOOD"


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A code that somebody wrote or a genuine token names, and the journal partition it is in."""

    code: str
    shard: int


class SubjectHere(NamedTuple):
    """What the object list says of an enterprise."""

    name: str
    region: str
    status: SubjectStatus


class ReportedTask(NamedTuple):
    """A task that is on record with a special inspection."""

    uscc: str
    task_id: str
    dept: str
    decision: Decision | None
    cancelled: bool


class SpecialHere(NamedTuple):
    """A special inspection as a gateway knows it.

    Attributes:
        standing: its newest entry on the registry topic, by which intake judges; None: never filed.
        filed_at: partition and offset of the journal record that filed it.
        objects: its list.
        made: the tasks on record with it, in the order in which they came.
    """

    standing: RegistrySpecial | None
    filed_at: tuple[int, int] | None
    objects: tuple[str, ...] = ()
    made: tuple[ReportedTask, ...] = ()
