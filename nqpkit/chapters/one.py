"""Are the three dilemmas one? The obstacle degree against its own weights, and one factor against many indicators."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.book.markup import sortable
from nqpkit.chapters.guards import must_hold, without_gaps
from nqpkit.chapters.standing import how_many, leaders, percent, short, source
from nqpkit.drawing import Figure, ink_on, name_rows
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.obstacles import obstacle_degree
from nqpkit.uncertainty import random_weights
from nqpkit.wording import counted, joined, lowered, raised

PLACE = "shaanxi"
NEEDS_CLAIMS = True
NEEDS = {"gdp", "population", "rd_expenditure"}
READINGS = {"share": "share of\nobstacles, %", "relative": "relative\nto weight", "gap": "share of gap\nto East, %"}
SHORT = {"industrial_momentum": "industry", "innovation_capability": "innovation", "high_level_talent": "talent"}
WEIGHTINGS = ("equal", "entropy", "critic", "pca")
DRAWS = 5_000
NEARLY, ALIKE = 0.85, 0.7  # correlations from which two dilemmas are called nearly one, or alike
SHUFFLES = 200
MARGIN = 0.1  # an indicator is nearer to another dilemma if its correlation there is higher by more than this
TOY_WEIGHTS = {"A": 0.5, "B": 0.3, "C": 0.2}
TOY_VALUES = {"A": 0.9, "B": 0.5, "C": 0.1}


def toy(scales=None) -> pd.DataFrame:
    """Obstacle degrees of a made-up region whose three values shrink towards zero together.

    Rows: the factor that all values are multiplied with, from 1 down to 0; the last row equals the weights.

    Examples
    --------
    >>> toy([1, 0]).round(2).values.tolist()
    [[0.13, 0.39, 0.47], [0.5, 0.3, 0.2]]
    """
    scales = np.linspace(1, 0, 101) if scales is None else scales
    z = pd.DataFrame([{name: value * scale for name, value in TOY_VALUES.items()} for scale in scales], index=scales)
    return obstacle_degree(z, TOY_WEIGHTS)


def members(result: Evaluation) -> dict[str, list[str]]:
    """The indicators of each dilemma."""
    return {name: entry["indicators"] for name, entry in result.framework.dilemmas.items()}


def behind(result: Evaluation) -> pd.DataFrame:
    """Normalised indicators behind the dilemmas in the last scored year, regions × indicators."""
    return result.normalised[sum(members(result).values(), [])].xs(result.year(), level="year").dropna()


def without_income(result: Evaluation, z: pd.DataFrame) -> pd.DataFrame:
    """What is left of each column when the logarithm of GDP per head is taken out by least squares."""
    income = np.log(result.indicators["gdp_per_head"].xs(result.year(), level="year")).reindex(z.index)
    income = income - income.mean()
    return z - z.mean() - pd.DataFrame(np.outer(income, z.T @ income / (income @ income)), z.index, z.columns)


def first_share(z: pd.DataFrame) -> float:
    """Share of the first principal component in the variance of standardised columns.

    The largest eigenvalue of the correlation matrix over the number of columns.

    Examples
    --------
    >>> round(first_share(pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 4, 6, 8.1]})), 2)
    1.0
    """
    return float(np.linalg.eigvalsh(z.corr().to_numpy())[-1] / z.shape[1])


def shuffled_share(z: pd.DataFrame, draws: int = SHUFFLES, seed: int = 1, level: float = 0.95) -> float:
    """The share that columns of the same values would rarely exceed if they had nothing to do with each other.

    Every column is shuffled by itself, ``draws`` times; returned is the quantile ``level`` of the first shares (Horn's
    parallel analysis by permutation).
    """
    rng, values = np.random.default_rng(seed), z.to_numpy()
    found = []
    for _ in range(draws):
        mixed = rng.permuted(values, axis=0)
        found.append(np.linalg.eigvalsh(np.corrcoef(mixed, rowvar=False))[-1] / z.shape[1])
    return float(np.quantile(found, level))


@lru_cache(maxsize=4)
def factors(result: Evaluation) -> pd.DataFrame:
    """First component's share for each dilemma and for all together: as it is, without income, and shuffled."""
    z, sets = behind(result), {**members(result), "all": list(behind(result))}
    return pd.DataFrame(
        {
            name: {
                "as it is": first_share(z[rows]),
                "without income": first_share(without_income(result, z[rows])),
                "shuffled": shuffled_share(z[rows]),
            }
            for name, rows in sets.items()
        }
    ).T


def homes(result: Evaluation) -> pd.DataFrame:
    """Correlation of each indicator with the mean of each dilemma, itself left out of its own (item–rest).

    Returns
    -------
    DataFrame, indicators × dilemmas, with the column ``own``: the dilemma it is booked to.
    """
    z, sets = behind(result), members(result)
    rows = {}
    for name in z:
        own = next(dilemma for dilemma, booked in sets.items() if name in booked)
        rows[name] = {
            dilemma: z[name].corr(z[[other for other in booked if other != name]].mean(axis=1))
            for dilemma, booked in sets.items()
        } | {"own": own}
    return pd.DataFrame(rows).T.astype({dilemma: float for dilemma in sets})


def dilemma_correlations(result: Evaluation) -> pd.DataFrame:
    """Correlations between the means of the three dilemmas over all regions."""
    z = behind(result)
    return pd.DataFrame({name: z[rows].mean(axis=1) for name, rows in members(result).items()}).corr()


@lru_cache(maxsize=8)
def weighted(result: Evaluation, weights: str) -> Evaluation:
    """The same study under another weighting."""
    return result if result.options.weights == weights else evaluate(result.study, weights=weights)


def weights_returned(result: Evaluation, weights: str = "entropy") -> pd.DataFrame:
    """Weight of every indicator of the first system beside its mean obstacle degree in focus and reference group."""
    other = weighted(result, weights)
    first = other.systems.columns[0]
    own = other.weights.loc[other.weights["system"] == first, "weight"]
    share = other.obstacles["share"].xs(other.year(), level="year").unstack("indicator")
    group = other.study.regions["group"].reindex(share.index)
    return pd.DataFrame(
        {
            "weight": own,
            "focus": share[group == other.study.focus].mean(),
            "reference": share[group == other.reference_group].mean(),
        }
    )


def leaders_under(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """The leading dilemma of every region, for each weighting and reading: columns (weights, reading)."""
    return pd.concat(
        {name: leaders(weighted(result, name), year) for name in WEIGHTINGS}, axis=1, names=["weights", "reading"]
    )


@lru_cache(maxsize=4)
def leading_draws(result: Evaluation, draws: int = DRAWS, seed: int = 1, year: int | None = None) -> pd.DataFrame:
    """Share of random weightings in which each dilemma has the largest share of obstacles, regions × dilemmas."""
    first = result.systems.columns[0]
    weights = random_weights(result.weights[result.weights["system"] == first], draws, seed=seed)
    gap = (1 - result.normalised[weights.columns].xs(result.year(year), level="year")).fillna(0)
    sums = {name: gap[rows].to_numpy() @ weights[rows].to_numpy().T for name, rows in members(result).items()}
    best = np.stack(list(sums.values())).argmax(axis=0)
    return pd.DataFrame({name: (best == place).mean(axis=1) for place, name in enumerate(sums)}, index=gap.index)


def circle(result: Evaluation | None = None) -> Figure:
    """The toy: obstacle degrees turn into the weights as the values go to zero."""
    table = toy()
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.3))
        for (name, weight), colour in zip(TOY_WEIGHTS.items(), theme.GROUP_COLOURS, strict=False):
            ax.axhline(weight, color=colour, lw=1, ls=":")
            ax.plot(table.index, table[name], color=colour, lw=2.6)
            ax.annotate(
                f"{name}: weight {weight}",
                (0, weight),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                color=colour,
                fontsize=9,
                fontweight="bold",
                annotation_clip=False,
            )
            ax.annotate(
                f"{table[name].iloc[0]:.2f}",
                (1, table[name].iloc[0]),
                xytext=(-6, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=colour,
                fontsize=9,
                annotation_clip=False,
            )
        ax.set(
            xlim=(1, 0),
            ylim=(0, 0.56),
            xticks=[1, 0.75, 0.5, 0.25, 0],
            yticks=[],
            xlabel="all three values times …",
            title="Obstacle degree of a toy region",
        )
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    start, end = table.iloc[0], table.iloc[-1]
    alt = (
        "Line chart of three obstacle degrees of a made-up region while its values shrink to zero. "
        + "; ".join(
            f"{name} goes from {start[name]:.2f} to {end[name]:.2f}, its weight {weight}"
            for name, weight in TOY_WEIGHTS.items()
        )
        + f". Largest at the start: {start.idxmax()}; at the end: {end.idxmax()}."
    )
    caption = (
        "Obstacle degrees of three indicators with weights 0.5, 0.3 and 0.2 when their normalised values (0.9, 0.5 "
        "and 0.1) are multiplied with a factor that falls to zero. Source: own computation on made-up numbers."
    )
    return Figure(drawing, caption, alt, table, name="circle")


def circle_in_data(result: Evaluation, weights: str = "entropy") -> Figure:
    """Weights beside mean obstacle degrees under a weighting by data: West and East."""
    study, table = result.study, weights_returned(result, weights)
    colours = theme.group_colours(study.groups, study.focus)
    sides = {"focus": study.focus, "reference": result.reference_group}
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 4.1))
        top = float(table.max().max()) * 1.1
        ax.plot([0, top], [0, top], color=theme.MUTED, lw=1, ls=":")
        for side, group in sides.items():
            ax.scatter(
                table["weight"],
                table[side],
                s=48,
                color=colours[group],
                alpha=0.85,
                marker="o" if side == "focus" else "s",
                label=f"mean of the {study.groups[group]['label']}",
            )
        heaviest = table["weight"].idxmax()
        ax.annotate(
            short(result, heaviest),
            (table.loc[heaviest, "weight"], table.loc[heaviest, "focus"]),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
        ax.annotate(
            "obstacle = weight",
            (top * 0.86, top * 0.86),
            xytext=(10, -12),
            textcoords="offset points",
            rotation=38,
            fontsize=9,
            color=theme.MUTED,
            ha="center",
        )
        ax.legend(frameon=False, fontsize=9, loc="upper left", handletextpad=0.2)
        ax.set(
            xlim=(0, top),
            ylim=(0, top * 1.05),
            xlabel=f"weight of the indicator ({weights})",
            ylabel="obstacle degree",
            title="What goes in comes out",
        )
        drawing.tight_layout()
    plt.close(drawing)
    r = {side: table["weight"].corr(table[side]) for side in sides}
    names = {side: study.groups[group]["label"] for side, group in sides.items()}
    alt = (
        f"Scatter of the weight of {len(table)} indicators against their mean obstacle degree, {result.year()}, "
        f"{weights} weights. Correlation {r['focus']:.2f} in the {names['focus']}, {r['reference']:.2f} in the "
        f"{names['reference']}. Heaviest: {lowered(short(result, heaviest))}, "
        f"weight {table.loc[heaviest, 'weight']:.2f}, obstacle {table.loc[heaviest, 'focus']:.2f} in the "
        f"{names['focus']}."
    )
    caption = (
        f"Weight and mean obstacle degree of the {len(table)} indicators of new quality productivity, "
        f"{result.year()}, {weights} weights. On the dotted line an indicator obstructs as much as its weight. "
        f"{source(result)}"
    )
    return Figure(drawing, caption, alt, table.rename(index=lambda name: short(result, name)), name="returned")


def readings(result: Evaluation, region: str = PLACE) -> Figure:
    """The three dilemmas of the twelve in three readings; the leader of each reading is framed."""
    study, code, year = result.study, result.study.resolve(region), result.year()
    names, order = study.regions["name"], list(members(result))
    own = result.dilemmas.xs(year, level="year").unstack("dilemma")
    own = own[study.regions["group"].reindex(own.index) == study.focus]
    own = own.loc[own["relative"][order].idxmax(axis=1).map(order.index).sort_values(kind="stable").index]
    colours = sns.color_palette("flare", as_cmap=True)
    with theme.applied():
        drawing, axes = plt.subplots(1, 3, figsize=(theme.WIDTH + 0.4, 0.33 * len(own) + 1.25), sharey=True)
        for ax, (reading, head) in zip(axes, READINGS.items(), strict=True):
            values = own[reading][order] * (1 if reading == "relative" else 100)
            low, high = float(values.min().min()), float(values.max().max())
            high += 0.7 * (high - low)  # keeps the darkest cells light enough for their frames
            sns.heatmap(values, ax=ax, cmap=colours, vmin=low, vmax=high, cbar=False, linewidths=1.2, linecolor="white")
            for row, (_, cells) in enumerate(values.iterrows()):
                for column, value in enumerate(cells):
                    leads = value == cells.max()
                    ax.text(
                        column + 0.5,
                        row + 0.5,
                        f"{value:.2f}" if reading == "relative" else f"{value:.0f}",
                        ha="center",
                        va="center",
                        fontsize=9,
                        fontweight="bold" if leads else "normal",
                        color=ink_on(colours((value - low) / (high - low))),
                    )
                    if leads:
                        ax.add_patch(
                            plt.Rectangle((column + 0.06, row + 0.06), 0.88, 0.88, fill=False, lw=2, ec=theme.INK)
                        )
            ax.set_title(head, fontsize=9, loc="center")
            ax.set_xticks([0.5, 1.5, 2.5], [_letter(name) for name in order], rotation=0)
            ax.set(xlabel="", ylabel="")
            ax.tick_params(length=0)
        axes[0].set_yticks([row + 0.5 for row in range(len(own))], names[own.index], rotation=0)
        for tick, key in zip(axes[0].get_yticklabels(), own.index, strict=True):
            tick.set_fontweight("bold" if key == code else "normal")
        drawing.tight_layout(w_pad=0.6)
    plt.close(drawing)
    found = leaders(result, year).loc[own.index]
    same = int((found.nunique(axis=1) == 1).sum())
    alt = (
        f"Three heat maps of the dilemmas of {len(own)} western provinces, {year}; I is industry, N innovation, "
        "T talent. "
        + " ".join(
            f"{raised(head.replace(chr(10), ' '))}: "
            + ", ".join(f"{SHORT[name]} leads in {int((found[reading] == name).sum())}" for name in order)
            + "."
            for reading, head in READINGS.items()
        )
        + f" The readings name the same dilemma in {same}."
        + (f" {names[code]}: {', '.join(SHORT[name] for name in found.loc[code])}." if code in own.index else "")
    )
    caption = (
        f"Industry (I), innovation (N) and talent (T) as obstacles of the western provinces, {year}, in three "
        f"readings; the largest of each is framed. Shares need not sum to 100: the rest is digital tools. Each "
        f"block has its own scale. {source(result)}"
    )
    return Figure(drawing, caption, alt, own.rename(index=names), name="readings")


def weightings(result: Evaluation, region: str = PLACE) -> Figure:
    """Which dilemma leads under four weightings and three readings: one letter a cell."""
    study, code = result.study, result.study.resolve(region)
    names, order = study.regions["name"], list(members(result))
    table = leaders_under(result)
    own = table[study.regions["group"].reindex(table.index) == study.focus]
    own = own.loc[own.apply(lambda row: (row == order[0]).sum(), axis=1).sort_values(kind="stable").index]
    colours = dict(zip(order, (theme.GROUP_COLOURS[0], theme.GROUP_COLOURS[1], theme.GROUP_COLOURS[2]), strict=False))
    with theme.applied():
        drawing, axes = plt.subplots(1, 3, figsize=(theme.WIDTH + 0.4, 0.31 * len(own) + 1.35), sharey=True)
        for ax, (reading, head) in zip(axes, READINGS.items(), strict=True):
            for row, key in enumerate(own.index):
                for column, weights in enumerate(WEIGHTINGS):
                    leader = own.loc[key, (weights, reading)]
                    ax.add_patch(plt.Rectangle((column + 0.04, row + 0.04), 0.92, 0.92, fc=colours[leader], lw=0))
                    ax.text(
                        column + 0.5,
                        row + 0.52,
                        _letter(leader),
                        ha="center",
                        va="center",
                        fontsize=9,
                        color="white",
                        fontweight="bold",
                    )
            ax.set_title(head.replace(", %", ""), fontsize=9, loc="center")
            ax.set(xlim=(0, len(WEIGHTINGS)), ylim=(len(own), 0))
            ax.set_xticks(
                [column + 0.5 for column in range(len(WEIGHTINGS))],
                [name for name in WEIGHTINGS],
                rotation=55,
                ha="right",
                rotation_mode="anchor",
            )
            ax.tick_params(length=0)
            sns.despine(ax=ax, left=True, bottom=True)
        axes[0].set_yticks([row + 0.5 for row in range(len(own))], names[own.index])
        for tick, key in zip(axes[0].get_yticklabels(), own.index, strict=True):
            tick.set_fontweight("bold" if key == code else "normal")
        drawing.tight_layout(w_pad=0.6)
    plt.close(drawing)
    firm = own.index[own.nunique(axis=1) == 1]
    alt = (
        f"Grid of letters: the leading dilemma of {len(own)} western provinces under {len(WEIGHTINGS)} weightings "
        f"({', '.join(WEIGHTINGS)}) in three readings, {result.year()}; I industry, N innovation, T talent. "
        f"The same letter in all {own.shape[1]} cells: {joined(names[firm]) if len(firm) else 'none'}."
    )
    if code in own.index:
        alt += f" {names[code]}: {', '.join(f'{SHORT[name]} in {(own.loc[code] == name).sum()}' for name in order)}."
    caption = (
        f"Leading dilemma, {result.year()}: I industry, N innovation, T talent; four weightings in each of three "
        f"readings. {source(result)}"
    )
    return Figure(drawing, caption, alt, own.rename(index=names), name="weightings")


def chance(result: Evaluation, region: str = PLACE) -> Figure:
    """How often each dilemma has the largest share of obstacles when the weights are drawn at random."""
    study, code = result.study, result.study.resolve(region)
    names, table = study.regions["name"], leading_draws(result)
    order = list(members(result))
    own = table[study.regions["group"].reindex(table.index) == study.focus].sort_values(order[0], ascending=False) * 100
    colours = (theme.GROUP_COLOURS[0], theme.GROUP_COLOURS[1], theme.GROUP_COLOURS[2])
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.31 * len(own) + 1.15))
        left = np.zeros(len(own))
        for name, colour in zip(order, colours, strict=True):
            ax.barh(range(len(own)), own[name], left=left, color=colour, height=0.78)
            for row, value in enumerate(own[name]):
                if value >= 9:
                    ax.text(
                        left[row] + value / 2, row, f"{value:.0f}", ha="center", va="center", color="white", fontsize=9
                    )
            left = left + own[name].to_numpy()
        start = 0
        for name, colour in zip(order, colours, strict=True):
            ax.annotate(
                SHORT[name],
                (start, -0.75),
                fontsize=9.5,
                fontweight="bold",
                color=colour,
                va="bottom",
                annotation_clip=False,
            )
            start += 36
        name_rows(ax, names[own.index], code)
        ax.set(xlim=(0, 100), ylim=(len(own) - 0.4, -1.3), xlabel="per cent of random weightings in which it leads")
        ax.tick_params(axis="y", length=0)
        sns.despine(ax=ax, left=True)
        drawing.tight_layout()
    plt.close(drawing)
    surest = own.max(axis=1)
    alt = (
        f"Stacked bars for {len(own)} western provinces: share of {DRAWS:,} random weightings in which each dilemma "
        f"has the largest share of obstacles, {result.year()}. Surest: {names[surest.idxmax()]}, "
        f"{surest.max():.0f} per cent {SHORT[own.loc[surest.idxmax()].idxmax()]}; least sure: "
        f"{names[surest.idxmin()]}, {surest.min():.0f} per cent "
        f"{SHORT[own.loc[surest.idxmin()].idxmax()]}."
    )
    if code in own.index:
        alt += f" {names[code]}: {', '.join(f'{SHORT[name]} {own.loc[code, name]:.0f}' for name in order)}."
    caption = (
        f"Share of {DRAWS:,} random weightings (all weights equally likely, dimension by dimension) in which a "
        f"dilemma has the largest share of obstacles, {result.year()}. {source(result)}"
    )
    return Figure(drawing, caption, alt, own.rename(index=names), name="chance")


def correlations(result: Evaluation) -> Figure:
    """Correlations among the indicators behind the dilemmas."""
    z, sets = behind(result), members(result)
    r = z.corr()
    labels = [short(result, name) for name in r]
    colours = sns.diverging_palette(35, 245, s=85, l=52, as_cmap=True)
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH + 0.6, 4.6))
        sns.heatmap(r, ax=ax, cmap=colours, vmin=-1, vmax=1, cbar=False, linewidths=0.8, linecolor="white")
        for row in range(len(r)):
            for column in range(len(r)):
                if row != column:
                    value = r.iloc[row, column]
                    ax.text(
                        column + 0.5,
                        row + 0.52,
                        f"{value * 10:.0f}".replace("-0", "0").replace("-", "−"),
                        ha="center",
                        va="center",
                        fontsize=8,
                        color=ink_on(colours((value + 1) / 2)),
                    )
        edges = np.cumsum([0, *map(len, sets.values())])
        for low, high in zip(edges, edges[1:], strict=False):
            ax.add_patch(
                plt.Rectangle((low, low), high - low, high - low, fill=False, lw=2.2, ec=theme.INK, clip_on=False)
            )
        ax.set_yticks(
            [row + 0.5 for row in range(len(r))], [f"{text} {row}" for row, text in enumerate(labels, 1)], rotation=0
        )
        ax.set_xticks([row + 0.5 for row in range(len(r))], range(1, len(r) + 1), rotation=0)
        ax.set(xlabel="", ylabel="")
        ax.tick_params(length=0)
        drawing.tight_layout()
    plt.close(drawing)
    pairs = r.where(np.triu(np.ones(r.shape, bool), 1)).stack().dropna()
    high, low = pairs.idxmax(), pairs.idxmin()
    alt = (
        f"Heat map of the correlations among {len(r)} indicators behind the three dilemmas over {len(z)} provinces, "
        f"{result.year()}. Highest: {lowered(short(result, high[0]))} with {lowered(short(result, high[1]))}, "
        f"{pairs.max():.2f}; lowest: {lowered(short(result, low[0]))} with {lowered(short(result, low[1]))}, "
        f"{pairs.min():.2f}. Positive in {(pairs > 0).sum()} of {len(pairs)} pairs."
    )
    caption = (
        f"Correlations of the normalised indicators over {len(z)} provinces, {result.year()}, in tenths (9 is 0.9). "
        f"Framed: industry, innovation, talent. {source(result)}"
    )
    return Figure(drawing, caption, alt, r.set_axis(labels).set_axis(labels, axis=1), name="correlations")


def one_factor(result: Evaluation) -> Figure:
    """Share of the first component: each dilemma, all together, without income, and if nothing hung together."""
    table = factors(result) * 100
    labels = [*(raised(SHORT[name]) for name in table.index[:-1]), "All three"]
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.1))
        rows = range(len(table))
        ax.hlines(rows, table["shuffled"], table["as it is"], color=theme.GRID, lw=7, zorder=0)
        marks = (
            ("as it is", "o", theme.ACCENT, 85, 0),
            ("without income", "D", theme.GROUP_COLOURS[1], 52, 0),
            ("shuffled", "|", theme.INK, 190, 2.4),
        )
        for name, marker, colour, size, width in marks:
            ax.scatter(table[name], rows, marker=marker, color=colour, s=size, linewidths=width, zorder=3)
        ax.legend(
            handles=[
                plt.Line2D([], [], marker=m, ls="", color=c, ms=8, mew=w, label=name) for name, m, c, _, w in marks
            ],
            loc="upper center",
            bbox_to_anchor=(0.4, -0.24),
            ncols=3,
            frameon=False,
            fontsize=9,
            handletextpad=0.1,
            columnspacing=1,
        )
        ax.set_yticks(rows, labels)
        ax.set(
            xlim=(0, 100),
            ylim=(len(table) - 0.5, -0.5),
            title="One factor behind many indicators?",
            xlabel="share of the first component, %",
        )
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    alt = (
        f"Dot chart of the first principal component's share of the variance over {len(behind(result))} provinces, "
        f"{result.year()}, per cent: as it is, without income, and the level that shuffled columns rarely exceed. "
        + "; ".join(
            f"{label} {row['as it is']:.0f}, {row['without income']:.0f}, {row['shuffled']:.0f}"
            for label, (_, row) in zip(labels, table.iterrows(), strict=True)
        )
        + "."
    )
    caption = (
        f"Share of the first component in the variance of the standardised indicators, {result.year()}; after ln GDP "
        f"per head is taken out of each; and the share that columns shuffled on their own exceed in one case of "
        f"twenty. {source(result)}"
    )
    return Figure(drawing, caption, alt, table, name="factor")


def at_home(result: Evaluation) -> Figure:
    """Where each indicator is at home: its correlation with the mean of each dilemma."""
    table, order = homes(result), list(members(result))
    colours = dict(zip(order, theme.GROUP_COLOURS[:3], strict=True))
    markers = dict(zip(order, ("o", "s", "D"), strict=True))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.33 * len(table) + 1.25))
        for row, (_, values) in enumerate(table.iterrows()):
            ax.hlines(row, values[order].min(), values[order].max(), color=theme.GRID, lw=5, zorder=0)
            for dilemma in order:
                own = values["own"] == dilemma
                ax.scatter(
                    values[dilemma],
                    row,
                    marker=markers[dilemma],
                    s=70 if own else 34,
                    zorder=3,
                    color=colours[dilemma],
                    alpha=1 if own else 0.6,
                    edgecolors=theme.INK if own else "none",
                    linewidths=1.4,
                )
        for edge in np.cumsum([len(rows) for rows in members(result).values()])[:-1]:
            ax.axhline(edge - 0.5, color=theme.MUTED, lw=0.8)
        ax.legend(
            handles=[
                plt.Line2D([], [], marker=markers[name], ls="", color=colours[name], ms=7, label=SHORT[name])
                for name in order
            ],
            loc="upper center",
            bbox_to_anchor=(0.3, -0.11),
            ncols=3,
            frameon=False,
            fontsize=9,
            handletextpad=0.1,
            columnspacing=1,
        )
        ax.set_yticks(range(len(table)), [short(result, name) for name in table.index])
        ax.set(
            ylim=(len(table) - 0.5, -0.6),
            xlim=(min(0.0, table[order].min().min() - 0.05), 1.02),
            xlabel="correlation with a dilemma's mean",
        )
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    strays = _strays(table, order)
    alt = (
        f"Dot chart of the correlation of {len(table)} indicators with the mean of each dilemma over "
        f"{len(behind(result))} provinces, {result.year()}, itself left out of its own; the own dilemma is outlined. "
        f"Clearly nearer to another dilemma than to its own: "
        + (
            joined(f"{lowered(short(result, name))} (to {SHORT[where]})" for name, where in strays.items())
            if strays
            else "none"
        )
        + "."
    )
    caption = (
        f"Correlation of each indicator with the mean of each dilemma, {result.year()}; large and outlined: the "
        f"dilemma it is booked to, itself left out (item–rest). {source(result)}"
    )
    return Figure(drawing, caption, alt, table.rename(index=lambda name: short(result, name)), name="home")


class LeadersTable:
    """Every region with the leading dilemma of each reading and its share of random weightings; sortable."""

    def __init__(self, result: Evaluation):
        self.values = self._values(result)
        self.year = result.year()

    @staticmethod
    def _values(result):
        study, found, draws = result.study, leaders(result), leading_draws(result)
        names = found.map(lambda dilemma: SHORT.get(dilemma, "no gap"))
        return pd.DataFrame(
            {
                study.unit["one"].capitalize(): study.regions["name"],
                "Group": [study.groups[g]["label"] for g in study.regions["group"]],
                "By share": names["share"],
                "Relative to weight": names["relative"],
                "By gap to the East": names["gap"],
                "Most often": draws.idxmax(axis=1).map(SHORT),
                "in % of weightings": (draws.max(axis=1) * 100).round(),
                "focus": study.regions["group"] == study.focus,
            }
        )

    def _repr_html_(self):
        columns = [name for name in self.values if name != "focus"]
        head = [(name, "number" if name == "in % of weightings" else "") for name in columns]
        rows = [
            (
                f"leader-{code}",
                bool(row["focus"]),
                [
                    (f"{row[name]:.0f}", row[name]) if name == "in % of weightings" else str(row[name])
                    for name in columns
                ],
            )
            for code, row in self.values.sort_values("focus", ascending=False, kind="stable").iterrows()
        ]
        return sortable(
            head,
            rows,
            f"The leading dilemma by three readings at equal weights, and under random weightings, "
            f"{self.year}. The West is shaded.",
        )

    def __repr__(self):
        return self.values.drop(columns="focus").to_string()


@without_gaps
def facts(result: Evaluation) -> dict[str, str]:
    """What the page says in numbers and in words that depend on numbers."""
    names, code = result.study.regions["name"], result.study.resolve(PLACE)
    found = {"year": str(result.year()), "place": names[code], "regions": str(len(behind(result)))}
    found |= _exercise_facts(result, code)
    return found | _circle_facts(result) | _leader_facts(result, names, code) | _factor_facts(result)


def _circle_facts(result):
    table = weights_returned(result)
    equal = weights_returned(result, "equal")
    heaviest = table["weight"].idxmax()
    z = result.normalised.xs(result.year(), level="year")[table.index]
    group = result.study.regions["group"].reindex(z.index)
    sums = {name: table.loc[rows, "weight"].sum() for name, rows in members(result).items()}
    return {
        "returned_west": f"{table['weight'].corr(table['focus']):.2f}",
        "returned_east": f"{table['weight'].corr(table['reference']):.2f}",
        "heaviest": lowered(short(result, heaviest)),
        "heaviest_weight": percent(table.loc[heaviest, "weight"], 1),
        "heaviest_obstacle": percent(table.loc[heaviest, "focus"], 1),
        "equal_weight": percent(equal["weight"].iloc[0], 1),
        "equal_low": percent(equal["focus"].min(), 1),
        "equal_high": percent(equal["focus"].max(), 1),
        "z_west": f"{z[group == result.study.focus].mean().mean():.2f}",
        "z_east": f"{z[group == result.reference_group].mean().mean():.2f}",
        "entropy_industry": percent(sums["industrial_momentum"]),
        "entropy_innovation": percent(sums["innovation_capability"]),
        "entropy_talent": percent(sums["high_level_talent"]),
    }


def _leader_facts(result, names, code):
    under = leaders_under(result)
    west = result.study.regions["group"].reindex(under.index) == result.study.focus
    own, draws = under[west], leading_draws(result)
    equal = own["equal"]
    same = equal.index[equal.nunique(axis=1) == 1]
    firm = own.index[own.nunique(axis=1) == 1]
    here = under.loc[code]
    mine = draws.loc[code].sort_values(ascending=False)
    surest = draws[west].max(axis=1)
    found = {
        "same_count": counted(len(same)),
        "differ_count": counted(len(equal) - len(same)),
        "firm_clause": "one province keeps its leader"
        if len(firm) == 1
        else f"{counted(len(firm))} province{'s keep their' if len(firm) else ' keeps its'} leader",
        "firm": joined(names[firm]) if len(firm) else "none",
        "cells": counted(own.shape[1]),
        "weightings": counted(len(WEIGHTINGS)),
        "place_share": SHORT[here[("equal", "share")]],
        "place_relative": SHORT[here[("equal", "relative")]],
        "place_gap": SHORT[here[("equal", "gap")]],
        "place_cells": joined(f"{SHORT[name]} in {counted(int(count))}" for name, count in here.value_counts().items()),
        "place_draw": SHORT[mine.index[0]],
        "place_draw_share": percent(mine.iloc[0]),
        "place_second": SHORT[mine.index[1]],
        "place_second_share": percent(mine.iloc[1]),
        "draws": f"{DRAWS:,}",
        "place_agrees": "agree" if equal.loc[code].nunique() == 1 else "do not agree",
        "chance_spread": f"{(draws[west].max() - draws[west].min()).max() * 100:.0f}",
        "surest_half": "no dilemma" if surest.max() <= 0.5 else "only the surest",
        "sure": names[surest.idxmax()],
        "sure_share": percent(surest.max()),
        "unsure": names[surest.idxmin()],
        "unsure_share": percent(surest.min()),
        "sure_what": SHORT[draws.loc[surest.idxmax()].idxmax()],
        "unsure_what": SHORT[draws.loc[surest.idxmin()].idxmax()],
    }
    for reading in READINGS:
        tally = equal[reading].value_counts()
        found[f"tally_{reading}"] = joined(f"{SHORT[name]} in {how_many(int(tally.get(name, 0)))}" for name in SHORT)
    return found


def _factor_facts(result):
    table, between, home = factors(result), dilemma_correlations(result), homes(result)
    order = list(members(result))
    strays = _strays(home, order)
    r = behind(result).corr()
    pairs = r.where(np.triu(np.ones(r.shape, bool), 1)).stack().dropna().sort_values(ascending=False)
    own = pd.Series({name: home.loc[name, home.loc[name, "own"]] for name in home.index}).astype(float)
    near = between.where(np.triu(np.ones(between.shape, bool), 1)).stack().dropna().sort_values(ascending=False)
    talent = table.loc[order[2]]
    must_hold("Research staff goes with innovation.", home.loc["rd_staff", order[1]] > home.loc["rd_staff", order[2]],
              "the correlations of research staff with two dilemmas")
    must_hold("Students and movement go their own way.", max(own["undergraduates"], own["net_migration"]) < ALIKE,
              "the correlations of students and net migration with their own dilemma")
    must_hold("Income is part of the factor.", table.loc["all", "without income"] < table.loc["all", "as it is"],
              "the share of the first factor with and without income")
    one = table.loc["all", "as it is"] > table.loc["all", "shuffled"]
    still = table.loc["all", "without income"] > table.loc["all", "shuffled"]
    return {
        "indicators": counted(len(home)) if len(home) < 13 else str(len(home)),
        "first_all": percent(table.loc["all", "as it is"]),
        "first_shuffled": percent(table.loc["all", "shuffled"]),
        "first_net": percent(table.loc["all", "without income"]),
        "first_industry": percent(table.loc[order[0], "as it is"]),
        "first_innovation": percent(table.loc[order[1], "as it is"]),
        "first_talent": percent(table.loc[order[2], "as it is"]),
        "first_talent_shuffled": percent(table.loc[order[2], "shuffled"]),
        "between_industry_innovation": f"{between.iloc[0, 1]:.2f}",
        "between_industry_talent": f"{between.iloc[0, 2]:.2f}",
        "between_innovation_talent": f"{between.iloc[1, 2]:.2f}",
        "closest": joined(SHORT[name] for name in near.index[0]),
        "closest_word": "nearly one" if near.iloc[0] >= NEARLY else "alike" if near.iloc[0] >= ALIKE else "two things",
        "talent_word": "hardly one thing" if talent["as it is"] <= talent["shuffled"] + 0.05 else "a thing of its own",
        "one_word": "far more than chance would give" if one else "no more than chance would give",
        "net_word": "still more than chance" if still else "no more than chance",
        "strays": joined(f"{lowered(short(result, name))} ({SHORT[where]})" for name, where in strays.items())
        if strays
        else "none",
        "stray_count": how_many(len(strays)).capitalize(),
        "pair_high": joined(lowered(short(result, name)) for name in pairs.index[0]),
        "pair_high_r": f"{pairs.iloc[0]:.2f}",
        "pair_low": joined(lowered(short(result, name)) for name in pairs.index[-1]),
        "pair_low_r": f"{pairs.iloc[-1]:.2f}".replace("-", "−"),
        "pairs": str(len(pairs)),
        "pairs_positive": str(int((pairs > 0).sum())),
        "weakest": lowered(short(result, own.idxmin())),
        "weakest_r": f"{own.min():.2f}",
        "strongest": lowered(short(result, own.idxmax())),
        "strongest_r": f"{own.max():.2f}",
        "staff_own": f"{home.loc['rd_staff', order[2]]:.2f}",
        "staff_innovation": f"{home.loc['rd_staff', order[1]]:.2f}",
    }


def _exercise_facts(result, code):
    top = {
        weights: weighted(result, weights).obstacles["share"].loc[(code, result.year())].nlargest(3)
        for weights in ("equal", "entropy")
    }
    new = [name for name in top["entropy"].index if name not in top["equal"].index]
    weight = weighted(result, "entropy").weights["weight"]
    z = result.normalised[list(behind(result))]
    gap = (result.reference(z) - z).loc[(code, result.year())]
    rank = z.xs(result.year(), level="year").rank(ascending=False, method="min").loc[code, gap.idxmax()]
    return {
        **{
            f"top_{weights}": ", ".join(
                f"{lowered(short(result, name))} ({percent(share, 1)})" for name, share in rows.items()
            )
            for weights, rows in top.items()
        },
        "top_kept": counted(3 - len(new)).capitalize(),
        "top_new": joined(f"{lowered(short(result, name))} (weight {percent(weight[name], 1)})" for name in new)
        if new
        else "none",
        "robust_indicator": lowered(short(result, gap.idxmax())),
        "robust_rank": f"{rank:.0f}",
    }


def _strays(table, order):
    values = table[order].astype(float)
    nearest, own = (
        values.idxmax(axis=1),
        pd.Series({name: values.loc[name, table.loc[name, "own"]] for name in table.index}),
    )
    return nearest[values.max(axis=1) > own + MARGIN].to_dict()


def _letter(dilemma):
    return {"industrial_momentum": "I", "innovation_capability": "N", "high_level_talent": "T"}.get(
        dilemma, dilemma[:1]
    )
