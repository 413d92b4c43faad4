"""The index of all exercises as a table of the book, computed from their files, their items and the workshops."""

from html import escape

from nqpkit.book.markup import sortable
from nqpkit.classroom.exercises import exercise_ids, source
from nqpkit.classroom.items import ITEMS
from nqpkit.classroom.workshop_pages import anchored, places_in_the_book, title_of
from nqpkit.classroom.workshops import read_workshop, sources
from nqpkit.evaluation import Evaluation
from nqpkit.wording import raised

HEAD = [("Exercise", "number"), ("Title", ""), ("Chapter", ""), ("Workshop", "number"), ("Answer", ""),
        ("Points", "number")]


def exercise_index(result: Evaluation, up: str = "") -> str:
    """Every exercise with its chapter and workshop, what its answer looks like, who checks it, and its points."""
    taught = _taught()
    rows = [(f"index-{name.lower().replace('.', '-')}", False, [
        (anchored(name, up), place), escape(source(name)[0]), _chapter(name, up), _workshop(taught.get(name), up),
        _answer(ITEMS.get(name)), _points(ITEMS.get(name))]) for place, name in enumerate(exercise_ids(), start=1)]
    caption = f"{len(rows)} exercises by number. Points are shared equally among the parts of an answer."
    return sortable(HEAD, rows, caption, "nqp-stack nqp-exercises")


def _taught():
    """Exercise → the workshop that has it."""
    return {exercise: workshop for workshop in map(read_workshop, sources()) for exercise in workshop.exercises}


def _chapter(name, up):
    page = places_in_the_book().get(name)
    return f'<a href="{up}{escape(page)}.html">{escape(title_of(page))}</a>' if page else "–"


def _workshop(workshop, up):
    return (f'<a href="{up}classroom/workshops.html">{workshop.number}</a>', workshop.number) if workshop else ("–", "")


def _answer(item):
    who = "Checked" if item and item.truth else "Read by a person"
    return f"<strong>{who}.</strong> {escape(raised(item.form)) if item else ''}".strip()


def _points(item):
    return (f"{item.points:g}", item.points) if item else ("–", "")
