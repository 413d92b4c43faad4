"""Figures and facts of the chapter on data: what is missing, bridged, marked, rounded, or means something else."""

from dataclasses import replace
from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.case import case_code
from nqpkit.chapters.table import Table
from nqpkit.chapters.vintages import trap_facts
from nqpkit.drawing import Figure, heat_map, wrap, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.study import Study
from nqpkit.wording import Prose, counted, joined, safe

SOURCE = "Source: the study's official figures and its list of marked cells."
CERTIFIED, RESEARCH, BASIC = "hightech_enterprises_recognised", "rd_expenditure", "rd_expenditure_basic_research"
CERTIFIED_YEAR = 2021
NO_MARKS = Prose("This study marks no cell of a scored series, so there is nothing to show here.")
NO_CERTIFICATES = Prose("This study has no yearly recognitions of high-tech enterprises, so the number cannot be "
                        "rebuilt.")
NO_RESEARCH = Prose("This study has no figures of basic research, so the exercise has nothing to stand on here.")


def facts(result: Evaluation) -> dict:
    """Numbers and names for the chapter's sentences; what needs a certain series is a dash without it."""
    study, names = result.study, result.study.regions["name"].map(safe)
    flags, marks = flagged(result), scored_marks(result)
    kinds = marks["kind"].value_counts()
    most = marks["code"].value_counts()
    cells = result.indicators.size
    own = flags.xs(case_code(result), level="code").sum()
    found = {
        "figures": f"{len(study.figures):,}", "cells": f"{cells:,}", "missing": int(flags["missing"].sum()),
        "bridged": int(flags["bridged"].sum()), "partial": int(flags["partial"].sum()),
        "marked": int(flags["marked"].sum()),
        "partial_rest": _rest(flags["partial"].sum()), "marked_rest": _rest(flags["marked"].sum()),
        "clean": f"{1 - flags.any(axis=1).mean():.1%}", "all_marks": len(study.marks), "scored_marks": len(marks),
        "kinds": joined(f"{safe(kind)} ({number})" for kind, number in kinds.head(4).items()) if len(kinds) else "none",
        "most_marked": names[most.index[0]] if len(most) else "none",
        "most_marked_count": int(most.iloc[0]) if len(most) else 0,
        "case_flags": f"{int(own['bridged'])} bridged, {int(own['partial'])} on two years, {int(own['marked'])} "
                      f"marked, "
                      f"{int(own['missing'])} missing",
        "breaks": counted(len(result.framework.breaks)),
    }
    return found | trap_facts(result) | _certified_facts(result) | _planted_facts(result) | _basic_facts(result)


@lru_cache(maxsize=8)
def flagged(result: Evaluation) -> pd.DataFrame:
    """Every scored cell, by (code, year, indicator): missing, bridged, on two years, or resting on a marked figure."""
    frames = {"missing": result.indicators.isna(), "bridged": result.bridged, "partial": result.raw.partial,
              "marked": _marked_cells(result)}
    tidy = pd.DataFrame({name: frame.stack() for name, frame in frames.items()})
    return tidy.astype(bool).rename_axis(["code", "year", "indicator"])


def scored_marks(result: Evaluation) -> pd.DataFrame:
    """The marks on series that build an indicator, in scored years."""
    formulas, marks = result.framework.formulas(), result.study.marks
    used = set().union(*(formulas[name].series for name in result.weights.index))
    kept = marks["series"].isin(used) & marks["year"].isin(result.study.years)
    return marks[kept & marks["code"].isin(result.study.regions.index)]


def gaps_map(result: Evaluation) -> Figure:
    """Which indicators and years rest on flagged cells, and for how many regions."""
    tidy, labels = flagged(result), result.framework.indicators()["label"]
    counts = tidy.any(axis=1).groupby(level=["indicator", "year"]).sum().unstack("year")
    counts = counts[counts.sum(axis=1) > 0].loc[lambda t: t.sum(axis=1).sort_values(ascending=False).index]
    shown, total = counts.head(14), len(result.study.regions)
    signs = {"missing": "–", "bridged": "b", "partial": "2", "marked": "?"}
    most = tidy.groupby(level=["indicator", "year"]).sum().idxmax(axis=1).map(signs).unstack("year")
    cells = (shown.astype(int).astype(str) + most.reindex_like(shown)).where(shown > 0, "")
    colours = sns.color_palette("flare", as_cmap=True)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.43 * max(len(shown), 1) + 1.2))
        heat_map(ax, shown, lambda number: colours(np.sqrt(number / total)) if number else "#f2f5f7", cells, size=8.5)
        ax.set_xticks(range(len(shown.columns)), shown.columns)
        ax.set_yticks(range(len(shown)), [wrap(labels[name], 30) for name in shown.index], fontsize=8.5)
        drawing.tight_layout()
    plt.close(drawing)
    sums = tidy.sum()
    alt = (f"Grid of {len(shown)} indicators by year, with the number of {result.study.unit['many']} whose value is "
           f"missing, "
           f"bridged, rests on two years, or on a marked figure. In all: {sums['missing']} missing, {sums['bridged']} "
           f"bridged, {sums['partial']} on two years, {sums['marked']} on marked figures, of {len(tidy)} cells.")
    caption = (f"Number of {result.study.unit['many']} with a flagged value, by indicator and year: b bridged, 2 mean "
               f"of two "
               f"years instead of three, ? rests on a marked figure, – missing (the most frequent sign is shown). "
               f"Indicators "
               f"and years without number: nothing flagged. {SOURCE}")
    return Figure(drawing, caption, alt, counts.rename(index=labels))


def loud_marks(result: Evaluation, count: int = 4) -> pd.DataFrame:
    """The marks of scored series whose figure stands farthest from its neighbours in time, one a series."""
    marks = scored_marks(result)
    if not len(marks):
        return marks
    panel = _panel(result.study)
    rows = []
    for mark in marks.itertuples():
        line = panel[mark.series].xs(mark.code, level="code").dropna()
        near = line[(line.index != mark.year) & (np.abs(line.index - mark.year) <= 1)]
        if mark.year in line.index and len(near) and (near > 0).all() and line[mark.year] > 0:
            rows.append((mark.Index, abs(np.log(line[mark.year] / near.median()))))
    jump = pd.Series(dict(rows)).sort_values(ascending=False)
    ordered = marks.loc[jump.index]
    return ordered[~ordered["series"].duplicated()].head(count)


def jumps(result: Evaluation) -> Figure | Prose:
    """Four marked figures inside their series: how an odd cell looks."""
    found, study = loud_marks(result), result.study
    if not len(found):
        return NO_MARKS
    panel, names = _panel(study), study.regions["name"]
    with theme.applied():
        drawing, axes = plt.subplots(-(-len(found) // 2), 2, figsize=(theme.WIDTH, 2.3 * -(-len(found) // 2)),
                                     squeeze=False)
        for ax, mark in zip(axes.flat, found.itertuples(), strict=False):
            line = panel[mark.series].xs(mark.code, level="code").dropna()
            ax.plot(line.index, line, color=theme.MUTED, lw=1.6, marker="o", ms=3)
            ax.scatter([mark.year], [line[mark.year]], color=theme.ACCENT, s=52, zorder=3)
            label = wrap(study.series.loc[mark.series, "name"], 30)
            ax.set_title(f"{names[mark.code]}, {mark.year}\n{label}", fontsize=8.5)
            ax.set(ylim=(0, None))
            ax.tick_params(labelsize=8.5)
            year_ticks(ax, line.index)
        for ax in axes.flat[len(found):]:
            ax.axis("off")
        drawing.tight_layout()
    plt.close(drawing)
    said = [f"{names[mark.code]}, {result.study.said(study.series.loc[mark.series, 'name'])}, {mark.year}: "
            f"{panel[mark.series].get((mark.code, mark.year)):,.4g}" for mark in found.itertuples()]
    alt = f"{len(found)} line charts of series with a marked figure. " + "; ".join(said) + "."
    caption = (f"Marked figures (large dots) inside their series. They stay in the figures as published and are named "
               f"wherever "
               f"they are used. {SOURCE}")
    values = found[["code", "year", "series", "value", "kind", "explanation"]].assign(name=found["code"].map(names))
    return Figure(drawing, caption, alt, values)


def marks_table(result: Evaluation) -> Table | Prose:
    """What the list of marked cells says about the figures drawn."""
    found, study = loud_marks(result), result.study
    if not len(found):
        return NO_MARKS
    table = found[["year", "kind", "explanation"]].astype({"year": int})
    table.index = pd.MultiIndex.from_arrays([found["code"].map(study.regions["name"]), found["series"].map(
        study.series["name"])], names=[study.unit["one"], "series"])
    return Table(table, f"What the study says about these cells. {SOURCE}")


def certified(result: Evaluation) -> Table | Prose:
    """Certified high-tech enterprises per 10,000 residents rebuilt from three years of recognitions."""
    table = certified_table(result)
    if table is None:
        return NO_CERTIFICATES
    return Table(table, f"Recognitions of three years over residents, {CERTIFIED_YEAR}: a stock rebuilt from flows. "
                        f"{SOURCE}")


def certified_table(result: Evaluation) -> pd.DataFrame | None:
    """By group and for all: recognitions of three years, their sum, residents, and the density."""
    panel = _panel(result.study)
    if not {CERTIFIED, "population"} <= set(panel.columns):
        return None
    groups = result.study.regions["group"]
    years = [CERTIFIED_YEAR - 2, CERTIFIED_YEAR - 1, CERTIFIED_YEAR]
    flows = {str(year): panel[CERTIFIED].xs(year, level="year").groupby(groups).sum() for year in years}
    table = pd.DataFrame(flows)
    table["valid"] = table.sum(axis=1)
    table["residents, 10,000"] = panel["population"].xs(CERTIFIED_YEAR, level="year").groupby(groups).sum()
    labels = {group: words["label"] for group, words in result.study.groups.items()}
    table = table.rename(index=labels)
    table.loc[f"all {result.study.unit['many']}"] = table.sum()
    whole = table.round().astype(int)
    return whole.assign(**{"per 10,000 residents": table["valid"] / table["residents, 10,000"]}).rename_axis("group")


def with_error(study: Study) -> Study:
    """A copy of the study with one figure ten times too large: find it by the published total."""
    total = _total(study)
    if total is None:
        return study
    code, figures = planted_code(study), study.figures
    hit = (figures["code"] == code) & (figures["series"] == total["series"]) & (figures["year"] == total["year"])
    return replace(study, figures=figures.assign(value=figures["value"].where(~hit, figures["value"] * 10)))


def planted_code(study: Study) -> str:
    """The region whose figure `with_error` spoils: the middle one by size in the group of the published total."""
    total = _total(study)
    column = _panel(study)[total["series"]].xs(total["year"], level="year")
    own = column[study.regions["group"].reindex(column.index) == total["group"]].sort_values()
    return own.index[len(own) // 2]


def basic_research(result: Evaluation) -> Table | Prose:
    """The five regions with the highest share of basic research, with the money behind the share."""
    table = basic_table(result)
    if table is None:
        return NO_RESEARCH
    return Table(table.head(5), f"Highest shares of basic research in R&D, {result.year()}, with total R&D and its "
                                f"rank. "
                                f"{SOURCE}", decimals=1)


def basic_table(result: Evaluation) -> pd.DataFrame | None:
    """Share of basic research in R&D by region, total R&D in 100 million yuan, and its rank."""
    panel = _panel(result.study)
    if not {RESEARCH, BASIC} <= set(panel.columns):
        return None
    now = panel.xs(result.year(), level="year")[[RESEARCH, BASIC]].dropna()
    table = pd.DataFrame({"basic research, % of R&D": 100 * now[BASIC] / now[RESEARCH],
                          "R&D, 100 million yuan": now[RESEARCH] / 10_000,
                          "rank by R&D": now[RESEARCH].rank(ascending=False).astype(int)})
    return table.sort_values(table.columns[0], ascending=False).rename(index=result.study.regions["name"]).rename_axis(
        result.study.unit["one"])


def _rest(number):
    return f"{number} rest{'s' if number == 1 else ''}"


def _certified_facts(result):
    table = certified_table(result)
    keys = ("certified_focus", "certified_all", "certified_top", "certified_top_value", "certified_year")
    if table is None:
        return dict.fromkeys(keys, "–")
    density, groups = table["per 10,000 residents"], table.index[:-1]
    focus = result.study.groups[result.study.focus]["label"]
    return dict(zip(keys, (f"{density[focus]:.2f}", f"{density.iloc[-1]:.2f}", safe(density[groups].idxmax()),
                           f"{density[groups].max():.2f}", CERTIFIED_YEAR), strict=True))


def _planted_facts(result):
    total = _total(result.study)
    keys = ("planted_name", "planted_sum", "planted_total", "planted_excess")
    if total is None:
        return dict.fromkeys(keys, "–")
    study, code = result.study, planted_code(result.study)
    spoiled = _sum(with_error(study), total)
    return dict(zip(keys, (safe(study.regions.loc[code, "name"]), f"{spoiled:,.0f}", f"{total['value']:,.0f}",
                           f"{spoiled - total['value']:,.0f}"), strict=True))


def _basic_facts(result):
    table = basic_table(result)
    keys = ("basic_first", "basic_share", "basic_money", "basic_rank", "basic_of")
    if table is None:
        return dict.fromkeys(keys, "–")
    top = table.iloc[0]
    said = (safe(table.index[0]), f"{top.iloc[0]:.0f}%", f"{top.iloc[1]:,.1f}", int(top.iloc[2]), len(table))
    return dict(zip(keys, said, strict=True))


def _total(study):
    """The first published total of the study that names a group."""
    return next((total for total in study.settings.get("totals") or [] if total["group"] != "all"), None)


def _sum(study, total):
    column = study.panel()[total["series"]].xs(total["year"], level="year")
    return column[study.regions["group"].reindex(column.index) == total["group"]].sum()


def _marked_cells(result):
    """True where a figure behind the indicator is marked in that year."""
    marks, formulas = scored_marks(result), result.framework.formulas()
    frame = result.indicators.isna() & False
    for mark in marks.itertuples():
        for name in frame.columns:
            if mark.series in formulas[name].series:
                frame.loc[(mark.code, mark.year), name] = True
    return frame


@lru_cache(maxsize=8)
def _panel(study):
    return study.panel()
