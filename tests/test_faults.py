"""Faults, each brought about on purpose: what is finished stays, nothing half-written is seen, a rerun resumes."""

import errno
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from test_runner import states, text_of, write_template

from nqpkit import storage
from nqpkit.reports.report import Job, Product, deliver
from nqpkit.reports.runner import RunInterrupted, run_reports

posix = pytest.mark.skipif(os.name != "posix", reason="signals as on Unix")
linux = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are forked on Linux only")


@pytest.fixture(autouse=True)
def _steady_package(monkeypatch):
    monkeypatch.setattr("nqpkit.reports.freshness.package_hash", lambda: "0" * 12)


def template_with(folder: Path, trouble: str) -> Path:
    """A notebook that is in trouble in Ningxia and nowhere else."""
    inside = "\n    ".join(trouble.splitlines())
    return write_template(folder / "tiny.ipynb", [
        ("code", ["parameters"], 'province = "gansu"'),
        ("code", [], f"import os, pathlib, signal, time\nprint(province)\nif province == 'ningxia':\n    {inside}"),
        ("code", [], "print('the end')")])


def left_behind(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.part")]


TROUBLES = {
    "gansu": ("pass", ""),
    "ningxia": ("raise KeyError('sheep')", "cell 3 (In [3]): KeyError: 'sheep'"),
    "qinghai": ("os._exit(3)", "DeadKernel: the kernel ended without a word (exit code 3)"),
    "tibet": ("time.sleep(600)", "TimeLimit: the notebook did not finish within 15 seconds"),
}
if os.name == "posix":
    TROUBLES |= {
        "yunnan": ("os.kill(os.getpid(), signal.SIGKILL)", "DeadKernel: the kernel ended without a word (signal 9"),
        "sichuan": ("signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: pass",
                    "TimeLimit: the notebook did not finish within 15 seconds"),
    }


@pytest.mark.parametrize("kernels", ["warm", pytest.param("ordinary", marks=pytest.mark.slow)])
def test_a_notebook_in_trouble_is_kept_with_its_cell_and_the_others_go_on(tmp_path, kernels):
    cases = "".join(f"if province == {region!r}:\n    {code}\n" for region, (code, _) in TROUBLES.items())
    cells = [("code", ["parameters"], 'province = "gansu"'),
             ("code", [], f"import os, signal, time\nprint(province)\n{cases}"), ("code", [], "print('the end')")]
    template = write_template(tmp_path / "tiny.ipynb", cells)
    arguments = {"regions": list(TROUBLES), "notebook": template, "out": tmp_path / "out", "jobs": 2,
                 "kernels": kernels}
    summary = run_reports(**arguments, timeout=15)
    assert states(summary) == {region: "failed" if reason else "done" for region, (_, reason) in TROUBLES.items()}
    for row in summary.rows[1:]:
        assert TROUBLES[row.region][1] in row.reason
        assert row.path == tmp_path / "out" / f"{row.region}.failed.ipynb"
        kept = json.loads(text_of(row.path))
        errors = [out for cell in kept["cells"] for out in cell.get("outputs", []) if out["output_type"] == "error"]
        assert errors and kept["cells"][-1]["outputs"] == []
        assert errors[-1]["ename"] in text_of(row.log)
        assert not (tmp_path / "out" / f"{row.region}.ipynb").exists()
    assert not left_behind(tmp_path)

    write_template(template, [*cells[:1], ("code", [], "print(province)")])
    again = run_reports(**arguments)
    assert again.ok and not list((tmp_path / "out").glob("*.failed.ipynb"))


def test_a_full_disk_fails_the_report_and_keeps_the_old_one(tmp_path, monkeypatch):
    job = Job("gansu", "gansu", tmp_path / "t.ipynb", {}, {}, tmp_path / "gansu.ipynb", tmp_path / "gansu.json")
    assert deliver(job, Product("old\n", "{}\n")).state == "done"

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    outcome = deliver(job, Product("new\n", "{}\n"))
    assert outcome.state == "failed"
    assert "could not be written" in outcome.reason and "No space left" in outcome.reason
    assert text_of(job.path) == "old\n" and not left_behind(tmp_path)
    broken = deliver(job, Product("torn\n", reason="cell 2: ValueError: no sheep"))
    assert broken.reason == "cell 2: ValueError: no sheep", "the fault of the disk hides that of the notebook"
    assert not job.failed_path.exists()


@pytest.mark.slow
@linux
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_disk_that_fills_up_in_the_middle_of_a_run(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", disk], check=False).returncode:
        pytest.skip("no mounting here")
    try:
        template = write_template(tmp_path / "tiny.ipynb", [("code", ["parameters"], 'province = "gansu"'),
                                                            ("code", [], "print(province * 4000)")])
        arguments = {"group": "west", "notebook": template, "out": disk / "out"}
        summary = run_reports(**arguments)
        assert summary.count("done") and summary.count("failed"), "the disk is too large, or too small, for this test"
        assert all("No space left" in row.reason for row in summary.rows if row.state == "failed")
        whole = {path.name for path in (disk / "out").glob("*.ipynb") if json.loads(text_of(path))["cells"]}
        assert {f"{row.report}.ipynb" for row in summary.rows if row.state == "done"} <= whole
        assert not left_behind(disk)
        subprocess.run(["mount", "-o", "remount,size=16m", disk], check=True)
        again = run_reports(**arguments)
        assert again.ok and again.count("fresh") == summary.count("done")
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


PROGRAM = """
import signal
import statistics
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
from nqpkit.reports import freshness
freshness.package_hash = lambda: "0" * 12
from nqpkit.cli import main
main(["run", "qinghai", "ningxia", "gansu", "-n", sys.argv[1], "--out", sys.argv[2], "-j", "1"])
"""


@pytest.fixture
def stuck_run(tmp_path):
    """A run that has finished Qinghai and hangs in Ningxia, and the processes that belong to it."""
    note = tmp_path / "note"
    template = template_with(tmp_path, f"pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\ntime.sleep(600)")
    run = subprocess.Popen([sys.executable, "-c", PROGRAM, str(template), str(tmp_path / "out")],
                           stderr=subprocess.PIPE, encoding="utf-8")
    limit = time.monotonic() + 150
    while not note.is_file() and time.monotonic() < limit and run.poll() is None:
        time.sleep(0.05)
    assert note.is_file(), run.stderr.read()
    family = psutil.Process(run.pid).children(recursive=True)
    yield template, run, family
    run.kill()
    run.wait()
    for process in family:
        if process.is_running():
            process.kill()
    run.stderr.close()


def check_what_is_left(tmp_path, template, family):
    """Only Qinghai is there, nothing runs any more, and the same call does the rest."""
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive, [process.cmdline() for process in alive]
    out = tmp_path / "out"
    assert sorted(path.name for path in out.glob("*.ipynb")) == ["qinghai.ipynb"]
    template_with(tmp_path, "pass")
    source = text_of(template)
    summary = run_reports(regions=["qinghai", "ningxia", "gansu"], notebook=template, out=out)
    assert summary.ok and text_of(template) == source
    assert not left_behind(out)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("signum, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_interrupted_run_keeps_what_is_finished_and_leaves_no_process(tmp_path, stuck_run, signum, code):
    template, run, family = stuck_run
    run.send_signal(signum)
    _, said = run.communicate(timeout=120)
    assert run.returncode == code
    assert "1 done, 2 cancelled" in said and "Traceback" not in said
    record = max((tmp_path / "out" / "runs").glob("run-*.jsonl"))
    lines = [json.loads(line) for line in text_of(record).splitlines()]
    assert lines[-1]["event"] == "end" and lines[-1]["interrupted"] == signum.name and lines[-1]["done"] == 1
    check_what_is_left(tmp_path, template, family)


@posix
@pytest.mark.slow
def test_a_run_that_is_killed_takes_its_processes_with_it_and_leaves_a_readable_record(tmp_path, stuck_run):
    template, run, family = stuck_run
    (tmp_path / "out" / ".gansu.ipynb.99999999.part").write_text("half", encoding="utf-8")
    run.kill()
    run.wait(30)
    record = max((tmp_path / "out" / "runs").glob("run-*.jsonl"))
    lines = [json.loads(line) for line in text_of(record).splitlines()]
    assert sorted(line["state"] for line in lines if line["event"] == "report") == ["done", "running", "running"]
    check_what_is_left(tmp_path, template, family)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("victim", ["kernel_parent", "nqpkit.reports.workers"])
def test_the_loss_of_a_process_in_the_middle_costs_at_most_one_report(tmp_path, victim):
    """The parent of the warm kernels comes back and its report is made again; a lost worker loses one report."""
    note = tmp_path / "note"
    template = template_with(tmp_path, f"note = pathlib.Path({str(note)!r})\nif not note.exists():\n"
                                       "    note.write_text('x')\n    time.sleep(600)")
    killed = []

    def kill() -> None:
        while not note.is_file():
            time.sleep(0.05)
        for process in psutil.Process().children():
            if any(victim in word for word in process.cmdline()):
                killed.append(process.pid)
                process.kill()

    threading.Thread(target=kill, daemon=True).start()
    arguments = {"regions": ["ningxia", "gansu", "qinghai"], "notebook": template, "out": tmp_path / "out", "jobs": 1}
    summary = run_reports(**arguments)
    assert len(killed) == 1
    expected = "done" if victim == "kernel_parent" else "failed"
    assert states(summary) == {"ningxia": expected, "gansu": "done", "qinghai": "done"}
    if expected == "failed":
        assert "worker process ended" in summary.rows[0].reason
    assert run_reports(**arguments).ok


@posix
def test_an_interruption_says_what_is_done_and_what_is_not(tmp_path):
    template = template_with(tmp_path, "time.sleep(600)")

    def stop(row, finished, total):
        if row.region == "ningxia" and row.state == "running":
            threading.Timer(1, os.kill, [os.getpid(), signal.SIGTERM]).start()

    with pytest.raises(RunInterrupted) as stopped:
        run_reports(regions=["gansu", "ningxia"], notebook=template, out=tmp_path / "out", jobs=1, progress=stop)
    assert states(stopped.value.summary) == {"gansu": "done", "ningxia": "cancelled"}
    assert stopped.value.signum == signal.SIGTERM


@pytest.mark.slow
def test_many_reports_leave_memory_files_and_processes_as_they_were(tmp_path):
    """Late in a run of many light reports it holds what it held early on; afterwards nothing of it is left."""
    template = write_template(tmp_path / "light.ipynb", [("code", ["parameters"], 'province = "gansu"\nturn = 0'),
                                                         ("code", [], "print(province, turn)")])
    rows = [{"province": "gansu", "turn": turn} for turn in range(150)]
    early, late = [], []
    own = psutil.Process()

    def watch(row, finished, total):
        held = early if finished in range(20, 40) else late if finished in range(125, 145) else None
        if row.state == "done" and held is not None:
            family = [own, *own.children()]
            held.append((sum(process.memory_full_info().uss for process in family) / 1e6,
                         sum(len(os.listdir(f"/proc/{process.pid}/fd")) for process in family)
                         if sys.platform == "linux" else 0, len(family)))

    before = len(own.open_files()), len(own.net_connections("all")), threading.active_count()
    others = set(own.children())  # what an earlier test may still be winding down
    summary = run_reports(notebook=template, out=tmp_path / "out", rows=rows, jobs=2, progress=watch)
    assert summary.ok
    # the median of twenty looks: whether another report's kernel is being born, at work or buried makes about twenty
    # files; one left open by every report would make 105 between the two
    early, late = (tuple(map(statistics.median, zip(*held, strict=True))) for held in (early, late))
    assert late[0] < early[0] + 25, f"memory grew from {early[0]:.0f} to {late[0]:.0f} MB"
    assert late[1] < early[1] + 26 and late[2] == early[2]
    limit = time.monotonic() + 10
    while threading.active_count() > before[2] and time.monotonic() < limit:
        time.sleep(0.1)
    assert (len(own.open_files()), len(own.net_connections("all")), threading.active_count()) == before
    assert not set(own.children()) - others
