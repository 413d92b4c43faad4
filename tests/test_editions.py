"""Two editions: nothing of the teachers' pages reaches a student site; the teacher edition has all of them."""

import json
from pathlib import Path

import pytest
import yaml

from nqpkit import Study
from nqpkit.book import editions, site
from nqpkit.book.editions import BANNER, FOLDER, STUDENT, TEACHER, teachers_words
from nqpkit.book.extension import quiz_sheets
from nqpkit.book.printed_book import page_order
from nqpkit.classroom import workshops
from nqpkit.classroom.quiz import quiz_names, read_quiz
from nqpkit.errors import InputError

ROOT = Path(__file__).parent.parent
CONTENTS = (ROOT / "_toc.yml").read_text(encoding="utf-8")


def documents(contents):
    return [document for _, names in page_order(contents) for document in names]


def student_sources():
    """Every page that the student book is built from, and what it includes."""
    for document in documents(CONTENTS):
        path = ROOT / f"{document}.md"
        if path.is_file():
            yield path
    yield from (ROOT / "book" / "exercises").glob("*.md")


def test_the_students_contents_name_no_teachers_page():
    assert not [document for document in documents(CONTENTS) if "teacher" in Path(document).parts]


def test_no_page_of_the_student_book_holds_or_points_to_a_teachers_line():
    own = editions.own_lines(ROOT)
    assert len(own) > 100
    for path in student_sources():
        text = path.read_text(encoding="utf-8")
        assert not editions.ADDRESS.search(text), path
        assert not [line for line in own if line in text], path
        assert "key_" not in text, path


def test_keys_are_offered_to_pages_in_the_teacher_edition_only(monkeypatch):
    monkeypatch.delenv(editions.VARIABLE, raising=False)
    assert set(quiz_sheets()) == set(quiz_names())
    assert not any("Right:" in sheet for sheet in quiz_sheets().values())
    monkeypatch.setenv(editions.VARIABLE, TEACHER)
    sheets = quiz_sheets()
    for name in quiz_names():
        assert sheets[f"key_{name}"].count("Right:") == len(read_quiz(name).questions)


@pytest.fixture
def built(tmp_path):
    """A built student site of two pages, as far as the guard looks."""
    html = tmp_path / "html"
    for name, text in [("book/a.html", "<h1>A</h1>"), ("_sources/book/a.md", "# A\n"), ("searchindex.js", "{}")]:
        (html / name).parent.mkdir(parents=True, exist_ok=True)
        (html / name).write_text(text, encoding="utf-8")
    return html


def test_a_clean_site_passes_the_guard(built):
    assert teachers_words(built) == []


@pytest.mark.parametrize(("name", "text"), [
    ("book/teacher/w1.html", "<h1>W1</h1>"),
    ("_downloads/0a/teacher/keys.md", "keys"),
    ("_sources/book/a.md", "# A\n\n```{include} ../teacher/keys.md\n```\n"),
    ("_sources/book/a.md", next(iter(sorted(editions.own_lines(ROOT))))),
    ("book/a.html", '<a href="../teacher/w1.html">notes</a>'),
    ("index.html", '<a href="teacher/w1.html">notes</a>'),
    ("book/a.html", f"<aside>{BANNER}</aside>"),
    ("searchindex.js", 'Search.setIndex({"docnames":["book/teacher/w1"]})'),
])
def test_the_guard_finds_whatever_leaks(built, name, text):
    (built / name).parent.mkdir(parents=True, exist_ok=True)
    (built / name).write_text(text, encoding="utf-8")
    assert len(teachers_words(built)) >= 1


def test_a_leak_stops_the_build_and_leaves_the_old_site(tmp_path, monkeypatch):
    root = tmp_path / "kit"
    (root / "book" / "provinces").mkdir(parents=True)

    def jupyter_book(root, draft, study, edition):
        html = draft / "_build" / "html"
        page = "<html><body><article><h1>A page</h1></article></body></html>"
        for name in ("book/index.html", "book/teacher/w1.html"):
            (html / name).parent.mkdir(parents=True, exist_ok=True)
            (html / name).write_text(page, encoding="utf-8")
        return 0, ""

    monkeypatch.setattr(site, "_jupyter_book", jupyter_book)
    record = {"key": "k", "pages": []}
    with pytest.raises(site.BuildError, match="teacher"):
        site.build_site(root, tmp_path, tmp_path / "html", record, echo=lambda text: None)
    assert not (tmp_path / "html").exists()
    site.build_site(root, tmp_path, tmp_path / "html", record, echo=lambda text: None, edition=TEACHER)
    assert (tmp_path / "html" / "book" / "teacher" / "w1.html").is_file()


def test_the_teachers_copy_holds_every_teachers_page_and_the_solved_workshops(tmp_path, monkeypatch):
    one = {name: path for name, path in workshops.sources().items() if name.startswith("w4")}
    monkeypatch.setattr(workshops, "sources", lambda: one)
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / "book" / "provinces").mkdir()
    for path in (ROOT / FOLDER).glob("*.md"):
        (tmp_path / FOLDER / path.name).write_bytes(path.read_bytes())
    (tmp_path / "_toc.yml").write_text(CONTENTS, encoding="utf-8")
    editions.add_teacher_part(tmp_path, tmp_path / "book" / "provinces")
    contents = (tmp_path / "_toc.yml").read_text(encoding="utf-8")
    added = [document for document in documents(contents) if document not in documents(CONTENTS)]
    names = [Path(document).name for document in added]
    assert names[:8] == ["index", "one-session", "w1", "w2", "w3", "w4", "w5", "w6"]
    assert "keys" in names and names[-1] == "solved-w4-coupling"
    captions = [part["caption"] for part in yaml.safe_load(contents)["parts"]]
    assert captions.index("Teacher") == captions.index("Classroom") + 1
    solved = json.loads((tmp_path / FOLDER / "solved-w4-coupling.ipynb").read_text(encoding="utf-8"))
    assert not any("E8_1 = ..." in "".join(cell["source"]) for cell in solved["cells"])


def test_a_teachers_page_that_another_study_leaves_out_is_named_once():
    contents = yaml.safe_dump({"format": "jb-book", "root": "a", "parts": [
        {"caption": "Classroom", "chapters": [{"file": "b"}]}, {"caption": "Left out", "chapters": [{"file": "c"}]}]})
    assert documents(editions.contents_for_teachers(contents, ["c", "d"])) == ["a", "b", "d", "c"]


def test_the_teacher_edition_is_built_apart(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(site, "checkout_root", lambda: None)
    loaded = Study.load()
    student, teacher = (site._source_root(None, loaded, edition)[0] for edition in (STUDENT, TEACHER))
    assert not (student / FOLDER).exists() and (teacher / FOLDER / "w1.md").is_file()
    assert teacher.parent != student.parent


def test_an_edition_that_cannot_be_built_is_refused_in_words(monkeypatch, tmp_path):
    with pytest.raises(InputError, match="student, teacher"):
        editions.check_edition("parents")
    monkeypatch.setattr(editions, "kit_root", lambda: tmp_path)
    with pytest.raises(InputError, match="clone"):
        editions.check_edition(TEACHER)
    editions.check_edition(STUDENT)
