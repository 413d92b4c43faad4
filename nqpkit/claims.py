"""The claims ledger: what a paper says, held against the figures of a study or a dated source, claim by claim.

A study may carry ``claims.yml``. A claim with ``computed`` names a function of `nqpkit.claim_checks.CHECKS`; figure and
verdict then follow from the study, and change with it.
"""

from functools import lru_cache
from html import escape

import pandas as pd

from nqpkit.claim_checks import CHECKS, OUTCOMES, UNCHECKED, Finding, Gap
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation

COLUMNS = ["id", "section", "kind", "text", "words", "paper_value", "unit", "value", "verdict", "finding", "check",
           "source", "regions"]


def ledger(result: Evaluation) -> pd.DataFrame:
    """Every claim of the study's paper with its verdict.

    Parameters
    ----------
    result : Evaluation

    Returns
    -------
    DataFrame
        One row a claim, in the order of the paper: id, section, kind, text, words, paper_value, unit, value, verdict,
        finding (a sentence), check (``computed``, ``source`` or nothing), source, regions (slugs). Empty if the study
        has no ``claims.yml``.

    Raises
    ------
    InputError
        If a claim names a computation that does not exist.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> claims = ledger(evaluate(Study.load())).set_index("id")
    >>> float(claims.loc["S33", "value"]), claims.loc["S33", "verdict"]
    (21.53, 'confirmed')
    """
    return _ledger(result).copy()


@lru_cache(maxsize=8)
def _ledger(result):
    rows = []
    for claim in result.study.claims.get("claims", []):
        found, source = finding(result, claim), claim.get("source")
        rows.append({
            **{key: claim.get(key) for key in ("id", "section", "kind", "text", "words", "paper_value", "unit")},
            "value": None if found.value is None else round(float(found.value), 2), "verdict": found.verdict,
            "finding": found.sentence,
            "check": "computed" if "computed" in claim else "source" if "verdict" in claim else None,
            "source": f"{source['publisher']}: {source['publication']} ({source['date']})" if source else None,
            "regions": ", ".join(claim.get("regions", [])) or None})
    return pd.DataFrame(rows, columns=COLUMNS)


def finding(result: Evaluation, claim: dict) -> Finding:
    """Check one claim of ``claims.yml``.

    Raises
    ------
    InputError
        If the claim names a computation that does not exist, or lacks a number that the computation needs.

    Examples
    --------
    >>> finding(None, {"id": "S1", "not_checkable": "it states an aim."}).verdict
    'cannot be checked'
    """
    if "not_checkable" in claim:
        return Finding(UNCHECKED, f"Cannot be checked: {claim['not_checkable']}")
    if "verdict" in claim:
        return Finding(claim["verdict"], claim["found"])
    if claim["computed"] not in CHECKS:
        raise InputError(f"claims.yml, claim {claim['id']}: there is no computation '{claim['computed']}'. Known: "
                         f"{', '.join(CHECKS)}.")
    try:
        return CHECKS[claim["computed"]](result, claim)
    except Gap as gap:
        return Finding(UNCHECKED, f"Cannot be checked: {gap}")
    except KeyError as error:
        raise InputError(f"claims.yml, claim {claim['id']}: the computation '{claim['computed']}' needs {error}, which "
                         "neither the claim nor the study gives.") from error


def find_claim(claims: pd.DataFrame, name: str) -> pd.Series:
    """One row of the ledger by its id; InputError if there is none of that id."""
    found = claims[claims["id"] == name]
    if found.empty:
        raise InputError(f"There is no claim '{name}' in claims.yml.")
    return found.iloc[0]


def anchor(name: str) -> str:
    """Where a claim stands on the ledger's page.

    >>> anchor("S33")
    's33'
    """
    return name.lower()


def stamp(row: pd.Series, up: str = "") -> str:
    """The verdict of a claim as a link to its line in the ledger, in HTML.

    Parameters
    ----------
    row : Series
        A row of `ledger`.
    up : str
        The way from the page to the folder ``book/``.
    """
    return (f'<a class="{stamp_classes(row["verdict"])}" href="{up}reference/claims.html#{anchor(row["id"])}" '
            f'title="{escape(row["text"])}">{escape(stamp_words(row))}</a>')


def stamp_words(row: pd.Series) -> str:
    """What the stamp says.

    >>> stamp_words(pd.Series({"id": "S33", "verdict": "confirmed"}))
    'S33: confirmed'
    """
    return f"{row['id']}: {row['verdict']}"


def stamp_classes(verdict: str) -> str:
    """The classes that colour a stamp; its words say the same.

    >>> stamp_classes("not confirmed")
    'nqp-verdict nqp-not-confirmed'
    """
    return f"nqp-verdict nqp-{verdict.replace(' ', '-')}"


def verdict_counts(claims: pd.DataFrame) -> pd.Series:
    """How many claims have each verdict, in the order of `OUTCOMES`.

    >>> verdict_counts(pd.DataFrame({"verdict": ["partly", "partly"]}))["partly"]
    np.int64(2)
    """
    return claims["verdict"].value_counts().reindex(list(OUTCOMES), fill_value=0)
