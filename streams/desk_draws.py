"""What do the registries and the view say that bears on a random draw (art. 3, 5)?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schemas.draw_frame import Drawable, DrawSources, DrawSubject
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from streams.desk_registry import DeskRegistry
from streams.drawable import drawable


class DrawDesk:
    """Answers what draws over HTTP ask (fits gateway.ports.DrawDesk)."""

    _registry: DeskRegistry

    def draw(self, draw_id: str) -> tuple[DrawCommitted | None, DrawRevealed | None]:
        """What was published of a random draw: the commitment, and the seed."""
        return self._registry.commitments.get(draw_id), self._registry.seeds.get(draw_id)

    def draw_sources(self, dept: str, uscc: Iterable[str]) -> DrawSources:
        """These enterprises as the object list has them, the department's officers, the policy."""
        registry, subjects = self._registry, {}
        for code in uscc:
            found, region = registry.subject(code), registry.region_of(code)
            if found is not None and region is not None:
                subjects[code] = DrawSubject(found.status, region, found.industry)
        officers = [one for one in registry.officers.values() if one.dept == dept]
        policy = registry.policies.get(registry.policy_version or "")
        return DrawSources(subjects, officers, policy)

    def drawable(self, state: bytes | None, *, dept: str, scheme: str, on: date) -> Drawable:
        """What an enterprise's state says of drawing it."""
        return drawable(state, dept=dept, scheme=scheme, on=on)
