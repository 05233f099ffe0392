"""What did operators do? To a site, or to a dead letter: on record before it is done."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Message


class Action(StrEnum):
    """What an operator may do."""

    PAUSE = "PAUSE"
    RESUME = "RESUME"
    REQUEUE = "REQUEUE"
    RECONCILE = "RECONCILE"
    PROBE = "PROBE"


class OperatorAction(Message):
    """Something an operator did.

    Attributes:
        about: results it was done to, `credit code result id`; none: the whole site.
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
