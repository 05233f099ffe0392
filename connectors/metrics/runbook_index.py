"""Which page is for what? The index of the runbooks, made of the alerts and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from schemas.alerts import ALERTS

INDEX = "README.md"


def index_page(folder: Path) -> str:
    """The index of a folder of runbooks: alerts first, then procedures."""
    return "\n".join(_lines(folder)) + "\n"


def title_of(page: Path) -> str:
    """The heading of a page."""
    return page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def _lines(folder: Path) -> Iterator[str]:
    yield "# Runbooks\n"
    yield "One page for each verdict and alert, and one for each procedure. Made by `make metrics`;"
    yield "the pages themselves are written by hand.\n"
    yield "| alert | severity | page |"
    yield "|---|---|---|"
    for one in ALERTS:
        page = folder / f"{one.page}.md"
        yield f"| {one.name} | {one.severity.value} | [{title_of(page)}]({page.name}) |"
    yield "\nProcedures:\n"
    of_alerts = {one.page for one in ALERTS}
    for page in sorted(folder.glob("*.md")):
        if page.name != INDEX and page.stem not in of_alerts:
            yield f"- [{title_of(page)}]({page.name})"
