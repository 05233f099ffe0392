"""Which enterprises are there? Each is a number with a credit code; all else follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from connectors.generate.words import INDUSTRIES, RETIRED_REGIONS
from schemas.identity import SYMBOLS, check_character

_BODY_SYMBOLS = 6
_BODY_RANGE = len(SYMBOLS) ** _BODY_SYMBOLS
_SCATTER = 387_420_489
"""Coprime to 31, so that scattering serial numbers over the range makes no two alike."""
_OBJECT_TYPES = ("91", "91", "91", "92", "91", "91", "92", "91", "91", "93")
_TRADE_FORMS = {"91": "有限公司", "92": "经营部", "93": "专业合作社"}
_CHECK_DIGIT_EVERY = 200
_UNREGISTERED_EVERY = 40
_RETIRED_EVERY = 60


class Oddity(IntEnum):
    """Why an enterprise needs other treatment than most; each district has some of every kind."""

    DEREGISTERED = 0
    MOVED_OUT = 1
    GOVERNMENT_BODY = 2
    SOCIAL_ORGANISATION = 3


ODD_A_DISTRICT = 6
_ODD_PREFIX = {Oddity.GOVERNMENT_BODY: "11", Oddity.SOCIAL_ORGANISATION: "51"}


class Subjects:
    """The enterprises of all districts, numbered; the odd ones come last.

    Attributes:
        count: Number of the enterprises, the odd ones included.
        ordinary: Number of those that are not odd; they have the numbers below.
        codes: The credit code of each, as the object list has it.
    """

    def __init__(self, regions: tuple[str, ...], ordinary: int, seed: int) -> None:
        self._regions = regions
        self.ordinary = ordinary
        self.count = ordinary + len(regions) * len(Oddity) * ODD_A_DISTRICT
        self._first_serial = seed * 7_919
        self.codes = [self._code(number) for number in range(self.count)]

    def of_district(self, district: int) -> range:
        """List the ordinary enterprises of a district by its position."""
        return range(district, self.ordinary, len(self._regions))

    def odd(self, district: int, oddity: Oddity) -> range:
        """List the odd enterprises of one kind in a district."""
        block = self.ordinary + (oddity * ODD_A_DISTRICT) * len(self._regions)
        return range(block + district, block + ODD_A_DISTRICT * len(self._regions), self._stride)

    def oddity(self, number: int) -> Oddity | None:
        """Say what is odd about an enterprise."""
        if number < self.ordinary:
            return None
        return Oddity((number - self.ordinary) // (ODD_A_DISTRICT * self._stride))

    def district(self, number: int) -> int:
        """Position of the district an enterprise lies in."""
        beyond = number - self.ordinary
        return (number if beyond < 0 else beyond) % self._stride

    def region(self, number: int) -> str:
        """Region code of the district an enterprise lies in."""
        return self._regions[self.district(number)]

    def name(self, number: int) -> str:
        """Name of an enterprise; invented, recognisably so."""
        form = _TRADE_FORMS[self.object_type(number)]
        return f"示例第{number:06d}号{INDUSTRIES[self._trade(number)][1]}{form}"

    def industry(self, number: int) -> str:
        """GB/T 4754 code of an enterprise's trade."""
        return INDUSTRIES[self._trade(number)][0]

    def object_type(self, number: int) -> str:
        """First two characters that its credit code has or would have: 91, 92 or 93."""
        return _OBJECT_TYPES[number // self._stride % len(_OBJECT_TYPES)]

    def is_registered(self, number: int) -> bool:
        """Say whether the object list has it."""
        rank = number // self._stride
        return number >= self.ordinary or rank % _UNREGISTERED_EVERY != _UNREGISTERED_EVERY - 1

    def fails_check_digit(self, number: int) -> bool:
        """Say whether its code fails the check character, as some genuine ones do."""
        rank = number // self._stride
        return number < self.ordinary and rank % _CHECK_DIGIT_EVERY == _CHECK_DIGIT_EVERY // 2

    def in_industry(self, prefix: str) -> Iterator[int]:
        """List the ordinary enterprises of an industry."""
        return (
            number for number in range(self.ordinary) if self.industry(number).startswith(prefix)
        )

    @property
    def _stride(self) -> int:
        return len(self._regions)

    def _trade(self, number: int) -> int:
        return number // self._stride * 7 % len(INDUSTRIES)

    def _code(self, number: int) -> str:
        oddity = self.oddity(number)
        prefix = self.object_type(number) if oddity is None else _ODD_PREFIX.get(oddity, "91")
        rank = number // self._stride
        region = self.region(number)
        if rank % _RETIRED_EVERY == _RETIRED_EVERY - 1:
            region = RETIRED_REGIONS[rank // _RETIRED_EVERY % len(RETIRED_REGIONS)]
        code = credit_code(prefix, region, self._first_serial + number)
        return with_wrong_check(code) if self.fails_check_digit(number) else code


def credit_code(prefix: str, region: str, serial: int) -> str:
    """Give the valid credit code of a serial number; no two serials below 31**6 share one.

    >>> credit_code("91", "120116", 0)
    '91120116MA00000000'
    """
    rest = serial * _SCATTER % _BODY_RANGE
    body = ""
    for _ in range(_BODY_SYMBOLS):
        rest, symbol = divmod(rest, len(SYMBOLS))
        body = SYMBOLS[symbol] + body
    first17 = f"{prefix}{region}MA0{body}"
    return first17 + check_character(first17)


def with_wrong_check(code: str) -> str:
    """Give the same code with another check character."""
    return code[:-1] + SYMBOLS[(SYMBOLS.index(code[-1]) + 1) % len(SYMBOLS)]
