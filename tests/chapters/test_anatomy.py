"""One number followed from the printed cell to the rank, and broken on purpose; editions, breaks, rounding, prices."""

import re
from dataclasses import replace

import pytest

from nqpkit import evaluate
from nqpkit.chapters import anatomy, vintages
from nqpkit.wording import Prose


def test_the_trace_is_that_of_the_evaluation(result):
    table, panel = anatomy.trace_table(result), result.study.panel().loc[("62", 2023)]
    printed = table.loc["printed", "number"].tolist()
    assert printed == [f"{panel['rd_expenditure']:,.0f} × 10,000 yuan", f"{panel['gdp']:,.1f} × 100 million CNY"]
    number = table["number"]
    assert number["indicator"] == f"{panel['rd_expenditure'] / panel['gdp'] / 100:.4g} %"
    assert number["score"] == f"{result.normalised.loc[('62', 2023), 'rd_intensity']:.3f}"
    assert number["rank"].split()[0] == str(result.scores.loc[("62", 2023), "rank_nqp"])


def test_a_slip_does_what_a_spoiled_study_does(result):
    """The goalposts are held, so a spoiled figure that stays inside them scores as in a study that holds it."""
    code, year = "62", 2023
    factor = anatomy._factors(result)["numerator of the year before"]
    figures = result.study.figures
    hit = (figures["code"] == code) & (figures["year"] == year) & (figures["series"] == "rd_expenditure")
    spoiled = evaluate(replace(result.study, figures=figures.assign(
        value=figures["value"].where(~hit, figures["value"] * factor))))
    row = anatomy.slip_table(result).loc["numerator of the year before"]
    assert row["its score"] == pytest.approx(spoiled.normalised.loc[(code, year), "rd_intensity"], abs=1e-3)
    assert row["score"] == pytest.approx(spoiled.systems.loc[(code, year), "nqp"], abs=1e-3)
    assert row["rank"] == spoiled.scores.loc[(code, year), "rank_nqp"]


def test_the_first_slip_is_none(result):
    row = anatomy.slip_table(result).loc["as it is"]
    assert row["score"] == pytest.approx(result.systems.loc[("62", 2023), "nqp"])
    assert row["rank"] == result.scores.loc[("62", 2023), "rank_nqp"]


def test_the_older_edition_gives_the_older_ratio(result):
    panel = result.study.panel().loc[("62", 2023)]
    row = anatomy.slip_table(result).loc["denominator from the older edition"]
    assert row["indicator"] == pytest.approx(panel["rd_expenditure"] / panel["gdp_pre5ec"] / 100)
    assert row["indicator"] == pytest.approx(panel["rd_intensity_first_published"], abs=0.005), "as first printed"


def test_scores_without_fixed_goalposts_are_not_followed(study):
    ranked = evaluate(study, normalise="rank")
    assert anatomy.slip_table(ranked) is None and isinstance(anatomy.slips(ranked), Prose)


def test_revisions_and_their_figure(result, complete):
    change, panel = vintages.revisions(result), result.study.panel().xs(2023, level="year")
    assert change["31"] == pytest.approx(100 * (panel.loc["31", "gdp"] / panel.loc["31", "gdp_pre5ec"] - 1))
    figure = vintages.revision_figure(result)
    complete(figure)
    assert len(figure.values) == 31 and "Smallest: Hainan" in figure.alt


def test_facts_on_editions_are_computed_from_the_figures(result):
    found, panel = vintages.trap_facts(result), result.study.panel()
    assert found["intensity_first"] == f"{panel.loc[('62', 2023), 'rd_intensity_first_published']:.2f}%"
    students = panel["he_students_per_100k"].unstack("year")
    step = students[2021] / students[2020] - 1
    assert found["base_fall_by"] == f"−{abs(step.min()):.0%}" and found["base_rise_by"] == f"+{step.max():.0%}"
    jobs = panel["employment_urban_units_it"].xs(2023, level="year").drop("00", errors="ignore")
    assert found["rounding_share"] == f"{0.05 / jobs.min():.0%}"
    nominal = panel["gdp_pre5ec"].get(("14", 2021)) / panel["gdp_pre5ec"].get(("14", 2020))
    assert (found["price_name"], found["price_nominal"]) == ("Shanxi", f"{nominal - 1:.0%}")
    assert "Coal prices" in found["price_why"]


def test_every_break_has_its_words(result):
    table = vintages.breaks(result).values
    assert len(table) == sum(map(len, result.framework.breaks.values())) and not table.isin(["–"]).any().any()


def test_another_study_has_its_own_anatomy(rivers):
    assert anatomy.trace_table(rivers).loc["printed", "number"].endswith("points")
    assert anatomy.slip_table(rivers).iloc[0]["rank"] >= 1 and str(anatomy.slip_words(rivers))
    assert isinstance(vintages.revision_figure(rivers), Prose) and isinstance(vintages.breaks(rivers), Prose)
    found = vintages.trap_facts(rivers)
    assert found["revision_low"] == "–" and not any(re.search("nan", str(value)) for value in found.values())
