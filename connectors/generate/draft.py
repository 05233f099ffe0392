"""What does an ordinary task say? The content before anything is made wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from connectors.generate.cases import Case, Life
from connectors.generate.city import City, Department
from connectors.generate.envelope import Clock
from connectors.generate.policy import EXEMPT_TRIGGERS
from connectors.generate.spec import DAY_MS

_OFFSITE_SHARE = 0.15
_APPROVAL_HOUR_MS = 9 * 3_600_000
_SPECIALS = 40

# trigger, kind, how its clue is numbered, weight among tasks outside the draws
_TRIGGERS: tuple[tuple[str, str, str | None, int], ...] = (
    ("PLAN", "DAILY", None, 12),
    ("PLAN", "SPECIAL", None, 12),
    ("COMPLAINT", "CASE", "12345", 24),
    ("TRANSFER", "CASE", "ZB", 8),
    ("DATA_MONITORING", "CASE", "YJ", 8),
    ("ENTERPRISE_REQUEST", "CASE", "SQ", 5),
    ("OFFSITE_FINDING", "CASE", "FXC", 5),
    ("MEDIA", "CASE", "MT", 2),
    ("RECTIFICATION_REVIEW", "CASE", "FC", 11),
    ("LICENSING_VERIFY", "CASE", "XK", 6),
    ("SUPERIOR_SPECIAL", "SPECIAL", None, 5),
    ("URGENT", "CASE", "JJ", 2),
)
_WHEEL = tuple(row[:3] for row in _TRIGGERS for _ in range(row[3]))


@dataclass(slots=True)
class Draft:
    """A task on its way to being submitted.

    Attributes:
        subject: Number of the enterprise.
        at_ms: When it is submitted.
        planned: Ordinal of the planned day.
        number: Running number among the department's tasks.
        content: The event's data.
    """

    department: Department
    subject: int
    at_ms: int
    planned: int
    number: int
    content: dict[str, Any]
    case: Case
    life: Life

    @property
    def is_exempt(self) -> bool:
        """Say whether the task lifts the caps: an exempt trigger with a clue to show for it."""
        return self.content["clue_no"] is not None and self.content["trigger"] in EXEMPT_TRIGGERS


class Drafter:
    """Writes the ordinary content of tasks."""

    def __init__(self, city: City, rng: Random, clock: Clock) -> None:
        self._year = city.spec.year
        self._subjects = city.subjects
        self._random = rng.random
        self._clock = clock

    def draft(
        self, department: Department, subject: int, at_ms: int, planned: int, *, drawn: bool
    ) -> Draft:
        """Write a task; `drawn` ones come from the quarterly draw."""
        department.tasks_sent += 1
        number = department.tasks_sent
        content = self._content(department, subject, number, planned)
        self._approve(content, department, number, min(planned, at_ms // DAY_MS))
        if drawn:
            content["plan_code"] = f"JH-{department.code}-{self._year}"
        else:
            self._motivate(content, number)
        return Draft(department, subject, at_ms, planned, number, content, Case.PLAIN, Life.USUAL)

    def _content(
        self, department: Department, subject: int, number: int, planned: int
    ) -> dict[str, Any]:
        random = self._random
        crews, item_sets = department.crews, department.item_sets
        return {
            "task_id": f"{department.code}-{self._year}-{number:06d}",
            "uscc": self._subjects.codes[subject],
            "entity_name": self._subjects.name(subject),
            "mode": "OFFSITE" if random() < _OFFSITE_SHARE else "ONSITE",
            "kind": "DAILY",
            "trigger": "PLAN",
            "clue_no": None,
            "items": item_sets[int(random() * len(item_sets))],
            "planned_on": self._clock.day(planned),
            "premises_region": self._subjects.region(subject),
            "assist_letter_no": None,
            "officers": crews[int(random() * len(crews))],
            "plan_code": None,
            "approval": None,
            "special_id": None,
            "joint_id": None,
            "survey": False,
            "backfill": False,
        }

    def _approve(
        self, content: dict[str, Any], department: Department, number: int, latest: int
    ) -> None:
        """Approve before the planned day and before the task is sent (art. 15)."""
        approved_ms = (latest - 1 - number % 5) * DAY_MS + _APPROVAL_HOUR_MS
        content["approval"] = {
            "no": f"{department.code}-PZ{self._year}-{number:06d}",
            "by": "机关负责人",
            "at": self._clock.instant(approved_ms),
            "mode": "PRIOR",
        }

    def _motivate(self, content: dict[str, Any], number: int) -> None:
        """Give a task outside the draws what set it off."""
        trigger, kind, clue = _WHEEL[int(self._random() * len(_WHEEL))]
        content["trigger"], content["kind"] = trigger, kind
        if clue is not None:
            content["clue_no"] = f"{clue}-{self._year}-{number:08d}"
        if kind == "SPECIAL":
            content["special_id"] = f"ZX-{self._year}-{number % _SPECIALS:03d}"
