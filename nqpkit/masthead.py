"""The head of a region's page: its name, its group, the key numbers and where they stand among all regions."""

from dataclasses import dataclass
from html import escape

import pandas as pd

from nqpkit.book.markup import chinese
from nqpkit.evaluation import Evaluation
from nqpkit.uncertainty import rank_intervals
from nqpkit.wording import joined

LONG, HIGH = 240, 22
LEFT, RIGHT = 4, LONG - 4


@dataclass(frozen=True, eq=False)
class Masthead:
    """Shows itself as HTML; ``str()`` gives the same as text."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def masthead(result: Evaluation, region: str, year: int | None = None) -> Masthead:
    """Name in both languages, group, capital and neighbours; then every score with rank, interval and a strip.

    A strip runs from 0 to 1. It has a stroke for every region, a strong one for those of the same group, and a dot for
    the region itself. Text of the study is escaped.

    Examples
    --------
    >>> from nqpkit import Study, evaluate
    >>> print(repr(masthead(evaluate(Study.load()), "gansu", 2023)).splitlines()[0])
    Gansu 甘肃省 · West · capital Lanzhou · next to Inner Mongolia, Sichuan, Shaanxi, Qinghai, Ningxia and Xinjiang
    """
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    row, label = study.regions.loc[code], study.groups[study.regions.loc[code, "group"]]["label"]
    own_name = row.get("name_full_zh") or row.get("name_zh")
    own_name = own_name if isinstance(own_name, str) else ""
    about = [f"capital {row['capital']}"] if isinstance(row.get("capital"), str) and row["capital"] else []
    beside = study.neighbours.loc[study.neighbours["code"] == code, "neighbour"]
    if len(beside):
        about.append(f"next to {joined(study.regions.loc[beside, 'name'])}")
    ranks = rank_intervals(result, year)
    keys = {name: parts["label"] for name, parts in result.framework.systems.items()}
    keys = {name: words for name, words in (keys | {"coordination": "Coordination degree D"}).items() if name in ranks}
    numbers = [_number(result, ranks, code, year, name, words) for name, words in keys.items()]
    shown = "".join(html for html, _ in numbers) if code in ranks.index else (
        f"<p>No score in {year}: too few figures are published.</p>")
    lines = [line for _, line in numbers] if code in ranks.index else [f"No score in {year}."]
    name = " ".join(part for part in (row["name"], own_name) if part)
    return Masthead(
        f'<div class="nqp-masthead"><p><strong>{escape(row["name"])}</strong>{chinese(own_name)} '
        f'<span class="nqp-group">{escape(label)}</span></p>'
        + (f"<p>{escape(' · '.join(about))}</p>" if about else "") + f"<dl>{shown}</dl></div>",
        "\n".join([" · ".join([name, label, *about]), *lines]))


def _number(result, ranks, code, year, name, words):
    """One key number as HTML and as a line of text; nothing for a region without scores."""
    if code not in ranks.index:
        return "", ""
    now, many, unit = ranks.loc[code], len(ranks), result.study.unit["many"]
    rank, low, high = (int(now[f"rank_{name}{end}"]) for end in ("", "_low", "_high"))
    values = ranks[name]
    said = (f"Between {values.min():.2f} and {values.max():.2f}, the lowest and the highest of {many} {unit}.")
    grade = f"{now['grade']}, " if name == "coordination" else ""
    place = f"{grade}rank {rank} of {many}, {low} to {high} when weights vary"
    groups = result.study.regions["group"].reindex(values.index)
    html = (f"<div><dt>{escape(words)}, {year}</dt><dd><b>{now[name]:.2f}</b> {escape(place)}"
            f"{_strip(values, groups == groups[code], code, said)}</dd></div>")
    return html, f"{words}, {year}: {now[name]:.2f}, {place}"


def _strip(values: pd.Series, same: pd.Series, code: str, said: str) -> str:
    """Where a value stands among all, drawn on a line from 0 to 1."""
    along = LEFT + values.clip(0, 1) * (RIGHT - LEFT)
    strokes = "".join(
        f'<line class="{"nqp-same" if same[key] else "nqp-other"}" x1="{x:.1f}" x2="{x:.1f}" y1="5" y2="{HIGH - 5}"/>'
        for key, x in along.drop(code).items())
    return (f'<svg viewBox="0 0 {LONG} {HIGH}" role="img" aria-label="{escape(said)}"><line class="nqp-axis" '
            f'x1="{LEFT}" x2="{RIGHT}" y1="{HIGH - 3}" y2="{HIGH - 3}"/>{strokes}'
            f'<circle class="nqp-own" cx="{along[code]:.1f}" cy="{HIGH / 2}" r="6"/></svg>')
