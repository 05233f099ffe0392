"""What are the fields of the publicity facts called in `insp.decided`, and which are compared?

The only place that knows: the auditor's own facts are renamed by this table before they are
compared. A recorded field that stands in neither column is a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.audit.results import AFTER, Fact


@dataclass(frozen=True, slots=True)
class Naming:
    """How one kind of fact is written.

    Attributes:
        kind: its name there.
        names: own field -> field there, where they differ.
        values: own field -> own value -> value there, where they differ.
        not_compared: fields there that say nothing of their own, or that only the hub needs.
    """

    kind: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    not_compared: frozenset[str] = frozenset()


NAMINGS: dict[str, Naming] = {
    "COMPLETED": Naming("COMPLETED", not_compared=frozenset({"publish", "content"})),
    "DISCLOSURE": Naming("DISCLOSURE", not_compared=frozenset({"ground", "grounds"})),
    "RESULT_KEPT": Naming("RESULT_KEPT"),
    "STOP_KEPT": Naming("STOP_KEPT"),
    "REPAIR": Naming(
        "REPAIR",
        not_compared=frozenset({"results", "documents", "missing", "decision", "decision_no"}),
    ),
    "HELD": Naming("HELD", not_compared=frozenset({"content", "event", "at"})),
}
MESSAGE_FIELDS_NOT_COMPARED: frozenset[str] = frozenset()
"""Fields of `repair.updated` and `disclosure.updated` that are not compared."""


def as_recorded(fact: Fact) -> tuple[Fact, frozenset[str]]:
    """An own fact as `insp.decided` would hold it, and the fields that are not compared."""
    naming = NAMINGS.get(fact["fact"])
    written: Fact = {}
    for name, value in fact.items():
        if name == AFTER:
            continue
        if naming is None:
            written[name] = value
        else:
            known = naming.values.get(name, {})
            written[naming.names.get(name, name)] = known.get(value, value) if known else value
    if naming is None:
        return written, frozenset()
    return {**written, "fact": naming.kind}, naming.not_compared


def with_own(own: list[Fact], recorded: list[Fact]) -> list[Fact]:
    """Recorded facts that were found equal, with what the own ones leave behind."""
    return [
        {**theirs, AFTER: mine[AFTER]} if AFTER in mine else theirs
        for mine, theirs in zip(own, recorded, strict=True)
    ]
