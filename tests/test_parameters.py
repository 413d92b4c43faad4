"""The parameters cell: read as Python, converted strictly, refused in plain words."""

import json

import pytest

from nqpkit.errors import InputError
from nqpkit.parameters import (
    Parameter,
    check_names,
    check_value,
    parse_value,
    read_notebook,
    read_parameters,
    unread_parameters,
)


def notebook(*sources, parameters=0):
    tags = [["parameters"] if index == parameters else [] for index in range(len(sources))]
    return {"cells": [{"cell_type": "code", "metadata": {"tags": tag}, "source": source, "outputs": []}
                      for tag, source in zip(tags, sources, strict=True)]}


CELL = '''# What to report on
province = "gansu"  # slug of a province
year: int | None = None  # a scored year, or none
mark: str = "#1 of 2"  # a # inside a text
share: float = 0.5
names: list[str] = ["a"]  # some names
fast: "bool" = False
limit: Optional[int] = 3
'''


def test_reads_names_types_defaults_and_help():
    found = read_parameters(notebook(CELL))
    assert {name: (p.type, p.default, p.help) for name, p in found.items()} == {
        "province": ("str", "gansu", "slug of a province"),
        "year": ("int | None", None, "a scored year, or none"),
        "mark": ("str", "#1 of 2", "a # inside a text"),
        "share": ("float", 0.5, ""),
        "names": ("list", ["a"], "some names"),
        "fast": ("bool", False, ""),
        "limit": ("int | None", 3, ""),
    }


def test_source_may_be_a_list_of_lines():
    assert read_parameters(notebook(["a = 1  # one\n", "b = 2"]))["b"].default == 2


def test_a_notebook_without_a_tagged_cell_has_no_parameters():
    assert read_parameters(notebook("a = 1", parameters=None)) == {}


def test_a_computed_default_is_refused_by_name():
    with pytest.raises(InputError, match="'half' of report.ipynb is not a literal"):
        read_parameters(notebook("whole = 1\nhalf = whole / 2"), "report.ipynb")


@pytest.mark.parametrize("types, text, value", [
    ((str,), "62", "62"), ((str,), "true", "true"), ((str,), "", ""), ((int,), "-3", -3), ((int,), "0062", 62),
    ((float,), "1", 1.0), ((float,), ".5e-1", 0.05), ((bool,), "Yes", True), ((bool,), "false", False),
    ((int, type(None)), "none", None), ((int, type(None)), "7", 7), ((str, type(None)), "none", None),
    ((str,), "none", "none"), ((list,), "a, b", ["a", "b"]), ((list,), '["a,b", 1]', ["a,b", 1]),
    ((int, str), "7a", "7a"), ((int, str), "7", 7)])
def test_values_take_the_declared_type(types, text, value):
    parsed = parse_value(text, Parameter("x", types, None))
    assert (parsed, type(parsed)) == (value, type(value))


@pytest.mark.parametrize("types, text", [
    ((int,), "2.5"), ((int,), "gansu"), ((int,), "none"), ((int,), "1_000"), ((float,), "nan"), ((float,), "1,5"),
    ((bool,), "1"), ((list,), "[1, 2")])
def test_a_value_of_another_type_is_refused(types, text):
    with pytest.raises(InputError, match=r"'x' takes|is not a list"):
        parse_value(text, Parameter("x", types, None))


def test_typed_values_are_not_converted_in_silence():
    year = Parameter("year", (int,), 2023)
    assert check_value(2022, year) == 2022
    assert check_value(2, Parameter("share", (float,), 0.5)) == 2.0
    for wrong in ("2022", 2022.0, True, None):
        with pytest.raises(InputError, match="'year' takes a whole number"):
            check_value(wrong, year)


@pytest.mark.parametrize("later, unread", [
    (["print(a, b)"], set()),
    (["print(a)"], {"b"}),
    (["def f():\n    return b", "x = [a for _ in range(3)]"], set()),
    (["text = f'{a:>3} {b}'"], set()),
    (["b = 3\nprint(a, b)"], {"b"}),
    (["b = b + 1\nprint(a)"], set()),
    (["b += 1\nprint(a)"], set()),
    (["if a:\n    b = 1\nprint(b)"], set()),
    (["%matplotlib inline\nprint(a)\n%time f(b)"], set()),
    (["%%timeit\nf(a, b)"], set()),
    (["check(**locals())"], set()),
    (["x.a = 1; print('b')"], {"a", "b"}),
    ([], {"a", "b"})])
def test_parameters_that_no_later_cell_reads_are_found(later, unread):
    book = notebook("a = 1\nb = 2", *later)
    assert unread_parameters(book, read_parameters(book)) == unread


def test_names_are_checked_against_the_notebook():
    book = notebook("weights = 'equal'\nidle = 1", "print(weights)")
    declared = read_parameters(book)
    check_names(["weights"], declared, book, "report.ipynb")
    with pytest.raises(InputError, match=r"no parameter 'wieghts'. Did you mean 'weights'\? It has weights, idle"):
        check_names(["wieghts"], declared, book, "report.ipynb")
    with pytest.raises(InputError, match="'idle' but no later cell reads it"):
        check_names(["idle"], declared, book, "report.ipynb")


def test_what_is_no_notebook_is_refused(tmp_path):
    with pytest.raises(InputError, match="There is no notebook"):
        read_notebook(tmp_path / "none.ipynb")
    for content in ("not json", json.dumps({"a": 1}), "[]"):
        (tmp_path / "bad.ipynb").write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match="cannot be read as a notebook"):
            read_notebook(tmp_path / "bad.ipynb")
