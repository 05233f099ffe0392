"""What did operators do? To a site, or to a dead letter: on record before it is done."""

from __future__ import annotations

import re
from enum import StrEnum

from schemas.base import Message

_NAME = re.compile(r"[\w.@-]{1,64}")


class Action(StrEnum):
    """What an operator may do."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    REQUEUE = "REQUEUE"
    RECONCILE = "RECONCILE"
    PROBE = "PROBE"
    REPLAY = "REPLAY"


class OperatorRole(StrEnum):
    """What somebody may do on the dashboard; each may do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"

    def includes(self, other: OperatorRole) -> bool:
        """Whether this role may do all that the other may."""
        roles = list(OperatorRole)
        return roles.index(self) >= roles.index(other)


class OperatorAction(Message):
    """Something an operator did.

    Attributes:
        site: whose system; empty for dead letters.
        about: results it was done to, `credit code result id`, or causes of dead letters with how
            many of each; none: the whole site.
        at: Unix milliseconds.
    """

    site: str
    action: Action
    reason: str
    by: str
    at: int
    about: tuple[str, ...] = ()


class MarkState(StrEnum):
    """How far the replay of one dead letter is."""

    PLANNED = "PLANNED"
    SENT = "SENT"


class ReplayMark(Message):
    """What is remembered of one dead letter: where it was, or was to be, sent again, and why.

    `from_offset` is the end of the target partition when the mark was written.
    """

    letter: str
    state: MarkState
    topic: str
    partition: int
    from_offset: int
    why: str


def operator_fault(name: str) -> str | None:
    """What is wrong with an operator's name; None: it may stand on record."""
    if _NAME.fullmatch(name):
        return None
    return "has other signs than letters, digits, `.`, `-`, `_` and `@`, or more than 64"
