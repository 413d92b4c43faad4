"""How an answer is laid beside the truth: part by part, whatever form it came in."""

from collections.abc import Mapping, Set

from nqpkit.classroom.answers import label, number, plain
from nqpkit.study import Study

HERE = "answer"  # the name of the only part of an answer that has no parts
MISSING = ("", "-", "–", "missing", "none", "nan", "na", "n/a", "no figure", "缺", "无")
YES, NO = ("yes", "true", "是"), ("no", "false", "否")
SLACK = 1 + 1e-9


class WrongShape(Exception):
    """An answer that cannot be held against the truth, with a sentence that says why."""


def kept(value):
    """What a truth or a mistake gives, as plain data in which sets stay sets.

    >>> kept({"above": {"gansu"}, "C": (1, 2)})
    {'above': frozenset({'gansu'}), 'C': [1, 2]}
    """
    if isinstance(value, Set):
        return frozenset(map(str, value))
    if isinstance(value, Mapping):
        return {str(key): kept(entry) for key, entry in value.items()}
    return plain(value)


def parts_of(value, before: str = "") -> dict:
    """Part → value, mappings and lists flattened.

    >>> parts_of({"C": [1, 2], "D": {"gansu": 3}}), parts_of(0.5)
    ({'C 1': 1, 'C 2': 2, 'D gansu': 3}, {'answer': 0.5})
    """
    if isinstance(value, list):
        value = {str(place): entry for place, entry in enumerate(value, start=1)}
    if not isinstance(value, dict):
        return {before or HERE: value}
    return {key: entry for name, inner in value.items()
            for key, entry in parts_of(inner, f"{before} {name}".strip()).items()}


def aligned(given, truth, study: Study):
    """An answer by the parts of the truth, ``...`` where it has none; the entries as a list if the truth is a set.

    Parameters
    ----------
    given : plain data
    truth : from `kept`
    study : Study
        Knows the names of regions and indicators.

    Raises
    ------
    WrongShape
        If the answer has none of the parts, or another number of them than a list asks for.

    Examples
    --------
    >>> aligned([0.5, 0.4], {"C": 0.1, "D": 0.2}, Study.load())
    {'C': 0.5, 'D': 0.4}
    """
    if isinstance(truth, frozenset):
        return _entries(given)
    if isinstance(truth, list):
        return _in_order(given, truth)
    if isinstance(truth, dict):
        return _by_part(given, truth, study)
    while isinstance(given, dict | list) and len(given) == 1:
        given = next(iter(given.values() if isinstance(given, dict) else given))
    if isinstance(given, dict | list):
        raise WrongShape(f"One value is asked for; this answer has {len(given)}.")
    return {HERE: given}


def _entries(given):
    if isinstance(given, dict):
        given = list(given)
    entries = given if isinstance(given, list) else split_names(given)
    if any(isinstance(entry, dict | list) for entry in entries):
        raise WrongShape("A plain list of names is asked for.")
    return entries


def _in_order(given, truth):
    if isinstance(given, dict):
        given = _as_list(given, truth)
    entries = given if isinstance(given, list) else split_names(given)
    if len(entries) != len(truth):
        raise WrongShape(f"The list asked for has {len(truth)} entries; this answer has {len(entries)}.")
    parts = parts_of(entries)
    return {key: parts.get(key, ...) for key in parts_of(truth)}


def _as_list(given, truth):
    """A Series as a list: its labels where names are asked for and it holds none, else its values."""
    names = truth and isinstance(truth[0], str) and not any(isinstance(entry, str) for entry in given.values())
    return list(given if names else given.values())


def _by_part(given, truth, study):
    wanted = parts_of(truth)
    if isinstance(given, list) and given and all(_is_pair(entry) for entry in given):
        given = {name: entry for name, entry in given}
    if isinstance(given, list) and len(given) == len(wanted):
        given = dict(zip(wanted, given, strict=True))
    given, found = _named(given, truth, study), {}
    if isinstance(given, dict):
        sets = {_name(key, study) for key, value in wanted.items() if isinstance(value, frozenset)}
        for key, entry in _answer_parts(given, sets, study).items():
            found.setdefault(_name(key, study), entry)
    parts = {key: found.get(_name(key, study), ...) for key in wanted}
    if all(entry is ... for entry in parts.values()):
        raise WrongShape(f"An answer with {len(wanted)} parts is asked for, each under its name.")
    return parts


def _is_pair(entry):
    return isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str)


def _named(given, truth, study):
    """Lists that stand where the truth has a mapping of as many entries, with its names in its order; and mappings
    that stand where it has a list, as lists."""
    if isinstance(truth, list) and isinstance(given, dict) and len(given) == len(truth):
        return _as_list(given, truth)
    if not isinstance(truth, dict):
        return given
    if isinstance(given, list) and len(given) == len(truth):
        given = dict(zip(truth, given, strict=True))
    if not isinstance(given, dict):
        return given
    inner = {_name(key, study): value for key, value in truth.items()}
    return {key: _named(entry, inner.get(_name(key, study)), study) for key, entry in given.items()}


def _answer_parts(given, sets, study, before=()):
    """Flattened like the truth, save where a part of it is a set (``sets``); parts are tuples of names."""
    found = {}
    for name, entry in given.items():
        key = (*before, name)
        if isinstance(entry, list) and _name(key, study) not in sets:
            entry = {str(place): inner for place, inner in enumerate(entry, start=1)}
        if isinstance(entry, dict) and _name(key, study) not in sets:
            found |= _answer_parts(entry, sets, study, key)
        else:
            found[key] = list(entry) if isinstance(entry, dict) else entry
    return found


def _name(key, study):
    """One form for the name of a part, whatever the order of its words (rows and columns may be exchanged)."""
    names = key if isinstance(key, tuple) else (key,)
    words = " ".join(label(name, study) for name in names).replace("-", " ").replace("_", " ").split()
    return " ".join(words if all(word.isdigit() for word in words) else sorted(words))


def split_names(text) -> list:
    """The names in a text that lists them; nothing for nothing.

    >>> split_names("Gansu, 西藏、青海"), split_names("none")
    (['Gansu', '西藏', '青海'], [])
    """
    if not isinstance(text, str):
        return [] if text is None else [text]
    entries = [entry.strip() for entry in text.replace("，", ",").replace("、", ",").replace(";", ",").split(",")]
    return [entry for entry in entries if entry.casefold() not in MISSING]


def same(given, wanted, tolerance: float, study: Study) -> bool:
    """Whether one part of an answer is right: equal names, or numbers no farther apart than is allowed."""
    if given is ...:
        return False
    if isinstance(wanted, frozenset):
        entries = given if isinstance(given, list | frozenset) else split_names(given)
        return {label(entry, study) for entry in entries} == {label(entry, study) for entry in wanted}
    if wanted is None:
        return given is None or (isinstance(given, str) and given.casefold() in MISSING)
    if isinstance(wanted, bool):
        return (YES if wanted else NO).count(str(given).strip().casefold()) > 0
    if isinstance(wanted, str):
        return given is not None and not isinstance(given, bool | list) and label(given, study) == label(wanted, study)
    value = number(given)
    return value is not None and abs(value - wanted) <= tolerance * SLACK + 1e-12
