"""What does a stretch of one partition change on the public list, and put on the sites' feeds?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import isfinite
from types import MappingProxyType
from typing import Any

import structlog

from schemas.codec import encode_json
from schemas.envelope import Envelope, write_headers
from schemas.facts import Decided
from schemas.feed import DISCLOSURE, FORM_FAULT, Notice, Scalar, feed_key
from schemas.topics import feed_topic
from streams.ports import Form, Outgoing, view_name
from streams.rules.publicity.feeds import Forms, feed_records
from streams.rules.publicity.grounds import HUB
from streams.rules.publicity.views import public_ops
from streams.rules.wording import instant_text

log = structlog.get_logger()

NO_SITES: Forms = MappingProxyType({})


class Publicity:
    """What the records folded so far change in the view of disclosed results and repair cases."""

    def __init__(self) -> None:
        self._public: dict[str, bytes] = {}
        self._hidden: set[str] = set()
        self._results: dict[str, str] = {}
        self._cases: dict[str, str] = {}
        self._due: dict[str, int] = {}
        self._settled: set[str] = set()

    def show(self, decided: Decided) -> None:
        """Take in the answer to one record."""
        ops = public_ops(decided)
        if ops is None:
            return
        key = decided.key
        self._results.update(dict.fromkeys(ops.results, key))
        for result_id, row in ops.public:
            name = view_name(key, result_id)
            if row is None:
                self._public.pop(name, None)
                self._hidden.add(name)
            else:
                self._public[name] = row
                self._hidden.discard(name)
        for repair_id in ops.cases:
            self._cases[repair_id] = view_name(key, repair_id)
        for repair_id, due_on in ops.due:
            name = view_name(key, repair_id)
            if due_on is None:
                self._due.pop(name, None)
                self._settled.add(name)
            else:
                self._due[name] = due_on
                self._settled.discard(name)

    def parts(self) -> dict[str, Any]:
        """The parts of a `ViewBatch` that hold it."""
        return {
            "public": self._public,
            "hidden": self._hidden,
            "results": self._results,
            "cases": self._cases,
            "due": self._due,
            "settled": self._settled,
        }


def feed_messages(decided: Decided, forms: Forms) -> list[Outgoing]:
    """The records for the sites' feeds that follow from the answer to one record, in order."""
    source, time = decided.src, instant_text(decided.at)
    messages = []
    careful = {site: partial(_careful, site, form) for site, form in forms.items()}
    for number, record in enumerate(feed_records(decided, careful)):
        envelope = Envelope(
            id=f"{record.site}-{source.partition}-{source.offset}-{number}",
            source=HUB,
            type=DISCLOSURE,
            time=time,
        )
        # One partition holds the whole: a site sees the versions of a result in order.
        messages.append(
            Outgoing(
                feed_topic(record.site),
                0,
                feed_key(record.uscc, record.result_id).encode(),
                encode_json(record),
                write_headers(envelope),
            )
        )
    return messages


def _careful(site: str, form: Form, notice: Notice) -> Mapping[str, Scalar]:
    """A site's columns; if its form fails, the one column that says so.

    A form that fails on one result must not hold up an enterprise's neighbours, and the stop is
    owed all the same: deliver refuses the record at once, with this reason, into the repair queue
    (art. 13; docs/delivery.md).
    """
    try:
        columns = form(notice)
        wrong = [name for name, value in columns.items() if not _is_scalar(value)]
        fault = f"no plain value in {', '.join(wrong)}" if wrong else ""
    except Exception as cause:  # noqa: BLE001 - whatever a form makes of one result, the rest goes on
        columns, fault = {}, type(cause).__name__  # what it says of its data may name people
    if fault:
        log.error(
            "a site's form failed: its columns stay empty", site=site, version=notice.version,
            result_id=notice.result_id, cause=fault,
        )  # fmt: skip
        return {FORM_FAULT: f"the form of {site} failed on this result: {fault}"}
    return columns


def _is_scalar(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return value is None or isinstance(value, str | int)
