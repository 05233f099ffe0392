"""How is it said that nothing follows for a special inspection?"""

from __future__ import annotations

from schemas.decision import Reason
from schemas.facts import Fact, NotedFact


def special_repeated(special_id: str, *reasons: str) -> tuple[Fact, ...]:
    """Nothing new."""
    return _noted(special_id, "REPEATED", tuple(Reason(code=code) for code in reasons))


def special_refused(special_id: str, reason: str) -> tuple[Fact, ...]:
    """Not allowed, or too late; the reason says which."""
    return special_barred(special_id, (Reason(code=reason),))


def special_barred(special_id: str, reasons: tuple[Reason, ...]) -> tuple[Fact, ...]:
    """Several things stand against it, and nothing of it is done."""
    return _noted(special_id, "REFUSED", reasons)


def _noted(special_id: str, outcome: str, reasons: tuple[Reason, ...]) -> tuple[Fact, ...]:
    fields = {"outcome": outcome, "reasons": reasons, "special_id": special_id}
    return (NotedFact.model_validate(fields),)
