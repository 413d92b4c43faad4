"""Every page of the unpacked archive, opened from disk: no complaint, no network, no sideways scroll bar."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SMALLEST = 360
WIDTH = "document.documentElement.scrollWidth"


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


def test_the_archive_holds_every_page_and_nothing_of_the_place_where_it_was_made(site, page_name):
    text = (site / page_name).read_text(encoding="utf-8")
    assert str(ROOT) not in text and "file://" not in text
