"""The tile map as HTML: every region a link at its place, coloured by a value."""

from collections.abc import Mapping
from html import escape

import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.book.markup import readable_on
from nqpkit.colours import hexed, in_the_dark
from nqpkit.drawing import tile_name
from nqpkit.study import Study

SHADES = 33
TILE = ("--tile", "--on-tile", "--dark-tile", "--on-dark-tile")  # the stylesheet takes the first two or the last two
UNKNOWN = ("#ffffff", "#000000", hexed(in_the_dark((1, 1, 1))), "#ffffff")


def ramp() -> list[tuple[str, str, str, str]]:
    """Colours from low to high, each with the ink that can be read on it; then the same two for a dark page.

    On a white page the high end is the darkest, on a dark page the lightest: what is high always stands out.

    >>> len(ramp()), ramp()[0][1::2], ramp()[-1][1::2]
    (33, ('#000000', '#ffffff'), ('#ffffff', '#000000'))
    """
    colours = sns.color_palette(theme.SEQUENCE, as_cmap=True)
    shades = [colours(step / (SHADES - 1))[:3] for step in range(SHADES)]
    return [(hexed(shade), readable_on(shade), hexed(dark), readable_on(dark))
            for shade, dark in zip(shades, in_the_dark(shades), strict=True)]


def tile_list(study: Study, spots: pd.DataFrame, values: pd.Series, span: tuple[float, float],
              labels: Mapping[str, str], up: str) -> str:
    """Tiles and their scale of colours.

    Parameters
    ----------
    spots : DataFrame by code
        ``tile_row`` and ``tile_col``, from 0: see `drawing.tile_places`.
    values : Series by code
        What is coloured and written, with two decimals.
    span : pair
        The values of the lightest and of the darkest colour.
    labels : mapping of code to text
        What a tile says to those who point at it or hear it.
    up : str
        The way to the folder ``book/``.
    """
    low, high = span
    shades = ramp()
    tiles = []
    for code, spot in spots.sort_values(["tile_row", "tile_col"]).iterrows():
        place, value = study.regions.loc[code], values.get(code)
        known = pd.notna(value)
        step = round((value - low) / ((high - low) or 1) * (SHADES - 1)) if known else None
        style = ";".join(map(":".join, zip(TILE, shades[step] if known else UNKNOWN, strict=True)))
        focus = " nqp-focus" if place["group"] == study.focus else ""
        tiles.append(
            f'<li style="grid-row:{int(spot["tile_row"]) + 1};grid-column:{int(spot["tile_col"]) + 1}">'
            f'<a class="nqp-tile{focus}" data-code="{escape(str(code))}" '
            f'href="{up}provinces/{escape(place["slug"])}.html" '
            f'aria-label="{escape(labels[code])}" style="{style}">'
            f'<span aria-hidden="true">{escape(tile_name(place))}</span>'
            f'<small aria-hidden="true">{f"{value:.2f}".lstrip("0") if known else "–"}</small></a></li>')
    stops = [", ".join(colours) for colours in list(zip(*shades[::4], strict=True))[::2]]
    return (f'<ol class="nqp-tiles" style="--columns:{int(spots["tile_col"].max()) + 1}">{"".join(tiles)}</ol>'
            f'<p class="nqp-scale"><span>{low:.2f}</span><i aria-hidden="true" '
            f'style="--scale:linear-gradient(to right, {stops[0]});--dark-scale:linear-gradient(to right, {stops[1]})">'
            f"</i><span>{high:.2f}</span></p>")
