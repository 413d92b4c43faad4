"""One dimension seen indicator by indicator: what is drawn and listed equals the evaluation."""

import re
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from nqpkit import evaluate
from nqpkit.chapters import dimension, factors, industry, technology, together
from nqpkit.errors import InputError

DIMENSIONS = ["industry", "technology", "factors"]


@pytest.mark.parametrize("name", DIMENSIONS)
def test_small_multiples_show_the_evaluation(result, name):
    figure = dimension.small_multiples(result, name, "ningxia")
    table = dimension.members(result, name)
    own = figure.values.loc["Ningxia"]
    assert own.tolist() == result.indicators.loc[("64", 2023), table.index].tolist()
    drawn = {text.get_text() for text in figure.drawing.axes[0].get_yticklabels()}
    west = result.study.regions.query("group == 'west'")["name"]
    assert len(west) == 12 and set(west) <= drawn
    bold = [text.get_text() for text in figure.drawing.axes[0].get_yticklabels() if text.get_fontweight() == "bold"]
    assert bold == ["Ningxia"]
    assert "Ningxia" in figure.alt and "Source:" in figure.caption and not re.search(r"\bnan\b", figure.alt)
    assert not plt.get_fignums()


def test_every_province_has_its_dot(result):
    figure = dimension.small_multiples(result, "factors")
    for ax in figure.drawing.axes[:6]:
        dots = sum(len(marks.get_offsets()) for marks in ax.collections if hasattr(marks, "get_offsets")
                   and len(marks.get_offsets()) > 1)
        assert dots == 31


def test_the_extremes_in_the_alt_text_are_those_of_the_table(result):
    west = dimension.small_multiples(result, "technology").values.loc[
        result.study.regions.query("group == 'west'")["name"]]
    label = "R&D expenditure relative to GDP"
    said = dimension.small_multiples(result, "technology").alt.split(label + ": ")[1]
    assert said.startswith(west[label].idxmax()) and f"to {west[label].idxmin()} " in said


def test_table_lists_everybody_with_a_link(result):
    page = dimension.table_of_all(result, "industry", 2017)
    assert page.count("../provinces/") == 31 and page.count("nqp-marked") == 12
    assert "bridged" in page and page.count("</td>") == 31 * 7
    assert "bridged" not in dimension.table_of_all(result, "industry", 2023)


def test_a_missing_value_is_a_dash(result):
    row = re.search(r'<tr id="technology-tibet".*?</tr>', dimension.table_of_all(result, "technology", 2016))[0]
    assert ">–<" in row


def test_facts_follow_the_region(result):
    gansu, beijing = (dimension.dimension_facts(result, "technology", region) for region in ("gansu", "beijing"))
    assert beijing["rank"] == 1 and gansu["rank"] > beijing["rank"]
    scores = result.dimensions["technology"].xs(2023, level="year")
    assert gansu["score"] == f"{scores['62']:.2f}" and int(gansu["top_rank"]) == (scores > scores["61"]).sum() + 1
    assert beijing["reached"].endswith("reach") and gansu["reached"].startswith("none of its five")


def test_another_study_gives_way_to_the_papers(result, rivers):
    assert dimension.of_paper(rivers).study.focus == "west"
    assert dimension.of_paper(result) is result
    weighted = evaluate(result.study, weights="entropy")
    assert dimension.of_paper(weighted) is weighted


def test_numbers_keep_three_figures():
    said = [dimension._number(value) for value in (0.03764, 1.0, 22.61, 365.2, -4.83, 0, float("nan"), 8360.4)]
    assert said == ["0.0376", "1", "22.6", "365", "−4.83", "0", "no figure", "8,360"]


def test_standing_holds_every_score(result):
    figure = dimension.standing(result, "tibet")
    scores = result.dimensions.loc[("54", 2023), result.mechanisms]
    assert figure.values.loc["Tibet"].tolist() == scores.tolist() and len(figure.values) == 15
    drawn = [text.get_text() for text in figure.drawing.axes[0].texts]
    assert f"{scores['technology']:.2f}" in drawn and len(drawn) == 45
    assert "Tibet: " in figure.alt


BOOK = Path(__file__).parents[2] / "book"
PART = [*(BOOK / "mechanisms").glob("*.md"), *(BOOK / "exercises").glob("e[567]-*.md")]


@pytest.fixture(scope="module")
def known(result):
    modules = (industry, technology, factors, together)
    return {module.__name__.split(".")[-1]: module.facts(result) for module in modules}


@pytest.mark.parametrize("path", PART, ids=lambda path: path.stem)
def test_every_computed_word_of_the_part_exists(known, path):
    """And none stands inside math or code, where it would be printed as it is typed."""
    text = path.read_text(encoding="utf-8")
    names = re.findall(r"\{\{ (\w+)\.(\w+) \}\}", text)
    assert len(names) == text.count("{{")
    assert [pair for pair in names if pair[1] not in known[pair[0]]] == []
    assert not re.search(r"\$[^$\n]*\{\{[^$\n]*\$|`[^`\n]*\{\{[^`\n]*`", text.replace("$$", ""))


def test_marked_figures_are_counted(result):
    facts, marks = dimension.dimension_facts(result, "technology"), result.study.marks
    behind = ["rd_expenditure", "patents_in_force_invention", "tech_market_contract_value", "gdp", "population",
              "industrial_new_product_expenditure", "local_fiscal_science_technology_expenditure",
              "local_fiscal_expenditure_total"]
    own = marks[marks["series"].isin(behind) & marks["year"].between(2016, 2023)]
    assert facts["marks"] == str(len(own)) and sum(map(int, re.findall(r"\d+", facts["marks_kinds"]))) == len(own)


@pytest.mark.parametrize(("module", "series", "code"), [
    (industry, "hightech_manufacturing_revenue", "62"), (technology, "rd_expenditure", "62"),
    (factors, "broadband_ports", "62"), (together, "gdp", "51"),
])
def test_a_deleted_figure_is_said_and_not_printed_as_a_hole(study, module, series, code):
    figures = study.figures
    lost = (figures["series"] == series) & (figures["code"] == code) & (figures["year"] == 2023)
    assert lost.sum() == 1
    with pytest.raises(InputError, match="missing|known|no longer|has no"):
        module.facts(evaluate(replace(study, figures=figures[~lost])))
