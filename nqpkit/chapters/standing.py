"""Where every province of the group in focus stands: drawings that several chapters share.

A mean hides what it averages. So each region of the group in focus has a line of its own here, and the other groups
show all their members.
"""

import matplotlib.pyplot as plt
import pandas as pd

from nqpkit import theme
from nqpkit.drawing import SOURCE, Figure, wrap
from nqpkit.evaluation import Evaluation
from nqpkit.wording import counted, joined, lowered

ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
SHORT = {
    "hightech_revenue": "High-tech manufacturing revenue",
    "hightech_firms": "High-tech manufacturing firms",
    "software_revenue": "Software revenue",
    "ecommerce_sales": "Sales by e-commerce",
    "knowledge_services_jobs": "Jobs in IT and research services",
    "rd_intensity": "R&D intensity",
    "invention_patents": "Invention patents in force",
    "contracts_sold": "Technology contracts sold",
    "new_product_spending": "Spending on new products",
    "fiscal_science_share": "Science in budget outlays",
    "undergraduates": "Bachelor students",
    "rd_staff": "R&D personnel",
    "net_migration": "Net migration",
    "broadband_ports": "Broadband ports",
    "computers": "Computers in use",
}


def strip(
    result: Evaluation,
    values: pd.Series,
    totals: pd.Series | None = None,
    *,
    title: str,
    xlabel: str,
    log: bool = False,
    region: str | None = None,
    number: str = "{:,.0f}",
):
    """One line for each region of the group in focus, then one line with all members for each other group.

    Parameters
    ----------
    values : Series by code
        A missing value leaves its line empty and says so.
    totals : Series by group, optional
        The value of each group as a whole, drawn as an upright stroke; the medians of the members unless given.
    region : str, optional
        Drawn in colour.
    number : str
        Format of the numbers beside the points.

    Returns
    -------
    matplotlib Figure
    """
    study = result.study
    group, names = study.regions["group"], study.regions["name"]
    own = values[group.reindex(values.index) == study.focus].sort_values(ascending=False)
    others = [name for name in study.groups if name != study.focus]
    totals = values.groupby(group).median() if totals is None else totals
    colours = theme.group_colours(study.groups, study.focus)
    code = study.resolve(region) if region else None
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.27 * len(own) + 0.36 * len(others) + 1.05))
        if log:
            ax.set_xscale("log")
            ax.xaxis.set_major_formatter(plt.FuncFormatter(lambda x, _: f"{x:,g}"))
        for row, (key, value) in enumerate(own.items()):
            chosen = key == code
            ax.scatter([value], [row], s=72 if chosen else 46, color=theme.ACCENT if chosen else theme.MUTED, zorder=3)
            ax.annotate(
                "no figure" if pd.isna(value) else number.format(value),
                (own.min() if pd.isna(value) else value, row),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
                fontweight="bold" if chosen else "normal",
                bbox={"fc": "white", "ec": "none", "pad": 0.6},
                zorder=2,
            )
        focus = totals[study.focus]
        ax.vlines(focus, -0.6, len(own) - 0.4, color=theme.ACCENT, lw=1.3, ls=":", zorder=0)
        ax.annotate(
            study.groups[study.focus]["label"],
            (focus, -0.7),
            ha="center",
            va="bottom",
            fontsize=9,
            fontweight="bold",
            color=theme.ACCENT,
        )
        for row, name in enumerate(others, start=len(own) + 1):
            members = values[group.reindex(values.index) == name].dropna()
            ax.scatter(members, [row] * len(members), s=34, color=colours[name], alpha=0.45, linewidths=0)
            ax.vlines(totals[name], row - 0.36, row + 0.36, color=colours[name], lw=2.6)
        rows = [*range(len(own)), *range(len(own) + 1, len(own) + 1 + len(others))]
        ax.set_yticks(rows, [*names[own.index], *(study.groups[name]["label"] for name in others)])
        for tick, key in zip(ax.get_yticklabels(), [*own.index, *others], strict=True):
            tick.set_fontweight("bold" if key == code else "normal")
            tick.set_color(colours.get(key, theme.INK))
        ax.set(title=title, xlabel=xlabel)
        ax.margins(x=0.12)
        ax.set_ylim(rows[-1] + 0.7, -1.5)
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    return drawing


def extremes(values: pd.Series, names: pd.Series, number: str = "{:,.0f}", code: str | None = None) -> str:
    """Highest and lowest in words, and the value of one region if its code is given, for an alt text.

    >>> extremes(pd.Series({"61": 3.0, "62": 1.0}), pd.Series({"61": "Shaanxi", "62": "Gansu"}))
    'highest Shaanxi, 3; lowest Gansu, 1'
    """
    shown = {"highest ": values.idxmax(), "lowest ": values.idxmin()}
    if code in values.index and code not in shown.values():
        shown[""] = code
    return "; ".join(f"{word}{names[key]}, {number.format(values[key])}" for word, key in shown.items())


def totals_in_words(result: Evaluation, totals: pd.Series, number: str = "{:,.0f}") -> str:
    """The value of every group in words, for an alt text."""
    return ", ".join(f"{words['label']} {number.format(totals[group])}" for group, words in result.study.groups.items())


def against_groups(result: Evaluation, region: str, indicators: list[str], title: str, year: int | None = None):
    """Normalised indicators of a region beside the median of its own group and of the reference group.

    Returns
    -------
    drawing : matplotlib Figure
    values : DataFrame, indicators × (region, own group's median, reference group's median)
    """
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    z = result.normalised[indicators].xs(year, level="year")
    group = study.regions["group"].reindex(z.index)
    own, reference = group[code], result.reference_group
    columns = [
        study.regions.loc[code, "name"],
        f"{study.groups[own]['label']} median",
        f"{study.groups[reference]['label']} median",
    ]
    values = pd.DataFrame(
        {columns[0]: z.loc[code], columns[1]: z[group == own].median(), columns[2]: z[group == reference].median()}
    )
    colours, rows = theme.group_colours(study.groups, study.focus), range(len(values))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.62 * len(values) + 1.35))
        ax.hlines(rows, values.iloc[:, 0], values.iloc[:, 2], color=theme.GRID, lw=7, zorder=0)
        ax.scatter(values.iloc[:, 1], rows, marker="|", s=190, color=theme.MUTED, linewidths=2.4)
        ax.scatter(values.iloc[:, 2], rows, marker="|", s=190, color=colours[reference], linewidths=2.8)
        ax.scatter(values.iloc[:, 0], rows, s=85, color=theme.ACCENT, zorder=3)
        ax.set_yticks(rows, [wrap(short(result, name), 23) for name in indicators])
        marks = (("o", theme.ACCENT, 8, 0), ("|", theme.MUTED, 11, 2.4), ("|", colours[reference], 11, 2.8))
        ax.legend(
            handles=[
                plt.Line2D([], [], marker=m, ls="", color=c, ms=s, mew=w, label=text)
                for (m, c, s, w), text in zip(marks, columns, strict=True)
            ],
            loc="upper center",
            bbox_to_anchor=(0.12, -0.75 / len(values)),
            ncols=3,
            frameon=False,
            fontsize=9,
            handletextpad=0.2,
            columnspacing=1.1,
        )
        ax.set(xlim=(-0.03, 1.03), xlabel="normalised, 0 to 1", title=title)
        ax.set_ylim(len(values) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    return drawing, values


def short(result: Evaluation, indicator: str) -> str:
    """A short name for an indicator on an axis or in a sentence: its label without the small print."""
    label = SHORT.get(indicator) or result.framework.indicators()["label"][indicator]
    return label.split(" (")[0]


def leaders(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """The dilemma that leads in each of the three readings, one row a region.

    Only the study's dilemmas compete: the line for what lies outside them is left aside. Missing where nothing is
    missing up to the mark, as in a region at or above the reference group's median throughout.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> list(leaders(evaluate(Study.load()), 2023).columns)
    ['share', 'relative', 'gap']
    """
    own = result.dilemmas.xs(result.year(year), level="year")
    own = own[own.index.get_level_values("dilemma") != "outside"]
    wide = {reading: own[reading].unstack() for reading in ("share", "relative", "gap")}
    return pd.DataFrame({reading: frame.idxmax(axis=1).where(frame.max(axis=1) > 0) for reading, frame in wide.items()})


def led_by(result: Evaluation, dilemma: str, year: int | None = None) -> dict[str, list[str]]:
    """Reading → names of the regions of the group in focus in which a dilemma leads."""
    found, regions = leaders(result, year), result.study.regions
    found = found[regions["group"].reindex(found.index) == result.study.focus]
    return {reading: regions.loc[found.index[found[reading] == dilemma], "name"].tolist() for reading in found}


def dilemma_standing(result: Evaluation, region: str, dilemma: str) -> Figure:
    """The indicators of a dilemma: a region against the medians of its own and of the reference group."""
    entry, year = result.framework.dilemmas[dilemma], result.year()
    drawing, values = against_groups(result, region, entry["indicators"], entry["label"])
    name, own, reference = values.columns
    gap = values[reference] - values[name]
    alt = (
        f"Dot chart of {len(values)} normalised indicators in {year}, 0 lowest to 1 highest. {name} is farthest below "
        f"the {reference} in {lowered(short(result, gap.idxmax()))} ({values.loc[gap.idxmax(), name]:.2f} against "
        f"{values.loc[gap.idxmax(), reference]:.2f}) and nearest to it, or above it, in "
        f"{lowered(short(result, gap.idxmin()))} ({values.loc[gap.idxmin(), name]:.2f} against "
        f"{values.loc[gap.idxmin(), reference]:.2f})."
    )
    caption = (
        f"The indicators behind “{entry['label'].lower()}” in {name}, {year}, with the {own} and the {reference}. "
        f"0 and 1 are the goalposts over all provinces and scored years. {SOURCE}"
    )
    return Figure(drawing, caption, alt, values, name="standing")


def standing_facts(result: Evaluation, code: str, dilemma: str) -> dict[str, str]:
    """Which indicators of a dilemma lie nearest to and farthest from the reference group's median, and their ranks."""
    members, year = result.framework.dilemmas[dilemma]["indicators"], result.year()
    z = result.normalised[members]
    own, reference = z.loc[(code, year)], result.reference(z).loc[(code, year)]
    gap = (reference - own).sort_values()
    ranks = z.xs(year, level="year").rank(ascending=False, method="min").loc[code].astype(int)
    return {
        "worst": lowered(short(result, gap.index[-1])),
        "worst_rank": str(ranks[gap.index[-1]]),
        "best": lowered(short(result, gap.index[0])),
        "best_rank": str(ranks[gap.index[0]]),
        "reached": how_many(int((gap <= 0).sum())),
        "members": counted(len(members)),
        "worst_value": f"{own[gap.index[-1]]:.2f}",
        "worst_reference": f"{reference[gap.index[-1]]:.2f}",
    }


def leading_facts(result: Evaluation, dilemma: str) -> dict[str, str]:
    """In how many of the provinces in focus a dilemma leads, by reading, and in which."""
    found = {}
    for reading, names in led_by(result, dilemma).items():
        found[f"leads_{reading}"] = how_many(len(names))
        found[f"leads_{reading}_names"] = joined(names) if names else "none"
    always = [
        name
        for name in led_by(result, dilemma)["share"]
        if all(name in names for names in led_by(result, dilemma).values())
    ]
    return found | {
        "leads_always": joined(always) if always else "none of them",
        "leads_always_count": counted(len(always)),
    }


def how_many(number: int) -> str:
    """A count in words before "of": none, one, two.

    >>> how_many(0), how_many(3)
    ('none', 'three')
    """
    return counted(number) if number else "none"


def ordinal(place: int) -> str:
    """First to twelfth in words, then 13th and so on.

    >>> ordinal(2), ordinal(21)
    ('second', '21st')
    """
    if place <= len(ORDINALS):
        return ORDINALS[place - 1]
    ending = "th" if 10 < place % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def percent(share: float, decimals: int = 0) -> str:
    """A share as per cent.

    >>> percent(0.2153, 1)
    '21.5 %'
    """
    return f"{share * 100:.{decimals}f} %"
