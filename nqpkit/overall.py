"""The score by which regions are finally ranked: coordination where there are systems to couple, else the one score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqpkit import coupling as cpl
from nqpkit.wording import lowered

COORDINATION = "coordination"


@dataclass(frozen=True)
class Overall:
    """What a study ranks its regions by: its column, and what text calls it.

    Attributes
    ----------
    name : str
        Column of frames; ``rank`` is the column of its ranks.
    label : str
        As a title: "Coordination degree D", or the label of the one system.
    short : str
        In heads of tables and on axes: "D", or the label.
    phrase, title_phrase : str
        Inside a sentence: "the coordination degree", or "the score for …"; and where it is named first, with its sign.
    coupled : bool
        Whether it comes from coupling: two systems or more.
    """

    name: str
    label: str
    short: str
    phrase: str
    coupled: bool

    @property
    def rank(self) -> str:
        return f"rank_{self.name}"

    @property
    def title_phrase(self) -> str:
        return f"{self.phrase} {self.short}" if self.coupled else self.phrase

    @classmethod
    def of(cls, systems: Mapping[str, Mapping], said: Callable[[str], str] = lowered) -> "Overall":
        """For the systems of a framework; ``said`` gives a label as it stands within a sentence, see `Study.said`.

        Examples
        --------
        >>> Overall.of({"wealth": {"label": "Wealth"}}).phrase, Overall.of({"a": {}, "b": {}}).rank
        ('the score for wealth', 'rank_coordination')
        """
        if len(systems) > 1:
            return cls(COORDINATION, "Coordination degree D", "D", "the coordination degree", True)
        (name, parts), = systems.items()
        return cls(name, parts["label"], parts["label"], f"the score for {said(parts['label'])}", False)


def overall_scores(systems: pd.DataFrame, form: str) -> pd.Series:
    """The final score of every case: the coordination degree, or the score itself where there is one system.

    Parameters
    ----------
    systems : DataFrame, cases × systems, in 0…1
    form : str
        A name in `coupling.FORMS`.

    Examples
    --------
    >>> overall_scores(pd.DataFrame({"wealth": [0.4]}), "modified").rename(None).to_dict()
    {0: 0.4}
    """
    return systems.iloc[:, 0] if systems.shape[1] == 1 else cpl.coordination_degree(systems, form=form)


def overall_array(u: np.ndarray, form: str) -> np.ndarray:
    """The same for an array whose last axis holds the systems."""
    return u[..., 0] if u.shape[-1] == 1 else np.sqrt(cpl.FORMS[form](u) * u.mean(axis=-1))


def standing(systems: pd.DataFrame, form: str) -> pd.DataFrame:
    """Scores and ranks of the regions of one year, with coordination and grade where there are systems to couple.

    Regions without complete scores are left out.

    Examples
    --------
    >>> standing(pd.DataFrame({"wealth": [0.4, 0.6]}), "modified")["rank_wealth"].tolist()
    [2, 1]
    """
    frame, coupled = systems.dropna(), systems.shape[1] > 1
    if coupled:
        frame = frame.assign(coordination=overall_scores(frame, form))
    ranks = frame.rank(ascending=False, method="min").astype(int).add_prefix("rank_")
    if coupled:
        frame = frame.assign(grade=cpl.coordination_grade(frame[COORDINATION]).astype(object))
    return frame.join(ranks)
