"""Every page of the site, opened from disk: it draws itself without a complaint, a network or a sideways scroll bar."""

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
