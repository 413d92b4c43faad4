"""Chapter nine: the three dilemmas, and whether they are one."""

from functools import lru_cache

import pandas as pd

from nqpkit.chapters import capability, momentum, one, talent
from nqpkit.chapters.dimension import wide
from nqpkit.chapters.retain import yearly_balance
from nqpkit.chapters.standing import leaders
from nqpkit.classroom.checking import Item, Mistake, decimals
from nqpkit.classroom.items.slips import slip
from nqpkit.obstacles import obstacle_degree, relative_obstacle

HAND_Z, HAND_W = {"first": 0.2, "second": 0.1, "third": 0.1}, {"first": 0.6, "second": 0.2, "third": 0.2}
READINGS = ("share", "relative", "gap")
SICHUAN = "sichuan"


def own_rows(frame, place):
    """The rows of a place in its year."""
    return frame.loc[(place.code, place.year)]


def top_three(place, weights=("equal", "entropy"), reading="share", smallest=False):
    """E9.1: the three largest obstacles under two weightings, and how many stay."""
    found = {}
    for name, used in zip(("equal", "entropy"), weights, strict=True):
        values = own_rows(one.weighted(place.result, used).obstacles[reading], place)
        found[name] = list((values.nsmallest(3) if smallest else values.nlargest(3)).index)
    return found | {"kept": len(set(found["equal"]) & set(found["entropy"]))}


def top_present(place):
    """The same from weight times value, so from what is there."""
    found = {}
    for name in ("equal", "entropy"):
        other = one.weighted(place.result, name)
        weights = other.weights.loc[other.weights["system"] == other.systems.columns[0], "weight"]
        found[name] = list((own_rows(other.normalised[weights.index], place) * weights).nlargest(3).index)
    return found | {"kept": len(set(found["equal"]) & set(found["entropy"]))}


def by_hand():
    """E9.2: obstacle degrees and relative obstacles of three made-up indicators."""
    z = pd.DataFrame([HAND_Z])
    return {"O": obstacle_degree(z, HAND_W).iloc[0].tolist(), "R": relative_obstacle(z, HAND_W).iloc[0].tolist()}


def by_hand_wrong(kind):
    """What a slip makes of them."""
    z, w = pd.Series(HAND_Z), pd.Series(HAND_W)
    o = {"without one minus": z * w / (z * w).sum(), "not divided": (1 - z) * w, "weights returned": w,
         "ratio upside down": pd.Series(by_hand()["O"], index=w.index)}[kind]
    return {"O": o.tolist(), "R": (w / o if kind == "ratio upside down" else o / w).tolist()}


def leading(place, year=None, reading=None):
    """E9.3: the dilemma that leads by share, relative to weight and by the gap to the East; None if there is no gap."""
    row = _leaders(place.result, year or place.year).loc[place.code]
    found = {name: None if pd.isna(row[reading or name]) else row[reading or name] for name in READINGS}
    return found | {"size": own_rows(place.result.dilemmas["share"], place)[_leaders(
        place.result, place.year).loc[place.code, "share"]]}


def leading_relative(place):
    """The size of the leader relative to its weight."""
    return {"size": own_rows(place.result.dilemmas["relative"], place)[leading(place)["share"]]}


@lru_cache(maxsize=16)
def _leaders(result, year):
    return leaders(result, year)


def trailing(place):
    """The dilemma with the smallest value in each reading."""
    own = own_rows(place.result.dilemmas, place).drop(index="outside", errors="ignore")
    return {name: own[name].idxmin() for name in READINGS}


def counting_outside(place):
    """The largest line of all, the one outside the dilemmas included."""
    own = own_rows(place.result.dilemmas, place)
    return {name: own[name].idxmax() for name in READINGS}


def leading_under_entropy(place):
    """The leaders with entropy weights."""
    row = _leaders(one.weighted(place.result, "entropy"), place.year).loc[place.code]
    return {name: None if pd.isna(row[name]) else row[name] for name in READINGS}


def among(place, everybody=False):
    """Codes of the group of a place, or of all regions."""
    groups = place.study.regions["group"]
    return groups.index if everybody else groups.index[groups == groups[place.code]]


def momentum_ranks(place, everybody=False, upside_down=False, year=momentum.FIRMS_YEAR, base=None):
    """E9.4: ranks inside the own group, and density of certified firms over that of the group as a whole."""
    now, codes = place.result.indicators.xs(place.year, level="year"), among(place, everybody)
    firms, totals = _certified(place.study, year)
    values = {"gdp": now["gdp_per_head"], "firms": firms, "electricity": now["electricity_intensity"]}
    found = {name: int(column[codes].rank(ascending=upside_down, method="min")[place.code])
             for name, column in values.items()}
    return found | {"ratio": firms[place.code] / totals[base or place.region["group"]]}


@lru_cache(maxsize=8)
def _certified(study, year):
    return momentum.certified_by_region(study, year), momentum.certified_firms(study, year)["per 10,000"]


def plain_mean_ratio(place):
    """The ratio to the plain mean of the group's provinces."""
    values, _ = _certified(place.study, momentum.FIRMS_YEAR)
    return {"ratio": values[place.code] / values[among(place)].mean()}


def way(place, upside_down=False, everybody=True, half=None):
    """E9.5: from science to product: stations in the upper half, best and worst rank, the largest drop between two."""
    table = _stations(place.result, place.year)
    if not everybody:
        table = table.loc[among(place)].rank(method="min")
    ranks = table.loc[place.code]
    ranks = len(table) + 1 - ranks if upside_down else ranks
    return {"upper": int((ranks <= (half or len(table) // 2)).sum()), "best": int(ranks.min()),
            "worst": int(ranks.max()), "drop": int(ranks.diff().max())}


@lru_cache(maxsize=16)
def _stations(result, year):
    return capability.stations(result, year)


@lru_cache(maxsize=16)
def _measures(result, year):
    return talent.measures(result, year)


def four_measures(place, upside_down=False, everybody=True):
    """E9.6: ranks on four measures of talent, and how far students and research staff lie apart."""
    table = _measures(place.result, place.year)
    table = table if everybody else table.loc[among(place)].rank(method="min")
    ranks = table.loc[place.code]
    ranks = len(table) + 1 - ranks if upside_down else ranks
    return {**ranks.astype(int), "apart": int(abs(ranks["undergraduates"] - ranks["rd_staff"]))}


def measures_of_persons(place):
    """Ranks on persons instead of persons per resident."""
    series = wide(place.study)
    persons = [int(series[name].loc[place.year].rank(ascending=False, method="min")[place.code])
               for name in ("undergraduate_students", "rd_personnel_fte")]
    return {"undergraduates": persons[0], "rd_staff": persons[1], "apart": abs(persons[0] - persons[1])}


def surest(place):
    """E9.7: in what share of random weightings each dilemma leads.

    The truth rests on 5,000 draws. An answer from 1,000 draws with another seed has a standard error of at most
    √(0.25/1000 + 0.25/5000) = 0.017, so a tolerance of 0.06 is more than three of them.
    """
    return _draws(place.result, place.year).loc[place.code].to_dict()


@lru_cache(maxsize=16)
def _draws(result, year):
    return one.leading_draws(result, year=year)


def never_leading(place):
    """The share of weightings in which each dilemma does not lead."""
    return {name: 1 - share for name, share in surest(place).items()}


def plain_shares(place):
    """The shares of obstacles under equal weights."""
    return own_rows(place.result.dilemmas["share"], place)[list(one.members(place.result))].to_dict()


def one_weighting(place):
    """The leader under equal weights, as if it led in all draws."""
    return {name: float(name == leading(place)["share"]) for name in one.members(place.result)}


def mean_of_the_group(place):
    """The mean over the provinces of the group."""
    return _draws(place.result, place.year).loc[among(place)].mean().to_dict()


def yardsticks(place, half=None, lower=False):
    """E9.8: who of the West stands in the upper half by three yardsticks, and by how much Sichuan's score missed it."""
    regions = place.study.regions
    table = capability.yardsticks(place.result, place.year)
    line = half or len(regions) // 2
    own = table[regions["group"].reindex(table.index) == place.study.focus]
    keep = own > line if lower else own <= line
    return {"report": _slugs(place, own.index[keep["report"]]), "rd": _slugs(place, own.index[keep["R&D intensity"]]),
            "score": _slugs(place, own.index[keep["technology score"]]),
            "missed": int(table.loc[place.study.resolve(SICHUAN), "technology score"]) - line}


def upper_half(place):
    """The truth of E9.8, from the chapter's own list."""
    found = capability.upper_half(place.result, place.year)
    rank = capability.yardsticks(place.result, place.year).loc[place.study.resolve(SICHUAN), "technology score"]
    return {name: _slugs(place, map(place.study.resolve, names)) for name, names in zip(
        ("report", "rd", "score"), found.values(), strict=True)} | {"missed": int(rank) - len(place.study.regions) // 2}


def missing_noun(place):
    """E9.9: net migration in your year, and for whom of the West “still” and “now negative” are right."""
    rate = place.result.indicators.loc[(place.code, place.year), "net_migration"]
    return {"rate": rate} | {name: _slugs(place, codes) for name, codes in _still_or_now(place.result).items()}


@lru_cache(maxsize=8)
def _still_or_now(result):
    return talent.still_or_now(result)


def missing_noun_of_all(place):
    """The same over all regions."""
    wide = place.result.indicators["net_migration"].unstack("year")
    first, last = wide.iloc[:, 0], wide.iloc[:, -1]
    return {"still": _slugs(place, wide.index[(wide < 0).all(axis=1)]),
            "now": _slugs(place, wide.index[(first > 0) & (last <= 0)]), "gaining": _slugs(place, wide.index[last > 0])}


def _slugs(place, codes):
    return frozenset(place.study.regions["slug"][list(codes)])


TOP = ('a mapping with "equal" and "entropy", each a list of three indicators, the largest obstacle first, and '
       '"kept": how many stand in both lists')
ITEMS = {
    "E9.1": Item("E9.1", 4, TOP, top_three, (
        Mistake("new for kept", "This looks as if the new ones were counted, not those that stay.",
                lambda place: {"kept": 3 - top_three(place)["kept"]}),
        slip("without one minus", top_present),
        slip("order upside down", lambda place: top_three(place, smallest=True)),
        slip("equal for entropy", lambda place: top_three(place, weights=("equal", "equal"))),
        Mistake("gap for share", "This looks as if the gap to the East was sorted, not the share of obstacles.",
                    lambda place: top_three(place, reading="gap")),
    ), 0),
    "E9.2": Item(
        "E9.2", 3, 'for the third part: a mapping with "O" and "R", each a list of three numbers, two decimals or '
        "more; the proofs are read by your teacher",
        lambda place: by_hand(), tuple(slip(name, lambda place, name=name: by_hand_wrong(name)) for name in (
            "without one minus", "not divided", "weights returned", "ratio upside down")), decimals(2)),
    "E9.3": Item(
        "E9.3", 4, 'a mapping with "share", "relative" and "gap", each the name of a dilemma (None where nothing lies '
        'below the eastern median), and "size": the share of the obstacles (0…1, two decimals) of the one that leads '
        "by share",
        leading, (
            slip("one reading", lambda place: leading(place, reading="share")),
            slip("order upside down", trailing),
            Mistake("outside counted", "This looks as if the line for what lies outside the dilemmas was counted.",
                    counting_outside),
            Mistake("entropy for equal", "This looks as if entropy weights were used; this evaluation has its own.",
                    leading_under_entropy),
            slip("other year", lambda place: leading(place, year=place.study.years[0])),
            Mistake("relative size",
                    "This looks as if the size relative to the weight was written down, not the share.",
                    leading_relative),
            slip("per cent for share", lambda place: {"size": 100 * leading(place)["size"]}),
        ), decimals(2)),
    "E9.4": Item(
        "E9.4", 4, 'a mapping with "gdp", "firms" and "electricity" (ranks among the provinces of your group: the '
        'twelve, if yours is western; 1 the highest) and "ratio" (your density of certified firms in 2021 over that of '
        "the group as a whole, two decimals)",
        momentum_ranks, (
            Mistake("among all",
                    "This looks as if all provinces were ranked where those of your group are asked for.",
                    lambda place: momentum_ranks(place, everybody=True)),
            slip("rank upside down", lambda place: momentum_ranks(place, upside_down=True)),
            slip("ratio upside down", lambda place: {"ratio": 1 / momentum_ranks(place)["ratio"]}),
            Mistake("plain mean",
                    "This looks as if the plain mean of the provinces was taken for the group as a whole.",
                    plain_mean_ratio),
            Mistake("other group", "This looks as if the ratio was taken to all provinces together.",
                    lambda place: momentum_ranks(place, base="all")),
        ), {"gdp": 0, "firms": 0, "electricity": 0, "ratio": decimals(2)}),
    "E9.5": Item(
        "E9.5", 4, 'a mapping with "upper" (stations of the seven in the upper half, ranks 1 to 15), "best" and '
        '"worst" (ranks among all provinces) and "drop" (places lost between two neighbouring stations at most)',
        way, (
            slip("rank upside down", lambda place: way(place, upside_down=True)),
            slip("among the group", lambda place: way(place, everybody=False)),
            Mistake("best to worst", "This looks as if the drop was counted from the best to the worst station.",
                    lambda place: {"drop": way(place)["worst"] - way(place)["best"]}),
            Mistake("lower half", "This looks as if the stations in the lower half were counted.",
                    lambda place: {"upper": len(capability.STATIONS) - way(place)["upper"]}),
        ), 0),
    "E9.6": Item(
        "E9.6", 3, 'a mapping with the ranks (among all provinces) "college", "undergraduates", "rd_staff", '
        '"net_migration", and "apart": how many places students and research staff lie apart',
        four_measures, (
            slip("rank upside down", lambda place: four_measures(place, upside_down=True)),
            slip("among the group", lambda place: four_measures(place, everybody=False)),
            Mistake("persons", "This looks as if persons were ranked, not persons per resident.",
                    measures_of_persons),
        ), 0),
    "E9.7": Item(
        "E9.7", 3, 'a mapping from the three dilemmas to the share of random weightings (0…1, two decimals, at least '
        "1,000 draws) in which each leads in your province",
        surest, (
            Mistake("not leading", "This looks as if the draws were counted in which a dilemma does not lead.",
                    never_leading),
            Mistake("shares of obstacles",
                    "This looks as if the shares of obstacles were written down, not the shares of draws.",
                    plain_shares),
            Mistake("one weighting", "This looks as if only equal weights were looked at.",
                    one_weighting),
            Mistake("another place", "This looks as if the mean over a group was written down, not your province.",
                    mean_of_the_group),
            slip("per cent for share", lambda place: {name: 100 * share for name, share in surest(place).items()}),
        ), 0.06),
    "E9.8": Item(
        "E9.8", 4, 'a mapping with "report", "rd" and "score" (sets of the western provinces in the upper half by the '
        'report, by R&D intensity and by the technology score of your year) and "missed": how many places Sichuan\'s '
        "technology score stands below the line (a minus if above)",
        upper_half, (
            Mistake("the paper's sentence", "This looks as if the paper's sentence was copied.",
                    lambda place: dict.fromkeys(("report", "rd", "score"), frozenset({"chongqing"}))),
            Mistake("lower half", "This looks as if the provinces of the lower half were listed.",
                    lambda place: yardsticks(place, lower=True)),
            Mistake("half of sixteen", "This looks as if sixteen of 31 places were counted as the upper half.",
                    lambda place: yardsticks(place, half=16)),
            Mistake("half of the twelve", "This looks as if the line was drawn at six places, half of the twelve.",
                    lambda place: yardsticks(place, half=6)),
        ), 0),
    "E9.9": Item(
        "E9.9", 4, 'a mapping with "rate" (net migration of your province in your year, per thousand, one decimal) and '
        'three sets of western provinces over the scored years: "still" (below nought in all), "now" (above in the '
        'first, not in the last), "gaining" (above in the last)',
        missing_noun, (
            slip("among all", missing_noun_of_all),
            slip("turned round", lambda place: {
                "still": missing_noun(place)["now"], "now": missing_noun(place)["still"]}),
            slip("per cent for per mille", lambda place: {"rate": missing_noun(place)["rate"] / 10}),
            slip("single year", lambda place: {"rate": yearly_balance(place.result, place.code)[place.year]}),
            slip("sign turned", lambda place: {"rate": -missing_noun(place)["rate"]}),
        ), {"rate": decimals(1)}),
}
