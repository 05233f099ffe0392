"""A special inspection and a survey go through the whole hub, and the auditor agrees (art. 4-6)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from builders import APPROVAL
from running_hub import PARTITIONS, RunningHub
from special_stories import (
    ID,
    OBJECTS,
    REFUSES,
    Story,
    dispatch,
    file,
    run,
    the_course,
    the_survey,
)
from special_world import CITY, FAR, HEXI, NANKAI

from connectors.audit import render
from schemas.codec import decode_journal
from schemas.topics import CTL_REGISTRY, JOURNAL
from streams.ports import Outgoing
from streams.recovery import Recovery


@pytest.mark.parametrize("story", [the_course, the_survey])
def test_the_auditor_agrees_with_every_record(story: Story, tmp_path: Path) -> None:
    report = run(tmp_path, story, REFUSES).audit()

    assert report.ok, render(report)
    seen = {check.name: check.looked_at for check in report.checks}
    assert seen["I4.relayed"] >= 5
    assert seen["I5.relayed"] >= 5


def test_every_step_is_in_one_log_and_told_to_whom_it_concerns(tmp_path: Path) -> None:
    hub = run(tmp_path, the_course, REFUSES)
    key = f"special:{ID}".encode()
    steps = [decode_journal(one.value).type for one in hub.kafka.all(JOURNAL) if one.key == key]

    assert steps == [
        "special.filed", "special.dispatched", "special.claimed",
        "special.object.reported", "special.object.reported", "special.object.reported",
        "special.object.reported", "special.object.reported",
        "special.overdue", "special.closed",
    ]  # fmt: skip
    city = [one for one in hub.told(CITY) if one.get("special_id") == ID]
    assert [(one["about"], one["outcome"]) for one in city] == [
        ("special.filed", "APPLIED"), ("special.dispatched", "APPLIED"),
        ("special.claimed", "APPLIED"), ("special.overdue", "APPLIED"),
        ("special.closed", "APPLIED"),
    ]  # fmt: skip
    assert [(one["code"], one["about"]) for one in city[-1]["reasons"]] == [
        ("NOT_CLAIMED", NANKAI), ("RESULTS_OWED", HEXI),
    ]  # fmt: skip
    assert [one["about"] for one in hub.told(NANKAI)] == [
        "special.dispatched", "special.overdue", "special.closed",
    ]  # fmt: skip


def test_before_the_claim_there_is_no_code_and_after_it_there_is(tmp_path: Path) -> None:
    hub = run(tmp_path, the_course, REFUSES)
    made = {one["task_id"]: one for one in hub.told(HEXI) if "decision" in one}

    assert made["T-0"]["decision"] == "REJECTED_NO_APPROVAL"
    assert made["T-0"]["reasons"] == [{"code": "SPECIAL_NOT_CLAIMED", "about": ID}]
    assert {made[f"T-{n}"]["decision"] for n in (1, 2, 3)} == {"ISSUED"}


def test_what_a_survey_comes_upon_reaches_both_logs_once(tmp_path: Path) -> None:
    hub = run(tmp_path, the_survey, REFUSES)
    told = [one for one in hub.told(HEXI) if "survey_task_id" in one]
    shown = [row for part in hub.view.parts.values() for row in part.public]

    assert [(one["outcome"], one["found"], one["closed"]) for one in told] == [
        ("APPLIED", 1, False), ("REPEATED", 1, False), ("APPLIED", 2, False),
        ("APPLIED", 2, True), ("REFUSED", 2, True),
    ]  # fmt: skip
    assert told[-1]["reasons"] == [{"code": "SURVEY_CLOSED", "about": ""}]
    assert sorted(shown) == [f"{OBJECTS[0]}\x1fR-1", f"{OBJECTS[1]}\x1fR-2"]


def test_a_dispatch_to_nowhere_reaches_nobody(tmp_path: Path) -> None:
    async def story(hub: RunningHub) -> None:
        await file(hub)
        await dispatch(hub, HEXI, FAR)

    hub = run(tmp_path, story)

    assert hub.told(HEXI) == []
    assert hub.told(CITY)[-1]["outcome"] == "REFUSED"
    assert hub.told(CITY)[-1]["reasons"] == [{"code": "UNKNOWN_DEPARTMENT", "about": FAR}]
    assert len(hub.registered()) == 1
    assert hub.audit().ok


def test_a_plan_without_approval_leaves_nothing_behind(tmp_path: Path) -> None:
    async def story(hub: RunningHub) -> None:
        await file(hub, approval=None)
        await file(hub, approval={**APPROVAL, "at": "2026-05-01T09:00:00+08:00"})

    hub = run(tmp_path, story)

    reasons = [[one["code"] for one in told["reasons"]] for told in hub.told(CITY)]
    assert reasons == [["NO_APPROVAL"], ["APPROVED_AFTERWARDS"]]
    assert hub.registered() == []
    assert [part.open for part in hub.view.parts.values()] == [{}] * PARTITIONS
    assert hub.audit().ok


@pytest.mark.parametrize("story", [the_course, the_survey])
def test_a_view_made_again_from_the_facts_is_the_same_and_tells_the_same(
    story: Story, tmp_path: Path
) -> None:
    """Wiped at any time: nothing is decided anew, and what logs told each other is told alike."""
    hub = run(tmp_path, story, REFUSES)
    parts = {n: (p.states, p.open, p.codes, p.agenda) for n, p in hub.view.parts.items()}
    relayed = {one.key: one.value for one in hub.kafka.all(CTL_REGISTRY)}
    journal = _told(hub)

    async def rebuild() -> None:
        recovery = Recovery(hub.view, hub.kafka, hub.kafka)
        await recovery.rebuild(dict.fromkeys(range(PARTITIONS)), lambda done, total: None)

    asyncio.run(rebuild())

    assert {n: (p.states, p.open, p.codes, p.agenda) for n, p in hub.view.parts.items()} == parts
    assert {one.key: one.value for one in hub.kafka.all(CTL_REGISTRY)} == relayed
    assert set(_told(hub)) == set(journal)


@pytest.mark.parametrize("story", [the_course, the_survey])
def test_what_is_told_twice_changes_nothing(story: Story, tmp_path: Path) -> None:
    """A worker that died after publishing publishes again; the logs know what they heard."""
    hub = run(tmp_path, story, REFUSES)
    before = {n: dict(p.states) for n, p in hub.view.parts.items()}

    async def again() -> None:
        for one in list(hub.kafka.all(JOURNAL)):
            if decode_journal(one.value).origin.topic == JOURNAL:
                hub.kafka.append(Outgoing(JOURNAL, one.partition, one.key, one.value, one.headers))
        await hub.settle()

    asyncio.run(again())

    assert {n: dict(p.states) for n, p in hub.view.parts.items()} == before
    report = hub.audit()
    assert report.ok, render(report)


def _told(hub: RunningHub) -> list[bytes]:
    """What logs told each other."""
    records = [one.value or b"" for one in hub.kafka.all(JOURNAL)]
    return [one for one in records if decode_journal(one).origin.topic == JOURNAL]
