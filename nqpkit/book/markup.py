"""The few pieces of HTML that several parts of the book share."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from nqpkit.colours import contrast


@dataclass(frozen=True)
class Exhibit:
    """A figure made of HTML; the page adds number and anchor.

    Attributes
    ----------
    body : str
        HTML.
    caption : str
        Text, escaped by the page.
    name : str
        By which the page refers to it: ``{fig}`NAME```.
    classes : tuple of str
    live : bool
        Whether it needs the drawing library and the script of the live figures.
    """

    body: str
    caption: str
    name: str
    classes: tuple[str, ...] = ()
    live: bool = False


def chinese(text, before: str = " ") -> str:
    """Chinese text marked as such; nothing for nothing.

    >>> chinese("甘肃")
    ' <span lang="zh">甘肃</span>'
    """
    return f'{before}<span lang="zh">{escape(text)}</span>' if isinstance(text, str) and text else ""


def sortable(head: Sequence[tuple[str, str]], rows: Sequence[tuple[str, bool, list]], caption: str,
             classes: str = "") -> str:
    """A table whose columns a reader can sort, once the site's script has found it.

    Parameters
    ----------
    head : sequence of (label, kind)
        ``kind`` is ``number`` for columns that sort by value, else empty.
    rows : sequence of (id, marked, cells)
        A cell is HTML, or a pair of HTML and the value to sort by. The first cell heads its row.
    caption : str
        Text, escaped here.
    classes : str
        More classes for the table.
    """
    heads = "".join(
        f'<th scope="col"{" data-kind=number" if kind else ""}>{escape(label)}</th>' for label, kind in head)
    body = "".join(
        f'<tr id="{escape(name)}"{" class=nqp-marked" if marked else ""}>'
        + "".join(_cell(place, cell, label) for place, (cell, (label, _)) in enumerate(zip(cells, head, strict=True)))
        + "</tr>" for name, marked, cells in rows)
    return (f'<div class="nqp-table" tabindex="0" role="region" aria-label="{escape(caption)}">'
            f'<table class="nqp-sortable {classes}"><caption>{escape(caption)}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>")


def readable_on(colour) -> str:
    """Black or white, whichever stands out more on a background; one of them always has a contrast of 4.5 or more.

    >>> readable_on((1, 1, 1)), readable_on((0.1, 0.2, 0.4))
    ('#000000', '#ffffff')
    """
    return "#000000" if contrast(colour[:3], (0, 0, 0)) > contrast(colour[:3], (1, 1, 1)) else "#ffffff"


def plain_table(head: Sequence[str], rows: Sequence[Sequence], caption: str) -> str:
    """A small table of text and numbers, each number with its full value behind the rounded one.

    A script can rewrite its body: the numbers of a live figure stand in such a table.
    """
    heads = "".join(f'<th scope="col">{escape(label)}</th>' for label in head)
    body = "".join(f"<tr>{''.join(_plain_cell(*cell) for cell in enumerate(row))}</tr>" for row in rows)
    return (f'<div class="nqp-table" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
            f"<caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>")


def _plain_cell(place, value):
    if isinstance(value, str) or value is None:
        content, by = escape(value or "–"), ""
    else:
        number = float(value)
        whole = number.is_integer() and not isinstance(value, float)
        content = "–" if number != number else f"{number:,.0f}" if whole else f"{number:,.3f}"
        by = f' data-value="{number!r}"' if number == number else ""
    return f'<th scope="row"{by}>{content}</th>' if place == 0 else f"<td{by}>{content}</td>"


def _cell(place, cell, label):
    content, value = cell if isinstance(cell, tuple) else (cell, None)
    by = "" if value is None else f' data-value="{escape(str(value))}"'
    name = f' data-label="{escape(label)}"'
    return f'<th scope="row"{by}>{content}</th>' if place == 0 else f"<td{name}{by}>{content}</td>"
