"""How far a rank or a grade can be trusted: random weights here, other choices of method in `sensitivity`.

Both are imported from here.
"""

from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from nqpkit import coupling as cpl
from nqpkit.errors import InputError
from nqpkit.evaluation import FLOOR, Evaluation
from nqpkit.overall import overall_array, standing
from nqpkit.scoring import MEANS
from nqpkit.sensitivity import grade_changes, revise, sobol_indices, variants

__all__ = ["grade_changes", "random_weights", "rank_intervals", "revise", "share_ahead", "sobol_indices", "variants"]
CELLS = 4_000_000  # numbers held at once: draws come in blocks, so that thousands of counties fit in memory


def random_weights(weights: pd.DataFrame, draws: int = 10_000, concentration: float = 1.0,
                   seed: int = 1) -> pd.DataFrame:
    """Random weights of indicators, level by level, around given ones.

    In each system the dimensions' weights are drawn from a Dirichlet distribution with α_k = c K v_k (K dimensions
    with base weights v), and in each dimension the indicators' from one with α_j = c m w_j. Their expectation is the
    base. With equal base weights and c = 1 every set of weights is equally likely; a larger c keeps closer to the base.

    Parameters
    ----------
    weights : DataFrame indexed by indicator
        With system, dimension, ``within`` and ``weight``, as in ``Evaluation.weights``. A weight of 0 stays 0.
    draws : int
    concentration : float
        c above, greater than 0.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    DataFrame draws × indicators; each row sums to 1 within every system.

    References
    ----------
    Saisana, Saltelli and Tarantola (2005), Journal of the Royal Statistical Society A 168(2), 307–323.

    Examples
    --------
    >>> base = pd.DataFrame({"system": "s", "dimension": ["a", "a", "b"], "within": [0.5, 0.5, 1],
    ...                      "weight": [0.25, 0.25, 0.5]}, index=["x", "y", "z"])
    >>> random_weights(base, draws=3).sum(axis=1).round(12).tolist()
    [1.0, 1.0, 1.0]
    """
    if draws < 1 or concentration <= 0:
        raise InputError(f"Random weights need at least one draw and a concentration above zero, not {draws} and "
                         f"{concentration:g}.")
    rng = np.random.default_rng(seed)
    drawn = pd.DataFrame(index=pd.RangeIndex(draws, name="draw"), columns=weights.index, dtype=float)
    for _, system in weights.groupby("system", sort=False):
        parts = system.groupby("dimension", sort=False)
        across = _dirichlet(rng, parts["weight"].sum().to_numpy(), concentration, draws)
        for place, (_, rows) in enumerate(parts):
            within = _dirichlet(rng, rows["within"].to_numpy(), concentration, draws)
            drawn[rows.index] = within * across[:, [place]]
    return drawn


def rank_intervals(result: Evaluation, year: int | None = None, draws: int = 10_000, seed: int = 1, level: float = 0.9,
                   concentration: float = 1.0) -> pd.DataFrame:
    """Intervals of scores, ranks and grades of every region under random weights.

    Everything else (normalisation, aggregation, form of coupling) stays as in the evaluation. The interval says how far
    the weights matter; it is not a confidence interval of a measurement.

    Parameters
    ----------
    result : Evaluation
        Its weights are the base of the draws.
    year : int, optional
        The last scored year unless given.
    draws, seed, concentration : see `random_weights`
    level : float
        Share of the draws between low and high.

    Returns
    -------
    DataFrame indexed by code, regions without complete scores left out. For each system and ``coordination``: the value
    and ``_low``, ``_high``; ``rank_`` of it (1 is the highest, so low is the better end) and ``_low``, ``_high``. Then
    ``grade``, ``grade_low``, ``grade_high`` and ``grade_kept``, the share of draws with the same grade. With one system
    there is no coordination and no grade.

    Raises
    ------
    InputError
        For a year that is not scored, a level outside 0…1, or fewer than two regions with scores.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> table = rank_intervals(evaluate(Study.load()), draws=500)
    >>> bool(table["rank_nqp"].between(table["rank_nqp_low"], table["rank_nqp_high"]).mean() > 0.9)
    True
    """
    return _rank_intervals(result, result.year(year), draws, seed, level, concentration).copy()


@lru_cache(maxsize=16)
def _rank_intervals(result, year, draws, seed, level, concentration):
    if not 0 < level < 1:
        raise InputError(f"The level of an interval lies between 0 and 1; it is {level:g}.")
    table = standing(result.systems.xs(year, level="year"), result.options.coupling)
    if len(table) < 2:
        raise InputError(f"Ranks need two regions with complete scores; {year} has {len(table)}.")
    weights = random_weights(result.weights, draws, concentration, seed)
    z = result.normalised.xs(year, level="year").loc[table.index]
    names = [*result.systems.columns, *(["coordination"] if result.coupled else [])]
    scores = {name: np.empty((draws, len(z))) for name in names}
    ranks = {name: np.empty((draws, len(z)), np.min_scalar_type(len(z))) for name in names}
    grades = np.empty((draws, len(z)), np.int8)
    block = max(1, CELLS // (len(z) * len(result.dimensions.columns)))
    for rows in (slice(start, start + block) for start in range(0, draws, block)):
        for name, drawn in _drawn_scores(result, z, weights.iloc[rows]).items():
            scores[name][rows], ranks[name][rows] = drawn, _ranks(drawn)
        if result.coupled:
            flat = pd.Series(scores["coordination"][rows].ravel())
            grades[rows] = cpl.coordination_grade(flat).cat.codes.to_numpy().reshape(-1, len(z))
    ends = [(1 - level) / 2, (1 + level) / 2]
    columns = {}
    for name in names:
        columns[name], columns[f"rank_{name}"] = table[name], table[f"rank_{name}"]
        columns[f"{name}_low"], columns[f"{name}_high"] = np.quantile(scores.pop(name), ends, axis=0,
                                                                      overwrite_input=True)
        columns[f"rank_{name}_low"], columns[f"rank_{name}_high"] = _ends_of_counts(ranks.pop(name), ends)
    if not result.coupled:
        return pd.DataFrame(columns, index=table.index)
    columns["grade"] = now = cpl.coordination_grade(table["coordination"])
    for name, codes in zip(("grade_low", "grade_high"), _ends_of_counts(grades, ends), strict=True):
        columns[name] = pd.Categorical.from_codes(codes, dtype=now.dtype)
    columns["grade_kept"] = (grades == now.cat.codes.to_numpy()).mean(axis=0)
    return pd.DataFrame(columns, index=table.index)


def share_ahead(result: Evaluation, regions: list[str], year: int | None = None, draws: int = 10_000,
                seed: int = 1) -> pd.DataFrame:
    """In which share of random weightings one region stands higher than another: on D, or on the only score.

    Parameters
    ----------
    result : Evaluation
    regions : list of str
        Names, slugs or codes; regions without complete scores are left out.
    year, draws, seed
        As in `rank_intervals`; the weights of both are drawn together.

    Returns
    -------
    DataFrame region × region, by code: the share in which the row is ahead of the column; a tie counts half.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> ahead = share_ahead(evaluate(Study.load()), ["beijing", "gansu"], draws=200)
    >>> float(ahead.loc["11", "62"])
    1.0
    """
    year = result.year(year)
    z = result.normalised.xs(year, level="year").loc[result.systems.xs(year, level="year").dropna().index]
    codes = [code for code in map(result.study.resolve, regions) if code in z.index]
    if not codes:
        return pd.DataFrame(dtype=float)
    d = _drawn_scores(result, z.loc[codes], random_weights(result.weights, draws, seed=seed))[result.overall.name]
    ahead = (d[:, :, None] > d[:, None, :]).mean(axis=0) + (d[:, :, None] == d[:, None, :]).mean(axis=0) / 2
    return pd.DataFrame(ahead, index=codes, columns=codes)


def _ranks(drawn: np.ndarray) -> np.ndarray:
    """Ranks in every row, 1 for the highest; ties share the best."""
    order = np.argsort(-drawn, axis=1)
    ranks = np.empty(drawn.shape, int)
    np.put_along_axis(ranks, order, np.arange(1, drawn.shape[1] + 1)[None, :], axis=1)
    values = np.take_along_axis(drawn, order, axis=1)
    tied = (values[:, 1:] == values[:, :-1]).any(axis=1)
    if tied.any():
        ranks[tied] = rankdata(-drawn[tied], method="min", axis=1)
    return ranks


def _ends_of_counts(whole: np.ndarray, ends: list[float]) -> np.ndarray:
    """Quantiles of whole numbers, column by column: the smallest with at least that share at or below."""
    places = [max(0, int(np.ceil(end * len(whole) - 1e-9)) - 1) for end in ends]
    return np.partition(whole, places, axis=0)[places].astype(int)


def _dirichlet(rng, base, concentration, draws):
    drawn = rng.standard_gamma(concentration * len(base) * base / base.sum(), size=(draws, len(base)))
    # a draw of nothing but zeros happens only with a tiny concentration; it falls back to the base
    total = drawn.sum(axis=1, keepdims=True)
    return np.where(total > 0, drawn / np.where(total > 0, total, 1), base / base.sum())


def _drawn_scores(result, z, weights) -> dict[str, np.ndarray]:
    """Scores of every system and coordination, each draws × regions."""
    scores = {}
    for system, rows in result.weights.groupby("system", sort=False):
        if result.options.aggregate == "topsis":
            scores[system] = _topsis(z[rows.index].to_numpy(), weights[rows.index].to_numpy())
            continue
        parts = [rows.index[rows["dimension"] == name] for name in rows["dimension"].unique()]
        across = np.stack([weights[names].to_numpy().sum(axis=1) for names in parts], axis=1)
        dimensions = np.stack([_means(z[names].to_numpy(), weights[names].to_numpy()) for names in parts], axis=1)
        if result.options.aggregate != "arithmetic":
            dimensions = np.maximum(dimensions, FLOOR)
        scores[system] = MEANS[result.options.aggregate](dimensions, across[:, :, None])
    if result.coupled:
        scores["coordination"] = overall_array(np.stack(list(scores.values()), axis=-1), result.options.coupling)
    return scores


def _means(z, w):
    """Weighted means over the cells that a region has: draws × regions."""
    known = ~np.isnan(z)
    if known.all():
        return w @ z.T / w.sum(axis=1, keepdims=True)
    return w @ np.where(known, z, 0).T / (w @ known.T)


def _topsis(z, w):
    squared = w**2
    to_best = np.sqrt(squared @ np.where(np.isnan(z), 0, (1 - z) ** 2).T)
    to_worst = np.sqrt(squared @ np.where(np.isnan(z), 0, z**2).T)
    return to_worst / (to_best + to_worst)
