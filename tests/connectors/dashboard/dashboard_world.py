"""A dashboard on a broker and a Redis that really run, and what can be laid down for it to show."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import redis
from browser import Browser
from builders import Hub, a_cap, a_policy
from console_fakes import write
from counted_year import logs_of
from dead_letters import DEPT, OTHER, a_letter, put
from gateway_world import World
from ledger_world import A, B, C, Ledgers, an_entry, real_now_ms
from public_builders import Desk as Story
from told_history import a_code_in

from connectors.dashboard.assembly import Dashboard
from connectors.dashboard.desk import Desk
from connectors.dashboard.operations import operations
from connectors.departments.gateway.assembly import SECRET_FILE, read_secret
from connectors.departments.gateway.parts import SHANGHAI
from connectors.departments.gateway.ways_in.sessions import COOKIE, Session, Sessions
from connectors.departments.gateway.ways_in.token_file import OPERATORS_FILE_NAME
from connectors.redis_calendar import KEY
from connectors.redis_ledger import ledger_key
from connectors.redis_view import key as view_key
from connectors.statistics.file import counting_into
from connectors.watch.store import DEPARTMENTS, SNAPSHOT
from schemas.calendar_entries import pack
from schemas.compared import COMPARED, SiteCompared, encode_compared
from schemas.operator import OperatorAction, OperatorRole
from schemas.registry import REGISTRY_SOURCE, RegistryCalendar
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import DECIDED, JOURNAL, plan
from schemas.watch import (
    CanaryView,
    Departments,
    DepartmentView,
    DueBucket,
    SiteView,
    Snapshot,
    Stage,
    StageView,
    Verdict,
    encode_departments,
    encode_snapshot,
)
from streams.answer import encode_decided
from streams.desks import oversight
from streams.statistics import Statistics

DAY_MS = 86_400_000
CASE_PARTITION = 1

__all__ = ["DEPT", "OTHER", "A", "B", "C", "OpsWorld", "a_letter", "an_entry", "put", "read"]


class OpsWorld:
    """A hub as the dashboard sees it, and a gateway in memory that shows it."""

    def __init__(self, folder: Path, bootstrap: str, redis_url: str) -> None:
        self.bootstrap, self.redis_url = bootstrap, redis_url
        settings = Settings(data_dir=folder)
        self.operations = operations(settings, (bootstrap, redis_url), oversight)
        with self.operations.hub.admin() as admin:
            admin.apply(plan([REGISTRY_SOURCE, DEPT, OTHER], SITES, settings.sizing()))
        self.ledgers = Ledgers(redis_url)
        self.gateway = World(folder, clock=datetime.now(SHANGHAI), operations=self.operations)

    @property
    def desk(self) -> Desk:
        """What the pages are made with."""
        parts = self.gateway.app.state.dashboard
        assert isinstance(parts, Dashboard)
        return parts.desk

    def token(self, role: OperatorRole, name: str = "ann") -> str:
        """A token of an operator."""
        return self.gateway.issue(name, file=OPERATORS_FILE_NAME, role=role)

    def later(self, seconds: float = 60) -> None:
        """Time passes: what was looked at is looked at again."""
        self.gateway.clock += timedelta(seconds=seconds)

    async def browser(self, role: OperatorRole, name: str = "ann") -> Browser:
        """A browser in which an operator is signed in."""
        token = self.token(role, name)
        self.later(2)
        browser = Browser(self.gateway)
        page = await browser.get("/ops")
        answer = await browser.press(page, "/ops/sign-in", token=token)
        assert answer.status == 303, answer.text
        return browser

    async def put(self, site: str, *some: Any) -> None:
        """Put entries into a ledger."""
        await asyncio.to_thread(self.ledgers.put, site, *some)

    async def of_ledger(self, site: str, work: Any) -> Any:
        """What a coroutine finds out from a ledger."""
        return await asyncio.to_thread(self.ledgers.read, site, work)

    async def recorded(self) -> list[OperatorAction]:
        """What is on record, the first first."""
        return (await asyncio.to_thread(self.operations.actions))[::-1]

    def compared(self, site: str, **found: Any) -> None:
        """What deliver's nightly comparison of a site came to."""
        made = SiteCompared(night="2026-03-16", at_ms=real_now_ms(), **found)
        with redis.Redis.from_url(self.redis_url) as client:
            client.hset(ledger_key(site, "control"), COMPARED, encode_compared(made))

    def form_token(self, browser: Browser, action: str) -> str:
        """What a form of our own for this browser and action would carry."""
        session = Session(browser.cookies[COOKIE], fresh=False)
        secret = read_secret(self.gateway.settings.gateway / SECRET_FILE)
        return Sessions(self.gateway.redis, secret, https=True).form_token(session, action)

    def picture(self, **fields: Any) -> Snapshot:
        """What the watch saw just now."""
        picture = a_picture(**fields)
        with redis.Redis.from_url(self.redis_url) as client:
            client.set(SNAPSHOT, encode_snapshot(picture))
        return picture

    def calendar(self, *entries: RegistryCalendar, ends: date | None = None) -> None:
        """What administrators entered, as the scheduler keeps it."""
        with redis.Redis.from_url(self.redis_url) as client:
            client.set(KEY, pack(entries, ends))

    def a_case(self) -> str:
        """A result disclosed, repaired and stopped at one system; its credit code."""
        story = Story(uscc=a_code_in(CASE_PARTITION))
        story.submit("T-77")
        story.publish("R-77", task_id="T-77")
        story.apply_for("R-77")
        story.accept()
        story.decide()
        own = {"key": story.uscc.encode(), "partition": CASE_PARTITION}
        answers = [story.decided(number) for number in range(len(story.events))]
        write(self.bootstrap, DECIDED, [{**own, "value": encode_decided(one)} for one in answers])
        write(self.bootstrap, JOURNAL, [{**own, "value": b"x"}])
        self.ledgers.put(A, an_entry(A, "R-77", 2, "STOPPED", "PROCESSED", uscc=story.uscc))
        with redis.Redis.from_url(self.redis_url) as client:
            client.hset(view_key(CASE_PARTITION, "result"), "R-77", story.uscc)
        return story.uscc

    async def count(self) -> None:
        """A year of one enterprise in the statistics: some inspections off-site."""
        hub = Hub(policy=a_policy(a_cap(5)))
        for month in range(1, 11):
            task = f"T-{month}"
            mode = "OFFSITE" if month % 3 == 0 else "ONSITE"
            hub.submit(task, mode=mode, planned_on=f"2026-{month:02}-16")
        logs = logs_of(hub)
        with counting_into(self.operations.hub.settings.statistics) as store:
            await Statistics(store, logs.kafka, 1, names=lambda: logs.book.names).level()

    def many_stops(self, departments: int, stops: int) -> None:
        """Stops of many departments, owed at all three sites, over the days to come."""
        depts = [f"WJW-{number:06}" for number in range(departments)]
        for site in (A, B, C):
            some = []
            for number in range(stops):
                said = datetime.now(UTC) - timedelta(days=number % 3)
                entry, value = an_entry(site, f"R-{number}", said=said)
                plain = orjson.loads(value) | {"dept": depts[number % departments]}
                some.append((entry, orjson.dumps(plain)))
            for at in range(0, stops, 1000):
                self.ledgers.put(site, *some[at : at + 1000])
        self.departments(
            *(DepartmentView(dept=dept, verdict=Verdict.OK, events=9) for dept in depts)
        )

    def departments(self, *some: DepartmentView) -> None:
        """What the watch saw of departments."""
        with redis.Redis.from_url(self.redis_url) as client:
            made = Departments(at_ms=real_now_ms(), departments=some)
            client.set(DEPARTMENTS, encode_departments(made))


def a_picture(**fields: Any) -> Snapshot:
    """A hub that is well, unless fields say otherwise."""
    now = real_now_ms()
    stages = (
        StageView(stage=Stage.INTAKE, verdict=Verdict.OK, partitions=4),
        StageView(stage=Stage.DECIDE, verdict=Verdict.OK, partitions=4),
        *(StageView(stage=Stage.DELIVER, site=site, verdict=Verdict.OK) for site in SITES),
        *(StageView(stage=Stage.PROVE, site=site, verdict=Verdict.OK) for site in SITES),
    )
    sites = tuple(
        SiteView(site=site, buckets=(DueBucket(due_ms=now + DAY_MS, count=3),), behind=0)
        for site in SITES
    )
    canary = CanaryView(
        verdict=Verdict.OK, task_id="CANARY-1", sent_ms=now - 30_000, intake_ms=12, decide_ms=20,
        answer_ms=4, total_ms=36, decision="ISSUED",
    )  # fmt: skip
    whole: dict[str, Any] = {
        "at_ms": now, "every_s": 3600.0, "broker": "broker", "verdict": Verdict.OK,
        "stages": stages, "sites": sites, "canary": canary,
    }  # fmt: skip
    return Snapshot(**(whole | fields))


def read(page: Any) -> str:
    """What can be read on a page, without tags, spaces folded."""
    text = re.sub(r"<(script|noscript)\b.*?</\1>", "", page.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
