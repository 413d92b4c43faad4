"""The whole pipeline in one call: figures → indicators → scores → coupling → obstacles."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from nqpkit import coupling as cpl
from nqpkit.errors import InputError
from nqpkit.framework import Framework
from nqpkit.hierarchy import COMPLETE, FLOOR, dimension_scores, indicator_weights, system_scores
from nqpkit.indicators import Indicators, compute_indicators
from nqpkit.mcdm import weighting_names
from nqpkit.obstacles import obstacle_degree, reference_gap, sum_by
from nqpkit.overall import Overall, overall_scores
from nqpkit.reports.handed import handed
from nqpkit.scoring import AGGREGATES, SCALES, WEIGHTS, goalposts, treat, unit_scale
from nqpkit.study import Study, folder_stamp

__all__ = ["COMPLETE", "FLOOR", "Evaluation", "Options", "dimension_scores", "evaluate", "indicator_set",
           "indicator_weights", "system_scores"]
NEAREST = 4


@dataclass(frozen=True)
class Options:
    """The choices of method behind an evaluation.

    Attributes
    ----------
    weights : str or tuple of (indicator, weight)
        A name in `scoring.WEIGHTS`, or of a weighting of pymcdm (see `mcdm`); or given weights of all indicators or of
        all dimensions, which sum to 1 in each system (or over all).
    aggregate : str
        A name in `scoring.AGGREGATES`: how dimensions become a system's score. Within a dimension the mean is
        arithmetic.
    coupling : str
        A name in `coupling.FORMS`.
    winsorise : float or "moments"
        Share of the pooled values pulled in at either end, or the rule on skewness and kurtosis (`scoring.winsorise`).
    normalise : {"pooled", "year", "rank", "zscore"}
        How indicators come to 0…1: minimum and maximum over all scored years or year by year (then years cannot be
        compared), pooled ranks, or pooled z-scores through the normal distribution (`scoring.unit_scale`).
    indicators : str
        ``"default"``, or the name of one of the study's alternative indicator sets (`Study.alternatives`).
    """

    weights: str | tuple = "equal"
    aggregate: str = "geometric"
    coupling: str = "modified"
    winsorise: float | str = 0.025
    normalise: str = "pooled"
    indicators: str = "default"

    def __post_init__(self):
        for what, name, known in (("aggregation", self.aggregate, AGGREGATES),
                                  ("form of coupling", self.coupling, cpl.FORMS),
                                  ("range of normalisation", self.normalise, SCALES)):
            if name not in known:
                raise InputError(f"There is no {what} '{name}'. Known: {', '.join(known)}.")
        if isinstance(self.weights, str) and self.weights not in WEIGHTS:
            _check_borrowed(self.weights)
        share = self.winsorise
        if share != "moments" and not (isinstance(share, int | float) and 0 <= share < 0.5):
            raise InputError(f"There is no way to winsorise '{share}'. Give the share pulled in at either end, from "
                             "0 to below 0.5, or 'moments'.")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What `evaluate` found. Frames have rows (code, year) unless said otherwise.

    Attributes
    ----------
    study : Study
    framework : Framework
        The one scored (the study's own, or an alternative set).
    options : Options
    raw : Indicators
        Values, and which of them are bridged or rest on two years.
    normalised : DataFrame
        Indicators in 0…1, 1 the best; goalposts over all regions and scored years.
    goalposts : DataFrame
        Rows ``low`` and ``high`` on the scale that was normalised (after logarithm and winsorising).
    weights : DataFrame indexed by indicator
        system, dimension, ``within`` (share in its dimension), ``weight`` (share in its system).
    dimensions : DataFrame
        Dimension scores in 0…1.
    systems : DataFrame
        System scores in 0…1, one column a system.
    """

    study: Study
    framework: Framework
    options: Options
    raw: Indicators
    normalised: pd.DataFrame
    goalposts: pd.DataFrame
    weights: pd.DataFrame
    dimensions: pd.DataFrame
    systems: pd.DataFrame

    @property
    def indicators(self) -> pd.DataFrame:
        """Indicator values in their own units."""
        return self.raw.values

    @cached_property
    def treated(self) -> pd.DataFrame:
        """What was normalised: indicators after logarithm and winsorising."""
        return _treated(self.raw, self.framework, self.options.winsorise)[self.normalised.columns]

    @property
    def bridged(self) -> pd.DataFrame:
        """True where a single missing year was bridged."""
        return self.raw.bridged

    @cached_property
    def scores(self) -> pd.DataFrame:
        """System scores and ``rank_<system>`` among all regions of the year (1 is the highest; ties share the best)."""
        ranks = self.systems.groupby(level="year").rank(ascending=False, method="min").astype("Int64")
        return self.systems.join(ranks.add_prefix("rank_"))

    @cached_property
    def overall(self) -> Overall:
        """What the regions are finally ranked by: coordination, or the one system's score; see `Overall`."""
        return Overall.of(self.framework.systems, self.study.said)

    @property
    def coupled(self) -> bool:
        """Whether there are two systems or more, so that they can be coupled."""
        return self.overall.coupled

    @cached_property
    def standing(self) -> pd.DataFrame:
        """`scores` and `coupling` side by side: every score with its ranks, the overall one among them."""
        return self.scores.join(self.coupling)

    @cached_property
    def coupling(self) -> pd.DataFrame:
        """Coupling C, development T, coordination D, its rank and grade; ratio and lag of two systems; benchmark.

        A study of one system has nothing to couple: the frame has no columns.

        ``random_low``, ``random_median`` and ``random_high`` are the D that the first system would have with an index
        of random numbers (5th, 50th and 95th percentile).
        """
        form = self.options.coupling
        if not self.coupled:
            return pd.DataFrame(index=self.systems.index)
        d = overall_scores(self.systems, form)
        frame = pd.DataFrame({
            "coupling": cpl.coupling_degree(self.systems, form),
            "development": cpl.development(self.systems),
            "coordination": d,
            "rank_coordination": d.groupby(level="year").rank(ascending=False, method="min").astype("Int64"),
            "grade": cpl.coordination_grade(d),
        })
        if self.systems.shape[1] == 2:
            frame["ratio"], frame["lag"] = cpl.relative_development(self.systems), cpl.lag_type(self.systems)
        benchmark = cpl.random_benchmark(self.systems.iloc[:, 0], form, systems=self.systems.shape[1])
        return frame.join(benchmark.add_prefix("random_"))

    @cached_property
    def obstacles(self) -> pd.DataFrame:
        """Obstacles of the first system, one row (code, year, indicator): share, relative to weight, gap to reference.

        ``gap`` is the distance of the normalised value to the median of the reference group in the same year, times
        the indicator's weight.
        """
        z, w = self._first_system()
        share = obstacle_degree(z, w)
        gap = reference_gap(z, self.reference(z)) * w
        tidy = pd.DataFrame({"share": share.stack(), "relative": (share / w).stack(), "gap": gap.stack()})
        return tidy.rename_axis(["code", "year", "indicator"])

    @cached_property
    def dilemmas(self) -> pd.DataFrame:
        """Obstacles summed to the study's dilemmas and a line for what lies outside them.

        One row (code, year, dilemma): ``share``; ``relative`` (share over weight); ``gap`` (share of the weighted gap
        to the reference group; 0 throughout where there is none). Where the study names no dilemmas, the dimensions of
        the first system stand in their place.
        """
        members = {name: entry["indicators"] for name, entry in self.framework.dilemmas.items()}
        if not members:
            return self.dimension_obstacles.rename_axis(["code", "year", "dilemma"])
        if self.framework.outside_dilemmas:
            members["outside"] = list(self.framework.outside_dilemmas)
        return self._summed_obstacles(members, "dilemma")

    @property
    def dilemma_labels(self) -> dict[str, str]:
        """The lines of `dilemmas` in the study's words."""
        if not self.framework.dilemmas:
            return self.framework.dimensions().loc[self.mechanisms, "label"].to_dict()
        return {name: entry["label"] for name, entry in self.framework.dilemmas.items()
                } | {"outside": "what lies outside the dilemmas"}

    @cached_property
    def dimension_obstacles(self) -> pd.DataFrame:
        """Obstacles summed to the dimensions of the first system, in the readings of `dilemmas`.

        One row (code, year, dimension).
        """
        about = self.weights[self.weights["system"] == self.systems.columns[0]]
        members = {name: list(rows.index) for name, rows in about.groupby("dimension", sort=False)}
        return self._summed_obstacles(members, "dimension")

    @property
    def mechanisms(self) -> list[str]:
        """The dimensions of the first system: what is supposed to move the second."""
        return list(next(iter(self.framework.systems.values()))["dimensions"])

    @cached_property
    def reference_group(self) -> str:
        """The group whose median is the mark to reach: named in study.yml, else the one with the highest scores."""
        named = self.study.settings.get("reference")
        if named:
            return named
        means = self.systems.iloc[:, 0].groupby(self.groups()).mean()
        return means.idxmax()

    def reference(self, z: pd.DataFrame) -> pd.DataFrame:
        """The reference group's median of each column, year by year, aligned with the rows of ``z``."""
        median = z[self.groups() == self.reference_group].groupby(level="year").median()
        return median.reindex(z.index.get_level_values("year")).set_axis(z.index)

    def groups(self) -> pd.Series:
        """The group of every row."""
        codes = self.systems.index.get_level_values("code")
        return pd.Series(self.study.regions["group"].reindex(codes).to_numpy(), index=self.systems.index)

    def year(self, year: int | None = None) -> int:
        """The year asked for, or the last scored one; InputError if it is not scored."""
        return self.study.years[-1] if year is None else self.study.check_year(year)

    def table(self, year: int | None = None) -> pd.DataFrame:
        """One flat row a region: names, group, scores, coupling, grade, lag and ranks of a year.

        With one system there is no coupling, no grade and no lag; a lag is between two.

        The columns are the same in `nqp score`, in CSV and in JSON.
        """
        year = self.year(year)
        frame = self.standing.xs(year, level="year")
        degrees = [name for name in ("coupling", "coordination", "grade", "lag") if name in frame]
        columns = [*self.systems.columns, *degrees,
                   *dict.fromkeys([*("rank_" + s for s in self.systems.columns), self.overall.rank])]
        regions = self.study.regions
        head = pd.DataFrame({"slug": regions["slug"], "name": regions["name"], "group": regions["group"], "year": year})
        return head.join(frame[columns]).rename_axis("code").reset_index()

    def region(self, name: str) -> dict[str, pd.DataFrame]:
        """Everything about one region, by year: scores, coupling, dimensions, indicators, obstacles, dilemmas."""
        code = self.study.resolve(name)
        frames = {key: getattr(self, key)
                  for key in ("scores", "coupling", "dimensions", "indicators", "obstacles", "dilemmas")}
        return {key: frame.xs(code, level="code") for key, frame in frames.items()}

    def peers(self, name: str, year: int | None = None, count: int = NEAREST) -> pd.DataFrame:
        """The regions most alike: nearest in dimension scores.

        Distance is Euclidean over all dimension scores (0…1) of the year.

        Returns
        -------
        DataFrame indexed by code, nearest first, with ``distance``.
        """
        code, frame = self.study.resolve(name), self.dimensions.xs(self.year(year), level="year").dropna()
        if code not in frame.index:
            raise InputError(f"{self.study.regions.loc[code, 'name']} has no complete scores in {self.year(year)}, so "
                             "it has no peers.")
        distance = np.sqrt(((frame - frame.loc[code]) ** 2).sum(axis=1)).drop(code)
        return distance.nsmallest(count).rename("distance").to_frame()

    def _summed_obstacles(self, members: dict[str, list[str]], level: str) -> pd.DataFrame:
        z, w = self._first_system()
        members = {name: [i for i in rows if i in z] for name, rows in members.items()}
        members = {name: rows for name, rows in members.items() if rows}
        parts = sum_by(obstacle_degree(z, w), w, members)
        gap = reference_gap(z, self.reference(z)) * w
        total = gap.sum(axis=1)
        parts["gap"] = pd.DataFrame({n: gap[rows].sum(axis=1) for n, rows in members.items()}).div(
            total.where(total > 0, 1), axis=0)
        return pd.DataFrame({name: part.stack() for name, part in parts.items()}).rename_axis(["code", "year", level])

    def _first_system(self):
        first = self.systems.columns[0]
        w = self.weights.loc[self.weights["system"] == first, "weight"]
        return self.normalised[w.index], w


def evaluate(study: Study, *, weights="equal", aggregate: str = "geometric", coupling: str = "modified",
             winsorise: float | str | None = None, normalise: str = "pooled", indicators: str = "default",
             framework: Framework | None = None) -> Evaluation:
    """Score every region and year of a study, couple its systems, and name what holds the first one back.

    Formula → single-year gaps bridged → logarithm where the framework says so → winsorised at the pooled percentiles →
    minimum and maximum as goalposts → 0…1 → weights → arithmetic mean in a dimension → mean across dimensions, floored
    at 0.01 → coupling.

    Parameters
    ----------
    study : Study
    weights : str, or weights by indicator (Series or dict)
        ``equal`` means equal across dimensions and equal within. The data-driven ones (`scoring.WEIGHTS`, and those of
        pymcdm by name) are computed over all indicators of a system, on the rows without a missing cell; a dimension
        weighs what its indicators do. Weights by dimension, such as those of `scoring.ahp_weights`, are shared equally
        among its indicators.
    aggregate, coupling, winsorise, normalise, indicators : see `Options`
    framework : Framework, optional
        Another framework instead of the study's own.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        For an unknown name, weights with wrong labels, or an indicator that does not vary.

    Examples
    --------
    >>> result = evaluate(Study.load())
    >>> result.table(2023).set_index("slug").loc["beijing", "rank_nqp"]
    np.int64(1)
    """
    if not isinstance(weights, str):
        weights = tuple(sorted(pd.Series(weights).items()))
    if winsorise is None:
        winsorise = study.settings.get("options", {}).get("winsorise", Options.winsorise)
    options = Options(weights, aggregate, coupling, winsorise, normalise, indicators)
    return _evaluate(study, framework or indicator_set(study, indicators), options)


def indicator_set(study: Study, name: str) -> Framework:
    """The study's own framework for "default", or one of its alternatives; InputError lists the names."""
    if name == "default":
        return study.framework
    if name not in study.alternatives:
        raise InputError(f"There is no indicator set '{name}'. Known: {', '.join(['default', *study.alternatives])}.")
    return study.alternatives[name]


@lru_cache(maxsize=64)
def _evaluate(study: Study, framework: Framework, options: Options) -> Evaluation:
    return Evaluation(study, framework, options, *_steps(study, framework, options))


def _unchanged(study: Study, framework: Framework, options: Options) -> tuple | None:
    """What the steps rest on; None unless study and framework are as the study's folder says."""
    if Study.load(study.folder) is study and framework is indicator_set(study, options.indicators):
        return study.folder, folder_stamp(study.folder), options
    return None


@handed(_unchanged)
def _steps(study: Study, framework: Framework, options: Options) -> tuple:
    table = framework.indicators()
    raw = _raw(study, framework)
    treated = _treated(raw, framework, options.winsorise)
    normalised = unit_scale(treated, table["direction"], options.normalise)
    weights = indicator_weights(normalised, table, options.weights)
    dimensions = dimension_scores(normalised, weights)
    return (raw, normalised, goalposts(treated), weights, dimensions,
            system_scores(normalised, dimensions, weights, options.aggregate))


@lru_cache(maxsize=8)
def _raw(study: Study, framework: Framework) -> Indicators:
    return compute_indicators(study, framework)


@lru_cache(maxsize=8)
def _treated(raw: Indicators, framework: Framework, winsorise: float | str) -> pd.DataFrame:
    return treat(raw.logged(framework.indicators()["transform"]), winsorise)


def _check_borrowed(name: str) -> None:
    try:
        others = weighting_names()
    except InputError as error:
        raise InputError(f"There is no weighting '{name}'. Known: {', '.join(WEIGHTS)}. {error}") from None
    if name not in others:
        raise InputError(f"There is no weighting '{name}'. Known: {', '.join(WEIGHTS)}; and of pymcdm "
                         f"{', '.join(other for other in others if other not in WEIGHTS)}.")
