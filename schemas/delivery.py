"""What passes between deliver and a publicity system's connector? Values; no exception crosses.

Contract: docs/delivery.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from schemas.feed import DisclosureState


@dataclass(frozen=True, slots=True)
class Delivery:
    """One version of one result, to be brought to a system.

    `value` is the feed record's value, byte for byte the same on every attempt.
    """

    key: str
    uscc: str
    result_id: str
    version: int
    state: DisclosureState
    value: bytes
    body_sha256: str
    attempt: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The system has it; whether it acts on it, a business receipt will say."""

    status: str
    site_receipt_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The system refuses the content: sending it again unchanged is of no use.

    Not `asked`: its connector knows that it would, and has not sent it. This says nothing of how
    the system is.
    """

    status: str
    errors: tuple[str, ...]
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No usable answer: nothing is known about whether it arrived."""

    reason: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """At which version a system holds a result, asked by business id."""

    version: int
    state: DisclosureState
    site_receipt_id: str | None = None


@dataclass(frozen=True, slots=True)
class SiteReceipt:
    """A business receipt: the system has processed a delivery, or refuses its content."""

    key: str
    uscc: str
    result_id: str
    version: int
    ok: bool
    errors: tuple[str, ...]
    site_receipt_id: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What the system's public page shows of a result."""

    shown: bool
    version: int | None = None
