"""Makes the helper beside these tests importable, and runs commands as people type them."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from console_fakes import Console, FakeIntake


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    """A terminal 80 columns wide, in an empty folder, with no settings but the data folder."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path / "run"))
    monkeypatch.chdir(tmp_path)
    return Console(monkeypatch)


@pytest.fixture(params=["embedded", pytest.param("local", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest, console: Console) -> str:
    """The address of an empty broker, embedded and real; the commands know it."""
    name = {"embedded": "fresh_broker", "local": "clean_kafka"}[request.param]
    bootstrap = str(request.getfixturevalue(name).bootstrap)
    console.set(HUB_BROKER=bootstrap)
    return bootstrap


@pytest.fixture
def intake(broker: str, request: pytest.FixtureRequest) -> Callable[[], FakeIntake]:
    """Starts an intake that accepts whatever comes; it ends with the test."""

    def start() -> FakeIntake:
        taking = FakeIntake(broker)
        taking.start()
        request.addfinalizer(taking.stop)
        return taking

    return start
