"""What the book's pages compute: tables, maps and sentences as HTML. Text that comes from a study is escaped.

A part takes an evaluation and ``up``, the way from the page to the folder ``book/``; see `PARTS` for their names.
"""

import base64
from html import escape

import numpy as np
import pandas as pd
import yaml

from nqpkit.book.audit_pages import audit_part
from nqpkit.book.catalogue import companions, dictionary, series_table, sources_table
from nqpkit.book.claims_pages import claim_cards, claims_table, defects_table
from nqpkit.book.function_pages import function_index, function_reference, grades_table, method, options_table
from nqpkit.book.live_places import compare, map_through_time
from nqpkit.book.live_scores import playground, scenario_levers, weights_explorer
from nqpkit.book.markup import Exhibit, chinese, sortable
from nqpkit.book.tiles import tile_list
from nqpkit.classroom import courses
from nqpkit.classroom.exercise_pages import exercise_index
from nqpkit.classroom.workshop_pages import workshop
from nqpkit.drawing import tile_places, tile_words
from nqpkit.evaluation import FLOOR, Evaluation
from nqpkit.figures import TILES, ranking
from nqpkit.kit_files import kit_root
from nqpkit.study import Study
from nqpkit.uncertainty import rank_intervals
from nqpkit.wording import counted

ROWS, ENDS = 500, 100  # of a table that fits a page; of either end of one that does not
TERMS = ["新质生产力", "高质量发展", "经济高质量发展", "西部地区", "耦合协调", "耦合协调度", "障碍度", "熵权法",
         "技术市场", "人口净迁移率",
         "产业升级", "科技创新", "生产要素", "高层次人才", "稳健性", "空间自相关", "基尼系数", "泰尔指数", "区域差距"]


def facts(result: Evaluation) -> dict:
    """Numbers that sentences of any page may use: ``{{ nqp.regions }}`` and so on."""
    study, year = result.study, result.year()
    indicators = result.framework.indicators()
    return {
        "year": year, "first_year": study.years[0], "last_year": study.years[-1], "regions": len(study.regions),
        "focus": int((study.regions["group"] == study.focus).sum()), "figures": f"{len(study.figures):,}",
        "series": len(study.series), "sources": len(study.sources), "indicators": len(indicators),
        "dimensions": len(result.framework.dimensions()), "marks": len(study.marks), "floor": FLOOR,
        "winsorised": f"{result.options.winsorise:.1%}",
        "first_figures": int(study.figures["year"].min()), "last_figures": int(study.figures["year"].max()),
        "default_slug": study.settings.get("default_region") or study.regions["slug"].iloc[0],
    }


def search_words(study: Study) -> list[str]:
    """Chinese words that the search must not cut apart: the field's terms, and the names in the study."""
    named = [study.regions.get("name_zh"), study.regions.get("name_full_zh"),
             study.framework.dimensions()["label_zh"]]
    names = {str(name) for column in named if column is not None for name in column.dropna() if name}
    return sorted({*TERMS, *names} | {parts.get("label_zh", "") for parts in study.framework.systems.values()} - {""})


def opening(result: Evaluation, up: str = "") -> str:
    """The book's first finding, in three sentences, with what it does not say."""
    study, year = result.study, result.year()
    overall, systems = result.overall, list(result.systems.columns)
    table = result.table(year).set_index("code").dropna(subset=[overall.name])
    first, label = systems[0], result.study.said(result.framework.systems[systems[0]]["label"])
    focus, one, many = study.groups[study.focus]["label"], study.unit["one"], study.unit["many"]
    own = table[table["group"] == study.focus]
    reference = table.loc[table["group"] == result.reference_group, first].median()
    reach = int((own[first] >= reference).sum())
    leader = own.loc[own[overall.name].idxmax()]
    names = study.groups[result.reference_group]["label"]
    scores = f" of the {counted(len(systems))} scores" if overall.coupled else ""
    grade = f" “{leader['grade']}”," if overall.coupled else ""
    if result.reference_group == study.focus:
        reached = (f"In {year}, the median of the {len(own)} {many} of the group {escape(focus)} is {reference:.2f} in "
                   f"{escape(label)}, on a scale from 0 to 1; over all {len(table)} {many} it is "
                   f"{table[first].median():.2f}.")
    else:
        reached = (f"In {year}, {_how_many(reach, len(own))} of the {len(own)} {many} of the group {escape(focus)} "
                   f"{'reaches' if reach == 1 else 'reach'} the median of the group {escape(names)} in "
                   f"{escape(label)} ({reference:.2f} on a scale from 0 to 1).")
    sentences = [
        reached,
        f"Among them, {_link(leader, up)} has the highest {escape(overall.phrase.removeprefix('the '))}{scores}: "
        f"{leader[overall.name]:.2f},{grade} rank {leader[overall.rank]} of {len(table)}.",
        _hold(result, table, many),
    ]
    return f'<p class="nqp-opening" data-unit="{escape(one)}">{" ".join(sentences)}</p>'


def _hold(result, table, many) -> str:
    """How far the scores go together, and what chance would do; with one score, how far its ranks hold."""
    year, systems = result.year(), list(result.systems.columns)
    if not result.coupled:
        trust = rank_intervals(result, year)
        width = (trust[f"{result.overall.rank}_high"] - trust[f"{result.overall.rank}_low"]).median()
        return (f"With weights drawn at random, half of all {many} have a rank interval at least {width:.0f} places "
                "wide.")
    both = table[systems].corr(method="spearman").to_numpy()
    together = both[np.triu_indices(len(systems), 1)].min()
    closeness = "closely together" if together >= 0.7 else "loosely together" if together >= 0.4 else "hardly together"
    least = "" if len(systems) == 2 else " for the pair least alike"
    inside = result.coupling.xs(year, level="year").loc[table.index]
    chance = int((inside["coordination"] <= inside["random_high"]).sum())
    return (f"Over all {len(table)} {many} the {counted(len(systems))} scores rank {closeness} (Spearman correlation "
            f"{together:.2f}{least}). That does not show that one moves the other. And in {chance} of {len(table)} "
            f"{many} the coordination degree is no higher than a random partner could make it.")


def limits(result: Evaluation, up: str = "") -> str:
    """What a ranking does not say, with the numbers that show it; stands wherever ranks stand."""
    study, year = result.study, result.year()
    name = result.overall.name
    now = result.standing.xs(year, level="year").dropna(subset=[name])
    ordered = now[name].sort_values(ascending=False)
    close = int((ordered.diff().abs().dropna() < 0.01).sum())
    many, chance = escape(study.unit["many"]), ""
    if result.coupled:
        inside = int(((now[name] >= now["random_low"]) & (now[name] <= now["random_high"])).sum())
        other = "the second score" if result.systems.shape[1] == 2 else "every score but the first"
        chance = (f"With an index of random numbers in place of {other}, {inside} of {len(now)} {many} would have a "
                  "coordination degree like the one they have. ")
    return (f'<p class="nqp-limits"><strong>Limits.</strong> A rank is a place in a row: {close} of the '
            f"{len(ordered) - 1} steps between neighbours in this ranking are smaller than 0.01. {chance}Other weights "
            "give other ranks "
            f'(<a href="{up}evaluation/weights.html">move them yourself</a>). The scores compare {many} with each '
            "other; they measure no target, name no cause and judge nobody.</p>")


def region_table(result: Evaluation, up: str = "", *slugs: str) -> str:
    """Every region with scores, coordination degree, grade and ranks, sortable, linked to its page.

    Of more than `ROWS` regions, the highest, the lowest, and those with a page (``slugs``).
    """
    study, year, overall = result.study, result.year(), result.overall
    systems = result.framework.systems
    shown = {name: name.upper() for name in systems} | ({overall.name: "D"} if overall.coupled else {})
    table = result.table(year).sort_values(overall.rank)
    all_of_them, shown_too = len(table), ""
    if all_of_them > ROWS:
        place = np.arange(all_of_them)
        table = table[(place < ENDS) | (place >= all_of_them - ENDS) | table["slug"].isin(slugs).to_numpy()]
        shown_too = (f" Shown are the {ENDS} highest, the {ENDS} lowest and those with a page; the command “nqp score” "
                     "lists all.")
    head = [(study.unit["one"].capitalize(), ""), ("Group", ""),
            *((words, "number") for name in shown.values() for words in (name, f"{name} rank")),
            *([("Grade of D", "")] if overall.coupled else [])]
    rows = []
    for row in table.to_dict("records"):
        name = _link(row, up) + chinese(study.regions.loc[row["code"]].get("name_zh"))
        group = study.groups[row["group"]]["label"]
        rows.append((f"region-{row['slug']}", row["group"] == study.focus, [
            name, escape(group),
            *(cell for key in shown for cell in (_score(row[key]), _rank(row[f"rank_{key}"]))),
            *([(escape(str(row["grade"])), row["coordination"])] if overall.coupled else [])]))
    many = study.unit["many"]
    names = ", ".join(f"{parts['label']} ({name.upper()})" for name, parts in systems.items())
    degree = ", coordination degree D," if overall.coupled else ""
    return sortable(head, rows, f"{names}{degree} and ranks among {all_of_them} {many}, {year}. "
                                f"The group {study.groups[study.focus]['label']} is shaded.{shown_too}")


def tile_map(result: Evaluation, up: str = "", *slugs: str) -> Exhibit:
    """Every region as a tile at its place on the map, coloured by coordination degree, linked to its page.

    Too many regions without a map are drawn in order instead, as in `figures.ranking`.
    """
    study, year, overall = result.study, result.year(), result.overall
    now = result.standing.xs(year, level="year")
    spots, mapped = tile_places(study.regions, now[overall.name])
    if not mapped and len(spots) > TILES:
        drawn = ranking(result, slugs[:1], year)
        image = base64.b64encode(drawn.png()).decode("ascii")
        return Exhibit(f'<img alt="{escape(drawn.alt)}" src="data:image/png;base64,{image}">', drawn.caption, "map")
    now = now.reindex(spots.index)
    labels = {}
    for code, row in now.iterrows():
        place = study.regions.loc[code]
        value, grade = row[overall.name], f", {row['grade']}" if overall.coupled else ""
        words = f"{overall.short} {value:.2f}{grade}" if pd.notna(value) else "no score"
        labels[code] = f"{place['name']}: {words}, group {study.groups[place['group']]['label']}"
    d = now[overall.name]
    caption = (f"{overall.label} of {len(spots)} {study.unit['many']}, {year}; the stronger the colour, the higher. "
               f"The group {study.groups[study.focus]['label']} is framed. Tiles "
               f"{tile_words(mapped, overall.short)}; {_opens(slugs)}. "
               "Source: own computation on the study's official figures.")
    return Exhibit(tile_list(study, spots, d, (d.min(), d.max()), labels, up), caption, "map", ("nqp-map",))


def page_list(result: Evaluation, up: str = "", *slugs: str) -> str:
    """Links to the regions' pages, by group, the group in focus first; ``slugs`` are those with a page, if not all."""
    study = result.study
    regions = study.regions[study.regions["slug"].isin(slugs)] if slugs else study.regions
    order = [study.focus, *(group for group in study.groups if group != study.focus)]
    lines = []
    for group in order:
        rows = regions[regions["group"] == group]
        if rows.empty:
            continue
        links = " · ".join(_link(row, up) + chinese(row.get("name_zh")) for _, row in rows.iterrows())
        lines.append(f"<p><strong>{escape(study.groups[group]['label'])}</strong> {links}</p>")
    if without := len(study.regions) - len(regions):
        lines.append(f"<p>{without} of {len(study.regions)} {escape(study.unit['many'])} have no page in this book. "
                     "They count in every score, rank and figure.</p>")
    return "".join(lines)


def weights_figure(result: Evaluation, up: str = "") -> Exhibit:
    """Live: weights of all dimensions by slider."""
    return weights_explorer(result).exhibit()


def playground_figure(result: Evaluation, up: str = "") -> Exhibit | str:
    """Live: two scores by slider, and what coupling and chance make of them."""
    if result.systems.shape[1] != 2:
        return "<p>This figure takes two scores; the study has another number of them.</p>"
    return playground(result).exhibit()


def scenario_figure(result: Evaluation, up: str = "") -> Exhibit | str:
    """Live: levers of a region raised by slider."""
    if not result.framework.paths:
        return "<p>The study names no levers, so there is nothing to raise.</p>"
    return scenario_levers(result).exhibit()


def compare_figure(result: Evaluation, up: str = "") -> Exhibit:
    """Live: two to four regions side by side."""
    return compare(result).exhibit()


def map_figure(result: Evaluation, up: str = "", *slugs: str) -> Exhibit:
    """Live: any score or indicator on the map, year by year."""
    return map_through_time(result, up, opens=_opens(slugs)).exhibit()


def citation(result: Evaluation, up: str = "") -> str:
    """How to cite the book, from ``CITATION.cff``, as a line and as BibTeX."""
    cff = yaml.safe_load((kit_root() / "CITATION.cff").read_text(encoding="utf-8"))
    authors = " and ".join(author.get("name") or f"{author['given-names']} {author['family-names']}"
                           for author in cff["authors"])
    year = str(cff["date-released"])[:4]
    line = f"{authors} ({year}). {cff['title']}. Version {cff['version']}."
    bibtex = (f"@software{{nqpkit,\n  author  = {{{{{authors}}}}},\n  title   = {{{cff['title']}}},\n"
              f"  version = {{{cff['version']}}},\n  year    = {{{year}}}\n}}")
    return f"<blockquote><p>{escape(line)}</p></blockquote><pre><code>{escape(bibtex)}</code></pre>"


PARTS = {
    "audit": audit_part, "citation": citation, "claim-cards": claim_cards, "claims": claims_table,
    "companions": companions, "compare": compare_figure, "course": courses.course, "defects": defects_table,
    "dictionary": dictionary, "exercise-index": exercise_index,
    "function-index": function_index, "functions": function_reference,
    "grades": grades_table, "limits": limits, "map-through-time": map_figure,
    "marking-sheet": courses.marking_sheet, "marks": courses.marks, "method": method,
    "milestones": courses.milestones, "opening": opening, "options": options_table, "page-list": page_list,
    "playground": playground_figure, "region-table": region_table, "rubric": courses.rubric,
    "scenario": scenario_figure, "series": series_table, "session": courses.session, "sources": sources_table,
    "tile-map": tile_map, "timetable": courses.timetable, "weights": weights_figure,
    "workshop": workshop,
}


def _opens(slugs) -> str:
    return "those with a page open it" if slugs else "each opens its page"


def _how_many(number, of):
    return "none" if number == 0 else "all" if number == of else str(number)


def _link(row, up):
    return f'<a href="{up}provinces/{escape(row["slug"])}.html">{escape(row["name"])}</a>'


def _score(value):
    return ("–", "") if pd.isna(value) else (f"{value:.3f}", value)


def _rank(value):
    return ("–", "") if pd.isna(value) else (f"{value:.0f}", value)
