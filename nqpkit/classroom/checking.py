"""Exercises that check themselves: what is asked, the right answer for a place, and the mistakes it is known for.

An exercise is one `Item`. Its truth is a function of the `Place`, so that it is computed anew for every province, year
and choice of method; nothing here holds an answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from nqpkit.classroom.answers import label, number, plain
from nqpkit.classroom.matching import HERE, SLACK, WrongShape, aligned, kept, parts_of, same, split_names
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.study import Study
from nqpkit.wording import joined

SLIPS = (  # for numbers, where no mistake of the exercise's own fits
    ("a factor of 100", "This looks like a share where per cent are asked, or the other way round.", (100, 0.01)),
    ("a factor of ten thousand", "The digits fit and the size does not: mind the units, 10,000 or 100 million.",
     (10_000, 0.0001, 1_000, 0.001, 10, 0.1)),
    ("the sign", "The size fits and the sign does not: what is taken from what?", (-1,)),
)


@dataclass(frozen=True)
class Place:
    """Where an exercise is done: a province, a year, and the evaluation that a student works with.

    Attributes
    ----------
    result : Evaluation
    slug : str
    year : int
    """

    result: Evaluation
    slug: str
    year: int

    @property
    def study(self) -> Study:
        return self.result.study

    @property
    def code(self) -> str:
        return self.study.resolve(self.slug)

    @property
    def region(self) -> pd.Series:
        """Its row in the study's regions."""
        return self.study.regions.loc[self.code]


@dataclass(frozen=True)
class Mistake:
    """A way in which people go wrong.

    Attributes
    ----------
    name : str
    hint : str
        A sentence on what the answer looks like; never the answer itself.
    wrong : callable, place → answer
        The answer that the mistake leads to; of several parts it may give only those that it changes.
    """

    name: str
    hint: str
    wrong: Callable[[Place], object]


@dataclass(frozen=True)
class Item:
    """An exercise that can be checked, or that a person reads.

    Attributes
    ----------
    id : str
        As in the book: ``E8.1`` is the exercise of ``book/exercises/e8-1.md``.
    points : float
        Shared equally among the parts of the answer.
    form : str
        What the answer looks like, in words: parts, units and decimals.
    truth : callable, place → answer; or None
        A number, a text, a list (in order), a set (in any order), or a mapping of these. What is missing is None or
        NaN. Without it the exercise is a text, which a person reads.
    mistakes : tuple of Mistake
    tolerance : float, or mapping from part to float
        How far off a number may be; half a unit of the last decimal asked for.
    relative : float
        How far off it may be as a share of the truth, where that is more.
    """

    id: str
    points: float
    form: str
    truth: Callable[[Place], object] | None = None
    mistakes: tuple[Mistake, ...] = ()
    tolerance: float | Mapping[str, float] = 0.005
    relative: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth.

    Attributes
    ----------
    right : bool or None
        None for a text that a person has to read.
    points : float
    parts : dict of part → bool
    message : str
        Sentences for the student.
    mistake : str
        The name of the mistake that it looks like, if any.
    """

    right: bool | None
    points: float
    parts: dict[str, bool] = field(default_factory=dict)
    message: str = ""
    mistake: str = ""


def decimals(places: int) -> float:
    """The tolerance of an answer that is asked for with so many decimals: half a unit of the last one.

    >>> decimals(2), decimals(0)
    (0.005, 0.5)
    """
    return 0.5 * 10.0**-places


def judge(item: Item, answer, place: Place) -> Verdict:
    """Hold an answer against the truth of a place.

    Parameters
    ----------
    item : Item
    answer : anything
        In any form that says the same: numbers or their text, Series, frame, array, list, mapping; regions and
        indicators by id or name in either language.
    place : Place

    Returns
    -------
    Verdict
        Never an exception for what a student may answer.

    Raises
    ------
    InputError
        If the study of the place lacks what the exercise needs.

    Examples
    --------
    >>> item = Item("E0.0", 1, "the year", lambda place: place.year, (
    ...     Mistake("year before", "This looks like the year before.", lambda place: place.year - 1),))
    >>> from nqpkit import evaluate
    >>> place = Place(evaluate(Study.load()), "gansu", 2023)
    >>> judge(item, "2023", place).right, judge(item, 2022, place).mistake
    (True, 'year before')
    """
    if answer is ...:
        return Verdict(False, 0, message="Not answered yet.")
    if item.truth is None:
        return _noted(item, answer)
    truth = _truth(item.truth, item, place)
    try:
        given = aligned(plain(answer), truth, place.study)
    except (InputError, WrongShape) as problem:
        return Verdict(False, 0, message=f"{problem} Expected: {item.form}")
    if isinstance(truth, frozenset):
        return _judge_set(item, given, truth, place)
    wanted = parts_of(truth)
    parts = {key: _fits(given[key], value, item, key, place) for key, value in wanted.items()}
    share = sum(parts.values()) / len(parts) if parts else 1
    if share == 1:
        return Verdict(True, item.points, parts, "Right.")
    found = _recognised(item, given, wanted, parts, place)
    name, hint = found if found else ("", _closeness(given, wanted, parts))
    return Verdict(False, round(item.points * share, 2), parts, _said(parts, given, wanted, hint, place.study), name)


def _fits(given, wanted, item, key, place):
    return same(given, wanted, _tolerance(item, key, wanted), place.study)


def _tolerance(item, key, wanted):
    allowed = item.tolerance
    if isinstance(allowed, Mapping):
        allowed = allowed.get(key, allowed.get(key.rsplit(" ", 1)[0], 0.005))
    return max(allowed, item.relative * abs(wanted) if item.relative and isinstance(wanted, int | float) else 0)


def _truth(function, item, place):
    """What a truth or a mistake gives at a place, sets kept as sets."""
    try:
        return kept(function(place))
    except InputError:
        raise
    except KeyError as error:
        raise InputError(f"{item.id} cannot be checked on this study, which lacks {error}.") from error
    except (IndexError, ValueError) as error:
        raise InputError(f"{item.id} cannot be checked on this study, which lacks what it asks for.") from error


def _judge_set(item, given, truth, place):
    """Only what was given is marked; what is missing is counted, not named."""
    study = place.study
    names, wanted = {label(entry, study): str(entry) for entry in given}, {label(entry, study) for entry in truth}
    parts = {shown: name in wanted for name, shown in names.items()}
    missing = len(wanted - set(names))
    parts |= {f"missing {place}": False for place in range(1, missing + 1)}
    if all(parts.values()):
        return Verdict(True, item.points, parts or {HERE: True}, "Right.")
    for mistake in item.mistakes:
        wrong = _wrong(mistake, item, place)
        if isinstance(wrong, frozenset) and {label(entry, study) for entry in wrong} == set(names):
            return Verdict(False, _shared(item, parts), parts, f"Not yet. {mistake.hint}", mistake.name)
    words = [f"{sum(parts.values())} of your {len(names)} belong there"]
    words += [f"{missing} are missing"] if missing else []
    return Verdict(False, _shared(item, parts), parts, f"Not yet: {joined(words)}.")


def _shared(item, parts):
    return round(item.points * sum(parts.values()) / len(parts), 2)


def _recognised(item, given, wanted, parts, place):
    """Name and hint of the mistake that explains every wrong part, or else most of the wrong numbers.

    Of two that explain as much, the one that would have changed fewer of the parts that are right.
    """
    wrong_parts = [key for key, right in parts.items() if not right and given[key] is not ...]
    best, most = None, (0, 0)
    for mistake in item.mistakes:
        made = {key: value for key, value in parts_of(_wrong(mistake, item, place)).items()
                if key in wanted and not _fits(value, wanted[key], item, key, place)}
        explained = [key for key in wrong_parts if key in made and _fits(given[key], made[key], item, key, place)]
        if len(explained) < len(wrong_parts):
            explained = [key for key in explained if number(made[key]) is not None]
        found = len(explained), -sum(parts[key] for key in made)
        if explained and (best is None or found > most):
            best, most = mistake, found
    if best:
        return best.name, best.hint
    for name, hint, factors in SLIPS:
        for factor in factors:
            if wrong_parts and all(_is_times(given[key], wanted[key], factor, item, key) for key in wrong_parts):
                return name, hint
    return None


def _is_times(given, wanted, factor, item, key):
    if number(given) is None or isinstance(wanted, bool | str | frozenset) or not wanted:
        return False
    return abs(number(given) / factor - wanted) <= max(_tolerance(item, key, wanted), 1e-12) * SLACK


def _wrong(mistake, item, place):
    """What a mistake leads to; nothing where the study lacks what it needs."""
    try:
        return _truth(mistake.wrong, item, place)
    except (InputError, ZeroDivisionError):
        return {}


def _closeness(given, wanted, parts):
    """A word for numbers that miss by less than five per cent: most often they were rounded too soon."""
    wrong = [key for key, right in parts.items() if not right]
    near = [key for key in wrong if number(given[key]) is not None and number(wanted[key]) is not None
            and abs(number(given[key]) - wanted[key]) < 0.05 * abs(wanted[key])]
    return "Close: look at the rounding and at the form asked for." if wrong and near == wrong else ""


def _said(parts, given, wanted, hint, study):
    right, absent = sum(parts.values()), [key for key in parts if given[key] is ...]
    words = ["Not yet." if not right else f"{right} of {len(parts)} parts are right."]
    if absent:
        words.append(f"Missing: {_listed(absent)}.")
    words += [_how_many(key, given[key], wanted[key], study) for key, fine in parts.items()
              if not fine and key not in absent and isinstance(wanted[key], frozenset)]
    return " ".join([*words, hint]).strip()


def _how_many(key, given, wanted, study):
    """Of a list of names in one part: how many belong there, and how many are asked for."""
    names = {label(entry, study) for entry in (given if isinstance(given, list) else split_names(given))}
    fit = len(names & {label(entry, study) for entry in wanted})
    return f"Of {len(names)} names in '{key}' {fit} belong there, of {len(wanted)}."


def _listed(keys, most=12):
    keys = [f"'{key}'" for key in keys]
    return joined(keys if len(keys) <= most else [*keys[:most], f"{len(keys) - most} more"])


def _noted(item, answer):
    if not isinstance(answer, str) or not answer.strip():
        return Verdict(False, 0, message=f"A text is asked for. Expected: {item.form}")
    return Verdict(None, 0, message="Noted. A person reads this answer.")
