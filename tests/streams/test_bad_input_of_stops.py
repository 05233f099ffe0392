"""Bad input about repairs and stops, through the real fold and a real delivery.

Each has a named outcome, is on record, and changes nothing else: not the list, not the feed, not
what a system shows, not another enterprise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from builders import DEPT, OTHER_DEPT
from delivery_world import until
from public_builders import a_result
from stops_world import USCC, Hub, accept, apply_for, decided, stop
from virtual_time import run_virtual

from schemas import messages
from schemas.topics import DECIDED, dlq_topic
from streams.ports import view_name


def nothing(_: Hub) -> None:
    """No case is known."""


def an_application(hub: Hub) -> None:
    apply_for(hub)


def an_open_case(hub: Hub) -> None:
    apply_for(hub)
    accept(hub)


def an_unpublished_result(hub: Hub) -> None:
    hub.say(messages.RESULT_RECORDED, a_result("R-2", publish=False))


@dataclass(frozen=True)
class Bad:
    """What is sent after what, to whom it is told, and what is said."""

    before: Callable[[Hub], None]
    sent: Callable[[Hub], None]
    outcome: str
    codes: tuple[str, ...]
    dept: str = DEPT


BAD = {
    "a repair for an unknown result": Bad(
        nothing, lambda hub: apply_for(hub, "R-9"), "APPLIED", ("UNKNOWN_RESULT",)
    ),
    "an approval before its application": Bad(nothing, decided, "HELD", ("NOT_APPLIED_YET",)),
    "a repair by another department": Bad(
        nothing, lambda hub: apply_for(hub, dept=OTHER_DEPT), "REFUSED", ("OTHER_DEPARTMENT",),
        OTHER_DEPT,
    ),
    "an approval by another department": Bad(
        an_open_case, lambda hub: decided(hub, dept=OTHER_DEPT), "REFUSED", ("OTHER_DEPARTMENT",),
        OTHER_DEPT,
    ),
    "a repair applied for twice": Bad(an_application, apply_for, "REPEATED", ()),
    "an acceptance twice": Bad(an_open_case, accept, "REPEATED", ()),
    "an approval before acceptance": Bad(an_application, decided, "HELD", ("NOT_ACCEPTED_YET",)),
    "a refusal without reason": Bad(
        an_open_case, lambda hub: decided(hub, "REFUSED", " "), "REFUSED", ("REASON_MISSING",)
    ),
    "a stop for a result never disclosed": Bad(
        an_unpublished_result, lambda hub: stop(hub, "R-2"), "REFUSED", ("NOT_DISCLOSED",)
    ),
    "a stop for an unknown result": Bad(
        nothing, lambda hub: stop(hub, "R-9"), "HELD", ("UNKNOWN_RESULT", "LATE_UPSTREAM")
    ),
    "a stop by another department": Bad(
        nothing, lambda hub: stop(hub, "R-1", dept=OTHER_DEPT), "REFUSED", ("OTHER_DEPARTMENT",),
        OTHER_DEPT,
    ),
    "a repair's stop without a repair": Bad(
        nothing, lambda hub: stop(hub, "R-1", "REPAIR_APPROVED"), "REFUSED", ("NEEDS_REPAIR",)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_answered_recorded_and_changes_nothing_else(name: str):
    bad = BAD[name]

    async def main() -> None:
        hub = Hub()
        await hub.begin()
        bad.before(hub)
        await hub.work()
        before, answers = hub.remains(), len(hub.site.kafka.all(DECIDED))

        bad.sent(hub)
        await hub.work()
        await asyncio.sleep(7200)

        told = hub.told(bad.dept)
        assert told["outcome"] == bad.outcome
        assert tuple(reason["code"] for reason in told["reasons"]) == bad.codes
        assert len(hub.site.kafka.all(DECIDED)) == answers + 1, "it is on record"
        assert told["source"]["offset"] == answers
        after = hub.remains()
        assert {part for part in before if before[part] != after[part]} == set()
        assert hub.site.kafka.all(dlq_topic("decide")) == hub.site.letters() == []
        assert not hub.process.causes

    run_virtual(main())


def test_the_same_steps_rightly_taken_do_change_it():
    """What the table compares would show a stop."""

    async def main() -> None:
        hub = Hub()
        await hub.begin()
        an_open_case(hub)
        await hub.work()
        before = hub.remains()
        decided(hub)
        await hub.work()
        await until(lambda: hub.is_stopped(USCC))

        after = hub.remains()
        assert {part for part in before if before[part] != after[part]} == set(before) - {
            "neighbour"
        }
        assert view_name(USCC, "R-1") not in after["public list"]

    run_virtual(main())
