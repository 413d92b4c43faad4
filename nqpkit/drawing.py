"""A figure with its words and numbers, and the marks that several figures share."""

import base64
import io
import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from nqpkit import theme
from nqpkit.colours import contrast, parsed
from nqpkit.indexed_png import indexed_png

TILES_IN_LINE = 6
SOURCE = "Source: own computation on the study's official figures."
PLACES = (  # of a name beside its dot, the best first: points to the right and up, and which end of the name is there
    (7, 0, "left", "center"), (-7, 0, "right", "center"), (5, 6, "left", "bottom"), (-5, 6, "right", "bottom"),
    (5, -6, "left", "top"), (-5, -6, "right", "top"), (0, 8, "center", "bottom"), (0, -8, "center", "top"),
    (14, 14, "left", "bottom"), (-14, 14, "right", "bottom"), (14, -14, "left", "top"), (-14, -14, "right", "top"),
    (24, 8, "left", "bottom"), (-24, 8, "right", "bottom"), (24, -8, "left", "top"), (-24, -8, "right", "top"),
)


@dataclass(frozen=True, eq=False)
class Figure:
    """A drawing with the words and the numbers that belong to it.

    In a notebook it shows itself as PNG; alt text and caption travel as output metadata.

    Attributes
    ----------
    drawing : matplotlib Figure
    caption, alt : str
        The caption ends with the source; the alt text names subject, unit, direction and extremes.
    values : DataFrame
        What is drawn.
    name : str
        By which the page it stands on refers to it: ``{fig}`NAME```. Small letters, digits and hyphens.
    """

    drawing: Drawing
    caption: str
    alt: str
    values: pd.DataFrame
    name: str = ""

    def png(self) -> bytes:
        """The drawing as PNG with a palette, the same bytes for the same drawing.

        The site makes its twin for dark pages from the palette alone: see `indexed_png.dark_twin`.
        """
        buffer = io.BytesIO()
        with theme.quiet_glyphs():
            self.drawing.savefig(buffer, format="rgba", dpi=theme.DOTS_PER_INCH)
        width = int(self.drawing.get_figwidth() * theme.DOTS_PER_INCH)
        return indexed_png(np.frombuffer(buffer.getvalue(), np.uint8).reshape(-1, width, 4), theme.DOTS_PER_INCH)

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": base64.b64encode(self.png()).decode("ascii"), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt, "caption": self.caption, "name": self.name,
                                     "csv": self.values.to_csv(lineterminator="\n")}}


def tile_places(regions: pd.DataFrame, order: pd.Series) -> tuple[pd.DataFrame, bool]:
    """Row and column of every region's tile: its place on the map or, where a study gives none, its place in a row.

    Parameters
    ----------
    regions : DataFrame indexed by code
        With ``tile_row`` and ``tile_col``, which may be missing.
    order : Series by code
        The value that orders the tiles of a study without a map, the highest first; six stand in a line.

    Returns
    -------
    places : DataFrame by code
        ``tile_row`` and ``tile_col``, from 0. Regions without a place on the map stand below it, apart by a row.
    mapped : bool
        Whether the tiles stand on a map.

    Examples
    --------
    >>> places, mapped = tile_places(pd.DataFrame(index=["a", "b"]), pd.Series({"a": 0.2, "b": 0.7}))
    >>> mapped, places.loc["b"].tolist()
    (False, [0, 0])
    """
    if {"tile_row", "tile_col"} <= set(regions):
        places = regions[["tile_row", "tile_col"]].dropna().astype(int)
        if len(places):
            places -= places.min()
            apart = _in_lines(regions.index.difference(places.index, sort=False), places["tile_col"].max() + 1)
            return pd.concat([places, apart.add([places["tile_row"].max() + 2, 0])]), True
    codes = order.reindex(regions.index).sort_values(ascending=False, kind="stable").index
    return _in_lines(codes, TILES_IN_LINE), False


def _in_lines(codes, width: int) -> pd.DataFrame:
    spots = [divmod(number, width) for number in range(len(codes))]
    return pd.DataFrame(spots, index=codes, columns=["tile_row", "tile_col"], dtype=int)


def tile_name(place) -> str:
    """The few letters on a region's tile: the end of its ISO code or, where a study has none, the start of its name.

    >>> tile_name({"iso": "CN-GS", "name": "Gansu"}), tile_name({"iso": "", "name": "Nordmark"})
    ('GS', 'Nord')
    """
    iso = place.get("iso")
    return iso.split("-")[-1] if isinstance(iso, str) and iso else place["name"][:4]


def tile_words(mapped: bool, by: str) -> str:
    """What the place of a tile means, to go on after "Tiles".

    >>> tile_words(False, "D")
    'stand in order of D'
    """
    return "keep the neighbourhood, not the area" if mapped else f"stand in order of {by}"


def label_ends(ax, x, ends: dict[str, tuple], gap: float = 0.075) -> None:
    """Write labels at the right end of lines, pushed apart so that none covers another.

    ``ends`` maps each label to the value at the end of its line, its colour and its font weight.
    """
    low, high = ax.get_ylim()
    order = sorted(ends.items(), key=lambda item: item[1][0])
    places = []
    for _, (value, _, _) in order:
        places.append(max(value, places[-1] + gap * (high - low)) if places else value)
    excess = max(places[-1] - high, 0)
    for (text, (_, colour, weight)), y in zip(order, places, strict=True):
        ax.annotate(text, (x, y - excess), xytext=(8, 0), textcoords="offset points", va="center", color=colour,
                    fontsize=9, fontweight=weight, annotation_clip=False)


def place_labels(ax, points: pd.DataFrame, labels: dict[str, str], strong: str | None = None,
                 colours: dict[str, str] | None = None) -> None:
    """Write names beside dots, each at the first place where it covers no other name, no dot and no edge.

    A name that does not stand level with its dot is tied to it by a hairline. The limits of the axes must be set.

    Parameters
    ----------
    points : DataFrame
        x and y of every dot in its two columns.
    labels : dict
        The names to write, by label of ``points``.
    strong : str, optional
        Written in bold and placed first.
    colours : dict, optional
        By label; dark unless given, and the accent for ``strong``.
    """
    colours = colours or {strong: theme.ACCENT}
    drawing = ax.figure
    drawing.tight_layout()
    drawing.canvas.draw()
    renderer, page = drawing.canvas.get_renderer(), drawing.bbox
    dots = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in ax.transData.transform(points.to_numpy(float))]
    taken = []
    for key in sorted(labels, key=lambda key: key != strong):
        text = ax.annotate(labels[key], tuple(points.loc[key]), (7, 0), textcoords="offset points", fontsize=8.5,
                           annotation_clip=False, fontweight="bold" if key == strong else "normal", zorder=5,
                           color=colours.get(key, theme.INK),
                           arrowprops={"arrowstyle": "-", "color": theme.MUTED, "lw": 0.7, "shrinkA": 0, "shrinkB": 2})
        text.set_in_layout(False)
        crowds = {}
        for place in PLACES:
            dx, dy, ha, va = place
            text.set(position=(dx, dy), ha=ha, va=va)
            text.update_positions(renderer)
            box = Text.get_window_extent(text, renderer)  # without the hairline
            outside = (box.x0 < ax.bbox.x0 or box.x1 > page.x1 - 2
                       or not ax.bbox.y0 < box.y0 < box.y1 < max(ax.bbox.y1, page.y1 - 2))
            crowds[place] = 2 * outside + sum(box.overlaps(other) for other in [*taken, *dots]), box
            if crowds[place][0] == 0:
                break
        (dx, dy, ha, va), (_, box) = min(crowds.items(), key=lambda item: item[1][0])
        text.set(position=(dx, dy), ha=ha, va=va)
        if dy == 0:
            text.arrowprops = text.arrow_patch = None
        taken.append(box)


def name_rows(ax, names: pd.Series, strong: str | None = None, at=None, **letters) -> None:
    """Write a name beside every row of a chart in place of an axis; the one whose label is ``strong`` in bold.

    The rows stand at 0, 1, 2 … unless ``at`` says where.
    """
    ax.set_yticks(range(len(names)) if at is None else at, names, **letters)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    for tick, key in zip(ax.get_yticklabels(), names.index, strict=True):
        tick.set_fontweight("bold" if key == strong else "normal")


def heat_map(ax, values: pd.DataFrame, shade, labels: pd.DataFrame, *, strong: pd.DataFrame | None = None,
             size: float = 9, at=None) -> None:
    """Draw a table as coloured cells, first row on top, with a label on each in the ink that stands out.

    Columns stand at 0, 1, 2 …, and so do rows unless ``at`` says where. Heads and names are the caller's.

    Parameters
    ----------
    values : DataFrame
    shade : function
        From a value to its colour; None leaves the cell out.
    labels : DataFrame of str
        What is written on the cells.
    strong : DataFrame of bool, optional
        Which labels are bold.
    size : float
        Of the letters.
    """
    at = list(range(len(values)) if at is None else at)
    for row, y in enumerate(at):
        for x, value in enumerate(values.iloc[row]):
            colour = shade(value)
            if colour is None:
                continue
            ax.add_patch(Rectangle((x - 0.47, y - 0.46), 0.94, 0.92, fc=colour, lw=0))
            ax.text(x, y, labels.iat[row, x], ha="center", va="center", fontsize=size, color=ink_on(colour),
                    fontweight="bold" if strong is not None and strong.iat[row, x] else "normal")
    ax.set(xlim=(-0.5, values.shape[1] - 0.5), ylim=(at[-1] + 0.5 if at else 0.5, -0.5))
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def note(ax, text: str, at, dx: float = 0, dy: float = 0, **style) -> None:
    """Write a text near a place: ``dx`` points right of it, or left if below 0, or else centred ``dy`` points above.

    ``at`` is (x, y); ``style`` is anything that matplotlib's texts know.
    """
    align = {"va": "center", "ha": "left" if dx > 0 else "right"} if dx else {"ha": "center"}
    ax.annotate(text, at, xytext=(dx, dy), textcoords="offset points", **{"fontsize": 9, **align, **style})


def explain_marks(ax, marks: dict[str, dict], at: tuple[float, float], **style) -> None:
    """Say in one line, centred at a place in parts of the axes, what each mark means.

    ``marks`` maps a label to the look of its mark, as `matplotlib.lines.Line2D` knows it.
    """
    handles = [Line2D([], [], ls="", label=label, **look) for label, look in marks.items()]
    ax.legend(handles=handles, **{"loc": "upper center", "bbox_to_anchor": at, "ncols": len(handles), "frameon": False,
                                  "fontsize": 9, "handletextpad": 0.1, "columnspacing": 1, **style})


def year_ticks(ax, years) -> None:
    """At most about five years on the axis, as whole numbers."""
    ax.set_xticks(list(years)[:: max(1, len(years) // 4)])


def wrap(text: str, width: int = 17) -> str:
    """Break a label into lines."""
    return "\n".join(textwrap.wrap(text, width))


def ink_on(colour) -> str:
    """Dark or white text, whichever stands out more on a background."""
    ground = to_rgb(colour)
    return theme.INK if contrast(ground, parsed(theme.INK)) > contrast(ground, (1, 1, 1)) else "white"
