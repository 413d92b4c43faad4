"""Figures and facts of the chapter on the region: groups compared, shares and their denominators, heads, speed."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.case import case_code
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
    totals,
)
from nqpkit.chapters.shares import border_facts, rise_facts
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE, Figure, label_ends, wrap, year_ticks
from nqpkit.evaluation import Evaluation
from nqpkit.wording import Prose, compare, counted, joined, safe


def facts(result: Evaluation) -> dict:
    """Numbers and names for the chapter's sentences; what needs GDP is a dash where the study has none."""
    study, code, first = result.study, case_code(result), result.systems.columns[0]
    names, groups = study.regions["name"].map(safe), study.regions["group"]
    scores = result.systems[first].xs(result.year(), level="year").dropna()
    own = scores[groups.reindex(scores.index) == study.focus]
    medians = scores.groupby(groups.reindex(scores.index)).median()
    reference, lowest = medians[result.reference_group], lowest_dimensions(result)
    labels = {group: safe(words["label"]) for group, words in study.groups.items()}
    inside = scores.groupby(groups.reindex(scores.index)).transform("mean")
    between = ((inside - scores.mean()) ** 2).sum() / ((scores - scores.mean()) ** 2).sum()
    found = {
        "groups": counted(len(study.groups)), "focus_count": len(own), "focus_median": f"{own.median():.2f}",
        "reference_median": f"{reference:.2f}", "gap": f"{reference - own.median():.2f}",
        "range": f"{own.max() - own.min():.2f}", "top": names[own.idxmax()], "top_score": f"{own.max():.2f}",
        "bottom": names[own.idxmin()], "bottom_score": f"{own.min():.2f}",
        "reach": counted(int((own >= reference).sum())).replace("no", "none"),
        "beat": counted(int((own > scores[groups.reindex(scores.index) == result.reference_group].min()).sum())),
        "lowest_count": counted(len(lowest)), "dimensions": counted(len(result.framework.dimensions())),
        "lowest_group": labels[medians.idxmin()], "between": f"{between:.0%}",
        "case_place": f"rank {int(own.rank(ascending=False, method='min').get(code, np.nan) or 0)} of {len(own)}"
        if code in own else f"outside the group {labels[study.focus]}",
    }
    return found | border_facts(result) | rise_facts(result) | _money_facts(result)


def lowest_dimensions(result: Evaluation) -> list[str]:
    """The dimensions in which the focus group's median is the lowest of all groups."""
    now = result.dimensions.xs(result.year(), level="year")
    medians = now.groupby(result.study.regions["group"].reindex(now.index)).median()
    return [name for name in medians if medians[name].idxmin() == result.study.focus]


def dashboard(result: Evaluation) -> Figure:
    """Dimension scores of every region by group, with the groups' medians."""
    study, year, code = result.study, result.year(), case_code(result)
    now, labels = result.dimensions.xs(year, level="year"), result.framework.dimensions()["label"]
    groups, colours = study.regions["group"].reindex(now.index), theme.group_colours(study.groups, study.focus)
    order = [study.focus, *(group for group in study.groups if group != study.focus)]
    rows = -(-len(labels) // 2)
    with theme.applied():
        drawing, axes = plt.subplots(rows, 2, figsize=(theme.WIDTH, (0.26 * len(order) + 0.75) * rows + 0.3),
                                     sharex=True, sharey=True, squeeze=False)
        for ax, name in zip(axes.flat, labels.index, strict=False):
            for place, group in enumerate(order):
                values = now.loc[groups == group, name].dropna()
                ax.scatter(values, np.full(len(values), place), s=20, color=colours[group], alpha=0.55, linewidths=0)
                ax.plot([values.median()] * 2, [place - 0.36, place + 0.36], color=colours[group], lw=2.6)
            if pd.notna(now.loc[code, name]):
                ax.scatter([now.loc[code, name]], [order.index(groups[code])], s=46, facecolors="none",
                           edgecolors=theme.INK, linewidths=1.4, zorder=4)
            ax.set_title(wrap(labels[name], 24), fontsize=9)
            ax.set(xlim=(-0.03, 1.03), ylim=(len(order) - 0.5, -0.5))
            ax.set_yticks(range(len(order)), [wrap(study.groups[group]["label"], 12) for group in order])
            ax.tick_params(axis="y", length=0)
            ax.grid(axis="x")
            sns.despine(ax=ax, left=True)
        for ax in axes.flat[len(labels):]:
            ax.axis("off")
        drawing.tight_layout()
    plt.close(drawing)
    medians = now.groupby(groups).median().loc[order, labels.index]
    gap = medians.loc[result.reference_group] - medians.loc[study.focus]
    focus, reference = study.groups[study.focus]["label"], study.groups[result.reference_group]["label"]
    name = study.regions.loc[code, "name"]
    alt = (f"{len(labels)} strip charts of dimension scores from 0 to 1, {year}, one dot for each of {len(now)} "
           f"{study.unit['many']}, in {len(order)} groups with their medians. The median of the group {focus} is "
           f"lowest in {len(lowest_dimensions(result))} of {len(labels)}. Its widest gap to {reference}: "
           f"{result.study.said(labels[gap.idxmax()])}, {gap.max():.2f}; its narrowest: "
           f"{result.study.said(labels[gap.idxmin()])}, {gap.min():.2f}.")
    caption = (f"Dimension scores by group, {year}: every dot is one of {len(now)} {study.unit['many']}, a bar is "
               f"the group's median, the ring is {name}. {SOURCE}")
    values = medians.rename(index={group: words["label"] for group, words in study.groups.items()}, columns=labels)
    return Figure(drawing, caption, alt, values)


def shares(result: Evaluation) -> pd.DataFrame | None:
    """The focus group's share of the regions' GDP, in per cent, by year: ``first published`` and ``revised``."""
    if not has(result, GDP, FIRST):
        return None
    panel, focus = panel_of(result.study), result.study.regions["group"] == result.study.focus
    found = {}
    for label, series in (("first published", FIRST), ("revised", GDP)):
        wide = panel[series].unstack("year").reindex(result.study.regions.index).dropna(axis=1)
        found[label] = 100 * wide[focus].sum() / wide.sum()
    return pd.DataFrame(found).dropna(how="all")


def case_words(result: Evaluation) -> Prose:
    """The place of the region followed in the focus group and, where there is GDP, its share and GDP per head."""
    found, study = facts(result), result.study
    name, focus = safe(study.regions.loc[case_code(result), "name"]), safe(study.groups[study.focus]["label"])
    first = result.study.said(safe(next(iter(result.framework.systems.values()))["label"]))
    text = f"{name} is {found['case_place']} in the group {focus} by {first}."
    if found["case_share"] != "–":
        text += (f" In {found['share_year']} it made {found['case_share']} of the GDP of all {len(study.regions)} "
                 f"{safe(study.unit['many'])}, and its GDP per head was {found['head_case']} yuan.")
    return Prose(text)


def share_words(result: Evaluation) -> Prose:
    """The four shares in one paragraph, with what the census changed and how far the share moved over the years."""
    table = denominator_table(result)
    if table is None:
        return NO_MONEY
    share, year, sums = table["share, %"].tolist(), table.attrs["year"], table["denominator"]
    first, nation, revised, mixed = (*share[:3], share[-1])
    paper, unit = claim_of(result, "S33")["paper_value"], safe(result.study.unit["many"])
    change = 100 * (totals(result, GDP, year) / totals(result, FIRST, year) - 1)
    labels = {group: safe(words["label"]) for group, words in result.study.groups.items()}
    word = "larger" if sums.iloc[1] > sums.iloc[0] else "smaller"
    fits = "The paper's figure fits" if round(first, 1) == paper else "The paper's figure does not fit"
    again = f"Over the revised national figure it is {share[3]:.2f}%. " if len(share) > 4 else ""
    moved = shares(result)["revised"].dropna()
    return Prose(
        f"{fits} first-published over first-published: {first:.2f}% of the sum of the {unit}. The national figure of "
        f"the same communiqué is {word} than that sum, by {abs(sums.iloc[1] / sums.iloc[0] - 1):.1%}, because it is "
        f"compiled separately; over it the share is {nation:.2f}%. Then came the economic census. It changed the GDP "
        f"of the groups by rates from {change.min():+.1f}% ({labels[change.idxmin()]}) to {change.max():+.1f}% "
        f"({labels[change.idxmax()]}); the revised share is {revised:.2f}% of the revised sum. {again}Whoever "
        f"divides the new numerator by the old national figure gets {mixed:.2f}%, and has mixed two editions. From "
        f"lowest to highest these shares of one year differ by {max(share) - min(share):.2f} points. From "
        f"{moved.index[0]} to {moved.index[-1]}, {moved.index[-1] - moved.index[0]} years, the revised share itself "
        f"moved by {moved.iloc[-1] - moved.iloc[0]:+.2f} points.")


def share_figure(result: Evaluation) -> Figure | Prose:
    """The focus group's share of GDP over the years in two vintages."""
    table = shares(result)
    if table is None or len(table) < 2:
        return NO_MONEY
    study, label = result.study, result.study.groups[result.study.focus]["label"]
    colours = {"first published": theme.MUTED, "revised": theme.ACCENT}
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.2))
        ends = {}
        for name, line in table.items():
            line = line.dropna()
            ax.plot(line.index, line, color=colours[name], lw=2.4, marker="o", ms=4.5)
            ends[wrap(name, 9)] = (line.iloc[-1], colours[name], "bold" if name == "revised" else "normal")
        ax.set(title=f"{label}: share of GDP", ylabel=f"% of the sum of all {study.unit['many']}", xlabel="")
        year_ticks(ax, table.index)
        ax.grid(axis="y")
        label_ends(ax, table.index[-1], ends, gap=0.14)
        drawing.tight_layout()
    plt.close(drawing)
    apart = (table["revised"] - table["first published"]).dropna()
    alt = (f"Line chart of the share of the group {label} in GDP, per cent of the sum of all {study.unit['many']}, "
           f"in two vintages. Revised: from {table['revised'].dropna().iloc[0]:.2f} in "
           f"{table['revised'].dropna().index[0]} to {table['revised'].dropna().iloc[-1]:.2f} in "
           f"{table['revised'].dropna().index[-1]}, highest {table['revised'].max():.2f} in "
           f"{table['revised'].idxmax()}. The vintages differ most in {apart.abs().idxmax()}, by "
           f"{apart[apart.abs().idxmax()]:+.2f} points.")
    caption = (f"Share of the group {label} in the GDP of all {study.unit['many']}, as first published and as "
               f"revised after the economic census. The axis does not start at 0. {SOURCE}")
    return Figure(drawing, caption, alt, table)


def denominators(result: Evaluation) -> Table | Prose:
    """One share with every numerator and denominator that could be meant."""
    table = denominator_table(result)
    if table is None:
        return NO_MONEY
    label = result.study.groups[result.study.focus]["label"]
    shown = table.assign(**{name: table[name].map("{:,}".format) for name in ("numerator", "denominator")})
    return Table(shown[["share, %", "numerator", "denominator"]], f"Share of the group {label} in GDP, "
                                                                  f"{table.attrs['year']}, by what stands above and "
                                                                  "below "
                        f"the line (100 million yuan). {SOURCE}")


def denominator_table(result: Evaluation) -> pd.DataFrame | None:
    """Numerator, denominator and share of the focus group's GDP; None where the study has no claim to check it by."""
    claim = claim_of(result, "S33")
    if claim is None or not has(result, GDP, FIRST):
        return None
    published, focus, one = claim["published"], result.study.focus, f"sum of {result.study.unit['many']}"
    year = int(published["year"])
    first, revised = totals(result, FIRST, year), totals(result, GDP, year)
    rows = {("first published", f"{one}, first published"): (first[focus], first.sum()),
            ("first published", "national figure, first published"): (first[focus], published["national_gdp"]),
            ("revised", f"{one}, revised"): (revised[focus], revised.sum()),
            ("revised", "national figure, revised"): (revised[focus], published.get("national_gdp_revised")),
            ("revised", "national figure, first published"): (revised[focus], published["national_gdp"])}
    rows = {label: pair for label, pair in rows.items() if pair[1] is not None}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["numerator", "denominator"])
    table.index = pd.MultiIndex.from_tuples(table.index, names=["vintage", "divided by"])
    table["share, %"] = 100 * table["numerator"] / table["denominator"]
    table[["numerator", "denominator"]] = table[["numerator", "denominator"]].round().astype(int)
    table.attrs["year"] = year
    return table


def head_figure(result: Evaluation) -> Figure | Prose:
    """GDP per head of the groups, with every member of the focus group behind."""
    table = heads(result)
    if table is None or len(table) < 2:
        return NO_MONEY
    study, colours = result.study, theme.group_colours(result.study.groups, result.study.focus)
    panel = panel_of(study)
    single = (panel[GDP] / panel[PEOPLE]).unstack("year").reindex(columns=table.index)
    own, code = single[study.regions["group"].reindex(single.index) == study.focus], case_code(result)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 4))
        ax.plot(own.columns, own.T, color=colours[study.focus], lw=0.8, alpha=0.4)
        ends = {}
        for group, words in study.groups.items():
            ax.plot(table.index, table[group], color=colours[group], lw=2.6)
            ends[words["label"]] = (table[group].iloc[-1], colours[group], "bold" if group == study.focus else "normal")
        ax.plot(single.columns, single.loc[code], color=theme.INK, lw=1.6, ls="--")
        ends[study.regions.loc[code, "name"]] = (single.loc[code].iloc[-1], theme.INK, "normal")
        ax.set(title="GDP per head", ylabel="10,000 yuan, current prices", xlabel="", ylim=(0, None))
        year_ticks(ax, table.index)
        ax.grid(axis="y")
        label_ends(ax, table.index[-1], ends)
        drawing.tight_layout()
    plt.close(drawing)
    last = table.index[-1]
    labels = {group: words["label"] for group, words in study.groups.items()}
    names = study.regions["name"]
    alt = (f"Line chart of GDP per head, 10,000 yuan at current prices, {table.index[0]} to {last}. Highest group: "
           f"{labels[table.loc[last].idxmax()]}, {table.loc[last].max():.1f}; lowest: "
           f"{labels[table.loc[last].idxmin()]}, {table.loc[last].min():.1f}. Thin lines: the {len(own)} "
           f"{study.unit['many']} of the group {labels[study.focus]}, from {names[own[last].idxmin()]}, "
           f"{own[last].min():.1f}, to {names[own[last].idxmax()]}, {own[last].max():.1f}.")
    caption = (f"GDP per head by group (thick) and of every member of the group {labels[study.focus]} (thin), "
               f"revised figures over year-end population. {SOURCE}")
    return Figure(drawing, caption, alt, table.rename(columns=labels))


def head_words(result: Evaluation) -> Prose:
    """The gap in GDP per head, and which group is lowest, in one paragraph."""
    table = heads(result)
    if table is None:
        return NO_MONEY
    study, last, first = result.study, table.index[-1], table.index[0]
    focus, reference = study.focus, result.reference_group
    labels = {group: safe(words["label"]) for group, words in study.groups.items()}
    ratio = table[focus] / table[reference]
    way = compare(ratio[last] - ratio[first], "has narrowed", "has widened", "has hardly changed")
    gap = 10_000 * (table[reference] - table[focus])
    lowest = table.loc[last].idxmin()
    which = f"The lowest group is {labels[lowest]}" + (", not the group in focus" if lowest != focus else "")
    return Prose(
        f"In {last} the group {labels[focus]} makes {ratio[last]:.1%} of the GDP per head of {labels[reference]}; in "
        f"{first} it was {ratio[first]:.1%}. Relative to {labels[reference]} the gap {way}; in yuan it went from "
        f"{gap[first]:,.0f} to {gap[last]:,.0f}. {which}, with {10_000 * table.loc[last].min():,.0f} yuan. "
        f"{_denominator_words(result, last)}")


def _denominator_words(result, year):
    """What residents at the year's end, rather than on average over the year, do to a figure per head."""
    people = panel_of(result.study)[PEOPLE].unstack("year")
    if year - 1 not in people:
        return ""
    change = (100 * ((people[year] + people[year - 1]) / 2 / people[year] - 1)).reindex(result.study.regions.index)
    name = safe(result.study.regions.loc[change.abs().idxmin(), "name"])
    far = change.abs().idxmax()
    return ("All of this divides by residents at the year's end. The published figure per head divides by the mean "
            f"of two year-ends; the choice moves {safe(result.study.regions.loc[far, 'name'])} most, by "
            f"{-change[far]:+.1f}%, and {name} least.")


def speeds(result: Evaluation) -> pd.DataFrame | None:
    """Real growth of every group in per cent, members weighted by their GDP of the year before, by year."""
    size = FIRST if has(result, FIRST) else GDP
    if not has(result, size, INDEX):
        return None
    panel, groups = panel_of(result.study), result.study.regions["group"]
    index = [year for year in complete_years(result, INDEX) if year - 1 in complete_years(result, size)]
    rows = {}
    for year in index:
        before = panel[size].xs(year - 1, level="year")
        rows[year] = 100 * ((before * panel[INDEX].xs(year, level="year")).groupby(groups).sum()
                            / before.groupby(groups).sum() / 100 - 1)
    return pd.DataFrame(rows).T if rows else None


def speed_figure(result: Evaluation) -> Figure | Prose:
    """How much faster the focus group grew than the reference group, year by year."""
    table = speeds(result)
    if table is None:
        return NO_INDEX
    study, reference = result.study, result.reference_group
    labels = {group: words["label"] for group, words in study.groups.items()}
    lead, claim = table[study.focus] - table[reference], claim_of(result, "S35")
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3))
        ax.bar(lead.index, lead, color=[theme.ACCENT if x > 0 else theme.MUTED for x in lead], width=0.7)
        if claim:
            said = claim["published"]
            ax.bar([said["year"]], [said[study.focus] - said[reference]], width=0.7, fill=False, edgecolor=theme.ACCENT,
                   lw=1.8, hatch="///")
        ax.axhline(0, color=theme.INK, lw=1)
        ax.set(ylabel="percentage points", xlabel="", title=f"Real growth: {labels[study.focus]} minus "
                                                            f"{labels[reference]}")
        ax.grid(axis="y")
        year_ticks(ax, [*lead.index, *([claim["published"]["year"]] if claim else [])])
        drawing.tight_layout()
    plt.close(drawing)
    more = ""
    if claim:
        more = (f" The hatched bar of {said['year']} is as published: {said[study.focus]} against {said[reference]} "
                "per cent.")
    alt = (f"Bar chart of the lead of the group {labels[study.focus]} over {labels[reference]} in real GDP growth, "
           f"percentage points, {lead.index[0]} to {lead.index[-1]}. Above zero in {int((lead > 0).sum())} of "
           f"{len(lead)} years; highest {lead.max():+.1f} in {lead.idxmax()}, lowest {lead.min():+.1f} in "
           f"{lead.idxmin()}.{more}")
    caption = (f"Difference of real growth, {labels[study.focus]} minus {labels[reference]}, members weighted by GDP "
               f"of the year before.{more} {SOURCE}")
    return Figure(drawing, caption, alt, table.rename(columns=labels))


def speed_words(result: Evaluation) -> Prose:
    """In how many years the focus group grew faster, and what that does to the claim of a gap in speed."""
    table, claim = speeds(result), claim_of(result, "S35")
    if table is None:
        return NO_INDEX
    study, reference = result.study, result.reference_group
    labels = {group: safe(words["label"]) for group, words in study.groups.items()}
    lead = table[study.focus] - table[reference]
    text = (f"Weighted by their GDP, the {safe(study.unit['many'])} of the group {labels[study.focus]} grew faster "
            f"than those of {labels[reference]} in {counted(int((lead > 0).sum()))} of {counted(len(lead))} years "
            f"from {lead.index[0]} to {lead.index[-1]}.")
    slower = lead.index[lead < 0]
    if len(slower):
        text += f" They grew more slowly in {joined(map(str, slower))}."
    size = panel_of(study)[FIRST if has(result, FIRST) else GDP].xs(int(lead.index[-1]), level="year")
    own = size[study.regions["group"].reindex(size.index) == study.focus]
    text += (f" The weights mean that {safe(study.regions.loc[own.idxmax(), 'name'])} alone counts for "
             f"{own.max() / own.sum():.0%} of the group.")
    if claim:
        said = claim["published"]
        ahead = said[study.focus] - said[reference]
        word = "ahead" if ahead > 0 else "behind" if ahead < 0 else "level"
        text += (f" For {said['year']} the communiqué gives {said[study.focus]}% and {said[reference]}%: "
                 f"{labels[study.focus]} is {word}, by {abs(ahead):.1f} points, and each rate is rounded to a tenth.")
    return Prose(text)


def _money_facts(result):
    table, ratio, found = denominator_table(result), heads(result), {}
    share = [None] * 4 if table is None else table["share, %"].tolist()
    share = dict(zip(("sum", "nation", "revised", "mixed"), (*share[:3], share[-1]), strict=True))
    found |= {f"share_{name}": "–" if value is None else f"{value:.2f}%" for name, value in share.items()}
    found["share_year"] = "–" if table is None else table.attrs["year"]
    claim = claim_of(result, "S33")
    if ratio is None or claim is None:
        return found | dict.fromkeys(("head_ratio", "head_lowest", "head_lowest_value", "head_case", "case_share"), "–")
    year, study = int(claim["published"]["year"]), result.study
    first = totals(result, FIRST, year) / totals(result, PEOPLE, year)
    own = panel_of(study).xs((case_code(result), year))
    return found | {
        "head_ratio": f"{first[study.focus] / first[result.reference_group]:.3f}",
        "head_lowest": safe(study.groups[first.idxmin()]["label"]), "head_lowest_value": f"{10_000 * first.min():,.0f}",
        "head_case": f"{10_000 * own[FIRST] / own[PEOPLE]:,.0f}",
        "case_share": f"{100 * own[FIRST] / totals(result, FIRST, year).sum():.2f}%"}
