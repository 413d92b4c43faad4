"""Tables as bureaus lay them out: each arrangement says the same figures."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nqpkit.errors import InputError
from nqpkit.exchange.layouts import Hints, split_unit, understand
from nqpkit.exchange.sheets import read_sheets

NAMES = {"62": "62", "gansu": "62", "Gansu": "62", "甘肃": "62", "甘肃省": "62", "64": "64", "ningxia": "64",
         "Ningxia": "64", "宁夏": "64", "宁夏回族自治区": "64", "15": "15", "Inner Mongolia": "15", "内蒙古": "15"}
FACTS = {("62", 2022): 11121.4, ("62", 2023): 11863.8, ("64", 2022): 5104.6, ("64", 2023): 5315.0}
LAYOUTS = {
    "the national bureau's export": """数据库：分省年度数据
指标：地区生产总值(亿元)
时间：最近2年
地区,2023年,2022年
甘肃省,"11,863.8",11121.4
宁夏回族自治区,5315.0,5104.6
注：2023年为初步核算数。
数据来源：国家统计局
""",
    "short names with spaces, the sums above": """地区生产总值,,
单位：亿元,,
地  区,2022,2023
全  国,1204724.0,1260582.1
甘 肃,11121.4,11863.8
宁 夏,5104.6,5315.0
""",
    "regions across": """指标：地区生产总值(亿元)
年份,甘肃,宁夏
2022年,11121.4,5104.6
2023年,11863.8,5315.0
""",
    "one region, indicators down": """地区：甘肃省
指标,2023年,2022年
地区生产总值(亿元),11863.8,11121.4
""",
    "indicator in the first column": """指标,地区,2022,2023
地区生产总值(亿元),甘肃,11121.4,11863.8
,宁夏,5104.6,5315.0
""",
    "a long table in English": """code,year,indicator,value,unit
62,2022,地区生产总值,11121.4,亿元
62,2023,地区生产总值,11863.8,亿元
64,2022,地区生产总值,5104.6,亿元
64,2023,地区生产总值,5315.0,亿元
""",
    "a wide panel": """province,year,地区生产总值(亿元),年末常住人口(万人)
Gansu,2022,11121.4,2492
Gansu,2023,11863.8,2465
Ningxia,2022,5104.6,728
Ningxia,2023,5315.0,729
""",
    "years under each indicator": """,地区生产总值(亿元),,年末常住人口(万人),
地区,2022,2023,2022,2023
甘肃,11121.4,11863.8,2492,2465
宁夏,5104.6,5315.0,728,729
""",
}


def read(tmp_path, text, name="table.csv", encoding="utf-8", hints=None, names=NAMES):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    (sheet,) = read_sheets(path)
    return understand(sheet, names, hints)


def gdp(reading):
    return {(cell.code, cell.year): cell.value for cell in reading.cells.itertuples() if cell.label == "地区生产总值"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_in_every_encoding_gives_the_same_figures(tmp_path, layout, encoding):
    reading = read(tmp_path, LAYOUTS[layout], encoding=encoding)
    known = {key: value for key, value in FACTS.items() if "one region" not in layout or key[0] == "62"}
    assert gdp(reading) == known
    assert {cell.unit for cell in reading.cells.itertuples() if cell.label == "地区生产总值"} == {"亿元"}


def test_notes_and_sums_are_named_as_left_out(tmp_path):
    skipped = read(tmp_path, LAYOUTS["the national bureau's export"]).skipped
    assert [text.split(": ", 1)[1] for text in skipped] == [
        "'注:2023年为初步核算数。' is a line of text", "'数据来源:国家统计局' is a line of text"]
    (nation,) = read(tmp_path, LAYOUTS["short names with spaces, the sums above"]).skipped
    assert nation == "table.csv, row 4, column A: '全 国' is no region or year of this study"


def test_marks_for_no_figure_count_as_missing(tmp_path):
    text = "指标：出口(亿元)\n地区,2021,2022,2023,2024,2025\n甘肃,-,…,,1.5,..\n"
    reading = read(tmp_path, text)
    assert [(cell.year, cell.value) for cell in reading.cells.itertuples()] == [(2024, 1.5)] and reading.missing == 4


def test_a_cell_that_is_no_number_is_named(tmp_path):
    reading = read(tmp_path, "指标：出口(亿元)\n地区,2022,2023\n甘肃,about 7,8\n")
    assert reading.skipped == ["table.csv, row 3, column B: 'about 7' is not a number"]


@pytest.mark.parametrize("text", ["1,23.4", "1,2345", "12,345,6", "1_000", "0x1A", "１２a", "inf", "1e999"])
def test_odd_numbers_are_named_not_guessed(tmp_path, text):
    reading = read(tmp_path, f'指标：出口(亿元)\n地区,2022,2023\n甘肃,"{text}",8\n')
    assert len(reading.skipped) == 1 and [cell.value for cell in reading.cells.itertuples()] == [8]


def test_a_name_that_only_begins_like_a_region_is_told(tmp_path):
    reading = read(tmp_path, "指标：出口(亿元)\n地区,2022,2023\nInner Mongolia Autonomous Region,1,2\nGansuan,3,4\n")
    assert reading.guessed == {"Inner Mongolia Autonomous Region": "15"}
    assert {cell.code for cell in reading.cells.itertuples()} == {"15"} and "Gansuan" in reading.skipped[0]


def test_the_year_of_a_single_year_table_comes_from_its_title_or_a_hint(tmp_path):
    titled = read(tmp_path, "表2-1 各地区人口 (2023年)\n地区,人口(万人)\n甘肃,2465\n宁夏,729\n")
    assert {(c.code, c.year, c.value) for c in titled.cells.itertuples()} == {("62", 2023, 2465), ("64", 2023, 729)}
    bare = "地区,人口(万人)\n甘肃,2465\n"
    with pytest.raises(InputError, match=r"table.csv, row 2, column A: .*--year"):
        read(tmp_path, bare)
    assert read(tmp_path, bare, hints=Hints(year=2020)).cells["year"].tolist() == [2020]


def test_a_table_without_the_indicators_name_asks_for_it(tmp_path):
    text = "地区,2022,2023\n甘肃,1,2\n"
    with pytest.raises(InputError, match=r"row 2, column B: .*--label"):
        read(tmp_path, text)
    assert {cell.label for cell in read(tmp_path, text, hints=Hints(label="出口")).cells.itertuples()} == {"出口"}


@pytest.mark.parametrize("text", ["only words here\n", "a,b\nc,d\n", "地区,2022,2023\nNowhere,1,2\n", "1,2,3\n4,5,6\n"])
def test_what_is_no_table_of_this_study_is_refused_in_words(tmp_path, text):
    with pytest.raises(InputError, match=r"table\.csv, row \d+, column A: "):
        read(tmp_path, text)


def test_values_that_look_like_years_are_not_taken_for_a_header(tmp_path):
    reading = read(tmp_path, "地区,年份,企业数(个)\n甘肃,2022,2015\n甘肃,2023,2011\n")
    assert {(c.year, c.value) for c in reading.cells.itertuples()} == {(2022, 2015), (2023, 2011)}


def test_a_long_table_keeps_the_order_of_the_sheet_and_names_what_is_odd(tmp_path):
    rows = [f"{code},{year},1{year}.5,{code}{year}" for year in range(1950, 2020) for code in ("62", "64", "15")] * 8
    rows[1500] = "62,1950,many,-"
    reading = read(tmp_path, "code,year,A (t),B (t)\n" + "\n".join(rows) + "\n")
    cells = reading.cells
    assert len(cells) == 2 * len(rows) - 2 and reading.missing == 1
    assert reading.skipped == ["table.csv, row 1502, column C: 'many' is not a number"]
    assert cells[["row", "column"]].apply(tuple, axis=1).is_monotonic_increasing
    assert (cells.loc[cells["label"] == "A", "value"] == 10000.5 + cells.loc[cells["label"] == "A", "year"]).all()


def test_split_unit_keeps_inner_brackets():
    assert split_unit("Share (of GDP) of exports") == ("Share (of GDP) of exports", "")


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(sorted(LAYOUTS)))
def test_damage_is_told_or_changes_nothing(tmp_path_factory, source: random.Random, layout):
    """A cell overwritten at random never makes another cell's figure appear under a wrong region or year."""
    lines = [line.split(",") for line in LAYOUTS[layout].replace('"11,863.8"', "11863.8").splitlines()]
    row = source.randrange(len(lines))
    column = source.randrange(len(lines[row]))
    lines[row][column] = source.choice(["", "?", "=1+1", "<b>x</b>", "../..", "年", "2023", "甘", "-", "\u202eabc"])
    try:
        reading = read(tmp_path_factory.mktemp("damage"), "\n".join(map(",".join, lines)))
    except InputError:
        return
    values = set(FACTS.values()) | {2492, 2465, 728, 729, 2023, 62, 64}
    assert {cell.value for cell in reading.cells.itertuples()} <= values
