"""Makes the helpers beside these tests importable, and gives each a gateway of its own."""

import sys
from pathlib import Path

import pytest
import structlog

sys.path.insert(0, str(Path(__file__).parent))

from draw_requests import IN_THE_WINDOW
from gateway_world import World


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Log as the hub does: no local variables beside a traceback."""
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A gateway in memory with two departments, two enterprises and a cap of two a year."""
    return World(tmp_path)


@pytest.fixture
def drawing(world: World) -> World:
    """The same on the first day of a quarter, when departments draw."""
    world.clock = IN_THE_WINDOW
    return world
