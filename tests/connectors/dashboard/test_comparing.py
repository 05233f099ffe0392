"""A system is compared with its ledger when somebody asks, once at a time, and nobody waits."""

from __future__ import annotations

import threading

import pytest
from waiting import until

from connectors.console.context import CommandError
from connectors.console.reconcile_look import Comparison, Difference, Kind
from connectors.dashboard.comparing import Comparisons

SITE = "GSXT-TJ"
A_DIFFERENCE = Difference(Kind.MISSING_STOP, "U", "R-1", None)


def test_it_goes_on_beside_and_only_once():
    go_on, calls = threading.Event(), []

    def compare(site: str) -> Comparison:
        calls.append(site)
        assert go_on.wait(30)
        return Comparison(compared=3)

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
        Comparison(compared=3, differences=[A_DIFFERENCE]),
        Comparison(compared=3, unclear=1),
        Comparison(compared=3, list_fault="HTTP 503"),
    ],
)
def test_what_differs_or_was_not_read_is_no_agreement(found: Comparison):
    comparisons = Comparisons(lambda _: found, lambda: 7)
    comparisons.begin(SITE)
    until(lambda: not comparisons.last[SITE].running, "it ends")

    assert not comparisons.last[SITE].agrees


def test_a_failure_is_told_and_it_can_be_tried_again():
    def fails(_: str) -> Comparison:
        raise CommandError("no address")

    comparisons = Comparisons(fails, lambda: 7)
    for _ in range(2):
        comparisons.begin(SITE)
        until(lambda: not comparisons.last[SITE].running, "it ends")

    assert comparisons.last[SITE].fault == "no address"
    assert not comparisons.last[SITE].agrees
