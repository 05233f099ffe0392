"""How does a special inspection stand, and what is on its list (art. 4-6)?"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.desk import ReportedTask, SpecialHere, SubjectHere
from schemas.generations import Generations
from schemas.special_words import SPECIAL_PREFIX
from streams.desks.registry import DeskRegistry
from streams.rules.state import EMPTY, decode_state

_SEPARATOR = "\x1f"


class SpecialDesk:
    """Answers about special inspections (fits gateway.page_ports.SpecialDesk)."""

    _registry: DeskRegistry
    _generations: Generations

    def special(self, special_id: str, state: bytes | None) -> SpecialHere:
        """A special inspection, from the registry topic and the state of its log in the view."""
        special = (EMPTY if state is None else decode_state(state)).special
        standing = self._registry.specials.get(special_id)
        rank = self._registry.special_filed.get(special_id)
        key = SPECIAL_PREFIX + special_id
        filed_at = None if rank is None else self._generations.place(key, rank)
        if special is None:
            return SpecialHere(standing, filed_at)
        made = []
        for name, one in special.objects.items():
            uscc, _, task_id = name.partition(_SEPARATOR)
            made.append(ReportedTask(uscc, task_id, one.dept, one.decision, one.cancelled))
        return SpecialHere(standing, filed_at, special.listed, tuple(made))

    def subjects(self, uscc: Iterable[str]) -> dict[str, SubjectHere]:
        """Those of these enterprises that the object list has, by credit code."""
        found = {}
        for code in uscc:
            one, place = self._registry.subject(code), self._registry.region_of(code)
            if one is not None and place is not None:
                found[code] = SubjectHere(one.name, place, one.status)
        return found
