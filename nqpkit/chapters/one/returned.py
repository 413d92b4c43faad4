"""The circle: far from every goalpost, obstacle degrees give back the weights that went in."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nqpkit import theme
from nqpkit.chapters.one.dilemmas import members, weighted
from nqpkit.chapters.standing import percent, short
from nqpkit.drawing import SOURCE, Figure, note
from nqpkit.evaluation import Evaluation
from nqpkit.obstacles import obstacle_degree
from nqpkit.wording import counted, joined, lowered

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


def weights_returned(result: Evaluation, weights: str = "entropy") -> pd.DataFrame:
    """Weight of every indicator of the first system beside its mean obstacle degree in focus and reference group."""
    other = weighted(result, weights)
    own = other.weights.loc[other.weights["system"] == other.systems.columns[0], "weight"]
    share = other.obstacles["share"].xs(other.year(), level="year").unstack("indicator")
    group = other.study.regions["group"].reindex(share.index)
    return pd.DataFrame({"weight": own, "focus": share[group == other.study.focus].mean(),
                         "reference": share[group == other.reference_group].mean()})


def circle(result: Evaluation | None = None) -> Figure:
    """The toy: obstacle degrees turn into the weights as the values go to zero."""
    table = toy()
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.3))
        for (name, weight), colour in zip(TOY_WEIGHTS.items(), theme.GROUP_COLOURS, strict=False):
            ax.axhline(weight, color=colour, lw=1, ls=":")
            ax.plot(table.index, table[name], color=colour, lw=2.6)
            note(ax, f"{name}: weight {weight}", (0, weight), 8, color=colour, fontweight="bold", annotation_clip=False)
            start = table[name].iloc[0]
            note(ax, f"{start:.2f}", (1, start), -6, color=colour, annotation_clip=False)
        ax.set(xlim=(1, 0), ylim=(0, 0.56), xticks=[1, 0.75, 0.5, 0.25, 0], yticks=[],
               xlabel="all three values times …", title="Obstacle degree of a toy region")
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    start, end = table.iloc[0], table.iloc[-1]
    paths = "; ".join(f"{name} goes from {start[name]:.2f} to {end[name]:.2f}, its weight {weight}"
                      for name, weight in TOY_WEIGHTS.items())
    alt = (f"Line chart of three obstacle degrees of a made-up region while its values shrink to zero. {paths}. "
           f"Largest at the start: {start.idxmax()}; at the end: {end.idxmax()}.")
    caption = ("Obstacle degrees of three indicators with weights 0.5, 0.3 and 0.2 when their normalised values (0.9, "
               "0.5 and 0.1) are multiplied with a factor that falls to zero. Source: own computation on made-up "
               "numbers.")
    return Figure(drawing, caption, alt, table, name="circle")


def circle_in_data(result: Evaluation, weights: str = "entropy") -> Figure:
    """Weights beside mean obstacle degrees under a weighting by data: West and East."""
    study, table = result.study, weights_returned(result, weights)
    colours = theme.group_colours(study.groups, study.focus)
    sides = {"focus": study.focus, "reference": result.reference_group}
    names = {side: study.groups[group]["label"] for side, group in sides.items()}
    heaviest = table["weight"].idxmax()
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 4.1))
        top = float(table.max().max()) * 1.1
        ax.plot([0, top], [0, top], color=theme.MUTED, lw=1, ls=":")
        for side, group in sides.items():
            ax.scatter(table["weight"], table[side], s=48, color=colours[group], alpha=0.85,
                       marker="o" if side == "focus" else "s", label=f"mean of the {names[side]}")
        note(ax, short(result, heaviest), table.loc[heaviest, ["weight", "focus"]], dy=9)
        note(ax, "obstacle = weight", (top * 0.86, top * 0.86), 10, -12, ha="center", va="baseline", rotation=38,
             color=theme.MUTED)
        ax.legend(frameon=False, fontsize=9, loc="upper left", handletextpad=0.2)
        ax.set(xlim=(0, top), ylim=(0, top * 1.05), xlabel=f"weight of the indicator ({weights})",
               ylabel="obstacle degree", title="What goes in comes out")
        drawing.tight_layout()
    plt.close(drawing)
    r = {side: table["weight"].corr(table[side]) for side in sides}
    alt = (f"Scatter of the weight of {len(table)} indicators against their mean obstacle degree, {result.year()}, "
           f"{weights} weights. Correlation {r['focus']:.2f} in the {names['focus']}, {r['reference']:.2f} in the "
           f"{names['reference']}. Heaviest: {lowered(short(result, heaviest))}, "
           f"weight {table.loc[heaviest, 'weight']:.2f}, obstacle {table.loc[heaviest, 'focus']:.2f} in the "
           f"{names['focus']}.")
    caption = (f"Weight and mean obstacle degree of the {len(table)} indicators of new quality productivity, "
               f"{result.year()}, {weights} weights. On the dotted line an indicator obstructs as much as its weight. "
               f"{SOURCE}")
    return Figure(drawing, caption, alt, table.rename(index=lambda name: short(result, name)), name="returned")


def circle_facts(result: Evaluation) -> dict[str, str]:
    """How closely obstacles follow the weights, West and East, by data and at equal weights."""
    table, equal = weights_returned(result), weights_returned(result, "equal")
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


def exercise_facts(result: Evaluation, code: str) -> dict[str, str]:
    """A region's three largest obstacles under equal and entropy weights, and the one that needs no weights."""
    year = result.year()
    top = {weights: weighted(result, weights).obstacles["share"].loc[(code, year)].nlargest(3)
           for weights in ("equal", "entropy")}
    new = top["entropy"].index.difference(top["equal"].index, sort=False)
    weight = weighted(result, "entropy").weights["weight"]
    z = result.normalised[sum(members(result).values(), [])]
    gap = (result.reference(z) - z).loc[(code, year)]
    rank = z.xs(year, level="year").rank(ascending=False, method="min").loc[code, gap.idxmax()]

    def listed(shares):
        return ", ".join(f"{lowered(short(result, name))} ({percent(share, 1)})" for name, share in shares.items())

    return {
        **{f"top_{weights}": listed(shares) for weights, shares in top.items()},
        "top_kept": counted(3 - len(new)).capitalize(),
        "top_new": joined(f"{lowered(short(result, name))} (weight {percent(weight[name], 1)})" for name in new)
        if len(new) else "none",
        "robust_indicator": lowered(short(result, gap.idxmax())),
        "robust_rank": f"{rank:.0f}",
    }
