"""Drawings as PNG files with a palette, and their twins for dark pages: the same dots with other colours.

A drawing has few colours. As numbers into a palette of 256 its file is less than half as large, and a twin in other
colours is made by exchanging the palette: nothing is drawn, read or packed a second time.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from nqpkit.colours import in_the_dark

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS, EXACT = 256, 192


def indexed_png(dots: np.ndarray, dots_per_inch: int) -> bytes:
    """A picture as PNG with a palette, the same bytes for the same picture.

    The 192 most frequent colours stay exact; others, at the edges of letters and lines, go to the nearest of the
    palette's if there are more than 256 in all.

    Parameters
    ----------
    dots : array of height × width × 4
        Red, green, blue and opacity, 0 to 255; everything is opaque.
    dots_per_inch : int

    Examples
    --------
    >>> png = indexed_png(np.full((2, 3, 4), 255, np.uint8), 200)
    >>> Image.open(io.BytesIO(png)).size
    (3, 2)
    """
    keys = np.ascontiguousarray(dots).view("<u4").reshape(-1) & 0xFFFFFF
    starts = np.flatnonzero(np.diff(keys, prepend=~keys[0]))  # of runs of one colour, which are long in a drawing
    found, run = np.unique(keys[starts], return_inverse=True)
    lengths = np.diff(starts, append=len(keys))
    colours = _split(found)
    if len(found) <= COLOURS:
        palette = colours
    else:
        order = np.argsort(-np.bincount(run, weights=lengths), kind="stable")
        palette = np.vstack([colours[order[:EXACT]], _in_few(colours[order[EXACT:]], COLOURS - EXACT)])
    places = np.repeat(_nearest(colours, palette)[run].astype(np.uint8), lengths).reshape(dots.shape[:2])
    image = Image.fromarray(places, "P")
    image.putpalette(palette.astype(np.uint8).tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", dpi=(dots_per_inch, dots_per_inch))
    return buffer.getvalue()


def dark_twin(png: bytes) -> bytes:
    """The same picture in the colours of a dark page: see `colours.in_the_dark`. A picture without a palette gets one.

    >>> dark = dark_twin(indexed_png(np.full((2, 3, 4), 255, np.uint8), 200))
    >>> Image.open(io.BytesIO(dark)).convert("RGB").getpixel((0, 0))
    (18, 18, 18)
    """
    parts = [*_chunks(png)]
    palette = next((content for kind, content in parts if kind == b"PLTE"), None)
    if palette is None:
        return dark_twin(indexed_png(_on_white(png), 72))
    colours = np.frombuffer(palette, np.uint8).reshape(-1, 3) / 255
    dark = np.round(in_the_dark(colours) * 255).astype(np.uint8).tobytes()
    return SIGNATURE + b"".join(_chunk(kind, dark if kind == b"PLTE" else content) for kind, content in parts)


def _on_white(png: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image))


def _split(keys: np.ndarray) -> np.ndarray:
    return np.column_stack([keys & 255, keys >> 8 & 255, keys >> 16]).astype(np.int32)


def _in_few(colours: np.ndarray, count: int) -> np.ndarray:
    """A few colours that stand for many."""
    row = Image.fromarray(colours[None].astype(np.uint8), "RGB").quantize(count, method=Image.Quantize.MAXCOVERAGE)
    return np.array(row.getpalette()[:3 * count], np.int32).reshape(-1, 3)


def _nearest(colours: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """The place in the palette of the colour nearest to each."""
    apart = (palette ** 2).sum(axis=1) - 2 * colours @ palette.T  # the square of a colour itself decides nothing
    return apart.argmin(axis=1)


def _chunks(png: bytes):
    """Kind and content of every part of a PNG file."""
    place = len(SIGNATURE)
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place:place + 8])
        yield kind, png[place + 8:place + 8 + length]
        place += length + 12


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", zlib.crc32(kind + content))
