"""A publicity system that owes stops, and carries out as many as it is told to."""

from __future__ import annotations

from datetime import UTC, datetime

from confluent_kafka import Producer
from ledger_world import Ledgers, an_entry
from watched_hub import SITE, WatchedHub

from schemas.calendar_file import shipped_calendar
from schemas.feed import Stage
from schemas.topics import receipt_topic
from streams.delivery.receipts import Draft, Head, encode_receipt
from streams.desks.oversight import Deliveries
from streams.rules.delivery.ledger import encode_entry


class OwingSystem:
    """Stops approved at one moment, so that all are due at one moment; a receipt for each done."""

    def __init__(self, hub: WatchedHub) -> None:
        self._hub, self._ledgers = hub, Ledgers(hub.redis_url)
        self._said = datetime.now(UTC)
        self._owed, self._done = 0, 0
        entry = encode_entry(an_entry(SITE, said=self._said)[0])
        self.due_ms = Deliveries(shipped_calendar()).read(entry, None, hub.now_ms).due_ms
        self._producer = Producer({"bootstrap.servers": hub.bootstrap, "log_level": 0})
        hub.topic(receipt_topic(SITE))
        hub.deliverer()

    def owe(self, count: int) -> None:
        """So many more repairs were approved."""
        names = [f"R-{number}" for number in range(self._owed, self._owed + count)]
        self._ledgers.put(SITE, *(an_entry(SITE, name, said=self._said) for name in names))
        self._owed += count

    def carry_out(self, count: int) -> None:
        """The system did so many of them, in their order, and its receipts are there."""
        for number in range(self._done, self._done + count):
            done = an_entry(SITE, f"R-{number}", 2, "STOPPED", "PROCESSED", said=self._said)
            self._ledgers.put(SITE, done)
            draft = Draft(done[0], Stage.PROCESSED, 1, "200", None, ())
            value, _ = encode_receipt(SITE, draft, number, Head().hash, self._hub.now_ms)
            self._producer.produce(receipt_topic(SITE), value, partition=0)
        assert self._producer.flush(20) == 0
        self._done += count
