"""How is a text of the watch, the console or a fact told in Chinese? By a book of phrases.

They are written in English where they arise, so that terminals, logs and stored pictures say the
same; a screen in Chinese finds their pattern in the book. A field of a pattern whose name is a
group of words is told in words too, every other one is kept as it stands. What no pattern fits is
shown as it was written, marked as English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from markupsafe import Markup, escape

from connectors.console.terminal.safe_text import safe
from connectors.dashboard.said_codes import SAID_CODES
from connectors.dashboard.said_console import CONSOLE_PHRASES
from connectors.dashboard.said_story import FACT_PHRASES, STEP_PHRASES
from connectors.dashboard.said_watch import WATCH_PHRASES
from connectors.departments.gateway.people.wording import Lang

Phrases = Sequence[tuple[str, str]]

TOLD_MAX = 2000
"""A longer text is no phrase: it is shown as it was written."""
_FIELD = re.compile(r"\{(\w+)\}")
_WORDS = re.compile(r"[a-z]{2,}")
_TOKEN = re.compile(r"[A-Z][A-Z_]+")
_NUMBER = r"[\d,.]+"
_JOINTS = (("; ", "；"), (", ", "，"))


class PhraseBook:
    """Texts by their patterns, the one with most words of its own first."""

    def __init__(self, phrases: Phrases, codes: str = "") -> None:
        """Prepare.

        Args:
            phrases: A pattern with `{fields}`, and what it is in Chinese.
            codes: The group of words of codes that stand alone; empty: none do.
        """
        ordered = sorted(phrases, key=lambda row: -len(_FIELD.sub("", row[0])))
        self._patterns = [(_pattern(english), chinese) for english, chinese in ordered]
        self._codes = SAID_CODES[codes] if codes else {}

    def told(self, text: str) -> str | None:
        """The text in Chinese; None if the book has not all of it."""
        if len(text) > TOLD_MAX:
            return None
        for sign, chinese_sign in _JOINTS:
            if sign in text and (parts := self._parts(text.split(sign), sign)):
                return chinese_sign.join(parts)
        return self._one(text)

    def told_in_part(self, text: str) -> str:
        """The same, with what the book has not as it stands: a system's own words among ours."""
        whole = self.told(text)
        if whole is not None:
            return whole
        return "，".join(self.told(part) or part for part in text.split(", "))

    def _parts(self, pieces: Sequence[str], sign: str) -> list[str]:
        """Each piece in Chinese, some of them together if they only so are a phrase; else none."""
        told, at = [], 0
        while at < len(pieces):
            for end in range(at + 1, len(pieces) + 1):
                run = sign.join(pieces[at:end])
                found = self._one(run) if end > at + 1 else self.told(run)
                if found is not None:
                    told.append(found)
                    at = end
                    break
            else:
                return []
        return told

    def _one(self, text: str) -> str | None:
        for pattern, chinese in self._patterns:
            if match := pattern.fullmatch(text):
                return chinese.format(
                    **{k: self._value(k, v) for k, v in match.groupdict().items()}
                )
        if text in self._codes:
            return self._codes[text]
        return None if _WORDS.search(text) else text

    def _value(self, field: str, text: str) -> str:
        """What stands in a field: in words where its name is a group, a fault as its phrase."""
        if field == "fault":
            return self.told(text) or text
        words = SAID_CODES.get(field)
        if words is None:
            return text
        return _TOKEN.sub(lambda match: words.get(match[0], match[0]), text).replace(", ", "、")


def _pattern(english: str) -> re.Pattern[str]:
    """What fits a phrase: its words as they are, anything for each field."""
    ends = [0, *(end for match in _FIELD.finditer(english) for end in match.span()), len(english)]
    parts = [english[a:b] for a, b in pairwise(ends)]
    texts = (_field(part[1:-1]) if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(texts), re.DOTALL)


def _field(name: str) -> str:
    """What may stand in a field: `n` is a number, a group of words holds codes of it.

    Several codes may stand there; behind a reason stands what it is about.
    """
    if name not in SAID_CODES:
        return f"(?P<{name}>{_NUMBER if name == 'n' else '.+?'})"
    code = f"(?:{'|'.join(sorted(SAID_CODES[name], reverse=True))})"
    code += r"(?: [^ ,;]+)?" if name == "reason" else ""
    return f"(?P<{name}>{code}(?:, {code})*)"


_GENERAL = PhraseBook([*WATCH_PHRASES, *CONSOLE_PHRASES], "verdict")
_FACTS: Mapping[str, PhraseBook] = {
    fact: PhraseBook(phrases, codes) for fact, (codes, phrases) in FACT_PHRASES.items()
}
_STEPS = PhraseBook(STEP_PHRASES)


@lru_cache(maxsize=4096)
def in_chinese(text: str) -> str | None:
    """What the watch or the console said, in Chinese; None if that is not in the book."""
    return _GENERAL.told(text)


def retold(text: str, lang: Lang) -> str | Markup:
    """What the watch or the console said, in a language; marked as English where it stays so."""
    clean = safe(text)
    if lang == "en":
        return clean
    told = in_chinese(clean)
    return told if told is not None else original(clean, lang)


def original(text: str, lang: Lang) -> str | Markup:
    """A text that stays as it was written: marked for whoever has a page read out."""
    if lang == "en" or not _WORDS.search(text):
        return safe(text)
    return Markup('<span lang="en">{}</span>').format(escape(safe(text)))


def retold_step(step: str, lang: Lang, word: Callable[[str, str], str]) -> str:
    """A step of a timeline: the fact or the receipt's stage, and what it was about."""
    first, _, rest = step.partition(" ")
    told = word("step", first)
    if lang == "en":
        return f"{told} {rest}".rstrip()
    told = _STEPS.told_in_part(first) if told == first else told
    return f"{told} {_STEPS.told_in_part(rest)}" if rest else told


def retold_fact(step: str, what: str, lang: Lang) -> str:
    """What a fact or a receipt said: the step tells which of the two it is."""
    if lang == "en":
        return safe(what)
    book = _FACTS.get(step.partition(" ")[0])
    return safe(what) if book is None else book.told_in_part(safe(what))


def phrases() -> Iterable[tuple[str, str]]:
    """All patterns there are, each with its Chinese."""
    yield from WATCH_PHRASES
    yield from CONSOLE_PHRASES
    yield from STEP_PHRASES
    for _, some in FACT_PHRASES.values():
        yield from some
