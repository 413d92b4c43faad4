"""The command line: exit codes, what goes to which stream, no traceback for a user's mistake."""

import csv
import io
import json
import os
import subprocess
import sys
import types
from dataclasses import fields

import pytest
from test_runner import CELLS, write_template

from nqpkit import Options, evaluate
from nqpkit.cli import main
from nqpkit.coupling import FORMS
from nqpkit.errors import InputError
from nqpkit.scoring import AGGREGATES, SCALES, WEIGHTS


def nqp(capsys, *arguments) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Commands that write must not write into the checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("nqpkit.reports.freshness.package_hash", lambda: "0" * 12)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["score", "-h"], ["check", "-h"], ["book", "-h"]])
def test_help_goes_to_standard_output(capsys, arguments):
    code, out, err = nqp(capsys, *arguments)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: nqp")


def test_version(capsys):
    assert nqp(capsys, "--version")[1].startswith("nqp, version 0.")


def test_scores_as_json_csv_and_table_agree(capsys, result):
    expected = result.table(2021)
    code, out, err = nqp(capsys, "score", "--year", 2021, "--format", "json")
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert {"code", "slug", "year", "nqp", "hqed", "coupling", "coordination", "grade", "lag", "rank_nqp", "rank_hqed",
            "rank_coordination"} <= set(rows[0])
    assert [row["slug"] for row in rows] == list(expected["slug"])
    assert [row["coordination"] for row in rows] == pytest.approx(list(expected["coordination"]), abs=1e-15)
    lines = list(csv.DictReader(io.StringIO(nqp(capsys, "score", "--year", 2021, "--format", "csv")[1])))
    assert [line["code"] for line in lines] == [row["code"] for row in rows]
    assert list(lines[0]) == list(rows[0])
    table = nqp(capsys, "score", "--year", 2021)[1]
    best = min(rows, key=lambda row: row["rank_coordination"])
    assert best["name"] in table.splitlines()[1], "the table begins with the best-ranked region"


def test_the_year_defaults_to_the_last_scored_and_options_change_the_scores(capsys, study):
    plain = json.loads(nqp(capsys, "score", "--format", "json")[1])
    entropy = json.loads(nqp(capsys, "score", "--weights", "entropy", "--format", "json")[1])
    assert {row["year"] for row in plain} == {study.years[-1]}
    assert plain[0]["nqp"] != entropy[0]["nqp"]


def test_every_option_of_method_has_its_names_in_the_help(capsys):
    text = " ".join(nqp(capsys, "score", "--help")[1].split())
    for names in (AGGREGATES, FORMS, SCALES, WEIGHTS, ["moments", "nqp_attributes", "nqp_factors"]):
        assert all(name in text for name in names)
    assert {f"--{field.name}" for field in fields(Options)} <= set(text.split())


@pytest.mark.parametrize("option, value", [("indicators", "nqp_factors"), ("winsorise", "moments"),
                                           ("winsorise", 0.05), ("normalise", "rank"), ("weights", "gini"),
                                           ("aggregate", "topsis"), ("coupling", "fan")])
def test_an_option_of_the_command_is_the_option_of_the_evaluation(capsys, study, option, value):
    rows = json.loads(nqp(capsys, "score", f"--{option}", value, "--format", "json")[1])
    expected = evaluate(study, **{option: value}).table()
    assert [row["coordination"] for row in rows] == pytest.approx(expected["coordination"].tolist(), abs=1e-12)
    assert expected["coordination"].tolist() != pytest.approx(evaluate(study).table()["coordination"].tolist())


def test_weights_from_a_table_and_from_pairwise_comparisons(capsys, tmp_path, study):
    names = list(dict.fromkeys(evaluate(study).weights["dimension"]))
    given = dict(zip(names, (2, 1, 1, 1, 1, 1, 1, 1), strict=True))
    lines = ["dimension,weight", *(f"{name},{given[name]}" for name in names)]
    (tmp_path / "judged.csv").write_text("\n".join(lines), encoding="utf-8")
    rows = json.loads(nqp(capsys, "score", "--weights", "judged.csv", "--format", "json")[1])
    assert [row["nqp"] for row in rows] == pytest.approx(evaluate(study, weights=given).table()["nqp"].tolist())
    pairs = [[given[row] / given[column] for column in names] for row in names]
    lines = [",".join([name, *map(str, row)]) for name, row in zip(["", *names], [names, *pairs], strict=True)]
    (tmp_path / "pairs.csv").write_text("\n".join(lines), encoding="utf-8")
    paired = json.loads(nqp(capsys, "score", "--weights", "pairs.csv", "--format", "json")[1])
    assert [row["nqp"] for row in paired] == pytest.approx([row["nqp"] for row in rows])
    (tmp_path / "odd.csv").write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    code, _, said = nqp(capsys, "score", "--weights", "odd.csv")
    assert code == 2 and "nor a square table of pairwise comparisons: it has 1 rows and 3 columns" in said


@pytest.mark.parametrize("arguments, said", [
    (["score", "--year", "1999"], "1999 is not scored"),
    (["score", "--weights", "entropie"], "no weighting 'entropie'. Known: equal"),
    (["score", "--weights", "nowhere.csv"], "weights in 'nowhere.csv' cannot be read"),
    (["score", "--aggregate", "median"], "no aggregation 'median'. Known: geometric"),
    (["score", "--coupling", "none"], "no form of coupling 'none'. Known: modified"),
    (["score", "--normalise", "week"], "no range of normalisation 'week'. Known: pooled, year, rank, zscore"),
    (["score", "--winsorise", "0.6"], "no way to winsorise '0.6'. Give the share"),
    (["score", "--winsorise", "skew"], "no way to winsorise 'skew'. Give the share"),
    (["score", "--indicators", "nqp"], "no indicator set 'nqp'. Known: default, nqp_attributes"),
    (["score", "--study", "nowhere"], "no study folder"),
    (["score", "--format", "xml"], "'xml' is not one of"),
    (["score", "--yaer", "2021"], "No such option"),
    (["scores"], "No such command"),
    (["run", "atlantis", "-n", "tiny.ipynb"], "no province 'atlantis'"),
    (["run", "-n", "none.ipynb"], "no notebook 'none.ipynb'"),
    (["run", "-n", "tiny.ipynb", "-p", "year", "last"], "takes a whole number or none, not 'last'"),
    (["run", "-n", "tiny.ipynb", "-p", "yaer", "2021"], "Did you mean 'year'?"),
    (["run", "-n", "tiny.ipynb", "-p", "year"], "requires 2 arguments"),
    (["run", "-n", "tiny.ipynb", "--jobs", "0"], "not in the range"),
    (["check", "nowhere"], "nowhere"),
    (["book", "--study", "nowhere"], "nowhere")])
def test_mistakes_are_one_message_and_exit_code_2(capsys, tmp_path, arguments, said):
    write_template(tmp_path / "tiny.ipynb", CELLS)
    code, out, err = nqp(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err and "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.ipynb"]


def test_run_makes_reports_tells_failures_and_leaves_with_1(capsys, tmp_path):
    write_template(tmp_path / "tiny.ipynb", CELLS)
    code, out, err = nqp(capsys, "run", "gansu", "宁夏", "-n", "tiny.ipynb", "-p", "year", "2022")
    assert (code, out) == (1, "")
    assert "ningxia--year=2022: cell 4 (In [4]): ValueError: no sheep today" in err
    assert "2 reports: 1 done, 1 failed" in err
    made = sorted(path.relative_to(tmp_path / "reports").as_posix() for path in (tmp_path / "reports").rglob("*.*"))
    records = [name for name in made if name.endswith(".jsonl")]
    assert len(records) == 1 and records[0] in "".join(err.split()), "the summary does not say where the record is"
    assert sorted(set(made) - set(records)) == [
        "gansu--year=2022.ipynb", "ningxia--year=2022.failed.ipynb", "results/gansu--year=2022.json",
        "runs/gansu--year=2022.log", "runs/ningxia--year=2022.log"]
    code, _, err = nqp(capsys, "run", "gansu", "-n", "tiny.ipynb", "-p", "year", "2022")
    assert code == 0 and "1 reports: 1 fresh" in err


def test_run_lists_parameters_with_type_default_and_help(capsys, tmp_path):
    write_template(tmp_path / "tiny.ipynb", CELLS)
    code, out, _ = nqp(capsys, "run", "-n", "tiny.ipynb", "--parameters")
    assert code == 0
    assert out.splitlines()[2].split(maxsplit=5) == ["year", "int", "|", "None", "none", "a scored year"]


def test_check_tells_problems_and_leaves_with_1(capsys, tmp_path, study):
    for file in study.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    lines = (tmp_path / "figures.csv").read_text(encoding="utf-8").splitlines()
    lines.append(lines[5])
    (tmp_path / "figures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code, out, err = nqp(capsys, "check", tmp_path)
    assert code == 1
    assert f"row {len(lines)}" in out and "figures.csv" in out
    assert "1 error, " in err


def test_check_without_a_folder_lists_what_is_stale(capsys, tmp_path, monkeypatch):
    template = write_template(tmp_path / "tiny.ipynb", CELLS)
    monkeypatch.setattr("nqpkit.reports.runner.DEFAULT_NOTEBOOK", str(template))
    monkeypatch.setattr("nqpkit.check.check_study", lambda folder: [])
    monkeypatch.setattr("nqpkit.book.site.why_book_stale", lambda: None)
    nqp(capsys, "run", "gansu", "-n", "tiny.ipynb")
    nqp(capsys, "run", "gansu", "-n", "tiny.ipynb", "-p", "weights", "cv")
    code, out, err = nqp(capsys, "check")
    assert (code, out) == (0, "") and "Nothing is stale" in err
    write_template(template, [*CELLS, ("code", [], "province")])
    monkeypatch.setattr("nqpkit.book.site.why_book_stale", lambda: "the package changed")
    code, out, err = nqp(capsys, "check")
    assert (code, out) == (1, "gansu: the template changed\ngansu--weights=cv: the template changed\n"
                              "the book: the package changed\n")
    assert "30 reports have not been made here yet" in err


def test_book_prints_where_the_site_is_and_a_failure_is_exit_code_1(capsys, tmp_path, monkeypatch):
    class BuildError(Exception):
        pass

    def build_book(study=None, out=None, archive=False, jobs=None, force=False, echo=print, printable=False,
                   edition="student", regions=(), group=None):
        echo(f"building for the {edition}{' with ' + ', '.join(regions) if regions else ''}")
        if force:
            raise BuildError("The book was not built: index.md has a broken reference.")
        return tmp_path / "html" / "index.html"

    site = types.SimpleNamespace(BuildError=BuildError, build_book=build_book)
    monkeypatch.setitem(sys.modules, "nqpkit.book.site", site)
    assert nqp(capsys, "book") == (0, f"{tmp_path / 'html' / 'index.html'}\n", "building for the student\n")
    assert nqp(capsys, "book", "--edition", "teacher")[2] == "building for the teacher\n"
    assert nqp(capsys, "book", "gansu", "62")[2] == "building for the student with gansu, 62\n"
    assert nqp(capsys, "book", "--force") == (
        1, "", "building for the student\nnqp: The book was not built: index.md has a broken reference.\n")


def test_an_interruption_leaves_with_130(capsys, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("nqpkit.check.check_study", stop)
    code, _, err = nqp(capsys, "check")
    assert code == 130 and "interrupted" in err and "Traceback" not in err


def test_errors_name_no_traceback_even_from_deep_inside(capsys, monkeypatch):
    def wrong(folder):
        raise InputError("figures.csv, row 3: 'x' is no number.")

    monkeypatch.setattr("nqpkit.check.check_study", wrong)
    assert nqp(capsys, "check") == (2, "", "nqp: figures.csv, row 3: 'x' is no number.\n")


def test_machine_output_is_utf8_where_the_console_is_not(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"}
    run = subprocess.run([sys.executable, "-m", "nqpkit", "run", "不是省"], env=environment, capture_output=True,
                         cwd=tmp_path, check=False)
    assert run.returncode == 2
    assert "'不是省'" in run.stderr.decode("utf-8")


def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    program = "import sys\nfrom nqpkit.cli import main\nmain(['score'])"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.close()
        assert b"Traceback" not in run.stderr.read()
