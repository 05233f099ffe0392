"""How did a joint inspection come about, and how does it stand? Told from the facts, for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from connectors.console.terminal.screen import instant
from schemas.decision import Reason
from schemas.enums import JointChange, JointKind
from schemas.facts import Decided, Fact, NotedFact
from schemas.joint_facts import (
    DrawnFact,
    JointChangedFact,
    JointFact,
    JointPart,
    WindowClosedFact,
)

JointTold = JointFact | JointChangedFact | DrawnFact | WindowClosedFact


@dataclass(slots=True)
class JointStory:
    """One joint inspection as it stands.

    Attributes:
        formed: how it was formed.
        kind: of several departments or of several lines of one, by now.
        ground: why the lead leads, by now.
        events: when, and what was said of it, in order.
    """

    formed: JointFact
    kind: JointKind | None
    members: tuple[str, ...]
    lead: str
    ground: str
    left: list[str]
    parts: dict[str, JointPart]
    group: str
    events: list[tuple[int, str]] = field(default_factory=list)

    def take(self, fact: JointChangedFact) -> None:
        """Take in who takes part from now on."""
        self.members, self.lead, self.group = fact.members, fact.lead, fact.group
        self.ground = str(fact.ground) if fact.ground else self.ground
        self.kind = fact.kind or self.kind
        self.left = [dept for dept in self.left if dept != fact.dept]
        if fact.change is JointChange.JOINED:
            self.parts |= {} if fact.part is None else {fact.dept: fact.part}
        else:
            self.left.append(fact.dept)

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        formed = self.formed
        return {
            "joint_id": formed.joint_id,
            "quarter": formed.quarter,
            "kind": self.kind,
            "members": list(self.members),
            "lead": self.lead,
            "ground": self.ground or None,
            "left": self.left,
            "region": formed.region,
            "group": self.group,
            "day": formed.day and formed.day.isoformat(),
            "parts": [
                part.model_dump(mode="json")
                for dept, part in sorted(self.parts.items())
                if dept in self.members
            ],
            "events": [{"at": instant(at_ms), "what": what} for at_ms, what in self.events],
        }


def begun(fact: JointFact) -> JointStory:
    """The story of a joint inspection that was just formed."""
    return JointStory(
        formed=fact,
        kind=fact.kind,
        members=fact.members,
        lead=fact.lead,
        ground=str(fact.ground or ""),
        left=list(fact.left),
        parts={part.dept: part for part in fact.parts},
        group=fact.group,
    )


def hear(joints: dict[str, JointStory], decided: Decided, drawn: list[tuple[int, str]]) -> None:
    """Take one answer into the stories; draws are remembered for the one they come to."""
    for fact in decided.facts:
        line = (decided.at, said_of_joint(fact)) if isinstance(fact, JointTold) else None
        if isinstance(fact, DrawnFact | WindowClosedFact) and line:
            drawn.append(line)
        elif isinstance(fact, JointFact) and line:
            story = joints[fact.joint_id] = begun(fact)
            story.events = [*drawn, line]
        elif isinstance(fact, JointChangedFact) and line:
            joints[fact.joint_id].take(fact)
            joints[fact.joint_id].events.append(line)
        elif isinstance(fact, NotedFact) and fact.joint_id in joints:
            text = f"{decided.dept}: {fact.outcome} {_reasons(fact.reasons)}"
            joints[fact.joint_id].events.append((decided.at, text))


def _reasons(reasons: Iterable[Reason]) -> str:
    return ", ".join(f"{one.code} {one.about}".strip() for one in reasons)


def said_of_joint(fact: Fact) -> str:
    """A fact about draws or joint inspections in a few words."""
    match fact:
        case DrawnFact():
            line = f", line {fact.line}" if fact.line else ""
            late = ", late" if fact.late else ""
            return f"DRAWN by {fact.dept} ({fact.draw_id}{line}{late}): {', '.join(fact.items)}"
        case WindowClosedFact():
            out = "; ".join(
                f"{one.dept} drops out: {_reasons(one.reasons)}" for one in fact.dropped
            )
            alone = f"alone: {', '.join(fact.alone)}" if fact.alone else ""
            lost = "; ".join(f"draw of {one.dept} for {one.quarter} lapses" for one in fact.lapsed)
            said = "; ".join(part for part in (alone, out, lost) if part)
            return f"window of {fact.quarter} closed" + (f"; {said}" if said else "")
        case JointFact():
            why = f" ({fact.ground})" if fact.ground else ""
            return f"JOINT {', '.join(fact.members)}; lead {fact.lead}{why}"
        case JointChangedFact():
            why = f", now led by {fact.lead or 'nobody'} ({fact.ground})" if fact.ground else ""
            reasons = f": {_reasons(fact.reasons)}" if fact.reasons else ""
            kind = ", now across departments" if fact.kind is JointKind.CROSS else ""
            return f"{fact.change} {fact.dept}{reasons}{why}{kind}"
        case _:
            return fact.fact
