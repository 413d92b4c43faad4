"""What the chapters of the book show, one module a chapter: figures, and the facts that its sentences are made of.

A chapter's module may define ``facts(result)``. What it returns stands in the page as ``{{ <module>.<name> }}``. A
module that reads more than any study has says so: ``NEEDS`` is the set of series without which its page cannot be
written, ``NEEDS_CLAIMS`` is true if it speaks of a paper's claims.
"""

import pkgutil
import re
from importlib import import_module
from types import ModuleType

from nqpkit.evaluation import Evaluation
from nqpkit.study import Study

GAP = "(no figure)"


def facts(result: Evaluation) -> dict[str, dict]:
    """Module → name → number or words, for every chapter that has facts and what they need."""
    without = unmet(result.study)
    return {name: facts_of(name, result)
            for name, module in _modules().items() if hasattr(module, "facts") and name not in without}


def facts_of(name: str, result: Evaluation) -> dict:
    """The facts of one chapter, by the name of its module; none if there is no such chapter.

    Examples
    --------
    >>> from nqpkit import evaluate
    >>> facts_of("case", evaluate(Study.load()))["name"], facts_of("nowhere", None)
    ('Gansu', {})
    """
    module = _modules().get(name)
    return {key: stated(value) for key, value in module.facts(result).items()} if hasattr(module, "facts") else {}


def stated(value):
    """A fact as it may stand in a sentence: where a number could not be computed, the gap is said.

    Examples
    --------
    >>> stated("It rose from nan% to 3%"), stated(float("nan")), stated("Yunnan"), stated(3)
    ('It rose from (no figure) to 3%', '(no figure)', 'Yunnan', 3)
    """
    if isinstance(value, str):
        return re.sub(r"[-+]?\b(?:nan|inf)\b%?", GAP, value)
    return GAP if isinstance(value, float) and value != value else value


def unmet(study: Study) -> set[str]:
    """The modules whose chapters cannot be written for a study.

    Examples
    --------
    >>> unmet(Study.load())
    set()
    """
    return {name for name, module in _modules().items()
            if not getattr(module, "NEEDS", set()) <= set(study.series.index)
            or (getattr(module, "NEEDS_CLAIMS", False) and not study.claims)}


def _modules() -> dict[str, ModuleType]:
    return {found.name: import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)}
