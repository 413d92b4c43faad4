"""The tile map as HTML: every region a link at its place, coloured by a value."""

from collections.abc import Mapping
from html import escape

import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.book.markup import readable_on
from nqpkit.drawing import tile_name
from nqpkit.study import Study

SHADES = 33


def ramp() -> list[tuple[str, str]]:
    """Colours from low to high, each with the ink that can be read on it.

    >>> len(ramp()), ramp()[-1][1]
    (33, '#ffffff')
    """
    colours = sns.color_palette(theme.SEQUENCE, as_cmap=True)
    shades = [colours(step / (SHADES - 1)) for step in range(SHADES)]
    return [("#" + "".join(f"{round(part * 255):02x}" for part in shade[:3]), readable_on(shade)) for shade in shades]


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
        colour, ink = shades[step] if known else ("#ffffff", "#000000")
        focus = " nqp-focus" if place["group"] == study.focus else ""
        tiles.append(
            f'<li style="grid-row:{int(spot["tile_row"]) + 1};grid-column:{int(spot["tile_col"]) + 1}">'
            f'<a class="nqp-tile{focus}" data-code="{escape(str(code))}" '
            f'href="{up}provinces/{escape(place["slug"])}.html" '
            f'aria-label="{escape(labels[code])}" style="background:{colour};color:{ink}">'
            f'<span aria-hidden="true">{escape(tile_name(place))}</span>'
            f'<small aria-hidden="true">{f"{value:.2f}".lstrip("0") if known else "–"}</small></a></li>')
    stops = ", ".join(colour for colour, _ in shades[::4])
    return (f'<ol class="nqp-tiles" style="--columns:{int(spots["tile_col"].max()) + 1}">{"".join(tiles)}</ol>'
            f'<p class="nqp-scale"><span>{low:.2f}</span><i aria-hidden="true" '
            f'style="background:linear-gradient(to right, {stops})"></i><span>{high:.2f}</span></p>')
