"""Deliver workers and publicity systems are killed, systems are out, Redis is wiped, under load.

Every stop arrives, once, in time, and each side bears out what the other says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from chaos_delivery import ALL_POINTS, DeliveryCampaign, run_delivery

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]

SHORT = DeliveryCampaign(
    seed=13, lasts_s=26, tasks=200, kills=2, site_kills=2, trouble=3,
    points={
        "CREDIT-TJ": ("after answer", "after receipt"),
        "GSXT-TJ": ("after answer", "before commit"),
        "SUBJECTS-TJ": ("before script",),
    },
)  # fmt: skip
LONG = DeliveryCampaign(
    seed=2026, lasts_s=240, tasks=2_000, kills=12, site_kills=12, trouble=20, outages=3, pauses=3,
    zombies=3, wipes=3, redis_kills=2, broker_kills=1,
)  # fmt: skip


@pytest.mark.timeout(1200)
def test_every_stop_arrives_once_and_in_time_whatever_breaks(
    request: pytest.FixtureRequest,
    is_full: bool,
    say: Callable[[str], None],
    seeded: Callable[[int], int],
):
    planned = LONG if is_full else SHORT
    campaign = replace(planned, seed=seeded(planned.seed))
    # Only the long one kills the broker.
    servers = request.getfixturevalue("servers" if is_full else "shared_servers")

    outcome = run_delivery(servers, campaign, say)

    say(outcome.verdict.text())
    points = sum(map(len, campaign.points.values())) + campaign.wipes
    assert len(outcome.met) == points
    assert outcome.verdict.broken == {}
    assert outcome.blind == []


def test_a_long_campaign_meets_every_crash_point_at_every_site():
    faults = LONG.schedule()
    crashes = {(one.role, one.detail.partition(":")[0]) for one in faults if one.what == "crash"}

    wanted = {(f"deliver-{site}", point) for site, points in ALL_POINTS.items() for point in points}
    assert crashes >= wanted
    assert "in recovery" in {point for _, point in crashes}
    assert LONG.schedule() == faults


@pytest.mark.parametrize("seed", [LONG.seed, *range(40)])
def test_whoever_is_out_or_paused_comes_back_and_is_left_alone_meanwhile(seed: int):
    away: dict[str, set[str]] = {"out": set(), "pause": set()}
    begins, ends = {"out": 0, "pause": 0}, {"back": "out", "resume": "pause"}
    for fault in replace(LONG, seed=seed).schedule():
        site = fault.role.partition("-")[2]
        if fault.what in begins:
            begins[fault.what] += 1
            away[fault.what].add(site)
        elif fault.what in ends:
            away[ends[fault.what]].remove(site)
        elif fault.role.startswith("sandbox-"):
            assert site not in away["out"], f"{fault} ends the outage"
        elif fault.detail.startswith("in recovery"):
            assert site not in away["out"] | away["pause"], f"{fault} waits for what cannot come"

    assert begins == {"out": LONG.outages, "pause": LONG.pauses}
    assert away == {"out": set(), "pause": set()}
