"""The reference pages that a study writes by itself: every series with its source, every indicator with its formula."""

import ast
from html import escape

import pandas as pd

from nqpkit.book.markup import chinese, sortable
from nqpkit.claims import anchor
from nqpkit.evaluation import Evaluation
from nqpkit.references import parse_breaks
from nqpkit.study import NATION, Study

SIGNS = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷"}
STRENGTH = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2}
KINDS = ("scored", "companions", "other")


def series_table(result: Evaluation, up: str = "", kind: str = "scored") -> str:
    """The series of one kind: name, unit, years, coverage, publications with publisher and licence, breaks and marks.

    Parameters
    ----------
    kind : {"scored", "companions", "other"}
        Read by a scored indicator, only by a companion, or by neither.
    """
    study = result.study
    if kind not in KINDS:
        raise KeyError(f"no series are called '{kind}'; known: {', '.join(KINDS)}")
    used = users(study)
    scored = set(study.framework.indicators().index)
    kinds = pd.Series({name: "scored" if scored & set(used.get(name, [])) else
                       "companions" if used.get(name) else "other" for name in study.series.index})
    facts = study.figures[study.figures["code"] != NATION]
    facts = dict(iter(facts.groupby("series")))
    head = [("Series", ""), ("Unit", ""), ("Years", "number"), ("Cover", "number"), ("Where it comes from", "")]
    rows = []
    for name in kinds.index[kinds == kind]:
        own = facts.get(name, study.figures.iloc[:0])
        rows.append((f"series-{name}", False, _series_cells(study, name, own, used.get(name, []), up)))
    many = escape(study.unit["many"])
    return sortable(head, rows, f"{len(rows)} series. Cover: figures there are, of those that all "
                                f"{len(study.regions)} {many} would have in these years.", "nqp-stack")


def sources_table(result: Evaluation, up: str = "") -> str:
    """Every source: publication, publisher, where it was read, terms, notes, and how many figures come from it."""
    study = result.study
    counts = study.figures["source"].value_counts()
    head = [("Publication", ""), ("Publisher", ""), ("Figures", "number"), ("Read in, and terms", "")]
    rows = []
    for key, source in study.sources.sort_values("publication").iterrows():
        notes = f"<p>{escape(source['notes'])}</p>" if _text(source["notes"]) else ""
        rows.append((f"source-{key}", False, [
            escape(source["publication"]), escape(source["publisher"]),
            (f"{counts.get(key, 0):,}", counts.get(key, 0)),
            f"<p>{escape(_capital(source['read_in']))}.</p><p>{escape(source['licence'])}</p>{notes}"]))
    return sortable(head, rows, f"{len(rows)} sources. Cite the publication, not this book.", "nqp-stack")


def dictionary(result: Evaluation, up: str = "", system: str = "", dimension: str = "") -> str:
    """The indicators of one dimension, or of all: definition in words and as written, and what each one serves."""
    entries = result.framework.indicators()
    if dimension and dimension not in set(entries["dimension"]):
        raise KeyError(f"there is no dimension '{dimension}'")
    entries = entries[entries["dimension"] == dimension] if dimension else entries
    blocks, heading = [], None
    for name, entry in entries.iterrows():
        if not dimension and entry["dimension"] != heading:
            heading = entry["dimension"]
            blocks.append(_dimension_heading(result, heading))
        blocks.append(_indicator(result, name, entry, up))
    return "".join(blocks)


def companions(result: Evaluation, up: str = "") -> str:
    """What is shown beside the scores and never enters them."""
    study, parsed = result.study, result.framework.formulas()
    blocks = []
    for name, entry in result.framework.companions.items():
        terms = [("Unit", escape(entry["unit"])), ("In words", _words(study, parsed[name].tree)),
                 ("As written", _written(entry["formula"], parsed[name].series, up))]
        if _text(entry.get("note")):
            terms.append(("Note", escape(_sentence(entry["note"]))))
        blocks.append(_record(f"indicator-{name}", entry["label"], entry.get("label_zh"), terms))
    return "".join(blocks)


def users(study: Study) -> dict[str, list[str]]:
    """Series → the indicators and companions that read it."""
    found: dict[str, list[str]] = {}
    for indicator, parsed in study.framework.formulas().items():
        for name in sorted(parsed.series):
            found.setdefault(name, []).append(indicator)
    return found


def formula_in_words(study: Study, indicator: str) -> str:
    """An indicator's formula with the names of its series, as text.

    Examples
    --------
    >>> formula_in_words(Study.load(), "urbanisation")
    'Urbanisation rate of residents'
    """
    return _words(study, study.framework.formulas()[indicator].tree, mark=str)


def _series_cells(study, name, own, readers, up):
    series = study.series.loc[name]
    first, last = (int(own["year"].min()), int(own["year"].max())) if len(own) else (None, None)
    whole = len(study.regions) * (last - first + 1) if len(own) else 0
    title = f"{escape(series['name'])}{chinese(series['name_zh'], '<br>')}<br><code>{escape(name)}</code>"
    labels = study.framework.indicators()["label"].to_dict() | {
        key: entry["label"] for key, entry in study.framework.companions.items()}
    if readers:
        links = ", ".join(f'<a href="{up}reference/indicators.html#indicator-{reader}">{escape(labels[reader])}</a>'
                          for reader in readers)
        title += f"<small>Used in: {links}</small>"
    span = "–" if not whole else f"{first}–{last}" if first != last else str(first)
    cover = len(own) / whole if whole else 0
    return [title, escape(series["unit"]), (span, first or 0), (f"{int(cover * 100)} %", cover),
            _origin(study, own) + _remarks(study, name, series)]


def _origin(study, own):
    lines = []
    for key, rows in own.groupby("source"):
        source, years = study.sources.loc[key], (rows["year"].min(), rows["year"].max())
        span = f"{years[0]}–{years[1]}" if years[0] != years[1] else str(years[0])
        lines.append(f'<li><a href="#source-{escape(key)}">{escape(source["publication"])}</a>. '
                     f'{escape(source["publisher"])}. {span}. <em>{escape(source["licence"])}</em></li>')
    return f"<ul>{''.join(lines)}</ul>"


def _remarks(study, name, series):
    text = "".join(f"<p><strong>Break in {year}:</strong> {escape(_sentence(why))}</p>"
                   for year, why in parse_breaks(series["breaks"] or "").items())
    if _text(series["notes"]):
        text += f"<p>{escape(series['notes'])}</p>"
    marks = study.marks[study.marks["series"] == name] if len(study.marks) else study.marks
    if len(marks):
        names = study.regions["name"]
        cells = "".join(
            f"<li>{escape(names.get(mark.code, 'China'))} {mark.year} ({escape(mark.kind)}): "
            f"{escape(_sentence(mark.explanation))}</li>" for mark in marks.itertuples())
        noun = "marked figure" if len(marks) == 1 else "marked figures"
        text += f"<details><summary>{len(marks)} {noun}</summary><ul>{cells}</ul></details>"
    return text


def _indicator(result, name, entry, up):
    study, parsed = result.study, result.framework.formulas()[name]
    low, high = result.goalposts.loc["low", name], result.goalposts.loc["high", name]
    scale = "the natural logarithm of the value" if entry["transform"] == "log" else "the value"
    terms = [
        ("Unit", escape(entry["unit"])),
        ("Direction", "more is better" if entry["direction"] > 0 else "less is better"),
        ("In words", _words(study, parsed.tree)),
        ("As written", _written(entry["formula"], parsed.series, up)),
        ("Scored", f"{scale}, from {low:.4g} to {high:.4g}; weight in its system "
                   f"{result.weights.loc[name, 'weight']:.1%}"),
        ("Serves", _serves(result.framework, name)),
    ]
    lever = entry["lever"] if isinstance(entry["lever"], dict) else {}
    if lever:
        cost = f"; cost: {escape(lever['cost'])}" if lever.get("cost") else ""
        terms.append(("Lever", f"{escape(lever['kind'])}, moved by {escape(lever['controlled_by'])}{cost}"))
    if isinstance(entry["claims"], list):
        known = {claim["id"] for claim in study.claims.get("claims", [])}
        ledger = f"{up}reference/claims.html"
        terms.append(("Claims of the paper", ", ".join(
            f'<a href="{ledger}#{anchor(name)}">{escape(name)}</a>' if name in known else escape(name)
            for name in entry["claims"])))
    notes = [_sentence(text) for text in (entry["note"], lever.get("note")) if _text(text)]
    if notes:
        terms.append(("Note", escape(" ".join(notes))))
    return _record(f"indicator-{name}", entry["label"], entry.get("label_zh"), terms)


def _serves(framework, name):
    entry = framework.indicators().loc[name]
    places = [f"dimension {escape(framework.dimensions().loc[entry['dimension'], 'label'])}"]
    for noun, blocks, key in (("dilemma", framework.dilemmas, "indicators"), ("path", framework.paths, "levers")):
        for block in blocks.values():
            if name in block[key]:
                section = f" (paper, section {escape(str(block['section']))})" if block.get("section") else ""
                places.append(f"{noun} {escape(block['label'])}{section}")
    return "; ".join(places)


def _dimension_heading(result, dimension):
    row = result.framework.dimensions().loc[dimension]
    system = result.framework.systems[row["system"]]
    return (f'<h2 id="dimension-{escape(dimension)}">{escape(system["label"])}: {escape(row["label"])}'
            f"{chinese(row['label_zh'])}</h2>")


def _record(name, label, label_zh, terms):
    body = "".join(f"<dt>{title}</dt><dd>{text}</dd>" for title, text in terms)
    return (f'<section class="nqp-record" id="{escape(name)}"><h3>{escape(label)}{chinese(label_zh)}'
            f'<a class="headerlink" href="#{escape(name)}" aria-label="Link to this indicator">#</a></h3>'
            f"<dl>{body}</dl></section>")


def _written(text, series, up):
    """The formula as code, its series linked to the data page."""
    import re

    def link(match):
        name = match[0]
        return f'<a href="{up}reference/data.html#series-{name}">{name}</a>' if name in series else name

    return f"<code>{re.sub(r'[A-Za-z_][A-Za-z_0-9]*', link, escape(text, quote=False))}</code>"


def _words(study, node, mark=None, strength=0):
    mark = mark or (lambda text: escape(text))
    if isinstance(node, ast.Constant):
        return f"{node.value:,}" if isinstance(node.value, int) else str(node.value)
    if isinstance(node, ast.Name):
        return mark(study.series.loc[node.id, "name"])
    if isinstance(node, ast.UnaryOp):
        return f"−{_words(study, node.operand, mark, 3)}"
    if isinstance(node, ast.Call):
        inner = _words(study, node.args[0], mark)
        growth = node.func.id == "growth"
        return f"growth of [{inner}] on the year before" if growth else f"three-year mean of [{inner}]"
    own = STRENGTH[type(node.op)]
    text = (f"{_words(study, node.left, mark, own)} {SIGNS[type(node.op)]} "
            f"{_words(study, node.right, mark, own + isinstance(node.op, ast.Sub | ast.Div))}")
    return f"({text})" if own < strength else text


def _text(value):
    return isinstance(value, str) and bool(value.strip())


def _sentence(text):
    text = _capital(text.strip())
    return text if text.endswith((".", "?", "!")) else text + "."


def _capital(text):
    return text[:1].upper() + text[1:]
