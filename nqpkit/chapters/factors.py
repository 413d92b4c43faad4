"""Mechanisms, chapter three: production factors and talent. Tools that spread, people who move, stocks and flows."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nqpkit import theme
from nqpkit.chapters.dimension import (
    as_text,
    chosen,
    dimension_facts,
    members,
    of_paper,
    source,
    wide,
)
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.drawing import Figure, label_ends, place_labels, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.wording import counted, joined

NEEDS = {"broadband_ports", "undergraduate_students", "computers_per_100_employees", "gdp", "rd_personnel_fte",
         "population", "natural_population_growth_rate", "avg_years_schooling_15plus",
         "population_tertiary_education_per_100k", "avg_wage_urban_units_research_services",
         "avg_wage_urban_units_manufacturing"}
CATCHING_UP = {
    "broadband_ports": "broadband\nports",
    "undergraduates": "bachelor\nstudents",
    "computers": "computers",
    "gdp_per_head": "GDP per head",
    "rd_staff": "R&D staff",
}
CENSUSES = (2010, 2020)
NAMED = ("11", "12", "31", "33", "44")  # eastern provinces named in the plane of students and staff


def stock_path(start: float, trained: float, leaving: float, years: int) -> pd.Series:
    """A stock year by year, what is left of it plus those newly trained: S_t = (1 − leaving) S_{t−1} + trained.

    It tends to trained / leaving, whatever it starts from.

    Parameters
    ----------
    start : float
        Persons in year 0.
    trained : float
        Persons who join every year.
    leaving : float
        The share of the stock that goes every year, 0…1.
    years : int

    Examples
    --------
    >>> stock_path(start=0, trained=10, leaving=0.5, years=3).tolist()
    [0.0, 10.0, 15.0, 17.5]
    """
    stock = [float(start)]
    for _ in range(years):
        stock.append((1 - leaving) * stock[-1] + trained)
    return pd.Series(stock, name="persons").rename_axis("year")


def net_migrants(result: Evaluation) -> pd.DataFrame:
    """Persons gained or lost by migration, thousands, years × regions: growth of residents less births over deaths.

    A residual: it holds every error of both columns it is made from.
    """
    series = wide(result.study)
    residents, natural = series["population"], series["natural_population_growth_rate"]
    before = residents.shift(1)
    return ((residents - before) - before * natural / 1000).dropna(how="all") * 10


def west_to_east(result: Evaluation) -> pd.DataFrame:
    """Median of the group in focus over the median of the reference group, per cent, years × indicators."""
    by = [result.groups(), result.indicators.index.get_level_values("year")]
    medians = result.indicators[list(CATCHING_UP)].groupby(by).median()
    return medians.loc[result.study.focus] / medians.loc[result.reference_group] * 100


def spread(result: Evaluation, indicator: str) -> pd.Series:
    """Coefficient of variation over all regions, by year: standard deviation over mean."""
    values = result.indicators[indicator].unstack("year")
    return values.std() / values.mean()


def catching_up(result: Evaluation) -> Figure:
    """How far the median western province has come towards the median eastern one: tools, students, staff."""
    study, ratio = result.study, west_to_east(result)
    west, east = study.groups[study.focus]["label"], study.groups[result.reference_group]["label"]
    shades = [*theme.GROUP_COLOURS[1:4], theme.MUTED, theme.ACCENT]
    colours = dict(zip(CATCHING_UP, shades, strict=True))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 4.2))
        ends = {}
        for name, words in CATCHING_UP.items():
            ax.plot(
                ratio.index, ratio[name], color=colours[name], lw=2.6 if name == "rd_staff" else 1.8, marker="o", ms=3.5
            )
            ends[words] = (ratio[name].iloc[-1], colours[name], "bold" if name == "rd_staff" else "normal")
        ax.axhline(100, color=theme.MUTED, lw=1, ls=":")
        ax.set(ylim=(0, 108), ylabel=f"{west} median, % of {east} median", xlabel="")
        label_ends(ax, ratio.index[-1], ends, gap=0.085)
        year_ticks(ax, ratio.index)
        ax.grid(axis="y")
        drawing.tight_layout()
    plt.close(drawing)
    first, last = ratio.index[0], ratio.index[-1]
    plain = {name: words.replace("\n", " ") for name, words in CATCHING_UP.items()}
    alt = (
        f"Line chart, {first} to {last}, median {west} value in per cent of the median {east} value: "
        + "; ".join(f"{plain[n]} from {ratio[n].iloc[0]:.0f} to {ratio[n].iloc[-1]:.0f}" for n in ratio)
        + f". Highest in {last}: {plain[ratio.loc[last].idxmax()]}; lowest: {plain[ratio.loc[last].idxmin()]}."
    )
    caption = (
        f"The median of the {west} in per cent of the median of the {east}, {first}–{last}. Ports, students and R&D "
        "staff are per resident, computers per employee. "
        f"{source(study, 'broadband_ports', 'undergraduate_students', 'gdp', 'rd_personnel_fte')}"
    )
    return Figure(drawing, caption, alt, ratio.rename(columns=plain), name="catching-up")


def migration(result: Evaluation, region: str | None = None) -> Figure:
    """Net migration over time, a small panel for each province in focus."""
    study, code = result.study, chosen(result, region)
    rates, names = result.indicators["net_migration"].unstack("year"), study.regions["name"]
    codes = [key for key in study.regions.index if study.regions.loc[key, "group"] == study.focus]
    own = rates.loc[codes]
    years = list(rates.columns)
    down = -(-len(codes) // 3)
    with theme.applied():
        drawing, axes = plt.subplots(down, 3, figsize=(theme.WIDTH, 1.35 * down + 0.3), sharex=True, sharey=True)
        for ax, key in zip(axes.flat, codes, strict=False):
            line = own.loc[key]
            ax.axhline(0, color=theme.MUTED, lw=0.9)
            ax.fill_between(years, 0, line, where=line >= 0, interpolate=True, color="#0b6fa4", alpha=0.35, lw=0)
            ax.fill_between(years, 0, line, where=line <= 0, interpolate=True, color=theme.ACCENT, alpha=0.35, lw=0)
            ax.plot(years, line, color=theme.INK, lw=2.2 if key == code else 1.3)
            ax.set_title(names[key], fontsize=9, color=theme.ACCENT if key == code else theme.INK)
            ax.set(xticks=[years[1], years[-2]], xticklabels=[years[0], years[-1]], yticks=[-10, 0, 10])
            ax.tick_params(axis="x", length=0)
        for ax in axes[:, 0]:
            ax.set_ylabel("‰ a year")
        drawing.tight_layout(w_pad=0.8)
    plt.close(drawing)
    first, last = years[0], years[-1]
    gains, losses = (int((own[y] > 0).sum()) for y in (first, last))
    alt = (
        f"{len(codes)} line charts of net migration in per mille of residents a year, three-year means, {first} to "
        f"{last}. Above nought in {gains} {study.unit['many']} in {first}, in {losses} in {last}. Highest value: "
        f"{names[own.max(axis=1).idxmax()]}, {_signed(own.max().max())}; lowest: {names[own.min(axis=1).idxmin()]}, "
        f"{_signed(own.min().min())}. {names[code]}: {_signed(rates.loc[code, first])} to "
        f"{_signed(rates.loc[code, last])}."
    )
    caption = (
        f"Net migration, three-year means, {first}–{last}: growth of residents less births over deaths, per thousand "
        f"residents. Blue: gain; red: loss. {source(study, 'population', 'natural_population_growth_rate')}"
    )
    return Figure(drawing, caption, alt, own.rename(index=names).T, name="migration")


def trained_and_employed(result: Evaluation, region: str | None = None) -> Figure:
    """Students against research staff: who trains people, and where they do research."""
    study, code, year = result.study, chosen(result, region), result.year()
    values = result.indicators[["undergraduates", "rd_staff", "net_migration"]].xs(year, level="year")
    names, groups = study.regions["name"], study.regions["group"]
    colours = theme.group_colours(study.groups, study.focus)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 4.8))
        for key, row in values.iterrows():
            shade = theme.INK if key == code else colours[groups[key]]
            gains = row["net_migration"] > 0
            ax.scatter(
                row["undergraduates"],
                row["rd_staff"],
                s=70 if key == code else 40,
                linewidths=1.7,
                zorder=3,
                edgecolor=shade,
                facecolor=shade if gains else "white",
                alpha=1 if groups[key] == study.focus else 0.6,
            )
        ax.set(
            yscale="log",
            xlim=(70, 315),
            ylim=(4, 260),
            xlabel="bachelor students per 10,000 residents",
            ylabel="R&D staff per 10,000 residents (log scale)",
        )
        ax.set_yticks([5, 10, 20, 50, 100, 200], ["5", "10", "20", "50", "100", "200"])
        ax.minorticks_off()
        ax.grid()
        ax.text(
            0.98,
            0.03,
            "full: gains residents by migration\nring: loses them",
            transform=ax.transAxes,
            ha="right",
            fontsize=8.5,
            color=theme.MUTED,
        )
        named = [key for key in values.index if groups[key] == study.focus or key in NAMED]
        shades = {key: theme.INK if key == code else colours[groups[key]] for key in named}
        place_labels(ax, values[["undergraduates", "rd_staff"]], names[named].to_dict(), code, shades)
    plt.close(drawing)
    rank = values["undergraduates"].corr(values["rd_staff"], method="spearman")
    own = values.loc[code]
    losing = int((values.loc[groups == study.focus, "net_migration"] <= 0).sum())
    alt = (
        f"Scatter chart of bachelor students and R&D staff per 10,000 residents in {year}, {len(values)} "
        f"{study.unit['many']}; the rank correlation is {rank:.2f}. {names[code]}: "
        f"{own['undergraduates']:.0f} students, {own['rd_staff']:.0f} staff. Highest staff: "
        f"{names[values['rd_staff'].idxmax()]}, "
        f"{values['rd_staff'].max():.0f}; lowest: "
        f"{names[values['rd_staff'].idxmin()]}, {values['rd_staff'].min():.0f}. "
        f"{losing} western {study.unit['many']} lose residents by migration."
    )
    series = ("undergraduate_students", "rd_personnel_fte", "population", "natural_population_growth_rate")
    caption = (
        f"Bachelor students and R&D staff (full-time equivalents) per 10,000 residents, {year}. Full dots: net "
        f"migration above nought in the mean of three years. {source(study, *series)}"
    )
    return Figure(drawing, caption, alt, values.rename(index=names), name="trained")


def ports_and_income(result: Evaluation, region: str | None = None) -> Figure:
    """Broadband and GDP per head: levels in the last year, and changes since the first."""
    study, code, (first, last) = result.study, chosen(result, region), (result.study.years[0], result.study.years[-1])
    ports, income = (result.indicators[name].unstack("year") for name in ("broadband_ports", "gdp_per_head"))
    names, groups = study.regions["name"], study.regions["group"]
    colours = theme.group_colours(study.groups, study.focus)
    values = pd.DataFrame(
        {
            "ports": ports[last],
            "income": income[last] / 1000,
            "ports change": ports[last] - ports[first],
            "income change": (income[last] / income[first] - 1) * 100,
        }
    )
    panels = (
        ("ports", "income", f"levels, {last}", "ports per 100 residents", "GDP per head, 1,000 yuan"),
        (
            "ports change",
            "income change",
            f"changes {first}–{last}",
            "more ports per 100 residents",
            "GDP per head, % more",
        ),
    )
    with theme.applied():
        drawing, axes = plt.subplots(2, 1, figsize=(theme.WIDTH, 6.4))
        for ax, (x, y, title, xlabel, ylabel) in zip(axes, panels, strict=True):
            shades = [theme.INK if key == code else colours[groups[key]] for key in values.index]
            ax.scatter(
                values[x],
                values[y],
                s=[75 if key == code else 34 for key in values.index],
                color=shades,
                alpha=0.85,
                linewidths=0,
            )
            ax.annotate(
                names[code],
                values.loc[code, [x, y]],
                xytext=(8, 0),
                textcoords="offset points",
                fontsize=9,
                fontweight="bold",
                va="center",
            )
            ax.set(
                title=f"{title}: r = {values[x].corr(values[y]):.2f}".replace("-", "−"), xlabel=xlabel, ylabel=ylabel
            )
            ax.grid()
        for place, (group, words) in enumerate(study.groups.items()):
            axes[0].annotate(
                words["label"], (0.02, 0.9 - 0.085 * place), xycoords="axes fraction", fontsize=9, color=colours[group]
            )
        drawing.tight_layout()
    plt.close(drawing)
    alt = (
        f"Two scatter charts of {len(values)} {study.unit['many']}. Levels in {last}: ports per 100 residents from "
        f"{values['ports'].min():.0f} in {names[values['ports'].idxmin()]} to {values['ports'].max():.0f} in "
        f"{names[values['ports'].idxmax()]}, correlation with GDP per head "
        f"{values['ports'].corr(values['income']):.2f}. Changes since {first}: correlation "
        f"{values['ports change'].corr(values['income change']):.2f}. {names[code]} has "
        f"{values.loc[code, 'ports']:.0f} ports, {values.loc[code, 'ports change']:.0f} more than in {first}."
    )
    caption = (
        f"Broadband access ports and GDP per head at current prices: levels in {last} (top), changes {first}–{last} "
        f"(bottom). r is the plain correlation. {source(study, 'broadband_ports', 'population', 'gdp')}"
    )
    return Figure(drawing, caption, alt, values.rename(index=names), name="ports")


def correlation_interval(r: float, n: int) -> tuple[float, float]:
    """The interval of a correlation at 95 per cent, by Fisher's transformation: tanh(artanh r ± 1.96/√(n − 3)).

    Parameters
    ----------
    r : float
        A plain correlation.
    n : int
        The pairs behind it; at least four.

    Returns
    -------
    The lower and the upper bound. They hold for independent pairs; neighbouring provinces are not quite that.

    Examples
    --------
    >>> low, high = correlation_interval(0.5, 28)
    >>> round(low, 2), round(high, 2)
    (0.16, 0.74)
    """
    half = 1.96 / np.sqrt(n - 3)
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """Numbers and words of the chapter."""
    result = of_paper(result)
    return as_text(dimension_facts(result, "factors"), _tools(result), _people(result), _moves(result), _toys(result))


def _tools(result):
    study, code, year = result.study, chosen(result), result.year()
    names, groups, first = study.regions["name"], study.regions["group"], study.years[0]
    ratio, ports = west_to_east(result), result.indicators["broadband_ports"].unstack("year")
    income = result.indicators["gdp_per_head"].unstack("year")
    west = ports.loc[groups == study.focus, year].sort_values(ascending=False)
    guangdong = ports.loc["44", year]
    above = west.index[west > guangdong]
    wide_ports, wide_staff = spread(result, "broadband_ports"), spread(result, "rd_staff")
    must_hold("Tools have spread, people have not.",
              ratio.loc[year, "broadband_ports"] > 2 * ratio.loc[year, "rd_staff"],
              "the West's ports and research staff against the East's")
    must_hold("Provinces have become more alike in broadband.", wide_ports[year] < wide_ports[first],
              "the spread of broadband ports")
    must_hold("Tools and income go together less and less.",
              ports[year].corr(income[year]) < ports[first].corr(income[first]),
              "the correlation of broadband ports and GDP per head")
    must_hold("The order of the names changes more from panel to panel than in the two chapters before.",
              _alike(result, "factors") < min(_alike(result, n) for n in ("industry", "technology")),
              "the rank correlations of the indicators in each dimension")
    changes = (ports[year] - ports[first]).corr(income[year] / income[first] - 1)
    low, high = correlation_interval(changes, len(ports))
    found = {
        "ports_ratio": ratio.loc[year, "broadband_ports"],
        "ports_ratio_before": ratio.loc[first, "broadband_ports"],
        "staff_ratio": ratio.loc[year, "rd_staff"],
        "staff_ratio_before": ratio.loc[first, "rd_staff"],
        "students_ratio": ratio.loc[year, "undergraduates"],
        "students_ratio_before": ratio.loc[first, "undergraduates"],
        "income_ratio": ratio.loc[year, "gdp_per_head"],
        "ports": ports.loc[code, year],
        "ports_before": ports.loc[code, first],
        "ports_guangdong": guangdong,
    }
    found = {name: f"{value:.0f}" for name, value in found.items()}
    two = {
        "ports_spread": wide_ports[year],
        "ports_spread_before": wide_ports[first],
        "staff_spread": wide_staff[year],
        "staff_spread_before": wide_staff[first],
        "ports_r": ports[year].corr(income[year]),
        "ports_r_before": ports[first].corr(income[first]),
        "ports_r_changes": changes,
        "ports_r_changes_low": low,
        "ports_r_changes_high": high,
    }
    return (
        found
        | {name: f"{value:.2f}".replace("-", "−") for name, value in two.items()}
        | {"ports_above": joined(names[above]) if len(above) else "none", "ports_above_count": counted(len(above))}
    )


def _people(result):
    study, code, year = result.study, chosen(result), result.year()
    names, groups, series = study.regions["name"], study.regions["group"], wide(study)
    now = result.indicators[["undergraduates", "rd_staff"]].xs(year, level="year")
    ranks, medians = now.rank(ascending=False).astype(int), now.groupby(groups).median()
    schooling = series["avg_years_schooling_15plus"].T.groupby(groups).median()[list(CENSUSES)]
    wages = (series["avg_wage_urban_units_research_services"] / series["avg_wage_urban_units_manufacturing"]).loc[year]
    rose = series["avg_years_schooling_15plus"].loc[list(CENSUSES)].diff().iloc[-1]
    must_hold("Schooling rose everywhere.", (rose > 0).all(), "mean years of schooling in two censuses")
    must_hold("Wages point the same way.", wages[code] < wages[groups == "east"].median(),
              "wages in research services against manufacturing")
    degrees = series["population_tertiary_education_per_100k"].loc[2020] / 1000
    difference = now.loc[code, "undergraduates"] / medians.loc["east", "undergraduates"] - 1
    must_hold("Guangdong employs more in research than it teaches.",
              ranks.loc["44", "rd_staff"] < ranks.loc["44", "undergraduates"] - 10,
              "the ranks of Guangdong in students and in research staff")
    return {
        "students": f"{now.loc[code, 'undergraduates']:.0f}",
        "students_rank": ranks.loc[code, "undergraduates"],
        "students_east": f"{medians.loc['east', 'undergraduates']:.0f}",
        "students_against": "about as many as"
        if abs(difference) < 0.05
        else "more than"
        if difference > 0
        else "fewer than",
        "halls": "There are the lecture halls of the East" if difference > -0.05 else "There are fewer lecture halls",
        "staff": f"{now.loc[code, 'rd_staff']:.0f}",
        "staff_rank": ranks.loc[code, "rd_staff"],
        "staff_east": f"{medians.loc['east', 'rd_staff']:.0f}",
        "staff_share": f"{now.loc[code, 'rd_staff'] / medians.loc['east', 'rd_staff'] * 100:.0f}",
        "students_staff": f"{now['undergraduates'].corr(now['rd_staff'], method='spearman'):.2f}",
        "few_students": names[now["undergraduates"].idxmin()],
        "guangdong_students": f"{now.loc['44', 'undergraduates']:.0f}",
        "guangdong_students_rank": ranks.loc["44", "undergraduates"],
        "guangdong_staff_rank": ranks.loc["44", "rd_staff"],
        "schooling_west": f"{schooling.loc['west', 2020]:.1f}",
        "schooling_west_before": f"{schooling.loc['west', 2010]:.1f}",
        "schooling_east": f"{schooling.loc['east', 2020]:.1f}",
        "schooling_east_before": f"{schooling.loc['east', 2010]:.1f}",
        "degrees": f"{degrees[code]:.1f}",
        "degrees_rank": int(degrees.rank(ascending=False)[code]),
        "wage": f"{wages[code]:.2f}",
        "wage_east": f"{wages[groups == 'east'].median():.2f}",
    }


def _moves(result):
    study, code, year = result.study, chosen(result), result.year()
    names, groups, first = study.regions["name"], study.regions["group"], study.years[0]
    rates, persons = result.indicators["net_migration"].unstack("year"), net_migrants(result)
    west = groups.index[groups == study.focus]
    since = persons.loc[first + 1 : year].sum()
    everybody = persons.sum(axis=1, min_count=31)
    gains = {y: int((rates.loc[west, y] > 0).sum()) for y in (first, year)}
    order = since[west].sort_values()
    series = wide(study)
    residents, natural = series["population"][code], series["natural_population_growth_rate"].loc[year, code]
    one = (residents[year] / residents[year - 1] - 1) * 1000
    must_hold("The errors are as large as the movements.", abs(everybody[2018]) > since[west].abs().max(),
              "net migration over all provinces")
    losers = [k for k in west if rates.loc[k, year] <= 0]
    must_hold(f"{names[code]} loses people by migration.", since[code] < 0, "net migration since the first year")
    return {
        "rate": _signed(rates.loc[code, year]),
        "rate_before": _signed(rates.loc[code, first]),
        "lost": f"{-since[code]:,.0f}",
        "lost_from": first + 1,
        "gains_before": counted(gains[first]),
        "gains": counted(gains[year]),
        "gainers": joined(names[west.difference(losers)]) if len(losers) < len(west) else "none",
        "losers": joined(names[losers]) if losers else "none",
        "lost_most": names[order.index[0]],
        "lost_most_by": f"{-order.iloc[0]:,.0f}",
        "won_most": names[order.index[-1]],
        "won_most_by": f"{order.iloc[-1]:,.0f}",
        "west_sum": f"{since[west].sum():,.0f}".replace("-", "−"),
        "tibet": _signed(rates.loc["54", year]),
        "tibet_before": _signed(rates.loc["54", first]),
        "error_high": f"{everybody[2016]:,.0f}",
        "error_low": f"{everybody[2018]:,.0f}".replace("-", "−"),
        "error_last": f"{everybody[year]:,.0f}".replace("-", "−"),
        "residents": f"{residents[year] / 100:.2f}",
        "residents_before": f"{residents[year - 1] / 100:.2f}",
        "natural": _signed(natural, 2),
        "growth": _signed(one, 2),
        "net_one": _signed(one - natural, 2),
        "net_persons": f"{-persons.loc[year, code]:,.0f}",
        "last_before": year - 1,
    }


def _alike(result, dimension):
    """Mean rank correlation between the indicators of a dimension, over the regions in focus."""
    z = result.normalised.xs(result.year(), level="year")[members(result, dimension).index]
    ranks = z[result.study.regions["group"].reindex(z.index) == result.study.focus].corr(method="spearman")
    return (ranks.to_numpy().sum() - len(ranks)) / (len(ranks) ** 2 - len(ranks))


def _toys(result):
    leaky, tight = (stock_path(0, trained, leaving, 10).iloc[-1] for trained, leaving in ((10, 0.2), (6, 0.05)))
    year, kept = result.year(), 0.95**10
    needed = (2 - kept) / ((1 - kept) / 0.05)
    fte = wide(result.study)["rd_personnel_fte"].loc[year, "50"]
    return {
        "toy_leaky": f"{leaky:.0f}",
        "toy_tight": f"{tight:.0f}",
        "toy_leaky_end": f"{10 / 0.2:.0f}",
        "toy_tight_end": f"{6 / 0.05:.0f}",
        "toy_needed": f"{needed:.3f}",
        "toy_needed_percent": f"{needed * 100:.0f}",
        "toy_twice": f"{20 / 0.2:.0f}",
        "toy_half": f"{10 / 0.1:.0f}",
        "chongqing_fte": f"{fte / 10_000:.1f}",
        "chongqing_times": f"{630 / (fte / 10_000):.0f}",
    }


def _signed(value, decimals=1):
    return f"{value:+.{decimals}f}".replace("-", "−")
