"""Which checks are there? All of them, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable

from connectors.departments.conform import rules_wire, rules_work
from connectors.departments.conform.evidence import Evidence, Finding

CHECKS: tuple[Callable[[Evidence], Finding], ...] = (
    rules_work.registration,
    rules_wire.envelope,
    rules_wire.source,
    rules_wire.schema,
    rules_wire.ids,
    rules_wire.repeats,
    rules_wire.keys,
    rules_wire.credit_codes,
    rules_wire.clock,
    rules_wire.offsets,
    rules_wire.unknown_fields,
    rules_work.officers,
    rules_work.approvals,
    rules_work.clues,
    rules_work.entries,
    rules_work.results,
    rules_work.cancellations,
    rules_work.backfill,
)


def judge(evidence: Evidence) -> list[Finding]:
    """Run every check."""
    return [check(evidence) for check in CHECKS]
