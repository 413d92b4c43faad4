"""Chapter ten, scenarios: what a median costs, how long it takes, and what two formulas recommend."""

from functools import lru_cache

import numpy as np
import pandas as pd

from nqpkit import coupling as cpl
from nqpkit.chapters import scenarios
from nqpkit.chapters.dimension import wide
from nqpkit.chapters.gaps import focus_codes
from nqpkit.classroom.checking import Item, Mistake, decimals
from nqpkit.classroom.items.slips import slip
from nqpkit.evaluation import evaluate
from nqpkit.levers import chosen_levers, targets
from nqpkit.scenario import fastest_pace

GUIZHOU, TIBET = "guizhou", "tibet"
LEVER = "rd_intensity"
MOVES_ON = 0.12  # points a year, as the exercise says
FIVE = 5


@lru_cache(maxsize=8)
def bill(result, year):
    """E10.1: what the eastern median of R&D intensity costs the West more a year, and what it spends now."""
    table = scenarios.rd_bill(result, year).sum() / 10
    return {"extra": table["extra"], "now": table["now"], "ratio": table["extra"] / table["now"]}


@lru_cache(maxsize=32)
def bill_wrong(result, year, size="gdp", mark="median", group="east", whole=False):
    """The same with another GDP, another mark, another group, or without taking off what is spent."""
    series, own = wide(result.study), focus_codes(result)
    money, gdp = series["rd_expenditure"].loc[year], series[size].loc[year]
    intensity, groups = money / gdp * 0.01, result.study.regions["group"]
    group = result.study.focus if group == "own" else group
    among = intensity if group == "all" else intensity[groups.reindex(intensity.index) == group]
    aim = among.median() if mark == "median" else among.mean()
    missing = (aim - (0 if whole else intensity[own])).clip(lower=0) if not whole else aim
    extra, now = (missing / 100 * gdp[own]).sum() / 10, money[own].sum() / 1e5
    return {"extra": extra, "now": now, "ratio": extra / now}


@lru_cache(maxsize=8)
def years(result, year):
    """E10.3: years at the fastest pace, of Guizhou and of Tibet, and of Guizhou when the median moves on."""
    table = scenarios.years_needed(result, year)[LEVER]
    gap, pace = gap_and_pace(result, year)
    return {"guizhou": table[result.study.resolve(GUIZHOU)], "tibet": table[result.study.resolve(TIBET)],
            "moving": gap[GUIZHOU] / (pace / FIVE - MOVES_ON)}


@lru_cache(maxsize=8)
def gap_and_pace(result, year):
    """Distance to the eastern median of two provinces, and the fastest rise in five years."""
    aim = targets(result, [LEVER], result.reference_group, year).iloc[0]
    now = result.indicators[LEVER].xs(year, level="year")
    pace = fastest_pace(result).loc[LEVER, "pace"]
    return {slug: aim - now[result.study.resolve(slug)] for slug in (GUIZHOU, TIBET)}, float(pace)


def years_wrong(place, kind):
    """What a slip makes of the years."""
    gap, pace = gap_and_pace(place.result, place.year)
    if kind == "pace of one year":
        return {slug: gap[slug] / pace for slug in gap} | {"moving": gap[GUIZHOU] / (pace - MOVES_ON)}
    if kind == "ratio upside down":
        return {slug: pace / gap[slug] * FIVE for slug in gap}
    if kind == "added":
        return {"moving": gap[GUIZHOU] / (pace / FIVE + MOVES_ON)}
    now = place.result.indicators[LEVER].xs(place.year, level="year")
    step = now.median() - targets(place.result, [LEVER], place.result.reference_group, place.year).iloc[0]
    return {slug: (gap[slug] + step) / pace * FIVE for slug in gap}


def turning_point(place, result=None):
    """E10.11: where D is highest on the way through all levers, and the scores there."""
    found = _peak(result or place.result, place.code, place.year)
    return {"lever": found["lever"], "D": found["coordination"], "NQP": found.iloc[1], "HQED": found.iloc[2]}


@lru_cache(maxsize=128)
def _peak(result, code, year):
    return scenarios.peak(result, code, year)


def last_lever(place):
    """The last lever in the framework's order, with the scores as they are now."""
    now = place.result.systems.loc[(place.code, place.year)]
    return {"lever": chosen_levers(place.result, "all")[-1], "NQP": now.iloc[0],
            "D": place.result.coupling.loc[(place.code, place.year), "coordination"]}


@lru_cache(maxsize=4)
def in_form(result, form):
    """The same evaluation in another form of coupling."""
    return result if result.options.coupling == form else evaluate(result.study, coupling=form)


@lru_cache(maxsize=16)
def gains(result, year, form, measure="coordination"):
    """What each plan adds to a measure of Guizhou, a Series by plan, ``all`` last."""
    other, code = in_form(result, form), result.study.resolve(GUIZHOU)
    now = other.systems.loc[(code, year)]
    before = now.iloc[0] if measure != "coordination" else cpl.coordination_degree(
        now.to_frame().T, form=form).iloc[0]
    return pd.Series({plan: scenarios.raised(other, plan, year).loc[code, measure] - before
                      for plan in [*result.framework.paths, "all"]})


def two_formulas(place, modified="modified", standard="standard", measure="coordination", level=False):
    """E10.12: the plan that raises D of Guizhou most under each form, and by how much."""
    found = {}
    for name, form in (("modified", modified), ("standard", standard)):
        table = gains(place.result, place.year, form, measure)
        now = place.result.systems.loc[[(place.study.resolve(GUIZHOU), place.year)]]
        start = cpl.coordination_degree(now, form=form).iloc[0] if level else 0
        found |= {name: table.idxmax(), f"{name} gain": table.max() + start}
    return found


def smallest_gain(place):
    """The plan that raises D least."""
    found = {}
    for name in ("modified", "standard"):
        table = gains(place.result, place.year, name)
        found |= {name: table.idxmin(), f"{name} gain": table.min()}
    return found


ITEMS = {
    "E10.1": Item(
        "E10.1", 3, 'a mapping with "extra" and "now" (all twelve together, billion yuan a year, whole numbers) and '
        '"ratio" (two decimals), in your year',
        lambda place: bill(place.result, place.year), (
            slip("first published", lambda place: bill_wrong(place.result, place.year, size="gdp_pre5ec")),
            slip("mean for median", lambda place: bill_wrong(place.result, place.year, mark="mean")),
            slip("median of all", lambda place: bill_wrong(place.result, place.year, group="all")),
            slip("whole for extra", lambda place: bill_wrong(place.result, place.year, whole=True)),
            slip("wrong unit", lambda place: {name: bill(place.result, place.year)[name] * 10
                                              for name in ("extra", "now")}),
        ), {"extra": 1, "now": 1, "ratio": decimals(2)}),
    "E10.3": Item(
        "E10.3", 3, 'a mapping with "guizhou" and "tibet" (years, one decimal, with the median of your year standing '
        'still) and "moving" (Guizhou, with the median moving on)',
        lambda place: years(place.result, place.year), (
            slip("pace of one year", lambda place: years_wrong(place, "pace of one year")),
            slip("years rounded down", lambda place: {
                name: float(np.floor(value)) for name, value in years(place.result, place.year).items()}),
            slip("median of all", lambda place: years_wrong(place, "median of all")),
            slip("ratio upside down", lambda place: years_wrong(place, "ratio upside down")),
            Mistake("added", "This looks as if the speed of the median was added to that of Guizhou.",
                    lambda place: years_wrong(place, "added")),
        ), 0.15, 0.012),
    "E10.11": Item(
        "E10.11", 4, 'a mapping with "lever" (the indicator after which D is highest, None if it is highest as things '
        'are), and "D", "NQP" and "HQED" there (two decimals)',
        lambda place: _none(turning_point(place)), (
            Mistake("the last lever", "This looks as if the scores of today were written beside the last lever.",
                    last_lever),
            slip("standard for modified", lambda place: _none(turning_point(
                place, in_form(place.result, "standard")))),
            slip("turned round", lambda place: {"NQP": turning_point(place)["HQED"],
                                                "HQED": turning_point(place)["NQP"]}),
            Mistake("squared", "This looks as if the root of C times T was forgotten.",
                    lambda place: {"D": turning_point(place)["D"] ** 2}),
            slip("per cent for share", lambda place: {name: 100 * turning_point(place)[name]
                                                      for name in ("D", "NQP", "HQED")}),
        ), decimals(2)),
    "E10.12": Item(
        "E10.12", 4, 'a mapping with "modified" and "standard" (the plan that raises D of Guizhou most: industries, '
        'innovation, talent or all) and "modified gain" and "standard gain" (three decimals), in your year',
        two_formulas, (
            slip("turned round", lambda place: two_formulas(place, modified="standard", standard="modified")),
            slip("order upside down", smallest_gain),
            Mistake("NQP for D", "This looks as if the plan was chosen that raises NQP most; D is asked.",
                    lambda place: two_formulas(place, measure=place.result.systems.columns[0])),
            slip("level for difference", lambda place: two_formulas(place, level=True)),
        ), decimals(3)),
}


def _none(answer):
    return answer | {"lever": None if answer["lever"] == "none" else answer["lever"]}
