"""May a reader go past a gap in a sequence?

A database gives out sequence numbers before it commits: number 8 can be seen while 7 is still under
way. A reader that goes on after 8 would never see 7. A number that was given out in vain leaves a
gap for ever, so a gap is waited for only so long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

WAIT_S = 60.0


class Holes:
    """Remembers since when the gap in front of us has been there."""

    def __init__(
        self, *, wait_s: float = WAIT_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._wait_s = wait_s
        self._clock = clock
        self._gap: tuple[int, float] | None = None

    def before(self, after: int, numbers: Sequence[int]) -> int:
        """How many of the ascending numbers read after `after` can be taken now.

        A reader that starts (0) does not ask what was there before the first.
        """
        expected = after + 1 if after else None
        for index, number in enumerate(numbers):
            if expected is not None and number != expected and not self._old(expected):
                return index
            expected = number + 1
        return len(numbers)

    def _old(self, missing: int) -> bool:
        now = self._clock()
        if self._gap is None or self._gap[0] != missing:
            self._gap = (missing, now)
        return now - self._gap[1] >= self._wait_s
