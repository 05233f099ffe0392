"""A QR symbol is read back by an independent reader, from the image and from the drawing."""

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from connectors.qr import QUIET_ZONE_MODULES, TEXT_MAX, qr_png, qr_svg

TEXT = "https://check.example.org/c/" + "Aa0-_" * 22 + "A"


def read(image):
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return found[0]


def drawn(svg, scale):
    """The picture of a drawing that consists of horizontal strokes, one module high."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
    side = int(root.get("width"))
    image = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(image)
    path = next(e for e in root.iter() if e.get("stroke"))
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", path.get("d")):
        values = [float(number) for number in numbers.split()]
        if command == "h":
            left, top = x * scale, (y - 0.5) * scale
            right = left + values[0] * scale
            pen.rectangle((left, top, right - 1, top + scale - 1), fill=0)
            x += values[0]
        elif command == "M":
            x, y = values
        else:
            x, y = x + values[0], y + values[1]
    return image


@pytest.mark.parametrize("scale", [1, 2, 8])
def test_the_image_reads_back(scale):
    image = Image.open(BytesIO(qr_png(TEXT, scale=scale))).convert("L")
    larger = image.resize((image.width * 4 // scale, image.height * 4 // scale), Image.NEAREST)

    assert read(larger).text == TEXT


@pytest.mark.parametrize("scale", [1, 4])
def test_the_drawing_reads_back(scale):
    image = drawn(qr_svg(TEXT, scale=scale), scale)
    larger = image.resize((image.width * 4 // scale, image.height * 4 // scale), Image.NEAREST)

    assert read(larger).text == TEXT


def test_the_symbol_is_of_level_m_and_fits_version_8():
    symbol = read(Image.open(BytesIO(qr_png(TEXT))).convert("L"))
    modules = Image.open(BytesIO(qr_png(TEXT, scale=1))).width - 2 * QUIET_ZONE_MODULES

    assert symbol.format == zxingcpp.BarcodeFormat.QRCode
    assert symbol.ec_level == "M"
    assert (modules - 17) // 4 == 8


def test_a_stained_symbol_still_reads():
    image = Image.open(BytesIO(qr_png(TEXT, scale=8))).convert("L")
    middle = image.width // 2
    ImageDraw.Draw(image).rectangle((middle, middle, middle + 64, middle + 64), fill=255)

    assert read(image).text == TEXT


def test_the_quiet_zone_is_four_modules_wide():
    image = Image.open(BytesIO(qr_png(TEXT, scale=8))).convert("L")
    dark = image.point(lambda level: 255 - level).getbbox()

    margin = QUIET_ZONE_MODULES * 8
    assert dark == (margin, margin, image.width - margin, image.height - margin)


def test_the_same_text_gives_the_same_bytes():
    assert qr_png(TEXT) == qr_png(TEXT)
    assert qr_svg(TEXT) == qr_svg(TEXT)


@pytest.mark.parametrize("make", [qr_png, qr_svg])
@pytest.mark.parametrize("text", ["", "码", "a" * (TEXT_MAX + 1)])
def test_texts_that_cannot_be_printed_are_refused(make, text):
    with pytest.raises(ValueError, match="no QR symbol for a text"):
        make(text)


@pytest.mark.parametrize("make", [qr_png, qr_svg])
@pytest.mark.parametrize("scale", [0, 41])
def test_sizes_that_cannot_be_printed_are_refused(make, scale):
    with pytest.raises(ValueError, match="pixels a module"):
        make(TEXT, scale=scale)
