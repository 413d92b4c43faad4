"""Mistakes that many exercises know, each with its hint, so that the words stand once."""

from collections.abc import Callable

from nqpkit.classroom.checking import Mistake, Place

SLIPS = {
    "direction forgotten": "an indicator on which less is better was not turned round",
    "wrong denominator": "the numerator is right but it is divided by something else; read again what of what is asked for",
    "revised for first published": "the figures are those revised after the census, where the first published are asked for",
    "first published for revised": "the figures are those first published, where the revised are asked for",
    "editions mixed": "the numerator is of one edition of the figures and the denominator of another",
    "share for per cent": "a share is written where per cent are asked for",
    "level for ratio": "the level is given where it should be set against something",
    "level for growth": "a level is given where its growth is asked for",
    "index for growth": "the index itself is given; growth is what goes beyond 100",
    "nominal for real": "the growth is in current prices, so that it counts prices too",
    "one year for three": "the figure is that of one year, where three years are asked for",
    "mean for sum": "a mean is given where a sum is asked for",
    "sum for mean": "a sum is given where a mean is asked for",
    "plain mean of regions": "every region counts the same; the whole is a sum over a sum, in which the large count more",
    "upside down": "the fraction stands upside down",
    "rank from the bottom": "the rank is counted from the lowest; the highest is 1",
    "rank in the group": "the rank is counted within the province's group, where all provinces are asked for",
    "another year": "the figure is that of another year",
    "first and last exchanged": "start and end changed places",
    "too many years": "the years are counted, where the steps between them are asked for",
    "exchanged": "two parts of the answer changed places",
    "simple for compound": "the total growth was divided by the number of years; growth builds on growth",
    "whole study": "all provinces are counted, where one is asked for",
    "years for rows": "the logarithm is of the number of years; in a panel N counts every row, regions times years",
    "treated for raw": "the values were logged and pulled in, where raw ones are asked for",
    "half forgotten": "the changes were added up but not halved: what one part loses another gains",
    "most for net": "the provinces are those with the largest amount, where the largest difference is asked for",
}


def slip(name: str, wrong: Callable[[Place], object]) -> Mistake:
    """A mistake of a known kind, with what it leads to in this exercise.

    Examples
    --------
    >>> slip("upside down", lambda place: 2).hint
    'the fraction stands upside down'
    """
    return Mistake(name, SLIPS[name], wrong)
