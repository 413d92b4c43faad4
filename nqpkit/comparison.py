"""Several regions side by side: scores with intervals, courses, indicators, and how far they can be compared at all."""

from itertools import combinations

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.drawing import Figure, label_ends, wrap, year_ticks
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.results import Table, amount
from nqpkit.uncertainty import rank_intervals, share_ahead
from nqpkit.wording import Prose, counted, joined, safe

FEWEST, MOST = 2, 6  # more than six lines or columns cannot be told apart
SURE = 0.9  # an order that holds in this share of random weightings is called firm
MARKERS = "osD^vP"
SIZE_GAP = 5  # from this ratio of populations on, size is named as a limit


def chosen(result: Evaluation, regions: list[str]) -> list[str]:
    """The codes of the regions to compare, in the order given.

    Raises
    ------
    InputError
        For an unknown region, one named twice, fewer than two or more than six.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> chosen(evaluate(Study.load()), ["gansu", "甘肃"])
    Traceback (most recent call last):
    nqpkit.errors.InputError: 'Gansu' is named twice: name every province once.
    """
    study = result.study
    if isinstance(regions, str):
        regions = [part for part in regions.split(",") if part.strip()]
    codes = [study.resolve(name) for name in regions]
    for code in codes:
        if codes.count(code) > 1:
            raise InputError(f"'{study.regions.loc[code, 'name']}' is named twice: name every {study.unit['one']} "
                             "once.")
    if not FEWEST <= len(codes) <= MOST:
        raise InputError(f"{len(codes)} {study.unit['many']} were named: name {FEWEST} to {MOST} of them.")
    return codes


def nearest(result: Evaluation, region: str, year: int | None = None, count: int = 3) -> list[str]:
    """A region and those most alike in dimension scores, by slug: a choice to start from, made by a rule.

    >>> from nqpkit import Study, evaluate
    >>> len(nearest(evaluate(Study.load()), "gansu"))
    4
    """
    code = result.study.resolve(region)
    return list(result.study.regions.loc[[code, *result.peers(code, year, count).index], "slug"])


def summary(result: Evaluation, regions: list[str], year: int | None = None) -> Prose:
    """Who stands where on D (or on the only score), which orders are firm and which are too close to call."""
    year, codes, names, overall = result.year(year), chosen(result, regions), _names(result).map(safe), result.overall
    d = result.standing[overall.name].xs(year, level="year").reindex(codes)
    missing, d = d.index[d.isna()], d.dropna().sort_values(ascending=False, kind="stable")
    words = []
    if len(d) > 1:
        ahead = share_ahead(result, list(d.index), year)
        pairs = list(combinations(d.index, 2))
        open_pairs = [(a, b) for a, b in pairs if ahead.loc[a, b] < SURE]
        firm = len(pairs) - len(open_pairs)
        words.append(f"In {year} {safe(overall.phrase)} is {joined(f'{d[c]:.2f} in {names[c]}' for c in d.index)}.")
        words.append(f"Of {counted(len(pairs))} {'pair' if len(pairs) == 1 else 'pairs'}, {counted(firm)} "
                     f"{'keeps its' if firm == 1 else 'keep their'} order in at least {SURE:.0%} of random weightings.")
        if open_pairs:
            words.append(f"Too close to call: {'; '.join(f'{names[a]} or {names[b]}' for a, b in open_pairs)}.")
    if len(missing):
        words.append(f"Without a score in {year}: {joined(names[missing])}.")
    return Prose(" ".join(words))


def standing_table(result: Evaluation, regions: list[str], year: int | None = None) -> Table:
    """Scores and coordination with rank and interval, one row a region."""
    year, codes, study = result.year(year), chosen(result, regions), result.study
    trust, chance = rank_intervals(result, year), result.coupling.xs(year, level="year")
    overall, rows = result.overall, []
    for code in codes:
        row = {study.unit["one"].capitalize(): study.regions.loc[code, "name"],
               "Group": study.groups[study.regions.loc[code, "group"]]["label"]}
        for name in dict.fromkeys([*result.systems.columns, overall.name]):
            label = overall.short if name == overall.name else name.upper()
            row[label], row[f"{label} rank"] = "–", "–"
            if code in trust.index:
                now = trust.loc[code]
                row[label] = f"{now[name]:.2f} ({now[f'{name}_low']:.2f}–{now[f'{name}_high']:.2f})"
                row[f"{label} rank"] = (f"{now[f'rank_{name}']:.0f} ({now[f'rank_{name}_low']:.0f}–"
                                        f"{now[f'rank_{name}_high']:.0f})")
        if overall.coupled:
            low, high = chance.loc[code, ["random_low", "random_high"]]
            row["Grade"] = str(trust.loc[code, "grade"]) if code in trust.index else "–"
            row["D by chance"] = f"{low:.2f}–{high:.2f}" if code in trust.index else "–"
        rows.append(row)
    caption = (f"Scores and ranks among {len(trust)} {study.unit['many']}, {year}; in brackets the range of nine in "
               "ten random weightings.")
    caption += " D by chance: nine in ten values with an index of random numbers as partner." * overall.coupled
    return Table(pd.DataFrame(rows, index=codes), caption,
                 {code: f"../provinces/{study.regions.loc[code, 'slug']}.html" for code in codes})


def ahead_table(result: Evaluation, regions: list[str], year: int | None = None) -> Table:
    """In which share of random weightings the row's region is ahead of the column's on D, or on the only score."""
    year, names, on = result.year(year), _names(result), result.overall.short
    ahead = share_ahead(result, chosen(result, regions), year)
    rows = [{f"Ahead on {on}": names[a],
             **{names[b]: "–" if a == b else f"{ahead.loc[a, b]:.0%}" for b in ahead.columns}} for a in ahead.index]
    return Table(pd.DataFrame(rows, index=ahead.index), (
        f"Share of random weightings in which the row is ahead of the column on {on}, {year}. Near one half the order "
        "is a matter of taste about weights."), {})


def dimension_chart(result: Evaluation, regions: list[str], year: int | None = None) -> Figure:
    """Every dimension's score of each region, beside the median of the reference group."""
    year, codes, names = result.year(year), chosen(result, regions), _names(result)
    scores = result.dimensions.xs(year, level="year")
    labels = result.framework.dimensions()["label"]
    own = scores.loc[codes]
    group = result.study.regions["group"].reindex(scores.index)
    median = scores[group == result.reference_group].median()
    reference = result.study.groups[result.reference_group]["label"]
    colours = sns.color_palette("colorblind", len(codes))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.52 * own.shape[1] + 1.4), layout="constrained")
        rows = range(own.shape[1])
        ax.scatter(median, rows, marker="|", s=420, color=theme.MUTED, lw=2.5, zorder=1)
        ax.scatter([], [], marker="|", s=90, color=theme.MUTED, lw=2.5, label=f"{reference} median")
        for code, marker, colour in zip(codes, MARKERS, colours, strict=False):
            ax.scatter(own.loc[code], rows, marker=marker, s=52, color=colour, edgecolor="white", lw=0.6,
                       label=names[code], zorder=2)
        ax.set_yticks(rows, [wrap(labels[name], 22) for name in own.columns])
        ax.invert_yaxis()
        ax.set(xlim=(-0.02, 1.02), xlabel=f"dimension score in {year}, 0 to 1")
        ax.grid(axis="both")
        sns.despine(ax=ax, left=True)
        ax.tick_params(axis="y", length=0)
        drawing.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=9)
        plt.close(drawing)
    extremes = own.stack().dropna()
    alt = f"Dot chart of {own.shape[1]} dimension scores, from 0 to 1, of {joined(names[codes])} in {year}. "
    if len(extremes):
        (low, low_name), (high, high_name) = extremes.idxmin(), extremes.idxmax()
        said = labels.map(result.study.said)
        alt += (f"Highest: {names[high]} on {said[high_name]}, {extremes.max():.2f}; lowest: {names[low]} on "
                f"{said[low_name]}, {extremes.min():.2f}.")
    caption = (f"Dimension scores of {joined(names[codes])}, {year}, with the {reference} median as a bar. Scores "
               "compare; they measure no target. Source: own computation on the study's official figures.")
    return Figure(drawing, caption, alt, own.rename(index=names, columns=labels), name="dimensions")


def course_chart(result: Evaluation, regions: list[str]) -> Figure:
    """The coordination degree, or the only score, of each region over the scored years."""
    codes, names, overall = chosen(result, regions), _names(result), result.overall
    lines = result.standing[overall.name].unstack("year").loc[codes]
    colours = sns.color_palette("colorblind", len(codes))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.3))
        ends = {}
        for code, marker, colour in zip(codes, MARKERS, colours, strict=False):
            line = lines.loc[code].dropna()
            ax.plot(line.index, line, color=colour, marker=marker, ms=5, lw=2)
            if len(line):
                ends[names[code]] = (line.iloc[-1], colour, "bold")
        if ends:
            label_ends(ax, lines.columns[-1], ends)
        year_ticks(ax, lines.columns)
        ax.set(xlabel="", ylabel=result.study.said(overall.label))
        ax.grid(axis="y")
        drawing.tight_layout()
        plt.close(drawing)
    first, last = lines.columns[0], lines.columns[-1]
    moved = "; ".join(f"{names[c]} from {lines.loc[c, first]:.2f} to {lines.loc[c, last]:.2f}" for c in codes
                      if lines.loc[c, [first, last]].notna().all())
    alt = f"Line chart of {overall.title_phrase}, from 0 to 1, {first} to {last}: {moved}."
    caption = (f"{overall.label} of {joined(names[codes])}, {first}–{last}. Lines that run close to each other "
               "carry no order. Source: own computation on the study's official figures.")
    return Figure(drawing, caption, alt, lines.rename(index=names), name="course")


def indicators_table(result: Evaluation, regions: list[str], year: int | None = None) -> Table:
    """Every indicator of each region in its own unit, with the rank; bridged and partial cells are marked."""
    year, codes, names = result.year(year), chosen(result, regions), _names(result)
    entries, values = result.framework.indicators(), result.indicators.xs(year, level="year")
    rows = []
    for name in result.weights.index:
        ranks = (values[name] * entries.loc[name, "direction"]).rank(ascending=False, method="min")
        row = {"Indicator": entries.loc[name, "label"], "Unit": entries.loc[name, "unit"]}
        for code in codes:
            flag = "*" if _weak(result, code, year, name) else ""
            rank = f" ({ranks[code]:.0f})" if pd.notna(ranks[code]) else ""
            row[names[code]] = f"{amount(values.at[code, name])}{flag}{rank}"
        rows.append(row)
    return Table(pd.DataFrame(rows, index=result.weights.index), (
        f"Indicators in their own units, {year}, with the rank in brackets (1 is the best in the indicator's "
        "direction). An asterisk: a bridged year, or two years instead of three. A dash: no figure."),
        {name: f"../reference/indicators.html#indicator-{name}" for name in result.weights.index})


def limits(result: Evaluation, regions: list[str], year: int | None = None) -> Prose:
    """What stands against comparing these regions: size, groups, gaps, marked figures, overlapping intervals."""
    year, codes, study = result.year(year), chosen(result, regions), result.study
    names, items = _names(result).map(safe), []
    people = _population(study, codes, year)
    if people is not None and people.max() >= SIZE_GAP * people.min():
        times = people.max() / people.min()
        items.append(f"**Size.** {names[people.idxmax()]} has {times:.0f} times as many people as "
                     f"{names[people.idxmin()]}. In a small place one plant or one contract moves a ratio; in a large "
                     "one a mean hides what differs inside it.")
    groups = study.regions.loc[codes, "group"].unique()
    if len(groups) > 1:
        items.append(f"**Groups.** They belong to {joined(safe(study.groups[g]['label']) for g in groups)}: other "
                     "policies, prices and neighbours. A gap between groups is not the work of one of them.")
    labels = result.framework.indicators()["label"]
    for code in codes:
        missing = result.indicators.columns[result.indicators.loc[(code, year)].isna()]
        weak = [name for name in result.indicators.columns if _weak(result, code, year, name)]
        for some, words in ((missing, "has no figure for"), (weak, "has a bridged or partial figure for")):
            if len(some):
                items.append(f"**Gaps.** {names[code]} {words} {joined(study.said(safe(labels[n])) for n in some)} "
                             f"in {year}.")
    marks = study.marks
    if len(marks):
        marked = marks[marks["code"].isin(codes) & (marks["year"] == year)].groupby("code").size()
        if len(marked):
            counts = joined(f"{counted(int(n))} in {names[code]}" for code, n in marked.items())
            items.append(f"**Marked figures of {year}:** {counts}. The pages of the {study.unit['many']} explain those "
                         "that are scored.")
    trust = rank_intervals(result, year).reindex(codes).dropna(subset=[result.overall.name])
    low, high = (trust[f"{result.overall.rank}_{end}"] for end in ("low", "high"))
    overlap = [(a, b) for a, b in combinations(trust.index, 2) if low[a] <= high[b] and low[b] <= high[a]]
    if overlap:
        pairs = "; ".join(f"{names[a]} and {names[b]}" for a, b in overlap)
        items.append(f"**Overlap.** The rank intervals overlap: {pairs}. How often each is ahead stands in the table.")
    items.append("**What is not in the scores.** Weights drawn at random show what weights do, not how exact the "
                 "figures are. A difference between two places does not say why, and it judges nobody.")
    return Prose("\n".join(f"- {item}" for item in items))


def _names(result):
    return result.study.regions["name"]


def _weak(result, code, year, name):
    """Whether a cell is bridged or rests on two years."""
    return result.raw.bridged.loc[(code, year), name] or result.raw.partial.loc[(code, year), name]


def _population(study, codes, year):
    """Residents of the regions, or None if the study does not count them."""
    facts = study.figures
    found = facts[(facts["series"] == "population") & (facts["year"] == year)].set_index("code")["value"].reindex(codes)
    return None if found.isna().any() else found
