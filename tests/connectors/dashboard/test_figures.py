"""The statistics of a year stand on the dashboard: indicators, charts, and the tables of them."""

from __future__ import annotations

import html
import json
import re

from dashboard_world import OpsWorld, read

from schemas.operator import OperatorRole

VIEWER = OperatorRole.VIEWER


async def test_statistics_of_a_year_are_shown_with_charts_and_their_tables(ops: OpsWorld):
    browser = await ops.browser(VIEWER)
    before = await browser.get("/ops/statistics?year=2026&lang=en")
    await ops.count()
    ops.later()

    page = await browser.get("/ops/statistics?year=2026&lang=en")

    assert "no statistics in" in read(before)
    charts = re.findall(r'data-chart="([^"]+)"', page.text)
    drawn = [json.loads(html.unescape(one)) for one in charts]
    assert [one["percent"] for one in drawn] == [False, True]
    assert len(drawn[0]["labels"]) == len(drawn[0]["series"][0]["values"])
    for said in (
        "off-site rate",
        "joint rate",
        "scan rate",
        "intercepted",
        "cap used up",
        "art. 19",
    ):
        assert said in read(page)
    assert f'id="offsite_rate">{drawn_share(page.text)}<' in page.text


def drawn_share(text: str) -> str:
    """The share of off-site inspections, reckoned anew from the table of counts."""
    counts = dict(re.findall(r'id="count-(\w+)"(?: class="zero")?>([\d,]+)<', text))
    return f"{100 * int(counts['offsite']) / int(counts['made']):.1f} %"
