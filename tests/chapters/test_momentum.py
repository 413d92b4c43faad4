"""The chapter on industrial momentum: its figures against published numbers, and its words against changed data."""

import dataclasses
import re

import pandas as pd
import pytest

from nqpkit import evaluate
from nqpkit.chapters import capability, momentum, standing, talent
from nqpkit.errors import InputError


def changed(study, series, change, codes=None, years=None):
    """The study with some of its figures changed."""
    figures = study.figures.copy()
    rows = figures["series"] == series
    if codes is not None:
        rows &= figures["code"].isin(codes)
    if years is not None:
        rows &= figures["year"].isin(years)
    assert rows.any()
    figures.loc[rows, "value"] = change(figures.loc[rows, "value"])
    return dataclasses.replace(study, figures=figures)


@pytest.fixture(scope="module")
def west(result):
    return result.study.regions.index[result.study.regions["group"] == "west"]


def test_firms_are_rebuilt_by_hand(result, west):
    """Recognitions of 2019 to 2021 over residents: the paper's 0.9, and 2.4 for all."""
    figures = result.study.figures
    firms = figures[
        (figures["series"] == "hightech_enterprises_recognised")
        & figures["code"].isin(west)
        & figures["year"].between(2019, 2021)
    ]["value"].sum()
    people = figures[(figures["series"] == "population") & figures["code"].isin(west) & (figures["year"] == 2021)]
    table = momentum.certified_firms(result.study)
    assert table.loc["west", "per 10,000"] == pytest.approx(firms / people["value"].sum())
    assert table["per 10,000"].round(2).to_dict() == pytest.approx(
        {"west": 0.95, "central": 1.57, "northeast": 1.56, "east": 4.01, "all": 2.38}, abs=0.011
    )
    assert momentum.certified_by_region(result.study)["61"] > table.loc["west", "per 10,000"]


def test_the_share_of_2023_is_the_published_one(result):
    """269,325 of 1,250,931 (communiqué on 2023, regional sums)."""
    assert momentum.facts(result)["share_first"] == "21.53 %"


def test_group_growth_lies_between_its_members(result, west):
    regions, groups = momentum.real_growth(result.study)
    own = regions[west]
    assert (groups["west"] <= own.max(axis=1)).all() and (groups["west"] >= own.min(axis=1)).all()
    hand = result.study.panel()
    year, members = 2022, list(west)
    weight = hand["gdp"].xs(year - 1, level="year")[members]
    assert groups.loc[year, "west"] == pytest.approx(
        ((hand["gdp_index"].xs(year, level="year")[members] - 100) * weight).sum() / weight.sum()
    )


def test_group_growth_is_near_the_published_one(result):
    """The communiqué on 2022 gave the West 3.2 per cent and the East 2.5; provincial sums differ by some tenths."""
    _, groups = momentum.real_growth(result.study)
    assert groups.loc[2022, "west"] == pytest.approx(3.2, abs=0.3)
    assert groups.loc[2022, "east"] == pytest.approx(2.5, abs=0.3)


def test_a_missing_figure_leaves_no_group_sum(result):
    study = result.study
    figures = study.figures[
        ~((study.figures["code"] == "62") & (study.figures["series"] == "gdp") & (study.figures["year"] == 2015))
    ]
    sums = momentum.by_group(
        dataclasses.replace(study, figures=figures), dataclasses.replace(study, figures=figures).panel()["gdp"]
    )
    assert pd.isna(sums.loc[2015, "west"]) and sums.loc[2015].drop("west").notna().all()


@pytest.mark.parametrize("name", ["income", "speed", "firms", "heaviness", "standing"])
def test_figures_show_the_twelve(result, west, name):
    figure = getattr(momentum, name)(result, "gansu")
    assert "Source:" in figure.caption and len(figure.alt) > 80 and not re.search(r"\bnan\b", figure.alt)
    assert "Gansu" in figure.alt + figure.caption
    if name not in ("speed", "standing"):
        assert set(west) <= set(figure.values.index)
        labels = [tick.get_text() for tick in figure.drawing.axes[0].get_yticklabels()]
        assert set(result.study.regions.loc[west, "name"]) <= set(labels)


def test_the_strip_says_when_a_figure_is_missing(result):
    values = result.indicators["gdp_per_head"].xs(2023, level="year").copy()
    values["62"] = float("nan")
    drawing = standing.strip(result, values, title="", xlabel="")
    assert "no figure" in [text.get_text() for text in drawing.axes[0].texts]


def test_words_flip_with_the_figures(result):
    """A slower West, a denser West, a richer West: the sentences change."""
    study, west = result.study, result.study.regions.index[result.study.regions["group"] == "west"]
    before = momentum.facts(result)
    slow = changed(study, "gdp_index", lambda v: v - 5, west)
    after = momentum.facts(evaluate(slow))
    assert (before["speed_word"], after["speed_word"]) == ("no", "yes")
    assert int(after["speed_end"].replace("+", "").split(".")[0]) < 0
    dense = momentum.facts(evaluate(changed(study, "hightech_enterprises_recognised", lambda v: v * 9, west)))
    assert (before["firms_place_word"], dense["firms_place_word"]) == ("last", "not last")
    rich = momentum.facts(evaluate(changed(study, "gdp", lambda v: v * 3, west, [2023])))
    assert (before["level_word"], rich["level_word"]) == ("yes", "no")


def test_leaders_are_the_largest_of_the_three(result):
    found = standing.leaders(result, 2023)
    for code in ("61", "62", "11"):
        own = result.dilemmas.loc[(code, 2023)].drop("outside")
        assert found.loc[code].tolist() == [own[reading].idxmax() for reading in ("share", "relative", "gap")]


def test_facts_are_text(result):
    assert all(
        isinstance(value, str) and value and not re.search(r"\bnan\b", value)
        for value in momentum.facts(result).values()
    )


@pytest.mark.parametrize("chapter, series, code, year", [
    (momentum, "hightech_enterprises_recognised", "62", 2020), (momentum, "gdp_index", "62", 2022),
    (capability, "rd_expenditure_enterprise_funds", "61", 2023), (talent, "rd_researchers_fte", "50", 2023),
])
def test_a_missing_figure_is_said_not_printed(result, chapter, series, code, year):
    figures = result.study.figures
    gone = (figures["series"] == series) & (figures["code"] == code) & (figures["year"] == year)
    assert gone.sum() == 1
    without = dataclasses.replace(result.study, figures=figures[~gone])
    try:
        found = chapter.facts(evaluate(without))
    except InputError as error:
        assert "missing" in str(error)
    else:
        assert found != chapter.facts(result) and not [v for v in found.values() if re.search(r"\bnan\b", v)]
