"""What does a stretch of one partition change on the public list, and put on the sites' feeds?"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from schemas.codec import encode_json
from schemas.envelope import Envelope, write_headers
from schemas.facts import Decided
from schemas.feed import DISCLOSURE
from schemas.topics import feed_topic
from streams.ports import Outgoing, view_name
from streams.rules.feeds import Forms, feed_records
from streams.rules.grounds import HUB
from streams.rules.public_views import public_ops
from streams.rules.wording import instant_text

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
    for number, record in enumerate(feed_records(decided, forms)):
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
                record.result_id.encode(),
                encode_json(record),
                write_headers(envelope),
            )
        )
    return messages
