"""How is something recorded that has no effect?

Source: art. 5 (the whole course is recorded), so what changes nothing is written down as well.
"""

from __future__ import annotations

from schemas.decision import Reason
from schemas.facts import Fact, NotedFact


def repeated(task_id: str | None, reason: str | None = None) -> tuple[Fact, ...]:
    """Nothing new: it was so already, or is too old to matter."""
    reasons = () if reason is None else (Reason(code=reason),)
    return (NotedFact(task_id=task_id, outcome="REPEATED", reasons=reasons),)


def refused(task_id: str, reason: str) -> tuple[Fact, ...]:
    """Not allowed, or too late; the reason says which."""
    return (NotedFact(task_id=task_id, outcome="REFUSED", reasons=(Reason(code=reason),)),)
