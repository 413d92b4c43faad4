"""Levers: which indicators can be moved, to what target, how fast others moved, and what it takes."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.indicators import wide_series

PACE_YEARS = 5


def chosen_levers(result: Evaluation, levers) -> list[str]:
    """The indicators behind "all", a path, an indicator with a lever, or a list of these; each once."""
    about, paths = result.framework.indicators(), result.framework.paths
    movable = [name for name, lever in about["lever"].items() if isinstance(lever, dict)]
    asked = [levers] if isinstance(levers, str) else list(levers)
    names = []
    for one in asked:
        if one == "all":
            names += [n for path in paths.values() for n in path["levers"] if n in about.index]
        elif one in paths:
            names += [n for n in paths[one]["levers"] if n in about.index]
        elif one in movable:
            names.append(one)
        else:
            raise InputError(f"There is no lever '{one}'. Known: all; the paths {', '.join(paths)}; the levers "
                             f"{', '.join(movable)}.")
    if not names:
        raise InputError("No lever was chosen: name a path, an indicator with a lever, or 'all'.")
    return list(dict.fromkeys(names))


def targets(result: Evaluation, names: list[str], target, year: int) -> pd.Series:
    """The value to reach of each lever: a group's median, a region's value, a number, or a dict by indicator."""
    values, study = result.indicators.xs(year, level="year"), result.study
    if isinstance(target, str) and target in set(study.regions["group"]):
        aim = values[study.regions["group"].reindex(values.index) == target][names].median()
    elif isinstance(target, str):
        try:
            aim = values.loc[study.resolve(target), names]
        except InputError as error:
            groups = ", ".join(dict.fromkeys(study.regions["group"]))
            raise InputError(f"There is no target '{target}'. Give a group ({groups}), a value, or a region. "
                             f"{error}") from None
    elif isinstance(target, dict):
        if set(target) != set(names):
            wrong = sorted(set(target) ^ set(names))[0]
            raise InputError(f"The targets do not match the levers: look at '{wrong}'. The levers are "
                             f"{', '.join(names)}.")
        aim = pd.Series(target)[names]
    elif isinstance(target, Iterable) or len(names) != 1:
        raise InputError(f"One number is a target for one lever; there are {len(names)}. Give a dict from lever to "
                         "value, a group, or a region.")
    else:
        aim = pd.Series(target, index=names)
    aim = aim.astype(float)
    if not np.isfinite(aim).all():
        raise InputError(f"The target of '{aim.index[~np.isfinite(aim)][0]}' has no figure in {year}. Choose another.")
    return aim


def fastest_pace(result: Evaluation, years: int = PACE_YEARS) -> pd.DataFrame:
    """The largest improvement of each indicator that any region made within some years.

    Windows lie inside the scored years. A window across a break in one of the indicator's series is left out.

    Returns
    -------
    DataFrame by indicator: ``pace``, a difference in the indicator's unit or, where its logarithm is scored, a ratio;
    ``code``, ``first`` and ``last``, who made it and when. Missing where no window is left; no change (0, or a ratio of
    1) where nobody improved.
    """
    about, formulas = result.framework.indicators(), result.framework.formulas()
    values = result.raw.logged(about["transform"])
    rows = {}
    for name, entry in about.iterrows():
        wide = values[name].unstack("year") * entry["direction"]
        later = wide.shift(-years, axis=1) - wide
        broken = {year for series in formulas[name].series for year in result.framework.breaks.get(series, [])}
        open_years = [y for y in wide.columns[:-years] if not any(y < b <= y + years for b in broken)]
        change = later[open_years].stack()
        if change.empty:
            rows[name] = {"pace": np.nan, "code": None, "first": None, "last": None}
            continue
        code, first = change.idxmax()
        best = max(change.max(), 0.0) * entry["direction"]
        rows[name] = {"pace": np.exp(best) if entry["transform"] == "log" else best, "code": code, "first": first,
                      "last": first + years}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicator").astype(
        {"pace": float, "first": "Int64", "last": "Int64"})


def reachable(result: Evaluation, value: pd.Series, aim: pd.Series, feasible: bool) -> pd.Series:
    """Where each lever ends: at the target if that is better than now, else where it is.

    With ``feasible`` no further than `fastest_pace` carries; a lever whose pace is not known stays where it is.
    """
    about = result.framework.indicators().loc[value.index]
    sign = about["direction"]
    reached = aim.where((aim - value) * sign > 0, value)
    if not feasible:
        return reached
    pace = fastest_pace(result).loc[value.index, "pace"].astype(float)
    limit = (value * pace).where(about["transform"] == "log", value + pace).fillna(value)
    return reached.where((limit - reached) * sign > 0, limit)


def amounts(result: Evaluation, code: str, year: int, value: pd.Series, reached: pd.Series) -> pd.DataFrame:
    """What it takes: the rise of the series behind each indicator, all else equal.

    Known where the formula is one series times and over others (``rd_expenditure / gdp``): the series must grow as the
    indicator does. Otherwise missing.

    Returns
    -------
    DataFrame by indicator: ``amount``, ``amount_unit``, ``amount_of`` (name of the series).
    """
    figures, series = wide_series(result.study), result.study.series
    rows = {}
    for name in value.index:
        behind = series_behind(result, name)
        if behind and value[name]:
            now = figures[behind][code].get(year, np.nan)
            rows[name] = ((reached[name] / value[name] - 1) * now, *series.loc[behind, ["unit", "name"]])
        else:
            rows[name] = (np.nan, None, None)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["amount", "amount_unit", "amount_of"])


def series_behind(result: Evaluation, name: str) -> str | None:
    """The series that an indicator is proportional to, where its formula is that series times and over others.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> series_behind(evaluate(Study.load()), "rd_intensity")
    'rd_expenditure'
    """
    formula = result.framework.formulas()[name]
    numerator = sorted(formula.numerator)
    plain = len(numerator) == 1 and re.fullmatch(rf"{re.escape(numerator[0])}(\s*[*/]\s*[\w.]+)*", formula.text)
    return numerator[0] if plain else None


def lever_needs(result: Evaluation, name: str) -> dict:
    """What a lever takes, in pieces: ``series`` behind it with ``of``, ``noun`` and ``times``; ``ends``, the words on
    who decides, cost and side effect."""
    behind = series_behind(result, name)
    lever = result.framework.indicators().at[name, "lever"] or {}
    needs = {"series": behind, "of": None, "noun": None, "times": None, "ends": lever_ends(lever)}
    if behind:
        times, noun = _unit_parts(result.study.series.at[behind, "unit"])
        needs |= {"of": result.study.series.at[behind, "name"], "noun": noun, "times": times}
    return needs


def lever_ends(lever: dict | None) -> str:
    """Who decides on a lever, its cost and its side effect, as far as the framework says."""
    ends = {"controlled_by": "Who decides: {}.", "cost": "Cost: {}.", "note": "Side effect: {}."}
    return " ".join(form.format(lever[key]) for key, form in ends.items() if (lever or {}).get(key))


def lever_line(row: pd.Series, lever: dict | None, wanted: float) -> str:
    """One lever in words: how far it moves, what that takes, who decides, and the cost or side effect.

    ``wanted`` is where it would end without a limit on its pace.
    """
    if np.isnan(row["value"]):
        return f"{row['label']}: no figure, so it stays out."
    if row["reached"] == row["value"]:
        why = "already at or beyond the target" if wanted == row["value"] else "no pace is known, so it stays"
        return f"{row['label']}: {why} ({_number(row['value'])} {row['unit']})."
    text = f"{row['label']}: from {_number(row['value'])} to {_number(row['reached'])} {row['unit']}."
    if not np.isnan(row["amount"]):
        text += f" It takes {_quantity(row['amount'], row['amount_unit'])} more, all else equal ({row['amount_of']})."
    return " ".join(filter(None, [text, lever_ends(lever)]))


def _quantity(amount: float, unit: str) -> str:
    """An amount in plain units: 1,580 of "100 million yuan" is 158 billion yuan."""
    times, noun = _unit_parts(unit)
    amount *= times
    for size, word in ((1e9, "billion "), (1e6, "million ")):
        if abs(amount) >= size:
            return f"{_number(amount / size)} {word}{noun}".rstrip()
    return f"{_number(amount)} {noun}".rstrip()


def _unit_parts(unit: str) -> tuple[float, str]:
    """What a unit multiplies, and the plain noun: "100 million CNY" is 1e8 times a yuan."""
    prefix, noun = re.fullmatch(r"(100 million|10 thousand|10,000|million)?\s*(.*)", unit).groups()
    times = {"100 million": 1e8, "10 thousand": 1e4, "10,000": 1e4, "million": 1e6}.get(prefix, 1.0)
    return times, noun.replace("CNY", "yuan")


def _number(x: float) -> str:
    """Three digits, without an exponent."""
    return f"{float(f'{x:.3g}'):,.10g}"
