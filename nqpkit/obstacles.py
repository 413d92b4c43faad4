"""What holds a system back: the obstacle degree in three readings.

The usual reading returns little more than the weights for a region far from the frontier on everything; that is why
the other two stand beside it.
"""

import pandas as pd

from nqpkit.errors import InputError
from nqpkit.labels import as_table, by_label, check_weights, refuse_outside


def obstacle_degree(z: pd.DataFrame, weights, share: bool = True) -> pd.DataFrame:
    """Obstacle degree of every indicator: O_ij = w_j (1 − z_ij) / Σ_j w_j (1 − z_ij).

    Parameters
    ----------
    z : DataFrame, cases × indicators
        Normalised to 0…1 with 1 as the best; the same values as in the score. A missing cell is no obstacle.
    weights : by indicator
        Final weights (within the dimension times the dimension's).
    share : bool
        False gives w (1 − z), not divided by its sum.

    Returns
    -------
    DataFrame as ``z``; rows sum to 1. A case that is best everywhere gets 0 in every column.

    Raises
    ------
    InputError
        For a value outside 0…1 (the message names indicator and row), or weights with other labels or another sum.

    References
    ----------
    Common in Chinese evaluation studies; the same numbers come from ``obstacle_degree`` of the R package mathmodels.

    Examples
    --------
    >>> z = pd.DataFrame({"rd": [0.5], "jobs": [0.0]})
    >>> obstacle_degree(z, {"rd": 0.5, "jobs": 0.5}).round(3).values.tolist()
    [[0.333, 0.667]]
    """
    z = as_table(z)
    refuse_outside(z, "values for an obstacle degree")
    raw = ((1 - z) * check_weights(weights, z.columns)).fillna(0)
    if not share:
        return raw
    total = raw.sum(axis=1)
    return raw.div(total.where(total > 0, 1), axis=0)


def relative_obstacle(z: pd.DataFrame, weights) -> pd.DataFrame:
    """Obstacle degree relative to the indicator's weight: R_ij = O_ij / w_j.

    1 means that the indicator obstructs as much as its weight alone would make it; above 1, more. An indicator without
    weight is missing.

    Examples
    --------
    >>> relative_obstacle(pd.DataFrame({"rd": [0.5], "jobs": [0.0]}), {"rd": 0.5, "jobs": 0.5}).round(2).values.tolist()
    [[0.67, 1.33]]
    """
    z = as_table(z)
    w = check_weights(weights, z.columns)
    return obstacle_degree(z, w).div(w.where(w > 0), axis=1)


def reference_gap(z: pd.DataFrame, reference: pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Distance to a reference, such as the median of the eastern provinces: max(0, reference − z).

    Parameters
    ----------
    z : DataFrame, cases × indicators
    reference : Series by indicator, or DataFrame aligned with ``z`` (the reference of each case's year)

    Examples
    --------
    >>> reference_gap(pd.DataFrame({"rd": [0.2, 0.9]}), pd.Series({"rd": 0.6})).round(1)["rd"].tolist()
    [0.4, 0.0]
    """
    z = as_table(z)
    reference = by_label(reference, z.columns)
    if isinstance(reference, pd.DataFrame) and not reference.index.equals(z.index):
        raise InputError("The reference must have the same rows in the same order as the values.")
    return (reference - z).clip(lower=0)


def sum_by(obstacles: pd.DataFrame, weights: pd.Series, members: dict[str, list[str]]) -> dict[str, pd.DataFrame]:
    """Sum indicators to groups (dimensions, dilemmas): shares, and shares relative to the group's weight.

    Parameters
    ----------
    obstacles : DataFrame, cases × indicators, from `obstacle_degree`
    weights : Series by indicator
    members : dict
        Group → its indicators.

    Returns
    -------
    dict with ``share`` and ``relative``, each cases × groups
    """
    share = pd.DataFrame({group: obstacles[names].sum(axis=1) for group, names in members.items()})
    weight = pd.Series({group: weights[names].sum() for group, names in members.items()}) / weights.sum()
    return {"share": share, "relative": share / weight.where(weight > 0)}
