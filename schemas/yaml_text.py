"""How is a plain document written as YAML, the same bytes every time? Text is quoted as in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_.$/-]*")
# What a reader of YAML 1.1 takes for a truth value or for nothing.
_NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def yaml_text(document: Mapping[str, Any]) -> str:
    """Write a document of mappings, lists, texts, numbers, truth values and nulls as YAML."""
    return "\n".join(_lines(document, "")) + "\n"


def _lines(value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        for name, held in value.items():
            yield from _entry(f"{indent}{_key(name)}:", held, indent + "  ")
    else:
        for held in value:
            yield from _item(held, indent)


def _entry(head: str, held: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if _nested(held):
        yield head
        yield from _lines(held, indent)
    else:
        yield f"{head} {_scalar(held)}"


def _item(held: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if not _nested(held):
        yield f"{indent}- {_scalar(held)}"
        return
    first, *others = _lines(held, indent + "  ")
    yield f"{indent}- {first.removeprefix(indent + '  ')}"
    yield from others


def _nested(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return bool(value) and isinstance(value, Mapping | Sequence) and not isinstance(value, str)


def _key(name: str) -> str:
    plain = _PLAIN_KEY.fullmatch(name) and name.lower() not in _NO_TEXT
    return name if plain else _scalar(name)


def _scalar(value: Any) -> str:  # noqa: ANN401 - any JSON
    written = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):
        return "".join(map(_visible, written))
    # YAML 1.1 takes 1e-09 for text.
    return (
        written.replace("e", ".0e") if isinstance(value, float) and "." not in written else written
    )


def _visible(char: str) -> str:
    return char if char.isprintable() else f"\\U{ord(char):08x}"
