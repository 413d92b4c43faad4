"""Grading: the truth of the record, whatever a notebook says of itself.

The ordinary tests put a reader of literals in the place of the process that runs a notebook; `test_invigilation` has
the real one, and the slow test at the end has thirty of them.
"""

import ast
import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import toy_class

from nqpkit.classroom import grading
from nqpkit.classroom.checking import Place
from nqpkit.classroom.gradebook import canvas, details, gradebook, report_page, write_reports
from nqpkit.classroom.grading import grade_class
from nqpkit.classroom.invigilation import Limits, Sitting
from nqpkit.classroom.items import ITEMS
from nqpkit.classroom.packs import make_packs
from nqpkit.cli import main

FORGED = [{"output_type": "stream", "name": "stdout", "text": "E8.1: 2 of 2 points. Right."}]


def literals(cells, names, files=None, limits=None, stop=None) -> Sitting:
    """What the variables of literal assignments hold, in place of running the cells."""
    answers = {}
    for source in cells:
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") in names:
                value = ast.literal_eval(statement.value)
                answers[statement.targets[0].id] = {"unanswered": True} if value is ... else {"value": value}
    return Sitting("finished", None, answers, [], 1.0)


@pytest.fixture
def sat(monkeypatch):
    """The notebooks that were run, by their cells; the process that runs them is a stand-in."""
    seen = []

    def sit(cells, *rest):
        seen.append(cells)
        return literals(cells, *rest)

    monkeypatch.setattr(grading, "invigilate", sit)
    return seen


@pytest.fixture
def toy(monkeypatch, tmp_path, result):
    """A class of six with the packs of the toy workshop; gives the folder and a way to fill a notebook in."""
    toy_class.use(monkeypatch)
    roster = tmp_path / "roster.csv"
    roster.write_text("name,id\n" + "".join(f"{name},{number}\n" for number, name in enumerate(
        ["Right", "=Wrong", "<i>Silent</i>", "Gone", "Torn", "Copier"], 1)), encoding="utf-8")
    record = make_packs(roster, tmp_path / "class").record

    def fill(number, answers, **changes):
        path = tmp_path / "class" / "students" / record.by_id[str(number)].folder / "w9-toy.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            exercise = cell["metadata"].get("nqp", {}).get("exercise")
            if exercise in answers:
                name = exercise.replace(".", "_")
                cell["source"] = f'{name} = {answers[exercise]!r}\ncheck("{exercise}", {name})'
            if cell["cell_type"] == "code":
                cell["outputs"] = FORGED
        for old, new in changes.get("text", ()):
            for cell in notebook["cells"]:
                cell["source"] = "".join(cell["source"]).replace(old, new)
        notebook["cells"] += [{"cell_type": "code", "metadata": {}, "source": source, "outputs": [],
                               "execution_count": None} for source in changes.get("more", ())]
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return path

    places = {student.id: Place(result, student.province, record.year) for student in record.students}
    fill.place = lambda number: places[str(number)]
    fill.record = record
    return tmp_path / "class", fill


def true(place):
    """The right answers of a place, as a student would type them."""
    share = ITEMS["E2.1"].truth(place)
    return {"E8.1": {row: {name: float(value) for name, value in parts.items()}
                     for row, parts in ITEMS["E8.1"].truth(place).items()},
            "E2.1": {name: value if isinstance(value, str) else float(value) for name, value in share.items()},
            "E1.2": "The second copy says <script>alert(1)</script>."}


def rows(grades):
    return {row["id"]: row for row in gradebook(grades).to_dict("records")}


def test_a_small_class_gets_the_grades_that_it_earned(toy, sat, tmp_path):
    folder, fill = toy
    fill(1, true(fill.place(1)))
    wrong = next(mistake for mistake in ITEMS["E2.1"].mistakes if mistake.name == "wrong denominator")
    slip = {key: float(value) for key, value in wrong.wrong(fill.place(2)).items()}
    fill(2, {**true(fill.place(2)), "E2.1": true(fill.place(2))["E2.1"] | slip})
    shutil.rmtree(folder / "students" / fill.record.by_id["4"].folder)
    (folder / "students" / fill.record.by_id["5"].folder / "w9-toy.ipynb").write_text("{torn", encoding="utf-8")
    fill(6, true(fill.place(1)), text=[(f'"{fill.place(6).slug}"', f'"{fill.place(1).slug}"')])
    grades = grade_class(folder, out=tmp_path / "grades")
    got, full = rows(grades), ITEMS["E8.1"].points + ITEMS["E2.1"].points
    assert {row["out_of"] for row in got.values()} == {full}, "the text that a person reads is left out"
    assert (got["1"]["points"], got["1"]["percentage"], got["1"]["state"]) == (full, 100, "graded")
    assert got["1"]["to_read"] == 1 and got["1"]["E1.2"] == "" and got["1"]["flags"] == "same as another"
    assert got["2"]["E8.1"] == ITEMS["E8.1"].points and 0 < got["2"]["E2.1"] < ITEMS["E2.1"].points
    assert (got["3"]["points"], got["3"]["state"]) == (0, "graded"), "a forged output counts for nothing"
    assert (got["4"]["points"], got["4"]["state"]) == ("", "missing")
    assert (got["5"]["points"], got["5"]["state"]) == ("", "unreadable") and "no notebook" in got["5"]["remark"]
    assert got["6"]["E2.1"] < ITEMS["E2.1"].points, "another province's answers are judged by the record's province"
    assert got["6"]["flags"] == "another province; same as another" and not grades.ok
    table = details(grades).set_index(["id", "exercise"])
    assert table.loc[("2", "E2.1"), "mistake"] == "wrong denominator"
    assert list(table.loc["3", "outcome"]) == ["not answered"] * 3
    assert table.loc[("1", "E1.2"), "outcome"] == "to be read"


def test_reports_are_safe_to_open_and_to_import(toy, sat, tmp_path):
    folder, fill = toy
    fill(1, {**true(fill.place(1)), "E8.1": "=HYPERLINK(\"x\")"})
    grades = grade_class(folder, out=tmp_path / "grades")
    made = {path.name: path.read_bytes() for path in write_reports(grades, tmp_path / "grades")}
    book = list(csv.DictReader(io.StringIO(made["gradebook.csv"].decode("utf-8-sig"))))
    assert [row["name"] for row in book][:3] == ["Right", "'=Wrong", "<i>Silent</i>"]
    told = made["details.csv"].decode("utf-8-sig")
    assert all(not cell.startswith(("=", "+", "@")) for row in csv.reader(io.StringIO(told)) for cell in row)
    lines = list(csv.reader(io.StringIO(made["canvas.csv"].decode())))
    assert lines[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Workshop W9 toy"]
    assert "Points Possible" in lines[1][0] and float(lines[1][5]) == grades.graded[0].out_of
    assert lines[2][2] == lines[2][3] == "1" and len(lines) == 2 + 6
    page = made["report.html"].decode()
    assert "<script" not in page and "<i>Silent" not in page and "&lt;i&gt;Silent" in page
    assert 'lang="en"' in page and page.count("<caption>") >= 2 and "http" not in page.replace("http-equiv", "")
    assert canvas(grades).shape == (7, 6)


def test_what_has_not_changed_is_not_run_again(toy, sat, tmp_path):
    folder, fill = toy
    for number in range(1, 7):
        fill(number, true(fill.place(number)))
    first = grade_class(folder, out=tmp_path / "grades")
    assert len(sat) == 6 and {each.runs for each in first.graded} == {1}
    second = grade_class(folder, out=tmp_path / "grades")
    assert len(sat) == 6 and {each.runs for each in second.graded} == {0}
    assert [each.points for each in second.graded] == [each.points for each in first.graded]
    fill(3, {"E8.1": 0.5})
    third = grade_class(folder, out=tmp_path / "grades")
    assert len(sat) == 7 and [each.runs for each in third.graded] == [0, 0, 1, 0, 0, 0]
    grade_class(folder, out=tmp_path / "grades", force=True)
    assert len(sat) == 13


def test_what_died_by_a_limit_is_run_once_more_alone(toy, tmp_path, monkeypatch):
    folder, fill = toy
    tries = {}

    def sit(cells, names, files, limits, stop):
        mine = cells[0]
        tries[mine] = tries.get(mine, 0) + 1
        done = literals(cells, names)
        if fill.place(1).slug in mine and tries[mine] == 1:
            return replace(done, state="timed out", cell=3)
        return replace(done, state="out of memory", cell=4) if fill.place(2).slug in mine else done

    monkeypatch.setattr(grading, "invigilate", sit)
    fill(1, true(fill.place(1)))
    fill(2, {"E8.1": true(fill.place(2))["E8.1"]})
    grades = grade_class(folder, out=tmp_path / "grades", limits=Limits(60, 10**9))
    got = rows(grades)
    assert (got["1"]["state"], got["1"]["runs"]) == ("graded", 2)
    assert (got["2"]["state"], got["2"]["runs"], got["2"]["remark"]) == ("out of memory", 2, "in cell 5, after 1 s")
    assert got["2"]["points"] == ITEMS["E8.1"].points, "what was answered before counts"
    before = sum(tries.values())
    grade_class(folder, out=tmp_path / "grades", limits=Limits(60, 10**9))
    assert sum(tries.values()) == before, "the same limits would end it the same way"
    grade_class(folder, out=tmp_path / "grades", limits=Limits(60, 2 * 10**9))
    assert sum(tries.values()) == before + 2, "more memory may help"


def test_a_notebook_that_writes_elsewhere_is_seen(toy, tmp_path, monkeypatch):
    folder, fill = toy
    victim = fill(2, {})

    def sit(cells, names, files, limits, stop):
        if fill.place(1).slug in cells[0]:
            victim.write_text("spoiled", encoding="utf-8")
        return literals(cells, names)

    monkeypatch.setattr(grading, "invigilate", sit)
    grades = grade_class(folder, out=tmp_path / "grades", jobs=1)
    got = rows(grades)
    assert "wrote outside" in got["1"]["flags"] and "wrote outside" not in got["3"]["flags"]
    assert got["2"]["state"] == "graded", "what was handed in was read before anything ran"


def test_what_is_no_data_is_never_right(toy, tmp_path, monkeypatch):
    """A missing figure is None in a truth; a variable that cannot be read must not pass for it."""
    folder, _ = toy
    held = {"E8_1": {"unreadable": "InputError"}, "E2_1": {"too_large": 10**6}, "E1_2": {"unreadable": "TypeError"}}
    monkeypatch.setattr(grading, "invigilate", lambda *given: Sitting("finished", None, held, [], 1.0))
    monkeypatch.setitem(ITEMS, "E8.1", replace(ITEMS["E8.1"], truth=lambda place: None, mistakes=()))
    grades = grade_class(folder, out=tmp_path / "grades")
    assert {row["points"] for row in rows(grades).values()} == {0}
    assert set(details(grades)["outcome"]) == {"wrong"}


def test_tampering_with_the_checker_is_flagged_and_changes_no_point(toy, sat, tmp_path):
    folder, fill = toy
    fill(1, {"E8.1": 1}, more=["def check(*said): print('Right.')", "from nqpkit.classroom import checking"])
    shared = [f"# {'the same long remark in two notebooks ' * 5}"]
    fill(2, true(fill.place(2)), more=shared)
    fill(3, {}, more=["x = 1"])
    grades = grade_class(folder, out=tmp_path / "grades")
    assert rows(grades)["1"]["points"] == 0
    assert rows(grades)["1"]["flags"] == "check redefined; checker internals"
    assert "To look at" in report_page(grades)


def test_the_command_says_what_it_did_and_how_it_went(toy, sat, tmp_path, monkeypatch, capsys):
    folder, fill = toy
    monkeypatch.chdir(tmp_path)
    fill(1, true(fill.place(1)))

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["class", "grade", *map(str, arguments)])
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    code, out, err = run(folder)
    assert code == 0 and "6 of 6 notebooks graded" in err
    assert [Path(line).name for line in out.split()] == ["gradebook.csv", "details.csv", "canvas.csv", "report.html"]
    (folder / "students" / fill.record.by_id["5"].folder / "w9-toy.ipynb").write_text("{", encoding="utf-8")
    assert run(folder)[0] == 1
    assert run(folder / "students", "--record", folder / "record.json", "-w", "w9")[0] == 1
    assert run(folder / "students")[0] == 2 and run(tmp_path / "nowhere", "--record", folder)[0] == 2
    assert run(folder, "-w", "w3")[0] == 2


@pytest.mark.slow
def test_thirty_students_get_the_grades_that_they_earned(tmp_path):
    """For real: thirty notebooks of workshop 4, each in a process of its own."""
    import thirty

    hand_in = thirty.hand_in(tmp_path)
    grades = grade_class(hand_in.folder, out=tmp_path / "grades", limits=Limits(20, 800 * 2**20))
    got = {int(name): row for name, row in rows(grades).items()}
    full = got[1]["out_of"]
    assert full == sum(ITEMS[name].points for name in ("E8.1", "E8.2", "E8.3", "Q4"))
    for number in (*range(1, 19), thirty.BROKEN):
        assert (got[number]["state"], got[number]["points"]) == ("graded", full), got[number]
    mistakes = details(grades).set_index(["id", "exercise"])["mistake"]
    for number in thirty.WRONG:
        assert got[number]["state"] == "graded"
        assert got[number]["points"] == full - ITEMS["E8.1"].points + got[number]["E8.1"] < full, got[number]
        assert mistakes[(f"{number:03d}", "E8.1")] == hand_in.slips[f"{number:03d}"]
    assert "ZeroDivisionError" in got[thirty.BROKEN]["remark"]
    for number, state in ((thirty.HANGING, "timed out"), (thirty.GREEDY, "out of memory"), (thirty.DYING, "stopped")):
        assert got[number]["state"].startswith(state) and got[number]["runs"] == 2, got[number]
        assert got[number]["points"] == full - ITEMS["Q4"].points, "what was answered before the end counts"
    tampered = got[thirty.TAMPERING]
    assert tampered["E8.1"] == 0 and {"changed the kit", "check redefined", "checker internals"} <= set(
        tampered["flags"].split("; "))
    copied = got[thirty.COPIED]
    assert "another province" in copied["flags"] and "hand-in" in copied["flags"] and copied["points"] < full
    assert got[thirty.MISSING]["state"] == "missing" and got[thirty.TORN]["state"] == "unreadable"
    assert (got[thirty.EMPTY]["state"], got[thirty.EMPTY]["points"]) == ("graded", 0)
    assert not grades.ok and not grades.warnings, "the installed kit is as it was"
    again = grade_class(hand_in.folder, out=tmp_path / "grades", limits=Limits(20, 800 * 2**20))
    assert {each.runs for each in again.graded} == {0}
    assert [each.points for each in again.graded] == [each.points for each in grades.graded]
