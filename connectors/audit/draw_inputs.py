"""Does each object of a draw stand in the journal, as it was drawn, and nothing else?

Source: semantics §13; art. 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.compare import kept_fault, normal_code
from connectors.audit.decode import Entry
from connectors.audit.report import Book
from connectors.audit.wire import DRAW_SUBMITTED

Origin = tuple[str, int, int]

# Unknown fields are the whole draw's: they are warned of, and not copied to each object.
_KEPT = ("draw_id", "quarter", "plan_code", "drawn_at", "items", "line", "special_id")


@dataclass(slots=True)
class _Draw:
    """One draw as it was sent: what each object keeps of it, and the objects."""

    told: dict[str, Any]
    objects: frozenset[object]
    journaled: set[str] = field(default_factory=set)


@dataclass(slots=True)
class DrawInputs:
    """The draws among the inbound records, each read once however many objects it has."""

    book: Book
    _draws: dict[Origin, _Draw] = field(default_factory=dict)

    def knows(self, origin: Origin) -> bool:
        """Whether the draw was read already."""
        return origin in self._draws

    def read(self, origin: Origin, data: Mapping[str, Any]) -> None:
        """Take a draw in."""
        told = {name: data[name] for name in _KEPT if data.get(name) is not None}
        objects = frozenset(normal_code(one) for one in data.get("objects") or ())
        self._draws[origin] = _Draw(told, objects)

    def object_fault(self, entry: Entry) -> str:
        """Why a journal record is no object of its draw; empty if it is one."""
        draw, data = self._draws[entry.origin], entry.data
        if data.get("uscc") not in draw.objects:
            return f"uscc: {data.get('uscc')!a} is none of the draw's objects"
        draw.journaled.add(entry.key)
        kept = {name: data[name] for name in _KEPT if data.get(name) is not None}
        return kept_fault(draw.told, kept)

    def close(self) -> None:
        """Check that of each draw that was taken in every object was."""
        for origin, draw in self._draws.items():
            missing = draw.objects - draw.journaled
            wrong = f"{DRAW_SUBMITTED} without {sorted(map(str, missing))[:3]}" if missing else ""
            self.book.ask("I4.draws")
            self.book.expect("I4.draws", "/".join(map(str, origin)), wrong)
