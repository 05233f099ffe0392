"""What must the fold remember of a special inspection (art. 4-6)?

It has a log of its own, keyed `special:<special_id>`, and thereby a state of its own beside those
of enterprises. Fields are only ever appended, each with a default; instants are Unix milliseconds,
days proleptic ordinals, 0 for none. An instant may be 0 (1970-01-01T00:00Z): whether something ever
happened is a field of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schemas.enums import Decision
from schemas.special_words import ClaimStatus, Platform, SpecialStatus


class PartyState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One department that was given the special inspection, or took it on.

    `by` is who dispatched it; empty for a department of the plan itself.
    """

    status: ClaimStatus
    due: int = 0
    by: str = ""
    platform: Platform | None = None


class ObjectState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What became of one task for one object. Empty `result_id`: no result is on record."""

    dept: str
    decision: Decision | None = None
    result_id: str = ""
    cancelled: bool = False


class SpecialState(msgspec.Struct, frozen=True, array_like=True):
    """A filed special inspection.

    Attributes:
        dept: Who filed it.
        digest: Of its content, 16 bytes.
        departments: The others that plan it together.
        agreed: Those of them that agreed, in order.
        dispatched: Sender and instant of each dispatch: a late copy changes nothing.
        parties: By department, in the order in which they came in.
        refusals: Department and instant of each: a late copy does not refuse another dispatch.
        published_at: When it was made public; says so only beside `was_published`.
        objects: By `credit code US task id`, in the order in which they were reported.
    """

    dept: str
    status: SpecialStatus
    digest: bytes
    departments: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    confidential: bool = False
    survey: bool = False
    ends: int = 0
    agreed: tuple[str, ...] = ()
    published_at: int = 0
    dispatched: tuple[tuple[str, int], ...] = ()
    parties: Mapping[str, PartyState] = {}
    objects: Mapping[str, ObjectState] = {}
    refusals: tuple[tuple[str, int], ...] = ()
    was_published: bool = False

    @property
    def is_published(self) -> bool:
        """Whether it was made public; states of before version 8 of the rules know only when."""
        return self.was_published or self.published_at != 0


class SurveyState(msgspec.Struct, frozen=True, array_like=True):
    """What a survey came upon: the result on record by credit code.

    `closed_at` says when it ended, and that it did only beside `was_closed`.
    """

    found: Mapping[str, str] = {}
    closed_at: int = 0
    was_closed: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether it is over; states of before version 8 of the rules know only when."""
        return self.was_closed or self.closed_at != 0
