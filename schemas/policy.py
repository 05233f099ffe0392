"""Which numbers are in force?

The policy file (design §3.7): caps are data, versioned, with first and last day.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Any

from pydantic import Field, model_validator

from schemas.base import DeptCode, Id, Inbound, Message, Text
from schemas.enums import (
    CapScope,
    JointCounting,
    JointMember,
    Kind,
    LateDraws,
    Mode,
    Trigger,
)
from schemas.special_words import SpecialTasks, SurveyFound

Positive = Annotated[int, Field(ge=1)]


class Window(Message):
    """At most `max` on-site visits by all departments within `days` days, this one included."""

    days: Positive
    max: Positive


class Scope(Message):
    """Whose visits share the counter."""

    kind: CapScope
    id: Id | None = None
    members: tuple[DeptCode, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Scope:
        if self.kind is CapScope.GROUP and not self.members:
            msg = "a GROUP scope needs its members"
            raise ValueError(msg)
        if self.kind is CapScope.AGENCY and self.id is None:
            msg = "an AGENCY scope needs the agency's registry code as id"
            raise ValueError(msg)
        return self


class ClassMatch(Message):
    """The enterprise's class in one scheme must be one of these."""

    scheme: Id
    in_: Annotated[tuple[str, ...], Field(alias="in", min_length=1)]


class Match(Message):
    """What a rule applies to.

    Empty or absent means any. `industry` entries are GB/T 4754 prefixes.
    """

    industry: tuple[Id, ...] = ()
    class_: Annotated[ClassMatch | None, Field(alias="class")] = None
    items: tuple[Id, ...] = ()
    object_types: tuple[Id, ...] = ()


class Cap(Message):
    """One cap rule. `max` None: no maximum; 0: never proactively.

    `min` informs and never blocks.
    """

    id: Id
    version: Positive
    source: Text
    from_: Annotated[date, Field(alias="from")]
    to: date | None = None
    scope: Scope
    match: Match = Match()
    max: Annotated[int | None, Field(ge=0)] = None
    min: Annotated[int | None, Field(ge=0)] = None
    years: Annotated[int, Field(ge=1, le=10)] = 1
    modes: tuple[Mode, ...] = (Mode.ONSITE,)
    kinds: tuple[Kind, ...] = tuple(Kind)
    not_counted_triggers: tuple[Trigger, ...] = ()
    joint: JointCounting = JointCounting.PER_DEPARTMENT
    exempt_triggers: tuple[Trigger, ...] = ()

    @property
    def label(self) -> str:
        """Name and version as decisions quote them: `TJ-WJ-2026-003@4`."""
        return f"{self.id}@{self.version}"


class ClassShare(Message):
    """What a class suggests: how many of its objects to draw, and how often at most (art. 3).

    `times` None: as often as the caps allow; else within `years` calendar years.
    """

    class_: Annotated[str, Field(alias="class", min_length=1)]
    percent: Annotated[int, Field(ge=0, le=100)]
    times: Annotated[int | None, Field(ge=0)] = None
    years: Annotated[int, Field(ge=1, le=10)] = 1


class Scheme(Message):
    """One scheme of classes: which there are, and what each suggests for draws (art. 3)."""

    id: Id
    source: Text
    class_: Annotated[tuple[ClassShare, ...], Field(alias="class", min_length=1)]

    @property
    def shares(self) -> dict[str, ClassShare]:
        """What each class suggests, by its name."""
        return {share.class_: share for share in self.class_}


class Competent(Message):
    """Which line of business is competent for industries (行业主管部门): it leads there (art. 1).

    `industry` entries are GB/T 4754 prefixes; `system` is that of the register of departments.
    """

    industry: Annotated[tuple[Id, ...], Field(min_length=1)]
    system: Id


class JointItem(Message):
    """An entry of the city's list of joint inspections (全市部门联合抽查事项清单, art. 1).

    `initiator` is the line of business that initiates it (发起部门).
    """

    id: Id
    title: Text
    initiator: Id
    items: Annotated[tuple[Id, ...], Field(min_length=1)]


class PolicyNumbers(Message):
    """The `[policy]` table: thresholds of prompts, exempt triggers, days."""

    version: Id
    repeat_from: Positive = 2
    same_item: bool = True
    unreasonable_from: Positive = 6
    windows: tuple[Window, ...] = ()
    exempt_triggers: tuple[Trigger, ...] = ()
    joint_member: JointMember = JointMember.REFUSE
    urgent_approval_days: Annotated[int, Field(ge=0)] = 5
    backfill_max_days: Annotated[int, Field(ge=0)] = 10
    code_valid_days: Annotated[int, Field(ge=0)] = 7
    # Left out where it is not given: documents published before it was known keep their hash.
    rating_days: Annotated[int | None, Field(ge=0, exclude_if=lambda days: days is None)] = None
    draw_days: Annotated[int | None, Field(ge=1, le=40, exclude_if=lambda days: days is None)] = (
        None
    )
    late_draws: Annotated[LateDraws | None, Field(exclude_if=lambda word: word is None)] = None
    special_tasks: Annotated[SpecialTasks | None, Field(exclude_if=lambda word: word is None)] = (
        None
    )
    survey_found: Annotated[SurveyFound | None, Field(exclude_if=lambda word: word is None)] = None


class PolicyDocument(Inbound):
    """`policy.published`, and the policy file.

    Immutable once published: its version carries its hash.
    """

    policy: PolicyNumbers
    cap: tuple[Cap, ...] = ()
    # Left out where there is none: documents published before it was known keep their hash.
    scheme: Annotated[tuple[Scheme, ...], Field(exclude_if=lambda schemes: not schemes)] = ()

    competent: Annotated[tuple[Competent, ...], Field(exclude_if=lambda rows: not rows)] = ()
    joint_item: Annotated[tuple[JointItem, ...], Field(exclude_if=lambda rows: not rows)] = ()

    @model_validator(mode="after")
    def _distinct(self) -> PolicyDocument:
        labels = [cap.label for cap in self.cap]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            msg = f"cap rules given twice: {', '.join(twice)}"
            raise ValueError(msg)
        names = [f"{one.id} {share.class_}" for one in self.scheme for share in one.class_]
        ids = [one.id for one in self.scheme]
        twice = sorted({name for name in (*ids, *names) if (*ids, *names).count(name) > 1})
        if twice:
            msg = f"schemes or classes given twice: {', '.join(twice)}"
            raise ValueError(msg)
        return self

    @property
    def full_version(self) -> str:
        """Version with the content's hash: `2026-03+1a2b3c4d`."""
        return f"{self.policy.version}+{self.digest()[:8]}"

    def digest(self) -> str:
        """SHA-256 of the canonical JSON form, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def canonical(self) -> bytes:
        """The document as JSON bytes with sorted keys; equal documents give equal bytes."""
        plain: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
