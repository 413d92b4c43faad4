"""Mechanisms, chapter two: technological innovation. What goes in, what comes out, and where knowledge travels."""

import matplotlib.pyplot as plt
import pandas as pd

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
from nqpkit.drawing import Figure, label_ends, place_labels, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.wording import counted, joined

NEEDS = {"tech_market_contract_value", "tech_market_contract_value_absorbed", "patents_granted_invention", "gdp",
         "rd_expenditure", "rd_expenditure_government_funds", "industrial_enterprises_with_rd"}
LAG = 3  # years from spending to grant that the chapter tries
EXERCISE_LAGS = (0, 2, 4)  # of exercise E6.4
NAMED = ("11", "31", "12")  # eastern provinces named in the plane of contracts
XIAN_RD = 601.08  # 100 million yuan in 2022, as the city's statistics bureau reported it


def apparent_yield(true: float, growth: float, lag: int) -> float:
    """Patents over R&D of one year, where they come from R&D ``lag`` years earlier: true / (1 + g)^lag.

    Parameters
    ----------
    true : float
        Patents per unit of the R&D that they come from.
    growth : float
        Yearly growth of R&D, 0.1 for 10 %.
    lag : int
        Years from R&D to patent.

    Examples
    --------
    >>> round(apparent_yield(5, 0.25, 3), 2), apparent_yield(5, 0.0, 3)
    (2.56, 5.0)
    """
    return true / (1 + growth) ** lag


def contract_flows(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Technology contracts sold and bought, per cent of GDP, means of three years, one row a region."""
    series, year = wide(result.study), result.year(year)
    flows = {
        "sold": series["tech_market_contract_value"] / series["gdp"] * 100,
        "bought": series["tech_market_contract_value_absorbed"] / series["gdp"] * 0.01,
    }
    return pd.DataFrame({name: flow.loc[year - 2 : year].mean() for name, flow in flows.items()})


def patent_yield(result: Evaluation, lag: int = 0) -> pd.DataFrame:
    """Invention patents granted per 100 million yuan of the R&D of ``lag`` years before, regions × years."""
    series = wide(result.study)
    spending = series["rd_expenditure"].shift(lag) / 10_000
    return (series["patents_granted_invention"] / spending).T.dropna(axis=1, how="all")


def contracts(result: Evaluation, region: str | None = None, year: int | None = None) -> Figure:
    """Contracts sold against contracts bought: who sends knowledge, who receives it."""
    study, code, year = result.study, chosen(result, region), result.year(year)
    flows, names, groups = contract_flows(result, year), study.regions["name"], study.regions["group"]
    colours = theme.group_colours(study.groups, study.focus)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 5.2))
        ax.plot([0.1, 40], [0.1, 40], color=theme.MUTED, lw=1, ls="--")
        for group in study.groups:
            own = flows[groups == group]
            ax.scatter(
                own["sold"],
                own["bought"],
                s=52 if group == study.focus else 26,
                color=colours[group],
                alpha=0.95 if group == study.focus else 0.6,
                linewidths=0,
                zorder=2,
            )
        ax.scatter(*flows.loc[code], s=80, color=theme.INK, zorder=4)
        ax.set(
            xscale="log",
            yscale="log",
            xlim=(0.14, 26),
            ylim=(1.1, 14),
            xlabel="contracts sold, % of GDP (log scale)",
            ylabel="contracts bought, % of GDP (log scale)",
        )
        for axis, ticks in ((ax.xaxis, [0.2, 0.5, 1, 2, 5, 10, 20]), (ax.yaxis, [1.5, 2, 3, 5, 7, 10])):
            axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        ax.text(3.4, 1.2, "above the dashed line:\nbuys more than it sells", fontsize=8.5, color=theme.MUTED)
        ax.grid()
        named = [key for key in flows.index if groups[key] == study.focus or key in NAMED]
        shades = {key: theme.INK if key == code else colours[groups[key]] for key in named}
        place_labels(ax, flows[["sold", "bought"]], names[named].to_dict(), code, shades)
    plt.close(drawing)
    net = flows["sold"] - flows["bought"]
    own, west = flows.loc[code], net[groups == study.focus]
    alt = (
        f"Scatter chart of technology contracts sold and bought in per cent of GDP, means {year - 2} to {year}, "
        f"{len(flows)} {study.unit['many']}, both axes logarithmic. {names[flows['sold'].idxmax()]} sells most, "
        f"{flows['sold'].max():.1f}; {names[flows['sold'].idxmin()]} least, {flows['sold'].min():.2f}. {names[code]} "
        f"sells {own['sold']:.1f} and buys {own['bought']:.1f}. {int((west < 0).sum())} of {len(west)} western "
        f"{study.unit['many']} buy more than they sell."
    )
    caption = (
        f"Technology contracts sold (value by the seller's {study.unit['one']}) and bought (by the buyer's), "
        f"relative to GDP, means {year - 2}–{year}. Contracts inside a {study.unit['one']} count on both sides. "
        f"{source(study, 'tech_market_contract_value', 'tech_market_contract_value_absorbed', 'gdp')}"
    )
    return Figure(drawing, caption, alt, flows.rename(index=names), name="contracts")


def yields(result: Evaluation, region: str | None = None) -> Figure:
    """Invention patents granted per unit of R&D over time, group totals and the region."""
    study, code, series = result.study, chosen(result, region), wide(result.study)
    by = study.regions["group"]
    granted, spent = (
        series[name].T.groupby(by).sum(min_count=1).T for name in ("patents_granted_invention", "rd_expenditure")
    )
    lines = (granted / (spent / 10_000)).dropna()
    lines.loc[:, "own"] = patent_yield(result).loc[code].reindex(lines.index)
    name, colours = study.regions.loc[code, "name"], theme.group_colours(study.groups, study.focus)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.6))
        ends = {}
        for group, words in study.groups.items():
            ax.plot(lines.index, lines[group], color=colours[group], lw=2.2 if group == study.focus else 1.4)
            ends[words["label"]] = (lines[group].iloc[-1], colours[group], "normal")
        ax.plot(lines.index, lines["own"], color=theme.INK, lw=2.2, marker="o", ms=4)
        ends[name] = (lines["own"].iloc[-1], theme.INK, "bold")
        ax.set(ylim=(0, None), ylabel="patents granted per\n100 million yuan of R&D", xlabel="")
        label_ends(ax, lines.index[-1], ends)
        year_ticks(ax, lines.index)
        ax.grid(axis="y")
        drawing.tight_layout()
    plt.close(drawing)
    labels = {group: words["label"] for group, words in study.groups.items()} | {"own": name}
    first, last = lines.index[0], lines.index[-1]
    alt = (
        f"Line chart of invention patents granted per 100 million yuan of R&D, {first} to {last}, groups and {name}: "
        + "; ".join(f"{labels[c]} from {lines[c].iloc[0]:.1f} to {lines[c].iloc[-1]:.1f}" for c in lines)
        + f". Highest in {last}: {labels[lines.loc[last].idxmax()]}; lowest: {labels[lines.loc[last].idxmin()]}."
    )
    caption = (
        f"Invention patents granted per 100 million yuan of R&D of the same year, {first}–{last}: totals of each "
        f"group, and {name} (dots). R&D at current prices. "
        f"{source(study, 'patents_granted_invention', 'rd_expenditure')}"
    )
    return Figure(drawing, caption, alt, lines.rename(columns=labels), name="yields")


def lagged_yields(result: Evaluation, region: str | None = None) -> Figure:
    """The same ratio with the R&D of the same year and of three years before, provinces in focus."""
    study, code, year = result.study, chosen(result, region), result.year()
    both = pd.DataFrame(
        {"same year": patent_yield(result)[year], f"{LAG} years before": patent_yield(result, LAG)[year]}
    )
    order = focus_order(result, both.iloc[:, 1])
    table, others = with_medians(result, both, order)
    drawing = dumbbell(
        table,
        row_colours(result, order, others, code),
        len(order),
        f"patents granted in {year} per 100 million yuan of R&D",
        f"R&D of {year} (ring) and of {year - LAG} (dot)",
    )
    ranks, names = both.rank(ascending=False).astype(int), study.regions["name"]
    moved = (ranks.iloc[:, 0] - ranks.iloc[:, 1]).abs()
    alt = (
        f"Dumbbell chart of invention patents granted in {year} per 100 million yuan of the R&D of {year} "
        f"and of {year - LAG}, {len(order)} {study.unit['many']} and three group medians. Highest on the earlier R&D: "
        f"{table.index[0]}, {table.iloc[0, 1]:.0f}; lowest: {table.index[len(order) - 1]}, "
        f"{table.iloc[len(order) - 1, 1]:.0f}. {names[code]}: {both.loc[code].iloc[0]:.0f} and "
        f"{both.loc[code].iloc[1]:.0f}. Of all, {names[moved.idxmax()]} changes rank most, by {moved.max()} places."
    )
    caption = (
        f"Invention patents granted in {year} per 100 million yuan of R&D: the R&D of the same year (ring), of "
        f"{year - LAG} (dot). {source(study, 'patents_granted_invention', 'rd_expenditure')}"
    )
    return Figure(drawing, caption, alt, table, name="lagged-yields")


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """Numbers and words of the chapter."""
    result = of_paper(result)
    return as_text(
        dimension_facts(result, "technology"), _effort(result), _flows(result), _patents(result), _innovators(result),
        _toys(result),
    )


def _effort(result):
    study, code, year = result.study, chosen(result), result.year()
    names, series = study.regions["name"], wide(study)
    intensity = result.indicators["rd_intensity"].unstack("year")
    ranks = intensity.rank(ascending=False).astype(int)
    public = series["rd_expenditure_government_funds"] / series["rd_expenditure"] * 100
    now = public.loc[year]
    must_hold("Public money carries a larger part of its research than in most provinces.", now[code] > now.median(),
              "the share of government funds in R&D spending")
    eastern = now[study.regions["group"] == result.reference_group].median()
    west = ranks.loc[study.regions["group"] == study.focus, year].sort_values()
    scored = result.dimensions["technology"].xs(year, level="year").rank(ascending=False).astype(int)
    return {
        "intensity": f"{intensity.loc[code, year]:.2f}",
        "intensity_before": f"{intensity.loc[code, study.years[0]]:.2f}",
        "intensity_rank": ranks.loc[code, year],
        "public": f"{now[code]:.0f}",
        "public_east": f"{eastern:.0f}",
        "public_rank": int(now.rank(ascending=False)[code]),
        "public_top": names[now.idxmax()],
        "public_top_value": f"{now.max():.0f}",
        "intensity_lead": joined(f"{names[key]} ({rank})" for key, rank in west.head(3).items()),
        "rank_shaanxi": scored["61"],
        "rank_chongqing": scored["50"],
        "intensity_fourth": west.iloc[3],
    }


def _flows(result):
    study, code, year = result.study, chosen(result), result.year()
    names, flows, series = study.regions["name"], contract_flows(result), wide(study)
    west = flows[study.regions["group"] == study.focus]
    net = (west["sold"] - west["bought"]).sort_values()
    spread = flows.max() / flows.min()
    must_hold("Technology is sold from few places and bought in all.", spread["sold"] > 2 * spread["bought"],
              "contracts sold and bought per unit of GDP, highest over lowest")
    must_hold("Most of the West is on the buying side.", net.median() < 0, "contracts sold less contracts bought")
    sums = series["tech_market_contract_value"]["45"]
    leader = flows["sold"].sort_values(ascending=False)
    return {
        "sold": f"{flows.loc[code, 'sold']:.1f}",
        "bought": f"{flows.loc[code, 'bought']:.1f}",
        "flow_from": year - 2,
        "times": f"{flows.loc[code, 'bought'] / flows.loc[code, 'sold']:.1f}",
        "buyers": counted(int((net < 0).sum())),
        "sellers": joined(names[net.index[net > 0]]) if (net > 0).any() else "none",
        "importers": joined(
            f"{names[key]} ({west.loc[key, 'bought']:.1f} bought, {west.loc[key, 'sold']:.1f} sold)"
            for key in net.index[:3]
        ),
        "exporter": names[net.index[-1]],
        "exporter_sold": f"{west.loc[net.index[-1], 'sold']:.1f}",
        "exporter_bought": f"{west.loc[net.index[-1], 'bought']:.1f}",
        "first_seller": names[leader.index[0]],
        "first_sold": f"{leader.iloc[0]:.1f}",
        "seller_places": joined(f"{names[key]} ({value:.1f})" for key, value in leader.head(4).items()),
        "flow_rank": f"{flows['sold'].corr(flows['bought'], method='spearman'):.2f}",
        "bought_spread": f"{spread['bought']:.0f}",
        "sold_spread": f"{spread['sold']:.0f}",
        "swing_low": f"{sums[2020] / 10:.1f}",
        "swing_high": f"{sums[2021] / 10:.1f}",
        "swing_after": f"{sums[2022] / 10:.1f}",
    }


def _patents(result):
    study, code, year = result.study, chosen(result), result.year()
    names, series = study.regions["name"], wide(study)
    same, late = patent_yield(result)[year], patent_yield(result, LAG)[year]
    granted, spent = (
        series[name].sum(axis=1, min_count=31) for name in ("patents_granted_invention", "rd_expenditure")
    )
    total = (granted / (spent / 10_000)).dropna()
    must_hold("A unit of research money brings more patents than it did.", total[year] > total.iloc[0],
              "invention patents granted over R&D spending")
    ranks = pd.DataFrame({"same": same.rank(ascending=False), "late": late.rank(ascending=False)}).astype(int)
    moved = (ranks["same"] - ranks["late"]).abs()
    top = late.sort_values(ascending=False)
    least = series["rd_expenditure"].loc[year].idxmin()
    must_hold("The province that spends least stands at the top of the ratio.", top.index[0] == least,
              "the patent yield of the province that spends least")
    in_force = result.indicators["invention_patents"].xs(year, level="year")
    beijing = in_force.idxmax()
    tried = {lag: patent_yield(result, lag)[year] for lag in EXERCISE_LAGS}
    return {
        "tried_yields": joined(f"{own[code]:.1f}" for own in tried.values()),
        "tried_ranks": joined(f"{own.rank(ascending=False)[code]:.0f}" for own in tried.values()),
        "yield_first_year": int(total.index[0]),
        "yield_first": f"{total.iloc[0]:.1f}",
        "yield_last": f"{total[year]:.1f}",
        "yield_times": f"{total[year] / total.iloc[0]:.1f}",
        "lag": counted(LAG),
        "lag_year": year - LAG,
        "yield_same": f"{same[code]:.0f}",
        "yield_late": f"{late[code]:.0f}",
        "yield_rank_same": ranks.loc[code, "same"],
        "yield_rank_late": ranks.loc[code, "late"],
        "mover": names[moved.idxmax()],
        "mover_same": ranks.loc[moved.idxmax(), "same"],
        "mover_late": ranks.loc[moved.idxmax(), "late"],
        "yield_top": names[top.index[0]],
        "yield_top_granted": f"{series['patents_granted_invention'].loc[year, top.index[0]]:,.0f}",
        "yield_top_spent": f"{series['rd_expenditure'].loc[year, top.index[0]] / 1e5:.1f}",
        "spent_beijing": f"{series['rd_expenditure'].loc[year, '11'] / 1e5:.0f}",
        "in_force": f"{in_force[code]:.1f}",
        "in_force_top": names[beijing],
        "in_force_top_value": f"{in_force[beijing]:.0f}",
    }


def _innovators(result):
    study, year = result.study, result.year()
    firms = wide(study)["industrial_enterprises_with_rd"].T.groupby(study.regions["group"]).sum(min_count=1).T.dropna()
    must_hold("In the year of the census the count of firms with research fell in all four groups.",
              (firms.diff().loc[2023] < 0).all(), "industrial enterprises with R&D by group")
    first, peak = firms.index[0], firms[study.focus].idxmax()
    growth = (firms.loc[year] / firms.loc[first] - 1) * 100
    west, east = growth[study.focus], growth[result.reference_group]
    return {
        "firms_first_year": int(first),
        "firms_west_first": f"{firms.loc[first, study.focus]:,.0f}",
        "firms_west": f"{firms.loc[year, study.focus]:,.0f}",
        "firms_growth": f"{west:.0f}",
        "firms_growth_east": f"{east:.0f}",
        "firms_faster": "faster than" if west > east + 2 else "slower than" if west < east - 2 else "about as fast as",
        "firms_peak_year": int(peak),
        "firms_peak": f"{firms.loc[peak, study.focus]:,.0f}",
    }


def _toys(result):
    shaanxi = wide(result.study)["rd_expenditure"].loc[2022, "61"] / 10_000
    rest = shaanxi - XIAN_RD
    return {
        "toy_quick": f"{apparent_yield(5, 0.25, 3):.2f}",
        "toy_slow": f"{apparent_yield(5, 0.05, 3):.2f}",
        "shaanxi_rd": f"{shaanxi / 10:.1f}",
        "xian_share": f"{XIAN_RD / shaanxi * 100:.0f}",
        "rest_rd": f"{rest / 10:.1f}",
        "rest_share": f"{rest / shaanxi * 100:.0f}",
        "rest_intensity": f"{2.4 * rest / shaanxi / 0.5:.1f}",
    }
