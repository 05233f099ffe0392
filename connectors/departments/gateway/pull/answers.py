"""What is said between the gateway and a site that pulls? One model each, for both directions."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from connectors.departments.gateway.answers import Answer, Problem
from schemas.base import Id, Message, Text
from schemas.feed import Digest, Disclosure, DisclosureState

INSTANT_MAX = 1 << 53
RECEIPTS_MAX = 500
RESULTS_MAX = 1000

Hash = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Version = Annotated[int, Field(ge=1, le=INSTANT_MAX)]


class FeedKind(StrEnum):
    """What a record of a feed is."""

    DISCLOSURE = "disclosure"
    DIGEST = "disclosure.digest"
    FORGOTTEN = "forgotten"
    UNREADABLE = "unreadable"


class FeedRecord(Answer):
    """One record of a feed.

    `forgotten`: all is proven and the retention is over; nothing to do. `unreadable`: a fault of
    the hub, whose operators were told; nothing to do either.
    """

    kind: FeedKind
    key: Annotated[str, Field(description="The result, or `digest:0`.")]
    delivery_key: Annotated[str | None, Field(description="`key` of a receipt about it.")] = None
    body_sha256: Annotated[str | None, Field(description="`body_sha256` of a receipt.")] = None
    data: Annotated[
        Disclosure | Digest | None,
        Field(description="What must be shown now; the highest version of a result wins."),
    ] = None


class FeedPage(Answer):
    """A stretch of a feed. Keep the cursor where you keep what you made of the records."""

    site: str
    records: list[FeedRecord]
    cursor: Annotated[str, Field(description="`after` of the next request.")]
    more: Annotated[bool, Field(description="Whether there is more to be read already.")]


class ToldReceipt(Message):
    """A business receipt of a site (docs/delivery.md). Unknown members are ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    uscc: Id
    result_id: Id
    version: Version
    state: DisclosureState
    stage: Literal["ACCEPTED", "PROCESSED", "REJECTED"]
    body_sha256: Hash
    site_receipt_id: Annotated[Id, Field(description="Yours; a repeat is known by it.")]
    status: Annotated[Text, Field(max_length=500)] = ""
    errors: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    at: Annotated[int, Field(ge=0, le=INSTANT_MAX, description="Unix milliseconds.")]
    site: str | None = None
    by: Literal["SITE"] | None = None
    key: str | None = None


class ReceiptOutcome(Answer):
    """What became of one receipt: stored durably, stored before, or a problem."""

    status: int
    site_receipt_id: str | None = None
    duplicate: bool | None = None
    problem: Problem | None = None


class ReceiptOutcomes(Answer):
    """One outcome a receipt, in their order."""

    outcomes: list[ReceiptOutcome]


class FeedDigest(Answer):
    """What the site must disclose, in short. Both hashes are made as `docs/delivery.md` says."""

    site: str
    count: int
    sha256: Annotated[str, Field(description="Names results by their ids alone.")]
    keyed_sha256: Annotated[str, Field(description="Names them by credit code and id.")]
    cursor: Annotated[str, Field(description="Of the moment: compare what you had at it.")]


class Shown(Message):
    """A result that a site discloses."""

    result_id: Id
    version: Version
    uscc: Annotated[
        Id | None,
        Field(description="Whose. Left out: of any enterprise that has a result of this id."),
    ] = None


class OwnList(Message):
    """What a site discloses in a stretch of result ids."""

    after: Annotated[str, Field(description="The cursor of what you have taken in.")]
    first: Annotated[str, Field(max_length=128, description="From this id on.")] = ""
    before: Annotated[str, Field(max_length=128, description="Before this id.")] = ""
    results: Annotated[tuple[Shown, ...], Field(max_length=RESULTS_MAX)]


class Fault(StrEnum):
    """How a site differs from its feed."""

    MISSING = "MISSING"
    OTHER_VERSION = "OTHER_VERSION"
    MUST_NOT_BE_SHOWN = "MUST_NOT_BE_SHOWN"


class Difference(Answer):
    """One result on which a site and its feed do not agree."""

    result_id: str
    uscc: Annotated[str | None, Field(description="Whose; null: the site did not say.")]
    fault: Fault
    version: Annotated[int | None, Field(description="Of the feed; null: not disclosed.")]
    found: Annotated[int | None, Field(description="Of the site; null: not disclosed.")]


class Compared(Answer):
    """What differs. Only if `level`: else read on and ask again, for it may be on its way."""

    level: bool
    cursor: str
    differences: list[Difference]
    more: Annotated[bool, Field(description="There are more; put these right and ask again.")]
