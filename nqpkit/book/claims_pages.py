"""The ledger of claims and the paper's defects as tables of the book. Text that comes from a study is escaped."""

from html import escape

from nqpkit.book.markup import sortable
from nqpkit.chapters.paper import cards
from nqpkit.claim_checks import OUTCOMES, UNCHECKED
from nqpkit.claims import anchor, ledger, stamp_classes
from nqpkit.evaluation import Evaluation
from nqpkit.references import CLAIM_KINDS
from nqpkit.wording import raised

NOTHING = "<p>This study has no <code>claims.yml</code>: there is no paper to check.</p>"
HEAD = [("Claim", "number"), ("Section", ""), ("Kind", ""), ("What the paper says", ""), ("Verdict", ""),
        ("What was found", "")]
FILTERED = {"kind": 2, "section": 1, "verdict": 4}  # by the column of HEAD


def claims_table(result: Evaluation, up: str = "") -> str:
    """Every claim with its verdict, sortable, with filters by words, kind, section and verdict."""
    claims = ledger(result)
    if claims.empty:
        return NOTHING
    paper, order = result.study.claims["paper"], {name: place for place, name in enumerate(OUTCOMES)}
    places = {section: place for place, section in enumerate(claims["section"].unique())}
    rows = [(anchor(row["id"]), False, [
        (f'<a href="#{anchor(row["id"])}">{escape(row["id"])}</a>', place),
        (escape(row["section"]), places[row["section"]]), escape(row["kind"]), _said(row),
        (f'<span class="{stamp_classes(row["verdict"])}">{escape(row["verdict"])}</span>', order[row["verdict"]]),
        _found(row)]) for place, row in enumerate(claims.to_dict("records"), start=1)]
    caption = (f"{len(claims)} claims of {paper['author']}, “{paper['title']}”, in the order of the text. What the "
               "paper says is put in our words; its own stand in quotation marks.")
    return _filters(claims) + sortable(HEAD, rows, caption, "nqp-stack nqp-claims")


def defects_table(result: Evaluation, up: str = "") -> str:
    """What is wrong with the paper as a text or an argument, and what the book does about it."""
    defects = result.study.claims.get("defects", [])
    if not defects:
        return NOTHING
    rows = [(anchor(entry["id"]), False, [
        escape(entry["id"]), escape(entry["section"]), escape(entry["text"]), escape(entry["treatment"]),
        ", ".join(f'<a href="{up}reference/claims.html#{anchor(name)}">{escape(name)}</a>'
                  for name in entry.get("claims", [])) or "–"]) for entry in defects]
    head = [(words, "") for words in ("Defect", "Section", "What is wrong", "What this book does", "Claims")]
    return sortable(head, rows, f"{len(defects)} defects, in the order in which they were noted.", "nqp-stack")


def claim_cards(result: Evaluation, up: str = "") -> str:
    """The claims of the sorting exercise, without their kinds."""
    if not result.study.claims:
        return NOTHING
    shown = cards(result)
    items = "".join(f"<li><strong>{escape(name)}</strong> {escape(text)}</li>" for name, text in shown["text"].items())
    return f'<ul class="nqp-cards">{items}</ul>'


def _said(row):
    words = f" <q>{escape(row['words'])}</q>" if isinstance(row["words"], str) else ""
    return f"<p>{escape(row['text'])}{words}</p>"


def _found(row):
    words = raised(row["finding"].removeprefix(f"{raised(UNCHECKED)}: "))
    source = escape(row["source"]) if isinstance(row["source"], str) else ""
    how = {"computed": "Computed on the study." + (f" Published numbers: {source}." if source else ""),
           "source": f"Read in {source}."}.get(row["check"])
    return f"<p>{escape(words)}</p>" + (f"<small>{how}</small>" if how else "")


def _filters(claims):
    """Fields that the site's script brings to life; without it the table stands as it is."""
    names = {"kind": [kind for kind in CLAIM_KINDS if kind in set(claims["kind"])],
             "section": list(claims["section"].unique()),
             "verdict": [name for name in OUTCOMES if name in set(claims["verdict"])]}
    chosen = "".join(
        f'<label>{raised(name)} <select data-column="{FILTERED[name]}"><option value="">all</option>'
        + "".join(f"<option>{escape(value)}</option>" for value in values) + "</select></label>"
        for name, values in names.items())
    return ('<div class="nqp-filter" hidden><label>Words <input type="search" autocomplete="off"></label>'
            f'{chosen}<output aria-live="polite"></output></div>')
