"""Chapter 2, the region and its numbers: denominators, heads, speed."""

import pandas as pd

from nqpkit.chapters.dimension import wide
from nqpkit.chapters.money import FIRST, GDP, INDEX, PEOPLE
from nqpkit.chapters.region import denominator_table
from nqpkit.claims import find_claim, ledger
from nqpkit.classroom.checking import Item, Mistake, Place
from nqpkit.classroom.items.slips import slip, swapped


def shares(place: Place) -> dict:
    """The focus group's share of the first-published GDP with two denominators, and the province's of the sum."""
    first, nation, *_ = _shares(place)
    paper = _claim(place, "S33")["paper_value"]
    printed = "sum" if abs(first - paper) < abs(nation - paper) else "nation"
    return {"sum": first, "nation": nation, "printed": printed, "yours": _share(place, FIRST)}


def per_head(place: Place, series: str = FIRST) -> dict:
    """Ratio of GDP per head of the focus to the reference group, the lowest group, and the province's in yuan."""
    head = _by_group(place, series) / _by_group(place, PEOPLE)
    return {"ratio": head[place.study.focus] / head[place.result.reference_group], "lowest": head.idxmin(),
            "yours": 10_000 * _now(place, series)[place.code] / _now(place, PEOPLE)[place.code]}


def speed(place: Place) -> dict:
    """The lead of the focus group in the communiqué, what rounding leaves open, the verdict, the province's growth."""
    said = _claim(place, "S35")["published"]
    lead, rounding = said[place.study.focus] - said[place.result.reference_group], 0.1
    verdict = find_claim(ledger(place.result), "S35")["verdict"]
    return {"difference": lead, "least": lead - rounding, "most": lead + rounding, "verdict": verdict,
            "yours": _index(place) - 100}


def four_ways(place: Place) -> dict:
    """Four shares of the province, per cent."""
    nation = _claim(place, "S33")["published"]["national_gdp"]
    return {"first published": _share(place, FIRST), "revised": _share(place, GDP),
            "national": 100 * _now(place, FIRST)[place.code] / nation, "residents": _share(place, PEOPLE)}


def _claim(place, name):
    found = [claim for claim in place.study.claims.get("claims", []) if claim["id"] == name]
    return {claim["id"]: claim for claim in found}[name]


def _year(place):
    return int(_claim(place, "S33")["published"]["year"])


def _shares(place):
    if not {FIRST, GDP} <= set(wide(place.study)):
        raise KeyError(f"{FIRST} or {GDP}")
    return denominator_table(place.result)["share, %"].tolist()


def _now(place, series):
    return wide(place.study)[series].loc[_year(place)]


def _by_group(place, series):
    return _now(place, series).groupby(place.study.regions["group"]).sum()


def _share(place, series):
    return 100 * _now(place, series)[place.code] / _now(place, series).sum()


def _of_focus(place, series):
    return 100 * _now(place, series)[place.code] / _by_group(place, series)[place.study.focus]


def _plain_means(place):
    head = (_now(place, FIRST) / _now(place, PEOPLE)).groupby(place.study.regions["group"]).mean()
    return {"ratio": head[place.study.focus] / head[place.result.reference_group]}


def _index(place):
    return wide(place.study)[INDEX].dropna()[place.code].iloc[-1]


def _nominal(place):
    gdp, year = wide(place.study)[GDP][place.code], wide(place.study)[INDEX].dropna().index[-1]
    return 100 * (gdp[year] / gdp[year - 1] - 1)


ITEMS = {
    "E2.1": Item(
        "E2.1", 3, "a mapping with sum and nation (the share of the West, of the sum of all provinces and of the "
        "national figure), printed (which of the two the paper has) and yours (your province's share of the sum of all "
        "provinces); per cent, two decimals", shares, (
            slip("revised for first published", lambda place: {"sum": _shares(place)[2], "yours": _share(place, GDP)}),
            swapped(shares, "sum", "nation"),
            slip("editions mixed", lambda place: {"nation": _shares(place)[3]}),
            Mistake("the other one printed", "Round both to the decimals of the paper and look again.", lambda place: {
                "printed": "nation" if shares(place)["printed"] == "sum" else "sum"}),
            slip("wrong denominator", lambda place: {"yours": _of_focus(place, FIRST)}),
            Mistake("residents", "This looks like shares of residents; GDP is asked.", lambda place: {
                "sum": 100 * _by_group(place, PEOPLE)[place.study.focus] / _now(place, PEOPLE).sum(),
                "yours": _share(place, PEOPLE)}),
        )),
    "E2.2": Item(
        "E2.2", 3, "a mapping with ratio (West to East, three decimals), lowest (the name of the lowest of the four "
        "regions) and yours (GDP per head of your province in yuan, to a hundred); all of 2023, as first "
        "published", per_head, (
            slip("revised for first published", lambda place: per_head(place, GDP)),
            slip("ratio upside down", lambda place: {"ratio": 1 / per_head(place)["ratio"]}),
            slip("plain mean of regions", _plain_means),
            Mistake("as expected", "That is what many expect. Compute it for all four.",
                    lambda place: {"lowest": place.study.focus}),
        ), {"ratio": 0.0005, "yours": 50}),
    "E2.3": Item(
        "E2.3", 3, "a mapping with difference (West minus East by the communiqué, points), least and most (how small "
        "and how large the true difference can be, given that each rate is rounded to a tenth), verdict (as in the "
        "ledger: confirmed, partly, contradicted …) and yours (the real growth of your province in the last year for "
        "which the series gdp_index has a figure, per cent, one decimal)", speed, (
            slip("sign turned", lambda place: {"difference": -speed(place)["difference"]}),
            Mistake("one rounding", "This looks like one rate that is rounded; both are.", lambda place: {
                "least": speed(place)["difference"] - 0.05, "most": speed(place)["difference"] + 0.05}),
            Mistake("no rounding", "Each rate stands for a span: rounding leaves a tenth open.", lambda place: {
                "least": speed(place)["difference"], "most": speed(place)["difference"]}),
            slip("index for growth", lambda place: {"yours": _index(place)}),
            slip("nominal for real", lambda place: {"yours": _nominal(place)}),
            Mistake("taken at its word", "Read again which of the two the paper calls the slower one.",
                    lambda place: {"verdict": "confirmed"}),
        ), {"yours": 0.05}),
    "E2.4": Item(
        "E2.4", 3, "a mapping with first published, revised, national and residents, per cent, two decimals, of 2023; "
        "your sentence is for the class", four_ways, (
            swapped(four_ways, "first published", "revised"),
            slip("among the group", lambda place: {
                "first published": _of_focus(place, FIRST), "revised": _of_focus(place, GDP),
                "residents": _of_focus(place, PEOPLE)}),
            slip("editions mixed", lambda place: {
                "national": 100 * _now(place, GDP)[place.code] / _claim(place, "S33")["published"]["national_gdp"]}),
            Mistake("another year", "This looks like the figures of the year "
                                    "before.", lambda place: _year_before(place)),
        )),
}


def _year_before(place) -> dict:
    series, year = wide(place.study), _year(place) - 1
    now = pd.DataFrame({name: series[name].loc[year] for name in (FIRST, GDP, PEOPLE)})
    share = 100 * now.loc[place.code] / now.sum()
    return {"first published": share[FIRST], "revised": share[GDP], "residents": share[PEOPLE]}
