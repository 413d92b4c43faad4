"""Every way in which a study of one's own can be wrong gets a sentence with file, row and column."""

import textwrap

import pandas as pd
import pytest

from nqpkit.check import check_study, check_tables
from nqpkit.cli import main
from nqpkit.problems import Problem
from nqpkit.references import parse_breaks, parse_change
from nqpkit.tables import read_tables

STUDY = """\
title: Three towns
unit: {one: town, many: towns}
focus: hills
groups:
  hills: {label: Hills}
  plain: {label: Plain}
years: {figures: [2019, 2022], scored: [2020, 2022]}
units: [people, coins]
vintages: {old: [coins], new: [gold]}
totals: [{name: People of the hills, series: people, year: 2020, group: hills, value: 301, tolerance: 1}]
sums: [{total: coins, parts: [copper, silver], tolerance: 0.1}]
nation: [{series: [people], least: 0.99, most: 1.01}]
"""
FRAMEWORK = """\
years: [2020, 2022]
breaks: {gold: [2021]}
systems:
  means:
    label: Means
    dimensions:
      money:
        label: Money
        indicators:
          coins_per_head: {label: Coins per head, unit: coins, direction: 1, formula: coins / people}
  ends:
    label: Ends
    dimensions:
      size:
        label: Size
        indicators:
          gold_per_head: {label: Gold per head, unit: coins, direction: 1, transform: log, formula: gold / people}
dilemmas:
  poverty: {label: Poverty, indicators: [coins_per_head]}
"""
REGIONS = """\
code,slug,name,group,tile_row,tile_col
1,upton,Upton,hills,1,1
2,midton,Midton,hills,1,2
3,lowton,Lowton,plain,2,1
"""
SERIES = """\
series,name,unit,lower,upper,change,breaks
people,People,people,0,,x1.2,
coins,Coins,coins,0,1000,x1.5,
copper,Copper coins,coins,0,,x2,
silver,Silver coins,coins,0,,x2,
gold,Gold coins,coins,0,,x1.5,2021: counted anew
"""
SOURCES = "source,publication,publisher\nbook,The yearbook,The bureau\n"
NEIGHBOURS = "code,neighbour\n1,2\n2,1\n2,3\n3,2\n"
MARKS = "code,year,series,before,value,kind,explanation\n3,2021,gold,9,30,break,Counted anew.\n"


def figures():
    rows = ["code,year,series,value,source"]
    for year in range(2019, 2023):
        step = year - 2019
        for code in (1, 2, 3):
            copper, silver = 10 * code + step, 20 * code + step**2
            gold = 3 * code * (1 if year < 2021 else 1.1) + 0.01 * step
            gold = {2020: 9, 2021: 30, 2022: 31}.get(year, gold) if code == 3 else gold
            values = {"people": 100 * code + step**2, "copper": copper, "silver": silver, "coins": copper + silver,
                      "gold": gold}
            rows += [f"{code},{year},{series},{value:g},book" for series, value in values.items()]
        rows.append(f"00,{year},people,{600 + 3 * step**2},book")
    return "\n".join(rows) + "\n"


FILES = {"study.yml": STUDY, "framework.yml": FRAMEWORK, "regions.csv": REGIONS, "series.csv": SERIES,
         "sources.csv": SOURCES, "neighbours.csv": NEIGHBOURS, "marks.csv": MARKS, "figures.csv": figures()}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def edit(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_study_has_no_problem(folder):
    assert check_study(folder) == []


def test_neighbours_and_marks_may_be_missing(folder):
    (folder / "neighbours.csv").unlink()
    (folder / "marks.csv").unlink()
    assert check_study(folder) == []
    tables, _ = read_tables(folder)
    assert tables["marks"].empty and "explanation" in tables["marks"]


def test_tables_keep_codes_as_text_and_years_as_whole_numbers(folder):
    edit(folder, "regions.csv", "1,upton", "01,upton")
    tables, _ = read_tables(folder)
    assert tables["regions"]["code"].tolist() == ["01", "2", "3"]
    assert tables["figures"]["year"].dtype == int and tables["figures"]["value"].dtype == float
    assert tables["figures"]["row"].tolist()[:2] == [2, 3]


@pytest.mark.parametrize("change", [
    lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text, lambda text: text.rstrip("\n"),
    lambda text: text + "\n", lambda text: text.replace("1,2019,people", '"1",2019,people', 1),
    lambda text: text.replace("1,2019,people", " 1 ,2019,people", 1)],
    ids=["Windows", "mark", "no last line end", "empty line", "quotes", "spaces"])
def test_a_table_says_the_same_however_it_is_written(folder, change):
    before, _ = read_tables(folder)
    (folder / "figures.csv").write_text(change(FILES["figures.csv"]), encoding="utf-8", newline="")
    tables, problems = read_tables(folder)
    pd.testing.assert_frame_equal(tables["figures"], before["figures"])
    assert problems == [] and tables["figures"]["code"].iloc[0] == "1"


# file, text there, text instead, and of the problem: file, row, column, words of the message
FORM = [
    ("figures.csv", "code,year,series,value", "code,year,series,amount", "figures.csv", 1, "value", "is missing"),
    ("figures.csv", "1,2019,people,100,book", "1,2019,people,100", "figures.csv", 2, "", "4 cells"),
    ("figures.csv", "1,2019,people,100,", "1,2019,people,many,", "figures.csv", 2, "value", "'many' is not a number"),
    ("figures.csv", "1,2019,people,100,", "1,2019,people,inf,", "figures.csv", 2, "value", "'inf' is not a number"),
    ("figures.csv", "1,2019,people,100,", "1,2019,people,nan,", "figures.csv", 2, "value", "'nan' is not a number"),
    ("figures.csv", "1,2019,people,100,", "1,2019,people,1_00,", "figures.csv", 2, "value", "'1_00' is not a number"),
    ("figures.csv", "1,2019,people,100,", '1,2019,people,"1,00",', "figures.csv", 2, "value", "'1,00' is not a number"),
    ("figures.csv", "1,2019,people,100,", "1,2019,people,,", "figures.csv", 2, "value", "the value is empty"),
    ("figures.csv", "1,2019,people,100,book", "1,2019,people,100,", "figures.csv", 2, "source", "the source is empty"),
    ("figures.csv", "1,2019,people", "1,2019.5,people", "figures.csv", 2, "year", "not a whole number"),
    ("figures.csv", "1,2019,people", "1,2019000000000000000000,people", "figures.csv", 2, "year", "not a whole number"),
    ("figures.csv", "1,2019,people", "1,1919,people", "figures.csv", 2, "year", "outside 2019–2022"),
    ("figures.csv", "1,2019,people", "9,2019,people", "figures.csv", 2, "code", "no region '9'"),
    ("figures.csv", "1,2019,people", "1,2019,poeple", "figures.csv", 2, "series", "no series 'poeple'"),
    ("figures.csv", "1,2019,people,100,book", "1,2019,people,100,bok", "figures.csv", 2, "source", "no source 'bok'"),
    ("figures.csv", "1,2019,copper", "1,2019,people", "figures.csv", 3, "code", "stands in row 2 already"),
    ("figures.csv", "1,2019,people,100", '1,2019,"people,100', "figures.csv", 2, "", "cannot be read"),
    ("regions.csv", "2,midton", "1,midton", "regions.csv", 3, "code", "stands in row 2 already"),
    ("regions.csv", "2,midton,Midton,hills,1,2", "2,midton,Midton,hills,1,1", "regions.csv", 3, "tile_row", "already"),
    ("regions.csv", "Lowton,plain", "Lowton,sea", "regions.csv", 4, "group", "no group 'sea'"),
    ("regions.csv", "1,upton,Upton", "1,upton,", "regions.csv", 2, "name", "the name is empty"),
    ("series.csv", "0,,x1.2", "none,,x1.2", "series.csv", 2, "lower", "not a number or nothing"),
    ("series.csv", "0,,x1.2", "0,,20%", "series.csv", 2, "change", "'20%' cannot be read"),
    ("series.csv", "2021: counted anew", "in 2021", "series.csv", 6, "breaks", "'in 2021' cannot be read"),
    ("sources.csv", "source,pub", "source,source,pub", "sources.csv", 1, "source", "stands here twice"),
    ("neighbours.csv", "3,2\n", "", "neighbours.csv", 4, "neighbour", "not the other way round"),
    ("neighbours.csv", "1,2\n", "1,1\n", "neighbours.csv", 2, "neighbour", "its own neighbour"),
    ("study.yml", "focus: hills", "focus: [hills", "study.yml", 4, "", "not valid YAML"),
    ("study.yml", "focus: hills", "focus: sea", "study.yml", 3, "focus", "no group 'sea'"),
    ("study.yml", "focus: hills", "focus: hills\nfoucs: hills", "study.yml", 4, "foucs", "'foucs' is not known"),
    ("study.yml", "focus: hills", "focus: hills\nfocus: plain", "study.yml", 4, "focus", "twice"),
    ("study.yml", "focus: hills", "focus: 3", "study.yml", 3, "focus", "text is expected here, not a whole number (3)"),
    ("study.yml", "focus: hills\n", "", "study.yml", 0, "", "the key 'focus' is missing"),
    ("study.yml", "title: Three towns", "title: &t Three towns\ntitle_zh: *t", "study.yml", 2, "", "*t is not allowed"),
    ("study.yml", "title: Three towns", "title: !!python/object/apply:os.system [ls]", "study.yml", 1, "", "not valid"),
    ("study.yml", "figures: [2019, 2022]", "figures: []", "study.yml", 7, "years.figures", "a first and a last"),
    ("study.yml", "figures: [2019, 2022]", "figures: !!int ''", "study.yml", 0, "", "not valid YAML"),
    ("study.yml", "scored: [2020, 2022]", "scored: [2022, 2020]", "study.yml", 7, "years.scored", "a first and a last"),
    ("study.yml", "scored: [2020, 2022]", "scored: [2021, 2022]", "study.yml", 7, "years.scored", "differ from those"),
    ("study.yml", "series: people, year", "series: poeple, year", "study.yml", 10, "totals.0.series", "no series"),
    ("framework.yml", "transform: log", "tranform: log", "framework.yml", 17,
     "systems.ends.dimensions.size.indicators.gold_per_head.tranform", "'tranform' is not known"),
    ("framework.yml", "label: Coins per head, unit", "label: Coins per 1,000 heads, unit", "framework.yml", 10,
     "systems.means.dimensions.money.indicators.coins_per_head.000 heads", "is not known"),
    ("framework.yml", "formula: coins / people", "formula: coins ** people", "framework.yml", 10,
     "systems.means.dimensions.money.indicators.coins_per_head.formula", "not part of the formula language"),
    ("framework.yml", "formula: coins / people", "formula: coin / people", "framework.yml", 10,
     "systems.means.dimensions.money.indicators.coins_per_head.formula", "no series 'coin'"),
    ("framework.yml", "direction: 1, formula", "direction: 2, formula", "framework.yml", 10,
     "systems.means.dimensions.money.indicators.coins_per_head.direction", "no direction '2'"),
    ("framework.yml", "indicators: [coins_per_head]", "indicators: [coins]", "framework.yml", 19,
     "dilemmas.poverty.indicators", "no indicator 'coins'"),
    ("framework.yml", "gold_per_head: {", "coins_per_head: {", "framework.yml", 17,
     "systems.ends.dimensions.size.indicators.coins_per_head", "used twice"),
]


@pytest.mark.parametrize(("name", "old", "new", "file", "row", "column", "words"), FORM)
def test_a_fault_of_form_is_named_with_its_place(folder, name, old, new, file, row, column, words):
    edit(folder, name, old, new)
    _, problems = read_tables(folder)
    found = [(p.file, p.row, p.column) for p in problems if words in p.message]
    assert (file, row, column) in found, [str(p) for p in problems]
    assert all(problem.remedy or problem.column.endswith("formula") for problem in problems)
    check_study(folder)  # the rest is still checked, without an exception


CONTENT = [
    ("series.csv", "Coins,coins", "Coins,shells", "series.csv", 3, "unit", "'shells' is not allowed"),
    ("figures.csv", "1,2019,coins,30,", "1,2019,coins,-30,", "figures.csv", 5, "value",
     "Upton (1), coins 2019: -30 lies below the bound 0"),
    ("figures.csv", "1,2019,coins,30,", "1,2019,coins,30000,", "figures.csv", 5, "value", "above the bound 1,000"),
    ("figures.csv", "1,2020,people,101", "1,2020,people,1010", "figures.csv", 18, "value",
     "Upton (1), people 2020: 1,010 after 100 in 2019 (row 2) is a change beyond the bound x1.2"),
    ("figures.csv", "1,2020,coins,32", "1,2020,coins,33", "figures.csv", 21, "value", "the sum of copper, silver"),
    ("figures.csv", "3,2020,people,301", "3,2020,people,310", "figures.csv", 33, "value", "of the national 603"),
    ("figures.csv", "2,2020,people,201", "2,2020,people,206", "study.yml", 10, "totals.0", "sum to 307"),
    ("figures.csv", "3,2021,gold,30", "3,2021,gold,29", "figures.csv", 48, "value", "29 stands here, but its mark"),
    ("figures.csv", "3,2020,gold,9,", "3,2020,gold,9.5,", "figures.csv", 32, "value", "the mark of 2021"),
    ("figures.csv", "3,2021,gold,30,book\n", "", "marks.csv", 2, "code", "has no such figure"),
    ("figures.csv", "3,2021,gold,30,book\n", "", "series.csv", 6, "series", "no figure for Lowton (3) 2021"),
    ("marks.csv", "3,2021,gold,9,30", "3,2019,gold,8,9", "marks.csv", 2, "before", "no earlier figure to change from"),
    ("marks.csv", ",break,", ",brake,", "marks.csv", 2, "kind", "'brake' is not known"),
    ("framework.yml", "formula: gold / people", "formula: gold / coins", "framework.yml", 17,
     "systems.ends.dimensions.size.indicators.gold_per_head.formula", "mixes vintages: coins (old) and gold (new)"),
    ("framework.yml", "breaks: {gold: [2021]}", "breaks: {}", "series.csv", 6, "breaks", "missing in framework.yml"),
    ("series.csv", "2021: counted anew", "", "framework.yml", 2, "breaks.gold", "is not explained"),
    ("sources.csv", "The bureau\n", "The bureau\nnote,A note,We\n", "sources.csv", 3, "source", "no figure cites"),
    ("series.csv", "copper,Copper", "tin,Tin coins,coins,,,,\ncopper,Copper", "series.csv", 4, "series", "'tin'"),
]


@pytest.mark.parametrize(("name", "old", "new", "file", "row", "column", "words"), CONTENT)
def test_a_fault_of_content_is_named_with_its_place(folder, name, old, new, file, row, column, words):
    edit(folder, name, old, new)
    assert read_tables(folder)[1] == []
    problems = check_study(folder)
    assert (file, row, column) in [(p.file, p.row, p.column) for p in problems if words in p.message], [
        str(p) for p in problems]


def test_a_spike_is_named_once_and_the_way_back_is_not(folder):
    edit(folder, "figures.csv", "1,2021,gold,3.32", "1,2021,gold,33.2")
    (problem,) = check_study(folder)
    assert "gold 2022: 3.33 after 33.2 in 2021" in problem.message  # 2021 is a break: the change into it may be large
    edit(folder, "figures.csv", "1,2021,gold,33.2", "1,2021,gold,3.32")
    edit(folder, "figures.csv", "1,2021,silver,24", "1,2021,silver,240")
    assert [p.row for p in check_study(folder) if "change beyond" in p.message] == [36]


def test_figures_drawn_with_a_ruler_are_warned_of(folder):
    for step, year in enumerate(range(2019, 2023)):
        edit(folder, "figures.csv", f"2,{year},gold,", f"2,{year},gold,{6 + 0.12345 * step}\n#")
    text = (folder / "figures.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("#")]
    fixed = [f"{line},book" if line.count(",") == 3 else line for line in kept]
    (folder / "figures.csv").write_text("\n".join(fixed) + "\n", encoding="utf-8")
    (problem,) = check_study(folder)
    assert problem.severity == "warning"
    assert "Midton (2), gold 2022" in problem.message and "equal steps" in problem.message


def test_figures_that_never_change_are_warned_of(folder):
    text = (folder / "figures.csv").read_text(encoding="utf-8")
    lines = [f"{line.rsplit(',', 2)[0]},6,book" if line.startswith("2,") and ",gold," in line else line
             for line in text.splitlines()]
    (folder / "figures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (problem,) = check_study(folder)
    assert problem.severity == "warning" and "Midton (2), gold" in problem.message and "every year" in problem.message


def test_a_series_that_builds_both_systems_is_warned_of(folder):
    edit(folder, "framework.yml", "formula: gold / people", "formula: (gold + coins) / people")
    (problem,) = [problem for problem in check_study(folder) if "numerator" in problem.message]
    assert problem.severity == "warning" and problem.file == "framework.yml" and problem.row == 17
    assert "coins stands in the numerator of coins_per_head (means) and of gold_per_head (ends)" in problem.message


def test_a_dimension_with_too_few_figures_is_warned_of(folder):
    text = (folder / "figures.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("2,2022,gold,")]
    (folder / "figures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    thin = [problem for problem in check_study(folder) if problem.file == "framework.yml"]
    assert [(p.severity, p.column) for p in thin] == [("warning", "systems.ends.dimensions.size")]
    assert "Midton (2) 2022" in thin[0].message


def test_the_page_of_problems_escapes_what_stands_in_the_files(folder, tmp_path, capsys):
    edit(folder, "figures.csv", "1,2019,people,100,book", "1,2019,people,<script>,book")
    with pytest.raises(SystemExit) as stop:
        main(["check", str(folder), "--html", str(tmp_path / "out" / "check.html")])
    page = (tmp_path / "out" / "check.html").read_text(encoding="utf-8")
    assert stop.value.code == 1 and "&lt;script&gt;" in page and "<script" not in page
    assert "1 error, " in capsys.readouterr().err and "<h2>Errors: 1</h2>" in page


def test_a_stated_gap_is_no_problem_and_a_gap_that_is_none_is(folder):
    edit(folder, "figures.csv", "1,2022,gold,3.33,book\n", "")
    assert [problem.file for problem in check_study(folder)] == ["series.csv", "framework.yml"]
    with (folder / "study.yml").open("a", encoding="utf-8") as file:
        file.write("gaps: [{series: gold, codes: ['1'], years: [2022], reason: Not counted.}]\n")
    assert check_study(folder) == []
    edit(folder, "study.yml", "years: [2022], reason", "years: [2021, 2022], reason")
    (problem,) = check_study(folder)
    assert "gold of Upton (1) in 2021 is stated as a gap" in problem.message


@pytest.mark.parametrize("name", [name for name in FILES if name not in ("neighbours.csv", "marks.csv")])
def test_a_missing_or_empty_file_is_one_problem_of_that_file(folder, name):
    (folder / name).write_text("", encoding="utf-8")
    errors = [p for p in check_study(folder) if p.severity == "error" and p.file == name]
    assert [p.message for p in errors] == ["the file is empty"]
    (folder / name).unlink()
    problems = [p for p in check_study(folder) if p.severity == "error"]
    assert [(p.file, p.message) for p in problems] == [(name, "the file is missing")]


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_in_another_encoding_is_named_with_the_line(folder, name):
    text = FILES[name].rstrip("\n")
    (folder / name).write_bytes(f"{text}\n甘肃\n".encode("gb18030"))
    problems = [p for p in check_study(folder) if p.file == name]
    assert any(p.row == text.count("\n") + 2 and "not UTF-8" in p.message for p in problems), problems


@pytest.mark.parametrize("name", list(FILES))
def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(folder, name):
    (folder / name).write_bytes(b"\xef\xbb\xbf" + FILES[name].replace("\n", "\r\n").encode())
    assert check_study(folder) == []


@pytest.mark.parametrize("name", list(FILES))
@pytest.mark.parametrize("text", [
    "\x00", "a,b\n\"", "- 1\n- 2\n", "{" * 2000, "code\n\n\n", "2020: {}\n", ",,,,,\n1,2,3,4,5,6\n"])
def test_rubbish_is_a_problem_and_never_an_exception(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    assert any(p.file == name and p.severity == "error" for p in check_study(folder))


def test_a_folder_without_files_names_each_needed_one(tmp_path):
    assert sorted(p.file for p in check_study(tmp_path)) == [
        "figures.csv", "framework.yml", "regions.csv", "series.csv", "sources.csv", "study.yml"]


def test_all_faults_come_in_one_pass(folder):
    edit(folder, "figures.csv", "1,2019,people,100,", "1,2019,people,many,")
    edit(folder, "figures.csv", "2,2019,people", "7,2019,people")
    edit(folder, "figures.csv", "1,2020,copper,11", "1,2020,copper,110")
    edit(folder, "framework.yml", "transform: log", "tranform: log")
    edit(folder, "regions.csv", "Lowton,plain", "Lowton,sea")
    files = [p.file for p in check_study(folder)]
    assert files.count("figures.csv") >= 3 and {"framework.yml", "regions.csv"} <= set(files)


def test_one_unknown_name_in_many_rows_is_one_problem(folder):
    edit(folder, "series.csv", "copper,Copper", "cuprum,Copper")
    edit(folder, "study.yml", "parts: [copper, silver]", "parts: [cuprum, silver]")
    (problem,) = [p for p in read_tables(folder)[1] if p.file == "figures.csv"]
    assert problem.value == "copper" and "and in 11 more rows" in problem.message


def test_check_tables_works_on_tables_in_memory(folder):
    tables, _ = read_tables(folder)
    assert check_tables(tables) == []
    tables["figures"].loc[0, "value"] *= 10
    assert {p.row for p in check_tables(tables)} == {17, 18}  # the nation's row, and the year after


def test_a_problem_reads_as_a_sentence_with_its_place():
    problem = Problem("error", "figures.csv", 7, "value", "x", "'x' is not a number", "Write digits.")
    assert str(problem) == "figures.csv, row 7, column value: 'x' is not a number. Write digits."
    assert str(Problem("error", "study.yml", 0, "", "", "the file is missing")) == "study.yml: the file is missing."


@pytest.mark.parametrize("text", ["1.5", "x0.5", "x1", "+-0", "x", "x1.5 or so", "-3"])
def test_a_bound_that_means_nothing_is_refused(text):
    with pytest.raises(ValueError, match=textwrap.shorten(text, 20)[-1:]):
        parse_change(text)


def test_an_explanation_may_hold_a_semicolon():
    assert parse_breaks("2016: one; the other; 2021: third") == {2016: "one; the other", 2021: "third"}
