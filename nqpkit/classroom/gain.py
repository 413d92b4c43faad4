"""What a class has learned, from the same items before and after, without flattering the course."""

import numpy as np
import pandas as pd

DRAWS, HELD = 10_000, 0.9


def gain(before: pd.DataFrame, after: pd.DataFrame, seed: int = 1) -> dict:
    """The change of the mean score of those who took both tests, with an interval over students.

    The gain of a student is the share of items that are right after, minus before. Its mean over students is the gain
    of the class. The interval holds nine in ten means of classes drawn, with replacement, from these students: it says
    how much hangs on who happened to be in the room, and nothing about what caused the change.

    Parameters
    ----------
    before, after : DataFrame
        Students × items; 1 for a right answer, 0 for a wrong or a missing one. Only students and items in both count.
    seed : int
        Of the draws.

    Returns
    -------
    dict
        ``students``; ``left_out``, those in one test only; ``before`` and ``after``, mean shares; ``gain`` with ``low``
        and ``high``; ``up``, ``same``, ``down``, counts of students; ``items``, a Series of the gain by item.

    Raises
    ------
    ValueError
        If fewer than two students took both tests, if an item is not in both, or if values other than
        0 and 1 stand there.

    Examples
    --------
    >>> before = pd.DataFrame({"q1": [0, 1, 0, 0], "q2": [0, 1, 1, 0]}, index=list("abcd"))
    >>> after = pd.DataFrame({"q1": [1, 1, 1, 0], "q2": [1, 1, 0, 0]}, index=list("abcd"))
    >>> found = gain(before, after)
    >>> found["gain"], found["up"], found["same"], found["down"]
    (0.25, 1, 3, 0)
    """
    before, after, left_out = _paired(before, after)
    change = after.mean(axis="columns") - before.mean(axis="columns")
    drawn = np.random.default_rng(seed).choice(change.to_numpy(), size=(DRAWS, len(change))).mean(axis=1)
    low, high = np.quantile(drawn, [(1 - HELD) / 2, (1 + HELD) / 2])
    return {"students": len(change), "left_out": left_out,
            "before": float(before.to_numpy().mean()), "after": float(after.to_numpy().mean()),
            "gain": float(change.mean()), "low": float(low), "high": float(high), "up": int((change > 0).sum()),
            "same": int((change == 0).sum()), "down": int((change < 0).sum()),
            "items": (after.mean() - before.mean()).rename("gain")}


def gain_of_weakest(before: pd.DataFrame, after: pd.DataFrame) -> dict:
    """The gain of the weaker half of a class, chosen on some items and measured on the others.

    Who did badly once was in part unlucky and does better the next time, course or no course. So the weaker half must
    not be chosen by the score that its gain is then measured from. Here every second item of the first test chooses,
    and the gain is taken over the rest; then the two sets of items change places, and the two gains are averaged.

    Parameters
    ----------
    before, after : DataFrame
        As in `gain`; at least two items and two students.

    Returns
    -------
    dict
        ``apart``, the gain measured on items that did not choose; ``same``, the flattering one, on those
        that did.

    Examples
    --------
    Four students who toss a coin learn nothing. Chosen and measured by the same items, the unlucky seem to.

    >>> before = pd.DataFrame({"q1": [0, 0, 1, 1], "q2": [0, 1, 0, 1]}, index=list("abcd"))
    >>> after = pd.DataFrame({"q1": [0, 1, 1, 0], "q2": [1, 0, 0, 1]}, index=list("abcd"))
    >>> gain_of_weakest(before, after)
    {'apart': 0.0, 'same': 0.5}
    """
    before, after, _ = _paired(before, after)
    if before.shape[1] < 2:
        raise ValueError("At least two items are needed: one half chooses, the other measures.")
    halves = before.columns[::2], before.columns[1::2]
    apart, same = [], []
    for chooses, measures in (halves, halves[::-1]):
        weak = before[chooses].mean(axis="columns").sort_values(kind="stable").index[:len(before) // 2]
        change = (after - before).loc[weak]
        apart.append(change[measures].to_numpy().mean())
        same.append(change[chooses].to_numpy().mean())
    return {"apart": float(np.mean(apart)), "same": float(np.mean(same))}


def right(letters: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Which answers are right, as `gain` wants them.

    Parameters
    ----------
    letters : DataFrame
        Students × questions in the order of the test: the letter that was chosen, large or small; all else is wrong.
    key : list of str
        Of the form that was answered, from ``read_quiz("pre").key``.

    Raises
    ------
    ValueError
        If there are not as many questions as letters in the key.

    Examples
    --------
    >>> right(pd.DataFrame({"q1": ["a", "B"], "q2": [None, "c"]}, index=["x", "y"]), ["b", "c"])
       q1  q2
    x   0   0
    y   1   1
    """
    if letters.shape[1] != len(key):
        raise ValueError(f"The table has {letters.shape[1]} questions, the key {len(key)}.")
    return letters.apply(lambda answers: answers.astype(str).str.strip().str.lower()).eq(key).astype(int)


def _paired(before, after):
    """Both tests for the students of both, items in the same order; and how many students are in one only."""
    if set(before.columns) != set(after.columns):
        odd = sorted(set(before.columns) ^ set(after.columns))
        raise ValueError(f"These items are in one test only: {', '.join(map(str, odd))}.")
    both = before.index.intersection(after.index)
    if len(both) < 2:
        raise ValueError(f"{len(both)} student took both tests; a gain needs two or more.")
    pair = before.loc[both].astype(float), after.loc[both, before.columns].astype(float)
    if not all(table.isin([0, 1]).to_numpy().all() for table in pair):
        raise ValueError("An answer is 1 if right and 0 if wrong or missing; there are other values.")
    return *pair, len(before.index.union(after.index)) - len(both)
