"""What if a region's levers stood higher: the same scores, recomputed with goalposts, weights and peers fixed.

Arithmetic, not a forecast: it says what a score would be, not how to get there or what else would move. An indicator
without a lever never moves, so where the second system has none, D moves through the first system only.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqpkit import coupling as cpl
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, dimension_scores, system_scores
from nqpkit.levers import amounts, chosen_levers, fastest_pace, lever_line, reachable, targets
from nqpkit.overall import standing
from nqpkit.scoring import unit_scale

__all__ = ["Scenario", "compare_paths", "fastest_pace", "standing", "what_if"]


@dataclass(frozen=True, eq=False)
class Scenario:
    """A region with some of its levers raised.

    Attributes
    ----------
    code, year : str, int
    levers : DataFrame by indicator
        ``path``, ``label``, ``unit``; ``value`` now, ``target``, ``reached``; the change in the first system's score
        and, with two systems or more, in ``coordination`` if this lever alone is raised; ``amount`` more of the series
        behind the indicator that it takes, all else equal, in ``amount_unit`` (missing where the formula is no plain
        ratio); ``line``, a sentence with cost or side effect.
    before, after : Series
        Scores, coordination, grade and ranks of the region; the other regions stay where they are.
    note : str
        Through which system the change runs.
    """

    code: str
    year: int
    levers: pd.DataFrame
    before: pd.Series
    after: pd.Series
    note: str

    @property
    def change(self) -> pd.Series:
        """After minus before; for ranks, places gained; for the grade, steps gained."""
        numbers = {name: (-1 if name.startswith("rank_") else 1) * (self.after[name] - self.before[name])
                   for name in self.before.index.drop("grade", errors="ignore")}
        if "grade" in self.before:
            numbers["grade"] = cpl.GRADES.index(self.after["grade"]) - cpl.GRADES.index(self.before["grade"])
        return pd.Series(numbers, name="change")


def what_if(result: Evaluation, region: str, levers="all", target=None, year: int | None = None,
            feasible: bool = False) -> Scenario:
    """Raise levers of one region to a target and score it again.

    Each lever moves to the target if that is better than its value now, and stays otherwise. Goalposts, weights and all
    other regions stay as they are, so a value beyond a goalpost scores 1 and no more.

    Parameters
    ----------
    result : Evaluation
    region : str
        Code, slug or name.
    levers : "all", a path, an indicator, or a list of paths and indicators
        As in ``framework.yml`` under ``paths`` and ``lever``.
    target : str, number or dict, optional
        A group of regions (its median in the year), a region, a value in the indicator's unit (for one lever), or a
        dict from indicator to value. The evaluation's reference group unless given (the east in the built-in study).
    year : int, optional
        The last scored year unless given.
    feasible : bool
        Go no further than the fastest five-year change of any region in the data would carry (see `fastest_pace`).

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        For an unknown lever, target, region or year; a region without scores; a target without a figure.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> result = evaluate(Study.load())
    >>> found = what_if(result, "gansu", levers="rd_intensity", target=3.0)
    >>> bool(found.change["nqp"] > 0), bool(found.change["hqed"] == 0)
    (True, True)
    """
    code, year = result.study.resolve(region), result.year(year)
    names = chosen_levers(result, levers)
    now = result.systems.xs(year, level="year")
    before = standing(now, result.options.coupling)
    if code not in before.index:
        raise InputError(f"{result.study.regions.loc[code, 'name']} has no complete scores in {year}, so there is "
                         "nothing to compare. Choose another year.")
    value = result.indicators.loc[(code, year), names].astype(float)
    aim = targets(result, names, result.reference_group if target is None else target, year)
    reached = reachable(result, value, aim, feasible)
    moved = [name for name in names if reached[name] != value[name] and not np.isnan(value[name])]
    scores = _rescored(result, code, year, reached[moved])
    first, about = result.systems.columns[0], result.framework.indicators().loc[names]
    alone = standing(scores.loc[moved], result.options.coupling).reindex(names).fillna(before.loc[code])
    table = pd.DataFrame({
        "path": [(lever or {}).get("path") for lever in about["lever"]], "label": about["label"],
        "unit": about["unit"], "value": value, "target": aim, "reached": reached,
        **{f"{name}_change": alone[name] - before.loc[code, name]
           for name in dict.fromkeys([first, result.overall.name])}})
    table = table.join(amounts(result, code, year, value, reached))
    wanted = reachable(result, value, aim, feasible=False)
    table["line"] = [lever_line(row, about.loc[name, "lever"], wanted[name]) for name, row in table.iterrows()]
    after = standing(pd.concat([now.drop(index=code), scores.loc[["together"]].rename({"together": code})]),
                     result.options.coupling)
    return Scenario(code, year, table, before.loc[code], after.loc[code],
                    _note(result, before.loc[code], after.loc[code]))


def compare_paths(result: Evaluation, region: str, target=None, year: int | None = None,
                  feasible: bool = False) -> pd.DataFrame:
    """`what_if` for every path of the framework and for all of them together.

    Returns
    -------
    DataFrame indexed by path, ``all`` last: ``label``, ``moved`` (levers raised), change in each score and, with two
    systems or more, in ``coordination``, ``grade`` after, ``grade_steps``; and places gained in each rank.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> list(compare_paths(evaluate(Study.load()), "gansu").index)
    ['industries', 'innovation', 'talent', 'all']
    """
    labels = {path: entry["label"] for path, entry in result.framework.paths.items()} | {"all": "All paths together"}
    rows = {}
    for path, label in labels.items():
        found = what_if(result, region, path, target, year, feasible)
        change = found.change
        graded = {"grade": found.after["grade"], "grade_steps": int(change["grade"])} if result.coupled else {}
        rows[path] = {"label": label, "moved": int((found.levers["reached"] != found.levers["value"]).sum()),
                      **{f"{name}_change": change[name]
                         for name in dict.fromkeys([*result.systems.columns, result.overall.name])}, **graded,
                      **{f"{name}_gain": int(change[name]) for name in change.index if name.startswith("rank_")}}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("path")


def _rescored(result, code, year, values: pd.Series) -> pd.DataFrame:
    """System scores of one region with each value set alone (one row each) and all of them (row ``together``)."""
    z = result.normalised.loc[[(code, year)]].set_axis(["together"])
    if len(values):
        about = result.framework.indicators().loc[values.index]
        scale = values.where(about["transform"] != "log", np.log(values.where(about["transform"] == "log", 1.0)))
        among = result.treated[values.index]
        if result.options.normalise == "year":
            among = among.xs(year, level="year")
        raised = unit_scale(scale.to_frame("together").T, about["direction"], result.options.normalise, among)
        z = pd.concat([z.rename({"together": name}) for name in values.index] + [z])
        for name in values.index:
            z.loc[[name, "together"], name] = raised.at["together", name]
    return system_scores(z, dimension_scores(z, result.weights), result.weights, result.options.aggregate)


def _note(result, before, after) -> str:
    levers, systems = result.framework.indicators()["lever"], result.framework.systems
    lever_of = levers.map(lambda lever: isinstance(lever, dict)).groupby(result.weights["system"]).any()
    moving = [systems[s]["label"] for s in systems if lever_of.get(s)]
    fixed = [systems[s]["label"] for s in systems if not lever_of.get(s)]
    parts = []
    if fixed and moving:
        parts.append(f"No indicator of {' or '.join(fixed)} has a lever, so coordination moves through "
                     f"{' and '.join(moving)} only.")
    first, last = result.systems.columns[0], result.overall.name
    if after[first] > before[first] and after[last] <= before[last]:
        parts.append("Coordination does not rise with it: one system that runs ahead of the other lowers the degree of "
                     "coupling.")
    return " ".join(parts)
