"""Which code stands for this task, and is this text such a code?

A code is derived from its task by the year's key and never drawn, so a replay gives the same one:

    07-A03K-9QWM-X2TR-5H8E-PB4N-1CYZ
    |  |  |                       |
    |  |  100 bits of HMAC-SHA256 two check characters
    |  key id
    shard: the partition of the journal in which the task lies, two or three digits

The two check characters are the remainder of all symbols before them, read as one number to the
base 32, by the prime 1021. Like Crockford's one character (remainder by 37) this finds every wrong
symbol and every pair of neighbours swapped, the check characters among them; unlike it, it needs
no symbol outside the alphabet, and it misses one error of any other kind in 1021, not one in 37.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hmac import compare_digest
from typing import NamedTuple

from schemas.signing import CROCKFORD, YearKey

SHARD_MAX = 999
MAC_BITS = 100

_CHECK_PRIME = 1021
_PAIRS = tuple(a + b for a in CROCKFORD for b in CROCKFORD)
_PAIR_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}
_PAIR_BITS = 10
_MAC_BYTES = 13
_SPARE_BITS = 8 * _MAC_BYTES - MAC_BITS
_KEY_WEIGHT = pow(2, MAC_BITS, _CHECK_PRIME)
_SHARD_WEIGHT = pow(2, MAC_BITS + _PAIR_BITS, _CHECK_PRIME)

# Key id, HMAC and check characters; the shard's digits come before them.
_BODY_SYMBOLS = 24
_SHARD_DIGITS = (2, 3)
# Generous to spaces and hyphens that people add; bounds the work on hostile text.
_TEXT_MAX = 64
_SYMBOLS = frozenset(CROCKFORD)
_AS_BASE_32 = str.maketrans(CROCKFORD, "0123456789abcdefghijklmnopqrstuv")
_MISREADINGS: dict[str, str | None] = {
    **{symbol.lower(): symbol for symbol in CROCKFORD},
    **dict.fromkeys("Oo", "0"),
    **dict.fromkeys("IiLl", "1"),
}
_TOLERANT: dict[int, str | None] = {
    **{ord(written): meant for written, meant in _MISREADINGS.items()},
    # Chinese keyboards write full-width letters.
    **{
        ord(symbol) + 0xFEE0: _MISREADINGS.get(symbol, symbol)
        for symbol in map(chr, range(0x21, 0x7F))
    },
    **dict.fromkeys(map(ord, " \u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d")),
}


class CodeFault(StrEnum):
    """Why a text is not an inspection code. In order of precedence."""

    SYMBOL = "SYMBOL"
    LENGTH = "LENGTH"
    SHARD = "SHARD"
    CHECK = "CHECK"


class ParsedCode(NamedTuple):
    """What an inspection code says about itself; whether it is genuine, only its key can tell.

    Attributes:
        code: The code as it is issued and stored.
        shard: The partition of the journal in which its task lies.
        key_id: The key it was derived with.
        mac: Its 100 bits of HMAC.
    """

    code: str
    shard: int
    key_id: str
    mac: int


def _shard_row(shard: int) -> tuple[str, int]:
    text = f"{shard:02d}"
    return text, int(text, 32) * _SHARD_WEIGHT % _CHECK_PRIME


_SHARDS = {shard: _shard_row(shard) for shard in range(SHARD_MAX + 1)}


def make_code(key: YearKey, uscc: str, task_id: str, shard: int) -> str:
    """The inspection code of a task.

    Args:
        key: The key of the task's year; on a replay, the one that was recorded.
        uscc: The credit code, normalised; empty for a survey, which has no enterprise.
        task_id: The task, by a name that no other task of this enterprise bears.
        shard: The partition of the journal in which the task lies, 0 to 999.

    Source: art. 7 (one task, one code).
    """
    return derive_code(key, uscc, task_id, shard).code


def derive_code(key: YearKey, uscc: str, task_id: str, shard: int) -> ParsedCode:
    """As `make_code`, with the parts of the code.

    Source: art. 7 (one task, one code).
    """
    # The separator occurs in no credit code and no number, so no two tasks write the same bytes.
    inner = key.inner.copy()
    inner.update(f"{uscc}\x1f{task_id}\x1f{shard}".encode())
    outer = key.outer.copy()
    outer.update(inner.digest())
    mac = int.from_bytes(outer.digest()[:_MAC_BYTES], "big") >> _SPARE_BITS
    return ParsedCode(write_code(shard, key.key_id, mac), shard, key.key_id, mac)


def write_code(shard: int, key_id: str, mac: int) -> str:
    """The text of a code with these parts, check characters included."""
    try:
        shard_text, shard_part = _SHARDS[shard]
    except KeyError:
        raise ValueError(f"shard {shard} cannot stand in a code: 0 to {SHARD_MAX}") from None
    check = (shard_part + _PAIR_VALUES[key_id] * _KEY_WEIGHT + mac) % _CHECK_PRIME
    p = _PAIRS
    return (
        f"{shard_text}-{key_id}{p[mac >> 90]}-{p[mac >> 80 & 1023]}{p[mac >> 70 & 1023]}-"
        f"{p[mac >> 60 & 1023]}{p[mac >> 50 & 1023]}-{p[mac >> 40 & 1023]}{p[mac >> 30 & 1023]}-"
        f"{p[mac >> 20 & 1023]}{p[mac >> 10 & 1023]}-{p[mac & 1023]}{p[check]}"
    )


def parse_code(text: str) -> ParsedCode | CodeFault:
    """The parts of a code as a person may have written it.

    Lower case, full-width letters, O for 0, I and L for 1, spaces and hyphens anywhere are read.
    """
    if len(text) > _TEXT_MAX:
        return CodeFault.LENGTH
    symbols = text.translate(_TOLERANT)
    if not _SYMBOLS.issuperset(symbols):
        return CodeFault.SYMBOL
    digits, body = symbols[:-_BODY_SYMBOLS], symbols[-_BODY_SYMBOLS:]
    if len(digits) not in _SHARD_DIGITS:
        return CodeFault.LENGTH
    if not digits.isdigit() or _SHARDS[int(digits)][0] != digits:
        return CodeFault.SHARD
    shard, key_id = int(digits), body[:2]
    mac = int(body[2:-2].translate(_AS_BASE_32), 32)
    code = write_code(shard, key_id, mac)
    return ParsedCode(code, shard, key_id, mac) if code.endswith(body[-2:]) else CodeFault.CHECK


def shard_of(code: str) -> int:
    """The partition of the journal in which the task of an issued code lies.

    Raises:
        ValueError: If the text is not a code in the form in which codes are issued.
    """
    parsed = parse_code(code)
    if isinstance(parsed, CodeFault) or parsed.code != code:
        raise ValueError(f"not an inspection code as issued: {code[:_TEXT_MAX]!a}")
    return parsed.shard


def verify_code(keys: Mapping[str, YearKey], code: str, uscc: str, task_id: str) -> bool:
    """Whether a code is the one that was derived for this task, by any key that is still known.

    Source: art. 8 (the enterprise verifies what it is shown).
    """
    parsed = parse_code(code)
    if isinstance(parsed, CodeFault):
        return False
    key = keys.get(parsed.key_id)
    if key is None:
        return False
    return compare_digest(make_code(key, uscc, task_id, parsed.shard), parsed.code)
