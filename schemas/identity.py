"""Which enterprise, which business id: is this text one, and in what form is it written?

Credit codes follow GB 32100-2015: 18 characters from 31 symbols, the last one a check character.
Genuine codes that fail their check are in use, so a wrong check character is an outcome of its own
and the caller, who knows the object list, judges it.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from operator import mul

import msgspec

CREDIT_CODE_LENGTH = 18
SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
IN_SCOPE_PREFIXES = frozenset({"91", "92", "93"})
ID_MAX = 128
DEPT_MAX = 64

_MODULUS = 31
_WEIGHTS = bytes((*(pow(3, place, _MODULUS) for place in range(17)), 1))
_NO_SYMBOL = 0xFF
_VALUES = bytes(
    SYMBOLS.index(chr(byte)) if chr(byte) in SYMBOLS else _NO_SYMBOL for byte in range(256)
)
# Longer than any code that people space or hyphenate; bounds the work on hostile text.
_TEXT_MAX = 64
_OLD_NUMBER_LENGTH = 15

_SEPARATORS = " \u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"
_NORMALISED: dict[int, int | None] = {
    **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)},
    **{ord(separator): None for separator in _SEPARATORS},
}
_LOOK_ALIKES = str.maketrans("OISZ", "0152")
_V_READINGS = "UWY"


class CreditCodeOutcome(StrEnum):
    """What a text is, read as a credit code."""

    VALID = "VALID"
    CHECK_DIGIT = "CHECK_DIGIT"
    MALFORMED = "MALFORMED"
    OLD_REGISTRATION_NUMBER = "OLD_REGISTRATION_NUMBER"


class CreditCodeReading(msgspec.Struct, frozen=True, gc=False):
    """What was read from a text that should be a credit code.

    Attributes:
        outcome: What the text is.
        code: The normalised text; empty when it is too long or not ASCII even then.
        in_scope: Whether the code names an enterprise, an individual business or a farmers'
            cooperative; false unless the outcome is `VALID` or `CHECK_DIGIT`.
        problem: What is wrong, for people; None when the code is valid.
        suggestion: A valid code that look-alikes (O for 0, I for 1 …) may have hidden. It is for
            a person to confirm, never to be used in its place.
    """

    outcome: CreditCodeOutcome
    code: str
    in_scope: bool
    problem: str | None = None
    suggestion: str | None = None


class IdFault(StrEnum):
    """Why a text cannot serve as a business id; the value reads on from the name of the field."""

    EMPTY = "is empty or only spaces"
    TOO_LONG = f"is longer than {ID_MAX} characters"
    EDGE_SPACE = "begins or ends with a space"
    SPACE = "contains a space that is not a plain one"
    CONTROL_CHARACTER = "contains a control character"
    INVISIBLE_CHARACTER = "contains an invisible character or a direction mark"
    PRIVATE_CHARACTER = "contains a surrogate or a private character"
    RESERVED_CHARACTER = "contains one of | { } : / \\"
    FULL_WIDTH = "contains a full-width letter or a digit other than 0-9"
    NOT_NFC = "is not in Unicode normal form NFC"
    NOT_A_DEPARTMENT = f"is not 1 to {DEPT_MAX} of the characters A-Z a-z 0-9 _ -"


_PLAIN_ID = re.compile(rf"(?! )[ -.0-9;-\[\]-z~]{{1,{ID_MAX}}}(?<! )")
_PLAIN_DEPT = re.compile(rf"[A-Za-z0-9_-]{{1,{DEPT_MAX}}}")
_RESERVED = frozenset("|{}:/\\")
_FAULT_OF_CATEGORY = {
    "Cc": IdFault.CONTROL_CHARACTER,
    "Cf": IdFault.INVISIBLE_CHARACTER,
    "Cs": IdFault.PRIVATE_CHARACTER,
    "Co": IdFault.PRIVATE_CHARACTER,
    "Zl": IdFault.CONTROL_CHARACTER,
    "Zp": IdFault.CONTROL_CHARACTER,
    "Zs": IdFault.SPACE,
    "Nd": IdFault.FULL_WIDTH,
}


def check_character(first17: str) -> str:
    """The check character of a credit code's first 17 characters.

    >>> check_character("91110000600037341")
    'L'

    Raises:
        ValueError: If these are not 17 of the 31 symbols.
    """
    values = first17.encode(errors="replace").translate(_VALUES)
    if len(first17) != CREDIT_CODE_LENGTH - 1 or _NO_SYMBOL in values:
        raise ValueError(f"credit code without its check character: {first17!a}: 17 of {SYMBOLS}")
    # The outer remainder turns 31 into 0; programs that forget it fail on one code in 31.
    return SYMBOLS[(_MODULUS - sum(map(mul, values, _WEIGHTS)) % _MODULUS) % _MODULUS]


def read_credit_code(text: str) -> CreditCodeReading:
    """What a text is, read as a credit code.

    Full-width and lower-case letters, spaces and hyphens are normalised; nothing else is changed.

    Source: GB 32100-2015; art. 7 (in scope are enterprises, individual businesses and farmers'
        cooperatives: codes that begin with 91, 92, 93).
    """
    if len(text) == CREDIT_CODE_LENGTH and text.isascii():
        values = text.encode().translate(_VALUES)
        if _NO_SYMBOL not in values and not sum(map(mul, values, _WEIGHTS)) % _MODULUS:
            return CreditCodeReading(CreditCodeOutcome.VALID, text, text[:2] in IN_SCOPE_PREFIXES)
    return _read_closely(text)


def id_fault(text: str) -> IdFault | None:
    """Why a text cannot be a business id in keys, addresses and file names; None when it can."""
    if _PLAIN_ID.fullmatch(text):
        return None
    if len(text) > ID_MAX:
        return IdFault.TOO_LONG
    if not text.strip():
        return IdFault.EMPTY if not text.strip(" \u3000") else _first_fault(text)
    if text[0] == " " or text[-1] == " ":
        return IdFault.EDGE_SPACE
    return _first_fault(text)


def dept_fault(text: str) -> IdFault | None:
    """Why a text cannot be a registry code, which is part of topic names; None when it can."""
    return None if _PLAIN_DEPT.fullmatch(text) else IdFault.NOT_A_DEPARTMENT


def _read_closely(text: str) -> CreditCodeReading:
    """The reading of a text that is not a valid code as it stands."""
    if len(text) > _TEXT_MAX:
        return _malformed("", f"has {len(text)} characters, {CREDIT_CODE_LENGTH} expected")
    code = text.translate(_NORMALISED)
    if not code.isascii():
        at = next(place for place, character in enumerate(code) if not character.isascii())
        return _malformed("", f"character {at + 1} is {_named(code[at])}, not a letter or digit")
    # Only now, because upper() turns some foreign letters into ASCII ones.
    code = code.upper()
    if len(code) == _OLD_NUMBER_LENGTH and code.isdigit():
        return CreditCodeReading(
            CreditCodeOutcome.OLD_REGISTRATION_NUMBER,
            code,
            in_scope=False,
            problem="is a 15-digit registration number of before 2015, not a credit code",
        )
    if len(code) != CREDIT_CODE_LENGTH:
        return _malformed(code, f"has {len(code)} characters, {CREDIT_CODE_LENGTH} expected")
    values = code.encode().translate(_VALUES)
    if _NO_SYMBOL in values:
        at = values.index(_NO_SYMBOL)
        return _malformed(
            code, f"character {at + 1} is {_named(code[at])}, which no credit code has"
        )
    in_scope = code[:2] in IN_SCOPE_PREFIXES
    if sum(map(mul, values, _WEIGHTS)) % _MODULUS:
        problem = f"ends with {code[-1]}, its check character is {check_character(code[:-1])}"
        return CreditCodeReading(CreditCodeOutcome.CHECK_DIGIT, code, in_scope, problem)
    return CreditCodeReading(CreditCodeOutcome.VALID, code, in_scope)


def _malformed(code: str, problem: str) -> CreditCodeReading:
    return CreditCodeReading(
        CreditCodeOutcome.MALFORMED,
        code if code.isprintable() else "",
        in_scope=False,
        problem=problem,
        suggestion=_suggested(code),
    )


def _suggested(code: str) -> str | None:
    """The one valid code that differs from this one by look-alikes only, if there is one."""
    if len(code) != CREDIT_CODE_LENGTH:
        return None
    plain = code.translate(_LOOK_ALIKES)
    valid = [
        candidate
        for candidate in (plain.replace("V", reading) for reading in _V_READINGS)
        if _NO_SYMBOL not in candidate.encode().translate(_VALUES)
        and check_character(candidate[:-1]) == candidate[-1]
    ]
    return valid[0] if len(set(valid)) == 1 else None


def _named(character: str) -> str:
    """A character in a form that is safe in a log line and on a screen."""
    shown = f"'{character}' " if character.isascii() and character.isprintable() else ""
    return f"{shown}U+{ord(character):04X}"


def _first_fault(text: str) -> IdFault | None:
    for character in text:
        if character in _RESERVED:
            return IdFault.RESERVED_CHARACTER
        if character.isascii() and character.isprintable():
            continue
        fault = _FAULT_OF_CATEGORY.get(unicodedata.category(character))
        if fault is not None:
            return fault
        # Letters that look like plain ones; full-width punctuation is ordinary in Chinese text.
        if "\uff21" <= character <= "\uff3a" or "\uff41" <= character <= "\uff5a":
            return IdFault.FULL_WIDTH
    return None if unicodedata.is_normalized("NFC", text) else IdFault.NOT_NFC
