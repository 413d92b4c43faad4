"""Every page for everyone: no serious finding of axe-core, light or dark; Chinese marked as such; no motion unasked."""

import pytest

GRAVE = {"serious", "critical"}
AT_ONCE = "*, *::before, *::after { transition: none !important; animation: none !important }"  # no colour half way
UNMARKED = r"""() => {
  const found = [], article = document.querySelector('article');
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    if (!/[\u4e00-\u9fff]/.test(node.data) || box.closest('script, style')) continue;
    if (!box.closest('[lang]')?.lang.startsWith('zh'))
      found.push(node.data.trim().slice(0, 40));
  }
  return found;
}"""


def grave(page):
    """The serious and critical findings of axe-core on a page: rule, and the first places."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [(one["id"], one["impact"], [node["target"] for node in one["nodes"]][:4]) for one in found
            if one["impact"] in GRAVE]


def test_axe_finds_nothing_serious_on_a_page_light_or_dark(visit, page_name):
    page = visit(page_name, reduced_motion="reduce").page
    page.wait_for_load_state("load")
    if page.locator("[data-live]").count():
        page.locator("[data-live][data-ready=true]").first.wait_for()
    page.add_style_tag(content=AT_ONCE)
    light = grave(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'; document.documentElement.dataset.mode = 'dark'")
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert {"light": light, "dark": grave(page)} == {"light": [], "dark": []}


def test_chinese_text_is_marked_as_chinese(visit, page_name):
    page = visit(page_name).page
    if page.locator("article").count():
        assert page.evaluate(UNMARKED) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_first_visit_takes_the_systems_mode_without_a_complaint(visit, scheme):
    seen = visit("book/index.html", chosen=False, color_scheme=scheme)
    seen.page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
    assert not seen.complaints


def test_nothing_moves_for_readers_who_asked_for_that(visit):
    page = visit("book/index.html", reduced_motion="reduce").page
    tile = page.locator(".nqp-tile").first
    tile.hover()
    assert tile.evaluate("e => getComputedStyle(e).transform") == "none"
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.btn')).transitionDuration)") < 0.001


def test_the_first_tab_offers_the_way_to_the_text(visit):
    page = visit("book/index.html").page
    page.keyboard.press("Tab")
    assert "main" in page.evaluate("document.activeElement.textContent").lower()


@pytest.mark.parametrize("name", ["book/index.html", "book/provinces/gansu.html", "book/live/scenario.html"])
def test_a_printed_page_is_the_text_alone(visit, name):
    page = visit(name, width=794).page
    page.emulate_media(media="print")
    for part in (".bd-sidebar-primary", ".bd-header-article", ".nqp-controls", ".prev-next-footer"):
        assert not page.locator(part).first.is_visible(), part
    assert page.locator("h1:visible").count() == 1
    assert page.locator("article p").first.is_visible()
