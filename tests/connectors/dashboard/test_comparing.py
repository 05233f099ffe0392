"""A system is compared with its ledger when somebody asks, once at a time; the newest counts."""

from __future__ import annotations

import threading

import pytest
from waiting import until

from connectors.console.context import CommandError
from connectors.console.due.ledgers import SiteLedger
from connectors.dashboard.comparing import Comparisons
from schemas.compared import SiteCompared

SITE = "GSXT-TJ"


def test_it_goes_on_beside_and_only_once():
    go_on, calls = threading.Event(), []

    def compare(site: str) -> SiteCompared:
        calls.append(site)
        assert go_on.wait(30)
        return SiteCompared(compared=3)

    comparisons = Comparisons(compare, lambda: 7)
    before = comparisons.stamp
    comparisons.begin(SITE)
    comparisons.begin(SITE)

    one = comparisons.last[SITE]
    assert (one.running, one.agrees, one.began_ms) == (True, False, 7)
    assert comparisons.stamp != before
    go_on.set()
    until(lambda: not comparisons.last[SITE].running, "it ends")
    assert comparisons.last[SITE].agrees
    assert calls == [SITE]


@pytest.mark.parametrize(
    "found",
    [
        SiteCompared(compared=3, differing=1),
        SiteCompared(compared=3, unclear=1),
        SiteCompared(fault="HTTP 503"),
    ],
)
def test_what_differs_or_was_not_read_is_no_agreement(found: SiteCompared):
    comparisons = Comparisons(lambda _: found, lambda: 7)
    comparisons.begin(SITE)
    until(lambda: not comparisons.last[SITE].running, "it ends")

    assert not comparisons.last[SITE].agrees


def test_a_failure_is_told_and_it_can_be_tried_again():
    def fails(_: str) -> SiteCompared:
        raise CommandError("no address")

    comparisons = Comparisons(fails, lambda: 7)
    for _ in range(2):
        comparisons.begin(SITE)
        until(lambda: not comparisons.last[SITE].running, "it ends")

    assert comparisons.last[SITE].fault == "no address"
    assert not comparisons.last[SITE].agrees


@pytest.mark.parametrize(("night_ms", "nightly"), [(6, False), (8, True)])
def test_the_newest_counts_whoever_made_it(night_ms: int, nightly: bool):
    comparisons = Comparisons(lambda _: SiteCompared(compared=3), lambda: 7)
    comparisons.begin(SITE)
    until(lambda: not comparisons.last[SITE].running, "it ends")
    ledgers = {
        SITE: SiteLedger(SITE, 1, {}, None, None, compared=SiteCompared(at_ms=night_ms)),
        "CREDIT-TJ": SiteLedger("CREDIT-TJ", 1, {}, None, None, compared=SiteCompared(at_ms=3)),
        "SUBJECTS-TJ": SiteLedger("SUBJECTS-TJ", 1, {}, None, None),
    }

    newest = comparisons.newest(ledgers)

    assert newest[SITE].nightly is nightly
    assert (newest["CREDIT-TJ"].nightly, newest["CREDIT-TJ"].began_ms) == (True, 3)
    assert "SUBJECTS-TJ" not in newest
