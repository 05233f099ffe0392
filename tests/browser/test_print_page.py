"""A code on paper: one page of A4, which scans, and which anybody can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from gateway_registry import USCC
from gateway_world import an_event
from page_site import PageSite
from people import NAME, at_the_desk
from telephone import Telephone

PAGE = re.compile(rb"/Type\s*/Page\b")
A4_POINTS = (595, 842)
BOX = re.compile(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_printed_code_is_one_page_of_a4_that_scans(
    site: PageSite, telephone: Callable[[PageSite], Telephone], lang: str
):
    site.run(site.world.post(an_event()))
    officer = at_the_desk(site, telephone)
    officer.open(f"/o/print?{urlencode({'uscc': USCC, 'task': 'T-1', 'lang': lang})}")
    officer.look(f"on the screen {lang}")

    printed = officer.on_paper(f"on paper {lang}")

    assert NAME in officer.text
    assert len(PAGE.findall(printed)) == 1
    (size,) = BOX.findall(printed)
    assert [round(float(side)) for side in size] == list(A4_POINTS)
