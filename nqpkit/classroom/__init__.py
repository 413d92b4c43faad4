"""The classroom: exercises that know the province, workshops, packs for a class and their grading.

``begin`` is the one call that a workshop makes; it gives back ``check``.
"""

from nqpkit.classroom.desk import begin

__all__ = ["begin"]
