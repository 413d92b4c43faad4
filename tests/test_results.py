"""A page's data and tables."""

import json

import pytest

from nqpkit import evaluate, results
from nqpkit.results import amount, indicator_table, page_results


def test_page_results_are_plain_json_and_equal_the_table(result):
    content = page_results(result, "gansu", 2023)._repr_mimebundle_()[results.RESULTS]
    again = json.loads(json.dumps(content, allow_nan=False))
    assert again == content
    row = result.table(2023).set_index("code").loc["62"]
    assert content["nqp"] == pytest.approx(row["nqp"]) and content["rank_hqed"] == row["rank_hqed"]
    assert set(content["trend"]) == {str(y) for y in result.study.years}
    assert content["dilemmas"]["industrial_momentum"]["share"] == pytest.approx(
        result.dilemmas.loc[("62", 2023, "industrial_momentum"), "share"])
    assert content["peers"] == ["ningxia", "guizhou", "yunnan", "qinghai"] and content["options"]["weights"] == "equal"


def test_missing_values_are_null(study):
    content = page_results(evaluate(study), "tibet", 2016).content
    assert content["indicators"]["contracts_sold"] is None


def test_indicator_table_shows_values_medians_ranks_and_flags(result):
    table = indicator_table(result, "gansu", "technology", 2023)
    east = result.study.regions.index[result.study.regions["group"] == "east"]
    values = result.indicators["rd_intensity"].xs(2023, level="year")
    row = table.frame.loc["rd_intensity"]
    assert row["Gansu"] == amount(values["62"]) and row["East median"] == amount(values[east].median())
    assert row["Rank"] == f"{values.rank(ascending=False)['62']:.0f}"
    assert "(bridged)" in indicator_table(result, "gansu", "industry", 2017).frame.loc["hightech_revenue", "Indicator"]
    page = table._repr_html_()
    assert '<th scope="row"><a href="../reference/indicators.html#indicator-rd_intensity">' in page
    assert "R&amp;D expenditure" in page and "<caption>Technological innovation, 2023" in page


def test_rank_one_is_the_best_in_the_indicators_direction(result):
    table = indicator_table(result, "beijing", "green", 2023)
    assert table.frame.loc["electricity_intensity", "Rank"] == "1"
