"""The arithmetic behind the quizzes' made-up numbers: the right answer and what common slips come to.

A function takes the numbers of a question and returns texts by name; ``right`` is the right answer. Where the package
has the method, its own function is used.
"""

import pandas as pd

from nqpkit.coupling import coordination_degree, coupling_degree, wrong_forms
from nqpkit.obstacles import obstacle_degree
from nqpkit.scoring import aggregate, normalise


def certificates(flows, people) -> dict[str, str]:
    """Valid certificates for 10,000 residents when each lasts three years; ``people`` in millions.

    >>> certificates([300, 400, 500], 10)["right"]
    '1.2'
    """
    by_ten_thousand = people * 100
    one, two, three = flows
    return {"one": f"{one}", "two": f"{two}", "three": f"{three}", "people": f"{people}",
            "right": f"{sum(flows) / by_ten_thousand:.1f}", "last_year": f"{three / by_ten_thousand:.1f}",
            "mean": f"{sum(flows) / 3 / by_ten_thousand:.1f}", "unit": f"{sum(flows) / people / 10:.1f}"}


def two_shares(part, parts, whole) -> dict[str, str]:
    """One numerator over two denominators: the sum of the parts, and a whole that was estimated by itself.

    >>> two_shares(20, 90, 100)["of_parts"], two_shares(20, 90, 100)["of_whole"]
    ('22 %', '20 %')
    """
    return {"part": f"{part}", "parts": f"{parts}", "whole": f"{whole}", "of_parts": f"{100 * part / parts:.0f} %",
            "of_whole": f"{100 * part / whole:.0f} %"}


def planted(figure, factor) -> dict[str, str]:
    """A figure that stands some times too large, found from what its column exceeds the published total by.

    >>> planted(600, 10)["excess"]
    '5,400'
    """
    excess = (factor - 1) * figure
    return {"right": f"{figure:,}", "excess": f"{excess:,}", "tenth": f"{excess / factor:,.0f}",
            "printed": f"{figure * factor:,}"}


def reverse_scale(value, low, high) -> dict[str, str]:
    """Min-max normalisation of an indicator of which less is better.

    >>> reverse_scale(3, 2, 6)["right"]
    '0.75'
    """
    x = pd.DataFrame({"x": [float(value)]})
    right, forward = (normalise(x, direction, goalposts={"x": (low, high)}).iat[0, 0] for direction in (-1, 1))
    return {"value": f"{value}", "low": f"{low}", "high": f"{high}", "right": f"{right:.2f}",
            "forward": f"{forward:.2f}", "of_top": f"{value / high:.2f}", "inverse": f"{low / value:.2f}"}


def two_dimensions(a, b) -> dict[str, str]:
    """Two dimensions of equal weight in one score.

    >>> two_dimensions(0.9, 0.4)["right"]
    '0.60'
    """
    z = pd.DataFrame({"a": [a], "b": [b]})
    return {"a": f"{a}", "b": f"{b}", "right": f"{aggregate(z, method='geometric').iloc[0]:.2f}",
            "arithmetic": f"{aggregate(z).iloc[0]:.2f}", "product": f"{a * b:.2f}", "lowest": f"{min(a, b):.2f}"}


def coupling(u, v) -> dict[str, str]:
    """The standard form of the coupling degree, two misprints of it, and the modified form.

    >>> coupling(0.8, 0.2)["right"]
    '0.80'
    """
    scores = pd.DataFrame({"u": [u], "v": [v]})
    wrong = wrong_forms(scores).iloc[0]
    return {"u": f"{u}", "v": f"{v}", "right": f"{coupling_degree(scores, 'standard').iloc[0]:.2f}",
            "factor_lost": f"{wrong['factor lost']:.2f}", "root_lost": f"{wrong['root lost']:.2f}",
            "modified": f"{coupling_degree(scores).iloc[0]:.2f}"}


def coordination(c, t) -> dict[str, str]:
    """D = √(C·T) from C and T.

    >>> coordination(0.5, 0.32)["right"]
    '0.40'
    """
    return {"c": f"{c}", "t": f"{t}", "right": f"{(c * t) ** 0.5:.2f}", "product": f"{c * t:.2f}",
            "mean": f"{(c + t) / 2:.2f}", "cube": f"{(c * t) ** (1 / 3):.2f}"}


def coordination_of_scores(u, v) -> dict[str, str]:
    """D of two scores in the standard form.

    >>> coordination_of_scores(0.8, 0.2)["right"]
    '0.63'
    """
    scores = pd.DataFrame({"u": [u], "v": [v]})
    c, t = coupling_degree(scores, "standard").iloc[0], (u + v) / 2
    return {"u": f"{u}", "v": f"{v}", "c": f"{c:.2f}",
            "right": f"{coordination_degree(scores, form='standard').iloc[0]:.2f}", "product": f"{c * t:.2f}",
            "with_sum": f"{(c * (u + v)) ** 0.5:.2f}", "mean": f"{(c + t) / 2:.2f}"}


def obstacle(z1, z2, w1, w2) -> dict[str, str]:
    """The obstacle degree of the first of two indicators.

    >>> obstacle(0.5, 0.2, 0.6, 0.4)["right"]
    '0.48'
    """
    z, w = pd.DataFrame({"one": [z1], "two": [z2]}), {"one": w1, "two": w2}
    right, undivided = (obstacle_degree(z, w, share=share).at[0, "one"] for share in (True, False))
    unweighted = obstacle_degree(z, {"one": 0.5, "two": 0.5}).at[0, "one"]
    return {"z1": f"{z1}", "z2": f"{z2}", "w1": f"{w1}", "w2": f"{w2}", "right": f"{right:.2f}",
            "without_one_minus": f"{w1 * z1 / (w1 * z1 + w2 * z2):.2f}", "unweighted": f"{unweighted:.2f}",
            "undivided": f"{undivided:.2f}", "weight": f"{w1:.2f}"}


def relative(o, w) -> dict[str, str]:
    """An obstacle degree relative to its weight.

    >>> relative(0.3, 0.2)["right"]
    '1.50'
    """
    return {"o": f"{o}", "w": f"{w}", "right": f"{o / w:.2f}", "inverse": f"{w / o:.2f}", "product": f"{o * w:.2f}",
            "difference": f"{o - w:.2f}"}


def bill(own, aim, gdp) -> dict[str, str]:
    """What it costs a year to raise a share of GDP, in per cent, to a mark.

    >>> bill(1.2, 3.2, 2000)["right"]
    '40'
    """
    return {"own": f"{own}", "aim": f"{aim}", "gdp": f"{gdp:,}", "right": f"{(aim - own) / 100 * gdp:,.0f}",
            "whole": f"{aim / 100 * gdp:,.0f}", "now": f"{own / 100 * gdp:,.0f}",
            "per_cent": f"{(aim - own) * gdp:,.0f}"}


def years(gap, pace) -> dict[str, str]:
    """Years to close a gap at a pace that was made in five years.

    >>> years(1.5, 0.9)["right"]
    '8.3'
    """
    return {"gap": f"{gap}", "pace": f"{pace}", "right": f"{gap / pace * 5:.1f}", "as_yearly": f"{gap / pace:.1f}",
            "upside_down": f"{pace / gap * 5:.1f}", "one_year": f"{gap * 5:.1f}"}


def share(own, total, nation) -> dict[str, str]:
    """A group's share in the sum of all, and with two other denominators, in per cent.

    >>> share(300, 1200, 1250)["right"]
    '25.0 %'
    """
    return {"own": f"{own:,}", "total": f"{total:,}", "nation": f"{nation:,}", "right": f"{own / total * 100:.1f} %",
            "of_nation": f"{own / nation * 100:.1f} %", "of_rest": f"{own / (total - own) * 100:.1f} %",
            "rest": f"{(total - own) / total * 100:.1f} %"}


def growth(start, end, years) -> dict[str, str]:
    """The compound rate of growth a year, in per cent.

    >>> growth(100, 144, 2)["right"]
    '20.0 %'
    """
    times = end / start
    rates = {"right": times ** (1 / years) - 1, "simple": (times - 1) / years, "total": times - 1,
             "one_more": times ** (1 / (years + 1)) - 1}
    return {"start": f"{start}", "end": f"{end}", "years": f"{years}"} | {
        name: f"{rate * 100:.1f} %" for name, rate in rates.items()}


TOYS = {function.__name__: function for function in (
    certificates, planted, reverse_scale, two_dimensions, coupling, coordination, coordination_of_scores, obstacle,
    relative, bill, years, share, growth, two_shares)}
