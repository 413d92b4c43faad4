"""Figures and facts of the chapter that builds the index: one scale, weights, means."""

from functools import lru_cache

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns

from nqpkit import theme
from nqpkit.chapters.case import case_code
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE, Figure, name_rows, wrap
from nqpkit.evaluation import Evaluation, dimension_scores, evaluate, indicator_weights, system_scores
from nqpkit.scoring import WEIGHTS, goalposts, normalise, winsorise
from nqpkit.sensitivity import revise
from nqpkit.weighting import entropy_weights
from nqpkit.wording import Prose, safe

MARKERS = {"equal": "|", "entropy": "o", "critic": "s", "cv": "D", "pca": "^"}
LU_START, LU_END, LU_YEARS = 0.3026, 0.8747, 9  # national index of Lu, Guo and Wang (2024) and the steps between
NAMES = {"equal": "equal", "entropy": "entropy", "critic": "CRITIC", "cv": "variation", "pca": "PCA"}


def facts(result: Evaluation) -> dict:
    """Numbers and names for the chapter's sentences."""
    about, code, year = result.framework.indicators(), case_code(result), result.year()
    labels = about["label"].map(lambda text: result.study.said(safe(text)))
    names = result.study.regions["name"].map(safe)
    first = _first(result)
    step, entropy = steps_table(result).loc[names_raw(result, code)], entropy_with_and_without_leader(result)
    treated, raw = entropy["treated"], entropy["raw"]
    hit = (raw["without"] - raw["all"]).abs().idxmax()
    loss = compensation_table(result)
    clipped = ((result.normalised <= 0) | (result.normalised >= 1)).groupby(level="code").sum().sum(axis=1)
    weights = weights_table(result)
    dims = result.dimensions.loc[(code, year), list(dict.fromkeys(about.loc[first, "dimension"]))]
    words = result.framework.dimensions()["label"].map(lambda text: result.study.said(safe(text)))
    return {
        "systems": len(result.framework.systems), "first_count": len(first), "all_count": len(about),
        "negative": int((about["direction"] < 0).sum()), "logged": int((about["transform"] == "log").sum()),
        "share": f"{result.options.winsorise:.1%}", "cells": f"{result.normalised.size:,}",
        "step_label": labels[step_indicator(result)], "step_unit": safe(about.loc[step_indicator(result), "unit"]),
        "step_raw": f"{step['raw']:,.2f}", "step_score": f"{step['score']:.2f}",
        "step_top": names[step_top(result)], "step_ratio": f"{step_ratio(result):.0f}",
        "step_plain": f"{step_without_log(result):.2f}",
        "case_clipped": int(clipped[code]), "most_clipped": names[clipped.idxmax()],
        "most_clipped_count": int(clipped.max()), "case_cells": result.normalised.xs(code, level="code").size,
        "best_dimension": words[dims.idxmax()], "best_dimension_score": f"{dims.max():.2f}",
        "worst_dimension": words[dims.idxmin()], "worst_dimension_score": f"{dims.min():.2f}",
        "arithmetic": f"{loss.loc[names_raw(result, code), 'arithmetic']:.2f}",
        "geometric": f"{loss.loc[names_raw(result, code), 'geometric']:.2f}",
        "loss_most": safe(loss["lost"].idxmax()), "loss_most_share": f"{loss['lost'].max():.0%}",
        "loss_system": result.study.said(safe(_systems(result)[-1][1])),
        "entropy_top": labels[weights["entropy"].idxmax()], "entropy_top_weight": f"{weights['entropy'].max():.0%}",
        "entropy_low": labels[weights["entropy"].idxmin()], "entropy_low_weight": f"{weights['entropy'].min():.0%}",
        "entropy_times": f"{weights['entropy'].max() / weights['entropy'].min():.0f}",
        "critic_top": labels[weights["critic"].idxmax()], "critic_top_weight": f"{weights['critic'].max():.0%}",
        "equal_weight": f"{weights['equal'].mean():.0%}",
        "leader": names[leader(result)], "hit": labels[hit], "hit_before": f"{raw.loc[hit, 'all']:.1%}",
        "hit_after": f"{raw.loc[hit, 'without']:.1%}", "hit_treated_before": f"{treated.loc[hit, 'all']:.1%}",
        "hit_treated_after": f"{treated.loc[hit, 'without']:.1%}",
        "raw_moved": f"{(raw['without'] - raw['all']).abs().sum() / 2:.0%}",
        "treated_moved": f"{(treated['without'] - treated['all']).abs().sum() / 2:.0%}",
        "spread": f"{weights['entropy'].corr(weights['cv']):.2f}",
        **_practice(result, labels), **_growth(),
    }


def compare_orders(rho: float) -> str:
    """What a change of method does to an order, in a verb, from the rank correlation of before and after.

    >>> compare_orders(0.99), compare_orders(0.5)
    ('hardly move', 'overturn')
    """
    return "hardly move" if rho >= 0.95 else "move" if rho >= 0.8 else "overturn"


def order_words(result: Evaluation) -> Prose:
    """What other weights, raw values and other lists do to the order of the first score, in one paragraph."""
    weights, found = rank_agreement(result).min(), other_orders(result)
    least = min(found, key=found.get)
    changes = "; ".join(f"{safe(name)} {rho:.3f}" for name, rho in found.items())
    label = result.study.said(safe(_systems(result)[0][1]))
    return Prose(
        f"Which step matters most? Method sections are full of weights. Here the data-driven weights "
        f"{compare_orders(weights)} the order of {label}. Rank correlations with the order as it stands, after one "
        f"change each: {changes}. The largest change comes from {safe(least)}.")


def other_orders(result: Evaluation) -> dict[str, float]:
    """Rank correlation of the first score with itself scored otherwise: by other weights, raw, by other lists."""
    year, first = result.year(), result.systems.columns[0]
    base, orders = result.systems[first].xs(year, level="year"), rank_agreement(result)
    about = result.framework.indicators()
    z = normalise(result.indicators, about["direction"])
    raw = system_scores(z, dimension_scores(z, result.weights), result.weights, result.options.aggregate)[first]
    found = {f"{NAMES.get(orders.idxmin(), orders.idxmin())} weights": orders.min(),
             "raw values without logarithm or pulling in": base.corr(raw.xs(year, level="year"), method="spearman")}
    if result.framework is result.study.framework:
        for name, entry in result.framework.variants.items():
            other = evaluate(result.study, framework=result.framework.variant(name)).systems[first]
            label = f"the list “{entry['label'].split(' (')[0]}”"
            found[label] = base.corr(other.xs(year, level="year"), method="spearman")
    return found


def _practice(result, labels):
    table, names = five_by_hand(result), result.study.regions["name"].map(safe)
    order = table[("mean", "")].sort_values(ascending=False)
    lowest, highest = (table["value"].iloc[:, 0].agg(end) for end in ("min", "max"))
    own = names_raw(result, case_code(result))
    return {"five": ", ".join(names[practice_regions(result)]), "three": "; ".join(labels[practice_indicators(result)]),
            "five_order": ", ".join(f"{safe(name)} {score:.2f}" for name, score in order.items()),
            "five_low": f"{lowest:,.2f}", "five_high": f"{highest:,.2f}",
            "five_own": f"{table.loc[own, 'value'].iloc[0]:,.2f}",
            "five_own_score": f"{table.loc[own, 'score'].iloc[0]:.2f}"}


def walk(result: Evaluation) -> Table:
    """Every indicator of the first system for the region followed: raw value, unit, score, and what it adds."""
    code, year, about = case_code(result), result.year(), result.framework.indicators().loc[_first(result)]
    dimensions, w = result.framework.dimensions()["label"], result.weights.loc[about.index, "within"]
    index = pd.MultiIndex.from_arrays([about["dimension"].map(dimensions), about["label"]],
                                      names=["dimension", "indicator"])
    score = result.normalised.loc[(code, year), about.index]
    table = pd.DataFrame({"value": result.indicators.loc[(code, year), about.index], "unit": about["unit"],
                          "score": score, "adds": score * w}).set_axis(index)
    return Table(table, f"{names_raw(result, code)}, {year}: from published ratio to what it adds to its dimension. "
                        f"{SOURCE}")


def five_by_hand(result: Evaluation) -> pd.DataFrame:
    """Five regions and three indicators to practise on: raw values, scored among these five alone, equal weights."""
    year, about, names = result.year(), result.framework.indicators(), result.study.regions["name"]
    chosen, places = practice_indicators(result), practice_regions(result)
    raw = result.indicators.xs(year, level="year").loc[places, chosen]
    z = normalise(raw, about.loc[chosen, "direction"])
    table = pd.concat({"value": raw.round(2), "score": z.round(2)}, axis=1)
    table[("mean", "")] = z.mean(axis=1).round(2)
    return table.rename(index=names).rename_axis("").rename(columns=about["label"].to_dict(), level=1)


def practice_regions(result: Evaluation) -> list[str]:
    """Five regions from the lowest to the highest of the first system, the region followed among them."""
    order = result.systems.iloc[:, 0].xs(result.year(), level="year").dropna().sort_values().index
    places = np.linspace(0, len(order) - 1, min(5, len(order))).round().astype(int)
    code = case_code(result)
    if code not in order[places]:
        places[np.abs(places - order.get_loc(code))[1:-1].argmin() + 1] = order.get_loc(code)
    return list(order[sorted(set(places))])


def practice_indicators(result: Evaluation) -> list[str]:
    """The first indicator of two dimensions, and one on which less is better if there is any."""
    about = result.framework.indicators()
    heads = about.groupby("dimension", sort=False).head(1).index
    fewer = about.index[about["direction"] < 0]
    third = fewer[0] if len(fewer) else heads[-1]
    return list(dict.fromkeys([*heads[:2], third]))


def step_indicator(result: Evaluation) -> str:
    """The logged indicator of the first system whose raw values are most skewed; without a logged one, any."""
    about, names = result.framework.indicators(), _first(result)
    logged = [name for name in names if about.loc[name, "transform"] == "log"] or list(names)
    return result.indicators[logged].skew().idxmax()


def steps_table(result: Evaluation) -> pd.DataFrame:
    """One indicator of the last year at every step: raw, on its scale, pulled in, scored; one row a region."""
    name, year = step_indicator(result), result.year()
    scaled = result.raw.logged(result.framework.indicators()["transform"])[[name]]
    frame = pd.DataFrame({"raw": result.indicators[name], "scaled": scaled[name],
                          "pulled in": winsorise(scaled, result.options.winsorise)[name],
                          "score": result.normalised[name]}).xs(year, level="year")
    return frame.rename(index=result.study.regions["name"])


def step_top(result: Evaluation) -> str:
    """The region with the highest raw value of the indicator followed."""
    return result.indicators[step_indicator(result)].xs(result.year(), level="year").idxmax()


def step_ratio(result: Evaluation) -> float:
    """How many times the highest raw value is the median one."""
    values = result.indicators[step_indicator(result)].xs(result.year(), level="year")
    return values.max() / values.median()


def step_without_log(result: Evaluation) -> float:
    """The score that the region followed would have if the raw values were scaled without logarithm or pulling in."""
    name = step_indicator(result)
    z = normalise(result.indicators[[name]], result.framework.indicators().loc[[name], "direction"])
    return float(z.loc[(case_code(result), result.year()), name])


def steps(result: Evaluation) -> Figure:
    """One indicator from raw values to 0…1, the region followed in colour."""
    table, name, year = steps_table(result), step_indicator(result), result.year()
    about, own = result.framework.indicators().loc[name], names_raw(result, case_code(result))
    log = about["transform"] == "log"
    heads = {"raw": f"1. raw, {about['unit']}", "scaled": "2. natural logarithm" if log else "2. kept as it is",
             "pulled in": f"3. extremes pulled in at {result.options.winsorise:.1%} either end",
             "score": "4. lowest 0, highest 1" + (" (turned round)" if about["direction"] < 0 else "")}
    with theme.applied():
        drawing, axes = plt.subplots(4, 1, figsize=(theme.WIDTH, 4.8))
        for ax, (column, head) in zip(axes, heads.items(), strict=True):
            values = table[column].dropna()
            ax.plot(values, np.zeros(len(values)), "|", color=theme.MUTED, ms=22, mew=1.4)
            if own in values:
                ax.plot([values[own]], [0], "|", color=theme.ACCENT, ms=30, mew=3.4)
                ax.annotate(f"{own} {values[own]:.2f}", (values[own], 0), xytext=(0, 17), textcoords="offset points",
                            ha="center", color=theme.ACCENT, fontsize=9, fontweight="bold")
            ax.set_title(head, fontsize=9.5, pad=14)
            ax.set(yticks=[], ylim=(-1, 1))
            ax.margins(x=0.1)
            sns.despine(ax=ax, left=True)
        drawing.tight_layout(h_pad=0.8)
    plt.close(drawing)
    top, bottom = table["raw"].idxmax(), table["raw"].idxmin()
    held = f"{own}: {table.loc[own, 'raw']:,.2f} raw, score {table.loc[own, 'score']:.2f}. "
    many = result.study.unit["many"]
    alt = (f"Four rows of marks, one mark for each of {len(table)} {many}, {year}: "
           f"{result.study.said(about['label'])}, from raw values ({about['unit']}) to a score from 0 to 1. {held}"
           f"Highest raw value: {top}, {table.loc[top, 'raw']:,.2f}; lowest: {bottom}, "
           f"{table.loc[bottom, 'raw']:,.2f}.")
    caption = (f"{about['label']}, {year}: how a raw value becomes a score. Every mark is one of {len(table)} {many}. "
               f"Goalposts are taken over all scored years, so the ends of one year need not touch 0 and 1. {SOURCE}")
    return Figure(drawing, caption, alt, table)


def weights_table(result: Evaluation) -> pd.DataFrame:
    """Weights of the first system's indicators in its score, one column a method."""
    first = _first(result)
    about = result.framework.indicators().loc[first]
    return pd.DataFrame({method: indicator_weights(result.normalised[first], about, method)["weight"]
                         for method in WEIGHTS})


def weights_compared(result: Evaluation) -> Figure:
    """Five ways to weigh the first system's indicators, side by side."""
    table, labels = weights_table(result), result.framework.indicators()["label"]
    table = table.sort_values("entropy")
    rows = range(len(table))
    colours = dict(zip(table.columns, [theme.INK, *theme.GROUP_COLOURS], strict=False))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.48 * len(table) + 1.4))
        ax.hlines(rows, table.min(axis=1) * 100, table.max(axis=1) * 100, color=theme.GRID, lw=3, zorder=0)
        for method in table:
            ax.scatter(table[method] * 100, rows, marker=MARKERS.get(method, "o"), color=colours[method],
                       s=150 if method == "equal" else 34, linewidths=1.8, label=NAMES.get(method, method),
                       zorder=3 if method == "entropy" else 2)
        ax.set_yticks(rows, [wrap(labels[name], 27) for name in table.index], fontsize=8.5)
        ax.set(xlim=(0, None), xlabel="weight in the score, %", ylim=(-0.6, len(table) - 0.4))
        ax.grid(axis="x")
        ax.tick_params(axis="y", length=0)
        sns.despine(ax=ax, left=True)
        drawing.legend(loc="upper left", ncols=5, frameon=False, fontsize=9, handletextpad=0.1,
                       columnspacing=0.9)
        drawing.tight_layout(rect=(0, 0, 1, 0.96))
    plt.close(drawing)
    spread = table.max(axis=1) - table.min(axis=1)
    system = result.study.said(_systems(result)[0][1])
    alt = f"Dot chart of the weights, in per cent, of {len(table)} indicators of {system} under five methods. "
    words = labels.map(result.study.said)
    alt += (" ".join(f"{NAMES.get(m, m)}: most for {words[table[m].idxmax()]}, {table[m].max():.1%}."
                     for m in table if m != "equal")
            + f" Widest disagreement: {words[spread.idxmax()]}, {spread.max():.1%} apart.")
    caption = (f"Weights of the indicators of {system}: equal, by entropy, CRITIC, coefficient of variation and "
               f"principal components, sorted by entropy. {SOURCE}")
    return Figure(drawing, caption, alt, table.rename(index=labels))


def leader(result: Evaluation) -> str:
    """The region with the highest first score of the last year."""
    return result.systems.iloc[:, 0].xs(result.year(), level="year").idxmax()


def entropy_with_and_without_leader(result: Evaluation) -> dict[str, pd.DataFrame]:
    """Entropy weights of the first system with and without the leading region: ``raw`` scaled as it comes, ``treated``.

    ``raw`` scales the indicators by minimum and maximum without logarithm or pulling in, as most studies do.
    """
    return {key: frame.copy() for key, frame in _entropy_pair(result).items()}


@lru_cache(maxsize=8)
def _entropy_pair(result):
    return {key: entropy_without(result, leader(result), treated=key == "treated") for key in ("raw", "treated")}


def entropy_without(result: Evaluation, region: str, treated: bool = False) -> pd.DataFrame:
    """Entropy weights of the first system, with (``all``) and ``without`` a region; scaled anew each time.

    Raw values are taken unless ``treated`` asks for those logged and pulled in.

    Examples
    --------
    >>> from nqpkit import Study
    >>> table = entropy_without(evaluate(Study.load()), "beijing")
    >>> table.round(3).loc["knowledge_services_jobs"].tolist()
    [0.175, 0.121]
    """
    names, code = _first(result), result.study.resolve(region)
    x = (result.treated if treated else result.indicators)[names]
    parts = {"all": x, "without": x.drop(code, level="code")}
    return pd.DataFrame({name: scaled_entropy(result, part) for name, part in parts.items()})


def scaled_entropy(result: Evaluation, x: pd.DataFrame) -> pd.Series:
    """Entropy weights of indicators scaled by their own minimum and maximum."""
    direction = result.framework.indicators().loc[x.columns, "direction"]
    return entropy_weights(normalise(x, direction, goalposts=goalposts(x)).dropna())


def without_leader(result: Evaluation) -> Figure:
    """Entropy weights with and without the leading region, on raw values and on treated ones."""
    pairs, labels = _entropy_pair(result), result.framework.indicators()["label"]
    name, raw = result.study.regions.loc[leader(result), "name"], _entropy_pair(result)["raw"]
    most = (raw["without"] - raw["all"]).abs().nlargest(8).index
    order = raw.loc[most, "all"].sort_values()
    rows = range(len(order))
    with theme.applied():
        drawing, axes = plt.subplots(1, 2, figsize=(theme.WIDTH, 0.6 * len(order) + 1.3), sharey=True,
                                     sharex=True)
        for ax, (key, head) in zip(axes, {"raw": "raw values", "treated": "logged, pulled in"}.items(), strict=True):
            table = pairs[key].loc[order.index] * 100
            ax.hlines(rows, table["all"], table["without"], color=theme.ACCENT, lw=2.2, alpha=0.6)
            ax.scatter(table["all"], rows, color=theme.INK, s=30, zorder=3, label=f"with {name}")
            ax.scatter(table["without"], rows, facecolor="white", edgecolor=theme.ACCENT, s=34, linewidths=1.6,
                       zorder=3, label=f"without {name}")
            ax.set(title=head, xlabel="entropy weight, %", xlim=(0, None))
            ax.grid(axis="x")
            ax.tick_params(axis="y", length=0)
            sns.despine(ax=ax, left=True)
        axes[0].set_yticks(rows, [wrap(labels[key], 25) for key in order.index], fontsize=8.5)
        drawing.legend(*axes[0].get_legend_handles_labels(), loc="upper left", ncols=2, frameon=False, fontsize=9)
        drawing.tight_layout(rect=(0, 0, 1, 0.95))
    plt.close(drawing)
    moved = {key: (table["without"] - table["all"]) for key, table in pairs.items()}
    alt = (f"Two dot charts of entropy weights in per cent, with and without {name}. " + " ".join(
        f"{head}: the largest change is that of {result.study.said(labels[change.abs().idxmax()])}, from "
        f"{pairs[key].loc[change.abs().idxmax(), 'all']:.1%} to {pairs[key].loc[change.abs().idxmax(), 'without']:.1%}."
        for (key, change), head in zip(moved.items(), ("On raw values", "On treated values"), strict=True)))
    caption = (f"Entropy weights of the {len(order)} indicators that change most, over all scored years, with "
               f"{name} (full dots) and without it (rings). Left: raw values scaled by minimum and "
               f"maximum; right: as in this book. {SOURCE}")
    return Figure(drawing, caption, alt, pd.concat(pairs, axis=1).rename(index=labels))


def compensation_table(result: Evaluation) -> pd.DataFrame:
    """The last system's score by arithmetic and geometric mean of its dimensions, and the share lost by the second."""
    year, system = result.year(), result.systems.columns[-1]
    now = [frame.xs(year, level="year") for frame in (result.normalised, result.dimensions)]
    scores = {method: system_scores(*now, result.weights, method)[system] for method in ("arithmetic", "geometric")}
    table = pd.DataFrame(scores).dropna().rename(index=result.study.regions["name"])
    return table.assign(lost=1 - table["geometric"] / table["arithmetic"]).sort_values("lost")


def compensation(result: Evaluation) -> Figure:
    """How much of the last system's score each region loses when dimensions are multiplied, not added."""
    table, own = compensation_table(result), names_raw(result, case_code(result))
    label = result.study.said(_systems(result)[-1][1])
    shown = table if len(table) <= 16 else pd.concat([table.head(4), table.loc[[own]], table.tail(10)])
    shown = shown[~shown.index.duplicated()].sort_values("lost")
    rows = range(len(shown))
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.27 * len(shown) + 1.1))
        ax.hlines(rows, 0, shown["lost"] * 100, color=theme.GRID, lw=3)
        ax.scatter(shown["lost"] * 100, rows, s=46, zorder=3,
                   color=[theme.ACCENT if name == own else theme.INK for name in shown.index])
        name_rows(ax, shown.index.to_series(), own)
        ax.set(xlabel=f"% of the score lost, {label}", xlim=(-2 * shown["lost"].max(), None))
        ax.grid(axis="x")
        drawing.tight_layout()
    plt.close(drawing)
    alt = (f"Dot chart of the share of the score for {label} that is lost when dimensions are multiplied, not added, "
           f"{result.year()}. Most: {table.index[-1]}, {table['lost'].iloc[-1]:.0%}; least: {table.index[0]}, "
           f"{table['lost'].iloc[0]:.0%}. {own}: {table.loc[own, 'lost']:.0%}.")
    some = "The four that lose least, the ten that lose most" if len(shown) < len(table) else "All"
    caption = (f"What a geometric mean takes off the score for {label}, against an arithmetic one, {result.year()}. "
               f"{some}{' and ' + own if len(shown) < len(table) else ''}. {SOURCE}")
    return Figure(drawing, caption, alt, table)


def rank_agreement(result: Evaluation) -> pd.Series:
    """Rank correlation of the first score under each other way to weigh with the score as it stands."""
    year, first = result.year(), result.systems.columns[0]
    base = result.systems[first].xs(year, level="year")
    return pd.Series({method: base.corr(revise(result, weights=method).systems[first].xs(year, level="year"),
                                        method="spearman") for method in WEIGHTS if method != result.options.weights})


def names_raw(result: Evaluation, code: str) -> str:
    """A region's name as the tables of this chapter have it."""
    return result.study.regions.loc[code, "name"]


def _first(result):
    first = result.systems.columns[0]
    return result.weights.index[result.weights["system"] == first]


def _systems(result):
    return [(name, parts["label"]) for name, parts in result.framework.systems.items()]


def _growth(start=LU_START, end=LU_END, years=LU_YEARS):
    total = end / start - 1
    return {"growth_simple": f"{total / years:.1%}", "growth_compound": f"{(end / start) ** (1 / years) - 1:.1%}",
            "growth_check": f"{start * (1 + total / years) ** years:.2f}"}
