"""What overlaps when a quarter's window closes, and who inspects the enterprise together?

Source: art. 1, 2; docs/semantics.md §13.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from msgspec.structs import replace

from schemas.calendar_entries import with_entries
from schemas.decision import Reason
from schemas.enums import JointKind
from schemas.facts import Fact
from schemas.inbound_joint import WindowClosed
from schemas.joint_facts import DrawLapsed, JointDropped, JointFact, JointPart, WindowClosedFact
from schemas.journal import JournalEvent
from streams.rules.calendar import day_at
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.whitelist import is_listed, is_listed_throughout
from streams.rules.joint.draw_window import proposed_day, quarter_span, window_end
from streams.rules.joint.lead import group_of, lead_of
from streams.rules.joint.state import DrawState, JointState, PartState, QuarterState, binds
from streams.rules.joint.visit import JointPlan, bars, given_up, joint_id_of, joint_of, without
from streams.rules.notes import window_noted
from streams.rules.state import SubjectState
from streams.rules.visits import Subject

Barred = dict[str, tuple[Reason, ...]]


def closed(state: SubjectState, event: JournalEvent, policy: CompiledPolicy) -> tuple[Fact, ...]:
    """The window is over: departments that drew the same enterprise inspect it together.

    Closing a window early, or again, changes nothing.

    Source: art. 2.
    """
    data = cast("WindowClosed", event.record.data)
    quarter = state.draws.get(data.quarter)
    if quarter is None or quarter.closed:
        return window_noted("REPEATED", "NOT_OPEN", quarter=data.quarter)
    calendar = with_entries(event.record.findings.calendar, policy.calendar)
    end = window_end(data.quarter, policy.draw_days, calendar)
    if end is None or data.on <= end:
        return window_noted("REFUSED", "WINDOW_OPEN", "" if end is None else end.isoformat())
    formed = joint_of(state, data.quarter)
    if formed is not None:
        joint = state.joints[formed]
        depts = dict.fromkeys(draw.dept for draw in quarter.draws)
        alone = tuple(dept for dept in depts if not binds(joint, dept))
        day = data.on + timedelta(days=1)
        is_barred = is_listed_throughout(state.whitelist, day, quarter_span(data.quarter)[1])
        return (_closed(state, data.quarter, alone, _all_whitelisted(alone) if is_barred else {}),)
    joint_id = joint_id_of(data.quarter, event.key)
    day = proposed_day(
        joint_id, data.quarter, data.on, policy.draw_days, calendar,
        bars=lambda day: is_listed(state.whitelist, day.toordinal()),
    )  # fmt: skip
    plan = JointState(
        data.quarter, (), "",
        name=quarter.name, industry=quarter.industry, region=quarter.region, day=day.toordinal(),
    )  # fmt: skip
    return _form(state, quarter, JointPlan(joint_id, plan, day), event.key, policy)


def parts_of(draws: Sequence[DrawState]) -> tuple[PartState, ...]:
    """What each department brings that drew, by code; several draws of one are put together."""
    parts: dict[str, PartState] = {}
    for draw in draws:
        known = parts.get(draw.dept, PartState(draw.dept))
        parts[draw.dept] = PartState(
            draw.dept,
            draw.system or known.system,
            tuple(dict.fromkeys((*known.items, *draw.items))),
            (*known.draws, draw.draw_id),
        )
    return tuple(parts[dept] for dept in sorted(parts))


def _form(
    state: SubjectState, quarter: QuarterState, plan: JointPlan, uscc: str, policy: CompiledPolicy
) -> tuple[Fact, ...]:
    """The joint task of all that may come, or nothing but the end of the window.

    Source: art. 1 (内部综合+外部联合), art. 2.
    """
    name = plan.joint.quarter
    everyone = parts_of(quarter.draws)
    depts = tuple(part.dept for part in everyone)
    if is_listed(state.whitelist, plan.joint.day):
        return (_closed(state, name, depts, _all_whitelisted(depts)),)
    if not _kind(everyone, quarter):
        return (_closed(state, name, depts, {}),)
    subject = Subject(uscc, quarter.industry, quarter.object_type)
    parts, barred = _who_may_come(state, everyone, plan, subject, policy)
    kind = _kind(parts, quarter)
    if kind is None:
        return (_closed(state, name, depts, barred),)
    lead, ground = lead_of(parts, quarter.industry, policy)
    members = tuple(part.dept for part in parts)
    joint = JointFact(
        joint_id=plan.joint_id,
        quarter=name,
        members=members,
        lead=lead,
        kind=kind,
        parts=tuple(shown(part) for part in parts),
        ground=ground,
        name=quarter.name,
        industry=quarter.industry,
        region=quarter.region,
        day=day_at(plan.joint.day),
        group=group_of(name, lead, members, quarter.region),
        left=tuple(barred),
    )
    gone: list[Fact] = []
    for dept in members if policy.joint_refuses else ():
        gone += given_up(state, dept, name)
    return (_closed(state, name, (), barred), joint, *gone)


def _closed(
    state: SubjectState, quarter: str, depts: Sequence[str], barred: Barred
) -> WindowClosedFact:
    """The window is over; these departments inspect alone, but for those who may not come.

    With it draws of earlier quarters lapse, and those that still waited are named.

    Source: art. 2.
    """
    waiting = {
        (earlier, draw.dept): draw.draw_id
        for earlier, kept in state.draws.items()
        if earlier < quarter and not kept.closed
        for draw in reversed(kept.draws)
    }
    return WindowClosedFact(
        quarter=quarter,
        alone=tuple(dept for dept in depts if dept not in barred),
        dropped=tuple(JointDropped(dept=dept, reasons=why) for dept, why in barred.items()),
        lapsed=tuple(
            DrawLapsed(quarter=earlier, dept=dept, draw_id=waiting[earlier, dept])
            for earlier, dept in sorted(waiting)
        ),
    )


def _all_whitelisted(depts: Sequence[str]) -> Barred:
    """Nobody may visit the enterprise by plan any more in this quarter.

    Source: art. 3.
    """
    return dict.fromkeys(depts, (Reason(code="SUBJECT_WHITELISTED"),))


def _kind(parts: Sequence[PartState], quarter: QuarterState) -> JointKind | None:
    """What sort of joint inspection these make; None if it is none.

    Source: art. 2 (跨部门、跨层级), art. 1 (several lines of one department).
    """
    if len(parts) > 1:
        return JointKind.CROSS
    lines = {draw.line for draw in quarter.draws if parts and draw.dept == parts[0].dept}
    return JointKind.INTERNAL if len(lines) > 1 else None


def _who_may_come(
    state: SubjectState,
    parts: tuple[PartState, ...],
    plan: JointPlan,
    subject: Subject,
    policy: CompiledPolicy,
) -> tuple[tuple[PartState, ...], Barred]:
    """The departments that may come, and why the others may not.

    Whoever drops out is judged no more; the rest is judged again, because the lead passes on and
    some caps count only the lead.

    Source: art. 2, 10.
    """
    barred: Barred = {}
    if policy.joint_refuses:
        for part in parts:
            state = without(state, given_up(state, part.dept, plan.joint.quarter))
    while parts:
        lead, _ = lead_of(parts, subject.industry, policy)
        members = tuple(part.dept for part in parts)
        now = plan._replace(joint=replace(plan.joint, members=members, lead=lead))
        out = {part.dept: why for part in parts if (why := bars(state, policy, subject, part, now))}
        if not out:
            break
        barred |= out
        parts = tuple(part for part in parts if part.dept not in out)
    return parts, barred


def shown(part: PartState) -> JointPart:
    """A part as facts and messages hold it."""
    return JointPart(dept=part.dept, system=part.system, items=part.items, draws=part.draws)
