"""Broken studies and spreadsheets by the hundred: each gets a sentence with its file; nothing on the disk changes."""

import csv
import io
import shutil

import pytest
import yaml

from nqpkit import InputError, Study, evaluate
from nqpkit.check import check_study
from nqpkit.cli import main
from nqpkit.exchange.start import new_study
from nqpkit.tables import TABLES

OWN = ("regions", "series", "sources", "figures")  # the tables that the invented counties have
SLUGS = ["../up", "a/b", "a\\b", "A b", "a\nb", ".", "-", "<b>", "=1+1", "名", "a" * 400, "con:", "a\u202eb"]
RUBBISH = {"nothing": b"", "a null byte": b"code\x00,slug\n", "UTF-16": "code,slug\n1,a\n".encode("utf-16"),
           "GB18030": "code,slug,name\n1,a,北京\n".encode("gb18030"), "an image": b"\x89PNG\r\n\x1a\n\x00\x00",
           "one long line": b"x" * 200_000, "an open quote": b'code,slug\n1,"a\n2,b\n', "semicolons": b"a;b;c\n1;2;3\n"}
YAML = {"a list": "- a\n- b\n", "a word": "hello\n", "an open bracket": "title: [a\n", "a tab": "title:\n\tx: 1\n",
        "a Python object": "title: !!python/object/apply:os.system [echo]\n", "a cycle": "title: &a [*a]\n",
        "a number as key": "1: 2\n", "twice the same key": "title: a\ntitle: b\n", "two documents": "a: 1\n---\nb: 2\n",
        "only a comment": "# nothing\n"}
WRONG = ("a list of lists", [[1]]), ("a number", -7.5), ("nothing", None), ("a mapping", {"x": {"y": 1}})


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return new_study(tmp_path_factory.mktemp("sound") / "study", "counties")


@pytest.fixture
def study(sound, tmp_path):
    return shutil.copytree(sound, tmp_path / "study")


def rows_of(folder, name):
    return list(csv.reader(io.StringIO((folder / name).read_text(encoding="utf-8"))))


def rewrite(folder, name, rows):
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def state(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(folder, name):
    """A check names the file, with a remedy for every error; loading refuses in words; nothing on the disk changes."""
    before = state(folder)
    errors = [problem for problem in check_study(folder) if problem.severity == "error"]
    assert any(name in str(problem) for problem in errors), errors
    assert all(problem.message and problem.remedy for problem in errors)
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        evaluate(Study.load(folder))
    assert state(folder) == before
    return errors


def told(folder, capsys, name):
    """The commands name the file: `nqp check` leaves with 1, `nqp score` with 2, neither shows a traceback."""
    for command, code in ((["check", str(folder)], 1), (["score", "--study", str(folder)], 2)):
        with pytest.raises(SystemExit) as stop:
            main(command)
        said = "".join(capsys.readouterr())
        assert stop.value.code == code and "Traceback" not in said and name in said, said


def broken_columns():
    for table in OWN:
        for column in TABLES[table][0]:
            for what in ("gone", "twice", "another name"):
                yield pytest.param(f"{table}.csv", column, what, id=f"{table}-{column}-{what}")


@pytest.mark.parametrize(("name", "column", "what"), list(broken_columns()))
def test_a_needed_column_that_is_gone_twice_or_called_otherwise(study, name, column, what):
    head, *rows = rows_of(study, name)
    place = head.index(column)
    if what == "gone":
        head, rows = head[:place] + head[place + 1:], [row[:place] + row[place + 1:] for row in rows]
    elif what == "twice":
        head, rows = [*head, column], [[*row, row[place]] for row in rows]
    else:
        head[place] = f"{column} 名"
    rewrite(study, name, [head, *rows])
    assert any(problem.row == 1 and column in str(problem) for problem in refused(study, name)
               if problem.file == name)


def broken_cells():
    for table in OWN:
        for column in TABLES[table][0]:
            yield pytest.param(f"{table}.csv", column, "", id=f"{table}-{column}-empty")
    for column, values in {"year": ["2019.5", "MMXX", "99999", "-1", "1e400"], "code": ["nowhere"],
                           "series": ["nothing", "=1+1"], "source": ["nobody"],
                           "value": ["1,000", "12 %", "n/a", "NaN", "inf", "1e999", "0x10", "１２", "1 000",
                                     "--"]}.items():
        for value in values:
            yield pytest.param("figures.csv", column, value, id=f"figures-{column}-{value}")
    for column, value in (("lower", "low"), ("change", "10%"), ("change", "x-2")):
        yield pytest.param("series.csv", column, value, id=f"series-{column}-{value}")
    yield pytest.param("regions.csv", "group", "sea", id="regions-group-sea")
    for slug in SLUGS:
        yield pytest.param("regions.csv", "slug", slug, id=f"regions-slug-{ascii(slug)[:20]}")


@pytest.mark.parametrize(("name", "column", "value"), list(broken_cells()))
def test_a_cell_that_cannot_be_is_named_with_row_and_column(study, name, column, value):
    head, *rows = rows_of(study, name)
    place = min(2, len(rows) - 1)
    rows[place][head.index(column)] = value
    rewrite(study, name, [head, *rows])
    found = refused(study, name)
    line = place + 2  # the header is line 1
    places = [problem for problem in found if problem.file == name and problem.column == column]
    other = [problem for problem in found if column in str(problem) or (value and value in problem.value)]
    assert any(problem.row == line for problem in places) or other, found


@pytest.mark.parametrize("table", OWN)
@pytest.mark.parametrize("what", ["short", "long", "doubled"])
def test_a_row_that_does_not_fit(study, table, what):
    name = f"{table}.csv"
    head, *rows = rows_of(study, name)
    if what == "doubled":
        rows.append(rows[0])
    else:
        rows[0] = rows[0][:-1] if what == "short" else [*rows[0], "more", "still"]
    rewrite(study, name, [head, *rows])
    wanted = len(rows) + 1 if what == "doubled" else 2
    assert any(problem.row == wanted for problem in refused(study, name) if problem.file == name)


@pytest.mark.parametrize("name", [*(f"{table}.csv" for table in OWN), "study.yml", "framework.yml"])
@pytest.mark.parametrize("what", RUBBISH)
def test_a_file_that_is_something_else(study, capsys, name, what):
    (study / name).write_bytes(RUBBISH[what])
    refused(study, name)
    told(study, capsys, name)


@pytest.mark.parametrize("name", ["study.yml", "framework.yml"])
@pytest.mark.parametrize("what", YAML)
def test_yaml_that_says_something_else(study, name, what):
    (study / name).write_text(YAML[what], encoding="utf-8")
    refused(study, name)


def broken_settings():
    for name, keys in (("study.yml", ["title", "unit", "focus", "groups", "years"]),
                       ("framework.yml", ["years", "systems"])):
        for key in keys:
            for what, value in WRONG:
                yield pytest.param(name, key, value, id=f"{name}-{key}-{what}")


@pytest.mark.parametrize(("name", "key", "value"), list(broken_settings()))
def test_a_setting_of_another_kind(study, name, key, value):
    content = yaml.safe_load((study / name).read_text(encoding="utf-8"))
    (study / name).write_text(yaml.safe_dump(content | {key: value}, sort_keys=False), encoding="utf-8")
    assert any(key in str(problem) for problem in refused(study, name))


@pytest.mark.parametrize("formula", [
    "", "output", "output /", "output // residents", "__import__('os')", "output ** 9", "(output", "output residents",
    "nothing / residents", "output / residents; 1", "growth(output", "growth(growth(output))", "lambda: 1",
    "output if 1", "open('x')", "output.real", "1", "output / residents * nan", "'output'", "[output]"])
def test_a_formula_that_is_none_is_refused_and_never_run(study, formula):
    content = yaml.safe_load((study / "framework.yml").read_text(encoding="utf-8"))
    content["systems"]["life"]["dimensions"]["income"]["indicators"]["productivity"]["formula"] = formula
    (study / "framework.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    if formula == "output":  # a series alone is a formula
        assert check_study(study) == []
        return
    assert any("productivity" in str(problem) for problem in refused(study, "framework.yml"))


TABLE = "county,year,Gross output\nAshdale,2023,1\n"
SHEETS = {
    "nothing": b"", "one word": b"hello\n", "no region": b"place,year,Gross output\nNowhere,2023,1\n",
    "no year": b"county,Gross output\nAshdale,1\n", "a year too far": b"county,year,Gross output\nAshdale,12023,1\n",
    "rows of nothing": b",,\n,,\n", "an image": b"\x89PNG\r\n\x1a\n\x00", "half a workbook": b"PK\x03\x04half",
    "a web page": b"<html><table><tr><td>Ashdale</td></tr></table></html>", "a null byte": b"Ashdale\x00,2023,1\n",
    "the figure twice": TABLE.encode() + b"Ashdale,2023,2\n", "another figure": TABLE.encode(),
    "letters for a number": b"county,year,Gross output\nAshdale,2023,many\n",
    "a formula": b"county,year,Gross output\nAshdale,2023,=1+1\n",
    "an unknown series": b"county,year,Height\nAshdale,2023,3\n"}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "xlsx", "ods"])
@pytest.mark.parametrize("what", SHEETS)
def test_a_spreadsheet_that_cannot_be_read_changes_nothing(study, tmp_path, capsys, what, suffix):
    sheet = tmp_path / f"my table.{suffix}"
    sheet.write_bytes(SHEETS[what])
    before = state(study)
    with pytest.raises(SystemExit) as stop:
        main(["import", str(sheet), "--study", str(study), "--publication", "a", "--publisher", "b", "--yes"])
    said = "".join(capsys.readouterr())
    assert "Traceback" not in said and said.strip()
    assert stop.value.code in (0, 2) and (stop.value.code == 2 or "nothing to write" in said), said
    assert "my table" in said or "Gross output" in said or "Ashdale" in said
    assert state(study) == before
