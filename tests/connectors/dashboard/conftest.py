"""Makes the helpers of gateway and console importable; a dashboard on a broker and a Redis."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import structlog

from connectors.broker import EmbeddedBroker

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parents[1] / "gateway"))
sys.path.insert(2, str(Path(__file__).parents[1] / "console"))

from dashboard_world import OpsWorld


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """Log as the hub does: no local variables beside a traceback."""
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


@pytest.fixture
def ops(tmp_path: Path, fresh_broker: EmbeddedBroker, redis_url: str) -> OpsWorld:
    """A dashboard on an empty hub."""
    return OpsWorld(tmp_path, fresh_broker.bootstrap, redis_url)
