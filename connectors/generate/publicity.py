"""How are corrections, orders and steps of repairs told? One method a step of `fates`."""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import accumulate
from random import Random
from typing import Any

import orjson

from connectors.generate.envelope import Clock, Line
from connectors.generate.fates import FATES, NOT_NEGATIVE, UNPUBLISHED, Step
from connectors.generate.reports import Later, Task
from connectors.generate.spec import DAY_MS, CitySpec
from schemas.enums import DocumentKind
from schemas.messages import (
    REPAIR_ACCEPTED,
    REPAIR_APPLIED,
    REPAIR_DECIDED,
    RESULT_CORRECTED,
    RESULT_RECORDED,
    RESUME_ORDERED,
    STOP_ORDERED,
    SUPPLEMENT_ASKED,
    SUPPLEMENT_RECEIVED,
)

_PAUSE_MS = 20 * 3_600_000
_PAUSE_OF_A_SHORT_TIME_MS = 150_000
_SHORT_DAYS = 5
_KINDS = tuple(DocumentKind)
_CHANNELS = ("PLATFORM", "ONE_STOP", "CREDIT_CHINA", "ONSITE")


class Publicity:
    """Draws a fate for some results and arranges its steps (art. 11-13)."""

    def __init__(
        self, spec: CitySpec, rng: Random, clock: Clock, later: Later, departments: Sequence[str]
    ) -> None:
        """Take where steps are put (`later` is the agenda's) and who may act as a stranger."""
        self._share = spec.fates
        self._random = rng.random
        self._clock = clock
        self._later = later
        self._pause_ms = _PAUSE_OF_A_SHORT_TIME_MS if spec.day_count <= _SHORT_DAYS else _PAUSE_MS
        self._names = tuple(FATES)
        self._sums = tuple(accumulate(weight for weight, _ in FATES.values()))
        self._showpieces = list(self._names)[::-1]
        self._departments = departments

    def arrange(self, task: Task, result_ms: int) -> None:
        """Maybe give the task's result a fate; called before the result is written."""
        if self._random() >= self._share:
            return
        name = self._draw()
        task.fate = name
        task.publish, task.negative = name not in UNPUBLISHED, name not in NOT_NEGATIVE
        for number, step in enumerate(FATES[name][1]):
            at_ms = result_ms + int(step.after * self._pause_ms)
            self._later(at_ms, partial(self._write, step, number), task)

    def _draw(self) -> str:
        """Each fate once, then by weight: a short file has many of them, a long one all."""
        if self._showpieces and self._random() < 0.5:
            return self._showpieces.pop()
        return self._names[bisect(self._sums, self._random() * self._sums[-1])]

    def _write(self, step: Step, number: int, task: Task, at_ms: int) -> Line:
        says = dict(step.says)
        source = self._source(task, stranger=says.pop("stranger", False))
        if "said_ago_days" in says:
            at_ms -= says.pop("said_ago_days") * DAY_MS
        write: Callable[..., tuple[str, Mapping[str, Any]]] = getattr(self, f"_{step.name}")
        event_type, content = write(task, self._clock.instant(at_ms), **says)
        data = orjson.dumps({"uscc": task.uscc, **content})
        return Line(f"{task.task_id}-p{number}", source, event_type, data)

    def _source(self, task: Task, *, stranger: bool) -> str:
        if not stranger:
            return task.source
        at = self._departments.index(task.source) if task.source in self._departments else 0
        return self._departments[(at + 1) % len(self._departments)]

    def _applied(
        self, task: Task, at: str, *, case: int = 1, documents: int = 4, results: str = "own"
    ) -> tuple[str, Mapping[str, Any]]:
        return REPAIR_APPLIED, {
            "repair_id": _case(task, case),
            "result_ids": [_result(task, results)],
            "channel": _CHANNELS[len(task.task_id) % len(_CHANNELS)],
            "documents": _documents(task, documents),
            "applied_at": at,
        }

    def _accepted(self, task: Task, at: str, *, case: int = 1) -> tuple[str, Mapping[str, Any]]:
        return REPAIR_ACCEPTED, {"repair_id": _case(task, case), "accepted_at": at}

    def _asked(
        self, task: Task, at: str, *, what: str = "补充整改照片"
    ) -> tuple[str, Mapping[str, Any]]:
        return SUPPLEMENT_ASKED, {"repair_id": _case(task, 1), "at": at, "what": what}

    def _received(
        self, task: Task, at: str, *, documents: int = 0
    ) -> tuple[str, Mapping[str, Any]]:
        handed_in = _documents(task, documents)
        return SUPPLEMENT_RECEIVED, {
            "repair_id": _case(task, 1), "at": at, "documents": handed_in,
        }  # fmt: skip

    def _decided(
        self,
        task: Task,
        at: str,
        *,
        decision: str,
        case: int = 1,
        number: int | None = 1,
        reason: str = "",
        results: str = "",
    ) -> tuple[str, Mapping[str, Any]]:
        return REPAIR_DECIDED, {
            "repair_id": _case(task, case),
            "result_ids": [_result(task, results)] if results else [],
            "decision": decision,
            "decision_no": None if number is None else f"津修决{task.task_id}-{case}-{number}",
            "reason": reason,
            "decided_at": at,
        }

    def _ordered(
        self, task: Task, at: str, *, stop_reason: str, scope: str = "PUBLIC_AND_SHARING"
    ) -> tuple[str, Mapping[str, Any]]:
        return STOP_ORDERED, {
            "result_id": _result(task, "own"),
            "stop_reason": stop_reason,
            "scope": scope,
            "decision_no": f"津停{task.task_id}",
            "ordered_at": at,
            "reason": "依法停止公示",
        }

    def _resumed(self, task: Task, at: str, *, stop_reason: str) -> tuple[str, Mapping[str, Any]]:
        return RESUME_ORDERED, {
            "result_id": _result(task, "own"),
            "stop_reason": stop_reason,
            "decision_no": f"津复{task.task_id}",
            "ordered_at": at,
            "reason": "破产程序终结",
        }

    def _corrected(
        self, task: Task, at: str, *, publish: bool = True, results: str = "own"
    ) -> tuple[str, Mapping[str, Any]]:
        return RESULT_CORRECTED, {
            "task_id": task.task_id,
            "result_id": _result(task, results),
            "inspected_on": self._clock.day(task.visited),
            "outcomes": ["CORRECTED_ON_ORDER"],
            "found_problem": True,
            "negative": True,
            "publish": publish,
            "follow_up": "已改正",
            "reason": "录入有误",
            "corrected_at": at,
        }

    def _taken(self, task: Task, _at: str) -> tuple[str, Mapping[str, Any]]:
        """Another task's result under the id that this one's has already."""
        return RESULT_RECORDED, {
            "task_id": f"{task.task_id}-TAKEN",
            "result_id": _result(task, "own"),
            "inspected_on": self._clock.day(task.visited),
            "outcomes": ["CORRECTED_ON_ORDER"],
            "found_problem": True,
            "negative": True,
            "publish": True,
            "items": [],
            "backfill": False,
        }


def _case(task: Task, number: int) -> str:
    return f"XF-{task.task_id}-{number}"


def _result(task: Task, which: str) -> str:
    return f"{task.task_id}-R1" if which == "own" else f"{task.task_id}-R0"


def _documents(task: Task, count: int) -> list[dict[str, str]]:
    return [
        {
            "kind": kind,
            "name": f"{kind.lower()}.pdf",
            "sha256": hashlib.sha256(f"{task.task_id}{kind}".encode()).hexdigest(),
        }
        for kind in _KINDS[:count]
    ]
