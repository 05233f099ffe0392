"""Which words are there about special inspections (art. 4-6)?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any

from schemas.base import ID_LENGTH_MAX

SPECIAL_PREFIX = "special:"
"""Before a special inspection's id: the key of its log."""
SURVEY_PREFIX = "survey:"
"""Before a survey's task id: the key of its log, and what stands for its credit code."""


class SpecialStep(StrEnum):
    """What happens to a special inspection."""

    FILED = "FILED"
    AGREED = "AGREED"
    PUBLISHED = "PUBLISHED"
    DISPATCHED = "DISPATCHED"
    CLAIMED = "CLAIMED"
    REFUSED = "REFUSED"
    OVERDUE = "OVERDUE"
    CLOSED = "CLOSED"


class SpecialStatus(StrEnum):
    """Where a special inspection stands.

    PROPOSED: filed with approval, but a department of the joint plan has not agreed yet.
    """

    PROPOSED = "PROPOSED"
    FILED = "FILED"
    CLOSED = "CLOSED"


class ClaimStatus(StrEnum):
    """Where one department stands with a special inspection that was given to it (art. 5)."""

    WAITING = "WAITING"
    OVERDUE = "OVERDUE"
    CLAIMED = "CLAIMED"
    REFUSED = "REFUSED"


class Platform(StrEnum):
    """With whose platform a department carries out a special inspection (art. 5).

    With its own it must push its results; with a State Council department's it need not.
    """

    CITY = "CITY"
    OWN = "OWN"
    STATE_COUNCIL = "STATE_COUNCIL"


class ObjectStage(StrEnum):
    """What an enterprise's own log tells that of the special inspection."""

    TASK = "TASK"
    RESULT = "RESULT"
    CANCELLED = "CANCELLED"
    DRAWN = "DRAWN"


class SpecialStanding(StrEnum):
    """May a department submit tasks under a special inspection? Only VALID may (art. 4, 5)."""

    VALID = "VALID"
    UNKNOWN = "UNKNOWN"
    NOT_AGREED = "NOT_AGREED"
    CLOSED = "CLOSED"
    NOT_A_PARTY = "NOT_A_PARTY"
    NOT_CLAIMED = "NOT_CLAIMED"
    REFUSED = "REFUSED"


class SurveyStep(StrEnum):
    """What happens to a survey once it has its code (art. 6)."""

    FOUND = "FOUND"
    CLOSED = "CLOSED"


class SpecialTasks(StrEnum):
    """What the policy has done with a task under a special inspection that does not stand."""

    RECORD = "record"
    REFUSE = "refuse"


class SurveyFound(StrEnum):
    """Whether the policy counts visits to objects that a survey came upon."""

    COUNT = "count"
    SKIP = "skip"


def task_for_object(special_id: str, dept: str, uscc: str, made: int) -> str:
    """The id of a department's task for an object of a special inspection's list (art. 5, 6).

    It follows from what the task is for, so that asking twice makes nothing twice.

    Args:
        special_id: The special inspection.
        dept: Whose task it is.
        uscc: The object.
        made: How many tasks the department had for it before.
    """
    name = ":".join((special_id, dept, uscc, *((str(made + 1),) if made else ())))
    return name if len(name) <= ID_LENGTH_MAX else f"ZX:{sha256(name.encode()).hexdigest()}"


def log_named(event_type: str, data: Mapping[str, Any]) -> str | None:
    """Key of the log that an event names and that is no enterprise's; None if it names none."""
    for prefix, family, field in (
        (SPECIAL_PREFIX, "special.", "special_id"),
        (SURVEY_PREFIX, "survey.", "survey_task_id"),
    ):
        named = data.get(field)
        if event_type.startswith(family) and isinstance(named, str) and named:
            return prefix + named
    uscc = data.get("uscc")
    return uscc if isinstance(uscc, str) and uscc.startswith(SURVEY_PREFIX) else None
