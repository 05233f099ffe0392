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
from stops_world import SITE, USCC, Hub, accept, apply_for, decided, stop
from virtual_time import run_virtual

from connectors.sites.table import FORMS
from schemas import messages
from schemas.feed import Notice, Scalar, Stage
from schemas.topics import DECIDED, dlq_topic
from streams.ports import view_name
from streams.rules.delivery.attempts import Doubt
from streams.rules.delivery.ledger import Lane, Standing


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


@pytest.mark.parametrize("asked", ["sent as it comes", "asked about first"])
def test_a_result_whose_form_fails_is_refused_with_the_reason_and_the_others_go_on(asked: str):
    """Not sent with empty columns, not tried for ever: an operator finds it in the repair queue."""

    def breaks(notice: Notice) -> dict[str, Scalar]:
        if notice.result_id == "R-2":
            raise LookupError("a category that nobody has heard of")
        return FORMS[SITE](notice)

    async def main() -> None:
        hub = Hub()
        await hub.begin()
        if asked == "asked about first":
            hub.process.site.desk.doubt = Doubt(before=2**60, since_ms=2**60)
        for result_id in ("R-2", "R-3"):
            hub.say(messages.RESULT_RECORDED, a_result(result_id))
        await hub.decide.work(forms={SITE: breaks})
        at_rest = {"R-1": Standing.OBSERVED, "R-2": Standing.REJECTED, "R-3": Standing.OBSERVED}
        await until(lambda: hub.site.standings() == at_rest)
        await asyncio.sleep(7200)

        entry = hub.site.entry("R-2", USCC)
        assert hub.site.standings() == at_rest
        assert entry.errors == (f"the form of {SITE} failed on this result: LookupError",)
        assert entry.name in hub.site.ledger.content.lanes[Lane.REJECTED]
        told = [one for one in hub.site.receipts() if one.result_id == "R-2"]
        assert [(one.stage, one.status) for one in told] == [(Stage.REJECTED, "form failed")]
        assert "R-2" not in {one.result_id for one in hub.site.system.arrivals}
        assert entry.name not in hub.site.system.asked
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
