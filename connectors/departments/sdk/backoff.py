"""When is an event tried again that could not be sent?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double and are drawn anew each time, so that not all departments come at once.

    Attributes:
        first_s: the longest wait after the first attempt.
        longest_s: no wait is longer.
    """

    first_s: float = 0.5
    longest_s: float = 60.0

    def wait_s(self, attempts: int, draw: float, asked_s: float | None = None) -> float:
        """How long to wait after so many attempts.

        Args:
            attempts: How many were made, from 1.
            draw: A number from 0 to 1, drawn by chance.
            asked_s: What the hub asked for (Retry-After): never less than that.
        """
        ceiling = min(self.longest_s, self.first_s * 2.0 ** min(attempts - 1, 30))
        # Never at once: half of the ceiling is certain, half is drawn.
        return max(asked_s or 0.0, ceiling / 2 + draw * ceiling / 2)
