"""How do deadlines look? Stops by day, department or place; sites; repair cases; held steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from connectors.console.context import Exit
from connectors.console.due.deadlines_json import document
from connectors.console.due.outlook import Findings, Outlook
from connectors.console.due.repairs import CaseGroup, group_cases, with_held
from connectors.console.due.stops import PUBLIC, StopGroup, group_stops
from connectors.console.registries.calendar import ends_text
from connectors.console.terminal.moments import day_text, left, short
from connectors.console.terminal.screen import row, table
from connectors.console.terminal.watching import Picture
from schemas.oversight import CaseView

_STOPS = "Stops: 3 working days after the approval (art. 13)"
_CASES = "Repair decisions: 7 working days after acceptance (art. 12)"
_OUTLOOK = "Will the stops that are owed be carried out in time?"
_HELD = "Held: a step came before the one it follows. Somebody must look"
_RISKY = 1.5
"""Headroom below this is yellow: half as much again may come in a day."""
_WAITS_FOR = {"APPLIED": "the application", "ACCEPTED": "acceptance", "APPROVED": "an approval"}


def picture(found: Findings) -> Picture:
    """All that was found, as tables for people, and as a document for scripts."""
    stops = group_stops(found.stops, found.by, found.now_ms)
    cases = group_cases(found.cases, found.by, found.now_ms)
    held = with_held(found.cases)
    parts: list[RenderableType] = [
        _stops_table(stops, found) if stops else Text(f"{_STOPS}\nNone is owed.\n"),
        *([outlook_table(found.outlooks)] if found.outlooks else ()),
        _cases_table(cases, found) if cases else Text(f"{_CASES}\nNo case is open.\n"),
        *([_held_table(held, found.now_ms)] if held else ()),
    ]
    late = any(one.missed for one in stops) or any(one.overdue for one in cases)
    doomed = any(one.forecast.will_miss for one in found.outlooks.values() if one.rate)
    status = Exit.FOUND if late or doomed or held else Exit.DONE
    return Picture(parts, document(found, stops, cases, held), status, _notes(found, stops, cases))


def _stops_table(groups: Sequence[StopGroup], found: Findings) -> RenderableType:
    if found.by == "site":
        return _by_place(groups, found.now_ms)
    sites = [*found.outlooks, PUBLIC]
    first = ["DEPT", "!NEXT DUE"] if found.by == "dept" else ["!DUE", "!LEFT"]
    shown = table(
        *first, "#OPEN", *(f"#{site}" for site in sites), "WAITING ON", "#AT RISK", "#MISSED",
        title=_STOPS, fitting=True,
    )  # fmt: skip
    for one in groups:
        due, left_ = day_text(one.due_on, provisional=one.provisional), _left(one, found.now_ms)
        row(
            shown, *((one.name, due) if found.by == "dept" else (due, left_)), one.open,
            *(_of(one.done[site], one.stops) for site in sites),
            _waiting(one), _alarm(one.at_risk, "yellow"), _alarm(one.missed, "bold red"),
        )  # fmt: skip
    return shown


def _by_place(groups: Sequence[StopGroup], now_ms: int) -> RenderableType:
    shown = table(
        "PLACE", "#OPEN", "!NEXT DUE", "!LEFT", "OF THESE", "#AT RISK", "#MISSED", title=_STOPS
    )
    for one in groups:
        own = {
            why.removeprefix(one.name).strip() or "owed": count
            for why, count in one.waits_on.items()
            if why.split(" ")[0] == one.name
        }
        row(
            shown, one.name, one.open, day_text(one.due_on, provisional=one.provisional),
            _left(one, now_ms), ", ".join(f"{why} {count}" for why, count in own.items()),
            _alarm(one.at_risk, "yellow"), _alarm(one.missed, "bold red"),
        )  # fmt: skip
    return shown


def outlook_table(outlooks: Mapping[str, Outlook]) -> RenderableType:
    """Every site's backlog, and what becomes of it."""
    shown = table(
        "!SITE", "#OWED", "#NEED/h", "#RATE/h", "#HEADROOM", "#WILL MISS", "LATEST RECOVERY",
        "STATE", title=_OUTLOOK,
    )  # fmt: skip
    for site, one in outlooks.items():
        told = one.forecast
        unknown = one.rate is None and told.owed > told.overdue
        row(
            shown, site, told.owed, _need(told.required_per_s), _per_hour(one.rate),
            _headroom(one), Text("?", style="yellow") if unknown
            else _alarm(told.will_miss, "bold red"), _recovery(one), _state(one),
        )  # fmt: skip
    return shown


def _cases_table(groups: Sequence[CaseGroup], found: Findings) -> RenderableType:
    by_dept = found.by == "dept"
    first = ["DEPT", "!NEXT DUE", "!LEFT"] if by_dept else ["!DUE", "!LEFT"]
    last = [] if by_dept else ["DEPARTMENTS"]
    shown = table(*first, "#OPEN", "#PAUSED", "#NOT ACCEPTED", "#OVERDUE", *last, title=_CASES)
    for one in groups:
        name = [one.name] if by_dept else []
        owners = ", ".join(f"{dept} {count}" for dept, count in sorted(one.owners.items()))
        row(
            shown, *name, day_text(one.due_on, provisional=one.provisional),
            _left(one, found.now_ms), one.running + one.paused + one.applied,
            _alarm(one.paused), _alarm(one.applied), _alarm(one.overdue, "bold red"),
            *([] if by_dept else [owners]),
        )  # fmt: skip
    return shown


def _held_table(cases: Sequence[CaseView], now_ms: int) -> RenderableType:
    shown = table(
        "REPAIR", "CREDIT CODE", "STEP", "FROM", "WAITS FOR", "!STEP TAKEN", "AGO", title=_HELD
    )
    for case in cases:
        for one in case.held:
            row(
                shown, case.repair_id, case.uscc, one.step, one.by, _WAITS_FOR[one.waits_for],
                short(one.at_ms), left(now_ms - one.at_ms), style="yellow",
            )  # fmt: skip
    return shown


def _notes(found: Findings, stops: Sequence[StopGroup], cases: Sequence[CaseGroup]) -> list[str]:
    notes = outlook_notes(found.outlooks)
    if any(one.provisional for one in stops) or any(one.provisional for one in cases):
        notes.append("?: no calendar covers the day yet; it can only move later")
    if found.calendar_ends is not None:
        notes.append(ends_text(found.calendar_ends))
    return notes


def outlook_notes(outlooks: Mapping[str, Outlook]) -> list[str]:
    """Why not all is known of some sites, and what to do about it."""
    notes = []
    for site, one in outlooks.items():
        if one.ledger.feed_next is None and one.ledger.feed_end:
            notes.append(
                f"{site} has no delivery ledger: nothing is known of it. Start "
                f"`hub worker deliver --site {site}`"
            )
        elif one.ledger.behind:
            notes.append(
                f"{site}: {one.ledger.behind:,} records of its feed are not in its ledger yet; "
                "what no other ledger has is not counted here. Is its deliver worker running?"
            )
        if one.rate is None and one.forecast.owed > one.forecast.overdue:
            notes.append(f"{site} carried nothing out in the last hour: name a rate with --rate")
    return notes


def _left(one: StopGroup | CaseGroup, now_ms: int) -> Text | None:
    if not one.due_ms:
        return None
    if one.due_ms < now_ms:
        return Text(f"over {left(now_ms - one.due_ms)}", style="bold red")
    return Text(left(one.due_ms - now_ms))


def _of(done: int, total: int) -> Text:
    return Text(f"{done:,} of {total:,}", style="green" if done == total else "")


def _alarm(count: int, style: str = "") -> Text:
    return Text(f"{count:,}", style=style) if count else Text("0", style="dim")


def _waiting(one: StopGroup) -> str:
    """Places with how many wait there, and how many of them for another reason than plain owing."""
    total: Counter[str] = Counter()
    reasons: dict[str, str] = {}
    for why, count in sorted(one.waits_on.items()):
        place, _, reason = why.partition(" ")
        total[place] += count
        reasons[place] = reasons.get(place, "") + (f"\n  {count:,} {reason}" if reason else "")
    return "\n".join(f"{place} {count:,}{reasons[place]}" for place, count in total.items())


def _need(per_s: float | None) -> Text:
    return Text("in vain", style="bold red") if per_s is None else Text(_number(per_s * 3600))


def _per_hour(per_s: float | None) -> str | None:
    return None if per_s is None else _number(per_s * 3600)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == 0 else f"{value:.2g}"


def _headroom(one: Outlook) -> Text | None:
    headroom = one.forecast.headroom
    if headroom is None or one.rate is None:
        return None
    shown = f"{headroom:.1f}x" if headroom < 1000 else ">999x"
    return Text(shown, style="bold red" if headroom < 1 else "yellow" if headroom < _RISKY else "")


def _recovery(one: Outlook) -> str | Text | None:
    told = one.forecast
    if one.rate is None or told.owed == told.overdue:
        return None
    return short(told.latest_ms) if told.latest_ms else Text("too late", style="bold red")


def _state(one: Outlook) -> Text:
    if one.down_until_ms:
        return Text(f"what if down until {short(one.down_until_ms)}", style="yellow")
    if one.ledger.pause is not None:
        return Text(f"paused: {one.ledger.pause['reason']}", style="yellow")
    if one.ledger.breaker_state != "CLOSED":
        return Text(f"breaker {one.ledger.breaker_state}", style="bold red")
    if one.ledger.feed_next is None:
        return Text("no ledger", style="yellow")
    return Text("up")
