"""What must the fold remember of one enterprise?

The state is a function of the recorded facts alone. Its bytes lie in the view and in backups, so
fields are only ever appended, each with a default. Values are never changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import product

import msgspec

from schemas.enums import CodeState, Decision
from streams.rules.joint.state import JointState, QuarterState
from streams.rules.letters import CODE_STATE, CODE_STATE_OF, DECISION, UNDECIDED
from streams.rules.publicity.state import NOTHING_PUBLIC, PublicState
from streams.rules.special.state import SpecialState, SurveyState

UNRATED = "UNRATED"
"""The class of an enterprise that has none in a scheme."""


class TaskState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is remembered of one task. Days are proleptic ordinals, 0 for none; letters: `letters`.

    Attributes:
        dept: Whose task it is; empty while only a cancellation is known.
        digest: Of the content, 16 bytes; empty until the task itself was decided.
        decision: Letter of the first decision; `UNDECIDED` until then.
        state: Letter of the code state.
        nature: Mode, kind, trigger and evidence in four letters; a visit that was never
            announced passes for a daily on-site one by plan.
        items: The items announced, then those that only the result names.
        day: The planned day, later the actual one.
        joint_id: The joint task it belongs to.
        code: The inspection code, kept after it is void.
        valid_until: The code's last day.
        result_id: The result on record.
        offset: Of the journal record that first named the task.
        overturned: Letter of CANCELLED or EXPIRED when the visit took place all the same.
        overturned_at: Offset of the entry or result that showed it.
        result_at: Offset of the result on record; -1 for none, or one of an earlier release.
        along: It is its department's part of the joint visit.
        special_id: The special inspection under which it stands.
        certified_until: First last day of its officers' certificates; 0 if none has one.
        officers: Their numbers; none of a task decided before version 7 of the rules.
        approval: Empty while that of an urgent inspection is awaited; the digest, 16 bytes, of the
            content with which it came; None: nothing is awaited, or the task was decided before
            version 8 of the rules.
    """

    dept: str = ""
    digest: bytes = b""
    decision: str = UNDECIDED
    state: str = CODE_STATE[CodeState.NONE]
    nature: str = "ODP-"
    items: tuple[str, ...] = ()
    day: int = 0
    joint_id: str | None = None
    code: str | None = None
    valid_until: int = 0
    result_id: str | None = None
    offset: int = 0
    overturned: str = ""
    overturned_at: int = -1
    result_at: int = -1
    along: bool = False
    special_id: str | None = None
    certified_until: int = 0
    officers: tuple[str, ...] = ()
    approval: bytes | None = None


class ClassState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The enterprise's class in one scheme, and the day it is of, as an ordinal (art. 3)."""

    class_: str
    as_of: int


class WhitelistState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last word on the enterprise's place on the whitelist; `until` 0: with no end (art. 3)."""

    listed: bool
    from_: int
    until: int = 0
    said_at_ms: int = 0


class RatingState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How the enterprise rated a visit, and when, in Unix milliseconds (art. 9)."""

    stars: int
    comment: str
    at: int


class SubjectState(msgspec.Struct, frozen=True, array_like=True):
    """All that is remembered of one enterprise. Tasks stand in the order of their first records.

    `public` None: no result of it was ever disclosed, no stop or repair ever asked for. `ratings`
    are by task id, `draws` by the quarter for which they were made. `special`: of a log that is no
    enterprise's, but a special inspection's; `survey`: of one that is a survey's.
    """

    tasks: Mapping[str, TaskState] = {}
    classes: Mapping[str, ClassState] = {}
    whitelist: WhitelistState | None = None
    joints: Mapping[str, JointState] = {}
    public: PublicState | None = None
    ratings: Mapping[str, RatingState] = {}
    draws: Mapping[str, QuarterState] = {}
    special: SpecialState | None = None
    survey: SurveyState | None = None


EMPTY = SubjectState()

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SubjectState).decode


def encode_state(state: SubjectState) -> bytes:
    """The bytes that stand for a state in the view."""
    return _encode(state)


def decode_state(value: bytes) -> SubjectState:
    """The state that these bytes stand for, also those of an earlier release.

    Raises:
        msgspec.DecodeError: If they are not a state's.
    """
    return _decode(value)


_INSPECTED_STATES = frozenset(
    {CodeState.SCANNED, CodeState.SCAN_REFUSED, CodeState.LICENCE_FAILED, CodeState.COMPLETED}
)
_OPEN_STATES = frozenset({CodeState.ISSUED, CodeState.SHOWN})
_RECORDED = frozenset({Decision.RECORDED_OFFSITE, Decision.RECORDED_BACKFILL})


def _holds(decision: Decision | None, state: CodeState) -> bool:
    """Whether a task decided and standing like this is a visit made or reserved."""
    if state in _INSPECTED_STATES:
        return True
    if decision is Decision.ISSUED:
        return state in _OPEN_STATES
    return decision in _RECORDED and state is not CodeState.CANCELLED


INSPECTED = frozenset(CODE_STATE[state] for state in _INSPECTED_STATES)
"""Letters of the states in which an entry or a result is on record."""
OPEN = frozenset(CODE_STATE[state] for state in _OPEN_STATES)
"""Letters of the states in which a code may still be shown."""
LIVE = frozenset(
    (UNDECIDED if decision is None else DECISION[decision]) + CODE_STATE[state]
    for decision, state in product((*Decision, None), CodeState)
    if _holds(decision, state)
)
"""Decision letter + state letter of the tasks that count."""


def is_live(task: TaskState) -> bool:
    """Whether the task is a visit made or reserved, so that rules may count it.

    Source: art. 10 (what is counted); a code is a reservation, released by cancellation or expiry.
    """
    return task.decision + task.state in LIVE


def was_inspected(task: TaskState) -> bool:
    """Whether an entry or a result is on record for the task."""
    return task.state in INSPECTED


def public_of(state: SubjectState) -> PublicState:
    """What is remembered of an enterprise's disclosed results and repairs."""
    return state.public or NOTHING_PUBLIC


def code_state_of(task: TaskState | None) -> CodeState:
    """Where a task's code stands; NONE for a task nobody knows."""
    return CodeState.NONE if task is None else CODE_STATE_OF[task.state]


@lru_cache(maxsize=64)
def year_span(first_year: int, last_year: int) -> tuple[int, int]:
    """First and last day of these calendar years, as ordinals."""
    return date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal()
