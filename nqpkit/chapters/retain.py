"""Attract, nurture, retain: three words, three clocks, and the one word without a measure of its own."""

from functools import lru_cache

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.dimension import wide
from nqpkit.chapters.gaps import focus_codes, indicator_source, named_dots, source_line
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.chapters.standing import extremes, strip
from nqpkit.drawing import Figure, label_ends, name_rows, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.wording import compare, counted, lowered, raised

RESEARCH, MAKING = "avg_wage_urban_units_research_services", "avg_wage_urban_units_manufacturing"
WORDS = {"undergraduates": "nurture", "rd_staff": "attract", "net_migration": "retain"}
SHORT = {"undergraduates": "bachelor students, per 10,000 residents", "rd_staff": "R&D staff, per 10,000 residents",
         "net_migration": "net migration, per mille a year"}
NEEDS_CLAIMS = True
DEGREES, TAUGHT = "population_tertiary_education_per_100k", "he_students_per_100k"
CENSUS, SPAN = 2020, 9  # residents before 2011 are not in the study
NEEDS = {RESEARCH, MAKING, DEGREES, TAUGHT, "population", "natural_population_growth_rate", "undergraduate_students",
         "rd_personnel_fte"}


@lru_cache(maxsize=8)
def migrants(result: Evaluation, year: int | None = None) -> pd.Series:
    """Net migrants of every region in thousand persons a year: three-year mean rate times resident population.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> people = migrants(evaluate(Study.load()))
    >>> bool(people["33"] > 0 > people["52"])
    True
    """
    year = result.year(year)
    rate = result.indicators["net_migration"].xs(year, level="year")
    people = result.study.panel()["population"].xs(year, level="year").reindex(rate.index)
    return (rate / 1000 * people * 10).rename("thousand persons")


@lru_cache(maxsize=8)
def research_pay(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Wage in research services of every region: in yuan, over the reference median, over manufacturing at home."""
    now = result.study.panel().xs(result.year(year), level="year")[[RESEARCH, MAKING]]
    group = result.study.regions["group"].reindex(now.index)
    reference = now.loc[group == result.reference_group, RESEARCH].median()
    return pd.DataFrame({"yuan": now[RESEARCH], "to_reference": now[RESEARCH] / reference,
                         "to_making": now[RESEARCH] / now[MAKING]})


def yearly_balance(result: Evaluation, region: str) -> pd.Series:
    """Net migration of a region year by year, per mille: growth of residents less births over deaths."""
    series, code = wide(result.study), result.study.resolve(region)
    people = series["population"][code]
    return people.diff() / people.shift() * 1000 - series["natural_population_growth_rate"][code]


def posts_per_student(result: Evaluation, year: int | None = None) -> pd.Series:
    """R&D person-years for every hundred bachelor students: what attracting offers to those whom nurturing has taught.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> posts = posts_per_student(evaluate(Study.load()))
    >>> bool(posts["50"] > posts["52"])
    True
    """
    now = result.indicators.xs(result.year(year), level="year")
    return (now["rd_staff"] / now["undergraduates"] * 100).rename("posts per hundred students")


def census_quotient(result: Evaluation) -> pd.Series:
    """Share in the nation's residents with a degree (census) over the share in its students of the nine years before.

    Above 1 a region holds more of those with a degree than it teaches: they came, came back, or learnt elsewhere.
    """
    series, years = wide(result.study), list(range(CENSUS - SPAN, CENSUS))
    people = series["population"]
    degrees = series[DEGREES].loc[CENSUS] * people.loc[CENSUS]
    taught = (series[TAUGHT].loc[years] * people.loc[years]).sum(min_count=len(years))
    return ((degrees / degrees.sum()) / (taught / taught.sum())).rename("quotient")


def posts(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """`posts_per_student`: every region of the focus group, and the other groups as rows of dots."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    values, names = posts_per_student(result, year).dropna(), study.regions["name"]
    own = values[study.regions["group"].reindex(values.index) == study.focus]
    east = values[study.regions["group"].reindex(values.index) == result.reference_group].median()
    label = study.groups[result.reference_group]["label"]
    drawing = strip(result, values, title="R&D posts per hundred students", region=region,
                    xlabel="person-years per hundred students")
    alt = (f"Dot chart of R&D person-years per hundred bachelor students, {year}, {len(own)} {study.unit['many']} of "
           f"the group {study.groups[study.focus]['label']} by name, the other groups as dots. "
           f"{raised(extremes(own, names, code=code))}. Median of the group {label}: {east:.0f}.")
    caption = (f"R&D posts in full-time equivalents for every hundred bachelor students, {year}; upright strokes are "
               f"group medians. {indicator_source(result, 'rd_staff', 'undergraduates')}")
    return Figure(drawing, caption, alt, values.rename(index=names).to_frame(), name="posts")


def three_words(result: Evaluation, region: str) -> Figure:
    """Nurture, attract and retain over the years: the region against the medians of its own and the reference group."""
    study, code = result.study, result.study.resolve(region)
    name, about = study.regions.loc[code, "name"], result.framework.indicators()
    group = result.groups()
    years = result.indicators.index.get_level_values("year")
    medians = result.indicators[list(WORDS)].groupby([group, years]).median()
    own = result.indicators.xs(code, level="code")[list(WORDS)]
    marks = {study.regions.loc[code, "group"]: theme.MUTED, result.reference_group: theme.GROUP_COLOURS[1]}
    with theme.applied():
        drawing, axes = plt.subplots(3, 1, figsize=(theme.WIDTH, 6.4), sharex=True)
        for ax, (indicator, word) in zip(axes, WORDS.items(), strict=True):
            ends = {name: (own[indicator].dropna().iloc[-1], theme.ACCENT, "bold")}
            for key, colour in marks.items():
                line = medians.loc[key, indicator]
                ax.plot(line.index, line, color=colour, lw=1.8, ls="--")
                ends[f"{study.groups[key]['label']} median"] = (line.iloc[-1], colour, "normal")
            ax.plot(own.index, own[indicator], color=theme.ACCENT, lw=2.6, marker="o", ms=4.5)
            if own[indicator].min() < 0:
                ax.axhline(0, color=theme.INK, lw=0.8)
            ax.set_title(f"{word}: {SHORT[indicator]}", fontsize=9.5)
            ax.margins(y=0.12)
            label_ends(ax, own.index[-1], ends, gap=0.15)
            ax.grid(axis="y")
            year_ticks(ax, own.index)
        drawing.tight_layout()
    plt.close(drawing)
    words = " ".join(f"{word.capitalize()}, {lowered(about.loc[indicator, 'label'])}: {name} moves from "
                     f"{own[indicator].iloc[0]:.1f} to {own[indicator].iloc[-1]:.1f} {about.loc[indicator, 'unit']}, "
                     f"the {study.groups[result.reference_group]['label']} median stands at "
                     f"{medians.loc[result.reference_group, indicator].iloc[-1]:.1f}."
                     for indicator, word in WORDS.items())
    alt = f"Three line charts, {own.index[0]} to {own.index[-1]}. {words}"
    caption = (f"The three words of the path as far as official series follow them: {name} (with dots) and the medians "
               f"of two groups (dashed), {own.index[0]}–{own.index[-1]}. {indicator_source(result, *WORDS)}")
    return Figure(drawing, caption, alt, own, name="three-words")


def migration_shift(result: Evaluation, region: str) -> Figure:
    """Net migration of the focus group in the first and in the last scored year."""
    study, code = result.study, result.study.resolve(region)
    names, (first, last) = study.regions["name"], (study.years[0], study.years[-1])
    wide = result.indicators["net_migration"].unstack("year")[[first, last]]
    own = wide.loc[focus_codes(result)].dropna().sort_values(last, ascending=False)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.3 * len(own) + 1.2))
        ax.axvline(0, color=theme.INK, lw=1)
        for row, (key, line) in enumerate(own.iterrows()):
            colour = theme.ACCENT if key == code else theme.GROUP_COLOURS[5]
            ax.annotate("", (line[last], row), (line[first], row),
                        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.8, "shrinkA": 0, "shrinkB": 0})
            ax.scatter(line[first], row, facecolors="white", edgecolors=colour, s=34, zorder=3)
        name_rows(ax, names[own.index], code)
        ax.set(xlabel=f"net migration, per mille a year: {first} (ring) to {last} (arrow)",
               ylim=(len(own) - 0.4, -0.6))
        ax.update_datalim([(x, 0) for x in own.to_numpy().ravel()])  # arrows do not count by themselves
        ax.margins(x=0.06)
        ax.autoscale_view(scaley=False)
        ax.grid(axis="x")
        drawing.tight_layout()
    plt.close(drawing)
    change = own[last] - own[first]
    alt = (f"Arrow chart of net migration per mille, three-year means, {first} to {last}, {len(own)} "
           f"{study.unit['many']}. {int((own[first] > 0).sum())} gained people in {first}, "
           f"{int((own[last] > 0).sum())} in {last}. Largest rise: {names[change.idxmax()]}, {change.max():+.1f}; "
           f"largest fall: {names[change.idxmin()]}, {change.min():+.1f}. Highest in "
           f"{last}: {names[own.index[0]]}, {own[last].iloc[0]:.1f}; lowest: "
           f"{names[own.index[-1]]}, {own[last].iloc[-1]:.1f}.")
    caption = (f"Net migration rate, three-year means to {first} and to {last}; right of the line more people come "
               f"than go. The census of 2020 lies between the two. {indicator_source(result, 'net_migration')}")
    return Figure(drawing, caption, alt, own.rename(index=names), name="shift")


def pay_and_people(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Pay in research services against net migration, all regions; the focus group is named."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names, focus = study.regions["name"], focus_codes(result)
    table = _pay_table(result, year)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 5.0))
        ax.axhline(0, color=theme.MUTED, lw=0.8)
        ax.set(xlabel=f"wage in research services, % of the {study.groups[result.reference_group]['label']} median",
               ylabel="net migration, per mille a year")
        ax.margins(x=0.1, y=0.08)
        named_dots(ax, result, table, code)
        drawing.tight_layout()
    plt.close(drawing)
    own = table[table.index.isin(focus)]
    rho, west = (part.corr(method="spearman").iloc[0, 1] for part in (table, own))
    alt = (f"Scatter chart, {len(table)} {study.unit['many']}, {year}: wage in research services in per cent of the "
           f"reference median against net migration per mille. Highest pay: {names[table['pay'].idxmax()]}, "
           f"{table['pay'].max():.0f}; lowest: {names[table['pay'].idxmin()]}, {table['pay'].min():.0f}. Most "
           f"arrivals: {names[table['migration'].idxmax()]}, {table['migration'].max():.1f}; most departures: "
           f"{names[table['migration'].idxmin()]}, {table['migration'].min():.1f}. Spearman correlation {rho:.2f}, "
           f"{west:.2f} within the named group.")
    caption = (f"Pay in research services and net migration, {year}: rank correlation {rho:.2f} over {len(table)} "
               f"{study.unit['many']}, {west:.2f} over the {len(own)} named ones. Wages of urban non-private units. "
               + source_line(result, [RESEARCH, "population", "natural_population_growth_rate"]))
    return Figure(drawing, caption, alt, table.rename(index=names), name="pay")


def zero_sum(result: Evaluation, region: str, year: int | None = None) -> Figure:
    """Net migrants in thousand persons a year, all regions: what some gain, others lose."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    names, focus = study.regions["name"], focus_codes(result)
    people = migrants(result, year).dropna().sort_values(ascending=False)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.2 * len(people) + 1.0))
        rows = range(len(people))
        ax.barh(rows, people, height=0.72,
                color=[theme.ACCENT if key in focus else theme.MUTED for key in people.index])
        ax.axvline(0, color=theme.INK, lw=1)
        ax.set_yticks(rows, names[people.index], fontsize=8.5)
        for tick, key in zip(ax.get_yticklabels(), people.index, strict=True):
            tick.set_fontweight("bold" if key == code else "normal")
            tick.set_color(theme.ACCENT if key in focus else theme.INK)
        ax.set(xlabel="net migrants, thousand persons a year", ylim=(len(people) - 0.4, -0.6))
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        sns.despine(ax=ax, left=True)
        drawing.tight_layout()
    plt.close(drawing)
    alt = (f"Bar chart of net migrants in thousand persons a year, three-year mean to {year}, {len(people)} "
           f"{study.unit['many']}. Largest gain: {names[people.index[0]]}, {people.iloc[0]:,.0f}; largest loss: "
           f"{names[people.index[-1]]}, {people.iloc[-1]:,.0f}. All gains together {people.clip(lower=0).sum():,.0f}, "
           f"all losses {-people.clip(upper=0).sum():,.0f}.")
    caption = (f"Net migrants, three-year mean to {year}; the group {study.groups[study.focus]['label']} in colour. "
               f"The bars sum to {people.sum():+,.0f} thousand. {indicator_source(result, 'net_migration')}")
    return Figure(drawing, caption, alt, people.rename(index=names).to_frame(), name="zero-sum")


@without_gaps
def facts(result: Evaluation) -> dict:
    """Numbers and words for the chapter."""
    study, year, first = result.study, result.year(), result.study.years[0]
    names, focus, guizhou = study.regions["name"], focus_codes(result), study.resolve("guizhou")
    own = result.indicators.xs(guizhou, level="code")[list(WORDS)]
    now = result.indicators[list(WORDS)].xs(year, level="year")
    group = study.regions["group"]
    east = now[group.reindex(now.index) == result.reference_group].median()
    rates = result.indicators["net_migration"].unstack("year").loc[focus, [first, year]]
    people, pay, before = migrants(result), research_pay(result), research_pay(result, first)
    table = _pay_table(result, year)
    hubei = yearly_balance(result, "hubei")
    must_hold("In Guizhou nurturing and attracting rose while the balance of people turned negative.",
              own["undergraduates"].iloc[-1] > own["undergraduates"].iloc[0]
              and own["rd_staff"].iloc[-1] > own["rd_staff"].iloc[0]
              and own["net_migration"].iloc[0] > 0 > own["net_migration"].iloc[-1],
              "Guizhou's students, research staff and net migration")
    must_hold("The East gains and the West loses.", people.groupby(group).sum()["east"] > 0 > people[focus].sum(),
              "net migrants by group")
    must_hold("Hubei lost people in 2020 and had many back in 2021.", hubei[2020] < -10 < 10 < hubei[2021],
              "Hubei's net migration")
    must_hold("The premium for research has thinned.", pay.loc[guizhou, "to_making"] < before.loc[guizhou, "to_making"],
              "pay in research against pay in manufacturing in Guizhou")
    must_hold("Pay and migration go loosely together over all provinces, within the West hardly.",
              0.4 <= table.corr(method="spearman").iloc[0, 1] < 0.7
              and abs(table.loc[focus].corr(method="spearman").iloc[0, 1]) < 0.4,
              "the rank correlations of research pay and net migration")
    must_hold("Most of the West gained people at the start, and most loses them now.",
              (rates[first] > 0).mean() > 0.5 > (rates[year] > 0).mean(), "net migration of the western provinces")
    must_hold("Guizhou's research staff has nearly doubled.",
              1.7 < own["rd_staff"].iloc[-1] / own["rd_staff"].iloc[0] < 2, "research staff in Guizhou")
    must_hold("Gansu teaches nearly as many as the East and loses people.",
              now.loc[study.resolve("gansu"), "undergraduates"] > 0.9 * east["undergraduates"]
              and now.loc[study.resolve("gansu"), "net_migration"] < 0, "students and net migration in Gansu")
    must_hold("Over all provinces the balance is small beside the gains.",
              abs(people.sum()) < 0.1 * people.clip(lower=0).sum(), "net migrants of all provinces")
    offers, offered = posts_per_student(result), posts_per_student(result, first)
    held, middle = census_quotient(result), offers.groupby(group).median()
    must_hold("Posts per student grew in Guizhou, and the distance to the East in posts grew too.",
              offers[guizhou] > offered[guizhou]
              and middle["east"] - offers[guizhou] > offered.groupby(group).median()["east"] - offered[guizhou],
              "R&D posts per hundred students")
    must_hold("Posts go with migration more closely than pay does.",
              offers.corr(now["net_migration"], method="spearman") > table.corr(method="spearman").iloc[0, 1]
              and offers[focus].corr(now.loc[focus, "net_migration"], method="spearman") > table.loc[focus].corr(
                  method="spearman").iloc[0, 1], "the rank correlations of net migration with posts and with pay")
    must_hold("The quotient is highest where few are taught at home.", held[focus].idxmax() == _taught_least(result),
              "the census quotient and students per resident")
    must_hold("It goes loosely with net migration.", abs(_with_migration(result, held)) < 0.4,
              "the rank correlation of the census quotient and net migration")
    teaching = now["undergraduates"].corr(now["net_migration"], method="spearman")
    change = rates[year] - rates[first]
    found = {
        "hubei_out": f"{abs(hubei[2020]):.0f}", "hubei_back": f"{hubei[2021]:.0f}",
        "year": year, "first_year": first, "count": counted(len(focus)), "turned": _turned(own["net_migration"]),
        "gaining": counted(int((rates[year] > 0).sum())), "gained": counted(int((rates[first] > 0).sum())),
        "most_fallen": names[change.idxmin()], "most_risen": names[change.idxmax()],
        "fallen_from": f"{rates.loc[change.idxmin(), first]:.1f}",
        "fallen_to": f"{rates.loc[change.idxmin(), year]:.1f}",
        "risen_from": f"{rates.loc[change.idxmax(), first]:.1f}", "risen_to": f"{rates.loc[change.idxmax(), year]:.1f}",
        "people_gain": f"{people.clip(lower=0).sum() / 1000:.2f}", "people_sum": f"{abs(people.sum()):,.0f}",
        "people_sum_share": f"{abs(people.sum()) / people.clip(lower=0).sum() * 100:.0f}",
        "west_people": f"{abs(people[focus].sum()):,.0f}", "east_people": f"{people.groupby(group).sum()['east']:,.0f}",
        "guizhou_people": f"{abs(people[guizhou]):,.0f}", "top": names[people.idxmax()],
        "top_people": f"{people.max():,.0f}",
        "needed": f"{(east['net_migration'] / 1000 * _people(result, year)[focus] * 10 - people[focus]).sum():,.0f}",
        "rho_pay": f"{table.corr(method='spearman').iloc[0, 1]:.2f}", "rho_teaching": f"{teaching:.2f}",
        "rho_west": f"{table.loc[focus].corr(method='spearman').iloc[0, 1]:.2f}",
        "pay": f"{pay.loc[guizhou, 'yuan']:,.0f}", "pay_share": f"{pay.loc[guizhou, 'to_reference'] * 100:.0f}",
        "pay_share_first": f"{before.loc[guizhou, 'to_reference'] * 100:.0f}",
        "pay_verb": compare(pay.loc[guizhou, "to_reference"] - before.loc[guizhou, "to_reference"], "rose", "fell",
                            "stayed"),
        "home": f"{pay.loc[guizhou, 'to_making']:.2f}", "home_first": f"{before.loc[guizhou, 'to_making']:.2f}",
        "west_top_pay": names[pay.loc[focus, "yuan"].idxmax()],
        "west_top_share": f"{pay.loc[focus, 'to_reference'].max() * 100:.0f}",
        "gansu_teaching": f"{now.loc[study.resolve('gansu'), 'undergraduates']:.0f}",
        "gansu_migration": f"{now.loc[study.resolve('gansu'), 'net_migration']:.1f}",
        "staff_ratio": f"{now.loc[guizhou, 'rd_staff'] / east['rd_staff'] * 100:.0f}",
        "posts": f"{offers[guizhou]:.0f}", "posts_first": f"{offered[guizhou]:.0f}",
        "posts_east": f"{middle['east']:.0f}", "posts_top": names[offers[focus].idxmax()],
        "posts_top_value": f"{offers[focus].max():.0f}",
        "posts_rank": str(int(offers[focus].rank(ascending=False)[guizhou])),
        "rho_posts": f"{offers.corr(now['net_migration'], method='spearman'):.2f}",
        "rho_posts_west": f"{offers[focus].corr(now.loc[focus, 'net_migration'], method='spearman'):.2f}",
        "held": f"{held[guizhou]:.2f}", "held_top": names[held[focus].idxmax()],
        "held_top_value": f"{held[focus].max():.2f}", "held_low": names[held[focus].idxmin()],
        "held_low_value": f"{held[focus].min():.2f}", "held_shaanxi": f"{held[study.resolve('shaanxi')]:.2f}",
        "held_rho": f"{_with_migration(result, held):.2f}",
        "staff_times": f"{own['rd_staff'].iloc[-1] / own['rd_staff'].iloc[0]:.1f}",
    }
    for indicator, word in WORDS.items():
        decimals = 0 if indicator == "undergraduates" else 1
        found |= {f"{word}_was": f"{own[indicator].iloc[0]:.{decimals}f}", f"{word}_is":
                  f"{own[indicator].iloc[-1]:.{decimals}f}", f"{word}_east": f"{east[indicator]:.{decimals}f}"}
    return {name: text.replace("-", "−") if isinstance(text, str) else text for name, text in found.items()}


def _people(result, year):
    return result.study.panel()["population"].xs(year, level="year")


def _taught_least(result):
    """The region of the focus group with the fewest students per resident over the nine years before the census."""
    return wide(result.study)[TAUGHT].loc[CENSUS - SPAN:CENSUS - 1, focus_codes(result)].mean().idxmin()


def _with_migration(result, held):
    """Rank correlation of the census quotient and the mean of net migration up to the census."""
    rates = result.indicators["net_migration"].unstack("year").loc[:, :CENSUS - 1].mean(axis=1)
    return held.corr(rates.reindex(held.index), method="spearman")


def _pay_table(result, year):
    return pd.DataFrame({"pay": research_pay(result, year)["to_reference"] * 100,
                         "migration": result.indicators["net_migration"].xs(year, level="year")}).dropna()


def _turned(series):
    """The first year of the last spell below zero."""
    above = series[series > 0]
    return int(series.index[0] if above.empty else min(above.index[-1] + 1, series.index[-1]))
