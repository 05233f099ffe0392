"""Who hears of draws and joint inspections, and what?

Source: art. 2 (the platform names the lead; members are told); docs/semantics.md §13.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.base import Message
from schemas.decision import Reason, TaskUpdated
from schemas.enums import CodeState, JointChange, JointKind
from schemas.facts import CancelledFact, Decided, DecidedFact, Fact, NotedFact
from schemas.joint_answers import DrawUpdated, JointUpdated
from schemas.joint_facts import DrawnFact, JointChangedFact, JointFact, WindowClosedFact
from schemas.messages import (
    DRAW_OBJECT,
    DRAW_UPDATED,
    JOINT_ABSENT,
    JOINT_UPDATED,
    JOINT_WITHDRAWN,
    TASK_UPDATED,
    WINDOW_CLOSED,
)
from streams.rules.built import builder
from streams.rules.calendar import day_at
from streams.rules.joint.draw_window import quarter_span
from streams.rules.joint.forming import shown
from streams.rules.joint.state import DrawState, JointState, PartState
from streams.rules.joint.visit import live_tasks_of
from streams.rules.state import SubjectState
from streams.rules.wording import instant_text

ABOUT_JOINTS = frozenset({DRAW_OBJECT, WINDOW_CLOSED, JOINT_WITHDRAWN, JOINT_ABSENT})
"""Event types that are answered here."""

Told = tuple[str, str, Message]
"""Who is told, the message's type, and its body."""

_draw_updated, _joint_updated = builder(DrawUpdated), builder(JointUpdated)
_task_updated = builder(TaskUpdated)


def joint_answers(decided: Decided, after: SubjectState) -> list[Told]:
    """The messages that follow from a record about draws or joint tasks, in order.

    Source: art. 2.
    """
    told: list[Told] = []
    for fact in decided.facts:
        if isinstance(fact, DrawnFact):
            told.append(_draw(decided, fact.dept, fact, "APPLIED"))
        elif isinstance(fact, NotedFact):
            told += _noted(decided, fact, after)
        elif isinstance(fact, WindowClosedFact):
            told += _unjoined(decided, fact, after)
        elif isinstance(fact, CancelledFact):
            told += _given_up(decided, fact, after)
        else:
            told += joint_news(decided, fact, after)
    return told


def joint_news(decided: Decided, fact: Fact, after: SubjectState) -> list[Told]:
    """How a joint task stands after a fact, to everybody it concerns; none for any other fact.

    Source: art. 2.
    """
    if isinstance(fact, JointFact) and fact.kind is not None:
        concerned = {*fact.members, *fact.left}
        news: dict[str, object] = {"change": JointChange.FORMED}
    elif isinstance(fact, JointChangedFact):
        concerned = {*fact.members, fact.dept}
        news = {"change": fact.change, "dept": fact.dept, "reasons": fact.reasons}
    else:
        return []
    said = {"outcome": "APPLIED", "ground": fact.ground, **news}
    body = _joint(decided, fact.joint_id, after, said)
    return [(one, JOINT_UPDATED, body) for one in sorted(concerned)]


def _noted(decided: Decided, fact: NotedFact, after: SubjectState) -> Iterator[Told]:
    """What changed nothing is told to whoever asked; the hub asks nobody."""
    if fact.draw_id is not None:
        yield _draw(decided, decided.dept, fact, fact.outcome)
    elif fact.joint_id is not None:
        said: dict[str, object] = {"outcome": fact.outcome, "reasons": fact.reasons}
        yield decided.dept, JOINT_UPDATED, _joint(decided, fact.joint_id, after, said)


def _unjoined(decided: Decided, fact: WindowClosedFact, after: SubjectState) -> Iterator[Told]:
    """Who drew the enterprise hears that it may inspect alone, or why it may not inspect.

    Whose draw of an earlier quarter was never compared hears that nothing comes of it.
    """
    alone: tuple[Reason, ...] = (Reason(code="ALONE"),)
    said = dict.fromkeys(fact.alone, ("APPLIED", alone))
    said |= {one.dept: ("REFUSED", one.reasons) for one in fact.dropped}
    draws = _first_draws(after.draws[fact.quarter].draws)
    for dept, (outcome, reasons) in said.items():
        fields = {"draw_id": draws[dept].draw_id, "quarter": fact.quarter, "reasons": reasons}
        yield dept, DRAW_UPDATED, _draw_body(decided, dept, {"outcome": outcome, **fields})
    for draw in fact.lapsed:
        over = Reason(code="QUARTER_OVER", about=quarter_span(draw.quarter)[1].isoformat())
        lost = {"draw_id": draw.draw_id, "quarter": draw.quarter, "reasons": (over,)}
        body = _draw_body(decided, draw.dept, {"outcome": "REFUSED", **lost})
        yield draw.dept, DRAW_UPDATED, body


def _first_draws(draws: Iterable[DrawState]) -> dict[str, DrawState]:
    """Each department's first draw."""
    first: dict[str, DrawState] = {}
    for draw in draws:
        first.setdefault(draw.dept, draw)
    return first


def _given_up(decided: Decided, fact: CancelledFact, after: SubjectState) -> Iterator[Told]:
    """Whose task was given up, for a joint visit or with it, hears that its code is void."""
    task = after.tasks[fact.task_id]
    fields = {
        "task_id": fact.task_id,
        "uscc": decided.key,
        "dept": task.dept,
        "about": decided.type,
        "outcome": "APPLIED",
        "code_state": CodeState.CANCELLED,
        "reasons": (Reason(code="JOINT_TASK", about=_joint_about(decided.facts)),),
        "year": day_at(task.day).year if task.day else None,
        **_source(decided),
    }
    yield task.dept, TASK_UPDATED, _task_updated(fields)


def _joint_about(facts: Iterable[Fact]) -> str:
    for fact in facts:
        if isinstance(fact, JointFact | JointChangedFact):
            return fact.joint_id
    return ""


def _draw(decided: Decided, dept: str, fact: DrawnFact | NotedFact, outcome: str) -> Told:
    fields: dict[str, object] = {
        "draw_id": fact.draw_id,
        "outcome": outcome,
        "quarter": fact.quarter if isinstance(fact, DrawnFact) else "",
        "late": fact.late if isinstance(fact, DrawnFact) else False,
        "reasons": () if isinstance(fact, DrawnFact) else fact.reasons,
    }
    return dept, DRAW_UPDATED, _draw_body(decided, dept, fields)


def _draw_body(decided: Decided, dept: str, fields: dict[str, object]) -> DrawUpdated:
    known = {"uscc": decided.key, "dept": dept, "about": decided.type, "late": False}
    said = {**known, **fields, **_source(decided)}
    return _draw_updated({name: said[name] for name in DrawUpdated.model_fields})


def _joint(
    decided: Decided, joint_id: str, after: SubjectState, said: dict[str, object]
) -> JointUpdated:
    """A joint task as it stands, and what is said of it besides."""
    joint = after.joints.get(joint_id, JointState("", (), ""))
    kind = None
    if joint_id in after.joints:
        kind = JointKind.INTERNAL if joint.is_internal else JointKind.CROSS
    fields = {
        "joint_id": joint_id,
        "uscc": decided.key,
        "about": decided.type,
        "change": None,
        "dept": None,
        "entity_name": joint.name,
        "quarter": joint.quarter,
        "kind": kind,
        "parts": tuple(map(shown, _lead_first(joint))),
        "lead": joint.lead,
        "ground": None,
        "left": joint.left,
        "region": joint.region,
        "group": joint.group,
        "day": day_at(joint.day) if joint.day else None,
        "code": next((task.code for _, task in live_tasks_of(after, joint_id) if task.code), None),
        "reasons": (),
        **said,
        **_source(decided),
    }
    return _joint_updated({name: fields[name] for name in JointUpdated.model_fields})


def _lead_first(joint: JointState) -> list[PartState]:
    known = {part.dept: part for part in joint.parts}
    parts = [known.get(member, PartState(member)) for member in joint.members]
    return sorted(parts, key=lambda part: part.dept != joint.lead)


def _source(decided: Decided) -> dict[str, object]:
    return {"source": decided.src, "decided_at": instant_text(decided.at)}


def dropped_news(decided: Decided, after: SubjectState) -> list[Told]:
    """Who hears that a task over its cap took its department out of a joint task.

    Source: art. 2, 10.
    """
    if not isinstance(decided.facts[0], DecidedFact):
        return []
    return [told for fact in decided.facts[1:] for told in joint_news(decided, fact, after)]
