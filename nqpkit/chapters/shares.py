"""What moves a group's share of the whole, what its border does to it, and the groups side by side."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nqpkit import theme
from nqpkit.chapters.money import (
    FIRST,
    GDP,
    INDEX,
    NO_INDEX,
    NO_MONEY,
    PEOPLE,
    claim_of,
    complete_years,
    has,
    heads,
    panel_of,
)
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE, Figure, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.wording import Prose, counted, joined, number, safe

INCOME = "disposable_income_per_capita"
CAME_LATER = ("15", "45")  # Inner Mongolia and Guangxi: in the West of 2000, not in that of the plan of 1986
PARTS = {"quantity": theme.GROUP_COLOURS[1], "price": theme.GROUP_COLOURS[4]}


def moved(result: Evaluation) -> pd.DataFrame | None:
    """How the focus group's share of GDP changed each year, split into real growth and relative prices.

    With GDP Y, members of the group W and real growth g: quantity is the share that the group would have had this year
    at last year's prices, Σ_W Y(1 + g) / Σ Y(1 + g), less last year's share; price is what is left of the change.

    Returns
    -------
    DataFrame by year: ``quantity``, ``price`` and their sum ``change``, in percentage points; None without an index of
    real GDP.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> moved(evaluate(Study.load())).loc[2021].round(2).to_dict()
    {'quantity': -0.11, 'price': 0.19, 'change': 0.08}
    """
    size = FIRST if has(result, FIRST) else GDP
    if not has(result, size, INDEX):
        return None
    panel, focus = panel_of(result.study), result.study.regions["group"] == result.study.focus
    sized, rows = complete_years(result, size), {}
    for year in complete_years(result, INDEX):
        if not {year - 1, year} <= set(sized):
            continue
        before, now, index = (panel[name].xs(at, level="year").reindex(focus.index) for name, at in (
            (size, year - 1), (size, year), (INDEX, year)))
        start, real, end = (100 * x[focus].sum() / x.sum() for x in (before, before * index, now))
        rows[year] = {"quantity": real - start, "price": end - real, "change": end - start}
    return pd.DataFrame.from_dict(rows, orient="index") if rows else None


def moved_figure(result: Evaluation) -> Figure | Prose:
    """The yearly change of the focus group's share, in its two parts."""
    table = moved(result)
    if table is None:
        return NO_INDEX
    label = result.study.groups[result.study.focus]["label"]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.2))
        top, bottom = np.zeros(len(table)), np.zeros(len(table))
        for name, colour in PARTS.items():
            base = np.where(table[name] >= 0, top, bottom)
            ax.bar(table.index, table[name], bottom=base, color=colour, width=0.72)
            top, bottom = top + table[name].clip(lower=0), bottom + table[name].clip(upper=0)
        ax.plot(table.index, table["change"], "o", color=theme.INK, ms=5, mec="white", mew=1)
        ax.axhline(0, color=theme.INK, lw=1)
        for place, (name, colour) in enumerate([*PARTS.items(), ("● both together", theme.INK)]):
            ax.annotate(name, (0.99, 0.97 - 0.085 * place), xycoords="axes fraction", ha="right", va="top",
                        color=colour, fontweight="bold", fontsize=9)
        ax.set(ylabel="percentage points", xlabel="", title=f"{label}: change in its share of GDP")
        ax.grid(axis="y")
        year_ticks(ax, table.index)
        drawing.tight_layout()
    plt.close(drawing)
    total = table.sum()
    alt = (f"Stacked bar chart of the yearly change in the share of the group {label} in GDP, percentage points, "
           f"{table.index[0]} to {table.index[-1]}, split into quantity (real growth) and price. In all "
           f"{number(total['change'], '+.2f')}: {number(total['quantity'], '+.2f')} from quantity, "
           f"{number(total['price'], '+.2f')} from price. Quantity is largest in {table['quantity'].idxmax()} "
           f"({number(table['quantity'].max(), '+.2f')}) and smallest in {table['quantity'].idxmin()} "
           f"({number(table['quantity'].min(), '+.2f')}); price is largest in {table['price'].idxmax()} "
           f"({number(table['price'].max(), '+.2f')}) and smallest in {table['price'].idxmin()} "
           f"({number(table['price'].min(), '+.2f')}).")
    caption = (f"Yearly change in the share of the group {label} in the GDP of all {result.study.unit['many']}: what "
               f"growth at constant prices makes of it, and what relative prices make of it. {SOURCE}")
    return Figure(drawing, caption, alt, table)


def moved_words(result: Evaluation) -> Prose:
    """How much of the change in the share is growth and how much is price, over all years and over the later half."""
    table = moved(result)
    if table is None:
        return NO_INDEX
    label = safe(result.study.groups[result.study.focus]["label"])
    total, late = table.sum(), table.iloc[len(table) // 2:]
    later = late.sum()
    word = "more" if abs(later["price"]) > abs(later["quantity"]) else "less"
    text = (f"From {table.index[0] - 1} to {table.index[-1]} the share of the group {label} changed by "
            f"{number(total['change'], '+.2f')} points. Growth at constant prices accounts for "
            f"{number(total['quantity'], '+.2f')} of them, relative prices for {number(total['price'], '+.2f')}. "
            f"From {late.index[0]} on, growth makes {number(later['quantity'], '+.2f')} and prices "
            f"{number(later['price'], '+.2f')}: prices move the share {word} than growth does.")
    apart = table.index[(table["quantity"] < 0) & (table["change"] > 0)]
    if len(apart):
        text += (f" In {counted(len(apart))} of the years ({', '.join(map(str, apart))}) the group grew more slowly "
                 "than the whole and its share rose.")
    return Prose(text)


def side_by_side(result: Evaluation) -> Table | Prose:
    """The groups of the study in one table: people, output, output per head with its range, income."""
    table = groups_table(result)
    if table is None:
        return NO_MONEY
    shown = table.apply(lambda row: row.map(lambda x: "–" if pd.isna(x) else f"{x:,.1f}" if x < 100 and x % 1 else
                                            f"{x:,.0f}"), axis=1)
    return Table(shown, f"The groups side by side, {table.attrs['year']}; revised GDP, residents at the year's end. "
                        f"{SOURCE}")


def groups_table(result: Evaluation) -> pd.DataFrame | None:
    """Rows of measures, columns of groups, for the last year with GDP and population of every """
    table = heads(result)
    if table is None:
        return None
    study, year = result.study, int(result.year())
    year = year if year in table.index else int(table.index[-1])
    now = panel_of(study).xs(year, level="year").reindex(study.regions.index)
    group, one = study.regions["group"], study.unit["many"]
    people, money = (now[name].groupby(group).sum() for name in (PEOPLE, GDP))
    head = 10_000 * now[GDP] / now[PEOPLE]
    rows = {one: group.value_counts(), "residents, % of all": 100 * people / people.sum(),
            "GDP, % of all": 100 * money / money.sum(), "GDP per head, yuan": 10_000 * money / people,
            "lowest member": head.groupby(group).min(), "highest member": head.groupby(group).max(),
            "highest over lowest": head.groupby(group).max() / head.groupby(group).min()}
    if INCOME in now and now[INCOME].notna().all():
        rows["disposable income, yuan"] = (now[INCOME] * now[PEOPLE]).groupby(group).sum() / people
    claim = claim_of(result, "S35")
    if claim and claim["published"]["year"] == year:
        rows["real growth as published, %"] = pd.Series(claim["published"]).reindex(people.index)
    table = pd.DataFrame(rows).T.astype(float)[list(study.groups)]
    table.attrs["year"] = year
    return table.rename(columns={key: words["label"] for key, words in study.groups.items()}).rename_axis(index="")


def members_words(result: Evaluation) -> Prose:
    """What a mean of the focus group hides: its range, and how its gap looks by income instead of output."""
    table = groups_table(result)
    if table is None:
        return NO_MONEY
    study, year = result.study, table.attrs["year"]
    focus, reference = (study.groups[key]["label"] for key in (study.focus, result.reference_group))
    now = panel_of(study).xs(year, level="year").reindex(study.regions.index)
    head, group, names = 10_000 * now[GDP] / now[PEOPLE], study.regions["group"], study.regions["name"].map(safe)
    own = head[group == study.focus]
    ratio = table.loc["GDP per head, yuan", focus] / table.loc["GDP per head, yuan", reference]
    weakest = head[group == result.reference_group]
    text = (f"Within the group {safe(focus)}, {names[own.idxmax()]} makes {own.max() / own.min():.1f} times as much "
            f"per head as {names[own.idxmin()]}. As whole groups, {safe(reference)} and {safe(focus)} stand "
            f"{1 / ratio:.1f} to 1. {counted(int((own > weakest.min()).sum())).capitalize()} of the "
            f"{counted(len(own))} make more per head than {names[weakest.idxmin()]}, the lowest of "
            f"{safe(reference)}. By variance, {_between(head, group):.0%} of the differences in GDP per head among "
            f"all {len(head)} {safe(study.unit['many'])} lie between the {counted(len(study.groups))} groups.")
    if "disposable income, yuan" in table.index:
        income = table.loc["disposable income, yuan", focus] / table.loc["disposable income, yuan", reference]
        word = "smaller" if income > ratio else "larger"
        place = head.rank(ascending=False, method="min"), now[INCOME].rank(ascending=False, method="min")
        fall = (place[1] - place[0])[own.index]
        text += (f" By what households can spend, {safe(focus)} stands at {income:.0%} of {safe(reference)}, by what "
                 f"is produced at {ratio:.0%}: the gap in income is the {word} one.")
        if fall.max() > 0:
            key = fall.idxmax()
            text += (f" The order changes too: {names[key]} is number {place[0][key]:.0f} of all by output and "
                     f"number {place[1][key]:.0f} by income.")
    return Prose(text)


def border_facts(result: Evaluation) -> dict:
    """What another border would do: the top member counted elsewhere, and the West without its two late members."""
    study, first = result.study, result.systems.columns[0]
    scores = result.systems[first].xs(result.year(), level="year").dropna()
    group = study.regions["group"].reindex(scores.index)
    own, other = scores[group == study.focus], scores[group == result.reference_group]
    top = own.idxmax()
    found = {"moved_focus": f"{own.drop(top).median():.2f}",
             "moved_reference": f"{pd.concat([other, own[[top]]]).median():.2f}"}
    later = [code for code in CAME_LATER if study.regions["group"].get(code) == study.focus]
    if len(later) < len(CAME_LATER) or not has(result, GDP, PEOPLE):
        return found | dict.fromkeys(("older_share", "older_head", "whole_share", "whole_head", "older_less",
                                     "older_change", "later_pair"), "–")
    now = panel_of(study).xs(result.year(), level="year").reindex(study.regions.index)
    whole = study.regions["group"] == study.focus
    older = whole & ~study.regions.index.isin(later)
    (share, head), (older_share, older_head) = _weight(now, whole), _weight(now, older)
    each = 10_000 * now[GDP] / now[PEOPLE]
    return found | {"whole_share": f"{share:.1%}", "older_share": f"{older_share:.1%}", "whole_head": f"{head:,.0f}",
                    "older_head": f"{older_head:,.0f}", "older_less": f"{100 * (share - older_share):.1f}",
                    "older_change": number(older_head / head - 1, "+.1%"),
                    "later_pair": joined(f"{safe(study.regions.loc[code, 'name'])} makes {each[code]:,.0f}"
                                         for code in later)}


def rise_facts(result: Evaluation) -> dict:
    """The change of the focus group's share over all years with an index, and its two parts, in points."""
    table, keys = moved(result), ("rise", "rise_growth", "rise_price", "rise_from", "rise_to")
    if table is None:
        return dict.fromkeys(keys, "–")
    parts = [number(table[name].sum(), "+.2f") for name in ("change", "quantity", "price")]
    return dict(zip(keys, (*parts, int(table.index[0]) - 1, int(table.index[-1])), strict=True))


def _weight(now, kept):
    """The share of some members in GDP, and their GDP per head in yuan."""
    return now.loc[kept, GDP].sum() / now[GDP].sum(), 10_000 * now.loc[kept, GDP].sum() / now.loc[kept, PEOPLE].sum()


def _between(values, group):
    inside = values.groupby(group).transform("mean")
    return ((inside - values.mean()) ** 2).sum() / ((values - values.mean()) ** 2).sum()
