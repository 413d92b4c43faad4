"""Warm kernels: fresh, independent, the same as ordinary ones to the byte, and gone when they should be."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import nbformat
import papermill
import psutil
import pytest
from test_runner import write_template

from nqpkit.reports import engine, warm_kernels
from nqpkit.reports.runner import run_reports
from nqpkit.reports.warm_kernels import ADDRESS, KernelParent, imported_modules, rehearsals

pytestmark = pytest.mark.skipif(not warm_kernels.available(), reason="only Linux forks warm kernels")

# Everything that could tell a forked kernel from one that was started: the shell seen at import, the backend of
# pyplot, warnings and tracebacks that name files, hash order, threads' environment, display of frames.
TELLTALE = [
    ("code", ["parameters"], 'province = "gansu"\nmark = 1'),
    ("code", ["warm"], "import warnings\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\n"
                       "from tqdm.auto import tqdm"),
    ("code", [], "fig, ax = plt.subplots()\nax.plot([1, 3, 2])\nax.set_title(province)"),
    ("code", [], "plt.plot([1, 2, 3 * mark])\nplt.show()\nplt.get_backend(), plt.isinteractive()"),
    ("code", [], "pd.DataFrame({'a': [1, 2], province: [3.5, None]})"),
    ("code", [], "warnings.warn('careful')\nprint(list({'x', 'y', 'z', province}), tqdm.__module__)"),
    ("code", [], "import os, sys\nprint(os.environ['OMP_NUM_THREADS'], sys.flags.utf8_mode, sys.stdin.closed, __name__,"
                 " sorted(n for n in globals() if not n.startswith('_')))"),
    ("code", [], "!echo from a shell\nos.write(1, b'low level\\n')\nIn[1], Out"),
    ("code", [], "%who_ls"),
    ("code", [], "import traceback\ndef divide(a):\n    return a / 0\ntry:\n    divide(1)\n"
                 "except ZeroDivisionError:\n    print(traceback.format_exc())"),
]


def run_once(template, out, kernels, **more):
    return run_reports(regions=["gansu", "ningxia"], notebook=template, out=out, jobs=2, kernels=kernels, **more)


@pytest.fixture(autouse=True)
def _steady_package(monkeypatch):
    monkeypatch.setattr("nqpkit.reports.freshness.package_hash", lambda: "0" * 12)


@pytest.mark.parametrize("order", ["nqpkit.reports.engine, papermill", "papermill, nqpkit.reports.engine"])
def test_papermill_and_the_engine_may_be_imported_in_any_order(order):
    program = f"import {order}; print(papermill.engines.papermill_engines.get_engine('nqp').name)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "nqp\n", done.stderr


def test_warm_and_ordinary_kernels_give_the_same_bytes(tmp_path):
    template = write_template(tmp_path / "tiny.ipynb", TELLTALE)
    for kernels in ("warm", "ordinary"):
        summary = run_once(template, tmp_path / kernels, kernels)
        assert summary.ok, [row.reason for row in summary.rows]
    for name in ("gansu.ipynb", "ningxia.ipynb"):
        warm = nbformat.read(tmp_path / "warm" / name, as_version=4)
        ordinary = nbformat.read(tmp_path / "ordinary" / name, as_version=4)
        for one, other in zip(warm.cells, ordinary.cells, strict=True):
            assert one == other
        assert (tmp_path / "warm" / name).read_bytes() == (tmp_path / "ordinary" / name).read_bytes()


def test_kernels_share_nothing_but_what_the_parent_loaded(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "counting.py").write_text("import os\nloaded_in = os.getpid()\nseen = []\n", encoding="utf-8")
    cells = [("code", ["parameters"], 'province = "x"'),
             ("code", [], "import counting, os, numpy\ncounting.seen.append(province)\n"
                          "print(counting.seen, counting.loaded_in != os.getpid(), 'leak' in globals())\nleak = 1"),
             ("code", ["random"], "print(numpy.random.rand())")]
    template = write_template(tmp_path / "tiny.ipynb", cells)
    summary = run_once(template, tmp_path / "out", "warm")
    assert summary.ok, [row.reason for row in summary.rows]
    said = {}
    for name in ("gansu", "ningxia"):
        report = nbformat.read(tmp_path / "out" / f"{name}.ipynb", as_version=4)
        outputs = [cell.outputs[0].text for cell in report.cells if cell.cell_type == "code" and cell.outputs]
        assert outputs[0] == f"['{name}'] True False\n", "a kernel sees another's state, or did not inherit the module"
        said[name] = outputs[1]
    assert said["gansu"] != said["ningxia"], "two kernels draw the same random numbers"


def test_imports_and_rehearsals_are_read_from_the_notebook():
    def cell(source, *tags):
        return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}}

    notebook = {"cells": [cell("a = 1", "parameters"), cell("import json.decoder as j, os\nfrom csv import reader"),
                          cell("%magic\nimport never"), cell("if True:\n    import re"), cell("load(a)", "warm"),
                          {"cell_type": "markdown", "source": "import none", "metadata": {}}]}
    assert imported_modules(notebook) == ["json.decoder", "os", "csv", "csv.reader", "re"]
    assert rehearsals(notebook, [{"a": 2}, {"a": 3}, {"a": 2}]) == [
        "a = 1\na = 2\n\nload(a)", "a = 1\na = 3\n\nload(a)"]
    assert rehearsals({"cells": notebook["cells"][:4]}, [{"a": 2}]) == []
    assert len(rehearsals(notebook, [{"a": n} for n in range(50)])) == 8


@pytest.mark.parametrize("regions, rehearsed", [(["gansu", "ningxia", "qinghai"], True), (["gansu", "tibet"], False)])
def test_a_rehearsal_of_what_many_share_fills_caches_and_leaves_no_names(tmp_path, monkeypatch, regions, rehearsed):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "slow.py").write_text("import os\nfrom functools import cache\n@cache\ndef answer(n):\n"
                                      "    return os.getpid()\n"
                                      "class Drawing:\n    def _repr_html_(self):\n"
                                      "        return str(answer('drawn'))\n", encoding="utf-8")
    cells = [("code", ["parameters"], 'province = "x"\nn = 1'),
             ("code", ["warm"], "import os, slow\nfound = slow.answer(n)\nslow.Drawing()"),
             ("code", [], "print(province, [slow.answer(n) == os.getpid() for n in (1, 'drawn', 2)])")]
    template = write_template(tmp_path / "tiny.ipynb", cells)
    assert run_reports(regions=regions, notebook=template, out=tmp_path / "out", jobs=2).ok
    report = nbformat.read(tmp_path / "out" / "gansu.ipynb", as_version=4)
    own = str(not rehearsed)
    assert report.cells[-1].outputs[0].text == f"gansu [{own}, {own}, True]\n"


@pytest.fixture
def sleeper(tmp_path):
    """A notebook that says who it is in a file, then waits, and a way to wait for it."""
    cells = [("code", ["parameters"], 'province = "x"\nnote = ""'),
             ("code", [], "import os, pathlib, subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\n"
                          "pathlib.Path(note).write_text(f'{os.getpid()} {os.getppid()} {child.pid}')\n"
                          "time.sleep(600)")]
    template = write_template(tmp_path / "sleeper.ipynb", cells)

    def wait(note):
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            if note.is_file() and len(note.read_text(encoding="utf-8").split()) == 3:
                return [int(word) for word in note.read_text(encoding="utf-8").split()]
            time.sleep(0.05)
        raise AssertionError("the notebook did not start")

    return template, wait


def gone(*pids) -> bool:
    limit = time.monotonic() + 20
    while time.monotonic() < limit:
        if not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("victim", ["process", "parent"])
def test_a_kernel_does_not_outlive_whoever_wanted_it(tmp_path, sleeper, victim):
    template, wait = sleeper
    note = tmp_path / "note"
    program = ("import papermill, sys, nqpkit.reports.engine\nfrom nqpkit.reports.warm_kernels import warm_kernels\n"
               "with warm_kernels():\n    papermill.execute_notebook(sys.argv[1], sys.argv[2], {'note': sys.argv[3]},\n"
               "        engine_name='nqp', progress_bar=False)")
    with subprocess.Popen([sys.executable, "-c", program, str(template), str(tmp_path / "out.ipynb"), str(note)],
                          stderr=subprocess.DEVNULL) as run:
        kernel, parent, child = wait(note)
        assert psutil.Process(kernel).ppid() == parent != run.pid
        os.kill(run.pid if victim == "process" else parent, signal.SIGKILL)
        assert gone(kernel, parent)
        if victim == "process":
            assert gone(child), "what the notebook started is still there"
        else:
            assert run.wait(60) != 0
            os.kill(child, signal.SIGKILL)


def test_a_dead_kernel_tells_its_exit_code(tmp_path):
    cells = [("code", [], "import os\nos.kill(os.getpid(), 9)")]
    template = write_template(tmp_path / "suicide.ipynb", cells)
    with warm_kernels.warm_kernels(), pytest.raises(papermill.exceptions.PapermillExecutionError, match="signal 9"):
        papermill.execute_notebook(str(template), str(tmp_path / "out.ipynb"), engine_name=engine.ReportEngine.name,
                                   progress_bar=False)


@pytest.mark.parametrize("warm", [True, False])
def test_a_killed_kernel_is_gone_when_killing_it_returns(tmp_path, monkeypatch, warm):
    async def live_and_die() -> tuple[bool, int, int | None]:
        manager = engine.WarmKernelManager()
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        client.stop_channels()
        pid, forked = manager.provisioner.pid, isinstance(manager.provisioner.process, warm_kernels.ForkedKernel)
        await manager.provisioner.kill()
        code = await manager.provisioner.poll()
        await manager.shutdown_kernel(now=True)
        return forked, pid, code

    warm_kernels.register()
    with KernelParent() as parent:
        monkeypatch.setenv(ADDRESS, parent.address if warm else str(tmp_path / "nothing"))
        forked, pid, code = asyncio.run(live_and_die())
    assert (forked, code) == (warm, -signal.SIGKILL)
    assert gone(pid)


@pytest.mark.parametrize("trouble", ["no parent", "threads"])
def test_without_help_from_a_parent_the_kernel_is_an_ordinary_one(tmp_path, monkeypatch, trouble):
    cells = [("code", [], "import os\nprint(os.getppid())")]
    template = write_template(tmp_path / "tiny.ipynb", cells)
    threads = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
    with KernelParent(rehearsals=[threads]) as parent:
        monkeypatch.setenv(ADDRESS, parent.address if trouble == "threads" else str(tmp_path / "nothing"))
        report = papermill.execute_notebook(str(template), str(tmp_path / "out.ipynb"), engine_name="nqp",
                                            progress_bar=False)
    assert report.cells[0].outputs[0].text == f"{os.getpid()}\n"


def test_the_command_runs_another_command_beside_a_parent(tmp_path):
    show = [sys.executable, "-c", f"import os; print(os.path.exists(os.environ['{ADDRESS}']))"]
    run = subprocess.run([sys.executable, "-m", "nqpkit.reports.warm_kernels", "json", "--", *show],
                         capture_output=True, encoding="utf-8", check=False)
    limit = [line for line in run.stdout.splitlines() if line in ("True", "False")]
    assert run.returncode == 0 and len(limit) == 1
    wrong = subprocess.run([sys.executable, "-m", "nqpkit.reports.warm_kernels"], capture_output=True, check=False)
    assert wrong.returncode == 2
