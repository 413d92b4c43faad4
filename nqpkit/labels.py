"""Labelled tables: what every step checks before it computes, and how values find their columns."""

import numpy as np
import pandas as pd

from nqpkit.errors import InputError


def as_table(x) -> pd.DataFrame:
    """A table of floats; InputError names an infinite cell or a column without any value."""
    table = x if isinstance(x, pd.DataFrame) else pd.DataFrame(x)
    values = table.to_numpy(float)
    if not np.isfinite(values).all():
        if np.isinf(values).any():
            row, column = np.argwhere(np.isinf(values))[0]
            raise InputError(f"'{table.columns[column]}' is infinite in row {table.index[row]}.")
        empty = table.columns[np.isnan(values).all(axis=0)]
        if len(empty):
            raise InputError(f"'{empty[0]}' has no values at all.")
    return pd.DataFrame(values, index=table.index, columns=table.columns)


def by_label(given, labels):
    """Align to the columns by label; a plain list or array goes by their order."""
    if np.isscalar(given):
        return pd.Series(given, index=labels)
    if isinstance(given, pd.DataFrame):
        have = given.columns
    else:
        if not isinstance(given, (pd.Series, dict)):
            if len(given) != len(labels):
                raise InputError(f"{len(given)} values were given for {len(labels)} columns.")
            given = pd.Series(list(given), index=labels)
        given = pd.Series(given)
        have = given.index
    if set(have) != set(labels):
        extra, lacking = sorted(set(map(str, have)) - set(map(str, labels))), [x for x in labels if x not in set(have)]
        what = f"'{lacking[0]}' is missing" if lacking else f"'{extra[0]}' is not a column"
        raise InputError(f"The labels do not match the columns: {what}.")
    return given[labels] if isinstance(given, pd.DataFrame) else given.reindex(labels)


def check_weights(weights, labels: pd.Index) -> pd.Series:
    """Weights aligned to labels and scaled to sum 1; InputError names a label too many, too few, or a bad value."""
    w = by_label(weights, labels).astype(float)
    if not np.isfinite(w).all() or (w < 0).any():
        bad = w.index[~np.isfinite(w) | (w < 0)][0]
        raise InputError(f"The weight of '{bad}' is {w[bad]}: weights must be zero or more.")
    if w.sum() == 0:
        raise InputError("The weights sum to zero: give at least one above zero.")
    return w / w.sum()


def complete(z, what):
    """The table itself; InputError names a missing cell, or says that one row is not enough."""
    missing = np.isnan(z.to_numpy())
    if missing.any():
        row, column = np.argwhere(missing)[0]
        raise InputError(f"'{z.columns[column]}' is missing in row {z.index[row]}: {what} need complete rows.")
    if len(z) < 2:
        raise InputError(f"One row does not tell {what}: give two or more.")
    return z


def constant(z: pd.DataFrame) -> np.ndarray:
    """Which columns hold one and the same value, up to rounding."""
    values = z.to_numpy()
    return np.ptp(values, axis=0) <= 1e-12 * np.abs(values).max(axis=0)


def refuse_constant(spread: pd.Series, what: str) -> None:
    """InputError that names the first column whose spread is not above zero."""
    flat = spread.index[~(spread.to_numpy() > 0)]
    if len(flat):
        raise InputError(f"'{flat[0]}' has {what}: it cannot be normalised. Leave it out or correct its figures.")


def refuse_negative(z: pd.DataFrame, what: str) -> None:
    """InputError that names the first cell below zero."""
    _refuse(z, z.to_numpy() < 0, f"{what} need values of zero or more; normalise first")


def refuse_not_positive(x: pd.DataFrame, what: str) -> None:
    """InputError that names the first cell at or below zero."""
    _refuse(x, x.to_numpy() <= 0, f"{what} needs values above zero")


def _refuse(x, bad, rule):
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise InputError(f"'{x.columns[column]}' is {x.iat[row, column]:g} in row {x.index[row]}: {rule}.")
