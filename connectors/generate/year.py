"""What does a city tell the hub in a year? Leading registry lines, then events as they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from random import Random

from connectors.generate.aftermath import Aftermath
from connectors.generate.agenda import Agenda
from connectors.generate.author import Author
from connectors.generate.city import City, build_city
from connectors.generate.days import day_loads
from connectors.generate.envelope import Clock, write
from connectors.generate.registry import registry_lines
from connectors.generate.spec import DAY_MS, CitySpec
from connectors.generate.specials import Specials
from connectors.generate.standing import Standing


def generate(spec: CitySpec, seed: int) -> Iterator[bytes]:
    """Give the lines of a city's file, each a structured CloudEvent with its newline.

    Lines from `REGISTRY` lead; the others follow in the order in which they are sent. A repeated
    event keeps its time and so stands later than its time says. Nothing is read but the arguments:
    equal specs and seeds give equal bytes. Memory holds the enterprises' codes, one count for each
    pair of department and enterprise, and the reports still to come; never the file.

    Source: art. 2 (draws in the first five working days of a quarter), art. 10 (repeats, caps).
    """
    city = build_city(spec, seed)
    yield from _leading(city)
    events = _events(city, seed)
    yield from events if spec.events is None else islice(events, spec.events)


def _leading(city: City) -> Iterator[bytes]:
    """Everything the registries know, as of the first midnight."""
    time = Clock().instant(city.spec.first_day.toordinal() * DAY_MS)
    for line in registry_lines(city):
        yield write(line, time, annotate=city.spec.annotate)


def _events(city: City, seed: int) -> Iterator[bytes]:
    spec = city.spec
    rng, clock = Random(f"year {seed}"), Clock()
    agenda = Agenda(spec, rng, clock)
    aftermath = Aftermath(city, agenda, rng, clock)
    standing = Standing(city, agenda, rng, clock, aftermath.ledger)
    author = Author(city, rng, clock, aftermath, standing.whitelisted)
    Specials(city, agenda, clock, seed).open_year()
    sent = 0
    for load in day_loads(spec):
        ordinal = load.day.toordinal()
        standing.open_day(ordinal)
        author.write_day(load)
        for line in agenda.day(ordinal):
            sent += 1
            yield line
    for number in range(1, spec.spill_days + 1):
        for line in agenda.day((spec.last_day + timedelta(days=number)).toordinal()):
            sent += 1
            yield line
    # A file of a given length ends with as many new classifications as it lacks.
    for _ in range(max(0, (spec.events or 0) - sent)):
        closing = standing.classified(spec.last_day.toordinal())
        yield write(closing, clock.instant(agenda.end_ms - 1), annotate=spec.annotate)
