"""Every code that a screen may show has words in both languages; moments and numbers read well."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import pytest

from connectors.dashboard import moments
from connectors.dashboard.sheets import HERE
from connectors.dashboard.wording import LABELS, say, word
from connectors.dashboard.wording_codes import CODES
from schemas.enums import CapScope, CaseStatus, DayKind, JointMember, Trigger
from schemas.feed import DisclosureState
from schemas.operator import Action, OperatorRole
from schemas.reasons import Refusal
from schemas.sites import Exchange
from schemas.watch import QualityNote, Stage, Verdict

NOW = 1_790_000_000_000
KNOWN: dict[str, Iterable[str]] = {
    "verdict": Verdict, "dept_verdict": Verdict, "stage": Stage, "refused": Refusal,
    "advice": Refusal, "action": Action,
    "role": OperatorRole, "state": DisclosureState, "status": CaseStatus, "day_kind": DayKind,
    "note": QualityNote, "scope": CapScope, "joint": JointMember, "trigger": Trigger,
    "exchange": Exchange,
}  # fmt: skip


@pytest.mark.parametrize(("group", "codes"), KNOWN.items())
def test_every_code_has_words_in_both_languages(group: str, codes: Iterable[str]):
    for code in codes:
        chinese, english = word(group, code, "zh"), word(group, code, "en")
        assert re.search(r"[\u4e00-\u9fff]", chinese), code
        assert english


def test_a_code_of_a_newer_version_is_shown_as_it_is():
    assert word("verdict", "UNHEARD_OF", "zh") == "UNHEARD_OF"


def test_every_label_that_is_used_is_there():
    sources = (HERE / "templates").glob("*.html")
    text = "\n".join(one.read_text(encoding="utf-8") for one in sources)

    used = set(re.findall(r'say\("(\w+)"[,)]', text))
    assert len(used) > 100
    assert used <= LABELS.keys()


def test_labels_take_the_same_values_in_both_languages():
    for name, (chinese, english) in LABELS.items():
        assert set(re.findall(r"\{(\w+)\}", chinese)) == set(re.findall(r"\{(\w+)\}", english)), (
            name
        )
    assert say("of_total", "en", done=1, total=2) == "1 of 2"


def test_every_group_is_told_in_chinese_and_english():
    for group, words in CODES.items():
        for code, texts in words.items():
            assert all(texts), (group, code)


@pytest.mark.parametrize(
    ("ms", "said"),
    [(0, "—"), (None, "—"), (NOW, "22:13:20"), (NOW - 86_400_000, "09-20 22:13"),
     (NOW - 400 * 86_400_000, "2025-08-17 22:13")],
)  # fmt: skip
def test_an_instant_is_short(ms: int | None, said: str):
    assert moments.at(ms, NOW) == said


@pytest.mark.parametrize(
    ("ms", "said"),
    [(0, "0 s"), (999, "0 s"), (59_000, "59 s"), (61_000, "1 min"), (3_660_000, "1 h 1 min"),
     (90_000_000, "1 d 1 h"), (-7_200_000, "2 h")],
)  # fmt: skip
def test_a_span_is_told_in_its_largest_units(ms: int, said: str):
    assert moments.span(ms, "en") == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "—"), (0, "0"), (1234567, "1,234,567"), (0.123, "0.12"), (12.3, "12"), (250.4, "250")],
)
def test_a_number_is_told_with_as_much_as_matters(value: float | None, said: str):
    assert moments.number(value) == said


def test_a_day_says_its_weekday_and_whether_it_may_move():
    assert moments.day(date(2026, 3, 19), "zh") == "03-19 周四"
    assert moments.day(date(2026, 3, 19), "en", provisional=True) == "03-19 Thu?"
    assert moments.day(None, "en") == "—"
