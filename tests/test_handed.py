"""What the reports of a run share without a common parent: made once, by whoever comes first; nothing outside a run."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from nqpkit import Study, evaluate
from nqpkit.reports.handed import ADDRESS, handed
from nqpkit.reports.runner import run_reports

READER = """
import sys
from pathlib import Path
from nqpkit.reports.handed import handed
@handed(lambda name: (name,))
def make(name):
    with open(sys.argv[1], "a") as file:
        file.write("made ")
    return {"of": name}
print(make("gansu"))
"""


def test_of_several_processes_one_makes_and_all_have_it(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    monkeypatch.setenv(ADDRESS, str(tmp_path / "run"))
    command = [sys.executable, "-c", READER, str(tmp_path / "record")]
    with ThreadPoolExecutor(3) as pool:
        done = pool.map(lambda _: subprocess.run(command, check=True, capture_output=True, text=True), "abc")
    assert [one.stdout for one in done] == ["{'of': 'gansu'}\n"] * 3
    assert (tmp_path / "record").read_text(encoding="utf-8") == "made "


def test_the_turn_of_a_killed_process_is_taken_over(tmp_path, monkeypatch):
    monkeypatch.setenv(ADDRESS, str(tmp_path))
    made = []
    make = handed(lambda name: (name,))(lambda name: made.append(name) or name)
    make("one")
    for file in tmp_path.iterdir():
        file.unlink()
        file.with_suffix(".turn").write_text("999999999", encoding="ascii")
    assert make("one") == "one" and made == ["one", "one"]
    assert not list(tmp_path.glob("*.turn"))


def test_outside_a_run_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.delenv(ADDRESS, raising=False)
    monkeypatch.chdir(tmp_path)
    make = handed(lambda name: (name,))(lambda name: name)
    assert make("one") == "one" and not list(tmp_path.iterdir())


def test_an_evaluation_that_was_handed_over_is_the_one_that_would_be_made(tmp_path):
    program = ("from nqpkit import Study, evaluate; r = evaluate(Study.load(), weights='entropy'); "
               "print(r.table().to_csv(), r.raw.bridged.sum().sum(), r.options, r.framework is r.study.framework)")
    said = [subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True,
                           env={**os.environ, ADDRESS: place}).stdout
            for place in (str(tmp_path), str(tmp_path), "")]
    assert said[0] == said[1] == said[2]
    assert len([file for file in tmp_path.iterdir() if not file.suffix]) == 2  # the study and its evaluation


def test_a_changed_study_is_never_shared(tmp_path, monkeypatch):
    other = replace(Study.load(), claims={})
    monkeypatch.setenv(ADDRESS, str(tmp_path))
    evaluate(other, weights="cv")
    assert not list(tmp_path.iterdir())


def test_the_ordinary_kernels_of_a_run_evaluate_once(tmp_path):
    record = tmp_path / "record.txt"
    notebook = new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}})
    notebook.cells = [
        new_code_cell('province = "gansu"\nrecord = ""', metadata={"tags": ["parameters"]}),
        new_code_cell("from nqpkit import Study, evaluate, evaluation\nfirst = evaluation.compute_indicators"),
        new_code_cell("def counted(*given):\n    print('made', file=open(record, 'a'))\n    return first(*given)\n\n"
                      "evaluation.compute_indicators = counted"),
        new_code_cell('evaluate(Study.load()).region(province)["scores"]')]
    nbformat.write(notebook, tmp_path / "light.ipynb")
    summary = run_reports(regions=["gansu", "qinghai", "ningxia"], notebook=tmp_path / "light.ipynb", jobs=2,
                          parameters={"record": [str(record)]}, kernels="ordinary", out=tmp_path / "out")
    assert summary.ok, [row.reason for row in summary.rows]
    assert record.read_text(encoding="utf-8") == "made\n"
    assert len({row.path.read_text(encoding="utf-8") for row in summary.rows}) == 3
