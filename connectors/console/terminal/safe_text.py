"""What may be shown on a terminal? Anything, once what cannot be seen is made visible."""

from __future__ import annotations

import json


def safe(text: str) -> str:
    r"""Text in which whatever cannot be seen or turns the reading is written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else f"\\u{ord(char):04x}" for char in text
    )


def safe_bytes(value: bytes | None) -> str | None:
    """Bytes as text that is safe to show; None for none."""
    return None if value is None else safe(value.decode("utf-8", "backslashreplace"))


def safe_json(document: str) -> str:
    """One line of JSON that says the same and can be looked at."""
    if document.isprintable():
        return document
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in document)
