"""Innovation capability, the second dilemma: halves of a ranking, concentration, the way from science to product."""

import matplotlib.pyplot as plt
import pandas as pd

from nqpkit import theme
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.chapters.standing import (
    dilemma_standing,
    extremes,
    how_many,
    leading_facts,
    ordinal,
    percent,
    standing_facts,
    strip,
    totals_in_words,
)
from nqpkit.claims import find_claim, ledger
from nqpkit.drawing import SOURCE, Figure, wrap
from nqpkit.evaluation import Evaluation
from nqpkit.study import Study
from nqpkit.wording import counted, joined, lowered

PLACE, BESIDE = "shaanxi", "gansu"
DILEMMA = "innovation_capability"
REPORT = "S40"  # the claim that carries the report's order
NEEDS_CLAIMS = True
NEEDS = {
    "rd_expenditure",
    "rd_expenditure_enterprise_funds",
    "gdp",
    "population",
    "scientific_papers_sci",
    "patents_in_force_invention",
    "tech_market_contract_value",
    "industrial_new_product_expenditure",
    "industrial_new_product_sales",
}
STATIONS = (
    "R&D spending over GDP",
    "Science papers per resident",
    "Patents in force per resident",
    "Contracts sold over GDP",
    "Firms' share of R&D funds",
    "New-product spending over GDP",
    "New-product sales over GDP",
)


def report_places(study: Study) -> pd.Series:
    """Place of every region in the report's order, by code; missing for its last group, which has no order.

    The order is kept with the claim that quotes the report, in ``claims.yml``.
    """
    listed = next(claim["listed"] for claim in study.claims["claims"] if claim["id"] == REPORT)
    places = pd.Series({study.resolve(slug): place for place, slug in enumerate(listed, start=1)})
    return places.reindex(study.regions.index)


def yardsticks(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Three orders of the same regions, by code: the report's, R&D intensity, and the technology score.

    The last two are ranks of a year, the last scored one unless given; 1 is the highest.
    """
    year = result.year(year)
    return pd.DataFrame(
        {
            "report": report_places(result.study),
            "R&D intensity": result.indicators["rd_intensity"]
            .xs(year, level="year")
            .rank(ascending=False, method="min"),
            "technology score": result.dimensions["technology"]
            .xs(year, level="year")
            .rank(ascending=False, method="min"),
        }
    )


def upper_half(result: Evaluation, year: int | None = None) -> dict[str, list[str]]:
    """Yardstick → names of the regions in focus that stand in the upper half, in the yardstick's order."""
    table, regions = yardsticks(result, year), result.study.regions
    own = table[regions["group"].reindex(table.index) == result.study.focus]
    half = len(regions) // 2
    return {name: regions["name"][own[name][own[name] <= half].sort_values().index].tolist() for name in own}


def shares(study: Study, year: int) -> pd.DataFrame:
    """Each focus region's share of the group's R&D spending and of its residents, largest first."""
    own = study.regions.index[study.regions["group"] == study.focus]
    now = study.panel().xs(year, level="year").loc[own, ["rd_expenditure", "population"]]
    return (now / now.sum()).set_axis(["R&D", "residents"], axis=1).sort_values("R&D", ascending=False)


def firms_funds(study: Study, year: int) -> pd.Series:
    """Share of R&D expenditure that firms pay for, in per cent."""
    now = study.panel().xs(year, level="year")
    return now["rd_expenditure_enterprise_funds"] / now["rd_expenditure"] * 100


def stations(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Ranks of every region at seven stations between science and product, regions × stations (1 the highest).

    Papers are of the last year in which the index is published by region; all else of the year given, or of the last
    scored one.
    """
    year, panel = result.year(year), result.study.panel()
    now = panel.xs(year, level="year")
    papers = panel["scientific_papers_sci"].dropna().unstack("code")
    values = [
        now["rd_expenditure"] / now["gdp"],
        papers.iloc[-1] / panel["population"].xs(papers.index[-1], level="year"),
        now["patents_in_force_invention"] / now["population"],
        now["tech_market_contract_value"] / now["gdp"],
        firms_funds(result.study, year),
        now["industrial_new_product_expenditure"] / now["gdp"],
        now["industrial_new_product_sales"] / now["gdp"],
    ]
    table = pd.DataFrame(dict(zip(STATIONS, values, strict=True)))
    return table.rank(ascending=False, method="min")


def halves(result: Evaluation) -> Figure:
    """The twelve by three yardsticks, and the line between the halves."""
    study, year = result.study, result.year()
    table, names = yardsticks(result), study.regions["name"]
    own = table[study.regions["group"].reindex(table.index) == study.focus].sort_values(["report", "technology score"])
    last = len(study.regions)
    first_open = int(table["report"].max()) + 1
    marks = {
        "report": ("s", theme.GROUP_COLOURS[1]),
        "R&D intensity": ("o", theme.ACCENT),
        "technology score": ("D", theme.GROUP_COLOURS[3]),
    }
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.31 * len(own) + 1.75))
        ax.axvspan(last // 2 + 0.5, last + 1, color=theme.GRID, alpha=0.55, lw=0, zorder=0)
        for row, (_, places) in enumerate(own.iterrows()):
            if pd.isna(places["report"]):
                ax.hlines(row, first_open, last, color=marks["report"][1], lw=5, alpha=0.35)
            for name, (marker, colour) in marks.items():
                ax.scatter([places[name]], [row], marker=marker, s=44, color=colour, alpha=0.85, zorder=3)
        ax.annotate("upper half", (last // 2, -1.1), ha="right", va="center", fontsize=9)
        ax.annotate("lower half", (last // 2 + 1, -1.1), ha="left", va="center", fontsize=9)
        ax.legend(
            handles=[
                plt.Line2D([], [], marker=m, ls="", color=c, ms=6.5, label=name) for name, (m, c) in marks.items()
            ],
            loc="upper center",
            bbox_to_anchor=(0.38, -0.13),
            ncols=3,
            frameon=False,
            fontsize=9,
            handletextpad=0.1,
            columnspacing=0.9,
        )
        ax.set_yticks(range(len(own)), names[own.index])
        ax.set(
            xlim=(0, last + 1),
            ylim=(len(own) - 0.4, -1.7),
            xticks=[1, 5, 10, 15, 20, 25, last],
            xlabel=f"place among {last}",
            title="Three yardsticks, one line",
        )
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    found = upper_half(result)
    alt = (
        f"Dot chart of the places of {len(own)} western provinces among {last}, 1 the highest, by three yardsticks. "
        + " ".join(f"Upper half by {name}: {joined(who) if who else 'none'}." for name, who in found.items())
        + f" Last in technology score: {names[own['technology score'].idxmax()]}."
    )
    caption = (
        f"Places of the western provinces: in the report of 2024 (squares; a bar where it gives no order), by R&D "
        f"intensity and by the technology score, both {year}. Shaded: lower half. Sources: Chinese Academy of "
        "Science and Technology for Development, 8 September 2024; own computation on the study's official "
        "figures."
    )
    return Figure(drawing, caption, alt, own.rename(index=names), name="halves")


def concentration(result: Evaluation) -> Figure:
    """Who holds the West's research: shares of R&D spending and of people."""
    study, year = result.study, result.year()
    table, names = shares(study, year) * 100, study.regions["name"]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.3 * len(table) + 1.35))
        rows = range(len(table))
        more = table["R&D"] > table["residents"]
        ax.hlines(
            rows,
            table.min(axis=1),
            table.max(axis=1),
            lw=5,
            alpha=0.35,
            color=[theme.ACCENT if up else theme.MUTED for up in more],
        )
        ax.scatter(table["residents"], rows, marker="|", s=150, color=theme.INK, linewidths=2.2, zorder=3)
        ax.scatter(table["R&D"], rows, s=52, color=[theme.ACCENT if up else theme.MUTED for up in more], zorder=3)
        ax.set_yticks(rows, names[table.index])
        ax.legend(
            handles=[
                plt.Line2D([], [], marker="o", ls="", color=theme.ACCENT, ms=7, label="share of R&D"),
                plt.Line2D([], [], marker="|", ls="", color=theme.INK, ms=11, mew=2.2, label="share of people"),
            ],
            loc="lower right",
            frameon=False,
            fontsize=9,
        )
        ax.set(xlabel="per cent of the twelve", title=f"Research and people in the West, {year}")
        ax.invert_yaxis()
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    top = table.index[:3]
    alt = (
        f"Dot chart of each western province's share of the twelve's R&D spending and residents, {year}, per cent. "
        f"R&D: {extremes(table['R&D'], names, '{:.1f}')}. {joined(names[top])} hold {table.loc[top, 'R&D'].sum():.0f} "
        f"per cent of the spending and {table.loc[top, 'residents'].sum():.0f} of the people."
    )
    caption = (
        f"Share of the West's R&D spending (dot; in colour where it exceeds the share of people) and of its "
        f"residents (stroke), {year}. {SOURCE}"
    )
    return Figure(drawing, caption, alt, table.rename(index=names), name="concentration")


def funds(result: Evaluation, region: str = PLACE) -> Figure:
    """Share of R&D that firms pay for."""
    study, year = result.study, result.year()
    values = firms_funds(study, year)
    group, names = study.regions["group"].reindex(values.index), study.regions["name"]
    medians, own = values.groupby(group).median(), values[group == study.focus]
    drawing = strip(
        result, values, title=f"Who pays for research, {year}", xlabel="firms' share of R&D spending, %", region=region
    )
    alt = (
        f"Dot chart of the share of R&D spending paid by firms, {year}, per cent. Western provinces: "
        f"{extremes(own, names, code=study.resolve(region))}. Medians: {totals_in_words(result, medians)}. Over all "
        f"provinces: {extremes(values, names)}."
    )
    caption = (
        f"Funds of firms in R&D expenditure, {year}. The rest is mostly government money. Dotted line and strokes: "
        f"medians. {SOURCE}"
    )
    return Figure(drawing, caption, alt, values.to_frame("firms, %"), name="funds")


def chain(result: Evaluation, region: str = PLACE, beside: str = BESIDE) -> Figure:
    """Rank of a province at each station between science and product, and of another for comparison."""
    study, table = result.study, stations(result)
    code, other = study.resolve(region), study.resolve(beside)
    names, last, rows = study.regions["name"], len(table), range(len(STATIONS))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.46 * len(STATIONS) + 1.25))
        ax.axvspan(last // 2 + 0.5, last + 1, color=theme.GRID, alpha=0.55, lw=0, zorder=0)
        if other != code:
            ax.plot(table.loc[other], rows, color=theme.MUTED, lw=1.2, marker="o", ms=5)
            ax.annotate(
                names[other],
                (table.loc[other].iloc[0], 0),
                xytext=(0, 9),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                color=theme.MUTED,
            )
        ax.plot(table.loc[code], rows, color=theme.ACCENT, lw=2.4, marker="o", ms=9)
        for row, place in enumerate(table.loc[code]):
            ax.annotate(
                f"{place:.0f}",
                (place, row),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
                fontweight="bold",
                color=theme.ACCENT,
                bbox={"fc": "white", "ec": "none", "pad": 0.6},
            )
        ax.annotate(
            names[code],
            (table.loc[code].iloc[0], 0),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            fontweight="bold",
            color=theme.ACCENT,
        )
        ax.set_yticks(rows, [wrap(name, 20) for name in STATIONS])
        ax.set(
            xlim=(0, last + 1),
            ylim=(len(STATIONS) - 0.5, -0.8),
            xticks=[1, 5, 10, 15, 20, 25, last],
            xlabel=f"place among {last}; shaded: lower half",
            title="From science to product",
        )
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    own = table.loc[code]
    alt = (
        f"Line chart of the place of {names[code]} among {last} provinces at seven stations from science to product: "
        + "; ".join(f"{lowered(name)} {place:.0f}" for name, place in own.items())
        + f". {names[other]} for comparison, from {table.loc[other].iloc[0]:.0f} to {table.loc[other].iloc[-1]:.0f}."
    )
    caption = (
        f"Place of {names[code]} (thick) and {names[other]} (thin) at seven stations, {result.year()}; papers in the "
        f"Science Citation Index, 2022. {SOURCE}"
    )
    return Figure(drawing, caption, alt, table.loc[[code, other]].rename(index=names), name="chain")


def standing(result: Evaluation, region: str = PLACE) -> Figure:
    """The indicators of the second dilemma: a province against the West's and the East's median."""
    return dilemma_standing(result, region, DILEMMA)


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """What the page says in numbers and in words that depend on numbers."""
    study, year = result.study, result.year()
    names, code = study.regions["name"], study.resolve(PLACE)
    group = study.regions["group"]
    table, half = yardsticks(result), upper_half(result)
    claims = ledger(result)
    found = {"year": str(year), "place": names[code], "provinces": counted(int((group == study.focus).sum()))}
    for key, column in (("report", "report"), ("rd", "R&D intensity"), ("score", "technology score")):
        found[f"upper_{key}"] = joined(half[column]) if half[column] else "none of them"
        found[f"upper_{key}_count"] = counted(len(half[column]))
        if pd.notna(table.loc[code, column]):
            found[f"place_{key}"] = ordinal(int(table.loc[code, column]))
    found["sichuan_score"] = str(int(table.loc[study.resolve("sichuan"), "technology score"]))
    found["lower_report_count"] = counted(int((group == study.focus).sum()) - len(half["report"]))
    count = int((group == study.focus).sum())
    found["lower_counts"] = joined(counted(count - len(who)) for who in half.values())
    left_out = [study.resolve(name) for name in half["report"] if study.resolve(name) != study.resolve("chongqing")]
    found["left_out"] = percent(shares(study, year).loc[left_out, "R&D"].sum())
    must_hold("Its direction is right: most are in the lower half.", all(len(who) < count / 2 for who in half.values()),
              "western provinces in the upper half by three yardsticks")
    places = table.loc[group == study.focus, ["R&D intensity", "technology score"]].apply(lambda c: sorted(c)[2:4])
    stepped = (places.diff().iloc[1] >= 3).all() and (places.iloc[0] < len(names) * 0.6).all()
    found["shape"] = (
        "What the kit's two share is the shape: a few provinces near or above the middle, then a step, then the rest."
        if stepped
        else "The kit's two do not even share a shape."
    )
    found["yardsticks_agree"] = (
        "name the same provinces"
        if len({frozenset(who) for who in half.values()}) == 1
        else "do not name the same provinces"
    )
    found |= {"unordered": joined(names[table.index[table["report"].isna() & (group == study.focus)]])}
    found |= _concentration_facts(result, names, year, claims, code)
    found |= _chain_facts(result, names, code, year)
    return found | standing_facts(result, code, DILEMMA) | leading_facts(result, DILEMMA)


def _concentration_facts(result, names, year, claims, code):
    table = shares(result.study, year)
    top, over = table.index[:3], table.index[table["R&D"] > table["residents"]]
    return {
        "top": joined(names[top]),
        "top_rd": percent(table.loc[top, "R&D"].sum()),
        "top_people": percent(table.loc[top, "residents"].sum()),
        "over": joined(names[over]),
        "over_count": counted(len(over)),
        "place_rd_share": percent(table.loc[code, "R&D"]),
        "place_people_share": percent(table.loc[code, "residents"]),
        "city_share": f"{find_claim(claims, 'S42')['value']:.0f} %",
        "rest_share": f"{100 - find_claim(claims, 'S42')['value']:.0f} %",
    }


def _chain_facts(result, names, code, year):
    table, share = stations(result), firms_funds(result.study, year)
    own = table.loc[code].astype(int)
    z = result.study.regions["group"]
    west = share[z.reindex(share.index) == result.study.focus]
    now = result.study.panel().xs(year, level="year")
    sold, bought = (
        now["tech_market_contract_value"] / now["gdp"] * 100,
        (now["tech_market_contract_value_absorbed"] / now["gdp"] / 100),
    )
    other = result.study.resolve(BESIDE)
    drop = table.loc[other].diff().idxmax()
    before = STATIONS[STATIONS.index(drop) - 1]
    state = now["rd_expenditure_government_funds"] / now["rd_expenditure"] * 100
    must_hold("Most of the rest is the state's money.", state[code] > (100 - share[code]) / 2,
              "funds of governments and of firms in R&D spending")
    return {
        "funds_beside": percent(share[other] / 100),
        "beside_drop": f"{lowered(before)} and {lowered(drop)}",
        "chain_best": lowered(own.idxmin()),
        "chain_best_rank": ordinal(int(own.min())),
        "chain_worst": lowered(own.idxmax()),
        "chain_worst_rank": ordinal(int(own.max())),
        "chain_upper": how_many(int((own <= len(table) // 2).sum())),
        "chain_lower": how_many(int((own > len(table) // 2).sum())),
        "stations": counted(len(STATIONS)),
        "chain_contracts": ordinal(own["Contracts sold over GDP"]),
        "chain_papers": ordinal(own["Science papers per resident"]),
        "chain_sales": ordinal(own["New-product sales over GDP"]),
        "chain_products": ordinal(own["New-product spending over GDP"]),
        "funds_place": percent(share[code] / 100),
        "funds_rank": ordinal(own["Firms' share of R&D funds"]),
        "funds_median": percent(share.median() / 100),
        "funds_high": names[west.idxmax()],
        "funds_high_value": percent(west.max() / 100),
        "funds_low": names[west.idxmin()],
        "funds_low_value": percent(west.min() / 100),
        "funds_capital": percent(share["11"] / 100),
        "sold_place": f"{sold[code]:.1f} %",
        "bought_place": f"{bought[code]:.1f} %",
        "sold_beside": f"{sold[other]:.1f} %",
        "bought_beside": f"{bought[other]:.1f} %",
        "beside": names[other],
        "beside_worst": lowered(table.loc[other].idxmax()),
        "beside_best": lowered(table.loc[other].idxmin()),
        "beside_best_rank": ordinal(int(table.loc[other].min())),
        "beside_worst_rank": ordinal(int(table.loc[other].max())),
        "seller_word": "sells more than it buys" if sold[code] > bought[code] else "buys more than it sells",
        "beside_word": "buys more than it sells" if bought[other] > sold[other] else "sells more than it buys",
    }
