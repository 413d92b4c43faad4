"""What live figures are made of: drawings that the page redraws by itself, without a kernel and without a network.

A live figure is HTML: controls, a sentence that says the result, one or more drawings, and a table with the same
numbers. Vega-Lite draws; the arithmetic stands in ``book/_static/live.js`` and is tested against this package in a
browser. Without JavaScript the drawings, the sentence and the table show the state of rest, and controls stay hidden.
Text from a study is escaped wherever it enters HTML, and never enters an expression.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import altair as alt

from nqpkit import theme
from nqpkit.book.markup import Exhibit

STILL_WIDTH = 620
FRAME = {"background": "transparent", "autosize": {"type": "fit-x", "contains": "padding"},
         "usermeta": {"embedOptions": {"actions": False, "renderer": "svg"}}}


def on_page(colour: str) -> str:
    """A colour for a drawing that is part of a page: in the dark the stylesheet gives it another value, at once.

    >>> on_page("#22303c")
    'var(--nqp-22303c, #22303c)'
    """
    return f"var(--nqp-{colour[1:]}, {colour})"


INK, MUTED, ACCENT, GRID, WHITE = map(on_page, (theme.INK, theme.MUTED, theme.ACCENT, theme.GRID, "#ffffff"))
PALETTE = tuple(on_page(colour) for colour in theme.GROUP_COLOURS[:4])
SHAPES = ("circle", "square", "triangle-up", "diamond")


@dataclass(frozen=True, eq=False)
class View:
    """One drawing of a live figure.

    Attributes
    ----------
    chart : altair chart
        Its data are named; ``rows`` holds what they are at rest.
    rows : mapping of name to list of records
    alt : str
        Describes the drawing as it is at rest.
    what : str
        Describes it in a few words that stay true when it moves.
    legend : str
        HTML from `legend`: what the marks mean.
    """

    chart: alt.TopLevelMixin
    rows: Mapping[str, list[dict]]
    alt: str
    what: str
    legend: str = ""

    def spec(self) -> dict:
        """The Vega-Lite specification with its data at rest."""
        return self.chart.to_dict() | FRAME | {"datasets": plain(self.rows)}

    def svg(self, width: int = STILL_WIDTH) -> str:
        """The drawing at rest, as SVG text with its description."""
        import vl_convert

        still = vl_convert.vegalite_to_svg(self.spec() | {"width": width, "autosize": "pad"})
        return still.replace("<svg ", f'<svg role="img" aria-label="{escape(self.alt)}" ', 1)


@dataclass(frozen=True, eq=False)
class Live:
    """A figure that a reader moves, and what stands in its place where scripts do not run.

    Attributes
    ----------
    kind : str
        The function in ``live.js`` that moves it; also its name on the page.
    controls : str
        HTML from `slider`, `choice` and `tick`.
    says : str
        The result at rest, as text.
    views : mapping of name to `View`
    table : str
        HTML of the table behind the figure.
    data : mapping
        What the script computes with.
    caption : str
    extra : str
        HTML that stands below the drawings.
    """

    kind: str
    controls: str
    says: str
    views: Mapping[str, View]
    table: str
    data: Mapping
    caption: str
    extra: str = ""
    body: str = field(default="")

    def exhibit(self) -> Exhibit:
        """The figure for a page."""
        drawings = "".join(
            f'<div class="nqp-view" data-view="{escape(name)}" data-what="{escape(view.what)}">'
            f'{view.legend}<div class="nqp-still">{view.svg()}</div>{embedded(view.spec(), "nqp-spec")}</div>'
            for name, view in self.views.items())
        body = (f'<div class="nqp-move" data-live="{escape(self.kind)}">'
                f'<form class="nqp-controls" hidden>{self.controls}'
                '<button type="reset" class="nqp-reset">Back to the start</button></form>'
                f'<p class="nqp-says" role="status">{escape(self.says)}</p>'
                f'<div class="nqp-views">{self.body}{drawings}</div>{self.extra}'
                '<noscript><p class="nqp-noscript">The controls need JavaScript. Without it you see the figure at rest.'
                "</p></noscript>"
                f'<details class="nqp-behind"><summary>The figure as a table</summary>{self.table}</details>'
                f'{embedded(self.data, "nqp-data")}</div>')
        return Exhibit(body, self.caption, self.kind, ("nqp-live",), live=True)


def slider(figure: str, name: str, label: str, value: float, low: float = 0, high: float = 1, step: float = 0.01,
           digits: int = 2, unit: str = "") -> str:
    """A slider with its label and its value, as HTML."""
    key = escape(f"{figure}-{name}")
    return (f'<div class="nqp-slider"><label for="{key}">{escape(label)}</label>'
            f'<output for="{key}">{value:.{digits}f}{escape(unit)}</output>'
            f'<input type="range" id="{key}" name="{escape(name)}" min="{low}" max="{high}" step="{step}" '
            f'value="{value}" data-digits="{digits}" data-unit="{escape(unit)}"></div>')


def choice(figure: str, name: str, label: str, options: Iterable[tuple[str, str] | tuple[str, list]],
           chosen: str = "") -> str:
    """A list to choose from, as HTML; an option is (value, words), a group of options (words, list of options)."""
    key = escape(f"{figure}-{name}")

    def option(value, words):
        if isinstance(words, list):
            return f'<optgroup label="{escape(value)}">{"".join(option(*one) for one in words)}</optgroup>'
        mark = " selected" if value == chosen else ""
        return f'<option value="{escape(value)}"{mark}>{escape(words)}</option>'

    return (f'<div class="nqp-choice"><label for="{key}">{escape(label)}</label><select id="{key}" '
            f'name="{escape(name)}">{"".join(option(*one) for one in options)}</select></div>')


def tick(figure: str, name: str, label: str) -> str:
    """A box to tick, as HTML."""
    key = escape(f"{figure}-{name}")
    return (f'<div class="nqp-tick"><input type="checkbox" id="{key}" name="{escape(name)}">'
            f'<label for="{key}">{escape(label)}</label></div>')


MARKS = {
    "bar": '<rect y="3" width="20" height="8" fill="{colour}"/>',
    "band": '<rect y="1" width="20" height="12" fill="{colour}" fill-opacity="0.22"/>',
    "dot": '<circle cx="10" cy="7" r="4.5" fill="{colour}"/>',
    "ring": '<circle cx="10" cy="7" r="4" fill="none" stroke="{colour}" stroke-width="1.8"/>',
    "tick": '<rect x="9" width="2" height="14" fill="{colour}"/>',
    "diamond": '<path d="M10 0L16 7L10 14L4 7Z" fill="{colour}"/>',
    "cloud": "".join(f'<circle cx="{x}" cy="{y}" r="1.4" fill="{{colour}}"/>' for x, y in ((3, 9), (9, 4), (16, 8))),
}


def legend(*entries: tuple[str, str, str]) -> str:
    """What the marks of a drawing mean, as HTML: for each the name of its shape in `MARKS`, its colour and words.

    >>> legend(("dot", "#000000", "after"))[:21], legend(("dot", "#000000", "after")).count("<li>")
    ('<ul class="nqp-key"><', 1)
    """
    return '<ul class="nqp-key">' + "".join(
        f'<li><svg viewBox="0 0 20 14" aria-hidden="true">{MARKS[shape].format(colour=escape(colour))}</svg>'
        f"{escape(words)}</li>" for shape, colour, words in entries) + "</ul>"


def group(words: str, *parts: str) -> str:
    """Controls that belong together, as HTML."""
    return f"<fieldset><legend>{escape(words)}</legend>{''.join(parts)}</fieldset>"


def embedded(data: Mapping, kind: str) -> str:
    """Data in a page, where a script finds them and nothing in them can end the element."""
    text = json.dumps(plain(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    safe = text.replace("<", r"\u003c")
    return f'<script type="application/json" class="{kind}">{safe}</script>'


def plain(data):
    """Data as JSON knows them: missing numbers become null, numpy's numbers become Python's.

    >>> plain({"a": [1.5, float("nan")]})
    {'a': [1.5, None]}
    """
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, str) or data is None or isinstance(data, bool):
        return data
    if isinstance(data, Sequence):
        return [plain(value) for value in data]
    data = data.item() if hasattr(data, "item") else data
    return None if isinstance(data, float) and not math.isfinite(data) else data


def styled(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    """A chart in the kit's style, as wide as its place."""
    return chart.configure(font="sans-serif").configure_axis(
        labelFontSize=12, titleFontSize=12, labelColor=INK, titleColor=INK, gridColor=GRID,
        domainColor=MUTED, tickColor=MUTED, titleFontWeight="normal", labelLimit=230).configure_legend(
        labelFontSize=12, titleFontSize=12, labelColor=INK, titleColor=INK).configure_view(stroke=None)
