"""What a reader does: go from page to page, search in two languages, switch to dark, download, sort, filter."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

TERMS = {
    "contracts": "reference/indicators", "entropy": "evaluation/index-building", "coupling": "evaluation/coupling",
    "Gini": "evaluation/inequality", "robustness": "evaluation/robustness", "migration": "paths/talent",
    "clusters": "paths/clusters", "Gansu": "provinces/gansu", "Chongqing": "provinces/chongqing",
    "glossary": "reference/glossary", "levers": "live/scenario",
    "新质生产力": "book/index", "高质量发展": "reference/glossary", "甘肃": "provinces/gansu",
    "内蒙古": "provinces/inner-mongolia", "耦合协调度": "reference/glossary", "障碍度": "reference/glossary",
    "泰尔指数": "reference/glossary", "技术市场": "reference/data", "人口净迁移率": "reference/indicators",
    "基尼系数": "reference/glossary", "产业升级": "reference/indicators",
}


@pytest.mark.parametrize(("term", "found"), TERMS.items())
def test_the_search_finds_a_term_from_disk(visit, site, term, found):
    seen = visit(f"{(site / 'search.html').as_uri()}?q={term}")
    seen.page.locator(f"#search-results li a[href*='{found}']").first.wait_for()  # results come one by one
    assert not seen.elsewhere


def test_there_is_one_search_field_and_it_leads_to_the_results(visit):
    page = visit("book/index.html").page
    page.keyboard.press("Control+K")
    field = page.locator("input[type=search]:visible")
    assert field.count() == 1
    field.fill("Gansu")
    field.press("Enter")
    page.wait_for_url("**/search.html?q=Gansu")
    assert page.locator("#search-results li a").first.inner_text()


def test_tiles_contents_and_arrows_lead_from_page_to_page(visit):
    page = visit("book/index.html").page
    page.locator(".nqp-tile[href$='gansu.html']").click()
    page.wait_for_url("**/provinces/gansu.html")
    page.locator(".prev-next-footer a.right-next").click()
    page.wait_for_url("**/provinces/qinghai.html")
    page.locator(".bd-sidebar-primary a[href$='glossary.html']").click()
    page.wait_for_url("**/glossary.html")


@pytest.mark.parametrize("name", ["book/index.html", "book/mechanisms/industry.html", "book/provinces/gansu.html"])
def test_everything_that_a_page_offers_for_download_is_there(visit, site, name):
    page = visit(name).page
    links = page.locator(".dropdown-download-buttons a, a.nqp-numbers").evaluate_all("all => all.map(a => a.href)")
    assert sum(link.endswith(".zip") for link in links) == 1
    if name != "book/index.html":
        assert sum(link.endswith(".ipynb") for link in links) == 1
        assert sum(link.endswith(".csv") for link in links) >= 3
    for link in links:
        assert Path(unquote(urlsplit(link).path)).stat().st_size > 20, link


def test_figures_have_numbers_sizes_and_words(visit):
    page = visit("book/provinces/gansu.html").page
    numbers = page.locator("figure .caption-number").all_inner_texts()
    assert [number.strip() for number in numbers] == [f"Figure {n}" for n in range(1, len(numbers) + 1)]
    for image in page.locator("article figure img").all():
        assert int(image.get_attribute("width")) > 300 and int(image.get_attribute("height")) > 100
        assert len(image.get_attribute("alt")) > 40


def test_a_table_sorts_by_its_head(visit):
    page = visit("book/provinces/index.html").page
    table = page.locator("table.nqp-sortable").first
    head = table.locator("thead th").nth(2)
    head.locator("button").focus()
    for direction in ("descending", "ascending"):
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-sort") == direction
        shown = table.locator("tbody tr td:nth-child(3)").evaluate_all("all => all.map(c => Number(c.dataset.value))")
        assert shown == sorted(shown, reverse=direction == "descending")
