"""Enterprises of the demonstration rate on the real pages, with the licence service's stand-in."""

from __future__ import annotations

import pytest
from gateway_registry import DEPT, OTHER_USCC, USCC
from own_world import a_visit
from page_site import PageSite

from connectors.console.acts.raters import EnterpriseBrowser, PageError, rate_all
from connectors.generate.ratings import Rating
from schemas.codec import decode_journal
from schemas.messages import RATING_SUBMITTED
from schemas.topics import JOURNAL


def said(site: PageSite) -> list[tuple[str, int, str]]:
    """The ratings in the journal."""
    records = [decode_journal(one.value) for one in site.world.kafka.logs[JOURNAL, 0]]
    data = [one.data.model_dump() for one in records if one.type == RATING_SUBMITTED]
    return [(one["task_id"], one["stars"], one["comment"]) for one in data]


def test_each_enterprise_rates_its_own_visits_and_changes_its_mind(site: PageSite):
    site.run(a_visit(site.world))
    site.run(a_visit(site.world, 2, uscc=OTHER_USCC))
    wanted = [
        Rating(USCC, "T-1", DEPT, 2, "等候时间较长"), Rating(OTHER_USCC, "T-2", DEPT, 5, ""),
        Rating(USCC, "T-1", DEPT, 4, ""), Rating(USCC, "T-2", DEPT, 1, "another's visit"),
        Rating(USCC, "T-none", DEPT, 1, "no visit"),
    ]  # fmt: skip

    assert rate_all(site.address, wanted) == 3
    assert said(site) == [("T-1", 2, "等候时间较长"), ("T-2", 5, ""), ("T-1", 4, "")]


def test_a_page_without_its_form_is_told(site: PageSite):
    with pytest.raises(PageError, match="no form that leads to /e/sign-in"):
        EnterpriseBrowser(f"{site.address}/docs#", USCC)
