"""Industrial momentum, the first dilemma: size, speed, firms and structure of the western economy."""

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
from nqpkit.drawing import SOURCE, Figure, label_ends
from nqpkit.evaluation import Evaluation
from nqpkit.study import Study
from nqpkit.wording import counted, joined

PLACE = "shaanxi"
DILEMMA = "industrial_momentum"
NEAR = 0.1  # a province within a tenth of the mean counts as near it
NEEDS_CLAIMS = True
NEEDS = {
    "gdp",
    "gdp_pre5ec",
    "gdp_index",
    "population",
    "hightech_enterprises_recognised",
    "electricity_consumption",
    "secondary_value_added",
}
FIRMS_YEAR = 2021  # the year of the paper's 0.9


def by_group(study: Study, series: pd.Series) -> pd.DataFrame:
    """Sums of a series over groups, years × groups; missing where a member is missing."""
    wide = series.unstack("year").T
    return (
        wide.T.groupby(study.regions["group"].reindex(wide.columns))
        .sum(min_count=1)
        .T.where(wide.notna().T.groupby(study.regions["group"].reindex(wide.columns)).all().T)
    )


def per_head(study: Study) -> pd.DataFrame:
    """GDP over year-end residents of every group, in yuan, years × groups.

    Examples
    --------
    >>> from nqpkit import Study
    >>> table = per_head(Study.load())
    >>> bool((table["west"] < table["east"]).all())
    True
    """
    panel = study.panel()
    return (by_group(study, panel["gdp"]) / by_group(study, panel["population"]) * 10_000).dropna()


def real_growth(study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Real growth in per cent: of every region, and of every group weighted by the year before's GDP.

    Formula: g_G = Σ y_{i,t−1} g_{i,t} / Σ y_{i,t−1} over the members i of a group.

    Returns
    -------
    regions : DataFrame, years × codes
    groups : DataFrame, years × groups
    """
    panel = study.panel()
    growth = (panel["gdp_index"] - 100).unstack("year").T
    weight = panel["gdp"].unstack("year").T.shift(1).where(growth.notna())
    group = study.regions["group"].reindex(growth.columns)
    total = (growth * weight).T.groupby(group).sum(min_count=1).T / weight.T.groupby(group).sum(min_count=1).T
    known = total.dropna().index
    return growth.loc[known], total.loc[known]


def certified_firms(study: Study, year: int = FIRMS_YEAR) -> pd.DataFrame:
    """Certified high-tech enterprises of every group, rebuilt from three years' recognitions.

    A certificate is valid for three years, so the recognitions of three years add up to about the valid certificates.

    Returns
    -------
    DataFrame
        Groups and ``all``; the recognitions of each year, their sum, residents (10,000), firms per 10,000 residents.
    """
    panel = study.panel()
    firms, people = (by_group(study, panel[name]) for name in ("hightech_enterprises_recognised", "population"))
    table = firms.loc[[year - 2, year - 1, year]].T
    table["three years"], table["residents, 10,000"] = table.sum(axis=1), people.loc[year]
    table.loc["all"] = table.sum()
    table["per 10,000"] = table["three years"] / table["residents, 10,000"]
    return table


def rebuilt(study: Study, year: int = FIRMS_YEAR) -> pd.DataFrame:
    """The same as a table to read: the group in focus, and all groups together."""
    table = (
        certified_firms(study, year)
        .loc[[study.focus, "all"]]
        .rename({study.focus: study.groups[study.focus]["label"], "all": "all groups"})
    )
    words = {column: table[column].map(("{:.2f}" if column == "per 10,000" else "{:,.0f}").format) for column in table}
    return pd.DataFrame(words).T.rename_axis(columns="")


def certified_by_region(study: Study, year: int = FIRMS_YEAR) -> pd.Series:
    """The same for every region: firms per 10,000 residents."""
    panel = study.panel()
    firms = (
        panel["hightech_enterprises_recognised"].unstack("year")[[year - 2, year - 1, year]].sum(axis=1, skipna=False)
    )
    return firms / panel["population"].xs(year, level="year")


def income(result: Evaluation, region: str = PLACE) -> Figure:
    """GDP per head: the twelve, and the three other groups with all their members."""
    study, year = result.study, result.year()
    values, totals = result.indicators["gdp_per_head"].xs(year, level="year"), per_head(result.study).loc[year]
    drawing = strip(
        result,
        values / 1000,
        totals / 1000,
        title=f"GDP per head, {year}",
        xlabel="thousand yuan",
        region=region,
        number="{:.0f}",
    )
    own = values[study.regions["group"].reindex(values.index) == study.focus]
    alt = (
        f"Dot chart of GDP per resident in {year}, yuan, one line for each western province and one for each other "
        f"group. Among the western provinces: {extremes(own, study.regions['name'], code=study.resolve(region))}. "
        f"Groups as a whole: {totals_in_words(result, totals)}."
    )
    caption = (
        f"GDP per year-end resident, {year}, current prices, GDP as revised after the fifth economic census. "
        f"Dotted line and upright strokes: each group as a whole. {SOURCE}"
    )
    return Figure(drawing, caption, alt, values.to_frame(), name="income")


def speed(result: Evaluation, region: str = PLACE) -> Figure:
    """Real growth of the western provinces, as points above or below the growth of the East."""
    study, code = result.study, result.study.resolve(region)
    growth, groups = real_growth(study)
    reference, focus = result.reference_group, study.focus
    own = growth[study.regions.index[study.regions["group"] == focus]].sub(groups[reference], axis=0)
    ahead = groups[focus] - groups[reference]
    name, labels = study.regions.loc[code, "name"], {key: words["label"] for key, words in study.groups.items()}
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.7))
        ax.axhline(0, color=theme.GROUP_COLOURS[1], lw=1.6)
        for year, row in own.iterrows():
            ax.scatter([year] * len(row), row, s=20, color=theme.MUTED, alpha=0.55, linewidths=0)
        ax.plot(own.index, own[code], color=theme.INK, lw=1.3)
        ax.plot(ahead.index, ahead, color=theme.ACCENT, lw=2.8, marker="o", ms=5)
        label_ends(
            ax,
            ahead.index[-1],
            {
                labels[focus]: (ahead.iloc[-1], theme.ACCENT, "bold"),
                name: (own[code].iloc[-1], theme.INK, "normal"),
                labels[reference]: (0, theme.GROUP_COLOURS[1], "normal"),
            },
        )
        ax.set(
            title=f"Real growth minus that of the {labels[reference]}",
            ylabel="percentage points",
            xlabel="",
            xticks=list(ahead.index[::2]),
        )
        ax.grid(axis="y")
        drawing.tight_layout()
    plt.close(drawing)
    best, worst = ahead.idxmax(), ahead.idxmin()
    alt = (
        f"Line chart, {ahead.index[0]} to {ahead.index[-1]}: real growth of the West minus that of the East in "
        f"percentage points. Above zero in {(ahead > 0).sum()} of {len(ahead)} years; highest {best}, "
        f"{ahead[best]:+.1f}; lowest {worst}, {ahead[worst]:+.1f}. Grey dots: the {own.shape[1]} western provinces; "
        f"{name} ends at {own[code].iloc[-1]:+.1f}."
    )
    caption = (
        "Real growth minus the growth of the East. Thick line: the West as a whole, weighted by the year "
        f"before's GDP; dots: its provinces; thin line: {name}. Provincial indices end in {ahead.index[-1]}. "
        f"{SOURCE}"
    )
    return Figure(drawing, caption, alt, own.assign(focus=ahead), name="speed")


def firms(result: Evaluation, region: str = PLACE, year: int = FIRMS_YEAR) -> Figure:
    """Certified high-tech enterprises per 10,000 residents, rebuilt from recognitions."""
    study = result.study
    values, totals = certified_by_region(study, year), certified_firms(study, year)["per 10,000"]
    drawing = strip(
        result,
        values,
        totals,
        title=f"Certified high-tech enterprises, {year}",
        xlabel="per 10,000 residents (each step doubles)",
        log=True,
        region=region,
        number="{:.2f}",
    )
    ax = drawing.axes[0]
    ax.set_xticks([0.25, 0.5, 1, 2, 4, 8], ["0.25", "0.5", "1", "2", "4", "8"])
    ax.minorticks_off()
    own = values[study.regions["group"].reindex(values.index) == study.focus]
    alt = (
        f"Dot chart of certified high-tech enterprises per 10,000 residents in {year}, logarithmic scale. Western "
        f"provinces: {extremes(own, study.regions['name'], '{:.2f}', study.resolve(region))}. Groups as a whole: "
        f"{totals_in_words(result, totals, '{:.2f}')}; all provinces {totals['all']:.2f}."
    )
    caption = (
        f"Certified high-tech enterprises per 10,000 residents at the end of {year}: recognitions of "
        f"{year - 2}–{year} over year-end residents. Dotted line and strokes: each group as a whole. "
        f"{SOURCE}"
    )
    return Figure(drawing, caption, alt, values.rename("per 10,000").to_frame(), name="firms")


def heaviness(result: Evaluation, region: str = PLACE) -> Figure:
    """Electricity per unit of GDP: how power-hungry what a province makes is."""
    study, year = result.study, result.year()
    values = result.indicators["electricity_intensity"].xs(year, level="year")
    drawing = strip(
        result,
        values,
        title=f"Electricity per unit of GDP, {year}",
        xlabel="kWh per 10,000 yuan (each step doubles)",
        log=True,
        region=region,
    )
    ax = drawing.axes[0]
    ax.set_xticks([250, 500, 1000, 2000], ["250", "500", "1,000", "2,000"])
    ax.minorticks_off()
    group = study.regions["group"].reindex(values.index)
    own, medians = values[group == study.focus], values.groupby(group).median()
    alt = (
        f"Dot chart of electricity use in {year}, kilowatt-hours per 10,000 yuan of GDP, logarithmic scale. Western "
        f"provinces: {extremes(own, study.regions['name'], code=study.resolve(region))}. "
        f"Medians: {totals_in_words(result, medians)}."
    )
    caption = (
        f"Electricity use over GDP at current prices, {year}. Dotted line and strokes: medians. A stand-in for "
        f"heavy industry: the study has no output by branch. {SOURCE}"
    )
    return Figure(drawing, caption, alt, values.to_frame(), name="electricity")


def standing(result: Evaluation, region: str = PLACE) -> Figure:
    """The indicators of the first dilemma: a province against the West's and the East's median."""
    return dilemma_standing(result, region, DILEMMA)


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """What the page says in numbers and in words that depend on numbers."""
    study, year = result.study, result.year()
    names, labels, group = study.regions["name"], study.groups, study.regions["group"]
    west, east = study.focus, result.reference_group
    code = study.resolve(PLACE)
    found = {"year": str(year), "place": names[code]}
    for key, series in (("share_first", "gdp_pre5ec"), ("share_revised", "gdp")):
        sums = by_group(study, study.panel()[series]).loc[year]
        found[key] = percent(sums[west] / sums.sum(), 2)
    found |= _income_facts(per_head(study), labels, west, east, year)
    found |= _place_income_facts(result, code, year)
    found |= _speed_facts(result, study, west, east, code, names)
    found |= _firm_facts(study, west, names, labels)
    found |= _structure_facts(result, group, west, east, names, code)
    found |= standing_facts(result, code, DILEMMA)
    found |= leading_facts(result, DILEMMA)
    found |= _exercise_facts(result, west)
    heads = result.indicators["gdp_per_head"].xs(year, level="year")
    found["firms_income"] = f"{certified_by_region(study, year).corr(heads, method='spearman'):.2f}"
    return found


def _income_facts(heads, labels, west, east, year):
    first = heads.index[0]
    ratio, gap = heads[west] / heads[east], heads[east] - heads[west]
    narrowing, widening = ratio[year] > ratio[first], gap[year] > gap[first]
    return {
        "head_first_year": str(first),
        "head_west": f"{heads.loc[year, west]:,.0f}",
        "head_east": f"{heads.loc[year, east]:,.0f}",
        "head_ratio": percent(ratio[year]),
        "head_ratio_first": percent(ratio[first]),
        "head_gap": f"{gap[year]:,.0f}",
        "head_gap_first": f"{gap[first]:,.0f}",
        "head_lowest": labels[heads.loc[year].idxmin()]["label"],
        "head_ratio_verb": "rose" if narrowing else "fell",
        "head_gap_verb": "grew" if widening else "shrank",
        "level_word": "yes" if ratio[year] < 1 else "no",
        "between": f"{heads.loc[year, east] / heads.loc[year, west]:.1f}",
        "head_ratio_trend": "narrowed" if narrowing else "widened",
        "head_both": "The West caught up and fell behind at the same time."
        if narrowing and widening
        else "The two measures agree.",
    }


def _place_income_facts(result, code, year):
    heads = result.indicators["gdp_per_head"].xs(year, level="year")
    own = heads[result.study.regions["group"].reindex(heads.index) == result.study.focus]
    names = result.study.regions["name"]
    return {
        "place_head": f"{heads[code]:,.0f}",
        "place_head_rank": ordinal(int(own.rank(ascending=False)[code])),
        "head_top": names[own.idxmax()],
        "head_top_value": f"{own.max():,.0f}",
        "head_bottom": names[own.idxmin()],
        "head_bottom_value": f"{own.min():,.0f}",
        "head_spread": f"{own.max() / own.min():.1f}",
        "provinces": counted(len(own)),
    }


def _speed_facts(result, study, west, east, code, names):
    growth, groups = real_growth(study)
    ahead = groups[west] - groups[east]
    slower = ahead.index[ahead <= 0]
    last = ahead.index[-1]
    heads = result.indicators["gdp_per_head"].xs(result.year(), level="year")
    poorest = heads[study.regions.index[study.regions["group"] == west]].idxmin()
    own = growth.loc[last, study.regions.index[study.regions["group"] == west]]
    return {
        "speed_first": str(ahead.index[0]),
        "speed_last": str(last),
        "speed_years": counted(len(ahead)),
        "speed_faster": how_many(int((ahead > 0).sum())),
        "speed_slower_years": joined(map(str, slower)) if len(slower) else "none of them",
        "speed_word": "no" if (ahead > 0).sum() > len(ahead) / 2 else "yes",
        "speed_start": f"{ahead.iloc[0]:+.1f}",
        "speed_end": f"{ahead.iloc[-1]:+.1f}",
        "speed_lead_verb": "shrank" if ahead.iloc[-1] < ahead.iloc[0] else "grew",
        "speed_west": f"{groups.loc[last, west]:.1f} %",
        "speed_east": f"{groups.loc[last, east]:.1f} %",
        "speed_place": f"{growth.loc[last, code]:.1f} %",
        "speed_high": names[own.idxmax()],
        "speed_high_value": f"{own.max():.1f} %",
        "speed_low": names[own.idxmin()],
        "speed_low_value": f"{own.min():.1f} %",
        "speed_poorest": f"{growth.loc[last, poorest]:.1f} %",
        "speed_poorest_rank": ordinal(int(own.rank(ascending=False, method="min")[poorest])),
        "speed_spread": f"{own.max() - own.min():.1f}",
        "speed_between": f"{abs(ahead[last]):.1f}",
    }


def _firm_facts(study, west, names, labels):
    table, values = certified_firms(study), certified_by_region(study)
    later = certified_by_region(study, FIRMS_YEAR + 2)
    groups = table["per 10,000"].drop("all")
    own = values[study.regions["group"].reindex(values.index) == west].sort_values(ascending=False)
    above = own[own > groups[west]]
    rest = own[own <= groups[west]]
    fewest = own * study.panel()["population"].xs(FIRMS_YEAR, level="year")[own.index]
    nearest = (own / groups[west] - 1).abs().idxmin()
    return {
        "firms_year": str(FIRMS_YEAR),
        "firms_west": f"{groups[west]:.2f}",
        "firms_all": f"{table.loc['all', 'per 10,000']:.2f}",
        "firms_others": joined(
            f"{labels[key]['label']} {value:.2f}" for key, value in groups.drop(west).sort_values().items()
        ),
        "firms_place_word": "last" if groups.idxmin() == west else "not last",
        "firms_share_of_all": percent(groups[west] / table.loc["all", "per 10,000"]),
        "firms_above": joined(names[above.index]),
        "firms_above_count": counted(len(above)),
        "firms_below_count": counted(len(rest)),
        "firms_rest_low": f"{rest.min():.2f}",
        "firms_rest_high": f"{rest.max():.2f}",
        "firms_place_rank": ordinal(int(own.rank(ascending=False)[study.resolve(PLACE)])),
        "firms_near": how_many(int((abs(own / groups[west] - 1) < NEAR).sum())),
        "firms_nearest": names[nearest],
        "firms_nearest_value": f"{own[nearest]:.2f}",
        "firms_top": names[own.index[0]],
        "firms_top_value": f"{own.iloc[0]:.2f}",
        "firms_later_year": str(FIRMS_YEAR + 2),
        "firms_place_then": f"{values[study.resolve(PLACE)]:.2f}",
        "firms_place_later": f"{later[study.resolve(PLACE)]:.2f}",
        "firms_smallest": names[fewest.idxmin()],
        "firms_smallest_count": f"{fewest.min():,.0f}",
        "firms_recognised": f"{table.loc[west, 'three years']:,.0f}",
        "firms_people": f"{table.loc[west, 'residents, 10,000']:,.0f}",
    }


def _structure_facts(result, group, west, east, names, code):
    year, panel = result.year(), result.study.panel()
    power = result.indicators["electricity_intensity"].xs(year, level="year")
    own, medians = (
        power[group.reindex(power.index) == west].sort_values(),
        power.groupby(group.reindex(power.index)).median(),
    )
    light = own[own <= medians[east]]
    share = (
        by_group(result.study, panel["secondary_value_added"]) / by_group(result.study, panel["gdp"]) * 100
    ).dropna()
    secondary = share.index[-1]
    must_hold("The secondary share tells little.", abs(share.loc[secondary, west] - share.loc[secondary, east]) < 3,
              "the share of the secondary sector, West and East")
    return {
        "power_high": names[own.index[-1]],
        "power_high_value": f"{own.iloc[-1]:,.0f}",
        "power_low": names[own.index[0]],
        "power_low_value": f"{own.iloc[0]:,.0f}",
        "power_times": f"{own.iloc[-1] / own.iloc[0]:.1f}",
        "power_west": f"{medians[west]:,.0f}",
        "power_east": f"{medians[east]:,.0f}",
        "power_place": f"{power[code]:,.0f}",
        "power_light": joined(names[light.index]) if len(light) else "none of them",
        "power_light_count": how_many(len(light)),
        "power_heavy_count": how_many(len(own) - len(light)),
        "power_word": "as the sentence would lead one to expect"
        if medians[west] > medians[east]
        else "against what the sentence would lead one to expect",
        "secondary_year": str(secondary),
        "secondary_west": f"{share.loc[secondary, west]:.1f} %",
        "secondary_east": f"{share.loc[secondary, east]:.1f} %",
        "secondary_word": "lower" if share.loc[secondary, west] < share.loc[secondary, east] else "higher",
    }


def _exercise_facts(result, west):
    study, year = result.study, result.year()
    code = study.resolve("gansu")
    members = study.regions.index[study.regions["group"] == west]
    heads, power = (
        result.indicators[name].xs(year, level="year")[members] for name in ("gdp_per_head", "electricity_intensity")
    )
    firms = certified_by_region(study)[members]
    ratio = firms[code] / certified_firms(study).loc[west, "per 10,000"]
    ranks = {
        name: ordinal(int(values.rank(ascending=False)[code]))
        for name, values in (("head", heads), ("firms", firms), ("power", power))
    }
    return {f"gansu_{name}_rank": rank for name, rank in ranks.items()} | {
        "gansu_firms": f"{firms[code]:.2f}",
        "gansu_firms_ratio": percent(ratio),
        "gansu_like": counted(int((firms < firms[code]).sum())).capitalize(),
    }
