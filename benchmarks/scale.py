"""A study of thousands of counties: seconds and peak memory of import, check, score and export, and how they grow.

    python benchmarks/scale.py             # 350, 700, 1,400 and 2,800 counties, 20 years, 40 series
    python benchmarks/scale.py 350 700

Every size runs in a process of its own. Seconds are processor time, so a busy machine slows nothing; memory is the most
that the process held. The counties and their figures are invented.
"""

import contextlib
import csv
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIZES = (350, 700, 1400, 2800)
YEARS, SERIES = range(2004, 2024), 40
AIMS = {"import": 60, "check": 30, "score": 5}
GROUPS = ("north", "south", "coast")
STUDY = """title: Invented counties, for measuring
unit: {one: county, many: counties}
focus: north
groups: {north: {label: North}, south: {label: South}, coast: {label: Coast}}
years: {figures: [2004, 2023], scored: [2004, 2023]}
"""


def main() -> None:
    """Measure every size and print a table in Markdown."""
    sizes = [int(text) for text in sys.argv[1:]] or SIZES
    print("| counties | figures | import | check | score | export | peak memory |\n|---|---|---|---|---|---|---|")
    found = {}
    for size in sizes:
        done = subprocess.run([sys.executable, __file__, "--one", str(size)], capture_output=True, text=True,
                              encoding="utf-8", check=True)
        found[size] = json.loads(done.stdout)
        times = " | ".join(f"{found[size][stage]:.1f} s" for stage in ("import", "check", "score", "export"))
        figures = size * len(YEARS) * SERIES
        print(f"| {size:,} | {figures:,} | {times} | {found[size]['megabytes']:,.0f} MB |", flush=True)
    if len(sizes) > 1:
        first, last = min(sizes), max(sizes)
        grown = "; ".join(f"{stage} {found[last][stage] / found[first][stage]:.1f}" for stage in AIMS)
        print(f"\nFrom {first:,} to {last:,} counties, {last / first:.1f} times as many, times grow: {grown}.")
    print("Aims at 2,800 counties: " + ", ".join(f"{stage} under {limit} s" for stage, limit in AIMS.items())
          + ", memory under 2,000 MB.")


def measure(size: int) -> dict[str, float]:
    """Seconds of every stage for one size, and the most megabytes held."""
    from nqpkit import Study, evaluate
    from nqpkit.check import check_study
    from nqpkit.exchange.handing_on import export_region
    from nqpkit.exchange.layouts import Hints
    from nqpkit.exchange.merging import Source, plan_import, write_import

    seconds = {}
    with tempfile.TemporaryDirectory(prefix="nqpkit-scale-") as place:
        folder = Path(place) / "study"
        folder.mkdir()
        write_study(folder, size)
        panel = write_panel(Path(place) / "panel.csv", size)
        with timed(seconds, "import"):
            write_import(plan_import([panel], folder, Source("Invented figures", "Nobody"), {}, Hints()))
        with timed(seconds, "check"):
            errors = [problem for problem in check_study(folder) if problem.severity == "error"]
        with timed(seconds, "score"):
            result = evaluate(Study.load(folder))
            rows = len(result.table())
        with timed(seconds, "export"):
            export_region(result, "c0001", "xlsx", out=Path(place) / "c.xlsx")
    if errors or rows != size:
        raise SystemExit(f"{len(errors)} errors, {rows} rows: {errors[:3]}")
    return seconds | {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


@contextlib.contextmanager
def timed(seconds: dict, stage: str):
    """Put the processor time of a block under its name."""
    start = time.process_time()
    yield
    seconds[stage] = time.process_time() - start


def write_study(folder: Path, size: int) -> None:
    """Everything but the figures: two systems of three dimensions each, an indicator a series."""
    dimension, systems = 0, []
    for system, parts in (("means", 3), ("ends", 3)):
        lines = [f"  {system}:", f"    label: {system.capitalize()}", "    dimensions:"]
        for _ in range(parts):
            lines += [f"      d{dimension}:", f"        label: Dimension {dimension}", "        indicators:"]
            lines += [f"          i{n}: {{label: Indicator {n}, unit: points, direction: 1, formula: s{n}}}"
                      for n in range(SERIES) if n % 6 == dimension]
            dimension += 1
        systems += lines
    (folder / "study.yml").write_text(STUDY, encoding="utf-8")
    framework = "\n".join(["years: [2004, 2023]", "systems:", *systems, ""])
    (folder / "framework.yml").write_text(framework, encoding="utf-8")
    tables = {
        "regions": [("code", "slug", "name", "group"), *(
            (f"c{n:04d}", f"county-{n}", f"County {n}", GROUPS[n % len(GROUPS)]) for n in range(size))],
        "series": [("series", "name", "unit"), *((f"s{n}", f"Series {n}", "points") for n in range(SERIES))],
        "sources": [("source", "publication", "publisher", "licence", "notes")],
        "figures": [("code", "year", "series", "value", "source")]}
    for name, rows in tables.items():
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(rows)
        (folder / f"{name}.csv").write_text(buffer.getvalue(), encoding="utf-8")


def write_panel(path: Path, size: int) -> Path:
    """The figures as a bureau hands them over: a row for each county and year, a column for each series."""
    rng = np.random.default_rng(1)
    level = np.exp(rng.normal(3, 0.6, (size, SERIES)))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["county", "year", *(f"Series {n}" for n in range(SERIES))])
        for year in YEARS:
            level = level * (1.03 + rng.normal(0, 0.02, level.shape))
            writer.writerows([f"County {n}", year, *np.round(row, 2)] for n, row in enumerate(level))
    return path


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main()
