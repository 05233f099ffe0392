"""What these tests share: a year of one partition, and a generated year that is counted."""

from dataclasses import replace
from pathlib import Path

import pytest
from counted_year import Logs, count, played_year
from decide_world import World
from journal_events import ENTERPRISES

from connectors.generate import city_year, generate
from connectors.statistics.file import FILE_NAME

EVENTS = 60
CITY_EVENTS, SEED = 3_000, 5


@pytest.fixture
def world() -> World:
    """One partition of 60 events; the last but one breaks a rule."""
    world = World()
    world.write_year(EVENTS - 3)
    world.submit("T-REPEATED", ENTERPRISES[11])
    world.submit("T-FAULT", "91120116MA05FAULTA")
    world.submit("T-REPEATED", ENTERPRISES[11])
    return world


@pytest.fixture(scope="session")
def year() -> Logs:
    """A small generated year of one district and the city."""
    return played_year(generate(replace(city_year(CITY_EVENTS), officers=400), SEED))


@pytest.fixture(scope="session")
def counted(year: Logs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The statistics of that year. Who changes them copies them first."""
    path = tmp_path_factory.mktemp("statistics") / FILE_NAME
    count(path, year)
    return path
