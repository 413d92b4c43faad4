"""The page on exercises: how many there are, and who checks them."""

from nqpkit.evaluation import Evaluation

NEEDS_CLAIMS = True  # the first chapters with exercises are about the paper


def facts(result: Evaluation) -> dict:
    """Number of exercises, of those that the kit checks, and of those that a person reads."""
    from nqpkit.classroom.exercises import exercise_ids  # they read the chapters' facts themselves
    from nqpkit.classroom.items import ITEMS

    names = exercise_ids()
    checked = [name for name in names if name in ITEMS and ITEMS[name].truth]
    return {"count": len(names), "checked": len(checked), "read": len(names) - len(checked)}
