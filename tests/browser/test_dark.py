"""Figures at home in the dark: drawn and live ones take the page's ground, letters keep their contrast, sliders stay
where they are, and paper stays white."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from nqpkit.colours import contrast, luminance

LIVE = {"weights": "book/evaluation/weights.html", "playground": "book/live/playground.html",
        "scenario": "book/live/scenario.html", "compare": "book/live/compare.html", "map": "book/live/map.html"}
DRAWN = ["book/provinces/gansu.html", "book/mechanisms/industry.html", "book/evaluation/coupling.html"]
GROUND = "getComputedStyle(document.querySelector('.bd-main')).backgroundColor"
BODY = "getComputedStyle(document.body).backgroundColor"
LETTERS = """all => all.filter(e => e.textContent.trim()).map(e => {
  const style = getComputedStyle(e);
  return [e.textContent, style.fill, Number(style.opacity)];
})"""

LIGHT_CARDS = """() => [...document.querySelectorAll('.bd-article *:not(.nqp-tile)')].filter(e => {
  const parts = getComputedStyle(e).backgroundColor.match(/[\\d.]+/g).map(Number), box = e.getBoundingClientRect();
  return (parts[3] ?? 1) > 0.5 && parts[0] + parts[1] + parts[2] > 510 && box.width > 40 && box.height > 14;
}).map(e => `${e.tagName} ${e.className}`)"""


def rgb(words):
    return np.array([float(part) for part in re.findall(r"[\d.]+", words)[:3]]) / 255


def ground(page):
    """The colour that is seen behind the text."""
    for place in (GROUND, BODY):
        words = page.evaluate(place)
        if not re.search(r", 0\)$", words):
            return rgb(words)
    raise AssertionError("neither the text nor the page has a ground of its own")


def dots(locator):
    """What a reader sees of an element, row by row."""
    locator.scroll_into_view_if_needed()
    return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB")) / 255


def switch(page, wanted):
    """Press the theme's button, as a reader does, until the page is light or dark."""
    for _ in range(3):
        if page.locator("html").get_attribute("data-theme") == wanted:
            return
        page.locator(".theme-switch-button:visible").first.click()
    assert page.locator("html").get_attribute("data-theme") == wanted


def test_no_page_has_a_light_card_in_the_dark(visit, page_name):
    assert visit(page_name, dark=True).page.evaluate(LIGHT_CARDS) == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_has_the_ground_of_the_page_light_and_dark(visit, name):
    page = visit(name).page
    for theme in ("light", "dark", "light"):
        switch(page, theme)
        image = page.locator(".nqp-figure img:visible").first
        image.scroll_into_view_if_needed()
        page.wait_for_function("e => e.complete && e.naturalWidth > 0", arg=image.element_handle())
        seen = dots(image)[20:-20, 20:-20].reshape(-1, 3)  # without the frame
        values, counts = np.unique((seen * 255).round().astype(int), axis=0, return_counts=True)
        most = values[counts.argmax()] / 255
        assert np.abs(most - ground(page)).max() <= 2 / 255, theme
        assert (luminance(most) < 0.02) == (theme == "dark")
        assert contrast(seen, most).max() > 9, "letters stand out from the ground"
        assert page.locator(".nqp-figure img:visible").count() == page.locator(".nqp-figure img.nqp-light").count()


def test_only_the_drawing_that_is_shown_is_loaded(visit):
    page = visit(DRAWN[0], dark=True).page
    image = page.locator(".nqp-figure img:visible").first
    image.scroll_into_view_if_needed()
    page.wait_for_function("e => e.complete && e.naturalWidth > 0", arg=image.element_handle())
    hidden = page.locator(".nqp-figure img.nqp-light").first
    assert not hidden.is_visible() and not hidden.evaluate("e => e.naturalWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("figure", [name for name in LIVE if name != "map"])
def test_letters_of_a_live_figure_can_be_read(visit, figure, theme):
    page = visit(LIVE[figure], dark=theme == "dark").page
    page.locator(f"[data-live={figure}][data-ready=true]").wait_for()
    letters = page.locator(f"[data-live={figure}] .nqp-drawn svg text").evaluate_all(LETTERS)
    behind = ground(page)
    assert len(letters) > 8 and (luminance(behind) < 0.02) == (theme == "dark")
    for text, colour, opacity in letters:
        assert opacity == 1 and contrast(rgb(colour), behind) >= 4.5, text
    view = page.locator(f"[data-live={figure}] .nqp-view").first
    assert view.evaluate("e => getComputedStyle(e).backgroundColor").endswith(", 0)"), "no card of its own"
    assert np.abs(dots(view)[3, 30] - behind).max() <= 2 / 255


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["book/index.html", LIVE["map"]])
def test_tiles_can_be_read_and_the_highest_stands_out(visit, name, theme):
    page = visit(name, dark=theme == "dark").page
    page.locator(".nqp-tile").first.wait_for()
    tiles = page.locator(".nqp-tile").evaluate_all("""all => all.map(e => {
      const style = getComputedStyle(e);
      return [Number(e.querySelector('small').textContent), style.backgroundColor, style.color];
    })""")
    assert len(tiles) == 31
    assert min(contrast(rgb(colour), rgb(ink)) for _, colour, ink in tiles) >= 4.5
    apart = {value: contrast(rgb(colour), ground(page)) for value, colour, _ in tiles}
    assert list(dict(sorted(apart.items())).values()) == sorted(apart.values())


def test_sliders_stay_where_they_are_when_the_page_turns_dark(visit):
    page = visit(LIVE["weights"]).page
    figure = page.locator("[data-live=weights][data-ready=true]")
    figure.wait_for()
    slider = figure.locator("[name=w0]")
    slider.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", "9")
    figure.locator("[name=region]").select_option("54")
    drawing = figure.locator(".nqp-drawn svg").element_handle()
    label = figure.locator(".nqp-drawn svg text").first
    before = label.evaluate("e => getComputedStyle(e).fill"), figure.locator(".nqp-says").inner_text()
    switch(page, "dark")
    assert label.evaluate("e => getComputedStyle(e).fill") != before[0]
    assert slider.input_value() == "9" and figure.locator("[name=region]").input_value() == "54"
    assert figure.locator(".nqp-says").inner_text() == before[1] and before[1].startswith("Tibet")
    assert drawing.evaluate("e => e.isConnected"), "the figure was not drawn anew"
    switch(page, "light")
    assert label.evaluate("e => getComputedStyle(e).fill") == before[0] and slider.input_value() == "9"


def test_a_page_that_is_read_in_the_dark_is_printed_light(visit):
    page = visit(DRAWN[0], dark=True).page
    page.evaluate("""() => window.addEventListener('beforeprint', () => {
      window.printed = [document.documentElement.dataset.theme, getComputedStyle(document.querySelector('p')).color];
    })""")
    light = visit(DRAWN[0]).page.pdf()
    printed = page.pdf()
    theme, letters = page.evaluate("window.printed")
    assert theme == "light" and contrast(rgb(letters), (1, 1, 1)) > 7
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert printed.count(b"/Subtype /Image") == light.count(b"/Subtype /Image") > 3
