"""How far has a site read its feed? A text that only the hub reads, and that survives compaction.

It names the site and the offset to go on at. Compaction takes records away but never gives an
offset twice, so a cursor stays good for as long as the feed exists.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

from connectors.departments.gateway.problems import Problem, Why

LENGTH_MAX = 256


class _Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a cursor holds."""

    site: str
    offset: int


def write_cursor(site: str, offset: int) -> str:
    """The cursor of whoever has read a site's feed up to, not including, this offset."""
    return base64.urlsafe_b64encode(msgspec.json.encode(_Place(site, offset))).decode().rstrip("=")


def read_cursor(site: str, cursor: str | None) -> int:
    """The offset to go on at; 0 for no cursor: from the start.

    Raises:
        Problem: it is no cursor of this site's feed.
    """
    if not cursor:
        return 0
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=_Place)
    except (ValueError, binascii.Error):
        raise Problem(Why.PARAMETER, "no cursor that this feed gave", field="after") from None
    if place.site != site or place.offset < 0 or write_cursor(site, place.offset) != cursor:
        raise Problem(Why.PARAMETER, "no cursor that this feed gave", field="after")
    return place.offset
