"""Labelled tables: what every step checks before it computes, and how values find their columns."""

import numpy as np
import pandas as pd

from nqpkit.errors import InputError

ROUNDING = 0.01  # how far weights may miss a sum of 1 because they were printed with few decimals


def as_table(x) -> pd.DataFrame:
    """A table of floats; InputError names a cell that is no number or infinite, or a column empty or there twice."""
    table = x if isinstance(x, pd.DataFrame) else pd.DataFrame(x)
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise InputError(f"There are two columns '{twice}'. Give every indicator a name of its own.")
    values = table.to_numpy()
    floats = values.dtype == np.float64
    if not floats:
        values = _floats(table)
    if not np.isfinite(values).all():
        if np.isinf(values).any():
            row, column = np.argwhere(np.isinf(values))[0]
            raise InputError(f"'{table.columns[column]}' is infinite in row {table.index[row]}.")
        empty = table.columns[np.isnan(values).all(axis=0)]
        if len(empty):
            raise InputError(f"'{empty[0]}' has no values at all.")
    return table if floats else pd.DataFrame(values, index=table.index, columns=table.columns)


def _floats(table) -> np.ndarray:
    try:
        return table.to_numpy(float, na_value=np.nan)
    except (TypeError, ValueError):
        for name, column in table.items():
            bad = column.notna() & pd.to_numeric(column, errors="coerce").isna()
            if bad.any():
                raise InputError(f"'{name}' is '{column[bad].iloc[0]}' in row {column.index[bad][0]}: this must be a "
                                 "number.") from None
        return table.apply(pd.to_numeric).to_numpy(float)


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
    if have.equals(labels) and have.is_unique:
        return given
    if have.has_duplicates:
        raise InputError(f"The label '{have[have.duplicated()][0]}' stands twice. Give one value a column.")
    if set(have) != set(labels):
        extra, lacking = sorted(set(map(str, have)) - set(map(str, labels))), [x for x in labels if x not in set(have)]
        what = f"'{lacking[0]}' is missing" if lacking else f"'{extra[0]}' is not a column"
        raise InputError(f"The labels do not match the columns: {what}.")
    return given[labels] if isinstance(given, pd.DataFrame) else given.reindex(labels)


def check_weights(weights, labels: pd.Index) -> pd.Series:
    """Weights aligned to labels and scaled to sum exactly 1.

    They may be given as shares (sum 1), as per cent (sum 100), both up to rounding, or as points (whole numbers, any
    sum). InputError names a label too many or too few, a bad value, or another sum.
    """
    w = positive_weights(weights, labels)
    values = w.to_numpy()
    total = values.sum()
    if min(abs(total - 1), abs(total / 100 - 1)) > ROUNDING and (values % 1 != 0).any():
        raise InputError(f"The weights sum to {total:.6g}, not to 1 ({_listed(w)}). Give shares that sum to 1, per "
                         "cent that sum to 100, or whole points.")
    return pd.Series(values / total, index=labels)


def positive_weights(weights, labels: pd.Index) -> pd.Series:
    """Weights aligned to labels, whatever their sum; InputError for a negative or infinite one, or only zeros."""
    w = by_label(weights, labels)
    values = w.to_numpy(float)
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        raise InputError(f"The weight of '{w.index[bad][0]}' is {values[bad][0]}: weights must be zero or more.")
    if values.sum() == 0:
        raise InputError("The weights sum to zero: give at least one above zero.")
    return w


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


def refuse_outside(z: pd.DataFrame, what: str) -> None:
    """InputError that names the first cell outside 0…1."""
    values = z.to_numpy()
    _refuse(z, (values < 0) | (values > 1), f"{what} must lie in 0…1")


def _listed(w, most=3):
    shown = ", ".join(f"'{label}' {value:.4g}" for label, value in w.iloc[:most].items())
    return shown + (", …" if len(w) > most else "")


def _refuse(x, bad, rule):
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise InputError(f"'{x.columns[column]}' is {x.iat[row, column]:g} in row {x.index[row]}: {rule}.")
