"""Coupling and coordination of two or more systems, each scored in 0…1.

A high degree of coupling C says that scores are alike, not that one moves the other; a random index reaches a high C
too. The benchmark beside every degree of coordination D makes that visible.
"""

from functools import lru_cache
from itertools import combinations

import numpy as np
import pandas as pd

from nqpkit.errors import InputError
from nqpkit.labels import as_table, check_weights, refuse_outside

GRADES = ["extreme imbalance", "severe imbalance", "moderate imbalance", "mild imbalance", "near imbalance",
          "barely coordinated", "primary coordination", "intermediate coordination", "good coordination",
          "superior coordination"]
GRADES_ZH = ["极度失调", "严重失调", "中度失调", "轻度失调", "濒临失调",
             "勉强协调", "初级协调", "中级协调", "良好协调", "优质协调"]
LAG_BOUNDS = (0.8, 1.2)
DECIMALS = 9
CURVE = 500


def standard_form(u: np.ndarray) -> np.ndarray:
    """C = n (Π u)^(1/n) / Σ u: geometric over arithmetic mean."""
    systems = np.moveaxis(u, -1, 0)
    total = systems.sum(axis=0)
    geometric = systems.prod(axis=0) ** (1 / len(systems))
    return np.divide(u.shape[-1] * geometric, total, out=np.zeros_like(total), where=total > 0)


def modified_form(u: np.ndarray) -> np.ndarray:
    """C = √{[1 − mean_{i<j} |u_i − u_j|] · [Π u/max u]^(1/(n−1))}: punishes distance, so it saturates less."""
    systems = np.moveaxis(u, -1, 0)  # first, so that sums run over whole arrays
    n, top = len(systems), systems.max(axis=0)
    ratio = np.divide(systems, top, out=np.zeros_like(systems), where=top > 0).prod(axis=0)
    pairs = [np.abs(one - other) for one, other in combinations(systems, 2)]
    return np.sqrt((1 - sum(pairs) / len(pairs)) * (ratio if n == 2 else ratio ** (1 / (n - 1))))


def fan_form(u: np.ndarray) -> np.ndarray:
    """C = 1 − 2 sd(u) with the population standard deviation; for two systems 1 − |u₁ − u₂|."""
    return 1 - 2 * np.moveaxis(u, -1, 0).std(axis=0)


FORMS = {"modified": modified_form, "standard": standard_form, "fan": fan_form}


def coupling_degree(u: pd.DataFrame, form: str = "modified") -> pd.Series:
    """Degree of coupling C of two or more systems.

    Parameters
    ----------
    u : DataFrame, cases × systems
        Scores in 0…1.
    form : {"modified", "standard", "fan"}
        standard: C = n (Π u)^(1/n) / Σ u. modified: C = √{[1 − mean |u_i − u_j|] · [Π u/max u]^(1/(n−1))}.
        fan: C = 1 − 2 sd(u), population standard deviation.

    Returns
    -------
    Series in 0…1, missing where a score is missing. Where all scores are 0 the standard and the modified form have no
    value; they are set to 0.

    Raises
    ------
    InputError
        For an unknown form, fewer than two systems, or a score outside 0…1.

    References
    ----------
    Wang Shujia, Kong Wei, Ren Liang and others (2021), Journal of Natural Resources 36(3), 793–810 (modified form).

    Examples
    --------
    >>> u = pd.DataFrame({"nqp": [0.9], "hqed": [0.3]})
    >>> coupling_degree(u).round(3).item(), coupling_degree(u, form="standard").round(3).item()
    (0.365, 0.866)
    """
    u = _scores(u)
    return pd.Series(_form(form)(u.to_numpy()), index=u.index, name="coupling")


def development(u: pd.DataFrame, weights=None) -> pd.Series:
    """Comprehensive development T = Σ w u, with equal weights unless given."""
    u = _scores(u)
    w = check_weights(np.ones(u.shape[1]) if weights is None else weights, u.columns)
    return pd.Series(u.to_numpy() @ w.to_numpy(), index=u.index, name="development")


def coordination_degree(u: pd.DataFrame, weights=None, form: str = "modified") -> pd.Series:
    """Degree of coupling coordination D = √(C · T), with C in the named form and T = Σ w u.

    Parameters
    ----------
    u : DataFrame, cases × systems, in 0…1
    weights : by system, optional
        For T; equal unless given.
    form : {"modified", "standard", "fan"}

    Examples
    --------
    >>> coordination_degree(pd.DataFrame({"nqp": [0.9], "hqed": [0.3]})).round(3).item()
    0.468
    """
    return np.sqrt(coupling_degree(u, form) * development(u, weights)).rename("coordination")


def coordination_grade(d: pd.Series, closed: str = "left") -> pd.Series:
    """The ten grades of D, in steps of 0.1.

    Parameters
    ----------
    d : Series in 0…1
    closed : {"left", "right"}
        Which end of an interval belongs to it: [0.1, 0.2) or (0.1, 0.2]. Both are in print. The comparison is on nine
        decimals, so that a binary fraction such as 0.1 · 3 falls where 0.3 does.

    Returns
    -------
    Series of an ordered categorical with the ten names in `GRADES`. The names are a convention without an outside
    anchor.

    Examples
    --------
    >>> coordination_grade(pd.Series([0.1 * 3, 0.2999])).tolist()
    ['mild imbalance', 'moderate imbalance']
    """
    if closed not in ("left", "right"):
        raise InputError(f"Intervals are closed on the 'left' or on the 'right', not '{closed}'.")
    d = pd.Series(d)
    values = d.to_numpy(float)
    if ((values < 0) | (values > 1)).any():
        raise InputError("A degree of coordination lies in 0…1; there is one outside.")
    tenths = np.round(values * 10, DECIMALS)
    step = np.floor(tenths) if closed == "left" else np.ceil(tenths) - 1
    codes = np.where(np.isnan(step), -1, np.clip(step, 0, 9)).astype(int)
    return pd.Series(pd.Categorical.from_codes(codes, GRADES, ordered=True), index=d.index, name="grade")


def relative_development(u: pd.DataFrame) -> pd.Series:
    """β = u₁ / u₂: the first system against the second; missing where the second is 0."""
    u = _scores(u)
    if u.shape[1] != 2:
        raise InputError(f"Relative development compares two systems; there are {u.shape[1]}.")
    first, second = u.to_numpy().T
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.Series(np.where(second > 0, first / second, np.nan), index=u.index, name="ratio")


def lag_type(u: pd.DataFrame, bounds: tuple[float, float] = LAG_BOUNDS) -> pd.Series:
    """Which of two systems lags: the first below a ratio of 0.8, the second above 1.2, neither in between.

    Returns
    -------
    Series of text: ``"<first> lags"``, ``"in step"``, ``"<second> lags"``. The bounds are a convention.

    Examples
    --------
    >>> lag_type(pd.DataFrame({"nqp": [0.2, 0.3], "hqed": [0.3, 0.3]})).tolist()
    ['nqp lags', 'in step']
    """
    ratio = relative_development(u)
    first, second = u.columns
    low, high = bounds
    values = ratio.to_numpy()
    place = np.select([u.isna().to_numpy().any(axis=1), values < low, (values > high) | np.isnan(values)], [3, 0, 2], 1)
    words = np.array([f"{first} lags", "in step", f"{second} lags", None], dtype=object)
    return pd.Series(words[place], index=u.index, name="lag")


def random_benchmark(u: pd.Series, form: str = "modified", systems: int = 2, level: float = 0.9,
                     points: int = 1024) -> pd.DataFrame:
    """D of a score coupled with random indices: what coordination looks like when there is nothing to coordinate.

    The partner indices are independent and uniform on 0…1. They run over a fixed grid of evenly spread points, not
    over random draws, so the result is the same every time. For two systems in the standard form the answer is known:
    D = (u·v)^(1/4), so its q-quantile is (u·q)^(1/4).

    Parameters
    ----------
    u : Series
        Scores of the first system, in 0…1.
    systems : int
        How many systems are coupled in all.
    level : float
        Share of random partners between ``low`` and ``high``.

    Returns
    -------
    DataFrame by case with ``low``, ``median``, ``high``.

    Examples
    --------
    >>> random_benchmark(pd.Series([0.5]), form="standard").round(2).values.tolist()
    [[0.4, 0.71, 0.83]]
    """
    scores = pd.Series(u)
    refuse_outside(as_table(scores.to_frame("score")), "scores")
    if systems < 2 or not 0 < level < 1:
        raise InputError(f"A benchmark needs two or more systems and a level between 0 and 1, not {systems} and "
                         f"{level:g}.")
    roots, curves = _benchmark_curves(form, systems, level, points)
    at = scores.to_numpy(float) ** 0.25
    return pd.DataFrame({end: np.interp(at, roots, curve) for end, curve in curves.items()}, index=scores.index)


@lru_cache(maxsize=16)
def _benchmark_curves(form: str, systems: int, level: float, points: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Quantiles of D for scores close together, on the scale of their fourth root, where the curves start straight.

    What is read between two of them is off by less than 0.0003.
    """
    from scipy.stats import qmc  # takes as long to import as everything else here; a run of fresh reports does without

    roots = np.unique(np.concatenate([np.linspace(0, 1, CURVE + 1) ** 0.25, np.linspace(0, 1, CURVE // 2 + 1)]))
    partners = qmc.Sobol(d=systems - 1, scramble=False).random(points) + 0.5 / points
    grid = np.concatenate([np.broadcast_to(roots[:, None, None] ** 4, (len(roots), points, 1)),
                           np.broadcast_to(partners, (len(roots), points, systems - 1))], axis=2)
    d = np.sqrt(_form(form)(grid) * grid.mean(axis=2))
    edge = (1 - level) / 2
    return roots, dict(zip(("low", "median", "high"), np.quantile(d, [edge, 0.5, 1 - edge], axis=1), strict=True))


def wrong_forms(u: pd.DataFrame) -> pd.DataFrame:
    """Four mistakes often met in print, beside the standard form for two systems: for teaching, never for use.

    ``factor lost`` √(u₁u₂)/(u₁+u₂) stops at 0.5; ``root lost`` is C²; ``square lost`` √(u₁u₂/(u₁+u₂)) stops at 0.71;
    ``cube root of C·T`` takes the wrong root for D. Liu Chunlin (2017) found about half of
    379 reviewed papers in error.

    Parameters
    ----------
    u : DataFrame, cases × 2 systems, in 0…1

    Returns
    -------
    DataFrame by case: ``right C``, ``factor lost``, ``root lost``, ``square lost``, ``right D``, ``cube root of C·T``;
    0 where both scores are 0.

    Examples
    --------
    >>> wrong_forms(pd.DataFrame({"nqp": [0.5], "hqed": [0.5]})).round(2).iloc[0].tolist()
    [1.0, 0.5, 1.0, 0.5, 0.71, 0.79]
    """
    u = _scores(u)
    if u.shape[1] != 2:
        raise InputError(f"The wrong forms are shown for two systems; there are {u.shape[1]}.")
    a, b = u.iloc[:, 0], u.iloc[:, 1]
    right = coupling_degree(u, "standard")
    return pd.DataFrame({
        "right C": right,
        "factor lost": right / 2,
        "root lost": right**2,
        "square lost": right * np.sqrt(a + b) / 2,
        "right D": coordination_degree(u, form="standard"),
        "cube root of C·T": np.cbrt(right * (a + b) / 2),
    })


def _form(name: str):
    if name not in FORMS:
        raise InputError(f"There is no form of coupling '{name}'. Known: {', '.join(FORMS)}.")
    return FORMS[name]


def _scores(u) -> pd.DataFrame:
    u = as_table(u)
    if u.shape[1] < 2:
        raise InputError("Coupling needs the scores of two or more systems.")
    refuse_outside(u, "scores")
    return u
