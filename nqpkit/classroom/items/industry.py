"""Chapter 5, industrial upgrading."""

from functools import lru_cache

import numpy as np

from nqpkit.chapters import industry as chapter
from nqpkit.chapters.dimension import members, wide
from nqpkit.classroom.checking import Item, Mistake, Place, decimals
from nqpkit.classroom.items.slips import slip, swapped

SPAN = (2015, 2023)


def quotients(place: Place) -> dict:
    """The provinces of the group in focus above 1, and the province's own quotient."""
    lq = chapter.hightech_quotients(place.result)
    return {"above": _above(place, lq, place.study.focus), "yours": lq[place.code]}


def multipliers(place: Place) -> dict:
    """Output multipliers of the two made-up industries, and of machines with half of the inputs bought at home."""
    whole = chapter.output_multipliers(chapter.pair_inputs())
    return {**whole.to_dict(), "half": chapter.output_multipliers(chapter.pair_inputs(), at_home=0.5)["machines"]}


def deviations(place: Place) -> dict:
    """Structure deviation of the two made-up provinces."""
    return {name: chapter.structure_deviation(*chapter.toy_sectors(kind)) for name, kind in _TOYS.items()}


def upgrading(place: Place) -> dict:
    """Indicators nearest to and farthest from the eastern median, points of GDP that changed place, services' part."""
    gap = _gaps(place, place.result.reference_group)
    return {"nearest": gap.idxmin(), "farthest": gap.idxmax(), **_changes(place, *SPAN)}


_TOYS = {"A": "balanced", "B": "mining"}


def _above(place, lq, group=None):
    regions = place.study.regions.loc[lq.index[lq > 1]]
    return set(regions.loc[regions["group"] == group, "slug"] if group else regions["slug"])


def _revenue(place):
    series, year = wide(place.study), place.result.year()
    return {name: series[name].loc[year] for name in ("hightech_manufacturing_revenue", "gdp", "gdp_pre5ec")}


def _against_group(place):
    now, own = _revenue(place), place.study.regions["group"] == place.study.focus
    whole = now["hightech_manufacturing_revenue"][own].sum() / now["gdp"][own].sum()
    return {"yours": now["hightech_manufacturing_revenue"][place.code] / now["gdp"][place.code] / whole}


def _first_published(place):
    now = _revenue(place)
    lq = chapter.location_quotient(now["hightech_manufacturing_revenue"], now["gdp_pre5ec"])
    return {"above": _above(place, lq, place.study.focus), "yours": lq[place.code]}


def _gaps(place, group=None):
    """Median of a group (or of all) minus the province's own score, by indicator of the dimension."""
    z = place.result.normalised.xs(place.year, level="year")[members(place.result, "industry").index]
    others = z if group is None else z[place.study.regions["group"].reindex(z.index) == group]
    return (others.median() - z.loc[place.code]).dropna()


def _changes(place, first, last):
    shares = _shares(place.result)
    services = shares["tertiary"][place.code]
    moved = chapter.structural_change(shares.loc[[place.code]], first, last)
    return {"moved": moved.item(), "services": services[last] - services[first]}


@lru_cache(maxsize=8)
def _shares(result):
    return chapter.sector_shares(result)


def _deviation(formula):
    def wrong(place):
        found = {}
        for name, kind in _TOYS.items():
            value, workers = chapter.toy_sectors(kind)
            found[name] = float(formula(value / value.sum(), workers / workers.sum()).sum())
        return found
    return wrong


ITEMS = {
    "E5.1": Item(
        "E5.1", 3, "a mapping with above (the names of the western provinces whose quotient exceeds 1) and yours (your "
        "province's quotient, two decimals); revised GDP, 2023", quotients, (
            slip("first published", _first_published),
            slip("among the group", _against_group),
            slip("ratio upside down", lambda place: {"yours": 1 / quotients(place)["yours"]}),
            slip("among all", lambda place: {"above": _above(place, chapter.hightech_quotients(place.result))}),
            Mistake("share of GDP", "This looks like revenue in per cent of GDP. A quotient sets it against the share "
                    "that all provinces have together.", lambda place: {"yours": 100 * _revenue(place)[
                        "hightech_manufacturing_revenue"][place.code] / _revenue(place)["gdp"][place.code]}),
        )),
    "E5.2": Item(
        "E5.2", 2, "a mapping with machines and steel (their output multipliers) and half (that of machines if half of "
        "all inputs come from elsewhere); two decimals", multipliers, (
            Mistake("rows for columns", "This looks like sums along the rows. What one more unit of machines calls up "
                    "stands in its column.", lambda place: dict(zip(("machines", "steel"), np.linalg.inv(
                        np.eye(2) - chapter.pair_inputs().to_numpy()).sum(axis=1), strict=True))),
            Mistake("first round only", "This looks like the first round: its suppliers have suppliers too.",
                    lambda place: (1 + chapter.pair_inputs().sum()).to_dict()),
            Mistake("half of the multiplier", "This looks like half of the multiplier. The unit itself is still made "
                                              "at home.",
                    lambda place: {"half": multipliers(place)["machines"] / 2}),
            Mistake("half of what is pulled", "This looks like half of what was pulled along. Every round is halved "
                                              "again.",
                    lambda place: {"half": 1 + (multipliers(place)["machines"] - 1) / 2}),
        )),
    "E5.3": Item(
        "E5.3", 2, "a mapping with A and B, three decimals; questions (b) and (c) are for the class", deviations, (
            Mistake("shares exchanged", "This looks as if value added and workers changed places.",
                    _deviation(lambda s, p: p * np.log(p / s))),
            Mistake("another logarithm", "This looks like the logarithm to base ten; the natural one is meant.",
                    _deviation(lambda s, p: s * np.log10(s / p))),
            Mistake("distances", "This looks like a sum of distances between shares, without logarithm.",
                    _deviation(lambda s, p: (s - p).abs())),
            Mistake("not weighted", "This looks like logarithms that were added up without their weights.",
                    _deviation(lambda s, p: np.log(s / p))),
        ), decimals(3)),
    "E5.4": Item(
        "E5.4", 3, "a mapping with nearest and farthest (the indicators of the dimension with the smallest and the "
        "largest gap: eastern median minus your province's score, in your year), moved (points of GDP that changed "
        "place between the sectors from 2015 to 2023) and services (the change of the share of services, with its "
        "sign); one decimal", upgrading, (
            slip("half forgotten", lambda place: {"moved": 2 * upgrading(place)["moved"]}),
            slip("sign turned", lambda place: {"services": -upgrading(place)["services"]}),
            swapped(upgrading, "nearest", "farthest"),
            slip("median of all", lambda place: {"nearest": _gaps(place).idxmin(), "farthest": _gaps(place).idxmax()}),
            slip("another year", lambda place: _changes(place, SPAN[0] + 1, SPAN[1])),
        ), 0.05),
}
