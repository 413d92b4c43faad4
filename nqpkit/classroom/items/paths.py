"""Chapter ten, the three paths: clusters, the innovation system, talent."""

from functools import lru_cache

import pandas as pd

from nqpkit.chapters import clusters, innovation_system, retain
from nqpkit.chapters.dimension import wide
from nqpkit.classroom.checking import Item, Mistake, decimals
from nqpkit.classroom.items.slips import slip

GUIZHOU, BEIJING = "guizhou", "beijing"
BUDGET, SHARE, AIM, GROWTH, PART = 600.0, 1.3, 4.0, 0.03, 0.25  # billion yuan, per cent, and shares, as the text has it
GREEN = {"electricity_intensity", "so2_intensity"}


def science(place):
    """E10.2: more spending on science to the eastern median share, and what it is of the outlays on education."""
    table = _science(place.result, place.year)
    return _three(place, table["extra"], table["of_education"])


@lru_cache(maxsize=16)
def _science(result, year):
    return innovation_system.science_bill(result, year)


def science_wrong(place, kind):
    """What a slip makes of it."""
    series, table = wide(place.study), _science(place.result, place.year)
    outlays, gdp = series[innovation_system.OUTLAYS[2]].loc[place.year], series["gdp"].loc[place.year]
    education = series[innovation_system.OUTLAYS[1]].loc[place.year]
    share = place.result.indicators["fiscal_science_share"].xs(place.year, level="year")
    east = share[place.study.regions["group"].reindex(share.index) == place.result.reference_group]
    if kind == "of the budget":
        return _three(place, table["extra"], table["of_budget"])
    if kind == "whole for extra":
        extra = east.median() / 100 * outlays
    elif kind == "GDP for budget":
        extra = (east.median() - share) / 100 * gdp
    else:
        aim = east.mean() if kind == "mean for median" else share.median()
        extra = (aim - share).clip(lower=0) / 100 * outlays
    return _three(place, extra, extra / education * 100)


def _three(place, extra, education):
    found = {slug: place.study.resolve(slug) for slug in innovation_system.EXAMPLES}
    deepest = max(found, key=lambda slug: education[found[slug]])
    return {"extra": {slug: extra[code] for slug, code in found.items()},
            "education": {slug: education[code] for slug, code in found.items()}, "deepest": deepest}


def quotients(place):
    """E10.4: Guizhou's quotient in software, with and without Beijing in the sums."""
    return {"quotient": _quotients(place.result, place.year).loc[place.study.resolve(GUIZHOU), "Software"],
            "without": _without(place.result, place.year)}


@lru_cache(maxsize=16)
def _quotients(result, year):
    return clusters.location_quotients(result, year)


@lru_cache(maxsize=16)
def _without(result, year):
    return clusters.quotient_without(result, GUIZHOU, BEIJING, year=year)


def quotient_parts(place):
    """Software revenue and GDP of all provinces in a year, both known."""
    series = wide(place.study)
    return pd.DataFrame({"software": series["software_revenue"].loc[place.year],
                         "gdp": series["gdp"].loc[place.year]}).dropna()


def quotients_wrong(place, kind):
    """What a slip makes of the two quotients."""
    table, own = quotient_parts(place), place.study.resolve(GUIZHOU)
    rest = table.drop(index=place.study.resolve(BEIJING))
    if kind == "ratio upside down":
        return {name: 1 / value for name, value in quotients(place).items()}
    if kind == "share alone":
        return {"quotient": table.loc[own, "software"] / table["software"].sum(),
                "without": rest.loc[own, "software"] / rest["software"].sum()}
    if kind == "one sum":
        return {"without": table.loc[own, "software"] / rest["software"].sum() / (
            table.loc[own, "gdp"] / table["gdp"].sum())}
    west = table[place.study.regions["group"].reindex(table.index) == place.study.focus]
    shares = table.loc[own] / west.sum()
    return {"quotient": shares["software"] / shares["gdp"]}


def own_industries(place):
    """E10.5: the industries with the highest and the lowest quotient of your province, and these quotients."""
    return _ends(_quotients(place.result, place.year).loc[place.code])


def _ends(row):
    row = row.dropna()
    return {"highest": row.idxmax(), "lowest": row.idxmin(), "high": row.max(), "low": row.min()}


def industries_by_share(place):
    """The same from shares of the country's industry, not set against the share of GDP."""
    series = wide(place.study)
    shares = {label: (series[name].loc[place.year] / series[name].loc[place.year].sum())[place.code]
              for name, (label, _) in clusters.INDUSTRIES.items()}
    return _ends(pd.Series(shares, dtype=float))


def upside_down_quotients(place):
    """The same with share of GDP over share of the industry."""
    return _ends(1 / _quotients(place.result, place.year).loc[place.code])


def list_or_plan(first="list", second="plan", third="neither", touched=frozenset(GREEN), score="falls"):
    """E10.6: what each sentence speaks of, the indicators that more smelting touches, and the way of the score."""
    return {"sentences": [first, second, third], "indicators": touched, "score": score}


def balance(place):
    """E10.7: contracts sold less bought, per cent of GDP: your year, the first scored one, your year alone."""
    first = place.study.years[0]
    now, then = (_balance(place.result, year)[place.code] for year in (place.year, first))
    return {"balance": now, "first": then, "single": _single(place)}


@lru_cache(maxsize=16)
def _balance(result, year):
    return innovation_system.contract_balance(result, year)["balance"]


def _single(place, unit=0.01):
    """Sold is in 100 million yuan as GDP is, bought in 10,000 yuan."""
    series, at = wide(place.study), (place.year, place.code)
    sold, bought = series["tech_market_contract_value"], series["tech_market_contract_value_absorbed"]
    return (sold.loc[at] * 100 - bought.loc[at] * unit) / series["gdp"].loc[at]


def turned_balance(place):
    """Bought less sold."""
    return {name: -value for name, value in balance(place).items()}


def sold_alone(place):
    """What was sold, not the balance."""
    at = place.result.indicators["contracts_sold"]
    return {"balance": at[(place.code, place.year)], "first": at[(place.code, place.study.years[0])]}


def cut_or_grow(part=PART, growth=GROWTH, aim=AIM):
    """E10.8: what must move at once, and the year in which a part of the growth has brought the share to the mark."""
    budget, science, passed = BUDGET, BUDGET * SHARE / 100, 0
    while science / budget * 100 < aim - 1e-12:
        more = budget * growth
        budget, science, passed = budget + more, science + part * more, passed + 1
    return {"moved": (aim - SHARE) / 100 * BUDGET, "year": passed}


def verbs(place):
    """E10.10: net migrants a year in your year, the balance of the year alone, and whether its sign is the same."""
    people, single = _people(place.result, place.year)[place.code], retain_year(place)
    return {"people": people, "single": single, "holds": bool((people > 0) == (single > 0))}


@lru_cache(maxsize=16)
def _people(result, year):
    return retain.migrants(result, year)


def retain_year(place, births=True):
    """Net migration of a single year per mille, from the chapter's two columns; with births left in if asked."""
    if births:
        return _lines(place.result, place.code)[place.year]
    residents = wide(place.study)["population"][place.code]
    return (residents[place.year] / residents[place.year - 1] - 1) * 1000


@lru_cache(maxsize=64)
def _lines(result, code):
    return retain.yearly_balance(result, code)


def people_wrong(place, kind):
    """What a slip makes of the persons and the sign."""
    people, single = verbs(place)["people"], verbs(place)["single"]
    if kind == "wrong unit":
        return {"people": people / 10}
    if kind == "single year":
        return {"people": single / 1000 * wide(place.study)["population"].loc[place.year, place.code] * 10}
    return {"people": -people, "single": -single}


ITEMS = {
    "E10.2": Item(
        "E10.2", 4, 'a mapping with "extra" (a mapping from guizhou, sichuan and gansu to 100 million yuan a year, '
        'whole numbers), "education" (the same in per cent of the outlays on education, whole numbers) and "deepest": '
        "the province of the three with the deepest cut",
        science, tuple(slip(name, lambda place, name=name: science_wrong(place, name)) for name in (
            "mean for median", "median of all", "whole for extra")) + (
            Mistake("of the budget", "This looks as if the sum was set against all outlays, not those on education.",
                    lambda place: science_wrong(place, "of the budget")),
            Mistake("GDP for budget", "This looks as if the share was taken of GDP; it is one of the outlays.",
                    lambda place: science_wrong(place, "GDP for budget")),
        ), {"extra": 1, "education": 0.6, "deepest": 0}),
    "E10.4": Item(
        "E10.4", 2, 'a mapping with "quotient" and "without" (with Beijing left out of both sums), two decimals, in '
        "your year",
        quotients, (
            slip("ratio upside down", lambda place: quotients_wrong(place, "ratio upside down")),
            Mistake("share alone", "This looks like the share of the industry, not yet set against that of GDP.",
                    lambda place: quotients_wrong(place, "share alone")),
            Mistake("one sum", "This looks as if Beijing was left out of one sum only.",
                    lambda place: quotients_wrong(place, "one sum")),
            slip("among the group", lambda place: quotients_wrong(place, "among the group")),
        ), decimals(2)),
    "E10.5": Item(
        "E10.5", 3, 'a mapping with "highest" and "lowest" (the industry, as the columns are called) and "high" and '
        '"low" (their quotients, two decimals), in your year',
        own_industries, (
            Mistake("share alone", "This looks like shares of the industries, not yet set against that of GDP.",
                    industries_by_share),
            slip("ratio upside down", upside_down_quotients),
            slip("turned round", lambda place: {"highest": own_industries(place)["lowest"],
                                                "lowest": own_industries(place)["highest"]}),
        ), decimals(2)),
    "E10.6": Item(
        "E10.6", 3, 'a mapping with "sentences" (a list: "list", "plan" or "neither" for each), "indicators" (a set '
        'of two) and "score": "rises" or "falls"',
        lambda place: list_or_plan(), (
            Mistake("a plan for a list", "This looks as if an aim was taken for something that is on a list.",
                    lambda place: list_or_plan(second="list")),
            Mistake("a word for a list", "This looks as if a word of praise was taken for a list that somebody keeps.",
                    lambda place: list_or_plan(third="list")),
            Mistake("green cover", "This looks as if parks were thought of: which indicators does smelting feed?",
                    lambda place: list_or_plan(touched=frozenset({"green_cover", "so2_intensity"}))),
            Mistake("direction forgotten", "This looks as if more of these indicators was taken for better.",
                    lambda place: list_or_plan(score="rises")),
        ), 0),
    "E10.7": Item(
        "E10.7", 3, 'a mapping with "balance" (sold less bought, per cent of GDP, mean of three years, in your year), '
        '"first" (the same in the first scored year) and "single" (your year alone), one decimal; None where a figure '
        "is missing",
        balance, (
            slip("sign turned", turned_balance),
            slip("wrong unit", lambda place: {"single": _single(place, unit=1.0)}),
            Mistake("sold alone", "This looks like what was sold; what was bought is not yet taken off.", sold_alone),
            slip("mean of three years", lambda place: {"single": balance(place)["balance"]}),
            slip("single year", lambda place: {"balance": balance(place)["single"]}),
        ), decimals(1)),
    "E10.8": Item(
        "E10.8", 2, 'a mapping with "moved" (billion yuan a year, one decimal) and "year": the first whole year at the '
        "end of which the share is there",
        lambda place: cut_or_grow(), (
            slip("years rounded down", lambda place: {"year": cut_or_grow()["year"] - 1}),
            slip("whole for extra", lambda place: {"moved": AIM / 100 * BUDGET}),
            slip("spent already", lambda place: {"moved": SHARE / 100 * BUDGET}),
            Mistake("all growth", "This looks as if science got all of the growth.",
                    lambda place: {"year": cut_or_grow(part=1.0)["year"]}),
        ), {"moved": decimals(1), "year": 0}),
    "E10.9": Item("E10.9", 4, "a paragraph of at most 120 words: measure, indicator with numerator, denominator and "
                  "source, and the way in which it could mislead"),
    "E10.10": Item(
        "E10.10", 3, 'a mapping with "people" (net migrants in your year, thousand, one decimal), "single" (balance of '
        'that year alone, per thousand, one decimal) and "holds" (True if the two have one sign)',
        verbs, (
            slip("wrong unit", lambda place: people_wrong(place, "wrong unit")),
            slip("single year", lambda place: people_wrong(place, "single year")),
            slip("sign turned", lambda place: people_wrong(place, "sign turned")),
            slip("births forgotten", lambda place: {"single": retain_year(place, births=False)}),
        ), decimals(1)),
}
