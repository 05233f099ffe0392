"""One campaign from the first worker to the verdict."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chaos_fleet import Fleet
from chaos_load import Load
from chaos_nemesis import MEET_S, Campaign, Nemesis
from chaos_servers import Servers
from chaos_verdict import Verdict, judge, wait_until_level

KILLED = -9


@dataclass(frozen=True)
class Outcome:
    """What came of a campaign."""

    verdict: Verdict
    kills: int
    met: list[str]
    ended: dict[str, int | None]
    figures: dict[str, Any]


def env_of(servers: Servers) -> dict[str, str]:
    """What every worker must know."""
    return {
        "HUB_BROKER": servers.kafka.bootstrap,
        "HUB_REDIS_URL": servers.redis.url,
        "HUB_DATA_DIR": str(servers.folder / "data"),
        "HUB_KEYS_DIR": str(servers.keys),
        "HUB_JOURNAL_PARTITIONS": str(servers.partitions),
    }


def run_campaign(
    servers: Servers, campaign: Campaign, events: int, say: Callable[[str], None]
) -> Outcome:
    """Send a city's events through the hub while everything breaks; heal; audit."""
    schedule = campaign.schedule()
    say(f"seed {campaign.seed}: {events} events in {campaign.lasts_s:g} s, {len(schedule)} faults")
    for fault in schedule:
        say(str(fault))
    load = Load(servers.kafka.bootstrap, servers.partitions, events, campaign.seed)
    load.prepare()
    with Fleet(servers.folder / "logs", env_of(servers)) as fleet:
        for role, count in campaign.workers.items():
            for number in range(count):
                fleet.add(f"{role}-{number}", role)
        load.wait_until_registered()
        nemesis, enough, broken = Nemesis(servers, fleet, say), threading.Event(), []

        def send() -> None:
            try:
                load.run(campaign.lasts_s + MEET_S, enough)
            except BaseException as cause:  # noqa: BLE001 - raised again where it is awaited
                broken.append(cause)

        sending = threading.Thread(target=send, name="load", daemon=True)
        sending.start()
        nemesis.run(schedule)
        healed = time.monotonic()
        enough.set()
        sending.join()
        if broken:
            raise broken[0]
        wait_until_level(servers)
        heal_s = time.monotonic() - healed
        ended = fleet.stop()
        statuses = fleet.statuses()
        verdict = judge(servers)
        figures = {
            "seed": campaign.seed, "events": load.sent, "faults": dict(nemesis.done),
            "kills": statuses[KILLED], "ended by themselves (70)": statuses[70],
            "crash points met": fleet.met(), "seconds until level": round(heal_s, 1),
            "said": dict(fleet.said()), **verdict.figures(),
        }  # fmt: skip
    for name, value in figures.items():
        say(f"{name}: {value}")
    return Outcome(verdict, statuses[KILLED], fleet.met(), ended, figures)
