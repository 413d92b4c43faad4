"""Notebooks under watch: what they answer, what they may not do, and what is left of them afterwards."""

import os
import sys
import tempfile
import threading
from pathlib import Path

import psutil
import pytest

from nqpkit.classroom.invigilation import MARK, SCRATCH, Limits, changes, fingerprint, invigilate
from nqpkit.kit_files import PACKAGE

AMPLE = Limits(120, 2**31)


def test_answers_errors_and_tampering_of_one_notebook(monkeypatch):
    monkeypatch.setenv("NQP_SECRET_TOKEN", "1234")
    cells = [
        "import pandas as pd\nA = pd.Series({'gansu': 1.5}); B = ...\n%matplotlib inline\nE = 1",
        "raise ValueError('broken')", "B = {'x': (1, 2)}\nsys",
        "import os, sys; C = [os.getcwd(), os.path.expanduser('~')]",
        "C.append(os.environ.get('NQP_SECRET_TOKEN')); D = open('data.csv').read(); input()",
        "import nqpkit, pathlib\np = pathlib.Path(nqpkit.__file__)\n(p.parent / 'errors.py').write_text('# nothing')\n"
        "F = str(p); G = lambda: 1\nE = 2", "display(A); print('x' * 10**6); H = 'end'"]
    sat = invigilate(cells, list("ABCDEFGHI"), {"data.csv": b"1,2\n", "../out.txt": b""}, AMPLE)
    values = {name: said.get("value") for name, said in sat.answers.items()}
    assert (sat.state, sat.cell) == ("finished", None)
    assert values["A"] == {"gansu": 1.5} and values["B"] == {"x": [1, 2]}
    assert values["E"] == 2 and values["H"] == "end"
    assert sat.answers["G"] == {"unreadable": "InputError"} and "I" not in sat.answers
    assert [(error["cell"], error["name"]) for error in sat.errors] == [
        (1, "ValueError"), (2, "NameError"), (4, "EOFError")], "a broken cell does not stop the ones after it"
    work, home, token = values["C"]
    assert SCRATCH in work and SCRATCH in home and work != home and token is None
    assert values["D"] == "1,2"
    assert not Path(work).exists(), "nothing is left"
    assert SCRATCH in values["F"] and not Path(values["F"]).is_relative_to(PACKAGE)
    assert sat.touched == ["nqpkit/errors.py changed"], "only the copy of the kit was changed, and it was seen"
    assert "class InputError" in (PACKAGE / "errors.py").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the system's own memory limit is POSIX")
def test_too_large_an_allocation_fails_in_its_cell_and_a_process_that_ends_itself_keeps_its_answers():
    sat = invigilate(["A = 1", "b = bytes(10**12)", "A = 2", "import os; os._exit(0)", "A = 3"], ["A"], limits=AMPLE)
    assert (sat.state, sat.cell, sat.answers["A"]) == ("ended", 3, {"value": 2})
    assert [error["name"] for error in sat.errors] == ["MemoryError"]


@pytest.mark.slow
def test_a_notebook_that_hangs_is_ended_with_all_that_it_started():
    started = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
    cells = ["A = 1", f"{started} start_new_session=True)", "while True: pass", "A = 2"]
    sat = invigilate(cells, ["A"], limits=Limits(8, 2**31))
    assert (sat.state, sat.cell, sat.answers["A"]) == ("timed out", 2, {"value": 1})
    left = []
    for process in psutil.process_iter():
        try:
            if MARK in process.environ() and process.ppid() != os.getpid():
                left.append(process)
        except (psutil.Error, OSError):
            continue
    assert not left


@pytest.mark.slow
def test_a_notebook_that_eats_memory_is_ended():
    cells = ["A = 1", "hoard = []\nwhile True: hoard.append(bytearray(20_000_000))"]
    sat = invigilate(cells, ["A"], limits=Limits(120, 700 * 2**20))
    assert (sat.state, sat.cell, sat.answers["A"]) == ("out of memory", 1, {"value": 1})


@pytest.mark.slow
def test_a_notebook_that_waits_for_ever_is_ended_by_the_clock(monkeypatch):
    monkeypatch.setattr("nqpkit.classroom.invigilation.PATIENCE", 0.4)
    sat = invigilate(["A = 1", "import time; time.sleep(600)"], ["A"], limits=Limits(30, 2**31))
    assert sat.state == "timed out" and sat.seconds >= 12


def test_a_stop_ends_it():
    stop = threading.Event()
    stop.set()
    before = set(Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"))
    assert invigilate(["import time; time.sleep(60)"], [], limits=AMPLE, stop=stop).state == "cancelled"
    assert set(Path(tempfile.gettempdir()).glob(f"{SCRATCH}*")) <= before


def test_what_changed_in_a_folder_is_told(tmp_path):
    (tmp_path / "a").write_text("1", encoding="utf-8")
    (tmp_path / "b").write_text("1", encoding="utf-8")
    before = fingerprint(tmp_path)
    (tmp_path / "a").write_text("2", encoding="utf-8")
    (tmp_path / "b").unlink()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "d").write_text("", encoding="utf-8")
    assert changes(before, fingerprint(tmp_path)) == ["a changed", "b removed", "c/d added"]
    assert changes(before, before) == [] and set(fingerprint(tmp_path, [tmp_path / "c"])) == {"a"}
