"""Sentences that a page makes in words alone: the figures must bear them, or the page is not written.

A sentence with a number in it takes the number from the evaluation and turns with it. One without a number, "most of
the West is on the buying side", cannot turn. So a chapter's ``facts`` say beside it what must hold (`must_hold`), and
refuse to write around a missing figure (`without_gaps`). Both raise `Untrue`. The built-in study's book then stops and
names sentence, page and figure; the book of another study leaves the chapter out and says why
(`nqpkit.chapters.left_out`).
"""

import re
from functools import wraps

from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation


class Untrue(InputError):
    """The figures do not bear a sentence of a chapter, or one that it needs is missing.

    Attributes
    ----------
    sentence : str
        What stands in the page; empty if a figure is missing.
    figure : str
        The figures behind it.
    """

    def __init__(self, sentence: str, figure: str):
        self.sentence, self.figure = sentence, figure
        super().__init__(f"{self.reason} Rewrite the passage." if sentence else self.reason)

    @property
    def reason(self) -> str:
        """What does not hold, in one sentence."""
        if not self.sentence:
            return f"A figure is missing behind {self.figure}."
        return f"The figures no longer bear out a sentence: “{self.sentence}” (behind it: {self.figure})."


def must_hold(sentence: str, condition: bool, figure: str) -> None:
    """Refuse a chapter in which a sentence is no longer true.

    Parameters
    ----------
    sentence : str
        As it stands in the page, or what it comes to.
    condition : bool
        What the figures must show; a comparison with a missing figure does not hold.
    figure : str
        The figures that it is about, for whoever has to rewrite it.

    Raises
    ------
    Untrue

    Examples
    --------
    >>> must_hold("Two is more than one.", 2 > 1, "the first two numbers")
    >>> must_hold("One is more than two.", 1 > 2, "the first two numbers")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    nqpkit.chapters.guards.Untrue: The figures no longer bear out a sentence: “One is more than two.” (behind it: the...
    """
    if not condition:
        raise Untrue(sentence, figure)


def without_gaps(compute):
    """Make a chapter's ``facts`` refuse to write sentences around a figure that is missing.

    Wraps a function from an evaluation to words. `Untrue` if the words hold no number where one belongs, or if a rank
    cannot be taken: the page then fails to build, and says why, instead of printing a hole.
    """

    @wraps(compute)
    def checked(result: Evaluation) -> dict[str, str]:
        try:
            found = compute(result)
        except InputError:
            raise
        except (KeyError, ValueError) as error:
            raise Untrue("", f"a sentence ({error})") from error
        gaps = [name for name, words in found.items() if re.search(r"\bnan\b", str(words))]
        if gaps:
            raise Untrue("", f"the words {', '.join(gaps)}")
        return found

    return checked
