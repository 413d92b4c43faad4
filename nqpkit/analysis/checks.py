"""What every analysis asks of its input, and the sentences for what it refuses."""

from importlib import import_module

import numpy as np
import pandas as pd

from nqpkit.errors import InputError


def extra(module: str):
    """Import a package of the ``analysis`` extra when it is first needed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(f'This analysis needs the package {module.split(".")[0]}. Install it with '
                         'pip install "nqpkit[analysis]".') from error


def values(y, what: str, least: int = 2) -> pd.Series:
    """Finite numbers under labels that are each used once."""
    try:
        y = pd.Series(y).astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} must be one column of numbers: {error}.") from None
    twice = y.index[y.index.duplicated()]
    if len(twice):
        raise InputError(f"{what} has two values for {twice[0]}. Give one value a region.")
    bad = y.index[~np.isfinite(y)]
    if len(bad):
        state = "infinite" if np.isinf(y[bad[0]]) else "missing"
        raise InputError(f"{what} is {state} for {bad[0]}. Leave the region out or correct its figure.")
    if len(y) < least:
        raise InputError(f"{what} has {len(y)} value{'s' * (len(y) != 1)}; this needs at least {least}.")
    return y


def incomes(y, what: str) -> pd.Series:
    """Values that shares can be taken of: none negative, not all zero."""
    y = values(y, what)
    if (y < 0).any():
        raise InputError(f"{what} is {y[y < 0].iloc[0]:g} for {y.index[y < 0][0]}. Inequality needs values of zero or "
                         "more.")
    if y.sum() == 0:
        raise InputError(f"{what} is zero everywhere, so there are no shares to compare.")
    return y


def varying(y: pd.Series, what: str) -> pd.Series:
    """The same values, if they are not all alike."""
    if np.ptp(y) <= 1e-12 * np.abs(y).max():
        raise InputError(f"{what} is {y.iloc[0]:g} everywhere. This needs values that vary.")
    return y


def aligned(given, index: pd.Index, what: str) -> pd.Series:
    """Bring a labelled column into the order of ``index``; a plain list or array goes by position."""
    if not isinstance(given, (pd.Series, dict)):
        if len(given) != len(index):
            raise InputError(f"There are {len(index)} values but {len(given)} {what}.")
        return pd.Series(list(given), index=index)
    given = pd.Series(given)
    same_labels(given.index, index, what)
    return given.reindex(index)


def same_labels(have: pd.Index, index: pd.Index, what: str) -> None:
    """Refuse a label that is missing, too many or there twice."""
    for label, where in ((index.difference(have), "has no entry in"), (have.difference(index), "is only in")):
        if len(label):
            raise InputError(f"{label[0]} {where} the {what}. Give the {what} for the same regions as the values.")
    if have.has_duplicates:
        raise InputError(f"{have[have.duplicated()][0]} stands twice in the {what}.")


def populations(weights, index: pd.Index) -> pd.Series:
    """Population shares: equal unless given, otherwise positive and scaled to sum 1."""
    if weights is None:
        return pd.Series(1 / len(index), index=index)
    w = values(aligned(weights, index, "weights"), "The weight")
    if (w <= 0).any():
        raise InputError(f"The weight of {w.index[w <= 0][0]} is {w[w <= 0].iloc[0]:g}. Weights must be above zero.")
    return w / w.sum()


def group_levels(groups, index: pd.Index) -> pd.DataFrame | None:
    """Groups as a frame in the order of ``index``, one column a level, outer first."""
    if groups is None:
        return None
    if isinstance(groups, pd.DataFrame):
        same_labels(groups.index, index, "groups")
        levels = groups.reindex(index)
    elif not isinstance(groups, (pd.Series, dict)) and all(pd.api.types.is_list_like(level) for level in groups):
        levels = pd.DataFrame({getattr(level, "name", None) or f"level {n}": aligned(level, index, "groups")
                               for n, level in enumerate(groups, start=1)})
    else:
        levels = aligned(groups, index, "groups").to_frame(getattr(groups, "name", None) or "groups")
    if levels.isna().to_numpy().any():
        raise InputError(f"{index[levels.isna().any(axis=1)][0]} has no group.")
    outer = levels.iloc[:, 0]
    if outer.nunique() < 2:
        raise InputError(f"All regions are in one group, {outer.iloc[0]}. A decomposition needs at least two groups.")
    return levels


def wide(panel, what: str = "The panel") -> pd.DataFrame:
    """A panel as regions × years, years rising, from a Series by (region, year) or a frame already in that form."""
    if isinstance(panel, pd.Series):
        if panel.index.nlevels != 2:
            raise InputError(f"{what} must be indexed by region and year.")
        if panel.index.has_duplicates:
            region, year = panel.index[panel.index.duplicated()][0]
            raise InputError(f"{what} has two values for {region} in {year}.")
        panel = panel.unstack()
    frame = pd.DataFrame(panel)
    try:
        frame = frame.set_axis(frame.columns.astype(int), axis=1).sort_index(axis=1)
    except (TypeError, ValueError):
        raise InputError(f"The columns of {what[0].lower() + what[1:]} must be years.") from None
    if frame.index.has_duplicates:
        raise InputError(f"{what} has two rows for {frame.index[frame.index.duplicated()][0]}.")
    empty = np.argwhere(frame.isna().to_numpy())
    if len(empty):
        raise InputError(f"{what} is missing for {frame.index[empty[0][0]]} in {frame.columns[empty[0][1]]}. Leave the "
                         "region or the year out.")
    return frame


def numbers(panel, what: str = "The panel") -> pd.DataFrame:
    """A complete panel of finite numbers, regions × years."""
    frame = wide(panel, what)
    try:
        frame = frame.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} must hold numbers: {error}.") from None
    endless = np.argwhere(np.isinf(frame.to_numpy()))
    if len(endless):
        raise InputError(f"{what} is infinite for {frame.index[endless[0][0]]} in {frame.columns[endless[0][1]]}.")
    if len(frame) < 2:
        raise InputError(f"{what} has one region; this compares regions and needs at least two.")
    return frame
