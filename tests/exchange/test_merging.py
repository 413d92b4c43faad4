"""Imports into a study: what is written, what is refused, and that nothing is lost."""

import csv
import io
import shutil

import pytest
import xlsxwriter

from nqpkit import Study
from nqpkit.cli import main
from nqpkit.errors import InputError
from nqpkit.exchange.layouts import Hints
from nqpkit.exchange.merging import Source, plan_import, write_import
from nqpkit.exchange.sheets import read_sheets
from nqpkit.exchange.start import new_study

SOURCE = Source("Yearbook 2024", "Bureau of Statistics", "2024-10")


@pytest.fixture
def study(tmp_path):
    return new_study(tmp_path / "学习 study", "counties")


def table(tmp_path, text, name="new.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def figure(folder, code, year, series):
    figures = Study.load(folder).figures.set_index(["code", "year", "series"])
    return figures.loc[(code, year, series)]


def test_new_figures_of_a_known_series_arrive_with_their_source(tmp_path, study):
    path = table(tmp_path, "Indicator: Licensed doctors (persons)\ncounty,2018,2023\nAshdale,250,\nDunmere,-,\n")
    settings = study / "study.yml"
    earlier = settings.read_text(encoding="utf-8").replace("figures: [2019", "figures: [2018")
    settings.write_text(earlier, encoding="utf-8")
    plan = plan_import([path], study, SOURCE)
    assert plan.facts[["code", "year", "series", "value"]].values.tolist() == [["c01", 2018, "doctors", 250]]
    write_import(plan)
    assert figure(study, "c01", 2018, "doctors")["value"] == 250
    row = Study.load(study).sources.loc[figure(study, "c01", 2018, "doctors")["source"]]
    assert (row["publication"], row["publisher"], row["notes"]) == ("Yearbook 2024", "Bureau of Statistics",
                                                                    "Published 2024-10.")
    assert plan_import([path], study, SOURCE).facts.empty, "a second import finds nothing to do"


def test_a_differing_figure_is_refused_until_it_is_asked_for(tmp_path, study):
    held = figure(study, "c01", 2023, "doctors")["value"]
    path = table(tmp_path, f"Indicator: Licensed doctors\ncounty,2023\nAshdale,{held + 1}\n")
    before, plan = content(study), plan_import([path], study, SOURCE)
    with pytest.raises(InputError, match=rf"new.csv, row 3, column B: doctors of c01 in 2023 is .* has {held:g}"):
        write_import(plan)
    assert content(study) == before
    write_import(plan_import([path], study, SOURCE, overwrite=True))
    assert figure(study, "c01", 2023, "doctors")["value"] == held + 1
    rows = csv.reader(io.StringIO(before["figures.csv"].decode()))
    others = [row for row in rows if row[:3] != ["c01", "2023", "doctors"]]
    now = list(csv.reader(io.StringIO((study / "figures.csv").read_text(encoding="utf-8"))))
    assert now[:-1] == others, "every other row stands as it stood"


def test_two_files_that_disagree_are_refused(tmp_path, study):
    files = [table(tmp_path, f"Indicator: Schools\ncounty,2023\nAshdale,{n}\n", f"{n}.csv") for n in (3, 4)]
    plan = plan_import(files, study, SOURCE, {"Schools": "schools"}, Hints(unit="items"))
    with pytest.raises(InputError, match=r"4.csv, row 3, column B: schools of c01 in 2023 is 4, but 3 in 3.csv, row 3"):
        write_import(plan)


def test_a_label_without_a_series_is_left_out_and_said(tmp_path, study):
    plan = plan_import([table(tmp_path, "county,2023\nAshdale,3\n")], study, SOURCE, hints=Hints(label="Schools"))
    assert plan.unknown == {"Schools": 1} and plan.facts.empty


def test_a_new_series_needs_a_unit_and_gets_a_row(tmp_path, study):
    path = table(tmp_path, "Indicator: Schools\ncounty,2023\nAshdale,3\n")
    with pytest.raises(InputError, match=r"the unit of the new series 'schools' is not said. Give it with --unit"):
        plan_import([path], study, SOURCE, {"Schools": "schools"})
    write_import(plan_import([path], study, SOURCE, {"Schools": "schools"}, Hints(unit="items")))
    assert Study.load(study).series.loc["schools", ["name", "unit"]].tolist() == ["Schools", "items"]


def test_figures_in_another_unit_are_noticed(tmp_path, study):
    held = figure(study, "c01", 2022, "output")["value"]
    (study / "figures.csv").write_text("\n".join(
        line for line in (study / "figures.csv").read_text(encoding="utf-8").splitlines()
        if not line.startswith("c01,2023,output")) + "\n", encoding="utf-8")
    plan = plan_import([table(tmp_path, f"Indicator: Gross output (thousand)\ncounty,2023\nAshdale,{held * 1000}\n")],
                       study, SOURCE)
    assert "the unit of 'Gross output' is 'thousand', the study has 'million'" in plan.odd[0]
    assert plan.odd[1].startswith("output: the new figures are 1e+03 times those of the years beside them")


def test_an_import_that_would_break_the_study_writes_nothing(tmp_path, study):
    path = table(tmp_path, "Indicator: Licensed doctors\ncounty,2050\nAshdale,3\n")
    before = content(study)
    with pytest.raises(InputError, match=r"Nothing was written(.|\n)*the year 2050 lies outside 2019–2023"):
        write_import(plan_import([path], study, SOURCE))
    assert content(study) == before


@pytest.mark.parametrize("key", ["GDP", "1x", "a-b", "a b", "../x", "=a", ""])
def test_the_key_of_a_series_is_plain(tmp_path, study, key):
    with pytest.raises(InputError, match="cannot be the key of a series"):
        plan_import([table(tmp_path, "a\n")], study, SOURCE, {"Schools": key})


def test_a_workbook_is_read_sheet_by_sheet(tmp_path, study):
    path = tmp_path / "new.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in {"doctors": [["Indicator: Licensed doctors", ""], ["county", 2024], ["Ashdale", 301.5]],
                           "empty": [], "schools": [["county", 2024], ["Ashdale", 7]]}.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    assert [sheet.name for sheet in read_sheets(path)] == ["doctors", "schools"]
    assert [sheet.name for sheet in read_sheets(path, "schools")] == ["schools"]
    with pytest.raises(InputError, match=r"'new.xlsx' has no sheet 'x'. It has: 'doctors', 'empty', 'schools'"):
        read_sheets(path, "x")


@pytest.mark.parametrize(("name", "data", "message"), [
    ("a.xlsx", b"", "damaged"), ("a.xls", b"PK\x03\x04 cut", "damaged"), ("a.xlsx", b"<html><table>", "a web page"),
    ("a.csv", b"PK\x03\x04", "workbook under the name"), ("a.csv", b"\xff\xfe\x00", "neither UTF-8 nor GB18030"),
    ("a.csv", b"\x81", "neither UTF-8 nor GB18030"), ("a.csv", b"a\x00b", "neither UTF-8 nor GB18030"),
    ("a.csv", b"", "holds no cells"), ("a.csv", b",,\n,,\n", "holds no cells"),
    ("a.pdf", b"%PDF", "no kind that can be read"),
])
def test_files_that_cannot_be_read_are_refused_in_words(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_sheets(tmp_path / name)


def test_the_command_shows_what_it_understood_and_asks_for_a_source(tmp_path, study, capsys):
    path = str(table(tmp_path, "Indicator: Schools (items)\ncounty,2023\nAshdale,3\nElsewhere,4\n"))

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["import", path, "--study", str(study), *arguments])
        return stop.value.code, capsys.readouterr().err

    code, said = run("--yes")
    assert code == 2 and "--publication and --publisher" in said
    code, said = run("--dry-run")
    assert code == 0 and "Schools (1 figures)" in said and "'Elsewhere' is no region or year of this study" in said
    before = content(study)
    code, said = run("--publication", "Y", "--publisher", "B", "--series", "Schools=schools")
    assert code == 0 and "Nothing was written. --yes writes without asking." in said and content(study) == before
    code, said = run("--publication", "Y", "--publisher", "B", "--series", "Schools=schools", "--yes")
    assert code == 0 and "1 figures were written." in said and figure(study, "c01", 2023, "schools")["value"] == 3


def test_a_full_disk_leaves_the_study_as_it_was(tmp_path, study, monkeypatch):
    plan = plan_import([table(tmp_path, "Indicator: Schools (items)\ncounty,2023\nAshdale,3\n")], study, SOURCE,
                       {"Schools": "schools"})
    before = content(study)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nqpkit.storage.os.fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_import(plan)
    assert content(study) == before


def test_a_study_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="`nqp new"):
        plan_import([], tmp_path / "none", SOURCE)


def test_an_import_into_an_extension_adds_to_it_alone(tmp_path):
    folder = new_study(tmp_path / "more", "extend")
    path = table(tmp_path, "指标：新系列(亿元)\n地区,2023年\n甘肃省,11.5\n")
    write_import(plan_import([path], folder, SOURCE, {"新系列": "new_series"}))
    assert figure(folder, "62", 2023, "new_series")["value"] == 11.5
    assert len((folder / "figures.csv").read_text(encoding="utf-8").splitlines()) == 2
    shutil.rmtree(folder)
