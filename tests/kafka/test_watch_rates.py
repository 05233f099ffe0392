"""What a rate foretells is said before anything is late: on a real broker, the clock injected."""

from __future__ import annotations

import pytest
from owing_system import OwingSystem
from watched_hub import WatchedHub

from schemas.watch import Stage, Verdict

pytestmark = pytest.mark.kafka

TEN_MINUTES_MS = 600_000


@pytest.fixture
def owing(hub: WatchedHub) -> OwingSystem:
    """Six stops, due in 30 hours, of which the system does one every ten minutes: plenty of time.

    Nothing is overdue and no last working day has begun: whatever is said follows from the rate.
    """
    system = OwingSystem(hub)
    system.owe(6)
    hub.every_ms, hub.now_ms = TEN_MINUTES_MS, system.due_ms - 30 * 3_600_000
    assert hub.row(hub.look(), Stage.DELIVER).verdict is Verdict.OK
    for _ in range(2):
        system.carry_out(1)
        row = hub.row(hub.look(), Stage.DELIVER)
        assert row.verdict is Verdict.OK
    assert row.headroom > 1.5
    return system


def next_look(hub: WatchedHub, owing: OwingSystem):
    """Ten minutes later, in which one more was carried out."""
    owing.carry_out(1)
    return hub.row(hub.look(), Stage.DELIVER)


def test_a_system_that_is_hardly_fast_enough_for_what_came_is_at_risk(hub, owing, status):
    owing.owe(130)

    row = next_look(hub, owing)

    assert (row.verdict, row.overdue, row.will_miss) == (Verdict.AT_RISK, 0, 0)
    assert 1 < row.headroom < 1.5
    assert row.drain_per_s < 1.5 * row.need_per_s
    assert status("deliver") == ("AT_RISK", 1)


def test_a_system_that_is_too_slow_for_what_came_is_doomed_before_anything_is_late(
    hub, owing, status
):
    owing.owe(230)

    row = next_look(hub, owing)

    assert (row.verdict, row.overdue) == (Verdict.DOOMED, 0)
    assert row.drain_per_s < row.need_per_s
    assert row.will_miss > 0
    assert status("deliver") == ("DOOMED", 2)


def test_a_rate_that_rises_again_lifts_the_verdict(hub, owing):
    owing.owe(230)
    assert next_look(hub, owing).verdict is Verdict.DOOMED

    owing.carry_out(100)

    row = hub.row(hub.look(), Stage.DELIVER)
    assert (row.verdict, row.will_miss) == (Verdict.OK, 0)


def test_the_last_working_day_with_no_rate_known_is_at_risk(hub, site, status):
    due_ms = hub.row(hub.look(), Stage.DELIVER).next_due_ms
    hub.now_ms = due_ms - 12 * 3_600_000

    assert hub.looks_until("AT_RISK", Stage.DELIVER) <= 3
    assert status("deliver") == ("AT_RISK", 1)
