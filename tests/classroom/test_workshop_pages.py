"""The book's page on workshops, and what its site gives away."""

import json
import re
import shutil
from pathlib import Path

import pytest

from nqpkit.book.site import site_key
from nqpkit.classroom.workshop_pages import FOLDER, offer_student_copies, places_in_the_book, workshop
from nqpkit.classroom.workshops import read_workshop, sources

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "book" / "classroom" / "workshops.md").read_text(encoding="utf-8")
SITE = ROOT / "_build" / "html"


def foreign(folder):
    """The notebooks of workshops below a folder that are no student copies."""
    found = []
    for path in folder.rglob("*.ipynb"):
        about = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("nqp", {})
        if "workshop" in about and about["edition"] != "student":
            found.append(path)
    return found


def test_the_page_has_every_workshop_under_its_title():
    assert re.findall(r"^```\{nqp\} workshop (\S+)$", PAGE, re.MULTILINE) == list(sources())
    heads = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    titles = [read_workshop(name).about["title"] for name in sources()]
    assert [head for head in heads if head in titles] == titles


def test_a_workshop_links_to_its_exercises_where_the_book_has_them(result):
    part = workshop(result, "../", "w4-coupling")
    assert '<a href="../evaluation/coupling.html#e8-1">E8.1</a>' in part
    assert f'href="../../_downloads/{FOLDER}/w4-coupling.ipynb" download>student copy for Gansu' in part
    assert '<span lang="zh">' in part and f"{read_workshop('w4-coupling').minutes} minutes" in part


@pytest.mark.parametrize("name", sources())
def test_every_exercise_of_a_workshop_stands_in_a_chapter(name):
    found = read_workshop(name)
    assert set(found.exercises + found.about["homework"]) <= set(places_in_the_book())


def test_only_student_copies_are_offered_and_only_where_a_page_links_to_them(result, tmp_path):
    page = "".join(workshop(result, "../", name) for name in list(sources())[:2])
    offered = offer_student_copies(result, tmp_path, page)
    assert [path.stem for path in offered] == list(sources())[:2]
    assert foreign(tmp_path) == [] and offer_student_copies(result, tmp_path / "none", "<p>left out</p>") == []
    notebook = json.loads(offered[0].read_text(encoding="utf-8"))
    notebook["metadata"]["nqp"]["edition"] = "teacher"
    offered[0].write_text(json.dumps(notebook), encoding="utf-8")
    assert foreign(tmp_path) == [offered[0]], "the search sees another edition"


@pytest.mark.skipif(not (SITE / "book" / "classroom" / "workshops.html").is_file(), reason="the book is not built here")
def test_the_built_site_holds_student_copies_alone():
    assert len(list((SITE / "_downloads" / FOLDER).glob("*.ipynb"))) == len(sources())
    assert foreign(SITE) == []


def test_a_changed_workshop_makes_the_site_stale(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "notebooks" / "workshops", tmp_path / "notebooks" / "workshops")
    monkeypatch.setattr("nqpkit.reports.freshness.kit_root", lambda: tmp_path)
    before = site_key(tmp_path)
    assert site_key(tmp_path) == before
    source = tmp_path / "notebooks" / "workshops" / "w4-coupling.md"
    source.write_text(source.read_text(encoding="utf-8").replace("honestly", "plainly"), encoding="utf-8")
    assert site_key(tmp_path) != before
