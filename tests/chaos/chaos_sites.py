"""The three publicity systems beside a hub that everything happens to, and when all is done there.

Those that are pushed to compare no versions (`--trusting`): they do anew whatever comes, in the
order in which it comes, so their journals show what the hub doubles or mixes up.
"""

from __future__ import annotations

import asyncio
import urllib.error
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import redis
from chaos_fleet import Fleet
from chaos_run import env_of
from chaos_servers import Servers
from chaos_verdict import Verdict, judge, level
from confluent_kafka import Producer
from waiting import until

from connectors.audit import Options, read_site_journals
from connectors.audit.readers import read_topics
from connectors.console.acts.stops import deliveries_left
from connectors.console.terminal.screen import SHANGHAI
from connectors.generate import CitySpec
from connectors.generate.spec import district_day
from connectors.kafka_admin import KafkaAdmin
from connectors.keys import create_demo_keys
from connectors.redis_ledger import RedisLedger
from connectors.redis_view import connect
from connectors.stack import site_settings
from connectors.stand_ins import StandIns
from schemas.access import deliver_group
from schemas.feed import DISCLOSURE, Disclosure, DisclosureState
from schemas.settings import Settings
from schemas.sites import SITES, TIANJIN_SUBJECTS
from schemas.topics import feed_topic, receipt_topic

SANDBOX = ("-m", "hub")
DELAY_S = 0.2
HURRY = {
    "HUB_DELIVER_POLL_S": "0.3",
    "HUB_DELIVER_LOOK_S": "0.3",
    "HUB_DELIVER_CONFIRM_S": "3",
}
"""What takes seconds or minutes in production, where nobody waits for it."""
UP_S = 60.0
STALE_MAX = 20
KEPT_MAX = 10_000


def a_day(tasks: int) -> CitySpec:
    """Yesterday in a small district: most results are repaired, stopped or corrected.

    Every fate of `connectors.generate.fates` comes, those in the wrong order too; a tenth of all
    events comes twice. What was approved yesterday is due in three working days.
    """
    yesterday = datetime.now(SHANGHAI).date() - timedelta(days=1)
    day = district_day(yesterday, tasks=tasks)
    return replace(
        day, systems=8, subjects=max(160, tasks), officers=200, ahead_days=0, fates=0.8,
        duplicates=0.10,
    )  # fmt: skip


class Sites:
    """Stand-ins and deliver workers of all sites, as processes of a fleet."""

    def __init__(self, servers: Servers) -> None:
        """Prepare; nothing runs yet."""
        self._servers = servers
        self._systems = StandIns(servers.folder / "systems", delay_s=DELAY_S)

    def env(self) -> dict[str, str]:
        """What every process of this hub must know."""
        env = env_of(self._servers)
        settings = self._systems.settings(Settings(data_dir=self._servers.folder / "data"))
        create_demo_keys(settings.site_keys, years=(), scheme=settings.site_credit_scheme)
        return env | site_settings(settings) | HURRY

    def start_systems(self, fleet: Fleet) -> None:
        """Run the stand-ins."""
        for site in SITES:
            trusting = [] if site == TIANJIN_SUBJECTS.code else ["--trusting"]
            arguments = [*self._systems.arguments(site), *trusting]
            fleet.add(f"sandbox-{site}-0", "sandbox", *arguments, entry=SANDBOX)

    def start_workers(self, fleet: Fleet) -> None:
        """Run a deliver worker for each site."""
        for site in SITES:
            fleet.add(f"deliver-{site}-0", "deliver", "--site", site)

    def pause(self, site: str) -> None:
        """An operator parks the site."""
        self._on_ledger(site, lambda one: one.pause("rehearsal", "tests", 0))

    def resume(self, site: str) -> None:
        """The operator lets it go on."""
        self._on_ledger(site, lambda one: one.resume())

    def write_stale(self, site: str) -> int:
        """Put first versions of stopped results behind the newest on the feed. Returns how many.

        So would a worker of decide that was frozen for long.
        """
        topic = feed_topic(site)
        dump = asyncio.run(read_topics(self._servers.kafka.bootstrap))
        first: dict[str, Any] = {}
        stopped: set[str] = set()
        for record in dump.records[topic][0]:
            if record.value is None or record.header("ce_type") != DISCLOSURE:
                continue
            one = Disclosure.model_validate_json(record.value)
            first.setdefault(one.result_id, record)
            if one.state is DisclosureState.STOPPED and one.version > 1:
                stopped.add(one.result_id)
        producer = Producer({"bootstrap.servers": self._servers.kafka.bootstrap, "acks": "all"})
        for name in sorted(stopped)[:STALE_MAX]:
            record = first[name]
            headers = [(key, value) for key, value in record.headers]
            producer.produce(topic, record.value, record.key, partition=0, headers=headers)
        assert producer.flush(60) == 0
        return len(stopped)

    def _on_ledger(self, site: str, act: Callable[[RedisLedger], Awaitable[object]]) -> None:
        url = self._servers.redis.url

        async def run() -> None:
            client = connect(url)
            try:
                await act(RedisLedger(client, url, site))
            finally:
                await client.aclose()

        asyncio.run(run())

    def fault(self, site: str, mode: str, **more: Any) -> None:
        """Make a system misbehave; one that is just coming up again is waited for."""

        def asked() -> bool:
            try:
                self._systems.fault(site, mode, **more)
            except (urllib.error.URLError, OSError):
                return False
            return True

        until(asked, f"{site} listens", UP_S)

    def unrest(self, but: Collection[str] = ()) -> str:
        """Empty when all is decided, taken in and seen done at all sites; else what is not.

        `but`: sites that need not come to rest.
        """
        said = level(self._servers)
        for site in () if said else SITES.keys() - set(but):
            left, lag = self._left(site)
            if left or lag:
                return f"{site}: {left} deliveries to go, {lag} records not committed"
        return said

    def taken_in(self, site: str) -> bool:
        """Whether all records of the site's feed and receipts are in its ledger and committed."""
        return self._left(site)[1] == 0

    def fed(self, site: str) -> int:
        """How many records lie on the feed of a site."""
        with KafkaAdmin(self._servers.kafka.bootstrap, timeout_s=60) as admin:
            return sum(admin.end_offsets([(feed_topic(site), 0)]).values())

    def receipts(self, site: str) -> int:
        """How many receipts there are of a site."""
        with KafkaAdmin(self._servers.kafka.bootstrap, timeout_s=60) as admin:
            return sum(admin.end_offsets([(receipt_topic(site), 0)]).values())

    def _left(self, site: str) -> tuple[int, int]:
        """Deliveries that are not at rest, and records that are not committed."""
        there = [(feed_topic(site), 0), (receipt_topic(site), 0)]
        with (
            KafkaAdmin(self._servers.kafka.bootstrap, timeout_s=60) as admin,
            redis.Redis.from_url(self._servers.redis.url) as client,
        ):
            ends = admin.end_offsets(there)
            committed = admin.committed(deliver_group(site))
            left = deliveries_left(client, site, (ends[there[0]], ends[there[1]]))
            return left, sum(end - committed.get(at, 0) for at, end in ends.items())

    def wait_until_at_rest(self, deadline_s: float, but: Collection[str] = ()) -> None:
        """Return when all is at rest, twice in a row; fail with what is not."""
        said = ["nothing yet"]

        def rests() -> bool:
            said[0] = self.unrest(but) or self.unrest(but)
            return not said[0]

        try:
            until(rests, "at rest", deadline_s)
        except AssertionError as cause:
            raise AssertionError(f"not at rest after {deadline_s:g} s: {said[0]}") from cause

    def judge(self) -> Verdict:
        """What the auditor finds, with the systems' own journals; nothing may be owed any more."""
        paths = self._systems.journals()
        journals = read_site_journals(f"{site}={path}" for site, path in paths.items())
        options = Options(site_journals=journals, is_settled=True, kept_max=KEPT_MAX)
        return judge(self._servers, options=options)


def by_site(verdict: Verdict) -> dict[str, set[str]]:
    """Which checks were broken, by the site that the violation names; "" where it names none."""
    found: dict[str, set[str]] = defaultdict(set)
    for check in verdict.report.checks:
        for one in check.violations:
            site = next((code for code in SITES if code in one.where), "")
            found[site].add(check.name)
    return dict(found)
