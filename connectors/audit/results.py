"""What is shown of a result, and on which grounds is it stopped?

Source: semantics §9, §11; art. 5, 9, 11, 13.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from connectors.audit.days import ByHand, day_of_ms, deadline

Fact = dict[str, Any]

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
KEPT_MAX = 200
"""Grounds of one enterprise that wait for results at the same time."""
_LEADING = ("reason", "scope", "decision_no", "said_at", "due_on", "provisional")


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


@dataclass(frozen=True, slots=True)
class Result:
    """The disclosure of one result of one department.

    Attributes:
        version: 0 while it was never on a feed.
        grounds: on which it is stopped, the leading one first.
        corrected_ms: the instant of its last correction.
    """

    result_id: str
    dept: str
    content: Mapping[str, Any]
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
        return self.grounds[0] if self.grounds else None

    def ground(self, name: str) -> Ground | None:
        """The ground of this name."""
        return next((ground for ground in self.grounds if ground.name == name), None)


def make_ground(
    name: str,
    dept: str,
    reason: str,
    scope: str,
    said: tuple[str | None, int],
    calendar: ByHand,
) -> Ground:
    """A ground with its due day. `said`: number of the decision, and when it was made.

    Source: art. 13 (three working days from the approval, whenever it arrives).
    """
    decision_no, said_at = said
    count = _STOP_DAYS.get(reason, _STOP_DAYS_DEFAULT)
    due, provisional = deadline(day_of_ms(said_at), count, said=calendar)
    return Ground(
        name, dept, reason, scope, decision_no, said_at, due.isoformat(), provisional
    )  # fmt: skip


def read_ground(written: Mapping[str, Any]) -> Ground:
    """A ground as a fact holds it.

    Raises:
        KeyError: It is incomplete.
    """
    return Ground(
        *(written["name"], written["dept"], written["reason"], written["scope"]),
        *(written.get("decision_no"), written["said_at"], written["due_on"]),
        bool(written.get("provisional")),
    )


def in_order(grounds: Iterable[Ground]) -> tuple[Ground, ...]:
    """Grounds, the leading one first."""
    return tuple(sorted(grounds, key=lambda ground: (REASONS.index(ground.reason), ground.name)))


def disclosure(
    after: Result, cause: str, changed: str | None = None, at_ms: int | None = None
) -> Fact:
    """The fact that follows from a change of a result's content or grounds.

    Args:
        after: The result with its new content and grounds, and its last version.
        cause: What changed it.
        changed: The name of the ground that was put or taken.
        at_ms: The instant of a correction or resumption.

    A result that was never on a feed stays at version 0 until it is disclosed.
    """
    grounds = in_order(after.grounds)
    rises = after.version > 0 or not grounds
    leading = asdict(grounds[0]) if grounds else {}
    return {
        "fact": "DISCLOSURE",
        "result_id": after.result_id,
        "version": after.version + rises,
        "state": after.state,
        "cause": cause,
        "content": after.content,
        **{name: leading.get(name) for name in _LEADING},
        "grounds": [asdict(ground) for ground in grounds],
        "changed": changed,
        "at": at_ms,
    }


def kept(result_id: str, ground: Ground) -> Fact:
    """The fact that a ground waits for a result that is not disclosed."""
    named = {"dept": ground.dept, "name": ground.name}
    return {
        "fact": "STOP_KEPT", "result_id": result_id, **named, "ground": asdict(ground), "at": None
    }  # fmt: skip


def no_longer_kept(result_id: str, ground: Ground, at_ms: int | None) -> Fact:
    """The fact that a ground waits no longer. `at_ms`: of an order to resume."""
    named = {"dept": ground.dept, "name": ground.name}
    return {"fact": "STOP_KEPT", "result_id": result_id, **named, "ground": None, "at": at_ms}


def without(grounds: Iterable[Ground], name: str) -> tuple[Ground, ...]:
    """The grounds but those of this name."""
    return tuple(ground for ground in grounds if ground.name != name)


def read_disclosure(known: Result | None, fact: Mapping[str, Any]) -> Result:
    """What a recorded fact leaves behind: it says all but the instant of an earlier correction."""
    corrected_ms = known.corrected_ms if known else None
    return Result(
        fact["result_id"],
        fact["content"]["dept"],
        fact["content"],
        version=fact["version"],
        grounds=tuple(map(read_ground, fact["grounds"])),
        corrected_ms=fact["at"] if fact["cause"] == "CORRECTED" else corrected_ms,
    )
