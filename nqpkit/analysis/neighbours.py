"""Who borders on whom, as weights that labels decide."""

import numpy as np
import pandas as pd

from nqpkit.analysis.checks import extra, same_labels
from nqpkit.errors import InputError


def neighbour_weights(neighbours: pd.DataFrame, regions) -> pd.DataFrame:
    """Row-standardised weights: each neighbour of a region counts 1 / (number of its neighbours).

    Parameters
    ----------
    neighbours : DataFrame with columns ``code`` and ``neighbour``
        One row a border; a border given from one side counts from both.
    regions : Index of codes, or any object with such an index

    Returns
    -------
    DataFrame regions × regions, in the order given; rows sum to 1, the diagonal is 0. ``weights @ y`` is the mean of
    the neighbours.

    Raises
    ------
    InputError
        For a neighbour that is not a region, a region bordering on itself, or a region without neighbours.

    Examples
    --------
    >>> borders = pd.DataFrame({"code": ["62", "62"], "neighbour": ["61", "64"]})
    >>> neighbour_weights(borders, ["61", "62", "64"]).loc["62"].tolist()
    [0.5, 0.0, 0.5]
    """
    index = pd.Index(getattr(regions, "index", regions) if not isinstance(regions, list) else regions)
    for column in ("code", "neighbour"):
        if column not in neighbours:
            raise InputError(f"The neighbours have no column '{column}'.")
        unknown = neighbours[column][~neighbours[column].isin(index)]
        if len(unknown):
            raise InputError(f"The neighbours name {unknown.iloc[0]} in column '{column}', row {unknown.index[0]}, "
                             "which is not among the regions.")
    row, column = index.get_indexer(neighbours["code"]), index.get_indexer(neighbours["neighbour"])
    if (row == column).any():
        raise InputError(f"{index[row[row == column][0]]} stands as its own neighbour. Remove the row.")
    borders = np.zeros((len(index), len(index)))
    borders[row, column] = borders[column, row] = 1
    count = borders.sum(axis=1)
    if (count == 0).any():
        raise InputError(f"{index[count == 0][0]} has no neighbour. Give it one by convention (a ferry, a strait) or "
                         "leave it out.")
    return pd.DataFrame(borders / count[:, None], index=index, columns=index)


def pysal_weights(weights, index: pd.Index):
    """A row-standardised libpysal W in the order of ``index``."""
    if not isinstance(weights, pd.DataFrame):
        matrix, order = weights.full()
        weights = pd.DataFrame(matrix, index=order, columns=order)
    same_labels(weights.index, index, "weights")
    same_labels(weights.columns, index, "weights")
    matrix = weights.loc[index, index].to_numpy(float)
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise InputError("Weights between regions must be numbers of zero or more.")
    if (matrix.sum(axis=1) == 0).any():
        raise InputError(f"{index[matrix.sum(axis=1) == 0][0]} has no neighbour in the weights.")
    libpysal = extra("libpysal.weights")
    w = libpysal.W({label: {index[k]: row[k] for k in np.flatnonzero(row)} for label, row in zip(index, matrix,
                   strict=True)}, id_order=list(index), silence_warnings=True)
    w.transform = "r"
    return w
