"""The functions on the book's pages: what their docstrings say, as HTML.

A docstring's text is reStructuredText with numpydoc's sections. Formulas stand in it as plain text, so they read the
same in a terminal, in an editor and on a page.
"""

import inspect
import io
import re
from dataclasses import is_dataclass
from functools import cached_property
from html import escape
from importlib import import_module

from docutils.core import publish_parts
from docutils.writers.html5_polyglot import Writer

from nqpkit.book.markup import plain_table, sortable
from nqpkit.errors import InputError
from nqpkit.evaluation import Evaluation, Options

MODULES = ("study", "evaluation", "alternatives", "indicators", "normalisation", "weighting", "scoring", "mcdm",
           "hierarchy", "coupling", "obstacles", "uncertainty", "sensitivity", "levers", "scenario",
           "analysis.inequality", "analysis.convergence", "analysis.neighbours", "analysis.space",
           "analysis.transitions", "analysis.panel", "analysis.association", "analysis.audit")
LISTED = ("Parameters", "Returns", "Attributes", "Raises")
QUIET = {"report_level": 2, "halt_level": 5, "raw_enabled": False, "file_insertion_enabled": False,
         "initial_header_level": 4, "table_style": "nqp-plain"}


def function_reference(result: Evaluation, up: str, *modules: str) -> str:
    """Every public function and class of some modules: signature, arguments, what it returns and refuses, example."""
    return "".join(_entry(name, item) for module in modules for name, item in public(module).items())


def function_index(result: Evaluation, up: str) -> str:
    """A table of all functions with the first line of their docstrings, linked to their entries."""
    rows = [(f"index-{anchor(module, name)}", False, [
        f'<a href="#{anchor(module, name)}"><code>{escape(name)}</code></a>', html(split(item)["Summary"]),
        f"<code>{escape(module)}</code>"]) for module in MODULES for name, item in public(module).items()]
    rows.sort(key=lambda row: re.sub(r"<.*?>", "", row[2][0]).lower())
    return sortable([("Name", ""), ("What it does", ""), ("Module of nqpkit", "")], rows,
                    "Functions and classes, by name", "nqp-index")


def method(result: Evaluation, up: str, *names: str) -> str:
    """What functions compute: summary, formula, conventions and sources, with a link to the whole entry."""
    parts = []
    for dotted in names:
        module, _, name = dotted.rpartition(".")
        if name not in public(module):
            raise InputError(f"There is no function '{dotted}'.")
        found = split(public(module)[name])
        choices = "".join(f"<dt><code>{escape(term)}</code></dt><dd>{html(words)}</dd>"
                          for term, _, words in entries(found.get("Parameters", "")) if words)
        source = f'<div class="nqp-sources"><p>Source:</p> {html(found["References"])}</div>' \
            if "References" in found else ""
        link = f'<a href="{up}reference/api.html#{anchor(module, name)}"><code>{escape(name)}</code> in Python</a>'
        parts.append(
            f'<section class="nqp-method"><div>{html(found["Summary"])}{html(found["Text"])}</div>'
            + (f"<dl>{choices}</dl>" if choices else "") + source + f'<p class="nqp-entry">{link}</p></section>')
    return "".join(parts)


def options_table(result: Evaluation, up: str) -> str:
    """The choices of an evaluation, their defaults, and the names that each knows."""
    from nqpkit.coupling import FORMS
    from nqpkit.scoring import AGGREGATES, SCALES, WEIGHTS

    known = {"weights": [*WEIGHTS, "a weighting of pymcdm by name", "weights by indicator or by dimension"],
             "aggregate": list(AGGREGATES), "coupling": list(FORMS), "normalise": list(SCALES),
             "winsorise": ["a share from 0 to below 0.5", "moments"],
             "indicators": ["default", *result.study.alternatives]}
    rows = [[name, str(getattr(result.options, name)), ", ".join(known[name])]
            for name in Options.__dataclass_fields__]
    return plain_table(["Option", "Used in this book", "What it can be"], rows,
                       "Choices of method: the same names in Python, on the command line and in the notebooks")


def grades_table(result: Evaluation, up: str) -> str:
    """The ten grades of the coordination degree with their bounds."""
    from nqpkit.coupling import GRADES, GRADES_ZH

    rows = [[f"{place / 10:.1f} to {'below ' if place < 9 else ''}{(place + 1) / 10:.1f}", english, chinese]
            for place, (english, chinese) in enumerate(zip(GRADES, GRADES_ZH, strict=True))]
    return plain_table(["D", "Grade", "In Chinese"], rows, "Grades of the coordination degree, closed on the left")


def public(module: str) -> dict[str, object]:
    """Name → function or class that a module itself defines and documents, in the order of the file."""
    found = import_module(f"nqpkit.{module}")
    own = {name: item for name, item in vars(found).items() if not name.startswith("_")
           and (inspect.isfunction(item) or inspect.isclass(item) or hasattr(item, "__wrapped__"))
           and item.__module__ == found.__name__}
    return dict(sorted(own.items(), key=lambda pair: inspect.getsourcelines(inspect.unwrap(pair[1]))[1]))


def anchor(module: str, name: str) -> str:
    """The id of an entry on the page of functions."""
    return f"{module}.{name}".replace(".", "-").replace("_", "-")


def split(item) -> dict[str, str]:
    """The parts of a docstring: Summary, Text, and numpydoc's sections by their titles.

    >>> split(anchor)["Summary"]
    'The id of an entry on the page of functions.'
    """
    text = inspect.getdoc(item) or ""
    heads = list(re.finditer(r"^(\w[\w ]*)\n-{3,}$", text, re.MULTILINE))
    summary, _, rest = text[:heads[0].start() if heads else None].strip().partition("\n\n")
    parts = {"Summary": " ".join(summary.split()), "Text": rest.strip()}
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=False):
        parts[head[1]] = text[head.end():end].strip("\n")
    return parts


def entries(section: str) -> list[tuple[str, str, str]]:
    """Name, type and text of every entry of a numpydoc list.

    >>> entries("x : DataFrame\\n    Values.\\ny, z : float")
    [('x', 'DataFrame', 'Values.'), ('y, z', 'float', '')]
    """
    found = []
    for line in section.splitlines():
        if line[:1].strip():
            name, _, kind = line.partition(" : ")
            found.append((name.strip(), kind.strip(), []))
        elif found:
            found[-1][2].append(line)
    return [(name, kind, inspect.cleandoc("\n".join(lines)) if lines else "") for name, kind, lines in found]


def html(text: str, complaints: io.StringIO | None = None) -> str:
    """reStructuredText as HTML; a name in single backquotes is code, as in a terminal, and a bar is only a bar.

    >>> html("The `scale` of |x|.\\n\\nMore.")
    '<p>The <code>scale</code> of |x|.</p><p>More.</p>'
    """
    text = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", text.strip())
    if not re.search(r"^([ \t]+\S|[-*=+] ?|\d+\.|\.\.)", text, re.MULTILINE) and "::" not in text and "*" not in text:
        paragraphs = [_inline(block.replace(r"\|", "|")) for block in re.split(r"\n\s*\n", text) if block]
        return typeset("".join(f"<p>{block}</p>" for block in paragraphs))
    pieces = re.split(r"(``.+?``)", text)
    text = "".join(piece if piece.startswith("``") else re.sub(r"(?<!\\)\|", r"\|", piece) for piece in pieces)
    stream = io.StringIO() if complaints is None else complaints
    found = publish_parts(text, writer=Writer(), settings_overrides=QUIET | {"warning_stream": stream})["fragment"]
    found = re.sub(r"</?main[^>]*>", "", found)
    return typeset(re.sub(r'<span class="docutils literal">(.*?)</span>', r"<code>\1</code>", found, flags=re.DOTALL))


def typeset(html: str) -> str:
    """Raise and lower what a plain formula writes with ^ and _, outside code and tags.

    >>> typeset("<p>C_j = s_j^(1/2), <code>z_j</code>, rank_nqp</p>")
    '<p>C<sub>j</sub> = s<sub>j</sub><sup>1/2</sup>, <code>z_j</code>, rank_nqp</p>'
    """
    pieces = re.split(r"(<code>.*?</code>|<[^>]+>)", html, flags=re.DOTALL)
    for place in range(0, len(pieces), 2):
        text = re.sub(r"\b(\w+)_\{([^}]+)\}", r"\1<sub>\2</sub>", pieces[place])
        text = re.sub(r"(?<![A-Za-z_])([^\W\d_])_([a-z]+(?:,[a-z](?:−\w+)?)?)(?![\w_])", r"\1<sub>\2</sub>", text)
        pieces[place] = re.sub(r"\^(?:\(((?:[^()]|\([^()]*\))+)\)|(\d+(?:\.\d+)?|[a-z]\b))",
                               lambda found: f"<sup>{found[1] or found[2]}</sup>", text)
    return "".join(pieces)


def _entry(name: str, item) -> str:
    module = item.__module__.removeprefix("nqpkit.")
    parts, kind = split(item), "class " if inspect.isclass(item) else ""
    signature = "" if is_dataclass(item) else escape(str(_signature(item)))
    body = html(parts["Summary"]) + html(parts["Text"])
    for title in LISTED:
        if title in parts:
            body += f"<h4>{title}</h4>{_listing(parts[title], title)}"
    if "References" in parts:
        body += f"<h4>Source</h4>{html(parts['References'])}"
    if "Examples" in parts:
        body += f'<h4>Example</h4><pre tabindex="0"><code>{escape(parts["Examples"])}</code></pre>'
    if inspect.isclass(item):
        body += _members(item)
    return (f'<section class="nqp-function" id="{anchor(module, name)}"><h3><span>{kind}nqpkit.{escape(module)}.</span>'
            f'<code>{escape(name)}</code></h3>'
            + (f"<p class=nqp-signature><code>{escape(name)}{signature}</code></p>" if signature else "")
            + f"{body}</section>")


def _listing(section: str, title: str) -> str:
    listed = entries(section)
    plain = title in ("Returns", "Raises") and not any(kind for _, kind, _ in listed)
    if plain and title == "Returns":
        return html("\n".join(section.splitlines()))
    return "<dl>" + "".join(
        f"<dt><code>{escape(name)}</code>{f' <span>{_inline(kind)}</span>' if kind else ''}</dt>"
        f"<dd>{html(words)}</dd>" for name, kind, words in listed) + "</dl>"


def _inline(text: str) -> str:
    return re.sub(r"``(.+?)``", r"<code>\1</code>", escape(text, quote=False), flags=re.DOTALL)


def _members(item) -> str:
    rows = []
    for name, member in vars(item).items():
        inner = member.__func__ if isinstance(member, staticmethod | classmethod) else member
        inner = inner.fget if isinstance(inner, property) else getattr(inner, "func", inner)
        if name.startswith("_") or not inspect.isfunction(inner) or not inspect.getdoc(inner):
            continue
        given = "" if isinstance(member, property | cached_property) else escape(
            re.sub(r"\(self(, )?", "(", str(_signature(inner))))
        found = split(inner)
        listed = "".join(f"<p>{title}:</p>{_listing(found[title], title)}" for title in LISTED if title in found)
        rows.append(f"<dt><code>{escape(name)}{given}</code></dt><dd>{html(found['Summary'])}{html(found['Text'])}"
                    f"{listed}</dd>")
    return f"<h4>Has</h4><dl>{''.join(rows)}</dl>" if rows else ""


def _signature(item) -> str:
    """Names and defaults, without annotations: types stand in the list of arguments."""
    given = inspect.signature(item)
    bare = [entry.replace(annotation=entry.empty) for entry in given.parameters.values()]
    return str(given.replace(parameters=bare, return_annotation=given.empty))
