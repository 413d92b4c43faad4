"""The check of a machine: every shortage is found and told in plain words; a bare or old Python gets no traceback."""

import ast
import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from nqpkit.classroom import machine
from nqpkit.classroom.machine import GOOD, LACKS, LOOK

ROOT = Path(__file__).parent.parent.parent


def absent(name):
    raise PackageNotFoundError(name)


def test_this_environment_has_what_it_needs():
    findings = {found.name: found for found in machine.look(ROOT)}
    assert findings["Python"].state == findings["Kernel"].state == findings["Evaluation"].state == GOOD
    assert findings["Packages"].state in (GOOD, LOOK)
    assert "beijing" in findings["Evaluation"].words


@pytest.mark.parametrize(("found", "says"), [
    (machine.python_found((3, 9, 2)), "3.11"),
    (machine.python_found(wide=False), "64"),
    (machine.packages_found(["pandas==3.0.0"], absent), "pandas"),
    (machine.packages_found([]), "requirements.txt"),
    (machine.memory_found(300_000_000), "0.3 GB"),
    (machine.disk_found(ROOT, 200_000_000), "0.2 GB"),
    (machine.encoding_found("ascii", "utf-8"), "ascii"),
    (machine.kernel_found(lambda: "/somewhere/else/python"), "/somewhere/else"),
    (machine.evaluation_found(lambda: ("tibet", 2023)), "tibet"),
], ids=lambda value: value.name if isinstance(value, machine.Finding) else None)
def test_a_shortage_is_named_with_its_remedy(found, says):
    assert found.state == LACKS
    assert says in found.words and len(found.remedy) > 20


@pytest.mark.parametrize(("found", "says"), [
    (machine.encoding_found("utf-8", "cp936"), "cp936"),
    (machine.fonts_found([], ask=None), "Chinese"),
    (machine.path_found(Path("/home/li/我的 课程")), "spaces and characters"),
    (machine.path_found(Path("/home/li/OneDrive/course")), "OneDrive"),
    (machine.path_found(Path("/" + "long/" * 50)), "characters"),
    (machine.proxy_found({"HTTP_PROXY": "http://proxy.example:3128"}), "proxy"),
], ids=lambda value: value.name if isinstance(value, machine.Finding) else None)
def test_what_may_make_trouble_is_said_without_alarm(found, says):
    assert found.state == LOOK and says in found.words and found.remedy


def test_what_is_right_needs_no_remedy():
    spared = {"HTTP_PROXY": "http://proxy.example:3128", "NO_PROXY": "localhost,127.0.0.1"}
    for found in [machine.proxy_found(spared), machine.memory_found(4_000_000_000),
                  machine.path_found(Path("/home/li/nqp"))]:
        assert found.state == GOOD and not found.remedy


def test_other_versions_are_named_but_do_not_stop_the_class():
    found = machine.packages_found(["pandas==3.0.0"], lambda name: "2.9.9")
    assert found.state == LOOK and "pandas 2.9.9 instead of 3.0.0" in found.words


def test_a_folder_that_cannot_be_written_is_found(tmp_path):
    gone = tmp_path / "gone"
    assert machine.folder_found(gone).state == LACKS
    assert machine.folder_found(tmp_path).state == GOOD and not list(tmp_path.iterdir())


def test_another_python_than_the_folders_own_is_found(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    assert machine.right_python(tmp_path / "notebooks", "/usr").state == LACKS
    assert machine.right_python(tmp_path / "notebooks", tmp_path / ".venv").state == GOOD


def test_a_font_is_found_by_its_file(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "DejaVuSans.ttf").touch()
    assert machine.fonts_found([tmp_path], ask=None).state == LOOK
    (tmp_path / "deep" / "NotoSansCJK-Regular.ttc").touch()
    assert machine.fonts_found([tmp_path], ask=None).state == GOOD


def test_the_lock_is_read_for_this_python_and_system():
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    lines = ["# a remark", f"a==1 ; python_full_version == '{here}.*'", "b==2 ; python_full_version < '3.0'",
             f"c==3 ; sys_platform == '{sys.platform}'", "d==4 ; sys_platform == 'beos'",
             "e==5 ; os_name == 'beos' or (sys_platform != 'beos' and os_name != 'beos')", "f[all]==6"]
    assert machine.pinned(lines) == {"a": "1", "c": "3", "e": "5", "f": "6"}
    real = machine.pinned(machine.lock_lines(ROOT / "requirements.txt"))
    assert {"pandas", "numpy", "jupyterlab"} <= set(real)


def test_what_cannot_be_looked_at_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr(machine, "memory_found", lambda: 1 / 0)
    monkeypatch.setattr(machine, "packages_found", lambda lines: machine.Finding("Packages", LACKS, "none"))
    found = next(found for found in machine.look(ROOT) if found.name == "Memory")
    assert found.state == LACKS and "ZeroDivisionError" in found.words and "\n" not in found.words


def test_a_python_without_packages_gets_an_answer(tmp_path):
    """As on a fresh machine: no packages at all, the kit's folder on the path."""
    start = f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); runpy.run_module('nqpkit.classroom.machine', "
    done = subprocess.run([sys.executable, "-I", "-S", "-X", "utf8", "-c", start + "run_name='__main__')"],
                          cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 1
    assert "pandas" in done.stdout and "requirements.txt" in done.stdout and "Evaluation" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["__init__.py", "kit_files.py", "classroom/__init__.py", "classroom/machine.py"])
def test_an_old_python_can_read_what_it_runs(name):
    """Syntax of Python 3.8, and no annotation that an old Python would evaluate."""
    path = ROOT / "nqpkit" / name
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    tree = ast.parse(text, feature_version=(3, 8))
    annotated = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AnnAssign))
                 and any(isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.BitOr) for inner in ast.walk(node))]
    assert not annotated or "from __future__ import annotations" in text


def test_the_notebook_answers_also_without_the_kit():
    """Its one code cell runs in a Python that has no nqpkit, and says so."""
    notebook = json.loads((ROOT / "notebooks" / "check-machine.ipynb").read_text(encoding="utf-8"))
    (cell,) = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    done = subprocess.run([sys.executable, "-I", "-S", "-X", "utf8", "-c", "".join(cell["source"])],
                          capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0 and "MISSING" in done.stdout and sys.executable in done.stdout
