"""Facts of the page on how to use the book: one indicator traced to its publications, and what moved on the map."""

import pandas as pd

from nqpkit.chapters.case import case_code
from nqpkit.evaluation import Evaluation
from nqpkit.indicators import wide_series
from nqpkit.wording import counted, ended, joined, safe

TRACED = "rd_intensity"


def facts(result: Evaluation) -> dict:
    """Numbers and names for the two exercises of the page."""
    study, code = result.study, case_code(result)
    name = traced(result)
    about = result.framework.indicators().loc[name]
    numerator, denominator = traced_series(result)
    value = result.indicators.loc[(code, result.year()), name]
    moves = rank_moves(result)
    mover, own = moves.loc[(moves["after"] - moves["before"]).abs().idxmax()], moves.loc[code]
    score = result.systems.iloc[:, 0].unstack("year")[[study.years[0], result.year()]]
    members = score[study.regions["group"].reindex(score.index) == study.focus].dropna()
    return {
        "label": result.study.said(safe(about["label"])), "unit": safe(about["unit"]), "year": result.year(),
        "value": f"{value:,.2f}", "numerator": f"`{numerator}`", "denominator": f"`{denominator}`",
        "first_year": first_year(result, code), "publications": publications(result, numerator, denominator),
        "caution": caution(result, denominator),
        "own_before": f"{score.loc[code].iloc[0]:.2f}", "own_after": f"{score.loc[code].iloc[-1]:.2f}",
        "rank_before": int(own["before"]), "rank_after": int(own["after"]),
        "rose": counted(int((members.iloc[:, -1] > members.iloc[:, 0]).sum())), "members": counted(len(members)),
        "mover": safe(study.regions.loc[mover.name, "name"]), "mover_before": int(mover["before"]),
        "mover_after": int(mover["after"]),
    }


def traced(result: Evaluation) -> str:
    """The indicator that the exercise follows: R&D intensity or, in another study, the first made of two series."""
    formulas = result.framework.formulas()
    if TRACED in formulas:
        return TRACED
    pairs = [name for name in result.weights.index if len(set(formulas[name].series)) == 2]
    return pairs[0] if pairs else result.weights.index[0]


def traced_series(result: Evaluation) -> tuple[str, str]:
    """The first and the last series of the indicator's formula, as written."""
    formula = result.framework.indicators().loc[traced(result), "formula"]
    series = sorted(set(result.framework.formulas()[traced(result)].series), key=formula.index)
    return series[0], series[-1]


def first_year(result: Evaluation, code: str) -> int:
    """The first year in which the numerator has a figure for a region or, if it never has one, for any."""
    figures = wide_series(result.study)[traced_series(result)[0]]
    own = figures[code].dropna() if code in figures else figures.iloc[:0]
    return int((own if len(own) else figures.dropna(how="all")).index[0])


def publications(result: Evaluation, *series: str) -> str:
    """The publications behind some series, without repetition."""
    study = result.study
    used = study.figures.loc[study.figures["series"].isin(series), "source"].unique()
    return joined(sorted(f"*{safe(title)}*" for title in study.sources.loc[used, "publication"].unique()))


def caution(result: Evaluation, series: str) -> str:
    """The first sentence of what the study notes on a series."""
    note = result.study.series.loc[series, "notes"]
    return ended(safe(note.split(". ")[0])) if isinstance(note, str) and note else "the study notes none."


def rank_moves(result: Evaluation) -> pd.DataFrame:
    """The rank by the first score in the first and in the last scored year, regions with both."""
    ranks = result.scores[f"rank_{result.systems.columns[0]}"].unstack("year")
    ends = {"before": ranks[result.study.years[0]], "after": ranks[result.year()]}
    return pd.DataFrame(ends).dropna().astype(int)
