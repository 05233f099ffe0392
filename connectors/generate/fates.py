"""What becomes of a result once it is on record? Every course of a repair, a stop, a correction.

A fate is a list of steps, each some pauses after the result: negative ones come before it. The
steps are written by `publicity`.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Step(NamedTuple):
    """One event of a fate: so many pauses after the result, written by the method of that name."""

    after: float
    name: str
    says: dict[str, Any] = {}  # noqa: RUF012 - a NamedTuple's default, never changed


def _step(after: float, name: str, **says: Any) -> Step:  # noqa: ANN401 - any JSON
    return Step(after, name, says)


def _applied(after: float = 1, **says: Any) -> Step:  # noqa: ANN401 - any JSON
    return _step(after, "applied", **says)


def _accepted(after: float = 2, **says: Any) -> Step:  # noqa: ANN401 - any JSON
    return _step(after, "accepted", **says)


def _decided(after: float, decision: str, **says: Any) -> Step:  # noqa: ANN401 - any JSON
    return _step(after, "decided", decision=decision, **says)


def _order(after: float, reason: str, **says: Any) -> Step:  # noqa: ANN401 - any JSON
    return _step(after, "ordered", stop_reason=reason, **says)


_OPEN = (_applied(), _accepted())
_APPROVED = (*_OPEN, _decided(4, "APPROVED"))

UNPUBLISHED = frozenset({"corrected into the open", "ordered though unpublished", "unpublished"})
"""Fates of results that are not published at first."""
NOT_NEGATIVE = frozenset({"repair of a good result"})
"""Fates of published results without a negative finding."""

FATES: dict[str, tuple[int, tuple[Step, ...]]] = {
    # name: (weight, steps); art. 11, 12: how applications go
    "repaired": (30, _APPROVED),
    "repaired at once": (4, (_applied(0.1), _accepted(0.2), _decided(0.3, "APPROVED"))),
    "applied only": (4, (_applied(),)),
    "accepted only": (6, _OPEN),
    "supplemented": (
        6,
        (
            *_OPEN, _step(3, "asked"), _step(5, "received"), _step(5.5, "asked"),
            _step(6, "asked"), _step(9, "received"), _decided(10, "APPROVED"),
        ),
    ),
    "supplement outstanding": (3, (*_OPEN, _step(3, "asked"))),
    "documents missing": (
        5,
        (
            _applied(documents=2), _accepted(1.5), _step(2, "received", documents=4),
            _accepted(3), _decided(5, "APPROVED"),
        ),
    ),
    "refused": (6, (*_OPEN, _decided(4, "REFUSED", reason="整改未完成"))),
    "refused without a reason": (
        3,
        (*_OPEN, _decided(4, "REFUSED", reason="  "), _decided(5, "REFUSED", reason="证明不足")),
    ),
    "refused, then applied anew": (
        4,
        (
            *_OPEN, _decided(4, "REFUSED", reason="整改未完成"), _applied(5, case=2),
            _accepted(6, case=2), _decided(8, "APPROVED", case=2),
        ),
    ),
    "withdrawn early": (2, (_applied(), _decided(2, "WITHDRAWN"))),
    "withdrawn late": (2, (*_OPEN, _decided(3, "WITHDRAWN"))),
    "revoked": (4, (*_APPROVED, _decided(6, "REVOKED", number=2))),
    "revoked with faults": (
        2,
        (
            *_APPROVED, _decided(5, "REVOKED", number=None), _decided(5.5, "REVOKED"),
            _decided(6, "REVOKED", number=2),
        ),
    ),
    "approved without a number": (2, (*_OPEN, _decided(4, "APPROVED", number=None))),
    "decided twice": (
        3,
        (*_APPROVED, _decided(5, "APPROVED"), _decided(6, "REFUSED", reason="改判"), _accepted(7)),
    ),
    "asked after the end": (2, (*_APPROVED, _step(5, "asked"), _step(6, "received"))),
    "applied twice": (2, (_applied(), _applied(1.5), _applied(2, documents=5))),
    # art. 12: disorder; a step waits for the one before it
    "decided before accepted": (4, (_applied(), _decided(2, "APPROVED"), _accepted(3))),
    "everything backwards": (3, (_decided(1, "APPROVED"), _accepted(2), _applied(3))),
    "asked before accepted": (
        2,
        (
            _applied(), _step(2, "asked"), _accepted(3), _step(5, "received"),
            _decided(6, "APPROVED"),
        ),
    ),
    "revoked before approved": (
        2,
        (*_OPEN, _decided(3, "REVOKED", number=2), _decided(4, "APPROVED")),
    ),
    "held again": (2, (_applied(), _decided(2, "APPROVED"), _decided(2.5, "APPROVED"))),
    "held too often": (
        1,
        (_applied(), *(_step(1 + n / 10, "asked", what=f"材料{n}") for n in range(1, 23))),
    ),
    "held, then incomplete": (
        2,
        (
            _applied(documents=3), _decided(2, "APPROVED"), _accepted(3),
            _step(4, "received", documents=4),
        ),
    ),
    "repaired before the result": (2, (_applied(-3), _accepted(-2), _decided(-1, "APPROVED"))),
    # art. 12: who may
    "repair by another department": (
        3,
        (*_OPEN, _decided(3, "APPROVED", stranger=True), _decided(4, "APPROVED")),
    ),
    "application to another department": (2, (_applied(stranger=True),)),
    "repair of an unknown result": (
        2,
        (_applied(results="unknown"), _accepted(), _decided(4, "APPROVED")),
    ),
    "decision about another result": (2, (*_OPEN, _decided(3, "APPROVED", results="unknown"))),
    "repair of a good result": (2, (_applied(),)),
    "unpublished": (2, (_applied(),)),
    # art. 13: stops without a repair, and their end
    "expired": (4, (_order(2, "EXPIRED", scope="PUBLIC_ONLY"),)),
    "cascade": (3, (_order(2, "CASCADE"),)),
    "objection upheld": (3, (_order(2, "OBJECTION_UPHELD"), _order(3, "OBJECTION_UPHELD"))),
    "withdrawn result": (2, (_order(2, "RESULT_WITHDRAWN"),)),
    "wrong enterprise": (2, (_order(2, "ENTITY_ERROR"),)),
    "masked and resumed": (
        4,
        (
            _order(2, "BANKRUPTCY_TEMP_MASK"),
            _step(4, "resumed", stop_reason="BANKRUPTCY_TEMP_MASK"),
            _step(5, "resumed", stop_reason="BANKRUPTCY_TEMP_MASK"),
        ),
    ),
    "masked, then repaired": (2, (_order(0.5, "BANKRUPTCY_TEMP_MASK"), *_APPROVED)),
    "resumed in vain": (2, (_order(2, "EXPIRED"), _step(3, "resumed", stop_reason="EXPIRED"))),
    "ordered as a repair": (2, (_order(2, "REPAIR_APPROVED"),)),
    "ordered before the result": (3, (_order(-1, "CASCADE"),)),
    "ordered by another before the result": (2, (_order(-1, "EXPIRED", stranger=True),)),
    "ordered by another department": (2, (_order(2, "EXPIRED", stranger=True),)),
    "ordered though unpublished": (2, (_order(2, "EXPIRED"),)),
    "ordered late": (2, (_order(2, "EXPIRED", said_ago_days=20),)),
    "repaired, then ordered": (2, (*_APPROVED, _order(6, "EXPIRED"))),
    # art. 5, 9: corrections
    "corrected": (5, (_step(2, "corrected"),)),
    "corrected twice, the older last": (
        2,
        (_step(2, "corrected"), _step(3, "corrected", said_ago_days=9)),
    ),
    "corrected and taken back": (2, (_step(2, "corrected", publish=False), _step(3, "corrected"))),
    "corrected though repaired": (2, (*_APPROVED, _step(6, "corrected"))),
    "corrected into the open": (2, (_step(2, "corrected"),)),
    "corrected by another department": (2, (_step(2, "corrected", stranger=True),)),
    "unknown result corrected": (2, (_step(2, "corrected", results="unknown"),)),
    "id taken by another": (2, (_step(2, "taken"),)),
}  # fmt: skip
