"""What bears on a random draw, and what joint task came of it that is still to be planned?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schemas.desk import JointToPlan
from schemas.draw_frame import Drawable, DrawSources, DrawSubject
from schemas.inbound_draw import DrawCommitted, DrawRevealed
from streams.desks.drawable import drawable
from streams.desks.registry import DeskRegistry
from streams.rules.calendar import day_at, quarter_of
from streams.rules.joint.visit import live_tasks_of
from streams.rules.state import EMPTY, decode_state


class DrawDesk:
    """Answers about draws and joint tasks (fits gateway.page_ports.DrawDesk)."""

    _registry: DeskRegistry

    def draw(self, draw_id: str) -> tuple[DrawCommitted | None, DrawRevealed | None]:
        """What was published of a random draw: the commitment, and the seed."""
        known = self._registry.draws
        return known.commitments.get(draw_id), known.seeds.get(draw_id)

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

    def quarter(self, day: date) -> str:
        """The quarter of a day, as `2026Q2`."""
        return quarter_of(day)

    def joint_to_plan(self, joint_id: str, dept: str, state: bytes | None) -> JointToPlan | None:
        """A joint task of which the department is a member without a task of its own yet (art. 2).

        None: there is no such joint task, or the department has planned its part, or left.
        """
        subject = EMPTY if state is None else decode_state(state)
        joint = subject.joints.get(joint_id)
        if joint is None or dept not in joint.members:
            return None
        planned = [task for _, task in live_tasks_of(subject, joint_id)]
        if any(task.dept == dept for task in planned):
            return None
        own = (part.items for part in joint.parts if part.dept == dept)
        return JointToPlan(
            joint_id=joint_id,
            lead=joint.lead,
            members=joint.members,
            items=next(own, ()),
            proposed=day_at(joint.day) if joint.day else None,
            day=next((day_at(task.day) for task in planned if task.day), None),
        )
