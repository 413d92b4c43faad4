"""Every figure of a page can be read on a phone: nothing is cut off, no label covers another, no letter is too small.

A phone gives a figure its whole width (see book/_static/nqp.css): 390 pixels, for the 360 points of a drawing of the
usual width.
"""

import ast
from itertools import combinations
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from test_skeleton import CELL

from nqpkit import figures, theme
from nqpkit.drawing import Figure

BOOK = Path(__file__).parents[2] / "book"
PAGES = ("paper", "mechanisms/index", "mechanisms/industry", "mechanisms/technology", "mechanisms/factors",
         "mechanisms/together", "dilemmas/momentum", "dilemmas/capability", "dilemmas/talent", "dilemmas/one",
         "paths/clusters", "paths/innovation-system", "paths/talent", "paths/scenarios", "evaluation/region",
         "evaluation/data-traps", "evaluation/index-building", "evaluation/coupling", "evaluation/inequality",
         "evaluation/robustness", "provinces/compare")
REPORT = (figures.tile_map, figures.trend, figures.intervals, figures.coordination, figures.profile, figures.obstacles)
SMALLEST = 8.5  # points in a drawing of the usual width: nine pixels on the phone
SLACK = 4  # pixels of the picture: the box of a text is a little larger than its ink


def drawn(drawing):
    """Every text that a drawing shows, with its box; the hairline from a name to its dot does not count."""
    drawing.set_dpi(theme.DOTS_PER_INCH)
    FigureCanvasAgg(drawing).draw()
    texts = [*drawing.texts, *(text for legend in drawing.legends for text in legend.get_texts())]
    for ax in drawing.axes:
        texts += [*ax.texts, ax.title, ax._left_title, ax._right_title, ax.xaxis.label, ax.yaxis.label]
        texts += ax.get_legend().get_texts() if ax.get_legend() else []
        for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
            low, high = sorted(axis.get_view_interval())
            ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
            texts += [label for tick in ticks for label in (tick.label1, tick.label2)]
    return [(text, Text.get_window_extent(text)) for text in texts if text.get_visible() and text.get_text().strip()]


def blemishes(drawing):
    """What nobody can read on a phone, one sentence each."""
    shown, page = drawn(drawing), drawing.bbox
    scale = theme.WIDTH / drawing.get_figwidth()
    found = [f"'{text.get_text()}' is cut off" for text, box in shown
             if box.x0 < -SLACK or box.y0 < -SLACK or box.x1 > page.x1 + SLACK or box.y1 > page.y1 + SLACK]
    found += [f"'{text.get_text()}' has {text.get_fontsize() * scale:.1f} points" for text, _ in shown
              if text.get_fontsize() * scale < SMALLEST - 0.01]
    upright = [(text, box) for text, box in shown if text.get_rotation() % 90 == 0]
    for (one, box), (other, beside) in combinations(upright, 2):
        wide = min(box.x1, beside.x1) - max(box.x0, beside.x0)
        high = min(box.y1, beside.y1) - max(box.y0, beside.y0)
        if wide > SLACK and high > SLACK:
            found.append(f"'{one.get_text()}' covers '{other.get_text()}'")
    return found


def of_page(name):
    """The figures that the cells of a page show."""
    names, found = {}, []
    for cell in CELL.findall((BOOK / f"{name}.md").read_text(encoding="utf-8")):
        *steps, last = ast.parse(cell).body
        exec(compile(ast.Module(steps, []), name, "exec"), names)
        if isinstance(last, ast.Expr):
            last = ast.Assign([ast.Name("shown", ast.Store())], last.value, lineno=1)
            exec(compile(ast.fix_missing_locations(ast.Module([last], [])), name, "exec"), names)
            found += [names["shown"]] if isinstance(names["shown"], Figure) else []
        else:
            exec(compile(ast.Module([last], []), name, "exec"), names)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_the_figures_of_a_page_can_be_read_on_a_phone(name):
    shown = of_page(name)
    assert shown
    assert [(number, blemish) for number, figure in enumerate(shown, 1) for blemish in blemishes(figure.drawing)] == []


def test_every_page_with_figures_is_looked_at():
    cells = {path.relative_to(BOOK).with_suffix("").as_posix() for path in BOOK.rglob("*.md")
             if "code-cell" in path.read_text(encoding="utf-8")}
    assert cells - set(PAGES) <= {"classroom/tests", "classroom/start-hub", "reference/own-study"}


@pytest.mark.parametrize("region", ["gansu", "inner-mongolia", "beijing"])
def test_the_figures_of_a_province_can_be_read_on_a_phone(result, region):
    for make in REPORT:
        figure = make(result, region)
        assert (make.__name__, blemishes(figure.drawing)) == (make.__name__, [])
