"""The chapter on high-level talent: counts by hand, ranks, shares, and words that flip."""

import dataclasses
import re

import pytest

from nqpkit import evaluate
from nqpkit.chapters import talent


def test_research_staff_by_hand(result):
    figures = result.study.figures.query("series == 'rd_personnel_fte' and year == 2023").set_index("code")["value"]
    west = result.study.regions.index[result.study.regions["group"] == "west"]
    table = talent.research_staff(result.study)
    assert table.loc[2023, "persons"] == pytest.approx(figures[west].sum())
    assert table.loc[2023, "share"] == pytest.approx(figures[west].sum() / figures["00"], rel=0.001), "the national row"


def test_counts_stand_in_their_order(result):
    values = talent.counts(result.study, 2023)
    assert values["all residents"] == 31_910_000, "communiqué of Chongqing on 2023: 31.9143 million residents"
    assert values.is_monotonic_decreasing
    claim = next(c for c in result.study.claims["claims"] if c["id"] == "S47")
    assert values["all talent (paper)"] == claim["paper_value"] * 1e6
    assert "5.03 million" in claim["found"] and "1.62 million" in claim["text"]


def test_measures_are_ranks_of_published_figures(result):
    table = talent.measures(result)
    figures = result.study.figures
    college = figures[figures["series"] == "population_tertiary_education_per_100k"].set_index("code")["value"]
    assert table["college"].idxmin() == college.drop("00", errors="ignore").idxmax() == "11"
    assert table.loc["31", "rd_staff"] <= 5 and table.loc["54", "rd_staff"] == 31


@pytest.mark.parametrize("name", ["ladder", "four_measures", "growth_and_share", "migration", "train_and_keep",
                                  "standing"])
def test_figures_speak(result, name):
    figure = getattr(talent, name)(result)
    assert "ource" in figure.caption and len(figure.alt) > 80 and not re.search(r"\bnan\b", figure.alt)
    assert figure.name and len(figure.values)


def test_the_table_of_movement_shows_what_it_rounds(result):
    figure = talent.migration(result)
    texts = [text.get_text() for text in figure.drawing.axes[0].texts]
    assert len(texts) == figure.values.size and "−0" not in texts
    assert texts[0] == f"{figure.values.iloc[0, 0]:.0f}"


def test_words_flip_with_the_figures(result):
    study, before = result.study, talent.facts(result)
    west = study.regions.index[study.regions["group"] == "west"]
    figures = study.figures.copy()
    staff = (figures["series"] == "rd_personnel_fte") & figures["code"].isin(west) & (figures["year"] == 2023)
    figures.loc[staff, "value"] *= 3
    births = (figures["series"] == "natural_population_growth_rate") & figures["code"].isin(west)
    figures.loc[births, "value"] -= 12
    after = talent.facts(evaluate(dataclasses.replace(study, figures=figures)))
    assert (before["staff_share_verb"], after["staff_share_verb"]) == ("fell", "rose")
    assert (before["move_sign"], after["move_sign"]) == ("negative", "positive")


def test_talent_enters_with_three_indicators(result):
    """Equal weights across three dimensions of five: three indicators weigh a fifth."""
    found = talent.facts(result)
    assert (found["weight"], found["weight_industry"]) == ("20 %", "33 %")


def test_facts_are_text(result):
    assert all(isinstance(value, str) and value and not re.search(r"\bnan\b", value)
               for value in talent.facts(result).values())


def test_still_and_now_are_told_apart_by_the_first_year(result):
    rates, found = result.indicators["net_migration"].unstack("year"), talent.still_or_now(result)
    assert all((rates.loc[code] < 0).all() for code in found["still"])
    assert all(rates.loc[code, 2016] > 0 >= rates.loc[code, 2023] for code in found["now"])
    assert all(rates.loc[code, 2023] > 0 for code in found["gaining"])
    assert not set(found["still"]) & set(found["now"]) and len(found["gaining"]) + len(found["still"]) <= 12
