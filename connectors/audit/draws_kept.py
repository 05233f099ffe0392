"""What stands of each random draw on the registry topic? The first, whatever came after it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from connectors.audit.compare import kept_fault

COMMITTED, REVEALED = "draw.committed", "draw.revealed"
KINDS = (COMMITTED, REVEALED)


class DrawsKept:
    """Commitments and seeds, in the order of the topic."""

    def __init__(self) -> None:
        self._stands: dict[tuple[str, str], Mapping[str, Any]] = {}

    def stands(self, kind: str, body: Mapping[str, Any]) -> bool:
        """Take in a record of the topic: whether it stands, as the first one or a copy of it.

        What does not was refused: another department's was there before.
        """
        draw = str(body.get("draw_id"))
        if kind == REVEALED and not self._is_seed(draw, body):
            return False
        return self._stands.setdefault((kind, draw), body) == body

    def is_repeat(self, kind: str | None, data: Mapping[str, Any]) -> bool:
        """Whether an inbound event says what stands already: it is not published once more."""
        known = self._stands.get((str(kind), str(data.get("draw_id"))))
        return known is not None and not kept_fault(data, known, all_of_it=False)

    def _is_seed(self, draw: str, body: Mapping[str, Any]) -> bool:
        known = self._stands.get((COMMITTED, draw))
        if known is None or known.get("dept") != body.get("dept"):
            return False
        try:
            seed = bytes.fromhex(str(body.get("seed")))
        except ValueError:
            return False
        return sha256(seed).hexdigest() == known.get("seed_sha256")


def name_in_key(kind: str, name: str) -> str:
    """What a key names. Of a draw's behind `@` stands which record it came from, and by whom."""
    return name.rpartition("@")[0] or name if kind in KINDS else name
