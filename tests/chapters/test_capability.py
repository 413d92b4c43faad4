"""The chapter on innovation capability: ranks by hand, the report's order as quoted, and words that flip."""

import dataclasses
import re

import pandas as pd
import pytest

from nqpkit import evaluate
from nqpkit.chapters import capability


def with_figures(study, change):
    """The study with its figures changed by a function of the table."""
    return dataclasses.replace(study, figures=change(study.figures.copy()))


@pytest.fixture(scope="module")
def west(result):
    return result.study.regions.index[result.study.regions["group"] == "west"]


def test_the_report_is_quoted_in_its_order(result, west):
    """Six provinces above the national index, Chongqing seventh; five of the twelve in the group without an order."""
    places = capability.report_places(result.study)
    assert places[["11", "31", "44", "32", "12", "33"]].max() == 6 and places["50"] == 7
    assert places.notna().sum() == 25
    assert sorted(places[west][places[west].isna()].index) == ["15", "53", "54", "63", "65"]


def test_the_upper_half_by_hand(result, west):
    figures = result.study.figures.query("year == 2023")
    money, gdp = (figures[figures["series"] == name].set_index("code")["value"] for name in ("rd_expenditure", "gdp"))
    order = (money / gdp).drop("00", errors="ignore").dropna().sort_values(ascending=False).index
    hand = [code for code in order[:15] if code in set(west)]
    assert capability.upper_half(result)["R&D intensity"] == result.study.regions.loc[hand, "name"].tolist()


def test_shares_sum_to_one_and_match_the_yearbook(result):
    """Western R&D in 2023: 435.95 billion yuan."""
    table = capability.shares(result.study, 2023)
    assert table.sum().tolist() == pytest.approx([1, 1]) and len(table) == 12
    panel = result.study.panel().xs(2023, level="year")
    assert panel.loc[table.index, "rd_expenditure"].sum() / 1e5 == pytest.approx(435.95, abs=0.05)


def test_stations_are_ranks(result):
    table = capability.stations(result)
    assert table.shape == (31, 7) and ((table >= 1) & (table <= 31)).all().all()
    assert table.loc["11", "Contracts sold over GDP"] == 1, "Beijing sells the most technology relative to its GDP"
    funds = capability.firms_funds(result.study, 2023)
    assert funds.between(0, 100).all()
    assert table["Firms' share of R&D funds"].idxmin() == funds.idxmax()


@pytest.mark.parametrize("name", ["halves", "concentration", "funds", "chain", "standing"])
def test_figures_speak(result, name):
    figure = getattr(capability, name)(result)
    assert "ource" in figure.caption and len(figure.alt) > 80 and not re.search(r"\bnan\b", figure.alt)
    assert figure.name and len(figure.values)


def test_a_province_without_an_order_is_a_bar_not_a_point(result):
    figure = capability.halves(result)
    assert pd.isna(figure.values.loc["Tibet", "report"])
    assert len(figure.drawing.axes[0].collections) > 12


def test_the_chain_of_a_province_beside_itself(result):
    assert len(capability.chain(result, "gansu", "gansu").drawing.axes[0].lines) == 1


def test_words_flip_with_the_figures(result):
    study, before = result.study, capability.facts(result)

    def firms_pay(figures):
        rows = (figures["series"] == "rd_expenditure_enterprise_funds") & (figures["code"] == "61")
        figures.loc[rows, "value"] *= 1.7
        return figures

    def sells_little(figures):
        rows = (figures["series"] == "tech_market_contract_value") & (figures["code"] == "61")
        figures.loc[rows, "value"] /= 100
        return figures

    paid = capability.facts(evaluate(with_figures(study, firms_pay)))
    assert paid["funds_rank"] == "first" != before["funds_rank"]
    after = capability.facts(evaluate(with_figures(study, sells_little)))
    assert before["seller_word"] == "sells more than it buys" != after["seller_word"]
    assert before["chain_contracts"] != after["chain_contracts"]


def test_facts_are_text(result):
    assert all(isinstance(value, str) and value and not re.search(r"\bnan\b", value)
               for value in capability.facts(result).values())
