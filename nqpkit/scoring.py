"""Scoring: treat outliers, normalise, weigh, aggregate. All steps in one place, for import.

Rows are cases (region and year), columns are indicators. What is not written here comes through `mcdm`.
"""

import numpy as np
import pandas as pd

from nqpkit.errors import InputError
from nqpkit.labels import as_table, check_weights, complete, refuse_constant, refuse_outside
from nqpkit.mcdm import mcdm_ranking, mcdm_weights
from nqpkit.normalisation import (
    NORMALISATIONS,
    SCALES,
    goalposts,
    normalise,
    signs_of,
    treat,
    unit_scale,
    winsorise,
)
from nqpkit.weighting import (
    WEIGHTS,
    ahp_weights,
    combine_weights,
    critic_weights,
    cv_weights,
    entropy_weights,
    equal_weights,
    pca_weights,
    read_weights,
)

__all__ = ["AGGREGATES", "NORMALISATIONS", "SCALES", "WEIGHTS", "aggregate", "ahp_weights", "combine_weights",
           "critic_weights", "cv_weights", "entropy_weights", "equal_weights", "goalposts", "mcdm_ranking",
           "mcdm_weights", "normalise", "pca_weights", "read_weights", "topsis", "topsis_score", "treat", "unit_scale",
           "winsorise"]


def aggregate(z: pd.DataFrame, weights=None, method: str = "arithmetic", floor: float | None = None) -> pd.Series:
    """One score a row: a weighted mean over the columns.

    arithmetic Σwz, geometric Πz^w, harmonic 1/Σ(w/z); the weights are those of the columns that the row has, scaled
    to sum 1.

    Parameters
    ----------
    z : DataFrame, cases × indicators (or dimensions)
        A missing cell is left out of its row; a row without any cell is missing.
    weights : Series or dict by column, or a list in their order, optional
        Equal unless given. Shares that sum to 1, per cent that sum to 100, or whole points.
    method : {"arithmetic", "geometric", "harmonic"}
    floor : float, optional
        Values below it are raised to it first, so that one zero does not erase a row.

    Raises
    ------
    InputError
        If weights carry other labels than the columns, are negative or have another sum; if a geometric or harmonic
        mean meets a value that is not positive; for an infinite value or an unknown method.

    Returns
    -------
    Series by case

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 6.3.

    Examples
    --------
    >>> aggregate(pd.DataFrame([[1.0, 2, 3]]), method="geometric").round(6).tolist()
    [1.817121]
    """
    z = as_table(z)
    if method not in MEANS:
        raise InputError(f"There is no aggregation '{method}'. Known: {', '.join(MEANS)}.")
    w = check_weights(equal_weights(z) if weights is None else weights, z.columns).to_numpy()
    x = z.to_numpy(float)
    if floor is not None:
        x = np.maximum(x, floor)
    if method != "arithmetic" and (x <= 0).any():
        row, column = np.argwhere(x <= 0)[0]
        raise InputError(f"A {method} mean needs values above zero; '{z.columns[column]}' is {x[row, column]:g} in row "
                         f"{z.index[row]}. Give a floor or aggregate arithmetically.")
    known = ~np.isnan(x)
    total = known @ w
    with np.errstate(invalid="ignore", divide="ignore"):
        means = MEANS[method](np.where(known, x, 1.0), known * w / total[:, None])
        return pd.Series(np.where(total > 0, means, np.nan), index=z.index)


MEANS = {
    "arithmetic": lambda x, w: (x * w).sum(axis=1),
    "geometric": lambda x, w: np.exp((np.log(x) * w).sum(axis=1)),
    "harmonic": lambda x, w: 1 / (w / x).sum(axis=1),
}


def topsis(x: pd.DataFrame, weights, direction=1, normalisation: str = "vector") -> pd.Series:
    """Closeness to the ideal case (TOPSIS).

    r = x / √Σx² (``vector``) or min–max (``minmax``); v = w r; the ideal takes the best and the anti-ideal the worst
    v of each column; closeness = d⁻ / (d⁺ + d⁻) with Euclidean distances.

    Parameters
    ----------
    x : DataFrame, cases × indicators, complete
    weights, direction : by column
    normalisation : {"vector", "minmax"}
        The two give different numbers on the same data, so name it in a report.

    Returns
    -------
    Series in [0, 1]; 1 is the ideal.

    Raises
    ------
    InputError
        For missing or infinite values, one row, a column of zeros (``vector``) or one that does not vary (``minmax``),
        cases that are all alike, weights with other labels or another sum, or an unknown normalisation.

    References
    ----------
    Hwang and Yoon (1981); example in Tzeng and Huang (2011), Multiple Attribute Decision Making.

    Examples
    --------
    >>> x = pd.DataFrame({"a": [5, 7, 8, 7], "b": [8, 6, 8, 4], "c": [4, 8, 6, 6]})
    >>> topsis(x, [0.3, 0.4, 0.3]).round(4).tolist()
    [0.5037, 0.6581, 0.7482, 0.334]
    """
    x = complete(as_table(x), "TOPSIS")
    w, signs = check_weights(weights, x.columns), signs_of(direction, x.columns)
    if normalisation == "vector":
        values = x.to_numpy()
        length = np.sqrt((values**2).sum(axis=0))
        if not length.all():
            refuse_constant(pd.Series(length, index=x.columns), "nothing but zeros")
        v = values * (w.to_numpy() * signs.to_numpy() / length)
    elif normalisation == "minmax":
        v = normalise(x, signs).to_numpy() * w.to_numpy()
    else:
        raise InputError(f"TOPSIS knows no normalisation '{normalisation}'. Known: vector, minmax.")
    best, worst = v.max(axis=0), v.min(axis=0)
    if np.allclose(best, worst, rtol=1e-12, atol=0):
        raise InputError("All cases are alike in every indicator, so none is nearer to the ideal.")
    return pd.Series(_closeness(_distance(v - best), _distance(v - worst)), index=x.index)


def topsis_score(z: pd.DataFrame, weights) -> pd.Series:
    """TOPSIS on values already normalised to 0…1, with 1 as the ideal and 0 as the anti-ideal of every column.

    On a pooled min–max panel this equals ``topsis(…, normalisation="minmax")``; a missing cell is left out of its
    row and the row's other weights are scaled up; a row without any cell is missing.

    Parameters
    ----------
    z : DataFrame, cases × indicators, in 0…1
    weights : by column

    Returns
    -------
    Series in [0, 1]

    Raises
    ------
    InputError
        For a value outside 0…1, or weights with other labels or another sum.

    Examples
    --------
    >>> topsis_score(pd.DataFrame({"a": [1.0, 0.5], "b": [1.0, 0.5]}), [0.5, 0.5]).tolist()
    [1.0, 0.5]
    """
    z = as_table(z)
    refuse_outside(z, "values for a TOPSIS score")
    known, values = z.notna().to_numpy(), z.to_numpy()
    w = known * check_weights(weights, z.columns).to_numpy()
    with np.errstate(invalid="ignore"):
        w = w / w.sum(axis=1, keepdims=True)
        values = np.where(known, values, 0)
        return pd.Series(_closeness(_distance(w * (known - values)), _distance(w * values)), index=z.index)


AGGREGATES = {"geometric": "geometric mean across dimensions", "arithmetic": "arithmetic mean across dimensions",
              "harmonic": "harmonic mean across dimensions", "topsis": "TOPSIS (min–max) over all indicators"}


def _distance(v: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("ij,ij->i", v, v))


def _closeness(to_best, to_worst):
    return to_worst / (to_best + to_worst)
