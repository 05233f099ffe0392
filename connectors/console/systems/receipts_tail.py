"""What did a site answer of late? Its receipt topic, read backwards until it is old enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError

from connectors.console.context import Context
from connectors.console.traffic.logs import LogRecord, read, spans_of
from connectors.kafka_admin import KafkaAdmin, Position
from schemas.feed import Receipt, Stage
from schemas.topics import receipt_topic

HOUR_MS = 3_600_000
FIRST_WINDOW = 1000


class LastAnswers(NamedTuple):
    """When a site last answered, and when its public page was last read with success; 0: never."""

    answer_ms: int = 0
    read_back_ms: int = 0


def receipts_since(hub: Context, admin: KafkaAdmin, site: str, since_ms: int) -> list[Receipt]:
    """The receipts of a site that were written from a moment on, in order."""
    return [receipt for at_ms, receipt in _tail(hub, admin, site, since_ms) if at_ms >= since_ms]


def last_of_the_hub(hub: Context, admin: KafkaAdmin, site: str) -> bytes | None:
    """The hub's own last receipt, as it stands on the topic; None: it wrote none."""
    for record in reversed(_records(hub, admin, site, None)):
        receipt = _receipt(record)
        if receipt is not None and receipt.by == "HUB":
            return record.value
    return None


def last_answers(hub: Context, admin: KafkaAdmin, site: str) -> LastAnswers:
    """When a site last answered, looking at its last thousand receipts."""
    found = [
        one
        for at, (first, end) in spans_of(admin, [receipt_topic(site)]).items()
        for record in _window(hub, at, max(first, end - FIRST_WINDOW), end)
        if (one := _receipt(record)) is not None and one.by == "HUB"
    ]
    seen = [one.at for one in found if one.stage is Stage.OBSERVED]
    told = [one.at for one in found if one.stage is not Stage.OBSERVED]
    return LastAnswers(max(told, default=0), max(seen, default=0))


def rate_per_s(receipts: Sequence[Receipt], span_ms: int = HOUR_MS) -> float:
    """How many versions a second were carried out, by the hub's own receipts of that span."""
    done = {one.key for one in receipts if one.by == "HUB" and one.stage is Stage.PROCESSED}
    return 1000 * len(done) / span_ms


def _tail(hub: Context, admin: KafkaAdmin, site: str, since_ms: int) -> list[tuple[int, Receipt]]:
    found = [(one.timestamp, _receipt(one)) for one in _records(hub, admin, site, since_ms)]
    return [(at_ms, receipt) for at_ms, receipt in found if receipt is not None]


def _records(hub: Context, admin: KafkaAdmin, site: str, since_ms: int | None) -> list[LogRecord]:
    """From the end backwards to before a moment (None: to the hub's own last), in their order."""
    records: list[LogRecord] = []
    for at, (first, end) in spans_of(admin, [receipt_topic(site)]).items():
        upper, size = end, FIRST_WINDOW
        while upper > first and not _enough(records, since_ms):
            lower = max(first, upper - size)
            records = _window(hub, at, lower, upper) + records
            upper, size = lower, 4 * size
    return records


def _window(hub: Context, at: Position, first: int, end: int) -> list[LogRecord]:
    found: list[LogRecord] = []
    read(hub.bootstrap(), {at: (first, end)}, found.append)
    return found


def _enough(records: Sequence[LogRecord], since_ms: int | None) -> bool:
    if since_ms is None:
        return any((one := _receipt(record)) is not None and one.by == "HUB" for record in records)
    return bool(records) and records[0].timestamp < since_ms


def _receipt(record: LogRecord) -> Receipt | None:
    try:
        return Receipt.model_validate_json(record.value or b"")
    except ValidationError:
        return None
