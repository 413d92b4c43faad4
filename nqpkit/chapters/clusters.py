"""Characteristic industries and clusters: where they are, as far as official series by province reach."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.gaps import focus_codes, named_dots, source_line
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.drawing import Figure, heat_map, label_ends, name_rows, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.wording import compare, counted, joined

INDUSTRIES = {
    "primary_value_added_pre5ec": ("Farming", "gdp_pre5ec"),
    "electricity_generation": ("Electricity", "gdp"),
    "secondary_value_added": ("Industry, building", "gdp"),
    "hightech_manufacturing_revenue": ("High-tech making", "gdp"),
    "software_revenue": ("Software", "gdp"),
    "ecommerce_sales": ("E-commerce", "gdp"),
}
NEEDS_CLAIMS = True
NEEDS = {*INDUSTRIES, "gdp", "gdp_pre5ec", "electricity_consumption"}
HEADS = {"Electricity": "Electri-\ncity", "Industry, building": "Industry\nbuilding", "E-commerce": "E-com-\nmerce",
         "High-tech making": "High-tech\nmaking"}
LABELS = {label: series for series, (label, _) in INDUSTRIES.items()}


@lru_cache(maxsize=8)
def location_quotients(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """A region's share of an industry over its share of GDP; above 1 it holds more than its size would give it.

    LQ = (x / Σx) / (GDP / ΣGDP), sums over the regions that have both figures in the year. Farming uses the
    first-published vintage on both sides, the others the revised one.

    Returns
    -------
    DataFrame, code × industry. Missing where the figure is.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> location_quotients(evaluate(Study.load())).loc["50", "Software"] > 1
    np.True_
    """
    panel, year, columns = result.study.panel(), result.year(year), {}
    now = panel.xs(year, level="year").reindex(result.study.regions.index)
    for series, (label, size) in INDUSTRIES.items():
        both = now[[series, size]].dropna()
        shares = both / both.sum()
        columns[label] = shares[series] / shares[size]
    return pd.DataFrame(columns).reindex(result.study.regions.index)


def quotient_without(result: Evaluation, region: str, left_out: str, series: str = "software_revenue",
                     year: int | None = None) -> float:
    """The location quotient of a region when another one is left out of both sums."""
    now = result.study.panel().xs(result.year(year), level="year")[[series, "gdp"]].dropna()
    shares = now.loc[result.study.resolve(region)] / now.drop(index=result.study.resolve(left_out)).sum()
    return float(shares[series] / shares["gdp"])


def quotient_map(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Location quotients of the focus group as a heat map, the region asked for in bold letters."""
    study, year = result.study, result.year(year)
    code, names = study.resolve(region), study.regions["name"]
    own = location_quotients(result, year).loc[focus_codes(result)]
    order = own["High-tech making"].sort_values(ascending=False).index
    own = own.loc[order]
    colours = sns.color_palette("vlag", as_cmap=True)
    scaled = (np.log2(own.clip(lower=0.125, upper=8)) / 3 + 1) / 2
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.31 * len(own) + 1.1))
        heat_map(ax, scaled, lambda part: colours(part) if part == part else "white", own.map(_short), strong=own >= 1)
        ax.set_xticks(range(own.shape[1]), [HEADS.get(label, label) for label in own], fontsize=8.5)
        name_rows(ax, names[own.index], code)
        ax.xaxis.tick_top()
        drawing.tight_layout()
    plt.close(drawing)
    cells = own.rename(index=names).stack()
    above = {column: counted(int((own[column] >= 1).sum())) for column in own}
    alt = (f"Heat map of location quotients in {year}, {len(own)} {study.unit['many']} by {own.shape[1]} industries; 1 "
           f"means as much of the industry as of GDP. Highest: {cells.idxmax()[1].lower()} in {cells.idxmax()[0]}, "
           f"{cells.max():.1f}; lowest: {cells.idxmin()[1].lower()} in {cells.idxmin()[0]}, {cells.min():.3f}. At or "
           f"above 1 in {'; '.join(f'{column.lower()}: {number}' for column, number in above.items())}.")
    caption = (f"Location quotients, {year}, ordered by high-tech manufacturing: red and bold is more of an industry "
               f"than the size of the economy would give, blue is less. {names[code]} in bold letters. "
               f"{source_line(result, [*INDUSTRIES, 'gdp'])}")
    return Figure(drawing, caption, alt, own.rename(index=names), name="quotients")


def quotient_lines(result: Evaluation, region: str,
                   industries=("High-tech making", "Software", "E-commerce")) -> Figure:
    """How a region's location quotients moved over the scored years; a year without a table stays open."""
    study, code = result.study, result.study.resolve(region)
    name, years = study.regions.loc[code, "name"], study.years
    table = pd.DataFrame({year: location_quotients(result, year).loc[code, list(industries)] for year in years}).T
    marked = study.marks[(study.marks["code"] == code) & study.marks["year"].isin(years)] if len(study.marks) else None
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.2))
        ax.axhline(1, color=theme.MUTED, lw=1, ls=":")
        ends = {}
        for column, colour in zip(table, theme.GROUP_COLOURS, strict=False):
            line = table[column].dropna()
            ax.plot(line.index, line, color=colour, lw=2.4, marker="o", ms=5)
            ends[column] = (line.iloc[-1], colour, "bold")
            cells = marked[marked["series"] == LABELS[column]]["year"] if marked is not None else []
            here = line[line.index.isin(cells)]
            ax.scatter(here.index, here, s=110, facecolors="none", edgecolors=colour, linewidths=1.4)
        ax.set(ylim=(0, max(1.1, table.max().max() * 1.12)), ylabel="location quotient", title=f"{name}: share of an "
               "industry over share of GDP")
        label_ends(ax, years[-1], ends)
        year_ticks(ax, years)
        ax.grid(axis="y")
        drawing.tight_layout()
    plt.close(drawing)
    words = "; ".join(f"{column} from {table[column].dropna().iloc[0]:.2f} to {table[column].dropna().iloc[-1]:.2f}"
                      for column in table)
    top = table.stack().idxmax()
    alt = (f"Line chart of location quotients of {name}, {years[0]} to {years[-1]}; 1 is the share in GDP. {words}. "
           f"Highest point: {top[1].lower()} in {top[0]}, {table.max().max():.2f}.")
    caption = (f"Location quotients of {name}, {years[0]}–{years[-1]}; the dotted line is its share in GDP. A ring "
               f"marks a figure that the page on data marks; high-tech manufacturing has no table for 2017. "
               f"{source_line(result, [*(LABELS[i] for i in industries), 'gdp'])}")
    return Figure(drawing, caption, alt, table, name="over-the-years")


def power_and_use(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Electricity made against electricity used per unit of GDP, all regions, the focus group named."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    table = _power(result, year)
    names = study.regions["name"]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.9))
        ax.set(xscale="log", yscale="log", xlabel="location quotient of electricity generation",
               ylabel="kWh used per 10,000 yuan of GDP", xlim=(table["quotient"].min() / 1.3, table[
                   "quotient"].max() * 1.6), ylim=(table["use"].min() / 1.2, table["use"].max() * 1.25))
        for axis, ticks in ((ax.xaxis, (0.25, 0.5, 1, 2, 4)), (ax.yaxis, (400, 800, 1600, 3200))):
            axis.set_ticks(ticks, [f"{t:g}" for t in ticks])
            axis.set_ticks([], minor=True)
        named_dots(ax, result, table, code)
        drawing.tight_layout()
    plt.close(drawing)
    rho = table.corr(method="spearman").iloc[0, 1]
    top, low = names[table["use"].idxmax()], names[table["use"].idxmin()]
    alt = (f"Scatter chart on logarithmic scales, {len(table)} {study.unit['many']}, {year}: location quotient of "
           f"electricity generation against electricity used in kWh per 10,000 yuan of GDP; Spearman correlation "
           f"{rho:.2f}. Most used: {top}, {table['use'].max():.0f}; least: {low}, {table['use'].min():.0f}.")
    caption = (f"Electricity made and used, {year}; grey dots are {study.unit['many']} of other groups. Rank "
               f"correlation {rho:.2f} over {len(table)}: places that make much power burn much of it, which says "
               "nothing on which came first. "
               + source_line(result, ["electricity_generation", "electricity_consumption", "gdp"]))
    return Figure(drawing, caption, alt, table.rename(index=names), name="power")


@without_gaps
def facts(result: Evaluation) -> dict:
    """Numbers and words for the chapter."""
    study, year = result.study, result.year()
    names, focus = study.regions["name"], focus_codes(result)
    first, now = location_quotients(result, study.years[0]), location_quotients(result)
    own, power = now.loc[focus], _power(result, year)
    shown = result.indicators
    guizhou = study.resolve("guizhou")
    told, desks = shown.xs(guizhou, level="code")["software_revenue"], shown.xs(guizhou, level="code")[
        "knowledge_services_jobs"]
    must_hold("What most of the twelve have more of is electricity and farming.",
              (own[["Electricity", "Farming"]] >= 1).sum().min() > len(own) / 2,
              "western quotients of electricity and farming")
    must_hold("Guizhou: revenue without desks.", told.iloc[-1] > told.iloc[0] and desks.iloc[-1] < desks.iloc[0],
              "software revenue and jobs in knowledge services in Guizhou")
    must_hold("The left half is warm, the right half cold.",
              own[["Farming", "Electricity"]].median().min() > 1 > own[
                  ["High-tech making", "Software", "E-commerce"]].median().max(),
              "median western quotients by industry")
    must_hold("In software one western province alone reaches its share.", (own["Software"] >= 1).sum() == 1,
              "western quotients of software")
    must_hold("Both are still below one.", now.loc[guizhou, ["Software", "High-tech making"]].max() < 1,
              "Guizhou's quotients of software and high-tech making")
    must_hold("Qinghai has more high-tech manufacturing than its size would give.",
              now.loc[study.resolve("qinghai"), "High-tech making"] > 1, "Qinghai's quotient of high-tech making")
    found = {"year": year, "first_year": study.years[0], "industries": counted(len(INDUSTRIES)),
             "count": counted(len(focus)), "power_rho": f"{power.corr(method='spearman').iloc[0, 1]:.2f}"}
    for word, column in (("hightech", "High-tech making"), ("software", "Software"), ("farming", "Farming"),
                         ("power", "Electricity"), ("ecommerce", "E-commerce")):
        above = own[column][own[column] >= 1].sort_values(ascending=False)
        found |= {f"{word}_above": counted(len(above)),
                  f"{word}_names": joined(names[above.index]) if len(above) else "none of them",
                  f"{word}_top": names[own[column].idxmax()], f"{word}_high": f"{own[column].max():.1f}",
                  f"{word}_bottom": names[own[column].idxmin()], f"{word}_low": f"{own[column].min():.2f}"}
    for word, column in (("hightech", "High-tech making"), ("software", "Software"), ("farming", "Farming"),
                         ("power", "Electricity")):
        change = now.loc[guizhou, column] - first.loc[guizhou, column]
        found |= {f"guizhou_{word}": f"{now.loc[guizhou, column]:.2f}",
                  f"guizhou_{word}_first": f"{first.loc[guizhou, column]:.2f}",
                  f"guizhou_{word}_verb": compare(change, "rose", "fell", "stayed close")}
    for word, indicator in (("revenue", "hightech_revenue"), ("jobs", "knowledge_services_jobs"),
                            ("software_share", "software_revenue")):
        series = shown[indicator].xs(guizhou, level="code")
        found |= {f"guizhou_{word}_was": f"{series.iloc[0]:.1f}", f"guizhou_{word}_is": f"{series.iloc[-1]:.1f}",
                  f"guizhou_{word}_moved": "more" if series.iloc[-1] > series.iloc[0] else "fewer"}
    jobs = now.index.map(lambda c: shown.loc[(c, year), "knowledge_services_jobs"])
    found["guizhou_jobs_rank"] = str(int(pd.Series(jobs, now.index).rank(ascending=False)[guizhou]))
    use = power["use"].rank(ascending=False)
    found["thirsty"] = joined(names[use.nsmallest(4).index])
    western = int(use.nsmallest(4).index.isin(focus).sum())
    found["thirsty_west"] = "all of them" if western == 4 else f"{counted(western)} of them"
    ordered = now.loc[guizhou].sort_values()
    found |= {"guizhou_best": ordered.index[-1].lower(), "guizhou_worst": ordered.index[0].lower()}
    found |= _without_beijing(result, guizhou, year)
    found["qinghai_hightech"] = f"{now.loc[study.resolve('qinghai'), 'High-tech making']:.2f}"
    return found


def _without_beijing(result, code, year):
    """The software quotient of a region when Beijing is not in the sums."""
    now = result.study.panel().xs(year, level="year")[["software_revenue", "gdp"]].dropna()
    beijing = now.loc[result.study.resolve("beijing")] / now.sum()
    whole, part = location_quotients(result, year).loc[code, "Software"], quotient_without(result, code, "beijing",
                                                                                           year=year)
    return {"guizhou_without_beijing": f"{part:.2f}", "without_beijing_verb": compare(part - whole, "rises", "falls",
                                                                                      "hardly moves,"),
            "beijing_software_share": f"{beijing['software_revenue'] * 100:.0f}",
            "beijing_gdp_share": f"{beijing['gdp'] * 100:.0f}"}


def _power(result, year):
    use = result.study.panel().xs(year, level="year")
    table = pd.DataFrame({"quotient": location_quotients(result, year)["Electricity"],
                          "use": use["electricity_consumption"] / use["gdp"] * 10000})
    return table.dropna()


def _short(number):
    """A quotient in a cell."""
    if pd.isna(number):
        return "–"
    return f"{number:.1f}" if number >= 0.1 else f"{number:.2f}" if number >= 0.01 else "<.01"
