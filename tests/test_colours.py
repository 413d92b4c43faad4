"""Colours: contrast as WCAG defines it, and on a dark page the same contrast and the same hue."""

import colorsys
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nqpkit import theme
from nqpkit.book.live_places import compare, map_through_time
from nqpkit.book.live_scores import playground, scenario_levers, weights_explorer
from nqpkit.book.tiles import ramp
from nqpkit.colours import contrast, hexed, in_the_dark, luminance, parsed

STYLE = (Path(__file__).parents[1] / "book" / "_static" / "nqp.css").read_text(encoding="utf-8")
GROUND = in_the_dark((1, 1, 1))
LETTERS = {"ink": theme.INK, "muted": theme.MUTED, **{f"group {n}": c for n, c in enumerate(theme.GROUP_COLOURS)}}
# What people without red or green cones see: Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "all cones": np.eye(3),
    "no green cones": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                       [-0.011820, 0.042940, 0.968881]],
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                     [-0.003882, -0.048116, 1.051998]]}
colours = st.tuples(*[st.floats(0, 1)] * 3)


@pytest.mark.parametrize(("grey", "ratio"), [("#767676", 4.54), ("#949494", 3.03), ("#000000", 21.0)])
def test_contrast_is_that_of_the_guidelines(grey, ratio):
    """The lightest greys that WCAG 2.1 lets pass on white, for text and for marks."""
    assert contrast(parsed(grey), (1, 1, 1)) == pytest.approx(ratio, abs=0.006)


@given(colours, colours)
def test_two_colours_keep_their_contrast_in_the_dark(one, other):
    dark = in_the_dark([one, other])
    floor = 1.05 * (luminance(GROUND) + 0.05) / 1.05 - 0.05  # what is darker becomes white
    held = np.maximum(luminance([one, other]), floor) + 0.05
    assert contrast(*dark) == pytest.approx(held.max() / held.min(), rel=2e-3)


@given(colours)
def test_the_darker_the_lighter(colour):
    lighter = np.clip(np.array(colour) + 0.05, 0, 1)
    before, after = luminance(in_the_dark([colour, lighter]))
    assert after <= before + 1e-3  # a screen shows less than half a step of that


@pytest.mark.parametrize("colour", theme.GROUP_COLOURS)
def test_red_stays_red_and_blue_stays_blue(colour):
    before, after = (colorsys.rgb_to_hsv(*rgb)[0] for rgb in (parsed(colour), in_the_dark(parsed(colour))))
    assert min(abs(before - after), 1 - abs(before - after)) < 0.06


@pytest.mark.parametrize("name", LETTERS)
def test_letters_can_be_read_light_and_dark(name):
    assert contrast(parsed(LETTERS[name]), (1, 1, 1)) >= 4.5
    shown = parsed(hexed(in_the_dark(parsed(LETTERS[name]))))
    assert contrast(shown, GROUND) >= 4.5


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("page", ["light", "dark"])
def test_the_colours_of_groups_differ_for_every_eye(page, sight):
    rgb = np.array([parsed(colour) for colour in LETTERS.values()])
    rgb = rgb if page == "light" else in_the_dark(rgb)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = oklab(np.clip(linear @ np.transpose(SIGHT[sight]), 0, 1))
    apart = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in combinations(range(len(seen)), 2)}
    assert min(apart.values()) > 0.05, min(apart, key=apart.get)


def test_ink_can_be_read_on_every_tile():
    for tile, ink, dark_tile, dark_ink in ramp():
        assert contrast(parsed(tile), parsed(ink)) >= 4.5
        assert contrast(parsed(dark_tile), parsed(dark_ink)) >= 4.5
    light = [luminance(parsed(colour)) for colour, *_ in ramp()]
    dark = [luminance(parsed(colour)) for *_, colour, _ in ramp()]
    assert light == sorted(light, reverse=True) and dark == sorted(dark), "what is high stands out from the page"


def test_the_stylesheet_has_the_dark_value_of_every_colour_of_live_figures(result):
    bodies = [make(result).exhibit().body
              for make in (weights_explorer, playground, scenario_levers, compare, map_through_time)]
    used = set(re.findall(r"var\(--nqp-([0-9a-f]{6})", "".join(bodies)))
    given_ = dict(re.findall(r"--nqp-([0-9a-f]{6}): (#[0-9a-f]{6});", STYLE))
    assert len(used) >= 8
    assert given_ == {colour: hexed(in_the_dark(parsed(f"#{colour}"))) for colour in used}
    for body in bodies:  # nothing is drawn in a colour that the page cannot change
        drawn = re.findall(r'(?:fill|stroke|stop-color)="([^"]+)"', body)
        assert {colour for colour in drawn if not colour.startswith("var(")} <= {"none", "transparent"}


def oklab(linear):
    """Lightness, a and b of linear sRGB colours, as Ottosson (2020) defines them."""
    cones = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                      [0.0883024619, 0.2817188376, 0.6299787005]])
    lab = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                    [0.0259040371, 0.7827717662, -0.8086757660]])
    return np.cbrt(linear @ cones.T) @ lab.T
