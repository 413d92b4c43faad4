"""Do neighbours resemble each other: Moran's I, global and local, and Markov chains, through PySAL.

PySAL pairs values and weights by position; here labels decide, and regions that do not match are an error.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nqpkit.analysis.checks import extra, values, varying
from nqpkit.analysis.neighbours import neighbour_weights, pysal_weights
from nqpkit.analysis.transitions import MarkovChain, SpatialMarkov, markov, spatial_markov
from nqpkit.errors import InputError

__all__ = ["MarkovChain", "Moran", "SpatialMarkov", "local_moran", "markov", "moran", "neighbour_weights",
           "spatial_markov"]
QUADRANTS = {1: "high among high", 2: "low among high", 3: "low among low", 4: "high among low"}


@dataclass(frozen=True)
class Moran:
    """Moran's I and what it would be if values were scattered at random.

    Attributes
    ----------
    i, expected, variance, z, p : float
        Expectation −1/(n − 1); variance, z and two-sided p under randomisation.
    p_permutation : float or None
        One-sided pseudo p from permutations, if asked for.
    n : int
    """

    i: float
    expected: float
    variance: float
    z: float
    p: float
    p_permutation: float | None
    n: int


def moran(y: pd.Series, weights, permutations: int = 0, seed: int = 0) -> Moran:
    """Global Moran's I: do regions resemble their neighbours?

    I = Σ_i Σ_k w_ik z_i z_k / Σ z², with z the deviation from the mean and rows of w summing to 1.

    Parameters
    ----------
    y : Series by region
    weights : DataFrame from `neighbour_weights`, or a libpysal W
        Of the same regions in any order. Rows are standardised.
    permutations : int
        Number of random permutations for the pseudo p; 0 leaves it out.
    seed : int

    Returns
    -------
    Moran

    Raises
    ------
    InputError
        For regions that do not match, fewer than four regions, missing or infinite values, or no variation.

    References
    ----------
    Cliff and Ord (1981), Spatial Processes; Rey and Anselin (2007), Review of Regional Studies 37(1), 5–27 (PySAL).

    Examples
    --------
    >>> chain = pd.DataFrame({"code": ["61", "62", "63"], "neighbour": ["62", "63", "65"]})
    >>> y = pd.Series({"61": 4.0, "62": 3.0, "63": 1.0, "65": 0.0})
    >>> round(moran(y, neighbour_weights(chain, y.index)).i, 3)
    0.5
    """
    y, w = _matched(y, weights)
    state = np.random.get_state()
    try:
        np.random.seed(seed)
        found = extra("esda").Moran(y.to_numpy(), w, permutations=permutations)
    finally:
        np.random.set_state(state)
    return Moran(float(found.I), float(found.EI), float(found.VI_rand), float(found.z_rand), float(found.p_rand),
                 float(found.p_sim) if permutations else None, len(y))


def local_moran(y: pd.Series, weights, scale: str = "esda", permutations: int = 0, seed: int = 0) -> pd.DataFrame:
    """Local Moran's I: which regions resemble their neighbours, and which stand out.

    I_i = c z_i Σ_k w_ik z_k / Σ z², with c = n − 1 (``esda``) or c = n (R's ``spdep``); with the latter the mean of
    the I_i is the global I.

    Parameters
    ----------
    y, weights : as `moran`
    scale : {"esda", "spdep"}
    permutations : int
        Conditional permutations for a pseudo p; 0 leaves the column out. The first call compiles for some 20 seconds.
    seed : int

    Returns
    -------
    DataFrame by region: ``local_i``, ``z`` (standardised value), ``lag`` (mean z of the neighbours), ``quadrant``
    (such as "high among low"), and ``p_permutation`` (one-sided; many regions, many tests).

    References
    ----------
    Anselin (1995), Geographical Analysis 27(2), 93–115.

    Examples
    --------
    >>> chain = pd.DataFrame({"code": ["61", "62", "63"], "neighbour": ["62", "63", "65"]})
    >>> y = pd.Series({"61": 4.0, "62": 3.0, "63": 1.0, "65": 0.0})
    >>> local_moran(y, neighbour_weights(chain, y.index), scale="spdep")["local_i"].round(1).tolist()
    [0.8, 0.2, 0.2, 0.8]
    """
    if scale not in ("esda", "spdep"):
        raise InputError(f"There is no scale '{scale}' for local Moran's I. Known: esda, spdep.")
    y, w = _matched(y, weights)
    found = extra("esda").Moran_Local(y.to_numpy(), w, permutations=permutations, seed=seed if permutations else None)
    factor = len(y) / (len(y) - 1) if scale == "spdep" else 1
    table = pd.DataFrame({"local_i": found.Is * factor, "z": found.z, "lag": extra("libpysal.weights").lag_spatial(
        w, found.z), "quadrant": [QUADRANTS[q] for q in found.q]}, index=y.index)
    if permutations:
        table["p_permutation"] = found.p_sim
    return table


def _matched(y, weights):
    if not isinstance(y, pd.Series):
        raise InputError("Values must be a Series labelled by region, so that they find their neighbours.")
    y = varying(values(y, "The value", least=4), "The value")
    return y, pysal_weights(weights, y.index)
