"""Score, couple and explain new quality productivity and high-quality economic development.

>>> from nqpkit import Study, evaluate
>>> result = evaluate(Study.load())
>>> result.region("gansu")["coupling"].loc[2023, "grade"]
'barely coordinated'
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nqpkit.errors import InputError
    from nqpkit.evaluation import Evaluation, Options, evaluate
    from nqpkit.study import Study

# Imported when asked for: a process that only runs notebooks needs no pandas of its own.
_PLACES = {"Evaluation": "evaluation", "InputError": "errors", "Options": "evaluation", "Study": "study",
           "evaluate": "evaluation"}

__all__ = ["Evaluation", "InputError", "Options", "Study", "evaluate"]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
