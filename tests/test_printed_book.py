"""The book as one page for printing: everything once, in order, with links that lead inside it."""

import re

import pytest
from bs4 import BeautifulSoup

from nqpkit.book import printed_book, site
from nqpkit.errors import InputError

CONTENTS = """
root: book/index
parts:
  - caption: Start
    chapters:
      - {file: book/part/one, sections: [{file: book/two}]}
"""
PAGE = """<!DOCTYPE html><html><head><title>{title} — A book</title>
<link rel="stylesheet" href="{up}_static/nqp.css"><script>window.MathJax = {{}}</script>
<script src="{up}_static/mathjax/tex.js"></script></head><body><nav>aside</nav>
<article class="bd-article"><h1 id="top">{title}</h1>{body}</article></body></html>"""
BODIES = {
    "book/index": '<p class="nqp-printed" hidden></p><a href="part/one.html#top">one</a>',
    "book/part/one": '<details class="hide"><p>folded code</p></details><details><p>solution</p></details>'
                     '<img class="nqp-light" src="../../_images/a.png">'
                     '<img class="nqp-dark" src="../../_images/a-dark.png">'
                     '<a href="../two.html">two</a><a href="#top">up</a>'
                     '<a href="../elsewhere.html">else</a><a href="https://example.org/x#y">out</a>'
                     '<label for="field">a</label><input id="field"><button>press</button>'
                     '<svg><clipPath id="clip0"></clipPath><g clip-path="url(#clip0)"></g></svg>',
    "book/two": '<script>alert(1)</script><p>last &amp; least</p>',
}


@pytest.fixture
def folder(tmp_path):
    for name, body in BODIES.items():
        path = tmp_path / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = PAGE.format(title=name.rsplit("/", 1)[-1], up="../" * name.count("/"), body=body)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def whole(folder):
    return BeautifulSoup(printed_book.one_page(folder, printed_book.page_order(CONTENTS)), "html.parser")


def test_every_page_stands_there_once_and_in_order(whole):
    assert [article["id"] for article in whole.select("article")] == ["page-book-index", "page-book-part-one",
                                                                      "page-book-two"]
    assert whole.find(string="aside") is None and whole.title.get_text() == "A book"


def test_links_lead_to_places_in_the_page(whole):
    links = {link.get_text(): link["href"] for link in whole.select("article a")}
    assert links == {"one": "#page-book-part-one--top", "two": "#page-book-two", "up": "#page-book-part-one--top",
                     "else": "book/elsewhere.html", "out": "https://example.org/x#y"}
    ids = [tag["id"] for tag in whole.find_all(id=True)]
    assert len(ids) == len(set(ids))
    inside = {link["href"][1:] for link in whole.find_all("a", href=re.compile("^#"))}
    assert inside <= set(ids)


def test_ids_and_what_refers_to_them_keep_together(whole):
    assert whole.find("label")["for"] == whole.find("input")["id"]
    assert whole.find("g")["clip-path"] == f"url(#{whole.find('clippath')['id']})"


def test_what_paper_cannot_do_is_left_out_and_folded_answers_are_open(whole):
    text = whole.get_text()
    assert "alert" not in text and "press" not in text and "folded code" not in text
    assert "solution" in text and "last & least" in text
    assert all("open" in part.attrs for part in whole.find_all("details"))


def test_files_count_from_the_sites_folder(whole):
    assert [image["src"] for image in whole.find_all("img")] == ["_images/a.png"], "and never for a dark page"
    assert whole.find("link")["href"] == "_static/nqp.css"
    assert [script.get("src") for script in whole.find_all("script")] == [None, "_static/mathjax/tex.js"]


def test_a_missing_page_is_named(folder):
    (folder / "book" / "two.html").unlink()
    with pytest.raises(InputError, match="no page book/two.html"):
        printed_book.one_page(folder, printed_book.page_order(CONTENTS))


def test_the_start_page_links_a_pdf_only_if_there_is_one(folder, monkeypatch):
    start, said = folder / "book" / "index.html", []
    monkeypatch.setattr(printed_book, "find_browser", lambda: None)
    site._print(folder, CONTENTS, said.append)
    assert "nqpkit-book.pdf" not in start.read_text(encoding="utf-8")
    assert any("There is no PDF of the book: No Chromium" in line for line in said)
    monkeypatch.setattr(printed_book, "find_browser", lambda: "browser")
    monkeypatch.setattr(printed_book, "print_pdf", lambda page, target: target.write_bytes(b"%PDF-"))
    site._print(folder, CONTENTS, said.append)
    assert 'href="../nqpkit-book.pdf"' in start.read_text(encoding="utf-8")
    assert not list(folder.glob(".*.html"))


def test_the_start_page_has_a_place_for_the_link():
    from nqpkit.kit_files import kit_root

    text = (kit_root() / "book" / "index.md").read_text(encoding="utf-8")
    assert len(printed_book.PLACE.findall(text)) == 1
