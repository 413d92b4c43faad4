"""Drawings as PNG with a palette: the same picture in fewer bytes, and a dark twin of the same dots."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from nqpkit import theme
from nqpkit.colours import contrast, in_the_dark
from nqpkit.drawing import Figure
from nqpkit.indexed_png import dark_twin, indexed_png

GROUND = (18, 18, 18)


def dots(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def opaque(rgb):
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


@pytest.fixture(scope="module")
def drawing():
    """Letters, lines, faint areas and a scale of colours: more than a palette holds."""
    with theme.applied():
        figure, ax = plt.subplots(figsize=(4, 3))
        ax.imshow(np.linspace(0, 1, 400).reshape(20, 20), cmap="crest", extent=(0, 1, 0, 1))
        ax.plot([0, 1], [0, 1], color=theme.ACCENT, lw=3)
        ax.fill_between([0, 1], [0, 0.5], color=theme.GROUP_COLOURS[3], alpha=0.3)
        ax.set(title="Coordination degree", xlabel="new quality productivity")
    plt.close(figure)
    return figure


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, (9, 11, 3), elements=st.integers(0, 255)), st.integers(72, 300))
def test_few_colours_stay_exactly_what_they_were(picture, density):
    png = indexed_png(opaque(picture), density)
    assert (dots(png) == picture).all()
    assert png == indexed_png(opaque(picture), density)


def test_a_drawing_looks_the_same_and_is_much_smaller(drawing):
    buffer = io.BytesIO()
    drawing.savefig(buffer, format="png", dpi=theme.DOTS_PER_INCH)
    plain, png = buffer.getvalue(), Figure(drawing, "", "", None).png()
    off = np.abs(dots(png) - dots(plain)).max(axis=2)
    assert len(np.unique(dots(plain).reshape(-1, 3), axis=0)) > 256
    assert off.max() <= 24 and (off > 8).mean() < 0.003 and (off == 0).mean() > 0.95
    assert len(png) < 0.6 * len(plain)


def test_the_twin_has_the_same_dots_and_the_colours_of_the_dark(drawing):
    png = Figure(drawing, "", "", None).png()
    twin = dark_twin(png)
    light, dark = (Image.open(io.BytesIO(one)) for one in (png, twin))
    assert light.tobytes() == dark.tobytes() and len(png) == len(twin)
    palette = np.array(light.getpalette()).reshape(-1, 3)
    assert np.abs(np.array(dark.getpalette()).reshape(-1, 3) - 255 * in_the_dark(palette / 255)).max() <= 0.5 + 1e-6
    assert tuple(dots(twin)[0, 0]) == GROUND
    letters = dots(twin)[np.all(dots(png) == [34, 48, 60], axis=2)]  # theme.INK
    assert len(letters) > 100 and contrast(letters[0] / 255, np.array(GROUND) / 255) > 12


def test_a_picture_without_a_palette_gets_a_twin_too():
    picture = np.full((5, 6, 3), 255, np.uint8)
    picture[2, 3] = 0
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    assert dots(dark_twin(buffer.getvalue()))[2, 3].tolist() == [255, 255, 255]
    seen_through = Image.new("RGBA", (2, 2), (0, 0, 0, 0))
    buffer = io.BytesIO()
    seen_through.save(buffer, "PNG")
    assert tuple(dots(dark_twin(buffer.getvalue()))[0, 0]) == GROUND
