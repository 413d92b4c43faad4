"""How unequal regions are, and how much of it lies between groups of them.

Values are per head; ``weights`` are populations. Without weights every region counts once. The Gini and Theil indices
of PySAL's `inequality` agree with the unweighted ones here; it has neither populations nor Dagum's decomposition.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqpkit.analysis.checks import group_levels, incomes, populations
from nqpkit.errors import InputError


def gini(y, weights=None) -> float:
    """Gini index of values per head.

    G = Σ_i Σ_k p_i p_k |y_i − y_k| / (2 μ), with population shares p and the weighted mean μ. There is no n/(n−1)
    correction.

    Parameters
    ----------
    y : Series by region, or a list
        Values per head, none negative. For group totals give ``total / population`` and the population as weights:
        totals without their populations measure the size of regions, not inequality.
    weights : Series by region or list, optional
        Populations, all above zero.

    Returns
    -------
    float from 0 (all equal) to just under 1

    Raises
    ------
    InputError
        For fewer than two regions; missing, infinite or negative values; zeros only; weights for other regions.

    References
    ----------
    Gini (1912); formula as in Sen (1973), On Economic Inequality.

    Examples
    --------
    >>> round(gini([10, 20, 30, 40, 100]), 12)
    0.4
    """
    y = incomes(y, "The value")
    p = populations(weights, y.index)
    order = np.argsort(y.to_numpy(), kind="stable")
    share = p.to_numpy()[order]
    income = share * y.to_numpy()[order]
    lorenz = np.cumsum(income) / income.sum()
    return float(max(0.0, 1 - share @ (lorenz + np.r_[0, lorenz[:-1]])))


@dataclass(frozen=True, eq=False)
class Theil:
    """Theil's T and its parts.

    Attributes
    ----------
    total, between, within : float
        ``between`` and ``within`` the (outermost) groups; they sum to ``total``.
    groups : DataFrame indexed by group
        ``theil`` inside the group, its ``population_share`` and ``income_share``, and its ``contribution`` to
        ``within`` (income share × theil).
    levels : Series
        Nested groups: what lies between the groups of each level inside the level above, then what is left within the
        innermost. Sums to ``total``.
    """

    total: float
    between: float
    within: float
    groups: pd.DataFrame
    levels: pd.Series


def theil(y, groups=None, weights=None) -> Theil:
    """Theil's T index, decomposed into inequality between groups and within them.

    T = Σ s ln(s / p) with income shares s and population shares p (0 · ln 0 = 0). For groups with shares S_g and P_g:
    T_between = Σ S_g ln(S_g / P_g), T_within = Σ S_g T_g. Groups are weighted by their share of income; weights by
    population do not add up to T.

    Parameters
    ----------
    y : Series by region, or a list
        Values per head, none negative.
    groups : Series by region or list; for nested groups a DataFrame (columns from outer to inner) or a list of such
        Left out, all inequality is within.
    weights : Series by region or list, optional
        Populations, all above zero.

    Returns
    -------
    Theil

    Raises
    ------
    InputError
        As `gini`; also for a single group, a region without one, or groups of other regions.

    References
    ----------
    Theil (1967), Economics and Information Theory; Shorrocks (1980), Econometrica 48(3), 613–625.

    Examples
    --------
    >>> parts = theil([1, 1, 3, 3, 8], groups=["west", "west", "east", "east", "east"])
    >>> [round(part, 4) for part in (parts.total, parts.between, parts.within)]
    [0.2885, 0.1847, 0.1038]
    """
    y = incomes(y, "The value")
    p = populations(weights, y.index)
    s = p * y / (p * y).sum()
    levels = group_levels(groups, y.index)
    total = _information(s, p)
    if levels is None:
        return Theil(total, 0.0, total, pd.DataFrame(), pd.Series({"within": total}, name="theil"))
    parts, above = {}, 0.0
    for depth, name in enumerate(levels.columns, start=1):
        keys = [levels[column] for column in levels.columns[:depth]]
        below = _information(s.groupby(keys).sum(), p.groupby(keys).sum())
        parts[f"between {name}"] = max(below - above, 0.0)
        above = below
    parts["within"] = max(total - above, 0.0)
    outer = levels.iloc[:, 0]
    table = pd.DataFrame({"population_share": p.groupby(outer).sum(), "income_share": s.groupby(outer).sum()})
    table.insert(0, "theil", [_information(s[rows], p[rows]) for rows in outer.groupby(outer).groups.values()])
    table["contribution"] = table["income_share"] * table["theil"]
    between = parts[f"between {levels.columns[0]}"]
    return Theil(total, between, float(table["contribution"].sum()), table, pd.Series(parts, name="theil"))


@dataclass(frozen=True, eq=False)
class Dagum:
    """A Gini index in Dagum's three parts.

    Attributes
    ----------
    total : float
        The Gini index; the sum of the three parts.
    within, net_between, transvariation : float
        Inside the groups; between them, net of overlap; from overlap (regions of the poorer group above regions of the
        richer one).
    groups : DataFrame indexed by group
        ``mean``, ``gini`` inside the group, ``population_share``, ``income_share``, ``contribution`` to ``within``.
    pairs : DataFrame indexed by (richer, poorer)
        ``gini`` between the two (G_jh), ``affluence`` (D_jh, 0 for full overlap, 1 for none), and the pair's
        ``net_between`` and ``transvariation``, which sum to the totals.
    """

    total: float
    within: float
    net_between: float
    transvariation: float
    groups: pd.DataFrame
    pairs: pd.DataFrame


def dagum(y, groups, weights=None) -> Dagum:
    """Dagum's decomposition of the Gini index by groups.

    With Δ_jh the mean absolute difference between a member of j and one of h, means μ, population shares p, income
    shares s: G_jh = Δ_jh / (μ_j + μ_h) and, with j the richer, D_jh = (d_jh − p_jh) / (d_jh + p_jh) =
    (μ_j − μ_h) / Δ_jh. Then G_within = Σ_j G_jj p_j s_j, G_net between = Σ_{j>h} G_jh (p_j s_h + p_h s_j) D_jh, and
    transvariation is the same sum with 1 − D_jh.

    Parameters
    ----------
    y : Series by region, or a list
        Values per head, none negative.
    groups : Series by region, or a list
    weights : Series by region or list, optional
        Populations, all above zero.

    Returns
    -------
    Dagum

    Raises
    ------
    InputError
        As `theil`.

    References
    ----------
    Dagum (1997), Empirical Economics 22(4), 515–531.

    Examples
    --------
    >>> parts = dagum([1, 3, 2, 6], ["west", "west", "east", "east"])
    >>> [round(part, 4) for part in (parts.total, parts.within, parts.net_between, parts.transvariation)]
    [0.3333, 0.125, 0.1667, 0.0417]
    >>> parts.pairs.round(3).loc[("east", "west"), ["gini", "affluence"]].tolist()
    [0.417, 0.8]
    """
    y = incomes(y, "The value")
    p = populations(weights, y.index)
    levels = group_levels(groups, y.index)
    if levels is None or levels.shape[1] != 1:
        raise InputError("Dagum's decomposition needs one column of groups.")
    member, names = pd.factorize(levels.iloc[:, 0], sort=True)
    people = np.zeros((len(y), len(names)))
    people[np.arange(len(y)), member] = p
    size = people.sum(axis=0)
    inside = people / size
    mean = y.to_numpy() @ inside
    apart = inside.T @ np.abs(np.subtract.outer(y.to_numpy(), y.to_numpy())) @ inside
    both = np.add.outer(mean, mean)
    index = np.divide(apart, both, out=np.zeros_like(apart), where=both > 0)
    income = size * mean / (size @ mean)
    table = pd.DataFrame({"mean": mean, "gini": np.diag(index), "population_share": size, "income_share": income,
                          "contribution": np.diag(index) * size * income}, index=names.rename("group"))
    pairs = _pairs(table, index, apart)
    within, net, across = table["contribution"].sum(), pairs["net_between"].sum(), pairs["transvariation"].sum()
    return Dagum(float(within + net + across), float(within), float(net), float(across), table, pairs)


def _pairs(table, index, apart) -> pd.DataFrame:
    rank = np.argsort(-table["mean"].to_numpy(), kind="stable")
    j, h = (rank[side] for side in np.triu_indices(len(rank), 1))
    mean, p, s = (table[column].to_numpy() for column in ("mean", "population_share", "income_share"))
    gap = np.abs(mean[j] - mean[h])
    affluence = np.divide(gap, apart[j, h], out=np.zeros_like(gap), where=apart[j, h] > 0).clip(0, 1)
    weight = index[j, h] * (p[j] * s[h] + p[h] * s[j])
    labels = pd.MultiIndex.from_arrays([table.index[j], table.index[h]], names=["richer", "poorer"])
    return pd.DataFrame({"gini": index[j, h], "affluence": affluence, "net_between": weight * affluence,
                         "transvariation": weight * (1 - affluence)}, index=labels)


def _information(s: pd.Series, p: pd.Series) -> float:
    """Σ (s/S) ln[(s/S) / (p/P)], each set of shares scaled to sum 1; zero where there is no income."""
    total = s.sum()
    if total == 0:
        return 0.0
    s, p = (s / total).to_numpy(), (p / p.sum()).to_numpy()
    ratio = np.divide(s, p, out=np.ones_like(s), where=s > 0)
    return float(max(s @ np.log(ratio), 0.0))
