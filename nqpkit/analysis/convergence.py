"""Do regions draw closer: spread over time, catching up, and the shape of the distribution."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqpkit.analysis.checks import extra, numbers, same_labels, values, varying
from nqpkit.analysis.panel import FixedEffects, two_way_fixed_effects
from nqpkit.errors import InputError


def sigma_convergence(panel, ddof: int = 1) -> pd.Series:
    """Coefficient of variation between regions, year by year: CV_t = s_t / mean_t. Convergence is a fall.

    Parameters
    ----------
    panel : Series by (region, year), or DataFrame regions × years
        Positive values; every region in every year, so that a change of sample is not read as convergence.
    ddof : int
        1 divides the sum of squares by n − 1 (R, Stata, pandas), 0 by n (numpy).

    Returns
    -------
    Series by year, without unit

    Raises
    ------
    InputError
        For a missing or infinite cell, a value that is not positive, or a single region.

    References
    ----------
    Barro and Sala-i-Martin (1992), Journal of Political Economy 100(2), 223–251.

    Examples
    --------
    >>> sigma_convergence(pd.DataFrame({2016: [1, 3], 2023: [2, 3]}, index=["62", "11"])).round(3).to_dict()
    {2016: 0.707, 2023: 0.283}
    """
    frame = _positive(numbers(panel))
    return (frame.std(ddof=ddof) / frame.mean()).rename("cv")


@dataclass(frozen=True, eq=False)
class BetaConvergence:
    """A regression of growth on the starting level.

    Attributes
    ----------
    table : DataFrame by term
        coefficient, std_error, t, p, low, high (95 %); ``start`` is ln of the first value.
    beta : float
        The coefficient of ``start``; negative means that lower starts went with faster growth.
    speed : float or None
        Share of the gap closed in a year, −ln(1 + β T) / T; None if β ≤ −1/T.
    half_life : float or None
        Years until half of the gap is closed, ln 2 / speed; None without catching up.
    n, years : int
        Regions, and years between the first and the last value (T).
    r2 : float
    """

    table: pd.DataFrame
    beta: float
    speed: float | None
    half_life: float | None
    n: int
    years: int
    r2: float


def beta_convergence(panel, controls: pd.DataFrame | None = None) -> BetaConvergence:
    """Did regions that started lower grow faster? Ordinary least squares over regions.

    ln(y_T / y_0) / T = a + β ln y_0 (+ controls): absolute without controls, conditional with them. Growth is
    measured from the first to the last year of the panel; years between them do not matter.

    Parameters
    ----------
    panel : Series by (region, year), or DataFrame regions × years
        Positive values.
    controls : DataFrame regions × variables, optional
        Of the same regions.

    Returns
    -------
    BetaConvergence
        Starting levels measured with error push β down, so a small negative β proves little.

    Raises
    ------
    InputError
        For values that are not positive, a single year, fewer regions than terms plus one, starts that are all alike.

    References
    ----------
    Barro and Sala-i-Martin (1992), Journal of Political Economy 100(2), 223–251.

    Examples
    --------
    >>> gdp = pd.DataFrame({2016: [1, 2, 4], 2018: [2, 3, 5]}, index=["52", "62", "11"])
    >>> found = beta_convergence(gdp)
    >>> round(found.beta, 3), round(found.speed, 3), round(found.half_life, 1)
    (-0.17, 0.207, 3.3)
    """
    frame = _positive(numbers(panel))
    if frame.shape[1] < 2:
        raise InputError("Growth needs two years; the panel has one.")
    first, last = frame.columns[[0, -1]]
    span = int(last - first)
    start = varying(np.log(frame[first]), f"The value of {first}")
    growth = np.log(frame[last] / frame[first]) / span
    terms = pd.DataFrame({"constant": 1.0, "start": start})
    if controls is not None:
        same_labels(controls.index, frame.index, "controls")
        for name in controls:
            terms[name] = varying(values(controls[name], f"The control '{name}'"), f"The control '{name}'")
    if len(frame) <= terms.shape[1]:
        raise InputError(f"{terms.shape[1]} coefficients need more than {len(frame)} regions.")
    fit = extra("statsmodels.api").OLS(growth, terms).fit()
    low, high = (fit.conf_int()[side] for side in (0, 1))
    table = pd.DataFrame({"coefficient": fit.params, "std_error": fit.bse, "t": fit.tvalues, "p": fit.pvalues,
                          "low": low, "high": high}).rename_axis("term")
    beta = float(fit.params["start"])
    speed = float(-np.log1p(beta * span) / span) if beta * span > -1 else None
    half_life = float(np.log(2) / speed) if speed and speed > 0 else None
    return BetaConvergence(table, beta, speed, half_life, len(frame), span, float(fit.rsquared))


def panel_beta_convergence(panel, controls: pd.DataFrame | None = None) -> FixedEffects:
    """Catching up within regions: yearly growth on the level of the year before, with region and year effects.

    ln(y_it / y_i,t−1) = β ln y_i,t−1 (+ controls of the year before) + a_i + g_t. Each region closes in on a level of
    its own. In a short panel β is biased downwards by about (1 + ρ)/T (Nickell), so it exaggerates catching up.

    Parameters
    ----------
    panel : Series by (region, year), or DataFrame regions × years
        Positive values; growth counts between neighbouring calendar years only.
    controls : DataFrame indexed by (region, year), optional

    Returns
    -------
    FixedEffects
        With ``level`` as the coefficient β; errors clustered by region.

    References
    ----------
    Islam (1995), Quarterly Journal of Economics 110(4), 1127–1170; Nickell (1981), Econometrica 49(6), 1417–1426.
    """
    level = np.log(_positive(numbers(panel))).rename_axis(index="region", columns="year")
    growth = level.diff(axis=1).loc[:, np.diff(level.columns, prepend=level.columns[0]) == 1]
    data = pd.DataFrame({"level": level.stack(), "growth": growth.stack()})
    names = ["level"]
    if controls is not None:
        data = data.join(controls.rename_axis(index=data.index.names))
        names += list(controls.columns)
    return two_way_fixed_effects(data, "growth", names, lags=1)


def kernel_density(y, at=None, bandwidth: str | float = "nrd0") -> pd.Series:
    """Gaussian kernel density: f(x) = Σ φ((x − y_i) / h) / (n h).

    Parameters
    ----------
    y : Series by region, or a list
    at : list of float, optional
        Where to read the density; otherwise 200 points from three bandwidths below the lowest value to three above the
        highest.
    bandwidth : name of a rule (see `kernel_bandwidth`), or h itself in the unit of ``y``

    Returns
    -------
    Series by point, in 1 / unit of ``y``

    Examples
    --------
    >>> kernel_density([1.0, 2, 4], at=[2, 3]).round(3).to_dict()
    {2.0: 0.249, 3.0: 0.161}
    """
    y = values(y, "The value")
    h = kernel_bandwidth(y, bandwidth) if isinstance(bandwidth, str) else float(bandwidth)
    if not 0 < h < np.inf:
        raise InputError(f"A bandwidth must be above zero; this one is {h:g}.")
    points = np.linspace(y.min() - 3 * h, y.max() + 3 * h, 200) if at is None else np.atleast_1d(np.asarray(at, float))
    kernel = np.exp(-0.5 * (np.subtract.outer(points, y.to_numpy()) / h) ** 2) / np.sqrt(2 * np.pi)
    return pd.Series(kernel.mean(axis=1) / h, index=pd.Index(points, name="at"), name="density")


def kernel_bandwidth(y, rule: str = "nrd0") -> float:
    """Bandwidth by a rule of thumb, from the standard deviation s (ddof 1), the quartile range IQR and n.

    With a = min(s, IQR/1.34), or s where IQR is 0: ``nrd0`` 0.9 a n^(−1/5) (R's default), ``nrd`` 1.06 a n^(−1/5),
    ``scott`` s n^(−1/5), ``silverman`` s (3n/4)^(−1/5) (the last two as in scipy).

    Examples
    --------
    >>> round(kernel_bandwidth([1.0, 2, 4]), 3)
    0.809
    """
    y = varying(values(y, "The value"), "The value")
    if rule not in BANDWIDTHS:
        raise InputError(f"There is no bandwidth rule '{rule}'. Known: {', '.join(BANDWIDTHS)}, or a number.")
    s, n = y.std(ddof=1), len(y)
    return float(BANDWIDTHS[rule](s, min(s, (y.quantile(0.75) - y.quantile(0.25)) / 1.34) or s, n))


BANDWIDTHS = {
    "nrd0": lambda s, a, n: 0.9 * a * n**-0.2,
    "nrd": lambda s, a, n: 1.06 * a * n**-0.2,
    "scott": lambda s, a, n: s * n**-0.2,
    "silverman": lambda s, a, n: s * (0.75 * n) ** -0.2,
}


def _positive(frame: pd.DataFrame) -> pd.DataFrame:
    bad = np.argwhere(frame.to_numpy() <= 0)
    if len(bad):
        row, column = bad[0]
        raise InputError(f"The panel is {frame.iat[row, column]:g} for {frame.index[row]} in {frame.columns[column]}. "
                         "Convergence needs values above zero.")
    return frame
