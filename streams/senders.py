"""May this department send an event of this type?"""

from __future__ import annotations

from schemas.envelope import Envelope
from schemas.malformed import Malformed, shown
from schemas.messages import (
    INBOUND,
    RESUME_ORDERED,
    STOP_ORDERED,
    SUBJECT_CLASSIFIED,
    WHITELIST_CHANGED,
    InboundType,
    Sender,
)
from schemas.reasons import Refusal
from schemas.registry import REGISTRY_SOURCE
from streams.registry import Registry

# The administrators push classes and whitelists too (art. 3: three feeds), and have results stopped
# on behalf of any department (art. 13).
_ALSO_FROM_REGISTRY = frozenset(
    {SUBJECT_CLASSIFIED, WHITELIST_CHANGED, STOP_ORDERED, RESUME_ORDERED}
)


def row_of(envelope: Envelope, dept: str, registry: Registry) -> InboundType:
    """The event type's row, if this department may send it (art. 14; invariant I12).

    Raises:
        Malformed: it may not, or there is no such type.
    """
    if envelope.source != dept:
        raise Malformed(
            Refusal.FOREIGN_SOURCE,
            "source",
            f"{shown(envelope.source)} found: {dept} expected here",
        )
    row = INBOUND.get(envelope.type)
    if row is None:
        raise Malformed(Refusal.UNKNOWN_TYPE, "type", f"{shown(envelope.type)} is no type of ours")
    if dept == REGISTRY_SOURCE:
        allowed = row.sender is Sender.REGISTRY or row.type in _ALSO_FROM_REGISTRY
    else:
        allowed = row.sender is Sender.DEPARTMENT
        if dept not in registry.departments:
            raise Malformed(
                Refusal.UNKNOWN_DEPARTMENT, "source", f"{shown(dept)} is not in the registry"
            )
    if not allowed:
        raise Malformed(
            Refusal.NOT_FOR_DEPARTMENTS, "type", f"{row.type} is not for {dept} to send"
        )
    return row
