"""The three dilemmas: which indicators each has, what it is called in a cell, and the same under other weights."""

from functools import lru_cache

import pandas as pd

from nqpkit.evaluation import Evaluation, evaluate

PLACE = "shaanxi"
SHORT = {"industrial_momentum": "industry", "innovation_capability": "innovation", "high_level_talent": "talent"}
LETTERS = {"industrial_momentum": "I", "innovation_capability": "N", "high_level_talent": "T"}


def members(result: Evaluation) -> dict[str, list[str]]:
    """The indicators of each dilemma."""
    return {name: entry["indicators"] for name, entry in result.framework.dilemmas.items()}


@lru_cache(maxsize=8)
def weighted(result: Evaluation, weights: str) -> Evaluation:
    """The same study under another weighting."""
    return result if result.options.weights == weights else evaluate(result.study, weights=weights)


def in_focus(result: Evaluation, table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table by code that belong to the group in focus."""
    return table[result.study.regions["group"].reindex(table.index) == result.study.focus]
