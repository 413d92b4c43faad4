"""NQP and HQED side by side: over all provinces, given their income, and over the years of one province."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from nqpkit import theme
from nqpkit.analysis.association import residuals
from nqpkit.analysis.audit import association_without
from nqpkit.book.markup import sortable
from nqpkit.chapters.dimension import chosen, focus_order, of_paper, region_link
from nqpkit.chapters.guards import must_hold
from nqpkit.drawing import Figure, note
from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.wording import counted, number, signed

SCORES = ["nqp", "hqed"]


def quantities(result: Evaluation) -> pd.DataFrame:
    """Everything that the chapter sets against each other, (code, year) × name: scores, indicators, ln GDP per head."""
    frame = result.dimensions.join(result.systems).join(result.indicators)
    return frame.assign(income=np.log(result.indicators["gdp_per_head"]))


def given_income(result: Evaluation, year: int | None = None) -> pd.DataFrame:
    """NQP and HQED of every province of a year less what a straight line in ln GDP per head gives, by code."""
    now = quantities(result).xs(result.year(year), level="year")
    return residuals(now[SCORES], now["income"])


def own_correlations(result: Evaluation) -> pd.Series:
    """Correlation of NQP and HQED over the years inside every province."""
    return result.systems.groupby(level="code").apply(lambda part: part["nqp"].corr(part["hqed"]))


def table_of_all(result: Evaluation) -> str:
    """Every province with its scores, what is left of them given its income, and how its scores move together."""
    result = of_paper(result)
    study, year = result.study, result.year()
    now, left, alike = result.systems.xs(year, level="year"), given_income(result), own_correlations(result)
    head = [(study.unit["one"].capitalize(), ""), *((name, "number") for name in (
        "NQP", "HQED", "NQP given income", "HQED given income", "r over the years"))]
    rows = []
    for code in now["nqp"].sort_values(ascending=False).index:
        place = study.regions.loc[code]
        numbers = [*((number(now.loc[code, name]), now.loc[code, name]) for name in SCORES),
                   *((_signed(left.loc[code, name]), left.loc[code, name]) for name in SCORES),
                   (number(alike[code]), alike[code])]
        rows.append((f"together-{place['slug']}", place["group"] == study.focus, [region_link(place), *numbers]))
    return sortable(head, rows, f"The two scores, {year}: as they are, less what a straight line in ln GDP per head "
                                f"gives, and their correlation over {len(study.years)} years. The group "
                                f"{study.groups[study.focus]['label']} is shaded.")


def before_and_after(result: Evaluation, region: str | None = None, year: int | None = None) -> Figure:
    """NQP against HQED, as they are and after ln GDP per head is taken out of both."""
    result = of_paper(result)
    study, year, code = result.study, result.year(year), chosen(result, region)
    now, left = quantities(result).xs(year, level="year")[SCORES], given_income(result, year)
    names, groups = study.regions["name"], study.regions["group"]
    colours = theme.group_colours(study.groups, study.focus)
    found = association_without(result, year)
    with theme.applied():
        drawing, axes = plt.subplots(2, 1, figsize=(theme.WIDTH, 7.2))
        for ax, frame, r, title in ((axes[0], now, found.r, "as they are"),
                                    (axes[1], left, found.partial, "without ln GDP per head")):
            ax.scatter(frame["nqp"], frame["hqed"], s=[78 if key == code else 36 for key in frame.index], linewidths=0,
                       color=[theme.INK if key == code else colours[groups[key]] for key in frame.index], alpha=0.85)
            note(ax, names[code], frame.loc[code], 8, -3, va="baseline", fontweight="bold")
            ax.set(title=f"{title}: r = {r:.2f}", xlabel="NQP", ylabel="HQED")
            ax.grid()
        for place, (group, words) in enumerate(study.groups.items()):
            axes[0].annotate(words["label"], (0.03, 0.9 - 0.075 * place), xycoords="axes fraction", fontsize=9,
                             color=colours[group])
        drawing.tight_layout()
    plt.close(drawing)
    low, high = now["nqp"].idxmin(), now["nqp"].idxmax()
    alt = (f"Two scatter charts of the scores NQP and HQED of {len(now)} provinces, {year}. As they are, their "
           f"correlation is {found.r:.2f}; from {names[low]}, NQP {now.loc[low, 'nqp']:.2f}, to {names[high]}, "
           f"{now.loc[high, 'nqp']:.2f}. After a straight line in the logarithm of GDP per head is taken out of both, "
           f"it is {found.partial:.2f}. {names[code]}: NQP {now.loc[code, 'nqp']:.2f}, HQED "
           f"{now.loc[code, 'hqed']:.2f}; given its income {_signed(left.loc[code, 'nqp'])} and "
           f"{_signed(left.loc[code, 'hqed'])}.")
    caption = (f"NQP and HQED, {year}: the scores (top) and what is left of them after a straight line in ln GDP per "
               "head is taken out (bottom). Source: own computation on the study's official figures; weights equal.")
    values = now.join(left.add_suffix(" given income")).rename(index=names)
    return Figure(drawing, caption, alt, values, name="before-after")


def score_facts(result: Evaluation) -> dict:
    """The scores of the province followed, and the correlation of both with and without income."""
    study, year, code = result.study, result.year(), chosen(result)
    name, own = study.regions.loc[code, "name"], result.systems.xs(code, level="code")
    found, alike, left = association_without(result, year), own_correlations(result), given_income(result)
    must_hold("The same few provinces stand near the top of all three.", _alike_at_the_top(result),
              "the first four western provinces in each mechanism")
    return {
        "region": name, "year": year, "first_year": study.years[0], "years": counted(len(study.years)),
        "regions": len(study.regions), "r": number(found.r), "partial": number(found.partial),
        "partial_bare": number(_without_income(result)),
        "nqp": number(own["nqp"].iloc[-1]), "nqp_before": number(own["nqp"].iloc[0]),
        "hqed": number(own["hqed"].iloc[-1]), "hqed_before": number(own["hqed"].iloc[0]),
        "left_own_nqp": _signed(left.loc[code, "nqp"]), "left_own_hqed": _signed(left.loc[code, "hqed"]),
        "own_r": number(alike[code]), "alike": int((alike > 0.9).sum()),
        "rank_nqp": int(result.scores.loc[(code, year), "rank_nqp"]),
        "rank_hqed": int(result.scores.loc[(code, year), "rank_hqed"]),
        "page": f'<a href="../provinces/{study.regions.loc[code, "slug"]}.html">{name}</a>',
    }


def _alike_at_the_top(result):
    """Whether at least three of the first four provinces in focus are the same in every mechanism."""
    scores = result.dimensions.xs(result.year(), level="year")
    return len(set.intersection(*(set(focus_order(result, scores[name])[:4]) for name in result.mechanisms))) >= 3


def _without_income(result):
    """The partial correlation when GDP per head is no part of HQED either."""
    weights = result.weights["weight"].copy()
    block = result.weights.index[result.weights["dimension"] == result.weights.loc["gdp_per_head", "dimension"]]
    rest = block.drop("gdp_per_head")
    weights[rest] *= weights[block].sum() / weights[rest].sum()
    weights["gdp_per_head"] = 0.0
    return association_without(evaluate(result.study, weights=weights), result.year()).partial


def _signed(value):
    return signed(value).replace("-", "−")
