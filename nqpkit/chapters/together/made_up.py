"""Made-up worlds in which the arrows are known, and what a correlation sees of them."""

import numpy as np
import pandas as pd

from nqpkit.analysis.association import partial_correlation
from nqpkit.chapters.table import Table
from nqpkit.errors import InputError
from nqpkit.wording import number

WORLDS = {"forward": "NQP moves HQED", "backward": "HQED moves NQP", "income": "income moves both"}


def simulated(world: str, regions: int = 31, seed: int = 1) -> pd.DataFrame:
    """Made-up provinces whose arrows are known: NQP moves HQED, HQED moves NQP, or income moves both and no more.

    Parameters
    ----------
    world : {"forward", "backward", "income"}
    regions : int
    seed : int

    Returns
    -------
    DataFrame with ``income``, ``nqp`` and ``hqed``, all standardised.

    Examples
    --------
    >>> worlds = {name: simulated(name, regions=5000) for name in WORLDS}
    >>> {name: f"{frame['nqp'].corr(frame['hqed']):.1f}" for name, frame in worlds.items()}
    {'forward': '0.9', 'backward': '0.9', 'income': '0.9'}
    """
    if world not in WORLDS:
        raise InputError(f"There is no world '{world}'. Known: {', '.join(WORLDS)}.")
    draws = np.random.default_rng(seed).standard_normal((3, regions))
    income = draws[0]
    if world == "income":
        first, second = (np.sqrt(0.9) * income + np.sqrt(0.1) * noise for noise in draws[1:])
    else:
        start = 0.7 * income + np.sqrt(1 - 0.7**2) * draws[1]
        end = 0.9 * start + np.sqrt(1 - 0.9**2) * draws[2]
        first, second = (start, end) if world == "forward" else (end, start)
    return pd.DataFrame({"income": income, "nqp": first, "hqed": second})


def worlds() -> Table:
    """The three made-up worlds: what a correlation sees of them, before and after income is taken out."""
    rows = {}
    for name, words in WORLDS.items():
        frame = simulated(name)
        rows[words] = {"r": frame["nqp"].corr(frame["hqed"]),
                       "r given income": partial_correlation(frame["nqp"], frame["hqed"], frame["income"])}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("World")
    return Table(table, "Correlation of NQP and HQED in three made-up worlds of 31 provinces each.")


def world_facts() -> dict[str, str]:
    """The correlations of `worlds`."""
    table = worlds().values
    return {f"toy_{name}_{short}": number(table.loc[words, column]) for name, words in WORLDS.items()
            for short, column in (("r", "r"), ("given", "r given income"))}
