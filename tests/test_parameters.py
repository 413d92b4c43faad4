"""The parameters cell: read as Python, converted strictly, refused in plain words."""

import json

import pytest

from nqpkit.errors import InputError
from nqpkit.reports.parameters import (
    Parameter,
    check_names,
    check_value,
    parse_value,
    read_notebook,
    read_parameters,
    read_rows,
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


ROWS = {name: Parameter(name, types, default) for name, types, default in [
    ("province", (str,), "gansu"), ("year", (int, type(None)), None), ("share", (float,), 0.5)]}


def test_rows_are_read_from_csv_and_yaml_with_the_declared_types(tmp_path):
    table, listing = tmp_path / "rows.csv", tmp_path / "rows.yml"
    table.write_text("\ufeffprovince, year,share\ngansu,2021,1\n62,,\n\"甘肃\",none,.5\n", encoding="utf-8")
    listing.write_text("- {province: gansu, year: 2021, share: 1}\n- province: '62'\n- {province: 甘肃, year: null}\n",
                       encoding="utf-8")
    rows = read_rows(table, ROWS)
    assert rows == [{"province": "gansu", "year": 2021, "share": 1.0}, {"province": "62"},
                    {"province": "甘肃", "year": None, "share": 0.5}]
    assert [type(row.get("share")) for row in rows] == [float, type(None), float]
    assert read_rows(listing, ROWS) == [*rows[:2], {"province": "甘肃", "year": None}]


@pytest.mark.parametrize("name, text, said", [
    ("rows.csv", "province,yaer\ngansu,2021\n", r"rows.csv, row 2: the notebook has no parameter 'yaer'.*'year'"),
    ("rows.csv", "province,year\ngansu,2021\nningxia,last\n", r"rows.csv, row 3: .*takes a whole number or none"),
    ("rows.csv", "province,year\ngansu,2021,7\n", r"row 2: the header has 2 columns"),
    ("rows.csv", "province,year\n", r"has no rows"),
    ("rows.yaml", "- {year: '2021'}\n", r"rows.yaml, row 1: .*takes a whole number"),
    ("rows.yaml", "province: gansu\n", r"must be a list of mappings"),
    ("rows.yaml", "- !!python/object/apply:os.getpid []\n", r"is not YAML"),
    ("rows.yaml", "", r"must be a list"),
    ("rows.txt", "x", r"must end in .csv")])
def test_a_wrong_parameter_file_is_refused_with_its_row(tmp_path, name, text, said):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_rows(tmp_path / name, ROWS)


def test_a_missing_parameter_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(tmp_path / "none.csv", ROWS)
