"""Production factors: stocks and flows by closed form, migration as a residual, words that turn with the figures."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr

from nqpkit import evaluate
from nqpkit.chapters import factors
from nqpkit.errors import InputError


@pytest.mark.parametrize(("trained", "leaving"), [(10, 0.2), (6, 0.05), (0, 0.5)])
def test_a_stock_follows_the_closed_form(trained, leaving):
    """S_t = S* + (S_0 − S*) (1 − l)^t with S* = trained / leaving."""
    rest = trained / leaving
    path = factors.stock_path(start=3, trained=trained, leaving=leaving, years=30)
    for year in (0, 1, 7, 30):
        assert path[year] == pytest.approx(rest + (3 - rest) * (1 - leaving) ** year)


def test_migration_is_what_births_and_deaths_leave_over(result):
    panel = result.study.panel().loc["62"]
    persons = factors.net_migrants(result).loc[2023, "62"]
    before, now = panel.loc[2022, "population"], panel.loc[2023, "population"]
    born = before * panel.loc[2023, "natural_population_growth_rate"] / 1000
    assert persons == pytest.approx((now - before - born) * 10)


def test_migration_agrees_with_the_scored_indicator(result):
    """The indicator is the mean of three yearly rates."""
    persons, residents = factors.net_migrants(result), result.study.panel()["population"].unstack("year")
    rates = [persons.loc[y, "65"] / residents.loc["65", y - 1] * 100 for y in (2021, 2022, 2023)]
    assert result.indicators.loc[("65", 2023), "net_migration"] == pytest.approx(sum(rates) / 3)


def test_west_to_east_is_a_ratio_of_medians(result):
    groups = result.study.regions["group"]
    staff = result.indicators["rd_staff"].xs(2023, level="year")
    want = staff[groups == "west"].median() / staff[groups == "east"].median() * 100
    assert factors.catching_up(result).values.loc[2023, "R&D staff"] == pytest.approx(want)
    assert factors.spread(result, "rd_staff")[2023] == pytest.approx(staff.std() / staff.mean())


def test_everybody_is_in_the_panels(result):
    assert factors.migration(result).values.shape == (8, 12)
    rings = [marks for marks in factors.trained_and_employed(result).drawing.axes[0].collections]
    assert len(rings) == 31
    hollow = sum(marks.get_facecolor()[0][:3].tolist() == [1, 1, 1] for marks in rings)
    assert hollow == (result.indicators["net_migration"].xs(2023, level="year") <= 0).sum()


@pytest.mark.parametrize("make", [factors.migration, factors.trained_and_employed, factors.ports_and_income])
def test_figures_speak(result, make):
    figure = make(result, "yunnan")
    assert "Yunnan" in figure.alt and "Source: own computation on" in figure.caption and figure.name
    assert "-" not in "".join(text for text in figure.alt.split() if text[:1] in "+-−" and text[1:2].isdigit())
    assert figure.png() == make(result, "yunnan").png()


def changed(study, code, year, series, factor):
    figures = study.figures.copy()
    cell = (figures["code"] == code) & (figures["year"] == year) & (figures["series"] == series)
    assert cell.sum() == 1
    figures.loc[cell, "value"] *= factor
    return evaluate(replace(study, figures=figures))


def test_gains_and_losses_change_sides(study, result):
    before, after = factors.facts(result), factors.facts(changed(study, "61", 2023, "population", 0.99))
    assert "Shaanxi" in before["gainers"] and "Shaanxi" in after["losers"] and "Shaanxi" not in after["gainers"]
    assert (before["gains"], after["gains"]) == ("five", "four")


def test_students_against_the_east(study, result):
    assert factors.facts(result)["students_against"] == "about as many as"
    fewer = factors.facts(changed(study, "62", 2023, "undergraduate_students", 0.7))
    assert fewer["students_against"] == "fewer than" and "fewer" in fewer["halls"]


def test_an_interval_of_a_correlation_against_scipy():
    rng = np.random.default_rng(3)
    x = rng.normal(size=31)
    y = x + rng.normal(size=31)
    found = pearsonr(x, y)
    expected = found.confidence_interval(0.95)
    assert factors.correlation_interval(found.statistic, 31) == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_the_build_stops_when_the_staff_catches_up(study):
    figures = study.figures.copy()
    west = study.regions.index[study.regions["group"] == "west"]
    figures.loc[(figures["series"] == "rd_personnel_fte") & figures["code"].isin(west), "value"] *= 4
    with pytest.raises(InputError, match="Tools have spread, people have not"):
        factors.facts(evaluate(replace(study, figures=figures)))
