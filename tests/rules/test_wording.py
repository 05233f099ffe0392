"""How is an instant written?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.rules.wording import instant_text


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (1_767_196_799_999, "2025-12-31T23:59:59.999+08:00"),
        (1_767_196_800_000, "2026-01-01T00:00:00.000+08:00"),
        (0, "1970-01-01T08:00:00.000+08:00"),
    ],
)
def test_an_append_time_is_written_in_shanghai(at_ms: int, text: str) -> None:
    assert instant_text(at_ms) == text


@given(st.integers(min_value=694_224_000_000, max_value=4_102_444_800_000))
def test_it_is_what_the_standard_library_writes(at_ms: int) -> None:
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)

    local = instant.astimezone(ZoneInfo("Asia/Shanghai"))

    assert instant_text(at_ms) == local.isoformat(timespec="milliseconds")
