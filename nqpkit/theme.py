"""How figures look: size, fonts, colours. Colour-blind safe, legible on a phone."""

from contextlib import contextmanager

import matplotlib as mpl
import seaborn as sns

WIDTH = 5.0
DOTS_PER_INCH = 200
INK = "#22303c"
MUTED = "#8a949e"
GRID = "#e3e7eb"
ACCENT = "#b4450f"
GROUP_COLOURS = ["#b4450f", "#0b6fa4", "#4d8f3a", "#7d5ba6", "#8a6d1f", "#4a5560"]
SEQUENCE = "crest"

SETTINGS = {
    "font.family": "DejaVu Sans", "font.size": 10, "axes.titlesize": 10.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.labelsize": 9.5, "xtick.labelsize": 9, "ytick.labelsize": 9,
    "axes.edgecolor": MUTED, "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False, "grid.color": GRID,
    "figure.facecolor": "white", "savefig.facecolor": "white", "figure.dpi": 100, "svg.hashsalt": "nqpkit",
}


@contextmanager
def applied():
    """Draw with the kit's style, whatever the surrounding session has set."""
    with mpl.rc_context(), sns.axes_style("white"):
        mpl.rcParams.update(SETTINGS)
        yield


def group_colours(groups, focus: str) -> dict[str, str]:
    """A colour for each group of regions; the focus group always gets the accent."""
    others = [group for group in groups if group != focus]
    return dict(zip([focus, *others], GROUP_COLOURS * (len(others) // len(GROUP_COLOURS) + 1), strict=False))
