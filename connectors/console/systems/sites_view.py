"""How do the publicity systems look on a terminal, and one that was asked?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from connectors.console.context import Exit
from connectors.console.due.ledgers import SiteLedger
from connectors.console.systems.probe import Probe
from connectors.console.systems.receipts_tail import LastAnswers
from connectors.console.terminal.moments import left, short
from connectors.console.terminal.screen import card, instant_json, row, table
from connectors.console.terminal.watching import Picture
from schemas.delivery import Standing, Unavailable
from schemas.operator import OperatorAction
from schemas.sites import SITES, Exchange

_MODE = {Exchange.FRONT_TABLE: "front table", Exchange.HTTP_PUSH: "push", Exchange.FEED: "feed"}
_BREAKER = {"CLOSED": "green", "HALF_OPEN": "yellow", "OPEN": "bold red"}


def sites_picture(
    ledgers: Mapping[str, SiteLedger], last: Mapping[str, LastAnswers], now_ms: int
) -> Picture:
    """All systems in a table."""
    shown = table(
        "!SITE", "MODE", "!BREAKER", "SINCE", "#STOP", "#DISCLOSE", "#REJECTED",
        "LAST ANSWER", "READ BACK", "PAUSED", fitting=True,
    )  # fmt: skip
    for site, one in ledgers.items():
        since = int(one.breaker["since_ms"]) if one.breaker else 0
        refused = one.lanes["rejected"]
        row(
            shown, site, _mode(site), _breaker(one), left(now_ms - since) if since else None,
            one.lanes["stop"], one.lanes["disclose"],
            Text(f"{refused:,}", style="bold red" if refused else "dim"),
            _ago(last[site].answer_ms, now_ms), _ago(last[site].read_back_ms, now_ms),
            _pause(one, now_ms),
        )  # fmt: skip
    held = any(one.breaker_state != "CLOSED" or one.lanes["rejected"] for one in ledgers.values())
    document = {"sites": [_site(one, last[site]) for site, one in ledgers.items()]}
    return Picture([shown], document, Exit.FOUND if held else Exit.DONE, _notes(ledgers))


def probe_card(found: Probe) -> RenderableType:
    """What a system that was asked said."""
    entry, told, seen = found.entry, found.told, found.seen
    if isinstance(told, Unavailable):
        answer: str | Text = Text(f"no answer: {told.reason}", style="bold red")
    elif told is None:
        answer = "it does not know it"
    else:
        answer = _compared(told, found)
    if isinstance(seen, Unavailable):
        page: str | Text = Text(f"no answer: {seen.reason}", style="bold red")
    else:
        version = "" if seen.version is None else f" at version {seen.version}"
        page = f"shown{version}" if seen.shown else "not shown"
    about = "nothing real: the ledger has no entry"
    if entry is not None:
        about = f"{entry.result_id} of {entry.uscc}, ours version {entry.version} {entry.state}"
    return card(
        f"{found.site}  {SITES[found.site].title}",
        [
            ("asked about", about),
            ("it says", answer),
            ("public page", page),
            ("took", f"{found.took_ms} ms"),
        ],
    )


def actions_table(found: Sequence[OperatorAction]) -> RenderableType:
    """What operators did."""
    shown = table("!TIME", "!SITE", "!ACTION", "BY", "REASON", "ABOUT")
    for one in found:
        about = ", ".join(one.about[:3]) + (
            f" and {len(one.about) - 3} more" * (len(one.about) > 3)
        )
        row(shown, short(one.at), one.site, one.action, one.by, one.reason, about)
    return shown


def _mode(site: str) -> str:
    return _MODE[SITES[site].exchange]


def _breaker(one: SiteLedger) -> Text:
    if one.feed_next is None:
        return Text("-", style="dim")
    state = one.breaker_state
    return Text(state.lower().replace("_", "-"), style=_BREAKER[state])


def _pause(one: SiteLedger, now_ms: int) -> Text | None:
    if one.pause is None:
        return None
    since = left(now_ms - int(one.pause["since"]))
    return Text(f"{one.pause['reason']} ({one.pause['who']}, {since})", style="yellow")


def _ago(at_ms: int, now_ms: int) -> str | None:
    return f"{left(now_ms - at_ms)} ago" if at_ms else None


def _compared(told: Standing, found: Probe) -> str | Text:
    text = f"version {told.version} {told.state}"
    entry = found.entry
    if entry is None or (told.version, told.state) == (entry.version, entry.state):
        return text
    return Text(f"{text}, not ours", style="yellow")


def _site(one: SiteLedger, last: LastAnswers) -> dict[str, object]:
    return {
        "site": one.site,
        "title": SITES[one.site].title,
        "mode": SITES[one.site].exchange,
        "breaker": one.breaker_state,
        "since": instant_json(int(one.breaker["since_ms"]) or None) if one.breaker else None,
        "lanes": dict(one.lanes),
        "refused": [name.replace("\x1f", " ") for name in one.refused],
        "last_answer": instant_json(last.answer_ms or None),
        "last_read_back": instant_json(last.read_back_ms or None),
        "paused": one.pause,
        "has_ledger": one.feed_next is not None,
        "feed_behind": one.behind,
        "compared": one.compared and {
            "at": instant_json(one.compared.at_ms), "agrees": one.compared.agrees,
            "compared": one.compared.compared, "differing": one.compared.differing,
            "unclear": one.compared.unclear, "fault": one.compared.fault,
        },
    }  # fmt: skip


def _notes(ledgers: Mapping[str, SiteLedger]) -> list[str]:
    notes = []
    for site, one in ledgers.items():
        if one.feed_next is None:
            notes.append(f"{site} has no delivery ledger: `hub worker deliver --site {site}`")
        elif one.behind:
            notes.append(
                f"{site}: {one.behind:,} records of its feed are not in its ledger yet: is its "
                "deliver worker running?"
            )
        if one.compared and one.compared.differing:
            notes.append(
                f"{site} shows {one.compared.differing:,} results otherwise than its ledger says "
                f"(compared {short(one.compared.at_ms)}): `hub reconcile {site}`"
            )
        if one.refused:
            ids = ", ".join(name.partition("\x1f")[2] for name in one.refused)
            more = " …" if one.lanes["rejected"] > len(one.refused) else ""
            notes.append(
                f"{site} refused {ids}{more}: see `hub case RESULT`, put the cause right, then "
                f"`hub sites requeue {site} RESULT --reason …`"
            )
    return notes
