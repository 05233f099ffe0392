"""What is shown of a result, and on which grounds is it stopped?

Source: semantics §9; art. 5, 9, 11, 13.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.audit.days import day_of_ms, deadline

Fact = dict[str, Any]

AFTER = "_after"
"""Under this name a fact of the auditor carries what it leaves behind; it is never written."""

DISCLOSED, STOPPED, WITHDRAWN = "DISCLOSED", "STOPPED", "WITHDRAWN"
REPAIR_APPROVED, RESULT_WITHDRAWN = "REPAIR_APPROVED", "RESULT_WITHDRAWN"
MASK = "BANKRUPTCY_TEMP_MASK"
REASONS = (
    *(RESULT_WITHDRAWN, "ENTITY_ERROR", REPAIR_APPROVED, "OBJECTION_UPHELD"),
    *("CASCADE", "EXPIRED", MASK),
)
"""Why a result is stopped, the leading one first."""
BOTH = "PUBLIC_AND_SHARING"
_WITHDRAWING = frozenset(REASONS[:2])
_STOP_DAYS = {"CASCADE": 0, "OBJECTION_UPHELD": 5}
_STOP_DAYS_DEFAULT = 3
_LEADING = ("scope", "decision_no", "said_at", "due_on", "provisional")


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a result is stopped. `dept` set it; `said_at` is Unix milliseconds."""

    name: str
    dept: str
    reason: str
    scope: str
    decision_no: str | None
    said_at: int
    due_on: str
    provisional: bool

    def as_dict(self) -> dict[str, Any]:
        """The ground as facts hold it."""
        names = ("reason", *_LEADING)
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Result:
    """One result of one department, or the grounds that wait for it.

    Attributes:
        content: None until the result came.
        publish: what its department said last.
        is_public: a disclosure of it was recorded, be it one that is stopped.
        version: 0 while it was never on a feed.
        corrected_ms: the instant of its last correction.
    """

    result_id: str
    dept: str = ""
    content: Mapping[str, Any] | None = None
    publish: bool = False
    is_public: bool = False
    version: int = 0
    grounds: tuple[Ground, ...] = ()
    corrected_ms: int | None = None

    @property
    def state(self) -> str:
        """What the grounds alone say."""
        if not self.grounds:
            return DISCLOSED
        stopped = all(ground.reason not in _WITHDRAWING for ground in self.grounds)
        return STOPPED if stopped else WITHDRAWN

    @property
    def leading(self) -> Ground | None:
        """The ground that is named to the sites."""
        order = {reason: number for number, reason in enumerate(REASONS)}
        return min(self.grounds, key=lambda g: (order[g.reason], g.name), default=None)

    def ground(self, name: str) -> Ground | None:
        """The ground of this name."""
        return next((ground for ground in self.grounds if ground.name == name), None)


def make_ground(
    name: str, dept: str, reason: str, scope: str, said: tuple[str | None, int]
) -> Ground:
    """A ground with its due day. `said`: number of the decision, and when it was made.

    Source: art. 13 (three working days from the approval, whenever it arrives).
    """
    decision_no, said_at = said
    due, provisional = deadline(day_of_ms(said_at), _STOP_DAYS.get(reason, _STOP_DAYS_DEFAULT))
    return Ground(
        name, dept, reason, scope, decision_no, said_at, due.isoformat(), provisional
    )  # fmt: skip


def disclosure(result: Result, cause: str) -> Fact:
    """The fact that follows from a change of a result's content or grounds.

    A result that was never on a feed stays at version 0 until it is disclosed.
    """
    rises = result.version > 0 or result.state == DISCLOSED
    after = replace(result, version=result.version + rises, is_public=True)
    leading = after.leading
    return {
        "fact": "DISCLOSURE",
        "result_id": after.result_id,
        "version": after.version,
        "state": after.state,
        "cause": cause,
        "content": after.content,
        "stop_reason": leading.reason if leading else None,
        **{name: getattr(leading, name) if leading else None for name in _LEADING},
        AFTER: after,
    }


def kept(result: Result, dept: str, ground: Ground | None) -> Fact:
    """The fact that a ground waits for a result that is not known, or waits no longer."""
    return {
        "fact": "STOP_KEPT",
        "result_id": result.result_id,
        "dept": dept,
        "ground": ground.as_dict() if ground else None,
        AFTER: result,
    }


def without(grounds: Iterable[Ground], name: str) -> tuple[Ground, ...]:
    """The grounds but those of this name."""
    return tuple(ground for ground in grounds if ground.name != name)


def read_disclosure(known: Result | None, fact: Mapping[str, Any]) -> Result:
    """What a recorded fact alone leaves behind: only its leading ground is known."""
    content = fact["content"]
    grounds: tuple[Ground, ...] = ()
    if fact["state"] != DISCLOSED:
        named: dict[str, Any] = {name: fact.get(name) for name in _LEADING}
        reason = fact["stop_reason"]
        grounds = (Ground(f"order:{reason}", content["dept"], reason, **named),)
    return Result(
        fact["result_id"],
        content["dept"],
        content,
        publish=True,
        is_public=True,
        version=fact["version"],
        grounds=grounds,
        corrected_ms=known.corrected_ms if known else None,
    )
