"""Every word of an answer has a sentence for people, in both languages, with its article."""

import re
from pathlib import Path

import pytest

from schemas import enums, facts, feed
from schemas.enums import CodeState, Decision, Prompt, Standing, SubjectStatus
from schemas.explain import (
    explain_code_state,
    explain_decision,
    explain_prompt,
    explain_reason,
    explained,
)
from schemas.reasons import Refusal

ROOT = Path(__file__).parents[3]
WORD = re.compile(r"`([A-Z][A-Z_]{2,}(?:<\w+>)?)`")
FILLED = {
    "<standing>": [one for one in Standing if one is not Standing.VALID],
    "<status>": [one for one in SubjectStatus if one is not SubjectStatus.ACTIVE],
}


def _words_of_the_contract() -> set[str]:
    """What is no reason: members of enumerations, names of facts and outcomes."""
    members = {
        member.value
        for one in (*vars(enums).values(), *vars(feed).values(), Refusal)
        if isinstance(one, type) and issubclass(one, enums.StrEnum)
        for member in one
    }
    names = {name.removesuffix("Fact").upper() for name in vars(facts) if name.endswith("Fact")}
    return members | names | {"APPLIED", "REPEATED", "REFUSED", "EACH_AGENCY", "UNRATED"}


def _expanded(code: str) -> list[str]:
    for hole, words in FILLED.items():
        if code.endswith(hole):
            return [code.removesuffix(hole) + word for word in words]
    return [code]


def reasons_in(text: str) -> set[str]:
    """Reason codes that a page of the specification names."""
    found = {code for word in WORD.findall(text) for code in _expanded(word)}
    return found - _words_of_the_contract()


def reasons_in_code(text: str) -> set[str]:
    """Reason codes that a rule gives as they stand."""
    quoted = re.findall(
        r"Reason\(code=\"([A-Z_]+)\"|(?:refused|repeated)\([^()]*\"([A-Z_]+)\"", text
    )
    return {one or other for one, other in quoted}


def test_every_member_is_explained_and_nothing_else():
    assert explained("decision") == set(Decision)
    assert explained("prompt") == set(Prompt)
    assert explained("code_state") == set(CodeState)


def test_every_reason_of_the_specification_is_explained():
    named = reasons_in((ROOT / "docs/semantics.md").read_text(encoding="utf-8"))

    assert {"CAP", "NO_APPROVAL", "OFFICER_EXPIRED", "SUBJECT_MOVED_OUT", "OLDER"} <= named
    assert named <= explained("reason")


def test_every_reason_that_a_rule_gives_is_explained():
    rules = sorted((ROOT / "streams/rules").rglob("*.py"))

    given = {code for path in rules for code in reasons_in_code(path.read_text(encoding="utf-8"))}

    assert {"OUT_OF_TERRITORY", "UNKNOWN_TASK", "OTHER_DEPARTMENT"} <= given
    assert given <= explained("reason")


def test_a_new_reason_would_be_missed():
    assert reasons_in("reason `BRAND_NEW` and `OFFICER_<standing>`, decision `ISSUED`") >= {
        "BRAND_NEW"
    }
    assert "BRAND_NEW" in reasons_in_code('return refused(task_id, "BRAND_NEW")')


@pytest.mark.parametrize("group", ["decision", "prompt", "reason", "code_state"])
def test_sentences_are_in_both_languages_and_name_an_article(group):
    look = {
        "decision": lambda code: explain_decision(Decision(code)),
        "prompt": lambda code: explain_prompt(Prompt(code)),
        "reason": explain_reason,
        "code_state": lambda code: explain_code_state(CodeState(code)),
    }[group]

    for code in explained(group):
        what = look(code)
        assert re.search("[\u4e00-\u9fff]", what.zh), code
        assert what.en.isascii(), code
        assert all(1 <= int(number) <= 19 for number in what.article.split(", ")), code
        assert what.source == f"art. {what.article}"


def test_a_reason_of_a_newer_version_is_no_error():
    assert "TOMORROWS" in explain_reason("TOMORROWS").en
