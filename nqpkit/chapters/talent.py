"""High-level talent, the third dilemma: who is counted, who is trained, who stays."""

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.chapters.standing import (
    dilemma_standing,
    how_many,
    leading_facts,
    ordinal,
    percent,
    standing_facts,
)
from nqpkit.drawing import SOURCE, Figure, heat_map, name_rows
from nqpkit.evaluation import Evaluation
from nqpkit.study import Study
from nqpkit.wording import compare, counted, joined

PLACE = "shaanxi"
COUNTED = "chongqing"  # the province whose talent the paper counts
DILEMMA = "high_level_talent"
CENSUS = 2020
NEEDS_CLAIMS = True
NEEDS = {
    "rd_personnel_fte",
    "rd_researchers_fte",
    "population",
    "undergraduate_students",
    "natural_population_growth_rate",
    "population_tertiary_education_per_100k",
}
# What others have said about Chongqing, in persons, each with its words and source. The first two are the paper's.
SAID = {
    "all talent (paper)": 6_347_000,
    "skilled workers (press)": 5_030_000,
    "highly skilled (paper)": 1_620_000,
}
MEASURES = {
    "college": f"college\neducated\n{CENSUS}",
    "undergraduates": "bachelor\nstudents",
    "rd_staff": "R&D\npersonnel",
    "net_migration": "net\nmigration",
}


def counts(study: Study, year: int) -> pd.Series:
    """Persons behind the word talent in Chongqing: residents, what was said, and what the yearbook counts."""
    now = study.panel().loc[(study.resolve(COUNTED), year)]
    yearbook = {
        "R&D personnel, full-time": now["rd_personnel_fte"],
        "R&D researchers, full-time": now["rd_researchers_fte"],
    }
    return pd.Series({"all residents": now["population"] * 10_000, **SAID, **yearbook}, name="persons")


def measures(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """Rank of every region on four measures of talent (1 the highest): the census of 2020, else a year's figures.

    The year is the last scored one unless given.
    """
    year, panel = result.year(year), result.study.panel()
    values = result.indicators[["undergraduates", "rd_staff", "net_migration"]].xs(year, level="year").copy()
    values.insert(0, "college", panel["population_tertiary_education_per_100k"].xs(CENSUS, level="year"))
    return values.rank(ascending=False, method="min")


def research_staff(study: Study) -> pd.DataFrame:
    """R&D personnel of the group in focus (full-time equivalent), and its share of all regions, by year."""
    wide = study.panel()["rd_personnel_fte"].unstack("year").dropna(axis=1)
    own = study.regions.index[study.regions["group"] == study.focus]
    return pd.DataFrame({"persons": wide.loc[own].sum(), "share": wide.loc[own].sum() / wide.sum()})


def still_or_now(result: Evaluation) -> dict[str, pd.Index]:
    """Codes of the group in focus by the sign of their net migration over the scored years.

    ``still``: below nought in every year; ``now``: above it in the first, not in the last; ``gaining``: above it in the
    last, most first. A region can be in none of them.
    """
    wide = result.indicators["net_migration"].unstack("year")
    own = wide[result.study.regions["group"].reindex(wide.index) == result.study.focus]
    first, last = own.columns[0], own.columns[-1]
    return {
        "still": own.index[(own < 0).all(axis=1)],
        "now": own.index[(own[first] > 0) & (own[last] <= 0)],
        "gaining": own[last][own[last] > 0].sort_values(ascending=False).index,
    }


def ladder(result: Evaluation) -> Figure:
    """How many people the word talent means, for one province, on a logarithmic scale."""
    study, year = result.study, result.year()
    values = counts(study, year)
    name = study.regions["name"][study.resolve(COUNTED)]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.42 * len(values) + 1.1))
        rows = range(len(values))
        ax.hlines(rows, 10_000, values, color=theme.GRID, lw=6)
        ax.scatter(
            values,
            rows,
            s=70,
            zorder=3,
            color=[theme.ACCENT if label in SAID else theme.GROUP_COLOURS[1] for label in values.index],
        )
        for row, value in enumerate(values):
            ax.annotate(
                f"{value:,.0f}", (value, row), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9
            )
        ax.set(
            xscale="log",
            xlim=(10_000, 130_000_000),
            ylim=(len(values) - 0.5, -0.8),
            title=f"Talent in {name}: six counts",
            xlabel="persons (each step is ten times the one before)",
        )
        ax.set_xticks([10_000, 100_000, 1_000_000, 10_000_000, 100_000_000], ["10k", "100k", "1m", "10m", "100m"])
        ax.minorticks_off()
        ax.set_yticks(rows, values.index)
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    alt = (
        f"Dot chart on a logarithmic scale of six counts of people in {name}: "
        + "; ".join(f"{label} {value:,.0f}" for label, value in values.items())
        + "."
    )
    caption = (
        f"Residents of {name}, {year}, and five counts of its talent. In colour: as printed in the paper (section "
        "3.3) or in a press report whose copy has no date; in blue: yearbook. Sources: the paper; People's Daily; "
        f"the study's official figures, {year}."
    )
    return Figure(drawing, caption, alt, values.to_frame(), name="ladder")


def four_measures(result: Evaluation, region: str = PLACE) -> Figure:
    """Ranks of the twelve on four measures of talent: whoever counts differently finds other provinces rich."""
    study, code = result.study, result.study.resolve(region)
    table, names = measures(result), result.study.regions["name"]
    own = table[study.regions["group"].reindex(table.index) == study.focus].sort_values("rd_staff")
    last = len(table)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.33 * len(own) + 1.05))
        colours = sns.color_palette(theme.SEQUENCE + "_r", as_cmap=True)
        heat_map(ax, own, lambda place: colours((place - 1) / (last - 1)) if place == place else "white",
                 own.map(lambda place: f"{place:.0f}" if place == place else "–"), size=9.5)
        name_rows(ax, names[own.index], code)
        ax.set_xticks(range(len(MEASURES)), MEASURES.values())
        ax.xaxis.tick_top()
        drawing.tight_layout()
    plt.close(drawing)
    spread = (own.max(axis=1) - own.min(axis=1)).sort_values()
    alt = (
        f"Table of ranks among {last} provinces on four measures of talent, the stronger the colour, the higher, for "
        f"{len(own)} western provinces. {names[code]}: "
        + ", ".join(f"{label.replace(chr(10), ' ')} {table.loc[code, key]:.0f}" for key, label in MEASURES.items())
        + f". Widest spread: {names[spread.index[-1]]}, {spread.iloc[-1]:.0f} places; narrowest: "
        f"{names[spread.index[0]]}, {spread.iloc[0]:.0f}."
    )
    caption = (
        f"Rank among {last} provinces (1 is the highest): residents with college education, census of {CENSUS}; "
        f"bachelor students, R&D personnel and three-year mean of net migration, each per resident, "
        f"{result.year()}. {SOURCE}"
    )
    return Figure(drawing, caption, alt, own.rename(index=names), name="measures")


def growth_and_share(result: Evaluation) -> Figure:
    """R&D personnel of the West: the number, and its share of the country."""
    study, table = result.study, research_staff(result.study)
    label = study.groups[study.focus]["label"]
    with theme.applied():
        drawing, axes = plt.subplots(2, 1, figsize=(theme.WIDTH, 4.4), sharex=True)
        for ax, values, title in (
            (axes[0], table["persons"] / 1000, "R&D personnel, thousand"),
            (axes[1], table["share"] * 100, "share of the country, %"),
        ):
            ax.plot(values.index, values, color=theme.ACCENT, lw=2.6, marker="o", ms=4.5)
            for year in (values.index[0], values.index[-1]):
                ax.annotate(
                    f"{values[year]:,.0f}" if ax is axes[0] else f"{values[year]:.1f}",
                    (year, values[year]),
                    xytext=(0, 8),
                    textcoords="offset points",
                    ha="center",
                    fontsize=9,
                )
            ax.set(title=f"{label}: {title}", ylim=(0, values.max() * 1.28), xticks=list(values.index[::3]))
            ax.grid(axis="y")
        drawing.tight_layout()
    plt.close(drawing)
    first, last = table.index[0], table.index[-1]
    alt = (
        f"Two line charts, {first} to {last}. R&D personnel of the western provinces: from "
        f"{table.loc[first, 'persons']:,.0f} to {table.loc[last, 'persons']:,.0f} person-years. Their share of the "
        f"country: from {table.loc[first, 'share']:.1%} to {table.loc[last, 'share']:.1%}; highest in "
        f"{table['share'].idxmax()}, lowest in {table['share'].idxmin()}."
    )
    caption = (
        f"R&D personnel of the twelve western provinces, full-time equivalent, and as a share of all provinces, "
        f"{first}–{last}. {SOURCE}"
    )
    return Figure(drawing, caption, alt, table, name="staff")


def migration(result: Evaluation, region: str = PLACE) -> Figure:
    """Net migration of the twelve, year by year: three-year means per thousand residents."""
    study, code = result.study, result.study.resolve(region)
    names = study.regions["name"]
    wide = result.indicators["net_migration"].unstack("year")
    own = wide[study.regions["group"].reindex(wide.index) == study.focus]
    own = own.sort_values(own.columns[-1], ascending=False)
    bound = float(own.abs().max().max())
    colours = sns.diverging_palette(35, 245, s=85, l=52, as_cmap=True)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.33 * len(own) + 0.8))
        heat_map(ax, own, lambda rate: colours((rate + bound) / (2 * bound)) if rate == rate else "white",
                 own.map(lambda rate: _whole(rate) if rate == rate else "–"))
        name_rows(ax, names[own.index], code)
        ax.set_xticks(range(own.shape[1]), own.columns)
        ax.xaxis.tick_top()
        drawing.tight_layout()
    plt.close(drawing)
    first, last = own.columns[0], own.columns[-1]
    alt = (
        f"Table of net migration per thousand residents, three-year means, {first} to {last}, {len(own)} western "
        f"provinces. Positive in {(own[first] > 0).sum()} of them in {first} and in {(own[last] > 0).sum()} in {last}. "
        f"{last}: highest {names[own[last].idxmax()]}, {own[last].max():.1f}; lowest {names[own[last].idxmin()]}, "
        f"{own[last].min():.1f}; {names[code]} {own.loc[code, last]:.1f}."
    )
    caption = (
        f"Net migration per thousand residents, mean of the year and the two before, {first}–{last}. Blue: more "
        f"people came than left. All ages and trades. {SOURCE}"
    )
    return Figure(drawing, caption, alt, own.rename(index=names), name="migration")


def train_and_keep(result: Evaluation, region: str = PLACE) -> Figure:
    """From the rank on students to the rank on research staff: who trains, and who employs."""
    study, code = result.study, result.study.resolve(region)
    table, names = measures(result)[["undergraduates", "rd_staff"]], result.study.regions["name"]
    own = table[study.regions["group"].reindex(table.index) == study.focus]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 5.2))
        for key, (left, right) in own.iterrows():
            chosen = key == code
            colour = theme.ACCENT if chosen else theme.MUTED
            ax.plot([0, 1], [left, right], color=colour, lw=2.6 if chosen else 1.2, marker="o", ms=6 if chosen else 4)
            for x, place, side in ((0, left, "right"), (1, right, "left")):
                ax.annotate(
                    f"{names[key]} {place:.0f}" if x == 0 else f"{place:.0f} {names[key]}",
                    (x, place),
                    xytext=(-9 if x == 0 else 9, 0),
                    textcoords="offset points",
                    ha=side,
                    va="center",
                    fontsize=9,
                    color=theme.ACCENT if chosen else theme.INK,
                    fontweight="bold" if chosen else "normal",
                )
        ax.set(xlim=(-0.75, 1.75), ylim=(len(table) + 0.8, own.min().min() - 2.2), xticks=[0, 1], yticks=[])
        ax.set_xticklabels(["bachelor students\nper resident", "R&D personnel\nper resident"])
        ax.xaxis.tick_top()
        ax.tick_params(length=0)
        sns.despine(ax=ax, left=True, bottom=True)
        drawing.tight_layout()
    plt.close(drawing)
    fall = (own["rd_staff"] - own["undergraduates"]).sort_values()
    alt = (
        f"Slope chart of ranks among {len(table)} provinces, {result.year()}, from bachelor students per resident to "
        f"R&D personnel per resident. {names[code]} goes from {own.loc[code, 'undergraduates']:.0f} to "
        f"{own.loc[code, 'rd_staff']:.0f}. Largest fall: {names[fall.index[-1]]}, {fall.iloc[-1]:.0f} places; largest "
        f"rise or smallest fall: {names[fall.index[0]]}, {fall.iloc[0]:+.0f}."
    )
    caption = (
        f"Rank among {len(table)} provinces on bachelor students and on R&D personnel, both per resident, "
        f"{result.year()}. {SOURCE}"
    )
    return Figure(drawing, caption, alt, own.rename(index=names), name="train")


def standing(result: Evaluation, region: str = PLACE) -> Figure:
    """The indicators of the third dilemma: a province against the West's and the East's median."""
    return dilemma_standing(result, region, DILEMMA)


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """What the page says in numbers and in words that depend on numbers."""
    study, year = result.study, result.year()
    names, code = study.regions["name"], study.resolve(PLACE)
    found = {"year": str(year), "place": names[code], "census": str(CENSUS)}
    found |= _count_facts(study, year) | _measure_facts(result, names, code) | _staff_facts(study)
    found |= _migration_facts(result, names, code) | _exercise_facts(result) | _weight_facts(result)
    return found | standing_facts(result, code, DILEMMA) | leading_facts(result, DILEMMA)


def _count_facts(study, year):
    values = counts(study, year)
    share = values / values["all residents"]
    staff = values["R&D personnel, full-time"]
    return {
        "counted": study.regions["name"][study.resolve(COUNTED)],
        "counts": counted(len(SAID) + 2),
        "count_share": percent(share["all talent (paper)"]),
        "count_staff": f"{staff:,.0f}",
        "count_researchers": f"{values['R&D researchers, full-time']:,.0f}",
        "count_times": f"{values['all talent (paper)'] / staff:.0f}",
        "count_researcher_times": f"{values['all talent (paper)'] / values['R&D researchers, full-time']:.0f}",
    }


def _measure_facts(result, names, code):
    table = measures(result)
    own = table[result.study.regions["group"].reindex(table.index) == result.study.focus]
    spread = (own.max(axis=1) - own.min(axis=1)).sort_values()
    wide = spread.index[-1]
    firsts = own.idxmin()
    here = table.loc[code].astype(int)
    fall = own["rd_staff"] - own["undergraduates"]
    ordered = own["college"].corr(own["rd_staff"], method="spearman")
    must_hold("Its rank in research staff is lower than its rank in students: it may train for others.", fall[code] > 0,
              f"the ranks of {names[code]} in students and in research staff")
    return {
        "wide": names[wide],
        "wide_best": ordinal(int(own.loc[wide].min())),
        "wide_worst": ordinal(int(own.loc[wide].max())),
        "wide_college": ordinal(int(own.loc[wide, "college"])),
        "wide_staff": ordinal(int(own.loc[wide, "rd_staff"])),
        "first_college": names[firsts["college"]],
        "first_students": names[firsts["undergraduates"]],
        "first_staff": names[firsts["rd_staff"]],
        "first_migration": names[firsts["net_migration"]],
        "firsts_count": counted(firsts.nunique()),
        "place_college": ordinal(here["college"]),
        "place_students": ordinal(here["undergraduates"]),
        "place_staff": ordinal(here["rd_staff"]),
        "place_migration": ordinal(here["net_migration"]),
        "college_staff": f"{ordered:.2f}",
        "falls": how_many(int((fall > 0).sum())),
        "rises": how_many(int((fall < 0).sum())),
        "fallers": joined(names[fall.index[fall > 0]]) if (fall > 0).any() else "none of them",
        "place_fall": counted(abs(int(fall[code]))),
        "place_fall_word": "lower" if fall[code] > 0 else "higher",
    }


def _exercise_facts(result):
    own = measures(result).loc[result.study.resolve("gansu")].astype(int)
    words = {key: label.replace("\n", " ") for key, label in MEASURES.items()}
    return {
        "gansu_ranks": ", ".join(f"{ordinal(own[key])} in {word}" for key, word in words.items()),
        "gansu_best": words[own.idxmin()],
        "gansu_worst": words[own.idxmax()],
    }


def _weight_facts(result):
    share = {
        name: result.weights["weight"][entry["indicators"]].sum() for name, entry in result.framework.dilemmas.items()
    }
    return {"weight": percent(share[DILEMMA]), "weight_industry": percent(share["industrial_momentum"])}


def _staff_facts(study):
    table = research_staff(study)
    first, last = table.index[0], table.index[-1]
    change = (table.loc[last, "share"] - table.loc[first, "share"]) * 100
    return {
        "staff_first": str(first),
        "staff_last": str(last),
        "staff_from": f"{table.loc[first, 'persons']:,.0f}",
        "staff_to": f"{table.loc[last, 'persons']:,.0f}",
        "staff_times": f"{table.loc[last, 'persons'] / table.loc[first, 'persons']:.1f}",
        "staff_share_from": percent(table.loc[first, "share"], 1),
        "staff_share_to": percent(table.loc[last, "share"], 1),
        "staff_share_verb": compare(change / 10, "rose", "fell", "hardly moved,"),
        "staff_verb": "grew" if table.loc[last, "persons"] > table.loc[first, "persons"] else "shrank",
    }


def _migration_facts(result, names, code):
    wide = result.indicators["net_migration"].unstack("year")
    group = result.study.regions["group"].reindex(wide.index)
    own = wide[group == result.study.focus]
    first, last = own.columns[0], own.columns[-1]
    people = result.study.panel()["population"].unstack("year").loc[wide.index, wide.columns]
    nation = (wide * people).sum() / people.sum()
    below, lost, gains = still_or_now(result).values()
    never = own.index[(own > 0).all(axis=1)]
    return {
        "move_first": str(first),
        "move_last": str(last),
        "move_gain_first": how_many(int((own[first] > 0).sum())),
        "move_gain_last": how_many(len(gains)),
        "move_gainers": joined(names[gains]) if len(gains) else "none",
        "move_lost": joined(names[lost]) if len(lost) else "none",
        "move_always_count": counted(len(never)),
        "move_always": joined(names[never]) if len(never) else "none",
        "move_below": joined(names[below]) if len(below) else "none",
        "move_place": f"{own.loc[code, last]:+.1f}".replace("-", "−"),
        "move_nation_low": f"{nation.min():+.1f}".replace("-", "−"),
        "move_nation_high": f"{nation.max():+.1f}".replace("-", "−"),
        "move_median_first": f"{own[first].median():+.1f}".replace("-", "−"),
        "move_median_last": f"{own[last].median():+.1f}".replace("-", "−"),
        "move_east_last": f"{wide[group == result.reference_group][last].median():+.1f}".replace("-", "−"),
        "move_sign": "negative" if own[last].median() < 0 else "positive",
        "move_sign_first": "negative" if own[first].median() < 0 else "positive",
    }


def _whole(value):
    return f"{round(value) or 0:.0f}".replace("-", "−")
