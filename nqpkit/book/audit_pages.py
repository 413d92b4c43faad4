"""The audit of the evaluation that a page shows: what hangs together, what one indicator decides, what chance gives."""

from collections.abc import Callable
from html import escape

from nqpkit.analysis.audit import (
    against_random,
    association_without,
    leave_one_out,
    reliability,
    shared_numerators,
)
from nqpkit.book.markup import plain_table, sortable
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation


def audit_part(result: Evaluation, up: str) -> str:
    """Five answers about the evaluation in the last scored year; a question that the study cannot answer says why."""
    return "".join(_answered(answer, result) for answer in (_shared, _reliability, _without, _chance, _association))


def _answered(answer: Callable[[Evaluation], str], result: Evaluation) -> str:
    try:
        return answer(result)
    except InputError as error:
        return f"<p>Not to be said for this study: {escape(str(error))}</p>"


def _shared(result) -> str:
    shared = shared_numerators(result.framework)
    if shared.empty:
        return "<p>No raw series stands in the numerator of indicators of more than one system.</p>"
    names = "; ".join(f"{series} ({', '.join(row['indicators'])})" for series, row in shared.iterrows())
    return f"<p>Counted in more than one system: {escape(names)}.</p>"


def _reliability(result) -> str:
    year = result.year()
    dimensions, items = reliability(result.normalised.xs(year, level="year").dropna(), result.weights["dimension"])
    labels, about = result.framework.indicators()["label"], result.framework.dimensions()["label"]
    rows = [[about[name], row["indicators"], row["alpha"], labels.get(row["weakest"]), row["item_rest"]]
            for name, row in dimensions.iterrows()]
    table = plain_table(["Dimension", "Indicators", "Alpha", "Weakest indicator", "Its correlation with the rest"],
                        rows, f"Do the indicators of a dimension speak of one thing? {year}")
    against = items.index[items["item_rest"] < 0]
    words = f"Run against the rest of their dimension: {', '.join(labels[against])}." if len(against) else (
        "No indicator runs against the rest of its dimension.")
    return f"{table}<p>{escape(words)}</p>"


def _without(result) -> str:
    year = result.year()
    table, names, overall = leave_one_out(result, year), result.study.regions["name"], result.overall
    rows = [(f"without-{code}", False, [
        escape(str(names[code])), *((f"{row[key]:.3f}", row[key]) for key in (overall.name, "low", "high")),
        (str(row["rank"]), row["rank"]), f"{row['rank_best']} to {row['rank_worst']}",
        *([(str(row["grades"]), row["grades"])] if overall.coupled else [])])
        for code, row in table.sort_values("rank").iterrows()]
    head = [(result.study.unit["one"].capitalize(), ""), (overall.short, "number"), ("Lowest", "number"),
            ("Highest", "number"), ("Rank", "number"), ("Ranks", "")]
    caption = f"{overall.label} with one indicator left out at a time, {year}"
    if not overall.coupled:
        return sortable(head, rows, caption)
    changed = int((table["grades"] > 1).sum())
    return sortable([*head, ("Grades", "number")], rows, caption) + (
        f"<p>{changed} of {len(table)} {escape(result.study.unit['many'])} would have another grade without some one "
        "indicator.</p>")


def _chance(result) -> str:
    places = against_random(result)["place"].value_counts()
    parts = [f"{places.get(place, 0)} {place}" for place in ("below", "inside", "above")]
    return (f"<p>Against an index of random numbers in place of the second score, of {places.sum()} "
            f"{escape(result.study.unit['many'])} {', '.join(parts)} the range of nine in ten such indices.</p>")


def _association(result) -> str:
    found = association_without(result)
    labels = [escape(parts["label"]) for parts in result.framework.systems.values()]
    return (f"<p>{labels[0]} and {labels[1]} correlate with {found.r:.2f} over {found.n} "
            f"{escape(result.study.unit['many'])} in {result.year()}; with the logarithm of "
            f"<code>{escape(found.control)}</code> taken out of both, with {found.partial:.2f}. An association, before "
            "and after: neither shows what moves what.</p>")
