"""A system's public list is read as people read it; what is no list proves nothing."""

import asyncio
import threading

import pytest

from connectors.sites import public_list
from connectors.sites.http import Answer
from connectors.sites.public_list import PublicList, public_address
from schemas.delivery import Unavailable
from schemas.settings import Settings
from schemas.sites import SITES

HEAD = "<tr><th>经营主体</th><th>统一社会信用代码</th><th>结果编号</th></tr>"
ADDRESS = "http://site.example/public"


class Pages:
    """Answers by address; what is not there is away."""

    def __init__(self, **pages):
        self.pages = {f"http://site.example/{name}": page for name, page in pages.items()}
        self.asked = []

    async def ask(self, method, url):
        self.asked.append(url)
        found = self.pages.get(url, Unavailable("away"))
        if isinstance(found, str):
            return Answer(200, "text/html", found.encode())
        return found

    async def close(self):
        """Nothing is held open."""


def a_page(*rows, link="", head=HEAD):
    cells = "".join(f"<tr><td>x</td><td>{u}</td><td>{r}</td></tr>" for u, r in rows)
    return f"<table>{head}{cells}</table>{link}"


def read(pages):
    return asyncio.run(PublicList(ADDRESS, http=pages).read())


def test_rows_of_all_pages_are_read():
    more = '<a href="/p2">上一页</a> <a href="/p2">下一页</a>'
    pages = Pages(public=a_page(("U1", "R1"), link=more), p2=a_page(("U2", " R&lt;2&gt; ")))

    assert read(pages) == {("U1", "R1"), ("U2", "R<2>")}


def test_an_empty_list_is_a_list():
    assert read(Pages(public=a_page())) == set()


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        pytest.param(a_page(("U", "R"), head=""), "headings", id="no headings"),
        pytest.param("<p>维护中</p>", "headings", id="another page"),
        pytest.param(Answer(503, "text/html", b""), "HTTP 503", id="out of service"),
        pytest.param(Answer(200, "application/json", b"[]"), "instead of a list", id="not html"),
        pytest.param(Unavailable("away"), "away", id="away"),
    ],
)
def test_what_is_no_list_is_said(page, reason):
    told = read(Pages(public=page))

    assert isinstance(told, Unavailable)
    assert reason in told.reason


def test_half_a_list_is_none():
    first = a_page(("U1", "R1"), link='<a href="/p2">下一页</a>')

    assert isinstance(read(Pages(public=first)), Unavailable)


@pytest.mark.parametrize(
    "link",
    [
        pytest.param('<a href="/public">下一页</a>', id="to itself"),
        pytest.param('<a href="http://other.example/public">下一页</a>', id="to another system"),
        pytest.param("<a>下一页</a>", id="to nowhere"),
    ],
)
def test_a_link_that_leads_astray_is_not_followed(link):
    pages = Pages(public=a_page(("U1", "R1"), link=link))

    assert read(pages) == {("U1", "R1")}
    assert pages.asked == [ADDRESS]


def test_a_list_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(public_list, "ROWS_MAX", 3)
    more = '<a href="/p2">下一页</a>'
    pages = {"public": a_page(("U", "1"), ("U", "2"), link=more)}

    assert len(read(Pages(**pages, p2=a_page(("U", "2"), ("U", "3"))))) == 3
    told = read(Pages(**pages, p2=a_page(("U", "3"), ("U", "4"))))

    assert told == Unavailable("the list has more than 3 results")


def test_a_row_that_can_name_no_result_is_left_out():
    page = a_page(("U" * 256, "R1"), ("U2", "R" * 257), ("U3", "R3"))

    assert read(Pages(public=page)) == {("U" * 256, "R1"), ("U3", "R3")}


def test_everything_else_goes_on_while_a_page_is_read(monkeypatch):
    goes_on, feed = threading.Event(), public_list._Page.feed

    def slowly(page, text):
        assert goes_on.wait(20), "the loop stands still"
        feed(page, text)

    monkeypatch.setattr(public_list._Page, "feed", slowly)

    async def main():
        reading = asyncio.create_task(
            PublicList(ADDRESS, http=Pages(public=a_page(("U1", "R1")))).read()
        )
        asyncio.get_running_loop().call_later(0.05, goes_on.set)
        return await reading

    assert asyncio.run(main()) == {("U1", "R1")}


def test_columns_are_found_by_their_headings_and_short_rows_left_out():
    head = "<tr><th>结果编号</th><th>统一社会信用代码</th></tr>"
    page = f"<table>{head}<tr><td>R1</td><td>U1</td></tr><tr><td>R2</td></tr></table>"

    assert read(Pages(public=page)) == {("U1", "R1")}


def test_every_site_has_a_setting_for_its_list():
    names = ("site_national_page", "site_credit_page", "site_subjects_page")
    settings = Settings(**{name: f"http://{number}.example" for number, name in enumerate(names)})

    assert [public_address(site, settings)[7] for site in SITES] == ["0", "1", "2"]
