"""Makes the helpers beside these tests importable; a gateway of the tests' own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_gateway import FakeGateway


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    """A gateway that takes everything unless told otherwise."""
    with FakeGateway() as running:
        yield running
