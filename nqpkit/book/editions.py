"""Two editions of the book: for students, and for teachers, with notes, keys and solutions.

The teacher edition is the student book and one more part. It is built from a copy of the sources, in a folder of its
own. The student book is built from the contents in ``_toc.yml``, which name no teacher's page; whether that held is
looked up in what was built, before it is published.
"""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import nbformat
import yaml

from nqpkit.book.printed_book import page_order
from nqpkit.errors import InputError
from nqpkit.kit_files import kit_root

VARIABLE = "NQP_EDITION"
STUDENT, TEACHER = "student", "teacher"
EDITIONS = (STUDENT, TEACHER)
FOLDER = Path("book") / "teacher"
BANNER = ('Teacher edition: holds keys and solutions. Not for students. '
          '<span lang="zh">教师版：含答案，请勿发给学生。</span>')
ADDRESS = re.compile(r"(?:book|\.{1,2})/teacher/|[\"'(<]teacher/[\w-]+\.(?:md|html)")
LINE = 60  # letters from which a line of a teacher's page is taken for its own


def is_teacher() -> bool:
    """Whether the book that is being built is the teacher edition."""
    return os.environ.get(VARIABLE) == TEACHER


def check_edition(edition: str) -> None:
    """Refuse an edition that is not known, or that cannot be built from an installed package."""
    if edition not in EDITIONS:
        raise InputError(f"There is no edition '{edition}'. Known: {', '.join(EDITIONS)}.")
    if edition == TEACHER and not (kit_root() / FOLDER).is_dir():
        raise InputError("The teacher edition is built in a clone of the kit. The installed package carries no notes "
                         "for teachers, so that it can be given to students.")


def add_teacher_part(root: Path, reports: Path) -> None:
    """Turn a copy of the sources into the teacher edition: reports, solutions of the workshops, contents.

    Parameters
    ----------
    root : Path
        The copy; it holds the teachers' pages already.
    reports : Path
        The folder of the provinces' reports.
    """
    place = root / "book" / "provinces"
    if reports.resolve() != place.resolve():
        for report in reports.glob("*.ipynb"):
            shutil.copyfile(report, place / report.name)
    write_solutions(root / FOLDER)
    toc = root / "_toc.yml"
    toc.write_text(contents_for_teachers(toc.read_text(encoding="utf-8"), teacher_pages(root)), encoding="utf-8")


def write_solutions(folder: Path) -> None:
    """The teachers' copies of the workshops, as pages beside the notes."""
    from nqpkit.classroom.workshops import make_workshop, sources

    for name in sources():
        notebook = make_workshop(name, "teacher")
        (folder / f"solved-{name}.ipynb").write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def teacher_pages(root: Path) -> list[str]:
    """The teachers' pages as the contents name them: the overview first, then notes, keys, solved workshops."""
    names = sorted(path.stem for path in (root / FOLDER).glob("*") if path.suffix in (".md", ".ipynb"))
    order = ["index", "one-session", *[name for name in names if re.match(r"w\d", name)]]
    order = [name for name in order if name in names]
    solved = [name for name in names if name.startswith("solved-")]
    rest = [name for name in names if name not in {*order, *solved}]
    return [(FOLDER / name).as_posix() for name in [*order, *rest, *solved]]


def contents_for_teachers(contents: str, pages: Iterable[str]) -> str:
    """The table of contents with the teachers' part after the classroom.

    Examples
    --------
    >>> toc = "{format: jb-book, root: a, parts: [{caption: Classroom, chapters: [{file: b}]}]}"
    >>> yaml.safe_load(contents_for_teachers(toc, ["c"]))["parts"][1]["chapters"]
    [{'file': 'c'}]
    """
    toc = yaml.safe_load(contents)
    named = {document for _, documents in page_order(contents) for document in documents}  # as left out, for instance
    captions = [part.get("caption") for part in toc["parts"]]
    place = captions.index("Classroom") + 1 if "Classroom" in captions else len(captions)
    toc["parts"].insert(place, {"caption": "Teacher", "chapters": [
        {"file": page} for page in pages if page not in named]})
    return yaml.safe_dump(toc, sort_keys=False, allow_unicode=True)


def teachers_words(site: Path) -> list[str]:
    """What a built student site holds of the teachers' pages, one sentence each; it must be nothing.

    Looked for are pages and downloads in a folder of that name, sources that include or link such a page, the banner,
    and any longer line of the teachers' own text.
    """
    found = [f"{path.relative_to(site).as_posix()} belongs to the teacher edition." for path in sorted(site.rglob("*"))
             if "teacher" in path.relative_to(site).parts]
    own = own_lines(kit_root())
    for path in sorted([*(site / "_sources").rglob("*.*"), site / "searchindex.js", *site.rglob("*.html")]):
        if not path.is_file() or {"_static", "provinces"} & set(path.parts):
            continue
        text, name = path.read_text(encoding="utf-8", errors="replace"), path.relative_to(site).as_posix()
        if BANNER in text or ADDRESS.search(text):
            found.append(f"{name} points to the teacher edition.")
        elif path.suffix != ".html" and (line := next((line for line in own if line in text), None)):
            found.append(f"{name} holds a line of the teacher edition: {line[:LINE]} …")
    return found


def own_lines(root: Path) -> set[str]:
    """The longer lines of the teachers' pages in a folder of sources."""
    lines = (line.strip() for path in (root / FOLDER).glob("*.md")
             for line in path.read_text(encoding="utf-8").splitlines())
    return {line for line in lines if len(line) >= LINE}
