"""The runner: what it plans, makes, keeps, skips and refuses. Tiny notebooks, so that kernels start but little else."""

import json
from pathlib import Path

import nbformat
import pytest

from nqpkit.errors import InputError
from nqpkit.reports.freshness import stamp_sentence
from nqpkit.reports.report import _without_process
from nqpkit.reports.runner import plan_reports, run_reports

CELLS = [
    ("code", ["parameters"], 'province = "gansu"  # slug\nyear: int | None = None  # a scored year\n'
                             'weights = "equal"  # how to weight\nstudy = ""'),
    ("code", ["guard"], "assert study == '' or year != 2017, 'the year 2017 is out'\nprint(province, year, weights)"),
    ("code", [], "if province == 'ningxia':\n    raise ValueError('no sheep today')"),
    ("code", ["remove-cell"], "from IPython.display import display\ndisplay({'application/vnd.nqp+json': "
                              "{'region': province, 'b': 1, 'a': '甘肃', 'year': year}}, raw=True)"),
    ("markdown", ["stamp"], "Filled by the runner."),
]


@pytest.fixture(autouse=True)
def _steady_package(monkeypatch):
    """The package may be edited while its tests run; what that does is tested on purpose below."""
    monkeypatch.setattr("nqpkit.reports.freshness.package_hash", lambda: "0" * 12)


@pytest.fixture
def template(tmp_path):
    return write_template(tmp_path / "tiny.ipynb", CELLS)


def write_template(path: Path, cells) -> Path:
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    book = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3",
                                                             "language": "python"}})
    for number, (kind, tags, source) in enumerate(cells):
        book.cells.append(make[kind](source, id=f"cell-{number}", metadata={"tags": tags}))
    nbformat.write(book, path)
    return path


def states(summary) -> dict[str, str]:
    return {row.report: row.state for row in summary.rows}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_a_run_makes_reports_results_and_stamps_then_skips_them(template, tmp_path):
    arguments = {"regions": ["甘肃", "64", "Qinghai"], "notebook": template, "out": tmp_path / "out", "jobs": 2}
    seen = []
    summary = run_reports(**arguments, progress=lambda row, done, total: seen.append((row.report, row.state, total)))
    assert states(summary) == {"gansu": "done", "ningxia": "failed", "qinghai": "done"}
    assert not summary.ok
    assert {("gansu", "running", 3), ("gansu", "done", 3), ("ningxia", "failed", 3)} <= set(seen)

    failed = next(row for row in summary.rows if row.state == "failed")
    assert failed.reason == "cell 4 (In [4]): ValueError: no sheep today"
    assert failed.path == tmp_path / "out" / "ningxia.failed.ipynb"
    assert "no sheep today" in text_of(failed.path)
    assert not (tmp_path / "out" / "ningxia.ipynb").exists()

    results = text_of(tmp_path / "out" / "results" / "gansu.json")
    assert json.loads(results) == {"region": "gansu", "a": "甘肃", "b": 1, "year": None}
    assert results.index('"a"') < results.index('"b"')
    assert "甘肃" in results

    report = nbformat.read(tmp_path / "out" / "gansu.ipynb", as_version=4)
    nbformat.validate(report)
    injected = next(cell for cell in report.cells if "injected-parameters" in cell.metadata.get("tags", []))
    assert 'province = "gansu"' in injected.source
    assert {"remove-input", "remove-cell"} <= set(injected.metadata["tags"])
    stamp = report.metadata["nqpkit"]
    assert report.cells[-1].source == stamp_sentence(stamp)
    assert stamp["key"] == plan_reports(**{k: arguments[k] for k in ("regions", "notebook", "out")})[0].key["key"]
    assert "nqpkit-" not in text_of(tmp_path / "out" / "gansu.ipynb"), "a temporary folder's name is left in the report"

    before = (tmp_path / "out" / "gansu.ipynb").stat().st_mtime_ns
    again = run_reports(**arguments | {"regions": ["gansu", "qinghai"]})
    assert states(again) == {"gansu": "fresh", "qinghai": "fresh"}
    assert again.ok
    assert (tmp_path / "out" / "gansu.ipynb").stat().st_mtime_ns == before


def test_two_cold_runs_give_the_same_bytes_and_a_later_success_clears_the_failure(template, tmp_path):
    arguments = {"regions": ["gansu", "ningxia"], "notebook": template}
    run_reports(**arguments, out=tmp_path / "one")
    fixed = [(kind, tags, source.replace("'ningxia'", "'nowhere'")) for kind, tags, source in CELLS]
    write_template(template, fixed)
    first = run_reports(**arguments, out=tmp_path / "one")
    second = run_reports(**arguments, out=tmp_path / "two", jobs=1)
    assert first.ok and second.ok
    assert not (tmp_path / "one" / "ningxia.failed.ipynb").exists()
    for name in ("gansu.ipynb", "ningxia.ipynb", "results/gansu.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_grids_carry_their_values_in_their_names(template, tmp_path):
    plan = plan_reports(regions=["gansu"], notebook=template, out=tmp_path,
                        parameters={"weights": ["equal", "entropy"], "year": [2022]})
    assert [job.name for job in plan] == ["gansu--weights=equal--year=2022", "gansu--weights=entropy--year=2022"]
    assert plan[1].parameters == {"province": "gansu", "weights": "entropy", "year": 2022}
    assert plan[0].key["parameters"] != plan[1].key["parameters"]
    default = plan_reports(regions=["gansu"], notebook=template, out=tmp_path, parameters={"weights": ["equal"]})
    assert [job.name for job in default] == ["gansu"]


def test_names_are_safe_on_every_file_system(tmp_path):
    template = write_template(tmp_path / "free.ipynb", [("code", ["parameters"], 'province = "x"\nnote = ""'),
                                                        ("code", [], "print(province, note)")])
    plan = plan_reports(regions=["gansu"], notebook=template, out=tmp_path,
                        parameters={"note": ["a/b", "a:b", "x" * 300, "../../up"]})
    names = [job.name for job in plan]
    assert len(set(names)) == 4
    assert all(len(name) < 150 and not set('/\\:*?"<>|') & set(name) for name in names)
    assert {job.path.parent for job in plan} == {tmp_path}


def test_a_notebook_without_a_region_is_one_report(tmp_path):
    template = write_template(tmp_path / "compare.ipynb", [("code", ["parameters"], "year = 2023"),
                                                           ("code", [], "print(year)")])
    assert [job.name for job in plan_reports(notebook=template)] == ["compare"]
    with pytest.raises(InputError, match="no parameter 'province'"):
        plan_reports(notebook=template, regions=["gansu"])


def test_groups_and_all_regions(template):
    assert len(plan_reports(notebook=template)) == 31
    west = plan_reports(notebook=template, group="west")
    assert len(west) == 12 and "gansu" in {job.region for job in west}


@pytest.mark.parametrize("arguments, message", [
    ({"regions": ["atlantis"]}, r"no province 'atlantis'.*gansu"),
    ({"group": "north"}, r"no group 'north'.*west"),
    ({"parameters": {"year": [1999]}}, r"year 1999 is not scored"),
    ({"parameters": {"yaer": [2023]}}, r"no parameter 'yaer'. Did you mean 'year'\?"),
    ({"parameters": {"year": ["2023"]}}, r"takes a whole number or none"),
    ({"parameters": {"weights": ["entropie"]}}, r"no weighting 'entropie'. Known: equal"),
    ({"notebook": "province_report", "parameters": {"indicators": ["nqp"]}}, r"no indicator set 'nqp'. Known: default"),
    ({"notebook": "province_report", "parameters": {"winsorise": [0.7]}}, r"no way to winsorise '0.7'"),
    ({"notebook": "provnce_report.ipynb"}, r"no notebook 'provnce_report.ipynb'"),
    ({"study": "nowhere"}, r"no study folder")])
def test_what_cannot_be_met_is_refused_before_anything_is_written(template, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        run_reports(**{"notebook": template, "out": "out"} | arguments)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny.ipynb"]


def test_rows_make_one_report_each_named_by_what_differs(template, tmp_path):
    rows = [{"province": "甘肃", "year": 2021}, {"province": "gansu"}, {"province": "64", "weights": "cv"}]
    plan = plan_reports(notebook=template, out=tmp_path, rows=rows)
    assert [job.name for job in plan] == ["gansu--year=2021", "gansu", "ningxia--weights=cv"]
    grid = plan_reports(notebook=template, out=tmp_path, rows=rows[:2], parameters={"weights": ["equal", "cv"]})
    assert [job.name for job in grid] == ["gansu--year=2021--weights=equal", "gansu--year=2021--weights=cv",
                                          "gansu--weights=equal", "gansu--weights=cv"]
    everywhere = plan_reports(notebook=template, out=tmp_path, rows=[{"year": 2021}, {"year": 2022}], group="west")
    assert len(everywhere) == 24


@pytest.mark.parametrize("arguments, said", [
    ({"rows": [{"province": "gansu"}, {"province": "甘肃"}]}, "Two reports would have the name 'gansu'"),
    ({"rows": [{"year": 1999}]}, "1999 is not scored"),
    ({"rows": [{"yaer": 2021}]}, "no parameter 'yaer'"),
    ({"rows": [{"year": 2021}], "parameters": {"year": [2022]}}, "'year' is given twice"),
    ({"rows": [{"province": "gansu"}], "regions": ["gansu"]}, "'province' is given twice"),
    ({"rows": []}, "no rows"),
    ({"kernels": "hot"}, "no kernels 'hot'. Known: warm, ordinary")])
def test_rows_that_cannot_be_met_are_refused(template, tmp_path, arguments, said):
    with pytest.raises(InputError, match=said):
        run_reports(**{"notebook": template, "out": tmp_path / "out"} | arguments)
    assert not (tmp_path / "out").exists()


def test_a_region_parameter_that_nothing_reads_is_refused(tmp_path):
    template = write_template(tmp_path / "idle.ipynb", [("code", ["parameters"], 'province = "gansu"'),
                                                        ("code", [], "print('the same everywhere')")])
    with pytest.raises(InputError, match="'province' but no later cell reads it"):
        plan_reports(notebook=template, out=tmp_path)


def test_a_run_tells_what_happened_in_its_record_and_logs(template, tmp_path):
    summary = run_reports(regions=["gansu", "ningxia"], notebook=template, out=tmp_path / "out")
    lines = [json.loads(line) for line in text_of(summary.record).splitlines()]
    assert lines[0]["event"] == "begin" and lines[0]["reports"] == 2
    ended = {line["report"]: line for line in lines if line["event"] == "report" and line["state"] != "running"}
    assert {name: line["state"] for name, line in ended.items()} == {"gansu": "done", "ningxia": "failed"}
    assert ended["ningxia"]["reason"] == "cell 4 (In [4]): ValueError: no sheep today"
    assert (lines[-1]["event"], lines[-1]["ok"], lines[-1]["done"], lines[-1]["failed"]) == ("end", False, 1, 1)
    log = text_of(Path(ended["ningxia"]["log"]))
    assert "cell 4" in log and "ValueError: no sheep today" in log


def test_a_file_named_after_its_process_is_forgotten_and_long_lines_are_not_searched():
    said = "/tmp/ipykernel_4711/123.py:2: UserWarning: careful\n"
    assert _without_process(said) == "cell-123.py:2: UserWarning: careful\n"
    long = "x" * 2_000_000
    assert _without_process(long + "\n" + said) == long + "\ncell-123.py:2: UserWarning: careful\n"
