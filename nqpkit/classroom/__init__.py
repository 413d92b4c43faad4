"""The classroom: exercises that know the province, workshops, packs for a class and their grading.

``begin`` is the one call that a workshop makes; it gives back ``check``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nqpkit.classroom.desk import begin

__all__ = ["begin"]


def __getattr__(name: str) -> object:  # when asked for: the command line's help needs no pandas
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.desk"), name)
