"""Does an index hang together, and does its coupling say more than chance and income would?

Five questions that a referee asks of any composite index, answered on the evaluation at hand: what is counted twice,
what does not belong to its dimension, what one indicator decides, what a random index would give, and what is left of
the association of the two systems when income is taken out.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqpkit import coupling as cpl
from nqpkit import formula
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.framework import Framework
from nqpkit.indicators import wide_series
from nqpkit.labels import as_table, complete, constant, refuse_constant
from nqpkit.overall import standing
from nqpkit.sensitivity import revise

INCOME = "gdp / population"


@dataclass(frozen=True, eq=False)
class Audit:
    """What `audit` found, for one year.

    Attributes
    ----------
    year : int
    shared : DataFrame indexed by series
        Raw series in the numerators of more than one system, with the ``indicators`` that use them; empty is good.
    dimensions, items : DataFrame
        From `reliability`.
    leave_one_out : DataFrame
        From `leave_one_out`.
    random : DataFrame by code
        ``coordination``, the ``low``, ``median`` and ``high`` of a random partner (5th, 50th and 95th percentile), and
        ``place``: below, inside or above. None with one system.
    association : Association or None
        None where the study has no figures for the control.
    """

    year: int
    shared: pd.DataFrame
    dimensions: pd.DataFrame
    items: pd.DataFrame
    leave_one_out: pd.DataFrame
    random: pd.DataFrame | None
    association: "Association | None"


@dataclass(frozen=True)
class Association:
    """How closely two systems go together, before and after a third thing is taken out of both.

    Attributes
    ----------
    r, partial : float
        Pearson's correlation, and the partial one.
    first_with_control, second_with_control : float
    control : str
        What was taken out.
    n : int
    """

    r: float
    partial: float
    first_with_control: float
    second_with_control: float
    control: str
    n: int


def audit(result: Evaluation, year: int | None = None, control: str = INCOME) -> Audit:
    """All five questions in one call.

    Parameters
    ----------
    result : Evaluation
    year : int, optional
        The last scored year unless given.
    control : str
        What to take out of the association, in the formula language of the framework; its logarithm is used.

    Returns
    -------
    Audit

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> found = audit(evaluate(Study.load()), 2023)
    >>> len(found.shared), found.association.r > found.association.partial
    (0, True)
    """
    year = result.year(year)
    z = result.normalised.xs(year, level="year")
    dimensions, items = reliability(z.dropna(), result.weights["dimension"])
    try:
        association = association_without(result, year, control)
    except InputError:
        association = None
    return Audit(year, shared_numerators(result.framework), dimensions, items, leave_one_out(result, year),
                 against_random(result, year) if result.coupled else None, association)


def shared_numerators(framework: Framework) -> pd.DataFrame:
    """Raw series that stand in the numerator of indicators of more than one system: what would be counted twice.

    Returns
    -------
    DataFrame indexed by series, with ``indicators``, the lists of those that use it; empty if no series is shared

    Examples
    --------
    >>> from nqpkit import Study
    >>> len(shared_numerators(Study.load().framework))
    0
    """
    formulas, owner = framework.formulas(), framework.indicators()["system"]
    users: dict[str, list] = {}
    for indicator in owner.index:
        for series in sorted(formulas[indicator].numerator):
            users.setdefault(series, []).append(indicator)
    twice = {series: names for series, names in users.items() if owner[names].nunique() > 1}
    return pd.DataFrame({"indicators": pd.Series(twice, dtype=object)}).rename_axis("series")


def reliability(z: pd.DataFrame, dimensions: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Do the indicators of a dimension speak of one thing? Cronbach's alpha and item–rest correlations.

    Standardised alpha of k indicators with mean correlation r̄: α = k r̄ / (1 + (k − 1) r̄). Item–rest: the correlation
    of an indicator with the sum of the others, all standardised.

    Parameters
    ----------
    z : DataFrame, cases × indicators, complete
        In one direction (normalised), or correlations would cancel.
    dimensions : Series by indicator
        The dimension of each.

    Returns
    -------
    dimensions : DataFrame by dimension
        ``indicators`` (how many), ``alpha``, ``weakest`` (the indicator with the lowest item–rest correlation) and its
        ``item_rest``; missing where a dimension has one indicator. An alpha below 0 is printed as it is: indicators
        run against each other.
    items : DataFrame by indicator
        ``dimension``, ``item_rest``, ``alpha_without`` (alpha if it is left out; missing with two indicators).

    Raises
    ------
    InputError
        For missing cells, a single row, an indicator that does not vary, or one without a dimension.

    References
    ----------
    Cronbach (1951), Psychometrika 16(3), 297–334; OECD/JRC (2008), Handbook on Constructing Composite Indicators,
    section 4.1 and table 11, whose numbers the tests reproduce.

    Examples
    --------
    >>> z = pd.DataFrame({"a": [0, 0.5, 1], "b": [0, 0.4, 1], "c": [1, 0.2, 0]})
    >>> both, items = reliability(z[["a", "b"]], pd.Series({"a": "one", "b": "one"}))
    >>> both.round(3).loc["one", "alpha"].item(), items.round(3)["item_rest"].to_dict()
    (0.997, {'a': 0.993, 'b': 0.993})
    """
    z = complete(as_table(z), "correlations of indicators")
    refuse_constant((z.max() - z.min()).mask(constant(z), 0), "the same value everywhere")
    lost = z.columns.difference(dimensions.index)
    if len(lost):
        raise InputError(f"'{lost[0]}' has no dimension.")
    correlation = z.corr().to_numpy()
    groups, items = {}, {}
    for name, members in dimensions[z.columns].groupby(dimensions[z.columns], sort=False).groups.items():
        places = z.columns.get_indexer(members)
        inside = correlation[np.ix_(places, places)]
        for k, item in enumerate(members):
            rest = np.delete(np.arange(len(members)), k)
            items[item] = {"dimension": name, "item_rest": _item_rest(inside, k),
                           "alpha_without": _alpha(inside[np.ix_(rest, rest)])}
        own = pd.Series({item: items[item]["item_rest"] for item in members})
        known = own.notna().any()
        groups[name] = {"indicators": len(members), "alpha": _alpha(inside),
                        "weakest": own.idxmin() if known else None, "item_rest": own.min() if known else np.nan}
    return (pd.DataFrame.from_dict(groups, orient="index").rename_axis("dimension"),
            pd.DataFrame.from_dict(items, orient="index").rename_axis("indicator"))


def leave_one_out(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Coordination with one indicator left out at a time: how much any single one decides.

    Returns
    -------
    DataFrame by code: ``coordination``; ``low``, ``high`` and the indicators without which they arise (``low_without``,
    ``high_without``); ``rank``, ``rank_best``, ``rank_worst``; ``grade``, and ``grades``, how many different ones
    occur. With one system its score stands in the place of coordination, under its own name, and there is no grade.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> table = leave_one_out(evaluate(Study.load()), 2023)
    >>> bool((table["low"] <= table["coordination"]).all() and (table["coordination"] <= table["high"]).all())
    True
    """
    year, form = result.year(year), result.options.coupling
    base = standing(result.systems.xs(year, level="year"), form)
    size = result.weights.groupby("system")["weight"].transform("size")
    runs = {None: base} | {name: standing(revise(result, leave_out=[name]).systems.xs(year, level="year"), form)
                           for name in result.weights.index[size > 1]}
    def over_runs(column):
        return pd.DataFrame({name: run[column].reindex(base.index) for name, run in runs.items()})

    name, rank = result.overall.name, result.overall.rank
    d, ranks = over_runs(name), over_runs(rank)
    table = pd.DataFrame({
        name: base[name], "low": d.min(axis=1), "high": d.max(axis=1),
        "low_without": d.idxmin(axis=1), "high_without": d.idxmax(axis=1), "rank": base[rank],
        "rank_best": ranks.min(axis=1).astype(int), "rank_worst": ranks.max(axis=1).astype(int)})
    return table.assign(grade=base["grade"], grades=over_runs("grade").nunique(axis=1)) if result.coupled else table


def against_random(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Coordination of every region against what a random partner would give its first score.

    Returns
    -------
    DataFrame by code: ``coordination``, ``low``, ``median``, ``high``, and ``place``: below, inside or above

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> sorted(set(against_random(evaluate(Study.load()), 2023)["place"]) - {"below", "inside", "above"})
    []
    """
    now = result.systems.xs(result.year(year), level="year").dropna()
    form = result.options.coupling
    d = cpl.coordination_degree(now, form=form)
    band = cpl.random_benchmark(now.iloc[:, 0], form, systems=now.shape[1])
    place = np.select([d < band["low"], d > band["high"]], ["below", "above"], "inside")
    return band.assign(coordination=d, place=place)[["coordination", "low", "median", "high", "place"]]


def association_without(result: Evaluation, year: int | None = None, control: str = INCOME) -> Association:
    """The correlation of two systems before and after the logarithm of a control is taken out of both.

    r_12·c = (r_12 − r_1c r_2c) / √[(1 − r_1c²)(1 − r_2c²)].

    Parameters
    ----------
    result : Evaluation
        Of two systems.
    year : int, optional
        The last scored year unless given.
    control : str
        A formula on the study's series; GDP per head unless given.

    Returns
    -------
    Association

    Raises
    ------
    InputError
        For a control that the study has no figures for or that is not positive; other than two systems; fewer than
        four regions; scores or a control that do not vary.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> found = association_without(evaluate(Study.load()), 2023)
    >>> round(found.r, 2), round(found.partial, 1)
    (0.95, 0.8)
    """
    year = result.year(year)
    now = result.systems.xs(year, level="year")
    if now.shape[1] != 2:
        raise InputError(f"An association is between two systems; there are {now.shape[1]}.")
    values = _control(result, control, year).reindex(now.index)
    if (values <= 0).any():
        raise InputError(f"'{control}' is {values[values <= 0].iloc[0]:g} for region {values.index[values <= 0][0]}: "
                         "its logarithm needs values above zero.")
    table = now.assign(control=np.log(values)).dropna()
    if len(table) < 4:
        raise InputError(f"A partial correlation needs four regions with scores and '{control}'; {year} has "
                         f"{len(table)}.")
    refuse_constant((table.max() - table.min()).mask(constant(table), 0), "the same value everywhere")
    r = table.corr().to_numpy()
    rest = np.sqrt((1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2))
    if rest < 1e-9:
        raise InputError(f"A score is nothing but '{control}', so nothing is left when it is taken out.")
    return Association(float(r[0, 1]), float((r[0, 1] - r[0, 2] * r[1, 2]) / rest), float(r[0, 2]), float(r[1, 2]),
                       control, len(table))


def _control(result, text, year) -> pd.Series:
    parsed, wide = formula.parse(text), wide_series(result.study)
    lacking = sorted(parsed.series - wide.keys())
    if lacking:
        raise InputError(f"There is no series '{lacking[0]}' in figures.csv, so '{text}' cannot be taken out.")
    values, _ = formula.compute(parsed, wide, result.framework.breaks)
    if year not in values.index:
        raise InputError(f"'{text}' has no figures in {year}.")
    return values.loc[year]


def _alpha(r: np.ndarray) -> float:
    k = len(r)
    if k < 2:
        return np.nan
    mean = (r.sum() - k) / (k * (k - 1))
    below = 1 + (k - 1) * mean
    return float(k * mean / below) if below > 1e-12 else -np.inf


def _item_rest(r: np.ndarray, item: int) -> float:
    rest = np.delete(np.arange(len(r)), item)
    spread = r[np.ix_(rest, rest)].sum()
    return float(r[item, rest].sum() / np.sqrt(spread)) if spread > 1e-12 else np.nan
