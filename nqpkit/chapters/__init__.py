"""What the chapters of the book show, one module a chapter: figures, and the facts that its sentences are made of.

A chapter's module may define ``facts(result)``. What it returns stands in the page as ``{{ <module>.<name> }}``.
"""

import pkgutil
from importlib import import_module

from nqpkit.evaluation import Evaluation


def facts(result: Evaluation) -> dict[str, dict]:
    """Module → name → number or words, for every chapter that has facts."""
    modules = {found.name: import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)}
    return {name: module.facts(result) for name, module in modules.items() if hasattr(module, "facts")}
