"""Twenty and more kills, and nothing is lost, doubled or above the cap: the auditor says so."""

from pathlib import Path
from random import Random

import pytest
from campaign import Campaign

from connectors.audit import render
from connectors.generate import CitySpec
from connectors.local_kafka import KafkaNode

pytestmark = [pytest.mark.kafka, pytest.mark.chaos]

FAULTS = [
    *["kill_decide"] * 9,
    *["crash_at_a_point"] * 4,
    *["kill_intake"] * 4,
    *["ask_decide_to_end"] * 2,
    "freeze_decide",
    "kill_broker",
    "kill_redis",
    "wipe_redis",
    "storm",
]


def faults_of(seed: int) -> list[str]:
    """The schedule of one seed: a copy of Redis is taken early and comes back late."""
    rng = Random(seed)
    faults = FAULTS[:]
    rng.shuffle(faults)
    return ["remember_redis", *faults, "restore_redis", "kill_decide", "kill_decide"]


def a_town(events: int) -> CitySpec:
    """Few departments, so that topics are made quickly; hot enterprises, repeats, disorder."""
    return CitySpec(
        year=2025, districts=1, systems=12, city_level=False, subjects=max(200, events // 8),
        officers=150, tasks=round(events / 1.75), duplicates=0.1,
    )  # fmt: skip


def test_a_hub_under_fire_loses_and_doubles_nothing(
    clean_kafka: KafkaNode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    seed, events = 20251, 12_000
    campaign = Campaign(clean_kafka, tmp_path, seed)

    report = campaign.run(a_town(events), faults_of(seed))

    kills = sum(n for fault, n in campaign.done.items() if fault.startswith(("kill", "crash")))
    with capsys.disabled():
        print(  # noqa: T201 - the figures are the evidence
            f"\nchaos seed {seed}: {kills} kills, {campaign.restarts()} restarts, faults "
            f"{dict(campaign.done)}, healed in {campaign.healed_s:.1f} s\n{report.last_line}"
        )
    assert kills >= 20
    assert report.check("I4.inputs").looked_at > events / 2
    assert report.ok, render(report)
