"""What eight years can decide: regressions with province and year effects, and the little variance they rest on."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nqpkit import theme
from nqpkit.analysis.panel import FixedEffects, two_way_fixed_effects
from nqpkit.chapters.dimension import of_paper
from nqpkit.chapters.guards import must_hold
from nqpkit.chapters.together.scores import quantities
from nqpkit.drawing import Figure, note
from nqpkit.evaluation import Evaluation
from nqpkit.wording import joined, number

SHUFFLES = 2000
DRAWS = np.random.SeedSequence(2024).generate_state(1)[0]
SHOWN = {  # of `regressions`; those that the paper's arrow cannot produce stand last
    "forward": "last year's NQP → HQED",
    "income": "the same, given income",
    "west": "the same, West only",
    "past": "the same, given\nlast year's HQED",
    "backward": "last year's HQED → NQP",
    "next": "next year's NQP → HQED",
}


@lru_cache(maxsize=4)
def regressions(result: Evaluation) -> dict[str, tuple[FixedEffects, str]]:
    """Seven regressions with province and year effects, and of each the variable to look at.

    Name → (regression, variable). Those of last year use the calendar year before; ``next`` sets next year's NQP
    against this year's HQED, which it cannot have moved.
    """
    panel = quantities(result)[["nqp", "hqed", "industry", "technology", "factors", "income"]]
    by = panel.groupby(level="code")
    panel = panel.assign(nqp_before=by["nqp"].shift(1), hqed_before=by["hqed"].shift(1), nqp_next=by["nqp"].shift(-1))
    groups = result.study.regions["group"].reindex(panel.index.get_level_values("code")).to_numpy()
    return {
        "forward": (two_way_fixed_effects(panel, "hqed", "nqp", lags=1), "nqp"),
        "income": (two_way_fixed_effects(panel, "hqed", ["nqp", "income"], lags=1), "nqp"),
        "backward": (two_way_fixed_effects(panel, "nqp", "hqed", lags=1), "hqed"),
        "next": (two_way_fixed_effects(panel, "hqed", "nqp_next"), "nqp_next"),
        "past": (two_way_fixed_effects(panel, "hqed", ["nqp_before", "hqed_before"]), "nqp_before"),
        "west": (two_way_fixed_effects(panel[groups == result.study.focus], "hqed", "nqp", lags=1), "nqp"),
        "three": (two_way_fixed_effects(panel, "hqed", ["industry", "technology", "factors"], lags=1), "technology"),
    }


def variance_parts(result: Evaluation) -> pd.DataFrame:
    """Where the variance of each score lies, in per cent: between provinces, in shared years, and in what is left."""
    rows = {}
    for name in [*result.systems.columns, *result.mechanisms]:
        scores = quantities(result)[name].unstack("year").dropna()
        grand = scores.to_numpy().mean()
        between, common = scores.mean(axis=1) - grand, scores.mean(axis=0) - grand
        left = scores.sub(scores.mean(axis=1), axis=0).sub(scores.mean(axis=0), axis=1) + grand
        squares = np.array(
            [(between**2).sum() * scores.shape[1], (common**2).sum() * scores.shape[0], (left.to_numpy() ** 2).sum()])
        rows[name] = squares / squares.sum() * 100
    return pd.DataFrame.from_dict(rows, orient="index", columns=["between provinces", "shared years", "left over"])


def shuffled(result: Evaluation, draws: int = SHUFFLES) -> tuple[float, np.ndarray]:
    """The coefficient of last year's NQP for HQED, and those when every province gets the history of another.

    Both are slopes after province and year means are taken out, as in `two_way_fixed_effects`.
    """
    wide = {name: result.systems[name].unstack("year").dropna() for name in result.systems.columns[:2]}
    first, second = list(wide)
    x, y = (_twice_centred(frame.to_numpy()) for frame in (wide[first].iloc[:, :-1], wide[second].iloc[:, 1:]))
    rng = np.random.default_rng(DRAWS)
    slopes = [(x[rng.permutation(len(x))] * y).sum() / (x**2).sum() for _ in range(draws)]
    return float((x * y).sum() / (x**2).sum()), np.array(slopes)


def directions(result: Evaluation) -> Figure:
    """Six of the regressions side by side: coefficient and interval, forwards, backwards, and from the future."""
    result = of_paper(result)
    found, years = regressions(result), result.study.years
    table = pd.DataFrame({words: found[name][0].table.loc[found[name][1]] for name, words in SHOWN.items()}).T
    rows, colours = range(len(table)), [theme.INK] * 4 + [theme.ACCENT] * 2
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.5))
        ax.hlines(rows, table["low"], table["high"], color=colours, lw=3, alpha=0.5)
        ax.scatter(table["coefficient"], rows, color=colours, s=50, zorder=3)
        ax.axvline(0, color=theme.MUTED, lw=1)
        ax.axhline(3.5, color=theme.MUTED, lw=0.9)
        ax.set_yticks(rows, table.index)
        ax.set(xlabel="change with one unit more, 95% interval", ylim=(len(table) - 0.5, -0.5))
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        drawing.tight_layout()
    plt.close(drawing)
    table.index = [words.replace("\n", " ") for words in table.index]
    intervals = "; ".join(f"{words}: {row['coefficient']:.2f}, interval {row['low']:.2f} to {row['high']:.2f}"
                          for words, row in table.iterrows()).replace("-", "−")
    alt = (f"Interval chart of six regression coefficients with province and year effects. {intervals}. Highest: "
           f"{table['coefficient'].idxmax()}; lowest: {table['coefficient'].idxmin()}.")
    caption = (f"Coefficients of six regressions with an effect for every province and every year, {years[0]}–"
               f"{years[-1]}; errors clustered by province. Above the line what the paper would expect, below it what "
               "its arrow cannot produce. Source: own computation on the study's official figures; weights equal.")
    return Figure(drawing, caption, alt, table, name="directions")


def carrying(result: Evaluation) -> Figure:
    """How little eight years carry: the parts of each score's variance."""
    result = of_paper(result)
    labels = {**{name: name.upper() for name in result.systems.columns},
              **result.framework.dimensions().loc[result.mechanisms, "label"].to_dict()}
    parts, years = variance_parts(result).rename(index=labels), result.study.years
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 2.9))
        start = pd.Series(0.0, index=parts.index)
        for column, colour in zip(parts, ("#b9c2ca", "#0b6fa4", theme.ACCENT), strict=True):
            ax.barh(range(len(parts)), parts[column], left=start, color=colour, height=0.62)
            start = start + parts[column]
        for row, value in enumerate(parts["left over"]):
            note(ax, f"{value:.1f}%", (100, row), 5, color=theme.ACCENT, fontweight="bold")
        for x, words, colour in ((0, "between provinces", "#66707a"), (51, "shared years", "#0b6fa4"),
                                 (90, "left over", theme.ACCENT)):
            ax.annotate(words, (x, -0.62), fontsize=8.5, color=colour, fontweight="bold", annotation_clip=False,
                        va="bottom")
        ax.set_yticks(range(len(parts)), [label.replace(" and ", "\nand ") for label in parts.index])
        ax.set(xlim=(0, 108), xlabel="share of variance, %", xticks=[0, 25, 50, 75, 100])
        ax.invert_yaxis()
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    left = parts["left over"]
    alt = (f"Stacked bars of the variance of {len(parts)} scores in per cent: between provinces, common to all in a "
           f"year, left over. Left over: {', '.join(f'{name} {value:.1f}' for name, value in left.items())}. Highest: "
           f"{left.idxmax()}; lowest: {left.idxmin()}. NQP lies to {parts.loc['NQP'].iloc[0]:.0f} per cent between "
           "provinces.")
    caption = (f"Where the variance of the scores lies, {years[0]}–{years[-1]}: between provinces, in years that all "
               "share, and left over. Only the last part speaks in the regressions. Source: own computation on the "
               "study's official figures.")
    return Figure(drawing, caption, alt, parts, name="carrying")


def by_chance(result: Evaluation) -> Figure:
    """The coefficient against those with shuffled histories: could it be luck?"""
    real, slopes = shuffled(of_paper(result))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 2.8))
        ax.hist(slopes, bins=40, color="#b9c2ca")
        ax.axvline(real, color=theme.ACCENT, lw=2.4)
        top = ax.get_ylim()[1]
        note(ax, f"as it is: {real:.2f}", (real, top * 0.9), -6, va="baseline", fontsize=10, color=theme.ACCENT,
             fontweight="bold")
        ax.annotate(f"{len(slopes):,} shuffles", (slopes.min(), top * 0.9), color="#66707a")
        ax.set(xlabel="coefficient of last year's NQP for HQED", yticks=[])
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    reached = int((np.abs(slopes) >= abs(real)).sum())
    alt = (f"Histogram of the coefficient in {len(slopes):,} shuffles in which provinces exchange their histories of "
           f"NQP: from {slopes.min():.2f} to {slopes.max():.2f}. The coefficient as it is, {real:.2f}, is reached in "
           f"{reached}.").replace("-", "−")
    caption = (f"The coefficient of last year's NQP for HQED (line), and {len(slopes):,} coefficients after the "
               "histories of NQP were dealt out to provinces at random. Source: own computation on the study's "
               "official figures.")
    return Figure(drawing, caption, alt, pd.DataFrame({"coefficient": slopes}), name="chance")


def year_facts(result: Evaluation) -> dict:
    """Coefficients and intervals of the regressions, and the parts of the variance."""
    parts, found = variance_parts(result), regressions(result)
    table = {name: fit.table.loc[variable] for name, (fit, variable) in found.items()}
    clear = {name: row["low"] > 0 for name, row in table.items()}
    real, slopes = shuffled(result)
    must_hold("The three coefficients lie above nought.", clear["forward"] and clear["backward"] and clear["next"],
              "the intervals of the panel regressions forward, backward and one year on")
    must_hold("The future fits as well as the past.",
              abs(table["next"]["coefficient"] - table["forward"]["coefficient"]) < 0.1,
              "the panel coefficients of last year's and of next year's NQP")
    must_hold("Given its own past, or in the West alone, the interval holds nought.",
              not clear["past"] and not clear["west"], "the intervals of the panel regressions past and west")
    must_hold("What all share in a year takes most of the rest.", (parts["shared years"] > parts["left over"]).all(),
              "the parts of the variance of NQP and HQED")
    must_hold("The line stands where the shuffles do not reach.", (np.abs(slopes) >= abs(real)).mean() < 0.005,
              "the coefficient beside those of shuffled panels")
    three = found["three"][0].table
    return {
        **{f"{name}_{part}": number(row[column]) for name, row in table.items()
           for part, column in (("b", "coefficient"), ("low", "low"), ("high", "high"))},
        "n": found["forward"][0].n,
        "left_nqp": f"{parts.loc['nqp', 'left over']:.1f}",
        "left_hqed": f"{parts.loc['hqed', 'left over']:.1f}",
        "between_nqp": f"{parts.loc['nqp', 'between provinces']:.0f}",
        "held": held(three.index[three["low"] > 0]),
    }


def held(names) -> str:
    """Which of the three mechanisms keep an interval above nought, as the end of a sentence.

    >>> held(["technology"]), held([])
    ('only technology keeps an interval above nought', 'none keeps an interval above nought')
    """
    if len(names) < 2:
        return f"{'only ' + names[0] if len(names) else 'none'} keeps an interval above nought"
    return f"{joined(names)} keep an interval above nought"


def _twice_centred(values):
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
