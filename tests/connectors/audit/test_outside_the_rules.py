"""Is what a hub does wrong outside its rules found out? Repeats, places, rebuilds, codes."""

import audit_world
import pytest
from audit_history import POLICY, History, task
from audit_world import KEYS, SECRET, World, place

from connectors.audit import run_audit

HEALTH, OTHER = "WJW-120116", "SJW-120116"
USCC = "91120116MA05X0001A"
derive = audit_world.derive_code


def violated(world):
    report = run_audit(world.dump, world.redis, KEYS)
    return {check.name for check in report.checks if check.violations_total}


def test_a_repeat_that_is_written_anew_is_found_out():
    world = World(POLICY)
    data = task(USCC, "T-1")
    world.send(HEALTH, "inspection.task.submitted", data)
    (name,) = world.redis[place(USCC)].task
    view = world.redis[place(USCC)].task
    view[name] = view[name].replace(b'"exempt":false', b'"exempt": false')
    world.send(HEALTH, "inspection.task.submitted", data)

    assert "I3" in violated(world)


def test_a_repeat_that_was_not_sent_again_is_found_out():
    world = World(POLICY)
    for _ in range(3):
        world.send(HEALTH, "inspection.task.submitted", task(USCC, "T-1"))
    assert not violated(world)

    world.dump.records[f"insp.out.{HEALTH}"][0].pop()

    assert violated(world) == {"I4.out"}


def test_an_answer_under_another_enterprises_key_is_found_out():
    world = World(POLICY)
    world.send(HEALTH, "inspection.task.submitted", task(USCC, "T-1"))
    rows = world.dump.records[f"insp.out.{HEALTH}"][0]
    rows[0] = rows[0]._replace(key=b"91120116MA05X9999A")

    assert violated(world) == {"I12"}


def test_a_record_that_the_hub_failed_on_must_lie_in_the_dead_letters():
    def failing(_entry, _known, _policy):
        return [{"fact": "FAULTED", "error": "a rule failed"}]

    world = World(POLICY, decide=failing)
    world.send(HEALTH, "inspection.task.submitted", task(USCC, "T-1"))
    assert violated(world) >= {"I4.journal", "I10"}

    number = place(USCC)
    failed = world.dump.records["insp.journal"][number][0]
    origin = (("topic", "insp.journal"), ("partition", str(number)), ("offset", "0"))
    headers = [(f"kafka_dlt-original-{name}", text) for name, text in origin]
    world.append("insp.dlq.decide", 0, USCC, failed.value, *headers)

    # In the dead letters it is not lost; that it was not decided stays a violation.
    assert "I4.journal" not in violated(world)
    assert "I10" in violated(world)


def test_an_approval_that_nobody_sent_is_found_out():
    world = World(POLICY)
    sent = task(USCC, "T-1")
    invented = {**sent, "approval": {"no": "A", "by": "B", "at": None, "mode": "PRIOR"}}
    del sent["approval"]
    origin = world._receive(HEALTH, "inspection.task.submitted", sent, USCC)
    world.journal(HEALTH, "inspection.task.submitted", invented, {}, origin)

    assert violated(world) == {"I5.journal"}


def test_a_code_of_two_tasks_is_found_out_without_the_keys():
    world = World(POLICY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_world, "derive_code", lambda *_: "one code for all")
        patch.setattr(audit_world, "qr_text", lambda *_: "none")
        for name in ("T-1", "T-2"):
            world.send(HEALTH, "inspection.task.submitted", task(USCC, name))

    report = run_audit(world.dump, world.redis, None)

    assert "belongs to task T-1 already" in report.check("I2.codes").violations[0].what


def test_a_department_in_the_payload_is_found_out():
    world = World(POLICY)
    origin = world._receive(OTHER, "inspection.task.submitted", task(USCC, "T-1"), USCC)
    world.journal(HEALTH, "inspection.task.submitted", task(USCC, "T-1"), {}, origin)

    assert "I12" in violated(world)


def test_a_partition_by_task_is_found_out(monkeypatch):
    world = World(POLICY)
    for number in range(8):
        monkeypatch.setattr(audit_world, "place", lambda _key, _count=2, at=number % 2: at)
        world.send(HEALTH, "inspection.task.submitted", task(USCC, f"T-{number}"))

    assert "I6.journal" in violated(world)


def test_a_rebuild_that_stopped_early_is_found_out():
    world = History(seed=5).world
    shard = world.redis[0]
    for part in (shard.task, shard.code, shard.open):
        for name in list(part)[len(part) // 2 :]:
            del part[name]

    assert {"I11.tasks", "I11.codes", "I11.open"} <= violated(world)


def test_facts_that_the_fold_agrees_with_but_the_code_does_not_are_found_out():
    """The fold leaves codes to their derivation: it agrees with two tasks of one code."""
    world = World(POLICY)
    with pytest.MonkeyPatch.context() as patch:
        first = derive(SECRET[2026], "A0", (USCC, "T-1"), place(USCC))
        patch.setattr(audit_world, "derive_code", lambda *_: first)
        for name in ("T-1", "T-2"):
            world.send(HEALTH, "inspection.task.submitted", task(USCC, name))

    assert violated(world) >= {"I2.codes"}
    assert "I10" not in violated(world)
