"""The head of a region's page says what the tables say, for any study."""

import re
from dataclasses import replace

from nqpkit import evaluate
from nqpkit.masthead import masthead


def test_the_numbers_are_those_of_the_table(result):
    for slug in ("gansu", "beijing", "tibet"):
        row, told = result.table(2023).set_index("slug").loc[slug], repr(masthead(result, slug, 2023))
        for key in ("nqp", "hqed", "coordination"):
            assert f"2023: {row[key]:.2f}, " in told and f"rank {row[f'rank_{key}']} of 31" in told
        assert f"{row['grade']}, rank" in told


def test_every_other_region_has_a_stroke_and_the_region_a_dot(result):
    html = masthead(result, "gansu", 2023)._repr_html_()
    strips = re.findall(r"<svg.*?</svg>", html)
    assert len(strips) == 3
    for strip in strips:
        assert strip.count('"nqp-same"') == 11 and strip.count('"nqp-other"') == 19 and strip.count("<circle") == 1
    assert '<span lang="zh">甘肃省</span>' in html and "capital Lanzhou" in html


def test_the_dot_moves_with_the_figures(study, result):
    figures = study.figures
    cell = (figures["code"] == "62") & (figures["year"] == 2023) & (figures["series"] == "rd_expenditure")
    richer = evaluate(replace(study, figures=figures.assign(value=figures["value"].where(~cell, figures["value"] * 5))))
    before, after = (float(re.search(r'cx="([\d.]+)"', masthead(r, "gansu", 2023).html)[1]) for r in (result, richer))
    assert after > before


def test_text_of_a_study_is_escaped_and_a_region_without_score_says_so(study):
    regions = study.regions.copy()
    regions.loc["62", "name"] = "<b>Gansu</b>"
    html = masthead(evaluate(replace(study, regions=regions)), "gansu", 2023).html
    assert "<b>Gansu" not in html and "&lt;b&gt;Gansu" in html
    figures = study.figures
    bare = evaluate(replace(study, figures=figures[figures["code"] != "62"]))
    assert "No score in 2023" in masthead(bare, "gansu", 2023).html
