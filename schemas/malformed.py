"""Why can this input not be accepted? One exception for everything that crosses the border broken.

Its words reach the department and the operators' screens, so whatever they quote from the input is
cut short and made visible: no control character, no mark that turns the reading direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from schemas.reasons import Refusal

SHOWN_LENGTH_MAX = 40
FIELD_LENGTH_MAX = 200

# What pydantic calls it: what we tell the sender to give. `{…}` are the error's own figures.
_EXPECTED = {
    "missing": "required, but not there",
    "string_type": "text expected",
    "string_too_short": "at least {min_length} character(s) expected",
    "string_too_long": "at most {max_length} characters expected",
    "string_pattern_mismatch": "a character or form that is not allowed here",
    "enum": "one of {expected} expected",
    "literal_error": "one of {expected} expected",
    "bool_type": "true or false expected",
    "int_type": "a whole number expected",
    "int_from_float": "a whole number expected",
    "date_type": "a day as YYYY-MM-DD expected",
    "date_parsing": "a day that exists, as YYYY-MM-DD, expected",
    "date_from_datetime_parsing": "a day that exists, as YYYY-MM-DD, expected",
    "datetime_type": "an instant as in RFC 3339 expected",
    "datetime_parsing": "an instant as in RFC 3339 expected",
    "datetime_from_date_parsing": "an instant as in RFC 3339 expected",
    "timezone_aware": "an instant with its offset expected, such as 2026-03-10T09:00:00+08:00",
    "tuple_type": "a list expected",
    "too_short": "at least {min_length} entries expected",
    "too_long": "at most {max_length} entries expected",
    "model_type": "an object expected",
    "extra_forbidden": "no such field here",
    "greater_than_equal": "{ge} or more expected",
    "less_than_equal": "{le} or less expected",
    "value_error": "{error}",
}


class Malformed(Exception):  # noqa: N818 - it names what the input is; the project says Malformed
    """Input that cannot be accepted.

    Attributes:
        reason: the reason code, as the dead letter carries it.
        field: path to what is at fault, such as `approval.at` or `items[2]`; empty for the whole.
        message: what was found and what is expected, safe to show.
    """

    def __init__(self, reason: Refusal, field: str, message: str) -> None:
        super().__init__(reason, field, message)
        self.reason = reason
        self.field = visible(field, FIELD_LENGTH_MAX)
        self.message = message

    def __str__(self) -> str:
        where = f" {self.field}:" if self.field else ""
        return f"{self.reason}:{where} {self.message}"


def from_validation(error: ValidationError) -> Malformed:
    """Say which field of a failed validation comes first, what was found and what belongs there."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return Malformed(Refusal.UNDECODABLE, "", f"not JSON: {first['ctx']['error']}")
    found = "" if first["type"] == "missing" else f"{shown(first['input'])} found: "
    others = error.error_count() - 1
    more = f" (and {others} more fault{'s' if others > 1 else ''})" if others else ""
    message = f"{found}{_expected(first['type'], first.get('ctx', {}), first['msg'])}{more}"
    return Malformed(Refusal.INVALID_FIELD, path(first["loc"]), message)


def path(location: tuple[str | int, ...]) -> str:
    """Write a location as people do: `items[2].points[0].note`."""
    text = ""
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def shown(value: object) -> str:
    """Show a value of the input: short, visible, and never a whole object or list."""
    if isinstance(value, str):
        return f'"{visible(value)}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        digits_known = value.bit_length() < 64
        return str(value) if digits_known else f"a whole number of {value.bit_length()} bits"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return visible(str(value))


def visible(text: str, length_max: int = SHOWN_LENGTH_MAX) -> str:
    r"""Cut a text short and write what cannot be seen as an escape: `a\\u202eb…`."""
    cut = text[:length_max]
    if not cut.isprintable():
        cut = "".join(
            char if char.isprintable() else f"\\u{ord(char):04x}"  # beyond the BMP: more digits
            for char in cut
        )
    return cut + "…" if len(text) > length_max else cut


def _expected(kind: str, context: Mapping[str, Any], fallback: str) -> str:
    # The list of allowed words, or a model's own complaint, may be long and quote the input.
    return visible(_EXPECTED[kind].format(**context) if kind in _EXPECTED else fallback, 300)
