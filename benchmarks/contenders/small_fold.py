"""The small reference fold: a count for each department and year, and a code.

The same in every contender.

Nothing of the hub in here: it also runs in the environment of Quix Streams.
"""

from __future__ import annotations

import hashlib
from time import gmtime
from typing import Any

import orjson

SOURCE = "bench.small.in"
SINK = "bench.small.out"
TABLE = "decisions"
"""Where Faust by its guide keeps what it decided."""
CAP = 3

State = list[dict[str, int]]
"""Of one enterprise: counts by `department|year`, and tasks: 1 issued, 0 intercepted."""

_SECRET = (b"k" * 32).ljust(64, b"\0")
_INNER = hashlib.sha256(bytes(x ^ 0x36 for x in _SECRET))
_OUTER = hashlib.sha256(bytes(x ^ 0x5C for x in _SECRET))
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = [a + b for a in _LETTERS for b in _LETTERS]


def code(task: str) -> str:
    """HMAC-SHA256 of the task in base 32, from prepared pads: a third of what `hmac` costs."""
    inner, outer = _INNER.copy(), _OUTER.copy()
    inner.update(task.encode())
    outer.update(inner.digest())
    number = int.from_bytes(outer.digest()[:10], "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(70, -1, -10)])


def decide(state: State, event: dict[str, Any]) -> int:
    """1 issued, 0 intercepted; a task seen before gets the same answer."""
    counts, tasks = state
    task = event["task"]
    decided = tasks.get(task)
    if decided is None:
        name = f"{event['dept']}|{gmtime(event['at']).tm_year}"
        used = counts.get(name, 0)
        decided = 1 if used < CAP else 0
        if decided:
            counts[name] = used + 1
        tasks[task] = decided
    return decided


def answer(event: dict[str, Any], decided: int) -> dict[str, Any]:
    """What goes out."""
    event["decision"] = "ISSUE" if decided else "INTERCEPT"
    event["code"] = code(event["task"]) if decided else None
    return event


def new_state() -> State:
    """An enterprise nobody has visited."""
    return [{}, {}]


loads = orjson.loads
dumps = orjson.dumps
