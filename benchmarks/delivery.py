"""What do the benchmarks of delivery share? Owed stops on feeds, systems, deliver workers."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from benchmarks.contender import LOG, PROJECT
from benchmarks.site import Site
from connectors.child import Child
from connectors.keys import create_demo_keys
from connectors.sites.table import FORMS
from connectors.stack import site_settings
from connectors.stand_ins import StandIns
from schemas.codec import encode_json
from schemas.decision import SourceRef
from schemas.feed import (
    Cause,
    Content,
    Disclosure,
    DisclosureState,
    Notice,
    StopReason,
    StopScope,
    feed_key,
)
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import feed_topic, receipt_topic

USCC = "91120116MA0000003U"
DEPT = "WJW-120116"
POLL_S = 0.2


def owed_stops(site: str, first: int, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of feed records: repaired results that must stop, due in days to come."""
    said = datetime.now(UTC)
    for number in range(first, first + count):
        stop = _stop(site, f"R-{number:08}", said)
        yield feed_key(USCC, stop.result_id).encode(), encode_json(stop)


def _stop(site: str, result_id: str, said: datetime) -> Disclosure:
    due = said.date() + timedelta(days=5)
    notice = Notice(
        uscc=USCC, result_id=result_id, version=1, state=DisclosureState.STOPPED,
        cause=Cause.REPAIRED, content=_content(said.date()),
        stop_reason=StopReason.REPAIR_APPROVED, scope=StopScope.PUBLIC_AND_SHARING,
        decision_no="津修决2026-1", said_at=int(said.timestamp() * 1000), due_on=due,
    )  # fmt: skip
    return Disclosure(
        site=site, uscc=USCC, result_id=result_id, dept=DEPT, version=1,
        state=DisclosureState.STOPPED, cause=Cause.REPAIRED,
        stop_reason=StopReason.REPAIR_APPROVED, scope=StopScope.PUBLIC_AND_SHARING,
        decision_no=notice.decision_no, approved_at=said.isoformat(timespec="seconds"),
        due_at=f"{due.isoformat()}T23:59:59+08:00", entity_name="天津海河试剂有限公司",
        body=FORMS[site](notice), source=SourceRef(topic="insp.journal", partition=0, offset=0),
    )  # fmt: skip


def _content(day: date) -> Content:
    return Content(
        task_id="WJW-2026-000123", dept=DEPT, inspected_on=day, outcomes=("PROBLEM_PENDING",),
        found_problem=True, negative=True, entity_name="天津海河试剂有限公司",
        follow_up="责令十日内改正",
    )  # fmt: skip


class Feeder:
    """Puts owed stops on feeds."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "linger.ms": 5})
        self._next = dict.fromkeys(SITES, 0)

    def put(self, site: str, count: int) -> None:
        """So many more; returns when the broker has them."""
        topic = feed_topic(site)
        for key, value in owed_stops(site, self._next[site], count):
            while True:
                with suppress(BufferError):
                    self._producer.produce(topic, value, key, partition=0)
                    break
                self._producer.poll(0.1)
        self._next[site] += count
        if self._producer.flush(120):
            raise RuntimeError(f"the broker did not take all records for {topic}")


class Delivery:
    """Stand-ins and deliver workers on a benchmark's site, in a folder of their own."""

    def __init__(self, site: Site, name: str, sites: Sequence[str], **env: str) -> None:
        """Empty feeds, receipts and ledgers; nothing runs yet. `env` is for the workers."""
        self.folder = site.job(name, 0).path
        self.site = site
        self.codes = tuple(sites)
        self.systems = StandIns(self.folder / "systems", import_every_s=0.02)
        settings = self.systems.settings(Settings(data_dir=site.folder / "data"))
        create_demo_keys(settings.site_keys, years=(), scheme=settings.site_credit_scheme)
        self.env = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "HUB_BROKER": site.bootstrap,
            "HUB_REDIS_URL": site.redis_url,
            "HUB_DATA_DIR": str(site.folder / "data"),
            **site_settings(settings),
            **env,
        }
        topics = [name(code) for code in SITES for name in (feed_topic, receipt_topic)]
        site.renew_hub_topics(topics, [])
        site.empty_redis()

    @contextmanager
    def running_systems(self) -> Iterator[dict[str, Child]]:
        """Stand-ins of these sites, up."""
        found = {}
        with ExitStack() as stack:
            stack.callback(self.systems.stop)
            self.systems.start(self.env, self.codes)
            for code in self.codes:
                found[code] = self.systems.child(code)
            yield found

    @contextmanager
    def running_workers(self) -> Iterator[dict[str, Child]]:
        """A deliver worker for each of these sites."""
        found = {}
        with ExitStack() as stack:
            for code in self.codes:
                argv = [sys.executable, "-m", "hub", "worker", "deliver", "--site", code]
                log = self.folder / f"deliver-{code}.{LOG}"
                found[code] = Child(f"deliver {code}", argv, log=log, env=self.env)
                stack.callback(found[code].stop)
                found[code].start()
            yield found

    def journal(self, code: str) -> Path:
        """A stand-in's own journal."""
        return self.systems.journals()[code]

    def arrived(self, code: str) -> int:
        """How many deliveries a system noted, repeats included; cheap to ask."""
        return int(_ask(self.journal(code), "SELECT max(id) FROM arrival")[0] or 0)

    def arrivals(self, code: str) -> tuple[int, int, int]:
        """How many deliveries of different results a system took; first and last instant, ms."""
        query = "SELECT count(DISTINCT key), min(at_ms), max(at_ms) FROM arrival"
        count, first, last = _ask(self.journal(code), query)
        return int(count or 0), int(first or 0), int(last or 0)


def wait_for(what: str, condition: Any, alive: Mapping[str, Child], wait_s: float) -> None:
    """Return when the condition holds.

    Raises:
        RuntimeError: it does not in time, or one of the processes has ended.
    """
    deadline = time.monotonic() + wait_s
    while not condition():
        ended = [name for name, child in alive.items() if not child.alive]
        if ended or time.monotonic() > deadline:
            logs = "\n".join(alive[name].log_tail() for name in ended or alive)
            raise RuntimeError(f"waited in vain: {what}; the last lines of the logs:\n{logs}")
        time.sleep(POLL_S)


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _ask(file: Path, query: str) -> Any:
    with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as journal:
        return journal.execute(query).fetchone()
