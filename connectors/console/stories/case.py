"""What is the story of this result, repair, task, enterprise, to the proof at each system?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, cast

import redis
import typer

from connectors.console.command import command
from connectors.console.context import CommandError, Context, Exit
from connectors.console.due.ledgers import Ledgers, SiteLedger, watched_sites, with_ledgers
from connectors.console.due.repairs import all_cases
from connectors.console.registries.calendar import calendar_now
from connectors.console.rules_port import OversightRules
from connectors.console.stories.case_story import CaseStory, site_events, tell_case
from connectors.console.stories.case_view import Case, case_json, case_parts
from connectors.console.stories.find import (
    Place,
    history_of,
    partitions,
    place_of,
    places_of_task,
)
from connectors.console.stories.special_case import special_json, special_parts
from connectors.console.stories.special_story import tell_special
from connectors.console.systems.receipts_tail import receipts_since
from connectors.console.terminal.moments import now_ms
from connectors.redis_view import key as view_key
from schemas.feed import Receipt
from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.special_words import SPECIAL_PREFIX

_CLOCKS_APART_MS = 3_600_000
"""A system's answer is looked for from so long before its disclosure: clocks differ."""

CaseId = Annotated[
    str, typer.Argument(metavar="ID", help="Result, repair or task id, credit code, special:ID.")
]
Uscc = Annotated[
    str | None, typer.Option("--uscc", help="Credit code of the enterprise: finds it at once.")
]


def register(app: typer.Typer, rules: OversightRules) -> None:
    """Add `case`."""

    def case(hub: Context, name: CaseId, uscc: Uscc = None) -> None:
        """Show a case: from the task to the stop seen at each system, or a special inspection."""
        if name.startswith(SPECIAL_PREFIX):
            _special(hub, name)
            return
        found, read = find_case(hub, rules, name, uscc)
        if hub.json:
            hub.emit(case_json(found))
        else:
            hub.show(*case_parts(found))
        hub.note(f"{read:,} records read in partition {found.place.partition}.")

    command(app, "case")(case)


def find_case(
    hub: Context, rules: OversightRules, name: str, uscc: str | None = None
) -> tuple[Case, int]:
    """A case by one of its names, and how many records were read to tell it.

    Raises:
        CommandError: there is none, or several enterprises have one of this name.
    """
    place, asked = _find(hub, rules, name, uscc)
    history = history_of(hub, place, with_journal=False)
    story = tell_case(history, asked)
    if not story.known:
        raise CommandError(
            f"nothing is on record for {name} of {place.key}: {history.records_read:,} records "
            f"read in partition {place.partition}"
        )
    return _gather(hub, rules, place, story), history.records_read


def _special(hub: Context, name: str) -> None:
    """Show a special inspection: what was filed, who was given it, every step."""
    place = place_of(name, partitions(hub))
    history = history_of(hub, place, with_journal=True)
    story = tell_special(history)
    if not story.steps:
        raise CommandError(
            f"nothing is on record for {name}: {history.records_read:,} records read in "
            f"partition {place.partition}"
        )
    if hub.json:
        hub.emit(special_json(story))
    else:
        hub.show(*special_parts(story))
    hub.note(f"{history.records_read:,} records read in partition {place.partition}.")


def _gather(hub: Context, rules: OversightRules, place: Place, story: CaseStory) -> Case:
    now, sites = now_ms(), watched_sites(hub.settings)
    names = [f"{place.key}\x1f{result}" for result in story.results]

    async def read(ledgers: Ledgers) -> dict[str, SiteLedger]:
        heads = await ledgers.heads()
        await ledgers.fill(heads, names, rules, calendar_now(hub), now)
        return heads

    ledgers = with_ledgers(hub, sites, read)
    with hub.redis() as client:
        rows = client.hmget(view_key(place.partition, "public"), names) if names else []
        shown = {result for result, row in zip(story.results, rows, strict=True) if row is not None}
    receipts = dict(_receipts(hub, place.key, story, sites))
    due_ms = {
        view.result_id: view.due_ms for one in ledgers.values() for view in one.entries.values()
    }
    story.add(site_events(receipts, due_ms))
    return Case(now, place, story, ledgers, shown)


def _receipts(
    hub: Context, uscc: str, story: CaseStory, sites: tuple[str, ...]
) -> Iterator[tuple[str, list[Receipt]]]:
    since_ms = story.first_disclosed_ms
    if since_ms is None:
        return
    with hub.admin() as admin:
        for site in sites:
            found = receipts_since(hub, admin, site, since_ms - _CLOCKS_APART_MS)
            yield (
                site,
                [one for one in found if one.uscc == uscc and one.result_id in story.results],
            )


def _find(
    hub: Context, rules: OversightRules, name: str, uscc: str | None
) -> tuple[Place, str | None]:
    """Where the case lies, and what of the enterprise is meant; None: everything."""
    count = partitions(hub)
    if read_credit_code(name).outcome is CreditCodeOutcome.VALID:
        return place_of(name, count), None
    if uscc is not None:
        return place_of(uscc, count), name
    with hub.redis() as client:
        codes = set(_indexed(client, name, count))
        if not codes:
            codes = {one.key for one in places_of_task(hub, client, name, count)}
        if not codes:
            cases = all_cases(client, count, rules, calendar_now(hub))
            codes = {one.uscc for one in cases if one.repair_id == name}
    if not codes:
        raise CommandError(
            f"no result, repair or task {name} is known. If it was stopped or cancelled before it "
            "came, name its enterprise: --uscc CREDIT_CODE"
        )
    if len(codes) > 1:
        listed = ", ".join(sorted(codes))
        raise CommandError(
            f"{len(codes)} enterprises have {name}: name one with --uscc: {listed}", Exit.USAGE
        )
    return place_of(codes.pop(), count), name


def _indexed(client: redis.Redis, name: str, count: int) -> Iterator[str]:
    """Credit codes under which the view knows a result or a repair of this id."""
    for partition in range(count):
        for part in ("result", "case"):
            found = cast("bytes | None", client.hget(view_key(partition, part), name))
            if found is not None:
                yield found.decode().partition("\x1f")[0]
