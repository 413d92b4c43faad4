"""Which dilemma leads: by three readings, under four weightings, and when the weights are drawn at random."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.book.markup import sortable
from nqpkit.chapters.one.dilemmas import LETTERS, PLACE, SHORT, in_focus, members, weighted
from nqpkit.chapters.standing import how_many, leaders, percent
from nqpkit.drawing import SOURCE, Figure, heat_map, name_rows
from nqpkit.evaluation import Evaluation
from nqpkit.uncertainty import random_weights
from nqpkit.wording import counted, joined, raised

READINGS = {"share": "share of\nobstacles, %", "relative": "relative\nto weight", "gap": "share of gap\nto East, %"}
WEIGHTINGS = ("equal", "entropy", "critic", "pca")
DRAWS = 5_000


def leaders_under(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """The leading dilemma of every region, for each weighting and reading: columns (weights, reading)."""
    found = {name: leaders(weighted(result, name), year) for name in WEIGHTINGS}
    return pd.concat(found, axis=1, names=["weights", "reading"])


@lru_cache(maxsize=4)
def leading_draws(result: Evaluation, draws: int = DRAWS, seed: int = 1, year: int | None = None) -> pd.DataFrame:
    """Share of random weightings in which each dilemma has the largest share of obstacles, regions × dilemmas."""
    first = result.systems.columns[0]
    weights = random_weights(result.weights[result.weights["system"] == first], draws, seed=seed)
    gap = (1 - result.normalised[weights.columns].xs(result.year(year), level="year")).fillna(0)
    sums = {name: gap[rows].to_numpy() @ weights[rows].to_numpy().T for name, rows in members(result).items()}
    best = np.stack(list(sums.values())).argmax(axis=0)
    return pd.DataFrame({name: (best == place).mean(axis=1) for place, name in enumerate(sums)}, index=gap.index)


def readings(result: Evaluation, region: str = PLACE) -> Figure:
    """The three dilemmas of the twelve in three readings; the leader of each reading is framed."""
    study, code, year = result.study, result.study.resolve(region), result.year()
    names, order = study.regions["name"], list(members(result))
    own = in_focus(result, result.dilemmas.xs(year, level="year").unstack("dilemma"))
    own = own.loc[own["relative"][order].idxmax(axis=1).map(order.index).sort_values(kind="stable").index]
    colours = sns.color_palette("flare", as_cmap=True)
    with theme.applied():
        drawing, axes = plt.subplots(1, 3, figsize=(theme.WIDTH, 0.33 * len(own) + 1.25), sharey=True)
        for ax, (reading, head) in zip(axes, READINGS.items(), strict=True):
            values = own[reading][order] * (1 if reading == "relative" else 100)
            low, high = float(values.min().min()), float(values.max().max())
            span = 1.7 * (high - low)  # keeps the darkest cells light enough for their frames
            leads = values.eq(values.max(axis=1), axis=0)
            heat_map(ax, values, lambda value, low=low, span=span: colours((value - low) / span),
                     values.map(("{:.2f}" if reading == "relative" else "{:.0f}").format), strong=leads)
            for row, column in np.argwhere(leads.to_numpy()):
                ax.add_patch(plt.Rectangle((column - 0.44, row - 0.42), 0.88, 0.84, fill=False, lw=2, ec=theme.INK))
            ax.set_title(head, fontsize=9, loc="center")
            ax.set_xticks(range(len(order)), [LETTERS[name] for name in order])
        name_rows(axes[0], names[own.index], code)
        drawing.tight_layout(w_pad=0.6)
    plt.close(drawing)
    found = leaders(result, year).loc[own.index]
    same = int((found.nunique(axis=1) == 1).sum())
    counts = " ".join(
        f"{raised(head.replace(chr(10), ' '))}: "
        + ", ".join(f"{SHORT[name]} leads in {int((found[reading] == name).sum())}" for name in order) + "."
        for reading, head in READINGS.items())
    here = f" {names[code]}: {', '.join(SHORT[name] for name in found.loc[code])}." if code in own.index else ""
    alt = (f"Three heat maps of the dilemmas of {len(own)} western provinces, {year}; I is industry, N innovation, "
           f"T talent. {counts} The readings name the same dilemma in {same}.{here}")
    caption = (f"Industry (I), innovation (N) and talent (T) as obstacles of the western provinces, {year}, in three "
               "readings; the largest of each is framed. Shares need not sum to 100: the rest is digital tools. Each "
               f"block has its own scale. {SOURCE}")
    return Figure(drawing, caption, alt, own.rename(index=names), name="readings")


def weightings(result: Evaluation, region: str = PLACE) -> Figure:
    """Which dilemma leads under four weightings and three readings: one letter a cell."""
    code, names, order = result.study.resolve(region), result.study.regions["name"], list(members(result))
    own = in_focus(result, leaders_under(result))
    own = own.loc[own.eq(order[0]).sum(axis=1).sort_values(kind="stable").index]
    colours = dict(zip(order, theme.GROUP_COLOURS, strict=False))
    with theme.applied():
        drawing, axes = plt.subplots(1, 3, figsize=(theme.WIDTH, 0.31 * len(own) + 1.35), sharey=True)
        for ax, (reading, head) in zip(axes, READINGS.items(), strict=True):
            found = own.xs(reading, axis=1, level="reading")[list(WEIGHTINGS)]
            heat_map(ax, found, colours.get, found.map(LETTERS.get), strong=found.notna())
            ax.set_title(head.replace(", %", ""), fontsize=9, loc="center")
            ax.set_xticks(range(len(WEIGHTINGS)), WEIGHTINGS, rotation=55, ha="right", rotation_mode="anchor")
        name_rows(axes[0], names[own.index], code)
        drawing.tight_layout(w_pad=0.6)
    plt.close(drawing)
    firm = own.index[own.nunique(axis=1) == 1]
    alt = (f"Grid of letters: the leading dilemma of {len(own)} western provinces under {len(WEIGHTINGS)} weightings "
           f"({', '.join(WEIGHTINGS)}) in three readings, {result.year()}; I industry, N innovation, T talent. "
           f"The same letter in all {own.shape[1]} cells: {joined(names[firm]) if len(firm) else 'none'}.")
    if code in own.index:
        alt += f" {names[code]}: {', '.join(f'{SHORT[name]} in {(own.loc[code] == name).sum()}' for name in order)}."
    caption = (f"Leading dilemma, {result.year()}: I industry, N innovation, T talent; four weightings in each of "
               f"three readings. {SOURCE}")
    return Figure(drawing, caption, alt, own.rename(index=names), name="weightings")


def chance(result: Evaluation, region: str = PLACE) -> Figure:
    """How often each dilemma has the largest share of obstacles when the weights are drawn at random."""
    code, names, order = result.study.resolve(region), result.study.regions["name"], list(members(result))
    own = in_focus(result, leading_draws(result)).sort_values(order[0], ascending=False) * 100
    colours = dict(zip(order, theme.GROUP_COLOURS, strict=False))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.31 * len(own) + 1.15))
        left = pd.Series(0.0, own.index)
        for place, (name, colour) in enumerate(colours.items()):
            ax.barh(range(len(own)), own[name], left=left, color=colour, height=0.78)
            for row, value in enumerate(own[name]):
                if value >= 9:
                    ax.text(left.iloc[row] + value / 2, row, f"{value:.0f}", ha="center", va="center", color="white",
                            fontsize=9)
            left = left + own[name]
            ax.annotate(SHORT[name], (36 * place, -0.75), fontsize=9.5, fontweight="bold", color=colour, va="bottom",
                        annotation_clip=False)
        name_rows(ax, names[own.index], code)
        ax.set(xlim=(0, 100), ylim=(len(own) - 0.4, -1.3), xlabel="per cent of random weightings in which it leads")
        drawing.tight_layout()
    plt.close(drawing)
    surest = own.max(axis=1)
    sure, unsure = surest.idxmax(), surest.idxmin()
    alt = (f"Stacked bars for {len(own)} western provinces: share of {DRAWS:,} random weightings in which each dilemma "
           f"has the largest share of obstacles, {result.year()}. Surest: {names[sure]}, {surest.max():.0f} per cent "
           f"{SHORT[own.loc[sure].idxmax()]}; least sure: {names[unsure]}, {surest.min():.0f} per cent "
           f"{SHORT[own.loc[unsure].idxmax()]}.")
    if code in own.index:
        alt += f" {names[code]}: {', '.join(f'{SHORT[name]} {own.loc[code, name]:.0f}' for name in order)}."
    caption = (f"Share of {DRAWS:,} random weightings (all weights equally likely, dimension by dimension) in which a "
               f"dilemma has the largest share of obstacles, {result.year()}. {SOURCE}")
    return Figure(drawing, caption, alt, own.rename(index=names), name="chance")


class LeadersTable:
    """Every region with the leading dilemma of each reading and its share of random weightings; sortable."""

    def __init__(self, result: Evaluation):
        study, draws = result.study, leading_draws(result)
        found = leaders(result).map(lambda dilemma: SHORT.get(dilemma, "no gap"))
        self.year = result.year()
        self.values = pd.DataFrame({
            study.unit["one"].capitalize(): study.regions["name"],
            "Group": [study.groups[group]["label"] for group in study.regions["group"]],
            "By share": found["share"], "Relative to weight": found["relative"], "By gap to the East": found["gap"],
            "Most often": draws.idxmax(axis=1).map(SHORT),
            "in % of weightings": (draws.max(axis=1) * 100).round(),
            "focus": study.regions["group"] == study.focus})

    def _repr_html_(self):
        *words, number, _ = self.values
        head = [*((name, "") for name in words), (number, "number")]
        rows = [(f"leader-{code}", bool(row["focus"]), [*row[words].astype(str), (f"{row[number]:.0f}", row[number])])
                for code, row in self.values.sort_values("focus", ascending=False, kind="stable").iterrows()]
        return sortable(head, rows, "The leading dilemma by three readings at equal weights, and under random "
                                    f"weightings, {self.year}. The West is shaded.")

    def __repr__(self):
        return self.values.drop(columns="focus").to_string()


def leader_facts(result: Evaluation, code: str) -> dict[str, str]:
    """In how many provinces readings and weightings agree, and how sure the leader of one province is."""
    names, under, draws = result.study.regions["name"], leaders_under(result), leading_draws(result)
    own, chances = in_focus(result, under), in_focus(result, draws)
    equal, here = own["equal"], under.loc[code]
    same = equal.index[equal.nunique(axis=1) == 1]
    firm = own.index[own.nunique(axis=1) == 1]
    mine = draws.loc[code].sort_values(ascending=False)
    surest = chances.max(axis=1)
    sure, unsure = surest.idxmax(), surest.idxmin()
    found = {
        "same_count": counted(len(same)),
        "differ_count": counted(len(equal) - len(same)),
        "firm_clause": _keeping(len(firm)),
        "firm": joined(names[firm]) if len(firm) else "none",
        "cells": counted(own.shape[1]),
        "weightings": counted(len(WEIGHTINGS)),
        **{f"place_{reading}": SHORT[here[("equal", reading)]] for reading in READINGS},
        "place_cells": joined(f"{SHORT[name]} in {counted(int(count))}" for name, count in here.value_counts().items()),
        "place_draw": SHORT[mine.index[0]],
        "place_draw_share": percent(mine.iloc[0]),
        "place_second": SHORT[mine.index[1]],
        "place_second_share": percent(mine.iloc[1]),
        "draws": f"{DRAWS:,}",
        "place_agrees": "agree" if equal.loc[code].nunique() == 1 else "do not agree",
        "chance_spread": f"{(chances.max() - chances.min()).max() * 100:.0f}",
        "surest_half": "no dilemma" if surest.max() <= 0.5 else "only the surest",
        "sure": names[sure],
        "sure_share": percent(surest.max()),
        "unsure": names[unsure],
        "unsure_share": percent(surest.min()),
        "sure_what": SHORT[draws.loc[sure].idxmax()],
        "unsure_what": SHORT[draws.loc[unsure].idxmax()],
    }
    for reading in READINGS:
        tally = equal[reading].value_counts()
        found[f"tally_{reading}"] = joined(f"{SHORT[name]} in {how_many(int(tally.get(name, 0)))}" for name in SHORT)
    return found


def _keeping(number):
    """How many provinces keep their leader, as a clause."""
    if number == 1:
        return "one province keeps its leader"
    return f"{counted(number)} province{'s keep their' if number else ' keeps its'} leader"
