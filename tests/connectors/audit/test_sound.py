"""Does a sound history pass, and nothing that only looks so? Blind checks, bounds, the report."""

import random

import orjson
import pytest
import typer
from audit_damage import Damaged
from audit_history import POLICY, History, task
from audit_world import KEYS, World
from typer.testing import CliRunner

from connectors.audit import FOLLOWS_RULES, Dump, Options, render, run_audit
from connectors.audit.__main__ import main
from connectors.audit.dump import Bounds, load_dump, save_dump
from connectors.audit.report import ASKED_BY_CONTENT, TITLES
from streams.rules.version import RULES_VERSION

HEALTH, USCC = "WJW-120116", "91120116MA05X0001A"


@pytest.fixture(scope="module")
def world():
    return History(seed=1).world


def failed(report):
    return {check.name for check in report.checks if not check.ok}


@pytest.mark.parametrize("seed", range(8))
def test_a_sound_history_has_no_violation_and_no_blind_check(seed):
    world = History(seed=seed).world

    report = run_audit(world.dump, world.redis, KEYS)

    assert report.ok, render(report)
    assert all(check.looked_at for check in report.checks if check.is_asked)
    assert report.exit_code == 0


def test_an_empty_dump_fails_every_check_that_must_see_something():
    report = run_audit(Dump(), {}, KEYS)

    assert failed(report) == set(TITLES) - ASKED_BY_CONTENT
    assert "not looked at" in render(report)
    assert report.violations_total == 0
    assert report.exit_code == 1
    assert "looked at nothing" in report.last_line


def test_a_check_may_be_empty_only_when_that_was_said():
    world = World(POLICY)
    world.send(HEALTH, "inspection.task.submitted", task(USCC, "T-1"))
    none_there = frozenset({"I1'", "I4.refusals", "I5.dlq"})

    assert failed(run_audit(world.dump, world.redis, KEYS)) == none_there
    assert run_audit(world.dump, world.redis, KEYS, Options(may_be_empty=none_there)).ok
    with pytest.raises(ValueError, match="no such check: I99"):
        run_audit(world.dump, world.redis, KEYS, Options(may_be_empty=frozenset({"I99"})))


def test_without_redis_or_keys_their_checks_fail(world):
    assert failed(run_audit(world.dump, world.redis, None)) == {"I2.codes", "I2.qr"}
    of_the_view = {name for name in TITLES if name.startswith("I11")}
    not_there = {"I11.cases", "I11.case_due", "I11.drawn"}
    assert failed(run_audit(world.dump, None, KEYS)) == of_the_view - not_there


def test_another_version_of_the_rules_is_a_violation(world):
    assert run_audit(world.dump, world.redis, KEYS, Options(rules_version=1)).ok
    assert failed(run_audit(world.dump, world.redis, KEYS, Options(rules_version=2))) == {"I10"}


class TestEarlierRules:
    """After an upgrade the log holds decisions that this fold would not make."""

    @staticmethod
    def decided_otherwise(world):
        """The history of a version that did not write down a task's officers."""
        before = Damaged(world, random.Random(1))
        for topic, number, rows in before.dump.walk("insp.decided"):
            for index, record in enumerate(rows):
                body = orjson.loads(record.value)
                for fact in body["facts"]:
                    fact.get("task", {}).pop("officers", None)
                before.put((topic, number, index), value=orjson.dumps(body))
        return before

    def test_what_earlier_rules_decided_is_taken_as_recorded(self, world):
        before = self.decided_otherwise(world)
        report = run_audit(before.dump, before.redis, KEYS, Options(follows=2))

        assert failed(run_audit(before.dump, before.redis, KEYS)) == {"I10"}
        assert failed(run_audit(before.dump, before.redis, KEYS, Options(follows=1))) == {"I10"}
        assert report.ok, render(report)
        assert report.check("I10").note.endswith("by rules before version 2: as recorded")

    def test_all_else_of_them_is_judged(self, world):
        before = Damaged(world, random.Random(1))
        for _, _, rows in before.dump.walk("insp.out."):
            rows[:] = [one for one in rows if b'"decision":"ISSUED"' not in (one.value or b"")]

        found = failed(run_audit(before.dump, before.redis, KEYS, Options(follows=2)))

        assert found
        assert "I10" not in found

    def test_what_later_rules_decided_needs_their_audit(self, world):
        report = run_audit(world.dump, world.redis, KEYS, Options(follows=0))

        assert failed(report) == {"I10"}
        assert "use the newer release's" in render(report)

    def test_the_fold_follows_the_rules_of_this_release(self):
        assert FOLLOWS_RULES == RULES_VERSION


def test_what_retention_took_from_inputs_and_answers_is_no_loss(world):
    aged = Damaged(world, random.Random(1))
    for prefix in ("insp.in.W", "insp.out."):
        for topic, number, rows in list(aged.dump.walk(prefix)):
            begin = len(rows) // 3
            aged.dump.bounds[topic, number] = Bounds(begin, len(rows))
            del rows[:begin]

    report = run_audit(aged.dump, aged.redis, KEYS)

    assert report.ok, render(report)


def test_what_compaction_took_from_the_registry_is_no_loss():
    world = World(POLICY)
    for name in ("old", "new"):
        world.register("registry.department", HEALTH, {"dept": HEALTH, "name": name})
    world.send(HEALTH, "inspection.task.submitted", task(USCC, "T-1"))
    rows = world.dump.records["insp.ctl.registry"][0]

    def lost_after(index):
        damaged = Damaged(world, None)
        del damaged.dump.records["insp.ctl.registry"][0][index]
        damaged.dump.bounds["insp.ctl.registry", 0] = Bounds(0, len(rows))
        return failed(run_audit(damaged.dump, damaged.redis, KEYS))

    assert "I4.inputs" not in lost_after(0)
    assert "I4.inputs" in lost_after(1)


def test_the_last_batch_in_redis_may_have_been_published_after_its_script(world):
    aged = Damaged(world, None)
    for number, shard in aged.redis.items():
        rows = aged.dump.records["insp.decided"][number]
        offsets = [orjson.loads(r.value)["src"]["offset"] for r in rows]
        shard.position["outbox_from"] = str(offsets[-1])
        shard.position["decided"] = str(
            max(at for at, offset in enumerate(offsets) if offset < offsets[-1]) + 1
        )

    assert run_audit(aged.dump, aged.redis, KEYS).ok


def test_a_dump_on_disk_is_the_same_dump(world, tmp_path):
    save_dump(tmp_path / "dump.jsonl", world.dump, world.redis)

    dump, redis = load_dump(tmp_path / "dump.jsonl")

    assert (dump.records, redis) == (world.dump.records, world.redis)
    (tmp_path / "bad.jsonl").write_text('{"t": "x"}\n')
    with pytest.raises(ValueError, match=r"bad\.jsonl line 1"):
        load_dump(tmp_path / "bad.jsonl")


def test_the_report_ends_in_the_line_that_scripts_look_for(world):
    text = render(run_audit(world.dump, world.redis, KEYS))

    count = world.dump.count()
    assert text.splitlines()[-1] == f"audit: {len(TITLES)} checks, {count} records, 0 violations"


def test_violations_are_shown_with_their_place_and_counted_beyond_what_is_kept(world):
    damaged = Damaged(world, None)
    damaged.redis[0].task.clear()

    report = run_audit(damaged.dump, damaged.redis, KEYS, Options(kept_max=2))
    text = render(report)

    check = report.check("I11.tasks")
    assert len(check.violations) == 2
    assert check.violations_total > 2
    assert "I11.tasks at insp:{0}:task" in text
    assert f"{check.violations_total - 2} more" in text
    found = {row["name"]: row for row in orjson.loads(orjson.dumps(report.as_dict()))["checks"]}
    assert found["I11.tasks"]["violations_total"] == check.violations_total


def test_the_command_answers_with_its_exit_code(world, tmp_path):
    app = typer.Typer()
    app.command()(main)
    keys = tmp_path / "keys"
    keys.mkdir()
    for key_id, (year, secret) in KEYS.code_keys.items():
        (keys / f"code-{year}-{key_id}.key").write_text(secret.hex() + "\n")
    public = bytes(KEYS.verifiers["S0"]).hex()
    (keys / "sign-S0-ed25519.pub").write_text(public)
    save_dump(tmp_path / "good", world.dump, world.redis)
    save_dump(tmp_path / "blind", world.dump)

    def run(*words):
        return CliRunner().invoke(app, [str(word) for word in words])

    assert run("--dump", tmp_path / "good", "--keys", keys).exit_code == 0
    assert run("--dump", tmp_path / "blind", "--keys", keys, "--json").exit_code == 1
    assert run().exit_code == 2
    assert run("--dump", tmp_path / "none").exit_code == 2
