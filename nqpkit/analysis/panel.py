"""Regressions on a panel of regions and years, through linearmodels.

They describe what moves together inside regions. They are not experiments.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqpkit.analysis.checks import extra
from nqpkit.errors import InputError

CLUSTERS = {"entity": {"cluster_entity": True}, "time": {"cluster_time": True},
            "both": {"cluster_entity": True, "cluster_time": True}}
FEW_YEARS = 15
FEW_CLUSTERS = 40


@dataclass(frozen=True, eq=False)
class FixedEffects:
    """A two-way fixed-effects regression.

    Attributes
    ----------
    table : DataFrame by variable
        coefficient, std_error, t, p, low, high (interval at ``level``).
    y : str
        The variable explained.
    n, regions, years : int
        Observations used, and the regions and years they come from.
    left_out : int
        Rows not used because a value (or its lag) is missing.
    r2_within : float
        Share described of the variance that is left when region and year effects are taken out (as in R's plm).
    lags : int
        How many years the variables on the right lie before ``y``.
    level : float
    """

    table: pd.DataFrame
    y: str
    n: int
    regions: int
    years: int
    left_out: int
    r2_within: float
    lags: int
    level: float

    def sentence(self) -> str:
        """What was found, in plain words: an association and its uncertainty, never a cause."""
        when = "in the same year" if self.lags == 0 else "a year later"
        parts = []
        for name, row in self.table.iterrows():
            sure = row["low"] > 0 or row["high"] < 0
            more = f"{abs(row['coefficient']):.3g} {'more' if row['coefficient'] > 0 else 'less'} of {self.y} {when}"
            interval = f"({self.level:.0%} interval {row['low']:.3g} to {row['high']:.3g})"
            parts.append(f"one unit more of {name} goes with {more} {interval}" if sure else
                         f"{name} shows no clear association with {self.y} {when} {interval}")
        small = [f"{self.years} years"] * (self.years < FEW_YEARS) + [f"{self.regions} regions"] * (
            self.regions < FEW_CLUSTERS)
        text = f"Inside {self.regions} regions over {self.years} years ({self.n} observations), {'; '.join(parts)}."
        if small:
            text += f" {' and '.join(small).capitalize()} carry little: the interval may be too narrow."
        return text + " This is an association; it does not show what moves what."


def two_way_fixed_effects(data: pd.DataFrame, y: str, x, lags: int = 0, cluster: str = "entity",
                          level: float = 0.95) -> FixedEffects:
    """Regress y on x with an effect for every region and every year.

    y_it = Σ β_k x_{k,i,t−lags} + a_i + g_t + e_it.

    Parameters
    ----------
    data : DataFrame indexed by (region, year)
        Years are whole numbers. Rows with a missing value are left out and counted.
    y : str
        Column to explain.
    x : str or list of str
        Columns on the right.
    lags : {0, 1}
        1 takes the x of the calendar year before; a gap in the years is not bridged.
    cluster : {"entity", "time", "both", "none"}
        Within what errors may be correlated. "none" is the textbook standard error for independent errors.
    level : float
        Of the interval.

    Returns
    -------
    FixedEffects
        Degrees of freedom count the effects. Stata's ``xtreg, fe`` does not count absorbed region effects in clustered
        errors, so its clustered errors are somewhat smaller.

    Raises
    ------
    InputError
        For unknown columns, infinite values, one region, one year, or an x that the effects absorb.

    References
    ----------
    Cameron and Miller (2015), Journal of Human Resources 50(2), 317–372 (clustered errors).

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["11", "52", "62"], [2019, 2020, 2021, 2022]], names=["code", "year"])
    >>> data = pd.DataFrame({"rd": [5, 6, 7, 9, 1, 1, 2, 2, 1, 2, 2, 3]}, index=index, dtype=float)
    >>> data["nqp"] = 2 * data["rd"] + [0, .1, 0, .1, 0, 0, .1, 0, .1, 0, .1, 0]
    >>> two_way_fixed_effects(data, "nqp", "rd").table["coefficient"].round(2).to_dict()
    {'rd': 2.03}
    """
    names = [x] if isinstance(x, str) else list(x)
    if lags not in (0, 1):
        raise InputError(f"Lags are 0 or 1, not {lags}.")
    if cluster != "none" and cluster not in CLUSTERS:
        raise InputError(f"There is no clustering '{cluster}'. Known: {', '.join(CLUSTERS)}, none.")
    whole = _panel(data, [y, *names])
    used = pd.concat([whole[y], _lagged(whole[names], lags)], axis=1).dropna()
    regions, years = used.index.get_level_values(0).nunique(), used.index.get_level_values(1).nunique()
    if regions < 2 or years < 2:
        raise InputError(f"Two-way effects need two regions and two years with complete values; there "
                         f"{'is' if regions == 1 else 'are'} {regions} and {years}.")
    for name in used:
        _refuse_absorbed(used[name], name)
    fit = _fit(used, y, names, cluster)
    bounds = fit.conf_int(level)
    table = pd.DataFrame({"coefficient": fit.params, "std_error": fit.std_errors, "t": fit.tstats, "p": fit.pvalues,
                          "low": bounds["lower"], "high": bounds["upper"]}).rename_axis("variable")
    return FixedEffects(table, y, len(used), regions, years, len(whole) - len(used), float(fit.rsquared), lags,
                        level)


def _fit(used, y, names, cluster):
    linear = extra("linearmodels.panel")
    free = len(used) - used.index.get_level_values(0).nunique() - used.index.get_level_values(1).nunique() + 1
    if free <= len(names):
        raise InputError(f"{len(names)} coefficients and the effects use up all {len(used)} observations.")
    try:
        model = linear.PanelOLS(used[y], used[names], entity_effects=True, time_effects=True)
        return model.fit() if cluster == "none" else model.fit(cov_type="clustered", **CLUSTERS[cluster])
    except (linear.utility.AbsorbingEffectError, ValueError) as error:
        raise InputError(f"{', '.join(names)} cannot be told apart from each other or from the region and year "
                         f"effects ({str(error).strip().splitlines()[0]}). Leave one out.") from None


def _panel(data, names) -> pd.DataFrame:
    if data.index.nlevels != 2 or not pd.api.types.is_integer_dtype(data.index.get_level_values(1)):
        raise InputError("Panel data must be indexed by region and year, with whole years.")
    for name in names:
        if name not in data:
            raise InputError(f"There is no column '{name}'. Known: {', '.join(map(str, data.columns))}.")
    if data.index.has_duplicates:
        region, year = data.index[data.index.duplicated()][0]
        raise InputError(f"The panel has two rows for {region} in {year}.")
    frame = data[list(dict.fromkeys(names))].astype(float)
    endless = np.argwhere(np.isinf(frame.to_numpy()))
    if len(endless):
        region, year = frame.index[endless[0][0]]
        raise InputError(f"'{frame.columns[endless[0][1]]}' is infinite for {region} in {year}.")
    return frame


def _lagged(frame: pd.DataFrame, lags: int) -> pd.DataFrame:
    region, year = (frame.index.get_level_values(side) for side in (0, 1))
    moved = frame.set_axis(pd.MultiIndex.from_arrays([region, year + lags], names=frame.index.names))
    return moved.reindex(frame.index)


def _refuse_absorbed(column: pd.Series, name: str) -> None:
    """A column that is constant inside every region, or alike for all regions in every year, leaves nothing."""
    size = 1e-10 * max(np.abs(column).max(), 1e-300)
    for side, where in ((0, "does not change inside any region"), (1, "is the same for all regions in every year")):
        if (column - column.groupby(level=side).transform("mean")).abs().max() <= size:
            raise InputError(f"'{name}' {where}, so the {('region', 'year')[side]} effects absorb it. Leave it out.")
