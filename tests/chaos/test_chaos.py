"""Workers, broker and Redis are killed, wiped, rolled back under load.

Nothing lost, nothing twice.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest
from chaos_nemesis import CRASH_POINTS, Campaign
from chaos_run import run_campaign
from chaos_servers import Servers

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]

KILLS_MIN = 20


@pytest.mark.timeout(900)
def test_nothing_is_lost_whatever_breaks(
    servers: Servers, say: Callable[[str], None], seeded: Callable[[int], int]
):
    campaign = Campaign(seed=seeded(2025), lasts_s=110)

    outcome = run_campaign(servers, campaign, 15_000, say)

    say(outcome.verdict.text())
    assert outcome.kills >= KILLS_MIN
    assert len(outcome.met) == sum(map(len, CRASH_POINTS.values()))
    assert outcome.verdict.broken == {}
    assert outcome.verdict.report.ok, outcome.verdict.report.last_line
    # One that had only just been started may not have known yet what to do on SIGTERM.
    assert set(outcome.ended.values()) <= {0, -signal.SIGTERM}, outcome.ended
