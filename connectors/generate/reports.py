"""What is told about a task later? Entry, result, cancellation, the officer's choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import orjson

from connectors.generate.city import POINTS_AN_ITEM
from connectors.generate.envelope import Clock, Line
from connectors.generate.words import OUTCOMES_CLEAN, OUTCOMES_PROBLEM
from schemas.messages import CHOICE_RECORDED, ENTRY_RECORDED, RESULT_RECORDED, TASK_CANCELLED

_UTC_SHARE = 0.02
_TOLD_LATE_MS = 600_000
_PROBLEM_SHARE = 0.22
_NEGATIVE_SHARE = 0.5
_PUBLISHED_SHARE = 0.9
_POINT_FAILS_SHARE = 0.4
_HOW = ("SCANNED",) * 88 + ("REFUSED",) * 6 + ("LICENCE_FAILED",) * 6
_CANCEL_REASONS = ("企业停业", "任务合并", "计划调整")


@dataclass(slots=True)
class Task:
    """What later reports must know of a task. `visited` is the ordinal of the day of the visit.

    A `fate` (see `fates`) says beforehand whether the result is negative and published.
    """

    task_id: str
    source: str
    uscc: str
    items: tuple[str, ...]
    case: str
    visited: int
    backfill: bool = False
    fate: str = ""
    publish: bool = False
    negative: bool = False


Report = Callable[[Task, int], Line]
"""Writes one report of a task, given the instant at which it is sent."""
Later = Callable[[int, Report, Task], None]
"""Has a report sent at an instant."""


class Reports:
    """Writes the reports."""

    def __init__(self, rng: Random, clock: Clock) -> None:
        self._random = rng.random
        self._clock = clock

    def entered(self, task: Task, at_ms: int) -> Line:
        """Officers entered; the code was scanned, or not (art. 8)."""
        return self._entry(task, at_ms, _HOW[int(self._random() * len(_HOW))], "ent")

    def entered_again(self, task: Task, at_ms: int) -> Line:
        """A later word on the same entry: in the end the code was scanned."""
        return self._entry(task, at_ms, "SCANNED", "ent2")

    def shown(self, task: Task, at_ms: int) -> Line:
        """The code was shown, nobody scanned yet."""
        return self._entry(task, at_ms, "SHOWN_ONLY", "shw")

    def entered_at_midnight(self, task: Task, at_ms: int) -> Line:
        """An entry told in UTC, whose day is another one in Shanghai."""
        stated = {"at": self._clock.instant_utc(at_ms)}
        return _line(task, ENTRY_RECORDED, "ent", {"how": "SCANNED", **stated, "note": "夜间"})

    def completed(self, task: Task, _at_ms: int) -> Line:
        """The result (art. 5, 9, 16)."""
        return self._result(task, "R1")

    def completed_again(self, task: Task, _at_ms: int) -> Line:
        """A second result of the same inspection, which comes too late."""
        return self._result(task, "R2")

    def cancelled(self, task: Task, at_ms: int) -> Line:
        """The inspection will not take place."""
        reason = _CANCEL_REASONS[at_ms % len(_CANCEL_REASONS)]
        return _line(task, TASK_CANCELLED, "can", {"reason": reason})

    def continued(self, task: Task, _at_ms: int) -> Line:
        """The officer goes on in spite of a prompt (art. 10)."""
        return self._chosen(task, "CONTINUE", "确有必要")

    def stopped(self, task: Task, _at_ms: int) -> Line:
        """The officer stops at a prompt, which cancels (art. 10)."""
        return self._chosen(task, "STOP", "")

    def _entry(self, task: Task, at_ms: int, how: str, suffix: str) -> Line:
        entered_ms = at_ms - int(self._random() * _TOLD_LATE_MS)
        clock = self._clock
        utc = self._random() < _UTC_SHARE
        at = clock.instant_utc(entered_ms) if utc else clock.instant(entered_ms)
        note = "" if how == "SCANNED" else "已记录情形"
        return _line(task, ENTRY_RECORDED, suffix, {"how": how, "at": at, "note": note})

    def _chosen(self, task: Task, choice: str, reason: str) -> Line:
        content = {"choice": choice, "prompts": ["REPEAT_INSPECTION"], "reason": reason}
        return _line(task, CHOICE_RECORDED, "cho", content)

    def _result(self, task: Task, number: str) -> Line:
        random = self._random
        problem = random() < _PROBLEM_SHARE or (task.fate != "" and task.negative)
        outcomes = OUTCOMES_PROBLEM if problem else OUTCOMES_CLEAN
        first = int(random() * random() * len(outcomes))
        found = outcomes[first : first + 2] if problem and random() < _POINT_FAILS_SHARE else None
        content = {
            "result_id": f"{task.task_id}-{number}",
            "inspected_on": self._clock.day(task.visited),
            "outcomes": found or (outcomes[first],),
            "found_problem": problem,
            "negative": task.negative if task.fate else problem and random() < _NEGATIVE_SHARE,
            "publish": task.publish if task.fate else random() < _PUBLISHED_SHARE,
            "items": [self._inspected(item, problem=problem) for item in task.items],
            "follow_up": "责令改正" if problem else None,
            "backfill": task.backfill,
        }
        return _line(task, RESULT_RECORDED, number.lower(), content)

    def _inspected(self, item: str, *, problem: bool) -> dict[str, object]:
        fails = POINTS_AN_ITEM if problem and self._random() < _POINT_FAILS_SHARE else 0
        points = [
            {"point": f"{item}-P{point}", "ok": point != fails, "note": ""}
            for point in range(1, POINTS_AN_ITEM + 1)
        ]
        return {"item": item, "points": points}


def _line(task: Task, event_type: str, suffix: str, content: Mapping[str, object]) -> Line:
    data = orjson.dumps({"task_id": task.task_id, "uscc": task.uscc, **content})
    return Line(f"{task.task_id}-{suffix}", task.source, event_type, data, task.case)
