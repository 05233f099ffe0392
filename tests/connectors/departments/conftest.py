"""What the tests of the departments' side share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from fastapi import APIRouter
from served import served

Serve = Callable[[APIRouter], str]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serves routers until the module's tests are over."""
    with ExitStack() as stack:
        yield lambda router: stack.enter_context(served(router))
