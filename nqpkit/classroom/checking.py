"""Exercises that check themselves: what is asked, the right answer for a place, and the mistakes it is known for.

An exercise is one `Item`. Its truth is a function of the `Place`, so that it is computed anew for every province, year
and choice of method; nothing here holds an answer.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

import pandas as pd

from nqpkit.classroom.answers import label, number, plain
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.study import Study
from nqpkit.wording import joined

HERE = "answer"  # the name of the only part of an answer that has no parts
MISSING = ("", "-", "–", "missing", "none", "nan", "na", "n/a", "no figure", "缺", "无")
YES, NO = ("yes", "true", "是"), ("no", "false", "否")
SLACK = 1 + 1e-9
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


class _WrongShape(Exception):
    """An answer that cannot be held against the truth, with a sentence that says why."""


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
        given = _aligned(plain(answer), truth, place.study)
    except (InputError, _WrongShape) as problem:
        return Verdict(False, 0, message=f"{problem} Expected: {item.form}")
    if isinstance(truth, frozenset):
        return _judge_set(item, given, truth, place)
    wanted = _parts(truth)
    parts = {key: same(given[key], value, item, key, place.study) for key, value in wanted.items()}
    share = sum(parts.values()) / len(parts)
    if share == 1:
        return Verdict(True, item.points, parts, "Right.")
    found = _recognised(item, given, wanted, parts, place)
    name, hint = found if found else ("", _closeness(item, given, wanted, parts))
    return Verdict(False, round(item.points * share, 2), parts, _said(parts, given, wanted, hint, place.study), name)


def same(given, wanted, item: Item, key: str, study: Study) -> bool:
    """Whether one part of an answer is right: equal labels, or numbers no farther apart than the item allows."""
    if given is ...:
        return False
    if isinstance(wanted, frozenset):
        entries = given if isinstance(given, list | frozenset) else _split(given)
        return {label(entry, study) for entry in entries} == {label(entry, study) for entry in wanted}
    if wanted is None:
        return given is None or (isinstance(given, str) and given.casefold() in MISSING)
    if isinstance(wanted, bool):
        return (YES if wanted else NO).count(str(given).strip().casefold()) > 0
    if isinstance(wanted, str):
        return given is not None and not isinstance(given, bool | list) and label(given, study) == label(wanted, study)
    value = number(given)
    return value is not None and abs(value - wanted) <= _tolerance(item, key, wanted) * SLACK + 1e-12


def _tolerance(item, key, wanted):
    allowed = item.tolerance
    if isinstance(allowed, Mapping):
        allowed = allowed.get(key, allowed.get(key.rsplit(" ", 1)[0], 0.005))
    return max(allowed, item.relative * abs(wanted))


def _truth(function, item, place):
    """What a truth or a mistake gives at a place, sets kept as sets."""
    try:
        return _kept(function(place))
    except InputError:
        raise
    except KeyError as error:
        raise InputError(f"{item.id} cannot be checked on this study, which lacks {error}.") from error
    except (IndexError, ValueError) as error:
        raise InputError(f"{item.id} cannot be checked on this study, which lacks what it asks for.") from error


def _kept(value):
    if isinstance(value, Set):
        return frozenset(map(str, value))
    if isinstance(value, Mapping):
        return {str(key): _kept(entry) for key, entry in value.items()}
    return plain(value)


def _parts(value, before=""):
    """Part → value, mappings and lists flattened: ``{"C": [1, 2]}`` has the parts ``C 1`` and ``C 2``."""
    if isinstance(value, list):
        value = {str(place): entry for place, entry in enumerate(value, start=1)}
    if not isinstance(value, dict):
        return {before or HERE: value}
    return {key: entry for name, inner in value.items()
            for key, entry in _parts(inner, f"{before} {name}".strip()).items()}


def _aligned(given, truth, study):
    """The answer by the parts of the truth; `_WrongShape` if it has none of them."""
    if isinstance(truth, frozenset):
        return _entries(given)
    if isinstance(truth, list):
        return _in_order(given, truth)
    if isinstance(truth, dict):
        return _by_part(given, truth, study)
    while isinstance(given, dict | list) and len(given) == 1:
        given = next(iter(given.values() if isinstance(given, dict) else given))
    if isinstance(given, dict | list):
        raise _WrongShape(f"One value is asked for; this answer has {len(given)}.")
    return {HERE: given}


def _entries(given):
    if isinstance(given, dict):
        given = list(given)
    entries = given if isinstance(given, list) else _split(given)
    if any(isinstance(entry, dict | list) for entry in entries):
        raise _WrongShape("A plain list of names is asked for.")
    return entries


def _in_order(given, truth):
    if isinstance(given, dict):  # a Series whose labels are the answer, or one whose values are
        given = list(given) if isinstance(truth[0], str) and not any(
            isinstance(entry, str) for entry in given.values()) else list(given.values())
    entries = given if isinstance(given, list) else _split(given)
    if len(entries) != len(truth):
        raise _WrongShape(f"The list asked for has {len(truth)} entries; this answer has {len(entries)}.")
    parts = _parts(entries)
    return {key: parts.get(key, ...) for key in _parts(truth)}


def _by_part(given, truth, study):
    wanted = _parts(truth)
    if isinstance(given, list) and given and all(_is_pair(entry) for entry in given):
        given = {name: entry for name, entry in given}
    if isinstance(given, list) and len(given) == len(wanted):
        given = dict(zip(wanted, given, strict=True))
    given = _named(given, truth, study)
    found = {}
    if isinstance(given, dict):
        kept = {_name(key, study) for key, value in wanted.items() if isinstance(value, frozenset)}
        for key, entry in _answer_parts(given, kept, study).items():
            found.setdefault(_name(key, study), entry)
    aligned = {key: found.get(_name(key, study), ...) for key in wanted}
    if all(entry is ... for entry in aligned.values()):
        raise _WrongShape(f"An answer with {len(wanted)} parts is asked for, each under its name.")
    return aligned


def _is_pair(entry):
    return isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str)


def _named(given, truth, study):
    """Lists that stand where the truth has a mapping of as many entries, with its names in its order."""
    if not isinstance(truth, dict):
        return given
    if isinstance(given, list) and len(given) == len(truth):
        given = dict(zip(truth, given, strict=True))
    if not isinstance(given, dict):
        return given
    inner = {_name(key, study): value for key, value in truth.items()}
    return {key: _named(entry, inner.get(_name(key, study)), study) for key, entry in given.items()}


def _answer_parts(given, kept, study, before=()):
    """Flattened like the truth, save where a part of it is a set (``kept``); parts are tuples of names."""
    found = {}
    for name, entry in given.items():
        key = (*before, name)
        if isinstance(entry, list) and _name(key, study) not in kept:
            entry = {str(place): inner for place, inner in enumerate(entry, start=1)}
        if isinstance(entry, dict) and _name(key, study) not in kept:
            found |= _answer_parts(entry, kept, study, key)
        else:
            found[key] = list(entry) if isinstance(entry, dict) else entry
    return found


def _name(key, study):
    """One form for the name of a part, whatever the order of its words (rows and columns may be exchanged)."""
    names = key if isinstance(key, tuple) else (key,)
    words = " ".join(label(name, study) for name in names).replace("-", " ").replace("_", " ").split()
    return " ".join(words if all(word.isdigit() for word in words) else sorted(words))


def _split(text):
    if not isinstance(text, str):
        return [] if text is None else [text]
    entries = [entry.strip() for entry in text.replace("，", ",").replace("、", ",").replace(";", ",").split(",")]
    return [entry for entry in entries if entry]


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
        made = {key: value for key, value in _parts(_wrong(mistake, item, place)).items()
                if key in wanted and not same(value, wanted[key], item, key, place.study)}
        explained = [key for key in wrong_parts if key in made and same(given[key], made[key], item, key, place.study)]
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


def _closeness(item, given, wanted, parts):
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
    names = {label(entry, study) for entry in (given if isinstance(given, list) else _split(given))}
    fit = len(names & {label(entry, study) for entry in wanted})
    return f"Of {len(names)} names in '{key}' {fit} belong there, of {len(wanted)}."


def _listed(keys, most=12):
    keys = [f"'{key}'" for key in keys]
    return joined(keys if len(keys) <= most else [*keys[:most], f"{len(keys) - most} more"])


def _noted(item, answer):
    if not isinstance(answer, str) or not answer.strip():
        return Verdict(False, 0, message=f"A text is asked for. Expected: {item.form}")
    return Verdict(None, 0, message="Noted. A person reads this answer.")
