"""Smaller images in a PDF that Chromium printed: 128 colours of a palette instead of three bytes a dot.

A drawing of lines and text has few colours, and Chromium stores every dot of it as red, green and blue. Nothing else
of the document changes, and no dot is lost.
"""

import re
import zlib
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

COLOURS = 128
OBJECT = re.compile(rb"(\d+) 0 obj\n")
PLAIN = re.compile(rb"/Type /XObject\n/Subtype /Image\n/Width (\d+)\n/Height (\d+)\n/ColorSpace (\[/ICCBased \d+ 0 R\]|"
                   rb"/DeviceRGB)\n/BitsPerComponent 8\n/Filter /FlateDecode\n/Length (\d+)\n?>> ?\r?\n?stream\r?\n")
TABLE = re.compile(rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] ?\r?\n)+)trailer\n(.*?)startxref\n(\d+)\n%%EOF\s*$",
                   re.DOTALL)


def with_palettes(document: bytes) -> bytes:
    """The same document with its opaque RGB images as palette images, and its table of places written anew.

    A document that is not laid out as Chromium lays it out (one plain cross-reference table at the end) comes back as
    it was.
    """
    table = TABLE.search(document)
    if table is None or int(table[4]) != table.start():
        return document
    lines = table[2].splitlines()
    places = {number: int(line[:10]) for number, line in enumerate(lines) if line[17:18] == b"n"}
    order = sorted(places, key=places.get)
    ends = [*(places[number] for number in order[1:]), table.start()]
    parts, found, length = [document[:places[order[0]]]], {}, places[order[0]]
    with ThreadPoolExecutor() as pool:
        objects = pool.map(_smaller, (document[places[number]:end] for number, end in zip(order, ends, strict=True)))
    for number, part in zip(order, objects, strict=True):
        found[number] = length
        parts.append(part)
        length += len(part)
    rows = b"".join(b"%010d 00000 n \n" % found[number] if number in found else line.rstrip() + b" \n"
                    for number, line in enumerate(lines))
    return b"".join([*parts, b"xref\n0 %d\n" % len(lines), rows, b"trailer\n", table[3],
                     b"startxref\n%d\n%%%%EOF\n" % length])


def _smaller(part: bytes) -> bytes:
    """An object of the document; if it is an image that a palette makes smaller, then with one."""
    head = PLAIN.search(part[:500])
    if not head or not OBJECT.match(part):
        return part
    wide, high, space, size = int(head[1]), int(head[2]), head[3], int(head[4])
    dots = zlib.decompress(part[head.end():head.end() + size])
    image = Image.frombytes("RGB", (wide, high), dots).quantize(COLOURS, dither=Image.Dither.NONE)
    colours = bytes(image.getpalette()[:3 * COLOURS])
    packed = zlib.compress(image.tobytes())
    if len(packed) + 2 * len(colours) >= size:
        return part
    words = (b"/Type /XObject\n/Subtype /Image\n/Width %d\n/Height %d\n/ColorSpace [/Indexed %s %d <%s>]\n"
             b"/BitsPerComponent 8\n/Filter /FlateDecode\n/Length %d>>\nstream\n"
             % (wide, high, space, len(colours) // 3 - 1, colours.hex().encode(), len(packed)))
    return part[:head.start()] + words + packed + part[head.end() + size:]
