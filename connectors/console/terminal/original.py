"""What did the sender send? Shown as JSON where it is JSON, else in hex; never raw."""

from __future__ import annotations

import json

import orjson
from rich.text import Text

from connectors.console.terminal.safe_text import safe

SHOWN_BYTES_MAX = 2048
_BYTES_A_LINE = 16


def shown_value(value: bytes | None, bytes_max: int | None = SHOWN_BYTES_MAX) -> Text:
    """A value for reading. `bytes_max` None: the whole of it."""
    if not value:
        return Text("no value" if value is None else "empty value", style="dim")
    pretty = _as_json(value)
    if pretty is not None:
        text, whole = Text(safe(pretty[:bytes_max])), len(pretty)
    else:
        text, whole = Text(hexdump(value[:bytes_max])), len(value)
    if bytes_max is not None and whole > bytes_max:
        text.append(f"\n… {len(value):,} bytes in all; the whole with --all", style="dim")
    return text


def hexdump(value: bytes) -> str:
    """Offset, bytes in hex, and what is readable of them; a star for lines like the one above."""
    rows: list[str] = []
    before = b""
    for at in range(0, len(value), _BYTES_A_LINE):
        some = value[at : at + _BYTES_A_LINE]
        if some == before:
            if rows[-1] != "*":
                rows.append("*")
            continue
        before = some
        readable = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in some)
        rows.append(f"{at:08x}  {some.hex(' '):<{3 * _BYTES_A_LINE}} {readable}")
    return "\n".join(rows)


def _as_json(value: bytes) -> str | None:
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return json.dumps(content, ensure_ascii=False, indent=2)
