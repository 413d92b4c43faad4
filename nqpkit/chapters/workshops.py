"""The page on workshops: how many there are and how long they take."""

from nqpkit.classroom.workshops import read_workshop, sources
from nqpkit.evaluation import Evaluation
from nqpkit.wording import counted

NEEDS_CLAIMS = True  # the first one is about the paper


def facts(result: Evaluation) -> dict:
    """Number of workshops, and the minutes of the shortest and the longest."""
    minutes = [read_workshop(name).minutes for name in sources()]
    return {"count": counted(len(minutes)), "shortest": min(minutes), "longest": max(minutes)}
