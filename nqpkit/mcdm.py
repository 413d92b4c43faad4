"""Any other weighting or ranking method by name, computed by pymcdm: the one door to what is not written here.

pymcdm takes bare arrays and gives bare arrays. Here labels find their values, directions go with their indicators, and
what a method cannot compute is a sentence instead of NaN. Install it with ``pip install "nqpkit[mcdm]"``.
"""

import inspect
import warnings
from importlib import import_module

import numpy as np
import pandas as pd

from nqpkit.errors import InputError
from nqpkit.labels import as_table, check_weights, complete
from nqpkit.normalisation import signs_of


def mcdm_weights(x: pd.DataFrame, method: str, direction=1, **options) -> pd.Series:
    """Weights by one of pymcdm's objective methods, labelled.

    Parameters
    ----------
    x : DataFrame, cases × indicators, complete
        As the method wants it: most normalise it themselves, MEREC and others need values above zero.
    method : str
        pymcdm's name without ``_weights``: merec, gini, angle, cilos, idocriw, lopcow, standard_deviation, variance,
        and so on; see `weighting_names`.
    direction : 1, −1, or one of them for each indicator
        Given to the methods that ask for it; the others (entropy among them) take no notice of it.
    **options
        Passed on to the method.

    Returns
    -------
    Series by indicator, summing to 1

    Raises
    ------
    InputError
        If pymcdm is not installed; for an unknown method (the message lists the known ones); for missing or infinite
        values; if the method gives an indicator no number.

    References
    ----------
    Kizielewicz, Shekhovtsov and Sałabun (2023), pymcdm: the universal library for solving multi-criteria
    decision-making problems, SoftwareX 22, 101368; each method's own paper is named in pymcdm's documentation.

    Examples
    --------
    >>> x = pd.DataFrame({"a": [1.0, 2, 4], "b": [3.0, 3, 6]})
    >>> mcdm_weights(x, "standard_deviation").round(3).to_dict()
    {'a': 0.469, 'b': 0.531}
    """
    x, signs = _table(x, direction, f"weights by {method}")
    function = _find(_weightings(), method, "weighting")
    if "types" in inspect.signature(function).parameters:
        options["types"] = signs.to_numpy().astype(int)
    found = _call(method, function, x.to_numpy(), **options)
    _refuse_nothing(found, x.columns, method, "weight")
    return pd.Series(found / found.sum(), index=x.columns)


def mcdm_ranking(x: pd.DataFrame, weights, method: str, direction=1, **options) -> pd.DataFrame:
    """Scores and ranks of the cases by one of pymcdm's ranking methods, labelled.

    Parameters
    ----------
    x : DataFrame, cases × indicators, complete
    weights : by column, summing to 1
    method : str
        pymcdm's name in any case: vikor, promethee_ii, copras, codas, edas, mabac, waspas and so on; see
        `ranking_names`.
    direction : 1, −1, or one of them for each indicator
    **options
        Passed to the method when it is set up, such as ``v=0.5`` for VIKOR or ``preference_function="usual"`` for
        PROMETHEE II. What the method cannot do without is named in the error.

    Returns
    -------
    DataFrame by case: ``score`` on the method's own scale, and ``rank``, 1 for the best whether the method's best score
    is its highest or (as with VIKOR's Q) its lowest; ties share their mean rank.

    Raises
    ------
    InputError
        As `mcdm_weights`; also for an option that the method needs or does not have.

    References
    ----------
    As `mcdm_weights`.

    Examples
    --------
    >>> climbs = pd.DataFrame({"risk": [1, 2, 5], "height": [3000, 3750, 4500]}, index=["A", "B", "C"])
    >>> mcdm_ranking(climbs, [0.5, 0.5], "vikor", direction={"risk": -1, "height": 1})["rank"].to_dict()
    {'A': 2.5, 'B': 1.0, 'C': 2.5}
    """
    x, signs = _table(x, direction, f"a ranking by {method}")
    w = check_weights(weights, x.columns)
    kind = _find(_rankings(), method, "ranking")
    try:
        ranking = kind(**options)
    except TypeError as error:
        needed = [name for name, entry in inspect.signature(kind).parameters.items()
                  if entry.kind is entry.POSITIONAL_OR_KEYWORD]
        raise InputError(f"The ranking '{method}' cannot be set up so ({error}). Its options: {', '.join(needed)}."
                         ) from None
    scores = _call(method, ranking, x.to_numpy(), w.to_numpy(), signs.to_numpy().astype(int))
    _refuse_nothing(scores, x.index, method, "score")
    return pd.DataFrame({"score": scores, "rank": ranking.rank(scores)}, index=x.index)


def weighting_names() -> list[str]:
    """The weighting methods that `mcdm_weights` knows."""
    return sorted(_weightings())


def ranking_names() -> list[str]:
    """The ranking methods that `mcdm_ranking` knows."""
    return sorted(_rankings())


def _weightings() -> dict:
    module = _pymcdm("weights")
    return {name.removesuffix("_weights"): getattr(module, name) for name in dir(module) if name.endswith("_weights")}


def _rankings() -> dict:
    module = _pymcdm("methods")
    return {name.lower(): kind for name, kind in vars(module).items() if inspect.isclass(kind)}


def _pymcdm(part: str):
    try:
        return import_module(f"pymcdm.{part}")
    except ImportError as error:
        raise InputError('This method needs the package pymcdm. Install it with pip install "nqpkit[mcdm]".'
                         ) from error


def _find(known: dict, method: str, what: str):
    name = str(method).lower()
    if name not in known:
        raise InputError(f"pymcdm has no {what} '{method}'. Known: {', '.join(sorted(known))}.")
    return known[name]


def _table(x, direction, what):
    x = complete(as_table(x), what)
    return x, signs_of(direction, x.columns)


def _call(method, function, *arguments, **options):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what it warns of becomes no number, and that is an error here
        try:
            return np.asarray(function(*arguments, **options), float)
        except (ArithmeticError, IndexError, TypeError, ValueError, np.linalg.LinAlgError) as error:
            raise InputError(f"'{method}' of pymcdm refuses these values: {error}") from error


def _refuse_nothing(found, labels, method, what):
    bad = np.flatnonzero(~np.isfinite(found))
    if len(bad):
        raise InputError(f"'{method}' of pymcdm gives '{labels[bad[0]]}' no {what}: it meets a zero, a negative value "
                         "or an indicator that does not vary. Rescale the values above zero or leave it out.")
