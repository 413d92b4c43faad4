"""What a page found, as tables to show and as data to hand on."""

import html
from dataclasses import dataclass

import pandas as pd

from nqpkit.evaluation import Evaluation
from nqpkit.sentences import headline

RESULTS = "application/vnd.nqp+json"
SCHEMA = 1


@dataclass(frozen=True, eq=False)
class Table:
    """A table with a caption; shows itself as HTML, with everything escaped but the links it makes itself."""

    frame: pd.DataFrame
    caption: str
    links: dict[str, str]

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(str(c))}</th>' for c in self.frame.columns)
        body = "".join("<tr>" + "".join(self._cell(column, value, row) for column, value in zip(
            self.frame.columns, cells, strict=True)) + "</tr>" for row, cells in zip(
            self.frame.index, self.frame.itertuples(index=False), strict=True))
        caption = html.escape(self.caption)
        return (f'<div class="nqp-table" tabindex="0" role="region" aria-label="{caption}"><table>'
                f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.frame.to_string(index=False)}"

    def _cell(self, column, value, row):
        text = html.escape(str(value))
        if column == self.frame.columns[0]:
            target = self.links.get(row)
            linked = f'<a href="{html.escape(target)}">{text}</a>' if target else text
            return f'<th scope="row">{linked}</th>'
        return f"<td>{text}</td>"


@dataclass(frozen=True, eq=False)
class PageResults:
    """Data for the runner to keep beside the page; in a notebook it is output of its own MIME type."""

    content: dict

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {RESULTS: self.content, "text/plain": f"Results of {self.content['title']}"}


def indicator_table(result: Evaluation, region: str, dimension: str, year: int | None = None) -> Table:
    """A dimension's indicators: the region's value, the reference group's median, the rank, and what is flagged.

    Rank 1 is the best in the indicator's direction.
    """
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    entries = result.framework.indicators()
    members = result.weights.index[result.weights["dimension"] == dimension]
    values = result.indicators.xs(year, level="year")[members]
    reference = values[study.regions["group"].reindex(values.index) == result.reference_group].median()
    group = study.groups[result.reference_group]["label"]
    rows = []
    for name in members:
        rank = (values[name] * entries.loc[name, "direction"]).rank(ascending=False, method="min")[code]
        flags = [words for frame, words in ((result.raw.bridged, "bridged"), (result.raw.partial, "two years of three"))
                 if frame.loc[(code, year), name]]
        rows.append({
            "Indicator": entries.loc[name, "label"] + (f" ({', '.join(flags)})" if flags else ""),
            "Unit": entries.loc[name, "unit"],
            study.regions.loc[code, "name"]: amount(values.at[code, name]),
            f"{group} median": amount(reference[name]),
            "Rank": f"{rank:.0f}" if pd.notna(rank) else "–",
        })
    label = result.framework.dimensions().loc[dimension, "label"]
    return Table(pd.DataFrame(rows, index=members), f"{label}, {year}: indicators",
                 {name: f"../reference/indicators.html#indicator-{name}" for name in members})


def amount(value: float) -> str:
    """A number for a table: three significant digits, thousands separated; a dash if missing.

    >>> amount(12345.6), amount(3.14159), amount(0.012345), amount(float("nan"))
    ('12,346', '3.14', '0.0123', '–')
    """
    if pd.isna(value):
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".") if value else "0"


def page_results(result: Evaluation, region: str, year: int | None = None) -> PageResults:
    """The page's numbers as plain data: what prose, comparison pages and tests read instead of the page."""
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    row = result.table(year).set_index("code").loc[code]
    own = {name: frame.xs(code, level="code") for name, frame in {
        "dimensions": result.dimensions, "indicators": result.indicators, "dilemmas": result.dilemmas}.items()}
    final = dict.fromkeys([*result.systems.columns, result.overall.name])
    trend = result.standing[list(final)].xs(code, level="code")
    chance = result.coupling.loc[(code, year)]
    content = {
        "schema": SCHEMA,
        "title": study.regions.loc[code, "name"],
        "code": code,
        **{key: _plain(value) for key, value in row.items()},
        **({"random": {end: _plain(chance["random_" + end]) for end in ("low", "median", "high")}}
           if result.coupled else {}),
        "peers": list(study.regions.loc[result.peers(region, year).index, "slug"]),
        "dimensions": _record(own["dimensions"].loc[year]),
        "indicators": _record(own["indicators"].loc[year]),
        "dilemmas": {key: _record(line) for key, line in own["dilemmas"].loc[year].iterrows()},
        "trend": {str(y): _record(line) for y, line in trend.iterrows()},
        "headline": str(headline(result, region, year)),
        "options": {key: _plain(value) for key, value in vars(result.options).items()},
    }
    return PageResults(content)


def _record(series):
    return {str(key): _plain(value) for key, value in series.items()}


def _plain(value):
    if isinstance(value, tuple):
        return {str(k): _plain(v) for k, v in value}
    if pd.isna(value):
        return None
    value = value.item() if hasattr(value, "item") else value
    return round(value, 10) if isinstance(value, float) else value
