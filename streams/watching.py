"""What does the watch need of the rules? Pure judges and reckoners, handed in at the top.

Source: docs/watching.md.
"""

from __future__ import annotations

from streams.desks.oversight import Deliveries, calendar_ends, owed_again, repair_cases
from streams.rules.delivery.drain import drain_rate, forecast
from streams.rules.lag import judge, judge_delivery, judge_flow, judge_proof, unattended
from streams.rules.retention import expires_ms, is_expiring
from streams.rules.silence import (
    expected_by_ms,
    judge_department,
    notes_of,
    rhythm,
    working_days_before,
)

__all__ = [
    "Deliveries",
    "calendar_ends",
    "drain_rate",
    "expected_by_ms",
    "expires_ms",
    "forecast",
    "is_expiring",
    "judge",
    "judge_delivery",
    "judge_department",
    "judge_flow",
    "judge_proof",
    "notes_of",
    "owed_again",
    "repair_cases",
    "rhythm",
    "unattended",
    "working_days_before",
]
