"""Moves between classes that are relative to the year's mean, so that a rise of all moves nobody; with intervals."""

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats

from nqpkit.analysis.transitions import MarkovChain, markov
from nqpkit.chapters.inequality import grade_chain, markov_words
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.wording import Prose, counted, raised, safe

CUTS = (0.8, 1.2)
CLASSES = ("low", "middle", "high")


def interval(count: int, cases: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, if every case were independent of the others.

    Examples
    --------
    >>> [round(end, 2) for end in interval(3, 10)]
    [0.11, 0.6]
    """
    found = stats.binomtest(int(count), int(cases)).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


@lru_cache(maxsize=8)
def relative_classes(result: Evaluation) -> pd.DataFrame:
    """Low, middle or high by region and year: below 80 %, up to 120 %, and above 120 % of the year's mean score."""
    scores = result.systems.iloc[:, 0].unstack("year").dropna()
    ratio = scores / scores.mean()
    kind = pd.CategoricalDtype(CLASSES, ordered=True)
    return ratio.apply(lambda year: pd.Series(np.array(CLASSES)[np.digitize(year, CUTS)], year.index).astype(kind))


@lru_cache(maxsize=8)
def relative_chain(result: Evaluation) -> MarkovChain:
    """Moves between the relative classes from one year to the next."""
    return markov(relative_classes(result))


def relative_moves(result: Evaluation) -> Table:
    """For every relative class: how many cases, and the shares that stay, rise and fall, with their intervals."""
    counts = relative_chain(result).counts
    rows = {}
    for place, before in enumerate(counts.index):
        row = counts.loc[before]
        cases = int(row.sum())
        if cases:
            parts = {"fall": row.iloc[:place].sum(), "stay": row.iloc[place], "rise": row.iloc[place + 1:].sum()}
            rows[before] = {"cases": cases} | {name: _with_interval(number, cases) for name, number in parts.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")
    low, high = (f"{cut:.0%}" for cut in CUTS)
    return Table(table, f"One step of a year, {result.study.years[0]}–{result.study.years[-1]}, between classes of "
                        f"{result.study.said(_label(result))}: low is below {low} of the year's mean, high above "
                        f"{high}. In brackets 95 % intervals, as if all cases were independent. {SOURCE}")


def moves_words(result: Evaluation) -> Prose:
    """The moves between grades with an interval, those between relative classes, and where such steps would lead."""
    classes, counts = relative_classes(result), relative_chain(result).counts
    order = list(counts.index)
    step = np.diff(classes.apply(lambda column: column.cat.codes).to_numpy(), axis=1)
    first, last = (classes[year].value_counts().reindex(order, fill_value=0) for year in classes.columns[[0, -1]])
    said = ", ".join(f"{name} {first[name]} and {last[name]}" for name in order)
    text = (f"{grade_words(result)}\n\nRelative to the mean of the year, {(step > 0).sum()} of {step.size} steps "
            f"lead up and {(step < 0).sum()} down. In {classes.columns[0]} and {classes.columns[-1]} the classes "
            f"held: {said}.")
    changed = (step != 0).any(axis=1).sum()
    many = safe(result.study.unit["many"])
    text += f" {raised(counted(int(changed)))} of {len(classes)} {many} changed class at all."
    try:
        steady = relative_chain(result).steady_state
    except InputError:
        return Prose(text + " The chain falls into parts that never meet, so it leads to no one distribution.")
    least = counts.sum(axis=1)[(counts.sum(axis=1) - np.diag(counts)) > 0].idxmin()
    return Prose(text + f" If steps like these went on for ever, {steady['middle']:.0%} would end up in the middle. "
                        f"That number hangs on few moves: class “{least}” was left "
                        f"{int(counts.loc[least].sum() - counts.loc[least, least])} times in "
                        f"{int(counts.loc[least].sum())} cases.")


def grade_words(result: Evaluation) -> Prose:
    """The matrix of grades in words, and the fullest of its rows with an interval."""
    counts = grade_chain(result).counts
    full = counts.sum(axis=1).idxmax()
    stay, cases = int(counts.loc[full, full]), int(counts.loc[full].sum())
    low, high = interval(stay, cases)
    return Prose(f"{markov_words(result)} The fullest row, “{full}”, has {cases}: {stay / cases:.0%} stayed, with an "
                 f"interval from {low:.0%} to {high:.0%}.")


def _with_interval(count, cases):
    low, high = interval(count, cases)
    return f"{count / cases:.0%} ({low:.0%} to {high:.0%})"


def _label(result):
    return next(iter(result.framework.systems.values()))["label"]
