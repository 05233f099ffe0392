"""Deliver's nightly look finds what `hub reconcile` finds, and spares a system in trouble."""

from __future__ import annotations

import asyncio
from typing import Any

import redis.asyncio as aioredis
from ledger_world import USCC, C, Ledgers, an_entry
from site_in_thread import SiteInThread

from connectors.console.systems.nightly_look import as_kept, nightly_look
from connectors.console.systems.reconcile_look import Comparison, Difference, Kind
from connectors.sites.tianjin_subjects import TianjinSubjects
from schemas.compared import NAMED_MAX, Differs, Ours, SiteCompared
from schemas.settings import Settings
from streams.desks import oversight

DONE = ("PROCESSED",)


def look(redis_url: str, page: str, system: Any = None) -> SiteCompared:
    """One nightly look at a system whose public list lies there."""

    async def run() -> SiteCompared:
        client = aioredis.from_url(redis_url)
        connector = system or TianjinSubjects(page)
        settings = Settings(site_subjects_page=page)
        try:
            return await nightly_look(C, settings, (client, redis_url), connector, oversight)()
        finally:
            await client.aclose()
            if system is None:
                await connector.close()

    return asyncio.run(run())


def test_it_finds_what_is_shown_and_must_not_be(redis_url: str):
    stopped, disclosed = (
        an_entry(C, "R-1", 2, "STOPPED", *DONE), an_entry(C, "R-2", 1, "DISCLOSED", *DONE),
    )  # fmt: skip
    Ledgers(redis_url).put(C, stopped, disclosed, an_entry(C, "R-3"))
    with SiteInThread() as site:
        for name in ("R-1", "R-2"):
            site.show(USCC, name, 1)
        found = look(redis_url, f"{site.address}/public")

    assert (found.compared, found.owed, found.unclear, found.fault) == (2, 1, 0, "")
    assert found.differences == (
        Differs(kind="MISSING_STOP", uscc=USCC, result_id="R-1", found="shown at version 1",
                ours=Ours(2, "STOPPED")),
    )  # fmt: skip
    assert not found.agrees


def test_what_agrees_is_said_so(redis_url: str):
    Ledgers(redis_url).put(C, an_entry(C, "R-2", 1, "DISCLOSED", *DONE))
    with SiteInThread() as site:
        site.show(USCC, "R-2", 1)
        found = look(redis_url, f"{site.address}/public")

    assert (found.agrees, found.compared) == (True, 1)


def test_a_system_whose_list_cannot_be_read_is_not_asked_for_every_page(redis_url: str):
    Ledgers(redis_url).put(C, an_entry(C, "R-1", 2, "STOPPED", *DONE))

    class Silent:
        async def observe(self, deliveries: Any) -> Any:
            raise AssertionError(f"asked for {len(deliveries)} pages")

    found = look(redis_url, "http://127.0.0.1:9/public", Silent())

    assert "127.0.0.1:9" in found.fault
    assert (found.compared, found.settled) == (0, False)


def test_of_many_differences_the_first_are_named_and_all_counted():
    many = [Difference(Kind.UNKNOWN, "U", f"R-{n}", None, 1) for n in range(NAMED_MAX + 7)]

    found = as_kept(Comparison(compared=1, differences=many))

    assert (found.differing, len(found.differences)) == (NAMED_MAX + 7, NAMED_MAX)
    assert found.differences[0].ours is None
