"""Chapter seven: production factors and talent, and the three mechanisms together."""

from functools import lru_cache

import numpy as np
import pandas as pd

from nqpkit.analysis.panel import two_way_fixed_effects
from nqpkit.chapters.dimension import wide
from nqpkit.chapters.factors import net_migrants, stock_path
from nqpkit.chapters.retain import yearly_balance
from nqpkit.chapters.together import given_income, own_correlations
from nqpkit.classroom.checking import Item, Mistake, decimals
from nqpkit.classroom.items.slips import slip

GANSU, CHONGQING = "gansu", "chongqing"
SKILLED, HIGHLY, RESOURCES = 5.03, 0.314, 6.3  # millions and a share, as the exercise prints them
LEAVING, YEARS = 0.05, 10


def two_columns(place):
    """E7.1: growth of residents, migration per thousand and in thousand persons, Gansu, the last scored year."""
    study, year = place.study, place.result.year()
    code = study.resolve(GANSU)
    residents = wide(study)["population"][code]
    change = (residents[year] / residents[year - 1] - 1) * 1000
    return {"change": change, "net": change - wide(study)["natural_population_growth_rate"].loc[year, code],
            "persons": net_migrants(place.result).loc[year, code]}


def two_columns_births(place, sign):
    """The same with births less deaths left in (0) or added (1)."""
    true = two_columns(place)
    natural = true["change"] - true["net"]
    before = wide(place.study)["population"][place.study.resolve(GANSU)][place.result.year() - 1]
    net = true["change"] + sign * natural
    return {"change": true["change"], "net": net, "persons": net * before / 100}


def experts(first="flow", whole="stock", added="flow", before=998 - 452):
    """E7.2: which of the numbers is printed as what, and the stock that was there before."""
    return {"864": first, "998": whole, "452": added, "before": before}


def four_numbers(place, skilled=HIGHLY * SKILLED, upside_down=False, size=1.0):
    """E7.3: highly skilled workers of Chongqing in millions; all talent over the yearbook's research staff."""
    staff = wide(place.study)["rd_personnel_fte"].loc[place.result.year(), place.study.resolve(CHONGQING)]
    times = RESOURCES * 1e6 / staff * size
    return {"skilled": skilled, "times": 1 / times if upside_down else times}


def newcomers(leaving=LEAVING):
    """How many must join every year, as a share of today's stock, to double it in ten years."""
    kept, per_head = (stock_path(start, trained, leaving, YEARS).iloc[-1] for start, trained in ((1, 0), (0, 1)))
    return (2 - kept) / per_head


def bath(place, among=None, upside_down=False, leaving=LEAVING, single=False, size=1.0):
    """E7.4: net migration in your year and in the first scored one, two ranks, and the newcomers that are needed."""
    values, code = place.result.indicators.xs(place.year, level="year"), place.code
    if among == "group":
        groups = place.study.regions["group"].reindex(values.index)
        values = values[groups == groups[code]]
    ranks = values[["undergraduates", "rd_staff"]].rank(ascending=upside_down, method="min").loc[code]
    rate = yearly_balance(place.result, code) if single else place.result.indicators["net_migration"].xs(
        code, level="code")
    return {"now": rate[place.year], "first": rate[place.study.years[0]], "students": int(ranks["undergraduates"]),
            "staff": int(ranks["rd_staff"]), "newcomers": newcomers(leaving) * size}


def forwards_and_backwards(place):
    """E7.6: HQED on NQP of the year before, of the same year, of the year after, with province and year effects."""
    return _fitted(place.result)


@lru_cache(maxsize=8)
def _fitted(result):
    panel = result.systems[["nqp", "hqed"]]
    by = panel["nqp"].groupby(level="code")
    panel = panel.assign(before=by.shift(1), same=panel["nqp"], after=by.shift(-1))
    return {name: two_way_fixed_effects(panel, "hqed", name).table.loc[name, "coefficient"]
            for name in ("before", "same", "after")}


def slopes(place, effects=(), turned=False):
    """The same slopes with fewer effects, or with the two scores in each other's place."""
    return _slopes(place.result, effects, turned)


@lru_cache(maxsize=16)
def _slopes(result, effects, turned):
    scores = result.systems[["nqp", "hqed"]].dropna()
    left, right = ("nqp", "hqed") if turned else ("hqed", "nqp")
    found = {}
    for name, lag in (("before", 1), ("same", 0), ("after", -1)):
        both = pd.DataFrame({"y": scores[left], "x": scores[right].groupby(level="code").shift(lag)}).dropna()
        both = both - both.mean()
        for level in effects:
            both = both - both.groupby(level=level).transform("mean")
        found[name] = float(both["x"] @ both["y"] / (both["x"] @ both["x"]))
    return found


def beside_income(place):
    """E7.7: both scores less what a line in ln GDP per head gives, and their correlation over the years."""
    left, alike = _given_income(place.result, place.year)
    return {**left.loc[place.code], "r": alike[place.code]}


def beside_raw_income(place):
    """The same with GDP per head as it is."""
    now = place.result.systems.xs(place.year, level="year")
    heads = place.result.indicators["gdp_per_head"].xs(place.year, level="year").reindex(now.index)
    return {name: (now[name] - np.polyval(np.polyfit(heads, now[name], 1), heads))[place.code] for name in now}


@lru_cache(maxsize=8)
def _given_income(result, year):
    return given_income(result, year), own_correlations(result)


def raw_scores(place):
    """The scores themselves, and their correlation over the regions of the year."""
    now = place.result.systems.xs(place.year, level="year")
    return {"nqp": now.loc[place.code, "nqp"], "hqed": now.loc[place.code, "hqed"], "r": now["nqp"].corr(now["hqed"])}


def turned(answer, *names):
    """An answer with the sign of some parts turned."""
    return {name: -value if name in (names or answer) else value for name, value in answer.items()}


ITEMS = {
    "E7.1": Item(
        "E7.1", 3,
        'a mapping with "change" and "net" (per thousand, two decimals) and "persons" (thousand); a loss has a minus',
        two_columns, (
            slip("births forgotten", lambda place: two_columns_births(place, 0)),
            slip("births added", lambda place: two_columns_births(place, 1)),
            slip("sign turned", lambda place: turned(two_columns(place))),
            slip("per cent for per mille", lambda place: {
                name: value / 10 for name, value in two_columns(place).items()}),
        ), {"change": decimals(2), "net": decimals(2), "persons": 1}),
    "E7.2": Item(
        "E7.2", 2,
        'a mapping with "864", "998" and "452", each "stock" or "flow" as it is printed, and "before": the stock '
        "before 2024, if nobody left",
        lambda place: experts(), (
            Mistake("added", "This looks as if arrivals were added to the later stock, and they are in it already.",
                    lambda place: experts(before=998 + 452)),
            Mistake("other flow", "This looks as if the paper's number was taken for the arrivals of 2024.",
                    lambda place: experts(before=998 - 864)),
            Mistake("all stocks", "This looks as if a count over a year was called a stock.",
                    lambda place: experts("stock", "stock", "stock")),
            slip("turned round", lambda place: experts("stock", "flow", "stock")),
        ), 0),
    "E7.3": Item(
        "E7.3", 2,
        'a mapping with "skilled" (millions, two decimals) and "times" (the first number over the last, whole)',
        four_numbers, (
            Mistake("other base",
                    "This looks as if the share was taken of all talent; it is one of the skilled workers.",
                    lambda place: four_numbers(place, skilled=HIGHLY * RESOURCES)),
            Mistake("copied", "This looks as if the paper's own number was copied, not worked out.",
                    lambda place: four_numbers(place, skilled=1.62)),
            slip("ratio upside down", lambda place: four_numbers(place, upside_down=True)),
            slip("wrong unit", lambda place: four_numbers(place, skilled=HIGHLY * SKILLED * 100, size=1e-6)),
        ), {"skilled": decimals(2), "times": 0.6}),
    "E7.4": Item(
        "E7.4", 5,
        'a mapping with "now" and "first" (net migration in your year and in the first scored one, per thousand, one '
        'decimal), "students" and "staff" (ranks among all regions) and "newcomers" (a share of today\'s stock, three '
        "decimals)",
        bath, (
            slip("rank upside down", lambda place: bath(place, upside_down=True)),
            slip("among the group", lambda place: bath(place, among="group")),
            slip("leavers forgotten", lambda place: bath(place, leaving=1e-12)),
            slip("single year", lambda place: bath(place, single=True)),
            slip("per cent for share", lambda place: bath(place, size=100)),
        ), {"now": decimals(1), "first": decimals(1), "students": 0, "staff": 0, "newcomers": decimals(3)}),
    "E7.5": Item("E7.5", 3, "a drawing with a sentence for each arrow, on paper or in Markdown", None, (), 0),
    "E7.6": Item(
        "E7.6", 3,
        'a mapping with the coefficients of NQP "before", "same" and "after" (two decimals), all provinces and scored '
        "years",
        forwards_and_backwards, (
            slip("effects forgotten", slopes),
            slip("year effects forgotten", lambda place: slopes(place, effects=("code",))),
            slip("causes turned", lambda place: slopes(place, effects=("code", "year"), turned=True)),
            Mistake("not shifted", "This looks as if the column was not shifted: the same year stands in all three.",
                    lambda place: dict.fromkeys(("before", "after"), forwards_and_backwards(place)["same"])),
        ), decimals(2)),
    "E7.7": Item(
        "E7.7", 3,
        'a mapping with "nqp" and "hqed" (given income, in your year, two decimals) and "r" (of the two scores over '
        "the scored years, two decimals)",
        beside_income, (
            Mistake("scores as they are",
                    "This looks as if nothing was taken out of the scores, or r runs over the provinces of one year.",
                    raw_scores),
            slip("no logarithm", beside_raw_income),
            slip("sign turned", lambda place: turned(beside_income(place), "nqp", "hqed")),
            slip("squared", lambda place: beside_income(place) | {"r": beside_income(place)["r"] ** 2}),
        ), decimals(2)),
}
