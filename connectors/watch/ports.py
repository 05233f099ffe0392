"""What does the watch need of the rules? They are handed in at the top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from connectors.console.rules_port import OversightRules
from schemas.calendar_file import CalendarTable
from schemas.oversight import Forecast
from schemas.watch import QualityNote, Verdict
from schemas.watch_input import Look, Progress, Quality


class WatchRules(OversightRules, Protocol):
    """Pure judges and reckoners (the module streams.watching fits)."""

    def judge(self, looks: Sequence[Look], now_ms: int, every_ms: int) -> Verdict:
        """How one group is in one partition, by the last looks at it."""
        ...

    def unattended(self, looks: Sequence[Look]) -> bool:
        """No running process reads the partition, and none did at the look before."""
        ...

    def judge_flow(self, verdicts: Iterable[Verdict], unattended_looks: int) -> Verdict:
        """How intake or decide is."""
        ...

    def drain_rate(self, looks: Sequence[Progress]) -> float | None:
        """How many a second are worked off while there is work."""
        ...

    def judge_delivery(
        self,
        *,
        feed: Verdict,
        known: bool,
        attended: bool,
        waiting: int,
        paused: bool,
        held: bool,
        forecast: Forecast,
        rate: float | None,
        last_day: bool,
    ) -> Verdict:
        """How the delivery to one publicity system is."""
        ...

    def judge_proof(self, *, known: bool, oldest_ms: int, overdue: int, now_ms: int) -> Verdict:
        """How the proof at one system is."""
        ...

    def expires_ms(self, oldest_ms: int, retention_ms: int) -> int:
        """From when on a record may be deleted."""
        ...

    def is_expiring(
        self,
        *,
        oldest_ms: int,
        retention_ms: int,
        lost: int,
        waiting: int,
        rate_per_s: float | None,
        now_ms: int,
    ) -> bool:
        """Whether records are deleted unread, or will be."""
        ...

    def rhythm(
        self, counts: Mapping[date, int], today: date, calendar: CalendarTable
    ) -> Any | None:  # noqa: ANN401 - known to the rules only
        """How a department publishes, by its events a day before today; has `per_day`."""
        ...

    def expected_by_ms(
        self,
        last_ms: int,
        known: Any,  # noqa: ANN401 - see above
        calendar: CalendarTable,
    ) -> int:
        """By when its next event must come; 0: that cannot be said."""
        ...

    def notes_of(self, quality: Quality, today: date, *, silent: bool) -> tuple[QualityNote, ...]:
        """What is wrong with what a department publishes."""
        ...

    def judge_department(self, notes: Sequence[QualityNote]) -> Verdict:
        """How a department is."""
        ...
