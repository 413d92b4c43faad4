"""What goes with what, and what is left of it: one thing taken out of others, one factor behind many columns."""

import numpy as np
import pandas as pd


def residuals(values: pd.DataFrame, control: pd.Series) -> pd.DataFrame:
    """What is left of each column when a straight line in a control is taken out of it.

    y − ȳ − b (c − c̄), with b = Σ (c − c̄) y / Σ (c − c̄)².

    Parameters
    ----------
    values : DataFrame, cases × columns
    control : Series by case
        Complete for the cases of ``values``; others are left aside.

    Returns
    -------
    DataFrame like ``values``; each column has mean 0 and goes with the control no more

    Examples
    --------
    >>> line = pd.DataFrame({"y": [1.0, 3, 5]}, index=["a", "b", "c"])
    >>> bool(residuals(line, pd.Series({"a": 0, "b": 1, "c": 2})).abs().max().item() < 1e-12)
    True
    """
    control = control.reindex(values.index)
    control = control - control.mean()
    fitted = np.outer(control, values.T @ control / (control @ control))
    return values - values.mean() - pd.DataFrame(fitted, values.index, values.columns)


def partial_correlation(x: pd.Series, y: pd.Series, given: pd.Series) -> float:
    """Correlation of x and y after a straight line in a third is taken out of both.

    r = (r_xy − r_xz r_yz) / √[(1 − r_xz²)(1 − r_yz²)]. Missing where x or y is nothing but the third.

    Parameters
    ----------
    x, y, given : Series by case

    Returns
    -------
    float

    Examples
    --------
    >>> z = pd.Series([1.0, 2, 3, 4])
    >>> print(round(partial_correlation(z + [0, 1, 1, 0], z + [0, 1, 1, 0], z), 6))
    1.0
    """
    xy, xz, yz = x.corr(y), x.corr(given), y.corr(given)
    rest = (1 - xz**2) * (1 - yz**2)
    return float((xy - xz * yz) / np.sqrt(rest)) if rest > 1e-12 else float("nan")


def first_share(z: pd.DataFrame) -> float:
    """Share of the first principal component in the variance of standardised columns.

    The largest eigenvalue of the correlation matrix over the number of columns.

    Parameters
    ----------
    z : DataFrame, cases × columns, complete

    Returns
    -------
    float

    Examples
    --------
    >>> round(first_share(pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 4, 6, 8.1]})), 2)
    1.0
    """
    return _largest(z.corr().to_numpy())


def shuffled_share(z: pd.DataFrame, draws: int = 200, seed: int = 1, level: float = 0.95) -> float:
    """The share that columns of the same values would rarely exceed if they had nothing to do with each other.

    Every column is shuffled by itself, and `first_share` taken, many times over.

    Parameters
    ----------
    z : DataFrame, cases × columns, complete
    draws : int
        How many times.
    seed : int
    level : float
        Which quantile of the shares is returned.

    Returns
    -------
    float

    References
    ----------
    Horn (1965), Psychometrika 30(2), 179–185, whose parallel analysis this is, by permutation.

    Examples
    --------
    >>> alike = pd.DataFrame({"a": range(30), "b": range(30), "c": range(30)})
    >>> bool(shuffled_share(alike) < first_share(alike))
    True
    """
    rng, values = np.random.default_rng(seed), z.to_numpy(float)
    found = [_largest(np.corrcoef(rng.permuted(values, axis=0), rowvar=False)) for _ in range(draws)]
    return float(np.quantile(found, level))


def _largest(r: np.ndarray) -> float:
    """The largest eigenvalue of a correlation matrix, as a share of all."""
    return float(np.linalg.eigvalsh(r)[-1] / len(r))
