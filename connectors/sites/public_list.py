"""What does a system show the public, all of it? Its list, read page by page as people read it.

Columns are found by their headings, the next page by its link; a page without the headings is no
list, and proves nothing.
"""

from __future__ import annotations

import asyncio
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from connectors.sites.http import Http
from schemas.delivery import Unavailable
from schemas.settings import Settings
from schemas.sites import CREDIT_TIANJIN, NATIONAL, TIANJIN_SUBJECTS

USCC, RESULT = "统一社会信用代码", "结果编号"
NEXT = "下一页"
PAGE_BYTES_MAX = 4 << 20
PAGES_MAX = 20_000
ROWS_MAX = 2_000_000
CODE_LENGTH_MAX = 256
"""Of a credit code or a result id: whatever is longer names no result of ours."""
_OK = 200

Shown = tuple[str, str]
"""Credit code and result id."""


class PublicList:
    """One system's public list."""

    def __init__(self, address: str, *, http: Http | None = None) -> None:
        self._http = http or Http(answer_bytes_max=PAGE_BYTES_MAX)
        self._address = address

    async def read(self) -> set[Shown] | Unavailable:
        """Everything that is shown now. What moves between pages meanwhile may be missed."""
        shown: set[Shown] = set()
        url: str | None = self._address
        seen: set[str] = set()
        while url is not None and url not in seen:
            if len(seen) >= PAGES_MAX:
                return Unavailable(f"the list has more than {PAGES_MAX:,} pages")
            seen.add(url)
            page = await self._page(url)
            if isinstance(page, Unavailable):
                return page
            shown |= page.rows
            if len(shown) > ROWS_MAX:
                return Unavailable(f"the list has more than {ROWS_MAX:,} results")
            url = self._follow(url, page.next)
        return shown

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _page(self, url: str) -> _Page | Unavailable:
        answer = await self._http.ask("GET", url)
        if isinstance(answer, Unavailable):
            return answer
        if answer.status != _OK or answer.content_type != "text/html":
            return Unavailable(f"HTTP {answer.status} {answer.content_type} instead of a list")
        # In a thread: odd markup takes the parser tens of seconds, and deliveries go on meanwhile.
        page = await asyncio.to_thread(_read_page, answer.body)
        if not page.is_list:
            return Unavailable(f"a page without the headings {USCC} and {RESULT}")
        return page

    def _follow(self, url: str, link: str | None) -> str | None:
        """The next page, if it lies on the same system."""
        if link is None:
            return None
        there = urljoin(url, link)
        return there if urlsplit(there)[:2] == urlsplit(self._address)[:2] else None


def public_address(site: str, settings: Settings) -> str:
    """The address of a system's public list; empty if the settings name none."""
    return {
        NATIONAL.code: settings.site_national_page,
        CREDIT_TIANJIN.code: settings.site_credit_page,
        TIANJIN_SUBJECTS.code: settings.site_subjects_page,
    }[site]


def _read_page(body: bytes) -> _Page:
    page = _Page()
    page.feed(body.decode("utf-8", "replace"))
    return page


class _Page(HTMLParser):
    """One page: the rows below the headings, and the link to the next one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: set[Shown] = set()
        self.next: str | None = None
        self._columns: dict[str, int] = {}
        self._heads: list[str] = []
        self._cells: list[str] = []
        self._text: list[str] | None = None
        self._link: str | None = None

    @property
    def is_list(self) -> bool:
        """Whether it has the headings."""
        return USCC in self._columns and RESULT in self._columns

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a row, a cell or a link."""
        if tag == "tr":
            self._heads, self._cells = [], []
        elif tag in ("td", "th", "a"):
            self._text = []
            self._link = dict(attrs).get("href") if tag == "a" else self._link

    def handle_data(self, data: str) -> None:
        """Take in text of a cell or a link."""
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """End a row, a cell or a link."""
        text = "".join(self._text or ()).strip()
        if tag == "td":
            self._cells.append(text)
        elif tag == "th":
            self._heads.append(text)
        elif tag == "a" and text == NEXT:
            self.next = self._link
        elif tag == "tr":
            self._end_row()

    def _end_row(self) -> None:
        if USCC in self._heads and RESULT in self._heads:
            self._columns = {name: place for place, name in enumerate(self._heads)}
        elif self.is_list and len(self._cells) > max(self._columns[USCC], self._columns[RESULT]):
            row = (self._cells[self._columns[USCC]], self._cells[self._columns[RESULT]])
            if max(map(len, row)) <= CODE_LENGTH_MAX:
                self.rows.add(row)
