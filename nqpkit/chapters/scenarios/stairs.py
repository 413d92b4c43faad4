"""One province step by step: levers one after another, and the same levers under other marks and other weights."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.gaps import focus_codes
from nqpkit.chapters.guards import must_hold
from nqpkit.chapters.scenarios.raising import SHORT
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE, Figure, note
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.levers import chosen_levers
from nqpkit.scenario import what_if
from nqpkit.wording import counted, number

OTHER_WEIGHTS = ("equal", "entropy", "critic")


@lru_cache(maxsize=16)
def steps(result: Evaluation, region: str, levers: str = "all", year: int | None = None) -> pd.DataFrame:
    """The levers of a path raised one after another, in the framework's order.

    Returns
    -------
    DataFrame, first row ``now``, then one row a lever: the scores, ``coordination``, ``grade`` and ranks when this
    lever and all before it are raised; ``path``; ``step``, the change in the first system.
    """
    names, about = chosen_levers(result, levers), result.framework.indicators()["lever"]
    found = [what_if(result, region, names[: place + 1], year=year) for place in range(len(names))]
    table = pd.DataFrame([found[0].before, *(scenario.after for scenario in found)], index=["now", *names])
    table["path"] = ["", *(about[name]["path"] for name in names)]
    first = result.systems.columns[0]
    return table.assign(step=table[first].astype(float).diff().fillna(0.0))


def waterfall(result: Evaluation, region: str, levers: str = "all", year: int | None = None) -> Figure:
    """Levers one after another: the first system climbs step by step, and D follows until it does not."""
    study, year = result.study, result.year(year)
    name, table = study.regions.loc[study.resolve(region), "name"], steps(result, region, levers, year)
    first, second = result.systems.columns[:2]
    paths = list(result.framework.paths)
    colours = {path: theme.GROUP_COLOURS[place] for place, path in enumerate(paths)}
    score, d, rows = table[first].astype(float), table["coordination"].astype(float), range(len(table))
    with theme.applied():
        drawing, (ax, below) = plt.subplots(1, 2, figsize=(theme.WIDTH, 0.4 * len(table) + 1.2), sharey=True,
                                            width_ratios=[1.35, 1])
        ax.scatter(score.iloc[0], 0, color=theme.INK, s=46, zorder=3)
        for row, line in enumerate(table.iloc[1:].to_dict("records"), start=1):
            ax.barh(row, line["step"], left=score.iloc[row - 1], color=colours[line["path"]], height=0.64)
            note(ax, number(line["step"], "+.3f"), (max(score.iloc[row], score.iloc[row - 1]), row), 4, fontsize=8.5)
        note(ax, f"{score.iloc[0]:.3f}", (score.iloc[0], 0), -7, fontsize=8.5)
        ax.axvline(table[second].iloc[0], color=theme.INK, lw=1, ls="--")
        note(ax, f"{second.upper()} stays", (table[second].iloc[0], len(table) - 0.42), 3, va="bottom", fontsize=8.5)
        ends = [*score, table[second].iloc[0]]
        room = max(max(ends) - min(ends), 0.05)
        ax.set(xlim=(min(ends) - 0.45 * room, max(ends) + 0.3 * room), xlabel=f"{first.upper()} score")
        ax.set_yticks(rows, ["now", *(SHORT.get(key, key) for key in table.index[1:])])
        for tick, path in zip(ax.get_yticklabels()[1:], table["path"].iloc[1:], strict=True):
            tick.set_color(colours[path])
        ax.invert_yaxis()
        below.plot(d, rows, color=theme.INK, lw=2, marker="o", ms=5)
        top = int(np.argmax(d.to_numpy()))
        for row, text, weight in ((0, f"{d.iloc[0]:.3f}", "normal"), (top, f"{d.iloc[top]:.3f} highest", "bold"),
                                  (len(table) - 1, f"{d.iloc[-1]:.3f}", "normal")):
            note(below, text, (d.iloc[row], row), 7, fontsize=8.5, fontweight=weight)
        span = max(d.max() - d.min(), 0.02)
        below.set(xlim=(d.min() - 0.25 * span, d.max() + 1.1 * span), xlabel="coordination degree D")
        for side in (ax, below):
            side.tick_params(axis="y", length=0)
            side.grid(axis="x")
            sns.despine(ax=side, left=True)
        drawing.tight_layout()
    plt.close(drawing)
    end = table.iloc[-1]
    alt = (f"Two charts of {name}, {year}: {len(table) - 1} levers raised to the reference median one after another. "
           f"{first.upper()} goes from {score.iloc[0]:.3f} to {score.iloc[-1]:.3f}, rank "
           f"{table[f'rank_{first}'].iloc[0]} to {end[f'rank_{first}']}; largest step: "
           f"{SHORT.get(table['step'].idxmax(), 'none')}, {table['step'].max():+.3f}. D goes from "
           f"{d.iloc[0]:.3f} to {d.iloc[-1]:.3f}, highest after {SHORT.get(table.index[top], 'no lever')} with "
           f"{d.max():.3f}.")
    caption = (f"{name}, {year}: levers raised to the {study.groups[result.reference_group]['label']} median in the "
               f"order of the paths; all else, and {second.upper()}, stays. Left the score, right D after each step. "
               f"{SOURCE}")
    return Figure(drawing, caption, alt, table, name="waterfall")


def brief(table: pd.DataFrame, caption: str) -> Table:
    """`scenario.compare_paths` in five narrow columns: changes to three decimals, places and steps gained.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> from nqpkit.scenario import compare_paths
    >>> list(brief(compare_paths(evaluate(Study.load()), "gansu"), "Gansu").values.columns)
    ['levers', 'NQP', 'D', 'places on NQP', 'grades']
    """
    first = next(column for column in table.columns if column.endswith("_change")).removesuffix("_change")
    kept = {"moved": "levers", f"{first}_change": first.upper(), "coordination_change": "D",
            f"rank_{first}_gain": f"places on {first.upper()}", "grade_steps": "grades"}
    short = table.set_index("label")[list(kept)].rename(columns=kept).rename_axis("path")
    return Table(short, f"{caption}: levers moved, changes in scores, places and grades gained.", decimals=3)


@lru_cache(maxsize=8)
def aims(result: Evaluation, region: str, levers: str = "all") -> Table:
    """The same levers raised to marks of different height: group medians, then the best and neighbours of the group.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> list(aims(evaluate(Study.load()), "guizhou").values.columns)
    ['levers moved', 'NQP', 'D', 'change in D']
    """
    study, first = result.study, result.systems.columns[0]
    now = result.systems[first].xs(result.year(), level="year")
    own = now.loc[focus_codes(result)].drop(study.resolve(region), errors="ignore")
    marks = {f"{words['label']} median": group for group, words in study.groups.items()}
    marks |= {study.regions.loc[code, "name"]: code for code in (own.idxmax(), now.idxmax())}
    rows = {}
    for label, target in marks.items():
        found = what_if(result, region, levers, target=target)
        moved = int((found.levers["reached"] != found.levers["value"]).sum())
        rows[label] = (moved, found.after[first], found.after["coordination"], found.change["coordination"])
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["levers moved", first.upper(), "D", "change in D"])
    return Table(table.rename_axis("raised to").sort_values(first.upper()),
                 f"{study.regions.loc[study.resolve(region), 'name']}: every lever of the scenario raised to one mark, "
                 "the lowest mark first.", decimals=3)


@lru_cache(maxsize=8)
def weightings(result: Evaluation, region: str) -> Table:
    """What all levers together change under three ways of weighting the indicators.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> list(weightings(evaluate(Study.load()), "guizhou").values.columns)
    ['change in NQP', 'change in D']
    """
    first, rows = result.systems.columns[0], {}
    for name in OTHER_WEIGHTS:
        change = what_if(evaluate(result.study, weights=name), region).change
        rows[name] = (change[first], change["coordination"])
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[f"change in {first.upper()}", "change in D"])
    name = result.study.regions.loc[result.study.resolve(region), "name"]
    return Table(table.rename_axis("weights"), f"{name}: all levers at the reference median, by the weights of the "
                 "indicators.", decimals=3)


def mark_facts(result: Evaluation, region: str) -> dict:
    """What the choice of the mark and of the weights does to the scenario of one region."""
    table, weights = aims(result, region).values, weightings(result, region).values
    change, points, d = table["change in D"], weights["change in NQP"], weights["change in D"]
    low, high = table.index[0], table.index[-1]
    must_hold("The highest mark gives the highest NQP and the lowest D.",
              high == table["NQP"].idxmax() == change.idxmin() and change[high] < 0, "Guizhou's D by mark")
    must_hold("The lowest mark moves fewer levers and gains more than twice the D of the eastern median.",
              table.loc[low, "levers moved"] < table.loc["East median", "levers moved"]
              and change[low] > 2 * change["East median"], "Guizhou's D by mark")
    must_hold("The change in NQP hardly depends on the weights, the sign of the change in D does.",
              points.max() < 1.35 * points.min() and d.min() < 0 < d.max(), "Guizhou's scenario under three weightings")
    return {
        "mark_low": low, "mark_low_gain": number(change[low], "+.3f"),
        "mark_low_levers": counted(int(table.loc[low, "levers moved"])),
        "mark_high": high, "mark_high_gain": number(change[high], "+.3f"),
        "mark_high_nqp": number(table.loc[high, "NQP"]),
        "mark_best": change.idxmax(), "mark_best_gain": number(change.max(), "+.3f"),
        "weights": counted(len(weights)),
        "weights_nqp_low": number(points.min()), "weights_nqp_high": number(points.max()),
        "weights_d_low": number(d.min(), "+.3f"), "weights_d_high": number(d.max(), "+.3f"),
        **{f"weights_{end}_name": name.upper() if name == "critic" else name
           for end, name in (("low", d.idxmin()), ("high", d.idxmax()))},
    }
