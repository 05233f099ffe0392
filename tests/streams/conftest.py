"""What the tests of recovery share: a year of one partition."""

import pytest
from decide_world import World
from journal_events import ENTERPRISES

EVENTS = 60


@pytest.fixture
def world() -> World:
    """One partition of 60 events; the last but one breaks a rule."""
    world = World()
    world.write_year(EVENTS - 3)
    world.submit("T-REPEATED", ENTERPRISES[11])
    world.submit("T-FAULT", "91120116MA05FAULTA")
    world.submit("T-REPEATED", ENTERPRISES[11])
    return world
