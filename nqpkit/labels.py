"""Labelled tables: what every step checks before it computes, and how values find their columns."""

import numpy as np
import pandas as pd

from nqpkit.errors import InputError


def as_table(x) -> pd.DataFrame:
    table = x if isinstance(x, pd.DataFrame) else pd.DataFrame(x)
    values = table.to_numpy(float)
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0]
        raise InputError(f"'{table.columns[column]}' is infinite in row {table.index[row]}.")
    empty = table.columns[np.isnan(values).all(axis=0)]
    if len(empty):
        raise InputError(f"'{empty[0]}' has no values at all.")
    return table.astype(float)


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
    if z.isna().to_numpy().any():
        row, column = np.argwhere(z.isna().to_numpy())[0]
        raise InputError(f"'{z.columns[column]}' is missing in row {z.index[row]}: {what} need complete rows.")
    if len(z) < 2:
        raise InputError(f"One row does not tell {what}: give two or more.")
    return z


def constant(z):
    spread = z.max() - z.min()
    return spread <= 1e-12 * z.abs().max()


def refuse_constant(spread, what):
    flat = spread.index[~(spread > 0)]
    if len(flat):
        raise InputError(f"'{flat[0]}' has {what}: it cannot be normalised. Leave it out or correct its figures.")


def refuse_negative(z, what):
    if (z < 0).to_numpy().any():
        row, column = np.argwhere((z < 0).to_numpy())[0]
        raise InputError(f"'{z.columns[column]}' is {z.iat[row, column]:g} in row {z.index[row]}: {what} need values "
                         "of zero or more; normalise first.")


def refuse_not_positive(x, what):
    if (x <= 0).to_numpy().any():
        row, column = np.argwhere((x <= 0).to_numpy())[0]
        raise InputError(f"'{x.columns[column]}' is {x.iat[row, column]:g} in row {x.index[row]}: {what} needs values "
                         "above zero.")
