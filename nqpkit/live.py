"""Live figures: Vega-Lite specifications that a page redraws by itself, without a kernel and without a network."""

import html
import json
from dataclasses import dataclass

import altair as alt
import pandas as pd

from nqpkit import theme
from nqpkit.evaluation import FLOOR, Evaluation

FULL = 10
EQUAL = 5


@dataclass(frozen=True, eq=False)
class Live:
    """A figure that a reader moves, and what stands in its place where scripts do not run.

    Attributes
    ----------
    chart : altair chart
    caption, alt : str
        The alt text describes the figure as it is before anything is moved.
    values : DataFrame
        What is drawn then.
    """

    chart: alt.TopLevelMixin
    caption: str
    alt: str
    values: pd.DataFrame

    def svg(self, width: int = 620) -> str:
        """The figure at rest, as SVG text."""
        import vl_convert

        still = self.chart.properties(width=width).to_dict()
        return vl_convert.vegalite_to_svg(still)

    def html(self) -> str:
        """The figure for a page: the drawing at rest, which a script replaces by the live one."""
        spec = json.dumps(self.chart.to_dict(), ensure_ascii=False).replace("<", "\\u003c")
        still = self.svg().replace("<svg ", f'<svg role="img" aria-label="{html.escape(self.alt)}" ', 1)
        return (f'<div class="nqp-still">{still}</div><div class="nqp-view" hidden></div>'
                f'<button type="button" class="nqp-reset" hidden>Back to equal weights</button>'
                f'<script type="application/json">{spec}</script>'
                "<noscript><p>The sliders need JavaScript; this is the figure at equal weights.</p></noscript>")


def weights_explorer(result: Evaluation, year: int | None = None) -> Live:
    """Sliders for the weights of the first system's dimensions; scores and order of all regions follow.

    The browser computes what `scoring.aggregate` does: the weighted geometric mean of the dimension scores, floored
    at 0.01, exp(Σ wₖ ln max(dₖ, 0.01) / Σ wₖ).
    """
    study, year = result.study, result.year(year)
    system, parts = next(iter(result.framework.systems.items()))
    labels = [block["label"] for block in parts["dimensions"].values()]
    scores = result.dimensions.xs(year, level="year")[list(parts["dimensions"])].dropna()
    columns = [f"d{place}" for place in range(len(labels))]  # the study's own names stay out of expressions
    frame = scores.set_axis(columns, axis=1).assign(
        name=study.regions["name"], focus=study.regions["group"] == study.focus)
    sliders = [alt.param(name=f"w{place}", value=EQUAL, bind=alt.binding_range(min=0, max=FULL, step=1, name=label))
               for place, label in enumerate(labels)]
    logs = [f"log(max(datum.{column}, {FLOOR}))" for column in columns]
    total = " + ".join(slider.name for slider in sliders)
    weighted = " + ".join(f"{slider.name} * {log}" for slider, log in zip(sliders, logs, strict=True))
    chart = (
        alt.Chart(alt.InlineData(values=frame.to_dict("records")))
        .transform_calculate(
            score=f"{total} > 0 ? exp(({weighted}) / ({total})) : null",
            equal=f"exp(({' + '.join(logs)}) / {len(logs)})")
        .transform_window(rank="rank()", sort=[alt.SortField("score", order="descending")])
        .transform_window(rank_equal="rank()", sort=[alt.SortField("equal", order="descending")])
        .transform_calculate(
            moved="datum.rank == datum.rank_equal ? '' : (datum.rank < datum.rank_equal ? '  ▲' : '  ▼')"
                  " + abs(datum.rank - datum.rank_equal)")
        .transform_calculate(words="format(datum.score, '.3f') + datum.moved")
    )
    place = alt.Y("name:N", sort=alt.EncodingSortField("score", op="max", order="descending"), title=None,
                  axis=alt.Axis(ticks=False, domain=False, labelPadding=6))
    across = alt.X("score:Q", stack=None, scale=alt.Scale(domain=[0, 1.15]), title=f"{parts['label']} {year}, 0 to 1",
                   axis=alt.Axis(values=[0, 0.2, 0.4, 0.6, 0.8, 1], grid=True))
    tips = [alt.Tooltip("name:N", title="place"), alt.Tooltip("score:Q", format=".4f"), "rank:Q",
            alt.Tooltip("rank_equal:Q", title="rank at equal weights"),
            *(alt.Tooltip(f"{name}:Q", title=label, format=".3f") for name, label in zip(columns, labels, strict=True))]
    bars = chart.mark_bar(height={"band": 0.68}).encode(
        y=place, x=across, tooltip=tips,
        color=alt.condition(alt.datum.focus, alt.value(theme.ACCENT), alt.value("#aab3bb")))
    ticks = chart.mark_tick(color=theme.INK, thickness=2, height={"band": 0.9}).encode(
        y=place, x=alt.X("equal:Q"), tooltip=alt.Tooltip("equal:Q", title="at equal weights", format=".4f"))
    numbers = chart.mark_text(align="left", dx=6, color=theme.INK, fontSize=11).encode(
        y=place, x=alt.X("score:Q"), text="words:N")
    drawing = (bars + ticks + numbers).add_params(*sliders).properties(
        width="container", height=19 * len(frame), background="white",
        usermeta={"embedOptions": {"actions": False, "renderer": "svg"}},
    ).configure(font="sans-serif").configure_mark(invalid="show").configure_axis(
        labelFontSize=12, titleFontSize=12, labelColor=theme.INK, titleColor=theme.INK, gridColor=theme.GRID,
        labelLimit=200).configure_view(stroke=None)
    values = result.table(year).set_index("code").loc[scores.index, ["name", system, f"rank_{system}"]].sort_values(
        f"rank_{system}").join(scores)
    best, worst = values.iloc[0], values.iloc[-1]
    label, many = study.groups[study.focus]["label"], study.unit["many"]
    alt_text = (f"Bar chart of {parts['label'].lower()} in {year}, from 0 to 1, for {len(values)} {many}, highest "
                f"first, at equal weights: from {best['name']}, {best[system]:.2f}, to {worst['name']}, "
                f"{worst[system]:.2f}.")
    caption = (f"{parts['label']} of {len(values)} {many}, {year}, with weights of your own. {label} in red; the dark "
               f"tick is the score at equal weights, the arrow the change of rank against it. Only the proportion of "
               f"the weights counts. Source: own computation on the study's official figures.")
    return Live(drawing, caption, alt_text, values)
