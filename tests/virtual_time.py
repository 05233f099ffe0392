"""Days in milliseconds: an event loop that does not wait, it sets its clock forward."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _NoWaiting(selectors.SelectSelector):
    """Tells the loop at once that nothing came; the time it would have waited is over."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout is None:
            raise AssertionError("everything waits for something that never comes")
        if not found and timeout:
            self.now_s += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time is that of its selector."""

    def __init__(self) -> None:
        self.virtual = _NoWaiting()
        super().__init__(self.virtual)

    def time(self) -> float:
        return self.virtual.now_s


def run_virtual(main: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end, however long that takes there."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
