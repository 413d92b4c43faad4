"""Scenarios with their bills: levers one after another, twelve provinces, years at the fastest pace."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import coupling as cpl
from nqpkit import theme
from nqpkit.chapters.gaps import focus_codes, indicator_source
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.chapters.table import Table
from nqpkit.drawing import Figure, ink_on, name_rows
from nqpkit.evaluation import Evaluation, dimension_scores, evaluate, system_scores
from nqpkit.levers import chosen_levers, targets
from nqpkit.scenario import fastest_pace, what_if
from nqpkit.scoring import normalise
from nqpkit.wording import counted, joined

SHORT = {
    "hightech_revenue": "high-tech sales", "hightech_firms": "high-tech firms", "software_revenue": "software",
    "ecommerce_sales": "e-commerce", "fiscal_science_share": "science share", "rd_intensity": "R&D",
    "new_product_spending": "new products", "contracts_sold": "contracts sold", "undergraduates": "students",
    "rd_staff": "R&D staff", "net_migration": "migration",
}
NEEDS_CLAIMS = True
NEEDS = {"rd_expenditure", "gdp", "local_fiscal_science_technology_expenditure"}
LONG = 20
OTHER_WEIGHTS = ("equal", "entropy", "critic")


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


@lru_cache(maxsize=8)
def rd_bill(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """R&D spending of the focus group now and what is missing to the reference median, with the change in scores.

    ``extra`` = (median intensity − own intensity) × GDP, nothing where the intensity is there already.

    Returns
    -------
    DataFrame by code: ``now`` and ``extra`` in 100 million yuan a year; the change in the first system and in
    ``coordination``.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> bill = rd_bill(evaluate(Study.load()))
    >>> bool(0.8 < bill["extra"].sum() / bill["now"].sum() < 1.2)
    True
    """
    year, own, first = result.year(year), focus_codes(result), result.systems.columns[0]
    intensity = result.indicators["rd_intensity"].xs(year, level="year")
    panel = result.study.panel().xs(year, level="year").loc[own]
    aim = targets(result, ["rd_intensity"], result.reference_group, year).iloc[0]
    after = raised(result, "rd_intensity", year)
    return pd.DataFrame({
        "now": panel["rd_expenditure"] / 10_000, "extra": (aim - intensity[own]).clip(lower=0) / 100 * panel["gdp"],
        first: after[first] - result.systems[first].xs(year, level="year")[own],
        "coordination": after["coordination"] - result.coupling["coordination"].xs(year, level="year")[own]})


@lru_cache(maxsize=8)
def years_needed(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Years to the reference median at the fastest five-year pace that any region showed, region × lever.

    0 where the lever is there already; missing where no pace or no value is known.
    """
    year, about = result.year(year), result.framework.indicators()
    names = chosen_levers(result, "all")
    aim = targets(result, names, result.reference_group, year)
    value = result.indicators.xs(year, level="year").loc[focus_codes(result), names].astype(float)
    pace, columns = _pace(result)["pace"].astype(float), {}
    for name in names:
        log = about.loc[name, "transform"] == "log"
        gap = np.log(aim[name] / value[name]) if log else aim[name] - value[name]
        step = np.log(pace[name]) if log else pace[name]
        years = (gap * about.loc[name, "direction"]).clip(lower=0) / (step * about.loc[name, "direction"]) * 5
        columns[name] = years if pd.notna(pace[name]) else pd.Series(np.nan, value.index).where(gap > 0, 0.0)
    return pd.DataFrame(columns)


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
            ax.annotate(f"{line['step']:+.3f}".replace("-", "−"), (max(score.iloc[row], score.iloc[row - 1]), row),
                        xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.5)
        ax.annotate(f"{score.iloc[0]:.3f}", (score.iloc[0], 0), xytext=(-7, 0), textcoords="offset points",
                    va="center", ha="right", fontsize=8.5)
        ax.axvline(table[second].iloc[0], color=theme.INK, lw=1, ls="--")
        ax.annotate(f"{second.upper()} stays", (table[second].iloc[0], len(table) - 0.42), xytext=(3, 0),
                    textcoords="offset points", fontsize=8.5, va="bottom")
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
            below.annotate(text, (d.iloc[row], row), xytext=(7, 0), textcoords="offset points", va="center",
                           fontsize=8.5, fontweight=weight)
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
               "Source: own computation on the study's official figures.")
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


def rd_bars(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """The bill of the R&D median beside the points it buys."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names, first = study.regions["name"], result.systems.columns[0]
    bill = rd_bill(result, year).sort_values("extra", ascending=False)
    with theme.applied():
        drawing, (left, right) = plt.subplots(1, 2, figsize=(theme.WIDTH, 0.29 * len(bill) + 1.4), sharey=True,
                                              width_ratios=[1.6, 1])
        rows = range(len(bill))
        left.barh(rows, bill["now"], color=theme.GROUP_COLOURS[5], height=0.62)
        left.barh(rows, bill["extra"], left=bill["now"], color=theme.ACCENT, alpha=0.75, height=0.62)
        right.barh(rows, bill[first], color=theme.GROUP_COLOURS[1], height=0.62)
        for row, (_, line) in enumerate(bill.iterrows()):
            left.annotate(f"+{line['extra']:.0f}", (line["now"] + line["extra"], row), xytext=(4, 0),
                          textcoords="offset points", va="center", fontsize=8.5)
            right.annotate(f"+{line[first]:.3f}", (line[first], row), xytext=(4, 0), textcoords="offset points",
                           va="center", fontsize=8.5)
        left.set(title="R&D now and missing,\n100 million yuan a year",
                 xlim=(0, (bill["now"] + bill["extra"]).max() * 1.17))
        right.set(title=f"what it adds\nto {first.upper()}", xlim=(0, bill[first].max() * 1.55), xticks=[])
        name_rows(left, names[bill.index], code)
        for ax in (left, right):
            ax.title.set_fontsize(9)
            ax.tick_params(axis="y", length=0)
            sns.despine(ax=ax, left=True, bottom=ax is right)
        left.invert_yaxis()
        drawing.tight_layout()
    plt.close(drawing)
    gain = bill[first]
    alt = (f"Two bar charts, {len(bill)} {study.unit['many']}, {year}. R&D spending missing to the reference median, "
           f"in 100 million yuan a year: most in {names[bill.index[0]]}, {bill['extra'].iloc[0]:.0f}, least in "
           f"{names[bill.index[-1]]}, {bill['extra'].iloc[-1]:.0f}; together {bill['extra'].sum():,.0f} beside "
           f"{bill['now'].sum():,.0f} spent now. What it adds to {first.upper()}: from {gain.min():.3f} in "
           f"{names[gain.idxmin()]} to {gain.max():.3f} in {names[gain.idxmax()]}.")
    caption = (f"R&D to the {study.groups[result.reference_group]['label']} median, {year}: the yearly bill, and the "
               f"points on a scale from 0 to 1 that it buys. {indicator_source(result, 'rd_intensity')}")
    return Figure(drawing, caption, alt, bill.rename(index=names), name="rd-bill")


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
        ax.tick_params(axis="y", length=0)
        sns.despine(ax=ax, left=True)
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


def pace_map(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Years to the reference median at the fastest pace ever seen, region × lever."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names, table = study.regions["name"], years_needed(result, year)
    table = table.loc[table.mean(axis=1).sort_values().index]
    colours = sns.color_palette("rocket_r", as_cmap=True)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.3 * len(table) + 1.7))
        for y, key in enumerate(table.index):
            for x, column in enumerate(table):
                number = table.loc[key, column]
                blank = pd.isna(number) or number == 0
                colour = (1, 1, 1, 1) if blank else colours(min(number / LONG, 1.0) * 0.85 + 0.05)
                text = "?" if pd.isna(number) else "✓" if number == 0 else f"{number:.0f}" if number >= 0.5 else "<1"
                ax.add_patch(plt.Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, fc=colour, lw=0))
                ax.text(x, y, text, ha="center", va="center", fontsize=8.5, color=ink_on(colour))
        ax.set(xlim=(-0.5, table.shape[1] - 0.5), ylim=(len(table) - 0.5, -0.5))
        ax.set_xticks(range(table.shape[1]), [SHORT.get(column, column) for column in table], rotation=45, ha="left",
                      fontsize=8.5, rotation_mode="anchor")
        name_rows(ax, names[table.index], code)
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        sns.despine(ax=ax, left=True, bottom=True)
        drawing.tight_layout()
    plt.close(drawing)
    longest = table.stack().idxmax()
    alt = (f"Heat map of years to the reference median at the fastest five-year pace observed, {len(table)} "
           f"{study.unit['many']} by {table.shape[1]} levers, {year}. Longest: {SHORT.get(longest[1])} in "
           f"{names[longest[0]]}, {table.max().max():.0f} years. {int((table == 0).sum().sum())} cells are there "
           f"already, {int(table.isna().sum().sum())} have no known pace.")
    caption = (f"Years to the {study.groups[result.reference_group]['label']} median of {year} at the fastest "
               "five-year pace that any province has shown; ✓ is there already, ? has no pace. The median is held "
               "still. Source: own computation on the study's official figures.")
    return Figure(drawing, caption, alt, table.rename(index=names, columns=SHORT), name="pace")


def pace_table(result: Evaluation, region: str) -> Table:
    """Who set the fastest pace of each lever, when, whether that window holds a marked figure, and the years."""
    study, names = result.study, result.study.regions["name"]
    pace, needed = _pace(result), years_needed(result).loc[study.resolve(region)]
    doubtful = doubtful_paces(result)
    log = result.framework.indicators()["transform"] == "log"
    rows = []
    for lever in needed.index:
        line = pace.loc[lever]
        if pd.isna(line["pace"]):
            rows.append([SHORT.get(lever, lever), "not known", "", "", ""])
            continue
        rows.append([SHORT.get(lever, lever), f"× {line['pace']:.2g}" if log[lever] else f"+{line['pace']:.3g}",
                     f"{names[line['code']]}, {line['first']}–{line['last']}", "yes" if lever in doubtful else "",
                     "there" if needed[lever] == 0 else f"{needed[lever]:.1f}"])
    columns = ["lever", "fastest in five years", "made by", "marked figure in it",
               f"years for {names[study.resolve(region)]}"]
    return Table(pd.DataFrame(rows, columns=columns).set_index("lever"),
                 "The fastest five-year change of each lever, in its own unit or as a multiple.")


@lru_cache(maxsize=8)
def doubtful_paces(result: Evaluation) -> list[str]:
    """Levers whose fastest window holds a figure that the study marks (a suspect value, a small base, a jump)."""
    marks, formulas, pace = result.study.marks, result.framework.formulas(), _pace(result)
    found = []
    for lever in chosen_levers(result, "all"):
        line = pace.loc[lever]
        if pd.isna(line["pace"]) or marks.empty:
            continue
        inside = marks[(marks["code"] == line["code"]) & marks["series"].isin(formulas[lever].series)
                       & marks["year"].between(line["first"], line["last"])]
        if len(inside):
            found.append(lever)
    return found


@without_gaps
def facts(result: Evaluation) -> dict:
    """Numbers and words for the chapter."""
    study, year = result.study, result.year()
    names, focus, guizhou = study.regions["name"], focus_codes(result), study.resolve("guizhou")
    first = result.systems.columns[0]
    now = result.systems.xs(year, level="year").join(result.coupling["coordination"].xs(year, level="year"))
    paths = list(result.framework.paths)
    after = {path: raised(result, path) for path in [*paths, "all"]}
    gain = {path: after[path].loc[guizhou, "coordination"] - now.loc[guizhou, "coordination"] for path in after}
    changes = {path: grade_changes(result, path) for path in after}
    bill, years = rd_bill(result), years_needed(result)
    lower = after["all"]["coordination"] < now.loc[focus, "coordination"]
    usual = [cpl.coordination_degree(frame[list(result.systems.columns)], form="standard")[guizhou]
             for frame in (now, after["all"])]
    others = now.drop(index=guizhou)[first]
    own = now.loc[focus]
    must_hold("All paths together raise Guizhou's D by less than any one of them.",
              0 < gain["all"] < min(gain[path] for path in paths), "Guizhou's change in D by path")
    must_hold("Some provinces lose D when all levers are raised.", lower.any(), "D with all levers raised")
    must_hold("With the usual form of coupling all paths together would raise D by more.",
              usual[1] - usual[0] > gain["all"], "Guizhou's change in D in two forms of coupling")
    must_hold("The West would have to spend about twice what it spends on R&D.",
              0.8 < bill["extra"].sum() / bill["now"].sum() < 1.2, "the bill for R&D")
    must_hold("Those who lose D had the two scores nearly in step, and a low HQED.",
              own[first].div(own.iloc[:, 1])[lower].between(0.9, 1.1).all()
              and (own.iloc[:, 1][lower] < own.iloc[:, 1].median()).all(), "NQP and HQED of those who lose D")
    must_hold("The East does not hold still.", _reference_moves(result), "the eastern medians of the levers")
    must_hold("For Guizhou R&D takes longer than most levers.",
              years.loc[guizhou, "rd_intensity"] > years.loc[guizhou].median(), "years to the eastern median by lever")
    gdp = study.panel()["gdp"].xs(year, level="year")
    pace = _pace(result)
    doubtful = doubtful_paces(result)
    found = {
        "year": year, "count": counted(len(focus)), "levers": counted(len(chosen_levers(result, "all"))),
        "nqp": f"{now.loc[guizhou, first]:.2f}", "hqed": f"{now.loc[guizhou].iloc[1]:.2f}",
        "d": f"{now.loc[guizhou, 'coordination']:.3f}", "rank": str(int((others > now.loc[guizhou, first]).sum()) + 1),
        "all_nqp": f"{after['all'].loc[guizhou, first]:.2f}",
        "all_rank": str(int((others > after["all"].loc[guizhou, first]).sum()) + 1),
        "all_d": f"{after['all'].loc[guizhou, 'coordination']:.3f}",
        **{f"{path}_gain": signed3(gain[path]) for path in after},
        "usual_gain": signed3(usual[1] - usual[0]),
        "bill": f"{bill['extra'].sum() / 10:.0f}", "spent": f"{bill['now'].sum() / 10:.0f}",
        "bill_ratio": f"{bill['extra'].sum() / bill['now'].sum():.2f}",
        "bill_gdp": f"{bill['extra'].sum() / gdp[focus].sum() * 100:.1f}",
        "guizhou_bill": f"{bill.loc[guizhou, 'extra'] / 10:.1f}",
        "guizhou_spent": f"{bill.loc[guizhou, 'now'] / 10:.1f}",
        "guizhou_points": f"{bill.loc[guizhou, first]:.3f}",
        "dearest": names[bill["extra"].idxmax()], "dearest_bill": f"{bill['extra'].max() / 10:.0f}",
        "cheapest": names[bill["extra"].idxmin()], "cheapest_bill": f"{bill['extra'].min() / 10:.1f}",
        "tibet_points": f"{bill.loc[study.resolve('tibet'), first]:.3f}",
        "tibet_bill": f"{bill.loc[study.resolve('tibet'), 'extra'] / 10:.1f}",
        "guizhou_rd_years": f"{years.loc[guizhou, 'rd_intensity']:.0f}",
        "guizhou_science_years": f"{years.loc[guizhou, 'fiscal_science_share']:.0f}",
        "rd_pace": f"{pace.loc['rd_intensity', 'pace']:.2f}", "rd_pace_by": names[pace.loc["rd_intensity", "code"]],
        "rd_pace_years": f"{pace.loc['rd_intensity', 'first']}–{pace.loc['rd_intensity', 'last']}",
        "science_pace_by": names[pace.loc["fiscal_science_share", "code"]],
        "longest_rd": names[years["rd_intensity"].idxmax()], "longest_rd_years": f"{years['rd_intensity'].max():.0f}",
        "longest": names[years.stack().idxmax()[0]], "longest_lever": SHORT[years.stack().idxmax()[1]],
        "longest_years": f"{years.max().max():.0f}", "doubtful": counted(len(doubtful)),
        "doubtful_names": joined(SHORT[lever] for lever in doubtful) if doubtful else "none",
        "losers": joined(names[lower.index[lower]]), "losers_count": counted(int(lower.sum())),
    }
    found |= _marks(result) | _peak(result, guizhou) | _moving_mark(result, guizhou, pace)
    for path, steps_of in changes.items():
        up, down = names[steps_of.index[steps_of > 0]], names[steps_of.index[steps_of < 0]]
        found |= {f"{path}_up": counted(len(up)), f"{path}_up_names": joined(up) if len(up) else "none",
                  f"{path}_down": counted(len(down)), f"{path}_down_names": joined(down) if len(down) else "none"}
    return found


def _marks(result):
    """What the choice of the mark and of the weights does to Guizhou's scenario."""
    table, weights = aims(result, "guizhou").values, weightings(result, "guizhou").values
    change, points = table["change in D"], weights["change in NQP"]
    low, high = table.index[0], table.index[-1]
    must_hold("The highest mark gives the highest NQP and the lowest D.",
              high == table["NQP"].idxmax() == change.idxmin() and change[high] < 0, "Guizhou's D by mark")
    must_hold("The lowest mark moves fewer levers and gains more than twice the D of the eastern median.",
              table.loc[low, "levers moved"] < table.loc["East median", "levers moved"]
              and change[low] > 2 * change["East median"], "Guizhou's D by mark")
    must_hold("The change in NQP hardly depends on the weights, the sign of the change in D does.",
              points.max() < 1.35 * points.min() and weights["change in D"].min() < 0 < weights["change in D"].max(),
              "Guizhou's scenario under three weightings")
    d = weights["change in D"]
    return {"mark_low": low, "mark_low_gain": signed3(change[low]), "mark_low_levers": counted(int(
                table.loc[low, "levers moved"])), "mark_high": high, "mark_high_gain": signed3(change[high]),
            "mark_high_nqp": f"{table.loc[high, 'NQP']:.2f}", "mark_best": change.idxmax(),
            "mark_best_gain": signed3(change.max()), "weights": counted(len(weights)),
            "weights_nqp_low": f"{points.min():.2f}", "weights_nqp_high": f"{points.max():.2f}",
            "weights_d_low": signed3(d.min()), "weights_d_high": signed3(d.max()),
            **{f"weights_{end}_name": name.upper() if name == "critic" else name
               for end, name in (("low", d.idxmin()), ("high", d.idxmax()))}}


def _peak(result, code):
    found = peak(result, code)
    return {"peak_d": f"{found['coordination']:.3f}", "peak_nqp": f"{found[result.systems.columns[0]]:.2f}",
            "peak_lever": SHORT.get(found["lever"], "no lever")}


def _reference_moves(result):
    """Whether the reference median of R&D intensity rose over the scored years."""
    mark = result.reference(result.indicators[["rd_intensity"]])["rd_intensity"]
    return bool(mark.xs(result.year(), level="year").iloc[0] > mark.xs(result.study.years[0], level="year").iloc[0])


def _moving_mark(result, code, pace, speed=0.12):
    """Years to a median of R&D intensity that itself moves on by some points a year."""
    year = result.year()
    gap = targets(result, ["rd_intensity"], result.reference_group, year).iloc[0] - result.indicators.loc[
        (code, year), "rd_intensity"]
    return {"guizhou_moving_years": f"{gap / (pace.loc['rd_intensity', 'pace'] / 5 - speed):.0f}"}


@lru_cache(maxsize=8)
def _pace(result):
    return fastest_pace(result)


def signed3(change: float) -> str:
    """A change with its sign and three decimals.

    >>> signed3(0.0125), signed3(-0.02)
    ('+0.013', '−0.020')
    """
    return f"{change:+.3f}".replace("-", "−")
