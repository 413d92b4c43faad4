"""Every page of the unpacked archive, opened from disk: no complaint, no network, no sideways scroll bar, small letters
in no figure, and no 'one provinces'."""

import re
from html import unescape
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALLEST = 360
WIDTH = "document.documentElement.scrollWidth"
DOTS, POINTS = 200, 72  # to the inch, of a computed figure
LETTERS = f"""() => [...document.querySelectorAll('article .nqp-figure img')].filter(e => e.offsetWidth).map(e => {{
    const {{ paddingLeft: left, paddingRight: right }} = getComputedStyle(e);
    const points = e.getAttribute('width') * {POINTS} / {DOTS};
    return (e.clientWidth - parseFloat(left) - parseFloat(right)) / points;
}})"""
LEAST = 0.95  # pixels of a small phone for a point of a figure, whose letters have 8.5 points or more
ONE_OF_MANY = re.compile(r"(?<![\d.,…–-])\b(1|[Oo]ne) (provinces|regions|indicators|years|levers|places|peers|claims|"
                         r"weights|districts|counties|groups|weeks|minutes|exercises)\b")


def test_a_page_opens_from_disk_without_complaints_or_requests_elsewhere(visit, page_name):
    seen = visit(page_name)
    seen.page.wait_for_load_state("load")
    assert seen.page.locator("h1:visible").count()
    assert not seen.complaints
    assert not seen.elsewhere


def test_a_page_fits_a_small_phone(visit, page_name):
    seen = visit(page_name, width=SMALLEST, height=740)
    seen.page.wait_for_load_state("load")
    wide = seen.page.evaluate(f"""() => {WIDTH} <= {SMALLEST} ? [] : [...document.querySelectorAll('body *')]
        .filter(e => e.getBoundingClientRect().right > {SMALLEST} + 1 && e.checkVisibility())
        .map(e => e.tagName + '.' + e.className).slice(0, 5)""")
    assert not wide
    assert seen.page.evaluate(WIDTH) <= SMALLEST
    assert [size for size in seen.page.evaluate(LETTERS) if size < LEAST] == []


def test_no_page_counts_one_of_many(site, page_name):
    text = re.sub(r"<(script|style|pre)\b.*?</\1>|<[^>]+>", " ", (site / page_name).read_text(encoding="utf-8"),
                  flags=re.DOTALL)
    assert not [found[0] for found in ONE_OF_MANY.finditer(re.sub(r"\s+", " ", unescape(text)))]


@pytest.mark.parametrize(("words", "wrong"), [("1 provinces", True), ("one levers", True), ("2.1 places", False),
                                              ("section 2.1 claims", False), ("one province", False)])
def test_one_of_many_is_found(words, wrong):
    assert bool(ONE_OF_MANY.search(f"It has {words} here.")) is wrong


def test_the_archive_holds_every_page_and_nothing_of_the_place_where_it_was_made(site, page_name):
    text = (site / page_name).read_text(encoding="utf-8")
    assert str(ROOT) not in text and "file://" not in text
