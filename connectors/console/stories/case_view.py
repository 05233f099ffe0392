"""How does a case look? What it is about, what happened, how it stands at each system."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from connectors.console.due.ledgers import SiteLedger
from connectors.console.due.stops import PUBLIC
from connectors.console.stories.case_story import CaseStory
from connectors.console.stories.find import Place
from connectors.console.terminal.moments import brief, day_text, end_of_day_ms, left
from connectors.console.terminal.safe_text import safe
from connectors.console.terminal.screen import NONE, card, instant, instant_json, row, table
from schemas.oversight import DeliveryView
from schemas.public_facts import DisclosureFact, RepairFact

_STEP_STYLE = {"OBSERVED": "green", "PROCESSED": "green", "REJECTED": "bold red", "HELD": "yellow"}


@dataclass(frozen=True, slots=True)
class Case:
    """All that was found out. `shown`: results on the hub's own public list."""

    now_ms: int
    place: Place
    story: CaseStory
    ledgers: Mapping[str, SiteLedger]
    shown: Collection[str]


def case_parts(case: Case) -> Iterator[RenderableType]:
    """The case for people."""
    story = case.story
    heading = f"{case.place.key}  {_name(case)}".rstrip()
    yield card(
        heading,
        [
            ("tasks", ", ".join(story.tasks)),
            *(
                (f"result {name}", _result(case, name, fact))
                for name, fact in story.results.items()
            ),
            *((f"repair {name}", _repair(case, fact)) for name, fact in story.repairs.items()),
        ],
    )
    yield _timeline(story)
    for name in story.results:
        yield _ledger_table(case, name)


def case_json(case: Case) -> dict[str, Any]:
    """The case for scripts."""
    story = case.story
    return {
        "at": instant_json(case.now_ms),
        "uscc": case.place.key,
        "partition": case.place.partition,
        "tasks": list(story.tasks),
        "results": [_result_json(case, name, fact) for name, fact in story.results.items()],
        "repairs": [
            fact.model_dump(mode="json") if fact else {"repair_id": name, "status": None}
            for name, fact in story.repairs.items()
        ],
        "timeline": [{**asdict(one), "at": instant_json(one.at_ms)} for one in story.events],
    }


def _timeline(story: CaseStory) -> RenderableType:
    shown = table(
        "!TIME", "!+ELAPSED", "!STEP", "WHERE", "#TRY", "WHAT", title="Timeline", fitting=True
    )
    several = [some for some in (story.tasks, story.results, story.repairs) if len(some) > 1]
    named = {name for some in several for name in some}
    before = story.events[0].at_ms
    for one in story.events:
        elapsed = left(one.at_ms - before) if one.at_ms > before else None
        what = f"{one.about}: {one.what}" if one.about in named else one.what
        row(
            shown, instant(one.at_ms), elapsed,
            Text(one.step, style=_STEP_STYLE.get(one.step.split(" ")[0], "")),
            one.site or one.sender, one.attempt or None,
            Text(safe(what), style="bold red" if what.endswith("TOO LATE") else ""),
        )  # fmt: skip
        before = one.at_ms
    return shown


def _ledger_table(case: Case, result: str) -> RenderableType:
    shown = table(
        "!PLACE", "!DESIRED", "!SENT", "!ACCEPTED", "!PROCESSED", "!OBSERVED", "LAST FAILURE",
        "!NEXT TRY", "PAUSED", title=f"{result} at each place", fitting=True,
    )  # fmt: skip
    for site, ledger in case.ledgers.items():
        view = ledger.entries.get(f"{case.place.key}\x1f{result}")
        paused = ledger.pause["reason"] if ledger.pause else None
        if view is None:
            desired = Text("not in ledger", style="yellow")
            row(shown, site, desired, *[None] * 6, paused)
            continue
        marks = (view.accepted_ms, view.processed_ms, view.observed_ms)
        row(
            shown, site, f"v{view.version} {view.state}", _sent(view, case.now_ms),
            *(_mark(view, at_ms, case.now_ms) for at_ms in marks), _failure(view, case.now_ms),
            None if view.done else brief(view.next_ms, case.now_ms), paused,
        )  # fmt: skip
    row(shown, PUBLIC, *_on_the_public_list(case, result))
    return shown


def _on_the_public_list(case: Case, result: str) -> list[object]:
    fact = case.story.results[result]
    shown = result in case.shown
    wanted = fact is not None and fact.state == "DISCLOSED"
    seen = Text("shown" if shown else "not shown", style="green" if shown is wanted else "bold red")
    return [f"v{fact.version} {fact.state}" if fact else None, *[None] * 3, seen, *[None] * 3]


def _result(case: Case, name: str, fact: DisclosureFact | None) -> str | Text:
    if fact is None:
        return "never disclosed; a stop is kept for it"
    text = f"version {fact.version} {fact.state}"
    if fact.due_on is None or not fact.version:
        return text
    due_on, provisional = _due(case, name, fact)
    text += f", {fact.reason}, due {day_text(due_on, provisional=provisional)}"
    open_at = [
        site
        for site, one in _views(case, name).items()
        if one is None or not one.done or one.version < fact.version
    ]
    open_at += [PUBLIC] if name in case.shown else []
    if not open_at:
        return Text(f"{text}, stopped everywhere", style="green")
    rest_ms = end_of_day_ms(due_on) - case.now_ms
    word = f"{left(rest_ms)} left" if rest_ms >= 0 else f"OVERDUE by {left(rest_ms)}"
    style = "yellow" if rest_ms >= 0 else "bold red"
    return Text(f"{text}, {word}, waits on {', '.join(open_at)}", style=style)


def _due(case: Case, name: str, fact: DisclosureFact) -> tuple[date, bool]:
    """The due day by the calendar at hand, where a ledger knows this version; else as recorded."""
    view = _newest(case, name)
    if view is not None and view.version == fact.version and view.due_on is not None:
        return view.due_on, view.provisional
    return fact.due_on or date.max, bool(fact.provisional)


def _repair(case: Case, fact: RepairFact | None) -> str | Text:
    if fact is None:
        return Text("only a held step is known: no application came", style="yellow")
    words = [str(fact.status)]
    if fact.decision_no:
        words.append(f"no. {fact.decision_no}")
    if fact.due_on:
        words.append(f"decision due {day_text(fact.due_on, provisional=bool(fact.provisional))}")
    if fact.missing:
        words.append(f"missing {', '.join(fact.missing)}")
    return ", ".join(words)


def _result_json(case: Case, name: str, fact: DisclosureFact | None) -> dict[str, Any]:
    view = _newest(case, name)
    return {
        "result_id": name,
        "disclosure": fact and fact.model_dump(mode="json"),
        "due_on": view and view.due_on,
        "provisional": view and view.provisional,
        "public": name in case.shown,
        "places": {
            site: None if one is None else {
                key: instant_json(value or None) if key.endswith("_ms") else value
                for key, value in asdict(one).items()
            }
            for site, one in _views(case, name).items()
        },
    }  # fmt: skip


def _views(case: Case, result: str) -> dict[str, DeliveryView | None]:
    name = f"{case.place.key}\x1f{result}"
    return {site: ledger.entries.get(name) for site, ledger in case.ledgers.items()}


def _newest(case: Case, result: str) -> DeliveryView | None:
    known = [one for one in _views(case, result).values() if one is not None]
    return max(known, key=lambda one: one.version, default=None)


def _name(case: Case) -> str:
    names = [one.content.entity_name for one in case.story.results.values() if one]
    return next((name for name in names if name), "")


def _sent(view: DeliveryView, now_ms: int) -> str | None:
    return f"{view.tried}x {brief(view.last_ms, now_ms)}" if view.tried else None


def _mark(view: DeliveryView, at_ms: int, now_ms: int) -> Text | str:
    if at_ms and at_ms < view.reappeared_ms:
        return Text(f"{brief(at_ms, now_ms)} void", style="dim")
    return brief(at_ms, now_ms) or NONE


def _failure(view: DeliveryView, now_ms: int) -> Text | None:
    if view.standing == "REJECTED":
        errors = safe("; ".join(view.errors)) or "no reason given"
        return Text(f"refused: {errors}", style="bold red")
    if view.reappeared_ms and not view.done:
        return Text(f"owed anew {brief(view.reappeared_ms, now_ms)}", style="bold red")
    return Text(safe(view.error), style="yellow") if view.error and not view.done else None
