"""Whose tasks are no inspections? The hub's own probe publishes them, and nobody counts them.

The canary is a department like any other on the way through the hub: registered, judged, answered.
What it asks for concerns an enterprise that cannot exist, so no cap of a real one is touched.
"""

from __future__ import annotations

CANARY_DEPT = "CANARY"
"""Registry code, reserved: statistics and indicators leave out whatever bears it."""
CANARY_USCC = "91120000CANARY005B"
"""A credit code that is valid (GB 32100-2015) and is kept for the probe.

Its organisation code (GB 11714) reads CANARY00-5, a form in which none is known to be given out.
"""
CANARY_OFFICER = "CANARY-0001"
CANARY_ITEM = "CANARY-001"
CANARY_SYSTEM = "CANARY"
CANARY_REGION = "120000"
CANARY_NAME = "检查中枢自检对象（非真实经营主体）"


def is_canary(dept: str) -> bool:
    """Whether what this department publishes is a probe and no inspection."""
    return dept == CANARY_DEPT
