"""Sentences under test: change the data and the words change with it; nothing is dropped in silence."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from nqpkit import evaluate, sentences
from nqpkit.study import Study

SPEAKERS = {
    "headline": lambda r, region: sentences.headline(r, region, 2023),
    "movement": lambda r, region: sentences.movement(r, region),
    "dimension": lambda r, region: sentences.dimension(r, region, "technology", 2023),
    "trust": lambda r, region: sentences.trust(r, region, 2023),
    "levers": lambda r, region: sentences.levers(r, region, 2023),
    "dilemmas": lambda r, region: sentences.dilemmas(r, region, 2023),
    "chance": lambda r, region: sentences.chance(r, region, 2023),
    "caveats": lambda r, region: sentences.caveats(r, region),
    "sources": lambda r, region: sentences.sources(r, region),
}


def changed(study: Study, code: str, series: str, factor: float | None, year: int = 2023) -> Study:
    """The study with one figure multiplied, or taken away."""
    figures = study.figures.copy()
    cell = (figures["code"] == code) & (figures["year"] == year) & (figures["series"] == series)
    assert cell.sum() == 1
    if factor is None:
        figures = figures[~cell]
    else:
        figures.loc[cell, "value"] *= factor
    return replace(study, figures=figures)


@pytest.mark.parametrize("name", list(SPEAKERS))
def test_every_region_gets_whole_sentences(result, name):
    for region in result.study.regions["slug"]:
        text = str(SPEAKERS[name](result, region))
        assert text and not re.search(r"\bnan\b|None of its 0|\{|\}", text), (region, text)
        assert text.removesuffix("\n\n</details>").endswith((".", ")")) or name == "sources", (region, text)


def test_numbers_in_the_headline_are_those_of_the_table(result):
    row = result.table(2023).set_index("slug").loc["gansu"]
    text = str(sentences.headline(result, "gansu", 2023))
    for number in (f"{row['nqp']:.2f} for", f"rank {row['rank_nqp']} of 31", f"rank {row['rank_hqed']} of 31",
                   f"is {row['coordination']:.2f} ('{row['grade']}', rank {row['rank_coordination']})"):
        assert number in text


def test_a_changed_figure_changes_the_sentence(study, result):
    """Ten times the R&D of Gansu lifts its score, its rank and what is said of its technology."""
    other = evaluate(changed(study, "62", "rd_expenditure", 10))
    before, after = (sentences.headline(r, "gansu", 2023).text for r in (result, other))
    assert before != after
    ranks = [int(re.search(r"rank (\d+) of 31", text)[1]) for text in (before, after)]
    assert ranks[1] < ranks[0]
    assert "reaches the East median" in sentences.dimension(other, "gansu", "technology", 2023).text


def test_a_direction_word_flips(study, result):
    worse = study
    for series, factor in {"so2_emissions": 30, "electricity_consumption": 30, "green_coverage_built_up": 0.5,
                           "trade_total_cny": 0.001, "express_parcels": 0.001, "fiscal_revenue": 0.1}.items():
        worse = changed(worse, "62", series, factor)
    words = [re.search(r"development (rose|fell|hardly)", sentences.movement(r, "gansu").text)[1]
             for r in (result, evaluate(worse))]
    assert words == ["rose", "fell"]


def test_a_lag_flips(study, result):
    assert "in step" in sentences.headline(result, "gansu", 2023).text
    other = evaluate(changed(changed(study, "62", "software_revenue", 0.01), "62", "ecommerce_sales", 0.01))
    assert "New quality productivity lags" in sentences.headline(other, "gansu", 2023).text


def test_a_figure_taken_away_is_said(study):
    other = evaluate(changed(study, "62", "rd_expenditure", None))
    assert "R&amp;D expenditure relative to GDP is missing in 2023" in sentences.caveats(other, "gansu").text


def test_a_dimension_without_enough_indicators_says_so(study):
    other = study
    for series in ("so2_emissions", "green_coverage_built_up"):
        other = changed(other, "62", series, None)
    result = evaluate(other)
    assert "has no score in 2023" in sentences.dimension(result, "gansu", "green", 2023).text
    assert "has no score: too few figures" in sentences.headline(result, "gansu", 2023).text


def test_marked_figures_are_named(study):
    mark = pd.DataFrame([{"code": "62", "year": 2020, "series": "gdp", "value": 1.0, "kind": "suspect",
                          "explanation": "an <b>odd</b> value"}])
    text = sentences.caveats(evaluate(replace(study, marks=mark)), "gansu").text
    assert "2020 (suspect): an &lt;b&gt;odd&lt;/b&gt; value." in text


def test_text_from_a_study_is_escaped(study):
    regions = study.regions.copy()
    regions.loc["62", "name"] = "<script>alert(1)</script> *[x](y)*"
    result = evaluate(replace(study, regions=regions))
    for speak in SPEAKERS.values():
        assert "<script>" not in speak(result, "62").text and "[x](y)" not in speak(result, "62").text
