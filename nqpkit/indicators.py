"""From figures to indicators: formulas computed on the panel, single-year gaps bridged and flagged."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from nqpkit import formula
from nqpkit.errors import InputError
from nqpkit.framework import Framework
from nqpkit.study import Study


@dataclass(frozen=True, eq=False)
class Indicators:
    """Indicator values of the scored years, each frame (code, year) × indicator.

    Attributes
    ----------
    values : DataFrame
        In the indicator's unit, before any logarithm.
    bridged : DataFrame of bool
        True where a gap of one year was bridged between its observed neighbours.
    partial : DataFrame of bool
        True where a three-year mean rests on two years.
    """

    values: pd.DataFrame
    bridged: pd.DataFrame
    partial: pd.DataFrame

    def logged(self, transforms: pd.Series) -> pd.DataFrame:
        """The values with the natural logarithm taken where ``transforms`` (by indicator) says ``log``.

        Raises
        ------
        InputError
            If a logarithm meets zero or less; the message names region, year and indicator.
        """
        values = self.values.copy()
        for name in transforms.index[transforms == "log"]:
            low = values.index[values[name] <= 0]
            if len(low):
                code, year = low[0]
                raise InputError(f"'{name}' scores a logarithm, but is {values.at[low[0], name]:g} for region {code} "
                                 f"in {year}. Correct the figure or take 'transform: log' off the indicator.")
            values[name] = np.log(values[name])
        return values


def compute_indicators(study: Study, framework: Framework | None = None, companions: bool = False) -> Indicators:
    """Compute every indicator of a framework for every region and scored year.

    Formulas run on all years of the figures, so that growth and three-year means reach back before the first
    scored year; then single-year gaps are bridged; then the scored years are cut out.

    Parameters
    ----------
    study : Study
    framework : Framework, optional
        The study's own unless given.
    companions : bool
        Compute the companions (shown beside the scores, never scored) instead, over all years of the figures; their
        ``years`` cut what is returned, and nothing is bridged.

    Returns
    -------
    Indicators

    Examples
    --------
    >>> computed = compute_indicators(Study.load())
    >>> print(round(computed.values.loc[("62", 2023), "rd_intensity"], 2))
    1.27
    """
    framework = framework or study.framework
    formulas = framework.formulas()
    entries = framework.companions if companions else framework.indicators().to_dict("index")
    wide = wide_series(study)
    values, bridged, partial = {}, {}, {}
    for name, entry in entries.items():
        missing = formulas[name].series - wide.keys()
        if missing:
            raise InputError(f"framework.yml, indicator '{name}': there is no series '{sorted(missing)[0]}' in "
                             "figures.csv.")
        value, two = formula.compute(formulas[name], wide, framework.breaks)
        filled = value if companions else bridge(value)
        if companions and entry.get("years"):
            filled = filled.loc[entry["years"][0]:entry["years"][1]]
        values[name], bridged[name] = filled, filled.notna() & value.reindex(filled.index).isna()
        partial[name] = two if isinstance(two, pd.DataFrame) else value.isna() & False
    years = None if companions else study.years if framework is study.framework else range(
        framework.years[0], framework.years[1] + 1)
    return Indicators(*(_stack(frames, study.regions.index, years) for frames in (values, bridged, partial)))


@lru_cache(maxsize=4)
def wide_series(study: Study) -> dict[str, pd.DataFrame]:
    """Each series as calendar years without holes (rows) × regions (columns); made once, so change nothing in it."""
    panel = study.panel()
    years = panel.index.get_level_values("year")
    calendar = pd.RangeIndex(years.min(), years.max() + 1, name="year")
    wide = panel.unstack("code").reindex(calendar)
    return {name: wide[name].reindex(columns=study.regions.index) for name in panel.columns}


def bridge(values: pd.DataFrame) -> pd.DataFrame:
    """Fill a gap of exactly one year between two observed years with their mean; leave longer gaps whole.

    Parameters
    ----------
    values : DataFrame
        Calendar years (rows) × regions (columns).

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, np.nan, 3.0, np.nan, np.nan, 6.0]}, index=range(2016, 2022))
    >>> bridge(frame)["a"].tolist()
    [1.0, 2.0, 3.0, nan, nan, 6.0]
    """
    return values.where(values.notna(), (values.shift(1) + values.shift(-1)) / 2)


def _stack(frames: dict[str, pd.DataFrame], codes, years) -> pd.DataFrame:
    """Frames of years × regions as columns of one, (code, year); without ``years`` all that any of them has."""
    if years is None:
        years = sorted(set().union(*(frame.index for frame in frames.values())))
    rows = pd.MultiIndex.from_product([codes, years], names=["code", "year"])
    return pd.DataFrame({name: frame.reindex(index=years, columns=codes).to_numpy().T.ravel()
                         for name, frame in frames.items()}, rows)
