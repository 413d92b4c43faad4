"""What the chapters on the three mechanisms share: one dimension of the score seen indicator by indicator.

The chapters are about the paper and its twelve provinces, so they always read the built-in study.
"""

from functools import lru_cache
from html import escape

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.book.markup import chinese, sortable
from nqpkit.chapters.guards import must_hold
from nqpkit.drawing import Figure, heat_map, name_rows, wrap
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.indicators import wide_series
from nqpkit.study import BUILT_IN, Study
from nqpkit.wording import counted


def of_paper(result: Evaluation) -> Evaluation:
    """The evaluation itself if it is of the paper's provinces, else the default one of the built-in study.

    Examples
    --------
    >>> of_paper(evaluate(Study.load())).study.focus
    'west'
    """
    return result if result.study.folder == BUILT_IN else evaluate(Study.load())


def chosen(result: Evaluation, region: str | None = None) -> str:
    """The code of the region asked for, or of the one that the study follows until somebody chooses."""
    return result.study.resolve(region or result.study.settings["default_region"])


def as_text(*parts: dict) -> dict[str, str]:
    """Several dictionaries of facts as one, all numbers as text.

    Examples
    --------
    >>> as_text({"rank": 3}, {"name": "Gansu"})
    {'rank': '3', 'name': 'Gansu'}
    """
    return {name: str(value) for part in parts for name, value in part.items()}


@lru_cache(maxsize=4)
def wide(study: Study) -> dict[str, pd.DataFrame]:
    """Each series as years × regions, kept so that a page need not turn the figures round again and again.

    Examples
    --------
    >>> print(wide(Study.load())["population"].loc[2023, "62"])
    2465.0
    """
    return wide_series(study)


def focus_order(result: Evaluation, values: pd.Series) -> list[str]:
    """Codes of the group in focus, highest value first."""
    own = values[result.study.regions["group"].reindex(values.index) == result.study.focus]
    return list(own.sort_values(ascending=False).index)


def source(study: Study, *series: str) -> str:
    """The source line of a figure: the publications behind these series, without their Chinese titles.

    Examples
    --------
    >>> source(Study.load(), "rd_expenditure")
    'Source: own computation on China Statistical Yearbook on Science and Technology.'
    """
    used = study.figures.loc[study.figures["series"].isin(series), "source"].unique()
    titles = study.sources.loc[used, "publication"].str.split(r" \(|, chapter|, editions", regex=True).str[0]
    return f"Source: own computation on {'; '.join(sorted(titles.unique()))}."


def members(result: Evaluation, dimension: str) -> pd.DataFrame:
    """The indicators of a dimension: label, unit, direction, formula, one row each."""
    table = result.framework.indicators()
    return table[table["dimension"] == dimension]


def small_multiples(result: Evaluation, dimension: str, region: str | None = None, year: int | None = None) -> Figure:
    """Every indicator of a dimension: the provinces in focus by name, those of the other groups as a row of dots.

    Parameters
    ----------
    dimension : str
        Name of a dimension in ``framework.yml``.
    region : str, optional
        Drawn in the colour of the letters; the study's default region unless given.

    Examples
    --------
    >>> figure = small_multiples(evaluate(Study.load()), "industry", "gansu", 2023)
    >>> figure.values.shape
    (31, 5)
    """
    study, year, code = result.study, result.year(year), chosen(result, region)
    table, names, groups = members(result, dimension), study.regions["name"], study.regions["group"]
    values = result.indicators[table.index].xs(year, level="year")
    score = result.dimensions[dimension].xs(year, level="year")
    order = focus_order(result, score)
    others = [group for group in study.groups if group != study.focus]
    rows = len(order) + len(others)
    with theme.applied():
        down = len(table) // 2 + 1
        drawing, axes = plt.subplots(down, 2, figsize=(theme.WIDTH, down * (0.185 * rows + 0.62)), sharey=True)
        _strip(axes.flat[0], result, score, order, others, code)
        axes.flat[0].set_title("Score of the dimension,\n0 to 1", fontsize=8.5)
        for ax, (name, entry) in zip(axes.flat[1:], table.iterrows(), strict=False):
            _strip(ax, result, values[name], order, others, code)
            ax.set_title(wrap(_with_unit(entry), 24), fontsize=8.5)
            if entry["transform"] == "log":
                ax.set_xscale("log")
            _few_ticks(ax, values[name], entry["transform"] == "log")
        for ax in list(axes.flat)[len(table) + 1:]:
            ax.axis("off")
        axes.flat[0].set_yticks(range(rows), [*names[order], *(study.groups[g]["label"] for g in others)], fontsize=8.5)
        axes.flat[0].set_ylim(rows - 0.4, -0.6)
        for ax in axes[:, 0]:
            for tick, key in zip(ax.get_yticklabels(), [*order, *others], strict=True):
                tick.set_fontweight("bold" if key == code else "normal")
        drawing.tight_layout(h_pad=1.4)
    plt.close(drawing)
    own = values.loc[order]
    extremes = " ".join(
        f"{entry['label']}: {names[own[name].idxmax()]} {_number(own[name].max())} to {names[own[name].idxmin()]} "
        f"{_number(own[name].min())} {entry['unit']}, {names[code]} {_number(values.loc[code, name])}, median of "
        f"{study.groups[result.reference_group]['label']} "
        f"{_number(values.loc[groups == result.reference_group, name].median())}."
        for name, entry in table.iterrows())
    focus, label = study.groups[study.focus]["label"], result.framework.dimensions().loc[dimension, "label"]
    alt = (f"Dot charts of the score and the {len(table)} indicators of {study.said(label)} in {year}, the "
           f"{len(order)} {study.unit['many']} of the group {focus} by name, highest dimension score first. Highest "
           f"and lowest of them: {extremes}")
    series = sorted(set().union(*(result.framework.formulas()[name].series for name in table.index)))
    caption = (f"{label}, {year}: the score and its indicators. Above the line each of the {len(order)} {focus} "
               f"{study.unit['many']}, {names[code]} in the colour of the letters; below it all others, a dot each, "
               f"with the median of their group as a bar. Axes with uneven steps are logarithmic. "
               f"{source(study, *series)}")
    shown = values.rename(index=names, columns=table["label"])
    return Figure(drawing, caption, alt, shown, name="indicators")


def dumbbell(table: pd.DataFrame, shades: list, below: int, xlabel: str, title: str):
    """A drawing with a ring, a line and a dot in every row, and a rule under the first ``below`` rows.

    Parameters
    ----------
    table : DataFrame
        Two columns, where the ring and where the dot stands; the row labels are written beside them.
    shades : list
        The colour of every row; a row in the colour of ink is written in bold.
    """
    start, end = table.columns
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.27 * len(table) + 0.9))
        rows = range(len(table))
        ax.hlines(rows, table[start], table[end], color=shades, lw=2.4, alpha=0.55)
        ax.scatter(table[start], rows, s=34, facecolor="white", edgecolor=shades, linewidths=1.6, zorder=3)
        ax.scatter(table[end], rows, s=46, color=shades, zorder=3)
        ax.axhline(below - 0.5, color=theme.MUTED, lw=0.9)
        ax.set_yticks(rows, table.index)
        for tick, shade in zip(ax.get_yticklabels(), shades, strict=True):
            tick.set_fontweight("bold" if shade == theme.INK else "normal")
        ax.set(xlabel=xlabel, ylim=(len(table) - 0.4, -0.6), title=title)
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        sns.despine(ax=ax, left=True)
        drawing.tight_layout()
    plt.close(drawing)
    return drawing


def row_colours(result: Evaluation, codes: list[str], groups: list[str], region: str) -> list:
    """Colours for rows of provinces in focus and of groups below them; the region followed is in ink."""
    colours = theme.group_colours(result.study.groups, result.study.focus)
    return [theme.INK if key == region else colours[result.study.focus] for key in codes] + [colours[g] for g in groups]


def with_medians(result: Evaluation, values: pd.DataFrame, codes: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Rows of provinces by name, then the medians of the other groups; and which groups these are."""
    study = result.study
    others = [group for group in study.groups if group != study.focus]
    medians = values.groupby(study.regions["group"].reindex(values.index)).median().loc[others]
    named = medians.rename(lambda group: study.groups[group]["label"] + " median")
    return pd.concat([values.loc[codes].rename(index=study.regions["name"]), named]), others


def table_of_all(result: Evaluation, dimension: str, year: int | None = None) -> str:
    """Every region with the indicators of a dimension, its score and rank: a table to sort, linked to the pages."""
    study, year, table = result.study, result.year(year), members(result, dimension)
    values, scores = (frame.xs(year, level="year") for frame in (result.indicators, result.dimensions))
    filled = result.bridged.xs(year, level="year")
    ranks = scores[dimension].rank(ascending=False, method="min")
    head = [(study.unit["one"].capitalize(), ""), ("Score", "number"), ("Rank", "number"),
            *((_with_unit(entry), "number") for _, entry in table.iterrows())]
    forms = {name: f",.{_decimals(values[name].abs().median())}f" for name in table.index}
    rows = []
    for code in ranks.sort_values().index:
        place = study.regions.loc[code]
        cells = [region_link(place), _cell(scores.loc[code, dimension], ".2f"),
                 _cell(ranks[code], ".0f")]
        cells += [_cell(values.loc[code, name], forms[name], "*" * bool(filled.loc[code, name]))
                  for name in table.index]
        rows.append((f"{dimension}-{place['slug']}", place["group"] == study.focus, cells))
    label, focus = result.framework.dimensions().loc[dimension, "label"], study.groups[study.focus]["label"]
    steps = scores[dimension].sort_values().diff().dropna()
    note = " * bridged between its neighbours." if filled[list(table.index)].to_numpy().any() else ""
    return sortable(head, rows, f"{label}, {year}: indicators, score from 0 to 1 and rank among {len(ranks)}. "
                                f"The group {focus} is shaded. Of the {len(steps)} steps between neighbours "
                                f"{int((steps < 0.01).sum())} are smaller than 0.01: such ranks say nothing.{note}")


def region_link(place: pd.Series) -> str:
    """A region's name in both languages, linked to its page from a chapter.

    Examples
    --------
    >>> region_link(pd.Series({"slug": "gansu", "name": "Gansu", "name_zh": None}))
    '<a href="../provinces/gansu.html">Gansu</a>'
    """
    name = f'<a href="../provinces/{escape(place["slug"])}.html">{escape(place["name"])}</a>'
    return name + chinese(place.get("name_zh"))


def standing(result: Evaluation, region: str | None = None, year: int | None = None) -> Figure:
    """Scores of the first system's dimensions: every province in focus by name, the other groups by their medians."""
    study, year, code = result.study, result.year(year), chosen(result, region)
    names, first = study.regions["name"], result.systems.columns[0]
    scores = result.dimensions[result.mechanisms].xs(year, level="year")
    order = focus_order(result, result.systems[first].xs(year, level="year"))
    table, others = with_medians(result, scores, order)
    table.columns = result.framework.dimensions().loc[result.mechanisms, "label"]
    shades = sns.color_palette(theme.SEQUENCE, as_cmap=True)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.29 * len(table) + 0.9))
        places = [row + (0.35 if row >= len(order) else 0) for row in range(len(table))]
        heat_map(ax, table, shades, table.map("{:.2f}".format), at=places)
        name_rows(ax, pd.Series(table.index, [*order, *others]), code, places)
        ax.set_xticks(range(len(table.columns)), [wrap(label, 16) for label in table.columns])
        ax.xaxis.tick_top()
        drawing.tight_layout()
    plt.close(drawing)
    own = table.iloc[:len(order)]
    extremes = "; ".join(f"{label}: highest {own[label].idxmax()} {own[label].max():.2f}, lowest {own[label].idxmin()} "
                         f"{own[label].min():.2f}" for label in own)
    mine = ", ".join(f"{value:.2f}" for value in scores.loc[code])
    alt = (f"Table of colours: scores from 0 to 1 in {len(table.columns)} dimensions in {year}, for {len(order)} "
           f"{study.unit['many']} of the group {study.groups[study.focus]['label']} and the medians of the other "
           f"groups. {extremes}. {names[code]}: {mine}.")
    caption = (f"Scores in the {len(table.columns)} dimensions, {year}; the stronger the colour, the higher. Ordered "
               "by the score of all together. Source: own computation on the study's official figures; weights equal.")
    return Figure(drawing, caption, alt, table, name="standing")


def dimension_facts(result: Evaluation, dimension: str, region: str | None = None) -> dict:
    """Numbers and words that the opening of every mechanism chapter needs."""
    study, year, code = result.study, result.year(), chosen(result, region)
    names = study.regions["name"]
    scores = result.dimensions[dimension].xs(year, level="year")
    ranks = scores.rank(ascending=False, method="min").astype(int)
    order = focus_order(result, scores)
    median = scores[study.regions["group"] == result.reference_group].median()
    z = result.normalised[members(result, dimension).index]
    reached = int((z.loc[(code, year)] >= result.reference(z).loc[(code, year)]).sum())
    first = result.dimensions.loc[(code, study.years[0]), dimension]
    other = list(result.systems.columns)[1]
    with_income = scores.corr(wide(study)["gdp_per_capita"].loc[year], method="spearman")
    with_hqed = scores.corr(result.systems[other].xs(year, level="year"), method="spearman")
    must_hold(f"The score for {dimension} ranks with development, and with GDP per head too.",
              min(with_income, with_hqed) > 0.3, "rank correlations over all provinces")
    return {
        "year": year, "region": names[code], "regions": len(names),
        "page": f'<a href="../provinces/{study.regions.loc[code, "slug"]}.html">{names[code]}</a>',
        "focus_count": len(order), "focus_count_words": counted(len(order)), "score": f"{scores[code]:.2f}",
        "rank": ranks[code], "rank_west": int((scores[order] > scores[code]).sum()) + 1, "score_first": f"{first:.2f}",
        "first_year": study.years[0], "east_median": f"{median:.2f}", "of": counted(len(z.columns)),
        "reached": _how_many(reached, f"of its {counted(len(z.columns))} indicators", "reach"),
        "top": names[order[0]], "top_rank": ranks[order[0]],
        "second": names[order[1]], "second_rank": ranks[order[1]], "third": names[order[2]],
        "third_rank": ranks[order[2]], "last": names[order[-1]], "last_rank": ranks[order[-1]],
        "above_median": _how_many(int((scores[order] >= median).sum()), f"of the {counted(len(order))}", "reach"),
        **_marks(result, dimension),
        "with_income": f"{with_income:.2f}", "with_hqed": f"{with_hqed:.2f}",
    }


def _marks(result, dimension):
    """How many figures behind a dimension are marked in the scored years, and of which kinds."""
    formulas = result.framework.formulas()
    series = set().union(*(formulas[name].series for name in members(result, dimension).index))
    own = result.study.marks
    own = own[own["series"].isin(series) & own["year"].isin(result.study.years)]
    kinds = own["kind"].value_counts()
    return {"marks": str(len(own)) if len(own) else "none",
            "marks_kinds": ", ".join(f"{number} {kind}" for kind, number in kinds.items()) or "no kind"}


def _strip(ax, result, values, order, others, code):
    study, colours = result.study, theme.group_colours(result.study.groups, result.study.focus)
    ax.hlines(range(len(order) + len(others)), values.min(), values.max(), color=theme.GRID, lw=0.8, zorder=0)
    ax.axhline(len(order) - 0.5, color=theme.MUTED, lw=0.9)
    ax.scatter(values[order], range(len(order)), s=[46 if key == code else 26 for key in order], zorder=3, linewidths=0,
               color=[theme.INK if key == code else colours[study.focus] for key in order])
    for row, group in enumerate(others, start=len(order)):
        own = values[study.regions["group"] == group]
        ax.scatter(own, [row] * len(own), s=20, color=colours[group], alpha=0.55, linewidths=0)
        ax.scatter([own.median()], [row], marker="|", s=120, color=colours[group], linewidths=2)
    ax.tick_params(axis="y", length=0)
    sns.despine(ax=ax, left=True)


def _few_ticks(ax, values, log):
    if not log:
        ax.xaxis.set_major_locator(plt.MaxNLocator(4))
        return
    low, high = values.min(), values.max()
    steps = [m * 10.0**k for k in range(-4, 7) for m in (1, 2, 5)]
    ticks = [t for t in steps if low <= t <= high]
    while len(ticks) > 4:
        ticks = ticks[::2]
    ax.set_xticks(ticks, [_number(t) for t in ticks])
    ax.minorticks_off()


def _with_unit(entry):
    plain = entry["unit"] != "%" and " per " in entry["label"]
    return entry["label"] if plain else f"{entry['label']},\u00a0{entry['unit']}"


def _number(value) -> str:
    """Three figures that matter."""
    if pd.isna(value):
        return "no figure"
    size = abs(value)
    if size < 0.0005:
        return "0"
    decimals = max(0, 2 - int(np.floor(np.log10(size)))) if size < 100 else 0
    text = f"{value:,.{decimals}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def _cell(value, form, mark=""):
    return ("–", "") if pd.isna(value) else (f"{value:{form}}".replace("-", "−") + mark, value)


def _decimals(size):
    return 0 if size >= 100 else 1 if size >= 10 else 2


def _how_many(number, of, verb):
    """None of them reaches, one of them reaches, two of them reach."""
    return f"{'none' if number == 0 else counted(number)} {of} {verb}{'es' * (number < 2)}"
