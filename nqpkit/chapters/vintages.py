"""What editions, breaks, rounding and prices do to official figures: a figure, a table, numbers for the text."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.case import case_code
from nqpkit.chapters.money import FIRST, GDP, INDEX, NO_MONEY, PEOPLE, has, panel_of
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE, Figure, place_labels
from nqpkit.evaluation import Evaluation
from nqpkit.wording import Prose, number, safe

JOBS, STUDENTS, STUDENTS_BREAK = "employment_urban_units_it", "he_students_per_100k", 2021
INTENSITIES = ("rd_intensity_first_published", "rd_intensity", "rd_intensity_after_5th_census")
NO_BREAKS = Prose("This study names no break in its series.")


def revisions(result: Evaluation) -> pd.Series | None:
    """By how many per cent the census changed every region's GDP of the last scored year, sorted."""
    if not has(result, GDP, FIRST):
        return None
    now = panel_of(result.study)[[GDP, FIRST]].xs(result.year(), level="year").dropna()
    return (100 * (now[GDP] / now[FIRST] - 1)).sort_values() if len(now) else None


def revision_figure(result: Evaluation) -> Figure | Prose:
    """How much the census changed the GDP of one year, region by region, by group."""
    change = revisions(result)
    if change is None:
        return NO_MONEY
    study, code = result.study, case_code(result)
    groups, names = study.regions["group"].reindex(change.index), study.regions["name"]
    order = [study.focus, *(group for group in study.groups if group != study.focus)]
    colours = theme.group_colours(study.groups, study.focus)
    rows = groups.map(order.index)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.75 * len(order) + 0.9))
        for group in order:
            own = change[groups == group]
            ax.scatter(own, rows[own.index], s=34, color=colours[group], alpha=0.75, linewidths=0)
            ax.plot([own.median()] * 2, [order.index(group) - 0.22, order.index(group) + 0.22], color=colours[group],
                    lw=2.6)
        ax.set_yticks(range(len(order)), [study.groups[group]["label"] for group in order])
        ax.set(ylim=(len(order) - 0.45, -0.6), xlabel=f"change in GDP of {result.year()}, %")
        span = change.max() - change.min()
        ax.set_xlim(min(change.min() - 0.1 * span, 0), change.max() + 0.22 * span)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        sns.despine(ax=ax, left=True)
        told = dict.fromkeys([code, *(change[groups == group].idxmax() for group in order)])
        place_labels(ax, pd.DataFrame({"x": change, "y": rows}),
                     {key: names[key] for key in told if key in change.index}, code)
    plt.close(drawing)
    medians = change.groupby(groups).median()
    said = ", ".join(f"{study.groups[group]['label']} {medians[group]:.1f}" for group in order)
    alt = (f"Strip chart of the change that the economic census made to GDP of {result.year()}, per cent, one dot "
           f"for each of {len(change)} {study.unit['many']} in {len(order)} groups. Smallest: "
           f"{names[change.index[0]]}, {number(change.iloc[0], '+.1f')}; largest: {names[change.index[-1]]}, "
           f"{number(change.iloc[-1], '+.1f')}. Medians: {said}.")
    caption = (f"Revised over first-published GDP of {result.year()}: the change in per cent, by group; the bar is "
               f"the group's median. {SOURCE}")
    return Figure(drawing, caption, alt, change.rename(index=names).rename("change, %").to_frame())


def breaks(result: Evaluation) -> Table | Prose:
    """The series of the framework in which something changes, with the year and what."""
    study, rows = result.study, []
    for series, years in result.framework.breaks.items():
        said = study.series["breaks"].get(series) if "breaks" in study.series else None
        told = dict(part.strip().split(": ", 1) for part in str(said).split(";") if ": " in part)
        rows += [(study.series.loc[series, "name"], str(year), told.get(str(year), "–")) for year in years]
    if not rows:
        return NO_BREAKS
    table = pd.DataFrame(rows, columns=["series", "from", "what changed"]).set_index("series")
    return Table(table, "Breaks in series that build an indicator or stand beside one. Source: the study's notes on "
                        "its series.")


def trap_facts(result: Evaluation) -> dict:
    """Numbers for the text on editions, denominators, rounding and prices; a dash where the study lacks the series."""
    formulas, names = result.framework.formulas(), result.study.regions["name"].map(safe)
    under = {series: sum(series in formulas[name].series - formulas[name].numerator for name in result.weights.index)
             for series in (GDP, PEOPLE)}
    used = set().union(*(formulas[name].series for name in result.weights.index))
    units = set(result.study.series.loc[sorted(used), "unit"])
    return {"per_gdp": under[GDP], "per_head": under[PEOPLE], "indicators": len(result.weights), "units": len(units),
            **_census(result, names), **_intensity(result), **_rounding(result, names), **_base(result, names),
            **_prices(result, names)}


def _census(result, names):
    change = revisions(result)
    keys = ("revision_low", "revision_low_by", "revision_high", "revision_high_by", "revision_case", "revision_moved",
            "revision_most", "revision_from", "revision_to")
    if change is None:
        return dict.fromkeys(keys, "–")
    now = panel_of(result.study)[[FIRST, GDP]].xs(result.year(), level="year").reindex(change.index)
    ranks = now.rank(ascending=False, method="min").astype(int)
    moved = (ranks[GDP] - ranks[FIRST])[lambda step: step != 0]
    most = moved.abs().idxmax() if len(moved) else change.index[-1]
    own = change.get(case_code(result), np.nan)
    return dict(zip(keys, (names[change.index[0]], f"{change.iloc[0]:.1f}%", names[change.index[-1]],
                           f"{change.iloc[-1]:.1f}%", f"{own:.1f}%", len(moved), names[most],
                           int(ranks.loc[most, FIRST]), int(ranks.loc[most, GDP])), strict=True))


def _intensity(result):
    keys, panel = ("intensity_first", "intensity_panel", "intensity_after"), panel_of(result.study)
    if not set(INTENSITIES) <= set(panel.columns):
        return dict.fromkeys((*keys, "intensity_fell", "intensity_of"), "–")
    now = panel[list(INTENSITIES)].xs(result.year(), level="year")
    now = now.reindex(result.study.regions.index).dropna()
    own = now.loc[case_code(result)] if case_code(result) in now.index else pd.Series(np.nan, INTENSITIES)
    fell = (now[INTENSITIES[2]] < now[INTENSITIES[0]]).sum()
    return dict(zip(keys, (f"{own[name]:.2f}%" for name in INTENSITIES), strict=True)) | {
        "intensity_fell": int(fell), "intensity_of": len(now)}


def _rounding(result, names):
    panel = panel_of(result.study)
    keys = ("rounding_name", "rounding_value", "rounding_share", "rounding_middle")
    if JOBS not in panel:
        return dict.fromkeys(keys, "–")
    now = panel[JOBS].xs(result.year(), level="year").reindex(result.study.regions.index).dropna()
    return dict(zip(keys, (names[now.idxmin()], f"{10_000 * now.min():,.0f}", f"{0.05 / now.min():.0%}",
                           f"{0.05 / now.median():.1%}"), strict=True))


def _base(result, names):
    panel = panel_of(result.study)
    keys = ("base_fall", "base_fall_by", "base_rise", "base_rise_by")
    if STUDENTS not in panel:
        return dict.fromkeys(keys, "–")
    wide = panel[STUDENTS].unstack("year").reindex(result.study.regions.index)
    step = (wide[STUDENTS_BREAK] / wide[STUDENTS_BREAK - 1] - 1).dropna()
    return dict(zip(keys, (names[step.idxmin()], number(step.min(), "+.0%"), names[step.idxmax()],
                           number(step.max(), "+.0%")), strict=True))


def _prices(result, names):
    keys = ("price_name", "price_year", "price_nominal", "price_real", "price_implied", "price_others", "price_why")
    if not has(result, FIRST, INDEX):
        return dict.fromkeys(keys, "–")
    panel = panel_of(result.study)
    size, real = panel[FIRST].unstack("year"), panel[INDEX].unstack("year") / 100
    nominal = size / size.shift(axis=1)
    implied = (nominal / real[real.columns.intersection(nominal.columns)]).reindex(result.study.regions.index)
    implied = implied[[year for year in result.study.years if year in implied]].dropna(axis=1, how="all")
    code, year = implied.stack().idxmax()
    grown = (frame.loc[code, year] - 1 for frame in (nominal, real, implied))
    return dict(zip(keys, (names[code], int(year), *(f"{growth:.0%}" for growth in grown),
                           f"{implied[year].median() - 1:.0%}", _why(result.study, code, year)), strict=True))


def _why(study, code, year):
    """What the study's list of marked cells says of a region's GDP in a year, as a sentence."""
    said = study.marks[(study.marks["code"] == code) & (study.marks["year"] == year) & (study.marks["series"] == FIRST)]
    return f"The study's list of marked cells says of it: “{safe(said['explanation'].iloc[0])}”" if len(said) else ""
