"""What several chapters draw: a group of regions against the reference median, and levers as a table."""

import re
from html import escape

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.book.markup import sortable
from nqpkit.drawing import Figure, label_ends, name_rows, note, place_labels, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.scenario import what_if
from nqpkit.wording import joined, lowered

KINDS = {
    "direct": "direct: one body decides", "shared": "shared: several decide", "outcome": "outcome: nobody decides",
    "nurture": "slow stock: a class takes years to graduate", "attract and nurture": "slow stock: posts and people",
    "retain": "outcome: households decide",
}
SIDE_EFFECTS = {
    "hightech_revenue": "Sales, not value added: assembling bought parts counts in full. Power and land go with it.",
    "hightech_firms": "Counts firms above a size. A merger lowers it.",
    "software_revenue": "Booked where the firm is registered. A branch elsewhere counts nothing.",
    "ecommerce_sales": "Sales at home may only have moved from the shop to the screen.",
    "fiscal_science_share": "Within the same budget, schools, clinics, roads or transfers shrink by the same sum.",
    "rd_intensity": "Most of it is firms' money: what they spend here, they do not spend on plant or wages.",
    "new_product_spending": "Overlaps with R&D: raise both, and part of the bill is counted twice.",
    "contracts_sold": "Selling a technology is not using it. The buyer may sit in another province.",
    "undergraduates": "Places and teachers first, graduates four years later. They may leave.",
    "rd_staff": "People come from somewhere: hired from a neighbour, they are a loss next door.",
    "net_migration": "Over all provinces it sums to about nothing.",
}


def amount_words(amount: float, unit: str) -> str:
    """An amount without a factor in its unit.

    Examples
    --------
    >>> amount_words(2208, "100 million yuan"), amount_words(12.3, "10 thousand persons")
    ('220.8 billion yuan', '123,000 persons')
    """
    factor, noun = re.fullmatch(r"(100 million|10 thousand|10,000)?\s*(.*)", unit).groups()
    amount *= {"100 million": 1e8, "10 thousand": 1e4, "10,000": 1e4}.get(factor, 1)
    noun = noun.replace("CNY", "yuan")
    return f"{amount / 1e9:,.1f} billion {noun}" if amount >= 1e9 else f"{float(f'{amount:.3g}'):,.0f} {noun}"


def focus_codes(result: Evaluation) -> pd.Index:
    """Codes of the regions that the study is about."""
    regions = result.study.regions
    return regions.index[regions["group"] == result.study.focus]


def source_line(result: Evaluation, series) -> str:
    """The publications behind some series in the scored years, in short.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> source_line(evaluate(Study.load()), ["software_revenue"])
    'Source: China Statistical Yearbook; own computation.'
    """
    figures = result.study.figures
    used = figures[figures["series"].isin(list(series)) & figures["year"].isin(result.study.years)]["source"].unique()
    names = [re.split(r" \(|, |: ", text)[0] for text in result.study.sources.loc[used, "publication"]]
    return f"Source: {joined(sorted(dict.fromkeys(names)))}; own computation."


def indicator_source(result: Evaluation, *indicators: str) -> str:
    """`source_line` of the series that build some indicators."""
    formulas = result.framework.formulas()
    return source_line(result, sorted(set().union(*(formulas[name].series for name in indicators))))


def against_reference(result: Evaluation, indicator: str, region: str, year: int | None = None) -> Figure:
    """One indicator in every region of the focus group, beside the median of the reference group.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> figure = against_reference(evaluate(Study.load()), "rd_intensity", "guizhou")
    >>> len(figure.values)
    12
    """
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    entry = result.framework.indicators().loc[indicator]
    everywhere = result.indicators[indicator].xs(year, level="year")
    group = study.groups[result.reference_group]["label"]
    mark = everywhere[study.regions["group"].reindex(everywhere.index) == result.reference_group].median()
    own = everywhere.reindex(focus_codes(result)).dropna().sort_values(ascending=False)
    names = study.regions["name"]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.29 * len(own) + 1.2))
        rows = range(len(own))
        colours = [theme.ACCENT if key == code else theme.MUTED for key in own.index]
        ax.hlines(rows, own.clip(upper=mark), own.clip(lower=mark), color=theme.GRID, lw=3, zorder=0)
        ax.axvline(mark, color=theme.GROUP_COLOURS[1], lw=2)
        ax.scatter(own, rows, color=colours, s=60, zorder=3)
        for row, (key, number) in enumerate(own.items()):
            note(ax, f"{number:.2g}" if number < 10 else f"{number:.0f}", (number, row), 8 if number > mark else -8,
                 fontsize=8.5, fontweight="bold" if key == code else "normal")
        name_rows(ax, names[own.index], code)
        ax.annotate(f"{group} median\n{mark:.3g}", (mark, -0.9), ha="center", va="bottom", fontsize=9,
                    color=theme.GROUP_COLOURS[1], fontweight="bold", annotation_clip=False)
        span = max(own.max(), mark) - min(own.min(), mark, 0)
        ax.set(xlabel=entry["unit"], xlim=(min(own.min(), 0) - 0.14 * span, max(own.max(), mark) + 0.12 * span))
        ax.invert_yaxis()
        drawing.tight_layout()
    plt.close(drawing)
    reach = int((own >= mark).sum())
    here = f" {names[code]} has {own[code]:.2f}." if code in own.index else ""
    alt = (f"Dot chart of {lowered(entry['label'])} in {entry['unit']}, {year}, {len(own)} {study.unit['many']} of the "
           f"group {study.groups[study.focus]['label']}. Highest: {names[own.index[0]]}, {own.iloc[0]:.2f}; lowest: "
           f"{names[own.index[-1]]}, {own.iloc[-1]:.2f}.{here} {reach} of {len(own)} reach the {group} median of "
           f"{mark:.2f}.")
    caption = (f"{entry['label']}, {year}: {names[code]} in colour, the line is the median of the group {group}. "
               f"{indicator_source(result, indicator)}")
    values = own.rename(index=names).rename("value").to_frame().assign(reference=mark)
    return Figure(drawing, caption, alt, values)


def indicator_lines(result: Evaluation, indicator: str, region: str) -> Figure:
    """One indicator over the scored years: the region, the others of its group thin, and every group's median.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> figure = indicator_lines(evaluate(Study.load()), "fiscal_science_share", "guizhou")
    >>> list(figure.values.columns)
    ['Guizhou', 'West median', 'East median', 'Central median', 'Northeast median']
    """
    study, code = result.study, result.study.resolve(region)
    entry, name = result.framework.indicators().loc[indicator], study.regions.loc[code, "name"]
    wide = result.indicators[indicator].unstack("year")
    group = study.regions["group"].reindex(wide.index)
    medians, years = wide.groupby(group).median(), list(wide.columns)
    colours = theme.group_colours(study.groups, study.focus)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.5))
        for other in wide.index[(group == group[code]) & (wide.index != code)]:
            ax.plot(years, wide.loc[other], color=theme.MUTED, lw=0.8, alpha=0.55)
        ends = {}
        for key, words in study.groups.items():
            ax.plot(years, medians.loc[key], color=colours[key], lw=1.8, ls="--")
            ends[f"{words['label']} median"] = (medians.loc[key].iloc[-1], colours[key], "normal")
        ax.plot(years, wide.loc[code], color=theme.INK, lw=2.8, marker="o", ms=5)
        ends[name] = (wide.loc[code].dropna().iloc[-1], theme.INK, "bold")
        if wide.min().min() < 0:
            ax.axhline(0, color=theme.MUTED, lw=0.8)
        ax.set(ylabel=entry["unit"], title=f"{name} and the medians of the groups")
        year_ticks(ax, years)
        ax.grid(axis="y")
        label_ends(ax, years[-1], ends)
        drawing.tight_layout()
    plt.close(drawing)
    own, last = wide.loc[code].dropna(), medians[years[-1]]
    labels = {key: words["label"] for key, words in study.groups.items()}
    alt = (f"Line chart of {lowered(entry['label'])} in {entry['unit']}, {years[0]} to {years[-1]}. {name} moves from "
           f"{own.iloc[0]:.2f} to {own.iloc[-1]:.2f}, highest in {own.idxmax()} with {own.max():.2f}, lowest in "
           f"{own.idxmin()} with {own.min():.2f}. In {years[-1]} the highest group median is {labels[last.idxmax()]}, "
           f"{last.max():.2f}, the lowest {labels[last.idxmin()]}, {last.min():.2f}.")
    caption = (f"{entry['label']}: {name} (heavy), the other {study.unit['many']} of its group (thin) and the median "
               f"of every group (dashed), {years[0]}–{years[-1]}. {indicator_source(result, indicator)}")
    values = pd.DataFrame({name: wide.loc[code]} | {f"{labels[key]} median": medians.loc[key] for key in study.groups})
    return Figure(drawing, caption, alt, values)


def bill_drawing(bill: pd.DataFrame, comes_to: pd.Series, names: pd.Series, strong: str, *, titles: tuple[str, str],
                 forms: tuple[str, str], colour):
    """A drawing of two bar charts, one row a region: what is spent and what is missing, and what the latter comes to.

    Parameters
    ----------
    bill : DataFrame by code
        ``now`` and ``extra``.
    comes_to : Series by code
        The bars on the right, in ``colour``.
    names : Series by code
        The region ``strong`` is written in bold.
    titles, forms : pairs of str
        Heads of the two charts, and the formats of the numbers at their bars.

    Returns
    -------
    matplotlib Figure
    """
    rows, ends = range(len(bill)), bill["now"] + bill["extra"]
    with theme.applied():
        drawing, (left, right) = plt.subplots(1, 2, figsize=(theme.WIDTH, 0.29 * len(bill) + 1.4), sharey=True,
                                              width_ratios=[1.6, 1])
        left.barh(rows, bill["now"], color=theme.GROUP_COLOURS[5], height=0.62)
        left.barh(rows, bill["extra"], left=bill["now"], color=theme.ACCENT, alpha=0.75, height=0.62)
        right.barh(rows, comes_to, color=colour, height=0.62)
        for row, (end, extra, value) in enumerate(zip(ends, bill["extra"], comes_to, strict=True)):
            note(left, forms[0].format(extra), (end, row), 4, fontsize=8.5)
            note(right, forms[1].format(value), (value, row), 4, fontsize=8.5)
        left.set(title=titles[0], xlim=(0, ends.max() * 1.18))
        right.set(title=titles[1], xlim=(0, comes_to.max() * 1.55), xticks=[])
        name_rows(left, names[bill.index], strong)
        for ax in (left, right):
            ax.title.set_fontsize(9)
        right.tick_params(axis="y", length=0)
        sns.despine(ax=right, left=True, bottom=True)
        left.invert_yaxis()
        drawing.tight_layout()
    plt.close(drawing)
    return drawing


def named_dots(ax, result: Evaluation, table: pd.DataFrame, strong: str) -> None:
    """Dots of all regions, x and y in the two columns of a table by code; those in focus larger and named."""
    own = table[table.index.isin(focus_codes(result))]
    others = table.drop(index=own.index)
    ax.scatter(others.iloc[:, 0], others.iloc[:, 1], s=26, color=theme.MUTED, alpha=0.7, linewidths=0)
    ax.scatter(own.iloc[:, 0], own.iloc[:, 1], s=46,
               color=[theme.ACCENT if key == strong else theme.GROUP_COLOURS[5] for key in own.index])
    place_labels(ax, table, result.study.regions.loc[own.index, "name"].to_dict(), strong)
    ax.grid(color=theme.GRID)


def lever_table(result: Evaluation, region: str, path: str, year: int | None = None) -> str:
    """Levers of a path for one region, as HTML: how far, who decides, what more it takes, what else changes."""
    study, year = result.study, result.year(year)
    name, group = study.regions.loc[study.resolve(region), "name"], study.groups[result.reference_group]["label"]
    found = what_if(result, region, path, year=year)
    about = result.framework.indicators()["lever"]
    first = result.systems.columns[0]
    rows = []
    for key, row in found.levers.iterrows():
        lever = about[key] or {}
        takes = "not a plain ratio" if pd.isna(row["amount"]) else (
            f"{amount_words(row['amount'], row['amount_unit'])}: {lowered(row['amount_of'])}")
        if row["reached"] == row["value"]:
            takes = "nothing: it stands there already"
        rows.append((f"lever-{key}", False, [
            f"{escape(row['label'])} <small>{escape(row['unit'])}</small>", (f"{row['value']:.3g}", row["value"]),
            (f"{row['target']:.3g}", row["target"]), escape(lever.get("controlled_by", "")),
            escape(KINDS.get(lever.get("kind"), "")), escape(takes),
            (f"{row[f'{first}_change']:+.3f}", row[f"{first}_change"]), escape(SIDE_EFFECTS.get(key, ""))]))
    head = [("Lever", ""), ("Now", "number"), (f"{group} median", "number"), ("Who decides", ""), ("Kind", ""),
            ("More of what, a year", ""), (f"Change in {first.upper()}", "number"), ("What else changes", "")]
    label = result.framework.paths[path]["label"]
    return sortable(head, rows, f"{name}, {year}: the levers of the path “{label}”, each raised alone to the {group} "
                                "median, all else equal.", "nqp-stack")
