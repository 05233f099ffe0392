"""A policy is checked whole, compared line by line, published once, and never changed."""

import pytest

from connectors.console.context import Exit

POLICY = """
[policy]
version = "{version}"
exempt_triggers = ["COMPLAINT"]
windows = [{{days = 1, max = 1}}]

[[cap]]
id = "TJ-1"
version = 1
source = "津 test"
from = 2026-01-01
scope = {{kind = "EACH_AGENCY"}}
max = {maximum}
"""


@pytest.fixture
def policy(tmp_path, console):
    def write(name: str = "policy.toml", version: str = "2026-01", maximum: object = 2) -> str:
        text = POLICY.format(version=version, maximum=maximum)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


def test_a_sound_file_is_shown_with_its_full_version(console, policy):
    answer = console("policy", "check", policy())
    for_scripts = console("policy", "check", policy(), "--json")

    assert answer.status == Exit.DONE
    assert answer.fits(80)
    assert "TJ-1@1" in answer.out
    assert for_scripts.json["full_version"] in answer.out
    assert for_scripts.json["ok"] is True


def test_every_mistake_of_a_file_is_named(console, policy, tmp_path):
    name = policy(maximum='"two"')
    (tmp_path / name).write_text((tmp_path / name).read_text().replace("EACH_AGENCY", "NONE"))

    answer = console("policy", "check", name)
    for_scripts = console("policy", "check", name, "--json")

    assert answer.status == for_scripts.status == Exit.FOUND
    assert "cap[1].max" in answer.said
    assert "cap[1].scope.kind" in answer.said
    assert for_scripts.json["ok"] is False
    assert len(for_scripts.json["errors"]) == 2


@pytest.mark.parametrize("content", [b"\xff\xfe", b"= no toml", b""])
def test_a_file_that_is_no_policy_is_refused(console, tmp_path, content):
    (tmp_path / "p.toml").write_bytes(content)

    assert console("policy", "check", "p.toml").status == Exit.FOUND
    assert console("policy", "diff", "p.toml", "p.toml").status == Exit.FOUND


def test_two_files_are_compared(console, policy):
    old, new = policy("old.toml"), policy("new.toml", maximum=3)

    changed = console("policy", "diff", new, old)
    same = console("policy", "diff", new, new, "--json")

    assert changed.status == Exit.FOUND
    assert "cap TJ-1@1.max: 2 -> 3" in changed.said
    assert same.status == Exit.DONE
    assert same.json["changes"] == []


def test_a_published_policy_is_in_force_and_never_changes(console, broker, intake, policy):
    console("topics", "apply")
    intake()

    before = console("policy", "diff", policy(), "--json")
    first = console("policy", "publish", policy(), "--json")
    again = console("policy", "publish", policy(), "--json")
    other = console("policy", "publish", policy("other.toml", maximum=3))
    differs = console("policy", "diff", "other.toml")
    renamed = console("policy", "publish", policy("other.toml", "2026-02", 3), "--json")
    after = console("policy", "diff", "other.toml", "--json")

    assert before.json["from"] is None
    assert first.json["published"] is True
    assert first.json["full_version"].startswith("2026-01+")
    assert again.json == {**first.json, "published": False}
    assert other.status == Exit.FOUND
    assert "was published with other content" in other.said
    assert first.json["full_version"] in other.said
    assert "2 -> 3" in differs.said
    assert renamed.json["published"] is True
    assert after.status == Exit.DONE


def test_an_older_policy_can_be_put_in_force_again(console, broker, intake, policy):
    console("topics", "apply")
    intake()
    for name, version in (("a.toml", "A"), ("b.toml", "B")):
        console("policy", "publish", policy(name, version))

    back = console("policy", "publish", "a.toml", "--json")

    assert back.json["published"] is True
    assert console("policy", "diff", "a.toml").status == Exit.DONE


def test_without_intake_publishing_says_so(console, broker, policy):
    console("topics", "apply")

    answer = console("policy", "publish", policy(), "--wait-s", "0.3")

    assert answer.status == Exit.UNREACHABLE
    assert "intake does not seem to run" in answer.said


def test_a_policy_that_intake_refuses_is_not_said_to_be_in_force(
    console, broker, intake, policy, monkeypatch
):
    monkeypatch.setattr("connectors.console.registries.policy.SEEN_WAIT_S", 0.3)
    console("topics", "apply")
    intake().refuses_policies = True

    answer = console("policy", "publish", policy())

    assert answer.status == Exit.FOUND
    assert "hub dlq ls" in answer.said
