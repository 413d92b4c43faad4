"""Reports: the runner beside plain papermill, all in one run on the same two cores, the same notebook and provinces.

Run ``python benchmarks/reports.py`` (a quarter of an hour on two idle cores; ``--reports 8 --light 100`` for a first
look). It prints the table of the README. Every way gets one thread for numerical libraries and a warm file cache;
the ways take turns, so that whatever else the machine does meets them all. Beside the seconds stand those of the
processor, summed over all processes: on a machine that is busy with other work they are the ones to compare.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import nbformat
import psutil

from nqpkit.reports.report import THREADS
from nqpkit.reports.runner import find_notebook, run_reports
from nqpkit.study import Study

CORES = 2
NQP = [sys.executable, "-m", "nqpkit", "run"]
LIGHT = 'place = province.upper()\nprint(f"{place} {turn}")'


def main() -> None:
    """Measure, then print the table."""
    arguments = _arguments()
    os.environ.update(THREADS)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    slugs = list(Study.load().regions["slug"])[: arguments.reports]
    with tempfile.TemporaryDirectory(prefix="nqpkit-benchmark-") as folder:
        print(f"\n`python benchmarks/reports.py`, {len(slugs)} provinces on {CORES} cores:\n")
        print("| what | seconds | processor | against | aim |\n|---|---:|---:|---|---|")
        for part in (lambda: compare(slugs, Path(folder)), lambda: repeat(slugs, Path(folder)),
                     lambda: many(arguments.light, Path(folder))):
            for row in part():
                print(f"| {' | '.join(row)} |", flush=True)


def compare(slugs: list[str], folder: Path) -> list[tuple[str, ...]]:
    """All reports three ways, and one more report against the same cells in a process that is warm already."""
    template = find_notebook("province_report")
    take_turns([lambda: loop(template, slugs[:1], folder), lambda: run(slugs[:1], folder, 1)], 1)  # caches on disk
    (own, own_cpu), (pool, pool_cpu), (looped, looped_cpu) = take_turns([
        lambda: run(slugs, folder, CORES), lambda: in_pool(template, slugs, folder),
        lambda: loop(template, slugs, folder)], 1)
    few, most = slugs[:3], slugs[: max(5, len(slugs) // 2)]  # three are the fewest that have anything to share
    cells = in_one_process(template, most)
    one, other = take_turns([lambda: run(few, folder, 1), lambda: run(most, folder, 1)], 2)
    more, more_cpu = ((late - early) / (len(most) - len(few)) for early, late in zip(one, other, strict=True))
    return [
        (f"{len(slugs)} reports: `nqp run`", f"{own:.1f}", f"{own_cpu:.1f}", "", ""),
        ("… a loop of `papermill` commands", f"{looped:.1f}", f"{looped_cpu:.1f}",
         f"{looped / own:.1f} times longer, {looped_cpu / own_cpu:.1f} times the work", "5, better 8 times longer"),
        ("… papermill's Python interface, two processes", f"{pool:.1f}", f"{pool_cpu:.1f}",
         f"{pool / own:.1f} times longer, {pool_cpu / own_cpu:.1f} times the work", "2.5, better 4 times longer"),
        ("one more report, one at a time", f"{more:.2f}", f"{more_cpu:.2f}",
         f"{more / cells[0]:.2f} times its cells, {more_cpu / cells[1]:.2f} times the work", "at most 1.5"),
        ("… its cells in a process that is warm", f"{cells[0]:.2f}", f"{cells[1]:.2f}", "", ""),
    ]


def repeat(slugs: list[str], folder: Path) -> list[tuple[str, ...]]:
    """The same reports again with nothing changed, and with one row of a parameter file changed."""
    table = folder / "rows.csv"
    out = folder / "rows"

    def write(years: list[int]) -> None:
        lines = [f"{slug},{year}" for slug, year in zip(slugs, years, strict=True)]
        table.write_text("\n".join(["province,year", *lines]) + "\n", encoding="utf-8")

    def go() -> tuple[float, float, str]:
        start, work = time.perf_counter(), _work()
        done = subprocess.run([*NQP, "--rows", table, "--out", out], check=True, capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if " reports: " in line]
        return time.perf_counter() - start, _work() - work, said[0].split(": ")[1].split(", in ")[0]

    write([2022] * len(slugs))
    go()
    seconds, work, said = min(go() for _ in range(3))
    write([2021, *[2022] * (len(slugs) - 1)])
    one, one_work, changed = go()
    return [("the same command, nothing changed", f"{seconds:.1f}", f"{work:.1f}", said, "under 2 s"),
            ("… one report's parameter changed", f"{one:.1f}", f"{one_work:.1f}", changed, "that one only")]


def many(number: int, folder: Path) -> list[tuple[str, ...]]:
    """Many reports of a light notebook: what the run holds early and late, and what is left of it."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    first = nbformat.v4.new_code_cell('province = "gansu"\nturn = 0', metadata={"tags": ["parameters"]})
    notebook.cells = [first, nbformat.v4.new_code_cell(LIGHT)]
    template = folder / "light.ipynb"
    nbformat.write(notebook, template)
    held: dict[int, tuple[float, int, int]] = {}
    marks = sorted({number // 10, number // 2, number - 4})
    before = _left_over()

    def watch(row, finished, total) -> None:
        if row.state == "done" and finished in marks and finished not in held:
            held[finished] = _holdings()

    slugs = list(Study.load().regions["slug"])
    rows = [{"province": slugs[index % len(slugs)], "turn": 1 + index // len(slugs)} for index in range(number)]
    start, work = time.perf_counter(), _work()
    summary = run_reports(rows=rows, notebook=template, out=folder / "light", jobs=CORES, progress=watch)
    seconds, work = time.perf_counter() - start, _work() - work
    assert summary.ok, [row.reason for row in summary.rows if row.reason][:3]
    time.sleep(1)
    left = {name: value for name, value in _left_over().items() if value > before[name]}
    memory, files, processes = zip(*(held[mark] for mark in marks), strict=True)
    steps = ", ".join(map(str, marks))
    return [(f"{number} reports of a light notebook", f"{seconds:.1f}", f"{work:.1f}", f"{seconds / number:.2f} s each",
             ""),
            (f"… memory after {steps}", "", "", f"{' · '.join(f'{megabytes:.0f}' for megabytes in memory)} MB", "flat"),
            (f"… open files and sockets after {steps}", "", "", " · ".join(map(str, files)), "flat"),
            (f"… processes after {steps}", "", "", " · ".join(map(str, processes)), "flat"),
            ("… left over at the end", "", "", ", ".join(left) or "nothing", "nothing")]


def run(slugs: list[str], folder: Path, jobs: int) -> None:
    """The runner's own command."""
    subprocess.run([*NQP, *slugs, "--force", "--jobs", str(jobs), "--out", folder / "own"], check=True,
                   capture_output=True)


def loop(template: Path, slugs: list[str], folder: Path) -> None:
    """One command of papermill after the other, as a shell loop would."""
    for slug in slugs:
        subprocess.run([sys.executable, "-m", "papermill", template, folder / f"loop-{slug}.ipynb", "-p", "province",
                        slug, "--no-progress-bar"], check=True, capture_output=True)


def in_pool(template: Path, slugs: list[str], folder: Path) -> None:
    """papermill's Python interface, shared out to two processes that stay."""
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        list(pool.map(_execute, [template] * len(slugs), [folder] * len(slugs), slugs))


def _execute(template: Path, folder: Path, slug: str) -> None:
    import papermill

    papermill.execute_notebook(str(template), str(folder / f"pool-{slug}.ipynb"), {"province": slug},
                               progress_bar=False)


def in_one_process(template: Path, slugs: list[str]) -> tuple[float, float]:
    """Seconds, and those of the processor, that a report's cells take in a process that has run them before."""
    program = (Path(__file__).with_name("reports_cells.py"), template, *slugs)
    done = subprocess.run([sys.executable, *program], check=True, capture_output=True, text=True)
    rounds = [tuple(map(float, line.split())) for line in done.stdout.splitlines()][1:]
    return tuple(map(statistics.median, zip(*rounds, strict=True)))


def take_turns(ways: list[Callable[[], None]], rounds: int) -> list[tuple[float, float]]:
    """The least seconds of each way and the least of the processor, one way after the other, so many rounds."""
    kept: list[list[tuple[float, float]]] = [[] for _ in ways]
    for _ in range(rounds):
        for found, way in zip(kept, ways, strict=True):
            start, work = time.perf_counter(), _work()
            way()
            found.append((time.perf_counter() - start, _work() - work))
    return [tuple(map(min, zip(*found, strict=True))) for found in kept]


def _work() -> float:
    """Seconds of the processor that this process and all that it has waited for have used."""
    return sum(os.times()[:4])


def _holdings() -> tuple[float, int, int]:
    """Megabytes, open files and sockets, and processes of this run: itself, its workers and the kernels' parent."""
    own = psutil.Process()
    family = [own, *(child for child in own.children() if child.is_running())]
    memory = sum(process.memory_full_info().uss for process in family) / 1e6
    return memory, sum(process.num_fds() for process in family), len(family)


def _left_over() -> dict[str, int]:
    own = psutil.Process()
    scratch = Path(tempfile.gettempdir())
    return {"processes": len(own.children(recursive=True)), "open files": own.num_fds(),
            "threads": threading.active_count(),
            "files": sum(1 for _ in scratch.glob(f"nqpkit-run-{os.getpid()}-*"))}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=31, help="provinces to report on")
    parser.add_argument("--light", type=int, default=500, help="reports of the light notebook")
    return parser.parse_args()


if __name__ == "__main__":
    main()
