"""What a student sees: a greeting, a verdict, a sentence when nothing is answered."""

import subprocess
import sys

import nbclient
import nbformat
import pytest

from nqpkit.classroom import begin
from nqpkit.classroom.checking import Item, Verdict
from nqpkit.classroom.desk import Reply, Unanswered, find_item
from nqpkit.errors import InputError


@pytest.mark.parametrize("name", ["gansu", "62", 62, "甘肃", "甘肃省", "Gansu"])
def test_a_province_is_known_by_any_name(name, capsys):
    check = begin(name, 2022)
    assert (check.slug, check.code, check.year, check.region["name_zh"]) == ("gansu", "62", 2022, "甘肃")
    assert capsys.readouterr().out == "Gansu (甘肃), 2022.\n"


def test_the_chapters_follow_the_student():
    assert begin("yunnan").result.study.settings["default_region"] == "yunnan"


def test_options_reach_the_evaluation():
    assert begin("gansu", weights="entropy").result.options.weights == "entropy"


def test_a_bad_province_or_year_is_told():
    with pytest.raises(InputError, match="Did you mean 'gansu'"):
        begin("gansoo")
    with pytest.raises(InputError, match="1999 is not scored"):
        begin("gansu", 1999)


def test_an_unknown_exercise_is_told_with_near_ones():
    with pytest.raises(InputError, match="Did you mean .*E8.1"):
        find_item("E8.1x")
    assert find_item("e8-1") is find_item("E8_1") is find_item("8.1")


def test_nothing_answered_stops_with_one_sentence():
    check = begin("gansu")
    with pytest.raises(Unanswered, match="^E8.1 is not answered yet") as stop:
        check("E8.1", ...)
    assert stop.value._render_traceback_() == [str(stop.value)]


def test_a_verdict_is_shown_as_text_and_as_safe_html():
    item = Item("E0.9", 2, "")
    reply = Reply(item, Verdict(False, 1, {"<b>a</b>": True, "c": False}, "It looks as if <script>."))
    assert repr(reply) == "E0.9: 1 of 2 points. It looks as if <script>.\n  ✓ <b>a</b>\n  ✗ c"
    html = reply._repr_html_()
    assert "<script>" not in html and "<b>a" not in html and "not right" in html
    assert Reply(item, Verdict(None, 0)).score == "to be read, up to 2 points"
    assert "✓" not in repr(Reply(item, Verdict(True, 2, {"a": True, "b": True}, "Right.")))


@pytest.mark.slow
def test_the_classroom_loads_without_drawing():
    code = "import sys, nqpkit.classroom; sys.exit(any(name in sys.modules for name in ('matplotlib', 'sphinx')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
def test_a_notebook_stops_at_the_first_unanswered_exercise_with_one_sentence():
    cells = ["from nqpkit.classroom import begin\ncheck = begin('gansu')", "check('E8.1', 0.5)", "check('E8.1', ...)",
             "print('never')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(nbclient.exceptions.CellExecutionError):
        nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    shown, stopped, after = (cell.outputs for cell in notebook.cells[1:])
    assert "<strong>E8.1</strong>" in shown[0].data["text/html"] and not after
    assert [len(output.traceback) for output in stopped] == [1]
    assert stopped[0].traceback[0].startswith("E8.1 is not answered yet.")
