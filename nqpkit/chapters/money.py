"""Output, people and prices of a study's groups, where it has them: what the chapters on shares and heads divide."""

from functools import lru_cache

import pandas as pd

from nqpkit.evaluation import Evaluation
from nqpkit.study import Study
from nqpkit.wording import Prose

GDP, FIRST, PEOPLE, INDEX = "gdp", "gdp_pre5ec", "population", "gdp_index"
UNITS = ["100 million CNY", "10 thousand persons"]  # their ratio is in 10,000 yuan a head
NO_MONEY = Prose("This study has no GDP in two vintages with population, so this section has nothing to show.")
NO_INDEX = Prose("This study has no index of real GDP, so speed cannot be compared here.")


@lru_cache(maxsize=8)
def panel_of(study: Study) -> pd.DataFrame:
    """All figures of a study as a panel, read once."""
    return study.panel()


def has(result: Evaluation, *series: str) -> bool:
    """Whether the study holds figures of every one of some series."""
    return set(series) <= set(panel_of(result.study).columns)


def complete_years(result: Evaluation, *series: str) -> list[int]:
    """The years in which every region has a figure of every series."""
    panel = panel_of(result.study)[list(series)].notna().all(axis=1).unstack("year").reindex(result.study.regions.index)
    return [int(year) for year in panel.columns[panel.fillna(False).all()]]


def totals(result: Evaluation, series: str, year: int) -> pd.Series:
    """The sum of a series over the members of every group in one year."""
    column = panel_of(result.study)[series].xs(year, level="year")
    return column.groupby(result.study.regions["group"].reindex(column.index)).sum()


def claim_of(result: Evaluation, name: str) -> dict | None:
    """A claim of the study's paper by its id, or None."""
    return next((claim for claim in result.study.claims.get("claims", []) if claim["id"] == name), None)


def heads(result: Evaluation) -> pd.DataFrame | None:
    """GDP per head of every group, revised, 10,000 yuan, by year."""
    if not has(result, GDP, PEOPLE) or list(result.study.series.loc[[GDP, PEOPLE], "unit"]) != UNITS:
        return None
    years = complete_years(result, GDP, PEOPLE)
    return pd.DataFrame({year: totals(result, GDP, year) / totals(result, PEOPLE, year) for year in years}).T
