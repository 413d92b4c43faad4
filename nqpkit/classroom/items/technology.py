"""Chapter 6, technological innovation."""

from nqpkit.chapters import technology as chapter
from nqpkit.chapters.dimension import wide
from nqpkit.classroom.checking import Item, Mistake, Place
from nqpkit.classroom.items.slips import slip, swapped

LAGS = (0, 2, 4)
YEAR = 2022  # of the figure of Xi'an
INTENSITY = 2.4


def city(place: Place) -> dict:
    """The city's share of the province's R&D, what is left, its share, and the intensity of the rest."""
    whole = _shaanxi(place, YEAR)
    rest = 1 - chapter.XIAN_RD / whole
    return {"share": 100 * (1 - rest), "rest": (whole - chapter.XIAN_RD) / 10, "rest share": 100 * rest,
            "intensity": INTENSITY * rest / 0.5}


def traders(place: Place) -> dict:
    """The three largest net buyers and the largest net seller of the group in focus, and the province's balance."""
    flows = chapter.contract_flows(place.result)
    return {**_ends(place, flows["sold"] - flows["bought"]), "yours": (flows["sold"] - flows["bought"])[place.code]}


def rankings(place: Place) -> dict:
    """Three ranks of the province in technology among all provinces of the year."""
    return {name: _rank(column, place.code) for name, column in _columns(place).items()}


def yields(place: Place) -> dict:
    """Buyer or seller; patents for 100 million yuan of R&D with three lags, and the rank with each."""
    found = {"balance": "seller" if traders(place)["yours"] > 0 else "buyer"}
    for lag in LAGS:
        column = _yield(place, lag)
        found |= {f"yield {lag}": column[place.code], f"rank {lag}": _rank(column, place.code)}
    return found


def _shaanxi(place, year):
    return wide(place.study)["rd_expenditure"].loc[year, place.study.resolve("shaanxi")] / 10_000


def _ends(place, net, group=True):
    own = net[place.study.regions["group"] == place.study.focus].sort_values() if group else net.sort_values()
    slugs = place.study.regions["slug"]
    return {"importers": set(slugs[own.index[:3]]), "exporter": slugs[own.index[-1]]}


def _most(place):
    flows = chapter.contract_flows(place.result)
    buyers, sellers = _ends(place, -flows["bought"]), _ends(place, flows["sold"])
    return {"importers": buyers["importers"], "exporter": sellers["exporter"]}


def _single_year(place):
    series, year = wide(place.study), place.result.year()
    sold, bought, gdp = (series[name].loc[year, place.code] for name in (
        "tech_market_contract_value", "tech_market_contract_value_absorbed", "gdp"))
    return {"yours": 100 * sold / gdp - 0.01 * bought / gdp}


def _ratio(place):
    own = chapter.contract_flows(place.result).loc[place.code]
    return {"yours": own["sold"] / own["bought"]}


def _all_traders(place):
    flows = chapter.contract_flows(place.result)
    return _ends(place, flows["sold"] - flows["bought"], group=False)


def _columns(place, year=None):
    year = year or place.year
    indicators = place.result.indicators
    frames = {"technology": place.result.dimensions["technology"], "patents": indicators["invention_patents"],
              "intensity": indicators["rd_intensity"]}
    return {name: column.xs(year, level="year").dropna() for name, column in frames.items()}


def _rank(column, code, ascending=False):
    return int(column.rank(ascending=ascending, method="min")[code])


def _by_size(place):
    series = {"patents": "patents_in_force_invention", "intensity": "rd_expenditure"}
    return {name: _rank(wide(place.study)[key].loc[place.year].dropna(), place.code) for name, key in series.items()}


def _in_group(place, columns):
    own = place.study.regions.index[place.study.regions["group"] == place.region["group"]]
    return {name: _rank(column[column.index.intersection(own)], place.code) for name, column in columns.items()}


def _yield(place, lag):
    return chapter.patent_yield(place.result, lag)[place.result.year()].dropna()


def _stock(place):
    series, year = wide(place.study), place.result.year()
    stock = series["patents_in_force_invention"].loc[year, place.code]
    return {f"yield {lag}": stock / (series["rd_expenditure"].loc[year - lag, place.code] / 10_000) for lag in LAGS}


def _from_bottom(place):
    return {f"rank {lag}": _rank(_yield(place, lag), place.code, ascending=True) for lag in LAGS}


ITEMS = {
    "E6.1": Item(
        "E6.1", 2, "a mapping with share (of Xi'an, per cent), rest (billion yuan, one decimal), rest share (per cent) "
        "and intensity (per cent, one decimal); per cents of shares without decimals", city, (
            swapped(city, "share", "rest share"),
            Mistake("half of the GDP forgotten", "This looks like a share of the province's intensity. The rest has "
                    "only half of the GDP too.", lambda place: {"intensity": city(place)["intensity"] * 0.5}),
            Mistake("the provincial mean", "This looks like the mean of the whole province.",
                    lambda place: {"intensity": INTENSITY}),
            slip("wrong unit", lambda place: {"rest": 10 * city(place)["rest"]}),
            slip("another year", lambda place: {"share": 100 * chapter.XIAN_RD / _shaanxi(place, YEAR - 1)}),
        ), {"share": 0.5, "rest share": 0.5, "rest": 0.05, "intensity": 0.05}),
    "E6.2": Item(
        "E6.2", 3, "a mapping with importers (the names of three western provinces), exporter (one name) and yours "
        "(contracts sold minus bought of your province, per cent of GDP, mean of the last three scored years, two "
        "decimals)", traders, (
            slip("most for net", _most),
            slip("sign turned", lambda place: {"yours": -traders(place)["yours"]}),
            slip("single year", _single_year),
            slip("among all", _all_traders),
            Mistake("quotient", "This looks like sold divided by bought; the difference is asked.", _ratio),
        )),
    "E6.3": Item(
        "E6.3", 2, "a mapping with technology (the kit's dimension), patents (invention patents in force per resident) "
        "and intensity (R&D relative to GDP): your province's rank among all provinces of your year by each; questions "
        "(a) and (b) are for the class", rankings, (
            slip("rank upside down", lambda place: {
                name: _rank(column, place.code, ascending=True) for name, column in _columns(place).items()}),
            slip("rank in the group", lambda place: _in_group(place, _columns(place))),
            slip("score for rank", lambda place: {
                name: column[place.code] for name, column in _columns(place).items()}),
            slip("level for ratio", _by_size),
            slip("other year", lambda place: {name: _rank(column, place.code) for name, column in _columns(
                place, place.study.years[0]).items()}),
        ), 0.001),
    "E6.4": Item(
        "E6.4", 3, "a mapping with balance (buyer or seller) and, for the lags of 0, 2 and 4 years, yield 0, yield 2, "
        "yield 4 (invention patents granted for 100 million yuan, one decimal) and rank 0, rank 2, rank 4; the last "
        "scored year",
        yields, (
            Mistake("stock for flow", "This looks like all patents in force; those granted in the year are "
                                      "asked.", _stock),
            slip("rank upside down", _from_bottom),
            Mistake("lag forgotten", "This looks like the research money of the same year throughout.", lambda place: {
                f"yield {lag}": yields(place)["yield 0"] for lag in LAGS} | {
                f"rank {lag}": yields(place)["rank 0"] for lag in LAGS}),
            slip("turned round", lambda place: {
                "balance": "buyer" if yields(place)["balance"] == "seller" else "seller"}),
        ), {f"rank {lag}": 0 for lag in LAGS} | {f"yield {lag}": 0.05 for lag in LAGS}),
}
