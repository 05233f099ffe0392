"""A campaign against delivery: what breaks when, from one seed, and what came of it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from chaos_fleet import Fleet
from chaos_load import Load
from chaos_nemesis import MEET_S, Fault, Nemesis
from chaos_servers import Servers
from chaos_sites import Sites, a_day
from chaos_verdict import Verdict
from waiting import until

from connectors.audit.report import ASKED_BY_CONTENT, ASKED_BY_JOINTS
from connectors.console.acts.stops import as_json, site_figures
from schemas.sites import CREDIT_TIANJIN, NATIONAL, SITES, TIANJIN_SUBJECTS

KILLED = -9
HEAL_S = 240.0
ZOMBIE_S = 9.0
BURST_MAX = 30
"""So that there is something to be called for all the time."""
_OF_ALL = (
    "recover", "before publish", "before script", "before receipt", "after receipt",
    "before cursor", "before commit", "after commit",
)  # fmt: skip
_OF_CALLS = ("before attempt", "after attempt", "before call", "after answer")
ALL_POINTS = {
    site: (*_OF_ALL, *(_OF_CALLS if site != TIANJIN_SUBJECTS.code else ())) for site in SITES
}
"""`in recovery` comes with the loss of Redis: else there is nothing to recover."""
TROUBLE: Mapping[str, Sequence[tuple[str, dict[str, Any]]]] = {
    CREDIT_TIANJIN.code: (
        ("500", {"count": 3}), ("429", {"count": 2, "retry_after_s": 1}), ("lost", {"count": 3}),
        ("hang", {"count": 1}), ("wrong_receipt", {"count": 2}),
    ),
    NATIONAL.code: (
        ("lost", {"count": 3}), ("hang", {"count": 3}), ("wrong_receipt", {"count": 2}),
    ),
    TIANJIN_SUBJECTS.code: (
        ("hang", {"until_s": 2}), ("wrong_receipt", {"count": 2}), ("forget_keys", {"count": 1}),
    ),
}  # fmt: skip
"""What a system does wrong that the hub must get over by itself."""
_MAY_BE_AWAY = ASKED_BY_CONTENT - ASKED_BY_JOINTS - {
    "I3.ratings", "I4.relayed", "I5.relayed", "I5.digest", "I6.generations", "I11.case_due",
}  # fmt: skip
"""Checks of delivery: a day like this one has no ratings, joint or special inspections."""


@dataclass(frozen=True)
class DeliveryCampaign:
    """How much is broken, in how long; `points` are crash points by site."""

    seed: int
    lasts_s: float
    tasks: int
    points: Mapping[str, Sequence[str]] = field(default_factory=lambda: ALL_POINTS)
    kills: int = 3
    site_kills: int = 3
    trouble: int = 4
    outages: int = 1
    pauses: int = 1
    zombies: int = 0
    wipes: int = 1
    redis_kills: int = 0
    broker_kills: int = 0

    def schedule(self) -> list[Fault]:
        """Every fault with its time. Equal campaigns break the same things."""
        rng = Random(f"delivery {self.seed}")
        faults = [
            *(self._on(rng, "kill", "deliver") for _ in range(self.kills)),
            *(self._on(rng, "kill", "sandbox") for _ in range(self.site_kills)),
            *(self._on(rng, "trouble", "sandbox") for _ in range(self.trouble)),
            *(self._on(rng, "zombie", "deliver") for _ in range(self.zombies)),
            *(Fault(0, "kill redis") for _ in range(self.redis_kills)),
            *(Fault(0, "kill broker") for _ in range(self.broker_kills)),
            *(
                Fault(0, "crash", f"deliver-{site}", 0, f"{point}:{self._times(rng, point)}")
                for site, points in self.points.items()
                for point in points
            ),
        ]
        rng.shuffle(faults)
        faults += [self._wipe(rng)] if self.wipes else []
        for _ in range(self.wipes - 1):
            # Before any site is out: what a worker must have met first, it could not meet then.
            faults.insert(rng.randrange(len(faults) // 3), self._wipe(rng))
        for site in rng.sample(sorted(SITES), self.outages):
            self._insert_span(rng, faults, site, ("out", "back"))
        for site in rng.sample(sorted(SITES), self.pauses):
            self._insert_span(rng, faults, site, ("pause", "resume"))
        for site in sorted(SITES):
            # Late: by then some results stand stopped.
            faults.insert(len(faults) - 1, Fault(0, "stale", f"deliver-{site}"))
        step_s = self.lasts_s / len(faults)
        return [
            Fault(round((n + rng.random()) * step_s, 1), one.what, one.role, one.number, one.detail)
            for n, one in enumerate(faults)
        ]

    def _on(self, rng: Random, what: str, role: str) -> Fault:
        site = rng.choice(sorted(SITES))
        number = rng.randrange(len(TROUBLE[site])) if what == "trouble" else 0
        detail = TROUBLE[site][number][0] if what == "trouble" else ""
        return Fault(0, what, f"{role}-{site}", number if what == "trouble" else 0, detail)

    @staticmethod
    def _times(rng: Random, point: str) -> int:
        return 1 if point == "recover" else rng.randint(1, 2)

    @staticmethod
    def _wipe(rng: Random) -> Fault:
        return Fault(0, "crash", f"deliver-{rng.choice(sorted(SITES))}", 0, "in recovery:1")

    @staticmethod
    def _insert_span(
        rng: Random, faults: list[Fault], site: str, begin_end: tuple[str, str]
    ) -> None:
        """For a third of the time, somewhere; the site's process is left alone meanwhile.

        What would have befallen it befalls the worker that delivers to it.
        """
        first = rng.randrange(len(faults) // 3, len(faults) // 2)
        last = first + len(faults) // 3
        for at in range(first, last):
            if faults[at].role == f"sandbox-{site}" and faults[at].what in ("kill", "trouble"):
                faults[at] = Fault(0, "kill", f"deliver-{site}")
        faults.insert(last, Fault(0, begin_end[1], f"sandbox-{site}"))
        faults.insert(first, Fault(0, begin_end[0], f"sandbox-{site}"))


class SiteNemesis(Nemesis):
    """Carries a campaign against delivery out."""

    meet_s = 420.0
    """After a death what was under way is left alone for half a minute; a site has twelve points,
    and those that fall into an outage all wait for its end."""

    def __init__(
        self, servers: Servers, fleet: Fleet, sites: Sites, say: Callable[[str], None]
    ) -> None:
        super().__init__(servers, fleet, say)
        self._sites = sites

    def acts(self, fault: Fault) -> Mapping[str, Callable[[], object]]:
        """What can be done, to the one whom the fault names."""
        site = fault.role.partition("-")[2]

        def trouble() -> None:
            mode, more = TROUBLE[site][fault.number]
            self._sites.fault(site, mode, **more)

        return {
            **super().acts(fault),
            "trouble": trouble,
            "out": lambda: self._sites.fault(site, "out"),
            "back": lambda: self._sites.fault(site, "clear"),
            "pause": lambda: self._sites.pause(site),
            "resume": lambda: self._sites.resume(site),
            "stale": lambda: self._sites.write_stale(site),
            "zombie": lambda: self._zombie(site),
        }

    def crash(self, name: str, point: str) -> None:
        """Kill it, so that its successors die at the point.

        What must be recovered is lost only when the next one is to die over it: one that dies
        elsewhere has recovered everything by then.
        """
        if point.startswith("in recovery"):
            mine, site = f"{name} ", name.removeprefix("deliver-").removesuffix("-0")
            until(lambda: self._sites.fed(site) > 0, f"{site} has a feed to recover", self.meet_s)
            until(
                lambda: not any(one.startswith(mine) for one in self._fleet.pending()),
                f"{name} has met its points", self.meet_s,
            )  # fmt: skip
        super().crash(name, point)

    def _zombie(self, site: str) -> None:
        """The worker stands still while a guest takes its place, then goes on beside it."""
        self._guests += 1
        guest = f"deliver-{site}-guest-{self._guests}"
        self._fleet.add(guest, "deliver", "--site", site)

        def stand_still() -> None:
            self._fleet.freeze(f"deliver-{site}-0", ZOMBIE_S)
            self._fleet.remove(guest)

        self._beside(stand_still)


@dataclass(frozen=True)
class DeliveryOutcome:
    """What came of a campaign."""

    verdict: Verdict
    met: list[str]
    figures: dict[str, Any]

    @property
    def blind(self) -> list[str]:
        """Checks of delivery that looked at nothing."""
        checks = self.verdict.report.checks
        return [one.name for one in checks if one.name in _MAY_BE_AWAY and not one.looked_at]


def run_delivery(
    servers: Servers, campaign: DeliveryCampaign, say: Callable[[str], None]
) -> DeliveryOutcome:
    """Send a day through a hub with three sites while everything breaks; heal; audit."""
    schedule = campaign.schedule()
    say(f"seed {campaign.seed}: {campaign.tasks} tasks in {campaign.lasts_s:g} s")
    for fault in schedule:
        say(str(fault))
    load = Load(
        servers.kafka.bootstrap, servers.partitions, 0, campaign.seed, a_day(campaign.tasks),
        burst_max=BURST_MAX,
    )  # fmt: skip
    load.prepare()
    sites = Sites(servers)
    with Fleet(servers.folder / "logs", sites.env()) as fleet:
        sites.start_systems(fleet)
        for role in ("intake", "decide", "schedule"):
            fleet.add(role, role)
        sites.start_workers(fleet)
        load.wait_until_registered()
        nemesis = SiteNemesis(servers, fleet, sites, say)
        _send_meanwhile(load, campaign.lasts_s, lambda: nemesis.run(schedule))
        healing = time.monotonic()
        sites.wait_until_at_rest(HEAL_S)
        figures: dict[str, Any] = {"seconds until at rest": round(time.monotonic() - healing, 1)}
        fleet.stop()
        statuses = fleet.statuses()
        verdict = sites.judge()
        figures |= _figures(campaign, load, nemesis.done, statuses, fleet, verdict)
    for name, value in figures.items():
        say(f"{name}: {value}")
    return DeliveryOutcome(verdict, fleet.met(), figures)


def _send_meanwhile(load: Load, lasts_s: float, act: Callable[[], None]) -> None:
    """Send the load while something is done; when it is done, the rest at once."""
    enough, broken = threading.Event(), list[BaseException]()

    def send() -> None:
        try:
            load.run(lasts_s + MEET_S, enough)
        except BaseException as cause:  # noqa: BLE001 - raised again where it is awaited
            broken.append(cause)

    sending = threading.Thread(target=send, name="load", daemon=True)
    sending.start()
    act()
    enough.set()
    sending.join()
    if broken:
        raise broken[0]


def _figures(
    campaign: DeliveryCampaign, load: Load, done: Counter[str], statuses: Counter[int],
    fleet: Fleet, verdict: Verdict,
) -> dict[str, Any]:  # fmt: skip
    journals = {
        name: verdict.report.check(name).looked_at
        for name in ("I7.receipts", "I7.journals", "I8.journals", "I9.journals", "I9.once")
    }
    return {
        "seed": campaign.seed,
        "events": load.sent,
        "faults": dict(done),
        "kills": statuses[KILLED],
        "ended by themselves (70)": statuses[70],
        "crash points met": fleet.met(),
        "said": dict(fleet.said()),
        "sites": as_json(site_figures(verdict.dump)),
        "looked at": journals,
        **verdict.figures(),
    }
