"""Figures and facts of the chapter on robustness: how far a rank holds when other choices are made."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.analysis.audit import association_without, audit
from nqpkit.chapters.case import case_code
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE, Figure, name_rows, wrap
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.sensitivity import rank_outputs, sobol_indices, variants
from nqpkit.uncertainty import rank_intervals
from nqpkit.wording import Prose, counted, joined, safe

NEEDS_SYSTEMS = 2
SHOWN = 12
CHOICES = {"weights": "weights", "aggregate": "mean", "coupling": "form of coupling", "normalise": "scale",
           "winsorise": "extremes"}
PHRASES = {"weights": "{} weights", "aggregate": "the {} mean", "coupling": "the {} form of coupling",
           "normalise": "{} for a scale", "winsorise": "extremes {}"}
OPTIONS = {"critic": "CRITIC", "cv": "variation", "pca": "principal components", "topsis": "TOPSIS",
           "year": "year by year", "zscore": "standard scores",
           "rank": "ranks within the sample", "moments": "by moments", "pooled": "all years together"}


def facts(result: Evaluation) -> dict:
    """Numbers and names for the chapter's sentences."""
    table, code, names = rank_intervals(result), case_code(result), result.study.regions["name"].map(safe)
    low, high = table["rank_coordination_low"], table["rank_coordination_high"]
    width = high - low + 1
    order = table.sort_values("rank_coordination")
    ahead = (order["rank_coordination_high"].shift(1) < order["rank_coordination_low"]).iloc[1:]
    steady, loose = width.idxmin(), width.idxmax()
    lists = alternative_ranks(result)
    return {
        "case_low": int(low[code]), "case_high": int(high[code]), "case_width": int(width[code]),
        "case_kept": f"{table.loc[code, 'grade_kept']:.0%}", "case_grades": _grades(table.loc[code]),
        "median_width": f"{width.median():.0f}", "firmest": names[steady], "firmest_width": int(width[steady]),
        "loosest": names[loose], "loosest_width": int(width[loose]), "loosest_low": int(low[loose]),
        "loosest_high": int(high[loose]), "steps": len(ahead), "clear_steps": _many(ahead.sum()),
        "kept_median": f"{table['grade_kept'].median():.0%}", "of": len(table),
        "one_grade": _many((table["grade_low"] == table["grade_high"]).sum()), **_lists(result, lists),
        **_residual(result),
    }


def intervals(result: Evaluation) -> Figure:
    """Rank on D of every region with the interval under random weights."""
    table, names = rank_intervals(result).sort_values("rank_coordination"), result.study.regions["name"]
    study, code, rows = result.study, case_code(result), range(len(rank_intervals(result)))
    low, high, now = (table[f"rank_coordination{end}"] for end in ("_low", "_high", ""))
    focus = study.regions["group"].reindex(table.index) == study.focus
    colours = [theme.ACCENT if own else theme.MUTED for own in focus]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.215 * len(table) + 1.1))
        ax.hlines(rows, low - 0.3, high + 0.3, color=colours, lw=5.5, alpha=0.45)
        ax.scatter(now, rows, color=[theme.ACCENT if own else theme.INK for own in focus], s=30, zorder=3)
        name_rows(ax, names[table.index], code, fontsize=8.5)
        ax.set(xlim=(0, len(table) + 1), ylim=(len(table) - 0.3, -0.7),
               title=f"Ranks under random weights, {result.year()}",
               xlabel=f"rank on D among {len(table)}, 1 is the highest")
        ax.grid(axis="x")
        drawing.tight_layout()
    plt.close(drawing)
    width = high - low + 1
    alt = (f"Interval chart of the rank on D of {len(table)} {study.unit['many']}, {result.year()}, nine in ten of "
           f"10,000 random weightings. Narrowest: {names[width.idxmin()]}, {width.min()} wide; widest: "
           f"{names[width.idxmax()]}, {width.max()}. {names[code]}: rank {now[code]}, interval {low[code]} to "
           f"{high[code]}.")
    caption = (f"Rank with equal weights (dot) and in nine of ten random weightings (bar), {result.year()}. In colour: "
               f"{study.groups[study.focus]['label']}. Where bars overlap, weights can turn the order. {SOURCE}")
    return Figure(drawing, caption, alt, table[[now.name, low.name, high.name]].rename(index=names))


def tornado(result: Evaluation) -> Figure:
    """What leaving out one indicator does to D of the region followed, largest first."""
    table, code = _variants(result), case_code(result)
    own = table.xs("leave out", level="choice").xs(code, level="code")
    base = result.coupling.loc[(code, result.year())]
    change = (own["coordination"] - base["coordination"]).sort_values(key=np.abs, ascending=False)
    shown, labels = change.head(SHOWN)[::-1], result.framework.indicators()["label"]
    name, rows = result.study.regions.loc[code, "name"], range(len(shown))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.49 * len(shown) + 1.1))
        ax.barh(rows, shown, height=0.6, color=[theme.ACCENT if x < 0 else theme.GROUP_COLOURS[1] for x in shown])
        ax.axvline(0, color=theme.INK, lw=1)
        for row, (key, moved) in zip(rows, shown.items(), strict=True):
            ax.annotate(f"rank {own.loc[key, 'rank_coordination']}", (moved, row), va="center", fontsize=8.5,
                        xytext=(5 if moved >= 0 else -5, 0), textcoords="offset points",
                        ha="left" if moved >= 0 else "right")
        ax.set_yticks(rows, [wrap(labels[key], 30) for key in shown.index], fontsize=8.5)
        ax.margins(x=0.4)
        ax.set(xlabel=f"change of D when left out (D is {base['coordination']:.2f}, rank {base['rank_coordination']})",
               title=f"{name}, {result.year()}: one indicator less")
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        sns.despine(ax=ax, left=True)
        drawing.tight_layout()
    plt.close(drawing)
    ranks, words = own["rank_coordination"], labels.map(result.study.said)
    alt = (f"Bar chart of the change of the coordination degree D of {name}, {result.year()}, when one indicator is "
           f"left out; the {len(shown)} largest of {len(own)}. Largest rise: {words[change.idxmax()]}, "
           f"{change.max():+.3f}; largest fall: {words[change.idxmin()]}, {change.min():+.3f}. Ranks run "
           f"from {ranks.min()} to {ranks.max()}.")
    caption = (f"Change of D of {name} when one indicator is left out, and the rank it then has, {result.year()}. An "
               f"indicator whose loss raises D holds {name} back. {SOURCE}")
    values = own.assign(change=change)[["change", "rank_coordination"]].rename(index=labels)
    return Figure(drawing, caption, alt, values)


def alternatives(result: Evaluation) -> Figure:
    """Ranks on D of the focus group under every other choice, one dot a choice."""
    table, study, code = _variants(result), result.study, case_code(result)
    now = result.coupling["rank_coordination"].xs(result.year(), level="year").dropna()
    own = now[study.regions["group"].reindex(now.index) == study.focus].sort_values()
    rows = {key: row for row, key in enumerate(own.index)}
    kinds = {"leave out": ("one indicator less", theme.MUTED, "o", 16),
             "method": ("another method", theme.GROUP_COLOURS[1], "D", 22),
             "indicator set": ("another list", theme.GROUP_COLOURS[3], "s", 34)}
    frame = table.reset_index()
    frame = frame[frame["code"].isin(own.index)]
    frame["kind"] = frame["choice"].where(frame["choice"].isin(kinds), "method")
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.36 * len(own) + 1.5))
        for place, (kind, (label, colour, marker, size)) in enumerate(kinds.items()):
            part = frame[frame["kind"] == kind]
            if len(part):
                ax.scatter(part["rank_coordination"], part["code"].map(rows) + 0.22 * (place - 1), color=colour,
                           marker=marker, s=size, alpha=0.75, linewidths=0, label=label)
        ax.scatter(own, rows.values(), marker="|", s=330, color=theme.ACCENT, linewidths=2.4, label="as in this book")
        name_rows(ax, study.regions["name"][own.index], code, list(rows.values()))
        ax.set(xlim=(0, len(now) + 1), ylim=(len(own) - 0.4, -0.6), xlabel=f"rank on D among {len(now)}")
        ax.grid(axis="x")
        drawing.legend(loc="upper left", ncols=2, frameon=False, fontsize=9, handletextpad=0.2, columnspacing=1)
        drawing.tight_layout(rect=(0, 0, 1, 0.9))
    plt.close(drawing)
    spans = frame.groupby("code")["rank_coordination"].agg(["min", "max"]).loc[own.index]
    wide, narrow = (spans["max"] - spans["min"]).idxmax(), (spans["max"] - spans["min"]).idxmin()
    names, group = study.regions["name"], study.groups[study.focus]["label"]
    many, choices = study.unit["many"], table.index.droplevel("code").nunique()
    alt = (f"Dot chart of the rank on D of {len(own)} {many} of the group {group}, {result.year()}, under {choices} "
           f"other choices. Widest span: {names[wide]}, {spans.loc[wide, 'min']} to "
           f"{spans.loc[wide, 'max']}; narrowest: {names[narrow]}, {spans.loc[narrow, 'min']} to "
           f"{spans.loc[narrow, 'max']}.")
    caption = (f"Rank on D of the group {group}, {result.year()}, when one choice is made differently. {SOURCE}")
    return Figure(drawing, caption, alt, spans.assign(now=own).rename(index=names))


def sobol(result: Evaluation) -> Figure:
    """Which choice of method moves ranks most: first-order and total Sobol indices, for all regions and for one."""
    code, year = case_code(result), result.year()
    name = result.study.regions.loc[code, "name"]
    both = {f"all {result.study.unit['many']}": sobol_indices(result)}
    if np.ptp(rank_outputs(result, code).to_numpy()) > 0:
        both[name] = sobol_indices(result, code)
    with theme.applied():
        drawing, axes = plt.subplots(1, len(both), figsize=(theme.WIDTH, 2.9), sharey=True, sharex=True, squeeze=False)
        for ax, (title, table) in zip(axes.flat, both.items(), strict=True):
            rows = np.arange(len(table))
            ax.barh(rows, table["total"], height=0.62, color=theme.MUTED, alpha=0.5)
            ax.barh(rows, table["first_order"].clip(lower=0), height=0.3, color=theme.ACCENT)
            ax.set(title=title, xlim=(0, 1), xlabel="share of variance")
            ax.tick_params(axis="y", length=0)
            ax.grid(axis="x")
            sns.despine(ax=ax, left=True)
        axes.flat[0].set_yticks(rows, [CHOICES.get(choice, choice) for choice in table.index])
        axes.flat[0].invert_yaxis()
        drawing.tight_layout()
    plt.close(drawing)
    alt = f"Bar charts of Sobol indices, 0 to 1, of five choices of method, {year}. " + " ".join(
        f"{title}: most by {CHOICES[t['total'].idxmax()]}, total {t['total'].max():.2f}; least by "
        f"{CHOICES[t['total'].idxmin()]}, {t['total'].min():.2f}." for title, t in both.items())
    caption = (f"Share of the variance of ranks on D that a choice explains alone (narrow bar) and with its "
               f"interactions (wide bar), over {len(rank_outputs(result)):,} combinations of choices, {year}. Left: "
               f"mean number of places moved; right: the rank of {name}. {SOURCE}")
    return Figure(drawing, caption, alt, pd.concat(both))


def two_analysts(result: Evaluation) -> Prose:
    """Two defensible sets of choices that put the region followed as far apart as any."""
    code, study = case_code(result), result.study
    ranks = rank_outputs(result, code)
    base = pd.Series({choice: getattr(result.options, choice) for choice in CHOICES})
    found = [_fewest_changes(ranks[ranks == end], base) for end in (ranks.min(), ranks.max())]
    name, many = safe(study.regions.loc[code, "name"]), safe(study.unit["many"])
    if ranks.min() == ranks.max():
        return Prose(f"Under all {len(ranks):,} combinations of choices {name} keeps rank {ranks.min():.0f}.")
    told = [_told(choice, base) for choice in found]
    return Prose(
        f"Take two analysts with the same figures and the same list of indicators. The first works {told[0]} and finds "
        f"{name} at rank {ranks.min():.0f} of {len(study.regions)} {many}. The second works {told[1]} and finds it at "
        f"rank {ranks.max():.0f}. Each choice has textbooks behind it; neither analyst has made a mistake. Between "
        f"them lie {len(ranks):,} combinations, and in {(ranks == ranks.mode().iloc[0]).mean():.0%} of them the rank "
        f"is {ranks.mode().iloc[0]:.0f}, the most frequent one.")


def variant_words(result: Evaluation) -> Prose:
    """What single changes did to the region followed and to the grades, in one paragraph."""
    table, code = _variants(result), case_code(result)
    own = table.xs(code, level="code")
    ranks, name = own["rank_coordination"], safe(result.study.regions.loc[code, "name"])
    moved = table["rank_change"].abs().groupby(level=["choice", "option"]).mean()
    choice, option = moved.idxmax()
    label = result.framework.indicators()["label"].get(option, OPTIONS.get(option, option))
    if choice == "indicator set":
        label = result.framework.variants[option]["label"]
    now, many = result.coupling.loc[(code, result.year()), "rank_coordination"], safe(result.study.unit["many"])
    return Prose(
        f"Of {len(own)} single changes, {int((ranks != now).sum())} give {name} another rank, from {ranks.min()} to "
        f"{ranks.max()}, and {int(own['grade_changed'].sum())} another grade. The change that moves the {many} most on "
        f"average is {safe(CHOICES.get(choice, choice))}: {safe(result.study.said(str(label)))}, by "
        f"{moved.max():.1f} places.")


def structure(result: Evaluation) -> Table:
    """How well the indicators of each dimension hang together: Cronbach's alpha and the one that fits least."""
    found, labels = audit(result).dimensions, result.framework.indicators()["label"]
    table = found.rename(index=result.framework.dimensions()["label"]).rename_axis("dimension")
    table = table.assign(weakest=table["weakest"].map(labels).fillna("–"))
    table.columns = ["indicators", "alpha", "fits least", "r with the rest"]
    return Table(table, f"Cronbach's alpha of each dimension, {result.year()}, and the indicator that goes least with "
                        f"the others (its correlation r with them). {SOURCE}")


@lru_cache(maxsize=8)
def alternative_ranks(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Ranks of the first score under the study's own list and each alternative one."""
    year, first = result.year(year), result.systems.columns[0]
    found = {"as it stands": result.systems[first]}
    if result.framework is result.study.framework:
        for name, entry in result.framework.variants.items():
            found[entry["label"]] = evaluate(result.study, framework=result.framework.variant(name)).systems[first]
    scores = pd.DataFrame({label: score.xs(year, level="year") for label, score in found.items()}).dropna()
    return scores.rank(ascending=False, method="min").astype(int)


def _lists(result, ranks):
    names, code = result.study.regions["name"].map(safe), case_code(result)
    if ranks.shape[1] == 1:
        return {"lists": "This study names no alternative list.", "lists_case": "", "lists_most": ""}
    others = ranks.columns[1:]
    change = ranks[others].sub(ranks["as it stands"], axis=0)
    said = [f"{safe(label)}: {int(ranks.loc[code, label])}" for label in ranks]
    most = change.abs().max(axis=1).idxmax()
    far = change.loc[most].abs().idxmax()
    return {"lists": f"{joined([safe(label) for label in others])}.", "lists_case": "; ".join(said),
            "lists_most": f"{names[most]}, from rank {ranks.loc[most, 'as it stands']} to {ranks.loc[most, far]} under "
                          f"{safe(far)}"}


def _residual(result):
    if not {"gdp", "population"} <= set(result.study.series.index):
        return {"income_words": "This study has no GDP and population, so income cannot be taken out."}
    found = association_without(result)
    return {"income_words": f"The correlation is {found.r:.2f} before and {found.partial:.2f} after the logarithm of "
                            f"GDP per head is removed from both scores."}


@lru_cache(maxsize=4)
def _variants(result):
    return variants(result)


def _grades(row):
    if row["grade_low"] == row["grade_high"]:
        return f"always “{row['grade_low']}”"
    return f"from “{row['grade_low']}” to “{row['grade_high']}”"


def _fewest_changes(ranks, base):
    options = ranks.index.to_frame(index=False).astype(object)
    changed = pd.DataFrame({choice: options[choice] != base[choice] for choice in base.index}).sum(axis=1)
    return options.iloc[int(changed.to_numpy().argmin())]


def _told(choice, base):
    changed = [name for name in base.index if choice[name] != base[name]]
    if not changed:
        return "as this book does"
    words = {name: OPTIONS.get(str(choice[name]), _percent(choice[name])) for name in changed}
    return f"with {joined(PHRASES[name].format(word) for name, word in words.items())}"


def _many(number):
    return counted(int(number)) if number else "none"


def _percent(option):
    return f"{option:.1%} pulled in at either end" if isinstance(option, float) else str(option)
