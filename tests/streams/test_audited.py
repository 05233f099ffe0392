"""The auditor's fold and the hub's, written apart, come to the same facts on generated cities."""

import asyncio
import itertools
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest
from aiokafka.partitioner import murmur2
from audited_hub import Level, audit_of
from fakes import FakeKafka, FakeView

from connectors.audit import render
from connectors.console.traffic.event_lines import LineFault, LineReader
from connectors.generate import CitySpec, city_year, generate
from connectors.keys import create_demo_keys, open_key_ring
from connectors.sites.table import FORMS
from schemas.codec import decode_journal
from schemas.envelope import Envelope, write_headers
from schemas.messages import REGISTRY_CALENDAR
from schemas.topics import JOURNAL
from streams.decide import DecideHandler
from streams.intake import IntakeHandler
from streams.lanes import Partition
from streams.mint import KeyMint
from streams.policies import PolicyBook
from streams.ports import Outgoing
from streams.registry import Registry
from streams.rules.wording import instant_text

PARTITIONS = 4
BATCH = 500
CALENDAR_EVERY = 20
CITIES = {
    "a year": city_year(8_000, year=2025),
    "registries that change": CitySpec(
        year=2025, districts=2, systems=12, subjects=300, officers=400, tasks=2_500,
        control_changes=True, specials=4,
    ),
}  # fmt: skip


def a_day(year: int, kafka: FakeKafka) -> Outgoing:
    """Administrators enter a day, another one each time: what was a working day is one no more."""
    number = len(kafka.logs["insp.in.REGISTRY", 0])
    day = date(year, 1, 1) + timedelta(days=number % 365)
    kind = ("WORK", "REST", "AS_SHIPPED")[number % 3]
    value = orjson.dumps({"day": day.isoformat(), "kind": kind, "source": "notice"})
    time = kafka.all("insp.in.REGISTRY")[-1].timestamp
    envelope = Envelope(
        id=f"day-{number}", source="REGISTRY", type=REGISTRY_CALENDAR, time=instant_text(time)
    )
    return Outgoing("insp.in.REGISTRY", 0, None, value, write_headers(envelope))


async def run_city(spec: CitySpec, seed: int, keys: Path) -> tuple[FakeKafka, FakeView]:
    """Intake, then decide, over fakes; batches of one topic partition each."""
    kafka, view, registry = FakeKafka(PARTITIONS), FakeView(), Registry()
    kafka.now_ms = 1_770_000_000_000
    reader, places = LineReader(), itertools.count()
    control = Level(kafka, registry)
    intake = IntakeHandler(registry=registry, control=control, publisher=kafka)
    for line in generate(spec, seed):
        try:
            posting = reader.read(line)
        except LineFault:
            continue
        message = Outgoing(
            f"insp.in.{posting.dept}", 0, posting.key, posting.value, posting.headers
        )
        await intake.handle(Partition(message.topic, 0), [kafka.append(message)])
        if next(places) % CALENDAR_EVERY == 0 and spec.control_changes:
            entry = a_day(spec.year, kafka)
            await intake.handle(Partition(entry.topic, 0), [kafka.append(entry)])
    await control.level()
    ring = open_key_ring(keys)
    decide = DecideHandler(
        view=view,
        logs=kafka,
        publisher=kafka,
        policies=PolicyBook(registry),
        mint=KeyMint(ring.year_key, ring.signer(), "https://hub.example"),
        states_cached_max=100,
        forms=FORMS,
    )
    for number in range(PARTITIONS):
        tp = Partition(JOURNAL, number)
        await decide.open(tp, None)
    await decide_all(decide, kafka)
    return kafka, view


async def decide_all(decide: DecideHandler, kafka: FakeKafka) -> None:
    """Decide batch by batch, until no log has anything more to tell another one."""
    done = dict.fromkeys(range(PARTITIONS), 0)
    while any(done[number] < len(kafka.logs[JOURNAL, number]) for number in done):
        for number, at in done.items():
            batch = kafka.logs[JOURNAL, number][at : at + BATCH]
            if batch:
                done[number] += len(batch)
                await decide.handle(Partition(JOURNAL, number), batch)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("city", CITIES)
def test_the_two_folds_agree_on_every_record(city: str, seed: int, tmp_path: Path):
    keys = tmp_path / "keys"
    create_demo_keys(keys, years=range(2023, 2029))

    kafka, view = asyncio.run(run_city(CITIES[city], seed, keys))
    report = audit_of(kafka, view, keys)

    assert report.ok, render(report)


def test_journal_partitions_are_those_every_client_would_choose(tmp_path: Path):
    keys = tmp_path / "keys"
    create_demo_keys(keys, years=range(2023, 2029))

    kafka, _ = asyncio.run(run_city(city_year(400, year=2025), 3, keys))

    for record in kafka.all(JOURNAL):
        assert record.partition == (murmur2(record.key) & 0x7FFFFFFF) % PARTITIONS


def test_days_that_administrators_enter_change_what_is_due_in_that_city(tmp_path: Path):
    keys = tmp_path / "keys"
    create_demo_keys(keys, years=range(2023, 2029))

    kafka, _ = asyncio.run(run_city(CITIES["registries that change"], 1, keys))
    carried = [decode_journal(record.value).findings.calendar for record in kafka.all(JOURNAL)]

    assert len({found for found in carried if found is not None}) > 1
