"""Attract, nurture, retain: balances by hand, the zero sum, and a story that must hold."""

import re
from dataclasses import replace

import pytest

from nqpkit.chapters import retain
from nqpkit.errors import InputError


def test_migrants_are_the_rate_times_the_people(result):
    rate = result.indicators.loc[("52", 2023), "net_migration"]
    people = result.study.panel().loc[("52", 2023), "population"] * 10_000
    assert retain.migrants(result)["52"] * 1000 == pytest.approx(rate / 1000 * people)


def test_the_rate_is_growth_without_births_and_deaths(result):
    own = result.study.panel().xs("52", level="code")
    years = [(own["population"][y] / own["population"][y - 1] - 1) * 1000 - own["natural_population_growth_rate"][y]
             for y in (2021, 2022, 2023)]
    assert result.indicators.loc[("52", 2023), "net_migration"] == pytest.approx(sum(years) / 3)


def test_pay_over_the_eastern_median(result):
    pay = retain.research_pay(result)
    east = result.study.regions.index[result.study.regions["group"] == "east"]
    assert pay.loc[east, "to_reference"].median() == pytest.approx(1)
    making = result.study.panel().loc[("52", 2023), retain.MAKING]
    assert pay.loc["52", "to_making"] == pytest.approx(pay.loc["52", "yuan"] / making)


@pytest.mark.parametrize("maker", ["three_words", "migration_shift", "pay_and_people", "zero_sum", "posts"])
@pytest.mark.parametrize("region", ["guizhou", "tibet"])
def test_figures_carry_words_and_numbers(result, maker, region):
    figure = getattr(retain, maker)(result, region)
    assert figure.caption.endswith("own computation.") and figure.name
    assert not re.search(r"\bnan\b", figure.alt) and len(figure.alt) > 120
    assert figure.png() == getattr(retain, maker)(result, region).png()


def test_alt_text_of_the_balance_adds_up(result):
    figure = retain.zero_sum(result, "guizhou")
    people = figure.values.iloc[:, 0]
    assert f"{people.clip(lower=0).sum():,.0f}" in figure.alt and people.idxmax() in figure.alt
    assert f"{people.sum():+,.0f} thousand" in figure.caption and len(people) == 31


def test_facts_agree_with_the_figures_and_use_a_true_minus(result):
    found = retain.facts(result)
    own = retain.three_words(result, "guizhou").values
    assert found["retain_is"].replace("−", "-") == f"{own['net_migration'].iloc[-1]:.1f}"
    assert "-" not in found["retain_is"] and found["attract_is"] == f"{own['rd_staff'].iloc[-1]:.1f}"
    table = retain.pay_and_people(result, "guizhou").values
    assert found["rho_pay"] == f"{table.corr(method='spearman').iloc[0, 1]:.2f}"
    assert own["net_migration"][found["turned"] - 1] > 0 > own["net_migration"][found["turned"]]


def test_posts_are_staff_over_students(result):
    now = result.indicators.loc[("52", 2023)]
    assert retain.posts_per_student(result)["52"] == pytest.approx(now["rd_staff"] / now["undergraduates"] * 100)
    assert retain.facts(result)["posts"] == f"{now['rd_staff'] / now['undergraduates'] * 100:.0f}"


def test_the_census_quotient_is_a_ratio_of_two_shares(result):
    cells = result.study.figures.set_index(["series", "code", "year"])["value"]
    codes = result.study.regions.index
    held = {code: cells[retain.DEGREES, code, 2020] * cells["population", code, 2020] for code in codes}
    taught = {code: sum(cells[retain.TAUGHT, code, y] * cells["population", code, y] for y in range(2011, 2020))
              for code in codes}
    expected = held["63"] / sum(held.values()) / (taught["63"] / sum(taught.values()))
    quotient = retain.census_quotient(result)
    assert quotient["63"] == pytest.approx(expected) and len(quotient) == 31
    weights = [taught[code] for code in quotient.index]
    assert sum(q * w for q, w in zip(quotient, weights, strict=True)) / sum(weights) == pytest.approx(1)


def test_people_who_come_back_turn_the_story(result):
    values = result.raw.values.copy()
    values.loc[("52", 2023), "net_migration"] = 4.0
    with pytest.raises(InputError, match="balance of people turned negative"):
        retain.facts(replace(result, raw=replace(result.raw, values=values)))
