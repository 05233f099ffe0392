"""What is sent when? Lines and reports to come, by day, and among them repeats and spoilt lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from random import Random

from connectors.generate.envelope import Clock, Line, write
from connectors.generate.malformed import Spoiler
from connectors.generate.reports import Report, Task
from connectors.generate.spec import DAY_MS, CitySpec
from schemas.messages import TASK_SUBMITTED

_SAME_EVENT_SHARE = 0.7
_REPEAT_SOON_SHARE = 0.6
_SOON_MS = 300_000
_LATER_MS = 3 * DAY_MS


class Agenda:
    """Holds what is still to be sent. Only reports to come are kept long, and those unwritten."""

    def __init__(self, spec: CitySpec, rng: Random, clock: Clock) -> None:
        self._annotate = spec.annotate
        self._random = rng.random
        self._clock = clock
        self._spoiler = Spoiler(annotate=spec.annotate)
        originals = 1 - spec.duplicates - spec.malformed
        self._repeat_below = spec.duplicates / originals
        self._spoil_from = 1 - spec.malformed / originals
        self._ready: defaultdict[int, list[tuple[int, int, bytes]]] = defaultdict(list)
        self._to_write: defaultdict[int, list[tuple[int, Report, Task]]] = defaultdict(list)
        self._stored = 0
        self._template: Line | None = None
        last = spec.last_day.toordinal()
        closes_ms = int(spec.closes_s * 1000) if not spec.spill_days else DAY_MS
        self.end_ms = (last + spec.spill_days) * DAY_MS + closes_ms
        """Nothing is sent from this instant on."""

    def put(self, at_ms: int, line: Line) -> None:
        """Have a line sent; some are sent again, and beside some a spoilt one is sent."""
        if at_ms >= self.end_ms:
            return
        written = write(line, self._clock.instant(at_ms), annotate=self._annotate)
        self._store(at_ms, written)
        if line.type == TASK_SUBMITTED:
            self._template = line
        roll = self._random()
        if roll < self._repeat_below:
            self._repeat(at_ms, line, written)
        elif roll >= self._spoil_from and self._template is not None:
            self._store(at_ms, self._spoiler.spoil(self._template, self._clock.instant(at_ms)))

    def put_once(self, at_ms: int, line: Line) -> None:
        """Have a line sent, once and unspoilt, whatever chance holds for the others."""
        if at_ms < self.end_ms:
            self._store(at_ms, write(line, self._clock.instant(at_ms), annotate=self._annotate))

    def later(self, at_ms: int, report: Report, task: Task) -> None:
        """Have a report sent; it is written on its day."""
        if at_ms < self.end_ms:
            self._to_write[at_ms // DAY_MS].append((at_ms, report, task))

    def day(self, ordinal: int) -> Iterator[bytes]:
        """Give a day's lines in order of time, and forget them."""
        for at_ms, report, task in self._to_write.pop(ordinal, ()):
            self.put(at_ms, report(task, at_ms))
        lines = self._ready.pop(ordinal, [])
        lines.sort()
        return (line for _, _, line in lines)

    def _store(self, at_ms: int, written: bytes) -> None:
        self._stored += 1
        self._ready[at_ms // DAY_MS].append((at_ms, self._stored, written))

    def _repeat(self, at_ms: int, line: Line, written: bytes) -> None:
        """Send an event again: the very same, or the same content as a new event."""
        longest_ms = _SOON_MS if self._random() < _REPEAT_SOON_SHARE else _LATER_MS
        again_ms = at_ms + int(self._random() * min(longest_ms, self.end_ms - at_ms))
        if self._random() >= _SAME_EVENT_SHARE:
            line = line._replace(id=f"{line.id}-again")
            written = write(line, self._clock.instant(again_ms), annotate=self._annotate)
        self._store(again_ms, written)
