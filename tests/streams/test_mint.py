"""Whatever the mint remembers, a code's QR text is always the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from connectors.keys import create_demo_keys, open_key_ring
from streams.mint import KeyMint
from streams.rules.entry.tokens import make_token, token_url

BASE_URL = "https://hub.example"
DAY = date(2026, 3, 23)
USCC = "91120116MA0000003U"


def test_the_text_of_a_fresh_code_is_that_of_any_other_time(tmp_path: Path):
    create_demo_keys(tmp_path, years=range(2026, 2027))
    ring = open_key_ring(tmp_path)
    mint = KeyMint(ring.year_key, ring.signer(), BASE_URL)

    code = mint.code(USCC, "T-1", 2026, 3)
    fresh = mint.qr_text(code, DAY)
    other = mint.code(USCC, "T-2", 2026, 3)
    later = mint.qr_text(code, DAY)

    assert fresh == later == token_url(BASE_URL, make_token(ring.signer(), code, DAY))
    assert mint.qr_text(other, DAY) not in (fresh, later)
