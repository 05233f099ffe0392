"""Which repair cases are open, and which of their steps wait for one that has not come?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import redis

from connectors.console.rules_port import OversightRules
from connectors.redis_view import key as view_key
from schemas.calendar_file import CalendarTable
from schemas.enums import CaseStatus
from schemas.oversight import CaseView

_AT_ONCE = 1000


@dataclass(slots=True)
class CaseGroup:
    """Open cases that have a due day or a department in common.

    Attributes:
        running: the clock of art. 12 runs.
        paused: a supplement was asked for: no day runs.
        applied: not accepted yet: no day runs.
    """

    name: str
    due_on: date | None
    due_ms: int
    provisional: bool
    running: int = 0
    paused: int = 0
    applied: int = 0
    overdue: int = 0
    owners: Counter[str] = field(default_factory=Counter)

    def add(self, case: CaseView, now_ms: int) -> None:
        """Count one more."""
        self.running += case.due_on is not None
        self.paused += case.status is CaseStatus.SUPPLEMENT
        self.applied += case.status is CaseStatus.APPLIED
        self.overdue += 0 < case.due_ms < now_ms
        self.owners[case.dept] += 1


def all_cases(
    client: redis.Redis, partitions: int, rules: OversightRules, calendar: CalendarTable
) -> list[CaseView]:
    """Every case that is open, or of which a step is held, the most urgent first.

    A held decision of a case nobody applied for is on no list but in the enterprise's own state:
    all states are read.
    """
    # A hash that is being rehashed may show a field twice.
    found: dict[tuple[str, str], CaseView] = {}
    for partition in range(partitions):
        there = view_key(partition, "state")
        for name, state in client.hscan_iter(there, count=_AT_ONCE):
            for case in rules.repair_cases(name.decode(), state, calendar):
                found[case.uscc, case.repair_id] = case
    return sorted(found.values(), key=_urgency)


def running_cases(
    client: redis.Redis, partitions: int, rules: OversightRules, calendar: CalendarTable
) -> list[CaseView]:
    """Only those whose clock runs, by the view's own list of them: much faster."""
    found = []
    for partition in range(partitions):
        names: Any = client.zrange(view_key(partition, "case_due"), 0, -1)
        wanted = {tuple(name.decode().split("\x1f", 1)) for name in names}
        codes = sorted({code for code, _ in wanted})
        for at in range(0, len(codes), _AT_ONCE):
            some = codes[at : at + _AT_ONCE]
            states: Any = client.hmget(view_key(partition, "state"), some)
            for code, state in zip(some, states, strict=True):
                cases = rules.repair_cases(code, state, calendar) if state else ()
                found += [one for one in cases if (one.uscc, one.repair_id) in wanted]
    return sorted(found, key=_urgency)


def group_cases(cases: Iterable[CaseView], by: str, now_ms: int) -> list[CaseGroup]:
    """Open cases by due day or by department, the earliest day first, those without one last."""
    groups: dict[str, CaseGroup] = {}
    for case in cases:
        if case.status is None or not is_open(case):
            continue
        name = case.dept if by == "dept" else str(case.due_on or "no day")
        if name not in groups:
            groups[name] = CaseGroup(name, case.due_on, case.due_ms, case.provisional)
        groups[name].add(case, now_ms)
    return sorted(groups.values(), key=lambda one: (not one.due_ms, one.due_ms, one.name))


def with_held(cases: Sequence[CaseView]) -> list[CaseView]:
    """Those of which a step is held: somebody must look."""
    return [case for case in cases if case.held]


def is_open(case: CaseView) -> bool:
    """Whether the case is to be decided."""
    return case.status in (CaseStatus.APPLIED, CaseStatus.ACCEPTED, CaseStatus.SUPPLEMENT)


def _urgency(case: CaseView) -> tuple[bool, int, str, str]:
    return not case.due_ms, case.due_ms, case.uscc, case.repair_id
