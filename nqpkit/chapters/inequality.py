"""Figures and facts of the chapter on inequality: spread, catching up, groups, moves between grades, neighbours."""

import warnings
from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import coupling as cpl
from nqpkit import theme
from nqpkit.analysis.convergence import beta_convergence, kernel_bandwidth, kernel_density, sigma_convergence
from nqpkit.analysis.inequality import dagum, theil
from nqpkit.analysis.space import markov, moran, neighbour_weights
from nqpkit.chapters.case import case_code
from nqpkit.drawing import SOURCE, Figure, heat_map, label_ends, place_labels, wrap, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.wording import Prose, compare, counted, joined, number, raised, safe

NEEDS_SYSTEMS = NEEDS_YEARS = 2
MONEY = ("gdp", "population")
NO_MAP = Prose("This study does not say who borders on whom, so neighbours cannot be compared here.")


def facts(result: Evaluation) -> dict:
    """Numbers and words for the chapter's sentences; nothing that needs a slow library."""
    lines, parts = spreads(result), dagum_parts(result)
    first, last = lines.index[0], lines.index[-1]
    scores, code = _scores(result), case_code(result)
    names, labels = result.study.regions["name"].map(safe), _labels(result)
    found = dagum(scores[last], _groups(result, scores))
    share = parts[["within", "net_between", "transvariation"]].div(parts["total"], axis=0)
    change = scores[last] - scores[first]
    pair = found.pairs["gini"].idxmax()
    group = {key: safe(words["label"]) for key, words in result.study.groups.items()}
    split = theil(scores[last].clip(lower=1e-9), _groups(result, scores))
    money = lines["GDP per head"].dropna() if "GDP per head" in lines else pd.Series(dtype=float)
    return {
        "first_year": first, "last_year": last, "cv_first": f"{lines.iloc[0, 0]:.2f}",
        "cv_last": f"{lines.iloc[-1, 0]:.2f}",
        "cv_verb": compare(lines.iloc[-1, 0] - lines.iloc[0, 0], "rises", "falls", "hardly moves,"),
        "second_first": f"{lines.iloc[0, 1]:.2f}", "second_last": f"{lines.iloc[-1, 1]:.2f}",
        "money": _money_words(money), "sd_first": f"{scores[first].std():.2f}", "sd_last": f"{scores[last].std():.2f}",
        "sd_verb": compare(scores[last].std() - scores[first].std(), "rises too", "falls too", "hardly moves"),
        "range_top": names[scores[last].idxmax()], "range_bottom": names[scores[last].idxmin()],
        "gini_first": f"{parts['total'].iloc[0]:.3f}", "gini_last": f"{parts['total'].iloc[-1]:.3f}",
        "gini_verb": compare(parts["total"].iloc[-1] - parts["total"].iloc[0], "rises", "falls", "hardly moves,"),
        "between_first": f"{share['net_between'].iloc[0]:.0%}", "between_last": f"{share['net_between'].iloc[-1]:.0%}",
        "within_last": f"{share['within'].iloc[-1]:.0%}", "overlap_last": f"{share['transvariation'].iloc[-1]:.0%}",
        "largest_part": {"within": "differences inside the groups", "net_between": "differences between the groups",
                         "transvariation": "overlap"}[share.iloc[-1].idxmax()],
        "pair": f"{group[pair[0]]} and {group[pair[1]]}", "pair_gini": f"{found.pairs['gini'].max():.2f}",
        "theil_between": f"{split.between / split.total:.0%}", "label": labels[0],
        "most_gain": names[change.idxmax()], "most_gain_by": f"{change.max():+.2f}",
        "least_gain": names[change.idxmin()], "least_gain_by": f"{change.min():+.2f}",
        "case_first": f"{scores.loc[code, first]:.2f}", "case_last": f"{scores.loc[code, last]:.2f}",
        "case_gain": f"{change[code]:+.2f}", "case_rank_first": int(scores[first].rank(ascending=False)[code]),
        "case_rank_last": int(scores[last].rank(ascending=False)[code]), "floor": _floor_words(result),
        "case_gain_rank": int(change.rank(ascending=False)[code]), "of": len(scores),
        "case_growth": f"{scores.loc[code, last] / scores.loc[code, first] - 1:.0%}",
        "top_growth": f"{scores.loc[scores[last].idxmax(), last] / scores.loc[scores[last].idxmax(), first] - 1:.0%}",
        "top_gain": f"{change[scores[last].idxmax()]:+.2f}", **_crossed(result, found, scores[last], group),
        **_humps(scores[last]), **_rises(result),
    }


def spreads(result: Evaluation) -> pd.DataFrame:
    """Coefficient of variation by year: the first two scores and, where there is money, GDP per head."""
    columns = {label: sigma_convergence(result.systems[name].unstack("year").dropna())
               for name, label in zip(result.systems.columns[:2], _labels(result), strict=True)}
    panel = result.study.panel()
    if set(MONEY) <= set(panel.columns):
        head = (panel["gdp"] / panel["population"]).unstack("year")[result.study.years]
        columns["GDP per head"] = sigma_convergence(head.dropna())
    return pd.DataFrame(columns)


def sigma_figure(result: Evaluation) -> Figure:
    """Is the spread between regions shrinking: coefficients of variation over the years."""
    table, many = spreads(result), result.study.unit["many"]
    colours = dict(zip(table, [theme.ACCENT, theme.GROUP_COLOURS[1], theme.INK], strict=False))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.3))
        for name, line in table.items():
            ax.plot(line.index, line, color=colours[name], lw=2.4, marker="o", ms=4.5,
                    ls="--" if name == "GDP per head" else "-")
        ax.set(ylim=(0, None), ylabel="coefficient of variation", xlabel="", title=f"Spread between {many}")
        year_ticks(ax, table.index)
        ax.grid(axis="y")
        label_ends(ax, table.index[-1], {wrap(name, 14): (line.iloc[-1], colours[name], "bold")
                                         for name, line in table.items()}, gap=0.2)
        drawing.tight_layout()
    plt.close(drawing)
    first, last = table.index[0], table.index[-1]
    alt = (f"Line chart of the coefficient of variation between {many}, {first} to {last}. " + " ".join(
        f"{name}: from {line.iloc[0]:.2f} to {line.iloc[-1]:.2f}." for name, line in table.items()))
    caption = (f"Sigma convergence: standard deviation over mean of {len(_scores(result))} {many}, {first}–{last}. "
               f"{SOURCE}")
    return Figure(drawing, caption, alt, table)


def beta_figure(result: Evaluation) -> Figure:
    """Did those that started lower grow faster: yearly growth of the first score over its start."""
    scores, study, code = _scores(result), result.study, case_code(result)
    (start, growth), found = _growth(scores), beta_convergence(scores)
    label, names = _labels(result)[0], study.regions["name"]
    focus = study.regions["group"].reindex(scores.index) == study.focus
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.7))
        ax.scatter(start[~focus], growth[~focus], color=theme.INK, s=30)
        ax.scatter(start[focus], growth[focus], color=theme.ACCENT, s=38)
        ends = np.array([start.min(), start.max()])
        line = 100 * (found.table.loc["constant", "coefficient"] + found.beta * ends)
        ax.plot(ends, line, color=theme.MUTED, lw=1.6, ls="--")
        ticks = [t for t in (0.05, 0.1, 0.2, 0.4, 0.8) if start.min() - 0.2 <= np.log(t) <= start.max() + 0.2]
        ax.set_xticks(np.log(ticks), [f"{t:g}" for t in ticks])
        ax.set(xlabel=f"score in {scores.columns[0]} (logarithmic)", ylabel="growth, % a year", title=raised(label))
        ax.margins(x=0.14)
        ax.grid(axis="y")
        _name_some(ax, pd.DataFrame({"x": start, "y": growth}), names, code, [start.idxmin(), start.idxmax()])
    plt.close(drawing)
    alt = (f"Scatter plot of yearly growth of {label}, {scores.columns[0]} to {scores.columns[-1]}, over the score "
           f"at the start, {len(scores)} {study.unit['many']}. The fitted line "
           f"{'falls' if found.beta < 0 else 'rises'}: slope {found.beta:.3f}. Fastest: {names[growth.idxmax()]}, "
           f"{growth.max():.1f}% a year; slowest: {names[growth.idxmin()]}, {growth.min():.1f}%. {names[code]}: "
           f"{growth[code]:.1f}%.")
    caption = (f"Beta convergence: growth of {label} against its start, {scores.columns[0]}–{scores.columns[-1]}; in "
               f"colour {study.groups[study.focus]['label']}. {SOURCE}")
    values = pd.DataFrame({"start": np.exp(start), "growth": growth}).rename(index=names)
    return Figure(drawing, caption, alt, values)


def beta_words(result: Evaluation) -> Prose:
    """The slope in words, beside the same slope for GDP per head, with what can fake it."""
    scores, label, years = _scores(result), _labels(result)[0], result.study.years
    found = beta_convergence(scores)
    text = f"The slope for {safe(label)} is {_slope_words(found)}"
    text += f": at that pace half of a gap would close in {found.half_life:.0f} years." if found.half_life else "."
    panel = result.study.panel()
    if set(MONEY) <= set(panel.columns):
        money = beta_convergence((panel["gdp"] / panel["population"]).unstack("year")[years].dropna())
        sure = money.table.loc["start", "high"] < 0
        text += (f" For GDP per head over the same years it is {_slope_words(money)}: "
                 f"{'catching up as well' if sure else 'no catching up that one could be sure of'}.")
    return Prose(text)


def _slope_words(found):
    beta, low, high = (number(x, ".3f") for x in (found.beta, *found.table.loc["start", ["low", "high"]]))
    return f"{beta} (95% interval {low} to {high})"


def density_figure(result: Evaluation) -> Figure:
    """The shape of the distribution of the first score in the first, a middle and the last year."""
    scores, label, many = _scores(result), _labels(result)[0], result.study.unit["many"]
    years = list(dict.fromkeys([scores.columns[0], scores.columns[len(scores.columns) // 2], scores.columns[-1]]))
    colours = [theme.MUTED, theme.GROUP_COLOURS[1], theme.ACCENT]
    at = np.linspace(0, 1, 201)
    curves = pd.DataFrame({year: kernel_density(scores[year], at=at) for year in years})
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.1))
        for place, (year, colour) in enumerate(zip(years, colours, strict=False)):
            ax.plot(at, curves[year], color=colour, lw=2.3)
            ax.plot(scores[year], np.full(len(scores), -0.22 * (place + 1)), "|", color=colour, ms=7)
            peak = curves[year].idxmax()
            ax.annotate(str(year), (peak, curves[year].max()), xytext=(0, 4), textcoords="offset points", color=colour,
                        fontweight="bold", ha="center")
        ax.set(xlim=(0, 1), xlabel=f"{label}, 0 to 1", ylabel="density", ylim=(-0.95, curves.max().max() * 1.15))
        ax.set_yticks([0, 1, 2, 3])
        drawing.tight_layout()
    plt.close(drawing)
    peaks = {year: curves[year].idxmax() for year in years}
    alt = f"Kernel density curves of {label} of {len(scores)} {many}, scores from 0 to 1. " + " ".join(
        f"{year}: peak at {peaks[year]:.2f}, from {scores[year].min():.2f} to {scores[year].max():.2f}."
        for year in years)
    caption = (f"Distribution of {label} (Gaussian kernel, rule-of-thumb width); marks below are the {many} "
               f"themselves. A curve over {len(scores)} marks smooths a lot. {SOURCE}")
    return Figure(drawing, caption, alt, curves)


@lru_cache(maxsize=8)
def dagum_parts(result: Evaluation) -> pd.DataFrame:
    """The Gini index of the first score and its three parts by year."""
    scores = _scores(result)
    rows = {year: dagum(scores[year], _groups(result, scores)) for year in scores}
    return pd.DataFrame({year: [found.total, found.within, found.net_between, found.transvariation]
                         for year, found in rows.items()}, index=["total", "within", "net_between", "transvariation"]).T


def dagum_figure(result: Evaluation) -> Figure:
    """Where inequality sits: inside groups, between them, or in their overlap, year by year."""
    parts, label = dagum_parts(result), _labels(result)[0]
    heads = {"net_between": ("between groups", theme.GROUP_COLOURS[1]), "within": ("inside groups", theme.ACCENT),
             "transvariation": ("overlap", theme.MUTED)}
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.4))
        base, ends = np.zeros(len(parts)), {}
        for name, (head, colour) in heads.items():
            ax.fill_between(parts.index, base, base + parts[name], color=colour, alpha=0.75, lw=0)
            ends[head] = (base[-1] + parts[name].iloc[-1] / 2, colour, "bold")
            base = base + parts[name].to_numpy()
        ax.plot(parts.index, parts["total"], color=theme.INK, lw=2)
        ax.set(ylim=(0, None), xlim=(parts.index[0], parts.index[-1]), ylabel="Gini index", xlabel="",
               title=raised(label))
        year_ticks(ax, parts.index)
        label_ends(ax, parts.index[-1], ends)
        drawing.tight_layout()
    plt.close(drawing)
    first, last = parts.iloc[0], parts.iloc[-1]
    alt = (f"Stacked areas of the Gini index of {label}, {parts.index[0]} to {parts.index[-1]}: in all from "
           f"{first['total']:.3f} to {last['total']:.3f}; between groups from {first['net_between']:.3f} to "
           f"{last['net_between']:.3f}, inside groups from {first['within']:.3f} to {last['within']:.3f}, overlap "
           f"from {first['transvariation']:.3f} to {last['transvariation']:.3f}.")
    caption = (f"Dagum's decomposition of the Gini index of {label} by {counted(len(result.study.groups))} groups; "
               f"the upper line is the whole. {SOURCE}")
    return Figure(drawing, caption, alt, parts)


def markov_figure(result: Evaluation) -> Figure:
    """How often a region with one grade of D has the same or another a year later."""
    chain, study = grade_chain(result), result.study
    order = [grade for grade in cpl.GRADES if grade in chain.counts.index]
    counts, share = (table.loc[order, order] for table in (chain.counts, chain.probabilities))
    cells = share.map("{:.0%}".format) + "\n(" + counts.astype(int).astype(str) + ")"
    colours = sns.color_palette(theme.SEQUENCE, as_cmap=True)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.46 * len(order) + 1.7))
        heat_map(ax, share, lambda part: colours(part) if part else None, cells, size=8.5)
        ax.set_xlabel("a year later")
        ax.set_xticks(range(len(order)), [grade.split()[0] for grade in order], rotation=45, ha="right", fontsize=8.5)
        ax.set_yticks(range(len(order)), order, fontsize=8.5)
        drawing.tight_layout()
    plt.close(drawing)
    up, same, down = _moves(counts, order)
    total = up + same + down
    alt = (f"Transition matrix of {len(order)} grades of the coordination degree, {total} steps of one year, "
           f"{study.years[0]} to {study.years[-1]}: {same} stay, {up} move up, {down} move down. Most frequent: "
           f"{counts.stack().idxmax()[0]} to {counts.stack().idxmax()[1]}, {int(counts.to_numpy().max())} times.")
    caption = (f"Of the {study.unit['many']} with a grade (row), the share with each grade a year later, and the "
               f"number of cases, {study.years[0]}–{study.years[-1]}. {SOURCE}")
    return Figure(drawing, caption, alt, counts)


def markov_words(result: Evaluation) -> Prose:
    """Stays, rises and falls, and what few cases and a common trend do to such a matrix."""
    counts = grade_chain(result).counts
    order = [grade for grade in cpl.GRADES if grade in counts.index]
    up, same, down = _moves(counts, order)
    total = up + same + down
    rare = int((counts.loc[order, order].sum(axis=1) < 15).sum())
    return Prose(
        f"Of {total} steps from one year to the next, {same} keep the grade; {up} lead up, {down} down. Jumps over "
        f"more than one grade: {_jumps(counts, order)}. {counted(rare).capitalize()} of {counted(len(order))} rows "
        "rest on fewer than fifteen cases.")


def moran_figure(result: Evaluation) -> Figure | Prose:
    """Do neighbours resemble each other: every region's first score over the mean of its neighbours."""
    if not len(result.study.neighbours):
        return NO_MAP
    _, _, found = _neighbours(result)
    beside, study, code = among_neighbours(result), result.study, case_code(result)
    z, lag = beside["own"], beside["neighbours"]
    names, label = study.regions["name"], _labels(result)[0]
    focus = study.regions["group"].reindex(z.index) == study.focus
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 4.1))
        ax.axhline(0, color=theme.GRID, lw=1.4)
        ax.axvline(0, color=theme.GRID, lw=1.4)
        ax.scatter(z[~focus], lag[~focus], color=theme.INK, s=30)
        ax.scatter(z[focus], lag[focus], color=theme.ACCENT, s=38)
        ends = np.array([z.min(), z.max()])
        ax.plot(ends, found.i * ends, color=theme.MUTED, lw=1.6, ls="--")
        ax.set(xlabel=f"{label}, standardised", ylabel="mean of the neighbours", title=f"Moran's I {found.i:.2f}")
        _name_some(ax, beside[["own", "neighbours"]], names, code,
                   [z.idxmax(), z.idxmin(), (z - lag).idxmax(), (z - lag).idxmin()])
    plt.close(drawing)
    alike = int((np.sign(z) == np.sign(lag)).sum())
    alt = (f"Scatter plot of {label}, standardised, over the mean of the neighbours, {len(z)} {study.unit['many']}, "
           f"{result.year()}. Moran's I {found.i:.2f}. {alike} lie on the same side of the mean as their neighbours. "
           f"Highest: {names[z.idxmax()]}, {z.max():.1f}; lowest: {names[z.idxmin()]}, {z.min():.1f}.")
    caption = (f"{raised(label)} of every member of the study and of its land neighbours, {result.year()}; the slope "
               f"of the line is Moran's I. In colour: {study.groups[study.focus]['label']}. {SOURCE}")
    return Figure(drawing, caption, alt, pd.DataFrame({"z": z, "neighbours": lag}).rename(index=names))


def _name_some(ax, points, names, code, others):
    """Ring the dot of the region that is followed, and name it and some others."""
    ax.scatter(*points.loc[code], s=110, facecolor="none", edgecolor=theme.INK, linewidths=1.6, zorder=4)
    place_labels(ax, points, names[list(dict.fromkeys([code, *others]))].to_dict(), code, {code: theme.INK})


def moran_words(result: Evaluation) -> Prose:
    """Moran's I against its value under chance, in one paragraph."""
    if not len(result.study.neighbours):
        return NO_MAP
    score, _, found = _neighbours(result)
    scored = result.systems.iloc[:, 0].xs(result.year(), level="year").dropna()
    apart = result.study.regions.loc[scored.index.difference(score.index), "name"].map(safe)
    beyond = "more" if found.p < 0.05 and found.i > found.expected else "no more"
    return Prose(
        f"Moran's I is {number(found.i)}; scattered at random, {len(score)} values would give about "
        f"{number(found.expected)}. Neighbours resemble each other {beyond} than chance would make them (p "
        f"{_p(found.p)})."
        + (f" Left out, because the study names no neighbour of theirs: {joined(apart)}." if len(apart) else ""))


def among_neighbours(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """The first score of every region with neighbours, standardised over all of them, and its neighbours' mean.

    Returns
    -------
    DataFrame by code: ``own``, ``neighbours``, and ``corner``, such as "high among low" (0 and more is high).
    """
    score, beside = bordering(result, result.year(year))
    z = (score - score.mean()) / score.std(ddof=0)
    lag = neighbour_weights(beside, score.index) @ z
    words = np.where(z >= 0, "high among ", "low among ") + np.where(lag >= 0, "high", "low").astype(object)
    return pd.DataFrame({"own": z, "neighbours": lag, "corner": words})


def bordering(result: Evaluation, year: int) -> tuple[pd.Series, pd.DataFrame]:
    """The first score of the regions that border on another one with a score, and the pairs of neighbours."""
    score, beside = result.systems.iloc[:, 0].xs(year, level="year").dropna(), result.study.neighbours
    beside = beside[beside["code"].isin(score.index) & beside["neighbour"].isin(score.index)]
    return score[score.index.isin(beside[["code", "neighbour"]].to_numpy().ravel())], beside


@lru_cache(maxsize=4)
def _neighbours(result):
    score, beside = bordering(result, result.year())
    weights = neighbour_weights(beside, score.index)
    return score, weights, moran(score, weights)


@lru_cache(maxsize=4)
def grade_chain(result: Evaluation):
    """Moves between grades of the coordination degree from one year to the next."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="IProgress not found")  # giddy would like a progress bar in notebooks
        return markov(result.coupling["grade"].unstack("year").dropna())


def _moves(counts, order):
    matrix = counts.loc[order, order].to_numpy()
    return int(np.triu(matrix, 1).sum()), int(np.trace(matrix)), int(np.tril(matrix, -1).sum())


def _jumps(counts, order):
    steps = [cpl.GRADES.index(grade) for grade in order]
    far = np.abs(np.subtract.outer(steps, steps)) > 1
    jumps = int(counts.loc[order, order].to_numpy()[far].sum())
    return counted(jumps) if jumps else "none"


def _scores(result):
    return result.systems.iloc[:, 0].unstack("year").dropna()


def _groups(result, scores):
    return result.study.regions["group"].reindex(scores.index)


def _labels(result):
    return [result.study.said(parts["label"]) for parts in list(result.framework.systems.values())[:2]]


def _growth(scores):
    first, last = scores.columns[[0, -1]]
    return np.log(scores[first]), 100 * np.log(scores[last] / scores[first]) / (last - first)


def _crossed(result, found, score, labels):
    """How many pairs of members stand the wrong way round: focus over reference, and in the two most mixed groups."""
    member = _groups(result, score)
    mixed = found.pairs["affluence"].idxmin()
    counts = {}
    for name, (richer, poorer) in (("cross", (result.reference_group, result.study.focus)), ("mixed", mixed)):
        above = score[member == poorer].to_numpy()[:, None] > score[member == richer].to_numpy()
        counts |= {f"{name}_above": int(above.sum()), f"{name}_pairs": above.size}
    return counts | {"mixed_pair": f"{labels[mixed[1]]} and {labels[mixed[0]]}"}


def _humps(score):
    """How many humps the density of the last year has at the rule's width, at half and at a third of it."""
    at, found = np.linspace(-0.5, 1.5, 801), {}
    for name, part in (("humps", 1), ("humps_half", 2), ("humps_third", 3)):
        curve = kernel_density(score, at=at, bandwidth=kernel_bandwidth(score) / part).to_numpy()
        humps = int(((curve[1:-1] > curve[:-2]) & (curve[1:-1] >= curve[2:])).sum())
        found[name] = f"{counted(humps)} hump{'s' * (humps != 1)}"
    return found


def _rises(result):
    """How many steps of a year lead to a higher grade, and how many of them in the year that has most."""
    grades = result.coupling["grade"].unstack("year").dropna()
    up = (grades.apply(lambda column: column.cat.codes).diff(axis=1) > 0).sum()
    return {"rises": int(up.sum()), "rise_most": int(up.max()), "rise_year": int(up.idxmax()),
            "rise_even": f"{up.sum() / (len(up) - 1):.0f}"}


def _money_words(line):
    if line.empty:
        return "This study has no GDP per head to hold beside the scores."
    verb = compare(line.iloc[-1] - line.iloc[0], "rises", "falls", "hardly moves,")
    return f"The spread of GDP per head {verb} from {line.iloc[0]:.2f} to {line.iloc[-1]:.2f} over the same years."


def _floor_words(result):
    z = result.normalised.groupby(level="year").agg(lambda column: (column >= 1).mean()).mean(axis=1)
    return (f"{z.iloc[0]:.1%} of all values stood at the upper goalpost in {z.index[0]}, {z.iloc[-1]:.1%} in "
            f"{z.index[-1]}")


def _p(p):
    return "below 0.001" if p < 0.001 else f"{p:.3f}"
