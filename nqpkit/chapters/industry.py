"""Mechanisms, chapter one: industrial upgrading. Location quotients, multipliers, sector shares, high-tech revenue."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.dimension import (
    as_text,
    chosen,
    dimension_facts,
    dumbbell,
    focus_order,
    of_paper,
    row_colours,
    source,
    wide,
    with_medians,
)
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.drawing import Figure
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.wording import counted, joined

SECTORS = {"primary": "Farming", "secondary": "Industry", "tertiary": "Services"}
SECTOR_COLOURS = {sector: theme.GROUP_COLOURS[place] for sector, place in zip(SECTORS, (2, 5, 1), strict=True)}
NEEDS = {"hightech_manufacturing_revenue", "hightech_manufacturing_enterprises", "gdp", "gdp_pre5ec", "gdp_index",
         "primary_value_added_pre5ec", "secondary_value_added_pre5ec", "tertiary_value_added_pre5ec"}
BOOM = 2019  # after it the share of services turns in many western provinces
COMPARABLE = 2018  # high-tech revenue has another definition before


def location_quotient(part: pd.Series, whole: pd.Series) -> pd.Series:
    """How strongly regions specialise: LQ_i = (part_i / whole_i) / (Σ part / Σ whole).

    Parameters
    ----------
    part, whole : Series by region
        An industry, and the economy that it is set against, both in one unit.

    Returns
    -------
    Series by region; 1 is the share that all regions have together.

    References
    ----------
    Isard (1960), Methods of Regional Analysis.

    Examples
    --------
    >>> location_quotient(pd.Series({"coast": 3, "inland": 1}), pd.Series({"coast": 4, "inland": 4})).to_dict()
    {'coast': 1.5, 'inland': 0.5}
    """
    return (part / whole) / (part.sum() / whole.sum())


def output_multipliers(inputs: pd.DataFrame, at_home: float = 1.0) -> pd.Series:
    """Total output that one more unit of demand for each industry calls up: column sums of (I − h A)⁻¹.

    Parameters
    ----------
    inputs : DataFrame, selling × buying industry
        A: what a unit of the column's output needs from the row's industry; every column sums to less than 1.
    at_home : float
        h: the share of all inputs that is bought inside the region. What is bought elsewhere multiplies elsewhere.

    Raises
    ------
    InputError
        If a column sums to 1 or more, or the share lies outside 0…1.

    References
    ----------
    Leontief (1936), Review of Economic Statistics 18(3), 105–125.

    Examples
    --------
    >>> inputs = pd.DataFrame({"chips": [0.0, 0.5], "metal": [0.0, 0.0]}, index=["chips", "metal"])
    >>> output_multipliers(inputs).to_dict(), output_multipliers(inputs, at_home=0.2)["chips"]
    ({'chips': 1.5, 'metal': 1.0}, np.float64(1.1))
    """
    if not 0 <= at_home <= 1:
        raise InputError(f"The share bought at home is {at_home:g}; it lies between 0 and 1.")
    if (inputs.sum() >= 1).any():
        raise InputError(f"The inputs of '{inputs.columns[inputs.sum() >= 1][0]}' sum to 1 or more: it would use up "
                         "all that it makes.")
    a = inputs.loc[inputs.columns].to_numpy(float) * at_home
    return pd.Series(np.linalg.inv(np.eye(len(a)) - a).sum(axis=0), index=inputs.columns, name="multiplier")


def structure_deviation(value_added: pd.Series, workers: pd.Series) -> float:
    """How far the sectors' output is from their workers: Σ s ln(s / p) with shares of value added s and of workers p.

    0 if a worker yields the same in every sector; larger the less alike they are.

    Parameters
    ----------
    value_added, workers : Series by sector

    References
    ----------
    Gan, Zheng and Yu (2011), Economic Research Journal 46(5), 4–16 and 31.

    Examples
    --------
    >>> structure_deviation(pd.Series({"farms": 20, "towns": 80}), pd.Series({"farms": 20, "towns": 80}))
    0.0
    """
    s, p = value_added / value_added.sum(), workers / workers.sum()
    return float((s * np.log(s / p)).sum())


def sector_shares(result: Evaluation) -> pd.DataFrame:
    """Shares of the three sectors in GDP, per cent, first-published vintage, one row (code, year)."""
    series = wide(result.study)
    shares = {name: (series[f"{name}_value_added_pre5ec"] / series["gdp_pre5ec"] * 100).T.stack() for name in SECTORS}
    return pd.DataFrame(shares).rename_axis(["code", "year"]).dropna()


def structural_change(shares: pd.DataFrame, first: int, last: int) -> pd.Series:
    """Half the sum of the absolute changes of the sector shares, in points of GDP: how much changed place.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["62"], [2015, 2023]], names=["code", "year"])
    >>> structural_change(pd.DataFrame({"farms": [30, 25], "towns": [70, 75]}, index=index), 2015, 2023).to_dict()
    {'62': 5.0}
    """
    return (shares.xs(last, level="year") - shares.xs(first, level="year")).abs().sum(axis=1) / 2


def hightech_quotients(result: Evaluation, year: int | None = None) -> pd.Series:
    """Location quotient of high-tech manufacturing revenue against GDP, all regions of a year."""
    series, year = wide(result.study), result.year(year)
    return location_quotient(series["hightech_manufacturing_revenue"].loc[year], series["gdp"].loc[year])


def price_level(result: Evaluation, first: int, last: int) -> pd.Series:
    """What one unit of GDP costs in the last year against the first, per cent: nominal over real growth, less 1."""
    series = wide(result.study)
    real = (series["gdp_index"].loc[first + 1:last] / 100).prod(skipna=False)
    return (series["gdp"].loc[last] / series["gdp"].loc[first] / real - 1) * 100


def shift(result: Evaluation, region: str | None = None) -> Figure:
    """Shares of the three sectors over time, a small panel for each province in focus."""
    study, code, shares = result.study, chosen(result, region), sector_shares(result)
    years = shares.index.get_level_values("year").unique()
    first, last = years[0], years[-1]
    names = study.regions["name"]
    codes = [key for key in study.regions.index if study.regions.loc[key, "group"] == study.focus]
    down = -(-len(codes) // 3)
    with theme.applied():
        drawing, axes = plt.subplots(down, 3, figsize=(theme.WIDTH, 1.35 * down + 0.3), sharex=True, sharey=True)
        for ax, key in zip(axes.flat, codes, strict=False):
            own = shares.xs(key, level="code")
            for sector, colour in SECTOR_COLOURS.items():
                ax.plot(own.index, own[sector], color=colour, lw=2.4 if key == code else 1.6)
            ax.set_title(names[key], fontsize=9, color=theme.ACCENT if key == code else theme.INK)
            ax.set(ylim=(0, 66), xticks=[first + 1, last - 1], xticklabels=[first, last], yticks=[0, 20, 40, 60])
            ax.tick_params(axis="x", length=0)
            ax.grid(axis="y")
        for sector, word in SECTORS.items():
            height = shares.xs(codes[0], level="code")[sector].iloc[0]
            below = sector == "secondary"
            axes.flat[0].annotate(word, (first, height), xytext=(0, -5 if below else 4), textcoords="offset points",
                                  fontsize=8.5, color=SECTOR_COLOURS[sector], fontweight="bold",
                                  va="top" if below else "bottom")
        for ax in axes[:, 0]:
            ax.set_ylabel("% of GDP")
        drawing.tight_layout(w_pad=0.8)
    plt.close(drawing)
    change = (shares["tertiary"].xs(last, level="year") - shares["tertiary"].xs(first, level="year"))[codes]
    own = shares["tertiary"].xs(code, level="code")
    alt = (f"{len(codes)} line charts, {first} to {last}: shares of farming, industry and services in GDP, per cent. "
           f"The share of services changes by {_points(change.max())} in {names[change.idxmax()]} and by "
           f"{_points(change.min())} in {names[change.idxmin()]}, the extremes. {names[code]}: {own.iloc[0]:.1f} to "
           f"{own.iloc[-1]:.1f} per cent.")
    caption = ("Shares of farming (primary), industry and construction (secondary) and services (tertiary) in GDP at "
               f"current prices, {first}–{last}, the {len(codes)} {study.groups[study.focus]['label']} "
               f"{study.unit['many']}, as first published. "
               f"{source(study, 'tertiary_value_added_pre5ec', 'gdp_pre5ec')}")
    return Figure(drawing, caption, alt, shares.loc[codes].rename(columns=SECTORS), name="sectors")


def quotients(result: Evaluation, region: str | None = None, year: int | None = None) -> Figure:
    """Location quotient of high-tech manufacturing, every province by name."""
    study, year, code = result.study, result.year(year), chosen(result, region)
    lq = hightech_quotients(result, year).sort_values(ascending=False)
    names, groups = study.regions["name"], study.regions["group"]
    colours = theme.group_colours(study.groups, study.focus)
    shades = [theme.INK if key == code else colours[groups[key]] for key in lq.index]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.2 * len(lq) + 0.9))
        rows = range(len(lq))
        ax.hlines(rows, 1, lq, color=shades, lw=1.4, alpha=0.6)
        ax.scatter(lq, rows, color=shades, s=34, zorder=3)
        ax.axvline(1, color=theme.MUTED, lw=1)
        ax.set_yticks(rows, names[lq.index], fontsize=8.5)
        for tick, key, shade in zip(ax.get_yticklabels(), lq.index, shades, strict=True):
            tick.set(fontweight="bold" if groups[key] == study.focus else "normal", color=shade)
        ax.set_xscale("log")
        ax.set_xticks([0.05, 0.1, 0.2, 0.5, 1, 2], ["0.05", "0.1", "0.2", "0.5", "1", "2"])
        ax.minorticks_off()
        ax.set(xlabel="location quotient of high-tech manufacturing (log scale)", ylim=(len(lq) - 0.4, -0.6))
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        sns.despine(ax=ax, left=True)
        for place, (group, words) in enumerate(study.groups.items()):
            ax.annotate(words["label"], (0.02, 0.96 - 0.045 * place), xycoords="axes fraction", color=colours[group],
                        fontsize=9, fontweight="bold" if group == study.focus else "normal")
        drawing.tight_layout()
    plt.close(drawing)
    own = lq[focus_order(result, lq)]
    alt = (f"Dot chart of the location quotient of high-tech manufacturing in {year}, {len(lq)} {study.unit['many']}; "
           f"1 is the common share. Highest: {names[lq.index[0]]}, {lq.iloc[0]:.2f}; lowest: {names[lq.index[-1]]}, "
           f"{lq.iloc[-1]:.2f}. {names[code]}: {lq[code]:.2f}. Above 1 in the "
           f"{study.groups[study.focus]['label']}: {_listed(own[own > 1], names)}.")
    caption = (f"Location quotient of high-tech manufacturing (revenue against GDP), {year}. To the right of 1 a "
               f"{study.unit['one']} has more of it than all {study.unit['many']} together, to the left less. "
               f"{study.groups[study.focus]['label']} in bold, {names[code]} in the colour of the letters. "
               f"{source(study, 'hightech_manufacturing_revenue', 'gdp')}")
    return Figure(drawing, caption, alt, lq.rename(index=names).to_frame("location quotient"), name="quotients")


def hightech_growth(result: Evaluation, region: str | None = None) -> Figure:
    """High-tech revenue relative to GDP at the start and the end of the comparable years, provinces in focus."""
    study, code, last = result.study, chosen(result, region), result.year()
    ratio = result.indicators["hightech_revenue"].unstack("year")
    order = focus_order(result, ratio[last] - ratio[COMPARABLE])
    names = study.regions["name"]
    table, others = with_medians(result, ratio[[COMPARABLE, last]], order)
    drawing = dumbbell(table, row_colours(result, order, others, code), len(order),
                       "high-tech manufacturing revenue, % of GDP", f"{COMPARABLE} (ring) to {last} (dot)")
    change = (table[last] - table[COMPARABLE]).iloc[:len(order)]
    own = table.loc[names[code]] if code in order else ratio.loc[code]
    alt = (f"Dumbbell chart of high-tech manufacturing revenue in per cent of GDP, {COMPARABLE} and {last}, "
           f"{len(order)} {study.unit['many']} and {len(others)} group medians. It rises in {int((change > 0).sum())} "
           f"of {len(order)}; extremes: {change.idxmax()}, {_points(change.max())}, and {change.idxmin()}, "
           f"{_points(change.min())}. {names[code]}: {own[COMPARABLE]:.1f} to {own[last]:.1f}.")
    caption = (f"High-tech manufacturing revenue relative to GDP, {COMPARABLE} and {last}; largest rise on top. "
               "Earlier years have another definition. Revenue is not value added: it counts bought parts too. "
               f"{source(study, 'hightech_manufacturing_revenue', 'gdp')}")
    return Figure(drawing, caption, alt, table, name="growth")


def toy_inputs() -> pd.DataFrame:
    """A made-up table of inputs for three industries, for the multiplier by hand."""
    names = ["electronics", "metals", "services"]
    return pd.DataFrame([[0.2, 0.0, 0.1], [0.3, 0.2, 0.0], [0.1, 0.2, 0.2]], index=names, columns=names)


def pair_inputs() -> pd.DataFrame:
    """A made-up table of inputs for two industries, small enough for pencil and paper."""
    names = ["machines", "steel"]
    return pd.DataFrame([[0.2, 0.1], [0.4, 0.2]], index=names, columns=names)


def toy_sectors(place: str) -> tuple[pd.Series, pd.Series]:
    """Made-up value added and workers of three sectors in a balanced region and in a mining region."""
    value = {"balanced": [10, 45, 45], "mining": [10, 60, 30]}
    workers = {"balanced": [20, 40, 40], "mining": [45, 15, 40]}
    return pd.Series(value[place], index=list(SECTORS)), pd.Series(workers[place], index=list(SECTORS))


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """Numbers and words of the chapter."""
    result = of_paper(result)
    return as_text(
        dimension_facts(result, "industry"), _specialisation(result), _growth(result), _sectors(result), _toys()
    )


def _specialisation(result):
    study, code, year = result.study, chosen(result), result.year()
    names = study.regions["name"]
    firms = wide(study)["hightech_manufacturing_enterprises"].loc[year]
    now, before, peak = (hightech_quotients(result, y) for y in (year, COMPARABLE, year - 1))
    own = now[focus_order(result, now)]
    above = own[own > 1]
    found = {"lq": now[code], "lq_before": before[code], "lq_top_value": now.max(), "lq_last_value": own.iloc[-1]}
    found |= {f"lq_{slug}": now[study.resolve(slug)] for slug in ("chongqing", "sichuan", "shaanxi", "qinghai")}
    east = now[study.regions["group"].reindex(now.index) == result.reference_group]
    software = result.indicators["software_revenue"].xs(year, level="year")[own.index]
    sales = result.indicators["ecommerce_sales"].xs(year, level="year")[own.index]
    must_hold("The eastern median of the quotient is higher than the western one.", east.median() > own.median(),
              "location quotients of high-tech manufacturing")
    higher = now[study.resolve("qinghai")] > now[study.resolve("shaanxi")]
    found |= {"lq_qinghai_before": before[study.resolve("qinghai")], "lq_qinghai_peak": peak[study.resolve("qinghai")]}
    return {name: f"{value:.2f}" for name, value in found.items()} | {
        "lq_spread": f"{own.iloc[0] / own.iloc[-1]:.0f}", "lq_regions": f"{east.median() / own.median():.1f}",
        "software_spread": f"{software.max() / software.min():.0f}", "sales_spread": f"{sales.max() / sales.min():.1f}",
        "firms": f"{firms[code]:,.0f}", "firms_jiangsu": f"{firms[study.resolve('jiangsu')]:,.0f}",
        "firms_qinghai": f"{firms[study.resolve('qinghai')]:,.0f}", "lq_top": names[now.idxmax()],
        "qinghai_height": "a higher" if higher else "a lower", "qinghai_place": "above" if higher else "below",
        "lq_above": _listed(above, names), "lq_above_count": counted(len(above)), "lq_last": names[own.index[-1]]}


def _growth(result):
    study, code, year = result.study, chosen(result), result.year()
    names, groups = study.regions["name"], study.regions["group"]
    ratio = result.indicators["hightech_revenue"].unstack("year")
    medians, qinghai = ratio.groupby(groups).median(), study.resolve("qinghai")
    change = (ratio[year] - ratio[COMPARABLE])[groups == study.focus]
    found = {"hightech": ratio.loc[code, year], "hightech_before": ratio.loc[code, COMPARABLE],
             "hightech_west": medians.loc[study.focus, year],
             "hightech_west_before": medians.loc[study.focus, COMPARABLE],
             "hightech_east": medians.loc["east", year], "hightech_east_before": medians.loc["east", COMPARABLE],
             "rose_most_by": change.max(), "qinghai": ratio.loc[qinghai, year],
             "qinghai_peak": ratio.loc[qinghai, year - 1], "qinghai_before": ratio.loc[qinghai, year - 2]}
    return {name: f"{value:.1f}" for name, value in found.items()} | {
        "comparable": COMPARABLE, "peak_year": year - 1, "before_year": year - 2,
        "rose": counted(int((change > 0).sum())), "rose_most": names[change.idxmax()],
        "fell": joined(names[change.index[change < 0]]) if (change < 0).any() else "none"}


def _sectors(result):
    study, code, year = result.study, chosen(result), result.year()
    names, shares = study.regions["name"], sector_shares(result)
    west = study.regions.index[study.regions["group"] == study.focus]
    services, works, farming = (shares[name].unstack("year") for name in ("tertiary", "secondary", "primary"))
    first, jiangsu, inner = int(services.columns[0]), study.resolve("jiangsu"), study.resolve("inner-mongolia")
    turned = [key for key in west if services.loc[key, year] < services.loc[key, BOOM]]
    gained = (services.loc[west, BOOM] > services.loc[west, first]).sum()
    moved, prices = structural_change(shares, first, year), price_level(result, BOOM, 2022)
    must_hold("At first services gain, as in the textbook.", gained > len(west) / 2, "the share of services in GDP")
    must_hold("In Inner Mongolia services lose and industry gains.",
              services.loc[inner, year] < services.loc[inner, BOOM] and works.loc[inner, year] > works.loc[inner, BOOM],
              "shares of services and of industry in the GDP of Inner Mongolia")
    must_hold("Prices rose more in Inner Mongolia than in the median province.", prices[inner] > prices.median(),
              "nominal against real growth of GDP")
    must_hold("What differs lies below the share of services: farming.", farming.loc[code, year]
              > farming.loc[jiangsu, year], "the share of farming in two provinces")
    found = {"services": services.loc[code, year], "services_before": services.loc[code, first],
             "services_jiangsu": services.loc[jiangsu, year], "farming": farming.loc[code, year],
             "farming_jiangsu": farming.loc[jiangsu, year], "services_inner": services.loc[inner, year],
             "services_inner_boom": services.loc[inner, BOOM], "works_inner": works.loc[inner, year],
             "works_inner_boom": works.loc[inner, BOOM], "moved": moved[code], "moved_most_by": moved[west].max(),
             "moved_least_by": moved[west].min()}
    return {name: f"{value:.1f}" for name, value in found.items()} | {
        "sectors_from": first, "boom": BOOM, "prices_to": 2022, "prices_inner": f"{prices[inner]:.0f}",
        "prices_median": f"{prices.median():.0f}", "gained": counted(int(gained)), "turned": counted(len(turned)),
        "turned_names": joined(names[turned]) if turned else "none", "moved_most": names[moved[west].idxmax()],
        "moved_least": names[moved[west].idxmin()],
        "services_against_jiangsu": _against(services.loc[code, year] - services.loc[jiangsu, year])}


def _toys():
    whole, little = output_multipliers(toy_inputs()), output_multipliers(toy_inputs(), at_home=0.3)
    by_hand, half = output_multipliers(pair_inputs()), output_multipliers(pair_inputs(), at_home=0.5)["machines"]
    lost = 1 - (little["electronics"] - 1) / (whole["electronics"] - 1)
    return {"toy_whole": f"{whole['electronics']:.2f}", "toy_little": f"{little['electronics']:.2f}",
            "toy_metals": f"{whole['metals']:.2f}", "toy_services": f"{whole['services']:.2f}",
            "toy_lost": f"{lost * 100:.0f}", "by_hand_machines": f"{by_hand['machines']:.2f}",
            "by_hand_steel": f"{by_hand['steel']:.2f}", "by_hand_half": f"{half:.2f}",
            "by_hand_pulled": f"{by_hand['machines'] - 1:.2f}", "by_hand_pulled_half": f"{half - 1:.2f}",
            **{f"toy_{place}": f"{structure_deviation(*toy_sectors(place)):.3f}" for place in ("balanced", "mining")}}


def _points(change):
    return f"{change:+.1f} points".replace("-", "−")


def _listed(values, names):
    return joined(f"{names[key]} ({value:.2f})" for key, value in values.items()) if len(values) else "none"


def _against(difference):
    if abs(difference) < 0.5:
        return "about the same share as"
    return "a larger share than" if difference > 0 else "a smaller share than"
