"""A director's brief about one region: two printed pages that need nothing beside themselves."""

import base64
from html import escape

from markdown_it import MarkdownIt

from nqpkit import figures, sentences
from nqpkit.book.markup import chinese
from nqpkit.evaluation import Evaluation
from nqpkit.exchange.tidy import everything
from nqpkit.reports.freshness import shared_key
from nqpkit.uncertainty import rank_intervals

CAVEATS = 5  # of the region's own stand in the brief; the rest is counted
STYLE = """
@page { size: A4; margin: 14mm 15mm }
* { box-sizing: border-box }
body { font: 10.2pt/1.42 "Noto Sans", "Noto Sans CJK SC", "Segoe UI", "Microsoft YaHei", Arial, sans-serif;
  color: #22303c; max-width: 180mm; margin: 0 auto; padding: 4mm }
h1 { font-size: 19pt; margin: 0 } h1 span { font-weight: 400 }
h2 { font-size: 11.5pt; margin: 5mm 0 1mm; break-after: avoid }
p, ul { margin: 0 0 2mm } ul { padding-left: 5mm } li { margin-bottom: 0.8mm }
.study { color: #55606a; margin: 0.5mm 0 3mm } .lead { font-size: 11pt }
table { border-collapse: collapse; width: 100%; margin: 2mm 0; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: 1mm 2mm; border-bottom: 1px solid #cfd5da } th:first-child { text-align: left }
thead th { border-bottom: 1.5px solid #55606a; font-size: 9pt } tbody th { font-weight: 500 }
figure { margin: 2mm 0; break-inside: avoid } figure img { width: 100%; display: block }
figcaption, .small { font-size: 8.4pt; line-height: 1.35; color: #45525d }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 5mm; align-items: start }
@media (max-width: 600px) { .two { grid-template-columns: 1fr } }
@media print { body { padding: 0 } }
"""


def brief(result: Evaluation, region: str, year: int | None = None) -> str:
    """The brief as one HTML page: scores with intervals, trend, dilemmas, levers with costs, caveats, sources.

    Figures are inside the page; nothing is loaded from elsewhere. What comes from the study is escaped.

    Raises
    ------
    InputError
        If the region or the year is not in the study.
    """
    study, year, code = result.study, result.year(year), result.study.resolve(region)
    row = study.regions.loc[code]
    name = escape(row["name"])
    drawn = (figures.trend(result, region) or figures.profile(result, region, year),
             figures.obstacles(result, region, year))
    parts = [
        f"<h1>{name}{chinese(row.get('name_zh'))}, {year}</h1>",
        f'<p class="study">{escape(study.title)}</p>',
        f'<div class="lead">{_html(sentences.headline(result, region, year))}</div>',
        _scores(result, code, year),
        f'<div class="two">{"".join(map(_figure, filter(None, drawn)))}</div>',
        "<h2>What the ranks are worth</h2>", _html(sentences.trust(result, region, year)),
        "<h2>What holds it back</h2>", _html(sentences.dilemmas(result, region, year)),
        "<h2>Levers, and what they would take</h2>", _html(sentences.levers(result, region, year)),
        "<h2>Keep in mind</h2>", _html(_first(str(sentences.caveats(result, region)), CAVEATS)),
        "<h2>Sources</h2>", f'<div class="small">{_sources(result, code)}</div>',
    ]
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}, {year}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
            f"<body>{''.join(parts)}</body></html>\n")


def _scores(result, code, year) -> str:
    """Score, rank, rank interval and the reference group's median of every system, and of D where there is one."""
    now = rank_intervals(result, year)
    if code not in now.index:
        return ""
    rows, study = [], result.study
    labels = {name: parts["label"] for name, parts in result.framework.systems.items()}
    labels[result.overall.name] = result.overall.label
    reference = result.reference(result.standing[list(labels)]).xs(year, level="year").iloc[0]
    for name, label in labels.items():
        own = now.loc[code]
        rows.append(f'<tr><th scope="row">{escape(label)}</th><td>{own[name]:.2f}</td><td>{reference[name]:.2f}</td>'
                    f"<td>{own[f'rank_{name}']:.0f} of {len(now)}</td>"
                    f"<td>{own[f'rank_{name}_low']:.0f}–{own[f'rank_{name}_high']:.0f}</td></tr>")
    group = escape(study.groups[result.reference_group]["label"])
    return ('<table><thead><tr><th scope="col">0 to 1</th><th scope="col">score</th>'
            f'<th scope="col">median of {group}</th><th scope="col">rank</th>'
            '<th scope="col">rank in nine of ten random weightings</th></tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table>")


def _sources(result, code) -> str:
    study, key = result.study, shared_key(result.study.folder)
    facts = everything(result, code)
    facts = facts[facts["kind"] == "figure"]
    publishers = study.sources.loc[sorted(set(facts["source"])), "publisher"]
    names = sorted({name.strip() for text in publishers for name in text.split(";")})
    options = ", ".join(f"{name} {'as given' if isinstance(value, tuple) else value}"
                        for name, value in vars(result.options).items())
    return (f"<p>{len(facts):,} figures of {facts['name'].nunique()} series, from {facts['source'].nunique()} tables "
            f"of publications by: {escape('; '.join(names))}. The workbook (<code>nqp export … --to xlsx</code>) names "
            f"the table behind every figure.</p><p>Method: {escape(options)}. Package {key['package']}, study "
            f"{key['study']}, environment {key['lock']}. Scores compare {escape(study.unit['many'])} with each other; "
            "they name no cause and judge nobody.</p>")


def _figure(figure) -> str:
    image = base64.b64encode(figure.png()).decode("ascii")
    return (f'<figure><img alt="{escape(figure.alt)}" src="data:image/png;base64,{image}">'
            f"<figcaption>{escape(figure.caption)}</figcaption></figure>")


def _first(text: str, most: int) -> str:
    """The first items of a Markdown list; how many more there are is said."""
    items = [line for line in text.splitlines() if line.startswith("- ")]
    if len(items) <= most:
        return text
    return "\n".join([*items[:most], f"- and {len(items) - most} more on the page of the book."])


def _html(prose) -> str:
    """A sentence's Markdown as HTML; study text in it is escaped already, links lead nowhere outside the book."""
    tokens = MarkdownIt("commonmark").parse(str(prose))
    for token in tokens:
        if token.children:
            token.children = [child for child in token.children if child.type not in ("link_open", "link_close")]
    parser = MarkdownIt("commonmark")
    return parser.renderer.render(tokens, parser.options, {})
