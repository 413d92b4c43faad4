"""Weights of indicators: equal, from the spread of the data, or from judgement."""

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import entr

from nqpkit.errors import InputError
from nqpkit.labels import as_table, check_weights, complete, constant, refuse_constant, refuse_negative

RANDOM_INDEX = {1: 0, 2: 0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
SAATY_LIMIT = 0.1
ZEROS = {"limit": 0.0, "shift": 1e-4}


def equal_weights(z) -> pd.Series:
    """The same weight for every indicator: w_j = 1/m.

    Parameters
    ----------
    z : DataFrame, cases × indicators; or the labels themselves

    Returns
    -------
    Series by indicator, summing to 1

    Raises
    ------
    InputError
        If there is no indicator.

    Examples
    --------
    >>> equal_weights(["rd", "jobs"]).to_dict()
    {'rd': 0.5, 'jobs': 0.5}
    """
    labels = z.columns if isinstance(z, pd.DataFrame) else pd.Index(z)
    if not len(labels):
        raise InputError("There is no indicator to weigh.")
    return pd.Series(1 / len(labels), index=labels)


def entropy_weights(z: pd.DataFrame, zeros: str | float = "limit") -> pd.Series:
    """Entropy weights: an indicator that differs more between cases weighs more.

    With p = z / Σz by column and N rows: e = −(1/ln N) Σ p ln p, d = 1 − e, w = d / Σd.

    Parameters
    ----------
    z : DataFrame, cases × indicators
        Normalised and not negative. In a panel N counts every row (regions × years), not the years.
    zeros : {"limit", "shift"} or a number
        ``"limit"`` takes 0·ln 0 = 0, its limit. ``"shift"`` adds 0.0001 to every cell first, as many papers do, and a
        number adds itself (0.01 moves weights by several per cent).

    Returns
    -------
    Series by indicator, summing to 1. A column that does not vary gets 0, with a warning.

    Raises
    ------
    InputError
        For negative, missing or infinite values, a single row, an unknown way with zeros, or if no column varies.

    References
    ----------
    Shannon (1948), Bell System Technical Journal 27(3), 379–423; as weights: Elsayed, Dawood and Karthikeyan (2017),
    whose numbers the tests reproduce.

    Examples
    --------
    >>> entropy_weights(pd.DataFrame({"a": [1, 4], "b": [2, 16]})).round(4).tolist()
    [0.3589, 0.6411]
    """
    z = complete(as_table(z), "entropy weights")
    refuse_negative(z, "entropy weights")
    x = z.to_numpy() + _shift(zeros)
    total = x.sum(axis=0)
    p = x / np.where(total > 0, total, 1)
    entropy = entr(p).sum(axis=0) / np.log(len(z))
    diversity = np.where(constant(z), 0, np.maximum(1 - entropy, 0))
    return _share(diversity, z.columns, "entropy weights")


def _shift(zeros) -> float:
    if isinstance(zeros, str):
        if zeros not in ZEROS:
            raise InputError(f"There is no way with zeros called '{zeros}'. Known: {', '.join(ZEROS)}, or a number to "
                             "add.")
        return ZEROS[zeros]
    if not 0 <= zeros < np.inf:
        raise InputError(f"What is added to every cell must be zero or more; it is {zeros}.")
    return float(zeros)


def critic_weights(z: pd.DataFrame) -> pd.Series:
    """CRITIC weights: contrast within an indicator times its conflict with the others.

    C_j = s_j Σ_k (1 − r_jk), w = C / ΣC, with s the standard deviation and r Pearson's correlation of normalised
    values.

    Returns
    -------
    Series by indicator, summing to 1. A column that does not vary gets 0, with a warning.

    References
    ----------
    Diakoulaki, Mavrotas and Papayannakis (1995), Computers & Operations Research 22(7), 763–770.

    Examples
    --------
    >>> critic_weights(pd.DataFrame({"a": [0, 0.5, 1], "b": [1, 0.5, 0]})).tolist()
    [0.5, 0.5]
    """
    z = complete(as_table(z), "CRITIC weights")
    spread = z.std(ddof=1).mask(constant(z), 0)
    varying = z.loc[:, spread > 0]
    conflict = (1 - varying.corr()).sum().clip(lower=0).reindex(z.columns, fill_value=0)
    if len(varying.columns) and not conflict.max() > 1e-12:
        raise InputError("All indicators move together, so none conflicts with another: there are no CRITIC weights.")
    return _share((spread * conflict).to_numpy(), z.columns, "CRITIC weights")


def cv_weights(x: pd.DataFrame) -> pd.Series:
    """Coefficient-of-variation weights: an indicator that spreads more around its mean weighs more.

    v_j = s_j / |m_j|, w = v / Σv, with m the mean and s the standard deviation over n − 1.

    Parameters
    ----------
    x : DataFrame, cases × indicators, complete
        Values or normalised values; only their ratio of spread to mean counts.

    Returns
    -------
    Series by indicator, summing to 1. A column that does not vary gets 0, with a warning.

    Raises
    ------
    InputError
        For a mean of zero, missing or infinite values, a single row, or if no column varies.

    Examples
    --------
    >>> cv_weights(pd.DataFrame({"a": [1, 2, 3], "b": [1.5, 2, 2.5]})).round(3).to_dict()
    {'a': 0.667, 'b': 0.333}
    """
    x = complete(as_table(x), "coefficient-of-variation weights")
    mean = x.mean().abs()
    refuse_constant(mean.mask(mean <= 1e-12 * x.abs().max(), 0), "a mean of zero")
    return _share((x.std(ddof=1) / mean).mask(constant(x), 0).to_numpy(), x.columns, "coefficient-of-variation weights")


def pca_weights(z: pd.DataFrame, share: float = 0.85) -> pd.Series:
    """Weights from principal components of the correlation matrix.

    The components that together carry at least ``share`` of the variance are kept; an indicator's weight is the
    mean of its squared loadings (they sum to 1 in each component), weighted by the variance each component carries:
    w_j = Σ_k λ_k a_jk² / Σ_k λ_k.

    Parameters
    ----------
    z : DataFrame, cases × indicators, complete
    share : float
        Share of the variance that the kept components carry, above 0 and at most 1. With 1 all weights are equal.

    Returns
    -------
    Series by indicator, summing to 1

    Raises
    ------
    InputError
        If an indicator does not vary; for missing or infinite values, a single row, or a share outside 0…1.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 6.1 (squared loadings as weights; here
    without rotation).

    Examples
    --------
    >>> pca_weights(pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 2, 3], "c": [1.0, 3, 1]}), share=0.5).round(2).tolist()
    [0.5, 0.5, 0.0]
    """
    if not 0 < share <= 1:
        raise InputError(f"The share of variance to keep lies above 0 and up to 1; it is {share:g}.")
    z = complete(as_table(z), "PCA weights")
    refuse_constant(z.std(ddof=1).mask(constant(z), 0), "the same value everywhere")
    values, vectors = np.linalg.eigh(z.corr().to_numpy())
    values, vectors = values[::-1].clip(min=0), vectors[:, ::-1]
    keep = np.searchsorted(np.cumsum(values) / values.sum(), min(share, 1) - 1e-12) + 1
    return _share((vectors[:, :keep] ** 2) @ values[:keep], z.columns, "PCA weights")


class AHP(NamedTuple):
    """Weights from pairwise judgements, and how consistent the judgements are."""

    weights: pd.Series
    consistency_ratio: float
    largest_eigenvalue: float
    consistency_index: float


def ahp_weights(matrix: pd.DataFrame) -> AHP:
    """Weights from a reciprocal matrix of pairwise comparisons (analytic hierarchy process).

    The principal eigenvector, scaled to sum 1. CI = (λ − n)/(n − 1), CR = CI / RI with Saaty's random index for
    n ≤ 10. Warns from CR = 0.1.

    Parameters
    ----------
    matrix : DataFrame n × n
        How many times as important the row's indicator is as the column's. Labelled rows find their columns by label.

    Returns
    -------
    AHP
        ``weights`` (Series by indicator, summing to 1), ``consistency_ratio``, ``largest_eigenvalue``,
        ``consistency_index``.

    Raises
    ------
    InputError
        If the matrix is not square, positive and reciprocal (a_ij = 1/a_ji), or its rows carry other labels than its
        columns; the message names the pair or the label.

    References
    ----------
    Saaty (1980), The Analytic Hierarchy Process.

    Examples
    --------
    >>> judged = ahp_weights(pd.DataFrame([[1, 2], [0.5, 1]], index=["a", "b"], columns=["a", "b"]))
    >>> judged.weights.round(3).tolist(), judged.consistency_ratio
    ([0.667, 0.333], 0.0)
    """
    matrix = as_table(matrix)
    a, labels = matrix.to_numpy(float), matrix.columns
    n = len(labels)
    if a.shape != (n, n) or n > max(RANDOM_INDEX):
        raise InputError(f"Pairwise comparisons need a square matrix of at most {max(RANDOM_INDEX)} rows; this one is "
                         f"{a.shape[0]} × {a.shape[1]}.")
    if not (np.isfinite(a).all() and (a > 0).all()):
        raise InputError("Pairwise comparisons must be positive numbers.")
    if not isinstance(matrix.index, pd.RangeIndex) and set(matrix.index) != set(labels):
        wrong = sorted(map(str, set(matrix.index) ^ set(labels)))[0]
        raise InputError(f"Rows and columns of pairwise comparisons carry the same labels; look at '{wrong}'.")
    if set(matrix.index) == set(labels):
        a = matrix.loc[labels].to_numpy(float)
    i, j = np.unravel_index(np.abs(a * a.T - 1).argmax(), a.shape)
    if abs(a[i, j] * a[j, i] - 1) > 1e-6:
        raise InputError(f"The matrix is not reciprocal: '{labels[i]}' against '{labels[j]}' is {a[i, j]:g}, the other "
                         f"way round {a[j, i]:g}; one must be 1 divided by the other.")
    values, vectors = np.linalg.eig(a)
    first = values.real.argmax()
    vector = np.abs(vectors[:, first].real)
    index = (values[first].real - n) / (n - 1) if n > 1 else 0.0
    ratio = float(max(index, 0) / RANDOM_INDEX[n]) if RANDOM_INDEX[n] else 0.0
    if ratio >= SAATY_LIMIT:
        warnings.warn(f"The comparisons contradict each other: the consistency ratio is {ratio:.2f}, from 0.10 they "
                      "should be revised.", stacklevel=2)
    return AHP(pd.Series(vector / vector.sum(), index=labels), ratio, float(values[first].real), float(index))


def combine_weights(first, second, method: str = "linear", share: float = 0.5) -> pd.Series:
    """One set of weights from two, such as judged ones (AHP) and ones from the data (entropy).

    linear: share · w₁ + (1 − share) · w₂; multiplicative: w₁ w₂ / Σ w₁ w₂; geometric: √(w₁ w₂) / Σ √(w₁ w₂).

    Parameters
    ----------
    first, second : Series by indicator; or two lists in the same order
    method : {"linear", "multiplicative", "geometric"}
    share : float
        Of the first set, for ``linear``, in 0…1.

    Returns
    -------
    Series by indicator, summing to 1

    Raises
    ------
    InputError
        For sets with other labels or another sum, an unknown method, or sets that share no indicator with a weight.

    References
    ----------
    The rules as in ``combine_weights`` of the R package mathmodels, whose numbers the tests reproduce.

    Examples
    --------
    >>> combine_weights({"rd": 0.8, "jobs": 0.2}, {"rd": 0.4, "jobs": 0.6}).round(2).to_dict()
    {'rd': 0.6, 'jobs': 0.4}
    """
    if method not in COMBINATIONS:
        raise InputError(f"There is no way to combine weights called '{method}'. Known: {', '.join(COMBINATIONS)}.")
    if not 0 <= share <= 1:
        raise InputError(f"The share of the first set lies in 0…1; it is {share:g}.")
    one = pd.Series(first)
    one, two = check_weights(one, one.index), check_weights(second, one.index)
    both = COMBINATIONS[method](one, two, share)
    if both.sum() == 0:
        raise InputError("No indicator has a weight in both sets, so their product says nothing.")
    return both / both.sum()


def read_weights(path) -> pd.Series:
    """Weights from a CSV file: one row a label and its weight, or a matrix of pairwise comparisons.

    Parameters
    ----------
    path : path of a file in UTF-8
        Two columns, label and weight, under a header; or a square table whose first column repeats the labels of the
        header, which is read as pairwise comparisons (see `ahp_weights`).

    Returns
    -------
    Series by label. Labels of dimensions are carried down to indicators by `evaluate`.

    Raises
    ------
    InputError
        If the file is not there, is no such table, or holds something that is no number.
    """
    try:
        table = pd.read_csv(path, index_col=0, encoding="utf-8-sig")
    except (OSError, UnicodeError, ValueError) as error:
        raise InputError(f"The weights in '{path}' cannot be read: {error}.") from None
    table.index = table.index.astype(str)
    if table.shape[1] == 1:
        return as_table(table).iloc[:, 0].rename(None)
    if set(table.index) != set(table.columns):
        raise InputError(f"'{path}' holds neither two columns, label and weight, nor a square table of pairwise "
                         f"comparisons: it has {table.shape[0]} rows and {table.shape[1] + 1} columns.")
    return ahp_weights(table).weights


COMBINATIONS = {
    "linear": lambda one, two, share: share * one + (1 - share) * two,
    "multiplicative": lambda one, two, share: one * two,
    "geometric": lambda one, two, share: np.sqrt(one * two),
}
WEIGHTS = {"equal": equal_weights, "entropy": entropy_weights, "critic": critic_weights, "cv": cv_weights,
           "pca": pca_weights}


def _share(raw: np.ndarray, labels: pd.Index, what: str) -> pd.Series:
    flat = raw <= 0
    if flat.all():
        raise InputError(f"No indicator varies, so there are no {what}.")
    if flat.any():
        warnings.warn(f"{', '.join(map(str, labels[flat]))} does not vary and gets weight 0.", stacklevel=3)
    return pd.Series(raw / raw.sum(), index=labels)
