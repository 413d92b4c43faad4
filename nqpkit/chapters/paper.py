"""The paper and its claims: what kinds of sentences it has, what became of each kind, and its figures one by one."""

import matplotlib.pyplot as plt
import pandas as pd

from nqpkit import theme
from nqpkit.claim_checks import OUTCOMES, UNCHECKED
from nqpkit.claims import ledger, verdict_counts
from nqpkit.drawing import Figure
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation
from nqpkit.references import CLAIM_KINDS
from nqpkit.wording import counted, joined

COLOURS = dict(zip(OUTCOMES, ["#0b6fa4", "#7fb3d3", "#d9bb6a", "#e8a684", "#b4450f", "#d5dade"], strict=True))
CARDS = ("S33", "S12", "S57", "S44", "S40", "S24", "S53", "S65", "S36", "S20", "S48", "S54", "S7", "S16", "S45", "S1",
         "S35", "S43", "S63", "S30")
NEEDS_CLAIMS = True


def facts(result: Evaluation) -> dict:
    """Counts of claims by kind and verdict, and the numbers of the examples in the text.

    An entry of the ledger that records a defect of the text is no statement of the paper; it is counted apart.
    """
    entries = ledger(result)
    if entries.empty:
        return {}
    claims = entries[entries["kind"] != "defect"]
    by_kind, verdicts = kind_by_verdict(claims), verdict_counts(claims)
    checkable = claims[claims["verdict"] != UNCHECKED]
    figures, causal = claims[claims["kind"] == "figure"], claims[claims["kind"] == "causal"]
    found, regions = entries.set_index("id")["finding"], result.study.regions.set_index("slug")
    own = regions[regions["group"] == result.study.focus]
    named = {slug for entry in result.study.claims["claims"] for slug in entry.get("regions", [])}
    return {
        "claims": len(claims), "entries": len(entries), "slips": counted(len(entries) - len(claims)),
        "defects": len(result.study.claims.get("defects", [])),
        **{name.replace(" ", "_"): counted(int(count)) for name, count in verdicts.items()},
        **{f"{kind}_claims": counted(int(by_kind.loc[kind].sum())) for kind in by_kind.index},
        "checkable": len(checkable), "computed": counted(int((claims["check"] == "computed").sum())),
        "sourced": counted(int((claims["check"] == "source").sum())),
        "figures_confirmed": counted(int(figures["verdict"].str.startswith("confirmed").sum())),
        "causal_confirmed": _none(int(causal["verdict"].str.startswith("confirmed").sum())),
        "causal_partly": counted(int((causal["verdict"] == "partly").sum())),
        "causal_unchecked": counted(int((causal["verdict"] == UNCHECKED).sum())),
        "share": found.get("S33", ""), "speed": found.get("S35", ""), "exceptions": found.get("S40", ""),
        "firms": found.get("S36", ""), "cards": counted(len(CARDS)) if len(CARDS) < 13 else str(len(CARDS)),
        "card_key": card_key(claims), "focus_count": counted(len(own)),
        "named_provinces": joined(own["name"][own.index.isin(named)]) if named else "none",
        "named_count": counted(int(own.index.isin(named).sum())),
        "unnamed_count": counted(int((~own.index.isin(named)).sum())),
    }


def kind_by_verdict(claims: pd.DataFrame) -> pd.DataFrame:
    """How many claims of each kind have each verdict.

    Parameters
    ----------
    claims : DataFrame
        From `nqpkit.claims.ledger`.

    Returns
    -------
    DataFrame, kind × verdict

    Examples
    --------
    >>> claims = pd.DataFrame({"kind": ["figure", "figure"], "verdict": ["partly", "confirmed"]})
    >>> kind_by_verdict(claims).loc["figure", ["confirmed", "partly", "contradicted"]].tolist()
    [1, 1, 0]
    """
    kinds = [kind for kind in CLAIM_KINDS if kind in set(claims["kind"])]
    return pd.crosstab(claims["kind"], claims["verdict"]).reindex(index=kinds, columns=list(OUTCOMES), fill_value=0)


def verdict_chart(result: Evaluation) -> Figure:
    """Claims of each kind, split by verdict; the paper's defects of text are left out."""
    table = kind_by_verdict(_claims(result)).drop(index="defect", errors="ignore")
    with theme.applied():
        drawing, ax = plt.subplots(figsize=(theme.WIDTH, 0.52 * len(table) + 1.7), layout="constrained")
        left = pd.Series(0, index=table.index)
        for verdict in OUTCOMES:
            bars = ax.barh(table.index, table[verdict], left=left, color=COLOURS[verdict], label=verdict,
                           edgecolor="white", hatch="///" if verdict == UNCHECKED else "")
            ink = "white" if verdict in ("confirmed", "contradicted") else theme.INK
            numbers = [str(n) if n else "" for n in table[verdict]]
            ax.bar_label(bars, numbers, label_type="center", color=ink, fontsize=9)
            left = left + table[verdict]
        ax.invert_yaxis()
        ax.set(xlabel="Claims", xlim=(0, left.max() * 1.02))
        ax.spines["left"].set_visible(False)
        ax.tick_params(left=False)
        drawing.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8.5)
        plt.close(drawing)
    most = table.sum(axis=1)
    alt = (f"Stacked bars: claims of the paper by kind, in numbers, split by verdict. Most are {most.idxmax()} "
           f"({most.max()}), fewest {most.idxmin()} ({most.min()}). "
           + " ".join(f"{kind.capitalize()}: " + joined(f"{n} {name}" for name, n in row.items() if n) + "."
                      for kind, row in table.iterrows()))
    caption = ("The paper's claims by kind and verdict. Hatched: no figure and no source could decide. Source: the "
               "ledger of claims, computed on the study.")
    return Figure(drawing, caption, alt, table, name="verdicts")


def figures_table(result: Evaluation) -> pd.DataFrame:
    """Claims in which the paper prints a number, beside the number found."""
    claims = _claims(result)
    printed = claims[claims["paper_value"].notna()]
    columns = {"id": "claim", "section": "section", "words": "the paper", "value": "found", "verdict": "verdict"}
    table = printed[list(columns)].rename(columns=columns).set_index("claim")
    return table.assign(found=table["found"].map(lambda value: "–" if pd.isna(value) else f"{value:.2f}"))


def cards(result: Evaluation) -> pd.DataFrame:
    """Claims to be sorted by kind, without the key, in an order that mixes the kinds."""
    claims = _claims(result).set_index("id")
    return claims.loc[[name for name in CARDS if name in claims.index], ["section", "text"]]


def card_key(claims: pd.DataFrame) -> str:
    """The key of the sorting exercise: each kind with its cards."""
    kinds = claims.set_index("id")["kind"].reindex(CARDS).dropna()
    return "; ".join(f"{kind}: {joined(kinds.index[kinds == kind])}" for kind in CLAIM_KINDS if (kinds == kind).any())


def _none(number):
    return counted(number) if number else "none"


def _claims(result):
    claims = ledger(result)
    if claims.empty:
        raise InputError("This study has no claims.yml: there is no paper to check.")
    return claims
