"""New studies: valid and running at once, never in the place of something else."""

import pytest

from nqpkit import InputError, Study, evaluate
from nqpkit.check import check_study
from nqpkit.cli import main
from nqpkit.exchange.start import new_study


@pytest.mark.parametrize("kind", ["built-in", "extend", "counties"])
def test_a_new_study_has_no_problem_and_scores(tmp_path, kind):
    folder = new_study(tmp_path / "a new 研究", kind)
    assert check_study(folder) == []
    assert evaluate(Study.load(folder)).table()["rank_coordination"].notna().all()
    assert "nqp import" in (folder / "README.md").read_text(encoding="utf-8")


def test_an_empty_study_says_what_is_missing(tmp_path):
    problems = check_study(new_study(tmp_path / "empty", "empty"))
    assert {(p.file, p.message) for p in problems} == {
        (f"{name}.csv", "the table has no rows") for name in ("regions", "series", "sources", "figures")}


def test_the_invented_example_says_that_it_is_invented(tmp_path):
    study = Study.load(new_study(tmp_path / "c", "counties"))
    assert "invented" in study.title and "Invented" in study.sources.loc["invented", "publication"]


def test_an_extension_scores_like_the_built_in_study_until_something_is_added(tmp_path):
    folder = new_study(tmp_path / "more", "extend")
    own, built_in = evaluate(Study.load(folder)).table(), evaluate(Study.load()).table()
    assert own.equals(built_in)


def test_an_extension_may_not_change_what_it_extends(tmp_path):
    folder = new_study(tmp_path / "more", "extend")
    with (folder / "regions.csv").open("a", encoding="utf-8") as file:
        file.write("62,gansu-too,Gansu too,west,,,,,,\n")
    (problem,) = check_study(folder)
    assert str(problem).startswith("regions.csv, row 2, column code: code 62 stands in the extended study already.")


def test_a_study_to_extend_that_is_not_there_is_named(tmp_path):
    folder = new_study(tmp_path / "more", "extend")
    (folder / "study.yml").write_text("extends: ../../etc\n", encoding="utf-8")
    assert str(check_study(folder)[0]) == ("study.yml, row 1, key extends: there is no such study to extend. "
                                           "Known: western_china.")


def test_nothing_is_overwritten(tmp_path, capsys):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is there already and holds something"):
        new_study(tmp_path / "x")
    with pytest.raises(SystemExit) as stop:
        main(["new", str(tmp_path / "x" / "file")])
    assert stop.value.code == 2 and "holds something" in capsys.readouterr().err
    assert (tmp_path / "x" / "file").read_text(encoding="utf-8") == "mine"
