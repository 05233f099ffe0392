"""How does deliver compare a system with its ledger? By the same look as `hub reconcile`.

A list that cannot be read ends it: a system in trouble is not asked for every single page at night.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import redis.asyncio as aioredis

from connectors.console.due.ledgers import Ledgers
from connectors.console.rules_port import OversightRules
from connectors.console.systems.reconcile_look import Comparison, Observer, Reconciler
from connectors.sites.public_list import PublicList, public_address
from schemas.calendar_file import NO_OVERRIDES
from schemas.compared import NAMED_MAX, Differs, Ours, SiteCompared
from schemas.delivery import Unavailable
from schemas.settings import Settings


def nightly_look(
    site: str,
    settings: Settings,
    redis: tuple[aioredis.Redis, str],
    system: Observer,
    rules: OversightRules,
) -> Callable[[], Awaitable[SiteCompared]]:
    """What compares a system with its ledger whenever it is called."""

    async def compare() -> SiteCompared:
        public = PublicList(public_address(site, settings))
        try:
            listed = await public.read()
        finally:
            await public.close()
        if isinstance(listed, Unavailable):
            return SiteCompared(fault=listed.reason)
        # Due days are not looked at here, so no calendar is either.
        ledgers = Ledgers(*redis, [site])
        look = Reconciler(ledgers, site, system, rules, each=False, calendar=NO_OVERRIDES)
        return as_kept(await look.compare(listed))

    return compare


def as_kept(found: Comparison) -> SiteCompared:
    """A comparison as it is kept for whoever looks at the site."""
    return SiteCompared(
        compared=found.compared,
        owed=found.owed,
        owed_shown=found.owed_shown,
        unclear=found.unclear,
        differing=len(found.differences),
        differences=tuple(
            Differs(
                kind=one.kind,
                uscc=one.uscc,
                result_id=one.result_id,
                found=one.found,
                ours=Ours(one.ours.version, one.ours.state) if one.ours else None,
            )
            for one in found.differences[:NAMED_MAX]
        ),
        fault=found.list_fault,
    )
