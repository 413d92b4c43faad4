"""Made-up data of any size, for measuring time and memory: nothing here is a figure about a place."""

from pathlib import Path

import numpy as np
import pandas as pd

from nqpkit import Study
from nqpkit.framework import Framework

SEED = 1
DIMENSIONS = {"nqp": 3, "hqed": 5}


def panel(regions: int, years: int, indicators: int) -> pd.DataFrame:
    """Positive, skewed values by (code, year) and indicator, with something common to the indicators of a region."""
    rng = np.random.default_rng(SEED)
    index = pd.MultiIndex.from_product([[f"{n:05d}" for n in range(regions)], range(2000, 2000 + years)],
                                       names=["code", "year"])
    common = rng.gamma(4, 0.25, regions).repeat(years)[:, None]
    return pd.DataFrame(common * rng.gamma(2, 1, (len(index), indicators)), index=index,
                        columns=[f"i{n}" for n in range(indicators)])


def owners(indicators) -> pd.DataFrame:
    """System and dimension of every indicator: two systems, eight dimensions, as in the built-in framework."""
    names = [(system, f"{system}{n}") for system, count in DIMENSIONS.items() for n in range(count)]
    places = np.arange(len(indicators)) * len(names) // len(indicators)
    return pd.DataFrame([names[place] for place in places], index=indicators, columns=["system", "dimension"])


def study(regions: int, years: int, indicators: int) -> Study:
    """A study of that size in memory: one raw series an indicator."""
    values = panel(regions, years, indicators)
    figures = values.stack().rename("value").rename_axis(["code", "year", "series"]).reset_index()
    codes = values.index.get_level_values("code").unique()
    table = pd.DataFrame({"slug": codes, "name": codes, "group": np.where(np.arange(len(codes)) % 3, "rest", "east")},
                         index=pd.Index(codes, name="code"))
    systems = {}
    for (system, dimension), rows in owners(values.columns).groupby(["system", "dimension"], sort=False):
        entry = {name: {"label": name, "unit": "", "direction": 1, "formula": name} for name in rows.index}
        block = systems.setdefault(system, {"label": system, "dimensions": {}})
        block["dimensions"][dimension] = {"label": dimension, "indicators": entry}
    settings = {"title": "Synthetic", "unit": {"one": "unit", "many": "units"}, "focus": "rest",
                "groups": {"east": {"label": "east"}, "rest": {"label": "rest"}}}
    empty = pd.DataFrame()
    return Study(Path(), settings, table, figures.assign(source="made up"), empty, empty, empty, empty,
                 Framework(years=(2000, 1999 + years), breaks={}, systems=systems))
