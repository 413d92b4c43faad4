"""A printed document with smaller images: same dots, same places, and nothing touched that is not understood."""

import re
import zlib

import numpy as np
import pytest

from nqpkit.book.pdf_images import with_palettes


def document(dots: np.ndarray, space: bytes = b"/DeviceRGB") -> bytes:
    """A document as Chromium lays it out, with one image and one other object."""
    high, wide, _ = dots.shape
    packed = zlib.compress(dots.tobytes())
    image = (b"1 0 obj\n<</Type /XObject\n/Subtype /Image\n/Width %d\n/Height %d\n/ColorSpace %s\n/BitsPerComponent 8\n"
             b"/Filter /FlateDecode\n/Length %d>> stream\n%s\nendstream\nendobj\n"
             % (wide, high, space, len(packed), packed))
    other = b"2 0 obj\n<</Type /Catalog>>\nendobj\n"
    head = b"%PDF-1.4\n"
    places = [len(head), len(head) + len(image)]
    rows = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    body = head + image + other
    return body + b"xref\n0 3\n" + rows + b"trailer\n<</Size 3\n/Root 2 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


@pytest.fixture
def drawing():
    """Lines and a patch in a few colours on white, as in a chart."""
    dots = np.full((300, 400, 3), 255, dtype=np.uint8)
    dots[:, 40:360:9] = (34, 48, 60)
    dots[100:180, 120:300] = (180, 69, 15)
    rng = np.random.default_rng(3)
    where = rng.random((300, 400)) < 0.002
    dots[where] = rng.choice(np.array([[11, 111, 164], [77, 143, 58], [125, 91, 166]], dtype=np.uint8), where.sum())
    return dots


def shown(text: bytes) -> np.ndarray:
    """The dots of the palette image in a document, read as a viewer would."""
    words, _, rest = text.partition(b"stream\n")
    wide, high, size = (int(re.search(rb"/%s (\d+)" % name, words)[1]) for name in (b"Width", b"Height", b"Length"))
    colours = bytes.fromhex(re.search(rb"/Indexed .+ \d+ <(\w+)>\]", words)[1].decode())
    rows = np.frombuffer(zlib.decompress(rest[:size]), dtype=np.uint8).reshape(high, wide)
    return np.frombuffer(colours, dtype=np.uint8).reshape(-1, 3)[rows]


@pytest.mark.parametrize("space", [b"/DeviceRGB", b"[/ICCBased 9 0 R]"])
def test_every_dot_keeps_its_colour(drawing, space):
    before = document(drawing, space)
    after = with_palettes(before)
    assert len(after) < 0.8 * len(before) and b"/Indexed " + space in after
    assert (shown(after) == drawing).all()


def test_every_object_is_where_the_table_says(drawing):
    after = with_palettes(document(drawing))
    table = after.index(b"xref\n0 3\n")
    assert int(after.split(b"startxref\n")[1].split()[0]) == table
    places = [int(line[:10]) for line in after[table:].splitlines()[3:5]]
    assert [after[place:place + 7] for place in places] == [b"1 0 obj", b"2 0 obj"]


def test_what_is_not_understood_is_left_alone(drawing):
    text = document(drawing)
    for other in (b"", b"%PDF-1.7\n", text.replace(b"startxref\n", b"startxref\n9"), text + b"more"):
        assert with_palettes(other) == other
    photo = np.random.default_rng(1).integers(0, 256, (4, 4, 3), dtype=np.uint8)  # a palette would be larger
    assert with_palettes(document(photo)) == document(photo)
