"""Moves between classes from year to year: Markov chains, alone and by the class of the neighbours."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqpkit.analysis.checks import extra, numbers, wide
from nqpkit.analysis.neighbours import pysal_weights
from nqpkit.errors import InputError

EMPTY_ROWS = ("zero", "stay", "uniform")


@dataclass(frozen=True, eq=False)
class MarkovChain:
    """Moves between classes from one year to the next.

    Attributes
    ----------
    counts, probabilities : DataFrame, class before × class after
        A class never left in the data has a row of zeros in ``counts``; ``empty`` says what its probabilities are.
    """

    counts: pd.DataFrame
    probabilities: pd.DataFrame

    @property
    def steady_state(self) -> pd.Series:
        """Shares of the classes in the long run; InputError if the chain has none, or more than one."""
        found = np.asarray(extra("giddy.ergodic").steady_state(self._stochastic()))
        if found.ndim > 1 and len(found) > 1:
            raise InputError("The chain falls into parts that never meet, so there is no single long-run distribution.")
        return pd.Series(found.ravel(), index=self.counts.index, name="steady_state")

    @property
    def first_passage(self) -> pd.DataFrame:
        """Mean number of years until a class is first reached, from class × to class."""
        frame = self.probabilities
        return pd.DataFrame(extra("giddy.ergodic").mfpt(self._stochastic()), index=frame.index, columns=frame.columns)

    @property
    def sojourn(self) -> pd.Series:
        """Mean years of stay, 1 / (1 − p_ii); infinite for a class that is never left."""
        leave = 1 - pd.Series(np.diag(self._stochastic()), index=self.counts.index, name="sojourn")
        return 1 / leave

    def _stochastic(self) -> np.ndarray:
        empty = self.probabilities.index[self.probabilities.sum(axis=1) == 0]
        if len(empty):
            raise InputError(f"No move out of class {empty[0]} was seen, so its row is empty. Choose empty='stay' or "
                             "'uniform', or wider classes.")
        return self.probabilities.to_numpy()


def markov(classes, empty: str = "zero") -> MarkovChain:
    """Transition probabilities between classes, pooled over regions and pairs of years.

    p_ab = n_ab / Σ_b n_ab, with n_ab the moves from a to b.

    Parameters
    ----------
    classes : Series by (region, year), or DataFrame regions × years
        A class in every cell. An ordered categorical keeps its order and its unused categories are left out; other
        classes are sorted. Years must be evenly spaced; a step is the distance between two of them.
    empty : {"zero", "stay", "uniform"}
        The row of a class that nothing was seen to leave: zeros (giddy's default), 1 on the diagonal, or 1/k.

    Returns
    -------
    MarkovChain

    References
    ----------
    Rey (2001), Geographical Analysis 33(3), 195–214; giddy (PySAL).

    Examples
    --------
    >>> chain = markov(pd.DataFrame({2021: ["low", "low"], 2022: ["low", "high"], 2023: ["high", "low"]}))
    >>> chain.probabilities.round(2).values.tolist()
    [[0.0, 1.0], [0.67, 0.33]]
    """
    _check_empty(empty)
    frame = wide(classes, "The panel of classes")
    _check_years(frame.columns)
    kind = frame.dtypes.iloc[0]
    seen = set(frame.to_numpy().ravel())
    labels = [c for c in kind.categories if c in seen] if isinstance(kind, pd.CategoricalDtype) else sorted(seen)
    codes = frame.astype(object).apply(lambda year: pd.Index(labels).get_indexer(year), result_type="broadcast")
    found = extra("giddy.markov").Markov(codes.to_numpy(int), classes=np.arange(len(labels)), summary=False)
    return _chain(found.transitions, labels, empty)


@dataclass(frozen=True, eq=False)
class SpatialMarkov:
    """Moves between classes, by the class of the neighbours.

    Attributes
    ----------
    overall : MarkovChain
    by_neighbours : dict
        Class of the neighbours' mean (0 the lowest) → MarkovChain.
    cuts, neighbour_cuts : list of float
        Upper bounds of all but the highest class.
    q, q_p : float
        Test that the chains are alike (Q statistic, chi-squared p).
    """

    overall: MarkovChain
    by_neighbours: dict[int, MarkovChain]
    cuts: list[float]
    neighbour_cuts: list[float]
    q: float
    q_p: float


def spatial_markov(panel, weights, k: int = 4, cuts=None, empty: str = "zero") -> SpatialMarkov:
    """Moves between classes, conditional on the neighbours' mean in the year before the move.

    Parameters
    ----------
    panel : Series by (region, year), or DataFrame regions × years
        Often relative to the mean of the year.
    weights : as `moran`
    k : int
        Number of classes by quantiles of the pooled panel; the neighbours' means have quantiles of their own.
    cuts : list of float, optional
        Upper bounds of all but the highest class, for values and neighbours alike; ``k`` is then not used.
    empty : {"zero", "stay", "uniform"}
        As in `markov`.

    Returns
    -------
    SpatialMarkov

    Raises
    ------
    InputError
        For regions that do not match, missing values, fewer than two years, or fewer than two classes.

    References
    ----------
    Rey (2001), Geographical Analysis 33(3), 195–214; Rey, Kang and Wolf (2016), Journal of Geographical Systems 18(4),
    377–398 (tests).
    """
    _check_empty(empty)
    frame = numbers(panel)
    _check_years(frame.columns)
    if cuts is None and k < 2:
        raise InputError(f"Moves need at least two classes, not {k}.")
    w = pysal_weights(weights, frame.index)
    limits = None if cuts is None else np.sort(np.asarray(cuts, float))
    found = extra("giddy.markov").Spatial_Markov(frame.to_numpy(), w, k=k, m=k, cutoffs=limits, lag_cutoffs=limits)
    labels = list(range(found.k))
    chains = {m: _chain(counts, labels, empty) for m, counts in enumerate(found.T)}
    return SpatialMarkov(_chain(found.transitions, labels, empty), chains, [float(c) for c in found.cutoffs],
                         [float(c) for c in found.lag_cutoffs], float(found.Q), float(found.Q_p_value))


def _chain(counts, labels, empty) -> MarkovChain:
    counts = np.asarray(counts)
    total, k = counts.sum(axis=1, keepdims=True), len(labels)
    fill = {"zero": np.zeros((k, k)), "stay": np.eye(k), "uniform": np.full((k, k), 1 / k)}[empty]
    share = np.where(total > 0, counts / np.where(total > 0, total, 1), fill)
    before, after = pd.Index(labels, name="before"), pd.Index(labels, name="after")
    return MarkovChain(pd.DataFrame(counts.astype(int), before, after), pd.DataFrame(share, before, after))


def _check_years(years):
    if len(years) < 2:
        raise InputError("Moves between classes need two years; the panel has one.")
    step = np.diff(years)
    if (step != step[0]).any():
        wrong = int(np.argmax(step != step[0]))
        raise InputError("Years must be evenly spaced; the step changes between "
                         f"{years[wrong]} and {years[wrong + 1]}.")


def _check_empty(empty):
    if empty not in EMPTY_ROWS:
        raise InputError(f"There is no policy '{empty}' for empty rows. Known: {', '.join(EMPTY_ROWS)}.")
