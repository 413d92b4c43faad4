"""Chapters eleven and twelve: peers of a province, and how far its rank can be trusted."""

from functools import lru_cache

import numpy as np
import pandas as pd

from nqpkit.analysis.audit import association_without
from nqpkit.chapters.robustness import alternative_ranks
from nqpkit.classroom.checking import Item, Mistake, decimals
from nqpkit.classroom.items.slips import slip
from nqpkit.evaluation import evaluate
from nqpkit.uncertainty import rank_intervals

DRAWS, NARROW = 10_000, 10.0
LOW, HIGH = "rank_coordination_low", "rank_coordination_high"


def peers(place):
    """E11.1: the three nearest regions, the distance of the third, the farthest region and its distance."""
    return _three(place, _distances(place.result, place.code, place.year))


@lru_cache(maxsize=64)
def _distances(result, code, year):
    return result.peers(code, year, count=len(result.study.regions))["distance"]


def _three(place, distance):
    slugs = place.study.regions["slug"]
    distance = distance.sort_values()
    return {"peers": list(slugs[distance.index[:3]]), "third": distance.iloc[2], "farthest": slugs[distance.index[-1]],
            "distance": distance.iloc[-1]}


def peers_wrong(place, frame, squared=False):
    """The same with distances between other values, or without the root."""
    now = frame.xs(place.year, level="year").dropna()
    distance = ((now - now.loc[place.code]) ** 2).sum(axis=1).drop(place.code)
    return _three(place, distance if squared else np.sqrt(distance))


def farthest_first(place):
    """The list from its other end."""
    return _three(place, -_distances(place.result, place.code, place.year)) | {
        "third": _distances(place.result, place.code, place.year).iloc[-3]}


def thousand(place):
    """E12.1: the interval of the rank on D under random weights, all equally likely, and near equal.

    The truth rests on 10,000 draws. In 40 trials of 1,000 draws for every province and three years an end of the wide
    interval lay up to two ranks away (in 15 of 3,720 answers more than one), an end of the narrow one up to one: these
    are the tolerances.
    """
    wide, narrow = (_intervals(place.result, place.year, c).loc[place.code] for c in (1.0, NARROW))
    return {"low": int(wide[LOW]), "high": int(wide[HIGH]), "narrow low": int(narrow[LOW]),
            "narrow high": int(narrow[HIGH])}


@lru_cache(maxsize=16)
def _intervals(result, year, concentration, level=0.9):
    return rank_intervals(result, year, draws=DRAWS, concentration=concentration, level=level)


def intervals_wrong(place, kind):
    """What a slip makes of the intervals."""
    count, true = len(place.study.regions), thousand(place)
    if kind == "rank upside down":
        return {"low": count + 1 - true["high"], "high": count + 1 - true["low"],
                "narrow low": count + 1 - true["narrow high"], "narrow high": count + 1 - true["narrow low"]}
    if kind == "narrow for wide":
        return {"low": true["narrow low"], "high": true["narrow high"], "narrow low": true["low"],
                "narrow high": true["high"]}
    found = {}
    for c, before in ((1.0, ""), (NARROW, "narrow ")):
        row = _intervals(place.result, place.year, c, 0.998 if kind == "all draws" else 0.9).loc[place.code]
        name = {"score for rank": "coordination", "all draws": "rank_coordination"}.get(
            kind, f"rank_{place.result.systems.columns[0]}")
        found |= {f"{before}low": float(row[f"{name}_low"]), f"{before}high": float(row[f"{name}_high"])}
    return found


def lists(place):
    """E12.2: your ranks in NQP under each list of indicators, and the region that moves most, and by how much."""
    table = _ranks(place.result, place.year)
    return _moved(place, table, table.iloc[:, 1:].sub(table.iloc[:, 0], axis=0).abs().max(axis=1))


@lru_cache(maxsize=16)
def _ranks(result, year):
    return alternative_ranks(result, year)


@lru_cache(maxsize=16)
def _scores(result, year, measure):
    names = ("default", *result.study.alternatives)
    found = {name: evaluate(result.study, indicators=name) for name in names}
    frames = {name: other.coupling["coordination"] if measure == "coordination" else other.systems.iloc[:, 0]
              for name, other in found.items()}
    return pd.DataFrame({name: frame.xs(year, level="year") for name, frame in frames.items()}).dropna()


def _moved(place, table, change):
    return {"ranks": [int(rank) for rank in table.loc[place.code]],
            "most": place.study.regions["slug"][change.idxmax()], "places": int(change.max())}


def lists_wrong(place, kind):
    """What a slip makes of it."""
    if kind == "score for rank":
        return {"ranks": _scores(place.result, place.year, "nqp").loc[place.code].tolist()}
    if kind == "rank upside down":
        return {"ranks": [len(place.study.regions) + 1 - rank for rank in lists(place)["ranks"]]}
    table = _ranks(place.result, place.year)
    if kind == "other score":
        table = _scores(place.result, place.year, "coordination").rank(ascending=False, method="min")
        return _moved(place, table, table.iloc[:, 1:].sub(table.iloc[:, 0], axis=0).abs().max(axis=1))
    change = table.iloc[:, 1:].sub(table.iloc[:, 0], axis=0).abs().max(axis=1)
    return {"most": place.study.regions["slug"][change.idxmin()], "places": int(change.min())}


@lru_cache(maxsize=16)
def without_income(result, year):
    """E12.3: the correlation of the two scores before and after ln GDP per head is taken out of both."""
    found = association_without(result, year)
    return {"before": found.r, "after": found.partial}


@lru_cache(maxsize=16)
def without_income_wrong(result, year, kind):
    """What a slip makes of it."""
    names = list(result.systems.columns[:2])
    frame = result.systems[names].join(np.log(result.indicators["gdp_per_head"]).rename("income")).dropna()
    now = frame if kind == "all years pooled" else frame.xs(year, level="year")
    if kind == "no logarithm":
        now = now.assign(income=np.exp(now["income"]))
    left = {name: now[name] - np.polyval(np.polyfit(now["income"], now[name], 1), now["income"]) for name in names}
    before = now[names[0]].corr(now[names[1]])
    after = left[names[0]].corr(now[names[1]] if kind == "from one only" else left[names[1]])
    return {"before": before**2, "after": after**2} if kind == "squared" else {"before": before, "after": after}


ITEMS = {
    "E11.1": Item(
        "E11.1", 3, 'a mapping with "peers" (the three nearest, nearest first), "third" (distance of the third), '
        '"farthest" (the farthest of all) and "distance" (its distance), two decimals, in your year',
        peers, (
            Mistake("two scores", "This looks like distances between the two scores; they run over all dimensions.",
                    lambda place: peers_wrong(place, place.result.systems)),
            Mistake("indicators", "This looks like distances between indicators; they run over the dimensions.",
                    lambda place: peers_wrong(place, place.result.normalised)),
            slip("root forgotten", lambda place: peers_wrong(place, place.result.dimensions, squared=True)),
            slip("order upside down", farthest_first),
        ), decimals(2)),
    "E11.2": Item("E11.2", 5, "half a page: one figure, three sentences with numbers, years and sources, one caveat"),
    "E11.3": Item("E11.3", 3, "the sentence, the list behind it with its keeper and year, and the sentence written "
                  "again"),
    "E12.1": Item(
        "E12.1", 4, 'a mapping with "low" and "high" (ranks on D, nine in ten of at least 1,000 draws between them), '
        'and "narrow low" and "narrow high" (the same with concentration 10), in your year',
        thousand, (
            slip("rank upside down", lambda place: intervals_wrong(place, "rank upside down")),
            slip("score for rank", lambda place: intervals_wrong(place, "score for rank")),
            Mistake("NQP for D", "This looks like the ranks in NQP; those on D are asked.",
                    lambda place: intervals_wrong(place, "NQP for D")),
            Mistake("all draws", "This looks like the ends of nearly all draws; nine in ten lie between those asked.",
                    lambda place: intervals_wrong(place, "all draws")),
            Mistake("narrow for wide", "This looks as if the two intervals changed places.",
                    lambda place: intervals_wrong(place, "narrow for wide")),
            Mistake("counted from nought", "This looks like positions in a sorted table, counted from its far end.",
                    lambda place: {name: len(place.study.regions) - value for name, value in thousand(place).items()}),
        ), {"low": 2, "high": 2, "narrow low": 1, "narrow high": 1}),
    "E12.2": Item(
        "E12.2", 3, 'a mapping with "ranks" (a list: your province in NQP under the list of the book, then under each '
        'alternative), "most" (the province that moves most from the list of the book) and "places" (by how many), in '
        "your year",
        lists, (
            slip("score for rank", lambda place: lists_wrong(place, "score for rank")),
            slip("rank upside down", lambda place: lists_wrong(place, "rank upside down")),
            Mistake("D for NQP", "This looks like the ranks on D; those in NQP are asked.",
                    lambda place: lists_wrong(place, "other score")),
            Mistake("least for most", "This looks like the province that moves least.",
                    lambda place: lists_wrong(place, "least for most")),
        ), 0),
    "E12.3": Item(
        "E12.3", 2, 'a mapping with "before" and "after" (correlations over all provinces in your year, two decimals)',
        lambda place: without_income(place.result, place.year), (
            slip("no logarithm", lambda place: without_income_wrong(place.result, place.year, "no logarithm")),
            slip("squared", lambda place: without_income_wrong(place.result, place.year, "squared")),
            slip("all years pooled", lambda place: without_income_wrong(place.result, place.year, "all years pooled")),
            Mistake("from one only", "This looks as if income was taken out of one of the two scores only.",
                    lambda place: without_income_wrong(place.result, place.year, "from one only")),
        ), decimals(2)),
}
