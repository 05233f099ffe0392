"""Which receipts of a site are taken in? Each as it will stand on the site's receipt topic."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
from pydantic import ValidationError

from connectors.departments.gateway.problems import Problem, Why, problem_of
from connectors.departments.gateway.pull.answers import RECEIPTS_MAX, ToldReceipt
from connectors.departments.gateway.pull.log import FEED_PARTITION
from schemas.border import check_depth
from schemas.codec import JSON, encode_json
from schemas.desk import Admitted, Declined, Posted
from schemas.envelope import Envelope, write_headers
from schemas.feed import DISCLOSURE_RECEIPT, Receipt, Stage, delivery_key
from schemas.malformed import Malformed, from_validation
from schemas.reasons import Refusal
from schemas.topics import receipt_topic

BODY_BYTES_MAX = 1 << 20


class _Told(msgspec.Struct):
    receipts: list[msgspec.Raw]


_read = msgspec.json.Decoder(_Told).decode


def split_receipts(body: bytes) -> list[bytes]:
    """The receipts of a request, each still unread.

    Raises:
        Malformed: it is no object with a list of them.
        Problem: there are too many.
    """
    check_depth(body)
    try:
        told = [bytes(one) for one in _read(body).receipts]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as cause:
        found = f'{{"receipts": […]}} expected: {str(cause)[:80]}'
        raise Malformed(Refusal.UNDECODABLE, "", found) from None
    if not told:
        raise Malformed(Refusal.EMPTY, "receipts", "a list without receipts was found")
    if len(told) > RECEIPTS_MAX:
        found = f"{len(told)} receipts found, at most {RECEIPTS_MAX} allowed"
        raise Problem(Refusal.TOO_LARGE, found, field="receipts")
    return told


def admit_receipt(site: str, value: bytes, at_ms: int, time: str) -> tuple[Posted, Admitted]:
    """One receipt, as the site's own record of its topic would be.

    Args:
        site: Who says so.
        value: What it says.
        at_ms: Now, Unix milliseconds.
        time: The same in RFC 3339.

    Raises:
        Problem: it is no receipt, or it speaks for another site or another delivery.
    """
    try:
        told = ToldReceipt.model_validate_json(value)
    except ValidationError as error:
        fault = from_validation(error)
        raise problem_of(Declined(fault.reason, fault.field, fault.message)) from None
    key = delivery_key(site, told.uscc, told.result_id, told.version)
    if told.site not in (None, site):
        raise Problem(Refusal.FOREIGN_SOURCE, "a receipt of another site", field="site")
    if told.key not in (None, key):
        raise Problem(Why.PARAMETER, "not the key of this delivery to this site", field="key")
    known: dict[str, Any] = {name: getattr(told, name) for name in _COPIED}
    receipt = Receipt(site=site, by="SITE", stage=Stage(told.stage), key=key, **known)
    written, event_id = encode_json(receipt), told.site_receipt_id
    envelope = Envelope(f"{site}:{event_id}", site, DISCLOSURE_RECEIPT, time)
    headers = write_headers(envelope, JSON)
    posted = Posted(
        receipt_topic(site), at_ms, written, headers, to_partition=FEED_PARTITION,
    )  # fmt: skip
    return posted, Admitted(
        event_id=event_id, type=DISCLOSURE_RECEIPT, dept=f"site:{site}", key=told.result_id,
        digest=sha256(written).hexdigest(), task_id=None, task_digest="", accepted=None,
    )  # fmt: skip


_COPIED = (
    "uscc", "result_id", "version", "state", "body_sha256", "site_receipt_id", "status", "errors",
    "at",
)  # fmt: skip
