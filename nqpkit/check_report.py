"""The problems of a study as a page to read and to hand on."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from nqpkit.problems import Problem

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #22303c; background: #fff; max-width: 72rem; margin: 2rem auto;
  padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem } .scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100% } caption { text-align: left; color: #55606a }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d5dbe0 }
td.value { font-family: ui-monospace, monospace; overflow-wrap: anywhere; max-width: 16rem } small { color: #45525d }
@media (prefers-color-scheme: dark) { body { background: #15191d; color: #e4e8eb } th, td { border-color: #3a444c }
  caption, small { color: #b3bdc5 } }
"""


def problems_page(problems: Sequence[Problem], study: str | Path) -> str:
    """Every problem of a study on one HTML page, errors first, by file; what stands in the files is escaped.

    Examples
    --------
    >>> page = problems_page([Problem("error", "figures.csv", 7, "value", "<b>", "not a number", "Mend it.")], "x")
    >>> "&lt;b&gt;" in page, "<b>" in page
    (True, False)
    """
    parts = []
    for severity, title, empty in (("error", "Errors", "None: the study can be evaluated."),
                                   ("warning", "Warnings", "None.")):
        own = [problem for problem in problems if problem.severity == severity]
        parts.append(f"<h2>{title}: {len(own)}</h2>" + (_table(own) if own else f"<p>{empty}</p>"))
    name = escape(str(study))
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Check of {name}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
            f"<h1>Check of {name}</h1><p>An error keeps the study from being evaluated, or shows that a figure is "
            f"wrong; a warning wants a look.</p>{''.join(parts)}</body></html>\n")


def _table(problems) -> str:
    names = ("file", "row", "column or key", "value", "what is wrong")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(
        f"<tr><td>{escape(p.file)}</td><td>{p.row or ''}</td><td>{escape(p.column)}</td>"
        f'<td class="value">{escape(p.value[:200])}</td>'
        f"<td>{escape(p.message)}.<br><small>{escape(p.remedy)}</small></td></tr>"
        for p in problems)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
