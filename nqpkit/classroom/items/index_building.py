"""Chapter 4, from indicators to an index."""

from functools import lru_cache

import numpy as np
import pandas as pd

from nqpkit.chapters import index_building as chapter
from nqpkit.chapters.case import follow
from nqpkit.classroom.checking import Item, Mistake, Place
from nqpkit.classroom.items.slips import slip, swapped
from nqpkit.scoring import normalise


def five(place: Place) -> dict:
    """Slug → mean of three indicators scaled among the five regions that the exercise gives to this province."""
    raw, direction = _five(place)
    return _by_slug(place, normalise(raw, direction).mean(axis=1))


def leave_one_out(place: Place, treated: bool = False) -> dict:
    """What leaving out the leader, and the province, does to entropy weights; per cent."""
    return _moves(*(_weights(place.result, code, treated) for code in (chapter.leader(place.result), place.code)))


def growth(place: Place) -> dict:
    """The printed index's growth a year, simple and compound, and the province's compound growth; per cent."""
    own, steps = _own(place)
    return {"simple": _simple(chapter.LU_START, chapter.LU_END, chapter.LU_YEARS),
            "compound": _compound(chapter.LU_START, chapter.LU_END, chapter.LU_YEARS),
            "yours": _compound(own.iloc[0], own.iloc[-1], steps)}


@lru_cache(maxsize=128)
def _weights(result, code, treated):
    return 100 * chapter.entropy_without(result, code, treated)


def _five(place):
    result = follow(place.result, place.slug)
    chosen, about = chapter.practice_indicators(result), result.framework.indicators()
    raw = result.indicators.xs(result.year(), level="year").loc[chapter.practice_regions(result), chosen]
    return raw, about.loc[chosen, "direction"]


def _by_slug(place, values):
    return values.rename(index=place.study.regions["slug"]).to_dict()


def _no_direction(place):
    raw, direction = _five(place)
    return _by_slug(place, normalise(raw, direction.abs()).mean(axis=1))


def _all_goalposts(place):
    raw, _ = _five(place)
    return _by_slug(place, place.result.normalised.xs(place.result.year(), level="year").loc[
        raw.index, raw.columns].mean(axis=1))


def _over_highest(place):
    raw, direction = _five(place)
    z = raw / raw.max()
    return _by_slug(place, z.where(direction > 0, 1 - z).mean(axis=1))


def _moves(leader, own):
    moved, mine = leader["without"] - leader["all"], own["without"] - own["all"]
    hit, yours = moved.abs().idxmax(), mine.abs().idxmax()
    return {"hit": hit, "before": leader.loc[hit, "all"], "after": leader.loc[hit, "without"], "yours": yours,
            "moved": mine[yours]}


def _goalposts_kept(place):
    x = place.result.indicators[place.result.weights.index[
        place.result.weights["system"] == place.result.systems.columns[0]]]
    z = normalise(x, place.result.framework.indicators().loc[x.columns, "direction"]).dropna()
    whole = chapter.entropy_weights(z)
    tables = (pd.DataFrame({"all": whole, "without": chapter.entropy_weights(z.drop(code, level="code"))}) * 100
              for code in (chapter.leader(place.result), place.code))
    return {key: value for key, value in _moves(*tables).items() if key in ("after", "moved")}


def _one_year(place):
    names = place.result.weights.index[place.result.weights["system"] == place.result.systems.columns[0]]
    x, leader = place.result.indicators[names].xs(place.result.year(), level="year"), chapter.leader(place.result)
    hit = leave_one_out(place)["hit"]
    return {key: 100 * chapter.scaled_entropy(place.result, part)[hit]
            for key, part in (("before", x), ("after", x.drop(leader)))}


def _years_for_rows(place):
    """Entropy divided by the logarithm of the number of years, so that it exceeds one and the weights go astray."""
    names = place.result.weights.index[place.result.weights["system"] == place.result.systems.columns[0]]
    x, hit, found = place.result.indicators[names], leave_one_out(place)["hit"], {}
    for key, part in (("before", x), ("after", x.drop(chapter.leader(place.result), level="code"))):
        z = normalise(part, place.result.framework.indicators().loc[names, "direction"]).dropna()
        p = (z / z.sum()).where(lambda share: share > 0)
        spread = 1 + (p * np.log(p)).sum() / np.log(len(place.study.years))
        found[key] = 100 * spread[hit] / spread.sum()
    return found


def _own(place):
    own = place.result.systems.iloc[:, 0].xs(place.code, level="code")
    return own, len(own) - 1


def _simple(start, end, steps):
    return 100 * (end / start - 1) / steps


def _compound(start, end, steps):
    return 100 * ((end / start) ** (1 / steps) - 1)


def _logarithm(place):
    own, steps = _own(place)
    return {"compound": 100 * np.log(chapter.LU_END / chapter.LU_START) / chapter.LU_YEARS,
            "yours": 100 * np.log(own.iloc[-1] / own.iloc[0]) / steps}


def _too_many(place):
    own, steps = _own(place)
    return {"compound": _compound(chapter.LU_START, chapter.LU_END, chapter.LU_YEARS + 1),
            "yours": _compound(own.iloc[0], own.iloc[-1], steps + 1)}


def _all_simple(place):
    own, steps = _own(place)
    return {"compound": growth(place)["simple"], "yours": _simple(own.iloc[0], own.iloc[-1], steps)}


ITEMS = {
    "E4.1": Item(
        "E4.1", 3, "a mapping from each of your five provinces to its mean, two decimals. Your five, in the notebook: "
        "chapter.practice_regions(result)", five, (
            slip("direction forgotten", _no_direction),
            slip("sum for mean", lambda place: {name: 3 * mean for name, mean in five(place).items()}),
            Mistake("goalposts of all", "This looks like the scores of the book, whose goalposts are taken over all "
                    "provinces and years. Here only five count.", _all_goalposts),
            Mistake("divided by the highest", "This looks like values divided by the highest one: then the lowest is "
                                              "not 0.",
                    _over_highest),
        ), 0.01),
    "E4.2": Item(
        "E4.2", 3, "a mapping with hit (the indicator whose weight moves most without the leader), before and after "
        "(its weight with and without it), yours (the indicator that moves most without your province) and moved (by "
        "how many points, with its sign); raw values, per cent, one decimal", leave_one_out, (
            slip("treated for raw", lambda place: leave_one_out(place, treated=True)),
            slip("single year", _one_year),
            slip("years for rows", _years_for_rows),
            Mistake("goalposts kept", "This looks like values that were scaled once, before somebody was left out.",
                    _goalposts_kept),
            slip("sign turned", lambda place: {"moved": -leave_one_out(place)["moved"]}),
        ), 0.05),
    "E4.3": Item(
        "E4.3", 2, "a mapping with simple and compound (the yearly growth of the index of the study, per cent) and "
        "yours (the compound yearly growth of your province's NQP score from the first to the last scored year); one "
        "decimal", growth, (
            swapped(growth, "simple", "compound"),
            slip("simple for compound", _all_simple),
            slip("too many years", _too_many),
            Mistake("logarithms", "This looks like a difference of logarithms divided by the years: near for small "
                    "rates, not for these.", _logarithm),
            Mistake("not by year", "This looks like the growth over all years together.", lambda place: {
                "simple": growth(place)["simple"] * chapter.LU_YEARS}),
        ), 0.05),
}
