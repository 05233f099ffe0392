"""No page in Chinese says anything in English, whatever it has to show."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest
from builders import a_cap, a_document
from chinese import english_in, untranslated
from console_fakes import write
from dashboard_world import OTHER, A, B, C, OpsWorld, a_letter, an_entry, put

from connectors.console.context import CommandError
from connectors.console.systems.nightly_look import as_kept
from connectors.console.systems.reconcile_look import Comparison, Difference, Kind
from connectors.dashboard.comparing import Comparisons
from schemas.compared import SiteCompared
from schemas.enums import DayKind
from schemas.operator import OperatorRole
from schemas.reasons import Refusal
from schemas.registry import RegistryCalendar
from schemas.topics import CTL_POLICY
from schemas.watch import (
    CanaryView,
    DepartmentView,
    PartitionView,
    QualityNote,
    Stage,
    StageView,
    Verdict,
)
from streams.rules.delivery.attempts import Attempt

LATE = datetime(2026, 1, 5, 2, tzinfo=UTC)
FOUND = Comparison("HTTP 503 text/html instead of a list", 9, 3, 1, 2,
                   [Difference(kind, "U", f"R-{kind}", None, 3) for kind in Kind])  # fmt: skip
FAULT = (
    "the Kafka broker at 127.0.0.1:1 does not answer (NoBrokersAvailable): is it running, and is "
    "the address right?"
)
PATHS = ("", "/deadlines", "/deadlines?by=site", "/deadlines?by=dept", "/sites", f"/sites/{A}",
         f"/sites/{B}", f"/sites/{C}", "/departments", "/letters", "/case", "/case?id=R-77",
         "/case?id=R-99", "/statistics?year=2026", "/statistics?year=2031", "/policy", "/log",
         f"/what-if?down={A}&until=6h", f"/what-if?down={A}&until=soon")  # fmt: skip
# What people and systems wrote themselves.
KNOWN = ("上级要求",)


def a_full_picture() -> dict[str, object]:
    """Every verdict, and all that the watch says beside it."""
    details = {
        Verdict.NO_DATA: "its topics are not there: `hub topics apply`",
        Verdict.DOOMED: "31 overdue; paused by ann: 停机; breaker OPEN; no process delivers",
        Verdict.STALL: "STALL 2, WARN 1 of 4 partitions, first insp.journal/2, no process reads it",
    }
    return {
        "stages": tuple(
            StageView(stage=Stage.DELIVER, site=A, verdict=one, lag=1, detail=details.get(one, ""))
            for one in Verdict
        ),
        "partitions": tuple(
            PartitionView(stage=Stage.DECIDE, group="g", topic="insp.journal", partition=at,
                          committed=1, end=9, lag=8, verdict=one)
            for at, one in enumerate(Verdict)
        ),
        "canary": CanaryView(verdict=Verdict.STOP, task_id="C", sent_ms=1, failed=2,
                             fault="no answer within 30 s: it came as far as the journal"),
        "faults": (FAULT,),
        "calendar_ends": "2026-12-31",
    }  # fmt: skip


async def fill(ops: OpsWorld) -> None:
    """Something of everything that can be wrong."""
    ops.picture(**a_full_picture())
    ops.departments(*(
        DepartmentView(dept=f"D-{at:06}", verdict=one, notes=tuple(QualityNote), events=9,
                       refused=3, top_reason=why, skew_ms=-94_000, schema_behind=True, answered=3)
        for at, (one, why) in enumerate(zip(Verdict, Refusal, strict=False))
    ))  # fmt: skip
    put(ops.bootstrap, *(a_letter(at, reason=one, dept=OTHER) for at, one in enumerate(Refusal)))
    put(ops.bootstrap, a_letter(90, replay_count=3), a_letter(91, topic="insp.in.GONE"),
        a_letter(92, stage="deliver", topic="poll.GSXT-TJ"))  # fmt: skip
    entry = an_entry(A, "R-1", said=LATE)
    tried = Attempt(2, 3, 1, 1, error="no answer within 10 s")
    await asyncio.to_thread(ops.ledgers.put, A, entry, tried=tried)
    await ops.put(A, an_entry(A, "R-2", 2, "STOPPED", "REJECTED", errors=("E1: 统一代码有误",)))
    await asyncio.to_thread(ops.a_case)
    await ops.count()
    document = a_document(a_cap(2, id="TJ-TEST", source="津司发〔2025〕8号"))
    write(ops.bootstrap, CTL_POLICY, [{"value": document.canonical(), "partition": 0}])
    rest = RegistryCalendar(day=date(2027, 1, 1), kind=DayKind.REST, source="国办发明电")
    ops.calendar(rest, ends=date(2027, 1, 31))


def compared(ops: OpsWorld) -> None:
    """Comparisons of every outcome: differences, a failure, one that goes on."""

    def compare(site: str) -> SiteCompared:
        if site == B:
            raise CommandError(f"{B} cannot be reached from here: not set: HUB_SITE_CREDIT_PAGE")
        return as_kept(FOUND)

    ops.operations.comparisons = Comparisons(compare, lambda: 1)
    for site in (A, B):
        ops.operations.comparisons.begin(site)


async def test_no_page_in_chinese_shows_english(ops: OpsWorld):
    await fill(ops)
    compared(ops)
    await asyncio.to_thread(ops.operations.pause, C, "上级要求", "ann")
    await asyncio.to_thread(ops.operations.requeue, A, "上级要求", "ann")
    browser = await ops.browser(OperatorRole.SUPERVISOR)
    letters = await asyncio.to_thread(ops.operations.letters)
    causes = [f"/letters/{one.fingerprint}" for one in letters.groups]
    assert len(causes) > len(Refusal)

    bad = {}
    for path in (*PATHS, *causes):
        page = await browser.get(f"/ops{path}")
        ops.later(1)
        bad[path] = untranslated(page.text, KNOWN)
        # Only what a sender was told of his own event stays in English, and is marked so.
        assert ('<span lang="en">' in page.text) <= (path in causes), path
    assert {path: said for path, said in bad.items() if said} == {}


async def test_what_could_not_be_looked_at_is_said_in_chinese(ops: OpsWorld, monkeypatch):
    def fails() -> None:
        raise CommandError(FAULT)

    for name in ("pictures", "sites", "letters", "actions", "deadlines", "in_force"):
        monkeypatch.setattr(getattr(ops.desk.board, name), "_ask", fails)
    browser = await ops.browser(OperatorRole.OPERATOR)
    for path in PATHS[:6]:
        page = await browser.get(f"/ops{path}")
        assert untranslated(page.text) == [], path
    assert "没有应答（NoBrokersAvailable）" in page.text


async def test_the_way_in_and_refusals_are_in_chinese(ops: OpsWorld):
    browser = await ops.browser(OperatorRole.OPERATOR)
    gone = await browser.get("/ops/sites/NOWHERE")
    await asyncio.to_thread(ops.operations.pause, A, "试一试", "ann")
    page = await browser.get(f"/ops/sites/{A}")
    await asyncio.to_thread(ops.operations.resume, A, "试一试", "bob")
    back = await browser.press(page, f"/ops/sites/{A}/resume", reason="试一试")

    assert untranslated(gone.text) == []
    assert "没有暂停" in back.text
    assert untranslated(back.text, ["试一试"]) == []


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("死信待处理 1 件", ""),
        ("请运行 hub topics apply", ""),
        ("insp.in.WJW-120116", ""),
        ("is not paused", "is not paused"),
        ("已停止 STALL", "STALL"),
        ("UTF-8 的 JSON", ""),
    ],
)
def test_english_is_told_from_names(text: str, english: str):
    assert english_in(text) == english
