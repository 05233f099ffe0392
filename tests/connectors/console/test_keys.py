"""Keys are made, listed and rotated; no secret ever reaches the terminal."""

from pathlib import Path

import pytest

from connectors.console.context import Exit
from connectors.console.terminal.screen import this_year


@pytest.fixture
def secrets(tmp_path: Path):
    """Everything that must not be shown."""
    return lambda: [path.read_text().strip() for path in (tmp_path / "run/keys").glob("*.key")]


def test_keys_are_made_once_for_this_year_and_the_next(console, secrets):
    made = console("keys", "init", "--json")
    again = console("keys", "init", "--json")
    listed = console("keys", "ls", "--json")

    assert made.status == again.status == Exit.DONE
    assert len(made.json["created"]) == 4
    assert again.json["created"] == []
    years = [key["of"] for key in listed.json["keys"] if key["for"] == "codes"]
    assert years == [str(this_year()), str(this_year() + 1)]
    for answer in (made, again, listed, console("keys", "ls"), console("keys", "init")):
        assert not any(secret in answer.out + answer.err for secret in secrets())


def test_a_rotated_year_issues_with_the_new_key_and_verifies_with_the_old(console, secrets):
    console("keys", "init", "--year", "2026")

    rotated = console("keys", "rotate", "--year", "2026", "--json")
    signing = console("keys", "rotate", "--signing", "--json")
    keys = {key["id"]: key["use"] for key in console("keys", "ls", "--json").json["keys"]}

    assert rotated.json["created"] == ["code-2026-A1.key"]
    assert len(signing.json["created"]) == 2
    assert keys == {"A0": "verifies", "A1": "issues", "S0": "verifies", "S1": "signs"}
    assert len(set(secrets())) == 4


def test_the_keys_of_pushed_bodies_are_rotated_in_a_folder_of_their_own(console, tmp_path):
    console("keys", "init", "--year", "2026")
    console("keys", "init", "--sites")

    rotated = console("keys", "rotate", "--sites", "--json")

    assert rotated.json["created"] == ["sign-S1-ed25519.key", "sign-S1-ed25519.pub"]
    listed = console("keys", "ls", "--sites", "--json").json["keys"]
    assert {(key["id"], key["for"], key["use"]) for key in listed} == {
        ("S0", "sites", "signs"), ("S1", "sites", "signs"),
    }  # fmt: skip
    assert [key["id"] for key in console("keys", "ls", "--json").json["keys"]] == ["A0", "S0"]
    assert {path.name for path in (tmp_path / "run/site-keys").iterdir()} == {
        f"sign-{key}-ed25519.{half}" for key in ("S0", "S1") for half in ("key", "pub")
    }


@pytest.mark.parametrize("words", [(), ("--year", "2026", "--signing"), ("--signing", "--sites")])
def test_what_to_rotate_must_be_said(console, words):
    console("keys", "init", "--year", "2026")

    answer = console("keys", "rotate", *words)

    assert answer.status == Exit.USAGE
    assert "one of --year YEAR, --signing and --sites" in answer.said


@pytest.mark.parametrize("words", [("init",), ("rotate", "--signing")])
def test_an_unknown_scheme_is_a_mistake_of_usage(console, words):
    answer = console("keys", *words, "--scheme", "rsa")

    assert answer.status == Exit.USAGE
    assert "'rsa'" in answer.said


def test_a_folder_without_keys_says_what_to_run(console):
    answer = console("keys", "ls")

    assert answer.status == Exit.USAGE
    assert "hub keys init" in answer.said


def test_an_unfit_key_file_is_named_without_its_content(console, tmp_path):
    console("keys", "init", "--year", "2026")
    bad = tmp_path / "run/keys/code-2027-B0.key"
    bad.write_text("not a secret but nobody's business")
    bad.chmod(0o400)

    answer = console("keys", "ls")

    assert answer.status == Exit.USAGE
    assert "code-2027-B0.key" in "".join(answer.err.split())
    assert "business" not in answer.err


def test_the_list_fits_a_narrow_terminal(console):
    console("keys", "init")

    assert console("keys", "ls").fits(80)
