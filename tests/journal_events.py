"""Which events may a journal hold? All kinds, in any order, about a dozen enterprises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from builders import DEPT, OTHER_DEPT, a_task
from public_builders import ACCEPTED, APPLIED, DECIDED, ORDERED, REQUIRED, some_documents

from schemas import messages

ENTERPRISES = tuple(f"91120116MA05ABC{n:02}A" for n in range(12))


def events(count: int, rng: Random) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Type, enterprise, department and data of so many events."""
    tasks: list[tuple[str, str, str, dict[str, Any]]] = []
    for number in range(count):
        draw = rng.random()
        if not tasks or draw < 0.45:
            uscc, dept = rng.choice(ENTERPRISES), rng.choice((DEPT, OTHER_DEPT))
            tasks.append((messages.TASK_SUBMITTED, uscc, dept, a_task(f"T-{number}")))
            yield tasks[-1]
        else:
            yield _follow_up(draw, number, rng.choice(tasks), rng)


def _follow_up(
    draw: float, number: int, task: tuple[str, str, str, dict[str, Any]], rng: Random
) -> tuple[str, str, str, dict[str, Any]]:
    kind, uscc, dept, data = task
    task_id = data["task_id"]
    rows: Sequence[tuple[float, str, str, dict[str, Any]]] = (
        (0.53, kind, dept, data),
        (0.65, *_public(task_id, dept, rng)),
        (0.69, kind, dept, {**data, "items": ["1101-009"]}),
        (0.76, messages.TASK_CANCELLED, dept, {"task_id": task_id}),
        (0.83, messages.ENTRY_RECORDED, dept,
         {"task_id": task_id, "how": "SCANNED", "at": "2026-03-16T10:00:00+08:00"}),
        (0.90, messages.RESULT_RECORDED, dept,
         {"task_id": task_id, "result_id": rng.choice((f"R-{task_id}", f"R-{number}")),
          "inspected_on": "2026-03-16", "outcomes": ["1"], "found_problem": True,
          "negative": True, "publish": True}),
        (0.94, messages.CODE_EXPIRED, "HUB", {"task_id": task_id, "on": "2026-03-24"}),
        (0.97, messages.WHITELIST_CHANGED, dept,
         {"listed": rng.random() < 0.5, "from": "2026-01-01", "ground": "守法"}),
        (1.01, messages.SUBJECT_CLASSIFIED, dept,
         {"scheme": "GENERAL_RISK", "class": rng.choice("ABCD"), "as_of": "2026-01-01"}),
    )  # fmt: skip
    _, kind, dept, data = next(row for row in rows if draw < row[0])
    return kind, uscc, dept, data


def _public(task_id: str, dept: str, rng: Random) -> tuple[str, str, dict[str, Any]]:
    """A stop, or a step of a repair, of a task's result: known or still to come."""
    result_id, repair_id = f"R-{task_id}", f"C-{task_id}"
    return rng.choice((
        (messages.STOP_ORDERED, "REGISTRY", {"result_id": result_id, "stop_reason": "CASCADE",
         "scope": "PUBLIC_ONLY", "ordered_at": ORDERED}),
        (messages.REPAIR_APPLIED, dept, {"repair_id": repair_id, "result_ids": [result_id],
         "channel": "ONSITE", "documents": some_documents(REQUIRED), "applied_at": APPLIED}),
        (messages.REPAIR_ACCEPTED, dept, {"repair_id": repair_id, "accepted_at": ACCEPTED}),
        (messages.REPAIR_DECIDED, dept, {"repair_id": repair_id, "decision": "APPROVED",
         "decision_no": "D-1", "decided_at": DECIDED}),
    ))  # fmt: skip
