"""The texts of the exercises as notebooks show them."""

import re

import pytest

from nqpkit.classroom.exercises import exercise, exercise_ids, source, to_markdown
from nqpkit.errors import InputError
from nqpkit.kit_files import kit_root


@pytest.mark.slow
@pytest.mark.parametrize("name", exercise_ids())
def test_no_markup_of_the_book_is_left(name, result):
    text = exercise(name, result)
    for part in (text.title, text.task, text.solution):
        assert part and not re.search(r"\{\{|\}\}|\{[\w:-]+\}`|^:{3,}|^`{3,}\{|^:\w+:", part, re.MULTILINE)
        assert part.count("```") % 2 == 0


def test_every_file_is_labelled_with_its_name():
    for path in (kit_root() / "book" / "exercises").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert f":label: {path.stem}\n" in text and f"{{solution}} {path.stem}\n" in text


def test_every_exercise_stands_on_one_page_of_the_book():
    pages = [path.read_text(encoding="utf-8") for path in (kit_root() / "book").rglob("*.md")]
    stems = [source_path.stem for source_path in (kit_root() / "book" / "exercises").glob("*.md")]
    counts = {stem: sum(len(re.findall(rf"\{{include\}} (?:\.\./)?exercises/{stem}\.md", page)) for page in pages)
              for stem in stems}
    assert set(counts.values()) == {1}, {stem: count for stem, count in counts.items() if count != 1}


def test_code_stays_as_it_is(result):
    text = 'Before {term}`lever`.\n\n```python\nx = "{term}`a` {{ case.name }}"\n```\n\nAfter {{ case.name }}.'
    assert to_markdown(text, result) == (
        'Before lever.\n\n```python\nx = "{term}`a` {{ case.name }}"\n```\n\nAfter Gansu.')


@pytest.mark.parametrize(("myst", "markdown"), [
    ("{doc}`the ledger </book/reference/claims>`", "the ledger"), ("{verdict}`S33`", "S33: confirmed"),
    ("{math}`x^2`", "$x^2$"), ("{cite:t}`du-2023-mechanism`", "Du and others (2023)"),
    (":::{admonition} Note\n:class: toy\nText.\n:::", "> **Note**\n>\n> Text."),
    ("```{math}\n:label: a\nx\n```", "$$\nx\n$$"),
])
def test_markup_becomes_markdown(myst, markdown, result):
    assert to_markdown(myst, result) == markdown


def test_computed_parts_are_put_in(result):
    assert exercise("E1.1", result).task.count("<li>") == 20


@pytest.mark.parametrize("myst", ["{{ case.nothing }}", "{{ nowhere.name }}", "{strange}`x`", "```{figure} x\n```"])
def test_what_a_notebook_cannot_show_is_refused(myst, result):
    with pytest.raises(InputError):
        to_markdown(myst, result)


def test_an_unknown_exercise_is_refused():
    with pytest.raises(InputError, match="no exercise E99.1"):
        source("E99.1")
