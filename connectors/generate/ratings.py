"""How do enterprises rate the visits of a generated file? Drawn from its seed (art. 9).

Not lines of the file: no department says them. An enterprise rates on its own page, and that is
where these are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

import orjson

from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.messages import RESULT_RECORDED

SHARE = 0.35
"""Of the visits with a result, how many are rated."""
CHANGED_SHARE = 0.2
"""Of the ratings, how many are changed afterwards."""
_STARS = (5,) * 9 + (4,) * 6 + (3,) * 3 + (2, 1)
_COMMENTS = {
    5: ("检查规范，态度好", "讲解清楚", ""), 4: ("服务较好", ""), 3: ("一般", ""),
    2: ("等候时间较长",), 1: ("多次重复检查",),
}  # fmt: skip


class Rating(NamedTuple):
    """What an enterprise says of one department's visit."""

    uscc: str
    task_id: str
    dept: str
    stars: int
    comment: str


def ratings(lines: Iterable[bytes], seed: int, share: float = SHARE) -> Iterator[Rating]:
    """Ratings of visits whose results stand in the lines, in their order; some are changed.

    Args:
        lines: Of a generated file.
        seed: Equal seeds give equal ratings.
        share: Of the visits, how many are rated.
    """
    draw = Random(seed)
    seen: set[tuple[str, str]] = set()
    for line in lines:
        visit = _visit(line)
        if visit is None or visit[:2] in seen:
            continue
        seen.add(visit[:2])
        if draw.random() >= share:
            continue
        yield _rating(draw, *visit)
        if draw.random() < CHANGED_SHARE:
            yield _rating(draw, *visit)


def _rating(draw: Random, uscc: str, task_id: str, dept: str) -> Rating:
    stars = draw.choice(_STARS)
    return Rating(uscc, task_id, dept, stars, draw.choice(_COMMENTS[stars]))


def _visit(line: bytes) -> tuple[str, str, str] | None:
    """Enterprise, task and department of a result; None if the line is none that is accepted."""
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(event, dict) or event.get("type") != RESULT_RECORDED:
        return None
    data, dept = event.get("data"), event.get("source")
    if not isinstance(data, dict) or not isinstance(dept, str):
        return None
    return _named(data, dept)


def _named(data: dict[str, Any], dept: str) -> tuple[str, str, str] | None:
    uscc, task_id = data.get("uscc"), data.get("task_id")
    if not isinstance(uscc, str) or not isinstance(task_id, str):
        return None
    reading = read_credit_code(uscc)
    known = (CreditCodeOutcome.VALID, CreditCodeOutcome.CHECK_DIGIT)
    return (reading.code, task_id, dept) if reading.outcome in known else None
