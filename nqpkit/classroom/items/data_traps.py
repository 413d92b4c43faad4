"""Chapter 3, data and its traps."""

from nqpkit.chapters import data_traps as chapter
from nqpkit.chapters.dimension import wide
from nqpkit.classroom.checking import Item, Mistake, Place
from nqpkit.classroom.items.slips import slip, swapped

YEAR = chapter.CERTIFIED_YEAR
KINDS = ("bridged", "partial", "marked", "missing")


def certified(place: Place, last: int = YEAR, years: int = 3) -> dict:
    """Recognitions of three years over residents: the focus group, all regions, the province."""
    flows = wide(place.study)[chapter.CERTIFIED].loc[last - years + 1:last].sum(min_count=years)
    people, own = wide(place.study)["population"].loc[YEAR], place.study.regions["group"] == place.study.focus
    return {place.study.focus: flows[own].sum() / people[own].sum(), "all": flows.sum() / people.sum(),
            "yours": flows[place.code] / people[place.code]}


def planted(place: Place) -> dict:
    """The province whose figure was spoilt, and its right figure."""
    total = _total(place)
    code = chapter.planted_code(place.study)
    return {"province": place.study.regions.loc[code, "slug"],
            "right": wide(place.study)[total["series"]].loc[total["year"], code]}


def basic_research(place: Place) -> dict:
    """The first province by the share of basic research in R&D, its share, and the student's."""
    share = _share(place, chapter.BASIC, chapter.RESEARCH)
    return {"first": _slug(place, share.idxmax()), "share": share.max(), "yours": share.get(place.code)}


def flags(place: Place) -> dict:
    """Flagged cells of the province over all scored years, by kind."""
    own = chapter.flagged(place.result).xs(place.code, level="code")
    return {kind: int(own[kind].sum()) for kind in KINDS}


def _total(place):
    return {total["group"]: total for total in place.study.settings.get("totals") or []}[place.study.focus]


def _slug(place, code):
    return place.study.regions.loc[code, "slug"]


def _share(place, part, whole):
    series, year = wide(place.study), place.result.year()
    return (100 * series[part].loc[year] / series[whole].loc[year]).dropna()


def _times(place, factor):
    return {name: value * factor for name, value in certified(place).items()}


def _plain_means(place):
    density = wide(place.study)[chapter.CERTIFIED].loc[YEAR - 2:YEAR].sum() / wide(place.study)["population"].loc[YEAR]
    return {place.study.focus: density[place.study.regions["group"] == place.study.focus].mean(), "all": density.mean()}


def _excess(place):
    return 9 * planted(place)["right"]


def _largest(place):
    total = _total(place)
    own = wide(place.study)[total["series"]].loc[total["year"]][place.study.regions["group"] == total["group"]]
    return {"province": _slug(place, own.idxmax()), "right": own.max()}


def _other_share(part, whole):
    def wrong(place):
        share = _share(place, part, whole)
        return {"share": share[place.study.resolve(basic_research(place)["first"])], "yours": share.get(place.code)}
    return wrong


def _most_money(place):
    return {"first": _slug(place, wide(place.study)[chapter.BASIC].loc[place.result.year()].idxmax())}


def _last_year(place):
    own = chapter.flagged(place.result).xs((place.code, place.year), level=("code", "year"))
    return {kind: int(own[kind].sum()) for kind in KINDS}


def _indicators(place):
    own = chapter.flagged(place.result).xs(place.code, level="code")
    return {kind: int(own[kind].groupby(level="indicator").any().sum()) for kind in KINDS}


ITEMS = {
    "E3.1": Item(
        "E3.1", 3, "a mapping with west, all and yours: enterprises for 10,000 residents of 2021 in the West, in all "
        "provinces together and in your province, two decimals", certified, (
            slip("one year for three", lambda place: certified(place, years=1)),
            slip("mean for sum", lambda place: _times(place, 1 / 3)),
            slip("plain mean of regions", _plain_means),
            slip("another year", lambda place: certified(place, YEAR + 1)),
        )),
    "E3.2": Item(
        "E3.2", 2, "a mapping with province (its name) and right (its GDP as it should be, 100 million "
                   "yuan)", planted, (
            Mistake("excess itself", "This looks like the excess. It holds the figure nine times.",
                    lambda place: {"right": _excess(place)}),
            Mistake("a tenth of the excess", "This looks like a tenth of the excess. How much too large is ten times a "
                    "figure?", lambda place: {"right": _excess(place) / 10}),
            Mistake("left as printed", "This looks like the figure as it stands in the spoilt copy.",
                    lambda place: {"right": 10 * planted(place)["right"]}),
            Mistake("the largest", "The largest figure of the group is not wrong because it is large. Start from the "
                                   "excess.",
                    _largest),
        ), 1),
    "E3.3": Item(
        "E3.3", 2, "a mapping with first (the name of the province), share (its share) and yours (your province's "
        "share); per cent of R&D in the last scored year, one decimal", basic_research, (
            slip("level for ratio", _most_money),
            Mistake("applied research", "This looks like applied research; basic research is asked.",
                    _other_share("rd_expenditure_applied_research", chapter.RESEARCH)),
            slip("wrong denominator", _other_share(chapter.BASIC, "gdp")),
            slip("order upside down", lambda place: {
                "first": _slug(place, _share(place, chapter.BASIC, chapter.RESEARCH).idxmin())}),
        ), 0.05),
    "E3.4": Item(
        "E3.4", 2, "a mapping with bridged, partial, marked and missing: how many cells of your province over all "
        "scored years; which scores you would defend is for the class", flags, (
            slip("whole study", lambda place: {kind: int(chapter.flagged(place.result)[kind].sum()) for kind in KINDS}),
            slip("single year", _last_year),
            Mistake("indicators for cells", "This looks like the number of indicators concerned; each year is a cell.",
                    _indicators),
            Mistake("one kind only", "This looks as if all flags were of one kind.", lambda place: {
                "bridged": sum(flags(place).values()), "partial": 0, "marked": 0, "missing": 0}),
            swapped(flags, "bridged", "missing"),
        ), 0),
}
