"""What is a page of the dashboard made of? Blocks, each drawn on its own and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.dashboard.door import Operator
from connectors.dashboard.tools import tools
from connectors.dashboard.wording import say
from connectors.departments.gateway.people.pages import Pages
from connectors.departments.gateway.people.wording import Lang

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to see what, when (Unix milliseconds), in which language."""

    who: Operator
    lang: Lang
    now_ms: int
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page.

    Attributes:
        name: of its template, `block_<name>.html`, and of the heading `<name>` where it has one.
        values: what the template is filled with; asked for when it is drawn.
        wide: it needs the whole width.
        live: it is drawn again while somebody looks; one with a form in it is not.
    """

    name: str
    values: Callable[[], dict[str, Any]]
    heading: str = ""
    wide: bool = True
    live: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page. `stamp` changes when anything it shows may have changed."""

    view: str
    blocks: Sequence[Block]
    stamp: tuple[object, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)


def sheets_of() -> Pages:
    """Fills the dashboard's templates in."""
    return Pages(HERE / "templates", say)


def drawn(pages: Pages, block: Block, asked: Asked) -> str:
    """A block as HTML."""
    values = {**tools(asked.who, asked.lang, asked.now_ms), **block.values()}
    return pages.text(f"block_{block.name}.html", asked.lang, **values)
