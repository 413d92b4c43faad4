"""The anatomy of one number: from the printed cell to the rank, and what a slip at the start does at the end."""

import re

import numpy as np
import pandas as pd

from nqpkit.chapters.case import case_code
from nqpkit.chapters.money import FIRST, GDP, panel_of
from nqpkit.chapters.table import Table
from nqpkit.drawing import SOURCE
from nqpkit.evaluation import Evaluation, dimension_scores, system_scores
from nqpkit.wording import Prose, joined, raised, safe

LIKED = "rd_intensity"  # both halves in different units and editions: the most instructive where a study has it
SHORT = r" \(|, |: "  # where the name of a publication ends
TEN = 10


def followed(result: Evaluation) -> str:
    """The indicator that the anatomy follows: a ratio of two series if the study scores one."""
    formulas, names = result.framework.formulas(), list(result.weights.index)
    if LIKED in names:
        return LIKED
    ratios = [name for name in names if formulas[name].series - formulas[name].numerator]
    return (ratios or names)[0]


def trace(result: Evaluation) -> Table:
    """Every station of one number, from publication to rank, with what can go wrong there."""
    table = trace_table(result)
    name, label = _names(result), result.framework.indicators().loc[followed(result), "label"]
    return Table(table, f"The stations of one number: {result.study.said(label)}, {name}, {result.year()}. {SOURCE}")


def trace_table(result: Evaluation) -> pd.DataFrame:
    """Rows of stations in order: ``number`` as it stands there, ``what`` it is, and what ``can go wrong``."""
    study, code, year, name = result.study, case_code(result), result.year(), followed(result)
    about, part = result.framework.indicators().loc[name], result.weights.loc[name]
    formula, logged = result.framework.formulas()[name], result.raw.logged(result.framework.indicators()["transform"])
    rows = []
    for series in [*sorted(formula.numerator), *sorted(formula.series - formula.numerator)]:
        cell = study.figures.query("code == @code and series == @series and year == @year")
        unit = study.series.loc[series, "unit"]
        value = f"{cell['value'].iloc[0]:,.12g}{' × ' if unit[:1].isdigit() else ' '}{unit}" if len(cell) else "–"
        publication = study.sources.loc[cell["source"].iloc[0], "publication"] if len(cell) else "not published"
        rows.append(("printed", value, f"{study.series.loc[series, 'name']}. {re.split(SHORT, publication)[0]}",
                     "a misprint, another edition, another place"))
    flags = [word for word, frame in (("bridged", result.bridged), ("on two years", result.raw.partial))
             if frame.loc[(code, year), name]]
    log, low, high = about["transform"] == "log", *result.goalposts[name][["low", "high"]]
    kept, plain = (frame.loc[(code, year), name] for frame in (result.treated, logged))
    worst, best = (low, high) if about["direction"] > 0 else (high, low)
    pulled = "not touched" if np.isclose(kept, plain) else f"pulled in from {plain:.4g}"
    dimension = result.framework.dimensions().loc[part["dimension"], "label"]
    z = result.normalised.loc[(code, year), name]
    system = result.framework.systems[part["system"]]["label"]
    score = result.systems[part["system"]].xs(year, level="year")
    rows += [
        ("indicator", f"{result.indicators.loc[(code, year), name]:,.4g} {about['unit']}", formula.text,
         "units that do not match, a base that changes"),
        ("holes", ", ".join(flags) or "none", "bridged over one year at most, and said", "an invented value in "
                                                                                         "silence"),
        ("scale", f"{plain:.4g}", "natural logarithm" if log else "kept as it is", "a zero has no logarithm"),
        ("extremes", f"{kept:.4g}", f"pulled in at {_share(result)} either end: {pulled}",
         "a real peak is cut off, a misprint is hidden"),
        ("score", f"{z:.3f}", f"where 0 is {worst:.4g} and 1 is {best:.4g}, the ends over all years",
         "another region or year moves the ends"),
        ("weight", f"{part['within']:.3f}", f"in {result.study.said(dimension)}; adds {z * part['within']:.3f}",
         "a decision that looks like a number"),
        ("dimension", f"{result.dimensions.loc[(code, year), part['dimension']]:.3f}", dimension,
         "another list of indicators"),
        ("system", f"{score[code]:.3f}", f"{system}, {result.options.aggregate} mean of its dimensions",
         "what may make up for what"),
        ("rank", f"{score.rank(ascending=False, method='min')[code]:.0f} of {score.notna().sum()}", "from the highest",
         "a hair's breadth becomes a place"),
    ]
    frame = pd.DataFrame(rows, columns=["station", "number", "what", "what can go wrong"])
    return frame.set_index("station")


def slips(result: Evaluation) -> Table | Prose:
    """What a slip in the first printed figure does to indicator, score and rank, all else as it is."""
    table = slip_table(result)
    if table is None:
        return Prose("These scores are not taken between fixed goalposts, so a slip cannot be followed alone.")
    return Table(table, f"{_names(result)}, {result.year()}: one number, and what a slip on the way in would do. The "
                        "goalposts are "
                        f"held where they are. {SOURCE}", decimals=3)


def slip_table(result: Evaluation) -> pd.DataFrame | None:
    """By slip: the indicator, its score, the system's score and the rank; None unless goalposts are pooled."""
    if result.options.normalise != "pooled":
        return None
    code, year, name = case_code(result), result.year(), followed(result)
    raw = result.indicators.loc[(code, year), name]
    rows = {what: (raw * factor, *_scored(result, name, raw * factor)) for what, factor in _factors(result).items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["indicator", "its score", "score", "rank"]).astype(
        {"rank": int}).rename_axis("slip")


def slip_words(result: Evaluation) -> Prose:
    """Which of the slips would be noticed in the end, in one paragraph."""
    table = slip_table(result)
    if table is None:
        return Prose("")
    base, others = table.iloc[0], table.iloc[1:]
    silent = others.index[others["rank"] == base["rank"]]
    text = (f"{raised(_count(len(silent)))} of the {_count(len(others))} slips leave {_names(result)} at rank "
            f"{base['rank']:.0f}")
    loud = others.index[others["rank"] != base["rank"]]
    if len(loud):
        text += "; the others move it to " + joined(f"{others.loc[slip, 'rank']:.0f} ({slip})" for slip in loud)
    big = [slip for slip in (_times(TEN), _times(TEN**4)) if slip in others.index]
    if len(big) == 2 and others.loc[big[0], "its score"] == others.loc[big[1], "its score"]:
        text += (". And a figure ten times too large scores the same as one ten thousand times too large, because "
                 "both are pulled in: what protects a score from extremes hides an error of any size")
    return Prose(text + ". No rank looks wrong by itself. The figure does, beside that of the year before.")


def _factors(result) -> dict[str, float]:
    """By what each slip multiplies the indicator, the true figure first."""
    code, year, formula = case_code(result), result.year(), result.framework.formulas()[followed(result)]
    series = sorted(formula.numerator)[0]
    panel = panel_of(result.study)
    line = panel[series].xs(code, level="code")
    found = {"as it is": 1.0}
    if pd.notna(line.get(year)) and line[year]:
        found["last printed digit one higher"] = 1 + _last_digit(line[year]) / line[year]
        if len(formula.numerator) == 1 and pd.notna(line.get(year - 1)):
            found["numerator of the year before"] = line[year - 1] / line[year]
    if GDP in formula.series - formula.numerator and FIRST in panel and pd.notna(panel[FIRST].get((code, year))):
        found["denominator from the older edition"] = panel.loc[(code, year), GDP] / panel.loc[(code, year), FIRST]
    return found | {_times(TEN): TEN, _times(TEN**4): TEN**4}


def _times(factor):
    return f"{factor:,} times too large"


def _last_digit(value):
    """The unit of the last printed digit, read off the figure itself.

    >>> _last_digit(12.5), _last_digit(1300.0)
    (0.1, 1.0)
    """
    text = f"{value:.10g}"
    return 10.0 ** -len(text.split(".")[1]) if "." in text else 1.0


def _scored(result, name, raw):
    code, year, about = case_code(result), result.year(), result.framework.indicators().loc[name]
    low, high = result.goalposts[name][["low", "high"]]
    z = float(np.clip(((np.log(raw) if about["transform"] == "log" else raw) - low) / (high - low), 0, 1))
    row = result.normalised.loc[[(code, year)]].assign(**{name: z if about["direction"] > 0 else 1 - z})
    system = result.weights.loc[name, "system"]
    weights = result.weights[result.weights["system"] == system]
    score = system_scores(row, dimension_scores(row, weights), weights, result.options.aggregate)[system].iloc[0]
    others = result.systems[system].xs(year, level="year").drop(code)
    return row[name].iloc[0], score, 1 + int((others > score).sum())


def _names(result):
    return safe(result.study.regions.loc[case_code(result), "name"])


def _share(result):
    share = result.options.winsorise
    return f"{share:.1%}" if isinstance(share, float) else str(share)


def _count(number):
    return ("none", "one", "two", "three", "four", "five", "six")[number]
