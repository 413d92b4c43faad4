"""Years: how long each lever takes at the fastest pace that any province has shown."""

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
from nqpkit.drawing import Figure, heat_map, name_rows
from nqpkit.evaluation import Evaluation
from nqpkit.levers import chosen_levers, fastest_pace, targets
from nqpkit.wording import counted, joined

LONG = 20  # years from which a cell is as dark as it gets
MEDIAN_MOVES = 0.12  # points a year, in the reckoning with a median of R&D that moves on



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


def pace_map(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Years to the reference median at the fastest pace ever seen, region × lever."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names, table = study.regions["name"], years_needed(result, year)
    table = table.loc[table.mean(axis=1).sort_values().index]
    colours = sns.color_palette("rocket_r", as_cmap=True)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.3 * len(table) + 1.7))
        heat_map(ax, table, lambda years: colours(min(years / LONG, 1.0) * 0.85 + 0.05) if years > 0 else "white",
                 table.map(_years_words), size=8.5)
        ax.set_xticks(range(table.shape[1]), [SHORT.get(column, column) for column in table], rotation=45, ha="left",
                      fontsize=8.5, rotation_mode="anchor")
        name_rows(ax, names[table.index], code)
        ax.xaxis.tick_top()
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


def pace_facts(result: Evaluation, code: str) -> dict:
    """How long R&D and the science share would take one region, who set the pace, and whose way is longest."""
    study, year = result.study, result.year()
    names, years, pace, doubtful = study.regions["name"], years_needed(result), _pace(result), doubtful_paces(result)
    research, science = pace.loc["rd_intensity"], pace.loc["fiscal_science_share"]
    mark = result.reference(result.indicators[["rd_intensity"]])["rd_intensity"].groupby(level="year").first()
    must_hold("The East does not hold still.", mark[year] > mark[study.years[0]], "the eastern medians of the levers")
    must_hold("For Guizhou R&D takes longer than most levers.", years.loc[code, "rd_intensity"] > years.loc[
        code].median(), "years to the eastern median by lever")
    gap = mark[year] - result.indicators.loc[(code, year), "rd_intensity"]
    where, lever = years.stack().idxmax()
    return {
        "guizhou_rd_years": f"{years.loc[code, 'rd_intensity']:.0f}",
        "guizhou_science_years": f"{years.loc[code, 'fiscal_science_share']:.0f}",
        "guizhou_moving_years": f"{gap / (research['pace'] / 5 - MEDIAN_MOVES):.0f}",
        "rd_pace": f"{research['pace']:.2f}", "rd_pace_by": names[research["code"]],
        "rd_pace_years": f"{research['first']}–{research['last']}",
        "science_pace_by": names[science["code"]],
        "longest_rd": names[years["rd_intensity"].idxmax()], "longest_rd_years": f"{years['rd_intensity'].max():.0f}",
        "longest": names[where], "longest_lever": SHORT[lever], "longest_years": f"{years.max().max():.0f}",
        "doubtful": counted(len(doubtful)),
        "doubtful_names": joined(SHORT[lever] for lever in doubtful) if doubtful else "none",
    }


def _years_words(years):
    if pd.isna(years):
        return "?"
    return "✓" if years == 0 else f"{years:.0f}" if years >= 0.5 else "<1"


@lru_cache(maxsize=8)
def _pace(result):
    return fastest_pace(result)
