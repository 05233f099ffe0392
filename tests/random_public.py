"""Logs about results and repairs that nobody thought of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from builders import DEPT, OTHER_DEPT
from hypothesis import strategies as st
from public_builders import REQUIRED, Desk

from schemas.journal import CalendarFinding

OWN = st.sampled_from([DEPT, DEPT, DEPT, OTHER_DEPT])
ORDERING = st.sampled_from([DEPT, DEPT, OTHER_DEPT, "REGISTRY", "HUB"])
results = st.sampled_from(["R-1", "R-2"])
repairs = st.sampled_from(["C-1", "C-2"])
instants = st.sampled_from([f"2026-09-{day}T09:00:00+08:00" for day in (22, 23, 24, 28, 29)])
# What a correction says follows from when it was said: two of one instant are copies.
corrections = instants.flatmap(
    lambda at: st.fixed_dictionaries(
        {
            "step": st.just("correct"),
            "result_id": results,
            "dept": OWN,
            "at": st.just(at),
            "outcomes": st.just([at[8:10]]),
            "publish": st.just(at[9] != "8"),
        }
    )
)
published = st.fixed_dictionaries(
    {
        "step": st.just("publish"),
        "result_id": results,
        "task_id": st.sampled_from(["T-1", "T-2", "T-3"]),
        "dept": OWN,
        "publish": st.sampled_from([True, True, True, False]),
    }
)
reasons = st.sampled_from(["EXPIRED", "ENTITY_ERROR", "BANKRUPTCY_TEMP_MASK"])
orders = st.one_of(
    st.fixed_dictionaries(
        {
            "step": st.just("stop"),
            "reason": reasons,
            "result_id": results,
            "at": instants,
            "dept": ORDERING,
        }
    ),
    st.fixed_dictionaries(
        {"step": st.just("resume"), "result_id": results, "at": instants, "dept": ORDERING}
    ),
)
repairing = st.one_of(
    st.fixed_dictionaries(
        {
            "step": st.just("apply_for"),
            "result_ids": st.sampled_from([["R-1"], ["R-1", "R-2"]]),
            "repair_id": repairs,
            "documents": st.just(REQUIRED),
            "dept": OWN,
        }
    ),
    st.fixed_dictionaries(
        {
            "step": st.sampled_from(["accept", "ask", "receive"]),
            "repair_id": repairs,
            "at": instants,
            "dept": OWN,
        }
    ),
    st.fixed_dictionaries(
        {
            "step": st.just("decide"),
            "decision": st.sampled_from(["APPROVED", "REFUSED", "WITHDRAWN", "REVOKED"]),
            "number": st.sampled_from([None, "N-1", "N-2"]),
            "repair_id": repairs,
            "at": instants,
            "dept": OWN,
        }
    ),
)
logs = st.lists(
    st.one_of(published, published, corrections, orders, repairing, repairing, repairing),
    min_size=5,
    max_size=25,
)


def play(log: list[dict[str, Any]], entered: Sequence[CalendarFinding | None] = (None,)) -> Desk:
    """The fold after a log. `entered`: what each record found in the calendar, in turn."""
    desk = Desk()
    for number, step in enumerate(log):
        desk.calendar = entered[number % len(entered)]
        arguments = {name: value for name, value in step.items() if name != "step"}
        named = arguments.pop("result_ids", ()) if step["step"] == "apply_for" else ()
        getattr(desk, step["step"])(*named, **arguments)
    return desk
