"""Catching up put to the test: the line read both ways, worlds in which nothing converges, and what could be seen."""

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats

from nqpkit.analysis.convergence import beta_convergence
from nqpkit.chapters.money import GDP, PEOPLE, has, panel_of
from nqpkit.chapters.table import Table
from nqpkit.evaluation import Evaluation
from nqpkit.wording import Prose, number, raised, safe

SOURCE = "Source: own computation on the study's official figures; simulated worlds."
WORLDS, LUCK, SPEED = 500, 0.1, 0.02
COLUMNS = ("slope on the start", "slope on the end", "spread, last over first", "slope within")
WOBBLE, DRIFT = "made up: places wobble", "made up: places drift"
HEAD = "GDP per head"


def slopes(levels) -> np.ndarray:
    """Four readings of one panel of logarithms, regions × years, or of many such panels.

    Parameters
    ----------
    levels : array (…, regions, years)

    Returns
    -------
    array (…, 4)
        Slope of yearly growth on the first year's level; the same on the last year's level; standard deviation of the
        last year over that of the first; slope of yearly changes on the level of the year before, with region and year
        effects.

    Examples
    --------
    >>> slopes(np.log([[1, 1.5, 2], [4, 5, 6]])).round(3).tolist()
    [-0.104, -0.131, 0.792, -0.422]
    """
    levels = np.asarray(levels, dtype=float)
    first, last, change = levels[..., 0], levels[..., -1], np.diff(levels)
    growth = (last - first) / change.shape[-1]
    before, change = (_demeaned(x, -1, -2) for x in (levels[..., :-1], change))
    within = (before * change).sum((-1, -2)) / (before**2).sum((-1, -2))
    return np.stack([_slope(first, growth), _slope(last, growth), last.std(-1) / first.std(-1), within], axis=-1)


def trial(result: Evaluation) -> Table:
    """The four readings for the first score, for GDP per head, and for two kinds of worlds without any convergence."""
    table = trial_table(result)
    shown, low, high = (table[side].map(lambda x: number(x, ".3f")) for side in ("middle", "low", "high"))
    ranges = low + " to " + high
    shown = shown.where(table["low"].isna(), ranges).unstack("reading")[list(COLUMNS)]
    shown = shown.loc[table.index.get_level_values(0).unique()].rename_axis(columns=None)
    return Table(shown, f"Four readings of the same question, {result.study.years[0]}–{result.study.years[-1]}. For "
                        f"the made-up worlds the middle nine tenths of {WORLDS} draws. {SOURCE}")


@lru_cache(maxsize=8)
def trial_table(result: Evaluation) -> pd.DataFrame:
    """The readings by (what, reading): ``middle``, and for made-up worlds ``low`` and ``high`` (5 and 95 %)."""
    rows = {}
    for name, panel in _panels(result).items():
        for reading, slope in zip(COLUMNS, slopes(np.log(panel)), strict=True):
            rows[name, reading] = (slope, np.nan, np.nan)
    for name, draws in worlds(result).items():
        for reading, numbers in zip(COLUMNS, draws.T, strict=True):
            rows[name, reading] = tuple(np.quantile(numbers, [0.5, 0.05, 0.95]))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["middle", "low", "high"])
    return table.set_axis(pd.MultiIndex.from_tuples(table.index, names=["what", "reading"]))


@lru_cache(maxsize=8)
def worlds(result: Evaluation, draws: int = WORLDS, seed: int = 0) -> dict[str, np.ndarray]:
    """The four readings in worlds of the study's size in which nothing converges.

    In the first kind every region keeps its place for ever, and a tenth of the spread seen in any year is passing luck.
    In the second every region wanders: each year adds a step of its own, as large as those of the first score, and no
    place pulls it back.

    Returns
    -------
    dict of arrays, draws × 4
    """
    rng, levels = np.random.default_rng(seed), np.log(next(iter(_panels(result).values())))
    regions, years = levels.shape
    steps = _demeaned(np.diff(levels.to_numpy()), -1, -2).std() / levels.iloc[:, 0].std()
    place = rng.normal(size=(draws, regions, 1))
    wobble = np.sqrt(1 - LUCK) * place + np.sqrt(LUCK) * rng.normal(size=(draws, regions, years))
    walk = np.cumsum(rng.normal(scale=steps, size=(draws, regions, years - 1)), axis=-1)
    return {WOBBLE: slopes(wobble), DRIFT: slopes(np.concatenate([place, place + walk], axis=-1))}


def trial_words(result: Evaluation) -> Prose:
    """What the two kinds of made-up worlds show, and what is left of the two real lines beside them."""
    table, made = trial_table(result), worlds(result)
    falling = [(made[name][:, 0] < 0).mean() for name in (WOBBLE, DRIFT)]
    text = (f"In the worlds that only wobble the line on the start falls in {falling[0]:.0%} of the draws, and "
            "nothing converges there. Read from the end, the same worlds give a line that rises in "
            f"{(made[WOBBLE][:, 1] > 0).mean():.0%} of the draws. In the worlds that drift the line on the start "
            f"falls in {falling[1]:.0%} of the draws, as a coin would. But the slope within lies below zero in "
            f"{(made[DRIFT][:, 3] < 0).mean():.0%}: a short panel with region effects sees catching up in pure "
            "wandering.\n")
    drift = table.loc[DRIFT]
    for name in _panels(result):
        found = table.loc[name, "middle"]
        start, end, ratio, within = found[list(COLUMNS)]
        steeper = found < drift["low"]
        text += (f"\n- **{safe(raised(name))}.** The line on the start has a slope of {number(start, '.3f')}, on the "
                 f"end of {number(end, '.3f')}; {_read(steeper[COLUMNS[0]], steeper[COLUMNS[1]])}. The spread of the "
                 f"logarithms went to {ratio:.2f} of what it was, "
                 f"{'less than' if steeper[COLUMNS[2]] else 'no less than'} drift alone gives. The slope within is "
                 f"{number(within)}, {'steeper than' if steeper[COLUMNS[3]] else 'no steeper than'} the slopes of "
                 "drift.")
    return Prose(text + "\n")


def _read(start, end):
    """What two lines say, given whether each is steeper than nine tenths and more of the lines of drift."""
    if start and end:
        return "both are steeper than drift makes them, as where a spread really shrinks"
    if start:
        return "only the first is steeper than drift makes it, as where places wobble"
    return "drift alone makes lines as steep"


def power_words(result: Evaluation) -> Prose:
    """What slope a regression of this size could have seen, and how often it would see the textbook pace."""
    said, half = [], SPEED / 2
    for name, panel in _panels(result).items():
        found = beta_convergence(panel)
        error, free = found.table.loc["start", "std_error"], found.n - 2
        full, slow = (_power((1 - np.exp(-pace * found.years)) / found.years / error, free) for pace in (SPEED, half))
        said.append(f"for {safe(name)} it would notice a gap that closes by {SPEED:.0%} a year in {full:.0%} of "
                    f"samples, and one that closes by {half:.0%} in {slow:.0%}")
    years = result.study.years
    return Prose(f"How much could {result.systems.index.get_level_values(0).nunique()} "
                 f"{safe(result.study.unit['many'])} over {years[-1] - years[0]} years have shown? With errors as "
                 f"large as those around the fitted line, {'; '.join(said)}.")


def _panels(result) -> dict[str, pd.DataFrame]:
    """The first score and, where there is money, GDP per head: name → regions × scored years, above zero."""
    first, parts = result.systems.iloc[:, 0].unstack("year").dropna(), next(iter(result.framework.systems.values()))
    found = {result.study.said(parts["label"]): first}
    if has(result, GDP, PEOPLE):
        panel = panel_of(result.study)
        found[HEAD] = (panel[GDP] / panel[PEOPLE]).unstack("year")[result.study.years].dropna()
    return found


def _demeaned(x, *axes):
    for axis in axes:
        x = x - x.mean(axis, keepdims=True)
    return x


def _slope(x, y):
    x = x - x.mean(-1, keepdims=True)
    return (x * y).sum(-1) / (x**2).sum(-1)


def _power(ratio, free):
    """How often a t test at 5 % rejects zero, if the coefficient is so many standard errors away from it."""
    bound = stats.t.ppf(0.975, free)
    return stats.nct.sf(bound, free, ratio) + stats.nct.cdf(-bound, free, ratio)
