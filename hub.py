"""The composition root and the command line: settings in, running parts out.

No rules. Nothing imports it. What a role or a command is made of is read in where it is put
together: a worker starts often, after every fault, and `hub --help` is asked by people.
"""

from __future__ import annotations

import asyncio
import random
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from connectors.console.lazily import LazyModule, lazily, of_module
from connectors.console.root import new_app
from connectors.process import calm_garbage_collector
from schemas.access import DECIDE_GROUP, INTAKE_GROUP, deliver_group
from schemas.sites import SITES
from schemas.topics import CTL_POLICY, CTL_REGISTRY, IN_PREFIX, JOURNAL, OPERATOR
from streams.rules.version import RULES_VERSION

if TYPE_CHECKING:
    from connectors.console.context import Context
    from connectors.metrics.stages import MeasuredPublisher
    from connectors.role_parts import RoleParts
    from schemas.generations import Generations
    from schemas.policy import PolicyDocument
    from schemas.settings import Settings
    from streams.desks import oversight
    from streams.engine import Engine
    from streams.lanes import BatchHandler
    from streams.mint import KeyMint
    from streams.ports import ControlTopics
    from streams.registry import Registry
    from streams.replay import Replay
    from streams.simulate import Simulation
    from streams.statistics import Heard
else:
    oversight = LazyModule("streams.desks.oversight")
    Simulation = lazily("streams.simulate", "Simulation")


async def answering(
    worker: RoleParts, stack: AsyncExitStack, registry: Registry, control: ControlTopics
) -> MeasuredPublisher:
    """A started publisher that answers each department in its own form."""
    from streams.reader_format import InReadersFormat

    return worker.counted(InReadersFormat(await worker.uncounted(stack), registry, control))


def tied(worker: RoleParts, group: str, topics: list[str], handler: BatchHandler) -> Engine:
    """A stage of streams, tied to Kafka and measured."""
    from streams.engine import Engine, EngineSettings

    settings, measured = EngineSettings(**worker.tied(group)), worker.measured(handler)
    return Engine(settings, topics, measured, at_point=worker.at_point)


async def intake(worker: RoleParts) -> None:
    """Run the intake stage; topics of new departments are taken in as they come."""
    from connectors.readiness import follow_topics, wait_for_topics
    from streams.intake import IntakeHandler
    from streams.registry import Registry
    from streams.working_days import warn_if_ending

    async with AsyncExitStack() as stack:
        await worker.generations(stack)
        registry = Registry()
        control = await worker.follow(stack, [CTL_REGISTRY, CTL_POLICY], registry.take)
        warn_if_ending(registry)
        publisher = await answering(worker, stack, registry, control)
        topics = await wait_for_topics(worker.bootstrap, IN_PREFIX, worker.stop)
        handler = IntakeHandler(
            registry=registry, control=control, publisher=publisher, at_point=worker.at_point
        )
        engine = tied(worker, INTAKE_GROUP, topics, handler)
        follow = asyncio.create_task(
            follow_topics(worker.bootstrap, IN_PREFIX, topics, engine.subscribe)
        )
        stack.callback(follow.cancel)
        await engine.run(worker.stop)


async def decide(worker: RoleParts) -> None:
    """Run the decide stage."""
    from connectors.sites.table import FORMS
    from schemas.messages import POLICY_PUBLISHED, REGISTRY_CALENDAR, REGISTRY_DEPARTMENT
    from streams.decide import DecideHandler
    from streams.policies import PolicyBook
    from streams.registry import Registry
    from streams.working_days import warn_if_ending

    async with AsyncExitStack() as stack:
        registry = Registry(only=(POLICY_PUBLISHED, REGISTRY_CALENDAR, REGISTRY_DEPARTMENT))
        control = await worker.follow(stack, [CTL_POLICY, CTL_REGISTRY], registry.take)
        warn_if_ending(registry)
        handler = DecideHandler(
            view=worker.view(stack),
            logs=worker.logs(),
            publisher=await answering(worker, stack, registry, control),
            policies=PolicyBook(registry, control),
            mint=mint(worker.settings),
            states_cached_max=worker.settings.states_cached_max,
            forms=FORMS,
            at_point=worker.at_point,
            generations=await worker.generations(stack),
        )
        await tied(worker, DECIDE_GROUP, [JOURNAL], handler).run(worker.stop)


async def schedule(worker: RoleParts) -> None:
    """Run the scheduler."""
    from connectors.redis_calendar import RedisCalendar
    from connectors.redis_ledger import RedisLedger
    from connectors.redis_view import RedisView
    from schemas.messages import POLICY_PUBLISHED, REGISTRY_CALENDAR
    from streams.delivery.nightly import Retirement
    from streams.registry import Registry
    from streams.timers_run import run_timers
    from streams.working_days import CalendarKeeper, ends_soon, today

    async with AsyncExitStack() as stack:
        registry = Registry(only=(POLICY_PUBLISHED, REGISTRY_CALENDAR))
        await worker.follow(stack, [CTL_POLICY, CTL_REGISTRY], registry.take)
        redis, publisher = worker.redis(stack), await worker.publisher(stack)
        keeper = CalendarKeeper(registry, RedisCalendar(*redis), today)
        worker.meter.ask(
            "hub_calendar_ends_soon", lambda: float(ends_soon(today(), registry) is not None)
        )
        view, count = RedisView(*redis), (await worker.generations(stack)).partitions
        ledgers = {site: RedisLedger(*redis, site) for site in SITES}
        every_s, days = worker.settings.expire_every_s, worker.settings.feed_retention_days
        retirement = Retirement(ledgers, publisher, retention_days=days, clock=worker.now_ms)
        timers = run_timers(
            view, publisher, registry, count, worker.stop,
            every_s=every_s,
            windows_per_s=worker.settings.windows_closed_per_s,
            now_ms=worker.now_ms,
        )  # fmt: skip
        await asyncio.gather(
            timers,
            keeper.run(worker.stop),
            retirement.run(worker.stop, every_s),
        )


async def deliver(worker: RoleParts) -> None:
    """Run the deliver stage of one site."""
    from connectors.console.systems.nightly_look import nightly_look
    from connectors.metrics.stages import MeasuredSystem
    from connectors.readiness import wait_for_topics
    from connectors.redis_calendar import RedisCalendar
    from connectors.redis_ledger import RedisLedger
    from connectors.sites.table import open_system
    from streams.delivery.run import SiteDelivery, SiteSettings, World, run_or_die
    from streams.desks import oversight
    from streams.engine import die
    from streams.working_days import LiveCalendar, today

    async with AsyncExitStack() as stack:
        settings, site = worker.settings, worker.site
        system = open_system(site, settings)
        stack.push_async_callback(system.close)
        redis = worker.redis(stack)
        calendar = LiveCalendar(RedisCalendar(*redis), today)
        world = World(
            ledger=RedisLedger(*redis, site),
            logs=worker.logs(),
            publisher=await worker.publisher(stack),
            system=MeasuredSystem(system, worker.meter, worker.spans),
            clock=worker.now_ms,
            rnd=random.random,
            calendar=calendar,
            at_point=worker.at_point,
            compare=nightly_look(site, settings, redis, system, oversight),
        )
        delivery = SiteDelivery(world, SiteSettings.of(settings))
        topics = [*delivery.desk.topics.values()]
        for topic in (*topics, OPERATOR):
            await wait_for_topics(worker.bootstrap, topic, worker.stop)
        engine = tied(worker, deliver_group(site), topics, delivery.handler)
        await asyncio.gather(
            engine.run(worker.stop),
            run_or_die(delivery, worker.stop, die),
            calendar.follow(worker.stop),
        )


async def gateway(worker: RoleParts) -> None:
    """Run the HTTP gateway."""
    from connectors.departments.gateway.role import run_gateway
    from connectors.keys import open_key_ring
    from streams.desks import oversight
    from streams.desks.events import Desk, DeskRegistry
    from streams.policies import PolicyBook

    async with AsyncExitStack() as stack:
        registry = DeskRegistry()
        control = await worker.follow(stack, [CTL_REGISTRY, CTL_POLICY], registry.take)
        verifiers = open_key_ring(worker.settings.keys).verifiers
        spread = await worker.generations(stack)
        desk = Desk(registry, PolicyBook(registry, control), verifiers, spread)
        parts = desk, control, await worker.publisher(stack), oversight, worker.stop, worker.meter
        await run_gateway(worker.settings, (worker.bootstrap, worker.redis_url), *parts)


async def watch(worker: RoleParts) -> None:
    """Run the watch; what it sees is given out with the other figures."""
    from connectors.metrics.watched import watched_figures
    from connectors.watch.role import run_watch
    from streams import watching

    worker.meter.show(watched_figures(worker.redis_url).page)
    await run_watch(worker.settings, (worker.bootstrap, worker.redis_url), watching, worker.stop)


async def statistics(worker: RoleParts, heard: Heard | None = None, *, anew: bool = False) -> None:
    """Keep the statistics level with what is answered; once, if the worker is to stop already."""
    from connectors.statistics.file import counting_into
    from streams.statistics import keep_counting, unheard

    store = counting_into(worker.settings.statistics, anew=anew)
    await keep_counting(worker, store, worker.logs(), heard or unheard)


ROLES = {
    role.__name__: role for role in (intake, decide, schedule, deliver, gateway, watch, statistics)
}


def mint(settings: Settings) -> KeyMint:
    """The maker of codes, from the key ring."""
    from connectors.keys import open_key_ring
    from streams.mint import KeyMint

    ring = open_key_ring(settings.keys)
    return KeyMint(ring.year_key, ring.signer(), settings.base_url)


def judge_file(hub: Context, policy: PolicyDocument | None) -> Replay:
    """What judges the lines of a file, by their own policies or by another one."""
    from connectors.partitioner import partition_of
    from streams.replay import Replay

    count, makes = hub.settings.journal_partitions, mint(hub.settings)
    return Replay(makes, lambda key: partition_of(key.decode(), count), policy)


def count_once(hub: Context, heard: Heard, *, anew: bool = False) -> None:
    """Count what was answered since, or all of it anew."""
    from connectors.role_parts import RoleParts

    worker = RoleParts("statistics", hub.settings, hub.bootstrap(), "")
    worker.stop.set()
    asyncio.run(statistics(worker, heard, anew=anew))


def rebuild(hub: Context, heard: Heard, of: Generations | None = None) -> int:
    """Make the view in Redis again from the recorded facts: how many there were.

    `of`: the generations of the journal to make it for; None: those in force.
    """
    from connectors.role_parts import RoleParts
    from connectors.sites.table import FORMS
    from streams.recovery import Recovery

    async def run() -> int:
        async with AsyncExitStack() as stack:
            parts = RoleParts("rebuild", hub.settings, hub.bootstrap(), hub.redis_url())
            view, logs, publisher = parts.view(stack), parts.logs(), await parts.publisher(stack)
            spread = of or await parts.generations(stack)
            recovery = Recovery(view, logs, publisher, FORMS, parts.at_point, spread)
            return await recovery.rebuild(await logs.committed(DECIDE_GROUP, JOURNAL), heard)

    return asyncio.run(run())


_role_commands = of_module("installation.roles", ROLES, RULES_VERSION)
COMMANDS = dict.fromkeys(("worker", "gateway", "watch"), _role_commands) | {
    "replay": of_module("traffic.replay", judge_file),
    "stats": of_module("figures.stats", count_once),
    "simulate": of_module("figures.simulate", Simulation),
    "rebuild": of_module("installation.rebuilt", rebuild),
    "journal": of_module("installation.journal", rebuild),
}


def main() -> None:
    """Entry point of the command line; a command that it names is all that is read in."""
    calm_garbage_collector()
    new_app(oversight, COMMANDS, sys.argv[1:])()


if __name__ == "__main__":
    main()
