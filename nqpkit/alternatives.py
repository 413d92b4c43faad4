"""The study's alternative indicator sets beside its own: the same figures, another idea of what belongs together."""

import pandas as pd

from nqpkit.evaluation import Evaluation, evaluate
from nqpkit.study import Study


def evaluate_alternatives(study: Study, **options) -> dict[str, Evaluation]:
    """The study scored with its own indicator set and with every alternative, under the same options.

    Parameters
    ----------
    study : Study
    **options
        As `evaluate`, without ``indicators``.

    Returns
    -------
    dict from the name of the set, ``default`` first, to its Evaluation

    Examples
    --------
    >>> list(evaluate_alternatives(Study.load()))
    ['default', 'nqp_attributes', 'nqp_factors']
    """
    return {name: evaluate(study, indicators=name, **options) for name in ("default", *study.alternatives)}


def compare_alternatives(study: Study, year: int | None = None, **options) -> pd.DataFrame:
    """Scores, coordination, grade and ranks of every region under every indicator set, side by side.

    Parameters
    ----------
    study : Study
    year : int, optional
        The last scored year unless given.
    **options
        As `evaluate`, without ``indicators``.

    Returns
    -------
    DataFrame indexed by code, columns (measure, set): each system's score and its rank, and with two systems or more
    ``coordination``, ``rank_coordination``, ``grade``

    Examples
    --------
    >>> table = compare_alternatives(Study.load(), 2023)
    >>> table.loc["11", "rank_nqp"].to_dict()
    {'default': 1, 'nqp_attributes': 1, 'nqp_factors': 1}
    """
    tables = {name: result.table(year).set_index("code") for name, result in
              evaluate_alternatives(study, **options).items()}
    systems = list(study.framework.systems)
    final = ["coordination", "rank_coordination", "grade"] if len(systems) > 1 else []
    measures = [*systems, *(f"rank_{system}" for system in systems), *final]
    return pd.concat({measure: pd.DataFrame({name: table[measure] for name, table in tables.items()})
                      for measure in measures}, axis=1, names=["measure", "set"])


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """How far the alternatives of `compare_alternatives` agree with the default.

    Returns
    -------
    DataFrame by alternative: for each system and ``coordination`` Spearman's rank correlation with the default and
    (``_moved``) the largest change of rank; ``grades_changed``, how many regions get another grade.

    Examples
    --------
    >>> bool((agreement(compare_alternatives(Study.load(), 2023))["nqp"] > 0.9).all())
    True
    """
    measures = [name.removeprefix("rank_") for name in table.columns.unique("measure") if name.startswith("rank_")]
    rows = {}
    for name in table.columns.unique("set").drop("default"):
        row = {}
        for measure in measures:
            ranks = table[f"rank_{measure}"][["default", name]].dropna().astype(float)
            row[measure] = ranks["default"].corr(ranks[name], method="spearman")
            row[f"{measure}_moved"] = int((ranks["default"] - ranks[name]).abs().max())
        if "grade" in table.columns.unique("measure"):
            row["grades_changed"] = int((table["grade", "default"] != table["grade", name]).sum())
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("set")
