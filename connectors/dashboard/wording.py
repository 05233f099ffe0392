"""What does the dashboard say? Chinese first, English beside it."""

from __future__ import annotations

from markupsafe import Markup, escape

from connectors.dashboard.wording_codes import CODES
from connectors.dashboard.wording_frame import FRAME_LABELS
from connectors.dashboard.wording_pages import PAGE_LABELS
from connectors.departments.gateway.people.wording import Lang, pick

LABELS: dict[str, tuple[str, str]] = {**FRAME_LABELS, **PAGE_LABELS}


def say(name: str, lang: Lang, **values: object) -> str:
    """A label in a language; what fills it in may be marked up."""
    text = pick(LABELS[name], lang)
    if any(isinstance(value, Markup) for value in values.values()):
        return escape(text).format(**values)
    return text.format(**values)


def word(group: str, code: object, lang: Lang) -> str:
    """A code in words; itself where the dashboard has none for it."""
    found = CODES[group].get(str(code))
    return str(code) if found is None else pick(found, lang)
