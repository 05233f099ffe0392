"""Is this text an inspection code, as somebody read it from a screen or over the telephone?

Written again beside `streams.rules.entry.codes`, which the command line may not use: it only has to
find the code in the view, and to tell a slip of the pen from a code that does not exist.
"""

from __future__ import annotations

import re

from schemas.signing import CROCKFORD

_BODY_SYMBOLS = 24
_CHECK_SYMBOLS = 2
_CHECK_PRIME = 1021
_GROUP = 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2014\u2212]")
_SHAPE = re.compile(rf"\d{{2,3}}[{CROCKFORD}]{{{_BODY_SYMBOLS}}}")
_VALUE = {symbol: value for value, symbol in enumerate(CROCKFORD)}


def read_code(text: str) -> tuple[str, int]:
    """The code as it is issued, and the journal partition in which its task lies.

    Raises:
        ValueError: It is none; the message says why, reading on from the text.
    """
    symbols = _SEPARATORS.sub("", text.translate(_FULL_WIDTH)).upper().translate(_MISREAD)
    if not _SHAPE.fullmatch(symbols):
        raise ValueError(
            "is not written like an inspection code: two or three digits, then six groups of four, "
            "as in 07-A03K-9QWM-X2TR-5H8E-PB4N-1CYZ"
        )
    number = 0
    for symbol in symbols[:-_CHECK_SYMBOLS]:
        number = number << 5 | _VALUE[symbol]
    check = _VALUE[symbols[-2]] << 5 | _VALUE[symbols[-1]]
    if number % _CHECK_PRIME != check:
        raise ValueError("was misread: its check characters do not fit the rest")
    shard, body = symbols[:-_BODY_SYMBOLS], symbols[-_BODY_SYMBOLS:]
    groups = (body[at : at + _GROUP] for at in range(0, _BODY_SYMBOLS, _GROUP))
    return f"{shard}-{'-'.join(groups)}", int(shard)
