"""Slips that many exercises share: names, and hints that say what an answer looks like, never what is right."""

from nqpkit.classroom.checking import Mistake

SLIPS = {
    "rank upside down": "This looks like ranks counted from the wrong end: 1 is the highest value unless the "
                        "task says so.",
    "ratio upside down": "This looks upside down: numerator and denominator have changed places.",
    "order upside down": "This looks like the other end of the list: the smallest in place of the largest.",
    "sign turned": "The sizes fit and the sign does not: look at what is subtracted from what.",
    "turned round": "The answers seem to have changed places.",
    "among all": "This looks like a comparison with all regions; the task asks for those of one group.",
    "among the group": "This looks like a comparison inside one group; the task asks for all regions.",
    "standard for modified": "This looks like the standard form of the coupling degree where the modified one "
                             "is asked.",
    "modified for standard": "This looks like the modified form of the coupling degree where the standard one "
                             "is asked.",
    "root forgotten": "A root seems to be missing at the end.",
    "factor lost": "A factor seems to be lost: read the standard form again, from its first sign.",
    "sum for mean": "This looks like a sum where a mean is asked: the weights must sum to one.",
    "not divided": "This looks like parts that were never divided by their sum.",
    "without one minus": "This looks like weight times value. An obstacle is what is missing: one minus the value.",
    "equal for entropy": "This looks like equal weights in both places.",
    "entropy for equal": "This looks like entropy weights in both places.",
    "weights returned": "This looks like the weights themselves.",
    "share for relative": "This looks like the plain share; relative to weight asks for something divided once more.",
    "one reading": "This looks like one reading of the obstacles used for all of them.",
    "first published": "This looks like the GDP that was first published; the study scores the revised one.",
    "mean for median": "This looks like the mean of the group; its median is asked.",
    "median of all": "This looks like the median of all regions; that of the East is asked.",
    "median of the own group": "This looks like the median of the West; that of the East is asked.",
    "whole for extra": "This looks like the whole sum; only what is missing to the mark is asked.",
    "spent already": "This looks like what is spent already.",
    "wrong unit": "The digits fit and the size does not: look at the units and the powers of ten.",
    "per cent for share": "This looks like per cent where a share is asked, or the other way round.",
    "per cent for per mille": "This looks like per cent; the task counts per thousand.",
    "years rounded down": "This looks like years rounded down; give them as the task says.",
    "pace of one year": "This looks like a pace of five years that was taken for the pace of one.",
    "single year": "This looks like a single year; the indicator is a mean of three.",
    "mean of three years": "This looks like the mean of three years; a single year is asked.",
    "other year": "This looks like the first scored year in place of yours.",
    "growth for level": "This looks like a growth rate where a level is asked.",
    "level for growth": "This looks like a level or a difference in points where a growth rate is asked.",
    "level for difference": "This looks like a level; a difference is asked.",
    "score for rank": "This looks like a score; a rank is asked.",
    "no logarithm": "This looks like GDP per head as it is; its logarithm is taken out.",
    "squared": "This looks like a correlation that was squared.",
    "all years pooled": "This looks like all years thrown together; one year is asked.",
    "births forgotten": "This looks like the change of residents; births less deaths are still in it.",
    "births added": "Births less deaths seem to be added where they should be taken off.",
    "leavers forgotten": "This looks like a stock that nobody leaves.",
    "effects forgotten": "This looks like a plain line through all observations: province and year effects are "
                         "missing.",
    "year effects forgotten": "This looks like province effects alone: what all provinces share in a year is "
                              "still in it.",
    "causes turned": "This looks like the regression the other way round: who stands on the left?",
    "other distance": "This looks like a distance between other scores: it runs over all dimensions of both systems.",
    "neighbours on the map": "This looks like neighbours on the map; peers are near in scores.",
    "all draws": "This looks like the ends of all draws; nine in ten lie between the ones that are asked.",
    "other score": "This looks like the ranks of one score; the coordination degree is asked.",
    "first score only": "This looks like the first score alone.",
    "of the whole": "This looks like another of the parts that sum to the whole.",
    "not a share of the total": "This looks like a part that was not divided by the total.",
    "direction forgotten": "This looks like an indicator that was not turned round: on one of them less is better.",
    "wrong denominator": "The numerator fits. Read again what it should be divided by.",
    "revised for first published": "This looks like the figures revised after the census; those first published "
                                   "are asked.",
    "editions mixed": "This looks like a numerator of one edition of the figures over a denominator of another.",
    "level for ratio": "This looks like a level; it should be set against something.",
    "index for growth": "This looks like the index itself; growth is what goes beyond 100.",
    "nominal for real": "This looks like growth in current prices, which counts prices too.",
    "one year for three": "This looks like one year; three years are asked.",
    "mean for sum": "This looks like a mean where a sum is asked.",
    "plain mean of regions": "This looks like a mean in which every region counts the same. The whole is a sum "
                             "over a sum.",
    "rank in the group": "This looks like a rank within the province's group; all provinces are asked.",
    "another year": "This looks like the figure of another year.",
    "too many years": "This looks like years counted; the steps between them are asked.",
    "simple for compound": "This looks like total growth divided by the number of years; growth builds on growth.",
    "whole study": "This looks like a count over all provinces; one is asked.",
    "years for rows": "This looks like the logarithm of the number of years; in a panel N counts every row.",
    "treated for raw": "This looks like values that were logged and pulled in; raw ones are asked.",
    "half forgotten": "This looks like changes that were added up but not halved: what one part loses another gains.",
    "most for net": "This looks like the largest amounts; the largest differences are asked.",
}


def swapped(truth, one: str, other: str) -> Mistake:
    """Two parts of an answer in each other's place.

    >>> swapped(lambda place: {"first": 1, "last": 2}, "first", "last").wrong(None)
    {'first': 2, 'last': 1}
    """
    return slip("turned round", lambda place: {one: truth(place)[other], other: truth(place)[one]})


def slip(name: str, wrong) -> Mistake:
    """A shared slip: its hint by name, and what it makes of a place.

    >>> slip("root forgotten", lambda place: 0.1).hint
    'A root seems to be missing at the end.'
    """
    return Mistake(name, SLIPS[name], wrong)
