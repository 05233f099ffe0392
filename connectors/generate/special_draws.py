"""What is drawn for a special inspection (art. 5: 可以实施抽查的，以“双随机、一公开”方式实施)?

By who may and when it stands, and by who may not or too early or too late, with a commitment and a
seed that fit. The chances are its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from connectors.generate.city import Department
from schemas.messages import DRAW_COMMITTED, DRAW_REVEALED, DRAW_SUBMITTED

DRAWN = 3

Event = tuple[str, str, dict[str, Any]]

SAID_AT = {
    DRAW_SUBMITTED: "drawn_at", DRAW_COMMITTED: "committed_at", DRAW_REVEALED: "revealed_at",
}  # fmt: skip
"""In which field a draw's events say when they were made."""


class SpecialDraws:
    """Draws that name one special inspection."""

    def __init__(self, special_id: str, quarter: str, seed: int) -> None:
        self._special_id = special_id
        self._quarter = quarter
        self._rng = Random(f"draws for {special_id} {seed}")

    def checkable(self, dept: Department, objects: Sequence[str]) -> Iterator[Event]:
        """A draw that anybody can check: commitment, seed, and the objects, these sent twice."""
        draw_id, seed = f"{self._special_id}-CQ", self._rng.randbytes(32)
        frame, chosen = (hashlib.sha256(self._rng.randbytes(32)).hexdigest() for _ in range(2))
        named = {"draw_id": draw_id, "dept": dept.code}
        yield dept.code, DRAW_COMMITTED, {
            **named, "quarter": self._quarter, "frame_sha256": frame,
            "seed_sha256": hashlib.sha256(seed).hexdigest(), "objects": 2 * len(objects),
            "take": len(objects), "officers": len(dept.crews), "special_id": self._special_id,
        }  # fmt: skip
        yield dept.code, DRAW_REVEALED, {**named, "seed": seed.hex(), "chosen_sha256": chosen}
        yield self.drawn(dept, objects, "CQ")

    def drawn(
        self, dept: Department, objects: Sequence[str], name: str, special_id: str = ""
    ) -> Event:
        """A draw as it is submitted; `special_id`: another one than this."""
        data = {
            "draw_id": f"{self._special_id}-{name}",
            "quarter": self._quarter,
            "plan_code": f"ZXCQ-{dept.code}",
            "items": list(dept.item_sets[0]),
            "objects": list(objects),
            "special_id": special_id or self._special_id,
        }
        return dept.code, DRAW_SUBMITTED, data
