"""What does a word of an answer mean? A sentence for each decision, prompt, reason, code state.

The sentences lie in `data/explain.toml`, in Chinese and English, with the articles they rest on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.enums import CodeState, Decision, Prompt

_FILE = Path(__file__).parent / "data" / "explain.toml"
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one word means: a sentence in Chinese, one in English, the articles of the plan."""

    zh: str
    en: str
    article: str

    @property
    def source(self) -> str:
        """The articles as they are quoted: `art. 10, 15`."""
        return f"art. {self.article}"


def explain_decision(decision: Decision) -> Explanation:
    """What a decision means."""
    return _table()["decision"][decision.value]


def explain_prompt(prompt: Prompt) -> Explanation:
    """What a prompt asks the officer to consider."""
    return _table()["prompt"][prompt.value]


def explain_code_state(state: CodeState) -> Explanation:
    """Where a code stands."""
    return _table()["code_state"][state.value]


def explain_reason(code: str) -> Explanation:
    """What a reason code means. A code of a newer version is said to be unknown, never an error."""
    unknown = Explanation(f"未知原因代码 {code}", f"Reason {code}, unknown here.", _UNKNOWN)
    return _table()["reason"].get(code, unknown)


def explained(group: str) -> frozenset[str]:
    """Every code that has a row in a group: `decision`, `prompt`, `reason` or `code_state`."""
    return frozenset(_table()[group])


@cache
def _table() -> Mapping[str, Mapping[str, Explanation]]:
    groups = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        group: {code: Explanation(**row) for code, row in rows.items()}
        for group, rows in groups.items()
    }
