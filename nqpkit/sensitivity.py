"""The same figures under other choices of method: one at a time, and which choice matters most."""

from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from nqpkit import coupling as cpl
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, dimension_scores, evaluate, indicator_weights, system_scores
from nqpkit.overall import overall_array, standing
from nqpkit.scoring import AGGREGATES, SCALES, WEIGHTS, goalposts, treat, unit_scale

CHOICES = {"weights": tuple(WEIGHTS), "aggregate": tuple(AGGREGATES), "coupling": tuple(cpl.FORMS),
           "normalise": tuple(SCALES), "winsorise": (0.0, 0.025, 0.05, "moments")}


def choices_of(result: Evaluation) -> dict[str, tuple]:
    """Choice → its options, as far as they concern a study: one system has no form of coupling.

    Examples
    --------
    >>> from nqpkit import Study
    >>> list(choices_of(evaluate(Study.load())))
    ['weights', 'aggregate', 'coupling', 'normalise', 'winsorise']
    """
    return {name: options for name, options in CHOICES.items() if result.coupled or name != "coupling"}


def revise(result: Evaluation, leave_out=(), **choices) -> Evaluation:
    """The same figures scored with other options, or without some indicators.

    Parameters
    ----------
    result : Evaluation
    leave_out : list of str
        Indicators to drop; a dimension that loses all of them goes too.
    **choices
        Options to replace, such as ``aggregate="arithmetic"`` (see `evaluation.Options`).

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        For an unknown option value or indicator, or if a system would be left without indicators.

    Examples
    --------
    >>> from nqpkit import Study
    >>> "rd_intensity" in revise(evaluate(Study.load()), leave_out=["rd_intensity"]).weights.index
    False
    """
    about = result.framework.indicators()
    for name in leave_out:
        if name not in about.index:
            raise InputError(f"There is no indicator '{name}' to leave out. Known: {', '.join(about.index)}.")
    kept = about.drop(index=list(leave_out))
    empty = set(about["system"]) - set(kept["system"])
    if empty:
        raise InputError(f"The system '{sorted(empty)[0]}' would have no indicators left.")
    options = replace(result.options, **choices)
    if not isinstance(options.weights, str):
        left = result.weights.loc[kept.index]
        options = replace(options, weights=tuple((left["weight"] / left.groupby("system")["weight"].transform(
            "sum").where(lambda total: total > 0, 1)).items()))
    posts, z = result.goalposts[kept.index], result.normalised[kept.index]
    if (options.normalise, options.winsorise) != (result.options.normalise, result.options.winsorise):
        treated, z = _normalised(result, kept, options.normalise, options.winsorise)
        posts = goalposts(treated)
    weights = indicator_weights(z, kept, options.weights)
    dimensions = dimension_scores(z, weights)
    systems = system_scores(z, dimensions, weights, options.aggregate)
    return replace(result, options=options, normalised=z, goalposts=posts, weights=weights,
                   dimensions=dimensions, systems=systems)


def variants(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Every alternative choice, one at a time, and every indicator left out, with what it does to each region.

    Choices: weights, aggregation, form of coupling, range of normalisation, winsorising, one indicator left out, and
    the framework's alternative indicator sets.

    Returns
    -------
    DataFrame indexed by (choice, option, code): scores, ``coordination``, ``grade``, their ranks, ``rank_change``
    (places of coordination lost against ``result``; negative is a gain) and ``grade_changed``. With one system there is
    no coupling to vary and no grade; ``rank_change`` is that of its score.

    Examples
    --------
    >>> from nqpkit import Study
    >>> table = variants(evaluate(Study.load()))
    >>> table.index.get_level_values("choice").unique().tolist()
    ['aggregate', 'coupling', 'indicator set', 'leave out', 'normalise', 'weights', 'winsorise']
    """
    year = result.year(year)
    base = standing(result.systems.xs(year, level="year"), result.options.coupling)
    found = {}
    for choice, known in choices_of(result).items():
        for option in known:
            if option != getattr(result.options, choice):
                found[choice, str(option)] = revise(result, **{choice: option})
    for name in result.weights.index:
        if (result.weights["system"] == result.weights.at[name, "system"]).sum() > 1:
            found["leave out", name] = revise(result, leave_out=[name])
    if result.framework is result.study.framework and isinstance(result.options.weights, str):
        for name in result.study.alternatives:
            options = {field: getattr(result.options, field) for field in CHOICES}
            found["indicator set", name] = evaluate(result.study, indicators=name, **options)
    tables = {key: standing(other.systems.xs(year, level="year"), other.options.coupling)
              for key, other in found.items()}
    table = pd.concat(tables, names=["choice", "option", "code"]).sort_index()
    before = base.reindex(table.index.get_level_values("code")).set_axis(table.index)
    rank = result.overall.rank
    table = table.assign(rank_change=table[rank] - before[rank])
    return table.assign(grade_changed=table["grade"] != before["grade"]) if result.coupled else table


def grade_changes(table: pd.DataFrame) -> pd.DataFrame:
    """How often a region's grade changes over the `variants` of two systems or more, and how far its rank moves.

    Returns
    -------
    DataFrame by code: ``changed`` (share of variants with another grade), ``rank_best``, ``rank_worst`` (of
    coordination), and ``choice``, the kind of choice that moves the rank furthest.
    """
    by_code = table.groupby(level="code")
    furthest = table["rank_change"].abs().groupby(level="code").idxmax()
    return pd.DataFrame({"changed": by_code["grade_changed"].mean(), "rank_best": by_code["rank_coordination"].min(),
                         "rank_worst": by_code["rank_coordination"].max(),
                         "choice": [f"{choice}: {option}" for choice, option, _ in furthest]})


def sobol_indices(result: Evaluation, region: str | None = None, year: int | None = None, samples: int = 1024,
                  seed: int = 1) -> pd.DataFrame:
    """Which choice of method matters most: Sobol's variance-based indices over all combinations of choices.

    Every option of a choice is equally likely. The output is the region's rank of coordination or, without a region,
    the mean number of places by which regions move against ``result``.

    Parameters
    ----------
    result : Evaluation
    region : str, optional
        Code, slug or name.
    samples : int
        Base samples, a power of two.
    seed : int

    Returns
    -------
    DataFrame by choice: ``first_order`` (share of the output's variance that the choice explains alone), ``total``
    (with its interactions), and ``_margin``, half the width of their 95 % interval. Estimates can lie a little below 0.

    Raises
    ------
    InputError
        If SALib is not installed; if the output is the same under every choice; for weights given as numbers.

    References
    ----------
    Sobol (2001), Mathematics and Computers in Simulation 55, 271–280; Saltelli and others (2010), Computer Physics
    Communications 181(2), 259–270; SALib: Herman and Usher (2017), Journal of Open Source Software 2(9), 97.
    """
    output = rank_outputs(result, region, year)
    if np.ptp(output.to_numpy()) == 0:
        raise InputError("The rank is the same under every combination of choices: there is nothing to explain.")
    varied = choices_of(result)
    sizes = [len(options) for options in varied.values()]
    table = output.to_numpy().reshape(sizes)

    def read(points):
        return table[tuple(np.minimum((points * sizes).astype(int), np.array(sizes) - 1).T)]

    return variance_shares(read, dict.fromkeys(varied, (0, 1)), samples, seed).rename_axis("choice")


def variance_shares(function, bounds: dict[str, tuple[float, float]], samples: int = 1024,
                    seed: int = 1) -> pd.DataFrame:
    """Sobol's indices of a function of independent inputs, each uniform between its bounds, through SALib.

    First order V(E[Y | x_i]) / V(Y); total E[V(Y | all but x_i)] / V(Y).

    Parameters
    ----------
    function : callable
        Takes an array points × inputs, gives one number a point.
    bounds : dict from input to (low, high)
    samples : int
        Base samples, a power of two; the function is called on samples × (inputs + 2) points.
    seed : int

    Returns
    -------
    DataFrame by input, as `sobol_indices`

    Raises
    ------
    InputError
        If SALib is not installed, or the number of samples is no power of two.

    References
    ----------
    As `sobol_indices`.
    """
    try:
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling
    except ImportError as error:
        raise InputError('Sobol indices need the package SALib. Install it with pip install "nqpkit[sensitivity]".'
                         ) from error
    if samples < 2 or samples & (samples - 1):
        raise InputError(f"The number of base samples must be a power of two; it is {samples}.")
    problem = {"num_vars": len(bounds), "names": list(bounds), "bounds": [list(pair) for pair in bounds.values()]}
    points = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    found = analysis.analyze(problem, np.asarray(function(points)), calc_second_order=False, seed=seed)
    return pd.DataFrame({"first_order": found["S1"], "first_order_margin": found["S1_conf"], "total": found["ST"],
                         "total_margin": found["ST_conf"]}, index=pd.Index(list(bounds), name="input"))


def rank_outputs(result: Evaluation, region: str | None = None, year: int | None = None) -> pd.Series:
    """The output behind `sobol_indices` for every combination of choices, indexed by the choices."""
    year = result.year(year)
    base = standing(result.systems.xs(year, level="year"), result.options.coupling)[result.overall.rank]
    ranks = _all_ranks(result, year)
    if region is None:
        return (ranks - base).abs().mean(axis=1)
    code = result.study.resolve(region)
    if code not in ranks:
        raise InputError(f"{result.study.regions.loc[code, 'name']} has no complete scores in {year}.")
    return ranks[code]


@lru_cache(maxsize=8)
def _all_ranks(result, year) -> pd.DataFrame:
    """Overall ranks under every combination of choices (rows) of every region; kept, as regions share it."""
    codes = result.systems.xs(year, level="year").dropna().index
    about, scores = result.framework.indicators(), {}
    varied = choices_of(result)
    for scope, share in product(varied["normalise"], varied["winsorise"]):
        _, z = _normalised(result, about, scope, share)
        now = z.xs(year, level="year").loc[codes]
        for weights in varied["weights"]:
            w = indicator_weights(z, about, weights)
            dimensions = dimension_scores(now, w)
            for method in varied["aggregate"]:
                scores[weights, method, scope, share] = system_scores(now, dimensions, w, method).to_numpy()
    u = np.stack(list(scores.values()))
    ranks = {}
    for form in varied.get("coupling", [None]):
        found = rankdata(-overall_array(u, form), method="min", axis=1)
        ranks |= {(w, method, *([form] if form else []), *rest): row
                  for (w, method, *rest), row in zip(scores, found, strict=True)}
    table = pd.DataFrame.from_dict(ranks, orient="index", columns=codes)
    table.index = pd.MultiIndex.from_tuples(table.index, names=list(varied))
    return table.loc[list(product(*varied.values()))]


def _normalised(result, about, scope, share):
    """Indicators after logarithm and winsorising, and normalised."""
    treated = treat(result.raw.logged(result.framework.indicators()["transform"])[about.index], share)
    return treated, unit_scale(treated, about["direction"], scope)
