"""Systems made of dimensions made of indicators: weights carried down to the indicators, scores carried up."""

import numpy as np
import pandas as pd

from nqpkit.errors import InputError
from nqpkit.labels import ROUNDING, by_label, check_weights, positive_weights
from nqpkit.mcdm import mcdm_weights
from nqpkit.scoring import WEIGHTS, aggregate, topsis_score

FLOOR = 0.01
COMPLETE = 0.6


def indicator_weights(normalised: pd.DataFrame, table: pd.DataFrame, weights) -> pd.DataFrame:
    """Weights of a multi-level system, carried down to the indicators.

    Parameters
    ----------
    normalised : DataFrame, cases × indicators, in 0…1
        What data-driven weights are computed from, system by system, on the rows without a missing cell; methods of
        pymcdm get values of at least 0.01, because most of them cannot take a zero.
    table : DataFrame indexed by indicator, with ``system`` and ``dimension``
    weights : str, or Series or pairs by indicator or by dimension
        A name in `scoring.WEIGHTS` or of `mcdm.mcdm_weights`. ``equal`` is equal across dimensions and equal within.
        Given weights sum to 1 in each system, or over all; those of dimensions are shared equally among indicators.

    Returns
    -------
    DataFrame indexed by indicator: system, dimension, ``within`` (sums to 1 in a dimension), ``weight`` (sums to 1 in a
    system).

    Raises
    ------
    InputError
        For labels that do not match, another sum, a system without any weight, and as the weighting itself.

    Examples
    --------
    >>> table = pd.DataFrame({"system": ["s"] * 3, "dimension": ["a", "a", "b"]}, index=["x", "y", "z"])
    >>> indicator_weights(pd.DataFrame(), table, {"a": 0.6, "b": 0.4})["weight"].tolist()
    [0.3, 0.3, 0.4]
    """
    frame = table[["system", "dimension"]].copy()
    system, dimension = pd.factorize(frame["system"])[0], _codes(frame)
    size = np.bincount(dimension)[dimension]
    if not isinstance(weights, str):
        w = _given_weights(pd.Series(dict(weights)), frame)
    elif weights == "equal":
        w = 1 / size
    else:
        w = np.empty(len(frame))
        for one in range(system.max() + 1):
            z = normalised[frame.index[system == one]]
            z = z[~np.isnan(z.to_numpy()).any(axis=1)]
            found = WEIGHTS[weights](z) if weights in WEIGHTS else mcdm_weights(z.clip(lower=FLOOR), weights)
            w[system == one] = found.to_numpy()
    total = np.bincount(system, w)
    if (total <= 0).any():
        raise InputError(f"The weights of the system '{frame['system'].iloc[np.argmax(total[system] <= 0)]}' sum to "
                         "zero.")
    w = w / total[system]
    own = np.bincount(dimension, w)[dimension]
    frame["within"] = np.where(own > 0, w / np.where(own > 0, own, 1), 1 / size)
    frame["weight"] = w
    return frame


def dimension_scores(normalised: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Weighted arithmetic mean of a dimension's indicators; missing where fewer than 60 % of them are known.

    Parameters
    ----------
    normalised : DataFrame, cases × indicators, in 0…1
    weights : DataFrame indexed by indicator, with ``dimension`` and ``within``, as from `indicator_weights`

    Returns
    -------
    DataFrame, cases × dimensions

    Examples
    --------
    >>> weights = pd.DataFrame({"dimension": ["a", "a", "b"], "within": [0.5, 0.5, 1]}, index=["x", "y", "z"])
    >>> dimension_scores(pd.DataFrame({"x": [0.2], "y": [0.6], "z": [None]}), weights).round(3).iloc[0].to_dict()
    {'a': 0.4, 'b': nan}
    """
    codes, names = pd.factorize(weights["dimension"])
    z = normalised[weights.index].to_numpy(float)
    member = np.equal.outer(codes, np.arange(len(names))).astype(float)
    share = member * weights["within"].to_numpy()[:, None]
    known = ~np.isnan(z)
    if known.all():
        scores = z @ share / share.sum(axis=0)
    else:
        there = known @ share
        enough = (known @ member / member.sum(axis=0) >= COMPLETE) & (there > 0)
        scores = np.where(enough, np.where(known, z, 0) @ share / np.where(there > 0, there, 1), np.nan)
    return pd.DataFrame(scores, index=normalised.index, columns=names.rename(None))


def system_scores(normalised: pd.DataFrame, dimensions: pd.DataFrame, weights: pd.DataFrame,
                  method: str) -> pd.DataFrame:
    """One score a system from its dimensions (or, for TOPSIS, its indicators); missing where a dimension is.

    Parameters
    ----------
    normalised, weights : as `dimension_scores`; ``weights`` also with ``system`` and ``weight``
    dimensions : DataFrame, cases × dimensions
    method : str
        A name in `scoring.AGGREGATES`. Geometric and harmonic means take dimension scores of at least 0.01.

    Returns
    -------
    DataFrame, cases × systems

    Examples
    --------
    >>> weights = pd.DataFrame({"system": "s", "dimension": ["a", "b"], "weight": [0.5, 0.5]}, index=["x", "y"])
    >>> d = pd.DataFrame({"a": [0.2], "b": [0.8]})
    >>> system_scores(d, d, weights, "geometric").round(3)["s"].tolist()
    [0.4]
    """
    scores = {}
    for system in dict.fromkeys(weights["system"]):
        rows = weights[(weights["system"] == system).to_numpy()]
        codes, names = pd.factorize(rows["dimension"])
        own = dimensions[names]
        if method == "topsis":
            score = topsis_score(normalised[rows.index], rows["weight"])
        else:
            floor = FLOOR if method != "arithmetic" else None
            score = aggregate(own, np.bincount(codes, rows["weight"]), method, floor=floor)
        scores[system] = np.where(np.isnan(own.to_numpy()).any(axis=1), np.nan, score.to_numpy())
    return pd.DataFrame(scores, index=dimensions.index)


def _codes(frame: pd.DataFrame) -> np.ndarray:
    """A number for every dimension of every system."""
    return pd.factorize(pd.Series(list(zip(frame["system"], frame["dimension"], strict=True))))[0]


def _given_weights(given: pd.Series, frame: pd.DataFrame) -> np.ndarray:
    """Weights by indicator, or by dimension and shared equally within; each system's own sum, or one over all."""
    owner = frame["system"]
    by_dimension = set(given.index) <= set(frame["dimension"])
    if by_dimension:
        owner = frame.groupby("dimension", sort=False)["system"].first()
    w = by_label(given, owner.index)
    check = positive_weights if abs(w.sum() - 1) <= ROUNDING else check_weights
    w = pd.concat([check(w[labels], labels) for labels in owner.groupby(owner, sort=False).groups.values()])
    if not by_dimension:
        return w.reindex(frame.index).to_numpy(float)
    return (frame["dimension"].map(w) / frame.groupby("dimension")["dimension"].transform("size")).to_numpy(float)
