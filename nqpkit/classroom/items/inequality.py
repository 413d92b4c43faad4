"""Chapter fourteen: inequality, groups and neighbours."""

from functools import lru_cache

from nqpkit.analysis.inequality import dagum, theil
from nqpkit.analysis.neighbours import neighbour_weights
from nqpkit.chapters.dimension import wide
from nqpkit.chapters.inequality import among_neighbours
from nqpkit.classroom.checking import Item, Mistake, decimals
from nqpkit.classroom.items.slips import slip

INDICATOR = "rd_intensity"


def two_rulers(place):
    """E14.1: growth of your first score and of the top one's since the first year; spread over all in both years."""
    scores = _scores(place.result)
    first, last = scores.columns[0], scores.columns[-1]
    growth, top = scores[last] / scores[first] - 1, scores[last].idxmax()
    return {"growth": 100 * growth[place.code], "top growth": 100 * growth[top], "spread first": scores[first].std(),
            "spread last": scores[last].std()}


@lru_cache(maxsize=8)
def _scores(result):
    return result.systems.iloc[:, 0].unstack("year").dropna()


def rulers_wrong(place, kind):
    """What a slip makes of it."""
    scores = _scores(place.result)
    first, last = scores.iloc[:, 0], scores.iloc[:, -1]
    if kind == "level for growth":
        change = 100 * (last - first)
        return {"growth": change[place.code], "top growth": change[last.idxmax()]}
    if kind == "relative spread":
        return {"spread first": first.std() / first.mean(), "spread last": last.std() / last.mean()}
    if kind == "by the year":
        steps = scores.shape[1] - 1
        return {name: two_rulers(place)[name] / steps for name in ("growth", "top growth")}
    growth = 100 * (first / last - 1)
    return {"growth": growth[place.code], "top growth": growth[last.idxmax()]}


@lru_cache(maxsize=16)
def decomposition(result, year, kind="net_between"):
    """E14.2: the share of the Gini index of R&D intensity that lies between groups, without and with population."""
    value = result.indicators[INDICATOR].xs(year, level="year")
    group = result.study.regions["group"].reindex(value.index)
    people = wide(result.study)["population"].loc[year].reindex(value.index)
    found = {}
    for name, weights in (("plain", None), ("weighted", people)):
        if kind == "theil":
            parts = theil(value, group, weights)
            found[name] = parts.between / parts.total
        else:
            parts = dagum(value, group, weights)
            found[name] = getattr(parts, kind.removesuffix(" alone")) / (1 if kind.endswith("alone") else parts.total)
    return found


def beside(place):
    """E14.3: your score and the mean of your neighbours', both standardised over all provinces, and the corner."""
    row = _beside(place.result, place.year).loc[place.code]
    return {"own": row["own"], "neighbours": row["neighbours"], "corner": row["corner"]}


@lru_cache(maxsize=16)
def _beside(result, year):
    return among_neighbours(result, year)


def beside_wrong(place, kind):
    """What a slip makes of it."""
    table, own = _beside(place.result, place.year), beside(place)
    weights = neighbour_weights(place.study.neighbours, table.index).loc[place.code]
    if kind == "sum for mean":
        return {"neighbours": own["neighbours"] * (weights > 0).sum()}
    if kind == "own among them":
        near = weights.index[(weights > 0) | (weights.index == place.code)]
        return {"neighbours": table.loc[near, "own"].mean()}
    if kind == "turned round":
        high, low = own["corner"].split(" among ")
        return {"own": own["neighbours"], "neighbours": own["own"], "corner": f"{low} among {high}"}
    score = _scores(place.result)[place.year]
    return {"own": score[place.code], "neighbours": float((weights * score).sum())}


ITEMS = {
    "E14.1": Item(
        "E14.1", 4, 'a mapping with "growth" and "top growth" (of NQP from the first to the last scored year, per '
        'cent, whole numbers: your province, and the one that is highest in the last year) and "spread first" and '
        '"spread last" (standard deviation over all provinces, two decimals or more)',
        two_rulers, (
            slip("level for growth", lambda place: rulers_wrong(place, "level for growth")),
            Mistake("relative spread", "This looks like the spread relative to the mean; points are asked.",
                    lambda place: rulers_wrong(place, "relative spread")),
            Mistake("by the year", "This looks like growth shared out over the years; that of the whole span is asked.",
                    lambda place: rulers_wrong(place, "by the year")),
            slip("ratio upside down", lambda place: rulers_wrong(place, "ratio upside down")),
        ), {"growth": 0.6, "top growth": 0.6, "spread first": decimals(2), "spread last": decimals(2)}),
    "E14.2": Item(
        "E14.2", 2, 'for R&D intensity (rd_intensity): a mapping with "plain" and "weighted" (share of the Gini index '
        "that lies between groups, without and with population as weights, 0…1, two decimals), in your year",
        lambda place: decomposition(place.result, place.year), (
            Mistake("inside", "This looks like the part inside groups.",
                    lambda place: decomposition(place.result, place.year, "within")),
            Mistake("overlap", "This looks like the part that is overlap.",
                    lambda place: decomposition(place.result, place.year, "transvariation")),
            slip("not a share of the total",
                 lambda place: decomposition(place.result, place.year, "net_between alone")),
            Mistake("Theil", "This looks like another index: the Theil index has its own parts.",
                    lambda place: decomposition(place.result, place.year, "theil")),
        ), decimals(2)),
    "E14.3": Item(
        "E14.3", 3, 'a mapping with "own" and "neighbours" (NQP standardised over all provinces in your year, two '
        'decimals) and "corner": such as "high among low"',
        beside, (
            slip("sum for mean", lambda place: beside_wrong(place, "sum for mean")),
            slip("turned round", lambda place: beside_wrong(place, "turned round")),
            Mistake("own among them", "This looks as if a province was counted among its own neighbours.",
                    lambda place: beside_wrong(place, "own among them")),
            Mistake("not standardised", "This looks like scores that were not standardised.",
                    lambda place: beside_wrong(place, "not standardised")),
        ), decimals(2)),
}
