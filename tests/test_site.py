"""The site: a fault leaves the old one in place, unchanged sources build nothing, bad pages are found."""

import json
import os
import re
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from PIL import Image

from nqpkit import Study
from nqpkit.book import site, study_sources
from nqpkit.book.markup import Exhibit, plain_table
from nqpkit.book.numbering import sized_images
from nqpkit.book.site_check import LIMIT, Page, faults, heaviest
from nqpkit.book.surroundings import name_toggles, signs_joined, study_archive
from nqpkit.indexed_png import indexed_png
from nqpkit.reports.freshness import BUILT_IN, book_key

ROOT = Path(__file__).parent.parent
CELL = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
---
# A chapter

```{code-cell} ipython3
import os
from nqpkit import Study
study = Study.load(os.environ.get("NQP_STUDY") or None)
print("Gansu has", study.figures.query("code == '62' and year == 2023 and series == 'population'")["value"].item())
```
"""


def page(title="A page", body=""):
    return f"<html><body><article><h1>{title}</h1>{body}</article></body></html>"


@pytest.fixture
def small(tmp_path):
    """A kit with two pages and one province, as `build_site` takes it."""
    root = tmp_path / "kit"
    (root / "book" / "provinces").mkdir(parents=True)
    shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
    for name in ("_config.yml", "CITATION.cff", "CHANGELOG.md"):
        shutil.copyfile(ROOT / name, root / name)
    shutil.copyfile(ROOT / "book" / "references.bib", root / "book" / "references.bib")
    files = ["book/chapter", "book/provinces/gansu"]
    contents = {"format": "jb-book", "root": "book/index", "chapters": [{"file": name} for name in files]}
    (root / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    (root / "book" / "index.md").write_text("# Start\n\nSee [a chapter](chapter.md).\n", encoding="utf-8")
    (root / "book" / "chapter.md").write_text("# A chapter\n\nIt says little.\n", encoding="utf-8")
    notebook = {"cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Gansu\n"}],
                "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}}, "nbformat": 4,
                "nbformat_minor": 5}
    (root / "book" / "provinces" / "gansu.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return root


@pytest.fixture
def build(small, tmp_path):
    """Build the small kit into ``tmp_path / "html"``."""
    def run(study=None, **record):
        site.build_site(small, tmp_path, tmp_path / "html", {"key": "k", "pages": ["gansu"], **record}, study,
                        echo=lambda text: None)
        return tmp_path / "html"

    return run


@pytest.mark.slow
def test_a_broken_reference_fails_twice_and_leaves_the_old_site(small, build):
    html = build(key="good")
    before = {path: path.read_bytes() for path in html.rglob("*.html")}
    (small / "book" / "chapter.md").write_text("# A chapter\n\nSee [nothing](nowhere.md).\n", encoding="utf-8")
    for _ in range(2):  # Sphinx alone would take the pages for finished and succeed the second time
        with pytest.raises(site.BuildError, match=r"chapter\.md.*nowhere"):
            build(key="bad")
    assert {path: path.read_bytes() for path in html.rglob("*.html")} == before
    assert json.loads((html / "book.json").read_text(encoding="utf-8"))["key"] == "good"


@pytest.mark.slow
def test_a_failing_cell_fails_the_build(small, build):
    (small / "book" / "chapter.md").write_text(CELL + "\n```{code-cell} ipython3\n1 / 0\n```\n", encoding="utf-8")
    with pytest.raises(site.BuildError, match="ZeroDivisionError|chapter"):
        build()
    assert not (small.parent / "html").exists()


@pytest.mark.slow
def test_a_chapter_is_executed_again_when_the_data_change(small, build, tmp_path):
    study = tmp_path / "study"
    shutil.copytree(BUILT_IN, study)
    (small / "book" / "chapter.md").write_text(CELL, encoding="utf-8")
    shown = (build(study) / "book" / "chapter.html").read_text(encoding="utf-8")
    figures = study / "figures.csv"
    text = figures.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("62,2023,population,"))
    value = line.split(",")[3]
    assert f"Gansu has {float(value)}" in shown or f"Gansu has {value}" in shown
    figures.write_text(text.replace(line, line.replace(f",{value},", ",2464,")), encoding="utf-8")
    # so small a change leaves every other sentence of the book true; a larger one would rightly stop the build
    assert "Gansu has 2464" in (build(study, key="other") / "book" / "chapter.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_page_carries_its_downloads_and_its_words(small, build, monkeypatch):
    (small / "book" / "chapter.md").write_text(
        CELL + "\nOne province in this small book has a page of its own, out of {{ nqp.regions }} in all.\n",
        encoding="utf-8")
    monkeypatch.setenv("NQP_SITE_URL", "https://book.example.org")
    html = build()
    text = (html / "book" / "chapter.html").read_text(encoding="utf-8")
    assert '<link rel="canonical" href="https://book.example.org/book/chapter.html"' in text
    assert 'property="og:title" content="A chapter"' in text
    assert 'content="One province in this small book has a page of its own, out of 31 in all."' in text
    assert "https://book.example.org/_static/preview.png" in text
    assert (html / "_static" / "preview.png").read_bytes().startswith(b"\x89PNG")
    notebook = json.loads((html / "_sources" / "book" / "chapter.ipynb").read_text(encoding="utf-8"))
    assert any("out of 31 in all" in "".join(cell["source"]) for cell in notebook["cells"])
    assert not any(cell.get("outputs") for cell in notebook["cells"])
    with zipfile.ZipFile(html / "_downloads" / "study.zip") as archive:
        assert archive.read("study/figures.csv") == (BUILT_IN / "figures.csv").read_bytes()
    assert "https://book.example.org/book/provinces/gansu.html" in (html / "sitemap.xml").read_text(encoding="utf-8")
    assert "https://book.example.org/index.html" in (html / "404.html").read_text(encoding="utf-8")
    assert "btn-launch" not in text and "dropdown-launch" not in text


@pytest.mark.slow
def test_launch_buttons_appear_only_with_a_hub_and_a_repository(small, build, monkeypatch):
    (small / "book" / "chapter.md").write_text(CELL, encoding="utf-8")
    monkeypatch.setenv("NQP_HUB_URL", "https://hub.example.org")
    monkeypatch.setenv("NQP_REPOSITORY_URL", "https://github.com/example/nqpkit")
    html = build()
    chapter = (html / "book" / "chapter.html").read_text(encoding="utf-8")
    province = (html / "book" / "provinces" / "gansu.html").read_text(encoding="utf-8")
    assert "https://hub.example.org/hub/user-redirect/git-pull" in chapter
    assert "book/chapter.md" in chapter.split("git-pull", 1)[1][:300]
    assert "notebooks/province_report.ipynb" in province and "book/provinces/gansu.ipynb?" not in province


def test_a_missing_province_page_is_refused_before_anything_is_built(small, tmp_path):
    with pytest.raises(site.BuildError, match="tibet"):
        site.build_site(small, tmp_path, tmp_path / "html", {"key": "k", "pages": ["gansu", "tibet"]})
    assert not (tmp_path / "html").exists()


@pytest.fixture
def pretended(small, tmp_path, monkeypatch):
    """`build_book` on the small kit with the two slow steps replaced: it counts them."""
    calls = {"reports": 0, "builds": 0}

    def reports(*_):
        calls["reports"] += 1

    def jupyter_book(root, draft, study, edition):
        calls["builds"] += 1
        html = draft / "_build" / "html"
        (html / "book" / "provinces").mkdir(parents=True, exist_ok=True)
        for name in ("index", "book/index", "book/provinces/gansu"):
            (html / f"{name}.html").write_text(page(), encoding="utf-8")
        return 0, ""

    class OneProvince:
        regions = Study.load().regions.loc[["62"]]

    monkeypatch.setattr(site, "checkout_root", lambda: small)
    monkeypatch.setattr(site, "_make_reports", reports)
    monkeypatch.setattr(site, "_jupyter_book", jupyter_book)
    monkeypatch.setattr(site.Study, "load", staticmethod(lambda study=None: OneProvince()))
    return lambda **options: (site.build_book(echo=lambda text: None, **options), dict(calls))[1]


def test_a_second_book_with_nothing_changed_builds_nothing(pretended, small, monkeypatch):
    assert pretended()["builds"] == 1
    assert pretended()["builds"] == 1
    (small / "book" / "chapter.md").write_text("# A chapter\n\nIt says more.\n", encoding="utf-8")
    assert pretended()["builds"] == 2
    monkeypatch.setenv("NQP_SITE_URL", "https://book.example.org")
    assert pretended()["builds"] == 3
    assert pretended(force=True)["builds"] == 4


def test_a_page_taken_out_of_the_site_is_built_again(pretended, small):
    pretended()
    (small / "_build" / "html" / "book" / "provinces" / "gansu.html").unlink()
    assert pretended()["builds"] == 2


def test_the_archive_holds_the_site_and_is_the_same_twice(pretended, small):
    pretended(archive=True)
    archive = small / "_build" / "nqpkit-book.zip"
    first = archive.read_bytes()
    with zipfile.ZipFile(archive) as book:
        assert "nqpkit-book/book/provinces/gansu.html" in book.namelist() and book.testzip() is None
    pretended(archive=True)
    assert archive.read_bytes() == first


def test_a_folder_with_something_else_in_it_is_left_alone(pretended, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear reader", encoding="utf-8")
    with pytest.raises(site.InputError, match="mine"):
        pretended(out=tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").is_file()


def test_chapters_are_kept_under_a_key_of_the_data(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(BUILT_IN, study)
    before = book_key(study)
    assert book_key(study) == before == book_key()
    text = (study / "figures.csv").read_text(encoding="utf-8")
    (study / "figures.csv").write_text(text.replace("75835", "75836", 1), encoding="utf-8")
    assert book_key(study) != before


@pytest.mark.parametrize(("body", "says"), [
    ('<img src="x.png" alt="">', "no telling alternative text"),
    ('<img src="x.png" alt="x.png and more">', None),
    ('<script src="https://cdn.example.org/a.js"></script>', "asks another server"),
    ('<link rel="stylesheet" href="//cdn.example.org/a.css">', "asks another server"),
    ('<a href="nowhere.html">x</a>', "which is not there"),
    ('<a href="#nowhere">x</a>', "which is not there"),
    ('<a href="https://example.org/">x</a>', None),
    ("<pre>Traceback (most recent call last)</pre>", "shows a traceback"),
    ("<p>It is <code>{{ region.share }}</code>.</p>", "shows markup"),
    ("<p>The paper says {said}`21.5%|paper, section 3.1`.</p>", "shows markup"),
    ("<p>It is **larger** than that.</p>", "shows markup"),
    ("<pre>{{ region.share }}</pre>", None),
    ("<h2>Scores</h2><h3>Ranks</h3><h2>More</h2>", None),
    ("<h2>Scores</h2><h4>Ranks</h4>", "a level is left out"),
    (r"<p>\(\frac{{a}_{b}}{2}\) with **options and 2 ** 3</p>", None),
    (f"<p>{'x' * LIMIT}</p>", "weighs 2.0 MB")])
def test_what_a_reader_must_not_meet_is_found(tmp_path, body, says):
    (tmp_path / "book" / "provinces").mkdir(parents=True)
    (tmp_path / "book" / "provinces" / "gansu.html").write_text(page(body=body), encoding="utf-8")
    found = faults(tmp_path, ["gansu"])
    assert (len(found) == 1 and says in found[0]) if says else not found


def test_drawings_that_no_page_shows_any_more_are_taken_out(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "_images").mkdir()
    for name in ("now.png", "now-dark.png", "a map.png", "before.png", "before-dark.png"):
        (tmp_path / "_images" / name).write_bytes(b"x")
    images = '<img src="../_images/now.png"><img src="../_images/now-dark.png"><img src="../_images/a%20map.png">'
    (tmp_path / "book" / "a.html").write_text(page(body=images), encoding="utf-8")
    site.drop_old_images(tmp_path)
    assert {path.name for path in (tmp_path / "_images").iterdir()} == {"now.png", "now-dark.png", "a map.png"}


def test_the_heaviest_pages_count_their_images_once(tmp_path):
    (tmp_path / "a.html").write_text(page(body='<img src="i.png" alt="a line chart">' * 2), encoding="utf-8")
    (tmp_path / "b.html").write_text(page(), encoding="utf-8")
    (tmp_path / "i.png").write_bytes(b"x" * 5000)
    (first, weight), (second, _) = heaviest(tmp_path)
    assert (first, second) == ("a.html", "b.html")
    assert weight == 5000 + (tmp_path / "a.html").stat().st_size


def test_a_drawing_has_its_twin_for_dark_pages_beside_it(tmp_path):
    name = f"{'ab' * 32}.png"
    (tmp_path / "made.png").write_bytes(indexed_png(np.full((40, 50, 4), 255, np.uint8), 200))
    app = SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "html", builder=SimpleNamespace(images={"made.png": name}))
    body = sized_images(app, f'<p>a</p><img class="x" alt="a line chart" src="../_images/{name}" /><img src="b.png" />')
    light, dark, other = re.findall("<img [^>]*>", body)
    assert 'width="50" height="40"' in light and 'class="nqp-light x"' in light and 'loading="lazy"' in light
    assert dark == light.replace("nqp-light", "nqp-dark").replace(".png", "-dark.png")
    assert other == '<img src="b.png" />'
    shown = Image.open(tmp_path / "html" / "_images" / f"{'ab' * 32}-dark.png").convert("RGB")
    assert shown.getpixel((0, 0)) == (18, 18, 18)
    assert len(Page(page(body=body)).images) == 2, "the twin is loaded in place of the drawing, not with it"


def test_the_contents_take_another_studys_regions(study):
    toc = yaml.safe_load(study_sources.contents_for((ROOT / "_toc.yml").read_text(encoding="utf-8"), study))
    provinces = next(chapter for part in toc["parts"] for chapter in part["chapters"]
                     if chapter["file"] == "book/provinces/index")
    files = [section["file"] for section in provinces["sections"]]
    assert {f"book/provinces/{slug}" for slug in study.regions["slug"]} <= set(files)
    assert files.index("book/provinces/gansu") < files.index("book/provinces/beijing")


def test_a_chapter_without_its_figures_becomes_a_sentence(small):
    (small / "book" / "chapter.md").write_text("# Momentum\n\nIt is {{ momentum.share }}.\n", encoding="utf-8")
    study_sources.replace_page(small, "book/chapter", "Its <figure> is not there.")
    assert (small / "book" / "chapter.md").read_text(encoding="utf-8") == (
        "# Momentum\n\nIts &lt;figure&gt; is not there.\n")
    assert "See [a chapter]" in (small / "book" / "index.md").read_text(encoding="utf-8")


def test_the_logs_last_words_name_the_file_once():
    line = f"{Path('/kit')}{os.sep}book{os.sep}a.md:3: WARNING: no such label"
    assert site.last_words(f"\x1b[91m{line}\x1b[0m\n{line}\nok\n", Path("/kit")) == [
        f"book{os.sep}a.md:3: no such label"]


def test_text_of_a_study_stays_text():
    table = plain_table(["<b>"], [["<script>alert(1)</script>", float("nan"), 3, 0.25]][:1], "a & b")
    assert "<script>" not in table and "<b>" not in table and "a &amp; b" in table
    assert 'data-value="0.25"' in table and 'data-value="3.0"' in table and "–" in table
    assert not Page(page(body=table)).traceback
    assert Exhibit("", "", "x").live is False


def test_the_study_archive_is_the_same_twice():
    assert study_archive(BUILT_IN) == study_archive(BUILT_IN)


def test_a_formula_keeps_the_comma_that_follows_it_and_no_more():
    math = r'<span class="math notranslate nohighlight">\(x_1\)</span>'
    assert signs_joined(f"<p>as {math} and {math}, so</p>") == (
        f'<p>as {math} and <span class="nqp-glued">{math},</span> so</p>')


def test_the_arrows_of_the_contents_have_a_name(tmp_path):
    (tmp_path / "a.html").write_text('<summary><span class="toctree-toggle">x</span></summary>', encoding="utf-8")
    for _ in range(2):
        name_toggles(tmp_path / "a.html")
        assert (tmp_path / "a.html").read_text(encoding="utf-8").count('<summary aria-label="') == 1


def test_the_title_for_printing_is_text(tmp_path):
    path = tmp_path / "a.html"
    path.write_text('<div id="jb-print-docs-body" class="onlyprint">\n <h1>Łąki <b>Dolne</b> & R&amp;D</h1></div>',
                    encoding="utf-8")
    for _ in range(2):  # a page that is not built again is looked at again
        name_toggles(path)
        assert "<h1>Łąki &lt;b&gt;Dolne&lt;/b&gt; &amp; R&amp;D</h1>" in path.read_text(encoding="utf-8")


def test_binder_finds_what_its_files_name():
    folder = ROOT / ".binder"
    assert (folder / "requirements.txt").read_text(encoding="utf-8").strip() == "-r ../requirements.txt"
    assert (ROOT / "requirements.txt").is_file()
    assert os.access(folder / "postBuild", os.X_OK) or os.name == "nt"
    assert (folder / "runtime.txt").read_text(encoding="utf-8").startswith("python-3.")
