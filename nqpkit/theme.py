"""How figures look: size, fonts, colours. Colour-blind safe, legible on a phone, light and dark.

Figures are drawn once, for a white page; what a colour becomes on a dark one says `colours.in_the_dark`.
"""

import warnings
from contextlib import contextmanager
from functools import cache

import matplotlib as mpl
import seaborn as sns
from matplotlib import font_manager

WIDTH = 5.0
DOTS_PER_INCH = 200
INK = "#22303c"
MUTED = "#6b7680"
GRID = "#e3e7eb"
ACCENT = "#b4450f"
GROUP_COLOURS = ["#b4450f", "#0b6fa4", "#1f6b4a", "#5f3a8a", "#5c4a12", "#4a5560"]
SEQUENCE = "crest"

SETTINGS = {
    "font.family": "DejaVu Sans", "font.size": 10, "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.labelsize": 9.5, "xtick.labelsize": 9, "ytick.labelsize": 9,
    "axes.edgecolor": MUTED, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False, "grid.color": GRID,
    "figure.facecolor": "white", "savefig.facecolor": "white", "figure.dpi": 100, "svg.hashsalt": "nqpkit",
}


# For names that DejaVu has no letters for; whichever of them is installed.
OTHER_SCRIPTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC",
                 "Hiragino Sans GB", "WenQuanYi Micro Hei", "Arial Unicode MS")


@contextmanager
def applied():
    """Draw with the kit's style, whatever the surrounding session has set."""
    with mpl.rc_context(), sns.axes_style("white"), quiet_glyphs():
        mpl.rcParams.update(SETTINGS | {"font.family": families()})
        yield


@contextmanager
def quiet_glyphs():
    """A letter that no installed font has becomes a box; that is seen, and needs no warning on the page."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from font")
        yield


@cache
def families() -> list[str]:
    """The font of all figures, and what stands in where it has no letter."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [SETTINGS["font.family"], *(name for name in OTHER_SCRIPTS if name in installed)]


def group_colours(groups, focus: str) -> dict[str, str]:
    """A colour for each group of regions; the focus group always gets the accent."""
    others = [group for group in groups if group != focus]
    return dict(zip([focus, *others], GROUP_COLOURS * (len(others) // len(GROUP_COLOURS) + 1), strict=False))
