"""One factor behind many indicators: how far the three dilemmas are one thing, and whose indicator is whose."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.analysis.association import first_share, residuals, shuffled_share
from nqpkit.chapters.guards import must_hold
from nqpkit.chapters.one.dilemmas import SHORT, members
from nqpkit.chapters.standing import how_many, percent, short
from nqpkit.drawing import SOURCE, Figure, explain_marks, heat_map
from nqpkit.evaluation import Evaluation
from nqpkit.wording import counted, joined, lowered, number, raised

NEARLY, ALIKE = 0.85, 0.7  # correlations from which two dilemmas are called nearly one, or alike
MARGIN = 0.1  # an indicator is nearer to another dilemma if its correlation there is higher by more than this


def behind(result: Evaluation) -> pd.DataFrame:
    """Normalised indicators behind the dilemmas in the last scored year, regions × indicators."""
    return result.normalised[sum(members(result).values(), [])].xs(result.year(), level="year").dropna()


def without_income(result: Evaluation, z: pd.DataFrame) -> pd.DataFrame:
    """What is left of each column when the logarithm of GDP per head is taken out by least squares."""
    return residuals(z, np.log(result.indicators["gdp_per_head"].xs(result.year(), level="year")))


@lru_cache(maxsize=4)
def factors(result: Evaluation) -> pd.DataFrame:
    """First component's share for each dilemma and for all together: as it is, without income, and shuffled."""
    z, rows = behind(result), {}
    for name, indicators in {**members(result), "all": list(z)}.items():
        own = z[indicators]
        rows[name] = {"as it is": first_share(own), "without income": first_share(without_income(result, own)),
                      "shuffled": shuffled_share(own)}
    return pd.DataFrame(rows).T


def homes(result: Evaluation) -> pd.DataFrame:
    """Correlation of each indicator with the mean of each dilemma, itself left out of its own (item–rest).

    Returns
    -------
    DataFrame, indicators × dilemmas, with the column ``own``: the dilemma it is booked to.
    """
    z, sets = behind(result), members(result)
    rows = {}
    for name in z:
        rows[name] = {dilemma: z[name].corr(z[[other for other in booked if other != name]].mean(axis=1))
                      for dilemma, booked in sets.items()}
        rows[name]["own"] = next(dilemma for dilemma, booked in sets.items() if name in booked)
    return pd.DataFrame(rows).T.astype({dilemma: float for dilemma in sets})


def strays(homes: pd.DataFrame) -> dict[str, str]:
    """Indicators that go clearly closer with another dilemma than with their own, and with which."""
    values = homes.drop(columns="own")
    nearest = values.idxmax(axis=1)
    return nearest[values.max(axis=1) > _with_own(homes) + MARGIN].to_dict()


def dilemma_correlations(result: Evaluation) -> pd.DataFrame:
    """Correlations between the means of the three dilemmas over all regions."""
    z = behind(result)
    return pd.DataFrame({name: z[rows].mean(axis=1) for name, rows in members(result).items()}).corr()


def correlations(result: Evaluation) -> Figure:
    """Correlations among the indicators behind the dilemmas."""
    z, sets = behind(result), members(result)
    r, places = z.corr(), range(z.shape[1])
    labels = [short(result, name) for name in r]
    colours = sns.diverging_palette(35, 245, s=85, l=52, as_cmap=True)
    tenths = r.map(lambda value: f"{value * 10:.0f}".replace("-0", "0").replace("-", "−"))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 4.6))
        heat_map(ax, r, lambda value: colours((value + 1) / 2), tenths.mask(np.eye(len(r), dtype=bool), ""), size=8.5)
        edges = np.cumsum([0, *map(len, sets.values())]) - 0.5
        for low, high in zip(edges, edges[1:], strict=False):
            ax.add_patch(plt.Rectangle((low, low), high - low, high - low, fill=False, lw=2.2, ec=theme.INK,
                                       clip_on=False))
        ax.set_yticks(places, [f"{text} {row}" for row, text in enumerate(labels, 1)])
        ax.set_xticks(places, range(1, len(r) + 1))
        drawing.tight_layout()
    plt.close(drawing)
    pairs = _pairs(r)
    high, low = ([lowered(short(result, name)) for name in pair] for pair in (pairs.idxmax(), pairs.idxmin()))
    alt = (f"Heat map of the correlations among {len(r)} indicators behind the three dilemmas over {len(z)} provinces, "
           f"{result.year()}. Highest: {high[0]} with {high[1]}, {pairs.max():.2f}; lowest: {low[0]} with {low[1]}, "
           f"{pairs.min():.2f}. Positive in {(pairs > 0).sum()} of {len(pairs)} pairs.")
    caption = (f"Correlations of the normalised indicators over {len(z)} provinces, {result.year()}, in tenths (9 is "
               f"0.9). Framed: industry, innovation, talent. {SOURCE}")
    return Figure(drawing, caption, alt, r.set_axis(labels).set_axis(labels, axis=1), name="correlations")


def one_factor(result: Evaluation) -> Figure:
    """Share of the first component: each dilemma, all together, without income, and if nothing hung together."""
    table = factors(result) * 100
    labels, rows = [*(raised(SHORT[name]) for name in table.index[:-1]), "All three"], range(len(table))
    marks = {"as it is": ("o", theme.ACCENT, 85, 0), "without income": ("D", theme.GROUP_COLOURS[1], 52, 0),
             "shuffled": ("|", theme.INK, 190, 2.4)}
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 3.1))
        ax.hlines(rows, table["shuffled"], table["as it is"], color=theme.GRID, lw=7, zorder=0)
        for name, (marker, colour, size, width) in marks.items():
            ax.scatter(table[name], rows, marker=marker, color=colour, s=size, linewidths=width, zorder=3)
        explain_marks(ax, {name: {"marker": marker, "color": colour, "ms": 8, "mew": width}
                           for name, (marker, colour, _, width) in marks.items()}, (0.4, -0.24))
        ax.set_yticks(rows, labels)
        ax.set(xlim=(0, 100), ylim=(len(table) - 0.5, -0.5), title="One factor behind many indicators?",
               xlabel="share of the first component, %")
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    numbers = "; ".join(f"{label} {row['as it is']:.0f}, {row['without income']:.0f}, {row['shuffled']:.0f}"
                        for label, (_, row) in zip(labels, table.iterrows(), strict=True))
    alt = (f"Dot chart of the first principal component's share of the variance over {len(behind(result))} provinces, "
           f"{result.year()}, per cent: as it is, without income, and the level that shuffled columns rarely exceed. "
           f"{numbers}.")
    caption = (f"Share of the first component in the variance of the standardised indicators, {result.year()}; after "
               "ln GDP per head is taken out of each; and the share that columns shuffled on their own exceed in one "
               f"case of twenty. {SOURCE}")
    return Figure(drawing, caption, alt, table, name="factor")


def at_home(result: Evaluation) -> Figure:
    """Where each indicator is at home: its correlation with the mean of each dilemma."""
    table, order = homes(result), list(members(result))
    looks = {name: {"marker": marker, "color": colour}
             for name, marker, colour in zip(order, ("o", "s", "D"), theme.GROUP_COLOURS, strict=False)}
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.33 * len(table) + 1.25))
        for row, (_, values) in enumerate(table.iterrows()):
            ax.hlines(row, values[order].min(), values[order].max(), color=theme.GRID, lw=5, zorder=0)
            for name in order:
                own = {"s": 70, "alpha": 1, "edgecolors": theme.INK} if values["own"] == name else {
                    "s": 34, "alpha": 0.6, "edgecolors": "none"}
                ax.scatter(values[name], row, zorder=3, linewidths=1.4, **looks[name], **own)
        for edge in np.cumsum([len(rows) for rows in members(result).values()])[:-1]:
            ax.axhline(edge - 0.5, color=theme.MUTED, lw=0.8)
        explain_marks(ax, {SHORT[name]: {**looks[name], "ms": 7} for name in order}, (0.3, -0.11))
        ax.set_yticks(range(len(table)), [short(result, name) for name in table.index])
        ax.set(ylim=(len(table) - 0.5, -0.6), xlim=(min(0.0, table[order].min().min() - 0.05), 1.02),
               xlabel="correlation with a dilemma's mean")
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        drawing.tight_layout()
    plt.close(drawing)
    away = joined(f"{lowered(short(result, name))} (to {SHORT[where]})"
                  for name, where in strays(table).items()) if strays(table) else "none"
    alt = (f"Dot chart of the correlation of {len(table)} indicators with the mean of each dilemma over "
           f"{len(behind(result))} provinces, {result.year()}, itself left out of its own; the own dilemma is "
           f"outlined. Clearly nearer to another dilemma than to its own: {away}.")
    caption = (f"Correlation of each indicator with the mean of each dilemma, {result.year()}; large and outlined: the "
               f"dilemma it is booked to, itself left out (item–rest). {SOURCE}")
    return Figure(drawing, caption, alt, table.rename(index=lambda name: short(result, name)), name="home")


def factor_facts(result: Evaluation) -> dict[str, str]:
    """How much one factor carries, which dilemmas are alike, and which indicators stray."""
    table, between, home = factors(result), dilemma_correlations(result), homes(result)
    industry, innovation, talent = members(result)
    own, away = _with_own(home), strays(home)
    pairs, near = (_pairs(r).sort_values(ascending=False) for r in (behind(result).corr(), between))
    staff = home.loc["rd_staff"]
    must_hold("Research staff goes with innovation.", staff[innovation] > staff[talent],
              "the correlations of research staff with two dilemmas")
    must_hold("Students and movement go their own way.", max(own["undergraduates"], own["net_migration"]) < ALIKE,
              "the correlations of students and net migration with their own dilemma")
    must_hold("Income is part of the factor.", table.loc["all", "without income"] < table.loc["all", "as it is"],
              "the share of the first factor with and without income")
    one = table.loc["all", "as it is"] > table.loc["all", "shuffled"]
    still = table.loc["all", "without income"] > table.loc["all", "shuffled"]
    apart = table.loc[talent, "as it is"] > table.loc[talent, "shuffled"] + 0.05

    def named(pair):
        return joined(lowered(short(result, name)) for name in pair)

    return {
        "indicators": counted(len(home)) if len(home) < 13 else str(len(home)),
        "first_all": percent(table.loc["all", "as it is"]),
        "first_shuffled": percent(table.loc["all", "shuffled"]),
        "first_net": percent(table.loc["all", "without income"]),
        "first_industry": percent(table.loc[industry, "as it is"]),
        "first_innovation": percent(table.loc[innovation, "as it is"]),
        "first_talent": percent(table.loc[talent, "as it is"]),
        "first_talent_shuffled": percent(table.loc[talent, "shuffled"]),
        "between_industry_innovation": f"{between.loc[industry, innovation]:.2f}",
        "between_industry_talent": f"{between.loc[industry, talent]:.2f}",
        "between_innovation_talent": f"{between.loc[innovation, talent]:.2f}",
        "closest": joined(SHORT[name] for name in near.index[0]),
        "closest_r": number(near.iloc[0]),
        "closest_word": "nearly one" if near.iloc[0] >= NEARLY else "alike" if near.iloc[0] >= ALIKE else "two things",
        "talent_word": "a thing of its own" if apart else "hardly one thing",
        "one_word": "far more than chance would give" if one else "no more than chance would give",
        "net_word": "still more than chance" if still else "no more than chance",
        "strays": joined(f"{lowered(short(result, name))} ({SHORT[where]})" for name, where in away.items())
        if away else "none",
        "stray_count": how_many(len(away)).capitalize(),
        "pair_high": named(pairs.index[0]),
        "pair_high_r": f"{pairs.iloc[0]:.2f}",
        "pair_low": named(pairs.index[-1]),
        "pair_low_r": number(pairs.iloc[-1]),
        "pairs": str(len(pairs)),
        "pairs_positive": str(int((pairs > 0).sum())),
        "weakest": lowered(short(result, own.idxmin())),
        "weakest_r": f"{own.min():.2f}",
        "strongest": lowered(short(result, own.idxmax())),
        "strongest_r": f"{own.max():.2f}",
        "staff_own": f"{staff[talent]:.2f}",
        "staff_innovation": f"{staff[innovation]:.2f}",
    }


def _with_own(homes):
    return pd.Series({name: row[row["own"]] for name, row in homes.iterrows()}, dtype=float)


def _pairs(r):
    """The correlations above the diagonal, one a pair."""
    return r.where(np.triu(np.ones(r.shape, bool), 1)).stack().dropna()
