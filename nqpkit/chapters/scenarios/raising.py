"""Levers raised to a mark: a whole group at once, where D is highest on the way, and who gains or loses a grade."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nqpkit import coupling as cpl
from nqpkit import theme
from nqpkit.chapters.gaps import focus_codes
from nqpkit.chapters.guards import must_hold
from nqpkit.drawing import Figure, name_rows
from nqpkit.evaluation import Evaluation, dimension_scores, system_scores
from nqpkit.levers import chosen_levers, targets
from nqpkit.scoring import normalise
from nqpkit.wording import counted, joined, number

SHORT = {
    "hightech_revenue": "high-tech sales", "hightech_firms": "high-tech firms", "software_revenue": "software",
    "ecommerce_sales": "e-commerce", "fiscal_science_share": "science share", "rd_intensity": "R&D",
    "new_product_spending": "new products", "contracts_sold": "contracts sold", "undergraduates": "students",
    "rd_staff": "R&D staff", "net_migration": "migration",
}


def raised(result: Evaluation, levers: str = "all", year: int | None = None) -> pd.DataFrame:
    """Scores of the whole focus group when every region of it raises some levers to the reference median.

    The same arithmetic as `scenario.what_if`, for all regions in one step and without ranks: goalposts and weights
    stay, a lever at or beyond the median stays, an unknown value stays unknown.

    Returns
    -------
    DataFrame by code: one column a system, ``coordination`` and ``grade``.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> result = evaluate(Study.load())
    >>> bool((raised(result, "innovation")["nqp"] >= result.systems["nqp"].xs(2023, level="year")["50"]).any())
    True
    """
    return _raised(result, levers, result.year(year))


@lru_cache(maxsize=32)
def _raised(result, levers, year):
    names = chosen_levers(result, levers)
    goal = _goals(result, tuple(names), year)
    z = result.normalised.xs(year, level="year").loc[focus_codes(result)].copy()
    z[names] = z[names].clip(lower=goal, axis=1)
    systems = system_scores(z, dimension_scores(z, result.weights), result.weights, result.options.aggregate)
    d = cpl.coordination_degree(systems, form=result.options.coupling)
    return systems.assign(coordination=d, grade=cpl.coordination_grade(d).astype(object))


def _goals(result, names, year):
    """The reference medians of some levers on the scale from 0 to 1."""
    about, names = result.framework.indicators(), list(names)
    aim = targets(result, names, result.reference_group, year)
    scale = aim.where(about.loc[names, "transform"] != "log", np.log(aim.clip(lower=1e-12)))
    return normalise(scale.to_frame().T, about.loc[names, "direction"], goalposts=result.goalposts[names]).iloc[0]


def grade_changes(result: Evaluation, levers: str = "all", year: int | None = None) -> pd.Series:
    """Steps of grade that `raised` gains or loses, by code."""
    before = result.coupling["grade"].xs(result.year(year), level="year").loc[focus_codes(result)]
    after = raised(result, levers, year)["grade"]
    step = {grade: place for place, grade in enumerate(cpl.GRADES)}
    return after.map(step) - before.map(step).astype(int)


def peak(result: Evaluation, region: str, year: int | None = None) -> pd.Series:
    """Where D is highest on the way through all levers, raised one after another in the framework's order.

    Returns
    -------
    Series: ``lever``, the last one raised there ("none" if D is highest as things are); the scores; ``coordination``.
    """
    names, code, year = chosen_levers(result, "all"), result.study.resolve(region), result.year(year)
    goal = _goals(result, tuple(names), year)
    z = pd.concat([result.normalised.loc[[(code, year)]]] * (len(names) + 1)).reset_index(drop=True)
    for place, name in enumerate(names):
        z.loc[place + 1:, name] = max(z.at[0, name], goal[name])
    systems = system_scores(z, dimension_scores(z, result.weights), result.weights, result.options.aggregate)
    d = cpl.coordination_degree(systems, form=result.options.coupling)
    top = int(d.to_numpy().argmax())
    return pd.Series({"lever": names[top - 1] if top else "none", **systems.iloc[top], "coordination": d.iloc[top]})


def everybody(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """D of every region of the focus group now, after its best single path, and after all paths together."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names, focus = study.regions["name"], focus_codes(result)
    now = result.coupling["coordination"].xs(year, level="year")[focus]
    single = pd.DataFrame({path: raised(result, path, year)["coordination"] for path in result.framework.paths})
    table = pd.DataFrame({"now": now, "best single path": single.max(axis=1), "path": single.idxmax(axis=1),
                          "all paths": raised(result, "all", year)["coordination"],
                          "steps": grade_changes(result, "all", year)}).sort_values("now", ascending=False)
    drawn = {"now": ("o", theme.MUTED, 46), "best single path": ("D", theme.GROUP_COLOURS[1], 38),
             "all paths": ("s", theme.ACCENT, 46)}
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.33 * len(table) + 1.5))
        rows = range(len(table))
        ends = table[list(drawn)].astype(float)
        ax.hlines(rows, ends.min(axis=1), ends.max(axis=1), color=theme.GRID, lw=3, zorder=0)
        for column, (marker, colour, size) in drawn.items():
            ax.scatter(table[column], rows, marker=marker, color=colour, s=size, zorder=3, label=column)
        for grade in np.arange(0, 1.01, 0.1):
            ax.axvline(grade, color=theme.INK, lw=0.8, ls=":", zorder=0)
        ax.set(xlim=(ends.min().min() - 0.03, ends.max().max() + 0.03), ylim=(len(table) - 0.4, -0.6),
               xlabel="coordination degree D; dotted lines part the grades")
        name_rows(ax, names[table.index], code)
        ax.legend(loc="upper center", bbox_to_anchor=(0.35, 1.12), ncols=3, frameon=False, fontsize=8.5,
                  handletextpad=0.1, columnspacing=1)
        drawing.tight_layout()
    plt.close(drawing)
    up, down = names[table.index[table["steps"] > 0]], names[table.index[table["steps"] < 0]]
    alt = (f"Dot chart of the coordination degree D of {len(table)} {study.unit['many']}, {year}: now, after the best "
           f"single path, after all paths. With all paths {len(up)} rise in grade "
           f"({joined(up) if len(up) else 'none'}) and {len(down)} fall ({joined(down) if len(down) else 'none'}). "
           f"Highest D now: {names[table['now'].idxmax()]}, {table['now'].max():.2f}; lowest: "
           f"{names[table['now'].idxmin()]}, {table['now'].min():.2f}.")
    caption = (f"D with every lever of a path at the {study.groups[result.reference_group]['label']} median, {year}; "
               f"each {study.unit['one']} alone, all others as they are. HQED stays as it is throughout. Source: own "
               "computation on the study's official figures.")
    return Figure(drawing, caption, alt, table.rename(index=names), name="everybody")


def raising_facts(result: Evaluation, code: str) -> dict:
    """What raising all levers does to one region, and to the grades of the whole group."""
    study, year, first = result.study, result.year(), result.systems.columns[0]
    names, focus = study.regions["name"], focus_codes(result)
    now = result.systems.xs(year, level="year").join(result.coupling["coordination"].xs(year, level="year"))
    paths = list(result.framework.paths)
    after = {path: raised(result, path) for path in [*paths, "all"]}
    gain = {path: after[path].loc[code, "coordination"] - now.loc[code, "coordination"] for path in after}
    usual = [cpl.coordination_degree(frame[list(result.systems.columns)], form="standard")[code]
             for frame in (now, after["all"])]
    own, others = now.loc[focus], now.drop(index=code)[first]
    lower = after["all"]["coordination"] < own["coordination"]
    must_hold("All paths together raise Guizhou's D by less than any one of them.",
              0 < gain["all"] < min(gain[path] for path in paths), "Guizhou's change in D by path")
    must_hold("Some provinces lose D when all levers are raised.", lower.any(), "D with all levers raised")
    must_hold("With the usual form of coupling all paths together would raise D by more.",
              usual[1] - usual[0] > gain["all"], "Guizhou's change in D in two forms of coupling")
    must_hold("Those who lose D had the two scores nearly in step, and a low HQED.",
              own[first].div(own.iloc[:, 1])[lower].between(0.9, 1.1).all()
              and (own.iloc[:, 1][lower] < own.iloc[:, 1].median()).all(), "NQP and HQED of those who lose D")
    top = peak(result, code)
    found = {
        "nqp": number(now.loc[code, first]), "hqed": number(now.loc[code].iloc[1]),
        "d": number(now.loc[code, "coordination"], ".3f"),
        "rank": str(int((others > now.loc[code, first]).sum()) + 1),
        "all_nqp": number(after["all"].loc[code, first]),
        "all_rank": str(int((others > after["all"].loc[code, first]).sum()) + 1),
        "all_d": number(after["all"].loc[code, "coordination"], ".3f"),
        **{f"{path}_gain": number(gain[path], "+.3f") for path in after},
        "usual_gain": number(usual[1] - usual[0], "+.3f"),
        "losers": joined(names[lower.index[lower]]), "losers_count": counted(int(lower.sum())),
        "peak_d": number(top["coordination"], ".3f"), "peak_nqp": number(top[first]),
        "peak_lever": SHORT.get(top["lever"], "no lever"),
    }
    for path in after:
        steps = grade_changes(result, path)
        for word, moved in (("up", steps > 0), ("down", steps < 0)):
            found |= {f"{path}_{word}": counted(int(moved.sum())),
                      f"{path}_{word}_names": joined(names[moved.index[moved]]) if moved.any() else "none"}
    return found
