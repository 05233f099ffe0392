"""What does the QR symbol of an inspection code look like, as a picture?

Error correction level M and a quiet zone of four modules, as ISO/IEC 18004 asks; a print-out that
is stained or photographed at an angle still reads. The same text gives the same bytes.
"""

from __future__ import annotations

from io import BytesIO

import segno

QUIET_ZONE_MODULES = 4
# 512 bytes are version 19: beyond that phones fail on a badge-sized print.
TEXT_MAX = 512
SCALE_MAX = 40


def qr_svg(text: str, *, scale: int = 4) -> bytes:
    """The QR symbol of a text as an SVG document.

    Args:
        text: ASCII, as `token_url` gives it.
        scale: Pixels a module, 1 to 40.

    Raises:
        ValueError: If the text or the scale is outside what can be printed and read.
    """
    return _picture(text, "svg", scale)


def qr_png(text: str, *, scale: int = 8) -> bytes:
    """The QR symbol of a text as a PNG image, black on white.

    Args:
        text: ASCII, as `token_url` gives it.
        scale: Pixels a module, 1 to 40.

    Raises:
        ValueError: If the text or the scale is outside what can be printed and read.
    """
    return _picture(text, "png", scale)


def _picture(text: str, kind: str, scale: int) -> bytes:
    if not text or len(text) > TEXT_MAX or not text.isascii():
        raise ValueError(
            f"no QR symbol for a text of {len(text)} characters: 1 to {TEXT_MAX} ASCII expected"
        )
    if not 1 <= scale <= SCALE_MAX:
        raise ValueError(f"no QR symbol at {scale} pixels a module: 1 to {SCALE_MAX} expected")
    symbol = segno.make(text, error="m", micro=False, boost_error=False)
    out = BytesIO()
    symbol.save(out, kind=kind, scale=scale, border=QUIET_ZONE_MODULES, light="white")
    return out.getvalue()
