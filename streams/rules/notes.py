"""How is something recorded that has no effect?

Source: art. 5 (the whole course is recorded), so what changes nothing is written down as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from schemas.decision import Reason
from schemas.facts import Fact, NotedFact

Outcome = Literal["REPEATED", "REFUSED"]


def repeated(task_id: str | None, reason: str | None = None) -> tuple[Fact, ...]:
    """Nothing new: it was so already, or is too old to matter."""
    reasons = () if reason is None else (Reason(code=reason),)
    return (NotedFact(task_id=task_id, outcome="REPEATED", reasons=reasons),)


def refused(task_id: str, reason: str) -> tuple[Fact, ...]:
    """Not allowed, or too late; the reason says which."""
    return (NotedFact(task_id=task_id, outcome="REFUSED", reasons=(Reason(code=reason),)),)


def result_repeated(result_id: str, *reasons: str) -> tuple[Fact, ...]:
    """Nothing new about a result."""
    found = tuple(Reason(code=code) for code in reasons)
    fact = NotedFact(outcome="REPEATED", reasons=found, result_id=result_id)
    return (fact,)


def result_remembered(result_id: str, at: int) -> tuple[Fact, ...]:
    """A correction that says nothing new; older ones are void from now on."""
    return (NotedFact(outcome="REPEATED", reasons=(), result_id=result_id, at=at),)


def result_refused(result_id: str, reason: str) -> tuple[Fact, ...]:
    """Not allowed for this result."""
    found = (Reason(code=reason),)
    return (NotedFact(outcome="REFUSED", reasons=found, result_id=result_id),)


def step_repeated(repair_id: str, dropped: str | None) -> tuple[Fact, ...]:
    """Nothing new about a repair case; `dropped` names the step if it was held until now."""
    fact = NotedFact(outcome="REPEATED", reasons=(), repair_id=repair_id, dropped=dropped)
    return (fact,)


def step_refused(
    repair_id: str, dropped: str | None, reason: str, about: Iterable[str] = ("",)
) -> tuple[Fact, ...]:
    """A step of a repair case that is not allowed, for each thing that the reason is about."""
    return step_barred(repair_id, dropped, tuple(Reason(code=reason, about=one) for one in about))


def step_barred(
    repair_id: str, dropped: str | None, reasons: tuple[Reason, ...], dept: str | None = None
) -> tuple[Fact, ...]:
    """A step of a repair case that several things stand against; `dept`: whom it concerns too."""
    fact = NotedFact(
        outcome="REFUSED", reasons=reasons, repair_id=repair_id, dropped=dropped, dept=dept
    )
    return (fact,)


def draw_noted(draw_id: str, outcome: Outcome, *reasons: Reason) -> tuple[Fact, ...]:
    """A draw that changes nothing."""
    return (NotedFact(outcome=outcome, reasons=reasons, draw_id=draw_id),)


def joint_noted(joint_id: str, outcome: Outcome, *reasons: Reason) -> tuple[Fact, ...]:
    """What changes nothing about a joint task."""
    return (NotedFact(outcome=outcome, reasons=reasons, joint_id=joint_id),)


def window_noted(
    outcome: Outcome, reason: str, about: str = "", quarter: str | None = None
) -> tuple[Fact, ...]:
    """A window's close that changes nothing; `quarter`: of one that is not open."""
    reasons = (Reason(code=reason, about=about),)
    return (NotedFact(outcome=outcome, reasons=reasons, quarter=quarter),)
