"""Outlier treatment and normalisation.

Direction is handled here and nowhere else: what comes out means "more is better".
"""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from nqpkit.errors import InputError
from nqpkit.labels import as_table, by_label, refuse_constant, refuse_not_positive


def winsorise(x: pd.DataFrame, share: float = 0.025, method: str = "percentile", skew: float = 2.0,
              kurtosis: float = 3.5, most: int = 5) -> pd.DataFrame:
    """Pull outliers in to the border of the bulk, column by column.

    Parameters
    ----------
    x : DataFrame, cases × indicators
        NaN is left alone.
    share : float
        For ``method="percentile"``: values below the ``share`` and above the ``1 − share`` quantile (linear, over
        all rows) are set to it.
    method : {"percentile", "moments"}
        ``"moments"`` treats only a column with ``|skewness| > skew`` and ``excess kurtosis > kurtosis``: the most
        extreme value is set to the next one, one at a time, up to ``most`` values, until the rule no longer holds
        (unbiased sample moments).

    Raises
    ------
    InputError
        If a value is infinite, ``share`` is not in [0, 0.5) or the method is unknown.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 5.2. The rule on moments: W. Becker and
    others (2022), COINr, Journal of Open Source Software 7(78).

    Examples
    --------
    >>> winsorise(pd.DataFrame({"a": [0.0, 1, 2, 3, 100]}), share=0.25)["a"].tolist()
    [1.0, 1.0, 2.0, 3.0, 3.0]
    """
    x = as_table(x)
    if method == "percentile":
        if not 0 <= share < 0.5:
            raise InputError(f"The share to winsorise must lie in [0, 0.5); it is {share}.")
        return x.clip(x.quantile(share), x.quantile(1 - share), axis=1)
    if method == "moments":
        return x.apply(_winsorise_by_moments, skew=skew, kurtosis=kurtosis, most=most)
    raise InputError(f"There is no way to winsorise called '{method}'. Known: percentile, moments.")


def _winsorise_by_moments(column, skew, kurtosis, most):
    column = column.copy()
    for _ in range(most):
        if not (abs(column.skew()) > skew and column.kurt() > kurtosis):
            break
        if column.skew() > 0:
            column[column == column.max()] = column[column < column.max()].max()
        else:
            column[column == column.min()] = column[column > column.min()].min()
    return column


def goalposts(x: pd.DataFrame) -> pd.DataFrame:
    """The lowest and highest value of each indicator: rows ``low`` and ``high``, columns as in ``x``."""
    x = as_table(x)
    return pd.DataFrame({"low": x.min(), "high": x.max()}).T


def normalise(x: pd.DataFrame, direction=1, method: str = "minmax", by: str | None = None, goalposts=None,
              ddof: int = 1, target=None, interval=None) -> pd.DataFrame:
    """Bring indicators to one scale on which more is better.

    ==========  =====================================================  ==============================
    method      more is better (direction 1)                           less is better (direction −1)
    ==========  =====================================================  ==============================
    minmax      (x − low) / (high − low)                               (high − x) / (high − low)
    zscore      (x − mean) / sd, sd with ``ddof``                      −(x − mean) / sd
    rank        1 for the lowest, ties share the lower place           1 for the highest
    best        x / max                                                min / x
    mean        x / mean                                               mean / x
    target      1 − \\|x − target\\| / max \\|x − target\\|                the same: direction plays no part
    interval    1 inside [a, b]; 1 − (distance to it) / largest        the same
                possible distance outside
    goalposts   ``minmax`` with fixed low and high, capped at 0 and 1  the same, reversed
    ==========  =====================================================  ==============================

    Parameters
    ----------
    x : DataFrame, cases × indicators
    direction : 1, −1, or one of them for each indicator (Series, dict; a list goes by the order of columns)
    by : str, optional
        A level of the row index, such as ``"year"``: extremes, means and ranks are then taken within it. Default: over
        all rows (pooled), which keeps years comparable.
    goalposts : DataFrame with rows low and high, or dict from indicator to (low, high), optional
        Fixed extremes for ``minmax``; what lies beyond them is capped at 0 and 1.
    ddof : int
        Of the z-score: 1 divides the sum of squares by n − 1, 0 by n.
    target, interval : number or pair (for every indicator, or a dict by indicator)

    Raises
    ------
    InputError
        If an indicator does not vary (minmax, zscore), is infinite, or has no values; if a ratio meets a value that is
        not positive; for labels that do not match the columns, a level that the index does not have, or an unknown
        method. The message names the indicator and the rule.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 5.3 and table 15.

    Examples
    --------
    >>> x = pd.DataFrame({"income": [10.0, 20, 30], "smoke": [5.0, 1, 3]})
    >>> normalise(x, direction={"income": 1, "smoke": -1})["smoke"].tolist()
    [0.0, 1.0, 0.5]
    """
    x = as_table(x)
    if method not in NORMALISATIONS:
        raise InputError(f"There is no normalisation '{method}'. Known: {', '.join(NORMALISATIONS)}.")
    signs = signs_of(direction, x.columns)
    if method == "minmax" and goalposts is not None:
        method = "goalposts"
    options = {"ddof": ddof, "target": target, "interval": interval, "goalposts": goalposts}
    if by is None:
        return NORMALISATIONS[method](x, signs, **options)
    if by not in x.index.names:
        raise InputError(f"The rows have no level '{by}' to normalise within. Known: "
                         f"{', '.join(str(name) for name in x.index.names)}.")
    out = np.empty(x.shape)
    for label, rows in x.groupby(level=by, sort=False).indices.items():
        try:
            out[rows] = NORMALISATIONS[method](x.iloc[rows], signs, **options)
        except InputError as error:
            raise InputError(f"{by} {label}: {error}") from None
    return pd.DataFrame(out, index=x.index, columns=x.columns)


def unit_scale(x: pd.DataFrame, direction=1, scale: str = "pooled", among: pd.DataFrame | None = None) -> pd.DataFrame:
    """Bring indicators to 0…1 with 1 as the best, as the systems' scores and their coupling need it.

    =========  ==============================================================================================
    scale      value (for direction −1: 1 minus it)
    =========  ==============================================================================================
    pooled     (x − min) / (max − min) over all rows: years can be compared
    year       the same within each year: years cannot be compared
    rank       (rank − 1) / (N − 1) over all rows, ties share their mean rank; distances are lost
    zscore     Φ((x − mean) / sd) with the normal distribution function Φ and the sd over n − 1, over all rows
    =========  ==============================================================================================

    Parameters
    ----------
    x : DataFrame, cases × indicators
        For ``year`` with a row level of that name.
    direction : 1, −1, or one of them for each indicator
    scale : {"pooled", "year", "rank", "zscore"}
    among : DataFrame, optional
        The cases that set the scale, if not those of ``x`` themselves: what lies outside them is capped; a value
        between two of them has the rank in between. For ``year`` all its rows count as one year.

    Returns
    -------
    DataFrame as ``x``, in 0…1

    Raises
    ------
    InputError
        For an unknown scale (the message lists the known ones), and as `normalise`.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 5.3.

    Examples
    --------
    >>> x = pd.DataFrame({"income": [10.0, 20, 40]})
    >>> unit_scale(x, scale="rank")["income"].tolist(), unit_scale(x, scale="pooled")["income"].round(2).tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.33, 1.0])
    """
    if scale not in SCALES:
        raise InputError(f"There is no range of normalisation '{scale}'. Known: {', '.join(SCALES)}.")
    x = as_table(x)
    if among is None and scale in ("pooled", "year"):
        return normalise(x, direction, by="year" if scale == "year" else None)
    among = x if among is None else as_table(among)
    signs = signs_of(direction, x.columns)
    if scale in ("pooled", "year"):
        return normalise(x, signs, goalposts=goalposts(among))
    refuse_constant(among.max() - among.min(), "the same value everywhere")
    z = SCALES[scale](x, among)
    return _directed(z, 1 - z, signs)


def _rank_scale(x, among):
    places = {}
    for name in x:
        known = among[name].dropna()
        ranks = (known.rank() - 1).groupby(known.to_numpy()).first() / max(len(known) - 1, 1)
        places[name] = np.where(x[name].isna(), np.nan, np.interp(x[name], ranks.index, ranks))
    return pd.DataFrame(places, index=x.index)


def _normal_scale(x, among):
    return pd.DataFrame(ndtr((x - among.mean()) / among.std(ddof=1)), index=x.index, columns=x.columns)


SCALES = {"pooled": None, "year": None, "rank": _rank_scale, "zscore": _normal_scale}


def treat(x: pd.DataFrame, how: float | str) -> pd.DataFrame:
    """Winsorise by a share of the values at either end, or by the rule on ``"moments"``; see `winsorise`."""
    return winsorise(x, method="moments") if how == "moments" else winsorise(x, how)


def _minmax(x, signs, **_):
    values = x.to_numpy()
    with np.errstate(all="ignore"):
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)
    refuse_constant(pd.Series(high - low, index=x.columns), "the same value everywhere")
    z = np.where(signs.to_numpy() > 0, values - low, high - values) / (high - low)
    return pd.DataFrame(z, index=x.index, columns=x.columns)


def _zscore(x, signs, ddof, **_):
    spread = x.std(ddof=ddof)
    refuse_constant(spread, "the same value everywhere")
    return (x - x.mean()) / spread * signs


def _rank(x, signs, **_):
    return (x * signs).rank(method="min")


def _goalposts(x, signs, goalposts, **_):
    if goalposts is None:
        raise InputError("The normalisation 'goalposts' needs goalposts=…, the low and high end of each indicator.")
    posts = goalposts if isinstance(goalposts, pd.DataFrame) else pd.DataFrame(
        {name: pd.Series(ends, index=["low", "high"]) for name, ends in goalposts.items()})
    if not {"low", "high"} <= set(posts.index):
        raise InputError("Goalposts need the rows 'low' and 'high', and a column for each indicator.")
    posts = by_label(posts, x.columns).astype(float)
    span = posts.loc["high"] - posts.loc["low"]
    refuse_constant(span, "goalposts of which the high is not above the low")
    z = ((x - posts.loc["low"]) / span).clip(0, 1)
    return _directed(z, 1 - z, signs)


def _best(x, signs, **_):
    refuse_not_positive(x, "a ratio to the best")
    return _directed(x / x.max(), x.min() / x, signs)


def _mean(x, signs, **_):
    refuse_not_positive(x, "a ratio to the mean")
    return _directed(x / x.mean(), x.mean() / x, signs)


def _target(x, signs, target, **_):
    if target is None:
        raise InputError("The normalisation 'target' needs target=…, the best value of each indicator.")
    distance = (x - by_label(target, x.columns)).abs()
    refuse_constant(distance.max(), "no distance to its target")
    return 1 - distance / distance.max()


def _interval(x, signs, interval, **_):
    if interval is None:
        raise InputError("The normalisation 'interval' needs interval=(a, b), the best range of each indicator.")
    pairs = interval if isinstance(interval, dict) else dict.fromkeys(x.columns, interval)
    low, high = (pd.Series({c: pairs[c][end] for c in x.columns}) for end in (0, 1))
    outside = (low - x).clip(lower=0) + (x - high).clip(lower=0)
    largest = np.maximum(low - x.min(), x.max() - high)
    refuse_constant(largest.clip(lower=0), "no value outside its interval")
    return 1 - outside / largest


NORMALISATIONS = {"minmax": _minmax, "goalposts": _goalposts, "zscore": _zscore, "rank": _rank, "best": _best,
                  "mean": _mean, "target": _target, "interval": _interval}


def _directed(more, less, signs):
    """Column by column, ``more`` where more is better and ``less`` where less is better."""
    return pd.DataFrame(np.where(signs.to_numpy() > 0, more, less), index=more.index, columns=more.columns)


DIRECTIONS = {1: 1.0, -1: -1.0, "+": 1.0, "-": -1.0}


def signs_of(direction, labels: pd.Index) -> pd.Series:
    """Directions by column, 1 or −1 (also written "+" and "-"); InputError names any other."""
    given = [direction] * len(labels) if np.isscalar(direction) else by_label(direction, labels)
    signs = [DIRECTIONS.get(one) for one in given]
    if None in signs:
        place = signs.index(None)
        raise InputError(f"The direction of '{labels[place]}' is {list(given)[place]}: it must be 1 (more is better) "
                         "or -1.")
    return pd.Series(signs, index=labels, dtype=float)
