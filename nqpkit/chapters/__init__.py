"""What the chapters of the book show, one module a chapter: figures, and the facts that its sentences are made of.

A chapter's module may define ``facts(result)``. What it returns stands in the page as ``{{ <module>.<name> }}``. A
long chapter is a package, with a module for each of its ideas; a page calls everything by the chapter's name. What
several chapters draw is in `standing`, `gaps`, `dimension`, `table` and `case`, marks on figures in `nqpkit.drawing`. A
module that reads more than any study has says so: ``NEEDS`` is the set of series without which its page cannot be
written, ``NEEDS_CLAIMS`` is true if it speaks of a paper's claims, ``NEEDS_SYSTEMS`` and ``NEEDS_YEARS`` say how many
systems and scored years it takes. What its sentences take for granted is guarded with `nqpkit.chapters.guards`.
"""

import pkgutil
import re
from importlib import import_module
from types import ModuleType

from nqpkit.chapters.guards import Untrue
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.kit_files import kit_root
from nqpkit.study import BUILT_IN, Study
from nqpkit.wording import counted

GAP = "(no figure)"
ELSEWHERE = "This chapter reads what only the built-in study has, so it is left out here."


def facts(result: Evaluation) -> dict[str, dict]:
    """Module → name → number or words, for every chapter that can be written for this evaluation.

    Raises
    ------
    InputError
        If the figures of the built-in study do not bear a sentence of its book; the message names sentence, page and
        figure. For another study the chapter is left out (`left_out`).
    """
    return _told(result)[0]


def left_out(result: Evaluation) -> dict[str, str]:
    """Module → why its chapter is left out of this evaluation's book, as a sentence to stand in its place.

    Examples
    --------
    >>> from nqpkit import evaluate
    >>> left_out(evaluate(Study.load()))
    {}
    """
    return _told(result)[1]


def speaks(text: str, modules) -> str | None:
    """The first of some modules that a page's text takes words or figures from, or None.

    Examples
    --------
    >>> speaks("It is {{ talent.count }} of them.", ["momentum", "talent"])
    'talent'
    """
    for name in modules:
        if re.search(rf"\{{\{{\s*{name}\.|nqpkit\.chapters\.{name}\b|from nqpkit\.chapters import .*\b{name}\b", text):
            return name
    return None


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


def unmet(study: Study) -> dict[str, str]:
    """The modules whose chapters need what a study does not have, each with a sentence that says so.

    Examples
    --------
    >>> unmet(Study.load())
    {}
    """
    return {name: reason for name, module in _modules().items() if (reason := _lacking(module, study))}


def _lacking(module: ModuleType, study: Study) -> str:
    systems, years = len(study.framework.systems), len(study.years)
    if not getattr(module, "NEEDS", set()) <= set(study.series.index) or (
            getattr(module, "NEEDS_CLAIMS", False) and not study.claims):
        return ELSEWHERE
    if getattr(module, "NEEDS_SYSTEMS", 1) > systems:
        return f"This chapter couples scores, and the study has {counted(systems)}, so it is left out here."
    if getattr(module, "NEEDS_YEARS", 1) > years:
        return f"This chapter compares years, and the study scores {counted(years)}, so it is left out here."
    return ""


def _told(result: Evaluation) -> tuple[dict[str, dict], dict[str, str]]:
    """The facts of every chapter that can be written, and why the others cannot."""
    found, silent = {}, unmet(result.study)
    for name, module in _modules().items():
        if not hasattr(module, "facts") or name in silent:
            continue
        try:
            found[name] = facts_of(name, result)
        except Untrue as fault:
            if result.study.folder == BUILT_IN:
                raise InputError(f"{_pages_of(name)} cannot be written. {fault}") from fault
            silent[name] = f"This chapter is left out here, because it does not fit this study. {fault.reason}"
        except Exception as fault:  # written for figures that it knows; another study's may be of any kind
            if result.study.folder == BUILT_IN:
                raise
            silent[name] = (f"This chapter is left out here, because its numbers cannot be computed from this study "
                            f"({type(fault).__name__}: {fault}).")
    return found, silent


def _pages_of(module: str) -> str:
    """Which pages speak with a module's facts."""
    book = kit_root() / "book"
    pages = [path.relative_to(book).with_suffix("").as_posix() for path in sorted(book.rglob("*.md"))
             if "exercises" not in path.parts and speaks(path.read_text(encoding="utf-8"), [module])]
    return f"The page '{', '.join(pages) or module}'"


def _modules() -> dict[str, ModuleType]:
    return {found.name: import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)}
