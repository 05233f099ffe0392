"""What the ledger of a system keeps of the nightly comparison stands in the picture."""

from __future__ import annotations

import pytest

from connectors.console.due.ledgers import SiteLedger
from connectors.watch.rows import site_view
from connectors.watch.sites import SiteFound
from schemas.compared import SiteCompared

GOOD = SiteCompared(compared=5, at_ms=1000)
BAD = SiteCompared(compared=5, differing=2, at_ms=2000)
UNREAD = SiteCompared(fault="HTTP 503", at_ms=3000)
HALF = SiteCompared(compared=5, differing=1, unclear=1, at_ms=4000)


@pytest.mark.parametrize(
    ("nights", "whole_ms", "differing"),
    [
        pytest.param([], 0, 0, id="never"),
        pytest.param([GOOD], 1000, 0, id="all is well"),
        pytest.param([GOOD, BAD], 2000, 2, id="two differ"),
        pytest.param([BAD, UNREAD], 2000, 2, id="a list that cannot be read clears nothing"),
        pytest.param([BAD, UNREAD, UNREAD], 2000, 2, id="nor does the next"),
        pytest.param([BAD, HALF], 2000, 2, id="nor one with pages that did not answer"),
        pytest.param([GOOD, HALF], 1000, 1, id="what was found in half of it counts"),
        pytest.param([UNREAD], 0, 0, id="never read"),
        pytest.param([BAD, GOOD], 1000, 0, id="read again, and mended"),
    ],
)
def test_what_is_known_of_a_systems_public_list(nights, whole_ms, differing):
    last = None
    for one in nights:
        last = one.after(last)

    seen = site_view(SiteFound(SiteLedger("GSXT-TJ", 0, {}, None, None, compared=last)))

    assert (seen.compared_ms, seen.differing) == (whole_ms, differing)
