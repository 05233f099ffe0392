"""How is the front database asked from an event loop? One connection, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from schemas.delivery import Unavailable

T = TypeVar("T")

WAIT_S = 10.0
LOCK_WAIT_S = 2.0
_REASON_MAX = 200


class FrontDatabase:
    """Runs transactions one after the other. What goes wrong is a value."""

    def __init__(self, address: str, *, wait_s: float = WAIT_S) -> None:
        self._engine = open_engine(address)
        self._wait_s = wait_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="front-database")
        self._closed = False

    async def run(self, work: Callable[[Connection], T]) -> T | Unavailable:
        """The result of one transaction: done whole, or not at all.

        After a time-out it may still be done: nothing is known then.
        """
        if self._closed:
            return Unavailable("closed")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._wait_s):
                return await loop.run_in_executor(self._thread, self._transaction, work)
        except TimeoutError:
            return Unavailable(f"the front database did not answer within {self._wait_s} s")
        except (SQLAlchemyError, OSError) as cause:
            # The first line only: what follows are the statement and its data.
            told = str(cause).splitlines()[0][:_REASON_MAX]
            return Unavailable(f"{type(cause).__name__}: {told}")

    async def close(self) -> None:
        """Let go of the connection. A transaction that hangs is left behind."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._engine.dispose)
            self._thread.shutdown(wait=False)

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)


def open_engine(address: str) -> Engine:
    """The database behind an address, not connected yet.

    Raises:
        ModuleNotFoundError: its driver is not installed.
    """
    if address.startswith("sqlite"):
        waits: dict[str, object] = {"timeout": LOCK_WAIT_S}
    else:
        limit = f"-c statement_timeout={int(WAIT_S * 1000)}"
        waits = {"connect_timeout": int(LOCK_WAIT_S), "options": limit}
    return create_engine(
        address, pool_size=1, max_overflow=0, pool_pre_ping=True, connect_args=waits
    )
