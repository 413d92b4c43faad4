"""The pages of methods and functions: every docstring is readable reStructuredText, and nothing public is left out."""

import io
import re
from pathlib import Path

import pytest

from nqpkit.book import function_pages as pages
from nqpkit.coupling import GRADES
from nqpkit.errors import InputError
from nqpkit.scoring import WEIGHTS

BOOK = Path(__file__).parent.parent / "book" / "reference"
NAMES = [(module, name) for module in pages.MODULES for name in pages.public(module)]


def named(page: str, part: str) -> list[str]:
    """The words that a page gives to a part."""
    text = (BOOK / page).read_text(encoding="utf-8")
    return [word for found in re.findall(rf"^```{{nqp}} {part} (.+)$", text, re.MULTILINE) for word in found.split()]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_docstrings_are_read_without_complaint(module, name):
    found, complaints = pages.split(pages.public(module)[name]), io.StringIO()
    for title, text in found.items():
        for words in [text] if title in ("Summary", "Text", "References") else [
                words for _, _, words in pages.entries(text)] if title in pages.LISTED else []:
            pages.html(words, complaints)
    assert complaints.getvalue() == ""


def test_the_page_of_functions_shows_every_module_once():
    assert sorted(named("api.md", "functions")) == sorted(pages.MODULES)


def test_entries_have_addresses_of_their_own_and_the_index_links_them(result):
    text = pages.function_reference(result, "../", *pages.MODULES)
    addresses = re.findall(r'<section class="nqp-function" id="([^"]+)"', text)
    assert len(addresses) == len(set(addresses)) == len(NAMES)
    assert set(re.findall(r'href="#([^"]+)"', pages.function_index(result, "../"))) == set(addresses)


def test_the_page_of_methods_covers_what_can_be_chosen_by_name():
    shown = {name.rpartition(".")[2] for name in named("methods.md", "method")}
    assert {function.__name__ for function in WEIGHTS.values()} - {"equal_weights"} <= shown
    assert {"coupling_degree", "coordination_degree", "coordination_grade", "obstacle_degree", "rank_intervals",
            "what_if", "gini", "theil", "dagum", "moran", "markov", "two_way_fixed_effects", "mcdm_ranking"} <= shown


def test_a_method_shows_formula_conventions_source_and_a_link(result):
    text = pages.method(result, "../", "weighting.entropy_weights")
    for words in ("Σ p ln p", "N counts every row", "takes 0·ln 0 = 0", "Elsayed", "Source",
                  "../reference/api.html#weighting-entropy-weights"):
        assert words in text
    with pytest.raises(InputError, match="no function 'weighting.beer'"):
        pages.method(result, "../", "weighting.beer")


def test_text_from_docstrings_is_escaped():
    assert pages.html("a <b> & `c<d`") == "<p>a &lt;b&gt; &amp; <code>c&lt;d</code></p>"


def test_options_and_grades_are_read_from_the_code(result):
    table = pages.options_table(result, "")
    for name in (*vars(result.options), *WEIGHTS, *result.study.alternatives):
        assert name in table
    grades = pages.grades_table(result, "")
    assert all(name in grades for name in GRADES) and "0.9 to 1.0" in grades and "0.1 to below 0.2" in grades
