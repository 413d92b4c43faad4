"""Answers of students, whatever form they have, as plain data: to be compared, stored, and sent from a kernel."""

import math
import re
from collections.abc import Mapping, Set
from decimal import Decimal
from functools import lru_cache
from numbers import Integral, Real

import numpy as np
import pandas as pd

from nqpkit.coupling import GRADES, GRADES_ZH
from nqpkit.errors import InputError
from nqpkit.study import Study

MOST = 5_000  # values in one answer
DEEPEST = 8
ALSO = {"xizang": "tibet", "nei mongol": "inner-mongolia"}
SUFFIX = re.compile(r"( province| municipality| autonomous region|省|市|自治区)$")
NUMBER = re.compile(r"(?P<number>[+-]?(\d{1,3}([ ,]\d{3})+|\d+)?(\.\d+)?(e[+-]?\d+)?)\s*(%|per cent|percent)?", re.I)


def plain(value):
    """Any answer as numbers, texts, lists and mappings that JSON can hold.

    A Series is a mapping from its labels, or a list if it has none; a frame is a mapping from rows to mappings from
    columns. Levels that do not vary are left out, so a frame of one column is like a Series. A set is a sorted list.
    What is missing or infinite is None.

    Raises
    ------
    InputError
        For anything else (a function, a figure, a generator), or for more than 5,000 values.

    Examples
    --------
    >>> plain(np.float64(0.5)), plain({"Gansu"}), plain(pd.Series({"gansu": 1, "tibet": np.nan}))
    (0.5, ['Gansu'], {'gansu': 1.0, 'tibet': None})
    >>> plain(pd.DataFrame({"C": [1.0, 0.5], "D": [0.3, 0.4]}, index=["one", "two"]))
    {'one': {'C': 1.0, 'D': 0.3}, 'two': {'C': 0.5, 'D': 0.4}}
    """
    return _plain(value, [MOST], DEEPEST)


def number(value) -> float | None:
    """A number, also from text such as "21.5 %" or "1,260,582"; None for anything else.

    >>> number("21.5 %"), number("−0.2"), number("1,260,582"), number(True), number("about 3")
    (21.5, -0.2, 1260582.0, None, None)
    """
    if isinstance(value, str):
        text = value.strip().replace("−", "-").replace("\N{NO-BREAK SPACE}", " ")
        found = NUMBER.fullmatch(text)
        digits = found["number"].replace(",", "").replace(" ", "") if found else ""
        return float(digits) if re.search(r"\d", digits) and digits[0] not in "eE" else None
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else None


def label(text, study: Study) -> str:
    """One form for what a study calls by a name: regions, groups, systems, dimensions, indicators, dilemmas, grades.

    >>> study = Study.load()
    >>> [label(text, study) for text in ("甘肃", "GANSU", 62, "Inner Mongolia", "西部", "科技创新")]
    ['gansu', 'gansu', 'gansu', 'inner-mongolia', 'west', 'technology']
    """
    folded, known = _folded(text), _names(study)
    return known.get(folded) or known.get(SUFFIX.sub("", folded)) or folded


@lru_cache(maxsize=4)
def _names(study):
    regions, framework = study.regions, study.framework
    called = {slug: [slug, code, f"{code}0000"] for code, slug in regions["slug"].items()}
    for column in ("name", "name_zh", "name_full_zh"):
        for slug, name in zip(regions["slug"], regions.get(column, []), strict=False):
            called[slug].append(name)
    for slug, known in ((slug, name) for name, slug in ALSO.items()):
        called.get(slug, []).append(known)
    for table in (study.groups, framework.systems, framework.dimensions().to_dict("index"),
                  framework.indicators().to_dict("index"), framework.dilemmas):
        for name, words in table.items():
            called.setdefault(name, [name]).extend([words.get("label"), words.get("label_zh")])
    for grade, chinese in zip(GRADES, GRADES_ZH, strict=True):
        called[grade] = [grade, chinese]
    names = {}
    for name in called:  # what things are called in files comes before what they are called on pages
        names[_folded(name)] = name
    for name, words in called.items():
        for word in words:
            if isinstance(word, str):
                names.setdefault(_folded(word), name)
    return names


def _folded(text):
    return re.sub(r"[\s_-]+", " ", str(text).strip().casefold())


def _plain(value, left, deep):
    if deep == 0:
        raise InputError("This answer is nested too deep.")
    if isinstance(value, pd.DataFrame):
        return _plain(_of_frame(value), left, deep)
    if isinstance(value, pd.Series):
        return _plain(_of_series(value), left, deep)
    if isinstance(value, np.ndarray | pd.Index | pd.api.extensions.ExtensionArray):
        return _plain(value.tolist(), left, deep)
    if isinstance(value, Mapping):
        return {str(_plain(_key(key), left, deep - 1)): _plain(entry, left, deep - 1) for key, entry in value.items()}
    if isinstance(value, Set):
        return sorted((_plain(entry, left, deep - 1) for entry in value), key=str)
    if isinstance(value, list | tuple | range):
        return [_plain(entry, left, deep - 1) for entry in value]
    left[0] -= 1
    if left[0] < 0:
        raise InputError(f"This answer holds more than {MOST:,} values.")
    return _single(value)


def _single(value):
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return str(value).strip()
    raise InputError(f"An answer is a number, a text, a list or a table, not a {type(value).__name__}.")


def _key(key):
    return " ".join(map(str, key)) if isinstance(key, tuple) else key


def _of_series(series):
    index = series.index
    if isinstance(index, pd.MultiIndex):
        vary = [place for place in range(index.nlevels) if len(index.unique(place)) > 1] or [index.nlevels - 1]
        series = series.droplevel([place for place in range(index.nlevels) if place not in vary])
        if len(vary) > 1:
            return {key: part.droplevel(0) for key, part in series.groupby(level=0, sort=False)}
        index = series.index
    unnamed = isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1
    return series.tolist() if unnamed or not index.is_unique else dict(zip(index, series, strict=True))


def _of_frame(frame):
    if isinstance(frame.index, pd.RangeIndex) and frame.shape[1] > 1 and not pd.api.types.is_numeric_dtype(
            frame.dtypes.iloc[0]):
        frame = frame.set_index(frame.columns[0])
    if frame.empty or not (frame.index.is_unique and frame.columns.is_unique):
        return [row.tolist() for _, row in frame.iterrows()]
    if len(frame.columns) == 1:
        return frame.iloc[:, 0]
    if len(frame) == 1:
        return frame.iloc[0]
    if frame.size > MOST:
        raise InputError(f"This answer holds more than {MOST:,} values.")
    return frame.stack(list(range(frame.columns.nlevels)))
