"""What is English on a page in Chinese? Words in a row, but for what nobody translates."""

from __future__ import annotations

import re
from collections.abc import Collection

from connectors.dashboard.said_codes import SAID_CODES
from connectors.dashboard.wording import LABELS
from connectors.dashboard.wording_codes import CODES

# Names of commands are what people type; everything else is told in Chinese.
COMMANDS = re.compile(r"hub [a-z]+(?: [a-z]+)*(?: --?[a-z]+)*")
_UNSEEN = re.compile(r"<(script|noscript|style|head)\b.*?</\1>", re.DOTALL)
_MARKED = re.compile(r'<(\w+)[^>]* (?:lang|hreflang)="en"[^>]*>.*?</\1>', re.DOTALL)
_CODES = re.compile(
    r'<(\w+)[^>]* class="[^"]*\bcode\b[^"]*"[^>]*>.*?</\1>|<pre.*?</pre>', re.DOTALL
)
_WORDS = re.compile(r"(?<![\w/.-])[a-z]{2,}(?:[ ,:;]+[a-z]{2,})+(?![\w/.-])")


def texts(html: str) -> list[str]:
    """The texts of a page, without codes and what is marked as English."""
    html = _UNSEEN.sub("", html.partition("<body>")[2] or html)
    html = _CODES.sub("", _MARKED.sub("", html))
    said = re.findall(r'(?:data-l|aria-label|title|placeholder)="([^"]*)"', html)
    return [*said, *(text.strip() for text in re.split(r"<[^>]+>", html) if text.strip())]


def english_in(text: str) -> str:
    """What is English in a text that should be Chinese: two words in a row, or a code of ours."""
    text = COMMANDS.sub("", text)
    if found := _WORDS.search(text):
        return found[0]
    return next((one for one in re.findall(r"\b[A-Z][A-Z_]{2,}\b", text) if one in _TRANSLATED), "")


def untranslated(html: str, known: Collection[str] = ()) -> list[str]:
    """The texts of a page in Chinese that are English. `known`: data that stays as it is."""
    return [
        text for text in texts(html)
        if text not in known and (text in _ENGLISH or english_in(text))
    ]  # fmt: skip


_ENGLISH = {
    english
    for chinese, english in [
        *LABELS.values(),
        *(pair for some in CODES.values() for pair in some.values()),
    ]
    if english != chinese
}
_TRANSLATED = {code for words in SAID_CODES.values() for code in words}
