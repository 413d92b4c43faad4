"""Change a figure, and the sentences of every chapter turn with it, or the book is not built; take one away, and the
gap is said or the book is not built. No chapter goes on telling the old story.
"""

import re
from contextlib import suppress
from dataclasses import replace

import pytest

from nqpkit import chapters, evaluate, sentences
from nqpkit.chapters import _modules, stated
from nqpkit.errors import InputError
from nqpkit.kit_files import kit_root

SPEAKING = {name: module for name, module in _modules().items() if hasattr(module, "facts")}
FAILURES = (InputError, ValueError, TypeError, KeyError, IndexError, ZeroDivisionError)  # any of them ends the build
MISSING = ["population", "rd_expenditure"]
OF_THE_KIT = {"exercises", "workshops"}  # they count what the kit has; no figure of a province is in them
ONE, OTHER = "62", "32"  # a province far from the front, and one at it


@pytest.fixture(scope="module")
def before(result):
    return {name: module.facts(result) for name, module in SPEAKING.items()}


@pytest.fixture(scope="module")
def swapped(study):
    """The study in which two provinces have changed places in every figure."""
    codes = study.figures["code"].replace({ONE: OTHER, OTHER: ONE})
    return evaluate(replace(study, figures=study.figures.assign(code=codes)))


def without(study, series, code=ONE, year=2023):
    figures = study.figures
    cell = (figures["series"] == series) & (figures["code"] == code) & (figures["year"] == year)
    assert cell.sum() == 1
    return evaluate(replace(study, figures=figures[~cell]))


@pytest.fixture(scope="module")
def poorer(study):
    return {series: without(study, series) for series in MISSING}


@pytest.mark.parametrize("name", list(SPEAKING))
def test_sentences_turn_when_two_provinces_change_places(before, swapped, name):
    try:
        after = SPEAKING[name].facts(swapped)
    except FAILURES:
        return  # a fixed sentence is not borne out any more: the book is not built
    turned = [key for key in before[name] if after[key] != before[name][key]]
    assert bool(turned) != (name in OF_THE_KIT), f"Changed in the chapter '{name}': {turned or 'nothing'}"


def test_ranks_and_directions_turn_in_words(before, swapped):
    """The examples that stand for all: a rank, a direction, a superlative, a grade."""
    after = {}
    for name, module in SPEAKING.items():
        with suppress(InputError):  # a chapter that refuses is not built; the others must speak of the new leader
            after[name] = module.facts(swapped)
    assert before["case"]["grade"] == "barely coordinated" and after["case"]["grade"] == "good coordination"
    assert int(before["case"]["rank"]) > 20 > 10 > int(after["case"]["rank"])
    names = {key for name in after for key, value in before[name].items()
             if str(value) in ("Chongqing", "Sichuan") and after[name][key] == "Gansu"}
    assert names, "Gansu leads in nothing although it has the figures of Jiangsu"


def test_a_province_page_turns(study, result, swapped):
    old, new = (str(sentences.headline(r, "gansu", 2023)) for r in (result, swapped))
    assert "barely coordinated" in old and "good coordination" in new
    assert old.partition("rank ")[2][:2] != new.partition("rank ")[2][:2]
    other = str(sentences.headline(swapped, "jiangsu", 2023))
    assert other.partition(" scores ")[2][:30] == old.partition(" scores ")[2][:30]


@pytest.mark.parametrize("series", MISSING)
@pytest.mark.parametrize("name", list(SPEAKING))
def test_a_missing_figure_is_said_or_stops_the_book(poorer, name, series):
    try:
        after = SPEAKING[name].facts(poorer[series])
    except FAILURES:
        return
    for key, value in after.items():
        assert "nan" not in str(stated(value)).replace("-", " ").split(), f"{name}.{key}: {value}"


def test_a_missing_figure_is_said_on_the_province_page(study):
    result = without(study, "undergraduate_students")
    words = "Bachelor students per 10,000 residents bridges a year without a figure in 2023."
    assert words in str(sentences.caveats(result, "gansu"))
    figures = study.figures
    gone = figures[~((figures["series"] == "undergraduate_students") & (figures["code"] == ONE))]
    result = evaluate(replace(study, figures=gone))
    assert "Bachelor students per 10,000 residents is missing in 2016" in str(sentences.caveats(result, "gansu"))


def test_a_fact_without_a_figure_says_so(result, monkeypatch):
    monkeypatch.setattr(SPEAKING["case"], "facts", lambda result: {"share": f"{float('nan'):.1f}%", "n": 3})
    assert chapters.facts(result)["case"] == {"share": "(no figure)", "n": 3}


def test_no_fact_of_the_book_lacks_its_figure(before):
    """In the built-in study every sentence has its numbers."""
    text = "".join(path.read_text(encoding="utf-8") for path in (kit_root() / "book").rglob("*.md"))
    used = set(re.findall(r"\{\{\s*(\w+\.\w+)\s*\}\}", text))
    lacking = [f"{name}.{key}" for name, facts in before.items() for key, value in facts.items()
               if stated(value) != value and f"{name}.{key}" in used]
    assert lacking == []
