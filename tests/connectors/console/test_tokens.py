"""Tokens of the gateway are issued, listed and struck off; one is shown once and never again."""

from pathlib import Path

from connectors.console.context import Exit


def test_a_token_is_shown_once_and_kept_as_a_hash(console, tmp_path: Path):
    issued = console("tokens", "issue", "--dept", "WJW-120116", "--days", "7", "--json")
    listed = console("tokens", "ls", "--json")

    kept = (tmp_path / "run/gateway/tokens.jsonl").read_text()
    assert issued.status == Exit.DONE
    assert [one["dept"] for one in listed.json] == ["WJW-120116"]
    assert listed.json[0]["id"] == issued.json["id"]
    assert issued.json["token"] not in listed.out + kept


def test_a_token_that_was_struck_off_is_gone(console):
    token_id = console("tokens", "issue", "--dept", "A", "--json").json["id"]

    first, second = console("tokens", "revoke", token_id), console("tokens", "revoke", token_id)

    assert (first.status, second.status) == (Exit.DONE, Exit.FOUND)
    assert console("tokens", "ls", "--json").json == []


def test_wrong_departments_and_keys_are_refused(console):
    dept = console("tokens", "issue", "--dept", "a|b")
    short = console("tokens", "trust", "--dept", "A", "--key-id", "k", "--public", "00")
    text = console("tokens", "trust", "--dept", "A", "--key-id", "k", "--public", "zz")
    good = console("tokens", "trust", "--dept", "A", "--key-id", "k", "--public", "07" * 32)

    assert (dept.status, short.status, text.status) == (Exit.USAGE,) * 3
    assert good.status == Exit.DONE


def test_a_publicity_system_has_tokens_of_its_own(console, tmp_path):
    issued = console("tokens", "issue", "--site", "GSXT-TJ", "--json")
    listed = console("tokens", "ls", "--json")
    trusted = console(
        "tokens", "trust", "--site", "GSXT-TJ", "--key-id", "k", "--public", "07" * 32
    )

    assert [(row["id"], row["dept"]) for row in listed.json] == [(issued.json["id"], "GSXT-TJ")]
    kept = {path.name for path in (tmp_path / "run/gateway").iterdir()}
    assert kept == {"site-tokens.jsonl", "site-signers.jsonl"}
    assert trusted.status == Exit.DONE
    assert console("tokens", "revoke", issued.json["id"]).status == Exit.DONE


def test_whose_a_token_is_must_be_said_once(console):
    nobody = console("tokens", "issue")
    both = console("tokens", "issue", "--dept", "A", "--site", "GSXT-TJ")
    unknown = console("tokens", "issue", "--site", "A")

    assert {one.status for one in (nobody, both, unknown)} == {Exit.USAGE}


def test_an_officers_own_token_names_his_certificate(console, tmp_path):
    console("tokens", "issue", "--dept", "WJW-120116", "--officer", "TJ0001")
    wrong = console("tokens", "issue", "--site", "GSXT-TJ", "--officer", "TJ0001")

    assert '"officer":"TJ0001"' in (tmp_path / "run/gateway/tokens.jsonl").read_text()
    assert wrong.status == Exit.USAGE


def test_an_operator_has_a_token_with_a_role_in_a_file_of_its_own(console, tmp_path):
    issued = console("tokens", "issue", "--operator", "ann", "--role", "operator", "--json")
    listed = console("tokens", "ls", "--json").json

    assert issued.json["role"] == "operator"
    assert [(one["dept"], one["role"]) for one in listed] == [("ann", "operator")]
    assert {path.name for path in (tmp_path / "run/gateway").iterdir()} == {"operator-tokens.jsonl"}
    assert "operator" in console("tokens", "ls").out
    assert console("tokens", "revoke", issued.json["id"]).status == Exit.DONE


def test_an_operator_is_nobody_else_and_has_a_role(console):
    wrong = [
        ("--operator", "ann"),
        ("--role", "viewer", "--dept", "A"),
        ("--operator", "ann", "--role", "viewer", "--dept", "A"),
        ("--operator", "ann", "--role", "viewer", "--officer", "TJ0001"),
        ("--operator", "a b", "--role", "viewer"),
        ("--operator", "x" * 65, "--role", "viewer"),
        ("--operator", "ann", "--role", "king"),
    ]

    answers = [console("tokens", "issue", *words) for words in wrong]

    assert {one.status for one in answers} == {Exit.USAGE}
    assert console("tokens", "ls", "--json").json == []
