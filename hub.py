"""The composition root and the command line: settings in, running parts out.

No rules. Nothing imports it.
"""

from __future__ import annotations

import asyncio
import random
import sys
from contextlib import AsyncExitStack

import structlog

from connectors.console.context import Context
from connectors.console.lazily import of_module
from connectors.console.logs import partition_of
from connectors.console.moments import now_ms
from connectors.console.nightly_look import nightly_look
from connectors.console.rebuilt import rebuilt
from connectors.console.root import new_app
from connectors.kafka_log import KafkaLog
from connectors.kafka_login import python_options
from connectors.keys import open_key_ring
from connectors.metrics.serving import Pulse, figures_server
from connectors.metrics.stages import MeasuredPublisher, MeasuredSystem
from connectors.metrics.watched import watched_figures
from connectors.process import calm_garbage_collector, run_loop, until_told
from connectors.readiness import follow_topics, wait_for_broker, wait_for_topics
from connectors.redis_calendar import RedisCalendar
from connectors.redis_ledger import RedisLedger
from connectors.redis_view import RedisView
from connectors.role_parts import RoleParts
from connectors.sites.table import FORMS, open_system
from connectors.statistics.file import counting_into
from connectors.watch.role import run_watch
from schemas.access import DECIDE_GROUP, INTAKE_GROUP, deliver_group
from schemas.messages import POLICY_PUBLISHED, REGISTRY_CALENDAR, REGISTRY_DEPARTMENT
from schemas.policy import PolicyDocument
from schemas.settings import Settings
from schemas.sites import SITES
from schemas.topics import CTL_POLICY, CTL_REGISTRY, IN_PREFIX, JOURNAL, OPERATOR
from streams import oversight, watching
from streams.decide import DecideHandler
from streams.delivery_run import SiteDelivery, SiteSettings, World, run_or_die
from streams.desk import Desk, DeskRegistry
from streams.engine import Engine, EngineSettings, die
from streams.intake import IntakeHandler
from streams.mint import KeyMint
from streams.nightly import Retirement
from streams.policies import PolicyBook
from streams.ports import ControlTopics
from streams.reader_format import InReadersFormat
from streams.recovery import Recovery
from streams.registry import Registry
from streams.replay import Replay
from streams.rules.version import RULES_VERSION
from streams.schedule import Scheduler
from streams.simulate import Simulation
from streams.statistics import Heard, keep_counting, unheard
from streams.windows import WindowKeeper, paced
from streams.working_days import CalendarKeeper, LiveCalendar, ends_soon, today, warn_if_ending


class Worker(RoleParts):
    """The parts that all roles share, and how a stage of streams is tied to them."""

    async def answering(
        self, stack: AsyncExitStack, registry: Registry, control: ControlTopics
    ) -> MeasuredPublisher:
        """A started publisher that answers each department in its own form."""
        return self.counted(InReadersFormat(await self.uncounted(stack), registry, control))

    def engine(self, group: str) -> EngineSettings:
        """How a stage is tied to Kafka."""
        told = self.settings.model_dump(
            include={"session_timeout_s", "heartbeat_s", "commit_interval_s", "batch_records_max"}
        )
        instance = self.settings.instance_id or None
        login = python_options()
        return EngineSettings(self.bootstrap, group, **told, instance_id=instance, login=login)


async def intake(worker: Worker) -> None:
    """Run the intake stage; topics of new departments are taken in as they come."""
    async with AsyncExitStack() as stack:
        registry = Registry()
        control = await worker.follow(stack, [CTL_REGISTRY, CTL_POLICY], registry.take)
        warn_if_ending(registry)
        publisher = await worker.answering(stack, registry, control)
        topics = await wait_for_topics(worker.bootstrap, IN_PREFIX, worker.stop)
        at = worker.at_point
        handler = IntakeHandler(
            registry=registry, control=control, publisher=publisher, at_point=at
        )
        engine = Engine(worker.engine(INTAKE_GROUP), topics, worker.measured(handler), at_point=at)
        follow = asyncio.create_task(
            follow_topics(worker.bootstrap, IN_PREFIX, topics, engine.subscribe)
        )
        stack.callback(follow.cancel)
        await engine.run(worker.stop)


async def decide(worker: Worker) -> None:
    """Run the decide stage."""
    async with AsyncExitStack() as stack:
        registry = Registry(only=(POLICY_PUBLISHED, REGISTRY_CALENDAR, REGISTRY_DEPARTMENT))
        control = await worker.follow(stack, [CTL_POLICY, CTL_REGISTRY], registry.take)
        warn_if_ending(registry)
        handler = DecideHandler(
            view=RedisView(*worker.redis(stack)),
            logs=KafkaLog(worker.bootstrap),
            publisher=await worker.answering(stack, registry, control),
            policies=PolicyBook(registry, control),
            mint=mint(worker.settings),
            states_cached_max=worker.settings.states_cached_max,
            forms=FORMS,
            at_point=worker.at_point,
        )
        measured, at = worker.measured(handler), worker.at_point
        engine = Engine(worker.engine(DECIDE_GROUP), [JOURNAL], measured, at_point=at)
        await engine.run(worker.stop)


async def schedule(worker: Worker) -> None:
    """Run the scheduler."""
    async with AsyncExitStack() as stack:
        registry = Registry(only=(POLICY_PUBLISHED, REGISTRY_CALENDAR))
        await worker.follow(stack, [CTL_POLICY, CTL_REGISTRY], registry.take)
        redis, publisher = worker.redis(stack), await worker.publisher(stack)
        keeper = CalendarKeeper(registry, RedisCalendar(*redis), today)
        worker.meter.ask(
            "hub_calendar_ends_soon", lambda: float(ends_soon(today(), registry) is not None)
        )
        view, count = RedisView(*redis), await KafkaLog(worker.bootstrap).partitions(JOURNAL)
        scheduler = Scheduler(
            codes=view,
            publisher=publisher,
            partitions=count,
            policy_version=lambda: registry.policy_version,
        )
        pause = paced(worker.settings.windows_closed_per_s)
        windows = WindowKeeper(view, publisher, count, registry, pause)
        ledgers = {site: RedisLedger(*redis, site) for site in SITES}
        every_s, days = worker.settings.expire_every_s, worker.settings.feed_retention_days
        retirement = Retirement(ledgers, publisher, retention_days=days, clock=now_ms)
        await asyncio.gather(
            scheduler.run(worker.stop, every_s, today),
            windows.run(worker.stop, every_s, today),
            keeper.run(worker.stop),
            retirement.run(worker.stop, every_s),
        )


async def deliver(worker: Worker) -> None:
    """Run the deliver stage of one site."""
    async with AsyncExitStack() as stack:
        settings, site = worker.settings, worker.site
        system = open_system(site, settings)
        stack.push_async_callback(system.close)
        redis = worker.redis(stack)
        calendar = LiveCalendar(RedisCalendar(*redis), today)
        world = World(
            ledger=RedisLedger(*redis, site),
            logs=KafkaLog(worker.bootstrap),
            publisher=await worker.publisher(stack),
            system=MeasuredSystem(system, worker.meter, worker.spans),
            clock=now_ms,
            rnd=random.random,
            calendar=calendar,
            at_point=worker.at_point,
            compare=nightly_look(site, settings, redis, system, oversight),
        )
        delivery = SiteDelivery(world, SiteSettings.of(settings))
        topics = [*delivery.desk.topics.values()]
        for topic in (*topics, OPERATOR):
            await wait_for_topics(worker.bootstrap, topic, worker.stop)
        group, measured = worker.engine(deliver_group(site)), worker.measured(delivery.handler)
        engine = Engine(group, topics, measured, at_point=worker.at_point)
        await asyncio.gather(
            engine.run(worker.stop),
            run_or_die(delivery, worker.stop, die),
            calendar.follow(worker.stop),
        )


async def gateway(worker: Worker) -> None:
    """Run the HTTP gateway."""
    # Here, not above: no other role or command needs a web framework in memory.
    from connectors.departments.gateway.role import run_gateway

    async with AsyncExitStack() as stack:
        registry = DeskRegistry()
        control = await worker.follow(stack, [CTL_REGISTRY, CTL_POLICY], registry.take)
        count = await KafkaLog(worker.bootstrap).partitions(JOURNAL)
        desk = Desk(
            registry,
            PolicyBook(registry, control),
            open_key_ring(worker.settings.keys).verifiers,
            lambda key: partition_of(key, count),
            count,
        )
        publisher, to = await worker.publisher(stack), (worker.bootstrap, worker.redis_url)
        parts = (desk, control, publisher, oversight, worker.stop, worker.meter)
        await run_gateway(worker.settings, to, *parts)


async def watch(worker: Worker) -> None:
    """Run the watch; what it sees is given out with the other figures."""
    worker.meter.show(watched_figures(worker.redis_url).page)
    await run_watch(worker.settings, (worker.bootstrap, worker.redis_url), watching, worker.stop)


async def statistics(worker: Worker, heard: Heard = unheard, *, anew: bool = False) -> None:
    """Keep the statistics level with what is answered; once, if the worker is to stop already."""
    store = counting_into(worker.settings.statistics, anew=anew)
    await keep_counting(worker, store, KafkaLog(worker.bootstrap), heard)


ROLES = {
    role.__name__: role for role in (intake, decide, schedule, deliver, gateway, watch, statistics)
}


def mint(settings: Settings) -> KeyMint:
    """The maker of codes, from the key ring."""
    ring = open_key_ring(settings.keys)
    return KeyMint(ring.year_key, ring.signer(), settings.base_url)


def run_role(role: str, settings: Settings, bootstrap: str, redis_url: str, site: str = "") -> None:
    """Run one role until a signal ends it."""

    async def main() -> None:
        await wait_for_broker(bootstrap, worker.stop)
        await ROLES[role](worker)

    structlog.contextvars.bind_contextvars(role=role, **({"site": site} if site else {}))
    worker = Worker(role, settings, bootstrap, redis_url, site)
    worker.meter.started(role, RULES_VERSION)
    pulse = Pulse()
    calm_garbage_collector()
    with figures_server(worker.meter, pulse, settings):
        whole = until_told(main(), worker.stop, pulse.run())
        run_loop(whole, uvloop=settings.uvloop)
    worker.spans.close()


def judge_file(hub: Context, policy: PolicyDocument | None) -> Replay:
    """What judges the lines of a file, by their own policies or by another one."""
    count, makes = hub.settings.journal_partitions, mint(hub.settings)
    calm_garbage_collector()
    return Replay(makes, lambda key: partition_of(key.decode(), count), policy)


def count_once(hub: Context, heard: Heard, *, anew: bool = False) -> None:
    """Count what was answered since, or all of it anew."""
    worker = Worker("statistics", hub.settings, hub.bootstrap(), "")
    worker.stop.set()
    asyncio.run(statistics(worker, heard, anew=anew))


def rebuild(hub: Context) -> None:
    """Drop the view in Redis and make it again from the recorded facts. Nothing is decided anew.

    Workers that run meanwhile lose their partitions and take them back afterwards.
    """

    async def run(heard: Heard) -> int:
        async with AsyncExitStack() as stack:
            parts = Worker("rebuild", hub.settings, hub.bootstrap(), hub.redis_url())
            logs = KafkaLog(parts.bootstrap)
            view, publisher = RedisView(*parts.redis(stack)), await parts.publisher(stack)
            recovery = Recovery(view, logs, publisher, FORMS, parts.at_point)
            return await recovery.rebuild(await logs.committed(DECIDE_GROUP, JOURNAL), heard)

    calm_garbage_collector()
    rebuilt(hub, lambda heard: asyncio.run(run(heard)))


COMMANDS = dict.fromkeys(("worker", "gateway", "watch"), of_module("roles", ROLES, run_role)) | {
    "replay": of_module("replay", judge_file),
    "stats": of_module("stats", count_once),
    "simulate": of_module("simulate", Simulation),
    "rebuild": of_module("rebuilt", rebuild),
}


def main() -> None:
    """Entry point of the command line; a command that it names is all that is read in."""
    new_app(oversight, COMMANDS, sys.argv[1:])()


if __name__ == "__main__":
    main()
