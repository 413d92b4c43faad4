"""The figures that the kit ships: complete, consistent with what was published, and any slip in them found."""

import csv
import re
import shutil

import numpy as np
import pandas as pd
import pytest

from nqpkit.check import KEY, KINDS, check_study, check_tables, jumps, scored_series
from nqpkit.references import formulas, parse_breaks
from nqpkit.study import BUILT_IN
from nqpkit.tables import read_tables

WEST = {"15", "45", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"}


@pytest.fixture(scope="module")
def tables():
    return read_tables(BUILT_IN)[0]


@pytest.fixture(scope="module")
def wide(tables):
    return tables["figures"].pivot(index=["code", "year"], columns="series", values="value")


@pytest.fixture(scope="module")
def cells(tables):
    cells = tables["figures"].sort_values(KEY, ignore_index=True)
    return cells.join(cells.groupby(KEY[:2])[["value", "year"]].shift().add_suffix("_before"))


def rows(name):
    with (BUILT_IN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_has_no_problem():
    assert [str(problem) for problem in check_study(BUILT_IN)] == []


def test_keys_are_unique_and_every_figure_has_a_source_of_its_own_table():
    figures = rows("figures.csv")
    assert len(figures) == len({(r["code"], r["year"], r["series"]) for r in figures}) > 45_000
    assert {r["source"] for r in figures} == {r["source"] for r in rows("sources.csv")}
    assert {r["series"] for r in figures} == {r["series"] for r in rows("series.csv")}
    assert [(r["series"], r["code"], r["year"]) for r in figures] == sorted(
        (r["series"], r["code"], r["year"]) for r in figures)


def test_only_official_series_are_shipped():
    text = (BUILT_IN / "sources.csv").read_text(encoding="utf-8")
    assert "CEADs" not in text and "Peking University" not in text
    assert all(r["publisher"] and r["publication"] and r["licence"].startswith("Official") for r in rows("sources.csv"))


def test_the_public_copy_is_named_in_words_that_no_page_turns_into_a_link():
    for row in rows("sources.csv"):
        assert row["read_in"].startswith("public copy: ")
        assert not re.search(r"https?:|www\.|\.(com|cn|io|org|net)\b", " ".join(row.values())), row["source"]


def test_the_west_is_the_twelve_and_its_gdp_of_2023_is_the_communiques(tables, wide):
    regions = tables["regions"]
    assert set(regions.loc[regions["group"] == "west", "code"]) == WEST
    assert len(regions) == 31
    total = wide["gdp_pre5ec"].unstack("year").loc[sorted(WEST), 2023].sum()
    assert abs(total - 269_325) < 1
    assert abs(wide["gdp"].unstack("year").loc[sorted(WEST), 2023].sum() - 269_325) > 1_000  # the revised vintage


def test_sectors_sum_to_gdp(wide):
    parts = [f"{sector}_value_added_pre5ec" for sector in ("primary", "secondary", "tertiary")]
    gap = (wide["gdp_pre5ec"] - wide[parts].sum(axis=1, min_count=3)).dropna()
    assert len(gap) == 31 * 9 and gap.abs().max() < 0.15


def test_shares_derived_from_other_series_agree_with_those_published(wide):
    urban = wide["urban_population"] / wide["population"] * 100 - wide["urbanization_rate"]
    assert urban.abs().max() < 0.2 and urban.count() == 31 * 12
    intensity = wide["rd_expenditure"] / wide["gdp_pre5ec"] / 100 - wide["rd_intensity"]
    assert intensity.abs().max() < 0.006 and intensity.count() == 31 * 12
    rate = wide["trade_total_cny"] * 100 / wide["trade_total_usd"]
    assert rate.between(6.3, 7.3).sum() == rate.count() == 31 * 9
    assert (wide["tax_revenue"] < wide["fiscal_revenue"]).sum() == wide["tax_revenue"].count()


@pytest.mark.parametrize(("series", "least", "most"), [
    ("rd_expenditure", 0.99999, 1.00001),
    ("rd_personnel_fte", 0.9999, 1.0001),
    ("hightech_manufacturing_revenue", 0.9999, 1.0001),
    ("hightech_manufacturing_enterprises", 1, 1),
    ("local_fiscal_science_technology_expenditure", 0.9999, 1.0001),
    ("patents_in_force_invention", 0.89, 0.983),  # the nation holds Hong Kong, Macao and Taiwan too
    ("tech_market_contract_value_absorbed", 0.77, 0.94),  # and exports and others
])
def test_provinces_sum_to_the_national_row(wide, series, least, most):
    column = wide[series].unstack("year")
    years = column.columns[column.notna().all()]
    share = column.drop(index="00")[years].sum() / column.loc["00", years]
    assert len(years) >= 5
    assert share.between(least, most).all(), share


@pytest.mark.parametrize(("series", "year", "total"), [
    ("electricity_consumption", 2020, 75_113), ("broadband_ports", 2023, 113_590), ("software_revenue", 2020, 81_626),
    ("undergraduate_students", 2023, 2_034.7), ("fiscal_revenue", 2023, 117_229), ("so2_emissions", 2021, 274.8),
    ("health_personnel", 2023, 1_523.7), ("higher_education_institutions", 2023, 2_822),
    ("express_parcels", 2023, 13_207_000), ("licensed_doctors", 2020, 4_085_689),
])
def test_provinces_sum_to_published_totals(wide, series, year, total):
    assert wide[series].unstack("year")[year].drop(index="00", errors="ignore").sum() == pytest.approx(total, rel=2e-4)


def test_no_formula_mixes_vintages(tables):
    families = [set(members) for members in tables["settings"]["vintages"].values()]
    assert families[0] & families[1] == set()
    for _, entry in formulas(tables["framework"]):
        names = set(re.findall(r"[a-z_]\w*", entry["formula"]))
        assert not (names & families[0] and names & families[1]), entry["formula"]
    assert {"gdp", "gdp_pre5ec"} <= set(scored_series(tables["framework"]))  # both are in use, so the rule has work


def test_scored_series_have_a_stated_bound_and_their_breaks_agree(tables):
    series = tables["series"].set_index("series")
    declared = tables["framework"]["breaks"]
    for name in scored_series(tables["framework"]):
        assert series.loc[name, "change"], name
        assert list(parse_breaks(series.loc[name, "breaks"])) == declared.get(name, []), name


def test_every_jump_is_marked_and_every_mark_is_needed_or_named_for_its_level(tables, cells):
    beyond = set(cells.loc[jumps(cells, tables["series"]), KEY].itertuples(index=False, name=None))
    marked = set(tables["marks"][KEY].itertuples(index=False, name=None))
    assert beyond <= marked
    assert len(marked - beyond) < 40
    scored = set(scored_series(tables["framework"]))
    assert 150 <= sum(name in scored for name, *_ in marked) <= 350
    assert set(tables["marks"]["kind"]) <= set(KINDS) and tables["marks"]["explanation"].str.len().min() >= 10


def test_without_its_mark_every_jump_is_reported(tables, cells):
    beyond = cells[jumps(cells, tables["series"])]
    found = {problem.row for problem in check_tables({**tables, "marks": tables["marks"].iloc[:0]})}
    named = set(beyond["row"])
    back = beyond["row"].isin(named - found)  # the way back from a spike is not named a second time
    assert len(found & named) > 250
    spikes = set(zip(beyond["series"], beyond["code"], beyond["year"], strict=True))
    assert all((r.series, r.code, r.year_before) in spikes for r in beyond[back].itertuples())


@pytest.mark.parametrize(("series", "code", "years"), [
    ("electricity_consumption", "65", [2020]), ("electricity_consumption", "61", [2018, 2019, 2020, 2021]),
    ("electricity_consumption", "52", [2022]), ("ecommerce_sales", "50", [2022]),
    ("ecommerce_sales", "63", [2015, 2016, 2021, 2022]), ("software_revenue", "13", [2020]),
    ("software_revenue", "23", [2018]), ("software_revenue", "22", [2019]), ("software_revenue", "61", [2022]),
    ("software_revenue", "65", [2021, 2022, 2023]), ("software_revenue", "15", [2017, 2022]),
    ("express_parcels", "64", [2018]), ("green_coverage_built_up", "21", [2016]),
    ("tech_market_contract_value", "45", [2021]), ("tech_market_contract_value", "63", [2019]),
    ("tech_market_contract_value", "22", [2021]), ("tech_market_contract_value", "23", [2023]),
    ("hightech_manufacturing_revenue", "22", [2018]), ("hightech_manufacturing_revenue", "37", [2018]),
    ("hightech_manufacturing_revenue", "45", [2018]), ("hightech_manufacturing_revenue", "12", [2018]),
    ("hightech_manufacturing_revenue", "63", [2022]), ("hightech_manufacturing_revenue", "23", [2021, 2022, 2023]),
    ("employment_urban_units_research_services", "51", [2019, 2020]),
    ("employment_urban_units_research_services", "61", [2019]),
    ("employment_urban_units_research_services", "52", [2019]),
    ("employment_urban_units_research_services", "31", [2019]), ("computers_per_100_employees", "23", [2020]),
    ("local_fiscal_science_technology_expenditure", "22", [2022]), ("industrial_new_product_sales", "54", [2020]),
    ("industrial_new_product_sales", "22", [2018]), ("so2_emissions", "32", [2020]),
])
def test_cells_that_a_reader_must_know_of_are_marked(tables, series, code, years):
    marks = tables["marks"]
    marked = marks.loc[(marks["series"] == series) & (marks["code"] == code), "year"]
    assert set(years) <= set(marked)


def test_xinjiangs_electricity_of_2020_is_the_figure_that_fits_the_national_total(wide):
    assert wide["electricity_consumption"]["65", 2020] == 2998.32


@pytest.mark.parametrize("factor", [10, 0.1])
def test_a_factor_of_ten_in_any_cell_is_found(tables, factor):
    """One cell of every region and series at a time, by bounds, jumps and marks alone: sums are switched off.

    Two kinds of cell are beyond such a check: the only figure of a region's series, unless it leaves the bounds, and
    a rate whose bound is a difference, when ten times or a tenth of it stays within that difference.
    """
    figures = tables["figures"]
    settings = {key: value for key, value in tables["settings"].items() if key not in ("sums", "totals", "nation")}
    groups = figures.sort_values(KEY).groupby(KEY[:2])
    order, size = groups.cumcount().reindex(figures.index), groups["value"].transform("size")
    difference = set(tables["series"].loc[tables["series"]["change"].str.startswith("+-"), "series"])
    draw = np.random.default_rng(20230)
    tried = missed = 0
    for _ in range(3):
        drawn = figures.groupby(KEY[:2])["value"].transform(lambda cells: draw.random())
        chosen = (order == (drawn * size).astype(int)) & (figures["value"] != 0)
        broken = figures.assign(value=figures["value"].where(~chosen, figures["value"] * factor))
        problems = check_tables({**tables, "settings": settings, "figures": broken})
        named = {problem.row for problem in problems if problem.severity == "error"}
        named |= {int(row) for problem in problems for row in re.findall(r"\(row (\d+)\)", problem.message)}
        left = broken[chosen & ~broken["row"].isin(named)]
        beyond_it = left["series"].isin(difference) | (size.reindex(left.index) == 1)
        assert left[~beyond_it].empty, left[~beyond_it]
        tried, missed = tried + chosen.sum(), missed + len(left)
    assert tried > 12_000 and missed / tried < 0.002


def test_a_broken_figure_is_named_with_file_row_region_year_and_series(tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(BUILT_IN, folder)
    lines = (folder / "figures.csv").read_text(encoding="utf-8").split("\n")
    row = next(n for n, line in enumerate(lines) if line.startswith("62,2023,gdp,"))
    cells = lines[row].split(",")
    cells[3] = str(float(cells[3]) * 10)
    lines[row] = ",".join(cells)
    (folder / "figures.csv").write_text("\n".join(lines), encoding="utf-8")
    (problem,) = check_study(folder)
    assert problem.severity == "error" and problem.file == "figures.csv" and problem.row == row + 1
    assert "Gansu (62), gdp 2023" in problem.message and "x1.2" in problem.message


def test_a_marked_figure_that_changes_is_named_with_the_old_and_the_new_value(tables):
    figures = tables["figures"]
    cell = (figures["series"] == "tech_market_contract_value") & (figures["code"] == "45") & (figures["year"] == 2021)
    broken = figures.assign(value=figures["value"].where(~cell, 94.058))
    messages = [problem.message for problem in check_tables({**tables, "figures": broken})]
    about = [m for m in messages if m.startswith("Guangxi (45), tech_market_contract_value 2021")]
    assert about and all("94.058" in m and "940.58" in m for m in about)


def test_neighbours_are_those_on_the_map(tables):
    pairs = set(zip(tables["neighbours"]["code"], tables["neighbours"]["neighbour"], strict=True))
    assert {b for a, b in pairs if a == "62"} == {"15", "51", "61", "63", "64", "65"}  # Gansu
    assert {b for a, b in pairs if a == "46"} == {"44"}  # Hainan, by convention
    assert len(pairs) == 2 * 69
    note = tables["neighbours"].set_index(["code", "neighbour"])["note"]
    assert "convention" in note["46", "44"] and set(note.drop([("46", "44"), ("44", "46")])) == {"land border"}


def test_the_tile_map_reads_like_a_map_of_china(tables):
    tiles = tables["regions"].set_index("slug")[["tile_row", "tile_col"]]
    assert not tiles.duplicated().any() and tiles.min().tolist() == [1, 1]
    row, column = tiles["tile_row"], tiles["tile_col"]
    assert (row["heilongjiang"], column["heilongjiang"]) == (row.min(), column.max())
    assert row["hainan"] == row.max() and column["xinjiang"] == column["tibet"] == column.min()
    for order in (["heilongjiang", "liaoning", "tianjin", "shandong", "jiangsu", "zhejiang", "fujian", "hainan"],
                  ["xinjiang", "qinghai", "tibet", "yunnan", "guangxi"],
                  ["beijing", "hebei", "henan", "hubei", "hunan", "guangdong"]):
        assert row[order].is_monotonic_increasing, order
    for order in (["tibet", "qinghai", "shaanxi", "henan", "shandong"],
                  ["xinjiang", "gansu", "ningxia", "shanxi", "hebei", "tianjin"],
                  ["tibet", "sichuan", "chongqing", "hubei", "anhui", "jiangsu", "shanghai"],
                  ["yunnan", "guizhou", "hunan", "jiangxi", "zhejiang"], ["guangxi", "guangdong", "fujian"]):
        assert column[order].is_monotonic_increasing and column[order].is_unique, order
    codes = tables["regions"].set_index("code")[["tile_row", "tile_col"]]
    ends = [codes.loc[tables["neighbours"][end]].reset_index(drop=True) for end in ("code", "neighbour")]
    touching = ((ends[0] - ends[1]).abs().max(axis=1) == 1).sum() / 2
    assert touching >= 60  # of 69 pairs, corners included


def test_scored_cells_without_a_figure_are_the_stated_gaps(tables, wide):
    used = scored_series(tables["framework"], companions=False)
    full = pd.MultiIndex.from_product([tables["regions"]["code"], range(2016, 2024)])
    missing = wide.reindex(full)[used].isna().stack()
    assert set(missing[missing].index) == {
        *((code, 2017, f"hightech_manufacturing_{what}") for code in tables["regions"]["code"]
          for what in ("revenue", "enterprises")),
        ("15", 2021, "software_revenue"), ("54", 2016, "tech_market_contract_value"),
    }
