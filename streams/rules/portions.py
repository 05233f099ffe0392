"""How much may a timer ask for at once? As much as decide answers in a moment, with rests between.

What a timer appends lies before decisions that people wait for. How long it keeps decide busy
depends on the machine, on how many departments are told, on what else goes on; it is known only
from how long decide took for the last portion. A portion of one record, now and then, tells how
long an answer takes that has nothing of ours before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

AIM_S, AIM_MAX_S = 0.015, 0.5
"""A portion keeps decide busy for about so long, or for as long as an answer takes anyway.

So a decision behind it takes twice as long as without it, or 15 ms longer.
"""
SIZE_FIRST, SIZE_MAX = 5, 1_000
ALONE_EVERY = 16
"""Each 16th portion is one record alone."""
ALONE_GROWS = 1.25
"""What an answer takes anyway may turn out a quarter longer than last; one time may be chance."""
RESTS, REST_MAX_S = 2, 1.0
"""So often as long as it was busy, decide then has for others."""


@dataclass(slots=True)
class Pace:
    """How large one timer's next portion is, learned from how the last ones were answered."""

    _size: int = SIZE_FIRST
    _alone_s: float | None = None
    _until_alone: int = field(default=0)

    def size(self) -> int:
        """How many records to append now."""
        return self._size if self._until_alone else 1

    def answered(self, count: int, passed: int, took_s: float) -> float:
        """Learn from a portion that was answered. Returns for how long decide was busy with it.

        The next one is at most twice as large, and no less than half: one slow answer is no
        measure.

        Args:
            count: How many records it had.
            passed: How many records decide came past meanwhile: those of others lay before it.
            took_s: How long decide took to come to its end.

        >>> pace = Pace()
        >>> pace.size(), pace.answered(1, 1, 0.25), pace.size()
        (1, 0.0, 5)
        >>> round(pace.answered(5, 5, 0.5), 3), pace.size()
        (0.25, 5)
        >>> round(pace.answered(5, 5, 0.27), 3), pace.size()
        (0.02, 10)
        """
        if not self._until_alone:
            self._until_alone = ALONE_EVERY - 1
            known = took_s if self._alone_s is None else self._alone_s * ALONE_GROWS
            # Too long a time believed here would let portions grow until they took as long.
            self._alone_s = min(took_s, known, AIM_MAX_S)
            return 0.0
        self._until_alone -= 1
        alone_s = self._alone_s or 0.0
        busy_s = max(min(took_s - alone_s, took_s * count / max(passed, count)), 0.0)
        if count >= self._size:
            aim_s = min(max(AIM_S, alone_s), AIM_MAX_S)
            fits = count * aim_s / max(busy_s, aim_s / 2)
            self._size = round(min(max(fits, count / 2, 1), SIZE_MAX))
        return busy_s


def rest_s(count: int, busy_s: float, took_s: float, per_s_max: float) -> float:
    """How long to wait before the next portion: decide has two thirds of its time for others.

    And no more than `per_s_max` are appended a second.

    >>> rest_s(20, 0.05, 0.05, 1000.0), rest_s(20, 0.05, 0.05, 100.0), rest_s(20, 9.0, 9.0, 100.0)
    (0.1, 0.15000000000000002, 1.0)
    """
    return max(min(RESTS * busy_s, REST_MAX_S), count / per_s_max - took_s)
