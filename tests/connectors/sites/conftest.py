"""Makes the helpers beside these tests importable; a real PostgreSQL where there is one."""

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PostgresServer, find_binaries

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server for the whole session.

    Where it is not installed its tests are skipped and say why; with `CI` set they fail.
    """
    binaries = find_binaries()
    missing = "no PostgreSQL server: apt-get install postgresql"
    if binaries is None and os.environ.get("CI"):
        pytest.fail(f"in CI the tests on a real PostgreSQL must run: {missing}")
    if binaries is None:
        pytest.skip(missing)
    with PostgresServer(binaries) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """The address of an empty database."""
    return postgres.new_database(f"t_{uuid.uuid4().hex[:12]}")
