"""What does the fast view show of disclosed results and open repairs after a record?

The public list is the hub's own place of disclosure: the fourth that must stop.

Source: art. 9, 13; docs/delivery.md.
"""

from __future__ import annotations

from datetime import date

import msgspec
from pydantic import TypeAdapter

from schemas.base import Message
from schemas.enums import RepairStep
from schemas.facts import Decided
from schemas.feed import DisclosureState
from schemas.public_facts import DisclosureFact, RepairFact
from streams.rules.built import builder


class PublicEntry(Message):
    """A row of the hub's own public list."""

    result_id: str
    uscc: str
    entity_name: str
    dept: str
    inspected_on: date
    outcomes: tuple[str, ...]
    found_problem: bool
    negative: bool
    version: int


class PublicOps(msgspec.Struct, frozen=True):
    """What changes in the view; each operation is harmless if repeated.

    Attributes:
        results: Result ids that are, or were, disclosed.
        public: Result id and row of what the public list shows now; None: nothing any more.
        cases: Repair ids of cases.
        due: Repair id and last day for the decision, as an ordinal; None: no day runs.
    """

    results: list[str]
    public: list[tuple[str, bytes | None]]
    cases: list[str]
    due: list[tuple[str, int | None]]


_entry = builder(PublicEntry)
_to_json = TypeAdapter(PublicEntry).dump_json


def public_ops(decided: Decided) -> PublicOps | None:
    """The operations that follow from the answer to one record; None for most.

    Source: art. 13 (the platform's own page stops with the decision).
    """
    ops: PublicOps | None = None
    for fact in decided.facts:
        if isinstance(fact, DisclosureFact):
            ops = ops or PublicOps([], [], [], [])
            ops.results.append(fact.result_id)
            ops.public.append((fact.result_id, _row(decided.key, fact)))
        elif isinstance(fact, RepairFact):
            ops = ops or PublicOps([], [], [], [])
            if fact.step is RepairStep.APPLIED:
                ops.cases.append(fact.repair_id)
            due_on = None if fact.due_on is None else fact.due_on.toordinal()
            ops.due.append((fact.repair_id, due_on))
    return ops


def _row(uscc: str, fact: DisclosureFact) -> bytes | None:
    if fact.state is not DisclosureState.DISCLOSED:
        return None
    content = fact.content
    return _to_json(
        _entry(
            {
                "result_id": fact.result_id,
                "uscc": uscc,
                "entity_name": content.entity_name,
                "dept": content.dept,
                "inspected_on": content.inspected_on,
                "outcomes": content.outcomes,
                "found_problem": content.found_problem,
                "negative": content.negative,
                "version": fact.version,
            }
        )
    )
