"""May this draw of an enterprise be taken, and what follows from it?

Until the window closes a draw only waits. One that comes late is refused, or taken if the policy
says so: then it joins what was formed.

Source: art. 2; docs/semantics.md §13.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import cast

import msgspec

from schemas.calendar_entries import with_entries
from schemas.decision import Reason
from schemas.enums import Standing, SubjectStatus
from schemas.facts import Fact
from schemas.inbound_joint import DrawObject
from schemas.joint_facts import DrawnFact
from schemas.journal import Findings, JournalEvent
from schemas.special_words import SpecialStanding
from streams.rules.built import builder
from streams.rules.calendar import day_of, ms_of
from streams.rules.deadlines import day_of_ms
from streams.rules.entry.caps import CompiledPolicy
from streams.rules.entry.whitelist import is_listed_throughout
from streams.rules.joint.changes import joined
from streams.rules.joint.draw_window import quarter_span, window_end
from streams.rules.joint.state import DrawState, QuarterState
from streams.rules.joint.visit import joint_of
from streams.rules.notes import draw_noted
from streams.rules.state import SubjectState, WhitelistState

_drawn_fact = builder(DrawnFact)


class Asked(msgspec.Struct, frozen=True):
    """What is asked about a draw.

    Attributes:
        today: The day on which the hub took it in.
        window_end: Last day of the window; None if no calendar says so.
        is_closed: What overlaps was already found for this enterprise.
        policy: The policy in force.
        place: The enterprise's place on the whitelist.
    """

    data: DrawObject
    findings: Findings
    today: date
    window_end: date | None
    is_closed: bool
    policy: CompiledPolicy
    place: WhitelistState | None

    @property
    def is_late(self) -> bool:
        """Whether the window is over. Where no calendar covers it, nothing is called late."""
        is_after = self.window_end is not None and self.today > self.window_end
        return self.is_closed or is_after

    @property
    def special_id(self) -> str | None:
        """The special inspection that it is for, if that one stands for the department (art. 5)."""
        stands = self.findings.special is SpecialStanding.VALID
        return self.data.special_id if stands else None


Fault = Callable[[Asked], Reason | None]


def unqualified(asked: Asked) -> Reason | None:
    """The department is not on the list of inspecting bodies (art. 14)."""
    standing = asked.findings.dept_standing
    return None if standing is Standing.VALID else Reason(code=f"DEPARTMENT_{standing}")


def special_not_allowed(asked: Asked) -> Reason | None:
    """The special inspection that it was drawn for does not stand, or is not the department's.

    As with tasks the policy says whether that counts (art. 4, 5).
    """
    standing = asked.findings.special
    if standing in (None, SpecialStanding.VALID) or not asked.policy.refuses_by_special:
        return None
    return Reason(code=f"SPECIAL_{standing}", about=asked.data.special_id or "")


def unknown_subject(asked: Asked) -> Reason | None:
    """The object list does not know the enterprise: nothing could have been drawn (art. 2)."""
    return Reason(code="UNKNOWN_SUBJECT") if asked.findings.subject is None else None


def gone_subject(asked: Asked) -> Reason | None:
    """The enterprise is no longer active here."""
    subject = asked.findings.subject
    if subject is None or subject.status is SubjectStatus.ACTIVE:
        return None
    return Reason(code=f"SUBJECT_{subject.status}")


def out_of_scope(asked: Asked) -> Reason | None:
    """It is no enterprise, individual business or cooperative (art. 7)."""
    return None if asked.findings.in_scope else Reason(code="OBJECT_TYPE")


def out_of_territory(asked: Asked) -> Reason | None:
    """It is another department's object: it lies outside the department's region (art. 15)."""
    if asked.findings.in_territory:
        return None
    return Reason(code="OUT_OF_TERRITORY", about=asked.data.region or "")


def whitelisted(asked: Asked) -> Reason | None:
    """It is on the whitelist until the quarter is over: nobody may visit it by plan (art. 3).

    Inspections on a clue are not drawn; their tasks are let through, and marked.
    """
    first, last = quarter_span(asked.data.quarter)
    if not is_listed_throughout(asked.place, max(asked.today, first), last):
        return None
    return Reason(code="SUBJECT_WHITELISTED")


def items_whitelisted(asked: Asked) -> Reason | None:
    """All that is to be inspected is on the whitelist until the quarter is over (art. 3)."""
    listed = asked.findings.whitelisted_items
    if not set(asked.data.items) <= set(listed):
        return None
    return Reason(code="ITEM_WHITELISTED", about=listed[0])


def before_window(asked: Asked) -> Reason | None:
    """It was drawn, or sent, before its quarter began (art. 2)."""
    first, _ = quarter_span(asked.data.quarter)
    if min(asked.today, day_of(asked.data.drawn_at)) >= first:
        return None
    return Reason(code="BEFORE_WINDOW", about=first.isoformat())


def quarter_over(asked: Asked) -> Reason | None:
    """Its quarter is over, so nothing can come of it (art. 2)."""
    _, last = quarter_span(asked.data.quarter)
    return Reason(code="QUARTER_OVER", about=last.isoformat()) if asked.today > last else None


def after_window(asked: Asked) -> Reason | None:
    """It came after the window, and the policy does not take late draws (art. 2).

    The window is that of the yearly plan: special inspections are drawn when they are due (art. 5).
    """
    if asked.policy.takes_late_draws or not asked.is_late or asked.special_id is not None:
        return None
    end = asked.window_end
    return Reason(code="AFTER_WINDOW", about="" if end is None else end.isoformat())


FAULTS: tuple[Fault, ...] = (
    unqualified,
    special_not_allowed,
    unknown_subject,
    gone_subject,
    out_of_scope,
    out_of_territory,
    whitelisted,
    items_whitelisted,
    before_window,
    quarter_over,
    after_window,
)
"""In this order; all that hold are named."""


def drawn(state: SubjectState, event: JournalEvent, policy: CompiledPolicy) -> tuple[Fact, ...]:
    """A department drew this enterprise for a quarter.

    Source: art. 2.
    """
    data = cast("DrawObject", event.record.data)
    digest, dept = draw_digest(data), event.record.dept
    known = _known(state, dept, data.draw_id)
    if known is not None:
        if known.digest == digest:
            return draw_noted(data.draw_id, "REPEATED")
        return draw_noted(data.draw_id, "REFUSED", Reason(code="DRAW_EXISTS"))
    findings = event.record.findings
    calendar = with_entries(findings.calendar, policy.calendar)
    asked = Asked(
        data=data,
        findings=findings,
        today=day_of_ms(event.at_ms),
        window_end=window_end(data.quarter, policy.draw_days, calendar),
        is_closed=state.draws.get(data.quarter, QuarterState()).closed,
        policy=policy,
        place=state.whitelist,
    )
    faults = tuple(reason for fault in FAULTS if (reason := fault(asked)) is not None)
    if faults:
        return draw_noted(data.draw_id, "REFUSED", *faults)
    fact = _fact(asked, dept, digest)
    if not asked.is_closed or joint_of(state, data.quarter) is None:
        return (fact,)
    return joined(state, event, policy, fact)


def draw_digest(data: DrawObject) -> str:
    """What tells a repeat of a draw from another draw under the same id."""
    content = [
        data.draw_id, data.quarter, data.plan_code, data.line, sorted(set(data.items)),
        ms_of(data.drawn_at),
    ]  # fmt: skip
    if data.special_id is not None:
        content.append(data.special_id)
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:32]


def _known(state: SubjectState, dept: str, draw_id: str) -> DrawState | None:
    for quarter in state.draws.values():
        for draw in quarter.draws:
            if draw.draw_id == draw_id and draw.dept == dept:
                return draw
    return None


def _fact(asked: Asked, dept: str, digest: str) -> DrawnFact:
    data, subject = asked.data, asked.findings.subject
    if subject is None:
        raise ValueError("a draw without a subject must be refused")
    return _drawn_fact(
        {
            "fact": "DRAWN",
            "draw_id": data.draw_id,
            "dept": dept,
            "quarter": data.quarter,
            "line": data.line,
            "items": tuple(dict.fromkeys(data.items)),
            "late": asked.is_late,
            "digest": digest,
            "system": data.system,
            "name": subject.name,
            "industry": subject.industry,
            "object_type": subject.object_type,
            "region": data.region or "",
            "special_id": asked.special_id,
        }
    )
