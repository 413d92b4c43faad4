"""Figures and facts of the chapter on coupling: how high a degree is by chance, and what it leaves open."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from scipy.stats import qmc

from nqpkit import coupling as cpl
from nqpkit import theme
from nqpkit.chapters.case import case_code
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE, Figure, label_ends, name_rows
from nqpkit.evaluation import Evaluation, dimension_scores, system_scores
from nqpkit.sensitivity import revise
from nqpkit.wording import STEADY, Prose, joined, raised, safe

NEEDS_SYSTEMS = 2
PAIRS = 2**12
HIGH = 0.8  # from here on the literature calls a degree of coupling high
ALIKE = 0.01  # two regions with means this close count as level
SIZE = "gdp_per_head"


def facts(result: Evaluation) -> dict:
    """Numbers and names for the chapter's sentences."""
    u, table, code = pair(result), _now(result), case_code(result)
    names, chance = result.study.regions["name"].map(safe), chance_pairs()
    standard = table.assign(coupling=cpl.coupling_degree(u, "standard"), d=cpl.coordination_degree(u, form="standard"))
    modified = table.assign(coupling=cpl.coupling_degree(u), d=cpl.coordination_degree(u))
    grades = {name: cpl.coordination_grade(form["d"]) for name, form in (("s", standard), ("m", modified))}
    found = {f"{key}_{name}": f"{form.loc[code, column]:.2f}" for name, form in (("standard", standard), (
        "modified", modified)) for key, column in (("c", "coupling"), ("d", "d"))}
    found |= {f"grade_{name}": str(grades[name[0]][code]) for name in ("standard", "modified")}
    for form in cpl.FORMS:
        c, d = cpl.coupling_degree(chance, form), cpl.coordination_degree(chance, form=form)
        found |= {f"chance_median_{form}": f"{c.median():.2f}", f"chance_high_{form}": f"{(c >= HIGH).mean():.0%}",
                  f"high_{form}": int((cpl.coupling_degree(u, form) >= HIGH).sum()),
                  f"mean_{form}": f"{d.corr(chance.mean(axis=1)):.2f}"}
    above, below = table["coordination"] > table["random_high"], table["coordination"] < table["random_low"]
    one, other = level_pair(table)
    low = alike_but_low(table)
    twice = shared_indicator(result)
    return found | {
        "lowest_standard": f"{standard['coupling'].min():.2f}", "lowest_modified": f"{modified['coupling'].min():.2f}",
        "lowest_name": names[modified["coupling"].idxmin()],
        "moved": int((grades["s"] != grades["m"]).sum()), "of": len(table),
        "case_words": _case_words(table.loc[code], table, result),
        "band": _band(u), "apart": f"{(u.iloc[:, 0] - u.iloc[:, 1]).abs().mean():.2f}",
        "apart_chance": f"{(chance['first'] - chance['second']).abs().mean():.2f}",
        "order_words": compare_order(table["coordination"].corr(table["development"], method="spearman")),
        "order": f"{table['coordination'].corr(table['development'], method='spearman'):.2f}",
        "above": int(above.sum()), "inside": int((~above & ~below).sum()), "below": int(below.sum()),
        "case_chance": _against(table.loc[code]), "case_low": f"{table.loc[code, 'random_low']:.2f}",
        "case_high": f"{table.loc[code, 'random_high']:.2f}",
        "level_one": names[one], "level_other": names[other],
        "level_mean_one": f"{table.loc[one, 'development']:.3f}",
        "level_mean_other": f"{table.loc[other, 'development']:.3f}",
        "level_c_one": f"{table.loc[one, 'coupling']:.2f}", "level_c_other": f"{table.loc[other, 'coupling']:.2f}",
        "level_d_one": f"{table.loc[one, 'coordination']:.2f}",
        "level_d_other": f"{table.loc[other, 'coordination']:.2f}",
        "level_rank_one": int(table.loc[one, "rank_coordination"]),
        "level_rank_other": int(table.loc[other, "rank_coordination"]),
        "low_name": names[low], "low_c": f"{table.loc[low, 'coupling']:.2f}",
        "low_c_rank": int(table["coupling"].rank(ascending=False)[low]),
        "low_t": f"{table.loc[low, 'development']:.2f}",
        "low_t_rank": int(table["development"].rank(ascending=False)[low]),
        "low_grade": str(table.loc[low, "grade"]),
        "lags": joined_lags(result, table),
        **_toy(), **{f"shared_{key}": value for key, value in twice.items()},
    }


def pair(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Scores of the first two systems in a year, regions with both."""
    return result.systems.iloc[:, :2].xs(result.year(year), level="year").dropna()


def chance_pairs(points: int = PAIRS) -> pd.DataFrame:
    """Two scores that know nothing of each other: independent and uniform on 0…1, on a fixed grid of even points."""
    grid = qmc.Halton(d=2, scramble=False).random(points + 1)[1:]
    return pd.DataFrame(grid, columns=["first", "second"])


def level_pair(table: pd.DataFrame) -> tuple[str, str]:
    """The two regions with (nearly) the same mean score whose D differs most, the higher D first.

    >>> level_pair(pd.DataFrame({"development": [0.5, 0.5, 0.9], "coordination": [0.4, 0.6, 0.9]}, index=list("abc")))
    ('b', 'a')
    """
    t, d = table["development"].to_numpy(), table["coordination"].to_numpy()
    i, j = np.triu_indices(len(table), 1)
    apart = np.abs(t[i] - t[j])
    close = apart <= max(ALIKE, apart.min())
    best = np.flatnonzero(close)[np.abs(d[i] - d[j])[close].argmax()]
    one, other = sorted((i[best], j[best]), key=lambda place: -d[place])
    return table.index[one], table.index[other]


def alike_but_low(table: pd.DataFrame) -> str:
    """Among the regions whose two scores are more alike than in half of all, the one with the lowest mean."""
    return table.loc[table["coupling"] >= table["coupling"].median(), "development"].idxmin()


def counted_twice(result: Evaluation, name: str, home: str | None = None) -> pd.DataFrame:
    """The first two systems when one indicator of the first joins the second as well.

    Parameters
    ----------
    result : Evaluation
    name : str
        The indicator.
    home : str, optional
        The dimension of the second system that it joins; all its members then weigh the same there. The first
        dimension unless given.

    Returns
    -------
    DataFrame (code, year) × the two systems and ``coordination``

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> result = evaluate(Study.load())
    >>> bool((counted_twice(result, "rd_intensity")["nqp"] == result.systems["nqp"]).all())
    True
    """
    systems = list(result.systems.columns[:2])
    own = result.weights[result.weights["system"] == systems[1]]
    home = own["dimension"].iloc[0] if home is None else home
    again = f"{name}, again"
    weights = pd.concat([result.weights, pd.DataFrame(
        {"system": systems[1], "dimension": home, "weight": 0.0}, index=[again])])
    rows = weights["dimension"] == home
    weights.loc[rows, "weight"] = weights.loc[rows, "weight"].sum() / rows.sum()
    weights.loc[rows, "within"] = 1 / rows.sum()
    both = result.normalised.assign(**{again: result.normalised[name]})
    scores = system_scores(both, dimension_scores(both, weights), weights, result.options.aggregate)[systems]
    return scores.assign(coordination=cpl.coordination_degree(scores, form=result.options.coupling))


def shared_indicator(result: Evaluation) -> dict:
    """What counting one indicator in both systems does: the one most like the first score joins the second system."""
    year, systems = result.year(), list(result.systems.columns[:2])
    first = result.weights.index[result.weights["system"] == systems[0]]
    z, code = result.normalised, case_code(result)
    name = z[first].corrwith(result.systems[systems[0]]).idxmax()
    home = result.weights[result.weights["system"] == systems[1]]["dimension"].iloc[0]
    scores = counted_twice(result, name, home)
    now, d = scores[systems].xs(year, level="year").dropna(), scores["coordination"]
    before = result.coupling["coordination"].xs(year, level="year")
    change = d.xs(year, level="year") - before
    return {"label": result.study.said(safe(result.framework.indicators().loc[name, "label"])),
            "home": safe(result.framework.dimensions().loc[home, "label"]),
            "before": f"{pair(result).corr().iloc[0, 1]:.3f}", "after": f"{now.corr().iloc[0, 1]:.3f}",
            "d_before": f"{before[code]:.3f}", "d_after": f"{d[(code, year)]:.3f}", "change": f"{change[code]:+.3f}",
            "words": SMALL if change.abs().max() < STEADY else "For a single indicator, that is a great deal.",
            "most": safe(result.study.regions["name"][change.abs().idxmax()]),
            "most_change": f"{change[change.abs().idxmax()]:+.3f}"}


def joined_lags(result: Evaluation, table: pd.DataFrame) -> str:
    """How many regions are in step and in how many one system lags, in words."""
    if "lag" not in table:
        return "With more than two systems there is no lag type."
    labels = {f"{name} lags": f"{result.study.said(safe(parts['label']))} lags in" for name, parts in
              result.framework.systems.items()} | {"in step": "the two are in step in"}
    counts = table["lag"].value_counts()
    return joined(f"{labels[kind]} {number}" for kind, number in counts.items())


def income_words(result: Evaluation) -> Prose:
    """The correlation of the two scores before and after income is taken out, in one paragraph."""
    if SIZE not in result.indicators:
        return Prose("Whether a third thing stands behind both scores cannot be tried here: this study has no GDP per "
                     "head among its indicators.")
    found, first, second = income(result), *_labels(result)
    without = income(revise(result, leave_out=[SIZE]), result.indicators[SIZE])
    return Prose(
        f"Over {found['n']} {safe(result.study.unit['many'])} the correlation of {first} and {second} is "
        f"{found['raw']:.2f}. Take out of both what goes along with the logarithm of GDP per head, and "
        f"{found['left']:.2f} is left. GDP per head is itself one indicator of the second score; drop it there first, "
        f"and {without['left']:.2f} is left. {_share_words(found)} What explains the rest, this number cannot say: it "
        "would be the same if the second score moved the first, or if universities, ports or a century of history "
        "moved both.")


def income(result: Evaluation, size: pd.Series | None = None) -> dict:
    """Correlation of the first two scores in the last year, raw and after removing ln GDP per head from each."""
    u = pair(result)
    size = (result.indicators[SIZE] if size is None else size).xs(result.year(), level="year")
    both = u.assign(size=np.log(size)).dropna()
    left = both.iloc[:, :2].apply(lambda y: y - np.polyval(np.polyfit(both["size"], y, 1), both["size"]))
    return {"raw": both.iloc[:, :2].corr().iloc[0, 1], "left": left.corr().iloc[0, 1], "n": len(both),
            "residuals": left}


def plane(result: Evaluation) -> Figure:
    """Every region on the plane of the two scores, over lines of equal D and a cloud of random pairs."""
    u, code, year = pair(result), case_code(result), result.year()
    names, groups, study = result.study.regions["name"], result.study.regions["group"], result.study
    first, second = _labels(result)
    grid = np.linspace(0.001, 1, 240)
    x, y = np.meshgrid(grid, grid)
    both = np.stack([x, y], axis=-1)
    d = np.sqrt(cpl.FORMS[result.options.coupling](both) * both.mean(axis=-1))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, theme.WIDTH))
        cloud = chance_pairs(256)
        ax.scatter(cloud["first"], cloud["second"], s=7, color=theme.MUTED, alpha=0.35, linewidths=0)
        lines = ax.contour(x, y, d, levels=np.arange(0.1, 1, 0.1), colors=theme.GROUP_COLOURS[1], linewidths=0.9)
        places = [(grid[224], grid[np.abs(d[:224, 224] - level).argmin()]) for level in lines.levels[1::2]]
        ax.clabel(lines, levels=lines.levels[1::2], fmt=lambda level: f"D {level:.1f}", fontsize=8.5, manual=places)
        focus = groups.reindex(u.index) == study.focus
        ax.scatter(*u[~focus].to_numpy().T, s=34, color=theme.INK, label="others")
        ax.scatter(*u[focus].to_numpy().T, s=46, color=theme.ACCENT, edgecolors="white", linewidths=0.6)
        for key in dict.fromkeys([code, *_extremes(u)]):
            left = key == (u.iloc[:, 1] / u.iloc[:, 0]).idxmax()
            ax.annotate(names[key], u.loc[key], xytext=(-7, -2) if left else (8, -11), textcoords="offset points",
                        fontsize=9, ha="right" if left else "left", color=theme.ACCENT if focus[key] else theme.INK,
                        fontweight="bold" if key == code else "normal")
        ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel=f"{first}, 0 to 1", ylabel=f"{second}, 0 to 1",
               title=f"Two scores, {year}: what chance would scatter")
        drawing.tight_layout()
    plt.close(drawing)
    values = u.assign(coordination=cpl.coordination_degree(u, form=result.options.coupling))
    top, bottom = values["coordination"].idxmax(), values["coordination"].idxmin()
    share = (u.iloc[:, 1] > u.iloc[:, 0]).sum()
    alt = (f"Scatter plot of {len(u)} {study.unit['many']} by {first} (across) and {second} (up), {year}, both from 0 "
           f"to 1, over a grey cloud of 256 random pairs. Dots run along the diagonal, {share} above it. Highest "
           f"coordination degree: {names[top]}, {values.loc[top, 'coordination']:.2f}; lowest: {names[bottom]}, "
           f"{values.loc[bottom, 'coordination']:.2f}; {names[code]}: {values.loc[code, 'coordination']:.2f}.")
    label = study.groups[study.focus]["label"]
    caption = (f"{label} in colour, the others in that of the letters; lines of equal D, one grade apart. The grey "
               f"dots are pairs of random numbers: chance fills the square, the {study.unit['many']} "
               f"{_band(u)}. {SOURCE}")
    return Figure(drawing, caption, alt, values.rename(index=names))


def saturation(result: Evaluation) -> Figure:
    """The degree of coupling of random pairs in each form, with the regions' own below."""
    u, chance, names = pair(result), chance_pairs(), result.study.regions["name"]
    own = pd.DataFrame({form: cpl.coupling_degree(u, form) for form in cpl.FORMS})
    random = pd.DataFrame({form: cpl.coupling_degree(chance, form) for form in cpl.FORMS})
    with theme.applied():
        drawing, axes = plt.subplots(len(cpl.FORMS), 1, figsize=(theme.WIDTH, 5.2), sharex=True, sharey=True)
        for ax, form in zip(axes, cpl.FORMS, strict=True):
            ax.hist(random[form], bins=np.linspace(0, 1, 41), color=theme.MUTED, alpha=0.55,
                    weights=np.full(len(random), 100 / len(random)))
            ax.plot(own[form], np.full(len(own), -3.4), "|", color=theme.ACCENT, ms=11, mew=1.2, clip_on=False)
            ax.axvline(HIGH, color=theme.INK, lw=1, ls=":")
            ax.set_title(f"{form}: {(random[form] >= HIGH).mean():.0%} of random pairs reach {HIGH}", fontsize=9.5)
            ax.set(ylabel="%", ylim=(-6, None), xlim=(0, 1))
            ax.set_yticks([0, 20, 40])
        axes[-1].set_xlabel(f"coupling degree C (marks: the {len(own)} {result.study.unit['many']}, {result.year()})")
        drawing.tight_layout()
    plt.close(drawing)
    alt = f"Three histograms of the coupling degree C, from 0 to 1, of {len(random)} pairs of random numbers. "
    alt += " ".join((
        f"{form.capitalize()} form: median {random[form].median():.2f}, {(random[form] >= HIGH).mean():.0%} at {HIGH} "
        f"or above; the {result.study.unit['many']} lie between {own[form].min():.2f} ({names[own[form].idxmin()]}) "
        f"and {own[form].max():.2f} ({names[own[form].idxmax()]}).") for form in cpl.FORMS)
    caption = (f"Grey: C of {len(random)} pairs of unrelated numbers in three forms. Coloured marks: C of the "
               f"{result.study.unit['many']}. The dotted line is where the literature begins to call C high. {SOURCE}")
    values = pd.concat([own.rename(index=names), random.describe().loc[["min", "50%", "max"]].rename(
        index=lambda row: f"random pairs, {row}")])
    return Figure(drawing, caption, alt, values)


def misprints(result: Evaluation) -> Figure:
    """The right degree and three misprinted ones, while the second score runs from 0 to 1."""
    code = case_code(result)
    fixed, name = pair(result).loc[code].iloc[0], result.study.regions.loc[code, "name"]
    path = np.linspace(0.01, 1, 100)
    u = pd.DataFrame({"first": fixed, "second": path}, index=pd.Index(path, name="second"))
    values = cpl.wrong_forms(u)[["right C", "root lost", "square lost", "factor lost"]]
    colours = [theme.INK, *theme.GROUP_COLOURS[:3]]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.6))
        for column, colour in zip(values, colours, strict=True):
            sns.lineplot(x=path, y=values[column].to_numpy(), ax=ax, color=colour,
                         lw=2.4 if column == "right C" else 1.6)
        ax.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="second score, 0 to 1", ylabel="what is printed as C",
               title=f"One C, four formulas (first score {fixed:.2f})")
        ax.grid(axis="y")
        label_ends(ax, 1, {column: (values[column].iloc[-1], colour, "bold" if column == "right C" else "normal")
                           for column, colour in zip(values, colours, strict=True)})
        drawing.tight_layout()
    plt.close(drawing)
    tops = values.max()
    alt = (f"Line chart of four formulas for the coupling degree while the second score runs from 0 to 1 and the first "
           f"stays at {fixed:.2f}, the score of {name}. Highest values: " + ", ".join(
               f"{column} {top:.2f}" for column, top in tops.items()) + ".")
    short = [column for column in values if tops[column] < 0.9]
    caption = (f"The right C (standard form) and three misprints of it, with the first score held at that of {name}. "
               f"{raised(joined(short))} never come near 1, so their grades mean something else. {SOURCE}")
    return Figure(drawing, caption, alt, values)


def against_chance(result: Evaluation) -> Figure:
    """D of every region beside the range that a random partner of its first score would give."""
    table, names = _now(result).sort_values("coordination"), result.study.regions["name"]
    study, code, rows = result.study, case_code(result), range(len(_now(result)))
    above = table["coordination"] > table["random_high"]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.21 * len(table) + 1.2))
        ax.hlines(rows, table["random_low"], table["random_high"], color=theme.MUTED, lw=5, alpha=0.35)
        ax.scatter(table["random_median"], rows, marker="|", s=40, color=theme.MUTED)
        ax.scatter(table["coordination"], rows, s=26, zorder=3,
                   color=[theme.ACCENT if up else theme.INK for up in above])
        name_rows(ax, names[table.index], code, fontsize=8.5)
        ax.set(xlim=(0, 1), ylim=(-0.8, len(table) - 0.2), xlabel="coordination degree D (dot), random partner (bar)",
               title=f"{int(above.sum())} of {len(table)} lie above chance, {result.year()}")
        ax.grid(axis="x")
        drawing.tight_layout()
    plt.close(drawing)
    first = _labels(result)[0]
    alt = (f"Dot chart of the coordination degree D of {len(table)} {study.unit['many']}, {result.year()}, each over "
           f"the range of nine in ten random partners. {int(above.sum())} dots lie above their range. Highest: "
           f"{names[table.index[-1]]}, {table['coordination'].iloc[-1]:.2f}; lowest: {names[table.index[0]]}, "
           f"{table['coordination'].iloc[0]:.2f}. {names[code]}: {table.loc[code, 'coordination']:.2f}, range "
           f"{table.loc[code, 'random_low']:.2f} to {table.loc[code, 'random_high']:.2f}.")
    caption = (f"D of every member of the study (dot, in colour where above the bar) and nine in ten of the D that its "
               f"{first} would have with an index of random numbers (bar; tick: median). {SOURCE}")
    columns = ["coordination", "random_low", "random_median", "random_high"]
    return Figure(drawing, caption, alt, table[columns].rename(index=names))


def ladder(result: Evaluation) -> Table:
    """C, T, D and grade of the region followed, in every form of the coupling degree."""
    u = pair(result).loc[[case_code(result)]]
    rows = {form: {"C": cpl.coupling_degree(u, form).iloc[0], "T": cpl.development(u).iloc[0],
                   "D": cpl.coordination_degree(u, form=form).iloc[0],
                   "grade": cpl.coordination_grade(cpl.coordination_degree(u, form=form)).iloc[0]}
            for form in cpl.FORMS}
    name = result.study.regions.loc[case_code(result), "name"]
    return Table(pd.DataFrame.from_dict(rows, orient="index").rename_axis("form"),
                 f"{name}, {result.year()}, in every form of the coupling degree. {SOURCE}")


SMALL = ("That is little, and for a bad reason: the two scores already agree so closely that there is hardly room for "
         "more.")


def compare_order(rho: float) -> str:
    """How far two orders agree, in words, from their rank correlation."""
    return "almost as" if rho >= 0.95 else "much as" if rho >= 0.8 else "differently from how"


def _case_words(row, table, result):
    c, low = row["coupling"], row["development"] < table["development"].quantile(1 / 3)
    alike = "nearly alike" if c >= HIGH else "some way apart" if c >= 0.5 else "far apart"
    third = "lowest" if low else "highest" if row["development"] > table["development"].quantile(2 / 3) else "middle"
    return (f"The two scores are {alike}. Their mean, {row['development']:.2f}, lies in the {third} third of all "
            f"{safe(result.study.unit['many'])}.")


def _band(u):
    own, chance = (u.iloc[:, 0] - u.iloc[:, 1]).abs().mean(), 1 / 3
    if own < chance / 2:
        return "keep to a narrow band along the diagonal"
    return "keep closer to the diagonal than chance would" if own < chance else "scatter as widely as chance"


def _share_words(found):
    if found["left"] >= found["raw"] - STEADY:
        return "So income explains hardly anything of why the scores go together."
    rest = "part of why the scores go together, and not all" if found["left"] >= 0.3 else "most of why they go together"
    return f"So income explains {rest}."


def _now(result):
    return result.coupling.xs(result.year(), level="year").dropna(subset=["coordination"])


def _labels(result):
    return [result.study.said(parts["label"]) for parts in list(result.framework.systems.values())[:2]]


def _extremes(u):
    return [u.mean(axis=1).idxmax(), u.mean(axis=1).idxmin(), (u.iloc[:, 1] / u.iloc[:, 0]).idxmax()]


def _against(row):
    if row["coordination"] > row["random_high"]:
        return "above"
    return "below" if row["coordination"] < row["random_low"] else "inside"


def _toy():
    cases = {"even": (0.1, 0.1), "apart": (0.9, 0.3)}
    found = {}
    for name, scores in cases.items():
        u = pd.DataFrame([scores], columns=["first", "second"])
        found[f"toy_{name}_t"] = f"{cpl.development(u).iloc[0]:.2f}"
        for form in ("standard", "modified"):
            found[f"toy_{name}_c_{form}"] = f"{cpl.coupling_degree(u, form).iloc[0]:.3f}"
            found[f"toy_{name}_d_{form}"] = f"{cpl.coordination_degree(u, form=form).iloc[0]:.3f}"
    return found
