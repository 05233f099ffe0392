"""How does the whole look on a wall screen? Stages with their verdict, and what is beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from rich.console import RenderableType
from rich.text import Text

from connectors.console.context import Exit
from connectors.console.due.deadlines_json import outlooks_document
from connectors.console.due.deadlines_view import outlook_notes, outlook_table
from connectors.console.due.outlook import Outlook
from connectors.console.terminal.moments import left, short
from connectors.console.terminal.screen import instant_json, row, table
from connectors.console.terminal.watching import Picture
from schemas.watch import (
    CanaryView,
    Departments,
    DepartmentView,
    PartitionView,
    QualityNote,
    Snapshot,
    StageView,
    Verdict,
    level,
    worst,
)

_STYLE = {0: "green", 1: "yellow", 2: "bold red"}
_LISTED = 20
_CLOCKS_APART_MS = 2_000


def verdict_text(verdict: Verdict, weighs: Verdict | None = None) -> Text:
    """A verdict as it stands on a screen: the word, and a colour beside it.

    `weighs`: as what it counts in the whole; None: as what it is.
    """
    return Text(verdict.value, style=_STYLE[level(weighs or verdict)])


def status_picture(
    snapshot: Snapshot, departments: Departments | None, now_ms: int, *, every: bool
) -> Picture:
    """All that the watch knows, for people and for scripts.

    `every`: also departments with which all is well.
    """
    depts = departments.departments if departments else ()
    verdict = worst([snapshot.verdict, *(one.verdict for one in depts)])
    parts: list[RenderableType] = [_stages(snapshot.stages, now_ms)]
    due = [one for one in snapshot.stages if one.next_due_ms]
    if due:
        parts.append(_deadlines(due))
    if snapshot.partitions:
        parts.append(_partitions(snapshot.partitions, now_ms))
    shown = [one for one in depts if every or one.notes or one.verdict is not Verdict.OK]
    if shown:
        parts.append(_departments(shown, now_ms))
    if snapshot.canary is not None:
        parts.append(_canary(snapshot.canary, now_ms))
    return Picture(
        parts, _document(snapshot, depts, verdict), Exit(level(verdict)), _notes(snapshot, now_ms)
    )


def with_supposed(picture: Picture, outlooks: Mapping[str, Outlook]) -> Picture:
    """The same with what becomes of every site's backlog if one of them stays away."""
    return replace(
        picture,
        parts=[*picture.parts, outlook_table(outlooks)],
        document={**picture.document, "what_if": outlooks_document(outlooks)},
        notes=[*picture.notes, *outlook_notes(outlooks)],
    )


def _stages(stages: Sequence[StageView], now_ms: int) -> RenderableType:
    shown = table("!STAGE", "!VERDICT", "#LAG", "!OLDEST", "#DRAIN/s", "DETAIL")
    for one in stages:
        row(
            shown, f"{one.stage} {one.site}".strip(), verdict_text(one.verdict, one.weighs),
            one.lag, _age(one.oldest_ms, now_ms), _rate(one.drain_per_s), one.detail,
        )  # fmt: skip
    return shown


def _deadlines(stages: Sequence[StageView]) -> RenderableType:
    shown = table(
        "!SITE", "#NEED/s", "#HEADROOM", "#WILL MISS", "#OVERDUE", "!NEXT DUE", "!BACK BY",
    )  # fmt: skip
    for one in stages:
        row(
            shown, one.site, _rate(one.need_per_s),
            None if one.headroom is None else f"{min(one.headroom, 999):.1f}x",
            _alarm(one.will_miss), _alarm(one.overdue), _minute(one.next_due_ms),
            _minute(one.latest_ms),
        )  # fmt: skip
    return shown


def _partitions(parts: Sequence[PartitionView], now_ms: int) -> RenderableType:
    shown = table("TOPIC", "#P", "#COMMITTED", "#END", "#LAG", "!OLDEST", "VERDICT")
    for one in parts[:_LISTED]:
        row(
            shown, one.topic, one.partition, one.committed, one.end, one.lag,
            _age(one.oldest_ms, now_ms), verdict_text(one.verdict),
        )  # fmt: skip
    return shown


def _departments(depts: Sequence[DepartmentView], now_ms: int) -> RenderableType:
    shown = table("DEPT", "!VERDICT", "!LAST EVENT", "!EXPECTED BY", "!TODAY", "!REFUSED", "NOTES")
    for one in depts:
        usual = "" if one.usual_per_day is None else f" of {one.usual_per_day:.3g}"
        row(
            shown, one.dept, verdict_text(one.verdict), _age(one.last_ms, now_ms),
            _minute(one.expected_by_ms), f"{one.today:,}{usual}",
            f"{one.refused / max(one.events, one.refused):.0%}" if one.refused else None,
            " ".join([*(_told(note, one) for note in one.notes), one.top_reason]).strip(),
        )  # fmt: skip
    return shown


def _told(note: str, one: DepartmentView) -> str:
    """What is wrong, and the figure that it is about where no column has it."""
    match note:
        case QualityNote.QUOTA:
            away = f", {one.turned_away:,} turned away" if one.turned_away else ""
            return f"{note} {one.quota_peak:,} of {one.quota_at_once:,}{away}"
        case QualityNote.CREDENTIALS:
            return f"{note} {one.credentials_until}"
        case QualityNote.CERTIFICATE:
            return f"{note} {one.certificate_until}"
        case _:
            return note


def _canary(one: CanaryView, now_ms: int) -> RenderableType:
    steps = [
        f"{name} {ms:,} ms"
        for name, ms in (
            ("intake", one.intake_ms), ("decide", one.decide_ms), ("answer", one.answer_ms),
            ("all", one.total_ms),
        )
        if ms is not None
    ]  # fmt: skip
    when = f"canary {left(now_ms - one.sent_ms)} ago: "
    return Text.assemble(when, verdict_text(one.verdict), f"  {', '.join(steps)} {one.fault}\n")


def _notes(snapshot: Snapshot, now_ms: int) -> list[str]:
    notes = list(snapshot.faults)
    if snapshot.stale(now_ms):
        notes.append(
            f"the watch last looked {left(now_ms - snapshot.at_ms)} ago: is `hub watch` running?"
        )
    waiting = {stage: count for stage, count in snapshot.dead_letters.items() if count}
    if waiting:
        told = ", ".join(f"{stage} {count:,}" for stage, count in waiting.items())
        notes.append(f"dead letters wait: {told}: see `hub dlq ls`")
    canary = snapshot.canary
    if canary and canary.clock_ms is not None and abs(canary.clock_ms) > _CLOCKS_APART_MS:
        notes.append(f"the clocks of broker and watch differ by {left(canary.clock_ms)}")
    if snapshot.calendar_ends:
        notes.append(f"the calendar of working days ends on {snapshot.calendar_ends}")
    return notes


def _document(
    snapshot: Snapshot, depts: Iterable[DepartmentView], verdict: Verdict
) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(snapshot)
    return {
        **plain,
        "at": instant_json(snapshot.at_ms),
        "verdict": verdict.value,
        "level": level(verdict),
        "lag": {one.stage.value: one.lag for one in snapshot.stages if not one.site},
        "departments": [msgspec.to_builtins(one) for one in depts],
    }


def _age(at_ms: int, now_ms: int) -> str | None:
    return left(max(0, now_ms - at_ms)) if at_ms else None


def _rate(per_s: float | None) -> str | None:
    if per_s is None:
        return None
    return f"{per_s:,.0f}" if per_s >= 100 or per_s == 0 else f"{per_s:.2g}"


def _minute(at_ms: int) -> str | None:
    """An instant without year and seconds: `03-10 09:00`."""
    return (short(at_ms) or "")[:-3] or None


def _alarm(count: int | None) -> Text | None:
    if count is None:
        return None
    return Text(f"{count:,}", style="bold red" if count else "dim")
