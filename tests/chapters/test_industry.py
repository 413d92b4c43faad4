"""Industrial upgrading: published formulas by hand, figures against the figures they are made from, facts that move."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nqpkit import evaluate
from nqpkit.chapters import industry
from nqpkit.errors import InputError


def test_location_quotients_average_to_one(result):
    series = result.study.panel().xs(2023, level="year")
    lq = industry.hightech_quotients(result)
    assert (lq * series["gdp"]).sum() / series["gdp"].sum() == pytest.approx(1)
    assert lq["44"] == pytest.approx((series["hightech_manufacturing_revenue"]["44"] / series["gdp"]["44"])
                                     / (series["hightech_manufacturing_revenue"].sum() / series["gdp"].sum()))


def test_multipliers_are_the_sum_of_the_chain():
    """(I − A)⁻¹ = I + A + A² + …, added up round by round."""
    inputs = industry.toy_inputs()
    rounds, total = np.eye(3), np.zeros((3, 3))
    for _ in range(200):
        total, rounds = total + rounds, rounds @ (0.4 * inputs.to_numpy())
    assert industry.output_multipliers(inputs, at_home=0.4).tolist() == pytest.approx(total.sum(axis=0).tolist())
    assert industry.output_multipliers(inputs, at_home=0).tolist() == [1, 1, 1]


@pytest.mark.parametrize(("inputs", "share", "says"), [
    (pd.DataFrame([[0.6, 0.0], [0.4, 0.0]], index=["a", "b"], columns=["a", "b"]), 1, "'a' sum to 1"),
    (pd.DataFrame([[0.1]], index=["a"], columns=["a"]), 1.5, "between 0 and 1"),
])
def test_impossible_inputs_are_named(inputs, share, says):
    with pytest.raises(InputError, match=says):
        industry.output_multipliers(inputs, share)


def test_structure_deviation_by_hand():
    value, workers = pd.Series({"a": 60, "b": 40}), pd.Series({"a": 30, "b": 70})
    assert industry.structure_deviation(value, workers) == pytest.approx(0.6 * np.log(2) + 0.4 * np.log(4 / 7))
    assert industry.structure_deviation(value, value) == 0
    assert industry.structure_deviation(value * 7, workers * 3) == pytest.approx(
        industry.structure_deviation(value, workers))


def test_sector_shares_sum_to_the_whole(result):
    shares = industry.sector_shares(result)
    assert shares.sum(axis=1).sub(100).abs().max() < 0.1
    figure = industry.shift(result)
    assert figure.values.loc[("62", 2023), "Services"] == pytest.approx(shares.loc[("62", 2023), "tertiary"])
    assert len(figure.drawing.axes) == 12


def test_price_level_is_nominal_over_real(result):
    panel = result.study.panel()
    nominal = panel.loc[("15", 2020), "gdp"] / panel.loc[("15", 2019), "gdp"]
    real = panel.loc[("15", 2020), "gdp_index"] / 100
    assert industry.price_level(result, 2019, 2020)["15"] == pytest.approx((nominal / real - 1) * 100)


@pytest.mark.parametrize("make", [industry.shift, industry.quotients, industry.hightech_growth])
def test_figures_speak(result, make):
    figure = make(result, "yunnan")
    assert "Yunnan" in figure.alt and "Source: own computation on" in figure.caption and len(figure.alt) > 80
    assert figure.png() == make(result, "yunnan").png()


def test_growth_starts_after_the_break(result):
    assert result.framework.breaks["hightech_manufacturing_revenue"] == [industry.COMPARABLE]
    table = industry.hightech_growth(result).values
    assert table.loc["Gansu", 2018] == result.indicators.loc[("62", 2018), "hightech_revenue"]
    assert table.loc["Northeast median", 2023] == result.indicators["hightech_revenue"].xs(2023, level="year")[
        ["21", "22", "23"]].median()


def with_figure(study, code, year, series, factor):
    figures = study.figures.copy()
    cell = (figures["code"] == code) & (figures["year"] == year) & (figures["series"] == series)
    assert cell.sum() == 1
    figures.loc[cell, "value"] *= factor
    return evaluate(replace(study, figures=figures))


def test_words_move_with_the_figures(study, result):
    """Qinghai's plants closed: it leaves the list, the count falls, and the largest rise is somebody else's."""
    before = industry.facts(result)
    after = industry.facts(with_figure(study, "63", 2023, "hightech_manufacturing_revenue", 0.1))
    assert "Qinghai" in before["lq_above"] and "Qinghai" not in after["lq_above"]
    assert (before["lq_above_count"], after["lq_above_count"]) == ("three", "two")
    assert before["rose_most"] == "Qinghai" != after["rose_most"] and "Qinghai" in after["fell"]


def test_services_against_jiangsu_turns_round(study, result):
    assert industry.facts(result)["services_against_jiangsu"] == "about the same share as"
    larger = industry.facts(with_figure(study, "62", 2023, "tertiary_value_added_pre5ec", 1.2))
    assert larger["services_against_jiangsu"] == "a larger share than"


def test_facts_of_another_study_are_those_of_the_paper(result, rivers):
    assert industry.facts(rivers) == industry.facts(evaluate(industry.of_paper(rivers).study))
