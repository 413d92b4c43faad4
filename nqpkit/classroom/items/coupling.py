"""Chapter 8, coupling and coordination."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from nqpkit.chapters.coupling import counted_twice
from nqpkit.classroom.checking import Item, Mistake, Place, decimals
from nqpkit.classroom.items.slips import slip
from nqpkit.coupling import FORMS, coordination_degree, coupling_degree, development, wrong_forms
from nqpkit.evaluation import dimension_scores, system_scores

POINTS = 4096
TWICE = "rd_intensity"
SCORES = pd.DataFrame({"first": [0.1, 0.9], "second": [0.1, 0.3]}, index=["even", "apart"])


def two_places(place: Place) -> dict:
    """C and D of the two made-up places in the standard and the modified form, and T."""
    found = {"T": development(SCORES)}
    for form in ("standard", "modified"):
        found |= {f"C {form}": coupling_degree(SCORES, form), f"D {form}": coordination_degree(SCORES, form=form)}
    return {row: {name: column[row] for name, column in found.items()} for row in SCORES.index}


def _with(column: str, values: pd.Series) -> dict:
    return {row: {column: values[row]} for row in SCORES.index}


def _exchanged(place: Place) -> dict:
    other = {"standard": "modified", "modified": "standard"}
    return {row: {f"{kind} {form}": values[f"{kind} {other[form]}"] for kind in "CD" for form in other}
            for row, values in two_places(place).items()}


@lru_cache(maxsize=64)
def with_noise(place):
    """E8.2: the NQP of your place with evenly spread numbers in place of random ones.

    A student's 1,000 draws scatter around this: the share with a standard error of at most 0.5/√1000 = 0.016, a median
    with one of that times the slope of the quantile function. In 400 trials for every province and two years the
    largest distances, rounded to two decimals, were 0.027 (C standard), 0.058 (C modified) and 0.055 (the share); the
    tolerances of the item lie just above.
    """
    pairs = noise_pairs(place)
    form = place.result.options.coupling
    d = coordination_degree(pairs, form=form)
    return {"C standard": coupling_degree(pairs, "standard").median(),
            "C modified": coupling_degree(pairs, "modified").median(),
            "at least": (d >= place.result.coupling.loc[(place.code, place.year), "coordination"]).mean()}


def noise_pairs(place):
    """The first score of a place beside numbers that run evenly over 0…1."""
    score = place.result.systems.loc[(place.code, place.year)].iloc[0]
    return pd.DataFrame({"score": score, "noise": (np.arange(POINTS) + 0.5) / POINTS})


def real_pair(place):
    """C of the real pair in both forms, and the share as it is."""
    pair = place.result.systems.loc[[(place.code, place.year)]]
    return with_noise(place) | {f"C {form}": coupling_degree(pair, form).iloc[0] for form in ("standard", "modified")}


def median_d(place):
    """The median of D where that of C is asked."""
    pairs = noise_pairs(place)
    return with_noise(place) | {f"C {form}": coordination_degree(pairs, form=form).median()
                                for form in ("standard", "modified")}


def twice(place, scores=None, form=None):
    """E8.3: correlation of the two scores, and D, before and after R&D intensity joins the second system."""
    result, form = place.result, form or place.result.options.coupling
    after = _twice(result) if scores is None else scores
    names = list(result.systems.columns[:2])
    found = {}
    for when, frame in (("before", result.systems[names]), ("after", after[names])):
        found[f"r {when}"] = frame.xs(place.year, level="year").corr().iloc[0, 1]
        found[f"D {when}"] = coordination_degree(frame.loc[[(place.code, place.year)]], form=form).iloc[0]
    return found


@lru_cache(maxsize=8)
def _twice(result):
    return counted_twice(result, TWICE)


@lru_cache(maxsize=8)
def rescored(result, system, home, moved=False):
    """The scores when R&D intensity is put somewhere: into a dimension of its own, or taken from where it was."""
    again, drop = f"{TWICE}, again", [TWICE] if moved else []
    row = pd.DataFrame({"system": system, "dimension": home, "weight": 0.0, "within": 1.0}, index=[again])
    weights = pd.concat([result.weights, row]).drop(index=drop)
    size = weights.groupby(["system", "dimension"])["within"].transform("size")
    dimensions = weights.groupby("system")["dimension"].transform("nunique")
    weights = weights.assign(within=1 / size, weight=1 / size / dimensions)
    z = result.normalised.assign(**{again: result.normalised[TWICE]})[weights.index]
    return system_scores(z, dimension_scores(z, weights), weights, result.options.aggregate)


def pooled(place):
    """Correlations over all years in place of one."""
    names = list(place.result.systems.columns[:2])
    return twice(place) | {"r before": place.result.systems[names].corr().iloc[0, 1],
                           "r after": _twice(place.result)[names].corr().iloc[0, 1]}


def second_home(place):
    """The second system and its first dimension."""
    second = place.result.systems.columns[1]
    return second, place.result.weights.loc[place.result.weights["system"] == second, "dimension"].iloc[0]


ITEMS = {
    "E8.1": Item(
        "E8.1", 2, "a mapping or frame with the rows even (0.1 and 0.1) and apart (0.9 and 0.3) and the columns T, "
        "C standard, D standard, C modified, D modified; two decimals or more",
        two_places, (
            Mistake("forms exchanged", "This looks as if the standard and the modified form changed places.",
                    _exchanged),
            Mistake("factor lost", "This looks like a standard form without its factor 2: C then stops at one half.",
                    lambda place: _with("C standard", wrong_forms(SCORES)["factor lost"])),
            Mistake("root lost", "This looks like C squared: a root was lost.",
                    lambda place: _with("C standard", wrong_forms(SCORES)["root lost"])),
            Mistake("D without its root", "This looks like C times T without the square root.",
                    lambda place: {row: {f"D {form}": values[f"C {form}"] * values["T"] for form in FORMS
                                         if form != "fan"} for row, values in two_places(place).items()}),
            Mistake("T as geometric mean", "This looks like a geometric mean of the two scores; T is their plain mean.",
                    lambda place: _with("T", SCORES.prod(axis=1) ** 0.5)),
        ), decimals(2)),
    "E8.2": Item(
        "E8.2", 3,
        'a mapping with "C standard" and "C modified" (medians over at least 1,000 draws, two decimals) and "at least" '
        "(the share of draws, 0…1, whose D is at least the real one)",
        with_noise, (
            Mistake("real pair", "C of the real pair was taken; its partner should be noise.", real_pair),
            slip("standard for modified", lambda place: {"C modified": with_noise(place)["C standard"]}),
            Mistake("D for C", "This looks as if the median of D was taken; that of C is asked for.",
                    median_d),
            Mistake("below for at least", "This looks as if the draws that stay below were counted.",
                    lambda place: {"at least": 1 - with_noise(place)["at least"]}),
            slip("per cent for share", lambda place: {"at least": 100 * with_noise(place)["at least"]}),
        ), {"C standard": 0.035, "C modified": 0.065, "at least": 0.06}),
    "E8.3": Item(
        "E8.3", 4,
        "for R&D intensity (rd_intensity), put into the first dimension of HQED as one more indicator of equal weight: "
        'a mapping with "r before", "r after" (correlation over all provinces in your year) and "D before", "D after" '
        "(your province), three decimals",
        twice, (
            Mistake("moved", "This looks as if the indicator was moved: it should stand in both systems.",
                    lambda place: twice(place, rescored(place.result, *second_home(place), moved=True))),
            Mistake("own dimension", "This looks as if the indicator got a dimension of its own; it should join one.",
                    lambda place: twice(place, rescored(place.result, second_home(place)[0], "new"))),
            slip("standard for modified", lambda place: twice(place, form="standard")),
            slip("all years pooled", pooled),
            slip("other year", lambda place: twice(replace(place, year=place.study.years[0]))),
        ), decimals(3)),
}
