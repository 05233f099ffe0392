"""A system's wish to wait is understood in both forms, and nonsense is nothing."""

import pytest

from connectors.sites.retry_after import retry_after_s

NOW = 1_445_412_480.0  # Wed, 21 Oct 2015 07:28:00 GMT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2015 07:30:00 GMT", 120.0),
        ("Wed, 21 Oct 2015 07:00:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 15:30:00 +0800", 120.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("9" * 30, None),
        ("Wed, 99 Oct 2015 07:30:00 GMT", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None):
    assert retry_after_s(header, NOW) == seconds
