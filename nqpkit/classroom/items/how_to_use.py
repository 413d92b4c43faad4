"""How to use the book: from a number to its publication."""

from nqpkit.chapters.dimension import wide
from nqpkit.chapters.how_to_use import first_year, traced, traced_series
from nqpkit.classroom.checking import Item, Mistake, Place
from nqpkit.classroom.items.slips import slip


def trace(place: Place) -> dict:
    """Value, numerator, denominator and first year of the indicator that the exercise follows."""
    numerator, denominator = traced_series(place.result)
    return {"value": place.result.indicators.loc[(place.code, place.year), traced(place.result)],
            "numerator": numerator, "denominator": denominator, "first year": first_year(place.result, place.code)}


def _first_published(place):
    now = {name: frame.loc[place.year, place.code] for name, frame in wide(place.study).items()}
    return {"value": now["rd_expenditure"] / now["gdp_pre5ec"] * 0.01, "denominator": "gdp_pre5ec"}


def _beside(place):
    years = place.study.years
    year = place.year - 1 if place.year > years[0] else years[1]
    return {"value": place.result.indicators.loc[(place.code, year), traced(place.result)]}


ITEMS = {
    "E0.1": Item(
        "E0.1", 2, "a mapping with value (of your province and year, in per cent, two decimals), numerator and "
        "denominator (the names of the series as the data page has them) and first year", trace, (
            slip("another year", _beside),
            slip("first published", _first_published),
            slip("ratio upside down", lambda place: dict(zip(("denominator", "numerator"), traced_series(place.result),
                                                             strict=True))),
            Mistake("other numerator", "There is a second series with nearly this name. Which one does the formula "
                                       "read?",
                    lambda place: {"numerator": "rd_expenditure_bulletin"}),
            Mistake("years of the score", "These are the years that are scored; the figures may go back further.",
                    lambda place: {"first year": place.study.years[0]}),
        )),
    "E0.2": Item("E0.2", 2, "three sentences: your province, its group, and one place that moved against the rest"),
}
