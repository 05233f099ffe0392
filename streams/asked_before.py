"""What was asked for, and decided, and still stands? It is asked for again ever more seldom.

Most of it is right: a draw that came late opened its quarter again. But a record on which a rule
fails changes nothing either, and would be asked for at every look: some thousand times in three
days, in a journal that is kept for years and among the dead letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class _Asked(NamedTuple):
    times: int
    again_at: int


class AskedBefore:
    """What one timer asked for at its last looks; what has gone from the view is forgotten."""

    def __init__(self) -> None:
        self._look = 0
        self._before: dict[str, _Asked] = {}
        self._now: dict[str, _Asked] = {}

    def look(self) -> None:
        """A look begins. Whatever is not met in it has gone by then."""
        self._look += 1
        self._before, self._now = self._now, {}

    def due(self, names: Sequence[str]) -> list[str]:
        """Those of what stands in the view that are to be asked for in this look."""
        found = []
        for name in names:
            known = self._before.get(name)
            if name in self._now:
                continue
            if known is None or known.again_at <= self._look:
                found.append(name)
            else:
                self._now[name] = known
        return found

    def asked(self, names: Sequence[str]) -> None:
        """These were asked for. Again at the next look, then at the second after it, the fourth."""
        for name in names:
            known = self._before.get(name)
            times = 1 if known is None else known.times + 1
            self._now[name] = _Asked(times, self._look + 2 ** (times - 1))
