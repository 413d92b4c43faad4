"""What the book shows of the workshops, and the student copies that its site offers."""

import re
from functools import lru_cache
from html import escape
from pathlib import Path

from nqpkit.book.markup import chinese
from nqpkit.chapters.case import case_code
from nqpkit.classroom.courses import INCLUDED
from nqpkit.classroom.workshops import compose, read_workshop, sources, write_workshop
from nqpkit.evaluation import Evaluation
from nqpkit.kit_files import kit_root

FOLDER = "workshops"  # in the site's _downloads


def workshop(result: Evaluation, up: str, name: str) -> str:
    """One workshop as HTML: about, objectives, needs, timetable, homework, and the student copy to download."""
    found = read_workshop(name)
    about, place = found.about, result.study.regions.loc[case_code(result), "name"]
    copy = (f'<a class="nqp-download" href="{up}../_downloads/{FOLDER}/{escape(name)}.ipynb" download>'
            f"student copy for {escape(place)}</a>")
    chapters = ", ".join(
        f'<a href="{up}{escape(page)}.html">{escape(title_of(page))}</a>' for page in about["chapters"])
    homework = ", ".join(anchored(exercise, up) for exercise in about["homework"])
    return "".join([
        f'<p>{chinese(about["title_zh"], "")} {escape(about["about"])}</p>',
        f"<p><strong>{found.minutes} minutes</strong> · {copy}</p>",
        "<p>Afterwards a student can</p>", _listed(about["objectives"]),
        "<p>It needs</p>", _listed(about["needs"]), _timetable(found, up),
        f"<p>Chapters: {chapters}. Homework: {homework}.</p>"])


def offer_student_copies(result: Evaluation, folder: Path, page: str) -> list[Path]:
    """Write the student copies that a page offers, for the region that the chapters follow; no other edition ever.

    Parameters
    ----------
    result : Evaluation
    folder : Path
        The site's ``_downloads``.
    page : str
        The page as HTML.

    Returns
    -------
    list of Path
    """
    code, year, place = case_code(result), result.year(), folder / FOLDER
    return [write_workshop(compose(read_workshop(name), "student", result, code, year), place / f"{name}.ipynb")
            for name in sources() if f'{FOLDER}/{name}.ipynb"' in page]


@lru_cache(maxsize=1)
def places_in_the_book() -> dict[str, str]:
    """Exercise → the page of the book that has it, as seen from ``book/``.

    Examples
    --------
    >>> places_in_the_book()["E8.1"]
    'evaluation/coupling'
    """
    book, found = kit_root() / "book", {}
    for page in sorted(book.rglob("*.md")):
        for label in INCLUDED.findall(page.read_text(encoding="utf-8")):
            name = label.upper().replace("-", ".")
            found.setdefault(name, page.relative_to(book).with_suffix("").as_posix())
    return found


def _timetable(found, up):
    rows = "".join(
        f'<tr><th scope="row">{number}. {escape(step.title)}{chinese(step.title_zh)}</th><td>{step.minutes}</td>'
        f"<td>{', '.join(anchored(exercise, up) for exercise in step.exercises) or '–'}</td></tr>"
        for number, step in enumerate(found.steps, start=1))
    caption = f"Workshop {found.number}, step by step"
    heads = "".join(f'<th scope="col">{word}</th>' for word in ("step", "minutes", "exercises"))
    return (f'<div class="nqp-table" tabindex="0" role="region" aria-label="{caption}"><table>'
            f"<caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>")


def anchored(exercise: str, up: str) -> str:
    """An exercise's id, linked to its place in the book."""
    page = places_in_the_book().get(exercise)
    if page is None:
        return escape(exercise)
    return f'<a href="{up}{page}.html#{exercise.lower().replace(".", "-")}">{escape(exercise)}</a>'


def _listed(lines):
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def title_of(page: str) -> str:
    """The title of a page of the book."""
    text = (kit_root() / "book" / f"{page}.md").read_text(encoding="utf-8")
    return re.search(r"^# (.+)$", text, re.MULTILINE)[1]
