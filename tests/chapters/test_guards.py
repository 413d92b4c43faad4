"""A sentence in words alone must still be true: the built-in book stops, another study's leaves the chapter out."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nqpkit import chapters
from nqpkit.chapters import guards
from nqpkit.errors import InputError
from nqpkit.evaluation import evaluate

ROOT = Path(__file__).parents[2]
SENTENCE = "Qinghai has more high-tech manufacturing than its size would give."


@pytest.fixture(scope="module")
def poorer(study):
    """Figures in which Qinghai makes next to nothing of high technology."""
    figures = study.figures
    where = (figures["series"] == "hightech_manufacturing_revenue") & (figures["code"] == study.resolve("qinghai"))
    assert where.any()
    return figures.assign(value=figures["value"].mask(where, figures["value"] / 50))


def test_the_book_stops_and_names_sentence_page_and_figure(study, poorer):
    with pytest.raises(InputError) as stopped:
        chapters.facts(evaluate(replace(study, figures=poorer)))
    said = str(stopped.value)
    assert "paths/clusters" in said and SENTENCE in said and "Qinghai's quotient of high-tech making" in said


def test_another_study_loses_the_chapter_and_says_why(study, poorer, tmp_path):
    other = evaluate(replace(study, figures=poorer, folder=tmp_path))
    facts, silent = chapters.facts(other), chapters.left_out(other)
    assert "clusters" not in facts and {"region", "case", "coupling"} <= set(facts)
    assert SENTENCE in silent["clusters"] and "Rewrite" not in silent["clusters"]


def test_the_built_in_study_bears_every_sentence(result):
    assert chapters.left_out(result) == {}


def test_a_missing_figure_is_no_reason_to_hold():
    with pytest.raises(guards.Untrue) as untrue:
        guards.must_hold("It rose.", float("nan") > 0, "its growth")
    assert (untrue.value.sentence, untrue.value.figure) == ("It rose.", "its growth")


def test_words_around_a_gap_are_refused(result):
    assert guards.without_gaps(lambda _: {"fine": "a nanometre"})(result)
    for hole in ("It rose by nan%", "by -nan", "nan"):
        with pytest.raises(guards.Untrue, match="the words rise"):
            guards.without_gaps(lambda _, hole=hole: {"rise": hole, "fine": "a nanometre"})(result)


def test_every_guarded_chapter_refuses_gaps_too():
    """Whoever guards a sentence also refuses to print a hole."""
    for path in (ROOT / "nqpkit" / "chapters").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "def facts" in text and re.search(r"^    must_hold\(", text, re.MULTILINE):
            assert "@without_gaps\ndef facts" in text, path.name


def test_a_page_speaks_for_the_modules_it_reads():
    assert chapters.speaks("from nqpkit.chapters import case, talent\n", ["talent"]) == "talent"
    assert chapters.speaks("talent is scarce", ["talent"]) is None
