"""A table that a chapter shows: scrolls inside itself on a phone, cuts no label, and is safe to show."""

from dataclasses import dataclass
from html import escape

import pandas as pd

WORDS, LONG = 20, 60  # letters of a cell that gets some width on a phone, and more


@dataclass(frozen=True, eq=False)
class Table:
    """Labelled values with a caption; shows itself as HTML, the index as row heads.

    Attributes
    ----------
    values : DataFrame
        What is shown; floats with ``decimals``.
    caption : str
    decimals : int
    """

    values: pd.DataFrame
    caption: str
    decimals: int = 2

    def _repr_html_(self) -> str:
        names = [str(name or "") for name in self.values.index.names]
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in [*names, *map(_title, self.values.columns)])
        rows = "".join(self._row(label, cells) for label, cells in zip(
            self.values.index, self.values.itertuples(index=False, name=None), strict=True))
        return (f'<div class="nqp-table" tabindex="0" role="region" aria-label="{escape(self.caption)}"><table>'
                f"<caption>{escape(self.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
                "</div>")

    def __repr__(self):
        return f"{self.caption}\n{self.values}"

    def _row(self, label, cells):
        heads = label if isinstance(label, tuple) else (label,)
        first = "".join(f'<th scope="row">{escape(self._text(part))}</th>' for part in heads)
        return f"<tr>{first}{''.join(self._cell(cell) for cell in cells)}</tr>"

    def _cell(self, cell):
        number = isinstance(cell, (int, float)) or hasattr(cell, "dtype")
        text = self._text(cell)
        kind = " data-value" if number else " class=nqp-long" if len(text) > LONG else " class=nqp-words" if len(
            text) > WORDS else ""
        return f"<td{kind}>{escape(text)}</td>"

    def _text(self, cell):
        if isinstance(cell, float) or getattr(getattr(cell, "dtype", None), "kind", "") == "f":
            return "–" if pd.isna(cell) else f"{cell:,.{self.decimals}f}"
        return "–" if cell is pd.NA or cell is None else str(cell)


def _title(name):
    return ", ".join(map(str, name)).strip(", ") if isinstance(name, tuple) else str(name)
