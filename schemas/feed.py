"""What travels between the hub and a publicity system: disclosures out, receipts back.

Contract: docs/delivery.md. Source: art. 13.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from schemas.base import Message
from schemas.decision import SourceRef

DISCLOSURE = "disclosure"
DISCLOSURE_DIGEST = "disclosure.digest"
DISCLOSURE_RECEIPT = "disclosure.receipt"
DIGEST_KEY_PREFIX = "digest:"

FORM_FAULT = "hub_form_fault"
"""The only column of a record whose columns could not be made; its text says why."""

Scalar = str | int | float | bool | None


class DisclosureState(StrEnum):
    """What a system must show of a result. Anything but DISCLOSED: nothing."""

    DISCLOSED = "DISCLOSED"
    STOPPED = "STOPPED"
    WITHDRAWN = "WITHDRAWN"


class StopReason(StrEnum):
    """Why a result is no longer disclosed, the leading one first (art. 13)."""

    RESULT_WITHDRAWN = "RESULT_WITHDRAWN"
    ENTITY_ERROR = "ENTITY_ERROR"
    REPAIR_APPROVED = "REPAIR_APPROVED"
    OBJECTION_UPHELD = "OBJECTION_UPHELD"
    CASCADE = "CASCADE"
    EXPIRED = "EXPIRED"
    BANKRUPTCY_TEMP_MASK = "BANKRUPTCY_TEMP_MASK"


class StopScope(StrEnum):
    """Only the public pages, or sharing with other systems too. A repair needs both."""

    PUBLIC_ONLY = "PUBLIC_ONLY"
    PUBLIC_AND_SHARING = "PUBLIC_AND_SHARING"


class Cause(StrEnum):
    """What made a disclosure change."""

    RESULT = "RESULT"
    CORRECTED = "CORRECTED"
    ORDERED = "ORDERED"
    RESUMED = "RESUMED"
    REPAIRED = "REPAIRED"
    REVOKED = "REVOKED"


class Stage(StrEnum):
    """How far a delivery got: the technical answer, the business receipt, the read-back."""

    ACCEPTED = "ACCEPTED"
    PROCESSED = "PROCESSED"
    OBSERVED = "OBSERVED"
    REJECTED = "REJECTED"


class Content(Message):
    """What is said of a result, whoever shows it. `outcomes` is sorted, each once.

    `entity_name` is the object list's name; empty if it has none.
    """

    task_id: str
    dept: str
    inspected_on: date
    outcomes: tuple[str, ...]
    found_problem: bool
    negative: bool
    entity_name: str = ""
    follow_up: str | None = None


class Notice(Message):
    """Everything a site's form may use for its columns: one version of one result's disclosure.

    Attributes:
        version: rises by one a change.
        said_at: when the stop was approved or ordered, Unix milliseconds; None while disclosed.
        due_on: last day on which the stop must be carried out everywhere.
    """

    uscc: str
    result_id: str
    version: int
    state: DisclosureState
    cause: Cause
    content: Content
    stop_reason: StopReason | None = None
    scope: StopScope | None = None
    decision_no: str | None = None
    said_at: int | None = None
    due_on: date | None = None
    provisional: bool = False


class Disclosure(Message):
    """A feed record. Its bytes are made once, when the decision is made.

    Attributes:
        approved_at: when the stop was approved or ordered, RFC 3339 in Asia/Shanghai.
        due_at: end of the due day, RFC 3339 in Asia/Shanghai.
        body: the site's own columns.
        source: the journal record that was decided.
    """

    site: str
    result_id: str
    uscc: str
    dept: str
    version: int
    state: DisclosureState
    cause: Cause
    stop_reason: StopReason | None = None
    scope: StopScope | None = None
    decision_no: str | None = None
    approved_at: str | None = None
    due_at: str | None = None
    provisional: bool = False
    entity_name: str = ""
    body: dict[str, Scalar]
    source: SourceRef


class Digest(Message):
    """What is disclosed on a feed by now, so that a site can compare.

    Both hashes are over lines, each ended by a line feed, in the same order: by result_id, then by
    version as text, then by credit code (decision 0008). Compare by the newest that is there.

    Attributes:
        sha256: the lines are `result_id version`. It takes two enterprises' results of one id for
            each other; kept for who compared before `keyed_sha256` was there.
        keyed_sha256: the lines are `credit_code|result_id version`, as records are keyed. None in
            digests of before.
        as_of: the feed offset after the last record taken into account.
    """

    site: str
    count: int
    sha256: str
    as_of: int
    keyed_sha256: str | None = None


class Receipt(Message):
    """A receipt record: what a system answered, or what was seen there.

    Attributes:
        by: who wrote the record: the hub (chained), or the system itself.
        key: the idempotency key of the delivery, `delivery_key`.
        body_sha256: of the feed record's value.
        attempt: number of the attempt that was answered; 0 if none was needed.
        status: the answer's status in the system's own words, `202`, `imported`.
        at: Unix milliseconds.
        seq, prev, hash: the chain; only in the hub's own records.
    """

    site: str
    uscc: str
    result_id: str
    version: int
    state: DisclosureState
    stage: Stage
    by: Literal["HUB", "SITE"]
    key: str
    body_sha256: str
    attempt: int = 0
    status: str = ""
    site_receipt_id: str | None = None
    errors: tuple[str, ...] = ()
    at: int
    seq: int | None = None
    prev: str = ""
    hash: str = ""

    def computed_hash(self) -> str:
        """SHA-256 of the canonical JSON of everything but `hash`, in hex."""
        return hashlib.sha256(_canonical(self)).hexdigest()


def _canonical(model: BaseModel) -> bytes:
    plain = model.model_dump(mode="json", exclude={"hash"})
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def feed_key(uscc: str, result_id: str) -> str:
    """The key of a result's records on a feed.

    Two enterprises may have results of the same id; compaction must keep the newest of each. Ids
    hold no bar, so no two results share a key (decision 0008).

    >>> feed_key("91120116MA05ABCD0C", "R-1")
    '91120116MA05ABCD0C|R-1'
    """
    return f"{uscc}|{result_id}"


def delivery_key(site: str, uscc: str, result_id: str, version: int) -> str:
    """The idempotency key of one version's delivery to a site: the same on every retry."""
    return hashlib.sha256(f"{site}|{uscc}|{result_id}|{version}".encode()).hexdigest()[:32]
