"""A small city's year, sent in bursts while everything breaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from confluent_kafka import Producer
from waiting import until

from connectors.console.traffic.event_lines import LineReader, Posting
from connectors.generate import CitySpec, generate
from connectors.kafka_admin import KafkaAdmin
from schemas.access import INTAKE_GROUP
from schemas.sites import SITES
from schemas.topics import REGISTRY, Sizing, in_topic, plan

BURST_MAX = 400
DELIVERY_MS = 600_000


def a_city(events: int) -> CitySpec:
    """Sixteen departments and two that may not inspect; a tenth of all events comes twice."""
    return CitySpec(
        year=2025, districts=1, systems=8, subjects=max(160, events // 8), officers=200,
        tasks=max(50, round(events * 0.34)), events=events, duplicates=0.10,
    )  # fmt: skip


@dataclass
class Load:
    """The events of one city on their way; `spec`: of this city, not of one with `events`."""

    bootstrap: str
    partitions: int
    events: int
    seed: int
    spec: CitySpec | None = None
    burst_max: int = BURST_MAX
    sent: int = 0
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": self.bootstrap, "acks": "all", "enable.idempotence": True,
                "delivery.timeout.ms": DELIVERY_MS, "partitioner": "murmur2_random",
                "log_level": 0, "on_delivery": self._delivered,
            }
        )  # fmt: skip
        reader, spec = LineReader(), self.spec or a_city(self.events)
        postings = [reader.read(line) for line in generate(spec, self.seed)]
        self._leading = [one for one in postings if one.from_registry]
        self._rest = [one for one in postings if not one.from_registry]

    @property
    def departments(self) -> Sequence[str]:
        """Whose topics there must be."""
        return sorted({one.registers for one in self._leading if one.registers is not None})

    def prepare(self) -> None:
        """Create the topics and publish the registries; workers need not run yet."""
        with KafkaAdmin(self.bootstrap, timeout_s=60) as admin:
            sizing = Sizing(legal_retention_days=3650, journal_partitions=self.partitions)
            admin.apply(plan([REGISTRY, *self.departments], SITES, sizing))
        self._send(self._leading)
        assert self._producer.flush(60) == 0

    def wait_until_registered(self) -> None:
        """Return when intake has taken the registries in: what follows is judged by them."""
        with KafkaAdmin(self.bootstrap, timeout_s=60) as admin:
            there = (in_topic(REGISTRY), 0)
            until(
                lambda: admin.committed(INTAKE_GROUP).get(there, 0) >= len(self._leading),
                "intake takes the registries in", 120,
            )  # fmt: skip

    def run(self, over_s: float, enough: threading.Event) -> None:
        """Send everything in bursts over so many seconds; the rest at once when it is enough."""
        rng = Random(f"bursts {self.seed}")
        for share, burst in self._bursts(rng):
            if not enough.is_set():
                enough.wait(over_s * share)
            self._send(burst)
        until(lambda: self._producer.flush(1) == 0, "everything is delivered", DELIVERY_MS / 1000)
        assert not self.refused, f"the broker did not take {self.refused[:3]}"

    def _bursts(self, rng: Random) -> Iterator[tuple[float, list[Posting]]]:
        at = 0
        while at < len(self._rest):
            size = rng.randint(1, self.burst_max)
            some = self._rest[at : at + size]
            at += len(some)
            yield len(some) / len(self._rest), some

    def _send(self, postings: Sequence[Posting]) -> None:
        for one in postings:
            where: dict[str, Any] = {"partition": 0} if one.from_registry else {}
            topic = in_topic(one.dept)
            self._producer.produce(topic, one.value, one.key, headers=one.headers, **where)
            self._producer.poll(0)
        self.sent += len(postings)

    def _delivered(self, error: Any, _message: Any) -> None:
        if error is not None:
            self.refused.append(str(error))
