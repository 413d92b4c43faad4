"""Neighbours put to the test: shuffled maps, one border less, another meaning of the word, and income taken out."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nqpkit import theme
from nqpkit.analysis.association import residuals
from nqpkit.analysis.neighbours import neighbour_weights
from nqpkit.chapters.inequality import NO_MAP, bordering, moran_words
from nqpkit.chapters.money import GDP, PEOPLE, has, panel_of
from nqpkit.drawing import SOURCE, Figure
from nqpkit.evaluation import Evaluation
from nqpkit.wording import Prose, number, safe

SHUFFLES = 999


def likeness(z, weights) -> np.ndarray:
    """Moran's I for rows of w that sum to 1, of one set of values or of many.

    Parameters
    ----------
    z : array (…, regions)
    weights : array regions × regions

    Examples
    --------
    >>> chain = np.array([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]])
    >>> likeness(np.array([4.0, 3, 1, 0]), chain).round(3).item()
    0.5
    """
    z = np.asarray(z, dtype=float)
    z = z - z.mean(-1, keepdims=True)
    return (z * (z @ np.asarray(weights).T)).sum(-1) / (z**2).sum(-1)


@lru_cache(maxsize=8)
def shuffled(result: Evaluation, draws: int = SHUFFLES, seed: int = 0) -> np.ndarray:
    """Moran's I of maps on which the same scores are dealt out at random."""
    score, weights, _ = _map(result)
    rng = np.random.default_rng(seed)
    return likeness(rng.permuted(np.tile(score.to_numpy(), (draws, 1)), axis=1), weights)


def shuffle_figure(result: Evaluation) -> Figure | Prose:
    """Moran's I of the real map beside those of shuffled maps."""
    if not len(result.study.neighbours):
        return NO_MAP
    score, weights, _ = _map(result)
    real, made, study = float(likeness(score, weights)), shuffled(result), result.study
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 2.7))
        ax.hist(made, bins=30, color=theme.MUTED, alpha=0.75)
        top = 1.3 * ax.get_ylim()[1]
        ax.set_ylim(0, top)
        ax.axvline(real, color=theme.ACCENT, lw=2.6)
        right = real > made.mean()
        ax.annotate(f"as it is\n{real:.2f}", (real, 0.98 * top), xytext=(-6 if right else 6, 0), va="top",
                    textcoords="offset points", ha="right" if right else "left", color=theme.ACCENT, fontweight="bold",
                    fontsize=9)
        ax.annotate("shuffled maps", (np.quantile(made, 0.2), 0.98 * top), ha="center", va="top", color=theme.INK,
                    fontsize=9)
        ax.set(xlabel="Moran's I", ylabel="number of maps", title="The same scores, dealt out at random")
        drawing.tight_layout()
    plt.close(drawing)
    low, high = np.quantile(made, [0.025, 0.975])
    alt = (f"Histogram of Moran's I of {len(made)} shuffled maps of {len(score)} {study.unit['many']}: mean "
           f"{number(made.mean())}, the middle 95 per cent from {number(low)} to {number(high)}, highest "
           f"{made.max():.2f}. The real map, {real:.2f}, lies {'inside' if low <= real <= high else 'outside'}.")
    caption = (f"Moran's I of {result.study.said(_label(result))}, {result.year()}, on the real map and on "
               f"{len(made)} maps on which the same scores are dealt out at random. {SOURCE}")
    return Figure(drawing, caption, alt, pd.DataFrame({"moran": made}))


def border_words(result: Evaluation) -> Prose:
    """The real map among shuffled ones; how far the answer hangs on the meaning of a neighbour, and on income."""
    if not len(result.study.neighbours):
        return NO_MAP
    score, weights, pairs = _map(result)
    real, made, names = float(likeness(score, weights)), shuffled(result), result.study.regions["name"].map(safe)
    less = one_border_less(result)
    least, most = less.idxmin(), less.idxmax()
    group = result.study.regions["group"].reindex(score.index)
    alike = (group.to_numpy()[:, None] == group.to_numpy()).astype(float) - np.eye(len(group))
    kept = alike.sum(1) > 0
    grouped = alike[np.ix_(kept, kept)] / alike[kept].sum(1)[:, None]
    place = (made >= real).sum()
    count = f"none of {len(made)} shuffled maps is" if not place else f"{place} of {len(made)} shuffled maps are"
    text = (f"{moran_words(result)} By the test with shuffled maps, {count} as clustered as the real one (pseudo p "
            f"{(place + 1) / (len(made) + 1):.3f}). The list has {len(pairs)} borders. With one border less it would "
            f"be between {number(less.min())} (without {_pair(least, names)}) and {number(less.max())} (without "
            f"{_pair(most, names)}). If all members of a group counted as neighbours, wherever they lie, it would be "
            f"{number(likeness(score[kept], grouped))}.")
    income = _income(result, score.index)
    if income is not None:
        left = residuals(score.to_frame(), income).iloc[:, 0]
        text += (" Take out of every score what a straight line on the logarithm of GDP per head predicts: what is "
                 f"left has a Moran's I of {number(likeness(left, weights))}.")
    return Prose(text)


@lru_cache(maxsize=8)
def one_border_less(result: Evaluation) -> pd.Series:
    """Moran's I by the pair whose border is struck off the list; no region is left without a neighbour."""
    score, _, pairs = _map(result)
    found = {}
    for pair in pairs:
        rest = pd.DataFrame([other for other in pairs if other != pair], columns=["code", "neighbour"])
        if set(pair) <= set(rest.to_numpy().ravel()):
            found[pair] = float(likeness(score, neighbour_weights(rest, score.index)))
    return pd.Series(found, name="moran")


def _map(result):
    score, beside = bordering(result, result.year())
    pairs = sorted({tuple(sorted(pair)) for pair in zip(beside["code"], beside["neighbour"], strict=True)})
    return score, neighbour_weights(beside, score.index).to_numpy(), pairs


def _income(result, codes):
    if not has(result, GDP, PEOPLE):
        return None
    now = panel_of(result.study).xs(result.year(), level="year").reindex(codes)
    head = np.log(now[GDP] / now[PEOPLE])
    return head if head.notna().all() else None


def _pair(pair, names):
    return f"{names[pair[0]]}–{names[pair[1]]}"


def _label(result):
    return next(iter(result.framework.systems.values()))["label"]
