"""Whatever is changed from the dashboard asks for role, form and reason, and is on record."""

from __future__ import annotations

import pytest
from console_fakes import read_all
from dashboard_world import DEPT, A, OpsWorld, a_letter, an_entry, put, read
from waiting import until_async

from schemas.operator import Action, OperatorRole
from schemas.topics import OPERATOR, in_topic

VIEWER, OPS, SUPERVISOR = OperatorRole
SITE = f"/ops/sites/{A}"
PAUSE = f"{SITE}/pause"
CAUSE = a_letter().fingerprint
LETTERS = f"/ops/letters/{CAUSE}"


async def recorded(ops: OpsWorld) -> list[tuple[str, str, str, str]]:
    """What is on record: site, act, who, why."""
    return [(one.site, one.action.value, one.by, one.reason) for one in await ops.recorded()]


async def test_a_site_is_paused_and_resumed_with_name_and_reason_on_record(ops: OpsWorld):
    browser = await ops.browser(OPS, "ann")

    page = await browser.press(await browser.get(SITE), "/pause", reason=" release  night ")
    paused = await browser.follow(page)
    after = await browser.follow(await browser.press(paused, "/resume", reason="they are done"))

    assert "已暂停，已记录" in read(paused)
    assert "ann 自" in read(paused)
    assert "已恢复，已记录" in read(after)
    assert await recorded(ops) == [
        (A, "PAUSE", "ann", "release night"), (A, "RESUME", "ann", "they are done"),
    ]  # fmt: skip
    assert await ops.of_ledger(A, lambda ledger: ledger.paused()) is None


async def test_what_was_refused_is_tried_again(ops: OpsWorld):
    await ops.put(A, an_entry(A, "R-1", 2, "STOPPED", "REJECTED"))
    browser = await ops.browser(OPS)

    await browser.press(await browser.get(SITE), "/requeue", reason="their table was widened")

    assert (await ops.of_ledger(A, lambda ledger: ledger.counts()))["stop"] == 1
    assert await recorded(ops) == [(A, "REQUEUE", "ann", "their table was widened")]


async def test_a_system_is_compared_with_its_ledger_on_record(ops: OpsWorld):
    browser = await ops.browser(OPS)

    begun = await browser.press(await browser.get(SITE), "/compare", reason="a complaint")
    await until_async(lambda: not ops.operations.comparisons.last[A].running, "it is compared")
    page = read(await browser.get(SITE))

    assert begun.headers["location"] == f"{SITE}?notice=done_compare"
    assert "HUB_SITE_NATIONAL" in page, "what is not set up says so"
    assert await recorded(ops) == [(A, "PROBE", "ann", "a complaint")]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
async def test_nothing_is_done_without_a_reason(ops: OpsWorld, reason: str):
    browser = await ops.browser(OPS)

    answer = await browser.press(await browser.get(SITE), "/pause", reason=reason)

    assert answer.status == 422
    assert await recorded(ops) == []
    assert await ops.of_ledger(A, lambda ledger: ledger.paused()) is None


async def test_a_viewer_sees_no_button_and_his_form_is_refused(ops: OpsWorld):
    viewer, operator = await ops.browser(VIEWER), await ops.browser(OPS)
    put(ops.bootstrap, a_letter())
    ops.later()
    for path, target in ((SITE, f"{SITE}/pause"), (LETTERS, f"{LETTERS}/replay")):
        assert target in (await operator.get(path)).text
        assert target not in (await viewer.get(path)).text
        token = ops.form_token(viewer, target)
        fields = {"form": token, "reason": "x", "confirm": "yes"}
        assert (await viewer.post(target, fields)).status == 403

    assert await recorded(ops) == []
    assert read_all(ops.bootstrap, in_topic(DEPT)) == []


async def test_a_form_of_another_browser_or_for_another_thing_is_refused(ops: OpsWorld):
    mine, other = await ops.browser(OPS), await ops.browser(OPS, "bob")
    fields = {"reason": "x"}
    tokens = (ops.form_token(other, PAUSE), ops.form_token(mine, f"{SITE}/resume"), "")

    stolen, strayed, bare = [await mine.post(PAUSE, {"form": one, **fields}) for one in tokens]

    assert [one.status for one in (stolen, strayed, bare)] == [403, 403, 403]
    assert await recorded(ops) == []


async def test_what_cannot_be_done_is_said_and_not_recorded(ops: OpsWorld):
    browser = await ops.browser(OPS)
    target = f"{SITE}/resume"

    answer = await browser.post(target, {"form": ops.form_token(browser, target), "reason": "x"})

    assert answer.status == 409
    assert f"{A} 没有暂停" in read(answer)
    assert await recorded(ops) == []


async def test_dead_letters_of_a_cause_go_again_once_and_it_is_on_record(ops: OpsWorld):
    put(ops.bootstrap, a_letter(0), a_letter(1), a_letter(2, dept="XFJ-120116"))
    browser = await ops.browser(OPS)
    page = await browser.get(LETTERS)

    done = await browser.follow(
        await browser.press(page, "/replay", reason="clock repaired", confirm="yes")
    )
    again = await browser.get(LETTERS)

    sent = len(read_all(ops.bootstrap, in_topic(DEPT)))
    assert sent >= 2
    assert "已重新发送，已记录" in read(done)
    assert "没有可重发的" in read(again)
    assert await recorded(ops) == [("", "REPLAY", "ann", "clock repaired")]
    (told,) = await ops.recorded()
    assert told.action is Action.REPLAY
    assert told.about == (f"intake INVALID_FIELD {CAUSE}: {sent}",)


async def test_a_replay_must_be_confirmed(ops: OpsWorld):
    put(ops.bootstrap, a_letter())
    browser = await ops.browser(OPS)

    answer = await browser.press(await browser.get(LETTERS), "/replay", reason="x")

    assert answer.status == 422
    assert read_all(ops.bootstrap, in_topic(DEPT)) == []


async def test_what_came_back_too_often_goes_again_by_a_supervisor_only(ops: OpsWorld):
    put(ops.bootstrap, a_letter(replay_count=3))
    operator, supervisor = await ops.browser(OPS), await ops.browser(SUPERVISOR, "sue")
    held = await operator.get(LETTERS)
    target = f"{LETTERS}/replay"
    fields = {"reason": "once more", "confirm": "yes", "force": "yes"}

    refused = await operator.post(target, {"form": ops.form_token(operator, target), **fields})
    page = await supervisor.get(f"{LETTERS}?force=yes")
    done = await supervisor.press(page, "/replay", **fields)

    assert "不发 1 件" in read(held)
    assert refused.status == 403
    assert "将重发 1 件" in read(page)
    assert done.status == 303
    assert len(read_all(ops.bootstrap, in_topic(DEPT))) == 1
    assert await recorded(ops) == [("", "REPLAY", "sue", "once more")]


async def test_the_log_shows_who_did_what_and_why(ops: OpsWorld):
    browser = await ops.browser(OPS, "ann")
    await browser.press(await browser.get(SITE), "/pause", reason="release night")

    page = read(await browser.get("/ops/log"))

    for said in ("ann", "暂停", A, "release night"):
        assert said in page
    assert len(read_all(ops.bootstrap, OPERATOR)) == 1
