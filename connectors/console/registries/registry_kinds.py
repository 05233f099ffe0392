"""Which sheets can be imported? One row a kind: its columns, its event type, what tells rows apart.

Columns are the fields of the event (design §3.3), so what a sheet may say is what the event may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.identity import CreditCodeOutcome, read_credit_code
from schemas.messages import (
    REGISTRY_DEPARTMENT,
    REGISTRY_ITEM,
    REGISTRY_OFFICER,
    REGISTRY_SUBJECT,
    SUBJECT_CLASSIFIED,
    WHITELIST_CHANGED,
)

_TRUE = frozenset({"true", "yes", "1", "是", "y"})
_FALSE = frozenset({"false", "no", "0", "否", "n"})
_NO_CODE = frozenset({CreditCodeOutcome.MALFORMED, CreditCodeOutcome.OLD_REGISTRATION_NUMBER})

Read = Callable[[str], Any]


def text(cell: str) -> str:
    """The cell as it stands."""
    return cell


def word(cell: str) -> str:
    """A word of a closed list, however it is capitalised."""
    return cell.upper()


def day(cell: str) -> str:
    """A day; `2026/1/5`, as spreadsheets write it, is 2026-01-05."""
    parts = cell.replace("/", "-").replace(".", "-").split("-")
    if len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts):
        return f"{int(parts[0]):04d}-{int(parts[1]):02d}-{int(parts[2]):02d}"
    return cell


def yes_no(cell: str) -> bool:
    """Whether it says yes.

    Raises:
        ValueError: it says neither yes nor no.
    """
    said = cell.lower()
    if said not in _TRUE | _FALSE:
        raise ValueError("true or false, 是 or 否")
    return said in _TRUE


def number(cell: str) -> int:
    """A whole number.

    Raises:
        ValueError: it is none.
    """
    if not (cell.isascii() and cell.isdigit()):
        raise ValueError("a whole number")
    return int(cell)


def credit_code(cell: str) -> str:
    """A credit code in its normal form. A wrong check character may be genuine: intake judges it.

    Raises:
        ValueError: it is none.
    """
    reading = read_credit_code(cell)
    if reading.outcome in _NO_CODE:
        hint = f"; perhaps {reading.suggestion} is meant" if reading.suggestion else ""
        raise ValueError(f"a credit code: this one {reading.problem}{hint}")
    return reading.code


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills, its Chinese title, an example, how a cell is read."""

    name: str
    title: str
    example: str
    read: Read = text


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sheet.

    Attributes:
        type: the event that a row becomes.
        key: fields that together tell entries apart: a file has each once.
        one_of: an entry has exactly one of these fields.
        listed: columns that make one member of this field of the entry; rows of one entry follow
            each other.
    """

    type: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    one_of: bool = False
    listed: tuple[str, tuple[str, ...]] | None = None


_USCC = Column("uscc", "统一社会信用代码", "91120116MA0000003A", credit_code)
_FROM = Column("valid_from", "有效期起", "2026-01-01", day)
_TO = Column("valid_to", "有效期止", "", day)

KINDS: dict[str, Kind] = {
    "departments": Kind(
        REGISTRY_DEPARTMENT,
        (
            Column("dept", "部门代码", "WJW-120116"),
            Column("name", "部门名称", "滨海新区卫生健康委员会"),
            Column("region", "区划代码", "120116"),
            Column("level", "层级", "DISTRICT", word),
            Column("system", "系统", "WJW"),
            Column("listed", "列入检查主体清单", "是", yes_no),
            _FROM,
            _TO,
            Column("out_format", "回执格式", "JSON", word),
        ),
        ("dept",),
    ),
    "officers": Kind(
        REGISTRY_OFFICER,
        (
            Column("cert_no", "执法证号", "TJ0001"),
            Column("name", "姓名", "执法人员一"),
            Column("dept", "部门代码", "WJW-120116"),
            _FROM,
            _TO,
            Column("status", "证件状态", "VALID", word),
        ),
        ("cert_no",),
    ),
    "items": Kind(
        REGISTRY_ITEM,
        (
            Column("item", "事项代码", "1101-001"),
            Column("title", "事项名称", "公共场所卫生检查"),
            Column("system", "系统", "WJW"),
            Column("offsite_possible", "可非现场检查", "否", yes_no),
            Column("version", "标准版本", "1", number),
            Column("offsite_way", "非现场方式", "", word),
            _FROM,
            Column("harmonised_by", "统筹部门系统", ""),
            Column("point", "要点代码", "P1"),
            Column("point_title", "检查要点", "卫生许可证在有效期内"),
        ),
        ("item", "version"),
        listed=("points", ("point", "point_title")),
    ),
    "subjects": Kind(
        REGISTRY_SUBJECT,
        (
            _USCC,
            Column("name", "名称", "天津第一家有限公司"),
            Column("object_type", "对象类型", "91"),
            Column("industry", "行业代码", "5110"),
            Column("region", "区划代码", "120116"),
            Column("status", "状态", "ACTIVE", word),
            Column("successor", "承继主体", "", credit_code),
        ),
        ("uscc",),
    ),
    "classes": Kind(
        SUBJECT_CLASSIFIED,
        (
            _USCC,
            Column("scheme", "分类体系", "CREDIT_EVALUATION"),
            Column("class", "等级", "A"),
            Column("as_of", "评定日期", "2026-03-01", day),
        ),
        ("uscc", "scheme"),
    ),
    "whitelist": Kind(
        WHITELIST_CHANGED,
        (
            Column("uscc", "统一社会信用代码", "91120116MA0000003A", credit_code),
            Column("item", "事项代码", ""),
            Column("listed", "列入", "是", yes_no),
            Column("from", "列入日期", "2026-01-01", day),
            Column("until", "截止日期", "2026-12-31", day),
            Column("ground", "依据", "守法经营"),
        ),
        ("uscc", "item"),
        one_of=True,
    ),
}
"""What `hub registry import` takes, by its name."""
