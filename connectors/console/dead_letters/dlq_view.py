"""How do dead letters look? By cause, one in full, a replay's plan; as cards and as JSON."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from connectors.console.context import Context
from connectors.console.dead_letters.letters import Letter, LetterGroup, sender_of
from connectors.console.dead_letters.replay_plan import ReplayPlan
from connectors.console.terminal.safe_text import safe, safe_bytes
from connectors.console.terminal.screen import card, instant, instant_json, row, table
from schemas.dead_letter import DeadLetter
from schemas.reasons import REFUSALS, Refusal

_CAUSE_COLUMNS = ("!first", "!last", "!cause")


def reason_cards(groups: Sequence[LetterGroup]) -> list[RenderableType]:
    """Letters by reason: what happened, what to do, and a line for each cause."""
    by_reason: dict[tuple[str, str], list[LetterGroup]] = defaultdict(list)
    for one in groups:
        by_reason[one.reason, one.stage].append(one)
    shown: list[RenderableType] = []
    for (reason, stage), some in by_reason.items():
        waiting = sum(one.waiting for one in some)
        heading = Text(f"{reason}  ", style="bold red" if waiting else "dim")
        heading.append(f"{waiting:,} wait in {stage}", style="not bold default")
        what, advice = REFUSALS[Refusal(reason)]
        shown.append(card(heading, [("what", what), ("do", advice)], apart=False))
        shown.append(Padding(_cause_table(some), (0, 0, 1, 2), expand=False))
    return shown


def _cause_table(groups: Sequence[LetterGroup]) -> RenderableType:
    sent_any = any(one.sent_again for one in groups)
    shown = table("#wait", *(["#sent"] if sent_any else []), "!from", "field", *_CAUSE_COLUMNS)
    for one in groups:
        sent = [one.sent_again] if sent_any else []
        first, last = (instant(ms)[5:16] for ms in (one.first_ms, one.last_ms))
        row(shown, one.waiting, *sent, one.dept, one.field, first, last, one.fingerprint)
    return shown


def group_json(one: LetterGroup) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "stage": one.stage,
        "reason": one.reason,
        "dept": one.dept,
        "fingerprint": one.fingerprint,
        "field": one.field,
        "count": len(one.letters),
        "open": one.waiting,
        "replays_max": one.replays_max,
        "first": instant_json(one.first_ms),
        "last": instant_json(one.last_ms),
        "advice": one.advice,
        "example": one.letters[0].id,
    }


def letter_cards(letter: Letter, *, sent_again: bool) -> list[RenderableType]:
    """One letter: why, from where, and its headers."""
    rows: list[tuple[str, RenderableType | None]] = [("written", instant(letter.at_ms))]
    rows += [("fault", letter.fault)] if letter.cause is None else _cause_rows(letter.cause)
    rows.append(("sent again", "yes" if sent_again else "no"))
    headers = [(safe(name), Text(safe_bytes(value) or "-")) for name, value in letter.headers]
    return [card(f"Dead letter {letter.id}", rows), card("Headers", headers)]


def letter_json(letter: Letter, *, sent_again: bool) -> dict[str, Any]:
    """The same for scripts, with the value in hex."""
    return {
        "id": letter.id,
        "at": instant_json(letter.at_ms),
        "sent_again": sent_again,
        "cause": letter.cause and letter.cause.model_dump(mode="json"),
        "fault": letter.fault,
        "headers": [[name, safe_bytes(value)] for name, value in letter.headers],
        "key": safe_bytes(letter.key),
        "value_hex": None if letter.value is None else letter.value.hex(),
    }


def show_plan(hub: Context, plan: ReplayPlan, *, dry_run: bool) -> None:
    """Say what a replay did, or would do."""
    if hub.json:
        hub.emit(_plan_json(plan, dry_run=dry_run))
        return
    targets = Counter((one.topic, _reason_of(one.letter)) for one in plan.shipments)
    if targets:
        shown = table("goes to", "reason", "#letters")
        for (topic, reason), count in sorted(targets.items()):
            row(shown, topic, reason, count)
        hub.show(shown)
    for why, ids in plan.held.items():
        hub.show(Text(f"held back: {len(ids):,} × {why} (e.g. {ids[0]})"))
    verb = "would be sent again" if dry_run else "sent again"
    held = sum(map(len, plan.held.values()))
    hub.show(
        f"{len(plan.shipments):,} {verb}, {plan.sent_before:,} were sent before, {held:,} held back"
    )


def _plan_json(plan: ReplayPlan, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "sent": 0 if dry_run else len(plan.shipments),
        "letters": [one.letter.id for one in plan.shipments],
        "sent_before": plan.sent_before,
        "held": plan.held,
    }


def _reason_of(letter: Letter) -> str:
    return letter.cause.reason.value if letter.cause else ""


def _cause_rows(cause: DeadLetter) -> list[tuple[str, RenderableType | None]]:
    what, advice = REFUSALS[cause.reason]
    place = f"{cause.topic}/{cause.partition}/{cause.offset}"
    reason = Text(cause.reason.value, style="bold red")
    return [
        ("reason", reason.append(f"  {what}", style="not bold default")),
        ("field", cause.field),
        ("message", safe(cause.message)),
        ("do", advice),
        ("from", f"{place}, {instant(cause.timestamp_ms)}"),
        ("sender", sender_of(cause)),
        ("event", safe(" ".join(filter(None, (cause.event_type, cause.event_id))))),
        ("key", cause.key),
        ("replays", f"{cause.replay_count}, first failed {instant(cause.first_failed_at_ms)}"),
    ]
